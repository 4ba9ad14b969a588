//! What the objects of a HelmRelease follow from.

use std::collections::BTreeMap;

use source_tree::ObjectRef;
use yaml_node::Node;

use crate::objects::Object;

/// The objects that decide what a release is rendered with: the HelmRelease, those of its `valuesFrom`, and the source of its chart.
///
/// `releases` are those of the side.
pub(crate) fn decided_by(release: &ObjectRef, releases: &BTreeMap<ObjectRef, Object<'_>>) -> Vec<ObjectRef> {
    let mut found = vec![release.clone()];
    let Some(object) = releases.get(release) else {
        return found;
    };
    let Some(spec) = object.node().get("spec") else {
        return found;
    };
    let from = spec.get("valuesFrom").map(Node::items).unwrap_or_default();
    let source = [spec.get("chartRef"), spec.at(&["chart", "spec", "sourceRef"])];
    for reference in from.iter().chain(source.into_iter().flatten()) {
        if let (Some(kind), Some(name)) = (reference.text_at(&["kind"]), reference.text_at(&["name"])) {
            let namespace = reference.text_at(&["namespace"]).unwrap_or(&release.namespace);
            found.push(ObjectRef::new(kind, namespace, name));
        }
    }
    found
}

/// Whether source-controller packages a chart anew only when its version changes: one in a folder of a source, unless
/// `reconcileStrategy: Revision` is stated (<https://fluxcd.io/flux/components/source/helmcharts/#reconcile-strategy>).
pub(crate) fn is_packaged_by_version(release: &Node) -> bool {
    let chart = |path: &[&str]| release.at(&["spec", "chart", "spec"])?.text_at(path);
    matches!(chart(&["sourceRef", "kind"]), Some("GitRepository" | "Bucket"))
        && chart(&["reconcileStrategy"]) != Some("Revision")
}
