//! Users in the database: the order of lists, uniqueness, and what no statement gets past.

use crate::fixture::{Fixture, origin};
use bulkhead_db::{
    Error, Tenant,
    users::{self, Change},
};
use bulkhead_model::{
    Email, Id, UserName,
    error::Conflict,
    page::{PageRequest, Place},
    user::{Role, UserFilter, UserSort, UserStatus},
};

#[tokio::test]
async fn an_address_is_one_user_of_an_organization_whatever_its_case() {
    let fixture = Fixture::new().await;
    let invite = async |email: &str| {
        let mut tx = fixture.db.write(fixture.scope(&fixture.acme).await, origin()).await.unwrap();
        let id = Id::from_uuid(uuid::Uuid::new_v4());
        users::insert_invited(&mut tx, id, &Email::parse(email).unwrap(), &UserName::default(), Role::User).await
    };
    assert!(matches!(invite("ADMIN@acme.example").await, Err(Error::Conflict(Conflict::EmailTaken))));
    invite("admin@globex.example").await.unwrap();
}

/// The list's order is the index's: C, on the normalised name or, without one, the address. The key of a row is
/// computed in Rust, so both have to agree on every name.
#[tokio::test]
async fn names_of_every_script_page_without_loss() {
    let fixture = Fixture::new().await;
    let names = [
        "Zoë",
        "zoe",
        "Ólöf",
        "ﬁne",
        "Straße",
        "İpek",
        "ΣΊΣΥΦΟΣ",
        "王秀英",
        "Ａｂｃ",
        "",
        "",
        "O’Connor",
        "Ǆungla",
        "e\u{301}va",
        "Éva",
    ];
    for (n, name) in names.iter().enumerate() {
        let mut tx = fixture.db.write(fixture.scope(&fixture.acme).await, origin()).await.unwrap();
        let email = Email::parse(&format!("U{n}@acme.example")).unwrap();
        let id = Id::from_uuid(uuid::Uuid::new_v4());
        users::insert_invited(&mut tx, id, &email, &UserName::parse(name).unwrap(), Role::User).await.unwrap();
        let record = bulkhead_db::audit::Record::new(
            bulkhead_model::audit::Action::UserInvited,
            bulkhead_model::audit::TargetKind::User,
            id,
            "x",
        );
        tx.commit(record).await.unwrap();
    }
    let (_, mut tx) = fixture.db.enter::<Tenant>(fixture.acme.token, origin()).await.unwrap().unwrap();
    let all = users::list(&mut tx, &UserFilter::default(), &PageRequest::new(Place::First, 100)).await.unwrap().rows;
    assert_eq!(all.len(), names.len() + 1);
    for sort in UserSort::ALL {
        let filter = UserFilter { sort: *sort, ..UserFilter::default() };
        let (mut place, mut seen) = (Place::First, Vec::new());
        loop {
            let page = users::list(&mut tx, &filter, &PageRequest::new(place, 1)).await.unwrap();
            seen.extend(page.rows.into_iter().map(|user| user.id));
            let Some(next) = page.next else { break };
            place = Place::After(next);
        }
        assert_eq!(seen.len(), all.len(), "{sort}");
    }
    for (n, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        let filter = UserFilter { search: (*name).to_owned(), ..UserFilter::default() };
        let found = users::list(&mut tx, &filter, &PageRequest::default()).await.unwrap().rows;
        assert!(found.iter().any(|user| user.email == format!("U{n}@acme.example")), "{name}");
    }
}

#[tokio::test]
async fn a_change_of_nobody_of_another_version_or_of_a_removed_user_changes_nothing() {
    let fixture = Fixture::new().await;
    let mut tx = fixture.db.write(fixture.scope(&fixture.acme).await, origin()).await.unwrap();
    let change = Change { name: Some(UserName::parse("Eve").unwrap()), ..Change::default() };
    assert!(!users::update(&mut tx, fixture.acme.user, 2, &change).await.unwrap());
    assert!(!users::update(&mut tx, fixture.globex.user, 1, &change).await.unwrap(), "another organization's");
    assert!(users::update(&mut tx, fixture.acme.user, 1, &change).await.unwrap());
    assert!(!users::update(&mut tx, fixture.acme.user, 1, &change).await.unwrap(), "the version grew");
    assert!(users::find(&mut tx, fixture.globex.user).await.unwrap().is_none());
}

#[tokio::test]
async fn the_last_admin_is_held_by_the_database_itself() {
    let fixture = Fixture::new().await;
    for change in [
        Change { role: Some(Role::Manager), ..Change::default() },
        Change { status: Some(UserStatus::Suspended), ..Change::default() },
        Change { status: Some(UserStatus::Removed), ..Change::default() },
    ] {
        let mut tx = fixture.db.write(fixture.scope(&fixture.acme).await, origin()).await.unwrap();
        let refused = users::update(&mut tx, fixture.acme.user, 1, &change).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::LastAdmin))), "{change:?}");
    }
    let by_hand = fixture.database.run("UPDATE users SET role = 'user'").await;
    assert!(by_hand.unwrap_err().to_string().contains("last active admin"), "nor does the migrator get past it");
}
