//! What the repository holds and Flux does not apply: one file per reason.
//!
//! What no build reads is found by [`RepositoryFiles`](crate::repository_files::RepositoryFiles), over all clusters of the
//! repository; what builds and values say, by the objects of one.

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
use kustomize_build::Sources;
use source_tree::{Diagnostic, Place, RepoPath, SourceTree, codes};
use yaml_node::Node;

use crate::diagnostics::{applied_files, built_folders, depth, is_understood};
use source_ignored::IgnoredFiles;

use crate::linker::Linker;
use crate::repository_files::{Header, RepositoryFiles};

const HINT: &str = "the catalogs hold to this bound so that no repository can make them endless; `--limit not-applied=NUMBER` raises it";

/// What the files of a repository hold that none of its clusters applies, and what a cluster does not apply since one of its
/// Kustomizations fails; for each evaluation what is nearest to what it builds. `evaluations` are those of all entries,
/// `sources` is the tree that Flux sees, made of the folder `root` of `tree`.
pub fn not_applied(
    evaluations: &[&Evaluation],
    sources: &Sources,
    tree: &Arc<dyn SourceTree>,
    root: &RepoPath,
) -> Vec<Vec<NotApplied>> {
    let applied = applied_files(evaluations);
    let files = RepositoryFiles::read(sources, &applied);
    let mut all: Vec<Vec<NotApplied>> = evaluations
        .iter()
        .map(|evaluation| kustomization_failed::find(evaluation, &files, sources))
        .collect();
    // Of a cluster that was not understood it is not known what it applies.
    let mut unread = Vec::new();
    if let (Some(first), true) = (
        evaluations.first(),
        evaluations.iter().all(|evaluation| is_understood(evaluation)),
    ) {
        let ignored = IgnoredFiles::new(first, &files, tree, root);
        unread = unread::find(evaluations, &files, sources, &applied);
        unread.retain(|entry| {
            entry
                .source
                .as_ref()
                .is_none_or(|source| !ignored.has(&source.file))
        });
        unread.extend(ignored.objects(&**tree));
    }
    let folders: Vec<BTreeSet<RepoPath>> = evaluations
        .iter()
        .map(|evaluation| built_folders(evaluation))
        .collect();
    for entry in unread {
        let file = entry.source.as_ref().map(|source| &source.file);
        let depths: Vec<usize> = folders
            .iter()
            .map(|folders| file.map_or(0, |file| depth(folders, file)))
            .collect();
        let deepest = depths.iter().max();
        for (list, depth) in all.iter_mut().zip(&depths) {
            if Some(depth) == deepest {
                list.push(entry.clone());
            }
        }
    }
    for (list, evaluation) in all.iter_mut().zip(evaluations) {
        let known = AppliedNames::new(evaluation);
        list.retain(|entry| entry.part_of.is_some() || !known.has(entry));
    }
    all
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
