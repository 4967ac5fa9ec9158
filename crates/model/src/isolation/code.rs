//! The codes of findings: stable, so that a pipeline, a search and an accepted risk can name one.

use super::Severity;
use crate::org::words;

words! {
    /// What can be wrong. `docs/rls-lint.md` says of each what it means, why it matters and how it is repaired.
    Code {
        /// Row-level security is off on a table that a runtime role reaches.
        RlsOff = "rls-off", "Row-level security is off";
        /// Row-level security does not bind the owner.
        RlsNotForced = "rls-not-forced", "Row-level security is not forced";
        /// A runtime role owns the relation.
        OwnedByRuntime = "owned-by-runtime", "Owned by a role that serves requests";
        /// A runtime role is a superuser.
        RuntimeSuperuser = "runtime-superuser", "A role that serves requests is a superuser";
        /// A runtime role has BYPASSRLS.
        RuntimeBypassesRls = "runtime-bypasses-rls", "A role that serves requests bypasses policies";
        /// A runtime role is a member of a role that policies do not bind.
        RuntimeMemberOfStronger = "runtime-member-of-stronger", "A role that serves requests can become a stronger one";
        /// A runtime role is a member of a role that owns tables of organizations.
        RuntimeMemberOfOwner = "runtime-member-of-owner", "A role that serves requests can become an owner";
        /// A runtime role may read what other sessions run, or statistics of every table.
        RuntimeReadsStatistics = "runtime-reads-statistics", "A role that serves requests reads statistics";
        /// The profile names a role that the server does not have.
        RuntimeRoleMissing = "runtime-role-missing", "A role that serves requests was not found";
        /// Everybody holds a right on the relation.
        GrantedToPublic = "granted-to-public", "Granted to everybody";
        /// TRUNCATE, REFERENCES or TRIGGER is granted, which no policy restrains.
        UnrestrainedPrivilege = "unrestrained-privilege", "A right that policies do not restrain";
        /// A runtime role may create objects in a schema.
        SchemaCreateGranted = "schema-create-granted", "A role that serves requests may create objects";
        /// Nothing says whose a row is.
        NoTenantColumn = "no-tenant-column", "No tenant column";
        /// A row may belong to nobody.
        TenantColumnNullable = "tenant-column-nullable", "The tenant column may be NULL";
        /// A row can be moved to another organization.
        TenantColumnMutable = "tenant-column-mutable", "The tenant column can be changed";
        /// Inserts have to name the organization.
        TenantColumnWithoutDefault = "tenant-column-without-default", "The tenant column has no default";
        /// No index starts with the tenant column.
        TenantIndexMissing = "tenant-index-missing", "No index starts with the tenant column";
        /// A permissive policy lets rows past the tenant column.
        PolicyIgnoresTenant = "policy-ignores-tenant", "A policy ignores the tenant column";
        /// A permissive policy admits every row, by its text.
        PolicyAlwaysTrue = "policy-always-true", "A policy is always true";
        /// WITH CHECK admits rows that USING would not.
        WithCheckLooser = "with-check-looser", "WITH CHECK is looser than USING";
        /// A policy that decides what may be written has no WITH CHECK.
        MissingWithCheck = "missing-with-check", "WITH CHECK is missing";
        /// PostgreSQL evaluated a policy to true for another organization's row.
        PolicyAdmitsOthers = "policy-admits-others", "A policy admits another organization’s row";
        /// PostgreSQL evaluated a policy to true with no organization, an empty or a meaningless one in the context.
        PolicyAdmitsWithoutContext = "policy-admits-without-context", "A policy admits rows without a context";
        /// A policy, or something that it needs, could not be evaluated.
        PolicyNotSeen = "policy-not-seen", "A policy was not seen";
        /// A policy is for everybody.
        PolicyToPublic = "policy-to-public", "A policy is for everybody";
        /// A policy reads a setting that anybody can set.
        PolicyBySetting = "policy-by-setting", "A policy trusts a setting";
        /// `current_setting` raises an error where the setting was never set.
        SettingWithoutMissingOk = "setting-without-missing-ok", "current_setting without missing_ok";
        /// `current_setting` is empty, not NULL, in a connection that was used before.
        SettingWithoutNullif = "setting-without-nullif", "current_setting without nullif";
        /// The context is read for every row.
        ContextPerRow = "context-per-row", "The context is read for every row";
        /// A policy calls a function whose result may change at any call.
        PolicyVolatileFunction = "policy-volatile-function", "A policy calls a volatile function";
        /// A policy hands a row's values to a function that may reveal them.
        PolicyLeakyFunction = "policy-leaky-function", "A policy calls a leaky function";
        /// A foreign key leaves the organization out.
        ForeignKeyCrossesTenants = "foreign-key-crosses-tenants", "A foreign key leaves the organization out";
        /// A unique constraint leaves the organization out.
        UniqueWithoutTenant = "unique-without-tenant", "A unique key leaves the organization out";
        /// A view reads tables of organizations with its owner's rights.
        ViewRunsAsOwner = "view-runs-as-owner", "A view runs as its owner";
        /// A materialized view holds rows of organizations.
        MaterializedViewOverTenants = "materialized-view-over-tenants", "A materialized view holds tenant rows";
        /// A foreign table: policies of this server do not reach its rows.
        ForeignTable = "foreign-table", "A foreign table is reachable";
        /// A partition that can be queried directly has no protection of its own.
        PartitionUnprotected = "partition-unprotected", "A partition can be read past its parent";
        /// A partition that can be queried directly.
        PartitionGranted = "partition-granted", "A partition is granted directly";
        /// A child table of a protected one has no protection of its own.
        InheritanceUnprotected = "inheritance-unprotected", "A child table can be read past its parent";
        /// An organization's users may change what all share.
        SharedButWritable = "shared-but-writable", "What all share can be changed";
        /// A function with its owner's rights resolves names by the caller's search_path.
        DefinerSearchPath = "definer-search-path", "A definer function has no fixed search_path";
        /// A function with its owner's rights looks into the caller's temporary schema first.
        DefinerTempSchema = "definer-temp-schema", "A definer function can be misled by temporary tables";
        /// Everybody may run a function with its owner's rights.
        DefinerExecutableByPublic = "definer-executable-by-public", "Everybody may run a definer function";
        /// A runtime role may run a function with its owner's rights.
        DefinerExecutableByRuntime = "definer-executable-by-runtime", "A definer function is reachable";
        /// A sequence's value can be read.
        SequenceReadable = "sequence-readable", "A sequence tells everybody’s volume";
        /// A sequence can be advanced, which tells its value.
        SequenceUsable = "sequence-usable", "A sequence can be drawn from";
        /// The server has a known hole in row-level security.
        ServerRlsCve = "server-rls-cve", "The server has a known hole in row-level security";
        /// The server has a known leak of hidden rows through statistics.
        ServerStatisticsCve = "server-statistics-cve", "The server leaks hidden rows through statistics";
        /// A table that the last proof did not attack.
        TableUnproven = "table-unproven", "Newer than the last proof";
        /// The catalogue is another than the one that was proved.
        CatalogueUnproven = "catalogue-unproven", "The catalogue changed since the last proof";
        /// An accepted risk or a shared table that names nothing.
        AcceptanceStale = "acceptance-stale", "An accepted finding is gone";
    }
}

