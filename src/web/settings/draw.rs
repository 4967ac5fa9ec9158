//! The page of settings: a card for each section, in it a form for each setting.

use super::{Attempt, Facts, Subject, words};
use crate::web::{fields, page::Web};
use bulkhead_model::{
    FieldErrors, Permission,
    setting::{Setting, SettingKey, SettingKind, SettingSource, SettingValue},
};
use bulkhead_ui::{
    Card, ErrorSummary, FormActions, Input, Meter, Notice, PageHeader, PostForm, SubmitButton, Switch, TextArea, Tone,
    UserText, Variant, visible,
};
use leptos::prelude::*;
use words::Section;

/// Everything, and what became of the form that was sent, if one was.
pub fn page(web: &Web, facts: &Facts, attempt: Option<&Attempt>) -> AnyView {
    let summary = fields::summary(attempt.map_or(&FieldErrors::new(), |attempt| &attempt.errors));
    let may_change = web.may(Permission::SettingsUpdate);
    let read_only = (!may_change).then(|| {
        let roles: Vec<_> = bulkhead_authz::roles_with(Permission::SettingsUpdate).map(|role| role.label()).collect();
        format!("Your role reads settings. These roles change them: {}.", roles.join(", "))
    });
    let cards: Vec<_> = Section::ALL
        .into_iter()
        .map(|section| {
            let name = (section == Section::General).then(|| organization_name(web, facts, attempt));
            let rows: Vec<_> = facts
                .settings
                .iter()
                .filter(|setting| Section::of(setting.key) == section)
                .map(|setting| {
                    let attempt = attempt.filter(|attempt| attempt.subject == Subject::Setting(setting.key));
                    row(web, facts, setting, attempt, may_change)
                })
                .collect();
            view! { <Card title=section.title() flush=true>{name} {rows}</Card> }
        })
        .collect();
    view! {
        <PageHeader title=super::TITLE purpose="What holds for everyone in this organization. Each setting is saved by itself." />
        <ErrorSummary errors=summary />
        {read_only.map(|text| view! { <Notice>{text}</Notice> })}
        {cards}
    }
    .into_any()
}

fn organization_name(web: &Web, facts: &Facts, attempt: Option<&Attempt>) -> AnyView {
    let (stored, slug) = (facts.org.name.clone(), facts.org.slug.clone());
    let hint =
        format!("Shown to everyone in the organization and in its mails. Its short name in addresses stays {slug}.");
    if !web.may(Permission::OrgUpdate) {
        let value = view! { <span class="setting-value"><UserText text=stored /></span> }.into_any();
        return fact("Organization name", hint, value, None);
    }
    let attempt = attempt.filter(|attempt| attempt.subject == Subject::Name);
    let refused = attempt.and_then(|attempt| attempt.errors.of("name")).map(str::to_owned);
    let stale = attempt.filter(|attempt| attempt.stale).map(|_| stale_note(&visible(&stored)));
    let value = attempt.map_or(stored, |attempt| attempt.typed.clone());
    let (action, csrf) = (format!("/t/{slug}/settings/name"), web.csrf());
    let hidden = fields::hidden_with_version(web, facts.org.version);
    view! {
        <div class="setting">
            {stale}
            <PostForm action csrf hidden>
                <Input name="name" label="Organization name" value hint error=refused maxlength=120 autocomplete="off" />
                <FormActions>
                    <SubmitButton label="Save" pending="Saving" variant=Variant::Secondary aria_label="Save organization name" />
                </FormActions>
            </PostForm>
        </div>
    }
    .into_any()
}

fn row(web: &Web, facts: &Facts, setting: &Setting, attempt: Option<&Attempt>, may_change: bool) -> AnyView {
    let key = setting.key;
    let meter = (key == SettingKey::UsersMax).then_some(&setting.value).and_then(|limit| match limit {
        SettingValue::Integer(limit) => Some(*limit),
        _ => None,
    });
    if may_change && key.overridable() {
        return form(web, &facts.org.slug, setting, attempt);
    }
    let source = words::source(setting);
    let note = match key.overridable() {
        true => source,
        false => format!("{source} Only a change of plan changes it; an operator does that."),
    };
    let value = words::value(key, &setting.value);
    let users = facts.users;
    let value = match meter {
        Some(limit) => {
            let max = u64::try_from(limit).unwrap_or_default();
            view! { <Meter label="Places taken" value=users max unit="users" /> }.into_any()
        }
        None => view! { <span class="setting-value"><UserText text=value /></span> }.into_any(),
    };
    fact(key.label(), key.explanation().to_owned(), value, Some(note))
}

/// A setting that is only read here.
fn fact(label: &'static str, hint: String, value: AnyView, note: Option<String>) -> AnyView {
    view! {
        <div class="setting">
            <h3 class="label">{label}</h3>
            <p class="hint">{hint}</p>
            {value}
            {note.map(|note| view! { <p class="setting-source">{note}</p> })}
        </div>
    }
    .into_any()
}

fn form(web: &Web, slug: &str, setting: &Setting, attempt: Option<&Attempt>) -> AnyView {
    let key = setting.key;
    let action = format!("/t/{slug}/settings/{}", key.code());
    let (csrf, hidden) = (web.csrf(), fields::hidden_with_version(web, setting.version));
    let stale = attempt.filter(|attempt| attempt.stale).map(|_| stale_note(&words::value(key, &setting.value)));
    let refused = attempt.and_then(|attempt| attempt.errors.of(key.code())).map(str::to_owned);
    let typed = attempt.map_or_else(|| setting.value.to_string(), |attempt| attempt.typed.clone());
    let control = control(key, typed, refused);
    let source = words::source(setting);
    let inherit = (setting.source == SettingSource::Organization).then(|| {
        let formaction = format!("{action}/inherit");
        let aria_label = format!("Use inherited value: {}", key.label());
        view! { <SubmitButton label="Use inherited value" variant=Variant::Ghost formaction aria_label /> }
    });
    let save = format!("Save: {}", key.label());
    view! {
        <div class="setting">
            {stale}
            <PostForm action csrf hidden>
                {control}
                <p class="setting-source">{source}</p>
                <FormActions>
                    <SubmitButton label="Save" pending="Saving" variant=Variant::Secondary aria_label=save />
                    {inherit}
                </FormActions>
            </PostForm>
        </div>
    }
    .into_any()
}

fn control(key: SettingKey, value: String, error: Option<String>) -> AnyView {
    let (name, label, hint) = (key.code(), words::label(key), words::hint(key));
    match key.kind() {
        SettingKind::Integer { .. } => {
            view! { <Input name label value hint error inputmode="numeric" maxlength=9 autocomplete="off" /> }.into_any()
        }
        SettingKind::Text { max } => {
            let maxlength = u32::try_from(max).unwrap_or(u32::MAX);
            view! { <TextArea name label value hint error maxlength optional=true /> }.into_any()
        }
        SettingKind::Email => view! {
            <Input name label value hint error r#type="email" inputmode="email" maxlength=254 autocomplete="off" optional=true />
        }
        .into_any(),
        SettingKind::Switch => {
            let checked = matches!(value.as_str(), "on" | "true");
            view! { <Switch name label checked hint error /> }.into_any()
        }
    }
}

/// Someone else was faster: theirs in words, the typed one in the field.
fn stale_note(theirs: &str) -> AnyView {
    let note = format!(
        "Someone changed this since you opened the page. It is now: {theirs}. What you sent is below and not saved; save again to replace theirs."
    );
    view! { <Notice tone=Tone::Warn>{note}</Notice> }.into_any()
}
