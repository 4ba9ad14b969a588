//! Objects of the repository that Flux does not apply: one file per reason.
//!
//! [`RepositoryFiles`](crate::repository_files::RepositoryFiles) finds files that no build reads, over all clusters of the
//! repository; the objects of one cluster show what its builds and values leave out.

mod built_elsewhere;
mod commented_out;
mod kustomization_failed;
mod kustomization_not_applied;
mod removed_by_patch;
mod source_ignored;
mod switched_off;
mod unlisted;
mod unread;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use flux_evaluate::{Evaluated, Evaluation};
use foldhash::{HashMap, HashSet};
use infra_model::{NotApplied, NotAppliedReason};
use kustomize_build::Sources;
use source_tree::{Diagnostic, FileId, ObjectRef, Place, RepoPath, SourceTree, codes};

use crate::coverage::{Coverage, coverage};
use crate::diagnostics::{bootstrap_elsewhere, definitions_in_time, image_markers, orphans};
use source_ignored::IgnoredFiles;

use crate::linker::Linker;
use crate::repository_files::{Header, RepositoryFiles, folders_of};

const HINT: &str =
    "this bound keeps the catalogs finite for any repository; `--limit not-applied=NUMBER` raises it";

/// Objects in the files of a repository that none of its clusters applies.
#[derive(Debug, Default)]
pub struct Unapplied {
    /// Findings about Flux objects and markers of image automation: for each cluster asked about, those nearest to the folders that it
    /// builds.
    pub orphans: Vec<Vec<Diagnostic>>,
    /// All objects, likewise, and those that a cluster does not apply since one of its Kustomizations fails.
    pub not_applied: Vec<Vec<NotApplied>>,
    /// The share of the files that these clusters apply.
    pub coverage: Coverage,
    /// Files other than manifests whose texts have decided a finding.
    pub looked_up: Vec<RepoPath>,
}

/// The objects of a repository that the clusters `asked` do not apply. Some may belong to one of the `others`: the clusters that the
/// caller has left out, if these are known. `root` is the folder of `tree` that Flux sees.
pub fn unapplied(
    asked: &[&Evaluation],
    others: Option<&[Evaluation]>,
    tree: &Arc<dyn SourceTree>,
    root: &RepoPath,
) -> Unapplied {
    let Some(first) = asked.first() else {
        return Unapplied::default();
    };
    let others_of = others.into_iter().flatten();
    let evaluations: Vec<&Evaluation> = asked.iter().copied().chain(others_of).collect();
    let sources = &*first.sources;
    let applied = applied_files(&evaluations);
    let files = RepositoryFiles::read(sources, &applied);
    // What coverage and unread files have in common, which is nearly all.
    let built = files.built(sources, built_by(asked));
    let mut unapplied = Unapplied {
        coverage: match evaluations.len() == asked.len() {
            true => coverage(&built, &applied, &files, sources),
            false => coverage(&built, &applied_files(asked), &files, sources),
        },
        ..Unapplied::default()
    };
    if others.is_none() {
        return unapplied;
    }
    let failed = |evaluation: &&Evaluation| kustomization_failed::find(evaluation, &files, sources);
    unapplied.not_applied = asked.iter().map(failed).collect();
    unapplied.orphans = bootstrap_elsewhere(asked, &evaluations);
    let nearest = Nearest::new(&evaluations, asked.len());
    // The objects of a cluster that was not understood are unknown.
    let is_understood = |evaluation: &&Evaluation| is_understood(evaluation, sources);
    let left = if evaluations.iter().all(is_understood) {
        let ignored = IgnoredFiles::new(first, &files, tree, root);
        let mut unread = unread::find(&evaluations, &files, built, sources, &applied);
        let mut findings = orphans(&evaluations, &files, sources, &unread);
        let folder = (&**tree, root);
        findings.extend(image_markers(&evaluations, &files, sources, &applied, folder));
        let findings = nearest.shared(findings, |finding| finding.place.as_ref());
        let early = definitions_in_time(asked, &applied, &**tree);
        unapplied.looked_up = early.looked_up;
        let findings = findings.into_iter().zip(early.findings);
        for (list, (findings, early)) in unapplied.orphans.iter_mut().zip(findings) {
            list.extend(findings.into_iter().chain(early));
        }
        let is_ignored = |place: &Place| ignored.has(&place.file);
        unread.retain(|entry| !entry.source.as_ref().is_some_and(is_ignored));
        unread.extend(ignored.objects(&**tree));
        unread
    } else {
        // A comment is certain, whatever else is applied.
        commented_out::find(&evaluations, &files, sources, &applied)
    };
    let left = nearest.shared(left, |entry| entry.source.as_ref());
    for (list, entries) in unapplied.not_applied.iter_mut().zip(left) {
        list.extend(entries);
    }
    for (list, evaluation) in unapplied.not_applied.iter_mut().zip(asked) {
        drop_applied(list, evaluation);
    }
    unapplied
}

