//! The files and folders of a tree that match a pattern.
//!
//! For archives to extract, `**` matches any folders. Other patterns are matched part by part as by Go's
//! [`fs.Glob`](https://pkg.go.dev/io/fs#Glob), where `**` means `*`, and braces are literal.

use source_tree::{EntryKind, RepoPath, SourceTree};

use super::copy_error::CopyError;
use super::doublestar::{Pattern, is_pattern};
use crate::glob;

/// Matches, sorted by path.
type Found = Vec<(RepoPath, EntryKind)>;

/// The folder where a pattern starts: the parts before the first one with wildcards.
pub(super) fn start(pattern: &str) -> RepoPath {
    let literal = pattern.split('/').take_while(|part| !is_pattern(part));
    RepoPath::new(&literal.collect::<Vec<_>>().join("/"))
}

/// Matches of a pattern of `path.Match`, part by part.
pub(super) fn by_part(source: &dyn SourceTree, pattern: &str) -> Result<Found, CopyError> {
    let invalid = || CopyError::InvalidPattern {
        pattern: pattern.to_owned(),
    };
    // Upstream checks the pattern as a whole, then each part.
    if !glob::is_well_formed(pattern.as_bytes()) {
        return Err(invalid());
    }
    if pattern.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Ok(Vec::new());
    }
    let mut found = vec![(RepoPath::root(), EntryKind::Directory)];
    let mut parts = pattern.split('/').peekable();
    while let Some(part) = parts.next() {
        if !glob::is_well_formed(part.as_bytes()) {
            return Err(invalid());
        }
        let mut next = Vec::new();
        let folders = found
            .into_iter()
            .filter(|(_, kind)| *kind == EntryKind::Directory);
        for (folder, _) in folders {
            if !part.contains(['*', '?', '[', '\\']) {
                let path = folder.join(part);
                next.extend(source.kind(&path).map(|kind| (path, kind)));
                continue;
            }
            let entries = source.list_without_links(&folder)?.into_iter();
            let matching = entries
                .filter(|(name, _)| glob::matches(part.as_bytes(), name.as_bytes()) == Some(true))
                .map(|(name, kind)| (folder.join(&name), kind));
            next.extend(matching.filter(|(_, kind)| parts.peek().is_none() || *kind == EntryKind::Directory));
        }
        found = next;
    }
    found.sort();
    Ok(found)
}

/// Matches of a doublestar pattern, at any depth.
pub(super) fn recursively(source: &dyn SourceTree, pattern: &str) -> Result<Found, CopyError> {
    let matcher = Pattern::new(pattern).ok_or_else(|| CopyError::InvalidPattern {
        pattern: pattern.to_owned(),
    })?;
    // Alternatives may contain slashes, so that the literal folders end before them.
    let parts: Vec<&str> = pattern.split('/').collect();
    let literal = parts.iter();
    let literal = literal.take_while(|part| !is_pattern(part) && !part.contains('{'));
    let literal = literal.count();
    let depth = match pattern.contains("**") || pattern.contains('{') {
        true => usize::MAX,
        false => parts.len() - literal,
    };
    let base = RepoPath::new(&parts.get(..literal).unwrap_or_default().join("/"));
    let mut found = Vec::new();
    let mut stack = Vec::new();
    let plain = parts.iter().all(|part| !matches!(*part, "" | "." | ".."));
    if plain && source.kind(&base) == Some(EntryKind::Directory) {
        stack.push((base, 1));
    }
    while let Some((folder, level)) = stack.pop() {
        for (name, kind) in source.list_without_links(&folder)? {
            let path = folder.join(&name);
            if kind == EntryKind::Directory && level < depth {
                stack.push((path.clone(), level + 1));
            }
            if matcher.matches(path.as_str()) {
                found.push((path, kind));
            }
        }
    }
    found.sort();
    Ok(found)
}
