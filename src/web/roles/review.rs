//! Before saving: what would change, for whom, and what to think of.

use super::{conflicts, draft::Desk, editor::compared, matrix};
use crate::web::{
    fields,
    page::{PageResult, Web},
};
use bulkhead_authz::{catalogue::Entry, draft::RoleForm};
use bulkhead_domain::{
    Ctx,
    access::{Clash, Preview, Reach, Replay, Shift, Turn, Typed, newly_dangerous},
};
use bulkhead_model::{FieldErrors, access::PermissionName, duty::DutyRule, org::OrgKind, text::capitalised};
use bulkhead_ui::{
    Align, Breadcrumb, Card, Cell, Diff, ErrorSummary, FormActions, GroupedTable, HeadCell, IconName, Markup, Notice,
    PageHeader, PostForm, Row, RowGroup, SubmitButton, Table, Tag, TextArea, Tone, UserText, Variant, badge, counted,
    number, visible,
};
use http::StatusCode;
use leptos::prelude::*;

/// Gains and losses that are listed one by one.
const MOST_LISTED: usize = 200;

/// The page: 200, or 422 where a reason is missing.
pub async fn draw(
    web: &Web,
    ctx: Ctx,
    desk: Desk,
    form: RoleForm,
    typed: Typed,
    preview: Preview,
    errors: FieldErrors,
) -> PageResult {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (page, title) = (web.clone(), super::draft::tab(&desk, "Review"));
    Ok(web.render(status, &title, false, move || body(&page, &ctx, &desk, &form, &typed, preview, &errors)).await)
}

fn body(
    web: &Web,
    ctx: &Ctx,
    desk: &Desk,
    form: &RoleForm,
    typed: &Typed,
    mut preview: Preview,
    errors: &FieldErrors,
) -> AnyView {
    // What only operators can hold counts for nothing elsewhere, whichever role says it.
    let platform = ctx.identity().org_kind == OrgKind::Platform;
    preview.role.retain(|(permission, ..)| platform || !permission.is_platform());
    let dangerous = newly_dangerous(&preview.catalogue, &preview.role, platform);
    let summary = fields::summary(errors);
    let said = compared(desk, form, typed);
    let unchanged = said.is_empty();
    let text = match unchanged {
        true => view! { <p class="muted">"The role says what it said before."</p> }.into_any(),
        false => view! { <Diff fields=said caption="What the role says" /> }.into_any(),
    };
    let notices = warnings(ctx, desk, &preview, &dangerous);
    let purpose = "Nothing is saved yet.";
    view! {
        <Breadcrumb crumbs=desk.crumbs(ctx) />
        <PageHeader title="Review changes" purpose />
        <ErrorSummary errors=summary />
        {notices}
        <Card title="What the role says" purpose="Before is what is saved, after is what you typed." flush=!unchanged>{text}</Card>
        {reaches(&preview)}
        {shifts(&preview)}
        {replayed(&preview.replay)}
        {question(web, form, errors, &dangerous, &preview.duties)}
    }
    .into_any()
}

fn warnings(ctx: &Ctx, desk: &Desk, preview: &Preview, dangerous: &[&Entry]) -> AnyView {
    let mut notices: Vec<(Tone, String)> = Vec::new();
    if !dangerous.is_empty() {
        let what: Vec<String> = dangerous.iter().map(|entry| visible(&entry.sentence)).collect();
        let text =
            format!("Whoever holds this role could newly {}. That takes a reason: say below why.", what.join(", and "));
        notices.push((Tone::Danger, text));
    }
    for clash in &preview.duties {
        let tail = match clash.conflict.rule {
            DutyRule::Ask => "That takes a reason: say below why.",
            DutyRule::Refuse => "That is refused, so the role cannot be saved like this.",
        };
        let sentences = clash.sentences().join(" ");
        notices.push((Tone::Danger, format!("{} {} {tail}", visible(&sentences), conflicts::why(&clash.conflict))));
    }
    let theirs = |id| ctx.identity().assignments.iter().any(|held| desk.roles.way(held.role, id).is_some());
    if desk.id().is_some_and(theirs) {
        notices.push((Tone::Warn, "You hold this role yourself: what changes, changes for you.".to_owned()));
    }
    let (tone, holders) = match preview.holders {
        0 => (Tone::Info, "Nobody holds this role, so nobody gains or loses anything yet.".to_owned()),
        count => {
            let users = counted(u64::try_from(count).unwrap_or(u64::MAX), "user holds", "users hold");
            (
                Tone::Info,
                format!(
                    "{users} this role, itself or through a role that inherits from it. Saving counts with their next request."
                ),
            )
        }
    };
    notices.push((tone, holders));
    notices.into_iter().map(|(tone, text)| view! { <Notice tone>{text}</Notice> }).collect_view().into_any()
}