impl Code {
    /// How bad it is. A code has one severity, so that a pipeline can be told what to fail on.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::RlsOff
            | Self::RlsNotForced
            | Self::OwnedByRuntime
            | Self::RuntimeSuperuser
            | Self::RuntimeBypassesRls
            | Self::RuntimeMemberOfStronger
            | Self::RuntimeMemberOfOwner
            | Self::GrantedToPublic
            | Self::UnrestrainedPrivilege
            | Self::NoTenantColumn
            | Self::TenantColumnMutable
            | Self::PolicyIgnoresTenant
            | Self::PolicyAlwaysTrue
            | Self::WithCheckLooser
            | Self::PolicyAdmitsOthers
            | Self::PolicyAdmitsWithoutContext
            | Self::ForeignKeyCrossesTenants
            | Self::ViewRunsAsOwner
            | Self::MaterializedViewOverTenants
            | Self::ForeignTable
            | Self::PartitionUnprotected
            | Self::InheritanceUnprotected
            | Self::SharedButWritable
            | Self::DefinerSearchPath
            | Self::DefinerExecutableByPublic
            | Self::ServerRlsCve => Severity::Leak,
            Self::RuntimeReadsStatistics
            | Self::RuntimeRoleMissing
            | Self::SchemaCreateGranted
            | Self::TenantColumnNullable
            | Self::TenantIndexMissing
            | Self::MissingWithCheck
            | Self::PolicyNotSeen
            | Self::PolicyToPublic
            | Self::PolicyBySetting
            | Self::SettingWithoutMissingOk
            | Self::SettingWithoutNullif
            | Self::PolicyVolatileFunction
            | Self::PolicyLeakyFunction
            | Self::UniqueWithoutTenant
            | Self::PartitionGranted
            | Self::DefinerTempSchema
            | Self::DefinerExecutableByRuntime
            | Self::SequenceReadable
            | Self::ServerStatisticsCve
            | Self::TableUnproven
            | Self::CatalogueUnproven => Severity::Warning,
            Self::TenantColumnWithoutDefault | Self::ContextPerRow | Self::SequenceUsable | Self::AcceptanceStale => {
                Severity::Hint
            }
        }
    }
}
