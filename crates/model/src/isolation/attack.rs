//! The attacks of a proof. Their codes are stable: they stand in signed files, in alerts and in scripts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares the attacks once: variant, code, title, and what a leak means.
macro_rules! attacks {
    ($($variant:ident = $code:literal, $title:literal, $meaning:literal;)+) => {
        /// One way of reaching for another organization's rows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Attack {
            $(#[doc = $meaning] #[serde(rename = $code)] $variant,)+
        }

        impl Attack {
            /// Every attack, in the order of a proof.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code, as files and scripts have it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// As a column of the matrix says it.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// What it means when it succeeds, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

attacks! {
    SelectOwn = "select_own", "Read, in its own organization", "With its own organization's context the role reads rows of another.";
    SelectMissing = "select_missing", "Read, without a context", "Before any context was set on a connection the role reads rows.";
    SelectEmpty = "select_empty", "Read, with an empty context", "With an empty context the role reads rows.";
    SelectGarbage = "select_garbage", "Read, with a senseless context", "With a context that names nobody the role reads rows.";
    SelectOther = "select_other", "Read, the other way round", "In the other organization's context the role reads rows of the first.";
    SelectUnowned = "select_unowned", "Read rows of nobody", "A row whose tenant column is NULL is visible to every organization.";
    InsertOwn = "insert_own", "Insert for another organization", "The role makes a row that belongs to another organization.";
    InsertMissing = "insert_missing", "Insert, without a context", "Without a context the role makes rows.";
    InsertEmpty = "insert_empty", "Insert, with an empty context", "With an empty context the role makes rows.";
    InsertGarbage = "insert_garbage", "Insert, with a senseless context", "With a context that names nobody the role makes rows.";
    InsertOther = "insert_other", "Insert, the other way round", "In the other organization's context the role makes a row of the first.";
    UpdateOwn = "update_own", "Change, in its own organization", "With its own organization's context the role changes rows of another.";
    UpdateMissing = "update_missing", "Change, without a context", "Without a context the role changes rows.";
    UpdateEmpty = "update_empty", "Change, with an empty context", "With an empty context the role changes rows.";
    UpdateGarbage = "update_garbage", "Change, with a senseless context", "With a context that names nobody the role changes rows.";
    UpdateOther = "update_other", "Change, the other way round", "In the other organization's context the role changes rows of the first.";
    DeleteOwn = "delete_own", "Delete, in its own organization", "With its own organization's context the role deletes rows of another.";
    DeleteMissing = "delete_missing", "Delete, without a context", "Without a context the role deletes rows.";
    DeleteEmpty = "delete_empty", "Delete, with an empty context", "With an empty context the role deletes rows.";
    DeleteGarbage = "delete_garbage", "Delete, with a senseless context", "With a context that names nobody the role deletes rows.";
    DeleteOther = "delete_other", "Delete, the other way round", "In the other organization's context the role deletes rows of the first.";
    Move = "move", "Move a row away", "The role gives a row of its own organization to another one.";
    ForeignKey = "foreign_key", "Point at another's row", "A row of the role's organization refers to a row of another one.";
    UniqueProbe = "unique_probe", "Ask a unique key", "A duplicate-key error tells that another organization has this value.";
    OnConflict = "on_conflict", "Ask ON CONFLICT", "The number of inserted rows tells that another organization has this value.";
    StalePool = "stale_pool", "Reuse a connection", "A context set for a committed transaction is still in force in the next one.";
    CancelledTransaction = "cancelled_transaction", "Reuse after a failure", "A context set for a failed transaction is still in force in the next one.";
    Savepoint = "savepoint", "Roll back to a savepoint", "A context taken back by ROLLBACK TO is still in force.";
    Prepared = "prepared", "Reuse a prepared statement", "A statement prepared in one organization's context answers with its rows in another's.";
    OtherSettings = "other_settings", "Change other settings", "A setting that any SQL can change opens the rows of other organizations.";
    RowSecurityOff = "row_security_off", "Switch row security off", "With row_security off the role reads rows of other organizations.";
    ErrorOracle = "error_oracle", "Provoke an error", "An error raised from another organization's row tells what is in it.";
    TimingOracle = "timing_oracle", "Measure the time", "A predicate of the role's own is run on another organization's row, so the time tells what is in it.";
    Statistics = "statistics", "Read the statistics", "The planner's statistics show values of another organization.";
    CopyTo = "copy_to", "COPY out", "COPY TO hands out rows of another organization.";
    CopyFrom = "copy_from", "COPY in", "COPY FROM makes rows of another organization.";
    Truncate = "truncate", "TRUNCATE", "The role empties the table for every organization.";
    DisableProtection = "disable_protection", "Lift the protection", "The role can switch the table's row-level security off.";
    View = "view", "Read through a view", "A view shows rows of another organization.";
    MaterializedView = "materialized_view", "Read a materialized view", "A materialized view, to which no policy applies, shows rows of another organization.";
    Function = "function", "Call a function", "A function answers with data of another organization.";
    Influence = "influence", "Compare answers", "The answer of a view or function changes when another organization's rows are gone.";
    Sequence = "sequence", "Read a sequence", "A counter shared by all organizations tells how much they write.";
    Notification = "notification", "Listen", "A notification carries data of another organization to whoever listens.";
    DefaultContext = "default_context", "Context without anyone saying so", "Without a context the function that policies ask names an organization all the same.";
    SetRole = "set_role", "SET ROLE", "The role can become one that policies do not bind, or another that serves requests.";
    ResetRole = "reset_role", "RESET ROLE", "Behind the role stands a stronger one, to which RESET ROLE leads.";
    SessionAuthorization = "session_authorization", "SET SESSION AUTHORIZATION", "The session can take another role's identity.";
}

impl fmt::Display for Attack {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

// By hand: the derive does not see codes that came through the macro above.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Attack {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .enum_values(Some(Self::ALL.iter().map(|attack| attack.code())))
            .description(Some("One way of reaching for another organization's rows."))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Attack {
    fn name() -> std::borrow::Cow<'static, str> {
        "Attack".into()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn codes_are_what_files_hold_and_each_is_used_once() {
        let mut codes: Vec<_> = Attack::ALL.iter().map(|attack| attack.code()).collect();
        for attack in Attack::ALL {
            assert_eq!(serde_json::to_string(attack).unwrap(), format!("\"{attack}\""));
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Attack::ALL.len());
    }
}
