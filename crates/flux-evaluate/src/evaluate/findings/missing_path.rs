//! Diagnostics about `spec.path` that does not exist in the source.

use std::sync::Arc;

use source_tree::{Diagnostic, Mark, RepoPath, codes};

use super::Reporter;
use crate::artifact::ArtifactTree;
use crate::evaluate::output::Output;

impl Reporter<'_> {
    pub(super) fn missing_path(&self, output: &Output) -> Diagnostic {
        let name = self.name();
        let path = &output.inputs.path;
        let view = self.definition.map(|definition| &definition.view);
        let hint = if let Some(hint) = self.ignored_path_hint(path) {
            hint
        } else if let Some(target) = self.link_target(path) {
            format!(
                "{path} is a symbolic link, or lies behind one, and Flux leaves links out of artifacts: point spec.path at {target}"
            )
        } else if view.is_some_and(|view| view.path.contains("${")) {
            "`spec.postBuild` of a Kustomization does not reach its own spec.path: define the variable in the \
             Kustomization that applies it, or write the path out"
                .to_owned()
        } else {
            format!("create the folder or correct spec.path; {}", self.nearest(output))
        };
        let mark = view.map_or(Mark::NONE, |view| view.path_mark);
        let message = format!("{name}: the path {path} is not in its source");
        self.at(Diagnostic::error(codes::PATH_MISSING, message).hint(hint), mark)
    }

    /// The hint for a folder of the repository that ignore rules keep out of the artifact.
    fn ignored_path_hint(&self, path: &RepoPath) -> Option<String> {
        let source = &self.definition?.view.source.as_ref()?.id;
        let stated = self.typed.source(source).map(|(source, _)| &**source);
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

    /// The path with its symbolic links resolved, if it has any.
    fn link_target(&self, path: &RepoPath) -> Option<RepoPath> {
        let path = self.evaluator.entry.root.join(path.as_str());
        let target = self.evaluator.tree.canonicalize(&path).ok()?;
        (target != path).then_some(target)
    }

    /// The part of a missing path that exists, or the name that its next part may mean.
    fn nearest(&self, output: &Output) -> String {
        let path = &output.inputs.path;
        let tree = output.inputs.files.sources().map(|sources| sources.tree());
        let exists = |path: &RepoPath| tree.is_some_and(|tree| tree.kind(path).is_some());
        let mut prefixes = path.ancestors();
        let first_missing = prefixes.find(|path| path.parent().is_some_and(|parent| exists(&parent)));
        let other_case = first_missing.and_then(|path| {
            let entries = tree?.list(&path.parent()?).ok()?;
            let mut names = entries.into_iter().map(|(entry, _)| entry);
            let name = path.file_name()?;
            names.find(|entry| entry.eq_ignore_ascii_case(name))
        });
        if let Some(other) = other_case {
            return format!("there is `{other}`: the case of letters counts");
        }
        let mut around = path.ancestors().skip(1);
        match around.find(|path| !path.is_root() && exists(path)) {
            Some(path) => format!("of it only {path} exists"),
            None => "it starts at the top of the source".to_owned(),
        }
    }
}
