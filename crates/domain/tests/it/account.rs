//! One's own name, password and sessions, and the way back in for those who forgot.

use crate::world::{PASSWORD, World, origin};
use bulkhead_db::sign_in::TokenPurpose;
use bulkhead_domain::{Error, account, orgs, sign_in};
use bulkhead_model::{error::Conflict, user::Role};

const NEW: &str = "seven lighthouses hum at dusk";

#[tokio::test]
async fn one_renames_oneself() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let seen = account::profile(&admin).await.unwrap();
    let (renamed, added) =
        world.added(org, async { account::rename(&admin.again().await.unwrap(), seen.version, "Ada L.").await }).await;
    renamed.unwrap();
    assert_eq!(added, ["user.updated"]);
    let stale = account::rename(&admin.again().await.unwrap(), seen.version, "Ada M.").await;
    assert!(matches!(stale, Err(Error::Conflict(Conflict::StaleVersion))));
    assert_eq!(account::profile(&admin.again().await.unwrap()).await.unwrap().name, "Ada L.");
}

#[tokio::test]
async fn changing_the_password_ends_every_other_session() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let phone = world.sign_in("acme", "admin@acme.example", PASSWORD).await.unwrap();
    let (ended, added) = world
        .added(org, async {
            account::change_password(&admin.again().await.unwrap(), PASSWORD.into(), NEW.into(), NEW).await
        })
        .await;
    assert_eq!((ended.unwrap(), added), (1, vec!["password.changed".to_owned()]));
    admin.again().await.unwrap();
    assert!(world.enter::<bulkhead_domain::Tenant>(phone.cookie).await.is_err());
    assert!(world.sign_in("acme", "admin@acme.example", PASSWORD).await.is_err());
    world.sign_in("acme", "admin@acme.example", NEW).await.unwrap();
    assert_eq!(
        world
            .number(
                "SELECT count(*) FROM mail_outbox WHERE kind = 'password_changed' AND recipient = 'admin@acme.example'"
            )
            .await,
        1
    );
}

#[tokio::test]
async fn a_password_that_does_not_do_is_refused_field_by_field() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let change = async |current: &str, new: &str, again: &str| match account::change_password(
        &admin.again().await.unwrap(),
        current.into(),
        new.into(),
        again,
    )
    .await
    {
        Err(Error::Invalid(errors)) => errors.iter().map(|error| error.field.clone()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let (_, added) = world
        .added(org, async {
            assert_eq!(change("not mine at all", NEW, NEW).await, ["current"]);
            assert_eq!(change("not mine at all", "short", "short").await, ["current", "new"]);
            assert_eq!(change(PASSWORD, NEW, "other").await, ["new_again"]);
            assert_eq!(change(PASSWORD, "passwordpassword", "passwordpassword").await, ["new"]);
            assert_eq!(change(PASSWORD, &"x".repeat(1_025), &"x".repeat(1_025)).await, ["new"]);
            assert_eq!(change("", "", "").await, ["current", "new"]);
        })
        .await;
    assert_eq!(added, Vec::<String>::new());
    world.sign_in("acme", "admin@acme.example", PASSWORD).await.unwrap();
}

async fn ask(world: &World, slug: &str, email: &str) {
    sign_in::request_reset(&world.app, origin(1), slug, email).unwrap().await.unwrap();
}

async fn reset(world: &World, link: &str, password: &str) -> bulkhead_domain::Result<()> {
    sign_in::reset_password(&world.app, origin(1), link, password.into(), password).await.map(drop)
}

#[tokio::test]
async fn a_forgotten_password_is_reset_once_and_every_session_ends() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ((), added) = world.added(org, ask(&world, "acme", "Admin@acme.example")).await;
    assert_eq!(added, ["password.reset_requested"]);
    let link = world.link_for("admin@acme.example").await;
    assert!(matches!(reset(&world, &link, "short").await, Err(Error::Invalid(_))), "and the link stays good");
    let (answers, added) =
        world.added(org, async { tokio::join!(reset(&world, &link, NEW), reset(&world, &link, NEW)) }).await;
    assert!(answers.0.is_ok() ^ answers.1.is_ok());
    assert_eq!(added, ["password.reset"]);
    assert!(matches!(reset(&world, &link, "another lighthouse hums").await, Err(Error::NotFound)), "once");
    assert!(admin.again().await.is_err());
    world.sign_in("acme", "admin@acme.example", NEW).await.unwrap();
}

