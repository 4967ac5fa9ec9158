//! The Row X-ray: choose a row, a role, an organization and a command, and read why PostgreSQL lets it through or not.
//!
//! The question is a form, the ladder comes back under it: nothing changes, so there is nothing to redirect to, and what
//! was asked stays to be changed and asked again.

mod ladder;

use super::place::Place;
use crate::web::{
    fields,
    form::Form,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{
    Error, OperatorCtx,
    isolation::{self, XrayForm},
};
use bulkhead_model::{
    DataSourceId, FieldErrors,
    isolation::{
        ColumnFacts,
        xray::{Assignment, Command, Example, Ladder, Question, RowAddress},
    },
    org::Org,
};
use bulkhead_ui::{
    Breadcrumb, Card, Checkbox, Choice, Columns, Crumb, ErrorSummary, FormActions, Input, Notice, PageHeader, PostForm,
    Select, SubmitButton, Tone, visible,
};
use http::StatusCode;
use leptos::prelude::*;

/// In the query string: fill in a row.
pub const EXAMPLE: &str = "example";

/// What stands for NULL where a value is typed, as in PostgreSQL's COPY.
const NULL: &str = "\\N";

const COMMANDS: [(&str, &str); 5] = [
    ("select", "SELECT: read it"),
    ("update", "UPDATE: change it"),
    ("delete", "DELETE: remove it"),
    ("insert", "INSERT: add it"),
    ("insert_returning", "INSERT … RETURNING: add it and read it back"),
];

/// What was typed, field by field.
#[derive(Debug, Clone, Default)]
struct Asked(Vec<(String, String)>);

impl Asked {
    fn value(&self, name: &str) -> &str {
        self.0.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value.as_str())
    }

    fn is_on(&self, name: &str) -> bool {
        !self.value(name).is_empty()
    }

    /// A row that is there, seen for an organization that it does not belong to.
    fn begin_with(&mut self, example: Option<&Example>) {
        let Some(Example { key, other }) = example else { return };
        self.0.extend(key.iter().map(|(column, value)| (format!("key.{column}"), value.clone())));
        self.0.extend(other.iter().map(|other| ("org".to_owned(), other.clone())));
    }

    /// The values typed for columns, under `key.` or `set.`.
    fn columns(&self, prefix: &str) -> Vec<Assignment> {
        self.0
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, value)))
            .filter(|(_, value)| !value.is_empty())
            .map(|(column, value)| (column.to_owned(), (value != NULL).then(|| value.clone())))
            .collect()
    }

    fn question(&self, form: &XrayForm, operator: &str) -> Question {
        let row = || {
            let named = self.columns("key.");
            let key: Option<Vec<(String, String)>> =
                named.iter().map(|(column, value)| Some((column.clone(), value.clone()?))).collect();
            match key {
                Some(key) if !form.table.primary_key.is_empty() => RowAddress::Key(key),
                _ => RowAddress::Filter(named),
            }
        };
        let set = || self.columns("set.");
        let command = match self.value("command") {
            "update" => Command::Update { row: row(), changes: set(), blind: false },
            "delete" => Command::Delete { row: row(), blind: false },
            "insert" => Command::Insert { values: set(), returning: false },
            "insert_returning" => Command::Insert { values: set(), returning: true },
            _ => Command::Select { row: row() },
        };
        let setting = form.operator_setting.clone().filter(|_| self.is_on("operator"));
        let acting = setting.map(|setting| (setting, operator.to_owned()));
        Question {
            schema: form.table.schema.clone(),
            table: form.table.name.clone(),
            role: self.value("role").to_owned(),
            organization: Some(self.value("org").to_owned()).filter(|org| !org.is_empty()),
            settings: acting.into_iter().collect(),
            command,
            reveal: self.is_on("reveal"),
        }
    }
}

/// `GET /op/isolation/{schema.table}/xray`: the query string may fill in the fields.
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(table): Path<String>) -> PageResult {
    blank(web, &ctx, Place::own(), &table).await
}

/// `GET /op/sources/{id}/{schema.table}/xray`
pub async fn show_source(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path((id, table)): Path<(DataSourceId, String)>,
) -> PageResult {
    let (place, _) = Place::find(&ctx, id).await?;
    blank(web, &ctx.again().await?, place, &table).await
}