/// How far somebody may, in words.
const fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Never => "Never",
        Reach::Sometimes => "Under conditions",
        Reach::Always => "Always",
    }
}

/// Gaining or losing: a sign and a word.
pub fn sign(gain: bool) -> Markup {
    match gain {
        true => badge("+ More", Tone::Ok, Some(IconName::ArrowUp)),
        false => badge("− Less", Tone::Danger, Some(IconName::ArrowDown)),
    }
}

fn row(preview: &Preview, permission: &PermissionName, before: Reach, after: Reach) -> AnyView {
    let what = match preview.catalogue.find(permission) {
        Some(entry) => matrix::permission_cell(entry),
        None => Tag::new("code").text(&permission.to_string()).into(),
    };
    view! {
        <Row>
            <Cell header=true>{what}</Cell>
            <Cell label="Change">{sign(after > before)}</Cell>
            <Cell label="Before">{reach(before)}</Cell>
            <Cell label="After">{reach(after)}</Cell>
        </Row>
    }
    .into_any()
}

fn head() -> AnyView {
    view! {
        <HeadCell label="Permission" />
        <HeadCell label="Change" />
        <HeadCell label="Before" />
        <HeadCell label="After" />
    }
    .into_any()
}

fn reaches(preview: &Preview) -> AnyView {
    if preview.role.is_empty() {
        let text = "No permission is allowed more or less than before. A condition that was changed may still count at other times.";
        return view! { <Card title="What the role allows"><p class="muted">{text}</p></Card> }.into_any();
    }
    let rows: Vec<_> =
        preview.role.iter().map(|(permission, before, after)| row(preview, permission, *before, *after)).collect();
    view! {
        <Card title="What the role allows" purpose="By itself, whoever holds it." flush=true>
            <Table caption="What the role would allow more or less" head=head()>{rows}</Table>
        </Card>
    }
    .into_any()
}

fn shifts(preview: &Preview) -> AnyView {
    if preview.holders == 0 {
        return ().into_any();
    }
    if preview.shifts.is_empty() {
        let text = "Whoever holds the role may do by their other roles what changes here, or is still denied it.";
        return view! { <Card title="Who gains and who loses"><p class="muted">{format!("Nobody. {text}")}</p></Card> }
            .into_any();
    }
    let listed = preview.shifts.get(..MOST_LISTED).unwrap_or(&preview.shifts);
    let groups: Vec<RowGroup> = listed
        .chunk_by(|a, b| a.user == b.user)
        .map(|theirs| {
            let heading = theirs.first().map_or("", |shift| shift.email.as_str());
            let rows: Vec<_> =
                theirs.iter().map(|shift| row(preview, &shift.permission, shift.before, shift.after)).collect();
            RowGroup::new(heading, rows.into_any())
        })
        .collect();
    let more = preview.shifts.len() - listed.len();
    let more = (more > 0).then(|| view! { <p class="muted card-line">{format!("And {more} more changes.")}</p> });
    let gains = preview.shifts.iter().filter(|shift| Shift::is_gain(shift)).count();
    let losses = preview.shifts.len() - gains;
    let purpose = format!("{gains} gained, {losses} lost, with everything else these people hold taken into account.");
    view! {
        <Card title="Who gains and who loses" purpose flush=true>
            <GroupedTable caption="Changes by person" head=head() columns=4 groups />
            {more}
        </Card>
    }
    .into_any()
}

