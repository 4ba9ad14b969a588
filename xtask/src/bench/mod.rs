//! `bench`: compares programs on the same inputs, and writes `docs/performance.md`.

mod inputs;
mod measure;
mod questions;
mod report;

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use measure::repeat;
use report::Report;

use crate::{gen_fleet, program, workspace};

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

pub(crate) fn run_measure(arguments: &MeasureArguments) -> Result<bool> {
    println!("{}", serde_json::to_string(&measure::once(&arguments.command)?)?);
    Ok(true)
}

/// The programs that are measured, built for release.
struct Programs {
    ours: Utf8PathBuf,
    floor: Utf8PathBuf,
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
    if wants("questions") {
        questions::measure(&programs, &temp, arguments.runs.max(21), &mut report)?;
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
    Ok(Programs {
        ours: program::build_release("flux-infra-guide", &[])?.join("flux-infra-guide"),
        floor: program::build_release("yaml-node", &["--example", "floor"])?.join("examples/floor"),
    })
}

/// A whole run over one real repository, compared with the floor and other programs.
fn repository(programs: &Programs, temp: &Utf8Path, runs: usize, report: &mut Report) -> Result<()> {
    let repository = inputs::repository(temp)?;
    let list = temp.join("files.txt");
    inputs::list_files(&repository.folder, &list)?;
    let out = temp.join("skills");
    let mut commands = vec![
        (
            "flux-infra-guide regen",
            strings([
                programs.ours.as_str(),
                "--quiet",
                "regen",
                repository.folder.as_str(),
                "--out",
                out.as_str(),
            ]),
        ),
        (
            "floor: read and parse, one thread",
            strings([programs.floor.as_str(), list.as_str()]),
        ),
    ];
    let cache = temp.join("flate-cache");
    let flate = |megabytes: &str| {
        strings([
            "flate",
            "build",
            "ks",
            "--path",
            repository.entry.as_str(),
            "--cache-dir",
            cache.as_str(),
            "--kustomize-render-cache-mb",
            megabytes,
        ])
    };
    if installed("flate") {
        commands.push(("flate build ks, nothing cached", flate("0")));
        commands.push(("flate build ks, all renderings cached", flate("1024")));
    }
    if installed("flux") {
        commands.push((
            "flux build kustomization --recursive",
            repository.flux_command(temp)?,
        ));
    }
    report.section(
        &format!("A whole repository: {}", repository.name),
        repeat(runs, commands)?,
    );
    report.absent(&["flate", "flux", "flux-local"].map(|name| (name, installed(name))));
    Ok(())
}

/// `build` of the directories that are slowest for kustomize, and of those that are slowest for us.
fn directories(programs: &Programs, temp: &Utf8Path, runs: usize, report: &mut Report) -> Result<()> {
    let mut builders = vec![("flux-infra-guide build", programs.ours.as_str())];
    if installed("kustomize") {
        builders.push(("kustomize build", "kustomize"));
    }
    for (slow, program) in builders.iter().rev() {
        let Some(directories) = inputs::slowest_directories(program, 50)? else {
            report.skipped("Single directories", "no kustomization directories at hand");
            return Ok(());
        };
        let mut commands = Vec::new();
        for (name, program) in &builders {
            let script: String = directories
                .iter()
                .map(|directory| format!("{program} build {directory} || exit 1\n"))
                .collect();
            let file = temp.join(format!("{}.sh", name.replace(' ', "-")));
            fs::write(&file, script)?;
            commands.push((*name, strings(["sh", file.as_str()])));
        }
        report.section(
            &format!(
                "The {} directories slowest for `{slow}`, one process each",
                directories.len()
            ),
            repeat(runs, commands)?,
        );
    }
    report.absent(&[("kustomize", installed("kustomize"))]);
    Ok(())
}

/// Fleets of growing size, and one kustomization of many resources.
fn scaling(programs: &Programs, temp: &Utf8Path, report: &mut Report) -> Result<()> {
    let mut rows = Vec::new();
    for kustomizations in FLEETS {
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
        rows.extend(repeat(
            if kustomizations < 10_000 { 5 } else { 3 },
            vec![("regen", command)],
        )?);
    }
    report.curve(
        "Fleets: Kustomizations of twelve objects each",
        &rows,
        &FLEETS,
        100,
    );
    let mut rows = Vec::new();
    for resources in BULKS {
        let bulk = temp.join(format!("bulk-{resources}"));
        gen_fleet::write_bulk(&bulk, resources)?;
        let command = strings([programs.ours.as_str(), "build", bulk.as_str()]);
        rows.extend(repeat(5, vec![("build", command)])?);
    }
    report.curve("One kustomization of many resources", &rows, &BULKS, 5_000);
    let data = temp.join("fleet-skills/flux-infra-guide/data");
    let ask = |question: &str| {
        strings([
            programs.ours.as_str(),
            question,
            "app-04321",
            "--data",
            data.as_str(),
        ])
    };
    report.section(
        "Questions to the catalogs of the largest fleet",
        repeat(
            7,
            ["where", "trace", "flux", "impact", "secret", "config", "image"]
                .map(|question| (question, ask(question)))
                .into(),
        )?,
    );
    Ok(())
}

/// Sizes of fleets, in Kustomizations.
const FLEETS: [usize; 5] = [1, 10, 100, 1_000, 10_000];
/// Sizes of one kustomization, in resources.
const BULKS: [usize; 3] = [500, 5_000, 50_000];

fn installed(program: &str) -> bool {
    Command::new(program).arg("--help").output().is_ok()
}

fn strings<const N: usize>(parts: [&str; N]) -> Vec<String> {
    parts.map(str::to_owned).to_vec()
}
