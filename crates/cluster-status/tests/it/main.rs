//! Scenarios: a repository, a recorded cluster, questions, and the expected answers. `UPDATE_EXPECT=1` rewrites the answers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests fail loudly, and say what they skip"
)]

#[cfg(unix)]
mod kubectl;
mod scenario;
mod scenarios;
mod schema;
