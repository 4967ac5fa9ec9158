//! Workspaces: what they are called, who is in them, and what roles held in one are worth.

use crate::{
    roles::{allows, make, may, now, refused},
    world::World,
};
use bulkhead_authz::truth::Resource;
use bulkhead_domain::{
    Ctx, Error,
    access::{self, Period},
    workspaces::{self, MOST, Typed},
};
use bulkhead_model::{
    OrgId, Permission, RoleId, UserId, WorkspaceId,
    access::PlacedRole,
    error::Conflict,
    page::PageRequest,
    user::Role,
    workspace::{Workspace, WorkspaceStatus},
};
use time::Duration;

fn named(name: &str) -> Typed {
    Typed { name: name.into(), description: String::new() }
}

pub fn id(ctx: &Ctx) -> UserId {
    ctx.identity().user_id
}

pub fn within(role: RoleId, workspace: WorkspaceId) -> PlacedRole {
    PlacedRole { role, workspace: Some(workspace) }
}

pub async fn again(ctx: &Ctx) -> Ctx {
    ctx.again().await.unwrap()
}

/// A workspace with these people in it.
pub async fn workspace(admin: &Ctx, name: &str, members: &[&Ctx]) -> WorkspaceId {
    let made = workspaces::create(&again(admin).await, &named(name)).await.unwrap();
    for member in members {
        workspaces::add_member(&again(admin).await, made, id(member)).await.unwrap();
    }
    made
}

pub async fn assign(by: &Ctx, to: &Ctx, placed: PlacedRole) -> Result<(), Error> {
    access::assign(&again(by).await, id(to), placed, Period::default(), "").await
}

async fn seen(admin: &Ctx, workspace: WorkspaceId) -> Workspace {
    workspaces::find(&again(admin).await, workspace).await.unwrap().workspace
}

pub async fn archive(by: &Ctx, workspace: WorkspaceId, version: i32) -> Result<(), Error> {
    workspaces::archive(&again(by).await, workspace, version).await
}

pub async fn restore(by: &Ctx, workspace: WorkspaceId, version: i32) -> Result<(), Error> {
    workspaces::restore(&again(by).await, workspace, version, "").await
}

/// Whether somebody may do something to what is in a workspace, with their next request.
pub async fn may_in(ctx: &Ctx, permission: Permission, workspace: WorkspaceId) -> bool {
    let resource = Resource { workspace: Some(workspace), ..Resource::default() };
    again(ctx).await.subject().explain(&permission.into(), &resource).0.allowed()
}

#[tokio::test]
async fn a_workspace_is_made_changed_archived_and_brought_back() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let (made, added) = world.added(org, workspace(&admin, "Production", &[&ana])).await;
    assert_eq!(added, ["workspace.created", "workspace.member_added"]);
    let typed = Typed { name: " Live ".into(), description: "What customers use.".into() };
    let (changed, added) = world.added(org, workspaces::change(&again(&admin).await, made, 1, &typed)).await;
    changed.unwrap();
    assert_eq!(added, ["workspace.changed"]);
    let (archived, added) = world.added(org, archive(&admin, made, 2)).await;
    archived.unwrap();
    assert_eq!(added, ["workspace.archived"]);
    let found = seen(&admin, made).await;
    assert_eq!((found.name.as_str(), found.description.as_str()), ("Live", "What customers use."));
    assert_eq!((found.status, found.members, found.version), (WorkspaceStatus::Archived, 1, 3));
    let (restored, added) = world.added(org, restore(&admin, made, 3)).await;
    restored.unwrap();
    assert_eq!(added, ["workspace.restored"]);

    // Done again, nothing is done and nothing is written.
    let (same, added) = world.added(org, workspaces::change(&again(&admin).await, made, 4, &typed)).await;
    same.unwrap();
    let (twice, more) = world.added(org, workspaces::add_member(&again(&admin).await, made, id(&ana))).await;
    twice.unwrap();
    assert_eq!((added, more), (vec![], vec![]));
    assert!(matches!(restore(&admin, made, 4).await, Err(Error::Conflict(Conflict::WrongStatus))));
}

