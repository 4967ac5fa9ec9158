//! Attacks that must be refused; the letters are those of the attack catalogue.

mod csrf;
mod headers;
mod links;
mod sessions;
mod sign_in;
