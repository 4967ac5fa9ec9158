//! `bulkhead rls xray`: why a role reaches a row or does not, asked of PostgreSQL, and tried.

use bulkhead_domain::isolation::foreign::ForeignDatabase;
use bulkhead_model::isolation::xray::{
    Assignment, Command, Decision, Happened, Ladder, Node, Outcome, Question, Reality, RowAddress, RowSide, Shown,
    Truth,
};
use clap::ValueEnum;

use super::{Answer, Format, measure, source, table_name::TableName};
use crate::{
    cli::{
        Failure, block_on,
        exit::{FOUND, INCOMPLETE},
        sheet::{Sheet, Tone},
    },
    config::Environment,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The table: orders, shop.orders, public."Order Lines"
    table: TableName,
    /// The role whose reach is asked about
    #[arg(long, value_name = "NAME")]
    role: String,
    /// The organization it acts for; without one no context is set
    #[arg(long, value_name = "VALUE")]
    org: Option<String>,
    /// Another setting of the transaction, such as app.user_id=7; repeatable
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    settings: Vec<(String, String)>,
    /// What the role does
    #[arg(long, value_enum, default_value_t = Verb::Select)]
    command: Verb,
    /// A column of the row's primary key; repeatable, the whole key
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = pair, conflicts_with = "filter")]
    key: Vec<(String, String)>,
    /// A column by which the row is found where there is no primary key; COLUMN alone is NULL; repeatable
    #[arg(long = "where", id = "filter", value_name = "COLUMN=VALUE", value_parser = assignment)]
    filter: Vec<Assignment>,
    /// A column that an INSERT or UPDATE gives a value; COLUMN alone is NULL; repeatable
    #[arg(long = "value", value_name = "COLUMN=VALUE", value_parser = assignment)]
    values: Vec<Assignment>,
    /// INSERT … RETURNING *: the new row must be readable too
    #[arg(long)]
    returning: bool,
    /// An UPDATE or DELETE that reads no column, as one without WHERE
    #[arg(long)]
    blind: bool,
    /// Show the values of all columns. They may be somebody's personal data
    #[arg(long)]
    reveal: bool,
    /// What is right here: end with 6 when it is otherwise
    #[arg(long, value_enum, default_value_t = Expected::Allowed)]
    expect: Expected,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    source: source::Args,
    #[command(flatten)]
    measure: measure::Args,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Verb {
    Select,
    Insert,
    Update,
    Delete,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Expected {
    /// The row is reached
    Allowed,
    /// It is not
    Denied,
}

/// Not repeated when it is wrong: a value may be anything.
fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a name, =, and a value are needed")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn assignment(text: &str) -> Result<Assignment, String> {
    let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value.to_owned())));
    if name.is_empty() { Err("a column is needed".to_owned()) } else { Ok((name.to_owned(), value)) }
}

pub(super) fn answer(args: &Args, environment: &Environment, colours: bool) -> Result<Answer, Failure> {
    let measure = args.measure.measure()?;
    let question = args.question()?;
    let database = ForeignDatabase::new(args.source.address(environment)?, measure.profile);
    let ladder = block_on(async { Ok(database.explain(&question).await?) })?;
    let text = match args.format {
        Format::Text => text(&ladder, colours),
        Format::Json => super::json(&ladder)?,
    };
    Ok(Answer { text, code: code(&ladder, args.expect) })
}

impl Args {
    fn question(&self) -> Result<Question, Failure> {
        let row = if self.filter.is_empty() {
            RowAddress::Key(self.key.clone())
        } else {
            RowAddress::Filter(self.filter.clone())
        };
        let named = !self.key.is_empty() || !self.filter.is_empty();
        let command = match self.command {
            Verb::Insert if named => {
                return Err(Failure::usage("an INSERT has no row yet: give its columns with --value"));
            }
            Verb::Insert => Command::Insert { values: self.values.clone(), returning: self.returning },
            _ if !named => return Err(Failure::usage("which row? Give its primary key with --key, or --where")),
            Verb::Select => Command::Select { row },
            Verb::Update => Command::Update { row, changes: self.values.clone(), blind: self.blind },
            Verb::Delete => Command::Delete { row, blind: self.blind },
        };
        if matches!(self.command, Verb::Select | Verb::Delete) && !self.values.is_empty() {
            return Err(Failure::usage("--value is for INSERT and UPDATE"));
        }
        Ok(Question {
            schema: self.table.schema.clone(),
            table: self.table.table.clone(),
            role: self.role.clone(),
            organization: self.org.clone(),
            settings: self.settings.clone(),
            command,
            reveal: self.reveal,
        })
    }
}

/// An answer counts only when PostgreSQL, having really tried, said the same.
fn code(ladder: &Ladder, expected: Expected) -> u8 {
    if !matches!(ladder.reality, Reality::Tried { agrees: true, .. }) {
        return INCOMPLETE;
    }
    match (ladder.verdict.decision, expected) {
        (Decision::Unknown, _) => INCOMPLETE,
        (Decision::Reached, Expected::Allowed) => 0,
        (Decision::NotReached | Decision::Refused | Decision::Fails, Expected::Denied) => 0,
        _ => FOUND,
    }
}

