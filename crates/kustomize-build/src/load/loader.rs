//! Loader of the files and directories that a kustomization may name, with kustomize's restrictions.

use std::sync::Arc;

use source_tree::{EntryKind, Mark, RepoPath, TreeError, Work};

use super::remotes::{is_file_url, remote_top};
use super::{RemoteBase, RepoSpec, is_remote_file};
use crate::kustomization::Text;
use crate::left_out::LeftOuts;
use crate::{BuildError, BuildOptions, LoadRestrictions, Sources};

/// The longest chain of bases, far longer than in any real repository. kustomize is limited only by its stack.
const MAX_DEPTH: usize = 128;

/// Loads for one kustomization: files within its root, and directories that form no cycle.
#[derive(Clone)]
pub(crate) struct Loader<'a> {
    sources: &'a Sources,
    restrictions: LoadRestrictions,
    absolute_paths: bool,
    root: RepoPath,
    // The directories from the build's root to this one, outermost first.
    chain: Arc<Vec<RepoPath>>,
    left_out: LeftOuts,
    work: Work,
}

impl<'a> Loader<'a> {
    /// A loader for the directory to build.
    ///
    /// # Errors
    /// [`BuildError::Load`] if there is no directory.
    pub(crate) fn at(
        sources: &'a Sources,
        dir: &RepoPath,
        options: &BuildOptions,
    ) -> Result<Self, BuildError> {
        let root = confirm_dir(sources, dir)?;
        Ok(Loader {
            sources,
            restrictions: options.load_restrictions,
            absolute_paths: options.absolute_paths,
            chain: Arc::new(vec![root.clone()]),
            root,
            left_out: LeftOuts::new(options.partial),
            work: sources.work(),
        })
    }

    /// What has been left out of this build so far.
    pub(crate) fn left_out(&self) -> &LeftOuts {
        &self.left_out
    }

    /// The work of this build so far.
    pub(crate) fn work(&self) -> &Work {
        &self.work
    }

    /// The directory of the kustomization, links resolved.
    pub(crate) fn root(&self) -> &RepoPath {
        &self.root
    }

    pub(crate) fn sources(&self) -> &'a Sources {
        self.sources
    }

    /// A loader for a base or component.
    ///
    /// # Errors
    /// [`BuildError::RemoteResource`] for a repository, [`BuildError::Load`] if there is no directory or it forms a
    /// cycle.
    pub(crate) fn child(&self, path: &str) -> Result<Loader<'a>, BuildError> {
        if path.is_empty() {
            return Err(BuildError::load("new root cannot be empty"));
        }
        if let Some(spec) = RepoSpec::parse(path) {
            let base = self.sources.remotes().zip(RemoteBase::parse(path));
            if let Some(top) = base.and_then(|(remotes, base)| remotes.base(&base)) {
                return self.at_directory(&top.join(&spec.directory));
            }
            let reference = match spec.reference.as_str() {
                "" => String::new(),
                reference => format!(" at '{reference}'"),
            };
            return Err(BuildError::remote_resource(format!(
                "'{path}' is directory '{}' of repository '{}'{reference}, which cannot be read offline",
                spec.directory, spec.repository
            )));
        }
        if path.starts_with('/') {
            return Err(BuildError::load(format!("new root '{path}' cannot be absolute")));
        }
        let ambiguous = |part: &str| part != ".." && part.contains("..");
        if path.split('/').any(ambiguous) {
            return Err(BuildError::load(format!(
                "path \"{path}\" is ambiguous: resolves to \"{}\" after normalization, which is likely not the \
                 intended target; check for YAML indentation errors in your kustomization file",
                RepoPath::new(path)
            )));
        }
        let target = self.root.checked_join(path).ok_or_else(|| {
            BuildError::load(format!("must build at directory: '{path}' leaves the repository"))
        })?;
        if let Some(top) = remote_top(&self.root).filter(|top| !target.starts_with(top)) {
            return Err(BuildError::load(format!(
                "security; bases in kustomizations found in cloned git repos must be within the repo, but base '{target}' \
                 is outside '{top}'"
            )));
        }
        self.at_directory(&target).map_err(|error| match error {
            BuildError::Load(fault) if is_remote_file(path) => BuildError::RemoteResource(fault),
            other => other,
        })
    }

    /// A loader for a directory of the tree.
    fn at_directory(&self, target: &RepoPath) -> Result<Loader<'a>, BuildError> {
        let root = confirm_dir(self.sources, target)?;
        if let Some(visited) = self.chain.iter().rev().find(|visited| visited.starts_with(&root)) {
            return Err(BuildError::load(format!(
                "cycle detected: candidate root '{root}' contains visited root '{visited}'"
            )));
        }
        if self.chain.len() >= MAX_DEPTH {
            return Err(BuildError::limit(format!(
                "bases are nested more than {MAX_DEPTH} deep at '{root}'"
            )));
        }
        let mut chain = Vec::clone(&self.chain);
        chain.push(root.clone());
        Ok(Loader {
            root,
            chain: Arc::new(chain),
            ..self.clone()
        })
    }

    /// Checks that the kustomization may load a file and returns the file's path.
    ///
    /// # Errors
    /// [`BuildError::RemoteResource`] for a URL, [`BuildError::Load`] if there is no file or it is outside the root.
    pub(crate) fn file(&self, path: &str) -> Result<RepoPath, BuildError> {
        if is_remote_file(path) {
            let remotes = self.sources.remotes().filter(|_| is_file_url(path));
            if let Some(file) = remotes.and_then(|remotes| remotes.file(path)) {
                return Ok(file);
            }
            return Err(BuildError::remote_resource(format!(
                "'{path}' is a remote file, which cannot be read offline"
            )));
        }
        let joined = match path.strip_prefix('/') {
            Some(absolute) => self.absolute_paths.then(|| RepoPath::new(absolute)),
            None => self.root.checked_join(path),
        };
        let target = joined
            .ok_or_else(|| BuildError::load(format!("security; file '{path}' leaves the repository")))?;
        let tree = self.sources.tree();
        if self.restrictions == LoadRestrictions::None {
            return Ok(target);
        }
        let real = tree
            .canonicalize(&target)
            .map_err(|error| missing(&target, &error))?;
        if tree.kind(&real) != Some(EntryKind::File) {
            return Err(BuildError::load(format!("'{target}' must resolve to a file")));
        }
        if !real.parent().is_some_and(|dir| dir.starts_with(&self.root)) {
            return Err(BuildError::load(format!(
                "security; file '{target}' is not in or below '{}'",
                self.root
            )));
        }
        Ok(real)
    }

    /// The bytes of a file that the kustomization names.
    ///
    /// # Errors
    /// As [`Loader::file`].
    pub(crate) fn bytes(&self, path: &str) -> Result<Arc<[u8]>, BuildError> {
        let file = self.file(path)?;
        self.sources.bytes(&file).map_err(|error| match error {
            BuildError::Load(_) => match self.sources.tree().kind(&file) {
                Some(EntryKind::Directory) => BuildError::load(format!("read {file}: is a directory")),
                _ => BuildError::load(format!("open {file}: no such file or directory")),
            },
            other => other,
        })
    }

    /// As [`Loader::text`], with the mark of the entry in errors. `None` for a file that is left out.
    ///
    /// # Errors
    /// As [`Loader::text`].
    pub(crate) fn available_text(&self, path: &Text) -> Result<Option<(Arc<str>, Mark)>, BuildError> {
        let text = self.text(path).map_err(|error| error.at(path.mark));
        self.left_out.allow_unresolved(path, text)
    }

    /// The text of a file that the kustomization names, and the mark of its first line.
    ///
    /// # Errors
    /// As [`Loader::file`], and if the file is not UTF-8.
    pub(crate) fn text(&self, path: &str) -> Result<(Arc<str>, Mark), BuildError> {
        let bytes = self.bytes(path)?;
        let mark = Mark::new(self.sources.file_id(&self.file(path)?), 1);
        match yaml_node::decode(&bytes) {
            Ok(text) => Ok((text.into(), mark)),
            Err(_) => Err(BuildError::malformed_yaml(format!(
                "MalformedYAMLError: yaml: invalid leading UTF-8 octet in File: {path}"
            ))
            .at(mark)),
        }
    }
}

