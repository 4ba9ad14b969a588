//! Reading ahead: the files of a directory are parsed before a build needs them.

use std::collections::HashSet;
use std::ops::ControlFlow;

use source_tree::RepoPath;
use yaml_node::Node;

use super::Loader;
use crate::target::find_file;
use crate::{BuildOptions, Sources};

/// Reads the resources of the kustomization in `dir` and of its bases and components, and passes those of each file to
/// `visit` until it breaks. `seen` are the directories already read. Errors are left to the build.
pub fn read_ahead(
    sources: &Sources,
    dir: &RepoPath,
    seen: &mut HashSet<RepoPath>,
    visit: &mut dyn FnMut(&[Node]) -> ControlFlow<()>,
) -> ControlFlow<()> {
    match Loader::at(sources, dir, &BuildOptions::default()) {
        Ok(loader) => directory(&loader, seen, visit),
        Err(_) => ControlFlow::Continue(()),
    }
}

fn directory(
    loader: &Loader<'_>,
    seen: &mut HashSet<RepoPath>,
    visit: &mut dyn FnMut(&[Node]) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let sources = loader.sources();
    if !seen.insert(loader.root().clone()) {
        return ControlFlow::Continue(());
    }
    let Ok(kustomization) = find_file(loader).and_then(|(file, _)| sources.kustomization(&file)) else {
        return ControlFlow::Continue(());
    };
    for path in kustomization.resources.iter().chain(&kustomization.components) {
        if let Ok(file) = loader.file(path) {
            // A failing build never reads the later files, so large ones are left to the build.
            if sources.is_large(&file) {
                return ControlFlow::Break(());
            }
            if let Ok(nodes) = sources.resources(&file) {
                visit(&nodes)?;
            }
        } else if let Ok(child) = loader.child(path) {
            directory(&child, seen, visit)?;
        }
    }
    ControlFlow::Continue(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use source_tree::{FileTable, Limits, MemoryTree};

    use super::*;

    #[test]
    fn every_file_is_visited_once() {
        let tree: MemoryTree = [
            (
                "kustomization.yaml",
                "resources: [a.yaml, base, other]\ncomponents: [part]\n",
            ),
            ("a.yaml", "kind: A\nmetadata: {name: a}\n"),
            ("base/kustomization.yaml", "resources: [b.yaml, missing.yaml]\n"),
            ("base/b.yaml", "kind: B\nmetadata: {name: b}\n"),
            ("other/kustomization.yaml", "resources: [../base]\n"),
            (
                "part/kustomization.yaml",
                "kind: Component\nresources: [../other]\n",
            ),
        ]
        .into_iter()
        .collect();
        let sources = Sources::new(Arc::new(tree), FileTable::new(), Limits::default());
        let mut kinds = Vec::new();
        let _ = read_ahead(&sources, &RepoPath::root(), &mut HashSet::new(), &mut |nodes| {
            kinds.extend(
                nodes
                    .iter()
                    .filter_map(|node| Some(node.text_at(&["kind"])?.to_owned())),
            );
            ControlFlow::Continue(())
        });
        assert_eq!(kinds, ["A", "B"]);
    }
}
