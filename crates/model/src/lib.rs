//! Vocabulary of Bulkhead: typed ids, newtypes, DTOs, permissions, error codes, paging. Wasm-safe.
