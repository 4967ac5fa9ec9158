//! What a signature is worth: every change of a file is refused.

use super::*;
use bulkhead_model::isolation::{Attack, Cell, Counts, Outcome, Premises};

fn proof() -> Proof {
    let cell = Cell {
        subject: "public.\"odd\\ name\" é".to_owned(),
        object: None,
        attack: Attack::Move,
        role: "app".to_owned(),
        outcome: Outcome::Held { by: "permission denied".to_owned() },
    };
    Proof {
        id: uuid::Uuid::from_u128(7),
        at: time::OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap(),
        database: "app".to_owned(),
        data_source: None,
        server_version: "15.18".to_owned(),
        catalogue_hash: "00".repeat(32),
        duration_ms: 5,
        premises: Premises {
            roles: Vec::new(),
            tenant_columns: vec!["org_id".to_owned()],
            root: None,
            org_setting: "app.org_id".to_owned(),
            operator_setting: None,
            shared_by_design: Vec::new(),
            accepted: Vec::new(),
        },
        tables: vec!["public.t".to_owned()],
        could_not_plant: Vec::new(),
        clone_differs: Vec::new(),
        counts: Counts::of(std::slice::from_ref(&cell)),
        cells: vec![cell],
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32]).unwrap()
}

fn file(key: &SigningKey) -> Vec<u8> {
    sign(proof(), key).unwrap().to_bytes().unwrap()
}

#[test]
fn a_whole_file_says_on_what_it_rests() {
    let bytes = file(&key(1));
    let given = key(1).verifying_key();
    assert_eq!(verify(&bytes, Some(&given)).unwrap().trust, Trust::Given(given.fingerprint()));
    let contained = verify(&bytes, None).unwrap();
    assert_eq!(contained.trust, Trust::Contained(given.fingerprint()));
    assert!(contained.to_string().contains("came with the file"));
    assert_eq!(contained.proof, proof());
    assert_eq!(file(&key(1)), bytes, "the same proof and key give the same file");
}

#[test]
fn every_changed_byte_is_refused() {
    let bytes = file(&key(1));
    for at in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert!(verify(&altered, None).is_err(), "byte {at} of {}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn every_shortened_or_lengthened_file_is_refused() {
    let bytes = file(&key(1));
    for length in 0..bytes.len() {
        assert!(verify(&bytes[..length], None).is_err(), "{length} bytes");
    }
    assert!(verify(&[bytes.as_slice(), b"\n"].concat(), None).is_err());
}

#[test]
fn another_key_is_not_the_trusted_one() {
    let resigned = file(&key(2));
    let trusted = key(1).verifying_key();
    assert!(matches!(verify(&resigned, Some(&trusted)), Err(VerifyError::OtherKey { .. })));
    assert_eq!(verify(&resigned, None).unwrap().trust, Trust::Contained(key(2).verifying_key().fingerprint()));
}

#[test]
fn the_same_meaning_in_other_words_is_refused() {
    let text = String::from_utf8(file(&key(1))).unwrap();
    let added = text.replacen("{\"format\"", "{\"note\":\"all good\",\"format\"", 1);
    assert_eq!(verify(added.as_bytes(), None), Err(VerifyError::Rewritten));
    let spaced = text.replacen("\"cells\":", "\"cells\": ", 1);
    assert_eq!(verify(spaced.as_bytes(), None), Err(VerifyError::Rewritten));
    let newer = text.replacen("bulkhead-proof/1", "bulkhead-proof/3", 1);
    assert_eq!(verify(newer.as_bytes(), None), Err(VerifyError::Format("bulkhead-proof/3".to_owned())));
}

#[test]
fn a_data_source_is_signed_with_the_rest() {
    let proof = Proof { data_source: Some("Shop".to_owned()), ..proof() };
    let text = String::from_utf8(sign(proof.clone(), &key(1)).unwrap().to_bytes().unwrap()).unwrap();
    assert!(text.starts_with("{\"format\":\"bulkhead-proof/2\""), "{text}");
    assert_eq!(verify(text.as_bytes(), None).unwrap().proof, proof);
    let said_to_be_older = text.replacen("bulkhead-proof/2", "bulkhead-proof/1", 1);
    assert_eq!(verify(said_to_be_older.as_bytes(), None), Err(VerifyError::Rewritten));
    for named in ["\"data_source\":\"Other\",", ""] {
        let altered = text.replacen("\"data_source\":\"Shop\",", named, 1);
        assert_eq!(verify(altered.as_bytes(), None), Err(VerifyError::Signature), "{named}");
    }
    // A proof of no data source has one way of saying so.
    let without = String::from_utf8(file(&key(1))).unwrap();
    let null = without.replacen("\"server_version\"", "\"data_source\":null,\"server_version\"", 1);
    assert_eq!(verify(null.as_bytes(), None), Err(VerifyError::Rewritten));
}

#[test]
fn keys_are_written_and_read_back() {
    let key = key(3);
    assert_eq!(VerifyingKey::from_hex(&key.verifying_key().to_hex()), Ok(key.verifying_key()));
    assert_eq!(VerifyingKey::from_hex("00"), Err(KeyError));
    assert_eq!(SigningKey::from_seed(key.seed()).unwrap().verifying_key(), key.verifying_key());
    assert!(!format!("{key:?}").contains("030303"), "the seed is not shown");
}
