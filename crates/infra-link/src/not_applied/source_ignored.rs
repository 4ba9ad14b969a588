//! `sourceIgnored`: a pattern of `.sourceignore` or of a source excludes a file from the source.

use std::sync::Arc;

use flux_evaluate::{ArtifactTree, Evaluation, Ignored};
use infra_model::{NotApplied, NotAppliedReason};
use source_tree::{EntryKind, Place, RepoPath, SourceTree};

use super::Cause;
use crate::repository_files::{RepositoryFiles, headers, is_kustomization_file, is_manifest_name};

/// Files that patterns exclude.
pub(super) struct IgnoredFiles {
    ignored: Vec<Ignored>,
    /// The place of a source's patterns.
    source: Option<Place>,
}

impl IgnoredFiles {
    /// Finds the files excluded from the source of the first cluster. `tree` is the whole repository, `root` the source's folder in it.
    pub(super) fn new(
        evaluation: &Evaluation,
        files: &RepositoryFiles,
        tree: &Arc<dyn SourceTree>,
        root: &RepoPath,
    ) -> Self {
        let (ignore, source) = spec_ignore(evaluation).unwrap_or_default();
        let ignored = match files.has_ignore_file || !ignore.is_empty() {
            true => ArtifactTree::new(Arc::clone(tree), root.clone(), Some(&ignore)).ignored(&ignore),
            false => Vec::new(),
        };
        IgnoredFiles { ignored, source }
    }

    /// Whether a file is excluded.
    pub(super) fn has(&self, file: &RepoPath) -> bool {
        self.ignored.iter().any(|ignored| file.starts_with(&ignored.path))
    }

    /// The objects in these files.
    pub(super) fn objects(&self, tree: &dyn SourceTree) -> Vec<NotApplied> {
        let mut found = Vec::new();
        for ignored in &self.ignored {
            let cause = Cause {
                reason: NotAppliedReason::SourceIgnored,
                evidence: ignored.stated.clone().or_else(|| self.source.clone()),
                detail: Some(ignored.pattern.clone()),
                ..Cause::default()
            };
            let mut files = Vec::new();
            match ignored.is_folder {
                true => collect(tree, &ignored.path, &mut files),
                false => files.push(ignored.path.clone()),
            }
            files.retain(|file| is_manifest_name(file) && !is_kustomization_file(file));
            for file in &files {
                let Ok(bytes) = tree.read(file) else { continue };
                let objects = headers(&String::from_utf8_lossy(&bytes));
                found.extend(objects.iter().map(|object| cause.entry(object, file)));
            }
        }
        found
    }
}

/// `spec.ignore` of the source that is this repository, and its place.
fn spec_ignore(evaluation: &Evaluation) -> Option<(String, Option<Place>)> {
    let objects = evaluation.evaluated().flat_map(|evaluated| &evaluated.objects);
    let mut stated = objects.filter_map(|applied| {
        let ignore = applied.node.at(&["spec", "ignore"])?;
        let id = flux_evaluate::flux::object_ref(&applied.node);
        let text = ignore.text().filter(|_| evaluation.self_sources.contains(&id))?;
        Some((text.to_owned(), evaluation.files.place(ignore.mark)))
    });
    stated.next()
}

fn collect(tree: &dyn SourceTree, folder: &RepoPath, files: &mut Vec<RepoPath>) {
    for (name, kind) in tree.list_without_links(folder).unwrap_or_default() {
        let path = folder.join(&name);
        match kind {
            _ if name.starts_with('.') => {}
            EntryKind::Directory => collect(tree, &path, files),
            EntryKind::File => files.push(path),
        }
    }
}
