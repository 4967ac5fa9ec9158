//! What each reason code means and what to do about it, for `docs/reason-codes.md`.

use crate::decision::ReasonCode;

impl ReasonCode {
    /// What was found, beyond its sentence.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Granted => {
                "A line of a role that counts now allows it, its condition holds, and no line that counts denies it."
            }
            Self::Denied => {
                "A line that denies counts now and its condition holds. It wins over every line that allows."
            }
            Self::DenyUnclear => {
                "A line that denies counts now, and something its condition asks for is not known, such as the client's \
                 address. What cannot be known denies."
            }
            Self::ConditionFalse => "A line allows it, and its condition does not hold for this request.",
            Self::ConditionUnclear => {
                "A line allows it, and something its condition asks for is not known, such as an attribute of the \
                 resource. What cannot be known never allows."
            }
            Self::OtherWorkspace => "The role counts in one workspace, and this is about another one or about none.",
            Self::NotYet => "The role was given from a later moment on.",
            Self::Expired => "The role was given until a moment that has passed.",
            Self::NotGranted => "None of the roles held says anything about the permission, itself or by inheritance.",
            Self::NoRole => "There is no role to decide by. Users of the console always hold a built-in one.",
            Self::RoleUnknown => {
                "One of the roles held is not among the organization's. What it would have denied is not known, so \
                 nothing is allowed."
            }
            Self::PermissionUnknown => "The name is not registered. It may be misspelt, or of another version.",
            Self::SubjectUnknown => {
                "Nobody of the caller's organization has this id. Another organization's user is the same to it."
            }
            Self::SubjectInactive => "Whoever cannot sign in may do nothing, whatever roles they hold.",
            Self::AttributeUnknown => {
                "The question says something about the resource that is not registered for its type, or is not of the kind \
                 that is. What is misspelt could not be denied by, so nothing is allowed."
            }
            Self::NotPlatform => {
                "Permissions of `platform` and `platform.*` exist in the platform organization only, whatever a role says."
            }
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Granted => "Nothing. To take it away, look which line allows it.",
            Self::Denied => "Take the role away, or take the denying line out of it.",
            Self::DenyUnclear => "Ask again with what the condition needs, or take the role away.",
            Self::ConditionFalse => {
                "Ask under the circumstances that the condition names, or give a role that allows it always."
            }
            Self::ConditionUnclear => {
                "Ask again with what the condition needs, or give a role that allows it without this condition."
            }
            Self::OtherWorkspace => "Give the role for this workspace, or for the whole organization.",
            Self::NotYet => "Wait, or give the role from an earlier moment on.",
            Self::Expired => "Give the role again, with a later end or none.",
            Self::NotGranted => "Give a role that allows it.",
            Self::NoRole => "Give a role.",
            Self::RoleUnknown => "Take the role away and give one that exists. Report it: this is a defect.",
            Self::PermissionUnknown => "Compare the name with `GET /api/v1/permissions`.",
            Self::SubjectUnknown => "Ask with the id of a user, as `GET /api/v1/users` lists it.",
            Self::SubjectInactive => "Reactivate them, or wait until they have accepted.",
            Self::AttributeUnknown => {
                "Compare with the type in `GET /api/v1/resource-types`, or leave the attribute out."
            }
            Self::NotPlatform => "Nothing: no role of this organization can ever allow it.",
        }
    }
}

/// Every code with its sentence, meaning and remedy as Markdown, for `docs/reason-codes.md`.
#[must_use]
pub fn reason_codes_markdown() -> String {
    let mut text = String::from(
        "# Reason codes\n\nWhy a decision about a permission came out as it did, as the API, the console and the audit log \
         write it. Printed from `crates/authz` by `script/gen`. A code is never renamed or reused; the sentences are for \
         people and may change.\n\n| code | in a sentence | what it means | what to do |\n|---|---|---|---|",
    );
    for code in ReasonCode::ALL {
        let (word, sentence, meaning, advice) = (code.code(), code.sentence(), code.meaning(), code.advice());
        text.push_str(&format!("\n| `{word}` | {sentence} | {meaning} | {advice} |"));
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_line_of_four_cells() {
        let text = reason_codes_markdown();
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(lines.len(), ReasonCode::ALL.len());
        for (line, code) in lines.iter().zip(ReasonCode::ALL) {
            assert_eq!(line.matches(" | ").count(), 3, "{line}");
            assert!(line.starts_with(&format!("| `{}` |", code.code())), "{line}");
        }
    }
}
