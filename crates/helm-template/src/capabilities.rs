//! `.Capabilities` as input of a rendering.

/// Capabilities of the cluster that templates see as `.Capabilities`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Version of Kubernetes.
    pub kube_version: KubeVersion,
    /// API versions, as `apps/v1`; those of a cluster also as `apps/v1/Deployment`.
    pub api_versions: Vec<String>,
}

/// A version of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeVersion {
    /// With a leading `v` and a vendor's suffix, such as `v1.33.4-gke.1245000`.
    pub version: String,
    /// Without the vendor's suffix, for a chart's `kubeVersion`.
    pub normalized: String,
    /// Major version.
    pub major: String,
    /// Minor version.
    pub minor: String,
}

/// The default of `helm template` 4.2.4.
const DEFAULT_KUBE_VERSION: &str = "v1.36.0";

/// API versions built into Helm 4.2.4, in its order: client-go's scheme and apiextensions.
const DEFAULT_API_VERSIONS: [&str; 55] = [
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha2",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

impl Default for Capabilities {
    fn default() -> Self {
        Capabilities {
            kube_version: KubeVersion {
                version: DEFAULT_KUBE_VERSION.into(),
                normalized: DEFAULT_KUBE_VERSION.into(),
                major: "1".into(),
                minor: "36".into(),
            },
            api_versions: DEFAULT_API_VERSIONS.map(String::from).to_vec(),
        }
    }
}

impl KubeVersion {
    /// Parses the argument of `--kube-version`: two or more numbers, optionally with a `v` before them and a suffix.
    ///
    /// Rules: `ParseGeneric` of
    /// [apimachinery](https://github.com/kubernetes/apimachinery/blob/v0.36.1/pkg/util/version/version.go).
    ///
    /// # Errors
    /// Helm's message.
    pub fn parse(text: &str) -> Result<Self, String> {
        let start = text.trim_start();
        let start = start.strip_prefix('v').unwrap_or(start);
        let numbers = numbers(start);
        let quoted = go_std::quote::quote(text);
        if numbers.is_empty() || start.contains('\n') {
            return Err(format!("could not parse {quoted} as version"));
        }
        let mut parts = Vec::new();
        let components: Vec<&str> = numbers.split('.').collect();
        if components.len() < 2 {
            return Err(format!("illegal version string {quoted}"));
        }
        for (index, component) in components.into_iter().enumerate() {
            let shown = go_std::quote::quote(component);
            if index == 0 && component.len() > 1 && component.starts_with('0') {
                return Err(format!(
                    "illegal zero-prefixed version component {shown} in {quoted}"
                ));
            }
            let number: u64 = component.parse().map_err(|_| {
                format!(
                    "illegal non-numeric version component {shown} in {quoted}: strconv.ParseUint: parsing {shown}: \
                     value out of range"
                )
            })?;
            parts.push(number.to_string());
        }
        let part = |index: usize| parts.get(index).cloned().unwrap_or_default();
        Ok(KubeVersion {
            version: if text.starts_with('v') {
                text.to_owned()
            } else {
                format!("v{text}")
            },
            normalized: format!("v{}", parts.join(".")),
            major: part(0),
            minor: part(1),
        })
    }
}

/// The leading `1.33.4` of a text: digits, separated by single dots.
fn numbers(text: &str) -> &str {
    let mut end = 0;
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    loop {
        let count = digits(end);
        end += count;
        if count == 0 || bytes.get(end) != Some(&b'.') || digits(end + 1) == 0 {
            break;
        }
        end += 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_parse_as_in_helm() {
        let parsed = KubeVersion::parse("1.33.4-gke.1").unwrap();
        assert_eq!(
            (parsed.version.as_str(), parsed.normalized.as_str()),
            ("v1.33.4-gke.1", "v1.33.4")
        );
        assert_eq!((parsed.major.as_str(), parsed.minor.as_str()), ("1", "33"));
        assert_eq!(KubeVersion::parse("1.2.3.4").unwrap().normalized, "v1.2.3.4");
        assert_eq!(KubeVersion::parse("1.2.x").unwrap().normalized, "v1.2");
        for (text, error) in [
            (
                "v01.2",
                "illegal zero-prefixed version component \"01\" in \"v01.2\"",
            ),
            ("1", "illegal version string \"1\""),
            ("x", "could not parse \"x\" as version"),
        ] {
            assert_eq!(KubeVersion::parse(text).unwrap_err(), error);
        }
    }
}
