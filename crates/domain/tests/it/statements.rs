//! Counts what reaches PostgreSQL, as sqlx logs it.

use std::{
    fmt,
    sync::{Arc, Mutex},
};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry,
};

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut summary = Summary(String::new());
            event.record(&mut summary);
            // Nobody waits for this one: it is sent when a connection goes back to its pool.
            if summary.0 != "ROLLBACK" {
                self.0.lock().unwrap().push(summary.0);
            }
        }
    }
}

struct Summary(String);

impl Visit for Summary {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// Does something in this thread, and says which statements that sent: how each of them begins.
pub async fn sent<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    let heard = Heard::default();
    let listening = tracing::subscriber::set_default(registry().with(heard.clone()));
    let answer = work.await;
    drop(listening);
    let sent = heard.0.lock().unwrap().clone();
    (answer, sent)
}
