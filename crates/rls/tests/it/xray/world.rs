//! Random tables, policies, grants and questions.

use bulkhead_model::isolation::xray::{Assignment, Command, Question, RowAddress};

/// SplitMix64: small, and the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap() % below
    }

    /// True in so many of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.roll(from.len())]
    }
}

/// The roles of a run, all named after it: roles belong to the server, and runs go on side by side.
pub struct Roles {
    pub run: &'static str,
}

impl Roles {
    /// `app` and `heir` have the rights of `group`; `lone` is a member without them; nobody is a member of `other`.
    pub fn create(&self) -> String {
        let run = self.run;
        let make = |role: &str| {
            format!("DO $$ BEGIN CREATE ROLE {run}_{role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$; ")
        };
        ["app", "group", "other", "owner", "lone", "bypass"].map(make).concat()
            + &format!(
                "ALTER ROLE {run}_lone NOINHERIT; ALTER ROLE {run}_bypass BYPASSRLS; \
                 GRANT {run}_group TO {run}_app, {run}_lone; CREATE SCHEMA shared; GRANT USAGE ON SCHEMA shared TO PUBLIC; \
                 CREATE FUNCTION shared.fails(n int) RETURNS boolean LANGUAGE plpgsql AS \
                   $$ BEGIN IF n = 2 THEN RAISE 'two'; END IF; RETURN n > 0; END $$; \
                 CREATE FUNCTION shared.forbidden(n int) RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN true; END $$; \
                 REVOKE ALL ON FUNCTION shared.forbidden FROM PUBLIC; \
                 CREATE SCHEMA closed; \
                 CREATE FUNCTION closed.odd(n int) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN n % 2 = 1; \
                 CREATE TABLE shared.allowed (n int); INSERT INTO shared.allowed VALUES (1), (NULL); \
                 GRANT SELECT ON shared.allowed TO PUBLIC; \
                 CREATE TABLE shared.fenced (n int); INSERT INTO shared.fenced VALUES (1), (2); \
                 GRANT SELECT ON shared.fenced TO PUBLIC; ALTER TABLE shared.fenced ENABLE ROW LEVEL SECURITY; \
                 CREATE POLICY half ON shared.fenced USING (n = 1); \
                 CREATE TABLE shared.secret (n int)"
            )
    }
}

