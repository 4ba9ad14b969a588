//! The pods that a workload makes.

use yaml_node::Node;

use crate::objects::Object;

/// The pod specification of a workload.
pub(crate) fn pod_spec<'a>(object: &Object<'a>) -> Option<&'a Node> {
    let spec = object.node().get("spec")?;
    match object.kind() {
        "Pod" => Some(spec),
        "CronJob" => spec.at(&["jobTemplate", "spec", "template", "spec"]),
        "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicaSet"
        | "Job"
        | "ReplicationController"
        | "Rollout" => spec.at(&["template", "spec"]),
        _ => None,
    }
}

/// The containers of a pod specification, those that initialise it included.
pub(crate) fn containers(pod: &Node) -> impl Iterator<Item = &Node> {
    ["initContainers", "containers"]
        .into_iter()
        .filter_map(|field| pod.get(field))
        .flat_map(Node::items)
}
