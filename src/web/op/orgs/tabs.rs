//! The tabs of an organization's page besides the overview: its users, its settings in force, what happened.

use crate::web::{
    audit::timeline,
    list::ListQuery,
    page::Web,
    users::list::{self as user_list, Users},
};
use bulkhead_domain::{
    Error, OperatorCtx,
    audit::{self, EventList},
    orgs,
};
use bulkhead_model::{
    OrgId, Permission,
    audit::AuditFilter,
    page::{Count, PageRequest, Place},
    setting::{Setting, SettingKey, SettingKind, SettingSource, SettingValue},
    user::UserFilter,
};
use bulkhead_ui::{
    Badge, Card, Cell, EmptyState, HeadCell, IconName, LinkButton, Row, Table, Tone, UserText, Variant, number,
};
use leptos::prelude::*;

/// The tab asked for, with what it shows.
pub enum Tabs {
    /// What [`super::detail`] draws.
    Overview,
    /// Its users.
    Users(Users),
    /// Its settings in force.
    Settings(Vec<Setting>),
    /// Its events.
    Activity(Activity),
}

/// A page of events as it was asked for.
pub struct Activity {
    query: ListQuery,
    list: EventList,
}

impl Tabs {
    /// Reads what the tab in the query string shows. A tab that does not exist is the overview.
    pub async fn load(web: &Web, ctx: &OperatorCtx, id: OrgId) -> Result<Self, Error> {
        let query = ListQuery::read(web, "org-users", &["tab", "status", "role"]);
        Ok(match query.first("tab") {
            Some("users") => Self::Users(load_users(web, ctx, id, query).await?),
            Some("settings") => Self::Settings(orgs::settings(ctx, id).await?),
            Some("activity") => {
                let query = ListQuery::read(web, "org-activity", &["tab"]);
                let filter = AuditFilter { org: Some(id), ..AuditFilter::default() };
                let list = audit::list_all(ctx, &filter, &query.page(web)).await?;
                Self::Activity(Activity { query, list })
            }
            _ => Self::Overview,
        })
    }

    /// Its name in the query string.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Users(_) => "users",
            Self::Settings(_) => "settings",
            Self::Activity(_) => "activity",
        }
    }
}

async fn load_users(web: &Web, ctx: &OperatorCtx, id: OrgId, query: ListQuery) -> Result<Users, Error> {
    let filter = Users::filter(&query);
    let list = orgs::users(ctx, id, &filter, &query.page(web)).await?;
    let everybody = async {
        let first = PageRequest::new(Place::First, 1);
        orgs::users(ctx, id, &UserFilter::default(), &first).await.map(|list| list.count)
    };
    Users::new(query, filter, list, everybody).await
}

/// The users, to read only: changing them is their organization's business.
pub fn users(web: &Web, users: &Users) -> AnyView {
    let nobody = view! {
        <EmptyState
            title="No users yet"
            body="The first admin appears here as soon as provisioning has created the invitation."
            icon=IconName::Users
        />
    };
    user_list::section(web, users, nobody.into_any(), |_| None, None)
}

/// A value with its unit, or a word for none.
fn value_text(key: SettingKey, value: &SettingValue) -> String {
    match (key.kind(), value) {
        (SettingKind::Integer { unit, .. }, SettingValue::Integer(n)) => {
            format!("{} {unit}", number(u64::try_from(*n).unwrap_or_default()))
        }
        (_, SettingValue::Switch(on)) => if *on { "On" } else { "Off" }.to_owned(),
        (_, value) => match value.to_string() {
            text if text.is_empty() => "None".to_owned(),
            text => text,
        },
    }
}

/// The settings in force and whose they are.
pub fn settings(settings: &[Setting]) -> AnyView {
    let head = view! {
        <HeadCell label="Setting" />
        <HeadCell label="In force" />
        <HeadCell label="Set by" />
        <HeadCell label="Otherwise" />
    }
    .into_any();
    let rows: Vec<_> = settings
        .iter()
        .map(|setting| {
            let overridden = setting.source == SettingSource::Organization;
            let tone = if overridden { Tone::Info } else { Tone::Neutral };
            let (label, code, source) = (setting.key.label(), setting.key.code(), setting.source.label());
            let value = value_text(setting.key, &setting.value);
            let (inherited, whose) = &setting.inherited;
            let otherwise = overridden
                .then(|| format!("{} (from the {})", value_text(setting.key, inherited), whose.label().to_lowercase()));
            view! {
                <Row>
                    <Cell header=true>
                        {label}
                        <div class="row-sub"><code>{code}</code></div>
                    </Cell>
                    <Cell label="In force"><UserText text=value /></Cell>
                    <Cell label="Set by"><Badge label=source tone /></Cell>
                    <Cell label="Otherwise">
                        {match otherwise {
                            Some(text) => view! { <UserText text /> }.into_any(),
                            None => view! { <span class="muted">"The same"</span> }.into_any(),
                        }}
                    </Cell>
                </Row>
            }
        })
        .collect();
    view! {
        <Card
            title="Settings in force"
            purpose="What applies in this organization, and who decided it: the platform, its plan, or the organization itself."
            flush=true
        >
            <Table caption="Settings in force" head>{rows}</Table>
        </Card>
    }
    .into_any()
}

/// What happened in the organization, newest first.
pub fn activity(web: &Web, id: OrgId, activity: &Activity) -> AnyView {
    let Activity { query, list } = activity;
    let pager = query.pager(web, &list.page, ("Newer", "Older"));
    if list.page.rows.is_empty() {
        return view! {
            <EmptyState title="No events" body="What its users and the operators do is recorded here." icon=IconName::Activity />
        }
        .into_any();
    }
    let actions = match web.may(Permission::PlatformAuditRead) {
        true => view! {
            <LinkButton label="Open in the audit log" href=format!("/op/audit?org={id}") variant=Variant::Secondary />
        }
        .into_any(),
        false => ().into_any(),
    };
    let events = timeline(&list.page.rows, "/op/audit", web.now());
    view! {
        <Card title="Activity" purpose=format!("{} recorded, newest first.", events_in_words(list.count)) actions>
            {events}
        </Card>
        {pager}
    }
    .into_any()
}

fn events_in_words(count: Count) -> String {
    format!("{count} {}", if count.0 == 1 { "event" } else { "events" })
}
