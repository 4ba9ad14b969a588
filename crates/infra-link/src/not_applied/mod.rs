//! What the repository holds and Flux does not apply: one file per reason.
//!
//! What no build reads is found by [`RepositoryFiles`](crate::repository_files::RepositoryFiles), over all clusters of the
//! repository; what builds and values say, by the objects of one.

mod built_elsewhere;
mod commented_out;
mod kustomization_failed;
mod kustomization_not_applied;
mod removed_by_patch;
mod source_ignored;
mod switched_off;
mod unlisted;
mod unread;

use std::collections::BTreeSet;
use std::sync::Arc;

use flux_evaluate::{Evaluated, Evaluation};
use foldhash::{HashMap, HashMapExt};
use infra_model::{NotApplied, NotAppliedReason, ObjectRef};
use source_tree::{Diagnostic, Place, RepoPath, SourceTree, codes};
use yaml_node::Node;

use crate::coverage::{Coverage, coverage};
use crate::diagnostics::{bootstrap_elsewhere, definitions_in_time, image_markers, orphans};
use source_ignored::IgnoredFiles;

use crate::linker::Linker;
use crate::repository_files::{Header, RepositoryFiles};

const HINT: &str = "the catalogs hold to this bound so that no repository can make them endless; `--limit not-applied=NUMBER` raises it";

/// What the files of a repository hold that none of its clusters applies.
#[derive(Debug, Default)]
pub struct Unapplied {
    /// Findings about Flux objects and markers of image automation, for each of the clusters that were asked about those that are
    /// nearest to what it builds.
    pub orphans: Vec<Vec<Diagnostic>>,
    /// All objects, likewise, and what a cluster does not apply since one of its Kustomizations fails.
    pub not_applied: Vec<Vec<NotApplied>>,
    /// The share of the files that these clusters apply.
    pub coverage: Coverage,
    /// Files besides manifests whose texts have decided a finding.
    pub looked_up: Vec<RepoPath>,
}

/// What the clusters `asked` leave of a repository. What seems to be left over may belong to one of the `others`: the clusters that
/// the caller has left out, where these are known. `root` is the folder of `tree` that Flux sees.
pub fn unapplied(
    asked: &[&Evaluation],
    others: Option<&[Evaluation]>,
    tree: &Arc<dyn SourceTree>,
    root: &RepoPath,
) -> Unapplied {
    let Some(first) = asked.first() else {
        return Unapplied::default();
    };
    let evaluations: Vec<&Evaluation> = asked
        .iter()
        .copied()
        .chain(others.into_iter().flatten())
        .collect();
    let sources = &*first.sources;
    let applied = applied_files(&evaluations);
    let files = RepositoryFiles::read(sources, &applied);
    let mut unapplied = Unapplied {
        coverage: match evaluations.len() == asked.len() {
            true => coverage(asked, &applied, &files, sources),
            false => coverage(asked, &applied_files(asked), &files, sources),
        },
        ..Unapplied::default()
    };
    if others.is_none() {
        return unapplied;
    }
    unapplied.not_applied = asked
        .iter()
        .map(|evaluation| kustomization_failed::find(evaluation, &files, sources))
        .collect();
    unapplied.orphans = bootstrap_elsewhere(asked, &evaluations);
    let nearest = Nearest::new(&evaluations, asked.len());
    // Of a cluster that was not understood it is not known what it applies.
    let left = if evaluations.iter().all(|evaluation| is_understood(evaluation)) {
        let ignored = IgnoredFiles::new(first, &files, tree, root);
        let mut unread = unread::find(&evaluations, &files, sources, &applied);
        let mut findings = orphans(&evaluations, &files, sources, &unread);
        findings.extend(image_markers(
            &evaluations,
            &files,
            sources,
            &applied,
            (&**tree, root),
        ));
        let findings = nearest.shared(findings, |finding| finding.place.as_ref());
        let early = definitions_in_time(asked, &applied, &**tree);
        unapplied.looked_up = early.looked_up;
        for (list, (findings, early)) in unapplied
            .orphans
            .iter_mut()
            .zip(findings.into_iter().zip(early.findings))
        {
            list.extend(findings.into_iter().chain(early));
        }
        let is_ignored = |place: &Place| ignored.has(&place.file);
        unread.retain(|entry| !entry.source.as_ref().is_some_and(is_ignored));
        unread.extend(ignored.objects(&**tree));
        unread
    } else {
        // A comment says so itself, whatever is applied besides.
        commented_out::find(&evaluations, &files, sources, &applied)
    };
    let left = nearest.shared(left, |entry| entry.source.as_ref());
    for (list, entries) in unapplied.not_applied.iter_mut().zip(left) {
        list.extend(entries);
    }
    for (list, evaluation) in unapplied.not_applied.iter_mut().zip(asked) {
        let known = AppliedNames::new(evaluation);
        list.retain(|entry| entry.part_of.is_some() || !known.has(entry));
    }
    unapplied
}

