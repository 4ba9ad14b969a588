//! `render`: prints the objects that Flux would apply.

use clap::ValueEnum;
use flux_scan::ChartMode;

use crate::exit::{Exit, Failure, printed};
use crate::report;
use crate::scan_args::ScanArgs;
use crate::terminal::Terminal;

/// Print what Flux would apply.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  flux-infra-guide render --kustomization flux-system/apps")]
pub(crate) struct Arguments {
    #[command(flatten)]
    scan: ScanArgs,
    /// Only this Flux Kustomization.
    #[arg(long, value_name = "NAMESPACE/NAME")]
    kustomization: Option<String>,
    /// `yaml` as `flux build` prints it, `jsonl` one record per Kustomization.
    #[arg(long, value_name = "FORMAT", default_value = "yaml")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Yaml,
    Jsonl,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let scanned = arguments.scan.scan_with(ChartMode::AsApplied, terminal)?;
    let only = arguments.kustomization.as_deref();
    // The evaluation of a cluster includes the Kustomizations that apply to its remote clusters.
    let own = scanned.scan.clusters.iter();
    for cluster in own.filter(|cluster| cluster.reached_by.is_none()) {
        report::diagnostics(terminal, &cluster.infrastructure.diagnostics);
        printed(match arguments.format {
            Format::Yaml => terminal.stream(flux_scan::render::yaml(&cluster.evaluation, only)),
            Format::Jsonl => terminal.stream(
                flux_scan::render::jsonl(&cluster.evaluation, only)
                    .map(|record| plain_text::json::escaped(&record).into_owned()),
            ),
        })?;
    }
    let diagnostics = scanned
        .scan
        .clusters
        .iter()
        .flat_map(|cluster| &cluster.infrastructure.diagnostics);
    Ok(arguments.scan.options.exit(diagnostics))
}
