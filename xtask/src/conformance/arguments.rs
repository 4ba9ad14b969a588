//! The options of `conformance`.

use camino::Utf8PathBuf;

/// Run the conformance cases and print a table per group.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Files with cases, of any of the known shapes. Default: all of ../shared/conformance.
    pub(super) files: Vec<Utf8PathBuf>,
    /// Print every failing case with a diff.
    #[arg(long)]
    pub(super) diff: bool,
    /// Only cases whose id or group contains this.
    #[arg(long, value_name = "TEXT")]
    pub(super) only: Option<String>,
    /// Compare with another program on every kustomization directory of ../shared/corpus instead.
    #[arg(long, value_name = "PROGRAM")]
    pub(super) against: Option<String>,
}
