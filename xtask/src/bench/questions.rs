//! A question in a repository with committed catalogs, compared with the same question to catalogs elsewhere: the difference
//! is the cost of knowing whether they are stale.

use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};
use camino::Utf8Path;

use super::measure::repeat;
use super::report::Report;
use super::{Programs, strings};
use crate::gen_fleet;

/// Sizes of fleets, in Kustomizations.
const SIZES: [usize; 2] = [100, 1_000];
/// A little longer than a file must be unchanged to be trusted.
const REST: Duration = Duration::from_secs(3);

pub(super) fn measure(programs: &Programs, temp: &Utf8Path, runs: usize, report: &mut Report) -> Result<()> {
    for size in SIZES {
        let repository = temp.join(format!("questions-{size}"));
        gen_fleet::write_fleet(&repository, 1, size)?;
        let elsewhere = temp.join(format!("questions-{size}-skills"));
        let ours = programs.ours.as_str();
        run(&repository, ours, &["--quiet", "regen"])?;
        let out = ["--quiet", "regen", "--out", elsewhere.as_str()];
        run(&repository, ours, &out)?;
        run(&repository, "git", &["init", "--quiet"])?;
        run(&repository, "git", &["add", "--all"])?;
        let identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"];
        let commit = [&identity[..], &["commit", "--quiet", "--message", "all"]].concat();
        run(&repository, "git", &commit)?;
        thread::sleep(REST);
        let ask = |folder: &Utf8Path, data: &str| {
            let script = format!("cd {folder} && exec {} where app-00042{data}", programs.ours);
            strings(["sh", "-c", &script])
        };
        let data = format!(" --data {elsewhere}/flux-infra-guide/data");
        report.section(
            &format!("`where` at {size} Kustomizations, committed catalogs"),
            repeat(
                runs,
                vec![
                    ("outside, with `--data`", ask(temp, &data)),
                    ("inside of the work tree", ask(&repository, "")),
                ],
            )?,
        );
    }
    Ok(())
}

fn run(folder: &Utf8Path, program: &str, arguments: &[&str]) -> Result<()> {
    let status = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .status()?;
    ensure!(status.success(), "{program} {arguments:?} in {folder}: {status}");
    Ok(())
}
