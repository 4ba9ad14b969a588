//! `namespace-missing`: a namespaced object without a namespace, which Flux refuses.

use foldhash::HashMap;
use infra_model::codes;
use source_tree::Diagnostic;

use crate::inventory::{HELM, Inventory, KUSTOMIZE, SOURCE};
use crate::linker::Linker;

/// Groups with the kinds in them that are known to be namespaced; unknown kinds are left alone.
const NAMESPACED: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "ConfigMap",
            "Endpoints",
            "LimitRange",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        ],
    ),
    (
        "apps",
        &[
            "ControllerRevision",
            "DaemonSet",
            "Deployment",
            "ReplicaSet",
            "StatefulSet",
        ],
    ),
    ("autoscaling", &["HorizontalPodAutoscaler"]),
    ("batch", &["CronJob", "Job"]),
    ("bitnami.com", &["SealedSecret"]),
    (
        "cert-manager.io",
        &["Certificate", "CertificateRequest", "Issuer"],
    ),
    ("coordination.k8s.io", &["Lease"]),
    ("discovery.k8s.io", &["EndpointSlice"]),
    ("external-secrets.io", &["ExternalSecret", "SecretStore"]),
    (HELM, &["HelmRelease"]),
    (KUSTOMIZE, &["Kustomization"]),
    (
        "monitoring.coreos.com",
        &["PodMonitor", "Probe", "PrometheusRule", "ServiceMonitor"],
    ),
    ("networking.k8s.io", &["Ingress", "NetworkPolicy"]),
    (
        "notification.toolkit.fluxcd.io",
        &["Alert", "Provider", "Receiver"],
    ),
    ("policy", &["PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io", &["Role", "RoleBinding"]),
    ("secrets-store.csi.x-k8s.io", &["SecretProviderClass"]),
    (
        SOURCE,
        &[
            "Bucket",
            "GitRepository",
            "HelmChart",
            "HelmRepository",
            "OCIRepository",
        ],
    ),
];

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let scopes = definitions(inventory);
    let mut findings = Vec::new();
    for object in inventory
        .objects
        .iter()
        .filter(|object| object.namespace.is_empty())
    {
        // What a person applies by hand goes to the namespace of their context.
        if inventory.kustomization(object).is_none() {
            continue;
        }
        let namespaced = match scopes.get(&(object.group, object.kind)) {
            Some(scope) => *scope == "Namespaced",
            None => NAMESPACED
                .iter()
                .any(|(group, kinds)| *group == object.group && kinds.contains(&object.kind)),
        };
        if !namespaced {
            continue;
        }
        let name = object.object_name().to_string();
        findings.push(
            Diagnostic::error(codes::NAMESPACE_MISSING, format!("{name} has no namespace, and Flux refuses it"))
                .at(inventory.source(object))
                .on(name)
                .hint("set `namespace` in the kustomization file, `targetNamespace` in the Flux Kustomization, or metadata.namespace"),
        );
    }
    findings
}

/// Scope by group and kind, from the definitions in the repository.
fn definitions<'a>(inventory: &Inventory<'a>) -> HashMap<(&'a str, &'a str), &'a str> {
    inventory
        .of("apiextensions.k8s.io", "CustomResourceDefinition")
        .filter_map(|definition| {
            let view = inventory.view(definition);
            let scope = view.text_at(&["spec", "scope"])?;
            Some((
                (
                    view.text_at(&["spec", "group"])?,
                    view.text_at(&["spec", "names", "kind"])?,
                ),
                scope,
            ))
        })
        .collect()
}
