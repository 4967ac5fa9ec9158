//! Logs and metrics of the process: installed once, from `main`.

use std::{io::IsTerminal as _, panic, sync::OnceLock};

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config::{Settings, value::LogFormat};

/// Requests, by method, route pattern and status.
pub const REQUESTS: &str = "http_requests_total";
/// Time from a request's headers to its response's headers, by method and route pattern.
pub const DURATION: &str = "http_request_duration_seconds";
/// Open connections of the public listener.
pub const CONNECTIONS: &str = "http_connections";
/// Connections that were closed before a request, by reason.
pub const REFUSED: &str = "http_connections_refused_total";

/// Upper bounds in seconds. The targets of `docs/performance.md` are bounds, so that a share within target can be read off exactly.
const BOUNDS: &[f64] = &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Telemetry cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `log_level` is not a filter.
    #[error("log_level is not a level or a filter such as info,bulkhead=debug")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// A subscriber is already there.
    #[error("logging is already set up")]
    Installed(#[from] tracing_subscriber::util::TryInitError),
}

/// Sends log lines to standard error, and panics to the log.
///
/// # Errors
/// When the filter cannot be read or logging is already set up.
pub fn init(settings: &Settings) -> Result<(), TelemetryError> {
    let filter = EnvFilter::builder().parse(&settings.log_level.0)?;
    let registry = tracing_subscriber::registry().with(filter);
    let stderr = std::io::stderr;
    match settings.log_format {
        LogFormat::Text => {
            // Colours are for people; a file or a journal would keep the escape codes.
            let layer = fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
            registry.with(layer).try_init()?;
        }
        LogFormat::Json => {
            let layer = fmt::layer().json().flatten_event(true).with_writer(stderr);
            registry.with(layer).try_init()?;
        }
    }
    log_panics();
    Ok(())
}

/// The default hook writes to standard error past the log, without the request's id. The message stays out of the line: it may
/// quote the value that a conversion failed on.
fn log_panics() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let backtrace = std::backtrace::Backtrace::capture();
        tracing::error!(place, %backtrace, "panic");
    }));
}

/// The recorder behind `/metrics`, installed at the first call.
pub fn metrics() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        let builder = match builder.set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), BOUNDS) {
            Ok(builder) => builder,
            // Only for empty bounds, which these are not; summaries instead of histograms are no reason to stop.
            Err(_) => PrometheusBuilder::new(),
        };
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is installed; /metrics stays empty");
        }
        describe_counter!(REQUESTS, Unit::Count, "Requests answered");
        describe_histogram!(DURATION, Unit::Seconds, "Time to the response's headers");
        describe_gauge!(CONNECTIONS, Unit::Count, "Open connections of the public listener");
        describe_counter!(REFUSED, Unit::Count, "Connections closed before a request");
        handle
    })
}
