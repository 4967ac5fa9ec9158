//! Checks that need no database.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use super::Check;
use crate::{
    config::{Environment, Settings},
    server::tls,
};

/// The settings themselves.
pub(super) fn settings(settings: &Settings, environment: &Environment) -> Vec<Check> {
    let mut checks = Vec::new();
    let problems = settings.problems();
    if problems.is_empty() {
        let mode = if settings.is_production() { "sound for production" } else { "fine for development" };
        checks.push(Check::good("settings", mode));
    }
    for problem in problems {
        checks.push(Check::failure(
            "settings",
            problem.to_string(),
            "see `bulkhead config template` for what it may be",
        ));
    }
    for name in environment.unknown() {
        checks.push(Check::warning("variables", format!("{name} is not a setting"), "check its spelling, or unset it"));
    }
    for (name, url, command) in [
        ("database_migrate_url", &settings.database_migrate_url, "`bulkhead migrate`"),
        ("database_admin_url", &settings.database_admin_url, "`bulkhead database setup`"),
    ] {
        if settings.is_production() && url.is_some() {
            checks.push(Check::warning(
                "privileges",
                format!("{name} is set where the server runs"),
                format!("give it to {command} only: its role sees every organization"),
            ));
        }
    }
    checks
}

/// What the settings need from the machine.
pub(super) fn machine(settings: &Settings) -> Vec<Check> {
    let mut checks = vec![
        address("listen", settings.listen),
        address("internal_listen", settings.internal_listen),
        site(&settings.site_root),
        descriptors(settings),
    ];
    if let (Some(certificate), Some(key)) = (&settings.tls_cert, &settings.tls_key) {
        checks.push(certificate_and_key(certificate, key));
        checks.push(private("tls_key", key));
    }
    if !settings.is_production() {
        for name in ["pepper", "signing-key"] {
            let path = settings.data_dir.join("secrets").join(name);
            if path.exists() {
                checks.push(private("secrets", &path));
            }
        }
    }
    checks
}

fn address(name: &'static str, address: SocketAddr) -> Check {
    match TcpListener::bind(address) {
        Ok(_) => Check::good(name, format!("{address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Check::warning(
            name,
            format!("{address} is in use"),
            "fine if the server is running; otherwise choose another",
        ),
        Err(error) => Check::failure(
            name,
            format!("{address} cannot be had: {error}"),
            format!("set {name} to an address of this machine"),
        ),
    }
}

fn site(root: &Path) -> Check {
    let package = root.join("pkg");
    let built = fs::read_dir(&package).is_ok_and(|mut files| files.next().is_some());
    if built {
        Check::good("site_root", format!("{} is built", package.display()))
    } else {
        Check::failure(
            "site_root",
            format!("{} is empty or missing", package.display()),
            "build it with `cargo leptos build`, or set site_root",
        )
    }
}

/// Every connection is a descriptor; when they run out, nobody is accepted and no file opens.
fn descriptors(settings: &Settings) -> Check {
    const NAME: &str = "descriptors";
    // Pools, files, the listener itself.
    const RESERVE: u64 = 256;
    let wanted = u64::from(settings.max_connections.get()) + RESERVE;
    let Some(allowed) = fs::read_to_string("/proc/self/limits").ok().and_then(|limits| open_files(&limits)) else {
        return Check::good(NAME, "the limit is not known on this system");
    };
    if allowed >= wanted {
        Check::good(NAME, format!("{allowed} allowed, {wanted} needed at most"))
    } else {
        Check::warning(
            NAME,
            format!("{allowed} allowed, {wanted} needed for max_connections"),
            format!("raise the limit (LimitNOFILE={wanted}, ulimit -n {wanted}) or lower max_connections"),
        )
    }
}

/// The soft limit, of a line such as `Max open files  1024  4096  files`.
fn open_files(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
}

fn certificate_and_key(certificate: &Path, key: &Path) -> Check {
    const NAME: &str = "tls_cert";
    match tls::acceptor(certificate, key) {
        Ok(_) => Check::good(NAME, format!("{} belongs to its key", certificate.display())),
        Err(error) => {
            let cause = std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
            Check::failure(NAME, format!("{error}{cause}"), "give the full chain and the matching key, both in PEM")
        }
    }
}

fn private(name: &'static str, path: &Path) -> Check {
    let place = path.display();
    match fs::metadata(path) {
        Ok(file) if file.permissions().mode() & 0o077 == 0 => {
            Check::good(name, format!("{place} is readable by its owner only"))
        }
        Ok(_) => Check::failure(name, format!("{place} is readable by others"), format!("chmod 600 {place}")),
        Err(error) => Check::failure(name, format!("{place} cannot be read: {error}"), "check the path and its owner"),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

    use super::*;
    use crate::config::{Flags, Loaded};

    fn read(environment: &Environment) -> Settings {
        Loaded::read_unchecked(&Flags::default(), environment).unwrap().settings
    }

    #[test]
    fn a_weak_production_fails_and_development_does_not() {
        let environment = Environment::default();
        assert!(settings(&read(&environment), &environment).iter().all(Check::is_good));
        let environment = Environment::from([("BULKHEAD_ENV", "production"), ("BULKHEAD_LISTN", "x")]);
        let checks = settings(&read(&environment), &environment);
        assert!(checks.iter().any(Check::is_failure));
        assert!(checks.contains(&Check::warning(
            "variables",
            "BULKHEAD_LISTN is not a setting",
            "check its spelling, or unset it"
        )));
    }

    #[test]
    fn an_address_in_use_is_not_a_failure_and_a_foreign_one_is() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let check = address("listen", taken.local_addr().unwrap());
        assert!(!check.is_good() && !check.is_failure());
        assert!(address("listen", "192.0.2.1:80".parse().unwrap()).is_failure());
    }

    #[test]
    fn a_secret_that_others_can_read_is_a_failure() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        fs::write(&path, "secret").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(private("secrets", &path).is_good());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(private("secrets", &path).is_failure());
    }

    #[test]
    fn the_limit_of_descriptors_is_the_soft_one() {
        assert_eq!(
            open_files(
                "Max cpu time  1  2  s\nMax open files            1024                 4096                 files\n"
            ),
            Some(1024)
        );
        assert_eq!(
            open_files("Max open files            unlimited            unlimited            files\n"),
            Some(u64::MAX)
        );
        assert_eq!(open_files(""), None);
    }
}
