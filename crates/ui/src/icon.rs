//! Icons: one sprite, `public/icons.svg`, drawn for a 16 px grid with a 1.5 px stroke.

use crate::{Markup, Tag};
use leptos::prelude::*;

macro_rules! icons {
    ($($name:ident => $id:literal),+ $(,)?) => {
        /// The name of an icon in the sprite.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "an icon's name is its documentation; the gallery shows them")]
        pub enum IconName { $($name),+ }

        impl IconName {
            /// Every icon, for the gallery and for the test that the sprite has them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The id of its symbol in the sprite.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }

            /// The whole element, as [`Icon`] draws it without extra classes. Nothing in it ever changes.
            pub fn drawn(self) -> Markup {
                Markup::constant(match self {
                    $(Self::$name => concat!(
                        "<svg class=\"icon\" aria-hidden=\"true\" width=\"16\" height=\"16\" focusable=\"false\">",
                        "<use href=\"/icons.svg#", $id, "\"></use></svg>",
                    )),+
                })
            }
        }
    };
}

icons! {
    Activity => "activity", AlertTriangle => "alert-triangle", ArrowDown => "arrow-down",
    ArrowLeft => "arrow-left", ArrowRight => "arrow-right", ArrowUp => "arrow-up",
    Ban => "ban", Building => "building", Check => "check", ChevronDown => "chevron-down",
    ChevronRight => "chevron-right", CircleCheck => "circle-check", CircleDot => "circle-dot",
    CircleX => "circle-x", Clock => "clock", Copy => "copy", Database => "database",
    Download => "download", Edit => "edit", External => "external", Eye => "eye",
    Filter => "filter", Flag => "flag", Globe => "globe", Help => "help", Home => "home",
    Info => "info", Key => "key", Layers => "layers", Link => "link", List => "list",
    Lock => "lock", Mail => "mail", Menu => "menu", Monitor => "monitor", Moon => "moon",
    More => "more", Pause => "pause", Play => "play", Plus => "plus", Refresh => "refresh",
    Rows => "rows", Search => "search", Settings => "settings", Shield => "shield",
    ShieldAlert => "shield-alert", ShieldCheck => "shield-check", SignOut => "sign-out",
    Sort => "sort", Sun => "sun", Terminal => "terminal", Trash => "trash", Undo => "undo",
    User => "user", UserPlus => "user-plus", Users => "users", X => "x",
}

/// An icon. Decorative: the word beside it carries the meaning.
#[component(transparent)]
pub fn Icon(
    /// Which one.
    name: IconName,
    /// Extra classes.
    #[prop(optional, into)]
    class: String,
) -> Markup {
    if class.is_empty() { name.drawn() } else { icon(name, &class) }
}

/// An icon with classes of its own.
pub(crate) fn icon(name: IconName, class: &str) -> Markup {
    let svg = Tag::new("svg").class(&format!("icon {class}")).attr("aria-hidden", "true");
    let svg = svg.attr("width", "16").attr("height", "16").attr("focusable", "false");
    svg.child(Tag::new("use").attr("href", &format!("/icons.svg#{}", name.id()))).into()
}
