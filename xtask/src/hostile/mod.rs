//! `hostile`: runs the program on every hostile input under a memory limit, and reports to `docs/security.md`.

mod case;
mod families;
mod one;
mod table;

use std::process::Command;

use anyhow::{Context, Result, ensure};
use camino::Utf8PathBuf;

use crate::{program, workspace};
use case::Case;
pub(crate) use one::OneArguments;
pub(crate) use one::run as run_one;
use one::{Ended, Measured};

/// Most processor time that an input may take; wall time would depend on the machine's other load.
const SECONDS: f64 = 10.0;
/// Most memory that an input may take, in MiB.
const MEMORY: f64 = 1024.0;

/// Run the program on every hostile input, and write the table in docs/security.md.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only inputs whose family or name contains this text; the table is not written.
    filter: Option<String>,
    /// The program; by default it is built for release.
    #[arg(long, value_name = "PROGRAM")]
    bin: Option<Utf8PathBuf>,
    /// Print what there is to run.
    #[arg(long)]
    list: bool,
    /// Write the inputs into this folder, and run nothing.
    #[arg(long, value_name = "DIR")]
    write: Option<Utf8PathBuf>,
}

/// The result of one input.
struct Outcome {
    family: &'static str,
    name: String,
    is_regen: bool,
    measured: Measured,
    faults: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let filter = arguments.filter.as_deref().unwrap_or_default();
    let cases = || {
        let all = families::ALL.iter().flat_map(|cases| cases());
        all.filter(|case| format!("{}: {}", case.family, case.name).contains(filter))
    };
    if arguments.list {
        let count = cases()
            .map(|case| println!("{}: {}", case.family, case.name))
            .count();
        println!("{count} inputs");
        return Ok(true);
    }
    if let Some(folder) = &arguments.write {
        for (index, case) in cases().enumerate() {
            let repository = folder.join(format!("{index:03}"));
            case.write(repository.as_std_path())?;
            println!("{repository}: {}: {}", case.family, case.name);
        }
        return Ok(true);
    }
    let program = program::given_or_built(arguments.bin.as_deref())?.canonicalize_utf8()?;
    // One at a time, so that the inputs do not slow each other down.
    let mut outcomes = Vec::new();
    for case in cases() {
        let measured = measure(&case, &program)?;
        let outcome = Outcome {
            faults: faults(&case, &measured),
            family: case.family,
            name: case.name,
            is_regen: case.command.first().is_some_and(|word| word == "regen"),
            measured,
        };
        println!("{}", table::line(&outcome));
        outcomes.push(outcome);
    }
    let bad = outcomes
        .iter()
        .filter(|outcome| !outcome.faults.is_empty())
        .count();
    println!("{} inputs, {bad} at fault", outcomes.len());
    if filter.is_empty() {
        table::write(&workspace::root().join("docs/security.md"), &outcomes)?;
    }
    Ok(bad == 0)
}

/// Runs one input in a separate measuring process, because the peak memory of children only ever grows.
fn measure(case: &Case, program: &camino::Utf8Path) -> Result<Measured> {
    let folder = tempfile::tempdir()?;
    let (repository, out) = (folder.path().join("repository"), folder.path().join("out"));
    case.write(&repository)
        .with_context(|| format!("{}: {}", case.family, case.name))?;
    let place = |word: &str| {
        let (repository, out) = (repository.to_string_lossy(), out.to_string_lossy());
        word.replace("REPO", &repository).replace("OUT", &out)
    };
    let words: Vec<String> = case.command.iter().map(|word| place(word)).collect();
    let output = Command::new(std::env::current_exe()?)
        .arg("hostile-one")
        .arg("--")
        .arg(program)
        .args(&words)
        .current_dir(&folder)
        .output()?;
    ensure!(
        output.status.success(),
        "{}: {}: {}",
        case.family,
        case.name,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let mut measured: Measured = serde_json::from_slice(&output.stdout)?;
    measured.look_at(&out);
    Ok(measured)
}

fn faults(case: &Case, measured: &Measured) -> Vec<String> {
    let mut faults = Vec::new();
    match measured.ended {
        Ended::Code(0..=5) => {}
        Ended::Code(code) => faults.push(format!("exit code {code}")),
        Ended::Signal(signal) => faults.push(format!("signal {signal}")),
        Ended::Stopped => faults.push("did not end".to_owned()),
    }
    if measured.seconds > SECONDS {
        faults.push(format!("{:.1} s", measured.seconds));
    }
    if measured.memory > MEMORY {
        faults.push(format!("{:.0} MiB", measured.memory));
    }
    if case.rest && !measured.rest {
        faults.push("the rest is not catalogued".to_owned());
    }
    faults
}
