//! Data sources: databases of somebody else's that the isolation pages look at.
//!
//! Their passwords are encrypted with a key that is not in the database, and leave it for one question at a time. Nothing
//! is ever shown of an address but `user@host:port/database`.

use crate::{App, Error, OperatorCtx, Result};
use bulkhead_db::{
    audit::Record,
    data_sources::{self, NewDataSource, Opening},
    foreign::{Address, Draft, ForeignDatabase, ForeignError, Plaintext, Profile, draft},
};
use bulkhead_model::{
    DataSourceId, FieldErrors, OrgName,
    audit::{Action, TargetKind},
    error::Conflict,
    isolation::{Acceptance, DataSource},
    perm,
};
use secrecy::{ExposeSecret, SecretString};

/// What is typed about a data source.
#[derive(Debug, Clone)]
pub struct Typed {
    /// What people call it.
    pub name: String,
    /// The connection URL. Empty keeps the one there is.
    pub address: SecretString,
    /// What it is measured by, and the text that was read.
    pub profile: Profile,
    /// What its proofs accept, from the same text.
    pub accepted: Vec<Acceptance>,
    /// The text.
    pub profile_text: String,
}

/// All of them, by name.
pub async fn list(ctx: &OperatorCtx) -> Result<Vec<DataSource>> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    Ok(data_sources::list(&mut tx).await?)
}

/// One of them.
pub async fn find(ctx: &OperatorCtx, id: DataSourceId) -> Result<DataSource> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    data_sources::find(&mut tx, id).await?.ok_or(Error::NotFound)
}

/// Looks at a database before it is registered, and guesses what it is to be measured by. Nothing is kept.
pub async fn look(ctx: &OperatorCtx, url: &SecretString) -> Result<Draft> {
    // Asked before anything is contacted; the connection is not held meanwhile.
    drop(ctx.read::<perm::PlatformIsolationManage>().await?);
    let address = parse(url).map_err(|error| FieldErrors::one("address", error))?;
    Ok(draft(&address).await.map_err(|error| FieldErrors::one("address", sentence(&error)))?)
}

/// Registers a database.
pub async fn add(ctx: &OperatorCtx, typed: &Typed) -> Result<DataSourceId> {
    let mut tx = ctx.write::<perm::PlatformIsolationManage>().await?;
    let mut errors = FieldErrors::new();
    let name = errors.keep("name", OrgName::parse(&typed.name));
    let address = errors.keep("address", parse(&typed.address));
    let (name, address) = errors.finish(name.zip(address))?;
    let id: DataSourceId = ctx.app().new_id();
    let place = address.to_string();
    let locked = lock(ctx, id, &typed.address)?;
    let new = NewDataSource {
        name: name.clone(),
        place: place.clone(),
        profile: typed.profile.clone(),
        accepted: typed.accepted.clone(),
        profile_text: typed.profile_text.clone(),
    };
    refused(data_sources::insert(&mut tx, id, &new, &locked, &ctx.identity().email).await)?;
    let record = Record::new(Action::DataSourceAdded, TargetKind::DataSource, id, name.as_str());
    tx.commit(record.after("address", place).after("profile", &typed.profile_text)).await?;
    Ok(id)
}

/// Changes one.
pub async fn change(ctx: &OperatorCtx, id: DataSourceId, seen: i32, typed: &Typed) -> Result<()> {
    let mut tx = ctx.write::<perm::PlatformIsolationManage>().await?;
    let old = data_sources::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let kept = typed.address.expose_secret().trim().is_empty();
    let mut errors = FieldErrors::new();
    let name = errors.keep("name", OrgName::parse(&typed.name));
    let address = match kept {
        true => Some(None),
        false => errors.keep("address", parse(&typed.address)).map(Some),
    };
    let (name, address) = errors.finish(name.zip(address))?;
    let place = address.as_ref().map_or_else(|| old.place.clone(), ToString::to_string);
    let locked = if kept { None } else { Some(lock(ctx, id, &typed.address)?) };
    let new = NewDataSource {
        name: name.clone(),
        place: place.clone(),
        profile: typed.profile.clone(),
        accepted: typed.accepted.clone(),
        profile_text: typed.profile_text.clone(),
    };
    if !refused(data_sources::update(&mut tx, id, seen, &new, locked.as_deref()).await)? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let record = Record::new(Action::DataSourceChanged, TargetKind::DataSource, id, name.as_str())
        .change("name", &old.name, &name)
        .change("address", old.place, place)
        .change("profile", old.profile_text, &typed.profile_text);
    Ok(tx.commit(record).await?)
}

