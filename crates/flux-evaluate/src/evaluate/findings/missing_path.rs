//! A path that is not in its source, and what is near it.

use std::sync::Arc;

use source_tree::{Diagnostic, Mark, RepoPath, codes};

use super::Reporter;
use crate::artifact::ArtifactTree;
use crate::evaluate::output::Output;

impl Reporter<'_> {
    /// That the path of a Kustomization is not there.
    pub(super) fn missing_path(&self, output: &Output) -> Diagnostic {
        let name = self.name();
        let path = &output.inputs.path;
        let path_text = self
            .definition
            .map_or("", |definition| definition.view.path.as_str());
        let hint = match path_text.contains("${") {
            _ if let Some(why) = self.left_out_of_artifact(path) => why,
            _ if let Some(target) = self.link_target(path) => format!(
                "{path} is a symbolic link, or lies behind one, and Flux leaves links out of artifacts: point spec.path at {target}"
            ),
            true => "`spec.postBuild` of a Kustomization does not reach its own spec.path: define the variable in the \
                     Kustomization that applies it, or write the path out"
                .to_owned(),
            false => format!("create the folder or correct spec.path; {}", self.nearest(output)),
        };
        let mark = self.definition.map_or(Mark::NONE, |d| d.view.path_mark);
        let message = format!("{name}: the path {path} is not in its source");
        self.at(Diagnostic::error(codes::PATH_MISSING, message).hint(hint), mark)
    }

    /// The pattern that keeps a folder of the repository out of the artifact.
    fn left_out_of_artifact(&self, path: &RepoPath) -> Option<String> {
        let source = &self.definition?.view.source.as_ref()?.id;
        let stated = self.typed.source(source).map(|(source, _)| source);
        let mut bootstrapped = self.evaluator.entry.sync.iter();
        let stated = stated.or_else(|| Some(&bootstrapped.find(|sync| sync.id == *source)?.source));
        let ignore = stated
            .and_then(|source| source.ignore.as_deref())
            .unwrap_or_default();
        let root = self.evaluator.entry.root.clone();
        let artifact = ArtifactTree::new(Arc::clone(&self.evaluator.tree), root, Some(ignore));
        let (folder, pattern, stated) = artifact.left_out(path, ignore)?;
        Some(match stated {
            Some(place) => format!(
                "{folder} is here, and `{pattern}` at {place} keeps it out of the artifact: change the pattern, or take it back with \
                 `!/{path}` behind it"
            ),
            None => format!(
                "{folder} is here, and `{pattern}` in `spec.ignore` of {source} keeps it out of the artifact: change the pattern, or take \
                 it back with `!/{path}` behind it"
            ),
        })
    }

    /// What a path of the repository is behind its symbolic links.
    fn link_target(&self, path: &RepoPath) -> Option<RepoPath> {
        let path = self.evaluator.entry.root.join(path.as_str());
        let target = self.evaluator.tree.canonicalize(&path).ok()?;
        (target != path).then_some(target)
    }

    /// The part of a missing path that exists, or what its next part may mean.
    fn nearest(&self, output: &Output) -> String {
        let tree = output.inputs.files.sources().map(|sources| sources.tree());
        let mut around = output.inputs.path.ancestors().skip(1);
        let exists = |path: &RepoPath| tree.is_some_and(|tree| tree.kind(path).is_some());
        let mut parts = output.inputs.path.ancestors();
        let first_missing = parts.find(|path| path.parent().is_some_and(|parent| exists(&parent)));
        let other_case = first_missing.and_then(|path| {
            let entries = tree?.list(&path.parent()?).ok()?;
            let mut names = entries.into_iter().map(|(entry, _)| entry);
            names.find(|entry| {
                path.file_name()
                    .is_some_and(|name| entry.eq_ignore_ascii_case(name))
            })
        });
        if let Some(other) = other_case {
            return format!("there is `{other}`: the case of letters counts");
        }
        let existing = around.find(|path| !path.is_root() && exists(path));
        match existing {
            Some(path) => format!("of it only {path} exists"),
            None => "it starts at the top of the source".to_owned(),
        }
    }
}
