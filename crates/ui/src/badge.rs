//! Badges: a short state in words, with an icon so that colour is never alone.

use crate::{IconName, Markup, OptText, Tag, markup::tag, user_text};
use leptos::prelude::*;

/// What a state means, which decides colour and icon together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to say.
    #[default]
    Neutral,
    /// As it should be.
    Ok,
    /// Worth knowing.
    Info,
    /// Needs attention soon.
    Warn,
    /// Wrong, or destructive.
    Danger,
}

impl Tone {
    /// Every tone, for the gallery.
    pub const ALL: [Self; 5] = [Self::Neutral, Self::Ok, Self::Info, Self::Warn, Self::Danger];

    /// The suffix of class names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Ok => "ok",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Danger => "danger",
        }
    }

    /// The start of a badge in this tone.
    fn badge(self) -> Tag {
        match self {
            Self::Neutral => tag!("span", "class" = "badge badge-neutral"),
            Self::Ok => tag!("span", "class" = "badge badge-ok"),
            Self::Info => tag!("span", "class" = "badge badge-info"),
            Self::Warn => tag!("span", "class" = "badge badge-warn"),
            Self::Danger => tag!("span", "class" = "badge badge-danger"),
        }
    }

    /// The icon that says the same as the colour.
    pub fn icon(self) -> IconName {
        match self {
            Self::Neutral => IconName::CircleDot,
            Self::Ok => IconName::CircleCheck,
            Self::Info => IconName::Info,
            Self::Warn => IconName::AlertTriangle,
            Self::Danger => IconName::CircleX,
        }
    }
}

/// A word in a tone, for counts, kinds and environments.
#[component(transparent)]
pub fn Badge(
    /// The word.
    #[prop(into)]
    label: String,
    /// What it means.
    #[prop(optional)]
    tone: Tone,
    /// An icon in front; none by default.
    #[prop(optional)]
    icon: Option<IconName>,
) -> Markup {
    badge(&label, tone, icon)
}

/// [`Badge`] for markup.
pub fn badge(label: &str, tone: Tone, icon: Option<IconName>) -> Markup {
    tone.badge().child(icon.map(IconName::drawn)).text(label).into()
}

/// Tone and icon of the states the product has words for.
fn status(word: &str) -> (Tone, IconName) {
    match word {
        "active" | "isolated" | "passed" | "sent" | "done" | "healthy" | "verified" => {
            (Tone::Ok, IconName::CircleCheck)
        }
        "invited" | "pending" | "queued" => (Tone::Info, IconName::Mail),
        "provisioning" | "running" | "current" => (Tone::Info, IconName::Refresh),
        "suspended" | "paused" => (Tone::Warn, IconName::Pause),
        "expiring" | "degraded" | "attention" => (Tone::Warn, IconName::AlertTriangle),
        "expired" => (Tone::Neutral, IconName::Clock),
        "locked" => (Tone::Neutral, IconName::Lock),
        "removed" | "deprovisioned" | "revoked" => (Tone::Neutral, IconName::Ban),
        "deprovisioning" | "deleting" => (Tone::Warn, IconName::Trash),
        "exposed" => (Tone::Danger, IconName::ShieldAlert),
        "failed" | "denied" | "refused" => (Tone::Danger, IconName::CircleX),
        _ => (Tone::Neutral, IconName::CircleDot),
    }
}

/// The state of a thing: icon and word. Known words bring their own tone; `tone` overrides it.
#[component(transparent)]
pub fn StatusBadge(
    /// The state as stored, in lower case (`active`, `suspended`); underscores are shown as spaces.
    #[prop(into)]
    status: String,
    /// Overrides the tone and icon of the word.
    #[prop(optional)]
    tone: Option<Tone>,
) -> Markup {
    let (tone, icon) = tone.map_or_else(|| self::status(&status), |tone| (tone, tone.icon()));
    let word = sentence(&status);
    tone.badge().child(icon.drawn()).text(&word).into()
}

/// `pending_deletion` as a person reads it: "Pending deletion".
fn sentence(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars.map(|c| if c == '_' { ' ' } else { c })).collect()
    })
}

/// A value the person chose (a filter, a role), removable when there is a link for it.
#[component(transparent)]
pub fn Chip(
    /// The value, which may be user text.
    #[prop(into)]
    label: String,
    /// What kind of value, in front of it.
    #[prop(optional, into)]
    name: OptText,
    /// Where removing it leads.
    #[prop(optional, into)]
    remove_href: OptText,
) -> Markup {
    chip(&label, name.as_deref(), remove_href.as_deref())
}

/// [`Chip`] for markup.
pub(crate) fn chip(label: &str, name: Option<&str>, remove_href: Option<&str>) -> Markup {
    let remove = remove_href.map(|href| {
        let full = name.map_or_else(|| label.to_owned(), |name| format!("{name} {label}"));
        let link = Tag::new("a").class("chip-remove").attr("href", href);
        link.attr("aria-label", &format!("Remove {full}")).child(IconName::X.drawn())
    });
    let name = name.map(|name| Tag::new("span").class("chip-name").text(name));
    Tag::new("span").class("chip").child(name).child(user_text(label)).child(remove).into()
}
