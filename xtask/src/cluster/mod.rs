//! `cluster`: `status` and `verify` against a real kube-apiserver, by the real kubectl.
//!
//! The scenarios are those of `crates/cluster-status/tests/data`, which tests run from recorded files, with the same expected
//! answers. `tests/data/server` has those that need a server: permissions, and a server that stops in mid-run.

mod binaries;
mod definitions;
mod load;
mod planted;
mod question;
mod scenario;
mod server;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use similar::TextDiff;

use crate::workspace;
use binaries::Found;
use load::Loaded;
use question::Asker;
use scenario::Scenario;
use server::Server;

/// Run `status` and `verify` against a real kube-apiserver and etcd.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only scenarios whose name contains this.
    scenario: Option<String>,
    /// Build nothing: say `skipped` where kube-apiserver and kubectl were not built before.
    #[arg(long)]
    cached: bool,
    /// Longest time to build kube-apiserver and kubectl, in minutes. What was compiled until then is kept for the next time.
    #[arg(long, default_value_t = 30)]
    build_minutes: u64,
    /// Print every answer.
    #[arg(long)]
    show: bool,
}

/// The path of the test data in the workspace.
const DATA: &str = "crates/cluster-status/tests/data";

pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let limit = Duration::from_secs(arguments.build_minutes.saturating_mul(60));
    let binaries = match binaries::find((!arguments.cached).then_some(limit))? {
        Found::Ready(binaries) => binaries,
        Found::Missing(why) => {
            println!("skipped: {why}");
            return Ok(true);
        }
    };
    let data = workspace::root().join(DATA);
    let program = build()?;
    let started = Instant::now();
    let scratch = tempfile::tempdir()?;
    let components = definitions::write_components(scratch.path().join("definitions.yaml"))?;
    let mut server = Server::start(&binaries, &data.join("server"))?;
    println!(
        "kube-apiserver {} is ready after {:.1} s",
        binaries.version,
        started.elapsed().as_secs_f64()
    );
    let mut tally = Tally {
        is_shown: arguments.show,
        ..Tally::default()
    };
    let mut loaded = Loaded::default();
    let is_asked = |scenario: &Scenario| {
        let wanted = arguments.scenario.as_deref();
        wanted.is_none_or(|part| scenario.name.contains(part))
    };
    for scenario in Scenario::recorded(&data)?.iter().filter(|it| is_asked(it)) {
        if let Some(why) = &scenario.only_recorded {
            println!("left out: {}: {}", scenario.name, why.trim_end());
            continue;
        }
        let result = loaded
            .load(&server, scenario)
            .and_then(|()| Asker::new(&program, &server, scenario)?.answers());
        server.revive()?;
        tally.add(scenario, result)?;
    }
    for mut scenario in Scenario::of_server(&data)?.into_iter().filter(is_asked) {
        if scenario.has_components {
            let Some(found) = &components else {
                println!(
                    "skipped: {}: no ../shared with a gotk-components.yaml",
                    scenario.name
                );
                continue;
            };
            println!(
                "{}: definitions of {}, from {}",
                scenario.name, found.version, found.file
            );
            scenario.definitions = Some(found.definitions.clone());
        }
        let scenario = &scenario;
        let result = loaded
            .load(&server, scenario)
            .and_then(|()| Asker::new(&program, &server, scenario)?.transcripts());
        server.revive()?;
        tally.add(scenario, result)?;
    }
    tally.planted += planted::found(&server)?;
    Ok(tally.end(started.elapsed()))
}

/// Builds the command line with the arguments of the tests' build, so that its artefacts are reused.
fn build() -> Result<Utf8PathBuf> {
    let mut command = std::process::Command::new(env!("CARGO"));
    command
        .args(["build", "--quiet", "--workspace", "--bin", "flux-infra-guide"])
        .current_dir(workspace::root());
    let status = command.status().context("starting cargo")?;
    anyhow::ensure!(status.success(), "the build failed");
    Ok(workspace::target().join("debug/flux-infra-guide"))
}

/// Results of the scenarios.
#[derive(Default)]
struct Tally {
    is_shown: bool,
    scenarios: usize,
    failed: Vec<String>,
    /// Number of values of Secrets in answers and files, which must have none.
    planted: usize,
}

impl Tally {
    fn add(&mut self, scenario: &Scenario, answer: Result<String>) -> Result<()> {
        self.scenarios += 1;
        let text = match answer {
            Ok(text) => text,
            Err(error) => {
                println!("failed: {}: {error:#}", scenario.name);
                self.failed.push(scenario.name.clone());
                return Ok(());
            }
        };
        if self.is_shown {
            println!("-- {}\n{text}", scenario.name);
        }
        let count = planted::count(&text);
        if count > 0 {
            println!("{}: {count} values of Secrets in the answers", scenario.name);
            self.planted += count;
        }
        let expected = scenario.expected(&text)?;
        let text = scenario::with_times_of(&text, &expected);
        if text == expected {
            println!("ok: {}", scenario.name);
            return Ok(());
        }
        let diff = TextDiff::from_lines(&expected, &text);
        println!(
            "differs: {}\n{}",
            scenario.name,
            diff.unified_diff().header("expected", "from the server")
        );
        self.failed.push(scenario.name.clone());
        Ok(())
    }

    fn end(self, took: Duration) -> bool {
        println!(
            "{} scenarios, {} failed, {} values of Secrets found, {:.0} s",
            self.scenarios,
            self.failed.len(),
            self.planted,
            took.as_secs_f64()
        );
        self.failed.is_empty() && self.planted == 0 && self.scenarios > 0
    }
}
