//! Proofs of data sources, made of a SaaS's real database beside our own.

use crate::world::World;
use bulkhead_domain::{
    Error, OperatorCtx,
    data_sources::{self, Typed},
    isolation::{self, Subject, foreign::verify},
    proofs::{self, ProofDetail, password_field},
};
use bulkhead_model::{
    DataSourceId, ProofId,
    isolation::{Acceptance, Attack, Code, ProvenSource, RunStatus, Standing},
    user::Role,
};
use bulkhead_testing::shop::{self, LEAK, SOUND, Shop};
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    io::Write,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

/// What nothing that is kept may hold.
const SECRET: &str = "hunter2-planted";

/// A shop, registered.
struct Ground {
    world: World,
    operator: OperatorCtx,
    shop: Shop,
    id: DataSourceId,
}

impl Ground {
    async fn new(sql: &[&str]) -> Self {
        let world = World::new().await;
        let shop = Shop::open(&world.database, SECRET, sql).await.unwrap();
        let operator = world.operator().await;
        let id = register(&operator, &shop, "Shop", shop.owner(), Vec::new()).await;
        Self { world, operator, shop, id }
    }

    async fn ctx(&self) -> OperatorCtx {
        self.operator.again().await.unwrap()
    }

    async fn start(&self, password: Option<&str>) -> ProofId {
        let typed = password.map(|password| (self.shop.app(), SecretString::from(password)));
        proofs::start_of_source(&self.ctx().await, self.id, &typed.into_iter().collect()).await.unwrap().unwrap()
    }

