//! The answer of the X-ray, drawn: the verdict, the rungs, every policy with what it said, and what really happened.

use bulkhead_model::isolation::xray::{
    Check, Clause, Comparison, Decision, Field, Happened, Ladder, Node, Outcome, PolicyResult, Reality, RowSide, Rung,
    Shown, Truth,
};
use bulkhead_ui::{
    Badge, Card, Cell, CodeBlock, HeadCell, IconName, Language, Notice, Row, Table, Tone, UserText, counted,
};
use leptos::prelude::*;

/// Draws a ladder.
pub fn draw(ladder: &Ladder) -> AnyView {
    let (tone, sentence) = (tone(ladder.verdict.decision), ladder.verdict.sentence.clone());
    let rungs: Vec<AnyView> = ladder.rungs.iter().map(rung).collect();
    let checks: Vec<AnyView> = ladder.checks.iter().map(check).collect();
    let rows = [("The row as it is", &ladder.row), ("The row as it would be", &ladder.new_row)];
    let rows: Vec<AnyView> = rows.into_iter().filter_map(|(title, row)| Some(row_card(title, row.as_ref()?))).collect();
    let notes: Vec<_> = ladder.notes.iter().map(|note| view! { <li>{note.clone()}</li> }).collect();
    let notes =
        (!notes.is_empty()).then(|| view! { <Card title="What to know about this answer"><ul>{notes}</ul></Card> });
    let head = view! { <HeadCell label="Layer" /> <HeadCell label="Answer" /> <HeadCell label="Why" /> }.into_any();
    view! {
        <Notice tone>{sentence}</Notice>
        {reality(&ladder.reality)}
        <Card title="Layer by layer" purpose="In PostgreSQL’s own order. The first that stops decides." flush=true>
            <Table caption="Layers and what each says" head>{rungs}</Table>
        </Card>
        {checks}
        {rows}
        {notes}
    }
    .into_any()
}

const fn tone(decision: Decision) -> Tone {
    match decision {
        Decision::Reached => Tone::Info,
        Decision::NotReached | Decision::Refused => Tone::Ok,
        Decision::Fails | Decision::Unknown => Tone::Warn,
    }
}

fn reality(reality: &Reality) -> AnyView {
    let happened = |happened: &Happened| match happened {
        Happened::Rows { count } => format!("It succeeded with {}.", counted(*count, "row", "rows")),
        Happened::Failed { sqlstate, message } => format!("It failed with {sqlstate}: {message}."),
    };
    match reality {
        Reality::Tried { happened: what, agrees: true } => {
            let text = format!(
                "The command was run as this role and rolled back. {} That is what the ladder says.",
                happened(what)
            );
            view! { <p class="muted">{text}</p> }.into_any()
        }
        Reality::Tried { happened: what, agrees: false } => {
            let text = format!(
                "The explainer is wrong here. The command was run as this role and rolled back: {} Trust PostgreSQL, and report this.",
                happened(what)
            );
            view! { <Notice tone=Tone::Danger>{text}</Notice> }.into_any()
        }
        Reality::Untried { reason } => {
            let text = format!("The command was not run, so nothing confirms the ladder: {reason}");
            view! { <Notice tone=Tone::Warn>{text}</Notice> }.into_any()
        }
    }
}

fn rung(rung: &Rung) -> AnyView {
    let (label, tone, icon) = match rung.outcome {
        Outcome::Passes => ("Passes", Tone::Neutral, IconName::Check),
        Outcome::Stops => ("Stops", Tone::Ok, IconName::Ban),
        Outcome::Unknown => ("Not seen", Tone::Warn, IconName::Help),
    };
    let (layer, sentence) = (rung.kind.label(), rung.sentence.clone());
    view! {
        <Row>
            <Cell header=true>{layer}</Cell>
            <Cell label="Answer"><Badge label tone icon=icon /></Cell>
            <Cell label="Why"><UserText text=sentence /></Cell>
        </Row>
    }
    .into_any()
}

fn check(check: &Check) -> AnyView {
    let row = match check.row {
        RowSide::Existing => "the row as it is",
        RowSide::New => "the row as it would be",
    };
    let clause = match check.clause {
        Clause::Using => "USING",
        Clause::WithCheck => "WITH CHECK",
    };
    let title = format!("Policies for {}: {clause} on {row}", check.command.as_sql());
    let tree = node(&check.tree);
    view! { <Card title purpose="Every restrictive policy and one of the permissive ones must be true.">{tree}</Card> }
        .into_any()
}

