//! Settings of an organization: read with their source, overridden, and taken back.

use crate::{Ctx, Error, Result};
use bulkhead_db::{ReadTx, Realm, audit::Record, settings};
use bulkhead_model::{
    FieldErrors,
    audit::{Action, TargetKind},
    error::Conflict,
    perm,
    setting::{Setting, SettingKey, SettingValue},
};

/// Every setting in force, with where its value comes from.
pub async fn in_force<R: Realm>(ctx: &Ctx<R>) -> Result<Vec<Setting>> {
    let mut tx = ctx.read::<perm::SettingsRead>().await?;
    Ok(settings::in_force(&mut tx).await?)
}

/// Where users of the organization get help from their own people, if it says.
pub async fn support_address(ctx: &Ctx) -> Result<Option<String>> {
    let mut tx = ctx.read::<perm::OrgRead>().await?;
    match find(settings::in_force(&mut tx).await?, SettingKey::SupportEmail)?.value {
        SettingValue::Text(address) if !address.is_empty() => Ok(Some(address)),
        _ => Ok(None),
    }
}

/// What to do with one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Override with this, as typed.
    Set(String),
    /// Take the override back and inherit again.
    Inherit,
}

/// Changes one setting, if its override is still the version seen (0: none).
pub async fn change(ctx: &Ctx, key: SettingKey, seen_version: i32, change: Change) -> Result<Setting> {
    let mut tx = ctx.write::<perm::SettingsUpdate>().await?;
    if !key.overridable() {
        return Err(FieldErrors::one(
            "value",
            "This is set by the plan. Ask the platform's operator to change the plan.",
        )
        .into());
    }
    let before = find(settings::in_force(&mut tx).await?, key)?;
    let changed = match &change {
        Change::Set(text) => {
            let value = key.parse(text).map_err(|message| FieldErrors::one("value", message))?;
            if before.version == seen_version && before.version > 0 && before.value == value {
                return Ok(before);
            }
            settings::set(&mut tx, key, &value, seen_version).await?
        }
        Change::Inherit => settings::clear(&mut tx, key, seen_version).await?,
    };
    if !changed {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let after = find(settings::in_force(&mut tx).await?, key)?;
    let record = Record::new(Action::SettingsChanged, TargetKind::Settings, key, key.label())
        .change("value", &before.value, &after.value)
        .change("source", before.source, after.source);
    tx.commit(record).await?;
    Ok(after)
}

fn find(settings: Vec<Setting>, key: SettingKey) -> Result<Setting> {
    settings.into_iter().find(|setting| setting.key == key).ok_or(Error::NotFound)
}

/// A number in force for the transaction's organization.
pub(crate) async fn integer<R: Realm>(tx: &mut ReadTx<R>, key: SettingKey) -> Result<i64> {
    let [number] = integers(tx, [key]).await?;
    Ok(number)
}

/// Several of them, for one round trip.
pub(crate) async fn integers<R: Realm, const N: usize>(tx: &mut ReadTx<R>, keys: [SettingKey; N]) -> Result<[i64; N]> {
    let in_force = settings::in_force(tx).await?;
    let mut numbers = [0; N];
    for (number, key) in numbers.iter_mut().zip(keys) {
        let setting = in_force.iter().find(|setting| setting.key == key).ok_or(Error::NotFound)?;
        *number = match (&setting.value, key.default_value()) {
            (SettingValue::Integer(n), _) => *n,
            (_, SettingValue::Integer(n)) => n,
            _ => return Err(Error::NotFound),
        };
    }
    Ok(numbers)
}

/// Whether a switch is on for the transaction's organization.
pub(crate) async fn is_on<R: Realm>(tx: &mut ReadTx<R>, key: SettingKey) -> Result<bool> {
    Ok(find(settings::in_force(tx).await?, key)?.value == SettingValue::Switch(true))
}
