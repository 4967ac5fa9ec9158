//! The pages of roles, as a browser without JavaScript uses them.

mod conditions;
mod editor;
mod refused;

use crate::harness::{Answer, Client};
use http::StatusCode;

const NEW: &str = "/t/acme/roles/new";
const VIEWER: &str = "00000000-0000-4000-8000-000000000a04";

/// The hidden fields of the page's own forms, as a browser would send them.
fn hidden_fields(page: &Answer) -> Vec<(String, String)> {
    let text = page.text();
    let main = text.split_once("<main").unwrap().1;
    main.split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|input| {
            let (name, rest) = input.split_once("\" value=\"").unwrap();
            (name.to_owned(), unescaped(rest.split('"').next().unwrap()))
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'").replace("&amp;", "&")
}

/// Presses a button of a review: the hidden fields, the reason, and the button's own.
async fn press(client: &mut Client, path: &str, review: &Answer, step: &str, reason: &str) -> Answer {
    let mut fields = hidden_fields(review);
    fields.push(("step".to_owned(), step.to_owned()));
    fields.push(("reason".to_owned(), reason.to_owned()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    client.post_as_is(path, &fields).await
}

/// Saves a role at once; its page.
async fn saved(client: &mut Client, fields: &[(&str, &str)]) -> String {
    let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("step", "save")]).collect();
    let answer = client.post(NEW, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.location().to_owned()
}

/// The id at the end of a page's address.
fn id_of(page: &str) -> &str {
    page.rsplit('/').next().unwrap()
}
