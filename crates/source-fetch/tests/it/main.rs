//! Tests of fetches against servers on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests fail loudly, and say what they skip"
)]

mod archives;
mod bad_servers;
mod bucket;
mod buckets;
mod charts;
mod credentials;
mod git;
mod git_daemon;
mod git_http;
mod registry;
mod server;
mod support;
