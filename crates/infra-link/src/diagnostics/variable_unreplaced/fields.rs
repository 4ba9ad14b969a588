//! Fields that cannot hold `${NAME}`: names, hosts, numbers, quantities, labels, and references of Flux.

use yaml_node::{Node, Value};

use crate::inventory::{HELM, KUSTOMIZE, SOURCE};

/// Paths of pod specs. [`FIELDS`] has other fields of Kubernetes' own kinds.
const PODS: [&str; 3] = [
    "spec",
    "spec.template.spec",
    "spec.jobTemplate.spec.template.spec",
];

/// Fields of a pod that are numbers, quantities, labels, names or enums.
const POD_FIELDS: [&str; 13] = [
    "containers.*.imagePullPolicy",
    "containers.*.name",
    "containers.*.ports.*.name",
    "containers.*.resources.requests.*",
    "containers.*.resources.limits.*",
    "containers.*.ports.*.containerPort",
    "initContainers.*.resources.requests.*",
    "initContainers.*.resources.limits.*",
    "initContainers.*.imagePullPolicy",
    "initContainers.*.name",
    "nodeSelector.*",
    "priorityClassName",
    "serviceAccountName",
];

/// The first text with a variable that the API server refuses: a name, a namespace, a host.
pub(super) fn refused(object: &Node) -> Option<&Node> {
    let name = variable_at(object, "metadata.name").filter(|_| !is_name_unrestricted(object));
    let fields = FIELDS.iter().filter(|(kinds, _)| is_of(object, kinds));
    name.or_else(|| {
        fields
            .flat_map(|(_, paths)| paths.iter())
            .find_map(|path| variable_at(object, path))
    })
    .or_else(|| intervals(object).find(|node| has_variable(node)))
    .or_else(|| {
        MAPS.iter()
            .find_map(|(kinds, path)| variable_of_map(object, kinds, path))
    })
    .or_else(|| {
        let group = object.text_at(&["apiVersion"])?.rsplit_once('/');
        let group = group.map_or("", |(group, _)| group);
        // In other groups, fields of these names may have another format.
        let is_own = matches!(group, "" | "apps" | "batch");
        is_own.then(|| in_pods(object, &POD_FIELDS)).flatten()
    })
}

/// The name of an object, if it has a variable and the API server takes it literally.
pub(super) fn literal_name(object: &Node) -> Option<&Node> {
    variable_at(object, "metadata.name").filter(|_| is_name_unrestricted(object))
}

/// Whether an object may have any name that is a path segment
/// (<https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/rbac/validation/validation.go>).
fn is_name_unrestricted(object: &Node) -> bool {
    flux_evaluate::flux::api_group(object) == "rbac.authorization.k8s.io"
}

/// Fields that are numbers or have a format without `$`.
const FIELDS: &[(&[&str], &[&str])] = &[
    (&[], &["metadata.namespace"]),
    (
        &["networking.k8s.io/Ingress"],
        &[
            "spec.rules.*.host",
            "spec.rules.*.http.paths.*.backend.service.name",
            "spec.tls.*.hosts.*",
            "spec.tls.*.secretName",
            "spec.ingressClassName",
        ],
    ),
    (
        &[
            "gateway.networking.k8s.io/HTTPRoute",
            "gateway.networking.k8s.io/GRPCRoute",
            "gateway.networking.k8s.io/TLSRoute",
        ],
        &["spec.hostnames.*"],
    ),
    (
        &["gateway.networking.k8s.io/Gateway"],
        &["spec.listeners.*.hostname", "spec.listeners.*.port"],
    ),
    (
        &["apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet"],
        &["spec.replicas"],
    ),
    (
        &["apps/StatefulSet"],
        &["spec.volumeClaimTemplates.*.spec.resources.requests.storage"],
    ),
    (
        &[
            "apps/Deployment",
            "apps/StatefulSet",
            "apps/ReplicaSet",
            "apps/DaemonSet",
        ],
        &["spec.selector.matchLabels.*"],
    ),
    (&["batch/CronJob"], &["spec.schedule"]),
    (
        &["autoscaling/HorizontalPodAutoscaler"],
        &["spec.minReplicas", "spec.maxReplicas"],
    ),
    (
        &["policy/PodDisruptionBudget"],
        &[
            "spec.minAvailable",
            "spec.maxUnavailable",
            "spec.selector.matchLabels.*",
        ],
    ),
    (
        &["networking.k8s.io/NetworkPolicy"],
        &[
            "spec.podSelector.matchLabels.*",
            "spec.ingress.*.from.*.podSelector.matchLabels.*",
            "spec.ingress.*.from.*.namespaceSelector.matchLabels.*",
            "spec.ingress.*.from.*.ipBlock.cidr",
            "spec.egress.*.to.*.podSelector.matchLabels.*",
            "spec.egress.*.to.*.namespaceSelector.matchLabels.*",
            "spec.egress.*.to.*.ipBlock.cidr",
        ],
    ),
    (
        &["/Service"],
        &[
            "spec.selector.*",
            "spec.ports.*.port",
            "spec.ports.*.name",
            "spec.ports.*.nodePort",
            "spec.type",
            "spec.externalName",
            "spec.loadBalancerSourceRanges.*",
        ],
    ),
    (
        &["/PersistentVolumeClaim"],
        &["spec.resources.requests.storage", "spec.accessModes.*"],
    ),
    (
        &["/PersistentVolume"],
        &["spec.capacity.storage", "spec.accessModes.*"],
    ),
    (&["/ResourceQuota"], &["spec.hard.*"]),
];

