//! Tests of the public API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod archives;
mod cases;
mod charts;
mod limits;
