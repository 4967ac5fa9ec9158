//! Settings: where a value comes from, who may change it, and what a stale change does.

use crate::world::World;
use bulkhead_domain::{
    Ctx, Error,
    settings::{self, Change},
};
use bulkhead_model::{
    error::Conflict,
    setting::{Setting, SettingKey, SettingSource, SettingValue},
    user::Role,
};

async fn of(ctx: &Ctx, key: SettingKey) -> Setting {
    settings::in_force(&ctx.again().await.unwrap())
        .await
        .unwrap()
        .into_iter()
        .find(|setting| setting.key == key)
        .unwrap()
}

async fn set(ctx: &Ctx, key: SettingKey, seen: i32, text: &str) -> bulkhead_domain::Result<Setting> {
    settings::change(&ctx.again().await.unwrap(), key, seen, Change::Set(text.into())).await
}

#[tokio::test]
async fn a_value_comes_from_the_nearest_who_set_it() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let key = SettingKey::InvitationDays;
    assert_eq!(
        (of(&admin, key).await.value, of(&admin, key).await.source),
        (SettingValue::Integer(7), SettingSource::Platform)
    );
    world
        .database
        .run("INSERT INTO platform_settings (key, value) VALUES ('invitation.expiry_days', '9')")
        .await
        .unwrap();
    assert_eq!(of(&admin, key).await.value, SettingValue::Integer(9));
    world.database.run("INSERT INTO plan_settings (plan, key, value) VALUES ('team', 'invitation.expiry_days', '5'), ('free', 'invitation.expiry_days', '2')").await.unwrap();
    let from_plan = of(&admin, key).await;
    assert_eq!(
        (from_plan.value, from_plan.source, from_plan.version),
        (SettingValue::Integer(5), SettingSource::Plan, 0)
    );

    let (own, added) = world.added(org, set(&admin, key, 0, " 3 ")).await;
    let own = own.unwrap();
    assert_eq!(
        (own.value.clone(), own.source, own.version),
        (SettingValue::Integer(3), SettingSource::Organization, 1)
    );
    assert_eq!(
        (own.inherited.clone(), added),
        ((SettingValue::Integer(5), SettingSource::Plan), vec!["settings.changed".to_owned()])
    );
    assert_eq!(of(&admin, key).await, own);

    let back = settings::change(&admin.again().await.unwrap(), key, 1, Change::Inherit).await.unwrap();
    assert_eq!((back.value, back.source, back.version), (SettingValue::Integer(5), SettingSource::Plan, 0));
}

#[tokio::test]
async fn a_setting_in_force_does_what_it_says() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    set(&admin, SettingKey::SessionIdleMinutes, 0, "30").await.unwrap();
    set(&admin, SettingKey::SessionLifetimeHours, 0, "2").await.unwrap();
    set(&admin, SettingKey::InvitationDays, 0, "2").await.unwrap();
    set(&admin, SettingKey::InviteNotifyAdmins, 0, "on").await.unwrap();
    world.member(&admin, "ana", Role::User).await;
    let sessions =
        "SELECT count(*) FROM sessions WHERE idle_seconds = 1800 AND expires_at - created_at = interval '2 hours'";
    assert_eq!(world.number(sessions).await, 1);
    assert_eq!(
        world.number("SELECT count(*) FROM user_tokens WHERE expires_at - created_at = interval '2 days'").await,
        1
    );
    assert_eq!(
        world
            .number("SELECT count(*) FROM mail_outbox WHERE kind = 'joined' AND recipient = 'admin@acme.example'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_change_to_what_somebody_else_changed_is_a_conflict() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let key = SettingKey::SignInNotice;
    set(&admin, key, 0, "First").await.unwrap();
    let stale = async |seen: i32| {
        let (answer, added) = world.added(org, set(&admin, key, seen, "Second")).await;
        assert_eq!(added, Vec::<String>::new());
        matches!(answer, Err(Error::Conflict(Conflict::StaleVersion)))
    };
    assert!(stale(0).await, "made since it was seen");
    set(&admin, key, 1, "Changed").await.unwrap();
    assert!(stale(1).await, "changed since");
    let gone = settings::change(&admin.again().await.unwrap(), key, 1, Change::Inherit).await;
    assert!(matches!(gone, Err(Error::Conflict(Conflict::StaleVersion))));
    settings::change(&admin.again().await.unwrap(), key, 2, Change::Inherit).await.unwrap();
    assert!(stale(2).await, "taken back since");
    let (one, other) = (admin.again().await.unwrap(), admin.again().await.unwrap());
    let (first, second) = tokio::join!(
        settings::change(&one, key, 0, Change::Set("one".into())),
        settings::change(&other, key, 0, Change::Set("other".into()))
    );
    assert!(first.is_ok() ^ second.is_ok(), "{first:?} {second:?}");
}

#[tokio::test]
async fn the_same_value_again_is_no_change() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    set(&admin, SettingKey::SupportEmail, 0, "help@acme.example").await.unwrap();
    let (same, added) = world.added(org, set(&admin, SettingKey::SupportEmail, 1, "help@acme.example")).await;
    assert_eq!((same.unwrap().version, added), (1, Vec::new()));
}

#[tokio::test]
async fn values_that_do_not_fit_and_what_a_plan_sells_are_refused() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let refused = [
        (SettingKey::UsersMax, "1000000"),
        (SettingKey::AuditRetentionDays, "400"),
        (SettingKey::PasswordMinLength, "8"),
        (SettingKey::SessionIdleMinutes, "many"),
        (SettingKey::SupportEmail, "nobody"),
        (SettingKey::InviteNotifyAdmins, "maybe"),
    ];
    for (key, text) in refused {
        let (answer, added) = world.added(org, set(&admin, key, 0, text)).await;
        assert!(matches!(answer, Err(Error::Invalid(errors)) if errors.of("value").is_some()), "{key}");
        assert_eq!(added, Vec::<String>::new());
    }
    let viewer = world.member(&admin, "viewer", Role::Viewer).await;
    let (denied, added) = world.added(org, set(&viewer, SettingKey::SignInNotice, 0, "Mine")).await;
    assert!(matches!(denied, Err(Error::Forbidden(_))));
    assert_eq!(added, ["access.denied"]);
}

#[tokio::test]
async fn a_stored_value_that_no_longer_fits_is_passed_over() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    for value in ["\"sixty\"", "1", "99999999"] {
        let sql = format!(
            "INSERT INTO org_settings (org_id, key, value) VALUES ('{org}', 'session.idle_minutes', '{value}')
                           ON CONFLICT (org_id, key) DO UPDATE SET value = excluded.value"
        );
        world.database.run(&sql).await.unwrap();
        assert_eq!(of(&admin, SettingKey::SessionIdleMinutes).await.value, SettingValue::Integer(720), "{value}");
    }
    world.sign_in("acme", "admin@acme.example", crate::world::PASSWORD).await.unwrap();
}