/// The tree of policies as nested lists: what must all be true, and of what one is enough.
fn node(tree: &Node) -> AnyView {
    let branch = |label: &'static str, of: &[Node], truth: &Truth, none: &'static str| {
        let items: Vec<_> = of.iter().map(|child| view! { <li>{node(child)}</li> }).collect();
        let items = match items.is_empty() {
            true => view! { <p class="muted">{none}</p> }.into_any(),
            false => view! { <ul class="tree">{items}</ul> }.into_any(),
        };
        view! {
            <div class="tree-node">
                <p>{label} " " {truth_badge(truth)}</p>
                {items}
            </div>
        }
        .into_any()
    };
    match tree {
        Node::All { of, truth } => branch("All of", of, truth, "Nothing more is asked."),
        Node::Any { of, truth } => {
            branch("One of", of, truth, "No permissive policy applies, and without one no row gets through.")
        }
        Node::Policy(policy) => policy_node(policy),
    }
}

fn policy_node(policy: &PolicyResult) -> AnyView {
    let kind = if policy.permissive { "permissive" } else { "restrictive" };
    let name = format!("{} ({kind})", policy.policy);
    let code = policy.expression.clone();
    let label = format!("Expression of {}", policy.policy);
    let fallback = policy
        .falls_back_to_using
        .then(|| view! { <p class="muted">"It has no WITH CHECK, so its USING decides."</p> });
    let compared: Vec<_> = policy.compared.iter().map(comparison).collect();
    let detail = match &policy.truth {
        Truth::Error { sqlstate, message, .. } => Some(format!("{sqlstate}: {message}")),
        Truth::Unseen { reason } => Some(reason.clone()),
        Truth::True | Truth::False | Truth::Null => None,
    };
    view! {
        <div class="tree-node">
            <p><strong>{name}</strong> " " {truth_badge(&policy.truth)}</p>
            {detail.map(|text| view! { <p><UserText text /></p> })}
            <CodeBlock code language=Language::Sql label />
            {fallback}
            {compared}
        </div>
    }
    .into_any()
}

fn comparison(comparison: &Comparison) -> AnyView {
    let text = format!(
        "{} is {}; {} is {}.",
        comparison.column,
        shown(&comparison.value),
        comparison.with,
        shown(&comparison.with_value)
    );
    view! { <p class="muted"><UserText text /></p> }.into_any()
}

fn truth_badge(truth: &Truth) -> AnyView {
    let (label, tone) = match truth {
        Truth::True => ("true", Tone::Info),
        Truth::False => ("false", Tone::Neutral),
        Truth::Null => ("NULL", Tone::Neutral),
        Truth::Error { .. } => ("error", Tone::Danger),
        Truth::Unseen { .. } => ("not seen", Tone::Warn),
    };
    view! { <Badge label tone /> }.into_any()
}

fn shown(value: &Shown) -> String {
    match value {
        Shown::Null => "NULL".to_owned(),
        Shown::Value { text, truncated: false } => text.clone(),
        Shown::Value { text, truncated: true } => format!("{text}…"),
        Shown::Masked { data_type, .. } => format!("hidden ({data_type})"),
    }
}

fn row_card(title: &'static str, fields: &[Field]) -> AnyView {
    let rows: Vec<_> = fields
        .iter()
        .map(|field| {
            let (column, masked, text) =
                (field.column.clone(), matches!(field.value, Shown::Masked { .. }), shown(&field.value));
            view! {
                <Row>
                    <Cell header=true><code>{column}</code></Cell>
                    <Cell label="Value">
                        {match masked {
                            true => view! { <span class="muted">{text}</span> }.into_any(),
                            false => view! { <code>{text}</code> }.into_any(),
                        }}
                    </Cell>
                </Row>
            }
        })
        .collect();
    let head = view! { <HeadCell label="Column" /> <HeadCell label="Value" /> }.into_any();
    view! {
        <Card title purpose="Read past every policy by the inspector. What is neither key, organization nor compared is hidden until it is revealed." flush=true>
            <Table caption=title head>{rows}</Table>
        </Card>
    }
    .into_any()
}
