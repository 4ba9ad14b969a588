//! Reads and parses files that Kustomizations will probably need, on a core that would be idle.
//!
//! The Kustomizations of the entry are known only once all of it is built. Most of them are applied as its files define them,
//! so their folders are read in the meantime. A wrong guess costs only the idle core's time.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use kustomize_build::{Sources, read_ahead};
use source_tree::{EntryKind, RepoPath};
use yaml_node::Node;

use crate::flux::{self, Kind};
use crate::generate::{self, kustomization_files};

/// Reads what `entry` leads to, until `stop` is set.
pub(super) fn read(sources: &Sources, entry: &RepoPath, stop: &AtomicBool) {
    let mut seen = HashSet::new();
    let mut queue = vec![entry.clone()];
    while let Some(folder) = queue.pop() {
        let mut visit = |nodes: &[Node]| visit(nodes, &mut queue, stop);
        if read_folder(sources, &folder, &mut seen, &mut visit).is_break() {
            return;
        }
    }
}

fn read_folder(
    sources: &Sources,
    folder: &RepoPath,
    seen: &mut HashSet<RepoPath>,
    visit: &mut impl FnMut(&[Node]) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if !kustomization_files(sources, folder).is_empty() {
        return read_ahead(sources, folder, seen, visit);
    }
    if !seen.insert(folder.clone()) {
        return ControlFlow::Continue(());
    }
    for path in generate::resources(sources, folder).unwrap_or_default() {
        match sources.tree().kind(&path) {
            Some(EntryKind::Directory) => read_ahead(sources, &path, seen, visit)?,
            _ if sources.is_large(&path) => return ControlFlow::Break(()),
            _ => visit(sources.resources(&path).as_deref().unwrap_or_default())?,
        }
    }
    ControlFlow::Continue(())
}

/// Adds the folders of Kustomizations to the queue.
fn visit(nodes: &[Node], queue: &mut Vec<RepoPath>, stop: &AtomicBool) -> ControlFlow<()> {
    if stop.load(Ordering::Relaxed) {
        return ControlFlow::Break(());
    }
    for node in nodes {
        if flux::kind(node) == Some(Kind::Kustomization)
            && let Some(path) = node.text_at(&["spec", "path"])
            && !path.contains('$')
        {
            queue.push(RepoPath::new(path));
        }
    }
    ControlFlow::Continue(())
}
