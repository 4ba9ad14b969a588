//! The kustomization of a folder without a kustomization file.

use kustomize_build::{BuildError, Fault, Sources};
use source_tree::{EntryKind, RepoPath};
use yaml_node::Node;

use super::file::{kustomization, kustomization_files};

/// Deepest folder that is searched; a tree on disk cannot hold a circle, yet a hostile one can be deep.
const MAX_DEPTH: usize = 128;

/// Takes every `.yaml` and `.yml` file below `dir`, and every sub-folder with a kustomization file as a whole.
pub(super) fn generate(sources: &Sources, dir: &RepoPath) -> Result<Node, BuildError> {
    let found = resources(sources, dir)?;
    if found.is_empty() {
        // kustomize refuses a file without any field.
        return Ok(kustomization([("namespace", Node::str("_placeholder"))]));
    }
    let resources = found
        .iter()
        .map(|path| Node::str(format!("./{}", path.relative_to(dir))));
    Ok(kustomization([("resources", Node::sequence(resources))]))
}

/// The files and folders that become resources of `dir`. The files are parsed.
pub(crate) fn resources(sources: &Sources, dir: &RepoPath) -> Result<Vec<RepoPath>, BuildError> {
    let mut found = Vec::new();
    search(sources, dir, 0, &mut found)?;
    Ok(found)
}

fn search(
    sources: &Sources,
    dir: &RepoPath,
    depth: usize,
    found: &mut Vec<RepoPath>,
) -> Result<(), BuildError> {
    if depth > MAX_DEPTH {
        return Err(BuildError::Limit(Fault {
            message: format!("{dir}: folders are nested too deeply"),
            mark: source_tree::Mark::NONE,
        }));
    }
    let entries = sources.tree().list(dir)?;
    // A link to a file is followed, one to a folder is not.
    let plain = sources.tree().list_without_links(dir)?;
    for (name, kind) in entries {
        let path = dir.join(&name);
        match kind {
            EntryKind::Directory if plain.binary_search(&(name, kind)).is_err() => {}
            EntryKind::Directory if kustomization_files(sources, &path).is_empty() => {
                search(sources, &path, depth + 1, found)?;
            }
            EntryKind::Directory => found.push(path),
            EntryKind::File if path.file_name().is_some_and(is_manifest_name) => {
                // Each file must hold objects and nothing else, or the whole Kustomization fails.
                if let Err(error) = sources.resources(&path) {
                    let mut fault = error.fault().clone();
                    fault.message =
                        format!("failed to decode Kubernetes YAML from {path}: {}", fault.message);
                    return Err(BuildError::Resource(fault));
                }
                found.push(path);
            }
            EntryKind::File => {}
        }
    }
    Ok(())
}

/// Whether a file of this name is taken. Hidden files are.
pub(crate) fn is_manifest_name(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}
