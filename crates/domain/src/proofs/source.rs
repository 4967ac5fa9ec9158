//! Proofs of data sources: what one would meet, and starting it.

use super::run::{Attacked, Source, run};
use crate::{
    Error, OperatorCtx, Result,
    data_sources::{elsewhere, open, sentence, unlock},
};
use bulkhead_db::{
    data_sources,
    foreign::{Prospect, Proving},
    proofs,
};
use bulkhead_model::{DataSourceId, FieldErrors, ProofId, audit::Action, perm};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;

/// The field of a form in which the password of a role is typed.
#[must_use]
pub fn password_field(role: &str) -> String {
    format!("password.{role}")
}

/// What a proof of a data source would meet, asked of its server now. Nothing is made.
pub async fn prospect(ctx: &OperatorCtx, id: DataSourceId) -> Result<Prospect> {
    // Asked before anything is contacted; the connection is not held meanwhile.
    drop(ctx.read::<perm::PlatformIsolationManage>().await?);
    let database = open(&ctx.again().await?, id).await?;
    database.prospect().await.map_err(|error| elsewhere(&error))
}

/// Starts a run of a data source, as [`super::start`] does of this product's own database.
///
/// With its password a role really signs in, on the copies; without one it is entered by SET ROLE, and what only a real
/// sign-in can show is unproven. Passwords are kept for this run alone, and nowhere but in memory.
pub async fn start_of_source(
    ctx: &OperatorCtx,
    id: DataSourceId,
    passwords: &BTreeMap<String, SecretString>,
) -> Result<Option<ProofId>> {
    let mut tx = ctx.write::<perm::PlatformIsolationManage>().await?;
    let name = data_sources::find(&mut tx, id).await?.ok_or(Error::NotFound)?.name.to_string();
    let opening = data_sources::opening(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let accepted = opening.accepted.clone();
    let database = unlock(ctx.app(), id, opening)?;
    let mut errors = FieldErrors::new();
    let mut sign_ins = BTreeMap::new();
    for (role, password) in passwords.iter().filter(|(_, password)| !password.expose_secret().is_empty()) {
        match database.address_of(role, password) {
            Ok(address) if database.profile().is_runtime(role) => {
                sign_ins.insert(role.clone(), address);
            }
            Ok(_) => errors.add(password_field(role), "The profile names no such role any more."),
            Err(error) => errors.add(password_field(role), sentence(&error)),
        }
    }
    errors.finish(Some(()))?;
    let Some(proof) = proofs::begin(&mut tx, Some((id, &name)), Some(&ctx.identity().email)).await? else {
        return Ok(None);
    };
    let signing_in: Vec<&str> = sign_ins.keys().map(String::as_str).collect();
    let signing_in = signing_in.join(", ");
    let proving = Proving { sign_ins, accepted, pg_dump: None, budget: None };
    let attacked = Attacked::Source(Box::new(Source { id, name, database, proving }));
    tx.commit(attacked.record(Action::ProofStarted, proof).after("signing_in", signing_in)).await?;
    let app = ctx.app().clone();
    ctx.app().later("proof of a data source", async move { run(&app, &attacked, proof).await });
    Ok(Some(proof))
}
