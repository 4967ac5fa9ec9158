//! What is asked together with others: whom a session stands for and what people hold, without a transaction.

use crate::fixture::{Fixture, Tenant};
use bulkhead_db::{OrgScope, TokenHash, decisions::NewDecision};
use bulkhead_model::{Id, UserId, access::Resource, user::Role};
use futures::future::join_all;
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::collections::BTreeMap;

fn nobody() -> UserId {
    Id::from_uuid(uuid::Uuid::new_v4())
}

/// Whom of these the organization of a session has, as it is answered beside the others.
async fn known(fixture: &Fixture, token: TokenHash, people: Vec<UserId>) -> Option<Vec<UserId>> {
    let held = fixture.db.standings_together(token, None, people).await.unwrap()?;
    Some(held.standings.into_keys().collect())
}

#[tokio::test]
async fn everybody_gets_their_own_answer() {
    let fixture = Fixture::new().await;
    let (acme, globex) = (&fixture.acme, &fixture.globex);
    let tokens: Vec<TokenHash> = (0..90).map(|n| [acme.token, TokenHash([9; 32]), globex.token][n % 3]).collect();
    let entered = join_all(tokens.iter().map(|token| fixture.db.enter_together(*token))).await;
    let standings = join_all(tokens.iter().map(|token| known(&fixture, *token, vec![acme.user, globex.user]))).await;
    for ((token, entered), known) in tokens.iter().zip(entered).zip(standings) {
        let whose = [acme, globex].into_iter().find(|tenant| tenant.token == *token);
        let entered = entered.unwrap();
        assert_eq!(entered.as_ref().map(|entered| entered.identity.user_id), whose.map(|tenant| tenant.user));
        assert_eq!(entered.as_ref().map(|entered| entered.scope.org()), whose.map(|tenant| tenant.org));
        assert_eq!(known, whose.map(|tenant| vec![tenant.user]), "their own user, and not the other organization's");
    }
}

#[tokio::test]
async fn another_organizations_user_is_the_same_as_nobody() {
    let fixture = Fixture::new().await;
    let (token, theirs) = (fixture.acme.token, fixture.globex.user);
    for people in [vec![theirs], vec![nobody()], vec![theirs, nobody()], vec![]] {
        assert_eq!(known(&fixture, token, people).await, Some(vec![]));
    }
    assert_eq!(known(&fixture, token, vec![theirs, fixture.acme.user]).await, Some(vec![fixture.acme.user]));
    let held = fixture.db.standings_together(token, None, vec![fixture.acme.user]).await.unwrap().unwrap();
    assert_eq!(held.standings[&fixture.acme.user].role, Role::Admin);
    assert_eq!(known(&fixture, TokenHash([9; 32]), vec![fixture.acme.user]).await, None, "no session, no answer");
    let ended = "UPDATE sessions SET revoked_at = now(), revoked_reason = 'x'";
    fixture.database.run(ended).await.unwrap();
    assert_eq!(known(&fixture, token, vec![fixture.acme.user]).await, None, "and none of one that ended");
}

/// The negative control of the test above: the door without its wall.
#[tokio::test]
async fn a_door_that_forgot_the_organization_is_noticed() {
    let fixture = Fixture::new().await;
    let wall =
        "DO $$ DECLARE door text := pg_get_functiondef('app.standings_of(bytea[], bigint[], uuid[])'::regprocedure);
                BEGIN
                    ASSERT door LIKE '%WHERE s.org_id = live.org_id AND %';
                    EXECUTE replace(door, 's.org_id = live.org_id AND ', '');
                END $$";
    fixture.database.sabotage(wall).await.unwrap();
    assert_eq!(known(&fixture, fixture.acme.token, vec![fixture.globex.user]).await, Some(vec![fixture.globex.user]));
}

/// The doors answer and open nothing: whoever calls them has no organization before and after.
#[tokio::test]
async fn what_is_looked_up_together_sets_no_context() {
    let fixture = Fixture::with_one_connection().await;
    fixture.db.enter_together(fixture.acme.token).await.unwrap().unwrap();
    known(&fixture, fixture.acme.token, vec![fixture.acme.user]).await.unwrap();
    let mut app = PgConnection::connect(fixture.database.urls().app.expose_secret()).await.unwrap();
    let mut tx = app.begin().await.unwrap();
    let hash = fixture.acme.token.0.to_vec();
    for door in ["app.enter_many($1)", "app.standings_of($1, ARRAY[1::bigint], ARRAY[NULL::uuid])"] {
        let sql = format!("SELECT FROM {door}");
        let answers = sqlx::query(AssertSqlSafe(sql)).bind(vec![&hash]).fetch_all(&mut *tx).await.unwrap();
        assert_eq!(answers.len(), 1, "{door}");
        let sql = "SELECT app.org_id() IS NULL, (SELECT count(*) FROM users)";
        let (without, seen): (bool, i64) = sqlx::query_as(sql).fetch_one(&mut *tx).await.unwrap();
        assert_eq!((without, seen), (true, 0), "{door}");
    }
}

fn decision(by: &str) -> NewDecision {
    NewDecision {
        id: Id::from_uuid(uuid::Uuid::new_v4()),
        at: time::OffsetDateTime::UNIX_EPOCH,
        by: by.to_owned(),
        user: None,
        permission: "invoices:read".to_owned(),
        reason: "subject_unknown",
        weight: 1,
        decided_by: None,
        roles_version: 1,
        address: None,
        resource: Resource { id: None, owner: None, workspace: None, attributes: BTreeMap::new() },
    }
}

#[tokio::test]
async fn decisions_kept_together_are_kept_where_they_were_asked() {
    let fixture = Fixture::new().await;
    let scopes: [OrgScope; 2] = [fixture.scope(&fixture.acme).await, fixture.scope(&fixture.globex).await];
    let keep = |n: usize| {
        let kept = (0..n % 3 + 1).map(|_| decision(&format!("asker-{}", n % 2))).collect();
        fixture.db.keep_together(&scopes[n % 2], kept)
    };
    for kept in join_all((0..60).map(keep)).await {
        kept.unwrap();
    }
    let of = async |tenant: &Tenant, by: &str| {
        let sql = format!("SELECT count(*) FROM decisions WHERE org_id = '{}' AND asked_by = '{by}'", tenant.org);
        fixture.number(&sql).await
    };
    assert_eq!((of(&fixture.acme, "asker-0").await, of(&fixture.globex, "asker-1").await), (60, 60));
    assert_eq!(fixture.number("SELECT count(*) FROM decisions").await, 120);
    // More at once than fit one statement, and one that PostgreSQL refuses beside one that it takes.
    let many = (0..9_000).map(|_| decision("many")).collect();
    let refused = vec![NewDecision { permission: "x".repeat(200), ..decision("refused") }];
    let (many, refused, good) = tokio::join!(
        fixture.db.keep_together(&scopes[0], many),
        fixture.db.keep_together(&scopes[0], refused),
        fixture.db.keep_together(&scopes[0], vec![decision("good")]),
    );
    assert!(many.is_ok() && refused.is_err() && good.is_ok());
    assert_eq!((of(&fixture.acme, "many").await, of(&fixture.acme, "good").await), (9_000, 1));
}
