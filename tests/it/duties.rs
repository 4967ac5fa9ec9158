//! Conflicting duties, as a browser without JavaScript arranges them and meets them.

use crate::harness::{Answer, Client, World};
use http::StatusCode;

const LIST: &str = "/t/acme/roles/conflicts";
const NEW: &str = "/t/acme/roles/conflicts/new";

/// Reading the log and seeing settings; users may do neither.
fn fields<'a>(name: &'a str, rule: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("name", name),
        ("first", "settings:read"),
        ("second", "audit:read"),
        ("why", "Whoever sees one is not to see the other."),
        ("rule", rule),
    ]
}

/// Names a conflict; its page.
async fn made(client: &mut Client, name: &str, rule: &str) -> String {
    let answer = client.post(NEW, &fields(name, rule)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.location().to_owned()
}

/// The page's main part.
fn main_of(page: &Answer) -> String {
    page.text().split_once("<main").unwrap().1.to_owned()
}

#[track_caller]
fn says(page: &Answer, words: &[&str]) {
    let text = page.text();
    for word in words {
        assert!(text.contains(word), "{word}: {text}");
    }
}

/// A role that allows one thing; its id.
async fn role(client: &mut Client, name: &str, permission: &str) -> String {
    let grant = format!("grant.{permission}");
    let fields = [("step", "save"), ("name", name), (grant.as_str(), "allow"), ("reason", "For a test")];
    let answer = client.post("/t/acme/roles/new", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.location().rsplit('/').next().unwrap().to_owned()
}

async fn user(world: &World, email: &str) -> String {
    world.sql(&format!("SELECT id::text FROM users WHERE email = '{email}'")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_named_changed_and_deleted() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    says(&admin.get("/t/acme/roles").await, &["href=\"/t/acme/roles/conflicts\""]);
    let page = made(&mut admin, "Eyes <b>", "ask").await;
    says(
        &admin.get(&page).await,
        &["Eyes &lt;b", "created.", "Whoever sees one is not to see the other.", "audit:read"],
    );
    // Managers hold both by their built-in role, and are counted.
    says(&admin.get(&page).await, &["How", "The built-in role", "Manager", "who hold everything."]);
    says(&admin.get(LIST).await, &["Eyes &lt;b", "Asks for a reason", "with the role Manager", "Backups"]);

    let edit = format!("{page}/edit");
    let mut changed = fields("Two eyes", "refuse");
    changed.push(("version", "1"));
    assert_eq!(admin.post(&edit, &changed).await.status, StatusCode::SEE_OTHER);
    says(&admin.get(&page).await, &["Two eyes", "Refuses. Nobody can be given both."]);
    let mut late = fields("Late", "ask");
    late.push(("version", "1"));
    let stale = admin.post(&edit, &late).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    says(&stale, &["There it says now: name Two eyes, audit:read and settings:read, refuses", "value=\"Late\""]);
    assert_eq!(stale.hidden("version").as_deref(), Some("2"));

    let delete = format!("{page}/delete");
    says(&admin.get(&delete).await, &["Delete Two eyes", "can give audit:read and settings:read together"]);
    assert_eq!(admin.post(&delete, &[("version", "1")]).await.status, StatusCode::CONFLICT);
    let deleted = admin.post(&delete, &[("version", "2")]).await;
    assert_eq!((deleted.status, deleted.location()), (StatusCode::SEE_OTHER, LIST));
    says(&admin.get(LIST).await, &["Conflict deleted. What people hold has not changed."]);
    assert_eq!(admin.get(&page).await.status, StatusCode::NOT_FOUND);
    says(&admin.get("/t/acme/audit").await, &["deleted a conflict of duties"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_wrong_stays_and_is_explained() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let hostile = [
        ("name", "</title><script>1</script>"),
        ("first", "audit:read"),
        ("second", "audit:read"),
        ("why", "</textarea><script>2</script>"),
        ("rule", "ask"),
    ];
    let same = admin.post(NEW, &hostile).await;
    assert_eq!(same.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&same, &["Choose another permission than the first one.", "&lt;/textarea"]);
    for markup in ["<script>1", "<script>2"] {
        assert!(!same.text().contains(markup), "text, not markup");
    }
    let nothing = admin.post(NEW, &[("name", ""), ("rule", "ask")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&nothing, &["Enter a name.", "Choose one of the permissions there are.", "Say why no one person"]);
    let rule = admin.post(NEW, &fields("Eyes", "never")).await;
    assert_eq!(rule.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&rule, &["Choose what happens.", "value=\"Eyes\""]);
    let unknown = admin.post(NEW, &[("name", "Eyes"), ("org_id", "x")]).await;
    assert!(unknown.status.is_client_error(), "{}", unknown.status);
    // What was stored stays text wherever it is shown.
    let mut stored = fields("</title><script>1</script>", "ask");
    stored[3].1 = "</textarea><script>2</script>";
    let page = admin.post(NEW, &stored).await.location().to_owned();
    for path in [page.as_str(), LIST, &format!("{page}/edit"), &format!("{page}/delete"), "/t/acme/audit"] {
        let text = admin.get(path).await.text();
        assert!(!text.contains("<script>1") && !text.contains("<script>2"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_would_give_both_is_asked_why() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let (reader, looker) =
        (role(&mut admin, "Reader", "audit:read").await, role(&mut admin, "Looker", "settings:read").await);
    let person = user(&world, "user@acme.example").await;
    let (here, give) = (format!("/t/acme/users/{person}"), format!("/t/acme/users/{person}/roles"));
    let conflict = made(&mut admin, "Eyes", "ask").await;
    assert_eq!(admin.post(&give, &[("own_role", &reader)]).await.status, StatusCode::SEE_OTHER);

    let until = "2100-01-01T08:00";
    let asked = admin.post(&give, &[("own_role", &looker), ("until", until)]).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text());
    let sentence = "user@acme.example would newly hold both audit:read and settings:read (conflict: Eyes).";
    says(
        &asked,
        &[sentence, "Why they are kept apart: Whoever sees one is not to see the other.", "Nothing is saved yet."],
    );
    assert_eq!((asked.hidden("own_role"), asked.hidden("until")), (Some(looker.clone()), Some(until.to_owned())));
    let again = [("own_role", looker.as_str()), ("until", until), ("reason", " ")];
    let missing = admin.post(&give, &again).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&missing, &["Say why one person is to hold both"]);
    assert!(!main_of(&admin.get(&here).await).contains("Take away Looker"), "nothing was given");
    let answered = [("own_role", looker.as_str()), ("until", until), ("reason", "While Bo is away")];
    assert_eq!(admin.post(&give, &answered).await.status, StatusCode::SEE_OTHER);

    says(&admin.get(&here).await, &["Looker given to", "holds both audit:read and settings:read. Conflict: "]);
    says(&admin.get(&format!("{here}/access")).await, &["holds both audit:read and settings:read"]);
    says(&admin.get(&conflict).await, &["user@acme.example"]);
    let reason = "SELECT reason FROM audit_events WHERE action = 'user.role_assigned' ORDER BY id DESC LIMIT 1";
    assert_eq!(world.sql(reason).await, "While Bo is away");
    // An admin is no breach, and the page says that.
    let boss = user(&world, "admin@acme.example").await;
    says(&admin.get(&format!("/t/acme/users/{boss}")).await, &["Admins hold everything, so "]);
}

/// Asks before `fields` are done at `path`, with the sentence and with what was sent; does it with a reason.
async fn asks_why(client: &mut Client, path: &str, fields: &[(&str, &str)], (title, sentence): (&str, &str)) {
    let asked = client.post(path, fields).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text());
    says(&asked, &[&format!("{title}</bdi></h1>"), sentence, "Nothing is saved yet."]);
    for (name, value) in fields {
        assert_eq!(asked.hidden(name).as_deref(), Some(*value), "{name} is sent again");
    }
    let missing = client.post(path, &[fields, &[("reason", " ")]].concat()).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&missing, &["Say why one person is to hold both", sentence]);
    let done = client.post(path, &[fields, &[("reason", "Only one is left")]].concat()).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_way_to_both_asks_why_as_well() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let person = user(&world, "user@acme.example").await;
    let roles = format!("/t/acme/users/{person}/roles");
    let reader = role(&mut admin, "Reader", "audit:read").await;
    let looker = role(&mut admin, "Looker", "settings:read").await;
    let gag = [("step", "save"), ("name", "Gag"), ("grant.settings:read", "deny"), ("reason", "For a test")];
    let gag = admin.post("/t/acme/roles/new", &gag).await.location().rsplit('/').next().unwrap().to_owned();
    made(&mut admin, "Eyes", "ask").await;
    for role in [&gag, &reader, &looker] {
        assert_eq!(admin.post(&roles, &[("own_role", role)]).await.status, StatusCode::SEE_OTHER);
    }
    let sentence = "user@acme.example would newly hold both audit:read and settings:read (conflict: Eyes).";
    let name = world.sql(&format!("SELECT name FROM users WHERE id = '{person}'")).await;
    let taking = format!("Take Gag from {name}");
    let (take, fields) = (format!("{roles}/remove"), [("own_role", gag.as_str()), ("workspace", "")]);
    asks_why(&mut admin, &take, &fields, (&taking, sentence)).await;
    assert_eq!(admin.post(&roles, &[("own_role", &gag)]).await.status, StatusCode::SEE_OTHER);
    let fields = [("version", "1"), ("confirm_name", "Gag")];
    asks_why(&mut admin, &format!("/t/acme/roles/{gag}/delete"), &fields, ("Delete Gag", sentence)).await;

    let newcomer = "Whoever is invited as Manager would newly hold both audit:read and settings:read (conflict: Eyes).";
    let fields = [("emails", "mo@acme.example\njo@acme.example"), ("role", "manager")];
    asks_why(&mut admin, "/t/acme/users/invite", &fields, ("Invite users", newcomer)).await;

    // Kept apart in the demo: making backups and deleting them.
    let (maker, breaker) =
        (role(&mut admin, "Maker", "backups:create").await, role(&mut admin, "Breaker", "backups:delete").await);
    let new = [("name", "Trial"), ("description", "")];
    let page = admin.post("/t/acme/workspaces/new", &new).await.location().to_owned();
    let add = [("email", "user@acme.example")];
    assert_eq!(admin.post(&format!("{page}/members"), &add).await.status, StatusCode::SEE_OTHER);
    let within = [("own_role", maker.as_str()), ("workspace", page.rsplit('/').next().unwrap())];
    assert_eq!(admin.post(&roles, &within).await.status, StatusCode::SEE_OTHER);
    assert_eq!(admin.post(&format!("{page}/archive"), &[("version", "1")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(admin.post(&roles, &[("own_role", &breaker)]).await.status, StatusCode::SEE_OTHER);
    let sentence = "user@acme.example would newly hold both backups:create and backups:delete (conflict: Backups).";
    let restore = format!("{page}/restore");
    asks_why(&mut admin, &restore, &[("version", "2")], ("Bring back Trial", sentence)).await;
    let reasons =
        "SELECT string_agg(DISTINCT action, ' ' ORDER BY action) FROM audit_events WHERE reason = 'Only one is left'";
    assert_eq!(world.sql(reasons).await, "role.deleted user.invited user.role_unassigned workspace.restored");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_says_so_beside_the_field() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let (reader, looker) =
        (role(&mut admin, "Reader", "audit:read").await, role(&mut admin, "Looker", "settings:read").await);
    let person = user(&world, "user@acme.example").await;
    let give = format!("/t/acme/users/{person}/roles");
    made(&mut admin, "Eyes", "refuse").await;
    assert_eq!(admin.post(&give, &[("own_role", &reader)]).await.status, StatusCode::SEE_OTHER);
    let refused = admin.post(&give, &[("own_role", &looker), ("reason", "I insist")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&refused, &["(conflict: Eyes). That is refused.", &format!("value=\"{looker}\" selected")]);
    // Becoming a viewer would be the same by another path.
    let here = format!("/t/acme/users/{person}");
    let version = admin.get(&here).await.hidden("version").unwrap();
    let viewer = admin.post(&here, &[("name", "U"), ("role", "viewer"), ("version", &version)]).await;
    assert_eq!(viewer.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&viewer, &["That is refused."]);
    let invited = [("emails", "mo@acme.example"), ("role", "manager")];
    let invited = admin.post("/t/acme/users/invite", &invited).await;
    assert_eq!(invited.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&invited, &["Whoever is invited as Manager would newly hold both", "mo@acme.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_review_of_a_role_warns_and_takes_a_reason() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let page = made(&mut admin, "Eyes", "ask").await;
    let new = "/t/acme/roles/new";
    let both = [("name", "Both"), ("grant.audit:read", "allow"), ("grant.settings:read", "allow")];
    let review = [&both[..], &[("step", "review")]].concat();
    let warning = "Both alone would allow both audit:read and settings:read (conflict: Eyes). Why they are kept apart";
    says(&admin.post(new, &review).await, &[warning, "That takes a reason: say below why.", "conflict Eyes"]);
    let save = [&both[..], &[("step", "save")]].concat();
    let missing = admin.post(new, &save).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&missing, &["Say why one person is to hold both", warning]);

    let mut refuse = fields("Eyes", "refuse");
    refuse.push(("version", "1"));
    assert_eq!(admin.post(&format!("{page}/edit"), &refuse).await.status, StatusCode::SEE_OTHER);
    let review = admin.post(new, &review).await;
    says(&review, &["That is refused, so the role cannot be saved like this.", "Back to editing"]);
    assert!(!review.text().contains("Save role"), "what is refused is not offered");
    let insists = [&both[..], &[("step", "save"), ("reason", "I insist")]].concat();
    let refused = admin.post(new, &insists).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&refused, &["Both alone would allow both audit:read and settings:read (conflict: Eyes).", "value=\"Both\""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_reads_is_offered_nothing_and_an_empty_list_says_what_it_is_for() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let page = made(&mut admin, "Eyes", "ask").await;
    let mut viewer = world.signed_in("acme", "viewer@acme.example").await;
    for path in [LIST, page.as_str()] {
        let text = main_of(&viewer.get(path).await);
        assert!(text.contains("Eyes"), "{text}");
        for offered in ["New conflict", "/edit", "/delete"] {
            assert!(!text.contains(offered), "{offered}: {text}");
        }
    }
    let mut other = world.signed_in("globex", "admin@globex.example").await;
    let text = main_of(&other.get("/t/globex/roles/conflicts").await);
    assert!(
        text.contains("No conflicting duties yet") && text.contains("who makes backups does not delete them"),
        "{text}"
    );
    assert!(text.contains("New conflict") && !text.contains("<table"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_has_somebody_who_makes_backups_and_deletes_them() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let text = main_of(&admin.get(LIST).await);
    assert!(text.contains("Backups") && text.contains("1 person"), "{text}");
}
