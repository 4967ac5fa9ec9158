//! What happened, and what happens next.

use crate::{Icon, IconName, OptText, RelTime, Tone, UserText};
use leptos::prelude::*;
use time::OffsetDateTime;

/// One entry of a [`Timeline`].
#[derive(Clone, Debug)]
pub struct TimelineItem {
    /// What happened; may be user text.
    pub title: String,
    /// Who, and what else to know; may be user text.
    pub detail: Option<String>,
    /// When.
    pub at: OffsetDateTime,
    /// What it means.
    pub tone: Tone,
    /// The page about it.
    pub href: Option<String>,
}

/// Things that happened, newest first.
#[component]
pub fn Timeline(
    /// The entries, in the order to show.
    items: Vec<TimelineItem>,
    /// The time of the request.
    now: OffsetDateTime,
) -> impl IntoView {
    let items = items
        .into_iter()
        .map(|item| {
            let title = match item.href {
                Some(href) => view! { <a href=href><UserText text=item.title /></a> }.into_any(),
                None => view! { <UserText text=item.title /> }.into_any(),
            };
            view! {
                <li class=format!("timeline-item tone-{}", item.tone.as_str())>
                    <span class="timeline-mark"><Icon name=item.tone.icon() /></span>
                    <div>
                        <p class="timeline-title">{title}</p>
                        {item
                            .detail
                            .map(|detail| {
                                view! { <p class="timeline-detail"><UserText text=detail /></p> }
                            })}
                    </div>
                    <RelTime at=item.at now />
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{items}</ol> }
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// On its way.
    Running,
    /// Complete.
    Done,
    /// Stopped by an error; can be resumed.
    Failed,
    /// Not needed.
    Skipped,
}

impl StepState {
    /// Every state, for the gallery.
    pub const ALL: [Self; 5] = [Self::Done, Self::Skipped, Self::Running, Self::Failed, Self::Waiting];

    fn parts(self) -> (&'static str, &'static str, IconName) {
        match self {
            Self::Waiting => ("waiting", "Waiting", IconName::CircleDot),
            Self::Running => ("running", "Running", IconName::Refresh),
            Self::Done => ("done", "Done", IconName::CircleCheck),
            Self::Failed => ("failed", "Failed", IconName::CircleX),
            Self::Skipped => ("skipped", "Skipped", IconName::Ban),
        }
    }
}

/// One step of a job such as provisioning.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it does.
    pub label: String,
    /// How far it is.
    pub state: StepState,
    /// The cause of a failure, or a result.
    pub detail: OptText,
}

impl Step {
    /// A step without detail.
    pub fn new(label: impl Into<String>, state: StepState) -> Self {
        Self { label: label.into(), state, detail: OptText::default() }
    }

    /// The same step with a cause or a result.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<OptText>) -> Self {
        self.detail = detail.into();
        self
    }
}

/// The steps of a job in order, each with its state in words.
#[component]
pub fn Steps(
    /// The steps.
    steps: Vec<Step>,
    /// What the steps do together.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let steps = steps
        .into_iter()
        .map(|step| {
            let (name, word, icon) = step.state.parts();
            let current = (step.state == StepState::Running).then_some("step");
            view! {
                <li class=format!("step step-{name}") aria-current=current>
                    <Icon name=icon />
                    <span class="step-label">{step.label}</span>
                    <span class="step-state">{word}</span>
                    {step.detail.get().map(|detail| view! { <p class="step-detail">{detail}</p> })}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="steps" aria-label=label>{steps}</ol> }
}
