//! What a caller says about a scan.

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
    /// Cluster entries; every one that is found where there are none.
    pub clusters: Vec<ClusterArg>,
    /// The folder that the entries' source is made of; found out where it is not given.
    pub root: Option<RepoPath>,
    /// What answers for the content of sources and for charts; without it only the repository's own are known.
    pub sources: Option<Arc<dyn SourceContents>>,
    /// Values from outside, later ones winning.
    pub vars: Vec<Vars>,
    /// Path and text of the knowledge file; by default it is looked for at the top of the repository.
    pub knowledge: Option<(String, String)>,
    /// Whether the author of the knowledge file is the user, so that it is no text of the repository.
    pub trust_knowledge: bool,
    /// Whether a variable that nothing defines fails its Kustomization, as in Flux since 2.9.
    pub strict: bool,
    /// What charts are rendered with.
    pub charts: ChartMode,
    /// What charts are told of the cluster.
    pub capabilities: Capabilities,
    /// What keeps what charts make from one scan to the next; without it all are rendered.
    pub renderings: Option<Arc<dyn KeptRenderings>>,
    /// What another scan of the process renders too, so that neither does all of it.
    pub handed_over: Option<HandedOver>,
    /// Number of threads; one per core where it is not given.
    pub jobs: Option<usize>,
    /// Bounds of what is read.
    pub limits: Limits,
    /// The URLs of the repository's remotes, by which its GitRepository is recognised.
    pub remotes: Vec<String>,
    /// The branch that is checked out and the default one of the remote, as far as they are known.
    pub branches: Vec<String>,
    /// The repository's name.
    pub generated_from: String,
    /// HEAD, where the folder is the top of a Git work tree.
    pub revision: Option<String>,
    /// Whether the program that shows the findings can fetch what is elsewhere, so that hints name its command.
    pub can_fetch: bool,
    /// How much the model tells of objects.
    pub detail: Detail,
    /// Where builds leave word of what they read of this repository.
    pub reads: Option<Arc<ReadRecord>>,
    /// What goes on in each cluster from before, by the cluster's name.
    pub remains: Arc<BTreeMap<String, Remains>>,
    /// What files of the repository were parsed to, from the search for clusters on until all of them are evaluated.
    pub parsed: Arc<ParsedFiles>,
}

/// How much the model tells of objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Everything that catalogs hold.
    #[default]
    Fields,
    /// No scalars of objects that have no other entry, and none of `spec.values`: for who has the objects themselves.
    Facts,
}

/// What the charts of HelmReleases are rendered with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartMode {
    /// For catalogs: unknown variables stay `${NAME}`, and credentials are withheld before a template sees them.
    #[default]
    Catalogued,
    /// The values that Flux gives them, as far as they are known.
    AsApplied,
    /// They are not rendered.
    Skipped,
}

impl ScanOptions {
    /// What answers for the content of sources and for charts.
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
    /// Further folders of the same cluster.
    pub joined: Vec<RepoPath>,
}

/// Values from outside of the repository.
#[derive(Clone)]
pub struct Vars {
    /// The ConfigMap or Secret that they stand for. Without one, an env file holds defaults for every Kustomization that
    /// substitutes, and a manifest stands for the objects that it states.
    pub object: Option<ObjectRef>,
    /// Where the text comes from, for messages.
    pub file: String,
    /// An env file (`NAME=value` a line), or ConfigMap and Secret manifests.
    pub text: String,
}

impl fmt::Debug for Vars {
    // The text may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vars")
            .field("object", &self.object)
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}
