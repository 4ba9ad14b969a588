//! Checks of a kustomization file: not empty, and of a known kind and version.

use super::types::Kustomization;
use crate::BuildError;

const KUSTOMIZATION: &str = "Kustomization";
pub(crate) const COMPONENT: &str = "Component";

/// The error for an empty file.
pub(super) fn empty() -> BuildError {
    BuildError::kustomization("kustomization.yaml is empty")
}

/// Fills in kind and version and rejects unknown ones.
pub(super) fn enforce(kustomization: &mut Kustomization) -> Result<(), BuildError> {
    if kustomization.kind.is_empty() {
        kustomization.kind = KUSTOMIZATION.into();
    }
    let required = if kustomization.kind == COMPONENT {
        "kustomize.config.k8s.io/v1alpha1"
    } else {
        "kustomize.config.k8s.io/v1beta1"
    };
    if kustomization.api_version.is_empty() {
        kustomization.api_version = required.into();
    }
    let mut faults = Vec::new();
    if kustomization.kind != KUSTOMIZATION && kustomization.kind != COMPONENT {
        faults.push(format!("kind should be {KUSTOMIZATION} or {COMPONENT}"));
    }
    if kustomization.api_version != required {
        faults.push(format!(
            "apiVersion for {} should be {required}",
            kustomization.kind
        ));
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(BuildError::kustomization_type(faults.join("\n")).at(kustomization.mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_and_version_must_fit() {
        for (kind, api_version, expected) in [
            ("", "", None),
            ("Component", "", None),
            (
                "Component",
                "kustomize.config.k8s.io/v1beta1",
                Some("apiVersion for Component should be kustomize.config.k8s.io/v1alpha1"),
            ),
            ("Foo", "", Some("kind should be Kustomization or Component")),
        ] {
            let mut kustomization = Kustomization {
                kind: kind.into(),
                api_version: api_version.into(),
                ..Kustomization::default()
            };
            let error = enforce(&mut kustomization).err().map(|error| error.to_string());
            assert_eq!(error.as_deref(), expected);
        }
    }
}