/// What services asked lately, answered again.
fn replayed(replay: &Replay) -> AnyView {
    let title = "The last 30 days again";
    if replay.tried == 0 {
        let text =
            "No service has asked for a decision about whoever holds this role, so there is nothing to try it on.";
        return view! { <Card title><p class="muted">{text}</p></Card> }.into_any();
    }
    let tried = counted(replay.tried, "recorded decision", "recorded decisions");
    let sentence = |allowed, word: &str| {
        let (requests, people) = replay.count(allowed);
        let people = counted(u64::try_from(people).unwrap_or(u64::MAX), "person", "people");
        (requests > 0)
            .then(|| format!("{} by {people} would be newly {word}.", counted(requests, "request", "requests")))
    };
    let found: Vec<String> = [sentence(false, "denied"), sentence(true, "allowed")].into_iter().flatten().collect();
    if found.is_empty() {
        let text = format!("{tried} would all be answered as they were.");
        return view! { <Card title><p class="muted">{text}</p></Card> }.into_any();
    }
    let purpose = format!(
        "{} Of {tried}, by what these people hold today; what is allowed is counted by sample.",
        found.join(" ")
    );
    let listed = replay.turns.get(..MOST_LISTED).unwrap_or(&replay.turns);
    let row = |turn: &Turn| {
        let (email, permission, sign) = (turn.email.clone(), turn.permission.to_string(), sign(turn.allowed));
        let requests = number(turn.requests);
        view! {
            <Row>
                <Cell header=true><UserText text=email /></Cell>
                <Cell label="Permission"><code>{permission}</code></Cell>
                <Cell label="Change">{sign}</Cell>
                <Cell label="Requests" align=Align::End>{requests}</Cell>
            </Row>
        }
        .into_any()
    };
    let rows: Vec<_> = listed.iter().map(row).collect();
    let head = view! {
        <HeadCell label="User" />
        <HeadCell label="Permission" />
        <HeadCell label="Change" />
        <HeadCell label="Requests" align=Align::End />
    }
    .into_any();
    view! {
        <Card title purpose flush=true>
            <Table caption="Requests that would be answered in another way" head>{rows}</Table>
        </Card>
    }
    .into_any()
}

fn question(web: &Web, form: &RoleForm, errors: &FieldErrors, dangerous: &[&Entry], duties: &[Clash]) -> AnyView {
    let refused = duties.iter().any(|clash| clash.conflict.rule == DutyRule::Refuse);
    let (action, csrf) = (web.path().to_owned(), web.csrf());
    let mut hidden: Vec<_> = fields::hidden(web).into_iter().chain(form.hidden()).collect();
    if refused {
        hidden.push(("reason".to_owned(), form.reason.clone()));
    }
    let error = errors.of("reason").map(str::to_owned);
    let dangerous = dangerous.iter().map(|entry| visible(&capitalised(&entry.sentence)));
    let conflicts = duties.iter().map(|clash| format!("conflict {}", visible(&clash.conflict.name)));
    let what: Vec<String> = dangerous.chain(conflicts).collect();
    let optional = what.is_empty();
    let hint = match optional {
        true => "Kept with the version and in the audit log.".to_owned(),
        false => format!("Kept with the version and in the audit log. Needed because of: {}.", what.join("; ")),
    };
    let value = form.reason.clone();
    view! {
        <Card title="Save">
            <PostForm action csrf hidden>
                {(!refused).then(|| view! { <TextArea name="reason" label="Reason" value hint error maxlength=500 optional /> })}
                <FormActions>
                    {(!refused).then(|| view! { <SubmitButton label="Save role" pending="Saving" name="step" value="save" /> })}
                    <SubmitButton label="Back to editing" variant=Variant::Secondary name="step" value="edit" />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}