#[tokio::test]
async fn what_somebody_else_changed_is_not_overwritten() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let made = workspace(&admin, "Production", &[]).await;
    workspaces::change(&again(&admin).await, made, 1, &named("Live")).await.unwrap();
    let answers = [
        workspaces::change(&again(&admin).await, made, 1, &named("Late")).await,
        archive(&admin, made, 1).await,
        restore(&admin, made, 1).await,
    ];
    for answer in answers {
        assert!(matches!(answer, Err(Error::Conflict(Conflict::StaleVersion))), "{answer:?}");
    }
    assert_eq!(seen(&admin, made).await.name, "Live");
}

#[tokio::test]
async fn a_name_that_looks_like_another_one_is_taken() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    workspace(&admin, "Production", &[]).await;
    let other = workspace(&admin, "Staging", &[]).await;
    // The second has a Cyrillic о.
    for alike in [" production ", "Prоduction", "Pro duction"] {
        let created = workspaces::create(&again(&admin).await, &named(alike)).await;
        assert!(refused(created, "name").contains("Another workspace"), "{alike}");
        let changed = workspaces::change(&again(&admin).await, other, 1, &named(alike)).await;
        assert!(refused(changed, "name").contains("Another workspace"), "{alike}");
    }
    for bad in ["", "  ", "Pro\u{202E}duction", &"x".repeat(61)] {
        assert!(!refused(workspaces::create(&again(&admin).await, &named(bad)).await, "name").is_empty(), "{bad:?}");
    }
    let long = Typed { name: "Long".into(), description: "x".repeat(501) };
    assert!(!refused(workspaces::create(&again(&admin).await, &long).await, "description").is_empty());
    workspace(&admin, "Production 2", &[]).await;
}

#[tokio::test]
async fn an_organization_has_so_many_and_no_more() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let sql = format!(
        "INSERT INTO workspaces (org_id, id, name, name_key, status)
         SELECT '{org}', gen_random_uuid(), n, n, 'archived' FROM (SELECT 'w' || generate_series(1, {})) names (n)",
        MOST - 1
    );
    world.database.run(&sql).await.unwrap();
    workspace(&admin, "The last", &[]).await;
    let one_more = workspaces::create(&again(&admin).await, &named("One more")).await;
    assert!(refused(one_more, "name").contains("at most 200"));
}

#[tokio::test]
async fn only_those_who_may_arrange_workspaces_do() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let made = workspace(&admin, "Production", &[&ana]).await;
    for (local, role, reads) in [("mia", Role::Manager, true), ("vera", Role::Viewer, true), ("uwe", Role::User, false)]
    {
        let somebody = world.member(&admin, local, role).await;
        assert_eq!(workspaces::list(&again(&somebody).await).await.is_ok(), reads, "{local}");
        assert_eq!(workspaces::find(&again(&somebody).await, made).await.is_ok(), reads, "{local}");
        assert_eq!(workspaces::of_user(&again(&somebody).await, id(&ana)).await.is_ok(), reads, "{local}");
        let answers = [
            workspaces::create(&again(&somebody).await, &named("Mine")).await.err(),
            workspaces::change(&again(&somebody).await, made, 1, &named("Mine")).await.err(),
            archive(&somebody, made, 1).await.err(),
            restore(&somebody, made, 1).await.err(),
            workspaces::add_member(&again(&somebody).await, made, id(&somebody)).await.err(),
            workspaces::add_by_address(&again(&somebody).await, made, "ana@acme.example").await.err(),
            workspaces::remove_member(&again(&somebody).await, made, id(&ana)).await.err(),
        ];
        for answer in answers {
            assert!(matches!(answer, Some(Error::Forbidden(Permission::WorkspacesManage))), "{local} {answer:?}");
        }
    }
}

