//! `.Capabilities` as input of a rendering.

/// Capabilities of the cluster that templates see as `.Capabilities`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Version of Kubernetes.
    pub kube_version: KubeVersion,
    /// API versions such as `apps/v1`; those of a cluster also as `apps/v1/Deployment`.
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
const DEFAULT_API_VERSIONS: &str = include_str!("data/api_versions.txt");

impl Default for Capabilities {
    fn default() -> Self {
        Capabilities {
            kube_version: KubeVersion {
                version: DEFAULT_KUBE_VERSION.into(),
                normalized: DEFAULT_KUBE_VERSION.into(),
                major: "1".into(),
                minor: "36".into(),
            },
            api_versions: DEFAULT_API_VERSIONS.lines().map(String::from).collect(),
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
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let run = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
    let components = run.split('.').take_while(|component| !component.is_empty());
    let length: usize = components.map(|component| component.len() + 1).sum();
    run.get(..length.saturating_sub(1)).unwrap_or_default()
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
