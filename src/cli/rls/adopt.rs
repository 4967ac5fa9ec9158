//! `bulkhead rls adopt`: the migration for one table, on standard output and nothing else.

use bulkhead_domain::isolation::foreign::ForeignDatabase;

use super::{Answer, measure, source, table_name::TableName};
use crate::{
    cli::{Failure, block_on},
    config::Environment,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The table: orders, shop.orders, public."Order Lines"
    table: TableName,
    /// Type of the tenant column, such as uuid, where no table has it yet
    #[arg(long, value_name = "TYPE")]
    column_type: Option<String>,
    #[command(flatten)]
    source: source::Args,
    #[command(flatten)]
    measure: measure::Args,
}

pub(super) fn answer(args: &Args, environment: &Environment) -> Result<Answer, Failure> {
    let measure = args.measure.measure()?;
    let database = ForeignDatabase::new(args.source.address(environment)?, measure.profile);
    let TableName { schema, table } = &args.table;
    let printed = block_on(async { Ok(database.migration(schema, table, args.column_type.as_deref()).await?) })?;
    Ok(Answer { text: printed.trim_end().to_owned(), code: 0 })
}
