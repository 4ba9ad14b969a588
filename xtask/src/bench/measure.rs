//! A command turns into wall time, processor time and peak memory, as the operating system accounts for it.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use serde::{Deserialize, Serialize};

/// One run of a command.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Run {
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// Seconds of processor time, user and system.
    pub(crate) cpu: f64,
    /// Peak memory of the largest single process, in MiB.
    pub(crate) memory: f64,
}

/// Several runs of one command.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs(pub(crate) Vec<Run>);

/// Runs a command once. The peak memory of child processes only ever grows, so this must be the only command that
/// the calling process measures: see [`repeat`].
///
/// # Errors
/// Where the command cannot be started or fails.
#[allow(clippy::cast_precision_loss, reason = "sizes and times are far below 2^52")]
pub(crate) fn once(command: &[String]) -> Result<Run> {
    let (program, arguments) = command.split_first().context("no command")?;
    let start = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("starting {program}"))?;
    let wall = start.elapsed().as_secs_f64();
    ensure!(status.success(), "{} ended with {status}", command.join(" "));
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Run {
        wall,
        cpu: cpu as f64 / 1e6,
        memory: usage.max_rss() as f64 / 1024.0,
    })
}

/// Runs a command several times after one run that does not count, each in a measuring process of its own.
///
/// # Errors
/// As [`once`].
pub(crate) fn repeat(times: usize, command: &[String]) -> Result<Runs> {
    let mut runs = Vec::new();
    for index in 0..=times {
        let output = Command::new(std::env::current_exe()?)
            .arg("measure")
            .arg("--")
            .args(command)
            .output()?;
        ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        if index > 0 {
            runs.push(serde_json::from_slice(&output.stdout)?);
        }
    }
    Ok(Runs(runs))
}

impl Runs {
    /// Median of a figure.
    pub(crate) fn median(&self, figure: impl Fn(&Run) -> f64) -> f64 {
        let figures = self.sorted(figure);
        figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// Smallest and largest of a figure.
    pub(crate) fn spread(&self, figure: impl Fn(&Run) -> f64) -> (f64, f64) {
        let figures = self.sorted(figure);
        (
            figures.first().copied().unwrap_or(f64::NAN),
            figures.last().copied().unwrap_or(f64::NAN),
        )
    }

    fn sorted(&self, figure: impl Fn(&Run) -> f64) -> Vec<f64> {
        let mut figures: Vec<f64> = self.0.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures
    }
}
