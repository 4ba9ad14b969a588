//! The options of a scan.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use source_tree::{Limits, ObjectRef, ReadRecord, RepoPath};

use helm_template::Capabilities;
use kustomize_build::ParsedFiles;

use crate::{GivenSources, HandedOver, KeptRenderings, Remains, SourceContents};

/// How to scan a repository.
#[derive(Clone, Default)]
pub struct ScanOptions {
    /// Cluster entries. If empty, all that discovery finds.
    pub clusters: Vec<ClusterArg>,
    /// The folder that the source of the entries consists of. By default it is discovered.
    pub root: Option<RepoPath>,
    /// Provides the content of sources and charts. By default only those in the repository are known.
    pub sources: Option<Arc<dyn SourceContents>>,
    /// Values from outside of the repository. Later ones override earlier ones.
    pub vars: Vec<Vars>,
    /// Path and text of the knowledge file. By default the one at the top of the repository is read.
    pub knowledge: Option<(String, String)>,
    /// Whether the knowledge file comes from the user rather than from the repository.
    pub trust_knowledge: bool,
    /// Whether an undefined variable fails its Kustomization, as in Flux since 2.9.
    pub strict: bool,
    /// How charts are rendered.
    pub charts: ChartMode,
    /// The capabilities of the cluster that charts see.
    pub capabilities: Capabilities,
    /// The cache of rendered charts. Without it every chart is rendered.
    pub renderings: Option<Arc<dyn KeptRenderings>>,
    /// Rendered charts shared with another scan in the same process, so that each is rendered once.
    pub handed_over: Option<HandedOver>,
    /// The number of threads, by default one per core.
    pub jobs: Option<usize>,
    /// Limits for the files that are read.
    pub limits: Limits,
    /// The URLs of the repository's remotes, by which its GitRepository is recognized.
    pub remotes: Vec<String>,
    /// The branch that is checked out and the default branch of the remote, as far as they are known.
    pub branches: Vec<String>,
    /// The repository's name.
    pub generated_from: String,
    /// The commit of HEAD, if the folder is the top of a Git work tree.
    pub revision: Option<String>,
    /// Whether the calling program can fetch sources, so that hints name its command.
    pub can_fetch: bool,
    /// How much of objects the model contains.
    pub detail: Detail,
    /// Records the files of this repository that builds read.
    pub reads: Option<Arc<ReadRecord>>,
    /// Objects left in each cluster from before, by the name of the cluster.
    pub remains: Arc<BTreeMap<String, Remains>>,
    /// The parsed files of the repository, shared by discovery and all evaluations.
    pub parsed: Arc<ParsedFiles>,
}

/// How much of objects the model contains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Everything that a catalog contains.
    #[default]
    Fields,
    /// No scalars of objects that have no other entry, and none of `spec.values`: for callers that have the objects themselves.
    Facts,
}

/// How the charts of HelmReleases are rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartMode {
    /// For catalogs: unknown variables stay `${NAME}`, and credentials are withheld from templates.
    #[default]
    Catalogued,
    /// With the values that Flux passes, as far as they are known.
    AsApplied,
    /// Not at all.
    Skipped,
}

impl ScanOptions {
    /// The provider of sources and charts.
    pub(crate) fn contents(&self) -> Arc<dyn SourceContents> {
        let given = || Arc::new(GivenSources::default()) as Arc<dyn SourceContents>;
        self.sources.clone().unwrap_or_else(given)
    }
}

/// A cluster entry that the caller names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterArg {
    /// The cluster's name.
    pub name: Option<String>,
    /// The entry folder.
    pub path: RepoPath,
    /// More folders of the same cluster.
    pub joined: Vec<RepoPath>,
}

/// Values from outside of the repository.
#[derive(Clone)]
pub struct Vars {
    /// The ConfigMap or Secret whose content they are. Without one, an env file contains defaults for every Kustomization that
    /// substitutes, and manifests contain the objects themselves.
    pub object: Option<ObjectRef>,
    /// The name of the file, for messages.
    pub file: String,
    /// An env file (`NAME=value` a line), or ConfigMap and Secret manifests.
    pub text: String,
}

impl fmt::Debug for Vars {
    // The text may contain secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vars")
            .field("object", &self.object)
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}
