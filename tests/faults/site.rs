//! The program without the site that cargo-leptos builds.

use std::process::Command;

#[test]
fn a_server_without_its_site_says_so_before_it_starts_anything() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let ended = Command::new(env!("CARGO_BIN_EXE_bulkhead"))
        .args(["serve", "--listen", "127.0.0.1:0", "--internal-listen", "127.0.0.1:0", "--data-dir"])
        .arg(&data)
        .env_clear()
        .env("LEPTOS_HASH_FILE", "/no/such/file")
        .output()
        .unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(3), "{said}");
    assert!(said.contains("the site is not built: there is no /no/such/file"), "{said}");
    assert!(!said.contains("panic"), "{said}");
    assert!(!data.exists(), "no database was made");
}
