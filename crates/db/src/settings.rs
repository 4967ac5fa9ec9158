//! Settings of platform, plan and organization.

use crate::{
    Error, Result,
    tx::{ReadTx, Realm, WriteTx},
};
use bulkhead_model::setting::{Setting, SettingKey, SettingSource, SettingValue};
use sqlx::types::Json;

/// Every setting in force for the transaction's organization, with where its value comes from.
/// A stored value that no longer fits its setting is passed over in favour of what it would override.
pub async fn in_force<R: Realm>(tx: &mut ReadTx<R>) -> Result<Vec<Setting>> {
    let rows = sqlx::query!(
        r#"SELECT 'platform' AS "source!", key AS "key!", value AS "value!: Json<SettingValue>", 0 AS "version!" FROM platform_settings
           UNION ALL
           SELECT 'plan', p.key, p.value, 0 FROM plan_settings p JOIN orgs o ON o.plan = p.plan WHERE o.id = (SELECT app.org_id())
           UNION ALL
           SELECT 'organization', key, value, version FROM org_settings WHERE org_id = (SELECT app.org_id())"#
    )
    .fetch_all(tx.connection())
    .await?;
    SettingKey::ALL
        .iter()
        .map(|&key| {
            let mut setting = Setting {
                key,
                value: key.default_value(),
                source: SettingSource::Platform,
                inherited: (key.default_value(), SettingSource::Platform),
                version: 0,
            };
            for row in rows.iter().filter(|row| row.key == key.code() && key.accepts(&row.value.0)) {
                let source = SettingSource::from_code(&row.source).ok_or(Error::Corrupt { what: "setting source" })?;
                if source == SettingSource::Organization {
                    setting.version = row.version;
                } else {
                    setting.inherited = (row.value.0.clone(), source);
                }
                setting.value = row.value.0.clone();
                setting.source = source;
            }
            Ok(setting)
        })
        .collect()
}

/// Overrides a setting for the transaction's organization; `false` when its override is not the version seen (0: none).
pub async fn set(tx: &mut WriteTx, key: SettingKey, value: &SettingValue, seen_version: i32) -> Result<bool> {
    let now = tx.now();
    let done = sqlx::query!(
        "INSERT INTO org_settings AS s (key, value, updated_at) SELECT $1, $2, $3
         WHERE $4 = 0 OR EXISTS (SELECT FROM org_settings WHERE org_id = (SELECT app.org_id()) AND key = $1)
         ON CONFLICT (org_id, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, version = s.version + 1
         WHERE s.version = $4",
        key.code(),
        Json(value) as _,
        now,
        seen_version,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes an override back; `false` when it is not the version seen.
pub async fn clear(tx: &mut WriteTx, key: SettingKey, seen_version: i32) -> Result<bool> {
    let done = sqlx::query!(
        "DELETE FROM org_settings WHERE org_id = (SELECT app.org_id()) AND key = $1 AND version = $2",
        key.code(),
        seen_version,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}