/// Forgets one, its password included.
pub async fn remove(ctx: &OperatorCtx, id: DataSourceId, seen: i32) -> Result<()> {
    let mut tx = ctx.write::<perm::PlatformIsolationManage>().await?;
    let old = data_sources::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !data_sources::delete(&mut tx, id, seen).await? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let record = Record::new(Action::DataSourceRemoved, TargetKind::DataSource, id, old.name.as_str());
    Ok(tx.commit(record.change("address", old.place, "")).await?)
}

/// The database itself, to be asked. The transaction that found it is over by then.
pub(crate) async fn open(ctx: &OperatorCtx, id: DataSourceId) -> Result<ForeignDatabase> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    let opening = data_sources::opening(&mut tx, id).await?.ok_or(Error::NotFound)?;
    drop(tx);
    unlock(ctx.app(), id, opening)
}

/// The same from what was read already.
pub(crate) fn unlock(app: &App, id: DataSourceId, opening: Opening) -> Result<ForeignDatabase> {
    let gone = "The key that its address was encrypted with is gone. Type the address again in its settings.";
    let url = app.vault().open(&purpose(id), &opening.address).ok_or_else(|| Error::Elsewhere(gone.to_owned()))?;
    let url = SecretString::from(String::from_utf8_lossy(&url).into_owned());
    let address = parse(&url).map_err(Error::Elsewhere)?;
    Ok(ForeignDatabase::new(address, opening.profile).remembering(app.catalogues().clone()))
}

/// What a failed look at somebody else's database comes to, for the person who asked.
pub(crate) fn elsewhere(error: &ForeignError) -> Error {
    match error {
        ForeignError::Question(bad) => FieldErrors::one("question", bad).into(),
        other => Error::Elsewhere(sentence(other)),
    }
}

/// As a sentence of its own.
pub(crate) fn sentence(error: &ForeignError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// TLS or this machine: nobody takes responsibility for anything else in a browser.
fn parse(url: &SecretString) -> Result<Address, String> {
    if url.expose_secret().chars().count() > 4000 {
        return Err("An address has at most 4,000 characters.".to_owned());
    }
    Address::parse(url, Plaintext::Refused).map_err(|error| sentence(&ForeignError::Address(error)))
}

fn lock(ctx: &OperatorCtx, id: DataSourceId, url: &SecretString) -> Result<Vec<u8>> {
    let url = url.expose_secret().trim();
    ctx.app().vault().lock(&purpose(id), url.as_bytes()).map_err(|error| Error::Internal(Box::new(error)))
}

fn purpose(id: DataSourceId) -> String {
    format!("data source/{id}")
}

/// What is wrong with the name, or with there being another one, belongs to a field.
fn refused<T>(done: bulkhead_db::Result<T>) -> Result<T> {
    match done {
        Err(bulkhead_db::Error::Conflict(taken @ Conflict::NameTaken)) => {
            Err(FieldErrors::one("name", taken.sentence()).into())
        }
        Err(bulkhead_db::Error::Conflict(Conflict::QuotaReached)) => {
            let full = format!("There are {} data sources, which is the most. Remove one first.", data_sources::MOST);
            Err(FieldErrors::one("name", full).into())
        }
        done => Ok(done?),
    }
}
