//! The generated kustomization of a folder without a kustomization file.

use kustomize_build::{BuildError, Fault, Sources};
use source_tree::{EntryKind, RepoPath};
use yaml_node::Node;

use super::file::{kustomization, kustomization_files};

/// Deepest nesting of folders that is searched: a hostile tree can be deep.
const MAX_DEPTH: usize = 128;

/// Its resources are every `.yaml` and `.yml` file below `dir`, and every subfolder with a kustomization file.
pub(super) fn generate(sources: &Sources, dir: &RepoPath) -> Result<Node, BuildError> {
    let found = resources(sources, dir)?;
    if found.is_empty() {
        // kustomize refuses a file without fields.
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
    // Links to files are followed, links to folders are not.
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
                // The whole Kustomization fails if a file contains anything but objects.
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

/// Whether a file of this name becomes a resource. Hidden files do too.
pub(crate) fn is_manifest_name(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}
