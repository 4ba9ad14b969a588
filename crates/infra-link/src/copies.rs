//! Secrets and ConfigMaps into which a controller copies others.

use crate::view::View;

/// Annotations that name what is copied, as `namespace/name`: of
/// [reflector](https://github.com/emberstack/kubernetes-reflector#usage) and
/// [kubernetes-replicator](https://github.com/mittwald/kubernetes-replicator#pull-based-replication).
const ANNOTATIONS: &[&str] = &[
    "reflector.v1.k8s.emberstack.com/reflects",
    "replicator.v1.mittwald.de/replicate-from",
];

/// `namespace/name` of what is copied into an object.
pub(crate) fn copy_of(view: View<'_>) -> Option<String> {
    let annotations = view.at(&["metadata", "annotations"])?;
    let origin = ANNOTATIONS.iter().find_map(|key| annotations.text_of(key))?;
    let (namespace, name) = origin.split_once('/')?;
    (!namespace.is_empty() && !name.is_empty()).then(|| origin.to_owned())
}