fn confirm_dir(sources: &Sources, dir: &RepoPath) -> Result<RepoPath, BuildError> {
    let tree = sources.tree();
    let real = tree
        .canonicalize(dir)
        .map_err(|error| missing(dir, &error).context("must build at directory: not a valid directory"))?;
    match tree.kind(&real) {
        Some(EntryKind::Directory) => Ok(real),
        Some(EntryKind::File) => Err(BuildError::load(format!(
            "must build at directory: '{real}': file is not directory"
        ))),
        None => Err(BuildError::load(format!(
            "must build at directory: not a valid directory: evalsymlink failure on '{dir}' : lstat {dir}: no such \
             file or directory"
        ))),
    }
}

fn missing(path: &RepoPath, error: &TreeError) -> BuildError {
    match error {
        TreeError::NotFound { .. } => BuildError::load(format!(
            "evalsymlink failure on '{path}' : lstat {path}: no such file or directory"
        )),
        TreeError::NotDirectory { .. } => BuildError::load(format!(
            "evalsymlink failure on '{path}' : lstat {path}: not a directory"
        )),
        TreeError::Elsewhere { .. } => BuildError::elsewhere(error.to_string()),
        other => BuildError::load(format!("evalsymlink failure on '{path}' : {other}")),
    }
}

#[cfg(test)]
mod tests {
    use crate::test_trees::built;

    fn error(kustomization: &str) -> String {
        built(&[
            ("kustomization.yaml", kustomization),
            ("file.yaml", "a: b\n"),
            ("empty/x", ""),
        ])
        .unwrap_err()
    }

    #[test]
    fn errors_say_why_a_base_cannot_be_loaded() {
        for (path, expected) in [
            (
                "file.yaml",
                "must build at directory: 'file.yaml': file is not directory",
            ),
            (
                "missing",
                "must build at directory: not a valid directory: evalsymlink failure on 'missing'",
            ),
            (
                "empty",
                "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory 'empty'",
            ),
            ("/abs", "new root '/abs' cannot be absolute"),
            ("a..b", "path \"a..b\" is ambiguous"),
            ("''", "new root cannot be empty"),
            (".", "cycle detected"),
        ] {
            let error = error(&format!("resources: [{path}]\n"));
            assert!(error.contains(expected), "{error}");
        }
    }
}
