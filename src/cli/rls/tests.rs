//! The commands as a person runs them, against a real PostgreSQL with a SaaS's database in it.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

mod addresses;
mod findings;
mod proofs;
mod rows;

use std::path::PathBuf;

use bulkhead_db::testing::{TestDatabase, run as execute};
use clap::Parser as _;
use secrecy::{ExposeSecret as _, SecretString};

use super::super::{Cli, Command, Failure, block_on, proof};
use super::Answer;
use crate::config::Environment;

/// What no output may hold.
const PASSWORD: &str = "hunter2-planted";

/// Two kinds of tables, kept apart as they should be. `{app}` serves requests.
const SOUND: &str = r#"
    CREATE SCHEMA app;
    GRANT USAGE ON SCHEMA app, public TO {app};
    CREATE FUNCTION app.org_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
        RETURN nullif(current_setting('app.org_id', true), '')::uuid;
    CREATE TABLE orders (org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL, note text, PRIMARY KEY (org_id, id));
    ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    ALTER TABLE orders FORCE ROW LEVEL SECURITY;
    CREATE POLICY mine ON orders TO {app} USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
    GRANT SELECT, DELETE ON orders TO {app};
    GRANT INSERT (id, note), UPDATE (note) ON orders TO {app};
    INSERT INTO orders VALUES ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-000000000001', 'secret note'),
                              ('00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-000000000002', NULL);
"#;
/// One policy that opens everything.
const LEAK: &str = "CREATE POLICY everybody ON orders FOR SELECT TO {app} USING (true);";
/// A policy that says nothing about what may be written.
const WARNING: &str = "ALTER POLICY mine ON orders USING (org_id = (SELECT app.org_id()));
    CREATE POLICY written ON orders FOR UPDATE TO {app} USING (org_id = (SELECT app.org_id()));";

/// A SaaS's database, with roles of its own: one that serves requests, one that may look, one that may do nothing.
struct Shop {
    template: TestDatabase,
    files: tempfile::TempDir,
}

impl Shop {
    fn open(sql: &[&str]) -> Self {
        let template = block_on(async { Ok(TestDatabase::create().await.unwrap()) }).unwrap();
        let shop = Self { template, files: tempfile::tempdir().unwrap() };
        let (app, reader) = (shop.app(), shop.reader());
        let roles =
            format!("CREATE ROLE {app} LOGIN PASSWORD '{PASSWORD}'; CREATE ROLE {reader} LOGIN PASSWORD '{PASSWORD}'");
        run_sql(&shop.template.as_superuser(), &roles);
        let create = format!("CREATE DATABASE {} TEMPLATE template0", shop.name());
        run_sql(&shop.template.as_superuser(), &create);
        shop.run(&sql.concat());
        shop
    }

    fn name(&self) -> String {
        format!("{}_shop", self.template.name())
    }

    fn app(&self) -> String {
        format!("{}_app", self.template.name())
    }

    fn reader(&self) -> String {
        format!("{}_reader", self.template.name())
    }

    /// Runs statements as a superuser.
    fn run(&self, sql: &str) {
        run_sql(&self.owner(), &sql.replace("{app}", &self.app()));
    }

    /// A superuser's address.
    fn owner(&self) -> SecretString {
        self.template.as_superuser().expose_secret().replace(self.template.name(), &self.name()).into()
    }

    /// The address of another role, with the planted password.
    fn address_of(&self, role: &str) -> String {
        let mut url = url::Url::parse(self.owner().expose_secret()).unwrap();
        url.set_username(role).unwrap();
        url.set_password(Some(PASSWORD)).unwrap();
        url.into()
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
