//! The objects that decide what a HelmRelease installs.

use std::collections::BTreeMap;

use source_tree::ObjectRef;
use yaml_node::Node;

use crate::objects::Object;
use crate::pod::items;

/// The HelmRelease, the objects of its `valuesFrom`, and the source of its chart. `releases` are those of the side.
pub(crate) fn decided_by(release: &ObjectRef, releases: &BTreeMap<ObjectRef, Object<'_>>) -> Vec<ObjectRef> {
    let mut found = vec![release.clone()];
    let Some(spec) = releases.get(release).and_then(|object| object.node().get("spec")) else {
        return found;
    };
    let source = [spec.get("chartRef"), spec.at(&["chart", "spec", "sourceRef"])];
    for reference in items(spec.get("valuesFrom")).chain(source.into_iter().flatten()) {
        if let (Some(kind), Some(name)) = (reference.text_at(&["kind"]), reference.text_at(&["name"])) {
            let namespace = reference.text_at(&["namespace"]).unwrap_or(&release.namespace);
            found.push(ObjectRef::new(kind, namespace, name));
        }
    }
    found
}

/// Whether source-controller packages a chart anew only when its version changes: a chart in a folder of a source, unless it has
/// `reconcileStrategy: Revision` (<https://fluxcd.io/flux/components/source/helmcharts/#reconcile-strategy>).
pub(crate) fn is_packaged_by_version(release: &Node) -> bool {
    let chart = |path: &[&str]| release.at(&["spec", "chart", "spec"])?.text_at(path);
    matches!(chart(&["sourceRef", "kind"]), Some("GitRepository" | "Bucket"))
        && chart(&["reconcileStrategy"]) != Some("Revision")
}
