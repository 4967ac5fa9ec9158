//! Plans of the statements that this very process runs, asked for through the inspector.

use crate::world::World;
use bulkhead_domain::{Ctx, Error, OperatorCtx, plans, users};
use bulkhead_model::{
    id::PLATFORM_ORG,
    isolation::{Degradation, StatementSource, WatchedQuery},
    page::{PageRequest, Place},
    user::{Role, UserFilter},
};

/// Searches, so that a value travels with the statement.
async fn search(ctx: &Ctx, text: &str) {
    let filter = UserFilter { search: text.to_owned(), ..UserFilter::default() };
    users::list(&ctx.again().await.unwrap(), &filter, &PageRequest::new(Place::First, 25)).await.unwrap();
}

async fn watched(operator: &OperatorCtx) -> Vec<WatchedQuery> {
    plans::list(&operator.again().await.unwrap()).await.unwrap().queries
}

#[tokio::test]
async fn a_lost_tenant_index_is_noticed_said_once_and_can_be_accepted() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (org, admin) = world.org(&operator, "acme").await;
    let crowd = format!(
        "INSERT INTO users (org_id, id, email, email_norm, name, name_norm, role, status)
         SELECT '{org}', gen_random_uuid(), e, e, 'N', md5(e), 'user', 'active'
         FROM generate_series(1, 12000) n, LATERAL (SELECT 'u' || n || '@acme.example' AS e) address"
    );
    world.database.run(&crowd).await.unwrap();
    world.database.sabotage("ANALYZE").await.unwrap();
    users::find(&admin.again().await.unwrap(), admin.identity().user_id).await.unwrap();
    search(&admin, "violet@acme.example").await;

    let first = plans::refresh(&operator.again().await.unwrap()).await.unwrap();
    assert_eq!((first.source, first.degraded), (StatementSource::Server, 0));
    assert!(first.looked_at > 10 && first.note.unwrap().contains("not installed"));
    let queries = watched(&operator).await;
    let refused: Vec<_> =
        queries.iter().filter_map(|query| Some((&query.statement.text, query.failure.as_ref()?))).collect();
    assert_eq!(refused, [], "PostgreSQL plans everything that this product runs");
    for query in &queries {
        assert!(!query.statement.text.contains("violet"), "a value was kept: {}", query.statement.text);
        assert_eq!(query.source, StatementSource::Server);
        assert!(query.counted_since.unwrap() <= query.examined_at);
    }
    let by_id = |queries: &[WatchedQuery]| {
        let mut found = queries.iter().filter(|query| {
            query.statement.role == "bulkhead_app"
                && query.statement.text.contains("FROM users WHERE org_id = (SELECT app.org_id()) AND id = $1")
        });
        found.next().unwrap().clone()
    };
    let (plan, _) = by_id(&queries).current.unwrap();
    assert!(plan.tables.iter().all(|access| access.by_tenant_index && access.row_security), "{plan:?}");
    assert!(plan.ratio().is_some());

    // Somebody drops every index on users.
    world
        .database
        .sabotage(
            "DO $$ DECLARE i record; BEGIN
                 ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE;
                 FOR i IN SELECT indexrelid::regclass AS name FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
                          WHERE indrelid = 'users'::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = x.indexrelid)
                 LOOP EXECUTE 'DROP INDEX ' || i.name; END LOOP;
             END $$",
        )
        .await
        .unwrap();
    let (worse, said) = world.added(PLATFORM_ORG, plans::refresh(&operator)).await;
    let worse = worse.unwrap().degraded;
    assert!(worse > 0);
    assert_eq!(said.iter().filter(|action| *action == "plan.degraded").count(), worse);
    let query = by_id(&watched(&operator).await);
    let why = query.degradations();
    assert!(
        why.iter().any(|one| matches!(one, Degradation::IndexLost { table, .. } if table == "public.users")),
        "{why:?}"
    );

    // It is said once, and stands until the index is back or somebody accepts the plan.
    assert_eq!(plans::refresh(&operator.again().await.unwrap()).await.unwrap().degraded, 0);
    assert!(!by_id(&watched(&operator).await).degradations().is_empty());
    plans::accept(&operator.again().await.unwrap(), query.id).await.unwrap();
    assert_eq!(by_id(&watched(&operator).await).degradations(), []);
}

#[tokio::test]
async fn who_may_look_may_not_ask() {
    let world = World::new().await;
    world.operator().await;
    let viewer = world.operator_with_role("viewer", Role::Viewer).await;
    assert_eq!(watched(&viewer).await, []);
    let refused = plans::refresh(&viewer.again().await.unwrap()).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    assert_eq!(watched(&viewer).await, []);
}
