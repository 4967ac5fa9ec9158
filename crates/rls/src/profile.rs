//! What has to be known about a database besides its catalogue: who serves requests, and how it says for whom.

use bulkhead_model::isolation::{Code, Finding};
use serde::{Deserialize, Serialize};

/// How one database keeps its organizations apart, as its owner declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The roles that serve requests.
    pub runtime_roles: Vec<RuntimeRole>,
    /// Names of the column that says whose a row is, the preferred first.
    pub tenant_columns: Vec<String>,
    /// The table of the organizations themselves, where its own key says whose a row is.
    pub root: Option<RootTable>,
    /// How a transaction says for whom it acts.
    pub context: Context,
    /// Tables that hold no organization's data, as `schema.name`, each with the reason it may be shared.
    pub shared_by_design: Vec<(String, String)>,
    /// Findings that somebody looked at and answers for.
    #[serde(default)]
    pub accepted: Vec<Accepted>,
}

/// A finding that somebody looked at and answers for. It is not reported; once it is gone, the entry itself is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// What is accepted.
    pub code: Code,
    /// Of what, as a finding names its object: `public.users/users_email_key`, `app.enter(bytea, text)`.
    pub object: String,
    /// Why it is right here.
    pub reason: String,
}

impl Accepted {
    /// Whether it is about this finding.
    #[must_use]
    pub fn covers(&self, finding: &Finding) -> bool {
        self.code == finding.code && self.object == finding.object.to_string()
    }
}

/// A role that serves requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuntimeRole {
    /// Its name.
    pub name: String,
    /// Whose rows it is meant to reach.
    pub scope: Scope,
}

/// Whose rows a runtime role is meant to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One organization's: every policy for it must compare the tenant column.
    Tenant,
    /// Every organization's, when acting for an operator: a policy must compare the tenant column or require an operator.
    Platform,
}

/// The table of the organizations themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootTable {
    /// As `schema.name`.
    pub table: String,
    /// Its key.
    pub column: String,
}

/// How a transaction says for whom it acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// The setting that names the organization, such as `app.org_id`.
    pub org_setting: String,
    /// Functions without arguments that read it, as `schema.name`.
    pub org_functions: Vec<String>,
    /// The setting that names an operator, where there are any.
    pub operator_setting: Option<String>,
    /// Functions without arguments that read that, as `schema.name`.
    pub operator_functions: Vec<String>,
}

impl Profile {
    /// One whose tables say by these columns whose a row is, and whose transactions name the organization in this setting,
    /// which these functions read. It knows of no role, no operator and nothing shared.
    #[must_use]
    pub fn new(tenant_columns: Vec<String>, org_setting: impl Into<String>, org_functions: Vec<String>) -> Self {
        Self {
            runtime_roles: Vec::new(),
            tenant_columns,
            root: None,
            context: Context {
                org_setting: org_setting.into(),
                org_functions,
                operator_setting: None,
                operator_functions: Vec::new(),
            },
            shared_by_design: Vec::new(),
            accepted: Vec::new(),
        }
    }

    /// Whether a role serves requests.
    #[must_use]
    pub fn is_runtime(&self, role: &str) -> bool {
        self.runtime_roles.iter().any(|runtime| runtime.name == role)
    }
}
