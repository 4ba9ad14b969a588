//! The content of sources that are not the repository: what answers for it, and the answer for given folders.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use source_tree::{ObjectRef, SourceTree};
use yaml_node::Node;

use crate::charts::{ChartContent, ChartRequest, GivenCharts};

/// Answers for the content of source objects: GitRepository, OCIRepository, Bucket, HelmRepository, HelmChart and
/// ExternalArtifact.
///
/// Evaluation asks for each source that something names, in every round. The same request must get the same answer
/// throughout an evaluation.
pub trait SourceContents: Send + Sync {
    /// The files of a source.
    fn content(&self, source: &SourceRequest<'_>) -> SourceContent;

    /// The chart of a HelmRelease, or one that its chart depends on.
    fn chart(&self, chart: &ChartRequest<'_>) -> ChartContent;

    /// The files of what a kustomization names by URL. For a file it is a tree of that file alone.
    fn remote(&self, remote: &RemoteRequest<'_>) -> SourceContent;
}

/// What a kustomization names by URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteRequest<'a> {
    /// A Git repository.
    Base {
        /// What is cloned.
        repository: &'a str,
        /// Branch, tag or commit; empty for the default branch.
        reference: &'a str,
    },
    /// A file, by http or https.
    File {
        /// Its address.
        url: &'a str,
    },
}

/// A source object whose content is asked for.
#[derive(Clone, Copy, Debug)]
pub struct SourceRequest<'a> {
    /// The source.
    pub id: &'a ObjectRef,
    /// Its `spec` as Flux applies it; none where no object of the repository states the source.
    pub spec: Option<&'a Node>,
    /// Whether evaluation takes the source for the repository itself. Content that is known all the same replaces the
    /// repository's own files.
    pub is_repository: bool,
}

/// The files of a source, or why there are none.
#[derive(Clone)]
pub enum SourceContent {
    /// The files, before `spec.ignore` and `spec.include` apply.
    Known(Arc<dyn SourceTree>),
    /// The files as they were fetched in one revision.
    Fetched {
        /// The files, before `spec.ignore` and `spec.include` apply.
        tree: Arc<dyn SourceTree>,
        /// What the names of the files say of the revision, such as `sha256:0123456789ab`.
        revision: Arc<str>,
    },
    /// Why they cannot be had.
    Unavailable(Unavailable),
}

/// Why content cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable {
    /// The reason, as the end of the sentence "the content of its source … is".
    pub why: Arc<str>,
    /// Whether the lock file names it, so that only the cache of this user lacks it.
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

/// Folders that the caller names for sources, as by `--source`, and charts.
#[derive(Clone, Default)]
pub struct GivenSources {
    trees: BTreeMap<ObjectRef, Arc<dyn SourceTree>>,
    /// Charts that the caller names.
    pub charts: GivenCharts,
}

impl GivenSources {
    /// Names the content of a source.
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
