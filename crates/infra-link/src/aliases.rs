//! Other names that people use for a service, from labels, Kubernetes Services and file names.

use std::collections::{BTreeMap, BTreeSet};

use source_tree::FileId;

use crate::inventory::Inventory;
use crate::linker::Linker;
use crate::service_candidates::ServiceCandidate;

const LABELS: &[&str] = &[
    "app",
    "app.kubernetes.io/name",
    "app.kubernetes.io/component",
    "app.kubernetes.io/instance",
];

/// Ends and starts of file names that say the kind of the object in it.
const KIND_WORDS: &[&str] = &[
    "cron-job",
    "cronjob",
    "daemon-set",
    "daemonset",
    "deploy",
    "deployment",
    "ds",
    "helm",
    "helm-release",
    "helmrelease",
    "hr",
    "job",
    "manifest",
    "pod",
    "release",
    "replica-set",
    "replicaset",
    "rollout",
    "stateful-set",
    "statefulset",
    "sts",
    "workload",
];

/// File names that are no name of a service.
const COMMON_WORDS: &[&str] = &[
    "all",
    "app",
    "application",
    "apps",
    "base",
    "common",
    "default",
    "index",
    "install",
    "kustomization",
    "main",
    "manifests",
    "resource",
    "resources",
    "server",
    "service",
    "services",
    "worker",
    "workloads",
];

/// FileNames of the files that state one service each.
pub(crate) struct FileNames {
    by_file: BTreeMap<u32, Option<String>>,
}

impl FileNames {
    /// Of the files that state services.
    pub(crate) fn new(inventory: &Inventory<'_>, candidates: &[ServiceCandidate<'_>]) -> Self {
        let mut by_file: BTreeMap<u32, Option<String>> = BTreeMap::new();
        let mut names: BTreeMap<u32, BTreeSet<(&str, &str)>> = BTreeMap::new();
        for candidate in candidates {
            names
                .entry(candidate.object.applied.mark.file.0)
                .or_default()
                .insert((candidate.object.kind, candidate.object.name));
        }
        for (file, services) in names {
            // The file of several services is named after none of them.
            let stem = match services.len() {
                1 => inventory
                    .evaluation
                    .files
                    .path(FileId(file))
                    .and_then(|path| stem(path.file_name()?)),
                _ => None,
            };
            by_file.insert(file, stem);
        }
        FileNames { by_file }
    }
}

/// A file's name without extension and kind; none where it says nothing.
fn stem(file_name: &str) -> Option<String> {
    let stem = file_name
        .split('.')
        .next()?
        .to_ascii_lowercase()
        .replace('_', "-");
    let mut stem = stem.as_str();
    for word in KIND_WORDS {
        if let Some(rest) = stem.strip_suffix(word).and_then(|rest| rest.strip_suffix('-')) {
            stem = rest;
            break;
        }
    }
    for word in ["helm", "helmrelease", "hr", "release"] {
        if let Some(rest) = stem.strip_prefix(word).and_then(|rest| rest.strip_prefix('-')) {
            stem = rest;
            break;
        }
    }
    let says_nothing = stem.is_empty() || KIND_WORDS.contains(&stem) || COMMON_WORDS.contains(&stem);
    (!says_nothing).then(|| stem.to_owned())
}

/// The aliases of a service, sorted, without its key.
pub(crate) fn aliases(
    linker: &Linker<'_>,
    position: usize,
    candidate: &ServiceCandidate<'_>,
    file_names: &FileNames,
) -> Vec<String> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    let labels = linker
        .inventory
        .view(candidate.object)
        .at(&["metadata", "labels"]);
    for label in LABELS {
        names.extend(labels.and_then(|labels| labels.text_of(label)).map(str::to_owned));
        names.extend(
            candidate
                .pods
                .and_then(|pods| pods.label(label))
                .map(str::to_owned),
        );
    }
    names.extend(
        linker
            .kube_services
            .selecting(position)
            .map(|service| service.name.to_owned()),
    );
    if let Some(release) = candidate.release.and_then(|release| linker.releases.get(release)) {
        names.insert(release.name.clone());
    }
    names.extend(candidate.workload.map(|workload| workload.name.to_owned()));
    names.extend(
        file_names
            .by_file
            .get(&candidate.object.applied.mark.file.0)
            .cloned()
            .flatten(),
    );
    names.remove(&candidate.key);
    // An unknown variable is no name.
    names
        .into_iter()
        .filter(|name| !name.is_empty() && !name.contains("${"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_lose_kind_and_extension() {
        for (file, expected) in [
            ("papi-deployment.yaml", Some("papi")),
            ("helm-cortex-tenant.yaml", Some("cortex-tenant")),
            ("courier-sync-nightly.yaml", Some("courier-sync-nightly")),
            ("session_cache.sops.yaml", Some("session-cache")),
            ("deployment.yaml", None),
            ("helm.yaml", None),
            ("helm-release.yaml", None),
            ("app.yml", None),
        ] {
            assert_eq!(stem(file).as_deref(), expected, "{file}");
        }
    }
}