/// Whether it is known what a cluster applies: its entry was built, and more of its Kustomizations than not.
fn is_understood(evaluation: &Evaluation) -> bool {
    let unknown = |evaluated: &&flux_evaluate::Evaluated| {
        evaluated.external || (evaluated.error.is_some() && evaluated.objects.is_empty())
    };
    let all = evaluation.kustomizations.iter();
    let bare = std::iter::once(&evaluation.root).chain(&evaluation.joined);
    bare.filter(unknown).count() == 0 && all.clone().filter(unknown).count() * 2 <= all.len()
}

/// Files from which anything has been applied.
fn applied_files(evaluations: &[&Evaluation]) -> BTreeSet<RepoPath> {
    let mut files = BTreeSet::new();
    for evaluation in evaluations {
        for evaluated in evaluation.evaluated() {
            files.extend(
                evaluated
                    .objects
                    .iter()
                    .filter_map(|applied| evaluation.files.path(applied.mark.file)),
            );
        }
    }
    files
}

/// Which clusters are nearest to a file.
struct Nearest {
    /// The folders of each cluster.
    folders: Vec<BTreeSet<RepoPath>>,
    /// So many of them, the first, are asked about.
    asked: usize,
}

impl Nearest {
    fn new(evaluations: &[&Evaluation], asked: usize) -> Self {
        let folders = evaluations.iter().map(|evaluation| built_folders(evaluation));
        Nearest {
            folders: folders.collect(),
            asked,
        }
    }

    /// For each cluster that is asked about what is nearest to what it builds of all, by its place. Where much is as near to
    /// many clusters, the first of them has the rest.
    fn shared<T: Clone>(&self, all: Vec<T>, place: impl Fn(&T) -> Option<&Place>) -> Vec<Vec<T>> {
        /// Most entries that are in the lists of several clusters.
        const MOST_COPIES: usize = 100_000;
        let mut shared = vec![Vec::new(); self.asked];
        let mut copies = 0_usize;
        for one in all {
            let depths = self
                .folders
                .iter()
                .map(|folders| place(&one).map_or(0, |place| depth(folders, &place.file)));
            let depths: Vec<usize> = depths.collect();
            let deepest = depths.iter().max();
            let nearest = shared
                .iter_mut()
                .zip(&depths)
                .filter(|(_, depth)| Some(*depth) == deepest);
            let most = if copies < MOST_COPIES { usize::MAX } else { 1 };
            for (list, _) in nearest.take(most) {
                list.push(one.clone());
                copies += 1;
            }
        }
        shared
    }
}

/// The folders that an evaluation builds, its entry, and the folders around them.
fn built_folders(evaluation: &Evaluation) -> BTreeSet<RepoPath> {
    let built = evaluation
        .evaluated()
        .filter(|evaluated| !evaluated.external)
        .map(|evaluated| &evaluated.path)
        .chain([&evaluation.entry]);
    let mut folders = BTreeSet::new();
    for folder in built {
        for folder in folder.ancestors() {
            if !folders.insert(folder) {
                break;
            }
        }
    }
    folders
}

