//! The only crate that names sqlx: pools, roles, transactions, one file per noun, the migrator and the embedded cluster.
