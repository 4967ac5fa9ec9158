//! Ways in that do not work, and what is said about them.

use super::*;

fn lint(url: &str, more: &[&str]) -> Said {
    let measured = ["--runtime-role", "app", "--tenant-column", "org_id", "--org-setting", "app.org_id"];
    let arguments = [&["bulkhead", "rls", "lint"], &measured[..], more].concat();
    let said = say(&arguments, &[("BULKHEAD_RLS_DATABASE_URL", url)]);
    // The flag is for those who do not mind; the answer is the same.
    let by_flag = say(&[&arguments[..], &["--database-url", url]].concat(), &[]);
    assert_eq!(said.code, by_flag.code, "{} {}", said.text, by_flag.text);
    said
}

#[test]
fn each_way_that_does_not_work_has_a_sentence_and_a_code() {
    let shop = Shop::open(&[SOUND]);
    let good = shop.address_of(&shop.app());
    let port = url::Url::parse(&good).unwrap().port().unwrap();
    let wrong = good.replace(PASSWORD, &format!("{PASSWORD}-wrong"));
    let closed = good.replace(&format!(":{port}/"), ":1/");
    let elsewhere = good.replace(&shop.name(), "no_such_database");
    let separator = if good.contains('?') { '&' } else { '?' };
    let encrypted = format!("{good}{separator}sslmode=verify-full");
    for (url, code, words) in [
        (wrong.as_str(), 5, "did not let"),
        (&closed, 5, "does not answer"),
        (&elsewhere, 5, "has no database"),
        (&encrypted, 5, "no trustworthy TLS"),
        (&format!("postgres://me:{PASSWORD}@db.example/x?sslmode=disable"), 3, "--allow-plaintext"),
        (&format!("postgres://me:{PASSWORD}@localhost/x?pasword=1"), 3, "not known here"),
        (&format!("{PASSWORD} is no address"), 3, "must be a URL"),
    ] {
        let said = lint(url, &[]);
        assert_eq!(said.code, code, "{}", said.text);
        assert!(said.text.contains(words), "{}", said.text);
    }
}

#[test]
fn an_address_comes_from_a_file_or_a_variable_and_never_twice() {
    let shop = Shop::open(&[SOUND]);
    let file = shop.file("address", &format!("{}\n", shop.owner().expose_secret())).display().to_string();
    let profile = shop.profile();
    let lint = ["bulkhead", "rls", "lint", "--profile", &profile];
    let by_flag = say(&[&lint[..], &["--database-url-file", &file]].concat(), &[]);
    let by_variable = say(&lint, &[("BULKHEAD_RLS_DATABASE_URL_FILE", &file)]);
    assert_eq!((by_flag.code, by_variable.code), (0, 0), "{}", by_flag.text);
    let both = [("BULKHEAD_RLS_DATABASE_URL_FILE", file.as_str()), ("BULKHEAD_RLS_DATABASE_URL", "postgres://x/y")];
    assert_eq!(say(&lint, &both).code, 3);
    assert_eq!(say(&[&lint[..], &["--database-url-file", "/nowhere"]].concat(), &[]).code, 3);
}

#[test]
fn without_an_address_or_a_measure_nothing_is_guessed() {
    let said = say(&["bulkhead", "rls", "lint", "--own-profile"], &[("BULKHEAD_DATABASE_URL", "postgres://x/y")]);
    assert_eq!(said.code, 2);
    for words in ["BULKHEAD_RLS_DATABASE_URL", "BULKHEAD_DATABASE_INSPECT_URL", "--own-profile"] {
        assert!(said.text.contains(words), "{}", said.text);
    }
    let said = say(&["bulkhead", "rls", "lint", "--tenant-column", "org_id"], &[]);
    assert_eq!(said.code, 2);
    assert!(said.text.contains("--runtime-role, --org-setting") && said.text.contains("--profile"), "{}", said.text);
}

/// clap repeats what it does not understand.
#[test]
fn an_address_in_the_wrong_place_is_not_repeated() {
    let url = format!("postgres://me:{PASSWORD}@localhost/x");
    for arguments in [&["bulkhead", "rls", "lint", &url][..], &["bulkhead", &url], &["bulkhead", "rls", "adopt", &url]]
    {
        let said = say(arguments, &[]);
        assert_eq!(said.code, 2, "{}", said.text);
    }
}

/// The search for the planted password finds it where it is.
#[test]
fn the_search_for_secrets_can_fail() {
    let said = say_unchecked(&["bulkhead", "rls", "xray", "t", "--role", PASSWORD, "--key", "id=1"], &[]);
    assert!(holds_secret(&said.text), "{}", said.text);
    let url = url::Url::parse(&format!("postgres://me:{PASSWORD}@h/x")).unwrap();
    assert!(holds_secret(url.as_str()));
}

#[test]
fn a_profile_that_is_wrong_is_refused_by_line() {
    let shop = Shop::open(&[SOUND]);
    let whole = std::fs::read_to_string(shop.profile()).unwrap();
    let broken = shop.file("broken.toml", &whole.replace("scope", "scop")).display().to_string();
    for (path, words) in [(broken.as_str(), "line "), ("/nowhere.toml", "cannot be read")] {
        let said = say(
            &["bulkhead", "rls", "lint", "--profile", path],
            &[("BULKHEAD_RLS_DATABASE_URL", shop.owner().expose_secret())],
        );
        assert_eq!(said.code, 3, "{}", said.text);
        assert!(said.text.contains(words), "{}", said.text);
    }
}
