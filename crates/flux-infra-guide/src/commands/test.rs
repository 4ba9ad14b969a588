//! `test`: whether each Kustomization and HelmRelease would become ready.

use std::io::Write as _;

use camino::Utf8PathBuf;
use clap::ValueEnum;
use flux_scan::{ScannedCluster, Verdict, VerdictState, verdicts};
use plain_text::printable;

use crate::exit::{Exit, Failure, printed};
use crate::findings_format::junit;
use crate::output;
use crate::report;
use crate::scan_args::ScanArgs;
use crate::terminal::Terminal;

/// Say of each Kustomization and HelmRelease whether it would become ready, for CI.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flux-infra-guide test
  flux-infra-guide test . --junit report.xml

Exit code 1 where one fails.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    scan: ScanArgs,
    /// Text for people, JUnit for CI.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Write JUnit to this file as well.
    #[arg(long, value_name = "FILE")]
    junit: Option<Utf8PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Junit,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let scanned = arguments.scan.scan(terminal)?;
    report::not_cached(terminal, &scanned.scan.clusters);
    let clusters: Vec<(&ScannedCluster, Vec<Verdict>)> = scanned
        .scan
        .clusters
        .iter()
        .filter(|cluster| cluster.reached_by.is_none())
        .map(|cluster| (cluster, verdicts(cluster)))
        .collect();
    let document = || {
        let suites = clusters.iter();
        junit::document(suites.map(|(cluster, verdicts)| (cluster.name.as_str(), verdicts.as_slice())))
    };
    if let Some(file) = &arguments.junit {
        output::replace(file, |out| out.write_all(document().as_bytes()))?;
    }
    printed(match arguments.format {
        Format::Text => {
            let several = clusters.len() > 1;
            terminal.stream(
                clusters
                    .iter()
                    .map(|(cluster, verdicts)| text(&cluster.name, verdicts, several)),
            )
        }
        Format::Junit => terminal.out(&document()),
    })?;
    let fails = clusters.iter().any(|(cluster, verdicts)| {
        let failed = |verdict: &Verdict| matches!(verdict.state, VerdictState::Failed(_));
        verdicts.iter().any(failed) || cluster.outcome.entry_failed
    });
    Ok(match fails {
        true => Exit::No,
        false => arguments.scan.options.exit(
            clusters
                .iter()
                .flat_map(|(cluster, _)| &cluster.infrastructure.diagnostics),
        ),
    })
}

/// Failed verdicts first, each with the objects that it blocks, then passed and skipped ones, and the numbers.
fn text(cluster: &str, verdicts: &[Verdict], several: bool) -> String {
    let mut lines = Vec::new();
    if several {
        lines.push(format!("cluster {cluster}:"));
    }
    let line = |word: &str, verdict: &Verdict, reason: &str| {
        let place = verdict.place.as_ref().map(|place| format!("  {place}"));
        let reason = if reason.is_empty() {
            String::new()
        } else {
            format!(": {reason}")
        };
        format!("{word} {}{reason}{}", verdict.object, place.unwrap_or_default())
    };
    let (mut passed, mut failed, mut blocked, mut skipped) = (Vec::new(), 0, 0, Vec::new());
    for verdict in verdicts {
        match &verdict.state {
            VerdictState::Failed(reasons) => {
                failed += 1;
                lines.push(line("FAIL", verdict, &reasons.join("; ")));
                let waits = verdicts.iter().filter(
                    |other| matches!(&other.state, VerdictState::Blocked { by } if *by == verdict.object),
                );
                let waits: Vec<String> = waits.map(|other| other.object.to_string()).collect();
                if !waits.is_empty() {
                    lines.push(format!("     blocks {}", waits.join(", ")));
                }
            }
            VerdictState::Blocked { .. } => blocked += 1,
            VerdictState::Passed => passed.push(line("PASS", verdict, "")),
            VerdictState::Skipped(reason) => skipped.push(line("SKIP", verdict, reason)),
        }
    }
    let count = format!(
        "{} passed, {failed} failed, {blocked} blocked, {} skipped",
        passed.len(),
        skipped.len()
    );
    lines.extend(passed);
    lines.extend(skipped);
    lines.push(count);
    let mut text = String::new();
    for line in lines {
        text.push_str(&printable(&line));
        text.push('\n');
    }
    text
}