#[tokio::test]
async fn another_organizations_workspaces_are_not_there() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, acme) = world.org(&operator, "acme").await;
    let (_, globex) = world.org(&operator, "globex").await;
    let theirs = workspace(&acme, "Production", &[&acme]).await;
    let ours = workspace(&globex, "Production", &[&globex]).await;
    let role = make(&globex, &allows("Reader", &[Permission::UsersRead])).await;
    let as_globex = || async { globex.again().await.unwrap() };
    let answers = [
        workspaces::find(&as_globex().await, theirs).await.err(),
        workspaces::change(&as_globex().await, theirs, 1, &named("Mine")).await.err(),
        workspaces::archive(&as_globex().await, theirs, 1).await.err(),
        workspaces::restore(&as_globex().await, theirs, 1, "").await.err(),
        workspaces::add_member(&as_globex().await, theirs, id(&globex)).await.err(),
        workspaces::add_member(&as_globex().await, ours, id(&acme)).await.err(),
        workspaces::add_by_address(&as_globex().await, theirs, "admin@globex.example").await.err(),
        workspaces::remove_member(&as_globex().await, theirs, id(&acme)).await.err(),
        workspaces::remove_member(&as_globex().await, ours, id(&acme)).await.err(),
        workspaces::of_user(&as_globex().await, id(&acme)).await.err(),
        access::assign(&as_globex().await, id(&globex), within(role, theirs), Period::default(), "").await.err(),
        access::unassign(&as_globex().await, id(&globex), within(role, theirs), "").await.err(),
    ];
    for answer in answers {
        assert!(matches!(answer, Some(Error::NotFound)), "{answer:?}");
    }
    let nobody = workspaces::add_by_address(&as_globex().await, ours, "admin@acme.example").await;
    assert!(refused(nobody, "email").contains("Nobody"));
    assert_eq!(workspaces::list(&as_globex().await).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_role_in_a_workspace_counts_there_and_nowhere_else() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let production = workspace(&admin, "Production", &[&ana]).await;
    let staging = workspace(&admin, "Staging", &[&ana]).await;
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    let (given, added) = world.added(org, assign(&admin, &ana, within(auditor, production))).await;
    given.unwrap();
    assert_eq!(added, ["user.role_assigned"]);
    let said = "SELECT after->>'workspace' FROM audit_events WHERE action = 'user.role_assigned'";
    assert_eq!(world.database.texts(said).await.unwrap(), ["Production"]);
    assert!(!may(&ana, Permission::AuditRead).await, "what the console does is in no workspace");
    assert!(may_in(&ana, Permission::AuditRead, production).await);
    assert!(!may_in(&ana, Permission::AuditRead, staging).await);

    // The same role organization-wide and in the other workspace, for another time; each is taken away by itself.
    let soon = now(&admin).await + Duration::hours(1);
    let period = Period { from: None, until: Some(soon) };
    access::assign(&again(&admin).await, id(&ana), auditor, period, "").await.unwrap();
    assign(&admin, &ana, within(auditor, staging)).await.unwrap();
    assert!(may(&ana, Permission::AuditRead).await && may_in(&ana, Permission::AuditRead, staging).await);
    let held = access::held(&again(&admin).await, id(&ana)).await.unwrap();
    let shown: Vec<_> =
        held.iter().map(|held| (held.workspace.as_ref().map(|w| w.name.as_str()), held.until)).collect();
    assert_eq!(shown, [(None, Some(soon)), (Some("Production"), None), (Some("Staging"), None)]);
    assert_eq!(
        access::find(&again(&admin).await, auditor).await.unwrap().stored.unwrap().holders,
        1,
        "people, not places"
    );
    access::unassign(&again(&admin).await, id(&ana), within(auditor, staging), "").await.unwrap();
    access::unassign(&again(&admin).await, id(&ana), auditor, "").await.unwrap();
    assert!(!may(&ana, Permission::AuditRead).await && !may_in(&ana, Permission::AuditRead, staging).await);
    assert!(may_in(&ana, Permission::AuditRead, production).await);
    let twice = access::unassign(&again(&admin).await, id(&ana), auditor, "").await;
    assert!(matches!(twice, Err(Error::NotFound)), "{twice:?}");
}

