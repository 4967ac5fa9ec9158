//! Sessions in the database: what a hash opens, what a late save cannot do, what is swept.

use crate::fixture::{Fixture, origin};
use bulkhead_db::{Operator, Tenant, TokenHash, audit::Record, sessions};
use bulkhead_model::{
    Id,
    audit::{Action, TargetKind},
    session::SignInMethod,
};
use serde_json::json;
use time::Duration;

/// Whether a session opens anything; alone and together with others it is the same.
async fn live(fixture: &Fixture, token: TokenHash) -> bool {
    let alone = fixture.db.enter::<Tenant>(token, origin()).await.unwrap().map(|(identity, _)| identity);
    let together = fixture.db.enter_together(token).await.unwrap().map(|entered| entered.identity);
    assert_eq!(alone, together);
    alone.is_some()
}

/// sqlx 0.9.0 does not read a time of the simple protocol that has no fraction (found by `script/bench`: one request in a
/// million was answered with 500).
#[tokio::test]
async fn a_session_that_began_on_a_whole_second_is_one_like_the_others() {
    let fixture = Fixture::new().await;
    let whole =
        "UPDATE sessions SET created_at = date_trunc('second', created_at), last_seen_at = date_trunc('second', now()),
                                     expires_at = date_trunc('second', expires_at)";
    fixture.database.run(whole).await.unwrap();
    let (identity, _) = fixture.db.enter::<Tenant>(fixture.acme.token, origin()).await.unwrap().unwrap();
    assert_eq!([identity.signed_in_at, identity.expires_at].map(|at| at.microsecond()), [0, 0]);
}

#[tokio::test]
async fn a_session_stands_for_its_user_until_anything_about_it_ends() {
    let fixture = Fixture::new().await;
    let token = fixture.acme.token;
    let (identity, tx) = fixture.db.enter::<Tenant>(token, origin()).await.unwrap().unwrap();
    assert_eq!(
        (identity.org_slug.as_str(), identity.email.as_str(), identity.method),
        ("acme", "admin@acme.example", SignInMethod::Password)
    );
    assert_eq!((tx.scope().org(), tx.scope().user()), (fixture.acme.org, Some(fixture.acme.user)));
    drop(tx);
    let (org, user) = (fixture.acme.org, fixture.acme.user);
    for (end, back) in [
        (
            "UPDATE sessions SET revoked_at = now(), revoked_reason = 'x'",
            "UPDATE sessions SET revoked_at = NULL, revoked_reason = NULL".to_owned(),
        ),
        (
            "UPDATE sessions SET expires_at = now()",
            "UPDATE sessions SET expires_at = now() + interval '1 day'".to_owned(),
        ),
        (
            "UPDATE sessions SET last_seen_at = now() - make_interval(secs => idle_seconds)",
            "UPDATE sessions SET last_seen_at = now()".to_owned(),
        ),
        (
            // Not even the migrator takes the last admin away.
            "ALTER TABLE users DISABLE TRIGGER users_keep_one_admin; UPDATE users SET status = 'suspended'",
            format!("UPDATE users SET status = 'active' WHERE id = '{user}'"),
        ),
        (
            "UPDATE orgs SET status = 'suspended' WHERE kind = 'customer'",
            format!("UPDATE orgs SET status = 'active' WHERE id = '{org}'"),
        ),
    ] {
        fixture.database.run(end).await.unwrap();
        assert!(!live(&fixture, token).await, "{end}");
        fixture.database.run(&back).await.unwrap();
        assert!(live(&fixture, token).await, "{back}");
    }
    assert!(
        fixture.db.enter::<Operator>(token, origin()).await.unwrap().is_none(),
        "a customer's admin is no operator"
    );
}

#[tokio::test]
async fn a_save_that_comes_late_never_revives() {
    let fixture = Fixture::new().await;
    let token = fixture.acme.token;
    assert!(fixture.db.session_save(token, &json!({"flash": "Saved."})).await.unwrap());
    assert_eq!(fixture.db.session_data(token).await.unwrap().unwrap().0, json!({"flash": "Saved."}));
    fixture.database.run("UPDATE sessions SET revoked_at = now(), revoked_reason = 'x'").await.unwrap();
    assert!(!fixture.db.session_save(token, &json!({"role": "admin"})).await.unwrap());
    assert!(fixture.db.session_data(token).await.unwrap().is_none());
    assert!(!live(&fixture, token).await);
    assert!(!fixture.db.session_save(TokenHash([9; 32]), &json!({})).await.unwrap(), "and never creates");
    assert_eq!(fixture.number("SELECT count(*) FROM sessions").await, 2);
}

