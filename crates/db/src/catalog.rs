//! The isolation report of this product's own database.

use bulkhead_model::isolation::TableReport;
use bulkhead_rls::{Context, RootTable, RuntimeRole, Scope};
pub use bulkhead_rls::{Profile, catalogue::read, catalogue::report};

use crate::{Operator, ReadTx, Result};

/// Tables that hold no organization's data. One is added in review, with its reason, and the list is short on purpose.
const SHARED_BY_DESIGN: [(&str, &str); 4] = [
    ("public._sqlx_migrations", "The history of the schema; runtime roles read the version only."),
    ("public.plans", "The catalogue of plans, the same for every organization."),
    ("public.plan_settings", "What a plan sets for the organizations on it."),
    ("public.platform_settings", "Defaults of the whole platform."),
];

/// What this product's database is measured by.
#[must_use]
pub fn profile() -> Profile {
    let role = |name: &str, scope| RuntimeRole { name: name.to_owned(), scope };
    Profile {
        runtime_roles: vec![
            role("bulkhead_app", Scope::Tenant),
            role("bulkhead_auth", Scope::Tenant),
            role("bulkhead_operator", Scope::Platform),
        ],
        tenant_columns: vec!["org_id".to_owned()],
        root: Some(RootTable { table: "public.orgs".to_owned(), column: "id".to_owned() }),
        context: Context {
            org_setting: "app.org_id".to_owned(),
            org_functions: vec!["app.org_id".to_owned()],
            operator_setting: Some("app.operator_id".to_owned()),
            operator_functions: vec!["app.operator_id".to_owned()],
        },
        shared_by_design: SHARED_BY_DESIGN.map(|(table, why)| (table.to_owned(), why.to_owned())).to_vec(),
    }
}

/// Every table as an operator's transaction reads it, the worst first, with the server's version.
///
/// # Errors
/// When the database does not answer.
pub async fn product_report(tx: &mut ReadTx<Operator>) -> Result<(String, Vec<TableReport>)> {
    let profile = profile();
    let catalogue = read(tx.connection(), &profile).await?;
    Ok((catalogue.server_version.clone(), report(catalogue, &profile)))
}

/// The roles that no policy binds: superusers and those with BYPASSRLS. None of them serves requests; the definer is
/// one, so that a handful of functions can look before anybody is known.
///
/// # Errors
/// When the database does not answer.
pub async fn unbound_roles(tx: &mut ReadTx<Operator>) -> Result<Vec<String>> {
    let names = "SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolsuper OR rolbypassrls ORDER BY 1";
    Ok(sqlx::query_scalar(names).fetch_all(tx.connection()).await?)
}
