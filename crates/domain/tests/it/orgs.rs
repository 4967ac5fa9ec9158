//! The life of an organization, from its first step to its end and back.

use crate::world::{PASSWORD, World};
use bulkhead_domain::{
    Error, OperatorCtx,
    orgs::{self, NewOrg},
};
use bulkhead_model::{
    OrgId,
    error::Conflict,
    org::{OrgFilter, OrgSort, OrgStatus, StepStatus},
    page::{PageRequest, Place},
    user::Role,
};

fn new_org(slug: &str) -> NewOrg {
    NewOrg {
        name: format!("Org {slug}"),
        slug: slug.into(),
        plan: "team".into(),
        admin_email: format!("admin@{slug}.example"),
    }
}

async fn status(operator: &OperatorCtx, id: OrgId) -> OrgStatus {
    orgs::find(&operator.again().await.unwrap(), id).await.unwrap().org.status
}

#[tokio::test]
async fn creating_runs_every_step_and_says_how_each_went() {
    let world = World::new().await;
    let operator = world.operator().await;
    let id = orgs::create(&operator, &new_org("acme")).await.unwrap();
    let detail = orgs::find(&operator.again().await.unwrap(), id).await.unwrap();
    assert_eq!(detail.org.status, OrgStatus::Active);
    assert!(
        detail.steps.iter().all(|step| step.status == StepStatus::Done && step.attempts == 1 && step.detail.is_some()),
        "{:?}",
        detail.steps
    );
    assert_eq!((detail.impact.active_users, detail.impact.invited_users, detail.impact.live_sessions), (0, 1, 0));
    let mut expected = vec!["org.created"];
    expected.extend(["org.step_finished"; 5]);
    assert_eq!(world.actions(id).await, expected);
    let isolation = detail
        .steps
        .iter()
        .find_map(|step| step.detail.as_deref().filter(|text| text.contains("0 from another")))
        .unwrap();
    assert!(isolation.starts_with("The tenant role sees"), "{isolation}");
    world.accept(&world.link_for("admin@acme.example").await, "Ada").await;
    assert_eq!(orgs::find(&operator.again().await.unwrap(), id).await.unwrap().impact.live_sessions, 1);
}