/// `POST /op/isolation/{schema.table}/xray`
pub async fn ask(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(table): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> PageResult {
    answer(web, &ctx, Place::own(), &table, Asked(fields)).await
}

/// `POST /op/sources/{id}/{schema.table}/xray`
pub async fn ask_source(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path((id, table)): Path<(DataSourceId, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> PageResult {
    let (place, _) = Place::find(&ctx, id).await?;
    answer(web, &ctx.again().await?, place, &table, Asked(fields)).await
}

async fn blank(web: Web, ctx: &OperatorCtx, place: Place, table: &str) -> PageResult {
    let mut asked = Asked(serde_urlencoded::from_str(web.query()).unwrap_or_default());
    let form = isolation::xray_form(ctx, place.subject, table, asked.is_on(EXAMPLE)).await?;
    asked.begin_with(form.example.as_ref());
    draw(&web, StatusCode::OK, place, form, asked, FieldErrors::new(), None).await
}

async fn answer(web: Web, ctx: &OperatorCtx, place: Place, table: &str, asked: Asked) -> PageResult {
    let form = isolation::xray_form(ctx, place.subject, table, false).await?;
    let question = asked.question(&form, &ctx.identity().user_id.to_string());
    let asking = ctx.again().await?;
    let (status, errors, ladder) =
        match isolation::explain(&asking, place.subject, &question, asked.value("reason")).await {
            Ok(ladder) => (StatusCode::OK, FieldErrors::new(), Some(ladder)),
            Err(Error::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors, None),
            Err(error) => return Err(error.into()),
        };
    draw(&web, status, place, form, asked, errors, ladder).await
}

async fn draw(
    web: &Web,
    status: StatusCode,
    place: Place,
    form: XrayForm,
    asked: Asked,
    errors: FieldErrors,
    ladder: Option<Ladder>,
) -> PageResult {
    let (viewer, title) = (web.clone(), format!("X-ray of {}", visible(&form.table.qualified())));
    let heading = title.clone();
    let draw = move || body(&viewer, &place, heading, &form, &asked, &errors, ladder.as_ref());
    Ok(web.render(status, &title, false, draw).await)
}

fn body(
    web: &Web,
    place: &Place,
    title: String,
    form: &XrayForm,
    asked: &Asked,
    errors: &FieldErrors,
    ladder: Option<&Ladder>,
) -> AnyView {
    let table = form.table.qualified();
    let mut crumbs = place.trail();
    crumbs.push(Crumb::new(visible(&table), place.table(&table)));
    let summary = fields::summary(errors);
    let question = match form.possible {
        true => question_card(web, form, asked, errors),
        false => view! {
            <Notice tone=Tone::Info>
                "No address is set for the inspector. Set database_inspect_url to look at rows; "
                <code>"bulkhead database setup"</code>
                " prints it."
            </Notice>
        }
        .into_any(),
    };
    let answer = ladder.map(ladder::draw);
    view! {
        <Breadcrumb crumbs />
        <PageHeader
            title
            purpose="Every layer that PostgreSQL asks about one row, with its answer. Then the command really runs as that role, and is rolled back."
        />
        <ErrorSummary errors=summary />
        {answer}
        {question}
    }
    .into_any()
}

/// For whom the transaction acts: chosen where the organizations are known here, else typed.
fn organization(form: &XrayForm, value: String) -> AnyView {
    let label = "Organization in the context";
    match &form.orgs {
        Some(orgs) => {
            let named = |org: &Org| Choice::new(org.id.to_string(), format!("{} ({})", visible(&org.name), org.slug));
            let none = Choice::new("", "None: no context is set");
            let choices = std::iter::once(none).chain(orgs.iter().map(named)).collect();
            view! { <Select name="org" label choices value optional=true /> }.into_any()
        }
        None => {
            let hint = "Its key, as the context has it. Empty: no context is set.";
            view! { <Input name="org" label hint value optional=true mono=true autocomplete="off" /> }.into_any()
        }
    }
}

fn question_card(web: &Web, form: &XrayForm, asked: &Asked, errors: &FieldErrors) -> AnyView {
    let (action, csrf, hidden) = (web.path().to_owned(), web.csrf(), fields::hidden(web));
    let roles = form.roles.iter().map(|role| Choice::new(role.clone(), role.clone())).collect();
    let commands = COMMANDS.iter().map(|(code, label)| Choice::new(*code, *label)).collect();
    let value = |name: &str| asked.value(name).to_owned();
    let (role, command, org) = (value("role"), value("command"), organization(form, value("org")));
    let wrong = errors.of("reason").map(str::to_owned);
    let key: Vec<&ColumnFacts> = match form.table.primary_key.is_empty() {
        true => form.table.columns.iter().collect(),
        false => form
            .table
            .primary_key
            .iter()
            .filter_map(|name| form.table.columns.iter().find(|column| column.name == *name))
            .collect(),
    };
    let inputs = |prefix: &str, columns: &[&ColumnFacts]| -> Vec<AnyView> {
        columns
            .iter()
            .map(|column| {
                let name = format!("{prefix}{}", column.name);
                let (label, hint, value) = (column.name.clone(), column.data_type.clone(), value(&name));
                view! { <Input name label hint value optional=true mono=true autocomplete="off" /> }.into_any()
            })
            .collect()
    };
    let written: Vec<&ColumnFacts> = form.table.columns.iter().filter(|column| !column.generated).collect();
    let (key, set) = (inputs("key.", &key), inputs("set.", &written));
    let (reveal, checked, reason) = (asked.is_on("reveal"), asked.is_on("operator"), value("reason"));
    let operator = form.operator_setting.is_some().then(|| {
        view! {
            <Checkbox
                name="operator"
                label="Acting for an operator"
                checked
                hint="Sets the operator in the context as well. Only policies for operators read it."
            />
        }
    });
    let typed = asked.0.iter().any(|(name, value)| name.starts_with("set.") && !value.is_empty());
    view! {
        <Card title="The question">
            <PostForm action csrf hidden>
                <Columns>
                    <Select name="role" label="Role" choices=roles value=role />
                    {org}
                    <Select name="command" label="Command" choices=commands value=command />
                </Columns>
                {operator}
                <fieldset class="fieldset">
                    <legend>"The row, for SELECT, UPDATE and DELETE"</legend>
                    <Columns>{key}</Columns>
                </fieldset>
                <details class="disclosure" open=typed>
                    <summary>"Values, for INSERT and UPDATE"</summary>
                    <p class="muted">"Leave a field empty to leave the column out. Type " <code>{NULL}</code> " for NULL."</p>
                    <Columns>{set}</Columns>
                </details>
                <Checkbox
                    name="reveal"
                    label="Show the values of all columns"
                    checked=reveal
                    hint="They may be somebody’s personal data: it takes a reason, and both are written into the audit log."
                />
                <Input name="reason" label="Reason" value=reason error=wrong optional=true maxlength=2000 autocomplete="off" />
                <FormActions>
                    <SubmitButton label="X-ray the row" pending="Looking" />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}