fn text(ladder: &Ladder, colours: bool) -> String {
    let mut sheet = Sheet::new(colours);
    sheet.entry("row", Tone::Quiet, 11, &format!("{} of {}, {}", ladder.command.as_sql(), ladder.table, ladder.role));
    for setting in &ladder.settings {
        let value = setting.value.as_ref().map_or("not set".to_owned(), |value| format!("{value:?}"));
        sheet.entry("setting", Tone::Quiet, 11, &format!("{} is {value}", setting.name));
    }
    sheet.gap();
    for rung in &ladder.rungs {
        let (word, tone) = match rung.outcome {
            Outcome::Passes => ("passes", Tone::Good),
            Outcome::Stops => ("stops", Tone::Bad),
            Outcome::Unknown => ("not seen", Tone::Careful),
        };
        sheet.entry(word, tone, 11, &format!("{}: {}", rung.kind.label(), rung.sentence));
    }
    for check in &ladder.checks {
        sheet.gap();
        let row = match check.row {
            RowSide::Existing => "the existing row",
            RowSide::New => "the new row",
        };
        sheet.paragraph(0, &format!("Policies for {} on {row}:", check.command.as_sql()));
        branch(&mut sheet, 2, &check.tree);
    }
    fields(&mut sheet, "Row", ladder.row.as_deref());
    fields(&mut sheet, "New row", ladder.new_row.as_deref());
    sheet.gap();
    for note in &ladder.notes {
        sheet.entry("note", Tone::Quiet, 11, note);
    }
    let (word, tone) = match ladder.verdict.decision {
        Decision::Reached => ("ALLOWED", Tone::Good),
        Decision::NotReached | Decision::Refused | Decision::Fails => ("DENIED", Tone::Bad),
        Decision::Unknown => ("UNKNOWN", Tone::Careful),
    };
    sheet.entry(word, tone, 11, &ladder.verdict.sentence);
    let (word, tone, sentence) = reality(&ladder.reality);
    sheet.entry(word, tone, 11, &sentence);
    sheet.finish()
}

fn branch(sheet: &mut Sheet, indent: usize, node: &Node) {
    let (what, of) = match node {
        Node::All { of, .. } => ("all of", of),
        Node::Any { of, .. } => ("any of", of),
        Node::Policy(policy) => {
            let (truth, why) = truth(&policy.truth);
            let kind = if policy.permissive { "permissive" } else { "restrictive" };
            sheet.paragraph(indent, &format!("{truth}  {kind} policy {}{why}", policy.policy));
            sheet.paragraph(indent + 7, &policy.expression);
            for compared in &policy.compared {
                let (value, with) = (shown(&compared.value), shown(&compared.with_value));
                sheet.paragraph(indent + 7, &format!("{} is {value}, compared with {with}", compared.column));
            }
            return;
        }
    };
    sheet.paragraph(indent, &format!("{}  {what}", truth(node.truth()).0));
    for child in of {
        branch(sheet, indent + 2, child);
    }
}

fn truth(truth: &Truth) -> (&'static str, String) {
    match truth {
        Truth::True => ("true ", String::new()),
        Truth::False => ("false", String::new()),
        Truth::Null => ("null ", String::new()),
        Truth::Error { sqlstate, message, .. } => ("error", format!(": {message} ({sqlstate})")),
        Truth::Unseen { reason } => ("?    ", format!(": {reason}")),
    }
}

fn fields(sheet: &mut Sheet, heading: &str, fields: Option<&[bulkhead_model::isolation::xray::Field]>) {
    let Some(fields) = fields.filter(|fields| !fields.is_empty()) else { return };
    sheet.gap();
    sheet.paragraph(0, &format!("{heading}:"));
    for field in fields {
        sheet.paragraph(2, &format!("{} = {}", field.column, shown(&field.value)));
    }
}

fn shown(value: &Shown) -> String {
    match value {
        Shown::Null => "NULL".to_owned(),
        Shown::Value { text, truncated } => format!("{text:?}{}", if *truncated { "…" } else { "" }),
        Shown::Masked { data_type, .. } => format!("(hidden {data_type})"),
    }
}

fn reality(reality: &Reality) -> (&'static str, Tone, String) {
    match reality {
        Reality::Untried { reason } => ("untried", Tone::Careful, reason.clone()),
        Reality::Tried { happened, agrees } => {
            let what = match happened {
                Happened::Rows { count: 1 } => "PostgreSQL reached one row".to_owned(),
                Happened::Rows { count } => format!("PostgreSQL reached {count} rows"),
                Happened::Failed { sqlstate, message } => format!("PostgreSQL said: {message} ({sqlstate})"),
            };
            if *agrees {
                ("tried", Tone::Good, format!("{what}, and took it back: as explained."))
            } else {
                (
                    "tried",
                    Tone::Bad,
                    format!("{what}, and took it back. The explanation above is wrong; this is right."),
                )
            }
        }
    }
}