#[tokio::test]
async fn seeing_many_is_one_statement_and_the_dead_stay_unseen() {
    let fixture = Fixture::new().await;
    let ended =
        format!("UPDATE sessions SET revoked_at = now(), revoked_reason = 'x' WHERE org_id = '{}'", fixture.globex.org);
    fixture
        .database
        .run(&format!("UPDATE sessions SET last_seen_at = now() - interval '10 minutes'; {ended}"))
        .await
        .unwrap();
    fixture.db.session_touch(&[fixture.acme.token, fixture.globex.token, TokenHash([9; 32])]).await.unwrap();
    let seen = "SELECT count(*) FROM sessions WHERE last_seen_at > now() - interval '1 minute'";
    assert_eq!(fixture.number(seen).await, 1);
    assert_eq!(fixture.number("SELECT count(*) FROM users WHERE last_seen_at IS NOT NULL").await, 1);
    fixture.db.session_touch(&[]).await.unwrap();
}

#[tokio::test]
async fn a_new_session_is_dated_by_the_database_and_its_hash_is_unreadable() {
    let fixture = Fixture::new().await;
    let mut tx = fixture.db.write(fixture.scope(&fixture.acme).await, origin()).await.unwrap();
    let id = sessions::new_id(&tx);
    let begin = sessions::Begin {
        id,
        user: fixture.acme.user,
        token: TokenHash([7; 32]),
        method: SignInMethod::Password,
        idle: Duration::minutes(30),
        lifetime: Duration::hours(2),
    };
    sessions::begin(&mut tx, &begin).await.unwrap();
    let now = tx.now();
    tx.commit(Record::new(Action::SignedIn, TargetKind::Session, id, "x")).await.unwrap();
    let (identity, mut tx) = fixture.db.enter::<Tenant>(TokenHash([7; 32]), origin()).await.unwrap().unwrap();
    assert_eq!((identity.session_id, identity.signed_in_at, identity.expires_at), (id, now, now + Duration::hours(2)));
    let mine = sessions::of_user(&mut tx, fixture.acme.user).await.unwrap();
    assert_eq!(mine.len(), 2);
    assert!(sessions::of_user(&mut tx, fixture.globex.user).await.unwrap().is_empty(), "another organization's");
    let readable = "SELECT count(*) FROM unnest(ARRAY['bulkhead_app', 'bulkhead_operator', 'bulkhead_auth']) role
                    WHERE has_column_privilege(role, 'sessions', 'token_hash', 'SELECT')";
    assert_eq!(fixture.number(readable).await, 0);
    let unknown = Id::from_uuid(uuid::Uuid::new_v4());
    let mut tx = tx.into_write();
    assert!(!sessions::revoke(&mut tx, fixture.acme.user, unknown, "x").await.unwrap());
    assert!(!sessions::revoke(&mut tx, fixture.globex.user, id, "x").await.unwrap(), "not their session");
}

#[tokio::test]
async fn sweeping_takes_what_nobody_can_use_and_no_more_than_asked() {
    let fixture = Fixture::new().await;
    let user = fixture.acme.user;
    let org = fixture.acme.org;
    let old = format!(
        "INSERT INTO sessions (org_id, id, user_id, token_hash, method, created_at, last_seen_at, idle_seconds, expires_at)
         SELECT '{org}', gen_random_uuid(), '{user}', sha256(n::text::bytea), 'password', now(), now(), 60, now() - interval '31 days'
         FROM generate_series(1, 25) n;
         INSERT INTO idempotency_keys (org_id, user_id, key, request_hash, target_kind, target_id, created_at)
         VALUES ('{org}', '{user}', 'old', 'x', 'user', 'x', now() - interval '2 days'), ('{org}', '{user}', 'new', 'x', 'user', 'x', now())"
    );
    fixture.database.run(&old).await.unwrap();
    assert_eq!(fixture.db.sweep(10).await.unwrap(), 11);
    assert_eq!(fixture.db.sweep(100).await.unwrap(), 15);
    assert_eq!(fixture.db.sweep(100).await.unwrap(), 0);
    assert_eq!(
        fixture.number("SELECT (SELECT count(*) FROM sessions) * 10 + (SELECT count(*) FROM idempotency_keys)").await,
        21
    );
}
