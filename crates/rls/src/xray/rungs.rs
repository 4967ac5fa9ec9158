//! The layers above the policies: what the role is and what it was granted.

use bulkhead_model::isolation::xray::{Command, Outcome, Rung, RungKind, Setting};

use super::row::{Coming, Existing};
use super::target::{Column, Target};

fn rung(kind: RungKind, outcome: Outcome, sentence: String) -> Rung {
    Rung { kind, outcome, sentence }
}

fn passes(passes: bool) -> Outcome {
    if passes { Outcome::Passes } else { Outcome::Stops }
}

/// What the role is. Nothing stops here; what makes it pass everything further down is said here.
pub(super) fn role(target: &Target) -> Rung {
    let role = &target.role;
    let name = &role.name;
    let table = target.label();
    let mut sentence = if role.superuser {
        format!("{name} is a superuser: neither rights nor policies bind it.")
    } else if role.bypass_rls {
        format!("{name} has BYPASSRLS: no policy binds it.")
    } else if role.owns {
        format!("{name} has the rights of {}, which owns {table}: it can change or drop its policies.", target.owner)
    } else {
        format!("{name} is no superuser, has no BYPASSRLS and does not own {table}.")
    };
    if !role.can_become.is_empty() {
        sentence += &format!(" With SET ROLE it becomes {}, which can do more.", role.can_become.join(" or "));
    }
    rung(RungKind::Role, Outcome::Passes, sentence)
}

/// `USAGE` on the schema.
pub(super) fn schema(target: &Target) -> Rung {
    let (name, schema) = (&target.role.name, &target.schema);
    let sentence = if target.role.usage {
        format!("{name} has USAGE on schema {schema}.")
    } else {
        format!("{name} lacks USAGE on schema {schema}.")
    };
    rung(RungKind::Schema, passes(target.role.usage), sentence)
}

/// Rights on the table and on the columns that the statement names.
pub(super) fn grants(target: &Target, command: &Command) -> Rung {
    let name = &target.role.name;
    let missing = missing_rights(target, command);
    if !missing.is_empty() {
        let sentence = format!("{name} lacks {}.", missing.join(", "));
        return rung(RungKind::Grants, Outcome::Stops, sentence);
    }
    let mut sentence = format!("{name} has the rights on {} that the statement needs.", target.label());
    let unreadable: Vec<&str> =
        target.columns.iter().filter(|column| !column.may_select).map(|column| column.name.as_str()).collect();
    if matches!(command, Command::Select { .. }) && !unreadable.is_empty() {
        sentence += &format!(" It may not read {}, so SELECT * fails.", unreadable.join(", "));
    }
    rung(RungKind::Grants, Outcome::Passes, sentence)
}

/// Each missing right, as `SELECT on column title`.
fn missing_rights(target: &Target, command: &Command) -> Vec<String> {
    let mut missing = Vec::new();
    let mut need = |privilege: &str, names: &mut dyn Iterator<Item = &String>, may: fn(&Column) -> bool| {
        let columns = names.filter_map(|name| target.column(name)).filter(|column| !may(column));
        missing.extend(columns.map(|column| format!("{privilege} on column {}", column.name)));
    };
    match command {
        Command::Insert { values, .. } => {
            need("INSERT", &mut values.iter().map(|(name, _)| name), |column| column.may_insert);
        }
        Command::Update { changes, .. } => {
            need("UPDATE", &mut changes.iter().map(|(name, _)| name), |column| column.may_update);
        }
        Command::Select { .. } | Command::Delete { .. } => {}
    }
    if let (true, Some(address)) = (command.reads(), command.address()) {
        need("SELECT", &mut address.columns().iter().map(|(name, _)| name), |column| column.may_select);
    } else if command.reads() {
        need("SELECT", &mut target.columns.iter().map(|column| &column.name), |column| column.may_select);
    }
    let table = target.label();
    if matches!(command, Command::Delete { .. }) && !target.role.may_delete {
        missing.insert(0, format!("DELETE on {table}"));
    }
    if matches!(command, Command::Insert { values, .. } if values.is_empty()) && !target.role.may_insert_any {
        missing.insert(0, format!("INSERT on {table}"));
    }
    missing
}

/// Whether policies bind the role here; `None` where it could not be asked.
pub(super) fn row_security(target: &Target, bound: Option<bool>) -> Rung {
    let (name, table) = (&target.role.name, target.label());
    let (outcome, sentence) = match bound {
        None => (Outcome::Unknown, format!("Whether policies of {table} bind {name} could not be asked.")),
        Some(true) if target.rls_forced => {
            (Outcome::Passes, format!("Row-level security of {table} is enabled and forced, and binds {name}."))
        }
        Some(true) => (
            Outcome::Passes,
            format!(
                "Row-level security of {table} is enabled and binds {name}; it is not forced, so the owner is free."
            ),
        ),
        Some(false) if !target.rls_enabled => {
            (Outcome::Passes, format!("Row-level security of {table} is off: its policies do nothing."))
        }
        Some(false) if target.role.superuser || target.role.bypass_rls => {
            (Outcome::Passes, format!("Row-level security of {table} is enabled and does not bind {name}."))
        }
        Some(false) => (
            Outcome::Passes,
            format!(
                "Row-level security of {table} is enabled and not forced, and {name} has its owner's rights: no policy binds it."
            ),
        ),
    };
    rung(RungKind::RowSecurity, outcome, sentence)
}

/// The context, as it was read back; or why it is not in force.
pub(super) fn settings(settings: &Result<Vec<Setting>, String>, path: &str) -> Rung {
    let (outcome, sentence) = match settings {
        Ok(settings) => {
            let in_force: Vec<String> = settings
                .iter()
                .map(|setting| match &setting.value {
                    Some(value) => format!("{} is {value:?}", setting.name),
                    None => format!("{} is not set", setting.name),
                })
                .chain([format!("search_path is {path}")])
                .collect();
            (Outcome::Passes, format!("{}.", in_force.join("; ")))
        }
        Err(reason) => (Outcome::Unknown, reason.clone()),
    };
    rung(RungKind::Settings, outcome, sentence)
}

/// The existing row.
pub(super) fn row(target: &Target, existing: &Existing) -> Option<Rung> {
    let (outcome, sentence) = match existing {
        Existing::NotNeeded => return None,
        Existing::Found { more: false, .. } => {
            (Outcome::Passes, format!("{}, looking past policies, finds the row.", target.inspector.name))
        }
        Existing::Found { more: true, .. } => (
            Outcome::Passes,
            format!(
                "{}, looking past policies, finds more than one row; the first is explained.",
                target.inspector.name
            ),
        ),
        Existing::Missing => {
            (Outcome::Stops, format!("{}, looking past policies, finds no such row.", target.inspector.name))
        }
        Existing::Unseen(reason) => (Outcome::Unknown, reason.clone()),
    };
    Some(rung(RungKind::Row, outcome, sentence))
}

/// The row that would come to be.
pub(super) fn new_row(coming: &Coming) -> Option<Rung> {
    let (outcome, sentence) = match coming {
        Coming::NotNeeded => return None,
        Coming::Row(_) => (Outcome::Passes, "The new row is known.".to_owned()),
        Coming::Fails { column, failure } => {
            (Outcome::Stops, format!("Column {column} cannot be computed: SQLSTATE {}.", failure.sqlstate))
        }
        Coming::Unseen(reason) => (Outcome::Unknown, reason.clone()),
    };
    Some(rung(RungKind::NewRow, outcome, sentence))
}
