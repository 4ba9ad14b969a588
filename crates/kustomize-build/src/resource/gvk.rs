//! Group, version, kind and scope of an object.

use std::fmt;

use smol_str::SmolStr;

/// Group, version and kind. Any part may be empty, which in a selector selects all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gvk {
    /// The API group, empty for the core group.
    pub group: SmolStr,
    /// The API version.
    pub version: SmolStr,
    /// The kind.
    pub kind: SmolStr,
}

impl Gvk {
    /// Makes one from its parts.
    pub fn new(group: impl Into<SmolStr>, version: impl Into<SmolStr>, kind: impl Into<SmolStr>) -> Self {
        Gvk {
            group: group.into(),
            version: version.into(),
            kind: kind.into(),
        }
    }

    /// Makes one from an object's `apiVersion` and `kind`.
    pub fn from_api_version(api_version: &str, kind: impl Into<SmolStr>) -> Self {
        let (group, version) = parse_group_version(api_version);
        Gvk::new(group, version, kind)
    }

    /// `group/version`, or the version alone for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_string()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// Whether all non-empty parts of `selector` are equal.
    pub fn is_selected_by(&self, selector: &Gvk) -> bool {
        (selector.group.is_empty() || selector.group == self.group)
            && (selector.version.is_empty() || selector.version == self.version)
            && (selector.kind.is_empty() || selector.kind == self.kind)
    }

    /// Whether the type is known to be cluster-scoped. Unknown types count as namespaced.
    pub fn is_cluster_scoped(&self) -> bool {
        self.known_scope() == Some(false)
    }

    /// Whether the type is namespaced, if it is in kustomize's table.
    pub(crate) fn known_scope(&self) -> Option<bool> {
        known_scope(&self.group, &self.version, &self.kind)
    }
}

impl fmt::Display for Gvk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, version) = (or(&self.kind, "[noKind]"), or(&self.version, "[noVer]"));
        write!(f, "{kind}.{version}.{}", or(&self.group, "[noGrp]"))
    }
}

/// Returns `text`, or `if_empty` if it is empty.
pub(crate) fn or<'a>(text: &'a str, if_empty: &'a str) -> &'a str {
    if text.is_empty() { if_empty } else { text }
}

/// Splits `group/version` at the first slash. Without a slash, all is the version.
pub(crate) fn parse_group_version(api_version: &str) -> (&str, &str) {
    // A loop over bytes, which on such short texts is faster than a search.
    let slash = api_version.bytes().position(|byte| byte == b'/');
    let parts = slash.and_then(|at| Some((api_version.get(..at)?, api_version.get(at + 1..)?)));
    parts.unwrap_or(("", api_version))
}

const CORE_NAMESPACED: [&str; 16] = [
    "ConfigMap",
    "Endpoints",
    "Event",
    "LimitRange",
    "PersistentVolumeClaim",
    "Pod",
    "PodAttachOptions",
    "PodExecOptions",
    "PodPortForwardOptions",
    "PodProxyOptions",
    "PodTemplate",
    "ReplicationController",
    "ResourceQuota",
    "Secret",
    "Service",
    "ServiceAccount",
];

// kustomize knows the scope of the types of Kubernetes 1.21.2 and of a few newer ones: `precomputedIsNamespaceScoped`
// in https://github.com/kubernetes-sigs/kustomize/blob/kyaml/v0.21.2/kyaml/openapi/openapi.go.
pub(super) fn known_scope(group: &str, version: &str, kind: &str) -> Option<bool> {
    let stable = version == "v1";
    let beta = version == "v1beta1";
    let either = stable || beta;
    let (known, namespaced) = match (group, kind) {
        ("", "Namespace" | "Node" | "PersistentVolume" | "ComponentStatus" | "NodeProxyOptions") => {
            (stable, false)
        }
        ("", "ServiceProxyOptions") => (stable, true),
        ("", kind) => (stable && CORE_NAMESPACED.contains(&kind), true),
        (
            "admissionregistration.k8s.io",
            "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration",
        ) => (either, false),
        (
            "admissionregistration.k8s.io",
            "ValidatingAdmissionPolicy" | "ValidatingAdmissionPolicyBinding",
        ) => (stable, false),
        ("apiextensions.k8s.io", "CustomResourceDefinition")
        | ("apiregistration.k8s.io", "APIService")
        | ("certificates.k8s.io", "CertificateSigningRequest")
        | ("networking.k8s.io", "IngressClass")
        | ("node.k8s.io", "RuntimeClass")
        | ("scheduling.k8s.io", "PriorityClass")
        | ("rbac.authorization.k8s.io", "ClusterRole" | "ClusterRoleBinding")
        | ("storage.k8s.io", "CSIDriver" | "CSINode" | "StorageClass" | "VolumeAttachment") => {
            (either, false)
        }
        ("flowcontrol.apiserver.k8s.io", "FlowSchema" | "PriorityLevelConfiguration") => (beta, false),
        ("policy", "PodSecurityPolicy") => (beta, false),
        ("apps", "ControllerRevision" | "DaemonSet" | "Deployment" | "ReplicaSet" | "StatefulSet") => {
            (stable, true)
        }
        ("autoscaling", "HorizontalPodAutoscaler") => (matches!(version, "v1" | "v2beta1" | "v2beta2"), true),
        ("autoscaling", "Scale") | ("batch", "Job") | ("networking.k8s.io", "NetworkPolicy") => {
            (stable, true)
        }
        ("storage.k8s.io", "CSIStorageCapacity") | ("extensions", "Ingress") => (beta, true),
        ("batch", "CronJob")
        | ("coordination.k8s.io", "Lease")
        | ("discovery.k8s.io", "EndpointSlice")
        | ("events.k8s.io", "Event")
        | ("networking.k8s.io", "Ingress")
        | ("policy", "PodDisruptionBudget")
        | ("rbac.authorization.k8s.io", "Role" | "RoleBinding") => (either, true),
        _ => (false, false),
    };
    known.then_some(namespaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_shows_missing_parts() {
        assert_eq!(Gvk::default().to_string(), "[noKind].[noVer].[noGrp]");
        assert_eq!(
            Gvk::from_api_version("apps/v1", "Deployment").to_string(),
            "Deployment.v1.apps"
        );
        assert_eq!(
            Gvk::from_api_version("apps/v1", "Deployment").api_version(),
            "apps/v1"
        );
    }

    #[test]
    fn scope_is_known_for_exact_versions_only() {
        for (api_version, kind, expected) in [
            ("v1", "Namespace", true),
            ("v1", "ConfigMap", false),
            ("rbac.authorization.k8s.io/v1", "ClusterRole", true),
            ("rbac.authorization.k8s.io/v1alpha1", "ClusterRole", false),
            ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", false),
            ("cert-manager.io/v1", "ClusterIssuer", false),
        ] {
            assert_eq!(
                Gvk::from_api_version(api_version, kind).is_cluster_scoped(),
                expected,
                "{kind}"
            );
        }
    }

    #[test]
    fn an_empty_part_selects_all() {
        let deployment = Gvk::from_api_version("apps/v1", "Deployment");
        assert!(deployment.is_selected_by(&Gvk::default()));
        assert!(deployment.is_selected_by(&Gvk::new("apps", "", "")));
        assert!(!deployment.is_selected_by(&Gvk::new("", "v2", "")));
    }
}
