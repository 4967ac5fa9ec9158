//! The commands as a person runs them, against a real PostgreSQL with a SaaS's database in it.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

mod addresses;
mod findings;
mod proofs;
mod rows;

use std::path::PathBuf;

use bulkhead_testing::{
    TestDatabase, run as execute,
    shop::{self, LEAK, SOUND},
};
use clap::Parser as _;
use secrecy::{ExposeSecret as _, SecretString};

use super::super::{Cli, Command, Failure, block_on, proof};
use super::Answer;
use crate::config::Environment;

/// What no output may hold.
const PASSWORD: &str = "hunter2-planted";

/// A policy that says nothing about what may be written.
const WARNING: &str = "ALTER POLICY mine ON orders USING (org_id = (SELECT app.org_id()));
    CREATE POLICY written ON orders FOR UPDATE TO {app} USING (org_id = (SELECT app.org_id()));";

/// A SaaS's database, and files that name it.
struct Shop {
    shop: shop::Shop,
    files: tempfile::TempDir,
}

impl std::ops::Deref for Shop {
    type Target = shop::Shop;
    fn deref(&self) -> &shop::Shop {
        &self.shop
    }
}

impl Shop {
    fn open(sql: &[&str]) -> Self {
        let opened = async {
            let beside = TestDatabase::create().await.unwrap();
            Ok(shop::Shop::open(&beside, PASSWORD, sql).await.unwrap())
        };
        Self { shop: block_on(opened).unwrap(), files: tempfile::tempdir().unwrap() }
    }

    /// Runs statements as a superuser.
    fn run(&self, sql: &str) {
        run_sql(&self.owner(), &sql.replace("{app}", &self.app()));
    }

    /// The address of another role, with the planted password.
    fn address_of(&self, role: &str) -> String {
        self.shop.address_of(role).unwrap().expose_secret().to_owned()
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.files.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn profile(&self) -> String {
        let text = format!(
            "tenant_columns = [\"org_id\"]\n[context]\norg_setting = \"app.org_id\"\norg_functions = [\"app.org_id\"]\n\
             [[roles]]\nname = \"{}\"\nscope = \"tenant\"\n",
            self.app()
        );
        self.file("rls.toml", &text).display().to_string()
    }

    /// The command as a superuser, with the profile.
    fn ask(&self, arguments: &[&str]) -> Said {
        let profile = self.profile();
        let (command, rest) = arguments.split_first().unwrap();
        let all = [&["bulkhead", "rls", *command, "--profile", &profile], rest].concat();
        say(&all, &[("BULKHEAD_RLS_DATABASE_URL", self.owner().expose_secret())])
    }
}

fn run_sql(url: &SecretString, sql: &str) {
    block_on(async {
        execute(url, sql).await.unwrap();
        Ok(())
    })
    .unwrap();
}

/// What a person gets to see.
#[derive(Debug)]
struct Said {
    code: u8,
    text: String,
}

/// Runs a command. Nothing that it says may hold the planted password.
fn say(arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    let said = say_unchecked(arguments, variables);
    assert!(!holds_secret(&said.text), "{}", said.text);
    said
}

fn say_unchecked(arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    let environment = variables.iter().fold(Environment::default(), |all, (name, value)| all.with(name, value));
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let refusal = crate::cli::misreading(&error);
            return Said { code: 2, text: refusal.unwrap_or_else(|| error.render().to_string()) };
        }
    };
    // What a panic or a log would show of the arguments.
    let debugged = format!("{cli:?}");
    let answer = match &cli.command {
        Command::Rls(args) => super::answer(args, &environment),
        Command::Proof(args) => proof::answer(args, false),
        _ => Err(Failure::usage("not a command of these tests")),
    };
    match answer {
        Ok(Answer { text, code }) => Said { code, text },
        Err(failure) => Said { code: failure.code(), text: format!("{} {debugged}", failure.message()) },
    }
}

fn holds_secret(text: &str) -> bool {
    text.contains(PASSWORD) || text.contains(&PASSWORD.replace('-', "%2D"))
}
