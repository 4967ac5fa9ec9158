//! One's own account: profile, password, sessions. Operators have the same pages, in their own console.

mod password;
mod profile;
mod sessions;

use crate::routes::{Access, Routes};

/// The routes of these pages.
pub fn routes() -> Routes {
    Routes::new(Access::SignedIn)
        .get("/account", profile::show)
        .post("/account", profile::rename)
        .get("/account/password", password::show)
        .post("/account/password", password::change)
        .get("/account/sessions", sessions::show)
        .post("/account/sessions/end-others", sessions::end_others)
        .post("/account/sessions/{id}/end", sessions::end)
}

/// What to know before choosing a password.
pub fn password_hint(shortest: i64) -> String {
    format!("At least {shortest} characters, and hard to guess. Several unrelated words are easy to remember.")
}
