//! Annotations that keep an object in the cluster when its owner no longer applies it.

use crate::objects::Object;

/// The mark that the owner of an object respects
/// (<https://fluxoperator.dev/docs/crd/resourceset/#garbage-collection>,
/// <https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-garbage-collection>).
pub(crate) fn mark_that_keeps(object: &Object<'_>) -> &'static str {
    match &object.applied.generated_by {
        None => "kustomize.toolkit.fluxcd.io/prune: disabled",
        Some(maker) if maker.kind == "HelmRelease" => "helm.sh/resource-policy: keep",
        Some(_) => "fluxcd.controlplane.io/prune: disabled",
    }
}
