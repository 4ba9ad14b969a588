//! Install order of kinds.
//!
//! Rules: [pkg/release/v1/util/kind_sorter.go](https://github.com/helm/helm/blob/v4.2.4/pkg/release/v1/util/kind_sorter.go).

use std::cmp::Ordering;

const INSTALL_ORDER: [&str; 38] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// Known kinds in install order, then all others by name.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let place = |kind: &str| INSTALL_ORDER.iter().position(|known| *known == kind);
    let rank = |kind: &str| place(kind).unwrap_or(INSTALL_ORDER.len());
    rank(a).cmp(&rank(b)).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_kinds_come_last_by_name() {
        let mut kinds = ["Widget", "Job", "", "Namespace", "Alert", "ConfigMap"];
        kinds.sort_by(|a, b| compare(a, b));
        assert_eq!(kinds, ["Namespace", "ConfigMap", "Job", "", "Alert", "Widget"]);
    }
}