#[tokio::test]
async fn the_answer_is_the_same_whoever_asks_for_whom() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    let (globex, _) = world.org(&operator, "globex").await;
    world.invited(&admin, "new", Role::User).await;
    orgs::suspend(&operator.again().await.unwrap(), globex, world.version_of(globex).await, "Bills").await.unwrap();
    let mails = world.number("SELECT count(*) FROM mail_outbox").await;
    let events = world.number("SELECT count(*) FROM audit_events").await;
    for (slug, email) in [
        ("acme", "nobody@acme.example"),
        ("acme", "new@acme.example"),
        ("nowhere", "admin@acme.example"),
        ("globex", "admin@acme.example"),
        ("globex", "admin@globex.example"),
    ] {
        ask(&world, slug, email).await;
    }
    assert_eq!(world.number("SELECT count(*) FROM mail_outbox").await, mails);
    assert_eq!(world.number("SELECT count(*) FROM audit_events").await, events);
    assert!(
        sign_in::request_reset(&world.app, origin(1), "acme", "no address").is_err(),
        "only what is no address at all is said"
    );
}

#[tokio::test]
async fn asking_again_replaces_the_link_and_asking_too_often_sends_nothing() {
    let world = World::new().await;
    let (org, _) = world.tenant().await;
    ask(&world, "acme", "admin@acme.example").await;
    let first = world.link_for("admin@acme.example").await;
    ask(&world, "acme", "admin@acme.example").await;
    let second = world.link_for("admin@acme.example").await;
    assert_ne!(first, second);
    assert!(matches!(sign_in::holder(&world.app, TokenPurpose::PasswordReset, &first).await, Err(Error::NotFound)));
    for _ in 0..3 {
        ask(&world, "acme", "admin@acme.example").await;
    }
    let ((), added) = world.added(org, ask(&world, "acme", "admin@acme.example")).await;
    assert_eq!(added, Vec::<String>::new(), "the sixth within a quarter of an hour");
}

#[tokio::test]
async fn a_reset_link_ends_with_a_changed_password_and_after_half_an_hour() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    ask(&world, "acme", "admin@acme.example").await;
    let link = world.link_for("admin@acme.example").await;
    account::change_password(&admin, PASSWORD.into(), NEW.into(), NEW).await.unwrap();
    assert!(matches!(reset(&world, &link, PASSWORD).await, Err(Error::NotFound)));
    ask(&world, "acme", "admin@acme.example").await;
    let link = world.link_for("admin@acme.example").await;
    assert_eq!(world.number("SELECT count(*) FROM user_tokens WHERE purpose = 'password_reset' AND expires_at - created_at = interval '30 minutes'").await, 2);
    world.database.run("UPDATE user_tokens SET expires_at = now()").await.unwrap();
    assert!(matches!(reset(&world, &link, PASSWORD).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn an_address_is_told_its_organizations_by_mail_only() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (org, admin) = world.org(&operator, "acme").await;
    let remind =
        async |email: &str| sign_in::remind_organizations(&world.app, origin(1), email).unwrap().await.unwrap();
    let ((), added) = world.added(org, remind(&admin.identity().email)).await;
    assert_eq!(added, ["account.organizations_requested"]);
    let body = world.database.texts("SELECT body FROM mail_outbox WHERE kind = 'organizations'").await.unwrap();
    assert!(body.len() == 1 && body[0].contains("https://console.example/login/acme"), "{body:?}");
    remind("nobody@acme.example").await;
    assert_eq!(world.number("SELECT count(*) FROM mail_outbox WHERE kind = 'organizations'").await, 1);
}

#[tokio::test]
async fn sessions_are_ones_own_to_see_and_to_end() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    for _ in 0..2 {
        world.sign_in("acme", "ana@acme.example", PASSWORD).await.unwrap();
    }
    let mine = account::list_sessions(&ana.again().await.unwrap()).await.unwrap();
    assert_eq!(mine.len(), 3);
    assert!(
        mine.iter().all(|session| session.user_id == ana.identity().user_id && session.device() == "Firefox on Linux")
    );
    let phone = mine.iter().find(|session| session.id != ana.identity().session_id).unwrap().id;

    let not_mine = account::revoke_session(&admin.again().await.unwrap(), phone).await;
    assert!(matches!(not_mine, Err(Error::NotFound)), "somebody else's, in the same organization");
    let (ended, added) =
        world.added(org, async { account::revoke_session(&ana.again().await.unwrap(), phone).await }).await;
    ended.unwrap();
    assert_eq!(added, ["session.revoked"]);
    let again = account::revoke_session(&ana.again().await.unwrap(), phone).await;
    assert!(matches!(again, Err(Error::NotFound)));
    let (others, added) =
        world.added(org, async { account::revoke_other_sessions(&ana.again().await.unwrap()).await }).await;
    assert_eq!((others.unwrap(), added), (1, vec!["session.revoked_others".to_owned()]));
    assert_eq!(account::list_sessions(&ana.again().await.unwrap()).await.unwrap().len(), 1);
}
