//! Databases of somebody else's: registered, looked at, forgotten; their passwords never seen again.

use crate::world::World;
use bulkhead_domain::{
    Error, OperatorCtx,
    data_sources::{self, Typed},
    isolation::{self, Subject, own_profile},
};
use bulkhead_model::{
    DataSourceId, FieldErrors,
    error::Conflict,
    isolation::{
        Verdict,
        xray::{Command, Question, RowAddress},
    },
    user::Role,
};
use secrecy::{ExposeSecret, SecretString};

fn typed(name: &str, address: SecretString) -> Typed {
    Typed { name: name.to_owned(), address, profile: own_profile(), profile_text: "# mine".to_owned() }
}

async fn registered(world: &World, operator: &OperatorCtx) -> DataSourceId {
    let typed = typed("Shop", world.database.as_inspector());
    data_sources::add(&operator.again().await.unwrap(), &typed).await.unwrap()
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> FieldErrors {
    match result {
        Err(Error::Invalid(errors)) => errors,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_registered_database_is_judged_like_our_own() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (added, actions) = world.added(operator.identity().org_id, registered(&world, &operator)).await;
    assert_eq!(actions, ["data_source.added"]);
    let seen = isolation::report(&operator.again().await.unwrap(), Subject::Source(added)).await.unwrap().report;
    let own = isolation::report(&operator.again().await.unwrap(), Subject::Own).await.unwrap().report;
    assert_eq!(seen.tables.len(), own.tables.len());
    assert!(seen.tables.iter().all(|table| !matches!(table.verdict, Verdict::Exposed(_))));
    assert!(seen.functions.iter().any(|function| function.security_definer));
    let name = "public.users";
    let table = isolation::table(&operator.again().await.unwrap(), Subject::Source(added), name).await.unwrap();
    assert!(table.unbound_roles.contains(&"bulkhead_definer".to_owned()));

    world.database.sabotage("ALTER TABLE users NO FORCE ROW LEVEL SECURITY").await.unwrap();
    let table = isolation::table(&operator.again().await.unwrap(), Subject::Source(added), name).await.unwrap();
    assert!(matches!(table.report.verdict, Verdict::Exposed(_)), "it is read anew each time");
}

#[tokio::test]
async fn its_policies_are_asked_and_its_rows_are_explained() {
    let world = World::new().await;
    let operator = world.operator().await;
    world.org(&operator, "globex").await;
    let id = registered(&world, &operator).await;
    let examined = isolation::examine(&operator.again().await.unwrap(), Subject::Source(id)).await.unwrap().unwrap();
    assert_eq!((examined.findings.len(), examined.not_seen.len()), (0, 0), "{examined:?}");
    world.database.sabotage("ALTER POLICY users_tenant ON users USING (true)").await.unwrap();
    let examined = isolation::examine(&operator.again().await.unwrap(), Subject::Source(id)).await.unwrap().unwrap();
    assert!(examined.findings.iter().any(|finding| finding.is_leak()), "{examined:?}");

    let user = operator.identity().user_id.to_string();
    let question = Question {
        schema: "public".to_owned(),
        table: "users".to_owned(),
        role: "bulkhead_app".to_owned(),
        organization: None,
        settings: Vec::new(),
        command: Command::Select { row: RowAddress::Filter(vec![("id".to_owned(), Some(user))]) },
        reveal: false,
    };
    let asking = operator.again().await.unwrap();
    let ladder = isolation::explain(&asking, Subject::Source(id), &question, "").await.unwrap();
    assert_eq!(ladder.table, "public.users");
    let asking = operator.again().await.unwrap();
    let form = isolation::xray_form(&asking, Subject::Source(id), "public.users", true).await.unwrap();
    let example = form.example.unwrap();
    assert_eq!(example.key.iter().map(|(column, _)| column.as_str()).collect::<Vec<_>>(), form.table.primary_key);
    let (owner, other) = (&example.key[0].1, example.other.unwrap());
    assert_ne!(*owner, other, "the row is looked at for an organization that it does not belong to");

    let question = Question { role: "nobody_of_this_name".to_owned(), ..question };
    let asking = operator.again().await.unwrap();
    let errors = refused(isolation::explain(&asking, Subject::Source(id), &question, "").await);
    assert!(errors.of("question").is_some());
}

#[tokio::test]
async fn the_address_is_kept_encrypted_and_for_this_row_only() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (first, url) = (registered(&world, &operator).await, world.database.as_inspector());
    let password = url.expose_secret().split(['/', '@', ':']).nth(4).unwrap().to_owned();
    let kept =
        world.database.texts("SELECT encode(address, 'escape') || place || profile::text FROM data_sources").await;
    assert!(kept.unwrap().iter().all(|text| !text.contains(&password)), "the password stands in the database");
    let events = "SELECT coalesce(after::text, '') || coalesce(before::text, '') FROM audit_events";
    assert!(world.database.texts(events).await.unwrap().iter().all(|text| !text.contains(&password)));
    let source = data_sources::find(&operator.again().await.unwrap(), first).await.unwrap();
    assert!(!format!("{source:?}").contains(&password) && source.place.contains("bulkhead_inspector@"));

    let typed = typed("Other", url);
    let other = data_sources::add(&operator.again().await.unwrap(), &typed).await.unwrap();
    let moved = format!(
        "UPDATE data_sources SET address = (SELECT address FROM data_sources WHERE id = '{first}') WHERE id = '{other}'"
    );
    world.database.run(&moved).await.unwrap();
    let opened = isolation::report(&operator.again().await.unwrap(), Subject::Source(other)).await;
    assert!(matches!(opened, Err(Error::Elsewhere(_))), "a secret moved to another row opens there");
}

#[tokio::test]
async fn what_cannot_be_reached_is_said_without_the_password() {
    let world = World::new().await;
    let operator = world.operator().await;
    for (address, words) in [
        ("mysql://me:hunter2@db/x", "must be a URL such as"),
        ("postgres://me:hunter2@db.example/x?sslmode=disable", "TLS"),
        ("postgres://me:hunter2@127.0.0.1:1/x", "does not answer"),
    ] {
        let errors = refused(data_sources::look(&operator.again().await.unwrap(), &address.into()).await);
        let said = errors.of("address").unwrap();
        assert!(said.contains(words) && !said.contains("hunter2"), "{said}");
    }
    let right = world.database.as_inspector().expose_secret().to_owned();
    let password = right.split(['/', '@', ':']).nth(4).unwrap();
    let wrong = right.replace(password, "hunter2");
    let errors = refused(data_sources::look(&operator.again().await.unwrap(), &wrong.into()).await);
    assert!(errors.of("address").unwrap().contains("wrong password"), "{errors:?}");
    let draft = data_sources::look(&operator.again().await.unwrap(), &right.into()).await.unwrap();
    assert_eq!(draft.tenant_columns[0].name, "org_id");
}

#[tokio::test]
async fn it_is_changed_once_and_forgotten_once() {
    let world = World::new().await;
    let operator = world.operator().await;
    let id = registered(&world, &operator).await;
    let errors = refused(
        data_sources::add(&operator.again().await.unwrap(), &typed("SHOP", world.database.as_inspector())).await,
    );
    assert_eq!(errors.of("name"), Some(Conflict::NameTaken.sentence()));
    let renamed = typed("Store", String::new().into());
    data_sources::change(&operator.again().await.unwrap(), id, 1, &renamed).await.unwrap();
    let stale = data_sources::change(&operator.again().await.unwrap(), id, 1, &renamed).await;
    assert!(matches!(stale, Err(Error::Conflict(Conflict::StaleVersion))), "{stale:?}");
    let kept = isolation::report(&operator.again().await.unwrap(), Subject::Source(id)).await;
    assert!(kept.is_ok(), "the address was kept: {kept:?}");
    data_sources::remove(&operator.again().await.unwrap(), id, 2).await.unwrap();
    let gone = data_sources::remove(&operator.again().await.unwrap(), id, 2).await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
    assert_eq!(world.number("SELECT count(*) FROM data_sources").await, 0);
}

#[tokio::test]
async fn an_operator_who_only_reads_registers_nothing() {
    let world = World::new().await;
    let operator = world.operator().await;
    let id = registered(&world, &operator).await;
    let viewer = world.operator_with_role("eve", Role::Viewer).await;
    assert_eq!(data_sources::list(&viewer.again().await.unwrap()).await.unwrap().len(), 1);
    let typed = typed("Mine", world.database.as_inspector());
    for refused in [
        data_sources::look(&viewer.again().await.unwrap(), &typed.address).await.map(drop),
        data_sources::add(&viewer.again().await.unwrap(), &typed).await.map(drop),
        data_sources::change(&viewer.again().await.unwrap(), id, 1, &typed).await,
        data_sources::remove(&viewer.again().await.unwrap(), id, 1).await,
        isolation::xray_form(&viewer.again().await.unwrap(), Subject::Source(id), "public.users", false)
            .await
            .map(drop),
    ] {
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn there_are_not_more_than_a_page_of_them() {
    let world = World::new().await;
    let operator = world.operator().await;
    let many = "INSERT INTO data_sources (org_id, id, name, name_norm, place, address, profile, profile_text, created_by, created_at, updated_at)
                SELECT o.id, gen_random_uuid(), n::text, n::text, 'x', '', '{}', '', 'x', now(), now()
                FROM orgs o, generate_series(1, 99) n WHERE o.kind = 'platform'";
    world.database.run(many).await.unwrap();
    registered(&world, &operator).await;
    let typed = typed("One too many", world.database.as_inspector());
    let errors = refused(data_sources::add(&operator.again().await.unwrap(), &typed).await);
    assert!(errors.of("name").unwrap().contains("Remove one first"), "{errors:?}");
}
