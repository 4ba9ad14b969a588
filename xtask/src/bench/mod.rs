//! `bench`: inputs and programs turn into ratios, written to `docs/performance.md`.

mod floor;
mod inputs;
mod measure;
mod report;

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use measure::repeat;
use report::{Report, Row};

use crate::{gen_fleet, workspace};

/// Measure this program beside what is installed of kustomize, flux, flate and flux-local.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Counted runs of each command.
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// Only the measurements whose title contains this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Do not write docs/performance.md.
    #[arg(long)]
    dry_run: bool,
}

/// Run one command and print what it took as JSON. Used by `bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct MeasureArguments {
    /// The command.
    #[arg(last = true)]
    command: Vec<String>,
}

/// Read and parse the files of a list and do nothing else. Used by `bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct FloorArguments {
    /// The list, one path a line.
    list: Utf8PathBuf,
}

pub(crate) fn run_measure(arguments: &MeasureArguments) -> Result<bool> {
    println!("{}", serde_json::to_string(&measure::once(&arguments.command)?)?);
    Ok(true)
}

pub(crate) fn run_floor(arguments: &FloorArguments) -> Result<bool> {
    floor::run(&arguments.list)?;
    Ok(true)
}

/// The programs that are measured, built for release.
struct Programs {
    ours: Utf8PathBuf,
    xtask: Utf8PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let programs = build_release()?;
    let temp = tempfile::tempdir()?;
    let temp = Utf8Path::from_path(temp.path())
        .context("temporary folder is not UTF-8")?
        .to_owned();
    let mut report = Report::new(arguments.runs);
    let wants = |title: &str| arguments.only.as_deref().is_none_or(|only| title.contains(only));
    if wants("repository") {
        repository(&programs, &temp, arguments.runs, &mut report)?;
    }
    if wants("directories") {
        directories(&programs, &temp, arguments.runs, &mut report)?;
    }
    if wants("scaling") {
        scaling(&programs, &temp, &mut report)?;
    }
    print!("{report}");
    if !arguments.dry_run && arguments.only.is_none() {
        fs::write(workspace::root().join("docs/performance.md"), report.to_string())?;
    }
    Ok(true)
}

fn build_release() -> Result<Programs> {
    let root = workspace::root();
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--release",
            "--package",
            "flux-infra-guide",
            "--package",
            "xtask",
        ])
        .current_dir(&root)
        .status()?;
    ensure!(status.success(), "the release build failed");
    let target = workspace::target();
    Ok(Programs {
        ours: target.join("release/flux-infra-guide"),
        xtask: target.join("release/xtask"),
    })
}

/// A whole run over one real repository, beside the floor and the peers.
fn repository(programs: &Programs, temp: &Utf8Path, runs: usize, report: &mut Report) -> Result<()> {
    let repository = inputs::repository(temp)?;
    let list = temp.join("files.txt");
    inputs::list_files(&repository.folder, &list)?;
    let mut rows = Vec::new();
    let mut row = |name: &str, command: Vec<String>| -> Result<()> {
        rows.push(Row {
            name: name.to_owned(),
            runs: repeat(runs, &command)?,
        });
        Ok(())
    };
    let out = temp.join("skills");
    row(
        "flux-infra-guide regen",
        strings([
            programs.ours.as_str(),
            "--quiet",
            "regen",
            repository.folder.as_str(),
            "--out",
            out.as_str(),
        ]),
    )?;
    row(
        "floor: read and parse, one thread",
        strings([programs.xtask.as_str(), "floor", list.as_str()]),
    )?;
    if installed("flate") {
        let cache = temp.join("flate-cache");
        row(
            "flate build ks",
            strings([
                "flate",
                "build",
                "ks",
                "--path",
                repository.entry.as_str(),
                "--cache-dir",
                cache.as_str(),
                "--kustomize-render-cache-mb",
                "0",
            ]),
        )?;
    }
    if installed("flux") {
        row("flux build kustomization --recursive", repository.flux_command())?;
    }
    report.section(&format!("A whole repository: {}", repository.name), rows);
    Ok(())
}

/// `build` on the slowest kustomization directories.
fn directories(programs: &Programs, temp: &Utf8Path, runs: usize, report: &mut Report) -> Result<()> {
    let Some(directories) = inputs::slowest_directories(&programs.ours, 50)? else {
        report.skipped("Single directories", "no kustomization directories at hand");
        return Ok(());
    };
    let script = |program: &str| -> String {
        directories
            .iter()
            .map(|directory| format!("{program} build {directory} || exit 1\n"))
            .collect()
    };
    let mut rows = Vec::new();
    for (name, program) in [
        ("flux-infra-guide build", programs.ours.as_str()),
        ("kustomize build", "kustomize"),
    ] {
        if program == "kustomize" && !installed(program) {
            continue;
        }
        let file = temp.join(format!("{}.sh", name.replace(' ', "-")));
        fs::write(&file, script(program))?;
        rows.push(Row {
            name: name.to_owned(),
            runs: repeat(runs, &strings(["sh", file.as_str()]))?,
        });
    }
    report.section(
        &format!("The {} slowest directories, one process each", directories.len()),
        rows,
    );
    Ok(())
}

/// Fleets of growing size, and one kustomization of many resources.
fn scaling(programs: &Programs, temp: &Utf8Path, report: &mut Report) -> Result<()> {
    let mut rows = Vec::new();
    for kustomizations in [1, 10, 100, 1_000, 10_000] {
        let fleet = temp.join(format!("fleet-{kustomizations}"));
        gen_fleet::write_fleet(&fleet, 1, kustomizations)?;
        let out = temp.join("fleet-skills");
        let command = strings([
            programs.ours.as_str(),
            "--quiet",
            "regen",
            fleet.as_str(),
            "--out",
            out.as_str(),
        ]);
        let runs = repeat(if kustomizations < 10_000 { 5 } else { 3 }, &command)?;
        rows.push(Row {
            name: format!("{kustomizations} Kustomizations"),
            runs,
        });
    }
    report.curve("Fleets", rows, &[1, 10, 100, 1_000, 10_000]);
    let mut rows = Vec::new();
    for resources in [500, 5_000, 50_000] {
        let bulk = temp.join(format!("bulk-{resources}"));
        gen_fleet::write_bulk(&bulk, resources)?;
        let runs = repeat(5, &strings([programs.ours.as_str(), "build", bulk.as_str()]))?;
        rows.push(Row {
            name: format!("{resources} resources"),
            runs,
        });
    }
    report.curve("One kustomization of many resources", rows, &[500, 5_000, 50_000]);
    let data = temp.join("fleet-skills/flux-infra-guide/data");
    let query = strings([
        programs.ours.as_str(),
        "where",
        "app-04321",
        "--data",
        data.as_str(),
    ]);
    report.section(
        "A question to the catalogs of the largest fleet",
        vec![Row {
            name: "where".to_owned(),
            runs: repeat(7, &query)?,
        }],
    );
    Ok(())
}

fn installed(program: &str) -> bool {
    Command::new(program).arg("--help").output().is_ok()
}

fn strings<const N: usize>(parts: [&str; N]) -> Vec<String> {
    parts.map(str::to_owned).to_vec()
}
