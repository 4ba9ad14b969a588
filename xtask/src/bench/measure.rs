//! Wall time, processor time and peak memory of a command, as the operating system accounts for them.

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

/// Runs a command once. The peak memory of child processes only ever grows, so the calling process must not measure
/// another command: see [`repeat`].
///
/// # Errors
/// If the command cannot be started or fails.
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

/// Runs named commands several times in turn, each in a separate measuring process, after one run of each that does not
/// count. In turn, because the speed of a machine drifts, and only runs of the same round are compared. Every other round
/// goes backwards, because a large process leaves cold caches to the next one.
///
/// # Errors
/// As [`once`].
pub(crate) fn repeat(times: usize, commands: Vec<(&str, Vec<String>)>) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = commands
        .iter()
        .map(|(name, _)| Row {
            name: (*name).to_owned(),
            runs: Runs::default(),
        })
        .collect();
    for index in 0..=times {
        let mut round: Vec<_> = commands.iter().zip(&mut rows).collect();
        if index % 2 == 1 {
            round.reverse();
        }
        for ((_, command), row) in round {
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
                row.runs.0.push(serde_json::from_slice(&output.stdout)?);
            }
        }
    }
    Ok(rows)
}

/// A named command and its runs.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) runs: Runs,
}

/// Median, smallest and largest of figures.
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    fn new(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let at = |index: usize| figures.get(index).copied().unwrap_or(f64::NAN);
        Spread {
            median: at(figures.len() / 2),
            least: at(0),
            most: at(figures.len().saturating_sub(1)),
        }
    }
}

impl Runs {
    /// The spread of a figure.
    pub(crate) fn spread(&self, figure: impl Fn(&Run) -> f64) -> Spread {
        Spread::new(self.0.iter().map(figure).collect())
    }

    /// The spread of a figure's ratio to that of other runs, run by run.
    pub(crate) fn ratio(&self, other: &Runs, figure: impl Fn(&Run) -> f64) -> Spread {
        let pairs = self.0.iter().zip(&other.0);
        Spread::new(pairs.map(|(own, other)| figure(own) / figure(other)).collect())
    }
}
