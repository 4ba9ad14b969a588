//! Helm release name of a HelmRelease.
//!
//! Rules: [internal/release/name.go](https://github.com/fluxcd/helm-controller/blob/v1.6.4/internal/release/name.go).

use sha2::{Digest, Sha256};

/// Longest name of a release, in bytes.
const NAME_BYTES: usize = 53;
/// Kept bytes of a longer name.
const PREFIX_BYTES: usize = 40;
/// Hexadecimal digits of its hash.
const HASH_DIGITS: usize = 12;

/// The release's name: `spec.releaseName`, or the object's name with the target namespace, if any, before it. A name that is too
/// long for Helm is cut and ends with a hash.
///
/// ```
/// assert_eq!(helm_release::release_name(None, None, "loki"), "loki");
/// assert_eq!(helm_release::release_name(None, Some("logs"), "loki"), "logs-loki");
/// assert_eq!(helm_release::release_name(Some("l"), Some("logs"), "loki"), "l");
/// ```
pub fn release_name(release_name: Option<&str>, target_namespace: Option<&str>, name: &str) -> String {
    let full = match (
        release_name.unwrap_or_default(),
        target_namespace.unwrap_or_default(),
    ) {
        ("", "") => name.to_owned(),
        ("", namespace) => format!("{namespace}-{name}"),
        (release_name, _) => release_name.to_owned(),
    };
    if full.len() <= NAME_BYTES {
        return full;
    }
    let digest = Sha256::digest(full.as_bytes());
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let prefix =
        String::from_utf8_lossy(full.as_bytes().get(..PREFIX_BYTES).unwrap_or_default()).into_owned();
    format!("{prefix}-{}", hash.get(..HASH_DIGITS).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_end_in_a_hash() {
        let name = release_name(
            None,
            Some("a-namespace-with-a-rather-long-name"),
            "and-a-release-with-one",
        );
        assert_eq!(name.len(), NAME_BYTES);
        assert!(name.starts_with("a-namespace-with-a-rather-long-name-and--"));
        assert_eq!(release_name(Some(&"x".repeat(53)), None, "y"), "x".repeat(53));
    }
}
