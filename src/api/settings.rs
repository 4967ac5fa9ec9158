//! Settings of the caller's organization: values in force, overrides set and taken back.

use super::{
    body::Json,
    error::{ApiError, ApiResult},
    target::{self, Known, Seen, param},
    words,
};
use axum::{
    extract::{Extension, FromRequestParts},
    http::request::Parts,
};
use bulkhead_domain::{
    Ctx, Error,
    settings::{self, Change},
};
use bulkhead_model::{
    FieldErrors,
    setting::{self, SettingKey, SettingKind, SettingSource, SettingValue},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A setting in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct Setting {
    /// Which.
    #[schema(value_type = words::SettingKey)]
    key: SettingKey,
    /// Its name on the settings page.
    label: &'static str,
    /// What it does.
    explanation: &'static str,
    /// Its value in force: a whole number, a switch or text.
    #[schema(value_type = Literal)]
    value: SettingValue,
    /// Who set it.
    #[schema(value_type = words::SettingSource)]
    source: SettingSource,
    /// What would be in force without the organization's override.
    #[schema(value_type = Literal)]
    inherited_value: SettingValue,
    /// Whose that is.
    #[schema(value_type = words::SettingSource)]
    inherited_source: SettingSource,
    /// Whether the organization may override it; what a plan sells stays the plan's.
    overridable: bool,
    /// Version of the organization's override; 0 where there is none.
    version: i32,
}

/// A setting's value.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Literal {
    /// On or off.
    Switch(bool),
    /// A whole number.
    Integer(i64),
    /// Text, or an address.
    Text(String),
}

/// A new value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"value": 120}))]
pub struct Override {
    /// Of the setting's own type.
    value: Literal,
}

/// The settings, all of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Settings {
    /// In the order of the settings page.
    data: Vec<Setting>,
}

impl From<setting::Setting> for Setting {
    fn from(setting: setting::Setting) -> Self {
        let setting::Setting { key, value, source, inherited: (inherited_value, inherited_source), version } = setting;
        Self {
            key,
            label: key.label(),
            explanation: key.explanation(),
            value,
            source,
            inherited_value,
            inherited_source,
            overridable: key.overridable(),
            version,
        }
    }
}

/// The `{key}` of the path.
#[derive(Debug)]
pub struct Key(SettingKey);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let key = param(parts, state, "key").await?;
        SettingKey::from_code(&key).map(Self).ok_or_else(ApiError::not_found)
    }
}

/// List the settings
#[utoipa::path(
    get, path = "/api/v1/settings", operation_id = "list_settings", tag = "Settings",
    responses((status = 200, description = "Every setting in force", body = Settings)),
)]
pub async fn list(Extension(ctx): Extension<Ctx>) -> ApiResult {
    let settings = settings::in_force(&ctx).await?;
    Ok(target::shown(&Settings { data: settings.into_iter().map(Setting::from).collect() }))
}

/// Read a setting
#[utoipa::path(
    get, path = "/api/v1/settings/{key}", operation_id = "get_setting", tag = "Settings",
    params(("key" = words::SettingKey, Path, description = "The setting"), super::openapi::IfNoneMatch),
    responses((status = 200, description = "The setting", body = Setting)),
)]
pub async fn find(Extension(ctx): Extension<Ctx>, Key(key): Key, known: Known) -> ApiResult {
    let setting =
        settings::in_force(&ctx).await?.into_iter().find(|setting| setting.key == key).ok_or(Error::NotFound)?;
    Ok(known.answer(setting.version, &Setting::from(setting)))
}

/// Override a setting
///
/// The ETag of a setting without an override is of version 0.
#[utoipa::path(
    put, path = "/api/v1/settings/{key}", operation_id = "override_setting", tag = "Settings",
    params(("key" = words::SettingKey, Path, description = "The setting"), super::openapi::IfMatch),
    request_body = Override,
    responses((status = 200, description = "The setting as changed", body = Setting)),
)]
pub async fn set(
    Extension(ctx): Extension<Ctx>,
    Key(key): Key,
    Seen(version): Seen,
    Json(body): Json<Override>,
) -> ApiResult {
    let change = Change::Set(typed(key, body.value)?);
    answer(settings::change(&ctx, key, version, change).await?)
}

/// Take an override back
///
/// What the plan or the platform says is in force again.
#[utoipa::path(
    delete, path = "/api/v1/settings/{key}", operation_id = "inherit_setting", tag = "Settings",
    params(("key" = words::SettingKey, Path, description = "The setting"), super::openapi::IfMatch),
    responses((status = 200, description = "The setting as inherited", body = Setting)),
)]
pub async fn inherit(Extension(ctx): Extension<Ctx>, Key(key): Key, Seen(version): Seen) -> ApiResult {
    answer(settings::change(&ctx, key, version, Change::Inherit).await?)
}

fn answer(setting: setting::Setting) -> ApiResult {
    Ok(target::changed(setting.version, &Setting::from(setting)))
}

/// The value as the form would send it. A form has only text; here `"60"` is not 60.
fn typed(key: SettingKey, value: Literal) -> Result<String, FieldErrors> {
    match (key.kind(), value) {
        (SettingKind::Integer { .. }, Literal::Integer(number)) => Ok(number.to_string()),
        (SettingKind::Switch, Literal::Switch(on)) => Ok(SettingValue::Switch(on).to_string()),
        (SettingKind::Text { .. } | SettingKind::Email, Literal::Text(text)) => Ok(text),
        (SettingKind::Integer { min, max, unit }, _) => {
            Err(FieldErrors::one("value", format!("Expected a whole number of {unit} from {min} to {max}.")))
        }
        (SettingKind::Switch, _) => Err(FieldErrors::one("value", "Expected true or false.")),
        (SettingKind::Text { .. } | SettingKind::Email, _) => Err(FieldErrors::one("value", "Expected text.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_its_settings_type() {
        assert_eq!(typed(SettingKey::SessionIdleMinutes, Literal::Integer(60)), Ok("60".to_owned()));
        assert_eq!(typed(SettingKey::InviteNotifyAdmins, Literal::Switch(true)), Ok("on".to_owned()));
        assert_eq!(typed(SettingKey::SignInNotice, Literal::Text("on".to_owned())), Ok("on".to_owned()));
        assert!(typed(SettingKey::SessionIdleMinutes, Literal::Text("60".to_owned())).is_err());
        assert!(typed(SettingKey::SessionIdleMinutes, Literal::Switch(true)).is_err());
        assert!(typed(SettingKey::InviteNotifyAdmins, Literal::Text("on".to_owned())).is_err());
        assert!(typed(SettingKey::SignInNotice, Literal::Integer(1)).is_err());
    }
}
