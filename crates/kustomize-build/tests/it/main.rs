//! Tests of the public API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests fail loudly, and say what they skip"
)]

mod builds;
mod common;
mod corpus;
mod fixtures;
mod generated;
mod readme;
