//! `check`: facts that differ between catalogs and their repository.

use camino::Utf8PathBuf;
use catalog_emit::facts::{self, FactChange};
use catalog_emit::{Catalogs, ReadError, ScanRecord};

use crate::data_folder::data_folder;
use crate::exit::{Exit, Failure, printed};
use crate::scan_args::ScanArgs;
use crate::terminal::Terminal;

/// Say whether the catalogs are current, and which facts differ.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flux-infra-guide check
  flux-infra-guide check --rwenv nonprod --data .claude/skills/flux-infra-guide/data

Exit code 1 where facts differ. A fact that only moved to another line does not count.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    scan: ScanArgs,
    /// Folder with catalogs. Default: $FLUX_INFRA_GUIDE_DATA, else .claude/skills/flux-infra-guide/data here or in a parent within the repository.
    #[arg(long, value_name = "DIR")]
    data: Option<Utf8PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let data = data_folder(arguments.data.as_deref())?;
    let scanned = arguments.scan.scan(terminal)?;
    let changed = ScanRecord::read(&data)
        .map(|record| freshness::changed_files(&*scanned.tree, &record.inputs))
        .unwrap_or_default();
    let clusters = scanned.scan.clusters;
    let several = clusters.len() > 1;
    let mut text = String::new();
    let mut known = catalog_emit::cluster_names(&data).map_err(|error| unreadable(&error))?;
    for cluster in &clusters {
        let name = cluster
            .infrastructure
            .metadata
            .cluster_name
            .clone()
            .unwrap_or_default();
        let folder = if several { data.join(&name) } else { data.clone() };
        known.retain(|other| *other != name);
        let before = match catalog_emit::load_catalogs(&folder) {
            Ok(catalogs) => catalogs,
            Err(ReadError::NoCatalogs { .. }) => Catalogs::default(),
            Err(error) => return Err(unreadable(&error)),
        };
        let after = Catalogs::new(&cluster.infrastructure, "");
        let changes = facts::changes(&before, &after).map_err(Failure::output)?;
        section(&mut text, several.then_some(name.as_str()), &changes);
    }
    for gone in &known {
        section(&mut text, Some(gone), &[]);
        text.push_str("the repository has no such cluster\n");
    }
    if text.is_empty() {
        if !terminal.quiet {
            printed(terminal.out("the catalogs are current\n"))?;
            if let Some(first) = changed.first() {
                let more = match changed.len() {
                    1 => String::new(),
                    count => format!(" and {} more", count - 1),
                };
                terminal.err(&format!(
                    "note: {first:?}{more} changed, but no fact did: `flux-infra-guide regen` notes that\n"
                ));
            }
        }
        return Ok(Exit::Done);
    }
    printed(terminal.out(&text))?;
    terminal.err("the catalogs are stale: run `flux-infra-guide regen`\n");
    Ok(Exit::No)
}

fn section(text: &mut String, cluster: Option<&str>, changes: &[FactChange]) {
    if let (Some(cluster), false) = (cluster, changes.is_empty()) {
        text.push_str(&format!("cluster {}:\n", plain_text::printable_name(cluster)));
    }
    text.push_str(&facts::to_text(changes));
}

fn unreadable(error: &ReadError) -> Failure {
    Failure::input(error).hint(error.hint())
}
