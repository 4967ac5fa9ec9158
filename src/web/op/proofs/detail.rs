//! One run of the prover: what it found, as a matrix, and what changed since the one before.

use super::{PATH, TITLE, badge, page_of};
use crate::web::{op::table_card::table_card, page::Web};
use bulkhead_domain::proofs::ProofDetail;
use bulkhead_model::isolation::{
    Attack, Cell as ProofCell, Counts, Outcome, Proof, ProofDifference, RunStatus, Standing,
};
use bulkhead_ui::{
    Align, Badge, Breadcrumb, Card, Cell, Crumb, DescriptionList, Detail, HeadCell, IconName, LinkButton, Notice,
    PageHeader, RelTime, Row, Stat, Stats, Table, Tone, UserText, Variant, counted, number,
};
use leptos::prelude::*;
use std::collections::BTreeMap;

pub fn body(web: &Web, detail: &ProofDetail) -> AnyView {
    let run = &detail.run;
    let now = web.now();
    let (status, started) = (badge(run), run.started_at);
    let asked = run.requested_by.clone().unwrap_or_else(|| "the schedule, or a changed schema".to_owned());
    let sentence = match (&run.sentence, &run.failure) {
        (Some(sentence), _) => sentence.clone(),
        (None, Some(failure)) => failure.clone(),
        (None, None) => match run.progress {
            (_, 0) => format!("Running: {}.", run.doing),
            (done, total) => format!("Running: {done} of {total} attacks, {}.", run.doing),
        },
    };
    let tone = match (run.status, run.standing) {
        (RunStatus::Running, _) => Tone::Info,
        (RunStatus::Finished, Some(Standing::Green)) => Tone::Ok,
        (RunStatus::Finished, Some(Standing::Red)) => Tone::Danger,
        _ => Tone::Warn,
    };
    let file = format!("{}/proof.json", page_of(run.id));
    let actions = match &detail.proof {
        Some(_) => view! {
            <LinkButton label="Download signed proof" href=file icon=IconName::Download variant=Variant::Secondary />
        }
        .into_any(),
        None => view! { <LinkButton label="Reload" href=page_of(run.id) icon=IconName::Refresh variant=Variant::Secondary /> }
            .into_any(),
    };
    let found = detail.proof.as_ref().map(proof_cards);
    let changed = detail.difference.as_ref().map(difference);
    let facts = detail.proof.as_ref().map(proof_facts);
    view! {
        <Breadcrumb crumbs=vec![Crumb::new(TITLE, PATH)] />
        <PageHeader title="Proof of isolation" status actions />
        <Notice tone><UserText text=sentence /></Notice>
        <Card title="Facts">
            <DescriptionList>
                <Detail term="Asked for by"><UserText text=asked /></Detail>
                <Detail term="Begun"><RelTime at=started now /></Detail>
                {facts}
            </DescriptionList>
        </Card>
        {changed}
        {found}
    }
    .into_any()
}

fn proof_facts(proof: &Proof) -> AnyView {
    let took = format!("{:.1} s", f64::from(u32::try_from(proof.duration_ms).unwrap_or(u32::MAX)) / 1000.0);
    let server = format!("PostgreSQL {}, database {}", proof.server_version, proof.database);
    let roles: Vec<String> = proof
        .premises
        .roles
        .iter()
        .map(|role| format!("{}{}", role.name, if role.signed_in { "" } else { " (by SET ROLE)" }))
        .collect();
    let (hash, roles) = (proof.catalogue_hash.clone(), roles.join(", "));
    view! {
        <Detail term="Took">{took}</Detail>
        <Detail term="Server">{server}</Detail>
        <Detail term="Attacked as"><code>{roles}</code></Detail>
        <Detail term="Catalogue"><code class="wrap-anywhere">{hash}</code></Detail>
    }
    .into_any()
}

fn proof_cards(proof: &Proof) -> AnyView {
    let Counts { held, leaked, accepted, unproven } = proof.counts;
    let [held, leaked, accepted, unproven] = [held, leaked, accepted, unproven].map(|n| number(u64::from(n)));
    let unplanted: Vec<_> = proof
        .could_not_plant
        .iter()
        .map(|red| view! { <li><code>{red.table.clone()}</code> ": " {red.why.clone()}</li> })
        .collect();
    let unplanted = (!unplanted.is_empty()).then(|| {
        view! {
            <Notice tone=Tone::Danger>
                <p>"No row could be planted in these tables, so nothing is proven about them:"</p>
                <ul>{unplanted}</ul>
            </Notice>
        }
    });
    let of = |wanted: fn(&Outcome) -> bool| -> Vec<&ProofCell> {
        proof.cells.iter().filter(|cell| wanted(&cell.outcome)).collect()
    };
    let leaks = cell_card(
        "Leaks",
        "These attacks reached another organization.",
        &of(|outcome| matches!(outcome, Outcome::Leaked { .. })),
    );
    let accepted_cells = cell_card(
        "Accepted",
        "These attacks reached something, and somebody decided that it may.",
        &of(|outcome| matches!(outcome, Outcome::Accepted { .. })),
    );
    let open = cell_card(
        "Not proven",
        "These could not be tried, or did not succeed on the broken copy either. Never green.",
        &of(|outcome| matches!(outcome, Outcome::Unproven { .. })),
    );
    view! {
        <Stats>
            <Stat label="Held" value=held hint="Failed here, succeeded on the broken copy" />
            <Stat label="Leaked" value=leaked hint="Reached another organization" />
            <Stat label="Accepted" value=accepted hint="Known, with a reason" />
            <Stat label="Not proven" value=unproven hint="Says nothing" />
        </Stats>
        {unplanted}
        {leaks}
        {matrix(proof)}
        {accepted_cells}
        {open}
    }
    .into_any()
}

