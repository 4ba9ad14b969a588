//! The engine by its public face.

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
