//! Aliases of services, from labels, Kubernetes Services and file names.

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

/// Beginnings and ends of file names for the kind of the object.
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

/// File names that are not names of services.
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

/// The names of files that state one service each, by [`FileId`].
pub(crate) type FileNames = BTreeMap<u32, String>;

/// The names of the files that state one service each.
pub(crate) fn file_names(inventory: &Inventory<'_>, candidates: &[ServiceCandidate<'_>]) -> FileNames {
    let mut services: BTreeMap<u32, BTreeSet<(&str, &str)>> = BTreeMap::new();
    for candidate in candidates {
        let object = candidate.object;
        let of_file = services.entry(object.applied.mark.file.0).or_default();
        of_file.insert((object.kind, object.name));
    }
    // The name of a file with several services is no alias of them.
    services.retain(|_, services| services.len() == 1);
    let files = services.into_keys();
    files
        .filter_map(|file| {
            let path = inventory.evaluation.files.path(FileId(file))?;
            Some((file, stem(path.file_name()?)?))
        })
        .collect()
}

/// A file's name without extension and kind; `None` if that is too common.
fn stem(file_name: &str) -> Option<String> {
    let stem = file_name.split('.').next()?;
    let stem = stem.to_ascii_lowercase().replace('_', "-");
    let mut kinds = KIND_WORDS.iter();
    let without_kind = kinds.find_map(|word| stem.strip_suffix(word)?.strip_suffix('-'));
    let stem = without_kind.unwrap_or(&stem);
    let mut kinds = ["helm", "helmrelease", "hr", "release"].iter();
    let without_kind = kinds.find_map(|word| stem.strip_prefix(word)?.strip_prefix('-'));
    let stem = without_kind.unwrap_or(stem);
    let is_common = stem.is_empty() || KIND_WORDS.contains(&stem) || COMMON_WORDS.contains(&stem);
    (!is_common).then(|| stem.to_owned())
}

/// The aliases of a service, sorted, without its key.
pub(crate) fn aliases(
    linker: &Linker<'_>,
    position: usize,
    candidate: &ServiceCandidate<'_>,
    file_names: &FileNames,
) -> Vec<String> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let view = linker.inventory.view(candidate.object);
    for label in LABELS {
        names.extend(view.text_at(&["metadata", "labels", label]));
        names.extend(candidate.pods.and_then(|pods| pods.label(label)));
    }
    let selecting = linker.kube_services.selecting(position);
    names.extend(selecting.map(|service| service.name));
    let release = candidate.release.and_then(|release| linker.releases.get(release));
    names.extend(release.map(|release| release.name.as_str()));
    names.extend(candidate.workload.map(|workload| workload.name));
    let file = candidate.object.applied.mark.file.0;
    names.extend(file_names.get(&file).map(String::as_str));
    names.remove(candidate.key.as_str());
    // A text with an unknown variable is no name.
    let names = names.into_iter();
    names
        .filter(|name| !name.is_empty() && !name.contains("${"))
        .map(str::to_owned)
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