    /// A run once it has ended.
    async fn ended(&self, subject: Subject, id: ProofId) -> ProofDetail {
        for _ in 0..600 {
            let detail = proofs::find(&self.ctx().await, subject, id).await.unwrap();
            if detail.run.status != RunStatus::Running {
                return detail;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the run does not end");
    }

    async fn proven(&self, password: Option<&str>) -> ProofDetail {
        self.ended(Subject::Source(self.id), self.start(password).await).await
    }

    async fn actions(&self) -> Vec<String> {
        let sql = "SELECT action || ' ' || outcome FROM audit_events WHERE action LIKE 'proof.%' ORDER BY id";
        self.world.database.texts(sql).await.unwrap()
    }

    /// Everything that is kept of runs, and of what was done about them.
    async fn kept(&self) -> String {
        let sql = "SELECT row_to_json(p)::text || coalesce(convert_from(document, 'UTF8'), '') FROM proofs p
                   UNION ALL SELECT row_to_json(e)::text FROM audit_events e WHERE action LIKE 'proof.%'
                   UNION ALL SELECT row_to_json(k)::text FROM idempotency_keys k";
        self.world.database.texts(sql).await.unwrap().concat()
    }
}

async fn register(
    operator: &OperatorCtx,
    shop: &Shop,
    name: &str,
    address: SecretString,
    accepted: Vec<Acceptance>,
) -> DataSourceId {
    let profile = shop::profile(&shop.app());
    let typed = Typed { name: name.to_owned(), address, profile, accepted, profile_text: String::new() };
    data_sources::add(&operator.again().await.unwrap(), &typed).await.unwrap()
}

#[tokio::test]
async fn a_sound_schema_is_green_and_a_hole_in_it_is_red_by_name() {
    let ground = Ground::new(&[SOUND]).await;
    let subject = Subject::Source(ground.id);
    let green = ground.proven(Some(SECRET)).await;
    assert_eq!(green.run.standing, Some(Standing::Green), "{:?} {:?}", green.run.sentence, green.run.failure);
    assert_eq!(green.run.source, Some(ProvenSource { id: Some(ground.id), name: "Shop".to_owned() }));
    let file = proofs::document(&ground.ctx().await, subject, green.run.id).await.unwrap();
    let verified = verify(&file, None).unwrap().proof;
    assert_eq!((verified.data_source.as_deref(), verified.database), (Some("Shop"), ground.shop.name()));
    assert!(verified.premises.roles.iter().all(|role| role.signed_in));

    let examined = || async { isolation::examine(&ground.ctx().await, subject).await.unwrap().unwrap().findings };
    let sound = examined().await;
    assert!(sound.is_empty(), "{sound:?}");
    ground.shop.run("CREATE TABLE notes (LIKE orders INCLUDING ALL)").await.unwrap();
    let newer = examined().await;
    assert!(newer.iter().any(|finding| finding.code == Code::TableUnproven), "{newer:?}");
    ground.shop.run(&format!("DROP TABLE notes; {LEAK}")).await.unwrap();

    // Entered by SET ROLE: a leak is one whoever stands behind the role.
    let red = ground.proven(None).await;
    assert_eq!(red.run.standing, Some(Standing::Red));
    let proof = red.proof.unwrap();
    assert!(proof.leaks().all(|cell| cell.subject == "public.orders"), "{proof:?}");
    assert!(red.run.sentence.unwrap().contains("public.orders"));
    assert!(red.difference.unwrap().catalogue_changed, "it is compared with the one before");

    // Nothing of it is this product's own.
    let own = proofs::list(&ground.ctx().await, Subject::Own).await.unwrap();
    assert_eq!((own.runs.len(), own.removed.len()), (0, 0));
    let other = register(&ground.operator, &ground.shop, "Other", ground.shop.owner(), Vec::new()).await;
    for foreign in [Subject::Own, Subject::Source(other)] {
        let found = proofs::document(&ground.ctx().await, foreign, green.run.id).await;
        assert!(matches!(found, Err(Error::NotFound)), "{found:?}");
    }
    let done = ["proof.started success", "proof.finished success"];
    assert_eq!(ground.actions().await, [done, done].concat());
    let signed_in = "SELECT after ->> 'signing_in' || ' of ' || (after ->> 'data_source') FROM audit_events
                     WHERE action = 'proof.started' ORDER BY id LIMIT 1";
    let expected = format!("{} of {}", ground.shop.app(), ground.id);
    assert_eq!(ground.world.database.texts(signed_in).await.unwrap(), [expected]);
    assert!(!ground.kept().await.contains(SECRET), "the password is kept somewhere");
}

#[tokio::test]
async fn without_a_sign_in_it_is_not_green_and_what_is_accepted_is_not_red() {
    let ground = Ground::new(&[SOUND, LEAK]).await;
    let leaks = ground.proven(None).await.proof.unwrap();
    let accepted = |attack: Attack| Acceptance {
        subject: "public.orders".to_owned(),
        object: None,
        attack,
        role: None,
        unproven: false,
        reason: "An experiment.".to_owned(),
    };
    let accepted = leaks.leaks().map(|cell| accepted(cell.attack)).collect();
    let id = register(&ground.operator, &ground.shop, "Other", ground.shop.owner(), accepted).await;
    let run = proofs::start_of_source(&ground.ctx().await, id, &BTreeMap::new()).await.unwrap().unwrap();
    let detail = ground.ended(Subject::Source(id), run).await;
    assert_eq!((detail.run.counts.leaked, detail.run.counts.accepted), (0, leaks.counts.leaked));
    assert_eq!(detail.run.standing, Some(Standing::Incomplete), "{:?}", detail.run.sentence);
    assert!(detail.difference.is_none(), "another data source's proofs are not its own");
}

#[tokio::test]
async fn one_runs_at_a_time_and_a_removed_source_ends_it() {
    let ground = Ground::new(&[SOUND]).await;
    let (first, second) = (ground.ctx().await, ground.ctx().await);
    let none = BTreeMap::new();
    let (first, second) = tokio::join!(
        proofs::start_of_source(&first, ground.id, &none),
        proofs::start_of_source(&second, ground.id, &none)
    );
    let begun: Vec<ProofId> = [first.unwrap(), second.unwrap()].into_iter().flatten().collect();
    assert_eq!(begun.len(), 1, "two run at once");
    let run = begun[0];
    let other = register(&ground.operator, &ground.shop, "Other", ground.shop.owner(), Vec::new()).await;
    let beside = proofs::start_of_source(&ground.ctx().await, other, &BTreeMap::new()).await.unwrap();

    data_sources::remove(&ground.ctx().await, ground.id, 1).await.unwrap();
    let ended = ground.ended(Subject::Own, run).await;
    assert_eq!(ended.run.status, RunStatus::Failed);
    assert!(ended.run.failure.unwrap().contains("was removed while the run lasted"));
    assert_eq!(ended.run.source, Some(ProvenSource { id: None, name: "Shop".to_owned() }));
    let list = proofs::list(&ground.ctx().await, Subject::Own).await.unwrap();
    assert_eq!((list.runs.len(), list.removed.len()), (0, 1), "it stays by its name");
    let gone = proofs::list(&ground.ctx().await, Subject::Source(ground.id)).await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");

    let finished = ground.ended(Subject::Source(other), beside.unwrap()).await;
    assert_eq!(finished.run.status, RunStatus::Finished, "another's run goes on: {:?}", finished.run.failure);
    data_sources::remove(&ground.ctx().await, other, 1).await.unwrap();
    let file = proofs::document(&ground.ctx().await, Subject::Own, finished.run.id).await.unwrap();
    assert!(verify(&file, None).is_ok(), "the evidence outlives its subject");
}

#[tokio::test]
async fn what_cannot_be_reached_fails_in_a_sentence_that_does_not_say_where() {
    let log = Log::of_all_tests();
    let mut ground = Ground::new(&[SOUND]).await;
    let nowhere = "postgres://nobody-else:only-here@127.0.0.1:1/shop".to_owned();
    ground.id = register(&ground.operator, &ground.shop, "Nowhere", nowhere.into(), Vec::new()).await;
    let failed = ground.proven(Some(SECRET)).await;
    assert_eq!((failed.run.status, failed.run.standing), (RunStatus::Failed, None));
    let failure = failed.run.failure.unwrap();
    assert!(failure.starts_with("The server does not answer") && failure.ends_with('.'), "{failure}");
    assert_eq!(ground.actions().await, ["proof.started success", "proof.failed failure"]);
    let asked = proofs::prospect(&ground.ctx().await, ground.id).await;
    assert!(matches!(&asked, Err(Error::Elsewhere(why)) if why.contains("does not answer")), "{asked:?}");
    let logged = log.text();
    // The ids of a test come from a seed: other tests of this process log about sources of the same id.
    let of_this_run = |line: &&str| line.contains(&ground.id.to_string()) && line.contains("does not answer");
    let of_this_run = logged.lines().find(of_this_run).unwrap_or_else(|| panic!("nothing is logged: {logged}"));
    let kept = ground.kept().await;
    for secret in [SECRET, "nobody-else", "only-here"] {
        assert!(!kept.contains(secret) && !logged.contains(secret), "{secret}: {kept} {logged}");
    }
    assert!(!kept.contains("127.0.0.1:1") && !of_this_run.contains("127.0.0.1:1"), "{kept} {of_this_run}");
}

#[tokio::test]
async fn rights_that_are_missing_are_said_before_and_after() {
    let mut ground = Ground::new(&[SOUND]).await;
    let able = proofs::prospect(&ground.ctx().await, ground.id).await.unwrap();
    assert_eq!((able.obstacles.len(), able.doubts.len()), (0, 0), "{able:?}");
    assert!(able.roles[0].exists && able.roles[0].signs_in && able.roles[0].is_entered, "{able:?}");
    let wrong = ground.proven(Some("another password")).await.run.failure.unwrap();
    assert!(wrong.contains("password authentication failed"), "{wrong}");

    let reader = ground.shop.address_of(&ground.shop.reader()).unwrap();
    ground.id = register(&ground.operator, &ground.shop, "Reader", reader, Vec::new()).await;
    let unable = proofs::prospect(&ground.ctx().await, ground.id).await.unwrap();
    assert!(unable.obstacles[0].contains("CREATEDB") && !unable.roles[0].is_entered, "{unable:?}");
    assert!(unable.doubts[0].contains("own something"), "{unable:?}");
    let failure = ground.proven(None).await.run.failure.unwrap();
    assert!(failure.contains("CREATEDB"), "{failure}");

    ground.shop.run(&format!("ALTER ROLE {} RENAME TO {}_x", ground.shop.app(), ground.shop.app())).await.unwrap();
    let renamed = proofs::prospect(&ground.ctx().await, ground.id).await.unwrap();
    assert!(renamed.obstacles.iter().any(|obstacle| obstacle.contains("has no role")), "{renamed:?}");
}

#[tokio::test]
async fn who_only_reads_starts_nothing_and_strangers_are_no_roles() {
    let ground = Ground::new(&[SOUND]).await;
    let viewer = ground.world.operator_with_role("eve", Role::Viewer).await;
    let list = proofs::list(&viewer.again().await.unwrap(), Subject::Source(ground.id)).await.unwrap();
    assert!(list.runs.is_empty() && list.prover.possible);
    let none = BTreeMap::new();
    for refused in [
        proofs::start_of_source(&viewer.again().await.unwrap(), ground.id, &none).await.map(drop),
        proofs::prospect(&viewer.again().await.unwrap(), ground.id).await.map(drop),
    ] {
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let stranger = BTreeMap::from([("postgres".to_owned(), SecretString::from(SECRET))]);
    match proofs::start_of_source(&ground.ctx().await, ground.id, &stranger).await {
        Err(Error::Invalid(errors)) => assert!(errors.of(&password_field("postgres")).is_some()),
        other => panic!("{other:?}"),
    }
    assert_eq!(ground.actions().await, [""; 0]);
}

/// What was logged. By all tests: one thread's own subscriber does not hear what another thread was the first to say.
#[derive(Clone)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn of_all_tests() -> Self {
        static LOG: LazyLock<Log> = LazyLock::new(|| {
            let log = Log(Arc::default());
            let writer = log.clone();
            let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
            tracing::subscriber::set_global_default(subscriber).unwrap();
            log
        });
        LOG.clone()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
