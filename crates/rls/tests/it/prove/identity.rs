//! Who stands behind a role.

use bulkhead_db::testing::TestDatabase;
use bulkhead_model::isolation::Attack;
use bulkhead_rls::{RuntimeRole, Scope};

use super::{GROUND, has_leak, options, run};
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
    let database = TestDatabase::create().await.unwrap();
    let mut options = super::product::options(&database).await;
    options.profile.runtime_roles = vec![RuntimeRole { name: "bulkhead_migrator".to_owned(), scope: Scope::Tenant }];
    options.role_urls.insert("bulkhead_migrator".to_owned(), database.as_migrator());
    let proof = run(&options).await;
    assert!(has_leak(&proof, "session", Attack::SetRole));
    assert!(has_leak(&proof, "public.users", Attack::SelectOwn), "it has BYPASSRLS");
}
