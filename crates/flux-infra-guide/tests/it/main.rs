//! Tests of the program and of its library, each over whole repositories.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests fail loudly, and say what they skip"
)]

mod agents;
mod answer_schemas;
mod bad_input;
mod charts;
mod copy;
mod defects;
mod diff;
mod fetch;
mod fetch_support;
mod first_run;
mod freshness;
mod hostile_model;
mod knowledge;
mod next_steps;
mod nothing_runs;
mod options_and_names;
mod readme;
mod redaction;
mod rollout;
mod seed;
mod small_repositories;
mod smuggled;
#[cfg(unix)]
mod status;
mod success_criteria;
mod template;
mod terminal;
mod test_command;
mod tour;
mod whole_sets;
