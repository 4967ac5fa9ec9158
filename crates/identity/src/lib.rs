//! Sign-in cryptography: passwords, pepper, blocklist, one-time tokens. Bytes and a clock in, claims out.
