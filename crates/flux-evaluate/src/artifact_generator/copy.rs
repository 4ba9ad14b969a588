//! Copy operations of an ArtifactGenerator, which work like `cp`.
//!
//! A folder is copied as a sub-folder; `folder/**` copies its contents; files that match another pattern keep their whole path,
//! as in `calculateGlobDestination` of
//! <https://github.com/fluxcd/source-watcher/blob/main/internal/builder/builder.go>. A file is copied into a target that ends with
//! `/` or is a folder, and otherwise gets the target's name.

use std::sync::Arc;

use foldhash::HashMap;
use source_tree::{EntryKind, Mark, OverlayTree, RepoPath, SourceTree};

use super::budget::{Budget, check_target};
use super::copy_error::CopyError;
use super::doublestar::{Pattern, is_pattern};
use super::spec::{CopyOperation, Strategy, split_alias};
use super::{extract, find, merge};

/// Sources by alias; `None` if the content is not available.
pub(super) type Sources = HashMap<String, Option<Arc<dyn SourceTree>>>;

/// The operation that failed, and why.
pub(super) struct Failed {
    pub(super) error: CopyError,
    pub(super) mark: Mark,
}

/// Runs operations in order.
pub(super) fn copy(
    operations: &[CopyOperation],
    sources: &Sources,
    budget: &mut Budget,
) -> Result<OverlayTree, Failed> {
    let mut artifact = OverlayTree::new();
    for operation in operations {
        apply(operation, sources, &mut artifact, budget).map_err(|error| Failed {
            error,
            mark: operation.mark,
        })?;
    }
    Ok(artifact)
}

fn apply(
    operation: &CopyOperation,
    sources: &Sources,
    artifact: &mut OverlayTree,
    budget: &mut Budget,
) -> Result<(), CopyError> {
    let (alias, from) = split_alias(&operation.from).ok_or_else(|| CopyError::InvalidFrom {
        from: operation.from.clone(),
    })?;
    let to = operation.to.strip_prefix("@artifact/");
    let to = to.and_then(|to| RepoPath::root().checked_join(to));
    let to = to.ok_or_else(|| CopyError::InvalidTo {
        to: operation.to.clone(),
    })?;
    let alias = alias.to_owned();
    let source = match sources.get(&alias) {
        Some(Some(source)) => &**source,
        Some(None) => return Err(CopyError::Unresolved { alias }),
        None => return Err(CopyError::UnknownAlias { alias }),
    };
    let exclude = operation.exclude.iter().map(|text| Exclude::new(text));
    let mut copier = Copier {
        source,
        artifact,
        budget,
        exclude: exclude.collect::<Result<_, _>>()?,
        base: RepoPath::root(),
        strategy: operation.strategy,
    };
    if is_pattern(from) {
        return copier.matches(&operation.from, from, &to);
    }
    let missing = || CopyError::Missing {
        from: operation.from.clone(),
    };
    let path = Some(from).filter(|from| !from.starts_with('/'));
    let path = path.and_then(|from| RepoPath::root().checked_join(from));
    let path = path.ok_or_else(missing)?;
    match source.kind(&path).ok_or_else(missing)? {
        EntryKind::Directory => {
            if operation.strategy == Strategy::Extract {
                return Err(CopyError::NoArchive { path });
            }
            copier.base = path.clone();
            copier.folder(&path, &to.join(path.file_name().unwrap_or_default()))
        }
        EntryKind::File if copier.excludes(&path) => Ok(()),
        EntryKind::File if operation.strategy == Strategy::Extract => copier.archive(&path, &to),
        EntryKind::File => {
            let into = operation.to.ends_with('/') || copier.artifact.kind(&to) == Some(EntryKind::Directory);
            let name = path.file_name().filter(|_| into).unwrap_or_default();
            copier.file(&path, &to.join(name))
        }
    }
}

struct Copier<'a> {
    source: &'a dyn SourceTree,
    artifact: &'a mut OverlayTree,
    budget: &'a mut Budget,
    exclude: Vec<Exclude>,
    /// Patterns of `exclude` also match paths below this folder.
    base: RepoPath,
    strategy: Strategy,
}

