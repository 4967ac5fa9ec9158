//! Settings in the words of the person who decides about them.

use bulkhead_model::setting::{Setting, SettingKey, SettingKind, SettingSource, SettingValue};
use bulkhead_ui::{number, visible};

/// A part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    General,
    SignIn,
    Users,
    Audit,
}

impl Section {
    /// In the order of the page.
    pub const ALL: [Self; 4] = [Self::General, Self::SignIn, Self::Users, Self::Audit];

    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::General => "General",
            Self::SignIn => "Sign-in and sessions",
            Self::Users => "Users",
            Self::Audit => "Audit log",
        }
    }

    /// Where a setting is found. Without a wildcard: a new setting asks here where it belongs.
    pub const fn of(key: SettingKey) -> Self {
        match key {
            SettingKey::SupportEmail => Self::General,
            SettingKey::SessionIdleMinutes
            | SettingKey::SessionLifetimeHours
            | SettingKey::PasswordMinLength
            | SettingKey::SignInNotice => Self::SignIn,
            SettingKey::InvitationDays | SettingKey::UsersMax | SettingKey::InviteNotifyAdmins => Self::Users,
            SettingKey::AuditRetentionDays => Self::Audit,
        }
    }
}

/// "720 minutes (12 hours)", "On", "None", or the text itself.
pub fn value(key: SettingKey, value: &SettingValue) -> String {
    match (value, key.kind()) {
        (SettingValue::Switch(true), _) => "On".to_owned(),
        (SettingValue::Switch(false), _) => "Off".to_owned(),
        (SettingValue::Text(text), _) if text.is_empty() => "None".to_owned(),
        (SettingValue::Text(text), _) => visible(text),
        (SettingValue::Integer(n), SettingKind::Integer { unit, .. }) => match larger(*n, unit) {
            Some(larger) => format!("{} ({larger})", amount(*n, unit)),
            None => amount(*n, unit),
        },
        (SettingValue::Integer(n), _) => n.to_string(),
    }
}

/// "Inherited from platform: 50 users" or "Set here. Without that: 50 users, from plan".
pub fn source(setting: &Setting) -> String {
    let (inherited, from) = &setting.inherited;
    let from = from.label().to_lowercase();
    match setting.source {
        SettingSource::Organization => {
            format!("Set here. The {from} has: {}.", value(setting.key, inherited))
        }
        _ => format!("Inherited from {from}: {}.", value(setting.key, &setting.value)),
    }
}

/// What it does and which values it takes.
pub fn hint(key: SettingKey) -> String {
    match key.kind() {
        SettingKind::Integer { min, max, unit } => {
            let most = larger(max, unit).map(|larger| format!(" ({larger})")).unwrap_or_default();
            format!("{} From {} to {}{most}.", key.explanation(), number_of(min), amount(max, unit))
        }
        SettingKind::Text { max } => {
            format!("{} At most {max} characters; leave it empty for none.", key.explanation())
        }
        SettingKind::Email => format!("{} Leave it empty for none.", key.explanation()),
        SettingKind::Switch => key.explanation().to_owned(),
    }
}

/// The label of its control, with the unit typed numbers are in.
pub fn label(key: SettingKey) -> String {
    match key.kind() {
        SettingKind::Integer { unit, .. } => format!("{} ({unit})", key.label()),
        _ => key.label().to_owned(),
    }
}

fn number_of(n: i64) -> String {
    number(u64::try_from(n).unwrap_or_default())
}

fn amount(n: i64, unit: &str) -> String {
    let unit = if n == 1 { unit.trim_end_matches('s') } else { unit };
    format!("{} {unit}", number_of(n))
}

/// The same span in a larger unit, where it is a whole number of them.
fn larger(n: i64, unit: &str) -> Option<String> {
    match unit {
        "minutes" if n >= 1_440 && n % 1_440 == 0 => Some(amount(n / 1_440, "days")),
        "minutes" if n >= 60 && n % 60 == 0 => Some(amount(n / 60, "hours")),
        "hours" if n >= 24 && n % 24 == 0 => Some(amount(n / 24, "days")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(own: Option<i64>) -> Setting {
        let inherited = (SettingValue::Integer(720), SettingSource::Platform);
        Setting {
            key: SettingKey::SessionIdleMinutes,
            value: SettingValue::Integer(own.unwrap_or(720)),
            source: if own.is_some() { SettingSource::Organization } else { SettingSource::Platform },
            inherited,
            version: i32::from(own.is_some()),
        }
    }

    #[test]
    fn values_come_with_their_unit() {
        let minutes = |n| value(SettingKey::SessionIdleMinutes, &SettingValue::Integer(n));
        assert_eq!(minutes(45), "45 minutes");
        assert_eq!(minutes(60), "60 minutes (1 hour)");
        assert_eq!(minutes(43_200), "43,200 minutes (30 days)");
        assert_eq!(value(SettingKey::InvitationDays, &SettingValue::Integer(1)), "1 day");
        assert_eq!(value(SettingKey::SupportEmail, &SettingValue::Text(String::new())), "None");
        assert_eq!(value(SettingKey::InviteNotifyAdmins, &SettingValue::Switch(true)), "On");
    }

    #[test]
    fn the_source_says_what_would_be_without_it() {
        assert_eq!(source(&setting(None)), "Inherited from platform: 720 minutes (12 hours).");
        assert_eq!(source(&setting(Some(30))), "Set here. The platform has: 720 minutes (12 hours).");
    }

    #[test]
    fn every_section_has_a_setting() {
        for section in Section::ALL {
            assert!(SettingKey::ALL.iter().any(|key| Section::of(*key) == section), "{section:?}");
        }
    }
}
