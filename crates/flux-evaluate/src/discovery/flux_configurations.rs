//! Folders in Flux configurations of Azure (a `fluxConfigurations` resource in Bicep or Terraform, or a command that
//! creates one), and in Terraform resources that bootstrap a cluster
//! (<https://registry.terraform.io/providers/fluxcd/flux/latest/docs/resources/bootstrap_git>).
//!
//! The AKS extension makes source and Kustomizations in the cluster, so no manifest of the repository has their paths:
//! <https://learn.microsoft.com/azure/templates/microsoft.kubernetesconfiguration/fluxconfigurations>,
//! <https://learn.microsoft.com/cli/azure/k8s-configuration/flux#az-k8s-configuration-flux-create>.

use source_tree::{EntryKind, RepoPath};

use super::manifests::Manifests;

/// Type of the resource in Bicep, before its version.
const RESOURCE: &str = "Microsoft.KubernetesConfiguration/fluxConfigurations@";

/// The command, after `az`.
const COMMAND: &str = "k8s-configuration flux create";

/// Resources of Terraform with paths.
const TERRAFORM: [&str; 3] = [
    "resource \"azurerm_kubernetes_flux_configuration\"",
    "resource \"flux_bootstrap_git\"",
    RESOURCE,
];

/// Extensions of Bicep and Terraform.
const BICEP: [&str; 1] = [".bicep"];
const HCL: [&str; 1] = [".tf"];

/// Extensions of files that may contain the command: scripts and documentation.
const SCRIPTS: [&str; 5] = [".azcli", ".md", ".ps1", ".sh", ".bash"];

/// The named folders of the repository, sorted, without duplicates.
#[derive(Default)]
pub(super) struct Named {
    /// In resources, which the cluster reconciles.
    pub(super) by_resources: Vec<RepoPath>,
    /// In commands, which may be only an example.
    pub(super) by_commands: Vec<RepoPath>,
}

pub(super) fn find(manifests: &Manifests) -> Named {
    let tree = manifests.sources.tree();
    let mut named = Named::default();
    let folders = manifests.folders.iter();
    for folder in folders.filter(|folder| !manifests.is_left_over(folder)) {
        for (name, kind) in tree.list_without_links(folder).unwrap_or_default() {
            let has_end = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
            let (read, found): (fn(&str) -> Vec<&str>, _) = match kind {
                EntryKind::File if has_end(&BICEP) => (bicep_paths, &mut named.by_resources),
                EntryKind::File if has_end(&HCL) => (terraform_paths, &mut named.by_resources),
                EntryKind::File if has_end(&SCRIPTS) => (command_paths, &mut named.by_commands),
                _ => continue,
            };
            let Ok(bytes) = tree.read(&folder.join(&name)) else {
                continue;
            };
            let text = String::from_utf8_lossy(&bytes);
            let paths = read(&text).into_iter().map(RepoPath::new);
            let before = found.len();
            found.extend(paths.filter(|path| !path.is_root() && manifests.is_folder(path)));
            if found.len() > before {
                manifests.note_deciding(folder.join(&name));
            }
        }
    }
    for found in [&mut named.by_resources, &mut named.by_commands] {
        found.sort();
        found.dedup();
    }
    named
}

/// `path: '...'` in resources of Bicep.
fn bicep_paths(text: &str) -> Vec<&str> {
    let mut is_inside = false;
    let mut paths = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        if line.starts_with("resource ") {
            is_inside = line.contains(RESOURCE);
        }
        let value = line.strip_prefix("path:").filter(|_| is_inside);
        let quoted = value.and_then(|value| value.trim().strip_prefix('\''));
        let path = quoted.and_then(|rest| rest.split_once('\''));
        paths.extend(path.map(|(path, _)| path));
    }
    paths.retain(|path| !path.contains("${"));
    paths
}

/// `path = "..."` in resources of Terraform.
fn terraform_paths(text: &str) -> Vec<&str> {
    let mut is_inside = false;
    let mut paths = Vec::new();
    for line in text.lines() {
        // A resource ends in the first column.
        if line.starts_with('}') {
            is_inside = false;
        }
        let line = line.trim();
        is_inside |=
            !line.starts_with(['#', '/']) && TERRAFORM.iter().any(|resource| line.contains(resource));
        let value = line.strip_prefix("path").filter(|_| is_inside);
        let value = value.and_then(|value| value.trim_start().strip_prefix('='));
        let quoted = value.and_then(|value| value.trim_start().strip_prefix('"'));
        paths.extend(quoted.and_then(|rest| rest.split_once('"')).map(|(path, _)| path));
    }
    paths.retain(|path| !path.contains("${"));
    paths
}

/// `path=...` in commands, which may have several lines.
fn command_paths(text: &str) -> Vec<&str> {
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
        assert_eq!(bicep_paths(text), ["./infra"]);
    }

    #[test]
    fn resources_of_terraform_name_paths() {
        let text = "resource \"local_file\" \"x\" {\n  path = \"no\"\n}\nresource \"flux_bootstrap_git\" \"this\" {\n  \
                    path       = \"clusters/main\"\n}\nresource \"azapi_resource\" \"flux\" {\n  \
                    type = \"Microsoft.KubernetesConfiguration/fluxConfigurations@2024-11-01\"\n  body = {\n    path = \"./infra\"\n    \
                    # path = \"./old\"\n    path = \"apps/${var.env}\"\n  }\n}\npath = \"no\"\n";
        assert_eq!(terraform_paths(text), ["clusters/main", "./infra"]);
    }

    #[test]
    fn commands_name_paths() {
        let text = "az aks create path=./no\naz k8s-configuration flux create -g a \\\n  \
                    --kustomization name=infra path=./infra prune=true \\\n  \
                    --kustomization name=apps path=\"./apps/dev\"\nls path=./no\n";
        assert_eq!(command_paths(text), ["./infra", "./apps/dev"]);
    }
}
