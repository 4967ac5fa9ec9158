//! Bulkhead server.
