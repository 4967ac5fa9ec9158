//! Who holds a role: a page of them, on the role's page.

use super::page_of;
use crate::web::{
    list::ListQuery,
    page::Web,
    users::{give_to_many, is_many_offered, place},
};
use bulkhead_domain::{
    Ctx, Error,
    access::{self, HolderList},
};
use bulkhead_model::{RoleId, access::Assigned, page::Count};
use bulkhead_ui::{
    AbsTime, Badge, Card, Cell, EmptyFiltered, HeadCell, IconName, LinkButton, RelTime, Row, RowTitle, Table, Tone,
    UserText, Variant,
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// A page of holders, as it was asked for.
pub struct Holders {
    query: ListQuery,
    list: HolderList,
    /// All of them, without the search.
    all: Count,
}

impl Holders {
    /// Reads it.
    pub async fn read(web: &Web, ctx: &Ctx, role: RoleId) -> Result<Self, Error> {
        let query = ListQuery::of(&page_of(ctx, role), "role-holders", &[], web.query());
        let (search, page) = (query.search(), query.page(web));
        let list = access::holders(ctx, role, &search, &page).await?;
        let all = match search.is_empty() {
            true => list.count,
            false => access::holders(ctx, role, "", &page).await?.count,
        };
        Ok(Self { query, list, all })
    }

    /// The card on the role's page.
    pub fn card(&self, web: &Web, ctx: &Ctx, role: RoleId) -> AnyView {
        let give = is_many_offered(web).then(|| {
            let href = give_to_many(ctx, role);
            view! { <LinkButton label="Give to several people" href variant=Variant::Secondary /> }
        });
        let actions = view! { {give} }.into_any();
        if self.all.0 == 0 {
            let text = "Nobody holds this role. It is given here to several people, or on the page of one.";
            return view! { <Card title="Members" actions><p class="muted">{text}</p></Card> }.into_any();
        }
        let purpose = "Who holds this role itself, beside their built-in one.";
        let found = match self.list.page.rows.is_empty() {
            true => view! { <EmptyFiltered noun="members" clear_href=self.query.cleared() /> }.into_any(),
            false => table(web, ctx, &self.list.page.rows),
        };
        let counts = (self.list.count, self.all);
        let (filter, pager) = self.query.around(web, &self.list.page, counts, "when it was given");
        view! {
            <Card title="Members" purpose actions id="members" flush=true>
                {filter}
                {found}
                {pager}
            </Card>
        }
        .into_any()
    }
}

/// A moment, or a word where there is none.
fn moment(at: Option<OffsetDateTime>, none: &'static str) -> AnyView {
    match at {
        Some(at) => view! { <AbsTime at /> }.into_any(),
        None => none.into_any(),
    }
}

/// Whether somebody holds it at the moment.
fn standing(holder: &Assigned, now: OffsetDateTime) -> (&'static str, Tone, IconName) {
    if holder.is_over(now) {
        ("Over", Tone::Neutral, IconName::Clock)
    } else if holder.from.is_some_and(|from| from > now) {
        ("Later", Tone::Info, IconName::Clock)
    } else {
        ("Now", Tone::Ok, IconName::CircleCheck)
    }
}

fn table(web: &Web, ctx: &Ctx, holders: &[Assigned]) -> AnyView {
    let now = web.now();
    let rows: Vec<_> = holders
        .iter()
        .map(|holder| {
            let href = format!("/t/{}/users/{}", ctx.identity().org_slug, holder.user);
            let (title, subtitle) = match holder.user_name.is_empty() {
                true => (holder.user_email.clone(), String::new()),
                false => (holder.user_name.clone(), holder.user_email.clone()),
            };
            let place = place(ctx, holder);
            let (from, until) = (moment(holder.from, "At once"), moment(holder.until, "Without end"));
            let (by, at) = (holder.assigned_by.clone(), holder.assigned_at);
            let (label, tone, icon) = standing(holder, now);
            view! {
                <Row>
                    <Cell header=true><RowTitle title href subtitle avatar=true /></Cell>
                    <Cell label="Where">{place}</Cell>
                    <Cell label="Holds it"><Badge label tone icon /></Cell>
                    <Cell label="From">{from}</Cell>
                    <Cell label="Until">{until}</Cell>
                    <Cell label="Given">
                        <div><RelTime at now /> <div class="row-sub"><UserText text=by /></div></div>
                    </Cell>
                </Row>
            }
        })
        .collect();
    let head = view! {
        <HeadCell label="User" />
        <HeadCell label="Where" />
        <HeadCell label="Holds it" />
        <HeadCell label="From" />
        <HeadCell label="Until" />
        <HeadCell label="Given" />
    }
    .into_any();
    view! { <Table caption="Members of this role" head>{rows}</Table> }.into_any()
}