#[tokio::test]
async fn only_members_hold_roles_in_a_workspace_in_use() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let production = workspace(&admin, "Production", &[]).await;
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    let outside = assign(&admin, &ana, within(auditor, production)).await;
    assert!(refused(outside, "workspace").contains("not in this workspace"));
    workspaces::add_by_address(&again(&admin).await, production, " Ana@ACME.example ").await.unwrap();
    archive(&admin, production, 1).await.unwrap();
    let archived = assign(&admin, &ana, within(auditor, production)).await;
    assert!(refused(archived, "workspace").contains("archived"));
    let late = workspaces::add_member(&again(&admin).await, production, id(&admin)).await;
    assert!(matches!(late, Err(Error::Conflict(Conflict::WrongStatus))), "{late:?}");
    restore(&admin, production, 2).await.unwrap();
    assign(&admin, &ana, within(auditor, production)).await.unwrap();
}

#[tokio::test]
async fn roles_in_an_archived_workspace_are_kept_and_do_not_count() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let production = workspace(&admin, "Production", &[&ana]).await;
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    assign(&admin, &ana, within(auditor, production)).await.unwrap();
    archive(&admin, production, 1).await.unwrap();
    assert!(!may_in(&ana, Permission::AuditRead, production).await, "from the next request on");
    assert_eq!(access::held(&again(&admin).await, id(&ana)).await.unwrap().len(), 1, "kept");
    restore(&admin, production, 2).await.unwrap();
    assert!(may_in(&ana, Permission::AuditRead, production).await);
}

#[tokio::test]
async fn whoever_leaves_a_workspace_leaves_their_roles_there() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let production = workspace(&admin, "Production", &[&ana]).await;
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    assign(&admin, &ana, within(auditor, production)).await.unwrap();
    let detail = workspaces::find(&again(&admin).await, production).await.unwrap();
    let members = workspaces::members(&again(&admin).await, production, "", &PageRequest::default()).await.unwrap();
    assert_eq!((detail.roles(), members.page.rows[0].roles[0].role_name.as_str()), (1, "Auditor"));
    let (removed, added) =
        world.added(org, workspaces::remove_member(&again(&admin).await, production, id(&ana))).await;
    removed.unwrap();
    assert_eq!(added, ["workspace.member_removed"]);
    let said = "SELECT before->>'roles held in it' FROM audit_events WHERE action = 'workspace.member_removed'";
    assert_eq!(world.database.texts(said).await.unwrap(), ["Auditor"]);
    assert!(!may_in(&ana, Permission::AuditRead, production).await);
    assert_eq!(access::held(&again(&admin).await, id(&ana)).await.unwrap(), []);
    let twice = workspaces::remove_member(&again(&admin).await, production, id(&ana)).await;
    assert!(matches!(twice, Err(Error::NotFound)));
    workspaces::add_member(&again(&admin).await, production, id(&ana)).await.unwrap();
    assert!(!may_in(&ana, Permission::AuditRead, production).await, "being in it again gives nothing back");
}

/// What the tables hold by themselves, past the program.
#[tokio::test]
async fn the_tables_keep_organizations_and_members_apart() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (acme_org, acme) = world.org(&operator, "acme").await;
    let (globex_org, globex) = world.org(&operator, "globex").await;
    let theirs = workspace(&acme, "Production", &[]).await;
    let role = make(&acme, &allows("Reader", &[Permission::UsersRead])).await;
    let put = |org: OrgId, user: &Ctx| {
        format!(
            "INSERT INTO workspace_members (org_id, workspace_id, user_id, added_by) VALUES ('{org}', '{theirs}', '{}', 'x')",
            id(user)
        )
    };
    for (sql, constraint) in [
        (put(globex_org, &globex), "workspace_members_workspace_fkey"),
        (put(acme_org, &globex), "workspace_members_user_fkey"),
        (
            format!(
                "INSERT INTO role_assignments (org_id, user_id, role_id, workspace_id, assigned_by)
                 VALUES ('{acme_org}', '{}', '{role}', '{theirs}', 'x')",
                id(&acme)
            ),
            "role_assignments_member_fkey",
        ),
    ] {
        let refused = world.database.run(&sql).await;
        assert!(format!("{refused:?}").contains(constraint), "{refused:?}");
    }
}
