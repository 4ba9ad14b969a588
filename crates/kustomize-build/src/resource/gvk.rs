//! `apiVersion` and `kind` turn into group, version, kind and scope.

use std::fmt;

use smol_str::SmolStr;

/// Group, version and kind. Any part may be empty; as a selector an empty part selects all.
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
    /// From its parts.
    pub fn new(group: impl Into<SmolStr>, version: impl Into<SmolStr>, kind: impl Into<SmolStr>) -> Self {
        Gvk {
            group: group.into(),
            version: version.into(),
            kind: kind.into(),
        }
    }

    /// From an object's `apiVersion` and `kind`.
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

    /// Whether every part that `selector` states is equal.
    pub fn is_selected_by(&self, selector: &Gvk) -> bool {
        (selector.group.is_empty() || selector.group == self.group)
            && (selector.version.is_empty() || selector.version == self.version)
            && (selector.kind.is_empty() || selector.kind == self.kind)
    }

    /// Whether the type is known to be cluster-scoped. Unknown types count as namespaced.
    pub fn is_cluster_scoped(&self) -> bool {
        is_cluster_scoped(&self.group, &self.version, &self.kind)
    }
}

impl fmt::Display for Gvk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |text: &SmolStr, missing: &'static str| -> SmolStr {
            if text.is_empty() {
                SmolStr::new_static(missing)
            } else {
                text.clone()
            }
        };
        write!(
            f,
            "{}.{}.{}",
            or(&self.kind, "[noKind]"),
            or(&self.version, "[noVer]"),
            or(&self.group, "[noGrp]")
        )
    }
}

/// Splits `group/version` at its first slash; without one all is version.
pub fn parse_group_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

// kustomize knows the scope of the types of Kubernetes 1.21.2 and of a few newer ones.
fn is_cluster_scoped(group: &str, version: &str, kind: &str) -> bool {
    let stable_or_beta = matches!(version, "v1" | "v1beta1");
    match group {
        "" => {
            version == "v1"
                && matches!(
                    kind,
                    "Namespace" | "Node" | "PersistentVolume" | "ComponentStatus" | "NodeProxyOptions"
                )
        }
        "admissionregistration.k8s.io" => match kind {
            "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration" => stable_or_beta,
            "ValidatingAdmissionPolicy" | "ValidatingAdmissionPolicyBinding" => version == "v1",
            _ => false,
        },
        "apiextensions.k8s.io" => stable_or_beta && kind == "CustomResourceDefinition",
        "apiregistration.k8s.io" => stable_or_beta && kind == "APIService",
        "certificates.k8s.io" => stable_or_beta && kind == "CertificateSigningRequest",
        "flowcontrol.apiserver.k8s.io" => {
            version == "v1beta1" && matches!(kind, "FlowSchema" | "PriorityLevelConfiguration")
        }
        "networking.k8s.io" => stable_or_beta && kind == "IngressClass",
        "node.k8s.io" => stable_or_beta && kind == "RuntimeClass",
        "policy" => version == "v1beta1" && kind == "PodSecurityPolicy",
        "rbac.authorization.k8s.io" => stable_or_beta && matches!(kind, "ClusterRole" | "ClusterRoleBinding"),
        "scheduling.k8s.io" => stable_or_beta && kind == "PriorityClass",
        "storage.k8s.io" => {
            stable_or_beta
                && matches!(
                    kind,
                    "CSIDriver" | "CSINode" | "StorageClass" | "VolumeAttachment"
                )
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_names_what_is_missing() {
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
