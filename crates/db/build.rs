//! The migrations are built into the program: a new file must rebuild it, although no Rust file changed.
fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
