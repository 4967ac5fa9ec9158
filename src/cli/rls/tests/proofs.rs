//! `prove` and `proof verify`.

use serde_json::Value;

use super::*;

const SEED: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn verify(arguments: &[&str]) -> Said {
    say(&[&["bulkhead", "proof", "verify"], arguments].concat(), &[])
}

#[test]
fn a_sound_schema_is_green_only_when_its_role_really_signed_in() {
    let shop = Shop::open(&[SOUND]);
    let app = shop.app();
    let address = shop.file("app-address", &shop.address_of(&app)).display().to_string();
    let key = shop.file("key", &format!("{SEED}\n")).display().to_string();
    let out = shop.files.path().join("proof.json").display().to_string();
    let sign_in = format!("{app}={address}");
    let signed = ["--signing-key-file", &key, "--out", &out, "--format", "json"];
    let said = shop.ask(&[&["prove", "--sign-in", &sign_in], &signed[..]].concat());
    let json: Value = serde_json::from_str(&said.text).unwrap();
    assert_eq!(said.code, 0, "{}", json["verdict"]);
    assert_eq!(json["standing"], "green");
    let public = json["key"].as_str().unwrap();

    // Whole, by the key that is trusted.
    let whole = verify(&[&out, "--key", public, "--require-green"]);
    assert_eq!(whole.code, 0, "{}", whole.text);
    for words in ["WHOLE", "the key that was given", &shop.name(), "catalogue", "held", "GREEN"] {
        assert!(whole.text.contains(words), "{words}: {}", whole.text);
    }
    assert!(whole.text.contains(json["fingerprint"].as_str().unwrap()));
    let key_file = shop.file("public", public).display().to_string();
    assert_eq!(verify(&[&out, "--key", &key_file]).code, 0);
    let contained = verify(&[&out]);
    assert_eq!(contained.code, 0);
    assert!(contained.text.contains("only because the file names"), "{}", contained.text);

    refusals(&shop, &out);

    // The same schema, entered by SET ROLE: nobody saw what is behind the role.
    let said = shop.ask(&["prove"]);
    assert_eq!(said.code, 7, "{}", said.text);
    assert!(said.text.contains("INCOMPLETE") && said.text.contains("made for this proof alone"), "{}", said.text);
}

/// Cut anywhere, altered anywhere, by another key: never believed.
fn refusals(shop: &Shop, out: &str) {
    let bytes = std::fs::read(out).unwrap();
    let refused = |name: &str, bytes: &[u8], more: &[&str]| {
        let path = shop.files.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let path = path.display().to_string();
        let said = verify(&[&[path.as_str()], more].concat());
        assert_eq!(said.code, 6, "{name}: {}", said.text);
        assert!(said.text.contains("REFUSED") && !said.text.contains("WHOLE"), "{name}: {}", said.text);
    };
    for end in [0, 1, bytes.len() / 2, bytes.len() - 2, bytes.len() - 1] {
        refused("cut", bytes.get(..end).unwrap(), &[]);
    }
    for at in (0..bytes.len()).step_by(bytes.len() / 97) {
        let mut altered = bytes.clone();
        if let Some(byte) = altered.get_mut(at) {
            *byte ^= 1;
        }
        refused("altered", &altered, &[]);
    }
    refused("other-key", &bytes, &["--key", SEED]);
    assert_eq!(verify(&["/nowhere"]).code, 3);
    assert_eq!(verify(&[out, "--key", "/nowhere"]).code, 2);
}

#[test]
fn a_leak_is_red_and_its_file_says_so() {
    let shop = Shop::open(&[SOUND, LEAK]);
    let out = shop.files.path().join("proof.json").display().to_string();
    let said = shop.ask(&["prove", "--out", &out]);
    assert_eq!(said.code, 6, "{}", said.text);
    assert!(said.text.contains("leaked     public.orders"), "{}", said.text);
    assert!(said.text.contains("RED"), "{}", said.text);
    assert_eq!(verify(&[&out]).code, 0, "the file is what was signed");
    assert_eq!(verify(&[&out, "--require-green"]).code, 6);
    assert!(!std::path::Path::new(&format!("{out}.part")).exists());
}

#[test]
fn what_cannot_be_done_is_refused_before_anything_is_made() {
    let shop = Shop::open(&[SOUND]);
    assert_eq!(shop.ask(&["prove", "--out", "/nowhere/proof.json"]).code, 3);
    let short = shop.file("short", "00").display().to_string();
    assert_eq!(shop.ask(&["prove", "--signing-key-file", &short]).code, 3);
    assert_eq!(shop.ask(&["prove", "--sign-in", "stranger=/nowhere"]).code, 2);
    let profile = shop.profile();
    let said = say(
        &["bulkhead", "rls", "prove", "--profile", &profile],
        &[("BULKHEAD_RLS_DATABASE_URL", &shop.address_of(&shop.reader()))],
    );
    assert_eq!(said.code, 7, "{}", said.text);
    assert!(said.text.contains("CREATEDB"), "{}", said.text);
}