/// The folders of the Kustomizations that apply something.
fn built_by(evaluations: &[&Evaluation]) -> Vec<RepoPath> {
    let mut folders = Vec::new();
    for evaluation in evaluations {
        for evaluated in evaluation.evaluated() {
            if !evaluated.external && !evaluated.objects.is_empty() {
                folders.extend(folders_of(evaluation, evaluated));
            }
        }
    }
    folders
}

/// Whether a cluster is understood: its entry was built, and at least half of its Kustomizations. Those that build another repository
/// do not count: they list no file of this one.
fn is_understood(evaluation: &Evaluation, sources: &Sources) -> bool {
    let others = other_repositories(evaluation, sources);
    let is_unknown = |evaluated: &&Evaluated| match evaluated.external {
        true => source_of(evaluated).is_none_or(|source| !others.contains(source)),
        false => evaluated.error.is_some() && evaluated.objects.is_empty(),
    };
    let all = &evaluation.kustomizations;
    let mut entries = std::iter::once(&evaluation.root).chain(&evaluation.joined);
    !entries.any(|entry| is_unknown(&entry)) && all.iter().filter(is_unknown).count() * 2 <= all.len()
}

/// The sources with the address of another repository of which this one has no folder that is built. Artifacts and buckets are
/// often pushed from this one.
fn other_repositories<'e>(evaluation: &'e Evaluation, sources: &Sources) -> BTreeSet<&'e ObjectRef> {
    let external = evaluation
        .kustomizations
        .iter()
        .filter(|evaluated| evaluated.external);
    let mut is_here: BTreeMap<&ObjectRef, bool> = BTreeMap::new();
    for evaluated in external {
        if let Some(source) = source_of(evaluated).filter(|source| source.kind == "GitRepository") {
            let path = &evaluated.path;
            *is_here.entry(source).or_default() |=
                path.is_root() || path.as_str().contains("${") || sources.tree().kind(path).is_some();
        }
    }
    is_here.retain(|_, is_here| !*is_here);
    if is_here.is_empty() {
        return BTreeSet::new();
    }
    let objects = evaluation.evaluated().flat_map(|evaluated| &evaluated.objects);
    let stated = objects.filter_map(|applied| {
        let url = applied.node.text_at(&["spec", "url"])?;
        let (source, _) = is_here.get_key_value(&flux_evaluate::flux::object_ref(&applied.node))?;
        (!url.contains("${")).then_some(*source)
    });
    stated.collect()
}

/// The source of a Kustomization.
fn source_of(evaluated: &Evaluated) -> Option<&ObjectRef> {
    let view = evaluated.kustomization.as_ref()?;
    Some(&view.source.as_ref()?.id)
}

/// Files from which anything has been applied.
fn applied_files(evaluations: &[&Evaluation]) -> HashSet<RepoPath> {
    let mut files = HashSet::default();
    for evaluation in evaluations {
        let objects = evaluation.evaluated().flat_map(|evaluated| &evaluated.objects);
        let ids: HashSet<FileId> = objects.map(|applied| applied.mark.file).collect();
        files.extend(ids.into_iter().filter_map(|id| evaluation.files.path(id)));
    }
    files
}

/// Finds the clusters that are nearest to a file.
struct Nearest {
    /// The folders of each cluster.
    folders: Vec<BTreeSet<RepoPath>>,
    /// The number of clusters asked about, which come first.
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

    /// Gives each entry to the nearest clusters among those asked about, by its place; over a bound only to the first of them.
    fn shared<T: Clone>(&self, all: Vec<T>, place: impl Fn(&T) -> Option<&Place>) -> Vec<Vec<T>> {
        /// Most entries in all lists before each is given to one cluster only.
        const MOST_COPIES: usize = 100_000;
        let mut shared = vec![Vec::new(); self.asked];
        let mut copies = 0_usize;
        for entry in all {
            let file = place(&entry).map(|place| &place.file);
            let depth_in = |folders| file.map_or(0, |file| depth(folders, file));
            let depths: Vec<usize> = self.folders.iter().map(depth_in).collect();
            let deepest = depths.iter().max();
            let lists = shared.iter_mut().zip(&depths);
            let nearest = lists.filter(|(_, depth)| Some(*depth) == deepest);
            let most = if copies < MOST_COPIES { usize::MAX } else { 1 };
            for (list, _) in nearest.take(most) {
                list.push(entry.clone());
                copies += 1;
            }
        }
        shared
    }
}

