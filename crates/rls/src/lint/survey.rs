//! What the rules ask of a catalogue, prepared once: relations and roles by name, and who can act as whom.

use std::collections::{HashMap, HashSet};

use bulkhead_model::isolation::{Catalogue, GrantFacts, PolicyCommand, RelationKind, RoleFacts, TableFacts};

use super::PUBLIC;
use crate::{Profile, Scope};

/// A catalogue and the profile it is measured by.
pub(super) struct Survey<'a> {
    pub catalogue: &'a Catalogue,
    pub profile: &'a Profile,
    /// Everybody that a runtime role can act as, itself first.
    pub identities: Vec<Identity<'a>>,
    tables: HashMap<String, &'a TableFacts>,
    roles: HashMap<&'a str, &'a RoleFacts>,
    shared: HashMap<&'a str, &'a str>,
    /// Relations that hold, or show, rows of organizations.
    tenancy: HashSet<String>,
}

/// A runtime role as itself, or as a role that `SET ROLE` makes of it.
#[derive(Debug)]
pub(super) struct Identity<'a> {
    /// Who it becomes.
    pub name: &'a str,
    /// Whose rows it is meant to reach.
    pub scope: Scope,
    /// Whose grants and permissive policies count for it: its own, everybody's, and those it inherits.
    rights: HashSet<&'a str>,
}

impl Identity<'_> {
    /// Whether what is granted to `role` counts for it.
    pub fn has(&self, role: &str) -> bool {
        self.rights.contains(role)
    }
}

impl<'a> Survey<'a> {
    pub fn new(catalogue: &'a Catalogue, profile: &'a Profile) -> Self {
        let roles: HashMap<_, _> = catalogue.roles.iter().map(|role| (role.name.as_str(), role)).collect();
        let tables: HashMap<_, _> = catalogue.tables.iter().map(|facts| (facts.qualified(), facts)).collect();
        let shared: HashMap<_, _> =
            profile.shared_by_design.iter().map(|(table, why)| (table.as_str(), why.as_str())).collect();
        let mut survey = Self {
            identities: identities(profile, &roles),
            tenancy: HashSet::new(),
            catalogue,
            profile,
            tables,
            roles,
            shared,
        };
        survey.tenancy = survey.find_tenancy();
        survey
    }

    pub fn table(&self, qualified: &str) -> Option<&'a TableFacts> {
        self.tables.get(qualified).copied()
    }

    pub fn role(&self, name: &str) -> Option<&'a RoleFacts> {
        self.roles.get(name).copied()
    }

    /// Why the relation holds nothing of any organization, where the profile says so.
    pub fn shared(&self, facts: &TableFacts) -> Option<&'a str> {
        self.shared.get(facts.qualified().as_str()).copied()
    }

    /// Whether a relation holds, or shows, rows of organizations, as far as it cannot be excluded.
    pub fn holds_tenants(&self, qualified: &str) -> bool {
        self.tenancy.contains(qualified)
    }

    /// Whether the relation is the list of organizations itself.
    pub fn is_root(&self, facts: &TableFacts) -> bool {
        self.profile.root.as_ref().is_some_and(|root| root.table == facts.qualified())
    }

    /// Who reaches the relation at all, with the grants that let them.
    pub fn reach(&self, facts: &'a TableFacts) -> Vec<(&Identity<'a>, &'a GrantFacts)> {
        self.identities
            .iter()
            .flat_map(|identity| {
                facts.grants.iter().filter(|grant| identity.has(&grant.role)).map(move |grant| (identity, grant))
            })
            .collect()
    }

    /// Whether an identity may run a statement on the relation, on any of its columns.
    pub fn may(&self, identity: &Identity<'_>, facts: &TableFacts, command: PolicyCommand) -> bool {
        facts.grants.iter().any(|grant| identity.has(&grant.role) && grant.holds(command.as_sql()))
    }

    /// Whether an identity may write a column by this statement.
    pub fn may_write(&self, identity: &Identity<'_>, facts: &TableFacts, privilege: &str, column: &str) -> bool {
        facts.grants.iter().filter(|grant| identity.has(&grant.role)).any(|grant| {
            grant.privileges.iter().any(|held| held == privilege)
                || grant
                    .columns
                    .iter()
                    .any(|right| right.privilege == privilege && right.columns.iter().any(|name| name == column))
        })
    }

    /// Tables are taken to hold rows of organizations unless the profile says otherwise; views where one of what they
    /// read does. Each relation is visited once, however views stand on each other.
    fn find_tenancy(&self) -> HashSet<String> {
        let mut readers: HashMap<&str, Vec<&TableFacts>> = HashMap::new();
        let mut found = HashSet::new();
        let mut waiting = Vec::new();
        for facts in &self.catalogue.tables {
            let is_view = matches!(facts.kind, RelationKind::View | RelationKind::MaterializedView);
            for read in facts.reads.iter().filter(|_| is_view) {
                readers.entry(read).or_default().push(facts);
            }
            // A view that reads no relation shows what a function answers.
            let holds = if is_view { facts.reads.is_empty() && facts.tenant_column.is_some() } else { true };
            if holds && self.shared(facts).is_none() && found.insert(facts.qualified()) {
                waiting.push(facts.qualified());
            }
        }
        while let Some(name) = waiting.pop() {
            for reader in readers.get(name.as_str()).into_iter().flatten() {
                if self.shared(reader).is_none() && found.insert(reader.qualified()) {
                    waiting.push(reader.qualified());
                }
            }
        }
        found
    }
}

fn identities<'a>(profile: &'a Profile, roles: &HashMap<&'a str, &'a RoleFacts>) -> Vec<Identity<'a>> {
    profile
        .runtime_roles
        .iter()
        .flat_map(|runtime| {
            let memberships =
                roles.get(runtime.name.as_str()).map(|role| role.member_of.as_slice()).unwrap_or_default();
            std::iter::once(runtime.name.as_str())
                // A role that no policy binds is a finding of its own; about it policies say nothing.
                .chain(memberships.iter().map(String::as_str).filter(|name| {
                    !profile.is_runtime(name) && roles.get(name).is_none_or(|role| !role.superuser && !role.bypass_rls)
                }))
                .map(|name| Identity { name, scope: runtime.scope, rights: rights(name, roles) })
        })
        .collect()
}

fn rights<'a>(name: &'a str, roles: &HashMap<&'a str, &'a RoleFacts>) -> HashSet<&'a str> {
    let inherited = roles.get(name).filter(|role| role.inherit).map(|role| role.member_of.as_slice());
    [name, PUBLIC].into_iter().chain(inherited.unwrap_or_default().iter().map(String::as_str)).collect()
}
