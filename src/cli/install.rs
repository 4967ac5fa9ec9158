//! From settings to a running application, for every subcommand that needs one.

use bulkhead_domain::installation::{Blueprint, Installation, MailRoute, NamedKey, PoolSizes, Source};
use url::Url;

use super::Failure;
use crate::config::{Keyring, Keys, Settings};

/// Builds the application that the settings describe.
pub(super) async fn install(settings: &Settings) -> Result<Installation, Failure> {
    let keys = Keys::obtain(settings)?;
    let source = match (&settings.database_url, &settings.database_operator_url, &settings.database_auth_url) {
        (Some(app), Some(operator), Some(auth)) => Source::Urls {
            app: app.secret(),
            operator: operator.secret(),
            auth: auth.secret(),
            migrate: settings.database_migrate_url.as_ref().map(|url| url.secret()),
            inspect: settings.database_inspect_url.as_ref().map(|url| url.secret()),
        },
        (None, None, None) => Source::Private(settings.data_dir.join("postgres")),
        _ => {
            return Err(Failure::refused(
                "database_url, database_operator_url and database_auth_url go together: each pool has a role of its own. \
                 `bulkhead database setup` creates the roles and prints the three",
            ));
        }
    };
    let mail = match &settings.smtp_url {
        Some(url) => MailRoute::Smtp(url.secret()),
        None => MailRoute::Directory(settings.mail_dir.clone().unwrap_or_else(|| settings.data_dir.join("mail"))),
    };
    let blueprint = Blueprint {
        source,
        pools: PoolSizes {
            app: settings.database_pool.get(),
            operator: settings.database_operator_pool.get(),
            auth: settings.database_auth_pool.get(),
            acquire_timeout: settings.database_wait,
        },
        peppers: named(&keys.peppers),
        signing_keys: named(&keys.signing),
        argon2: (
            u32::try_from(settings.argon2_memory.0 / 1024).unwrap_or(u32::MAX),
            settings.argon2_iterations.get(),
            settings.argon2_parallelism.get(),
        ),
        hashing_permits: settings
            .hashing_permits
            .and_then(|permits| usize::try_from(permits.get()).ok()?.try_into().ok()),
        mail,
        mail_from: settings.mail_from.0.clone(),
        alert_mail: settings.alert_mail.as_ref().map(|address| address.0.clone()),
        alert_webhook: match (&settings.alert_webhook_url, &settings.alert_webhook_secret) {
            (Some(url), Some(secret)) => {
                let url = Url::parse(url.expose()).map_err(|error| Failure::configuration(&error))?;
                Some((url, secret.secret()))
            }
            _ => None,
        },
        public_url: Url::parse(&settings.public_url.origin()).map_err(|error| Failure::configuration(&error))?,
        production: settings.is_production(),
    };
    Ok(blueprint.build().await?)
}

fn named(ring: &Keyring) -> Vec<NamedKey> {
    ring.all().map(|key| (key.id.clone(), key.bytes.clone())).collect()
}