/// Subjects x attacks, all roles together: how many cells held, and what did not.
fn matrix(proof: &Proof) -> AnyView {
    let mut subjects: BTreeMap<&str, BTreeMap<Attack, [u64; 3]>> = BTreeMap::new();
    for cell in &proof.cells {
        let counts = subjects.entry(&cell.subject).or_default().entry(cell.attack).or_default();
        match cell.outcome {
            Outcome::Held { .. } => counts[0] += 1,
            Outcome::Leaked { .. } => counts[1] += 1,
            Outcome::Accepted { .. } | Outcome::Unproven { .. } => counts[2] += 1,
        }
    }
    let rows: Vec<_> = subjects
        .into_iter()
        .map(|(subject, attacks)| {
            let sum = |place: usize| attacks.values().map(|counts| counts[place]).sum::<u64>();
            let (held, leaked, open) = (sum(0), sum(1), sum(2));
            let subject = subject.to_owned();
            let words: Vec<_> = attacks
                .iter()
                .map(|(attack, counts)| {
                    let [held, leaked, _] = *counts;
                    let tone = match (leaked > 0, held > 0) {
                        (true, _) => Tone::Danger,
                        (false, true) => Tone::Ok,
                        (false, false) => Tone::Warn,
                    };
                    view! { <Badge label=attack.title() tone /> }
                })
                .collect();
            let attacks = counted(words.len() as u64, "attack", "attacks");
            view! {
                <Row>
                    <Cell header=true><code>{subject}</code></Cell>
                    <Cell label="Held" align=Align::End>{number(held)}</Cell>
                    <Cell label="Leaked" align=Align::End>{number(leaked)}</Cell>
                    <Cell label="Not proven" align=Align::End>{number(open)}</Cell>
                    <Cell label="Attacks">
                        <details class="disclosure">
                            <summary>{attacks}</summary>
                            <div class="badges">{words}</div>
                        </details>
                    </Cell>
                </Row>
            }
        })
        .collect();
    let head = view! {
        <HeadCell label="What was attacked" />
        <HeadCell label="Held" align=Align::End />
        <HeadCell label="Leaked" align=Align::End />
        <HeadCell label="Not proven" align=Align::End />
        <HeadCell label="Attacks" />
    }
    .into_any();
    view! {
        <Card
            title="The matrix"
            purpose="Every attack as every role. Held means that it failed here and succeeded on the copy that was broken on purpose."
            flush=true
        >
            <Table caption="What was attacked, and how it ended" head>{rows}</Table>
        </Card>
    }
    .into_any()
}

fn cell_card(title: &'static str, purpose: &'static str, cells: &[&ProofCell]) -> AnyView {
    let rows = cells
        .iter()
        .map(|cell| {
            let object = cell.object.clone().map(|object| view! { <div class="row-sub">{object}</div> });
            let (subject, attack, meaning) = (cell.subject.clone(), cell.attack.title(), cell.attack.meaning());
            let (role, detail) = (cell.role.clone(), cell.outcome.detail().to_owned());
            let reason = match &cell.outcome {
                Outcome::Accepted { reason, .. } => Some(format!("Accepted: {reason}")),
                _ => None,
            };
            view! {
                <Row>
                    <Cell header=true><code>{subject}</code> {object}</Cell>
                    <Cell label="Attack">
                        {attack}
                        <div class="row-sub">{meaning}</div>
                    </Cell>
                    <Cell label="As"><code>{role}</code></Cell>
                    <Cell label="How it ended">
                        <UserText text=detail />
                        {reason.map(|text| view! { <div class="row-sub">{text}</div> })}
                    </Cell>
                </Row>
            }
            .into_any()
        })
        .collect();
    let head = view! {
        <HeadCell label="What was attacked" />
        <HeadCell label="Attack" />
        <HeadCell label="As" />
        <HeadCell label="How it ended" />
    }
    .into_any();
    table_card(title, purpose, head, rows)
}

/// What changed since the proof before.
fn difference(difference: &ProofDifference) -> AnyView {
    let schema = match difference.catalogue_changed {
        true => "The schema is another one than in the proof before.",
        false => "The schema is the same as in the proof before.",
    };
    let words = match difference.cells.len() as u64 {
        0 => "Every attack ended as it did then.".to_owned(),
        changed => format!("{} otherwise than then:", counted(changed, "attack ended", "attacks ended")),
    };
    let label = |cell: &Option<ProofCell>| cell.as_ref().map_or("not there", |cell| cell.outcome.label());
    let items: Vec<_> = difference
        .cells
        .iter()
        .take(50)
        .filter_map(|change| {
            let cell = change.after.as_ref().or(change.before.as_ref())?;
            let text = format!(
                "{}, {}, as {}: {}, now {}",
                cell.subject,
                cell.attack.title().to_lowercase(),
                cell.role,
                label(&change.before).to_lowercase(),
                label(&change.after).to_lowercase()
            );
            Some(view! { <li>{text}</li> })
        })
        .collect();
    let more = (difference.cells.len() > 50).then(|| {
        let more = number(difference.cells.len() as u64 - 50);
        view! { <p class="muted">{format!("And {more} more; the signed files hold all.")}</p> }
    });
    view! {
        <Card title="Since the proof before">
            <p>{schema} " " {words}</p>
            <ul>{items}</ul>
            {more}
        </Card>
    }
    .into_any()
}
