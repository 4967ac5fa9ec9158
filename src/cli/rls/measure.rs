//! By what a database is measured: a profile from a file, from flags, or this product's own.

use std::path::{Path, PathBuf};

use bulkhead_domain::isolation::{
    foreign::{Profile, RuntimeRole, Scope},
    own_accepted_attacks, own_profile,
};
use bulkhead_model::isolation::Acceptance;

use crate::{cli::Failure, profile};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What it is measured by")]
#[group(skip)]
pub(super) struct Args {
    /// Profile (TOML); `bulkhead rls profile` drafts one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["own_profile", "runtime_role", "tenant_column", "org_setting", "org_function"])]
    profile: Option<PathBuf>,
    /// The profile of this product's own schema, for this installation's own database
    #[arg(long, conflicts_with_all = ["runtime_role", "tenant_column", "org_setting", "org_function"])]
    own_profile: bool,
    /// A role that serves requests of one organization at a time; repeatable
    #[arg(long, value_name = "NAME")]
    runtime_role: Vec<String>,
    /// The column that says whose a row is; repeatable, the preferred first
    #[arg(long, value_name = "NAME")]
    tenant_column: Vec<String>,
    /// The setting that says for whom a transaction acts, such as app.org_id
    #[arg(long, value_name = "NAME")]
    org_setting: Option<String>,
    /// A function without arguments that reads that setting, as schema.name; repeatable
    #[arg(long, value_name = "NAME")]
    org_function: Vec<String>,
}

/// A profile, and what a proof by it accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Measure {
    pub profile: Profile,
    pub accepted: Vec<Acceptance>,
    /// The file it came from, to which a code host can pin findings.
    pub file: Option<PathBuf>,
}

impl Args {
    pub(super) fn measure(&self) -> Result<Measure, Failure> {
        if let Some(path) = &self.profile {
            let (profile, accepted) = read(path)?;
            return Ok(Measure { profile, accepted, file: Some(path.clone()) });
        }
        if self.own_profile {
            return Ok(Measure { profile: own_profile(), accepted: own_accepted_attacks(), file: None });
        }
        let missing: Vec<&str> = [
            (self.runtime_role.is_empty(), "--runtime-role"),
            (self.tenant_column.is_empty(), "--tenant-column"),
            (self.org_setting.is_none(), "--org-setting"),
        ]
        .into_iter()
        .filter_map(|(missing, flag)| missing.then_some(flag))
        .collect();
        let (Some(org_setting), true) = (&self.org_setting, missing.is_empty()) else {
            return Err(Failure::usage(format!(
                "nothing says what to measure by: give --profile FILE (`bulkhead rls profile` drafts one), --own-profile \
                 for this installation's own database, or the missing {}",
                missing.join(", ")
            )));
        };
        let role = |name: &String| RuntimeRole { name: name.clone(), scope: Scope::Tenant };
        let runtime_roles = self.runtime_role.iter().map(role).collect();
        let measured = Profile::new(self.tenant_column.clone(), org_setting, self.org_function.clone());
        let profile = Profile { runtime_roles, ..measured };
        profile::check(&profile).map_err(Failure::usage)?;
        Ok(Measure { profile, accepted: Vec::new(), file: None })
    }
}

/// A profile from its file, and the leaks that a proof by it accepts.
fn read(path: &Path) -> Result<(Profile, Vec<Acceptance>), Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::refused(&format!("the profile {} cannot be read: {error}", path.display())))?;
    profile::parse(&text).map_err(|problem| Failure::refused(&format!("the profile {} {problem}", path.display())))
}