#[tokio::test]
async fn what_cannot_be_created_says_why_field_by_field() {
    let world = World::new().await;
    let operator = world.operator().await;
    orgs::create(&operator, &new_org("taken")).await.unwrap();
    let fields = async |change: &dyn Fn(&mut NewOrg)| {
        let mut new = new_org("fresh");
        change(&mut new);
        match orgs::create(&operator.again().await.unwrap(), &new).await {
            Err(Error::Invalid(errors)) => errors.iter().map(|error| error.field.clone()).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(fields(&|new| new.slug = "taken".into()).await, ["slug"]);
    assert_eq!(fields(&|new| new.slug = "platform".into()).await, ["slug"]);
    assert_eq!(fields(&|new| new.plan = "gold".into()).await, ["plan"]);
    assert_eq!(fields(&|new| *new = NewOrg::default()).await, ["name", "slug", "admin_email", "plan"]);
    assert_eq!(world.number("SELECT count(*) FROM orgs WHERE kind = 'customer'").await, 1);
}

#[tokio::test]
async fn two_who_take_the_same_name_at_once_make_one_organization() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (one, other) = (operator.again().await.unwrap(), operator.again().await.unwrap());
    let new = new_org("acme");
    let answers = tokio::join!(orgs::create(&one, &new), orgs::create(&other, &new));
    assert!(answers.0.is_ok() ^ answers.1.is_ok(), "{answers:?}");
    assert!(matches!(answers.0.err().or(answers.1.err()), Some(Error::Invalid(errors)) if errors.of("slug").is_some()));
}

/// The step that proves isolation is made to fail by what it exists to find: a policy that leaks.
#[tokio::test]
async fn a_step_that_fails_is_tried_again_from_where_it_stopped() {
    let world = World::new().await;
    // Before anyone has a transaction open on the table.
    world.database.sabotage("CREATE POLICY leak ON users FOR SELECT TO bulkhead_app USING (true)").await.unwrap();
    let operator = world.operator().await;
    let id = orgs::create(&operator, &new_org("acme")).await.unwrap();
    let detail = orgs::find(&operator.again().await.unwrap(), id).await.unwrap();
    assert_eq!(detail.org.status, OrgStatus::Provisioning);
    let states: Vec<_> = detail.steps.iter().map(|step| step.status).collect();
    assert_eq!(
        states,
        [StepStatus::Done, StepStatus::Done, StepStatus::Failed, StepStatus::Waiting, StepStatus::Waiting]
    );
    assert!(detail.steps[2].detail.as_ref().unwrap().contains("1 without a context"), "{:?}", detail.steps[2]);
    assert_eq!(orgs::overview(&operator.again().await.unwrap()).await.unwrap().provisioning.len(), 1);
    assert!(world.sign_in("acme", "admin@acme.example", PASSWORD).await.is_err());

    orgs::resume_provisioning(&operator.again().await.unwrap(), id).await.unwrap();
    assert_eq!(status(&operator, id).await, OrgStatus::Provisioning, "still leaking");
    world.database.sabotage("DROP POLICY leak ON users").await.unwrap();
    orgs::resume_provisioning(&operator.again().await.unwrap(), id).await.unwrap();
    let detail = orgs::find(&operator.again().await.unwrap(), id).await.unwrap();
    assert_eq!(detail.org.status, OrgStatus::Active);
    assert_eq!(detail.steps.iter().map(|step| step.attempts).collect::<Vec<_>>(), [1, 1, 3, 1, 1]);
    let actions = world.actions(id).await;
    assert_eq!(actions.iter().filter(|action| *action == "org.step_failed").count(), 2);
    assert_eq!(actions.iter().filter(|action| *action == "org.step_finished").count(), 5, "each once");
    assert_eq!(world.number(&format!("SELECT count(*) FROM users WHERE org_id = '{id}'")).await, 1);
}

#[tokio::test]
async fn an_invitation_that_a_crash_kept_back_is_found_and_sent() {
    let world = World::new().await;
    let operator = world.operator().await;
    let id = orgs::create(&operator, &new_org("acme")).await.unwrap();
    world.database.run("UPDATE provisioning_steps SET status = 'waiting', finished_at = NULL WHERE step = 'invitation'; DELETE FROM mail_outbox").await.unwrap();
    let overview = orgs::overview(&operator.again().await.unwrap()).await.unwrap();
    assert_eq!(overview.provisioning.iter().map(|org| org.id).collect::<Vec<_>>(), [id], "active, and not finished");
    orgs::resume_provisioning(&operator.again().await.unwrap(), id).await.unwrap();
    world.accept(&world.link_for("admin@acme.example").await, "Ada").await;
}

#[tokio::test]
async fn two_workers_do_each_step_once() {
    let world = World::new().await;
    let operator = world.operator().await;
    let id = orgs::create(&operator, &new_org("acme")).await.unwrap();
    world
        .database
        .run(
            "UPDATE provisioning_steps SET status = 'waiting', finished_at = NULL; DELETE FROM mail_outbox;
                        UPDATE orgs SET status = 'provisioning' WHERE kind = 'customer'",
        )
        .await
        .unwrap();
    let (one, other) = (operator.again().await.unwrap(), operator.again().await.unwrap());
    let (first, second) = tokio::join!(orgs::resume_provisioning(&one, id), orgs::resume_provisioning(&other, id));
    first.unwrap();
    second.unwrap();
    assert_eq!(world.actions(id).await.len(), 1 + 5 + 5);
    assert_eq!(world.number("SELECT count(*) FROM mail_outbox WHERE kind = 'invitation'").await, 1);
}

#[tokio::test]
async fn suspending_says_what_it_ended_and_needs_a_reason() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (id, admin) = world.org(&operator, "acme").await;
    let ana = world.member(&admin, "ana", Role::User).await;
    for reason in ["", "  ", &"x".repeat(501)] {
        let refused = orgs::suspend(&operator.again().await.unwrap(), id, world.version_of(id).await, reason).await;
        assert!(matches!(refused, Err(Error::Invalid(errors)) if errors.of("reason").is_some()));
    }
    let (ended, added) = world
        .added(id, async {
            orgs::suspend(&operator.again().await.unwrap(), id, world.version_of(id).await, " Bills ").await
        })
        .await;
    assert_eq!((ended.unwrap(), added), (2, vec!["org.suspended".to_owned()]));
    assert_eq!(
        world.database.texts("SELECT reason FROM audit_events WHERE action = 'org.suspended'").await.unwrap(),
        ["Bills"]
    );
    for ctx in [&admin, &ana] {
        assert!(matches!(ctx.again().await, Err(Error::Unauthenticated)));
    }
    let org = orgs::find(&operator.again().await.unwrap(), id).await.unwrap().org;
    assert_eq!(
        (org.status, org.status_reason.as_deref(), org.suspended_at.is_some()),
        (OrgStatus::Suspended, Some("Bills"), true)
    );
    let again = orgs::suspend(&operator.again().await.unwrap(), id, world.version_of(id).await, "Bills").await;
    assert!(matches!(again, Err(Error::Conflict(Conflict::WrongStatus))));
}

