#![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

use axum::http::HeaderValue;

use super::*;

const OURS: &str = "https://bulkhead.example.org";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn post(pairs: &[(&str, &str)]) -> Result<(), Refusal> {
    judge(&Method::POST, &headers(pairs), OURS)
}

#[test]
fn our_own_forms_pass_with_either_header() {
    assert_eq!(post(&[("sec-fetch-site", "same-origin"), FORM]), Ok(()));
    assert_eq!(post(&[("origin", OURS), FORM]), Ok(()));
    assert_eq!(post(&[("origin", OURS), ("content-length", "0")]), Ok(()), "no body, no type");
}

#[test]
fn everything_else_is_foreign() {
    for foreign in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "Same-Origin")],
        &[("sec-fetch-site", "cross-site"), ("origin", OURS)],
        &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[("origin", "https://sub.bulkhead.example.org")],
        &[("origin", "http://bulkhead.example.org")],
        &[("origin", "https://bulkhead.example.org:8443")],
        &[("origin", "https://bulkhead.example.org.evil.example")],
        &[("origin", OURS), ("origin", OURS)],
        &[("referer", "https://bulkhead.example.org/users")],
    ] {
        for method in [
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::TRACE,
            Method::from_bytes(b"PURGE").unwrap(),
        ] {
            let all = [foreign, &[FORM]].concat();
            assert_eq!(judge(&method, &headers(&all), OURS), Err(Refusal::ForeignOrigin), "{method} {foreign:?}");
        }
    }
}

#[test]
fn only_exact_types_pass() {
    let with = |value| post(&[("origin", OURS), ("content-type", value)]);
    for good in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded;charset=UTF-8",
    ] {
        assert_eq!(with(good), Ok(()), "{good}");
    }
    for bad in [
        "text/plain",
        "text/plain; application/json",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-7",
        "application/json; charset=utf-8; x=y",
        "application/jsonp",
        "application/json, text/plain",
        "",
    ] {
        assert_eq!(with(bad), Err(Refusal::UnsupportedType), "{bad}");
    }
    let twice = [("origin", OURS), ("content-type", "application/json"), ("content-type", "text/plain")];
    assert_eq!(post(&twice), Err(Refusal::UnsupportedType));
    assert_eq!(
        post(&[("origin", OURS), ("content-length", "3")]),
        Err(Refusal::UnsupportedType),
        "a body without a type"
    );
    assert_eq!(post(&[("origin", OURS), ("transfer-encoding", "chunked")]), Err(Refusal::UnsupportedType));
}

#[test]
fn links_from_anywhere_are_followed_but_nothing_else_of_another_site() {
    let get = |pairs: &[(&str, &str)]| judge(&Method::GET, &headers(pairs), OURS);
    assert_eq!(get(&[]), Ok(()));
    assert_eq!(get(&[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")]), Ok(()));
    let link = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    assert_eq!(get(&link), Ok(()));
    for dest in ["iframe", "object", "embed"] {
        let frame = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", dest)];
        assert_eq!(get(&frame), Err(Refusal::ForeignOrigin), "{dest}");
    }
    assert_eq!(get(&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")]), Err(Refusal::ForeignOrigin));
    assert_eq!(get(&[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")]), Err(Refusal::ForeignOrigin));
    assert_eq!(
        get(&[("origin", "https://evil.example")]),
        Err(Refusal::ForeignOrigin),
        "an old browser's event stream"
    );
}

#[test]
fn a_foreign_referrer_reaches_nobody() {
    for (referrer, kept) in [
        ("https://bulkhead.example.org/users?x", true),
        ("https://evil.example/", false),
        ("https://bulkhead.example.org.evil.example/", false),
        ("https://bulkhead.example.org@evil.example/", false),
        ("//evil.example", false),
    ] {
        let mut headers = headers(&[("referer", referrer)]);
        drop_foreign_referrer(&mut headers, OURS);
        assert_eq!(headers.contains_key(REFERER), kept, "{referrer}");
    }
}
