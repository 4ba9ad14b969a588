//! `agents-md`: a short description of the repository in its `AGENTS.md`.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::FileSet;
use skill_render::{Cluster, Templates, with_block};
use source_tree::regular_file;

use crate::exit::{Exit, Failure, printed};
use crate::output::emit_failure;
use crate::scan_args::ScanArgs;
use crate::terminal::Terminal;

/// Largest file that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// Write what an agent should know of the repository into AGENTS.md, between markers.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flux-infra-guide agents-md
  flux-infra-guide agents-md --file docs/AGENTS.md
  flux-infra-guide agents-md --check")]
pub(crate) struct Arguments {
    #[command(flatten)]
    scan: ScanArgs,
    /// The file; its other lines stay as they are. Default: AGENTS.md at the top of the repository.
    #[arg(long, value_name = "FILE")]
    file: Option<Utf8PathBuf>,
    /// Write nothing; print what would change, and exit with code 1 if anything would.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let scanned = arguments.scan.scan(terminal)?;
    let path = match &arguments.file {
        Some(file) => file.clone(),
        None => scanned.folder.join("AGENTS.md"),
    };
    let path = follow_link(path, &scanned.folder)?;
    let (infrastructures, _) = scanned.scan.split();
    let clusters: Vec<Cluster<'_>> = infrastructures.iter().map(Cluster::from).collect();
    let block = Templates::new(&[])
        .and_then(|templates| templates.agents_md(&clusters))
        .map_err(Failure::input)?;
    let present = match regular_file::read(&path, LARGEST) {
        Ok(bytes) => Some(String::from_utf8(bytes).map_err(|error| {
            Failure::input(format!("cannot read {path}: {error}")).hint("name another file with --file")
        })?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Failure::input(format!("cannot read {path}: {error}"))),
    };
    let text = with_block(present.as_deref(), &block).map_err(|error| {
        Failure::input(format!("{path}: {error}"))
            .hint("take both markers out, or put the one that is missing back")
    })?;
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(Failure::usage(format!("{path} names no file")));
    };
    let folder = if folder.as_str().is_empty() {
        ".".into()
    } else {
        folder
    };
    let mut files = FileSet::new(folder);
    files.add(name, text).map_err(emit_failure)?;
    if arguments.check {
        let differences = files.differences().map_err(emit_failure)?;
        for difference in &differences {
            printed(terminal.out(&difference.diff))?;
        }
        return match differences.is_empty() {
            true => Ok(Exit::Done),
            false => Err(Failure::new(Exit::No, format!("{path} is not current"))
                .hint("run the same command without --check")),
        };
    }
    let report = files.apply().map_err(emit_failure)?;
    if !terminal.quiet {
        let done = match report.written.is_empty() {
            true => "is current",
            false => "written",
        };
        printed(terminal.out(&format!("{path}: {done}\n")))?;
    }
    Ok(Exit::Done)
}

/// The file that a link leads to, since people keep one file for all agents; an error if it is outside of the repository.
fn follow_link(path: Utf8PathBuf, repository: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
    if !path.is_symlink() {
        return Ok(path);
    }
    let target = path
        .canonicalize_utf8()
        .map_err(|error| Failure::input(format!("cannot read {path}: {error}")))?;
    match target.starts_with(repository) {
        true => Ok(target),
        false => Err(Failure::output(format!(
            "will not write through the symbolic link {path}, which leads out of {repository}"
        ))
        .hint("name the file itself with --file")),
    }
}
