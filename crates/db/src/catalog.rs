//! The isolation report of this product's own database.

use bulkhead_model::isolation::{Acceptance, Attack, TableReport};
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

/// What a proof by attack finds in this product's own schema and somebody looked at: doors that serve every organization
/// by design, and keys on secrets.
#[must_use]
pub fn accepted_leaks() -> Vec<Acceptance> {
    let of = |subject: &str, object: Option<&str>, attack, role: &str, reason: &str| Acceptance {
        subject: subject.to_owned(),
        object: object.map(str::to_owned),
        attack,
        role: Some(role.to_owned()),
        reason: reason.to_owned(),
    };
    let worker =
        "A worker's door: it serves every organization, and the role executes listed functions and reads no table.";
    let claim = "app.mail_claim(how_many integer, lease_seconds integer)";
    let mut all = vec![
        of(claim, None, Attack::Function, "bulkhead_auth", worker),
        of(claim, None, Attack::Influence, "bulkhead_auth", worker),
        of("app.mail_backlog()", None, Attack::Influence, "bulkhead_auth", worker),
        of("app.sweep(how_many integer)", None, Attack::Influence, "bulkhead_auth", worker),
    ];
    let secret = "The value is the hash of 256 random bits: who can ask for it holds the secret already.";
    for (table, key) in [("public.sessions", "sessions_token_key"), ("public.user_tokens", "user_tokens_hash_key")] {
        for attack in [Attack::UniqueProbe, Attack::OnConflict] {
            all.push(of(table, Some(key), attack, "bulkhead_app", secret));
        }
    }
    all
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