/// How deep the folder lies that a file has in common with the nearest of `folders`.
fn depth(folders: &BTreeSet<RepoPath>, file: &RepoPath) -> usize {
    file.ancestors()
        .skip(1)
        .find(|folder| folders.contains(folder))
        .map_or(0, |folder| folder.as_str().split('/').count())
}

/// What patches take away from a cluster, and what the values of its releases switch off.
pub(crate) fn of_cluster(linker: &Linker<'_>) -> Vec<NotApplied> {
    let evaluation = linker.inventory.evaluation;
    let mut found = removed_by_patch::find(evaluation);
    if found.iter().any(|entry| entry.part_of.is_none()) {
        let known = AppliedNames::new(evaluation);
        found.retain(|entry| entry.part_of.is_some() || !known.has(entry));
    }
    found.extend(switched_off::find(linker.inventory, linker.releases));
    found
}

/// Sorts what a cluster does not apply, and leaves out what is over the bound.
pub fn bound_not_applied(not_applied: &mut Vec<NotApplied>, limit: usize) -> Option<Diagnostic> {
    not_applied.sort_by(|a, b| (&a.kind, &a.namespace, &a.name, a).cmp(&(&b.kind, &b.namespace, &b.name, b)));
    not_applied.dedup();
    let more = not_applied.len().checked_sub(limit).filter(|more| *more > 0)?;
    not_applied.truncate(limit);
    let message = format!("{more} more things that are not applied are left out");
    Some(Diagnostic::warning(codes::LIMIT_REACHED, message).hint(HINT))
}

/// The objects that a cluster applies, by kind and name.
struct AppliedNames<'e>(HashMap<(&'e str, &'e str), Vec<&'e str>>);

impl<'e> AppliedNames<'e> {
    fn new(evaluation: &'e Evaluation) -> Self {
        let mut names: HashMap<(&str, &str), Vec<&str>> = HashMap::new();
        for applied in evaluation.evaluated().flat_map(|evaluated| &evaluated.objects) {
            fn text<'n>(node: &'n Node, path: &[&str]) -> &'n str {
                node.text_at(path).unwrap_or_default()
            }
            let kind = text(&applied.node, &["kind"]);
            let namespace = text(&applied.node, &["metadata", "namespace"]);
            let name = text(&applied.node, &["metadata", "name"]);
            for name in [name, applied.unhashed_name.as_str()] {
                names.entry((kind, name)).or_default().push(namespace);
            }
        }
        AppliedNames(names)
    }

    /// Whether it has an object; where a file states no namespace, a kustomization may give it any.
    fn has(&self, entry: &NotApplied) -> bool {
        let namespaces = self.0.get(&(entry.kind.as_str(), entry.name.as_str()));
        namespaces.is_some_and(|namespaces| {
            entry.namespace.is_empty() || namespaces.contains(&entry.namespace.as_str())
        })
    }
}

/// What keeps a file from being applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Cause {
    reason: NotAppliedReason,
    evidence: Option<Place>,
    by: Option<String>,
    detail: Option<String>,
    would_fail: Option<String>,
}

impl Cause {
    /// The entry of an object in a file.
    fn entry(&self, object: &Header, file: &RepoPath) -> NotApplied {
        let ObjectRef {
            kind,
            namespace,
            name,
        } = object.id.clone();
        NotApplied {
            kind,
            namespace,
            name,
            part_of: None,
            reason: self.reason,
            source: Some(Place {
                file: file.clone(),
                line: object.line,
            }),
            evidence: self.evidence.clone(),
            by: self.by.clone(),
            detail: self.detail.clone(),
            would_fail: self.would_fail.clone(),
        }
    }
}

/// `namespace/name` of a Kustomization.
fn name_of(evaluated: &Evaluated) -> Option<String> {
    evaluated.id.as_ref().map(ToString::to_string)
}
