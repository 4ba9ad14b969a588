//! Tests of the public API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod discovery;
mod envsubst;
mod evaluation;
mod fixtures;
mod provenance;
