//! Findings: what is wrong, how bad it is, and the SQL that repairs it.

use bulkhead_model::isolation::{Finding, Severity};
use bulkhead_ui::{Badge, Card, CodeBlock, Language, Tone};
use leptos::prelude::*;

/// A card of findings; nothing where there are none.
pub fn card(title: &'static str, purpose: &'static str, findings: &[Finding]) -> AnyView {
    if findings.is_empty() {
        return ().into_any();
    }
    let list = list(findings);
    view! { <Card title=title purpose=purpose>{list}</Card> }.into_any()
}

/// Each finding with its severity, its sentence and its fix.
pub fn list(findings: &[Finding]) -> AnyView {
    let items: Vec<_> = findings.iter().map(item).collect();
    view! { <ul>{items}</ul> }.into_any()
}

fn item(finding: &Finding) -> AnyView {
    let (label, tone) = (finding.severity.label(), tone(finding.severity));
    let (object, sentence, code) = (finding.object.to_string(), finding.sentence.clone(), finding.code.code());
    let fix = (!finding.fix.is_empty()).then(|| {
        let name = format!("Fix of {code} on {object}");
        view! { <CodeBlock code=finding.fix.clone() language=Language::Sql label=name /> }
    });
    view! {
        <li>
            <p><Badge label tone icon=tone.icon() /> " " {sentence}</p>
            <p class="row-sub"><code>{object}</code> " " <code>{code}</code></p>
            {fix}
        </li>
    }
    .into_any()
}

const fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Leak => Tone::Danger,
        Severity::Warning => Tone::Warn,
        Severity::Hint => Tone::Info,
    }
}
