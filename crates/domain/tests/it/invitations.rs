//! Inviting, accepting, and every way in which an invitation is not what it was.

use crate::world::{PASSWORD, World, origin};
use bulkhead_db::sign_in::TokenPurpose;
use bulkhead_domain::{Error, orgs, sign_in, users};
use bulkhead_model::user::{Role, UserStatus};

#[tokio::test]
async fn each_line_is_answered_for_itself_and_each_invitation_is_an_event() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let lines = "ana@acme.example\n  Bob@Acme.example, not an address\nana@acme.example; admin@ACME.example\n\n";
    let (outcomes, added) = world.added(org, users::invite(&admin, lines, Role::User, "")).await;
    let outcomes = outcomes.unwrap();
    let said: Vec<_> = outcomes
        .iter()
        .map(|outcome| (outcome.line.as_str(), outcome.result.as_ref().err().map(String::as_str)))
        .collect();
    assert_eq!(
        said,
        [
            ("ana@acme.example", None),
            ("Bob@Acme.example", None),
            ("not an address", Some("Enter an e-mail address like name@example.com.")),
            ("ana@acme.example", Some("Listed twice; invited once.")),
            ("admin@ACME.example", Some("Someone with this address is already a user here.")),
        ]
    );
    assert_eq!(added, ["user.invited", "user.invited"]);
    assert_eq!(world.number("SELECT count(*) FROM mail_outbox WHERE kind = 'invitation' AND recipient IN ('ana@acme.example', 'Bob@Acme.example')").await, 2);
}

#[tokio::test]
async fn when_no_line_can_be_invited_nothing_happens() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let (outcomes, added) = world.added(org, users::invite(&admin, "admin@acme.example", Role::User, "")).await;
    assert!(outcomes.unwrap()[0].result.is_err());
    assert_eq!(added, Vec::<String>::new());
    for lines in ["", " \n ,;", &"a@acme.example\n".repeat(101)] {
        let refused = users::invite(&admin.again().await.unwrap(), lines, Role::User, "").await;
        assert!(matches!(refused, Err(Error::Invalid(errors)) if errors.of("emails").is_some()));
    }
}

#[tokio::test]
async fn a_plan_has_so_many_places_and_no_race_makes_one_more() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    world.database.run(&format!("UPDATE orgs SET plan = 'free' WHERE id = '{org}'")).await.unwrap();
    // Ten places, one taken; forty people ask for the other nine, eight at a time.
    let asked = (0..5).map(|batch| {
        let admin = &admin;
        async move {
            let lines: Vec<String> = (0..8).map(|n| format!("u{batch}{n}@acme.example")).collect();
            users::invite(&admin.again().await.unwrap(), &lines.join("\n"), Role::User, "").await.unwrap()
        }
    });
    let outcomes: Vec<_> = futures::future::join_all(asked).await.into_iter().flatten().collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.result.is_ok()).count(), 9);
    let full = "The plan allows 10 users, and all places are taken.";
    assert!(outcomes.iter().all(|outcome| outcome.result.as_ref().err().is_none_or(|why| why == full)));
    assert_eq!(
        world.number(&format!("SELECT count(*) FROM users WHERE org_id = '{org}' AND status <> 'removed'")).await,
        10
    );
}

#[tokio::test]
async fn two_who_invite_the_same_address_at_once_make_one_user() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let invite = async || {
        users::invite(&admin.again().await.unwrap(), "twin@acme.example", Role::User, "")
            .await
            .unwrap()
            .remove(0)
            .result
    };
    let (one, other) = tokio::join!(invite(), invite());
    assert!(one.is_ok() ^ other.is_ok(), "{one:?} {other:?}");
    assert_eq!(world.number("SELECT count(*) FROM users WHERE email_norm = 'twin@acme.example'").await, 1);
}

#[tokio::test]
async fn the_same_address_may_be_a_user_of_two_organizations() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, acme) = world.org(&operator, "acme").await;
    let (_, globex) = world.org(&operator, "globex").await;
    for admin in [&acme, &globex] {
        users::invite(admin, "consultant@work.example", Role::User, "").await.unwrap()[0].result.clone().unwrap();
    }
}

#[tokio::test]
async fn nobody_invites_beyond_their_own_role() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let manager = world.member(&admin, "manager", Role::Manager).await;
    let (refused, added) = world.added(org, users::invite(&manager, "x@acme.example", Role::Admin, "")).await;
    assert!(matches!(refused, Err(Error::BeyondOwnRole)));
    assert_eq!(added, ["access.denied"]);
    let user = world.member(&admin, "user", Role::User).await;
    let (denied, added) = world.added(org, users::invite(&user, "x@acme.example", Role::Viewer, "")).await;
    assert!(matches!(denied, Err(Error::Forbidden(_))), "{denied:?}");
    assert_eq!(added, ["access.denied"]);
    assert_eq!(world.number("SELECT count(*) FROM users WHERE email = 'x@acme.example'").await, 0);
}

