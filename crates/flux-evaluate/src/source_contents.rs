//! The content of sources other than the repository: the trait that provides it, and one for given folders.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use source_tree::{ObjectRef, SourceTree};
use yaml_node::Node;

use crate::charts::{ChartContent, ChartRequest, GivenCharts};

/// Provides the content of source objects: GitRepository, OCIRepository, Bucket, HelmRepository, HelmChart and
/// ExternalArtifact.
///
/// Evaluation asks for each referenced source in every round. The same request must get the same answer
/// throughout an evaluation.
pub trait SourceContents: Send + Sync {
    /// The files of a source.
    fn content(&self, source: &SourceRequest<'_>) -> SourceContent;

    /// The chart of a HelmRelease, or a dependency of its chart.
    fn chart(&self, chart: &ChartRequest<'_>) -> ChartContent;

    /// The files behind a URL in a kustomization. For a file it is a tree with that file only.
    fn remote(&self, remote: &RemoteRequest<'_>) -> SourceContent;
}

/// A URL in a kustomization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteRequest<'a> {
    /// A Git repository.
    Base {
        /// The URL to clone.
        repository: &'a str,
        /// Branch, tag or commit; empty for the default branch.
        reference: &'a str,
    },
    /// A file, by http or https.
    File {
        /// Its URL.
        url: &'a str,
    },
}

/// A request for the content of a source object.
#[derive(Clone, Copy, Debug)]
pub struct SourceRequest<'a> {
    /// The source.
    pub id: &'a ObjectRef,
    /// Its `spec` as Flux applies it. `None` if no object of the repository defines the source.
    pub spec: Option<&'a Node>,
    /// Whether evaluation assumes that the source is the repository itself. If its content is known anyway, it replaces the
    /// repository's own files.
    pub is_repository: bool,
}

/// The files of a source, or why they are unavailable.
#[derive(Clone)]
pub enum SourceContent {
    /// The files, before `spec.ignore` and `spec.include` apply.
    Known(Arc<dyn SourceTree>),
    /// The files of one fetched revision.
    Fetched {
        /// The files, before `spec.ignore` and `spec.include` apply.
        tree: Arc<dyn SourceTree>,
        /// The revision as the names of the files show it, such as `sha256:0123456789ab`.
        revision: Arc<str>,
    },
    /// They are unavailable.
    Unavailable(Unavailable),
}

/// Why content is unavailable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable {
    /// The reason, which completes the sentence "the content of its source … is".
    pub why: Arc<str>,
    /// Whether the lock file contains it, so that only the cache of this user lacks it.
    pub is_locked: bool,
}

impl From<&str> for Unavailable {
    fn from(why: &str) -> Self {
        Unavailable {
            why: why.into(),
            is_locked: false,
        }
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// Folders and charts that the caller gives, as with `--source`.
#[derive(Clone, Default)]
pub struct GivenSources {
    trees: BTreeMap<ObjectRef, Arc<dyn SourceTree>>,
    /// Given charts.
    pub charts: GivenCharts,
}

impl GivenSources {
    /// Gives the content of a source.
    pub fn insert(&mut self, id: ObjectRef, tree: Arc<dyn SourceTree>) {
        self.trees.insert(id, tree);
    }
}

impl FromIterator<(ObjectRef, Arc<dyn SourceTree>)> for GivenSources {
    fn from_iter<I: IntoIterator<Item = (ObjectRef, Arc<dyn SourceTree>)>>(trees: I) -> Self {
        GivenSources {
            trees: trees.into_iter().collect(),
            charts: GivenCharts::default(),
        }
    }
}

impl SourceContents for GivenSources {
    fn content(&self, source: &SourceRequest<'_>) -> SourceContent {
        match self.trees.get(source.id) {
            Some(tree) => SourceContent::Known(Arc::clone(tree)),
            None => SourceContent::Unavailable("elsewhere".into()),
        }
    }

    fn chart(&self, chart: &ChartRequest<'_>) -> ChartContent {
        self.charts.find(chart)
    }

    fn remote(&self, _: &RemoteRequest<'_>) -> SourceContent {
        SourceContent::Unavailable("elsewhere".into())
    }
}
