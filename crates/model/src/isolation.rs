//! The isolation report.
