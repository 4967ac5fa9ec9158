//! What a person chose about how pages look. Stored in cookies by the server, so that the first
//! byte of a page already has it.

use std::str::FromStr;

/// The colour theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Whatever the operating system asks for.
    #[default]
    System,
    /// Light, whatever the system asks for.
    Light,
    /// Dark, whatever the system asks for.
    Dark,
}

impl Theme {
    /// Every theme, in the order the menu shows them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value in the cookie, the form and `data-theme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The word in the menu.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// The value of `<meta name="color-scheme">`.
    pub fn color_scheme(self) -> &'static str {
        match self {
            Self::System => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl FromStr for Theme {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text).ok_or(())
    }
}

/// How tall rows and controls are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Density {
    /// Rows of 32 px.
    Compact,
    /// Rows of 40 px.
    #[default]
    Default,
    /// Rows of 48 px.
    Relaxed,
}

impl Density {
    /// Every density, in the order the menu shows them.
    pub const ALL: [Self; 3] = [Self::Compact, Self::Default, Self::Relaxed];

    /// The value in the cookie, the form and `data-density`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Default => "default",
            Self::Relaxed => "relaxed",
        }
    }

    /// The word in the menu.
    pub fn label(self) -> &'static str {
        match self {
            Self::Compact => "Compact",
            Self::Default => "Default",
            Self::Relaxed => "Relaxed",
        }
    }
}

impl FromStr for Density {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|density| density.as_str() == text).ok_or(())
    }
}
