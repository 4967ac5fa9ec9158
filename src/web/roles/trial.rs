//! "Try this role": what is supposed. The answers stand beside the lines of the matrix.

use super::{condition::moment_type, live};
use crate::web::page::Web;
use bulkhead_authz::draft::{Owner, Picture, RoleForm, Scene, find};
use bulkhead_model::{
    FieldErrors,
    access::{AttributeKind, AttributeName, ResourceType},
};
use bulkhead_ui::{Card, Choice, Input, Select, SubmitButton, Variant, field_id, visible};
use leptos::prelude::*;

/// The card below the matrix.
pub fn card(web: &Web, scene: &Scene, form: &RoleForm, picture: &Picture, errors: &FieldErrors) -> AnyView {
    let wrong = |field: &str| errors.of(field).map(str::to_owned);
    let trial = &form.trial;
    let (at, address, at_type) = (trial.at.clone(), trial.address.clone(), moment_type(&trial.at));
    let (wrong_at, wrong_address) = (wrong("try_at"), wrong("try_address"));
    let resources = (!scene.kinds.is_empty()).then(|| resources(scene, form, errors));
    let formaction = format!("{}#{}", web.path(), field_id("grants"));
    let tried = live::tried(picture);
    view! {
        <Card
            title="Try this role"
            purpose="Whether each line with a condition holds, for somebody who has this role alone. Left empty: now, from an address that is not known, about something of which nothing is known."
        >
            <div class="form">
                <div class="form-across">
                    <Input name="try_at" label="At, in UTC" r#type=at_type value=at error=wrong_at optional=true />
                    <Input name="try_address" label="From address" value=address error=wrong_address optional=true mono=true autocomplete="off" />
                </div>
                {resources}
                <div class="fields-actions">
                    <SubmitButton label="Try this role" variant=Variant::Secondary name="step" value="try" formaction />
                    {tried}
                </div>
            </div>
        </Card>
    }
    .into_any()
}

fn resources(scene: &Scene, form: &RoleForm, errors: &FieldErrors) -> AnyView {
    let trial = &form.trial;
    let owners = [(Owner::Unknown, "Not known"), (Owner::Own, "Their own"), (Owner::Another, "Somebody else’s")];
    let owners = owners.into_iter().map(|(owner, label)| Choice::new(owner.code(), label)).collect();
    let (owner, id) = (trial.owner.code().to_owned(), trial.id.clone());
    let workspace = (!scene.places.all().is_empty()).then(|| {
        let known = scene.places.all().iter().map(|(id, name)| Choice::new(id.to_string(), name.clone()));
        let choices = std::iter::once(Choice::new("", "Not known, or in none")).chain(known).collect();
        let (value, error) = (trial.workspace.clone(), errors.of("try_workspace").map(str::to_owned));
        view! { <Select name="try_workspace" label="In workspace" choices value error optional=true /> }
    });
    let types = scene.kinds.iter().filter(|(_, kinds)| !kinds.is_empty());
    let types = types
        .map(|(of, kinds)| {
            let fields = kinds.iter().map(|(name, kind)| attribute(form, errors, (of, name, *kind))).collect_view();
            let is_used = form.trial.attributes.iter().any(|((used, _), _)| used == of);
            let summary = format!("Attributes of {of}");
            view! {
                <details class="disclosure" open=is_used>
                    <summary>{summary}</summary>
                    <div class="form-across">{fields}</div>
                </details>
            }
        })
        .collect_view();
    view! {
        <div class="form-across">
            <Select name="try_owner" label="Whose it is" choices=owners value=owner optional=true />
            <Input name="try_id" label="Its id" value=id optional=true mono=true autocomplete="off" />
            {workspace}
        </div>
        {types}
    }
    .into_any()
}

fn attribute(
    form: &RoleForm,
    errors: &FieldErrors,
    (of, name, kind): (&ResourceType, &AttributeName, AttributeKind),
) -> AnyView {
    let field = format!("try.{of}:{name}");
    let (label, error) = (visible(name.as_str()), errors.of(&field).map(str::to_owned));
    let value = find(&form.trial.attributes, &(of.clone(), name.clone())).cloned().unwrap_or_default();
    match kind {
        AttributeKind::Boolean if matches!(value.as_str(), "" | "yes" | "no") => {
            let choices = vec![Choice::new("", "Not known"), Choice::new("yes", "Yes"), Choice::new("no", "No")];
            view! { <Select name=field label choices value error optional=true /> }.into_any()
        }
        AttributeKind::Time => {
            let (r#type, label) = (moment_type(&value), format!("{label} (UTC)"));
            view! { <Input name=field label r#type=r#type value error optional=true /> }.into_any()
        }
        AttributeKind::Number => {
            view! { <Input name=field label value error inputmode="decimal" optional=true autocomplete="off" /> }
                .into_any()
        }
        AttributeKind::Text | AttributeKind::Boolean => {
            view! { <Input name=field label value error optional=true autocomplete="off" /> }.into_any()
        }
    }
}
