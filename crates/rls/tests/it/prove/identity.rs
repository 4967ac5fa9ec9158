//! Who stands behind a role.

use bulkhead_model::isolation::Attack;
use bulkhead_rls::{RuntimeRole, Scope};
use bulkhead_testing::TestDatabase;

use super::{GROUND, has_leak, options, run, sound_table};
use crate::database::Blank;

#[tokio::test]
async fn a_pool_that_signs_in_as_somebody_stronger_is_caught() {
    let blank = Blank::create(GROUND).await;
    let mut options = options(&blank);
    options.role_urls.insert("bulkhead_app".to_owned(), blank.url());
    let proof = run(&options).await;
    for attack in [Attack::ResetRole, Attack::SetRole, Attack::SessionAuthorization] {
        assert!(has_leak(&proof, "session", attack), "{attack}");
    }
}

#[tokio::test]
async fn a_member_of_the_owner_is_caught() {
    // Roles are the server's: the migrator of another database signs in here too.
    let database = TestDatabase::create().await.unwrap();
    let blank =
        Blank::create(&format!("{GROUND}{} GRANT SELECT ON notes TO bulkhead_migrator;", sound_table("notes", "")))
            .await;
    let mut options = options(&blank);
    options.profile.runtime_roles = vec![RuntimeRole { name: "bulkhead_migrator".to_owned(), scope: Scope::Tenant }];
    options.role_urls.insert("bulkhead_migrator".to_owned(), database.as_migrator());
    let proof = run(&options).await;
    assert!(has_leak(&proof, "session", Attack::SetRole));
    assert!(has_leak(&proof, "public.notes", Attack::SelectOwn), "it has BYPASSRLS");
}
