//! Developer tasks: `cargo xtask TASK`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tasks talk to the developer who runs them")]

mod conformance;
mod regen;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Developer tasks of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    Regen(regen::Arguments),
    Conformance(conformance::Arguments),
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs a task; false where what it checks does not hold.
fn run(cli: Cli) -> Result<bool> {
    match cli.task {
        Task::Regen(arguments) => regen::run(&arguments),
        Task::Conformance(arguments) => conformance::run(&arguments),
    }
}
