//! Findings: what is wrong, how bad it is, the SQL that repairs it, and a way to see it happen.

use super::{place::Place, xray};
use bulkhead_model::isolation::{Finding, PolicyCommand, Probe, Severity};
use bulkhead_ui::{Badge, Card, CodeBlock, IconName, Language, LinkButton, Tone, Variant};
use leptos::prelude::*;

/// A card of findings; nothing where there are none.
pub fn card(place: &Place, may: bool, title: &'static str, purpose: &'static str, findings: &[Finding]) -> AnyView {
    if findings.is_empty() {
        return ().into_any();
    }
    let list = list(place, may, findings);
    view! { <Card title=title purpose=purpose>{list}</Card> }.into_any()
}

/// Each finding with its severity, its sentence and its fix. Who `may` ask about rows is led to one that shows it.
fn list(place: &Place, may: bool, findings: &[Finding]) -> AnyView {
    let items: Vec<_> = findings.iter().zip(1..).map(|(finding, number)| item(place, may, number, finding)).collect();
    view! { <ul class="findings">{items}</ul> }.into_any()
}

fn item(place: &Place, may: bool, number: usize, finding: &Finding) -> AnyView {
    let (label, tone) = (finding.severity.label(), tone(finding.severity));
    let (object, sentence, code) = (finding.object.to_string(), finding.sentence.clone(), finding.code.code());
    let fix = (!finding.fix.is_empty()).then(|| {
        // A policy can have the same finding twice, for USING and for WITH CHECK.
        let name = format!("Fix {number}: {code} on {object}");
        view! { <CodeBlock code=finding.fix.clone() language=Language::Sql label=name /> }
    });
    let prove = finding.probe.as_ref().filter(|_| may).map(|probe| {
        let href = prove(place, probe);
        view! { <LinkButton label="Prove it" href icon=IconName::Eye variant=Variant::Secondary /> }
    });
    view! {
        <li class="finding">
            <p><Badge label tone icon=tone.icon() /> " " {sentence}</p>
            <p class="row-sub"><code>{object}</code> " · " <code>{code}</code></p>
            {fix}
            {prove}
        </li>
    }
    .into_any()
}

/// The X-ray, with the role and the command that show it already chosen, and a row with another organization's context.
fn prove(place: &Place, probe: &Probe) -> String {
    let command = match probe.command {
        PolicyCommand::Insert => "insert",
        PolicyCommand::Update => "update",
        PolicyCommand::Delete => "delete",
        PolicyCommand::All | PolicyCommand::Select => "select",
    };
    let asked =
        serde_urlencoded::to_string([("role", probe.role.as_str()), ("command", command), (xray::EXAMPLE, "1")])
            .unwrap_or_default();
    format!("{}?{asked}", place.xray(&probe.relation.to_string()))
}

const fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Leak => Tone::Danger,
        Severity::Warning => Tone::Warn,
        Severity::Hint => Tone::Info,
    }
}
