//! How pages look: theme, density, keyboard shortcuts. Kept in cookies, so that the first byte of a page is right.

use super::page::{PageResult, Web};
use axum::{
    body::Bytes,
    http::{HeaderValue, header},
};
use bulkhead_ui::{Density, Theme};
use std::str::FromStr;

/// `POST /preferences`: sets what the form names and goes back to where it was sent from. Changes nothing but the
/// browser's own cookies, so it works signed out as well.
pub async fn set(web: Web, body: Bytes) -> PageResult {
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let field = |name: &str| fields.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let theme = field("theme").and_then(|text| Theme::from_str(text).ok()).map(|theme| ("theme", theme.as_str()));
    let density =
        field("density").and_then(|text| Density::from_str(text).ok()).map(|density| ("density", density.as_str()));
    let shortcuts = field("shortcuts").filter(|text| ["on", "off"].contains(text)).map(|text| ("shortcuts", text));
    let to = field("return_to").unwrap_or("/");
    // Theme and density show by themselves that they were set; shortcuts do not.
    let mut response = match shortcuts {
        Some((_, "off")) => web.done(to, "Single-letter shortcuts are off."),
        Some(_) => web.done(to, "Single-letter shortcuts are on."),
        None => web.lead(to),
    };
    let secure = if web.site().https() { "; Secure" } else { "" };
    for (name, value) in [theme, density, shortcuts].into_iter().flatten() {
        let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    Ok(response)
}
