//! A detail page of the operator console.

use super::{Look, data, info, tabs};
use crate::{
    AppShell, Breadcrumb, Card, CodeBlock, Columns, CopyId, Crumb, DescriptionList, Detail, IconName, Language,
    LinkButton, Meter, NavItem, NavSection, Notice, PageHeader, Realm, RelTime, Stat, Stats, StatusBadge, Steps,
    Timeline, Tone,
};
use leptos::prelude::*;
use time::Duration;

pub(super) fn page(look: Look) -> impl IntoView {
    let now = look.now;
    view! {
        <AppShell info=info(look, Realm::Operator) nav=nav()>
            <Breadcrumb crumbs=vec![Crumb::new("Organizations", "#main")] />
            <PageHeader
                title="Northwind Trading"
                status=view! { <StatusBadge status="active" /> }.into_any()
                meta=view! {
                    <span class="mono">"northwind"</span>
                    <CopyId id="0d7c7f6e-63b7-4f5f-8b0c-0c9d6e1c2a44" what="organization id" />
                    <span>"Created " <RelTime at=now - Duration::days(12) now /></span>
                }
                    .into_any()
                actions=view! {
                    <LinkButton label="Prove isolation" href="#main" icon=IconName::ShieldCheck />
                    <LinkButton
                        label="Suspend organization"
                        href=super::Sheet::Confirm.href()
                        icon=IconName::Pause
                    />
                }
                    .into_any()
            />
            {tabs(look.sheet)}
            <Stats>
                <Stat label="Users" value="214" href="#main" hint="3 invited" />
                <Stat label="Sign-ins, 24 h" value="1,240" href="#main" />
                <Stat label="Failed sign-ins, 24 h" value="92" href="#main" />
                <Stat label="Last proof" value="Isolated" href="#main" hint="18 tables, 4 min ago" />
            </Stats>
            <Notice tone=Tone::Warn>
                <p>"Provisioning stopped at a step. It can be resumed; nothing done so far is repeated."</p>
            </Notice>
            <Columns>
                <Card title="Provisioning" flush=true>
                    <Steps label="Provisioning" steps=data::steps() />
                </Card>
                <Card title="Plan">
                    <DescriptionList>
                        <Detail term="Plan">"Business"</Detail>
                        <Detail term="Isolation">"Shared schema, forced policies"</Detail>
                    </DescriptionList>
                    <Meter label="Users" value=214 max=250 />
                    <Meter label="API keys" value=9 max=50 />
                </Card>
            </Columns>
            <CodeBlock code=data::POLICY language=Language::Sql label="Policy users_isolation" />
            <Card title="Activity">
                <Timeline items=data::events(now) now />
            </Card>
        </AppShell>
    }
}

fn nav() -> Vec<NavSection> {
    vec![
        NavSection::new(vec![NavItem::new("Home", "#main", IconName::Home, false).key('h')]),
        NavSection::titled(
            "Platform",
            vec![
                NavItem::new("Organizations", "#main", IconName::Building, true).key('o'),
                NavItem::new("Isolation", "#main", IconName::ShieldCheck, false).key('i'),
                NavItem::new("Audit log", "#main", IconName::List, false).key('a'),
            ],
        ),
    ]
}
