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
    /// In resources, which the cluster reconciles, with the file.
    pub(super) by_resources: Vec<(RepoPath, RepoPath)>,
    /// In commands, which may be only an example.
    pub(super) by_commands: Vec<RepoPath>,
    /// Whether a resource may name further folders, as it has a path that is no literal.
    pub(super) is_open: bool,
}

/// The paths of a file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Paths<'t> {
    literal: Vec<&'t str>,
    /// Whether there are others, which an expression yields.
    is_open: bool,
    /// Whether a resource has begun in which no path was found yet.
    is_pathless: bool,
}

impl<'t> Paths<'t> {
    fn begin_resource(&mut self) {
        self.is_pathless = true;
    }

    fn add(&mut self, quoted: Option<&'t str>, variable: &str) {
        self.is_pathless = false;
        match quoted {
            Some(path) if !path.contains(variable) => self.literal.push(path),
            _ => self.is_open = true,
        }
    }

    fn end_resource(&mut self) {
        self.is_open |= std::mem::take(&mut self.is_pathless);
    }
}

pub(super) fn find(manifests: &Manifests) -> Named {
    let tree = manifests.sources.tree();
    let mut named = Named::default();
    let folders = manifests.folders.iter();
    for folder in folders.filter(|folder| !manifests.is_left_over(folder)) {
        for (name, kind) in tree.list_without_links(folder).unwrap_or_default() {
            let has_end = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
            let (read, is_resource): (fn(&str) -> Paths<'_>, bool) = match kind {
                EntryKind::File if has_end(&BICEP) => (bicep_paths, true),
                EntryKind::File if has_end(&HCL) => (terraform_paths, true),
                EntryKind::File if has_end(&SCRIPTS) => (command_paths, false),
                _ => continue,
            };
            let file = folder.join(&name);
            let Ok(bytes) = tree.read(&file) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            let Paths { literal, is_open, .. } = read(&text);
            let paths = literal.into_iter().map(RepoPath::new);
            let mut paths = paths
                .filter(|path| !path.is_root() && manifests.is_folder(path))
                .peekable();
            if paths.peek().is_some() {
                manifests.note_deciding(file.clone());
            }
            if is_resource {
                named.by_resources.extend(paths.map(|path| (path, file.clone())));
                named.is_open |= is_open;
            } else {
                named.by_commands.extend(paths);
            }
        }
    }
    named.by_resources.sort();
    named.by_resources.dedup_by(|a, b| a.0 == b.0);
    named.by_commands.sort();
    named.by_commands.dedup();
    named
}

/// `path: '...'` in resources of Bicep.
fn bicep_paths(text: &str) -> Paths<'_> {
    let mut is_inside = false;
    let mut paths = Paths::default();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        if line.starts_with("resource ") {
            paths.end_resource();
            is_inside = line.contains(RESOURCE);
            if is_inside {
                paths.begin_resource();
            }
        }
        if let Some(value) = line.strip_prefix("path:").filter(|_| is_inside) {
            let quoted = value.trim().strip_prefix('\'');
            let path = quoted.and_then(|rest| rest.split_once('\''));
            paths.add(path.map(|(path, _)| path), "${");
        }
    }
    paths.end_resource();
    paths
}

/// `path = "..."` in resources of Terraform.
fn terraform_paths(text: &str) -> Paths<'_> {
    let mut is_inside = false;
    let mut paths = Paths::default();
    for line in text.lines() {
        // A resource ends in the first column.
        if line.starts_with('}') {
            is_inside = false;
            paths.end_resource();
        }
        let line = line.trim();
        if !line.starts_with(['#', '/']) && TERRAFORM.iter().any(|resource| line.contains(resource)) {
            is_inside = true;
            paths.begin_resource();
        }
        let value = line.strip_prefix("path").filter(|_| is_inside);
        if let Some(value) = value.and_then(|value| value.trim_start().strip_prefix('=')) {
            let quoted = value.trim_start().strip_prefix('"');
            let path = quoted.and_then(|rest| rest.split_once('"'));
            paths.add(path.map(|(path, _)| path), "${");
        }
    }
    paths.end_resource();
    paths
}

/// `path=...` in commands, which may have several lines.
fn command_paths(text: &str) -> Paths<'_> {
    let mut is_inside = false;
    let mut paths = Paths::default();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        is_inside |= line.contains(COMMAND);
        if is_inside {
            let words = line.split_whitespace();
            let values = words.filter_map(|word| word.trim_start_matches(['"', '\'']).strip_prefix("path="));
            for path in values {
                paths.add(Some(path.trim_matches(['"', '\''])), "$");
            }
        }
        is_inside &= line.ends_with(['\\', '`']);
    }
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
        let paths = bicep_paths(text);
        assert_eq!((&paths.literal[..], paths.is_open), (&["./infra"][..], true));
        let text = text.replace("${env}", "dev");
        let paths = bicep_paths(&text);
        assert_eq!(
            (&paths.literal[..], paths.is_open),
            (&["./infra", "apps/dev"][..], false)
        );
        let text = format!("{text}{}", text.replace("path", "kustomizations"));
        assert!(bicep_paths(&text).is_open, "a resource without a literal path");
    }

    #[test]
    fn resources_of_terraform_name_paths() {
        let text = "resource \"local_file\" \"x\" {\n  path = \"no\"\n}\nresource \"flux_bootstrap_git\" \"this\" {\n  \
                    path       = \"clusters/main\"\n}\nresource \"azapi_resource\" \"flux\" {\n  \
                    type = \"Microsoft.KubernetesConfiguration/fluxConfigurations@2024-11-01\"\n  body = {\n    path = \"./infra\"\n    \
                    # path = \"./old\"\n    path = \"apps/${var.env}\"\n  }\n}\npath = \"no\"\n";
        let paths = terraform_paths(text);
        assert_eq!(
            (&paths.literal[..], paths.is_open),
            (&["clusters/main", "./infra"][..], true)
        );
        let paths = terraform_paths("resource \"flux_bootstrap_git\" \"this\" {\n  path = var.path\n}\n");
        assert!(paths.is_open);
        let paths = terraform_paths("resource \"flux_bootstrap_git\" \"this\" {\n  path = \"x\"\n}\n");
        assert!(!paths.is_open);
    }

    #[test]
    fn commands_name_paths() {
        let text = "az aks create path=./no\naz k8s-configuration flux create -g a \\\n  \
                    --kustomization name=infra path=./infra prune=true \\\n  \
                    --kustomization name=apps path=\"./apps/dev\"\nls path=./no\n";
        assert_eq!(command_paths(text).literal, ["./infra", "./apps/dev"]);
    }
}
