//! Data-driven tests: the outputs of go-yaml and kustomize are in `tests/data`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may fail loudly"
)]

mod common;
mod hostile;
mod properties;
mod reading;
mod second_reader;
mod writing;
mod yaml11;
