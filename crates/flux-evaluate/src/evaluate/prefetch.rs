//! Parses the files that Kustomizations lead to, on a core that has nothing else to do yet.
//!
//! What the entry builds to is known only once all of it is built. The Kustomizations in it mostly stand in its files as
//! they will be applied, so their folders are read in the meantime. What is guessed wrong costs that core's time alone.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use kustomize_build::{Sources, read_ahead};
use source_tree::{EntryKind, RepoPath};
use yaml_node::Node;

use crate::flux::{self, Kind};
use crate::generate::{self, kustomization_files};

/// Reads what is reached from `entry`, until `stop` is set.
pub(super) fn read(sources: &Sources, entry: &RepoPath, stop: &AtomicBool) {
    let mut prefetch = Prefetch {
        sources,
        stop,
        seen: HashSet::new(),
        queue: vec![entry.clone()],
    };
    while let Some(folder) = prefetch.queue.pop() {
        if prefetch.folder(&folder).is_break() {
            return;
        }
    }
}

struct Prefetch<'a> {
    sources: &'a Sources,
    stop: &'a AtomicBool,
    seen: HashSet<RepoPath>,
    queue: Vec<RepoPath>,
}

impl Prefetch<'_> {
    fn folder(&mut self, folder: &RepoPath) -> ControlFlow<()> {
        let Prefetch {
            sources,
            stop,
            seen,
            queue,
        } = self;
        let mut visit = |nodes: &[Node]| visit(nodes, queue, stop);
        if !kustomization_files(sources, folder).is_empty() {
            return read_ahead(sources, folder, seen, &mut visit);
        }
        if !seen.insert(folder.clone()) {
            return ControlFlow::Continue(());
        }
        for path in generate::resources(sources, folder).unwrap_or_default() {
            match sources.tree().kind(&path) {
                Some(EntryKind::Directory) => read_ahead(sources, &path, seen, &mut visit)?,
                _ if sources.is_large(&path) => return ControlFlow::Break(()),
                _ => visit(sources.resources(&path).as_deref().unwrap_or_default())?,
            }
        }
        ControlFlow::Continue(())
    }
}

/// Takes note of the folders of Kustomizations.
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
