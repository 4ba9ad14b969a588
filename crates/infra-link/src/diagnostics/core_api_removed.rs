//! `api-removed`: an API version that Kubernetes no longer serves.

use std::collections::BTreeMap;

use infra_model::codes;
use source_tree::{Diagnostic, Severity};

use super::api_version;
use crate::inventory::Object;
use crate::linker::Linker;

/// Versions that are gone.
struct Removed {
    group: &'static str,
    version: &'static str,
    /// All of the version where there are none.
    kinds: &'static [&'static str],
    /// The first Kubernetes without it.
    since: &'static str,
    /// What is served in its place, if anything is.
    instead: Option<&'static str>,
}

const fn removed(
    (group, version): (&'static str, &'static str),
    kinds: &'static [&'static str],
    since: &'static str,
    instead: Option<&'static str>,
) -> Removed {
    Removed {
        group,
        version,
        kinds,
        since,
        instead,
    }
}

/// <https://kubernetes.io/docs/reference/using-api/deprecation-guide/>
const REMOVED: &[Removed] = &[
    removed(
        ("extensions", "v1beta1"),
        &["Ingress"],
        "1.22",
        Some("networking.k8s.io/v1"),
    ),
    removed(
        ("extensions", "v1beta1"),
        &["NetworkPolicy"],
        "1.16",
        Some("networking.k8s.io/v1"),
    ),
    removed(("extensions", "v1beta1"), &["PodSecurityPolicy"], "1.16", None),
    removed(("extensions", "v1beta1"), &[], "1.16", Some("apps/v1")),
    removed(("apps", "v1beta1"), &[], "1.16", Some("apps/v1")),
    removed(("apps", "v1beta2"), &[], "1.16", Some("apps/v1")),
    removed(
        ("networking.k8s.io", "v1beta1"),
        &["Ingress", "IngressClass"],
        "1.22",
        Some("networking.k8s.io/v1"),
    ),
    removed(("policy", "v1beta1"), &["PodSecurityPolicy"], "1.25", None),
    removed(("policy", "v1beta1"), &[], "1.25", Some("policy/v1")),
    removed(("batch", "v2alpha1"), &[], "1.21", Some("batch/v1")),
    removed(("batch", "v1beta1"), &[], "1.25", Some("batch/v1")),
    removed(("autoscaling", "v2beta1"), &[], "1.25", Some("autoscaling/v2")),
    removed(("autoscaling", "v2beta2"), &[], "1.26", Some("autoscaling/v2")),
    removed(
        ("rbac.authorization.k8s.io", "v1alpha1"),
        &[],
        "1.22",
        Some("rbac.authorization.k8s.io/v1"),
    ),
    removed(
        ("rbac.authorization.k8s.io", "v1beta1"),
        &[],
        "1.22",
        Some("rbac.authorization.k8s.io/v1"),
    ),
    removed(
        ("apiextensions.k8s.io", "v1beta1"),
        &[],
        "1.22",
        Some("apiextensions.k8s.io/v1"),
    ),
    removed(
        ("admissionregistration.k8s.io", "v1beta1"),
        &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
        "1.22",
        Some("admissionregistration.k8s.io/v1"),
    ),
    removed(
        ("apiregistration.k8s.io", "v1beta1"),
        &[],
        "1.22",
        Some("apiregistration.k8s.io/v1"),
    ),
    removed(
        ("scheduling.k8s.io", "v1beta1"),
        &["PriorityClass"],
        "1.22",
        Some("scheduling.k8s.io/v1"),
    ),
    removed(
        ("storage.k8s.io", "v1beta1"),
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
        "1.22",
        Some("storage.k8s.io/v1"),
    ),
    removed(
        ("storage.k8s.io", "v1beta1"),
        &["CSIStorageCapacity"],
        "1.27",
        Some("storage.k8s.io/v1"),
    ),
    removed(
        ("coordination.k8s.io", "v1beta1"),
        &["Lease"],
        "1.22",
        Some("coordination.k8s.io/v1"),
    ),
    removed(
        ("certificates.k8s.io", "v1beta1"),
        &["CertificateSigningRequest"],
        "1.22",
        Some("certificates.k8s.io/v1"),
    ),
    removed(
        ("discovery.k8s.io", "v1beta1"),
        &[],
        "1.25",
        Some("discovery.k8s.io/v1"),
    ),
    removed(("node.k8s.io", "v1beta1"), &[], "1.25", Some("node.k8s.io/v1")),
    removed(
        ("flowcontrol.apiserver.k8s.io", "v1beta1"),
        &[],
        "1.26",
        Some("flowcontrol.apiserver.k8s.io/v1"),
    ),
    removed(
        ("flowcontrol.apiserver.k8s.io", "v1beta2"),
        &[],
        "1.29",
        Some("flowcontrol.apiserver.k8s.io/v1"),
    ),
    removed(
        ("flowcontrol.apiserver.k8s.io", "v1beta3"),
        &[],
        "1.32",
        Some("flowcontrol.apiserver.k8s.io/v1"),
    ),
];

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    // By version and what becomes of it, the first object and the number of others.
    let mut found: BTreeMap<(&str, &str, Option<&str>), (&Object<'_>, usize)> = BTreeMap::new();
    for object in inventory.objects.iter().filter(|object| !object.is_of_chart()) {
        if let Some(removed) = of(object) {
            found
                .entry((object.api_version(), removed.since, removed.instead))
                .and_modify(|(_, more)| *more += 1)
                .or_insert((object, 0));
        }
    }
    let findings = found.into_iter().map(|((version, since, instead), (object, more))| {
        let name = object.object_name().to_string();
        let who = api_version::who_uses(&name, more);
        let message = format!("{who} {version}, which Kubernetes {since} and later do not serve");
        Diagnostic::new(Severity::Warning, codes::API_REMOVED, message)
            .at(api_version::place(inventory, object))
            .on(name)
            .hint(match instead {
                Some(instead) => format!(
                    "use {instead}, and move the fields that it calls otherwise; Flux applies nothing of a Kustomization with an object \
                     that the API server does not know"
                ),
                None => "nothing is served in its place: remove it; Flux applies nothing of its Kustomization".to_owned(),
            })
    });
    findings.collect()
}

fn of(object: &Object<'_>) -> Option<&'static Removed> {
    let (_, version) = object.api_version().split_once('/')?;
    REMOVED.iter().find(|removed| {
        removed.group == object.group
            && removed.version == version
            && (removed.kinds.is_empty() || removed.kinds.contains(&object.kind))
    })
}
