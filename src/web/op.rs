//! The operator console.

use crate::routes::{Access, Routes};

/// The routes of these pages.
pub fn routes() -> Routes {
    Routes::new(Access::Operator)
}