/// The folders that an evaluation builds, its entry, and the folders around them.
fn built_folders(evaluation: &Evaluation) -> BTreeSet<RepoPath> {
    let local = evaluation.evaluated().filter(|evaluated| !evaluated.external);
    let built = local.map(|evaluated| &evaluated.path).chain([&evaluation.entry]);
    let mut folders = BTreeSet::new();
    for folder in built {
        // The ancestors of a known folder are known.
        let mut ancestors = folder.ancestors();
        while ancestors.next().is_some_and(|folder| folders.insert(folder)) {}
    }
    folders
}

/// The depth of the deepest of `folders` around a file.
fn depth(folders: &BTreeSet<RepoPath>, file: &RepoPath) -> usize {
    let mut around = file.ancestors().skip(1);
    let nearest = around.find(|folder| folders.contains(folder));
    nearest.map_or(0, |folder| folder.as_str().split('/').count())
}

/// The objects and parts that patches remove from a cluster, and the components that the values of its releases switch off.
pub(crate) fn of_cluster(linker: &Linker<'_>) -> Vec<NotApplied> {
    let evaluation = linker.inventory.evaluation;
    let mut found = removed_by_patch::find(evaluation);
    drop_applied(&mut found, evaluation);
    found.extend(switched_off::find(linker.inventory, linker.releases));
    found
}

/// Sorts the entries of a cluster, and leaves out those over the bound.
pub fn bound_not_applied(not_applied: &mut Vec<NotApplied>, limit: usize) -> Option<Diagnostic> {
    not_applied.sort_by(|a, b| (&a.kind, &a.namespace, &a.name, a).cmp(&(&b.kind, &b.namespace, &b.name, b)));
    not_applied.dedup();
    let more = not_applied.len().checked_sub(limit).filter(|more| *more > 0)?;
    not_applied.truncate(limit);
    let message = format!("{more} more things that are not applied are left out");
    Some(Diagnostic::warning(codes::LIMIT_REACHED, message).hint(HINT))
}

/// Drops the objects that a cluster applies after all. A kustomization may give any namespace to one without.
fn drop_applied(entries: &mut Vec<NotApplied>, evaluation: &Evaluation) {
    let objects = entries.iter().filter(|entry| entry.part_of.is_none());
    // The namespaces in which objects of these kinds and names are applied.
    let mut applied_in: HashMap<(&str, &str), Vec<&str>> = objects
        .map(|entry| ((entry.kind.as_str(), entry.name.as_str()), Vec::new()))
        .collect();
    if applied_in.is_empty() {
        return;
    }
    for applied in evaluation.evaluated().flat_map(|evaluated| &evaluated.objects) {
        let text = |path: &[&str]| applied.node.text_at(path).unwrap_or_default();
        let kind = text(&["kind"]);
        for name in [text(&["metadata", "name"]), applied.unhashed_name.as_str()] {
            if let Some(namespaces) = applied_in.get_mut(&(kind, name)) {
                namespaces.push(text(&["metadata", "namespace"]));
            }
        }
    }
    let is_left: Vec<bool> = entries
        .iter()
        .map(|entry| {
            let namespaces = applied_in.get(&(entry.kind.as_str(), entry.name.as_str()));
            let is_applied = namespaces.is_some_and(|namespaces| match entry.namespace.as_str() {
                "" => !namespaces.is_empty(),
                namespace => namespaces.contains(&namespace),
            });
            entry.part_of.is_some() || !is_applied
        })
        .collect();
    let mut is_left = is_left.into_iter();
    entries.retain(|_| is_left.next().unwrap_or(true));
}

/// Why a file is not applied.
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
        let id = object.id.clone();
        let cause = self.clone();
        NotApplied {
            kind: id.kind.into(),
            namespace: id.namespace.into(),
            name: id.name.into(),
            part_of: None,
            reason: cause.reason,
            source: Some(object.place(file)),
            evidence: cause.evidence,
            by: cause.by,
            detail: cause.detail,
            would_fail: cause.would_fail,
        }
    }
}

/// `namespace/name` of a Kustomization.
fn name_of(evaluated: &Evaluated) -> Option<String> {
    evaluated.id.as_ref().map(ToString::to_string)
}
