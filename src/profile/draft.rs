//! A starting profile, guessed, with what a person has to check beside every guess.

use std::fmt::Write as _;

use bulkhead_domain::isolation::foreign::{Counted, Draft};
use bulkhead_ui::{counted, visible};

/// The guess as a profile. Writing into a String cannot fail.
#[must_use]
pub fn text(draft: &Draft) -> String {
    let mut text = format!(
        "# A first guess at how {} (PostgreSQL {}, {}) keeps its tenants apart.\n\
         # Nobody checked it. Go through it line by line: what is wrong here is wrong in every answer.\n\n",
        visible(&draft.database),
        draft.server_version,
        counted(draft.tables as u64, "table", "tables"),
    );
    columns(&mut text, &draft.tenant_columns, draft.tables);
    context(&mut text, draft);
    roles(&mut text, draft);
    text.push_str(
        "# CHECK: is there a table of the organizations themselves? Its own key says whose a row is.\n\
         # [organizations]\n# table = \"public.organizations\"\n# column = \"id\"\n\n\
         # Tables that hold nobody's data. Nothing is taken for shared unless you say so, with the reason.\n\
         # [[shared]]\n# table = \"public.countries\"\n# reason = \"The same for everybody.\"\n\n\
         # Findings that you looked at and answer for. Nothing is accepted unless you say so, with the reason.\n\
         # [[accepted]]\n# code = \"unique-without-tenant\"\n# object = \"public.sessions/sessions_token_key\"\n\
         # reason = \"The value is the hash of 256 random bits.\"\n",
    );
    text
}

fn columns(text: &mut String, columns: &[Counted], tables: usize) {
    let _ = writeln!(text, "# CHECK: the column that says whose a row is, the preferred first.");
    for column in columns {
        let _ = writeln!(text, "#   {}: in {} of {tables} tables", visible(&column.name), column.times);
    }
    if columns.is_empty() {
        let _ = writeln!(text, "#   None of the usual names was found. A profile without one is refused.");
    }
    let first: Vec<String> = columns.first().map(|column| quoted(&column.name)).into_iter().collect();
    let _ = writeln!(text, "tenant_columns = [{}]\n", first.join(", "));
}

fn context(text: &mut String, draft: &Draft) {
    let _ = writeln!(text, "[context]\n# CHECK: the setting that says for whom a transaction acts.");
    for setting in &draft.settings {
        let _ = writeln!(
            text,
            "#   {}: read by {}",
            visible(&setting.name),
            counted(setting.times as u64, "policy", "policies")
        );
    }
    let settings: Vec<&Counted> = draft.settings.iter().filter(|setting| setting.name.contains('.')).collect();
    match settings.first() {
        Some(setting) => {
            let _ = writeln!(text, "org_setting = {}", quoted(&setting.name));
        }
        None => {
            let _ = writeln!(
                text,
                "#   No policy reads a setting. A profile without one is refused.\n# org_setting = \"app.org_id\""
            );
        }
    }
    let _ = writeln!(text, "# CHECK: functions without arguments that return it. Whatever is named here is believed.");
    for function in &draft.functions {
        let times = counted(function.times as u64, "policy", "policies");
        let _ = writeln!(text, "#   {}: called by {times}", visible(&function.name));
    }
    let first: Vec<String> = draft.functions.first().map(|function| quoted(&function.name)).into_iter().collect();
    let _ = writeln!(text, "org_functions = [{}]", first.join(", "));
    let _ = writeln!(
        text,
        "# CHECK: does another setting say that an operator of the platform acts?\n# operator_setting = \"app.operator_id\"\n\
         # operator_functions = []\n"
    );
}

fn roles(text: &mut String, draft: &Draft) {
    let _ = writeln!(
        text,
        "# CHECK: which of these serve requests? Only they are judged and attacked. Take out migrations, reports and\n\
         # people; add what is missing. \"tenant\": one organization at a time; \"platform\": operators, across them."
    );
    if draft.roles.is_empty() {
        let _ =
            writeln!(text, "#   No role that signs in and is bound by policies has rights on a table.\n# [[roles]]\n");
    }
    for role in &draft.roles {
        let owns = if role.owns == 0 {
            String::new()
        } else {
            format!("; it owns {}, so it can drop their policies", role.owns)
        };
        let _ = writeln!(
            text,
            "[[roles]] # has rights on {}{owns}\nname = {}\nscope = \"tenant\"\n",
            counted(role.granted as u64, "table or view", "tables and views"),
            quoted(&role.name)
        );
    }
}

/// A TOML string, whatever is in the name.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
