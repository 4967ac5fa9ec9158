//! The isolation report of this product's own database.

use bulkhead_model::isolation::{Acceptance, Attack, Code};
use bulkhead_rls::{Accepted, Context, RootTable, RuntimeRole, Scope};
pub use bulkhead_rls::{
    Profile,
    catalogue::read,
    lint::{Report, report},
};

use crate::{Operator, ReadTx, Result};

/// Tables that hold no organization's data. One is added in review, with its reason, and the list is short on purpose.
const SHARED_BY_DESIGN: [(&str, &str); 6] = [
    ("public._sqlx_migrations", "The history of the schema; runtime roles read the version only."),
    ("public.plans", "The catalogue of plans, the same for every organization."),
    ("public.plan_settings", "What a plan sets for the organizations on it."),
    ("public.platform_settings", "Defaults of the whole platform."),
    ("public.resource_types", "What can be allowed in every organization; operators write it."),
    ("public.resource_registry", "How often resource types were changed: one number."),
];

/// Keys that span organizations. Each value is SHA-256 of 256 random bits, so asking whether one is taken tells nothing.
const HASHES_OF_SECRETS: [&str; 2] = ["public.sessions/sessions_token_key", "public.user_tokens/user_tokens_hash_key"];

/// The doors that cross organizations, because they open before one is known or on behalf of no one. Each answers the
/// minimum, belongs to `bulkhead_definer`, and stands in `20261121000900_definer_functions.sql` with what it is for.
const DOORS: [(&str, &str); 22] = [
    ("app.enter(token bytea, realm text)", "A session's hash for the identity behind it; sets the context."),
    ("app.enter_many(tokens bytea[])", "The same for many sessions at once; sets no context."),
    (
        "app.standings_of(tokens bytea[], whose bigint[], people uuid[])",
        "What people hold, each in the organization of a live session, by its hash.",
    ),
    ("app.seal(org uuid)", "Fixes the organization of a transaction that has none yet; no later statement changes it."),
    ("app.session_data(token bytea)", "What one live session remembers, by its hash."),
    ("app.session_save(token bytea, new_data jsonb)", "The same, written."),
    ("app.session_touch(tokens bytea[])", "When sessions were last used, by their hashes."),
    ("app.sign_in_candidate(slug_given text, email_given text)", "Whose password is to be checked at sign-in."),
    ("app.token_holder(hash bytea, wanted text)", "Whom an invitation or a reset is for, by its hash."),
    ("app.orgs_of_address(email_given text)", "Where an address may sign in; sent to that address only."),
    ("app.sign_in_notice(slug_given text)", "What an organization shows before sign-in."),
    ("app.throttle_wait(subjects bytea[])", "How long sign-in has to wait."),
    ("app.throttle_fail(subject_given bytea, free integer, base integer, longest integer)", "Counts a failed sign-in."),
    ("app.throttle_clear(subjects bytea[])", "Forgets them after one that succeeded."),
    ("app.mail_claim(how_many integer, lease_seconds integer)", "Mail that waits, for the worker that sends it."),
    ("app.mail_finish(org uuid, mail uuid, new_status text, error text, retry_seconds integer)", "What became of one."),
    ("app.mail_backlog()", "How many wait, as a figure for operators."),
    ("app.owner_of(kind text, object uuid)", "Whose an id is, asked after the answer went out, for the access log."),
    ("app.org_by_slug(slug_given text)", "Which organization a host name means."),
    ("app.sweep(how_many integer)", "Removes rows that nobody can use any more."),
    ("app.purge_org(org uuid)", "Deletes an organization whose 30 days are over, and no other."),
    (
        "app.expire_audit_events(org uuid, older_than timestamp with time zone, how_many integer)",
        "Deletes events that the retention of their organization no longer keeps.",
    ),
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
        accepted: accepted(),
    }
}

/// What a proof by attack finds in this product's own schema and somebody looked at: doors that serve every organization
/// by design, keys on secrets, and two keys in which no canary can be.
#[must_use]
pub fn accepted_attacks() -> Vec<Acceptance> {
    let of = |subject: &str, object: Option<&str>, attack, role: &str, reason: &str| Acceptance {
        subject: subject.to_owned(),
        object: object.map(str::to_owned),
        attack,
        role: Some(role.to_owned()),
        unproven: false,
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
    let platform = "Only the platform's own organization is in this key, of which everybody knows that there is one.";
    let tables = "Names of tables are in this key, the same in every organization whose people's rights were changed.";
    for role in ["bulkhead_app", "bulkhead_auth", "bulkhead_operator"] {
        for attack in [Attack::UniqueProbe, Attack::OnConflict] {
            for (table, key, reason) in [
                ("public.orgs", "orgs_one_platform", platform),
                ("public.rights_versions", "rights_versions_pkey", tables),
            ] {
                all.push(Acceptance { unproven: true, ..of(table, Some(key), attack, role, reason) });
            }
        }
    }
    all
}

fn accepted() -> Vec<Accepted> {
    let doors = DOORS.into_iter().map(|(function, reason)| (Code::DefinerExecutableByRuntime, function, reason));
    let hashes = HASHES_OF_SECRETS
        .into_iter()
        .map(|key| (Code::UniqueWithoutTenant, key, "SHA-256 of 256 random bits: nobody can ask for one."));
    doors
        .chain(hashes)
        .map(|(code, object, reason)| Accepted { code, object: object.to_owned(), reason: reason.to_owned() })
        .collect()
}

/// What an operator's transaction reads of this product's own database.
#[derive(Debug, Clone)]
pub struct ProductReport {
    /// The server's own version.
    pub server_version: String,
    /// Tables, and what is wrong around them.
    pub report: Report,
}

/// Every table as an operator's transaction reads it, the worst first, and what is wrong around the tables. Facts only:
/// what the policies mean is asked by whoever proves it, as the roles themselves.
///
/// # Errors
/// When the database does not answer.
pub async fn product_report(tx: &mut ReadTx<Operator>) -> Result<ProductReport> {
    let profile = profile();
    let catalogue = read(tx.unrecorded(), &profile).await?;
    Ok(ProductReport { server_version: catalogue.server_version.clone(), report: report(catalogue, &profile) })
}
