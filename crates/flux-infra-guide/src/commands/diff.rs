//! `diff`: two revisions of a repository turn into the facts that change between them.

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::Catalogs;
use catalog_emit::facts;

use super::printed;
use crate::exit::{Exit, Failure};
use crate::git;
use crate::scan_args::{ScanArgs, ScanOptionArgs};
use crate::terminal::Terminal;

/// Show the facts that change between two revisions, for review.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flux-infra-guide diff main              # from main to the working tree
  flux-infra-guide diff v1.4 v1.5
  flux-infra-guide diff ../old-checkout ../new-checkout")]
pub(crate) struct Arguments {
    /// A revision of the repository in the current folder, or the folder of a working tree.
    from: String,
    /// Another one. Default: the current folder as it is.
    to: Option<String>,
    /// The repository.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: Utf8PathBuf,
    #[command(flatten)]
    scan: ScanOptionArgs,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let before = catalogs(arguments, &arguments.from, terminal)?;
    let after = catalogs(
        arguments,
        arguments.to.as_deref().unwrap_or(arguments.repo.as_str()),
        terminal,
    )?;
    let mut text = String::new();
    let mut names: Vec<&String> = before.iter().chain(&after).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let several = names.len() > 1;
    for name in names {
        let of = |side: &[(String, Catalogs)]| {
            side.iter()
                .find(|(other, _)| other == name)
                .map(|(_, catalogs)| catalogs.clone())
                .unwrap_or_default()
        };
        let changes = facts::changes(&of(&before), &of(&after)).map_err(Failure::output)?;
        if several && !changes.is_empty() {
            text.push_str(&format!("cluster {}:\n", plain_text::printable_name(name)));
        }
        text.push_str(&facts::to_text(&changes));
    }
    printed(terminal.out(if text.is_empty() {
        "no fact changes\n"
    } else {
        &text
    }))?;
    Ok(Exit::Done)
}

/// The catalogs of each cluster of a revision or folder, by entry.
fn catalogs(
    arguments: &Arguments,
    what: &str,
    terminal: &Terminal,
) -> Result<Vec<(String, Catalogs)>, Failure> {
    let checkout;
    let folder = if Utf8Path::new(what).is_dir() {
        Utf8Path::new(what)
    } else {
        checkout = git::export(&arguments.repo, what, arguments.scan.max_file_size)?;
        checkout.folder()
    };
    let scan = ScanArgs {
        repository: folder.to_owned(),
        options: arguments.scan.clone(),
        ..ScanArgs::default()
    };
    let clusters = scan.scan(terminal)?.scan.clusters;
    let named = clusters.iter().map(|cluster| {
        (
            cluster.entry.to_string(),
            Catalogs::new(&cluster.infrastructure, ""),
        )
    });
    Ok(named.collect())
}