#[tokio::test]
async fn deprovisioning_asks_for_the_name_and_can_be_taken_back() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (id, admin) = world.org(&operator, "acme").await;
    for (name, reason, field) in
        [("org acme", "Gone", "confirm_name"), ("", "Gone", "confirm_name"), ("Org acme", "", "reason")]
    {
        let refused =
            orgs::deprovision(&operator.again().await.unwrap(), id, world.version_of(id).await, name, reason).await;
        assert!(matches!(refused, Err(Error::Invalid(errors)) if errors.of(field).is_some()), "{name:?} {reason:?}");
    }
    let (done, added) = world
        .added(id, async {
            orgs::deprovision(
                &operator.again().await.unwrap(),
                id,
                world.version_of(id).await,
                " Org acme ",
                "Contract over",
            )
            .await
        })
        .await;
    done.unwrap();
    assert_eq!(added, ["org.deprovisioned"]);
    assert!(admin.again().await.is_err());
    let org = orgs::find(&operator.again().await.unwrap(), id).await.unwrap().org;
    let thirty_days = "SELECT count(*) FROM orgs WHERE delete_after - updated_at = interval '30 days'";
    assert_eq!((org.status, world.number(thirty_days).await), (OrgStatus::PendingDeletion, 1));
    for refused in [
        orgs::suspend(&operator.again().await.unwrap(), id, world.version_of(id).await, "x").await.err(),
        orgs::reactivate(&operator.again().await.unwrap(), id, world.version_of(id).await).await.err(),
    ] {
        assert!(matches!(refused, Some(Error::Conflict(Conflict::WrongStatus))));
    }
    let (restored, added) = world
        .added(id, async { orgs::restore(&operator.again().await.unwrap(), id, world.version_of(id).await).await })
        .await;
    restored.unwrap();
    assert_eq!(
        (status(&operator, id).await, added),
        (OrgStatus::Suspended, vec!["org.restored".to_owned()]),
        "letting people in is another decision"
    );
    orgs::reactivate(&operator.again().await.unwrap(), id, world.version_of(id).await).await.unwrap();
    world.sign_in("acme", "admin@acme.example", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn an_unfinished_organization_comes_back_unfinished() {
    let world = World::new().await;
    // Before anyone has a transaction open on the table.
    world.database.sabotage("CREATE POLICY leak ON users FOR SELECT TO bulkhead_app USING (true)").await.unwrap();
    let operator = world.operator().await;
    let id = orgs::create(&operator, &new_org("acme")).await.unwrap();
    orgs::deprovision(&operator.again().await.unwrap(), id, world.version_of(id).await, "Org acme", "Mistake")
        .await
        .unwrap();
    orgs::restore(&operator.again().await.unwrap(), id, world.version_of(id).await).await.unwrap();
    assert_eq!(status(&operator, id).await, OrgStatus::Provisioning);
}

#[tokio::test]
async fn the_platform_is_nobodys_to_end() {
    let world = World::new().await;
    let operator = world.operator().await;
    let platform = operator.identity().org_id;
    let name = orgs::current(
        &world.enter(world.sign_in("platform", "root@platform.example", PASSWORD).await.unwrap().cookie).await.unwrap(),
    )
    .await
    .unwrap()
    .name;
    for refused in [
        orgs::suspend(&operator.again().await.unwrap(), platform, world.version_of(platform).await, "x").await.err(),
        orgs::deprovision(&operator.again().await.unwrap(), platform, world.version_of(platform).await, &name, "x")
            .await
            .err(),
    ] {
        assert!(refused.is_some());
    }
    operator.again().await.unwrap();
}

#[tokio::test]
async fn an_edit_of_a_stale_version_is_a_conflict() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (id, admin) = world.org(&operator, "acme").await;
    let seen = orgs::find(&operator.again().await.unwrap(), id).await.unwrap().org.version;
    let (edited, added) = world
        .added(id, async {
            orgs::update(&operator.again().await.unwrap(), id, seen, "Acme & Söhne", "business").await
        })
        .await;
    edited.unwrap();
    assert_eq!(added, ["org.updated"]);
    let stale = orgs::update(&operator.again().await.unwrap(), id, seen, "Other", "team").await;
    assert!(matches!(stale, Err(Error::Conflict(Conflict::StaleVersion))));
    let stale = orgs::rename_current(&admin.again().await.unwrap(), seen, "Other").await;
    assert!(matches!(stale, Err(Error::Conflict(Conflict::StaleVersion))));
    orgs::rename_current(&admin.again().await.unwrap(), seen + 1, "Acme").await.unwrap();
    let org = orgs::current(&admin.again().await.unwrap()).await.unwrap();
    assert_eq!((org.name.as_str(), org.plan.as_str()), ("Acme", "business"));
}

