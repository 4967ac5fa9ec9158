//! `bulkhead rls profile`: a starting profile, guessed, with what a person has to check beside every guess.

use bulkhead_domain::isolation::foreign::draft;

use super::{Answer, source};
use crate::{
    cli::{Failure, block_on, exit::INCOMPLETE},
    config::Environment,
    profile,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    source: source::Args,
}

pub(super) fn answer(args: &Args, environment: &Environment) -> Result<Answer, Failure> {
    let address = args.source.address(environment)?;
    let draft = block_on(async { Ok(draft(&address).await?) })?;
    let guessed = !(draft.roles.is_empty() || draft.tenant_columns.is_empty() || draft.settings.is_empty());
    // What is missing is refused by whatever reads the profile, too.
    Ok(Answer { text: profile::draft::text(&draft).trim_end().to_owned(), code: if guessed { 0 } else { INCOMPLETE } })
}
