//! Folders that a Flux configuration of Azure names: a `fluxConfigurations` resource in Bicep, or a command that creates one.
//!
//! The AKS extension makes source and Kustomizations of it in the cluster, so no manifest of the repository has their paths:
//! <https://learn.microsoft.com/azure/templates/microsoft.kubernetesconfiguration/fluxconfigurations>,
//! <https://learn.microsoft.com/cli/azure/k8s-configuration/flux#az-k8s-configuration-flux-create>.

use source_tree::{EntryKind, RepoPath};

use super::manifests::Manifests;

/// Type of the resource in Bicep, with what begins its version.
const RESOURCE: &str = "Microsoft.KubernetesConfiguration/fluxConfigurations@";

/// The command, behind `az`.
const COMMAND: &str = "k8s-configuration flux create";

/// Ends of files that may state the resource.
const TEMPLATES: [&str; 1] = [".bicep"];

/// Ends of files that may hold the command: scripts, and what tells people to run it.
const SCRIPTS: [&str; 5] = [".azcli", ".md", ".ps1", ".sh", ".bash"];

/// The folders of the repository that are named, each once, sorted.
#[derive(Default)]
pub(super) struct Named {
    /// By resources, which say what the cluster reconciles.
    pub(super) by_resources: Vec<RepoPath>,
    /// By commands, which may be one way of several, or a part of an exercise.
    pub(super) by_commands: Vec<RepoPath>,
}

pub(super) fn find(manifests: &Manifests) -> Named {
    let tree = manifests.sources.tree();
    let mut named = Named::default();
    for folder in manifests
        .folders
        .iter()
        .filter(|folder| !manifests.is_left_over(folder))
    {
        for (name, kind) in tree.list_without_links(folder).unwrap_or_default() {
            let has_end = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
            let (read, found): (fn(&str) -> Vec<&str>, _) = match kind {
                EntryKind::File if has_end(&TEMPLATES) => (of_resources, &mut named.by_resources),
                EntryKind::File if has_end(&SCRIPTS) => (of_commands, &mut named.by_commands),
                _ => continue,
            };
            let Ok(bytes) = tree.read(&folder.join(&name)) else {
                continue;
            };
            let text = String::from_utf8_lossy(&bytes);
            let paths = read(&text).into_iter().map(RepoPath::new);
            found.extend(paths.filter(|path| !path.is_root() && manifests.is_folder(path)));
        }
    }
    for found in [&mut named.by_resources, &mut named.by_commands] {
        found.sort();
        found.dedup();
    }
    named
}

/// `path: '...'` in resources of Bicep.
fn of_resources(text: &str) -> Vec<&str> {
    let mut is_inside = false;
    let mut paths = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        if line.starts_with("resource ") {
            is_inside = line.contains(RESOURCE);
        }
        let value = line.strip_prefix("path:").filter(|_| is_inside);
        let quoted = value.and_then(|value| value.trim().strip_prefix('\''));
        paths.extend(
            quoted
                .and_then(|rest| rest.split_once('\''))
                .map(|(path, _)| path),
        );
    }
    paths.retain(|path| !path.contains("${"));
    paths
}

/// `path=...` in commands, each of which may go on in further lines.
fn of_commands(text: &str) -> Vec<&str> {
    let mut is_inside = false;
    let mut paths = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        is_inside |= line.contains(COMMAND);
        if is_inside {
            let words = line.split_whitespace();
            let values = words.filter_map(|word| word.trim_start_matches(['"', '\'']).strip_prefix("path="));
            paths.extend(values.map(|path| path.trim_matches(['"', '\''])));
        }
        is_inside &= line.ends_with(['\\', '`']);
    }
    paths.retain(|path| !path.contains('$'));
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_of_bicep_name_paths() {
        let text = "resource store 'Microsoft.Storage/x@1' = {\n  path: './no'\n}\n\
                    resource flux 'Microsoft.KubernetesConfiguration/fluxConfigurations@2023-05-01' = {\n  \
                    kustomizations: {\n    infra: {\n      path: './infra'\n    }\n    // path: './old'\n    \
                    apps: {\n      path: 'apps/${env}'\n    }\n  }\n}\nresource more 'x' = {\n  path: './no'\n}\n";
        assert_eq!(of_resources(text), ["./infra"]);
    }

    #[test]
    fn commands_name_paths() {
        let text = "az aks create path=./no\naz k8s-configuration flux create -g a \\\n  \
                    --kustomization name=infra path=./infra prune=true \\\n  \
                    --kustomization name=apps path=\"./apps/dev\"\nls path=./no\n";
        assert_eq!(of_commands(text), ["./infra", "./apps/dev"]);
    }
}
