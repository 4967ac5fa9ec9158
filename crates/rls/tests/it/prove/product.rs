//! The product's own schema.

use super::{has_leak, leaks, run, unproven};
use bulkhead_db::catalog::{accepted_attacks, profile};
use bulkhead_model::isolation::{Attack, Standing};
use bulkhead_rls::prove::Options;
use bulkhead_testing::TestDatabase;

/// A proof of the product's database, its roles really signing in, made by the role that makes it in production: no
/// superuser.
pub async fn options(database: &TestDatabase) -> Options {
    let mut options = Options::new(database.as_inspector(), profile());
    let urls = database.urls();
    for (role, url) in [("bulkhead_app", urls.app), ("bulkhead_operator", urls.operator), ("bulkhead_auth", urls.auth)]
    {
        options.role_urls.insert(role.to_owned(), url);
    }
    options.accepted = accepted_attacks();
    options
}

#[tokio::test]
async fn the_products_own_schema_holds() {
    let database = TestDatabase::create().await.unwrap();
    let proof = run(&options(&database).await).await;
    assert_eq!(leaks(&proof), Vec::<String>::new());
    let unlike = (&proof.could_not_plant, &proof.clone_differs);
    assert_eq!((proof.could_not_plant.len(), proof.clone_differs.len()), (0, 0), "{unlike:?}");
    assert_eq!(
        usize::try_from(proof.counts.accepted).unwrap(),
        accepted_attacks().len(),
        "an acceptance that covers nothing"
    );
    assert_eq!(unproven(&proof), Vec::<String>::new());
    assert_eq!(proof.standing(), Standing::Green);
    assert!(proof.counts.held > 1000, "{}", proof.verdict());
}

#[tokio::test]
async fn a_defect_in_the_products_schema_is_caught() {
    let database = TestDatabase::create().await.unwrap();
    database
        .sabotage(
            "ALTER POLICY users_tenant ON users USING (org_id = app.org_id() OR name = '');
             ALTER TABLE user_passwords DROP CONSTRAINT user_passwords_user_fkey;
             CREATE UNIQUE INDEX users_id ON users (id);
             ALTER TABLE user_passwords ADD CONSTRAINT user_passwords_user_fkey FOREIGN KEY (user_id) REFERENCES users (id);
             ALTER POLICY orgs_operator_read ON orgs USING (true)",
        )
        .await
        .unwrap();
    let mut options = options(&database).await;
    options.profile.runtime_roles.retain(|role| role.name != "bulkhead_auth");
    let proof = run(&options).await;
    for (subject, attack) in [
        ("public.users", Attack::SelectOwn),
        ("public.user_passwords", Attack::ForeignKey),
        ("public.orgs", Attack::SelectMissing),
    ] {
        assert!(has_leak(&proof, subject, attack), "{subject} {attack} not in {:?}", leaks(&proof));
    }
}
