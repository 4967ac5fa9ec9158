//! Use cases, one file per noun: context, permissions, audit events, jobs, mail outbox.
