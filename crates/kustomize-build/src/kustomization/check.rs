//! What a kustomization file must be beyond its types: not empty, and of a known kind and version.

use super::Kustomization;
use crate::BuildError;

const KUSTOMIZATION: &str = "Kustomization";
pub(crate) const COMPONENT: &str = "Component";

/// The error of a file that states nothing.
pub(super) fn empty() -> BuildError {
    BuildError::kustomization("kustomization.yaml is empty")
}

/// Fills in kind and version, and refuses foreign ones.
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
    Err(BuildError::kustomization(faults.join("\n")).at(kustomization.mark))
}
