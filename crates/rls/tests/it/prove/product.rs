//! The product's own schema.

use super::{has_leak, leaks, run, unproven};
use bulkhead_db::catalog::{accepted_leaks, profile};
use bulkhead_db::testing::TestDatabase;
use bulkhead_model::isolation::Attack;
use bulkhead_rls::prove::Options;

/// A proof of the product's database, its roles really signing in, made by the role that makes it in production: no
/// superuser.
pub async fn options(database: &TestDatabase) -> Options {
    let mut options = Options::new(database.as_inspector(), profile());
    let urls = database.urls();
    for (role, url) in [("bulkhead_app", urls.app), ("bulkhead_operator", urls.operator), ("bulkhead_auth", urls.auth)]
    {
        options.role_urls.insert(role.to_owned(), url);
    }
    options.accepted = accepted_leaks();
    options
}

#[tokio::test]
async fn the_products_own_schema_holds() {
    let database = TestDatabase::create().await.unwrap();
    let proof = run(&options(&database).await).await;
    assert_eq!(leaks(&proof), Vec::<String>::new());
    assert_eq!((proof.could_not_plant.len(), proof.clone_differs.len()), (0, 0), "{:?}", proof.could_not_plant);
    assert_eq!(
        usize::try_from(proof.counts.accepted).unwrap(),
        accepted_leaks().len(),
        "an acceptance that covers nothing"
    );
    // The one key that cannot be probed: no canary is the platform's organization, of which there is exactly one.
    let other: Vec<String> =
        unproven(&proof).into_iter().filter(|cell| !cell.contains("(orgs_one_platform)")).collect();
    assert_eq!(other, Vec::<String>::new());
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
