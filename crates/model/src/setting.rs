//! Settings: typed values inherited from platform to plan to organization.

use crate::org::words;
use serde::{Deserialize, Serialize};

/// No plan keeps audit events for fewer days.
pub const RETENTION_MIN_DAYS: i64 = 90;

words! {
    /// Every setting there is.
    SettingKey {
        SessionIdleMinutes = "session.idle_minutes", "Sign out after inactivity";
        SessionLifetimeHours = "session.lifetime_hours", "Sign out after";
        PasswordMinLength = "password.min_length", "Shortest password";
        InvitationDays = "invitation.expiry_days", "Invitations stay open for";
        UsersMax = "users.max", "Most users";
        AuditRetentionDays = "audit.retention_days", "Keep audit events for";
        SignInNotice = "sign_in.notice", "Notice on the sign-in page";
        SupportEmail = "support.email", "Support address";
        InviteNotifyAdmins = "invitation.notify_admins", "Tell admins when someone joins";
    }
}

/// What a setting's value looks like and which values it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// A whole number with its bounds (inclusive) and unit.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
        /// What is counted.
        unit: &'static str,
    },
    /// Several lines of text of at most this many characters; empty means none.
    Text {
        /// Most characters.
        max: usize,
    },
    /// An e-mail address, or none.
    Email,
    /// On or off.
    Switch,
}

/// A checked value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SettingValue {
    /// Of [`SettingKind::Switch`].
    Switch(bool),
    /// Of [`SettingKind::Integer`].
    Integer(i64),
    /// Of [`SettingKind::Text`] and [`SettingKind::Email`].
    Text(String),
}

impl std::fmt::Display for SettingValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Switch(true) => f.write_str("on"),
            Self::Switch(false) => f.write_str("off"),
            Self::Integer(n) => n.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

words! {
    /// Where a value in force comes from, nearest last.
    SettingSource {
        Platform = "platform", "Platform";
        Plan = "plan", "Plan";
        Organization = "organization", "Organization";
    }
}

/// A setting in force for one organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Which.
    pub key: SettingKey,
    /// Its value in force.
    pub value: SettingValue,
    /// Who set it.
    pub source: SettingSource,
    /// What would be in force if the organization did not override it, and whose that is.
    pub inherited: (SettingValue, SettingSource),
    /// Version of the organization's override; 0 where there is none.
    pub version: i32,
}

impl SettingKey {
    /// Its type and bounds.
    pub const fn kind(self) -> SettingKind {
        match self {
            Self::SessionIdleMinutes => SettingKind::Integer { min: 5, max: 43_200, unit: "minutes" },
            Self::SessionLifetimeHours => SettingKind::Integer { min: 1, max: 2_160, unit: "hours" },
            // ASVS 6.2.1 and SP 800-63B-4 3.1.1.2: 15 where the password is the only factor.
            Self::PasswordMinLength => SettingKind::Integer { min: 15, max: 64, unit: "characters" },
            Self::InvitationDays => SettingKind::Integer { min: 1, max: 30, unit: "days" },
            Self::UsersMax => SettingKind::Integer { min: 1, max: 1_000_000, unit: "users" },
            // The database holds the least as well: app.expire_audit_events() deletes nothing younger.
            Self::AuditRetentionDays => SettingKind::Integer { min: RETENTION_MIN_DAYS, max: 3_650, unit: "days" },
            Self::SignInNotice => SettingKind::Text { max: 500 },
            Self::SupportEmail => SettingKind::Email,
            Self::InviteNotifyAdmins => SettingKind::Switch,
        }
    }

    /// The platform's built-in value, in force where nobody set another.
    pub fn default_value(self) -> SettingValue {
        match self {
            Self::SessionIdleMinutes => SettingValue::Integer(720),
            Self::SessionLifetimeHours => SettingValue::Integer(336),
            Self::PasswordMinLength => SettingValue::Integer(15),
            Self::InvitationDays => SettingValue::Integer(7),
            Self::UsersMax => SettingValue::Integer(50),
            Self::AuditRetentionDays => SettingValue::Integer(400),
            Self::SignInNotice | Self::SupportEmail => SettingValue::Text(String::new()),
            Self::InviteNotifyAdmins => SettingValue::Switch(false),
        }
    }

    /// What it does, for the person deciding.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::SessionIdleMinutes => "A session without a request for this long ends. Applies to new sessions.",
            Self::SessionLifetimeHours => "A session ends after this long, however active. Applies to new sessions.",
            Self::PasswordMinLength => {
                "Applies when a password is set or changed. Longer is the only rule that helps; complexity rules do not."
            }
            Self::InvitationDays => "An invitation link works once, within this time.",
            Self::UsersMax => "Invited, active and suspended users count. Set by the plan.",
            Self::AuditRetentionDays => "Older events are deleted for good, within a day or two. Set by the plan.",
            Self::SignInNotice => "Shown above the sign-in form of this organization to anyone who opens it.",
            Self::SupportEmail => "Shown to users where they need help from their own organization.",
            Self::InviteNotifyAdmins => "Mails every admin when an invitation is accepted.",
        }
    }

    /// Whether the organization itself may override it; what a plan sells stays the plan's.
    pub const fn overridable(self) -> bool {
        !matches!(self, Self::UsersMax | Self::AuditRetentionDays)
    }

    /// Reads what was typed or sent, or says what is wrong with it.
    pub fn parse(self, text: &str) -> Result<SettingValue, String> {
        match self.kind() {
            SettingKind::Integer { min, max, unit } => text
                .trim()
                .parse::<i64>()
                .ok()
                .filter(|n| (min..=max).contains(n))
                .map(SettingValue::Integer)
                .ok_or_else(|| format!("Enter a whole number of {unit} from {min} to {max}.")),
            SettingKind::Text { max } => {
                let text = text.replace("\r\n", "\n").trim().to_owned();
                if text.chars().count() > max {
                    return Err(format!("At most {max} characters."));
                }
                if text.chars().any(|c| c != '\n' && crate::text::is_deceptive(c)) {
                    return Err("Contains invisible or control characters.".to_owned());
                }
                Ok(SettingValue::Text(text))
            }
            SettingKind::Email if text.trim().is_empty() => Ok(SettingValue::Text(String::new())),
            SettingKind::Email => crate::Email::parse(text)
                .map(|email| SettingValue::Text(email.into()))
                .map_err(|error| error.to_string()),
            SettingKind::Switch => match text.trim() {
                "on" | "true" => Ok(SettingValue::Switch(true)),
                "off" | "false" | "" => Ok(SettingValue::Switch(false)),
                _ => Err("Choose on or off.".to_owned()),
            },
        }
    }

    /// Whether a stored value still fits the setting's type and bounds.
    pub fn accepts(self, value: &SettingValue) -> bool {
        self.parse(&value.to_string()).as_ref() == Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_acceptable() {
        for key in SettingKey::ALL {
            assert!(key.accepts(&key.default_value()), "{key}");
        }
    }

    #[test]
    fn values_out_of_bounds_or_of_another_type_are_refused() {
        assert!(SettingKey::PasswordMinLength.parse("8").is_err());
        assert!(SettingKey::SessionIdleMinutes.parse("many").is_err());
        assert!(SettingKey::SessionIdleMinutes.parse("99999999999999999999").is_err());
        assert!(SettingKey::SupportEmail.parse("nobody").is_err());
        assert!(SettingKey::SignInNotice.parse("a\u{202E}b").is_err());
        assert!(!SettingKey::SessionIdleMinutes.accepts(&SettingValue::Text("60".into())));
    }
}