#[tokio::test]
async fn operators_of_lesser_roles_read_and_do_not_change() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (id, _) = world.org(&operator, "acme").await;
    let root = world.sign_in("platform", "root@platform.example", PASSWORD).await.unwrap();
    let root = world.enter(root.cookie).await.unwrap();
    world.member(&root, "viewer", Role::Viewer).await;
    let session = world.sign_in("platform", "viewer@platform.example", PASSWORD).await.unwrap();
    let viewer: OperatorCtx = world.enter(session.cookie).await.unwrap();
    orgs::find(&viewer.again().await.unwrap(), id).await.unwrap();
    let platform = viewer.identity().org_id;
    let (denied, added) = world
        .added(platform, async {
            orgs::suspend(&viewer.again().await.unwrap(), id, world.version_of(id).await, "x").await
        })
        .await;
    assert!(matches!(denied, Err(Error::Forbidden(_))));
    assert_eq!(added, ["access.denied"], "in the operators' own log");
}

#[tokio::test]
async fn the_list_pages_sorts_and_filters_and_leaves_the_platform_out() {
    let world = World::new().await;
    let operator = world.operator().await;
    world.database.run("INSERT INTO orgs (id, slug, name, name_norm, plan, status, created_at)
        SELECT gen_random_uuid(), 'o' || n, 'Org ' || n, 'org ' || n, CASE WHEN n % 2 = 0 THEN 'free' ELSE 'team' END, 'active', now() - n * interval '1 h'
        FROM generate_series(10, 33) n").await.unwrap();
    for sort in OrgSort::ALL {
        for descending in [false, true] {
            let filter = OrgFilter { sort: *sort, descending, ..OrgFilter::default() };
            let (mut place, mut seen) = (Place::First, Vec::new());
            loop {
                let list =
                    orgs::list(&operator.again().await.unwrap(), &filter, &PageRequest::new(place, 7)).await.unwrap();
                assert_eq!(list.count.0, 24);
                seen.extend(list.page.rows.iter().map(|summary| summary.org.slug.clone()));
                let Some(next) = list.page.next else { break };
                place = Place::After(next);
            }
            let unique: std::collections::HashSet<_> = seen.iter().collect();
            assert_eq!((seen.len(), unique.len()), (24, 24), "{sort} {descending}");
        }
    }
    let filter = OrgFilter { plan: vec!["free".into()], search: "ORG 1".into(), ..OrgFilter::default() };
    assert_eq!(
        orgs::list(&operator.again().await.unwrap(), &filter, &PageRequest::default()).await.unwrap().count.0,
        5
    );
}

/// Somebody else's change is already on its way when this one reads the organization, and commits before it writes.
#[tokio::test]
async fn a_change_of_status_that_was_decided_on_another_version_is_refused_in_the_write_itself() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (id, _) = world.org(&operator, "acme").await;
    let seen = world.version_of(id).await;
    let in_between =
        format!("BEGIN; UPDATE orgs SET version = version + 1 WHERE id = '{id}'; SELECT pg_sleep(1); COMMIT");
    let before = world.actions(id).await;
    let late = operator.again().await.unwrap();
    let (changed, refused) = tokio::join!(world.database.run(&in_between), async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(world.version_of(id).await, seen, "the other change is not committed yet");
        orgs::suspend(&late, id, seen, "Bills").await
    });
    changed.unwrap();
    assert!(matches!(refused, Err(Error::Conflict(Conflict::StaleVersion))), "{refused:?}");
    assert_eq!(status(&operator, id).await, OrgStatus::Active);
    assert_eq!(world.actions(id).await, before);
}

#[tokio::test]
async fn of_two_changes_decided_on_the_same_version_one_is_made() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (id, _) = world.org(&operator, "acme").await;
    for _ in 0..5 {
        let seen = world.version_of(id).await;
        let (one, other) = (operator.again().await.unwrap(), operator.again().await.unwrap());
        // Deprovisioning is possible from either status, so only the version tells that it was decided on another.
        let (suspended, deprovisioned) = tokio::join!(
            orgs::suspend(&one, id, seen, "Bills"),
            orgs::deprovision(&other, id, seen, "Org acme", "Contract over"),
        );
        let refused = match (suspended, deprovisioned) {
            (Ok(_), Err(refused)) | (Err(refused), Ok(())) => refused,
            both => panic!("{both:?}"),
        };
        assert!(matches!(refused, Error::Conflict(Conflict::StaleVersion)), "{refused:?}");
        assert_eq!(world.version_of(id).await, seen + 1);
        let again = operator.again().await.unwrap();
        if status(&operator, id).await == OrgStatus::PendingDeletion {
            orgs::restore(&again, id, seen + 1).await.unwrap();
        }
        orgs::reactivate(&operator.again().await.unwrap(), id, world.version_of(id).await).await.unwrap();
    }
}
