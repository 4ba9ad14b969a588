//! Developer tasks: `cargo xtask TASK`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tasks talk to the developer who runs them"
)]

mod bench;
mod changes;
mod cluster;
mod conformance;
mod eval;
mod facts;
mod fuzz;
mod gen_fleet;
mod hostile;
mod json;
mod program;
mod regen;
mod tour;
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
    Tour(tour::Arguments),
    Conformance(conformance::Arguments),
    Facts(facts::Arguments),
    Bench(bench::Arguments),
    Eval(eval::Arguments),
    Changes(changes::Arguments),
    Cluster(cluster::Arguments),
    #[command(hide = true)]
    Measure(bench::MeasureArguments),
    GenFleet(gen_fleet::Arguments),
    Hostile(hostile::Arguments),
    Fuzz(fuzz::Arguments),
    #[command(hide = true)]
    HostileOne(hostile::OneArguments),
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

/// Runs a task; false if a check fails.
fn run(cli: Cli) -> Result<bool> {
    match cli.task {
        Task::Regen(arguments) => regen::run(&arguments),
        Task::Tour(arguments) => tour::run(&arguments),
        Task::Conformance(arguments) => conformance::run(&arguments),
        Task::Facts(arguments) => facts::run(&arguments),
        Task::Bench(arguments) => bench::run(&arguments),
        Task::Eval(arguments) => eval::run(&arguments),
        Task::Changes(arguments) => changes::run(&arguments),
        Task::Cluster(arguments) => cluster::run(&arguments),
        Task::Measure(arguments) => bench::run_measure(&arguments),
        Task::GenFleet(arguments) => gen_fleet::run(&arguments),
        Task::Fuzz(arguments) => fuzz::run(&arguments),
        Task::Hostile(arguments) => hostile::run(&arguments),
        Task::HostileOne(arguments) => hostile::run_one(&arguments),
    }
}