#[tokio::test]
async fn a_link_works_once_even_for_two_at_once() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let invited = world.invited(&admin, "ana", Role::Manager).await;
    let link = world.link_for("ana@acme.example").await;
    let holder = sign_in::holder(&world.app, TokenPurpose::Invitation, &link).await.unwrap();
    assert_eq!((holder.user, holder.role, holder.org_slug.as_str()), (invited.id, Role::Manager, "acme"));
    let accept = || sign_in::accept_invitation(&world.app, origin(1), &link, "Ana", PASSWORD.into(), PASSWORD);
    let ((one, other), added) = world.added(org, async { tokio::join!(accept(), accept()) }).await;
    assert!(one.is_ok() ^ other.is_ok());
    assert!(matches!(one.err().or(other.err()), Some(Error::NotFound)));
    assert_eq!(added, ["user.joined", "session.started"], "in this order");
    assert!(matches!(accept().await, Err(Error::NotFound)));
    assert_eq!(world.role_and_status(invited.id).await, ("manager".into(), "active".into()));
}

#[tokio::test]
async fn what_is_typed_into_the_acceptance_is_checked_and_the_link_stays_good() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    world.invited(&admin, "ana", Role::User).await;
    let link = world.link_for("ana@acme.example").await;
    let accept = async |name: &str, password: &str, again: &str| match sign_in::accept_invitation(
        &world.app,
        origin(1),
        &link,
        name,
        password.into(),
        again,
    )
    .await
    {
        Err(Error::Invalid(errors)) => errors.iter().map(|error| error.field.clone()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(accept("", PASSWORD, PASSWORD).await, ["name"]);
    assert_eq!(accept("A\u{202E}na", "short", "short").await, ["name", "password"], "all at once");
    assert_eq!(accept("Ana", PASSWORD, "something else").await, ["password_again"]);
    assert_eq!(accept("Ana", "ana@acme.example", "ana@acme.example").await, ["password"], "not one's own address");
    world.accept(&link, "Ana").await;
}

#[tokio::test]
async fn an_invitation_that_is_over_is_not_found() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (org, admin) = world.org(&operator, "acme").await;
    let manager = world.member(&admin, "manager", Role::Manager).await;
    let accept = async |link: &str| {
        sign_in::accept_invitation(&world.app, origin(1), link, "Ana", PASSWORD.into(), PASSWORD).await.err()
    };

    // Expired.
    world.invited(&admin, "late", Role::User).await;
    let link = world.link_for("late@acme.example").await;
    world.database.run("UPDATE user_tokens SET expires_at = now() WHERE used_at IS NULL").await.unwrap();
    assert!(matches!(accept(&link).await, Some(Error::NotFound)));

    // Sent again: the old link is replaced.
    let again = world.invited(&admin, "again", Role::User).await;
    let old = world.link_for("again@acme.example").await;
    users::resend_invitation(&admin.again().await.unwrap(), again.id).await.unwrap();
    assert!(matches!(accept(&old).await, Some(Error::NotFound)));
    world.accept(&world.link_for("again@acme.example").await, "Again").await;

    // Removed before they came.
    let gone = world.invited(&admin, "gone", Role::User).await;
    let link = world.link_for("gone@acme.example").await;
    users::remove(&admin.again().await.unwrap(), gone.id, gone.version).await.unwrap();
    assert!(matches!(accept(&link).await, Some(Error::NotFound)));

    // Whoever invited lost the right to (E10).
    world.invited(&manager, "friend", Role::User).await;
    let link = world.link_for("friend@acme.example").await;
    let boss = users::find(&admin.again().await.unwrap(), manager.identity().user_id).await.unwrap();
    users::update(&admin.again().await.unwrap(), boss.id, boss.version, &boss.name, Role::Viewer).await.unwrap();
    assert!(matches!(accept(&link).await, Some(Error::NotFound)));
    assert_eq!(
        world.number("SELECT count(*) FROM users WHERE email = 'friend@acme.example' AND status = 'invited'").await,
        1
    );

    // The organization was suspended.
    world.invited(&admin, "closed", Role::User).await;
    let link = world.link_for("closed@acme.example").await;
    orgs::suspend(&operator.again().await.unwrap(), org, world.version_of(org).await, "Bills").await.unwrap();
    assert!(matches!(accept(&link).await, Some(Error::NotFound)));
    assert!(matches!(sign_in::holder(&world.app, TokenPurpose::Invitation, &link).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_link_is_good_for_its_purpose_only() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    world.invited(&admin, "ana", Role::User).await;
    let link = world.link_for("ana@acme.example").await;
    for made_up in [link.replace("bhi_", "bhr_"), link.to_uppercase(), format!("{link}="), String::new()] {
        assert!(matches!(
            sign_in::holder(&world.app, TokenPurpose::PasswordReset, &made_up).await,
            Err(Error::NotFound)
        ));
    }
    assert_eq!(world.number("SELECT count(*) FROM user_tokens WHERE octet_length(token_hash) <> 32").await, 0);
}

#[tokio::test]
async fn only_who_is_invited_is_invited_again() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let me = admin.identity().user_id;
    let (refused, added) = world.added(org, users::resend_invitation(&admin, me)).await;
    assert!(refused.is_err());
    assert_eq!(added, Vec::<String>::new());
    let ana = world.invited(&admin, "ana", Role::User).await;
    let (again, added) =
        world.added(org, async { users::resend_invitation(&admin.again().await.unwrap(), ana.id).await }).await;
    assert_eq!(again.unwrap().status, UserStatus::Invited);
    assert_eq!(added, ["user.invitation_resent"]);
}
