//! What runs the templates of charts: the library itself starts no process.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use source_tree::RepoPath;

/// Runs the templates of charts, as `helm template` does.
pub trait ChartRenderer: Send + Sync {
    /// The manifests that a chart makes.
    ///
    /// # Errors
    /// Helm's words. They may quote values, so that no diagnostic repeats them as they are.
    fn template(&self, request: &ChartRequest) -> Result<String, String>;
}

/// What is rendered.
#[derive(Clone, PartialEq, Eq)]
pub struct ChartRequest {
    /// The release's name.
    pub release_name: String,
    /// Where the release is installed.
    pub namespace: String,
    /// The files of the chart, by path below its folder. `Chart.yaml` is among them.
    pub files: BTreeMap<RepoPath, Arc<[u8]>>,
    /// The effective values as YAML, without those of Secrets and with `<redacted>` for credentials.
    pub values: String,
    /// Whether the objects of the chart's `crds` folder are among the manifests.
    pub include_crds: bool,
}

impl fmt::Debug for ChartRequest {
    // Values are nobody's business in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChartRequest")
            .field("release_name", &self.release_name)
            .field("namespace", &self.namespace)
            .field("files", &self.files.keys())
            .field("include_crds", &self.include_crds)
            .finish_non_exhaustive()
    }
}