impl Copier<'_> {
    /// Copies the matches of a pattern. `from` is the pattern with its alias.
    fn matches(&mut self, from: &str, pattern: &str, to: &RepoPath) -> Result<(), CopyError> {
        let found = match self.strategy {
            Strategy::Extract => find::recursively(self.source, pattern)?,
            Strategy::Overwrite | Strategy::Merge => find::by_part(self.source, pattern)?,
        };
        if found.is_empty() {
            return Err(CopyError::NoMatch {
                from: from.to_owned(),
            });
        }
        self.base = find::start(pattern);
        let stripped = pattern.strip_suffix("/**").map(RepoPath::new);
        let mut is_empty = true;
        for (path, kind) in found {
            self.budget.take_look()?;
            if self.excludes(&path) {
                continue;
            }
            is_empty = false;
            let below = stripped.as_ref().and_then(|folder| path.strip_prefix(folder));
            let target = to.join(below.as_ref().unwrap_or(&path).as_str());
            match (kind, self.strategy) {
                // Of the matches of a pattern, Extract only takes archives.
                (EntryKind::File, Strategy::Extract) if extract::is_archive(&path) => {
                    self.archive(&path, to)?
                }
                (_, Strategy::Extract) => {}
                (EntryKind::Directory, _) => self.folder(&path, &target)?,
                (EntryKind::File, _) => self.file(&path, &target)?,
            }
        }
        match is_empty {
            true => Err(CopyError::AllExcluded {
                from: from.to_owned(),
            }),
            false => Ok(()),
        }
    }

    /// Copies the contents of a folder. Existing files are overwritten, whatever the strategy.
    fn folder(&mut self, folder: &RepoPath, to: &RepoPath) -> Result<(), CopyError> {
        let mut stack = vec![(folder.clone(), to.clone())];
        while let Some((folder, to)) = stack.pop() {
            for (name, kind) in self.source.list_without_links(&folder)? {
                let (path, target) = (folder.join(&name), to.join(&name));
                self.budget.take_look()?;
                if self.excludes(&path) {
                    continue;
                }
                match kind {
                    EntryKind::Directory => stack.push((path, target)),
                    EntryKind::File => self.overwrite(&path, &target)?,
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &RepoPath, to: &RepoPath) -> Result<(), CopyError> {
        if self.strategy == Strategy::Merge && self.artifact.kind(to) == Some(EntryKind::File) {
            self.budget.take_file()?;
            let merged = merge::merge(self.artifact, to, self.source, path, &self.budget.limits)?;
            self.artifact
                .insert(to, merged.into_bytes().into(), self.source.provenance(path));
            return Ok(());
        }
        self.overwrite(path, to)
    }

    fn overwrite(&mut self, path: &RepoPath, to: &RepoPath) -> Result<(), CopyError> {
        self.budget.take_file()?;
        check_target(self.artifact, to)?;
        self.artifact.copy(self.source, path, to)?;
        Ok(())
    }

    fn archive(&mut self, path: &RepoPath, to: &RepoPath) -> Result<(), CopyError> {
        extract::extract(self.source, path, to, self.artifact, self.budget)
    }

    fn excludes(&self, path: &RepoPath) -> bool {
        let below = path.strip_prefix(&self.base).filter(|_| !self.base.is_root());
        let mut paths = std::iter::once(path).chain(&below);
        paths.any(|path| self.exclude.iter().any(|exclude| exclude.matches(path)))
    }
}

/// A pattern of `exclude`. One without a slash also matches names at any depth.
struct Exclude {
    pattern: Pattern,
    names: bool,
}

impl Exclude {
    fn new(text: &str) -> Result<Self, CopyError> {
        let pattern = Pattern::new(text).ok_or_else(|| CopyError::InvalidPattern {
            pattern: text.to_owned(),
        })?;
        Ok(Exclude {
            pattern,
            names: !text.contains('/'),
        })
    }

    fn matches(&self, path: &RepoPath) -> bool {
        self.pattern.matches(path.as_str())
            || (self.names && path.file_name().is_some_and(|name| self.pattern.matches(name)))
    }
}