/// One random table with its policies.
pub struct World {
    pub schema: String,
    pub table: &'static str,
    pub sql: String,
    /// Every policy: its name, whether it is permissive, and the rest of its definition.
    pub policies: Vec<(String, bool, String)>,
    columns: Vec<(String, &'static str)>,
    rows: usize,
}

const TABLES: [&str; 3] = ["t", "a", "we\"ird; drop"];

impl World {
    pub fn random(dice: &mut Dice, roles: &Roles, number: usize) -> Self {
        let run = roles.run;
        let schema = format!("{run}{number}");
        let table = TABLES[dice.roll(TABLES.len())];
        let name = format!("{schema}.{}", quoted(table));
        let columns: Vec<(String, &'static str)> = (0..2 + dice.roll(3))
            .map(|at| (["a", "b", "c", "d"][at].to_owned(), dice.pick(&["int", "int", "text", "boolean"])))
            .collect();
        let rows = 1 + dice.roll(4);
        let mut world = Self { schema, table, sql: String::new(), policies: Vec::new(), columns, rows };
        world.create_table(dice, &name, run);
        world.grant(dice, &name, run);
        let count = dice.roll(6);
        for _ in 0..count {
            let policy = world.policy(dice, run);
            if world.policies.iter().all(|(earlier, ..)| *earlier != policy.0) {
                world.sql += &world.create_policy(&policy);
                world.policies.push(policy);
            }
        }
        world
    }

    pub fn create_policy(&self, (policy, permissive, rest): &(String, bool, String)) -> String {
        let kind = if *permissive { "PERMISSIVE" } else { "RESTRICTIVE" };
        format!("CREATE POLICY {policy} ON {}.{} AS {kind} {rest}; ", self.schema, quoted(self.table))
    }

    fn create_table(&mut self, dice: &mut Dice, name: &str, run: &str) {
        let mut columns = "id int PRIMARY KEY DEFAULT 50, dropped text".to_owned();
        for (column, kind) in &self.columns {
            columns += &format!(", {column} {kind}");
            if *kind == "int" && dice.chance(20) {
                columns += dice.pick(&[" DEFAULT 1", " DEFAULT current_setting('x.n', true)::int"]);
            }
            if dice.chance(20) {
                columns += " NOT NULL";
            }
        }
        if dice.chance(25) {
            columns += ", g int GENERATED ALWAYS AS (id * 2) STORED";
        }
        self.sql = format!(
            "CREATE SCHEMA {schema}; CREATE TABLE {name} ({columns}); ALTER TABLE {name} DROP COLUMN dropped; \
             CREATE FUNCTION {schema}.whole(r {name}) RETURNS boolean LANGUAGE sql STABLE RETURN (r).id > 1; ",
            schema = self.schema
        );
        for id in 1..=self.rows {
            let (names, values): (Vec<_>, Vec<_>) =
                self.columns.iter().map(|(column, kind)| (column.as_str(), format!("'{}'", value(dice, kind)))).unzip();
            self.sql +=
                &format!("INSERT INTO {name} (id, {}) VALUES ({id}, {}); ", names.join(", "), values.join(", "));
        }
        // NULLs come last, where the column takes them.
        for (column, _) in &self.columns {
            if dice.chance(40) {
                self.sql += &format!(
                    "DO $$ BEGIN UPDATE {name} SET {column} = NULL WHERE id = {}; EXCEPTION WHEN not_null_violation THEN NULL; END $$; ",
                    1 + dice.roll(self.rows)
                );
            }
        }
        if dice.chance(92) {
            self.sql += &format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY; ");
        }
        if dice.chance(50) {
            self.sql += &format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY; ");
        }
        let owner = dice.pick(&["owner", "owner", "owner", "app", "group"]);
        self.sql += &format!("ALTER TABLE {name} OWNER TO {run}_{owner}; ");
    }

    fn grant(&mut self, dice: &mut Dice, name: &str, run: &str) {
        let everybody = format!("{run}_app, {run}_lone, {run}_bypass");
        if dice.chance(97) {
            self.sql += &format!("GRANT USAGE ON SCHEMA {} TO {everybody}; ", self.schema);
        }
        for privilege in ["SELECT", "INSERT", "UPDATE"] {
            if dice.chance(85) {
                self.sql += &format!("GRANT {privilege} ON {name} TO {everybody}; ");
            } else {
                let columns: Vec<&str> = self.columns.iter().map(|(column, _)| column.as_str()).collect();
                let columns: Vec<&str> = std::iter::once("id").chain(columns).filter(|_| dice.chance(60)).collect();
                if !columns.is_empty() {
                    self.sql += &format!("GRANT {privilege} ({}) ON {name} TO {everybody}; ", columns.join(", "));
                }
            }
        }
        if dice.chance(90) {
            self.sql += &format!("GRANT DELETE ON {name} TO {everybody}; ");
        }
    }

    fn policy(&self, dice: &mut Dice, run: &str) -> (String, bool, String) {
        let name = format!("p{}", dice.roll(30));
        let command = dice.pick(&["ALL", "ALL", "SELECT", "INSERT", "UPDATE", "DELETE"]);
        let role = match dice.roll(6) {
            0 | 1 => "PUBLIC".to_owned(),
            2 => format!("{run}_group"),
            3 => format!("{run}_other"),
            4 => format!("{run}_app, {run}_other"),
            _ => format!("{run}_app"),
        };
        let mut rest = format!("FOR {command} TO {role}");
        if command != "INSERT" && dice.chance(if command == "ALL" { 85 } else { 100 }) {
            rest += &format!(" USING ({})", self.expression(dice, 2));
        }
        if matches!(command, "ALL" | "UPDATE") && dice.chance(50) || command == "INSERT" {
            rest += &format!(" WITH CHECK ({})", self.expression(dice, 2));
        }
        (name, dice.chance(70), rest)
    }

    fn expression(&self, dice: &mut Dice, depth: usize) -> String {
        if depth > 0 && dice.chance(35) {
            let (left, right) = (self.expression(dice, depth - 1), self.expression(dice, depth - 1));
            return match dice.roll(4) {
                0 => format!("({left}) AND ({right})"),
                1 => format!("({left}) OR ({right})"),
                2 => format!("NOT ({left})"),
                _ => format!("CASE WHEN {left} THEN {right} ELSE true END"),
            };
        }
        if dice.chance(25) {
            return self.constant(dice);
        }
        let (column, kind) = &self.columns[dice.roll(self.columns.len())];
        let template = match *kind {
            "int" => dice.pick(&[
                "@ = 1",
                "@ > 0",
                "@ <> 2",
                "@ = current_setting('x.n', true)::int",
                "1 / @ > 0",
                "@ IS NOT NULL",
                "@ = nullif(current_setting('x.n', true), '')::int",
                "@ = (SELECT current_setting('x.n')::int)",
                "@ IN (SELECT n FROM shared.allowed)",
                "@ IN (SELECT n FROM shared.fenced)",
                "@ IN (SELECT n FROM shared.secret)",
                "EXISTS (SELECT 1 FROM shared.fenced f WHERE f.n = @)",
                "shared.fails(@)",
                "shared.forbidden(@)",
                "closed.odd(@)",
            ]),
            "text" => dice.pick(&[
                "@ = '1'",
                "@ = current_setting('x.s', true)",
                "@::int = 1",
                "@ = current_setting('x.s')",
                "@ IS NULL",
                "@ < 'b'",
                "lower(@) = 'a'",
                "@::numeric > 0",
            ]),
            _ => dice.pick(&["@", "NOT @", "@ IS TRUE", "@ = current_setting('x.s', true)::boolean"]),
        };
        template.replace('@', column)
    }

    fn constant(&self, dice: &mut Dice) -> String {
        let template = dice.pick(&[
            "true",
            "true",
            "false",
            "NULL::boolean",
            "id > 1",
            "id = 50",
            "id < 3",
            "id > 0",
            "1 / 0 = 1",
            "current_setting('x.n') = '1'",
            "current_setting('x.s', true) = 'a'",
            "current_user LIKE '%app'",
            "$schema.whole($table.*)",
            "EXISTS (SELECT 1 FROM shared.allowed WHERE n = id)",
            "EXISTS (SELECT 1 FROM $schema.$table inside WHERE inside.id = 1)",
            "pg_has_role(current_user, 'pg_monitor', 'MEMBER')",
            "'abc'::text = 'abc'",
            "random() < 2",
        ]);
        template.replace("$table", &quoted(self.table)).replace("$schema", &self.schema)
    }

    pub fn question(&self, dice: &mut Dice, roles: &Roles) -> Question {
        let role = dice.pick(&["app", "app", "app", "app", "app", "lone", "bypass", "owner"]);
        let mut settings = Vec::new();
        let values: [&str; 6] = ["", "1", "1", "2", "a", "true"];
        if dice.chance(60) {
            settings.push(("x.s".to_owned(), dice.pick(&values).to_owned()));
        }
        Question {
            schema: self.schema.clone(),
            table: self.table.to_owned(),
            role: format!("{}_{role}", roles.run),
            organization: dice.chance(85).then(|| dice.pick(&["1", "1", "2", "", "abc"]).to_owned()),
            settings,
            command: self.command(dice),
            reveal: true,
        }
    }

    fn command(&self, dice: &mut Dice) -> Command {
        let id = (1 + dice.roll(self.rows)).to_string();
        let row = if dice.chance(70) {
            RowAddress::Key(vec![("id".to_owned(), id)])
        } else {
            RowAddress::Filter(vec![("id".to_owned(), Some(id))])
        };
        match dice.roll(4) {
            0 => Command::Select { row },
            1 => {
                let mut values = self.assignments(dice, 85);
                values.push(("id".to_owned(), Some((50 + dice.roll(3)).to_string())));
                Command::Insert { values, returning: dice.chance(50) }
            }
            2 => {
                let mut changes = self.assignments(dice, 45);
                if changes.is_empty() {
                    changes.push(("id".to_owned(), Some("50".to_owned())));
                }
                Command::Update { row, changes, blind: dice.chance(25) }
            }
            _ => Command::Delete { row, blind: dice.chance(40) },
        }
    }

    fn assignments(&self, dice: &mut Dice, percent: usize) -> Vec<Assignment> {
        let columns: Vec<_> = self.columns.iter().filter(|_| dice.chance(percent)).collect();
        columns
            .into_iter()
            .map(|(column, kind)| (column.clone(), (!dice.chance(15)).then(|| value(dice, kind).to_owned())))
            .collect()
    }
}

fn value(dice: &mut Dice, kind: &str) -> &'static str {
    match kind {
        "int" => dice.pick(&["0", "1", "1", "2"]),
        "text" => dice.pick(&["a", "1", "1", "b", ""]),
        _ => dice.pick(&["true", "false"]),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