/// Maps whose keys, and in labels also values, have a format without `$`.
const MAPS: &[(&[&str], &[&str])] = &[
    (&[], &["metadata", "labels"]),
    (
        &[
            "apps/Deployment",
            "apps/StatefulSet",
            "apps/DaemonSet",
            "batch/Job",
        ],
        &["spec", "template", "metadata", "labels"],
    ),
    (&["/ConfigMap", "/Secret"], &["data"]),
    (&["/ConfigMap"], &["binaryData"]),
    (&["/Secret"], &["stringData"]),
];

/// Whether an object has one of some kinds, as `group/Kind`; an empty list means any.
fn is_of(object: &Node, kinds: &[&str]) -> bool {
    let group = flux_evaluate::flux::api_group(object);
    let kind = object.text_at(&["kind"]).unwrap_or_default();
    let mut pairs = kinds.iter().filter_map(|pair| pair.split_once('/'));
    kinds.is_empty() || pairs.any(|pair| pair == (group, kind))
}

/// The first key of a map, or value of labels, with a variable.
fn variable_of_map<'n>(object: &'n Node, kinds: &[&str], path: &[&str]) -> Option<&'n Node> {
    let map = object.at(path).filter(|_| is_of(object, kinds))?;
    let is_label = path.ends_with(&["labels"]);
    let entries = map.as_mapping().map_or(&[][..], |mapping| mapping.entries());
    let mut texts = entries
        .iter()
        .flat_map(|(key, value)| [Some(key), is_label.then_some(value)]);
    texts.find_map(|text| text.filter(|text| has_variable(text)))
}

/// The durations of Flux's own objects, whose definitions have a pattern for them.
fn intervals(object: &Node) -> impl Iterator<Item = &Node> {
    let group = flux_evaluate::flux::api_group(object);
    let is_of_flux = [KUSTOMIZE, HELM, SOURCE].contains(&group);
    let fields = ["interval", "retryInterval", "timeout"].into_iter();
    fields.filter_map(move |field| object.at(&["spec", field]).filter(|_| is_of_flux))
}

/// The first image with a variable.
pub(super) fn image(object: &Node) -> Option<&Node> {
    in_pods(object, &["containers.*.image", "initContainers.*.image"])
}

/// The first text with a variable at some path of the pods of an object.
fn in_pods<'n>(object: &'n Node, paths: &[&str]) -> Option<&'n Node> {
    let mut pods = PODS.iter().filter_map(|pod| at(object, pod));
    pods.find_map(|pod| paths.iter().find_map(|path| variable_at(pod, path)))
}

fn at<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    path.split('.').try_fold(node, |node, field| node.get(field))
}

/// The first text with a variable at a path, in which `*` means every item of a list or every value of a map.
fn variable_at<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    if path.is_empty() {
        return Some(node).filter(|node| has_variable(node));
    }
    let (field, rest) = path.split_once('.').unwrap_or((path, ""));
    if field != "*" {
        return variable_at(node.get(field)?, rest);
    }
    let mut items = node.items().iter().chain(node.iter().map(|(_, value)| value));
    items.find_map(|item| variable_at(item, rest))
}

pub(super) fn has_variable(node: &Node) -> bool {
    node.text().is_some_and(is_variable)
}

/// The first text with a variable where Flux looks for a source or a chart.
pub(super) fn unresolved(object: &Node) -> Option<&Node> {
    let group = flux_evaluate::flux::api_group(object);
    let paths: &[&[&str]] = match (group, object.text_at(&["kind"])?) {
        (HELM, "HelmRelease") => &[
            &["spec", "chart", "spec", "chart"],
            &["spec", "chart", "spec", "version"],
            &["spec", "chart", "spec", "sourceRef", "name"],
            &["spec", "chartRef", "name"],
        ],
        (SOURCE, _) => &[
            &["spec", "url"],
            &["spec", "endpoint"],
            &["spec", "bucketName"],
            &["spec", "ref", "branch"],
            &["spec", "ref", "tag"],
            &["spec", "ref", "semver"],
            &["spec", "chart"],
            &["spec", "version"],
        ],
        (KUSTOMIZE, "Kustomization") => &[&["spec", "sourceRef", "name"]],
        _ => &[],
    };
    let mut texts = paths.iter().filter_map(|path| object.at(path));
    texts.find(|node| has_variable(node))
}

/// Whether any key or text below a node matches.
pub(super) fn has_text(node: &Node, is_match: &impl Fn(&str) -> bool) -> bool {
    match &node.value {
        Value::Scalar(scalar) => is_match(&scalar.text),
        Value::Sequence(items) => items.iter().any(|item| has_text(item, is_match)),
        Value::Mapping(mapping) => {
            let mut entries = mapping.entries().iter();
            entries.any(|(key, value)| key.text().is_some_and(is_match) || has_text(value, is_match))
        }
    }
}

/// `${NAME}`, with a default or without.
pub(super) fn is_variable(text: &str) -> bool {
    // Few texts have a `$`, which is found faster than two characters.
    let after = text.contains('$').then(|| text.split_once("${")).flatten();
    after.is_some_and(|(_, rest)| {
        rest.contains('}') && rest.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
    })
}
