//! What every handler shares: the application and how its pages are served.

use axum::extract::FromRef;
use bulkhead_domain::App;
use bulkhead_ui::Markup;
use leptos::{config::LeptosOptions, nonce::Nonce, prelude::*};
use std::{path::PathBuf, sync::Arc};

/// Handler state. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    app: App,
    leptos: LeptosOptions,
    css_href: String,
    hydration: Markup,
    https: bool,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Site")
    }
}

impl Site {
    /// Puts the site together. The stylesheet's name carries its hash in a release build; cargo-leptos writes the
    /// hashes to a file beside the binary.
    pub fn new(app: App, leptos: LeptosOptions) -> Self {
        // Leptos spawns through this even where nothing is spawned. Already set by another site of this process is as good.
        let _ = any_spawner::Executor::init_tokio();
        let css_href = format!("/{}/{}", leptos.site_pkg_dir, hashed_css(&leptos));
        let hydration = hydration_scripts(&leptos);
        let https = app.public_url().scheme() == "https";
        Self(Arc::new(Inner { app, leptos, css_href, hydration, https }))
    }

    /// The application.
    pub fn app(&self) -> &App {
        &self.0.app
    }

    /// Where cargo-leptos put the site.
    pub fn leptos(&self) -> &LeptosOptions {
        &self.0.leptos
    }

    /// Address of the stylesheet.
    pub fn css_href(&self) -> &str {
        &self.0.css_href
    }

    /// What brings the islands of a page to life, for its head. The nonce is that of the answer.
    pub fn hydration(&self, nonce: &str) -> Markup {
        self.0.hydration.fill(NONCE, nonce)
    }

    /// Whether people reach us over TLS: decides the cookies' `Secure` and prefix.
    pub fn https(&self) -> bool {
        self.0.https
    }

    /// The session cookie's name. `__Host-` binds it to this host and to TLS (RFC 6265bis 4.1.3.2), which plain
    /// HTTP on a developer's machine cannot have.
    pub fn session_cookie(&self) -> &'static str {
        if self.https() { "__Host-bulkhead" } else { "bulkhead" }
    }
}

impl FromRef<Site> for LeptosOptions {
    fn from_ref(site: &Site) -> Self {
        site.leptos().clone()
    }
}

/// Stands for the nonce in the scripts that are drawn once.
const NONCE: &str = "nonce-of-the-answer";

/// Leptos's scripts for pages with islands. Drawn once: Leptos reads the file of the hashes anew each time.
fn hydration_scripts(options: &LeptosOptions) -> Markup {
    let options = options.clone();
    Owner::new_root(None).with(|| {
        provide_context(Nonce::from_value(Arc::from(NONCE)));
        Markup::drawn(view! { <HydrationScripts options islands=true /> })
    })
}

/// Beside the program, or where `LEPTOS_HASH_FILE` says.
fn hash_file(options: &LeptosOptions) -> Option<PathBuf> {
    std::env::current_exe().ok().and_then(|binary| Some(binary.parent()?.join(options.hash_file.as_ref())))
}

/// The file of the hashes, if it is missing: cargo-leptos writes it with the site, and without it no page can be drawn.
pub fn missing_hashes(options: &LeptosOptions) -> Option<PathBuf> {
    hash_file(options).filter(|file| options.hash_files && !file.is_file())
}

/// `bulkhead.css`, or `bulkhead.<hash>.css` where hashing is on. The file is written as `css: <hash>` lines.
fn hashed_css(options: &LeptosOptions) -> String {
    let name = &options.output_name;
    let plain = format!("{name}.css");
    if !options.hash_files {
        return plain;
    }
    let Some(hashes) = hash_file(options).and_then(|file| std::fs::read_to_string(file).ok()) else { return plain };
    hashes
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(kind, _)| kind.trim() == "css")
        .map_or(plain, |(_, hash)| format!("{name}.{}.css", hash.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_is_not_built_is_missed() {
        let of = |hash_files, hash_file: &str| {
            let options =
                LeptosOptions::builder().output_name("bulkhead").hash_files(hash_files).hash_file(hash_file.into());
            missing_hashes(&options.build())
        };
        assert_eq!(of(true, "/no/such/file"), Some("/no/such/file".into()));
        assert_eq!(of(false, "/no/such/file"), None);
        assert_eq!(of(true, concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")), None);
    }
}
