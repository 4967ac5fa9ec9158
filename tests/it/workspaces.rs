//! The pages of workspaces, as a browser without JavaScript uses them.

use crate::harness::{Answer, Client, World};
use http::StatusCode;

const NEW: &str = "/t/acme/workspaces/new";

/// Makes a workspace; its page.
async fn made(client: &mut Client, name: &str) -> String {
    let answer = client.post(NEW, &[("name", name), ("description", "")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.location().to_owned()
}

/// The id at the end of a page's address.
fn id_of(page: &str) -> &str {
    page.rsplit('/').next().unwrap()
}

fn says(page: &Answer, words: &[&str]) {
    let text = page.text();
    for word in words {
        assert!(text.contains(word), "{word}: {text}");
    }
}

/// The page's main part.
fn main_of(page: &Answer) -> String {
    page.text().split_once("<main").unwrap().1.to_owned()
}

async fn user(world: &World, email: &str) -> String {
    world.sql(&format!("SELECT id::text FROM users WHERE email = '{email}'")).await
}

/// Puts somebody into a workspace.
async fn add(client: &mut Client, page: &str, email: &str) {
    let added = client.post(&format!("{page}/members"), &[("email", email)]).await;
    assert_eq!((added.status, added.location()), (StatusCode::SEE_OTHER, page), "{}", added.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_is_made_renamed_archived_and_brought_back() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let page = made(&mut admin, "Pilot <b>").await;
    says(
        &admin.get(&page).await,
        &["Pilot &lt;b", "created. Add the people who work in it.", "Nobody is in this workspace."],
    );

    let edit = format!("{page}/edit");
    let saved = [("version", "1"), ("name", "Trial"), ("description", "A first try.\nThen more.")];
    assert_eq!(admin.post(&edit, &saved).await.status, StatusCode::SEE_OTHER);
    says(&admin.get(&page).await, &["Trial", "A first try.", "changed a workspace"]);
    let stale = admin.post(&edit, &[("version", "1"), ("name", "Late"), ("description", "")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    says(&stale, &["There it says now: name Trial, description A first try. Then more.", "value=\"Late\""]);

    add(&mut admin, &page, "user@acme.example").await;
    let archive = format!("{page}/archive");
    says(&admin.get(&archive).await, &["Nobody holds a role in it", "Archive Trial"]);
    assert_eq!(admin.post(&archive, &[("version", "2")]).await.status, StatusCode::SEE_OTHER);
    let archived = admin.get(&page).await;
    says(&archived, &["This workspace is archived.", "Bring back"]);
    assert!(!archived.text().contains("Add a member"), "nobody is added meanwhile");
    assert_eq!(admin.get(&archive).await.status, StatusCode::CONFLICT);
    let restore = format!("{page}/restore");
    says(&admin.get(&restore).await, &["Bring back Trial"]);
    assert_eq!(admin.post(&restore, &[("version", "3")]).await.status, StatusCode::SEE_OTHER);
    says(&admin.get(&page).await, &["Add a member"]);
    says(&admin.get("/t/acme/workspaces").await, &["Trial", "A first try. Then more."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_wrong_stays_and_is_explained() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let page = made(&mut admin, "Pilot").await;
    // The second o is Cyrillic.
    let taken = admin.post(NEW, &[("name", "Pilоt"), ("description", "</textarea><script>1</script>")]).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&taken, &["Another workspace has this name", "value=\"Pilоt\""]);
    assert!(!taken.text().contains("<script>1"), "text, not markup");
    for (email, why) in [
        ("nobody@acme.example", "Nobody in the organization has this address."),
        ("admin@globex.example", "Nobody in the organization has this address."),
        ("ana", "Enter an e-mail address"),
    ] {
        let refused = admin.post(&format!("{page}/members"), &[("email", email)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        says(&refused, &[why, &format!("value=\"{email}\"")]);
    }
    for (path, fields) in
        [(NEW, [("name", "X"), ("status", "archived")]), (&format!("{page}/members"), [("email", "x"), ("role", "x")])]
    {
        let unknown = admin.post(path, &fields).await;
        assert!(unknown.status.is_client_error(), "{path}: {}", unknown.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_given_in_a_workspace_and_goes_with_it() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let mut person = world.signed_in("acme", "user@acme.example").await;
    let user = user(&world, "user@acme.example").await;
    let role = world.keep_role(&mut admin, "Deployer").await;
    let page = made(&mut admin, "Pilot").await;
    let workspace = id_of(&page).to_owned();
    let (here, give) = (format!("/t/acme/users/{user}"), format!("/t/acme/users/{user}/roles"));
    let there = [("own_role", role.as_str()), ("workspace", workspace.as_str()), ("from", ""), ("until", "")];

    let outside = admin.post(&give, &there).await;
    assert_eq!(outside.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&outside, &["They are not in this workspace."]);
    add(&mut admin, &page, "user@acme.example").await;
    says(&admin.get(&here).await, &["Whole organization", &format!("<option value=\"{workspace}\"")]);
    assert_eq!(admin.post(&give, &there).await.status, StatusCode::SEE_OTHER);
    says(&admin.get(&here).await, &["Deployer in Pilot given to", &format!("/t/acme/workspaces/{workspace}")]);
    let everywhere = [("own_role", role.as_str()), ("workspace", ""), ("from", ""), ("until", "")];
    assert_eq!(admin.post(&give, &everywhere).await.status, StatusCode::SEE_OTHER);
    let twice = main_of(&admin.get(&here).await);
    assert_eq!(twice.matches("aria-label=\"Take away Deployer").count(), 2, "one in each place: {twice}");
    assert!(twice.contains("aria-label=\"Take away Deployer in Pilot\""), "{twice}");
    says(&admin.get(&page).await, &["Deployer", "Remove"]);
    says(&admin.get(&format!("/t/acme/roles/{role}")).await, &["Pilot", "Whole organization"]);
    says(&admin.get(&format!("{here}/access")).await, &["Deployer in Pilot"]);

    // Each is taken away by itself.
    let take = format!("{give}/remove");
    assert_eq!(admin.post(&take, &[("own_role", &role)]).await.status, StatusCode::SEE_OTHER);
    let left = main_of(&admin.get(&here).await);
    assert_eq!(left.matches("aria-label=\"Take away Deployer").count(), 1, "{left}");

    says(&admin.get(&format!("{page}/archive")).await, &["role held in it stops counting"]);
    let remove = format!("{page}/members/{user}/remove");
    says(&admin.get(&remove).await, &["They lose what they hold in it, with their next request: Deployer."]);
    assert_eq!(admin.post(&remove, &[]).await.status, StatusCode::SEE_OTHER);
    assert!(!main_of(&admin.get(&here).await).contains("Take away Deployer"));
    assert_eq!(admin.post(&remove, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(person.get(&page).await.status, StatusCode::FORBIDDEN, "users do not see workspaces");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_reads_is_offered_nothing_to_change() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let mut viewer = world.signed_in("acme", "viewer@acme.example").await;
    let page = made(&mut admin, "Pilot").await;
    add(&mut admin, &page, "user@acme.example").await;
    let list = viewer.get("/t/acme/workspaces").await;
    says(&list, &["Pilot"]);
    assert!(!list.text().contains("New workspace"));
    let text = main_of(&viewer.get(&page).await);
    assert!(text.contains("user@acme.example"), "{text}");
    for offered in ["/edit", "/archive", "/remove", "Add a member", "Activity"] {
        assert!(!text.contains(offered), "{offered}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_without_workspaces_is_told_what_they_are() {
    let world = World::demo().await;
    let mut admin = world.signed_in("globex", "admin@globex.example").await;
    let text = main_of(&admin.get("/t/globex/workspaces").await);
    assert!(text.contains("No workspace yet") && text.contains("New workspace"), "{text}");
    assert!(!text.contains("<table"), "{text}");
}
