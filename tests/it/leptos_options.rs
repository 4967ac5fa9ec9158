//! cargo-leptos reads Cargo.toml, the server reads Leptos.toml: they must say the same.

#[test]
fn the_two_files_agree() {
    let read = |path: &str| -> toml::Value { toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap() };
    let section = |file: &toml::Value| file["workspace"]["metadata"]["leptos"].clone();
    assert_eq!(section(&read("Cargo.toml")), section(&read("Leptos.toml")));
}
