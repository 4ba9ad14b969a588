//! Numbers of built, failed and external Kustomizations of a cluster.

use std::collections::BTreeMap;

use flux_evaluate::{Evaluated, Evaluation};
use source_tree::{EntryKind, RepoPath, SourceTree};

/// The result for a Kustomization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Became {
    /// Built completely.
    Built,
    /// Built without parts that are not available offline.
    Partial,
    /// Not built, or built but refused by Flux.
    Failed,
    /// Not in this repository.
    External,
}

impl Became {
    /// The result for a Kustomization.
    pub fn of(evaluated: &Evaluated) -> Self {
        match (evaluated.external, &evaluated.error) {
            (true, _) => Became::External,
            (false, Some(_)) => Became::Failed,
            (false, None) if !evaluated.left_out.is_empty() => Became::Partial,
            (false, None) => Became::Built,
        }
    }
}

/// Numbers of Kustomizations by their result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Built completely.
    pub built: usize,
    /// Built without parts that are not available offline.
    pub partial: usize,
    /// Not built, or built but refused by Flux.
    pub failed: usize,
    /// Not in this repository.
    pub external: usize,
    /// External ones whose path has variables without a value.
    pub unknown_paths: usize,
    /// Whether the entry itself could not be built, so that at most the Kustomization that points at it is known.
    pub entry_failed: bool,
    /// The source of most external Kustomizations.
    pub external_source: Option<String>,
    /// A folder of this repository that contains all paths of that source, which may be pushed from there.
    pub external_folder: Option<RepoPath>,
}

impl Outcome {
    /// Counts the Kustomizations of an evaluation.
    pub fn new(evaluation: &Evaluation) -> Self {
        let mut outcome = Outcome::default();
        let mut sources: BTreeMap<String, Vec<&RepoPath>> = BTreeMap::new();
        for evaluated in &evaluation.kustomizations {
            match Became::of(evaluated) {
                Became::External => {
                    outcome.external += 1;
                    let view = evaluated.kustomization.as_ref();
                    if view.is_some_and(|view| view.path.contains("${")) {
                        outcome.unknown_paths += 1;
                    } else if let Some(source) = source(evaluated) {
                        sources.entry(source).or_default().push(&evaluated.path);
                    }
                }
                Became::Failed => outcome.failed += 1,
                Became::Partial => outcome.partial += 1,
                Became::Built => outcome.built += 1,
            }
        }
        let bare = std::iter::once(&evaluation.root).chain(&evaluation.joined);
        outcome.entry_failed = bare
            .filter(|evaluated| evaluated.id.is_none())
            .any(|evaluated| evaluated.error.is_some() && evaluated.objects.is_empty())
            || evaluation.kustomizations.iter().any(is_bootstrapped_alone);
        if let Some((source, paths)) = sources.into_iter().max_by_key(|(_, paths)| paths.len()) {
            outcome.external_source = Some(source);
            let is_asked = outcome.external > outcome.built + outcome.partial;
            outcome.external_folder = is_asked
                .then(|| folder_with(evaluation.sources.tree(), &paths))
                .flatten();
        }
        outcome
    }

    /// Number of all Kustomizations.
    pub fn all(&self) -> usize {
        self.built + self.partial + self.failed + self.external
    }
}

/// Whether only the Kustomization of `flux bootstrap` is known, since the entry could not be built.
fn is_bootstrapped_alone(evaluated: &Evaluated) -> bool {
    evaluated.is_bootstrapped && Became::of(evaluated) == Became::Failed && evaluated.objects.is_empty()
}

/// The outermost folder, within bounds, below which each of the paths is a folder; `None` if the top of the repository is one.
fn folder_with(tree: &dyn SourceTree, paths: &[&RepoPath]) -> Option<RepoPath> {
    const DEEPEST: usize = 3;
    const MOST: usize = 2000;
    let has_all = |folder: &RepoPath| {
        let mut paths = paths.iter();
        paths.all(|path| tree.kind(&folder.join(path.as_str())) == Some(EntryKind::Directory))
    };
    if paths.iter().all(|path| path.is_root()) || has_all(&RepoPath::root()) {
        return None;
    }
    let mut level = vec![RepoPath::root()];
    let mut seen = 0;
    for _ in 0..DEEPEST {
        let mut below = Vec::new();
        for folder in &level {
            for (name, kind) in tree.list_without_links(folder).unwrap_or_default() {
                if kind == EntryKind::Directory && !name.starts_with('.') && seen < MOST {
                    seen += 1;
                    below.push(folder.join(&name));
                }
            }
        }
        if let Some(found) = below.iter().find(|folder| has_all(folder)) {
            return Some(found.clone());
        }
        level = below;
    }
    None
}

/// `Kind/namespace/name` of the source that a Kustomization names.
fn source(evaluated: &Evaluated) -> Option<String> {
    let object = evaluated.object.as_ref()?;
    let reference = object.node.at(&["spec", "sourceRef"])?;
    let own = evaluated.id.as_ref().map_or("", |id| id.namespace.as_str());
    let namespace = reference.text_at(&["namespace"]).unwrap_or(own);
    Some(format!(
        "{}/{namespace}/{}",
        reference.text_at(&["kind"])?,
        reference.text_at(&["name"])?
    ))
}
