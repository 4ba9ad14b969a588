//! `variable-unreplaced`: a Kustomization that substitutes nothing applies `${NAME}` as it stands, where the API server
//! refuses it, in an image, or where Flux looks for a chart or a source.

use infra_model::codes;
use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use super::first_and_more;
use crate::inventory::{HELM, KUSTOMIZE, Owner, SOURCE};
use crate::linker::Linker;
use flux_evaluate::Applied;

/// Where kinds that have pods state them; other fields of Kubernetes' own kinds follow in [`FIELDS`].
const PODS: [&str; 3] = [
    "spec",
    "spec.template.spec",
    "spec.jobTemplate.spec.template.spec",
];

/// Fields of a pod that are numbers or quantities, or labels.
const POD_FIELDS: [&str; 6] = [
    "containers.*.resources.requests.*",
    "containers.*.resources.limits.*",
    "containers.*.ports.*.containerPort",
    "initContainers.*.resources.requests.*",
    "initContainers.*.resources.limits.*",
    "nodeSelector.*",
];

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let owners = linker.inventory.owners.iter();
    let of_owners = owners.clone().filter_map(|owner| of_owner(linker, owner));
    let common = owners.filter_map(|owner| common_label(linker, owner));
    let mut found: Vec<Diagnostic> = of_owners.chain(common).collect();
    if let Some(changes) = &linker.inventory.evaluation.changes_kustomizations {
        let hint = format!(
            "{changes} may give the Kustomization variables when it is applied; without them Flux substitutes nothing"
        );
        for diagnostic in &mut found {
            diagnostic.severity = Severity::Info;
            diagnostic.hint = Some(hint.clone());
        }
    }
    found
}

/// A variable in a label of `spec.commonMetadata`, which is put on after substitution
/// (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/controller/kustomization_controller.go>).
fn common_label(linker: &Linker<'_>, owner: &Owner<'_>) -> Option<Diagnostic> {
    let evaluated = owner.evaluated;
    let (id, applied) = (evaluated.id.as_ref()?, evaluated.object.as_ref()?);
    let first = evaluated
        .objects
        .iter()
        .find(|object| object.generated_by.is_none())?;
    // What its parent may replace is not known, and stands as it is written in `node` alone.
    let rendered = applied.rendered.as_ref().unwrap_or(&applied.node);
    const LABELS: [&str; 3] = ["spec", "commonMetadata", "labels"];
    let (known, labels) = (rendered.at(&LABELS)?, applied.node.at(&LABELS)?);
    let (key, value) = labels
        .iter()
        .find(|(key, value)| holds_variable(value) && known.get(key).is_some_and(holds_variable))?;
    let message = format!(
        "Kustomization {id} puts the label `{key}: {}` of `spec.commonMetadata` on {} and all else it applies as it stands, which the API \
         server refuses",
        value.text().unwrap_or_default(),
        flux_evaluate::flux::object_ref(&first.node)
    );
    Some(
        Diagnostic::error(codes::VARIABLE_UNREPLACED, message)
            .at(linker.inventory.place(value.mark).or_else(|| linker.inventory.place(applied.mark)))
            .on(format!("Kustomization/{id}"))
            .hint(
                "`spec.postBuild` of a Kustomization does not reach its own `spec`: define the variable in the Kustomization that applies \
                 it, or write the value out",
            ),
    )
}

/// One finding for all that a Kustomization applies: the first place says enough.
fn of_owner(linker: &Linker<'_>, owner: &Owner<'_>) -> Option<Diagnostic> {
    let evaluated = owner.evaluated;
    let id = evaluated.id.as_ref()?;
    // What is not here may define variables, and then Flux substitutes.
    let is_optional = || {
        let from = evaluated
            .object
            .as_ref()?
            .node
            .at(&["spec", "postBuild", "substituteFrom"])?;
        let needs = |one: &Node| one.get("optional").and_then(Node::as_bool) != Some(true);
        Some(!from.items().iter().any(needs))
    };
    let may_define = !evaluated.missing.is_empty();
    if evaluated.substituted || !evaluated.encrypted.is_empty() || (may_define && is_optional() != Some(true))
    {
        return None;
    }
    let literal = |object: &Applied| {
        // With what may define variables, `node` is as it would be then.
        let node = object
            .rendered
            .as_ref()
            .filter(|_| may_define)
            .unwrap_or(&object.node);
        if !any_text(node, &is_variable) {
            return None;
        }
        let refused = refused(node).map(|found| (found, "which the API server refuses"));
        // The API server takes any text for an image (<https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>).
        let image = || Some((image(node)?, "which is no image: its pods do not start"));
        let unresolved = || Some((unresolved(node)?, "which Flux cannot resolve"));
        let (found, why) = refused.or_else(image).or_else(unresolved)?;
        Some((found.clone(), why))
    };
    let own = evaluated
        .objects
        .iter()
        .filter(|object| object.generated_by.is_none());
    // What its parent does not replace in the Kustomization itself, such as its `targetNamespace`, is unknown, and no fault
    // of this one.
    let stated = evaluated.object.as_ref().map(|object| &object.node);
    let is_stated = |text: &Node| {
        let text = text.text().unwrap_or_default();
        stated
            .and_then(|node| node.get("spec"))
            .is_some_and(|spec| any_text(spec, &|stated| stated == text))
    };
    let found = own.filter_map(|object| Some((object, literal(object)?)));
    let found = found.filter(|(_, (node, _))| !is_stated(node));
    let ((object, (node, why)), others) = first_and_more(found)?;
    let text = node.text().unwrap_or_default();
    let object = flux_evaluate::flux::object_ref(&object.node);
    let message = format!(
        "Kustomization {id} substitutes nothing, so {object}{others} is applied with `{text}` as it stands, {why}"
    );
    let mut diagnostic =
        Diagnostic::error(codes::VARIABLE_UNREPLACED, message)
            .at(linker.inventory.place(node.mark))
            .on(format!("Kustomization/{id}"))
            .hint("define the variable in `spec.postBuild` of the Kustomization: without any variable Flux substitutes nothing, not even defaults");
    if let Some(missing) = evaluated.missing.first() {
        diagnostic.severity = Severity::Info;
        diagnostic.hint = Some(format!(
            "{missing} is optional and not in this repository: while it is not in the cluster either, Flux substitutes nothing, not \
             even defaults"
        ));
    }
    Some(diagnostic)
}

/// The first text with a variable where none can be: a name, a namespace, a host.
fn refused(object: &Node) -> Option<&Node> {
    let fields = FIELDS.iter().filter(|(kinds, _)| is_of(object, kinds));
    fields
        .flat_map(|(_, paths)| paths.iter())
        .find_map(|path| variable_at(object, path))
        .or_else(|| intervals(object).find(|node| holds_variable(node)))
        .or_else(|| {
            MAPS.iter()
                .find_map(|(kinds, path)| variable_of_map(object, kinds, path))
        })
        .or_else(|| {
            let group = object
                .text_at(&["apiVersion"])?
                .rsplit_once('/')
                .map_or("", |(group, _)| group);
            // Objects of others have fields of these names too, with forms of their own.
            let is_own = matches!(group, "" | "apps" | "batch");
            is_own.then(|| in_pods(object, &POD_FIELDS)).flatten()
        })
}

/// Fields that are numbers or have a form in which no `$` is.
const FIELDS: &[(&[&str], &[&str])] = &[
    (&[], &["metadata.name", "metadata.namespace"]),
    (
        &["networking.k8s.io/Ingress"],
        &["spec.rules.*.host", "spec.tls.*.hosts.*"],
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
        &["spec.selector.*", "spec.ports.*.port", "spec.ports.*.nodePort"],
    ),
    (&["/PersistentVolumeClaim"], &["spec.resources.requests.storage"]),
    (&["/PersistentVolume"], &["spec.capacity.storage"]),
    (&["/ResourceQuota"], &["spec.hard.*"]),
];

/// Maps of which a key, or a value too where it is a label, has a form in which no `$` is.
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

/// Whether an object is of one of some kinds, as `group/Kind`; of none means any.
fn is_of(object: &Node, kinds: &[&str]) -> bool {
    let group = flux_evaluate::flux::api_group(object);
    let kind = object.text_at(&["kind"]).unwrap_or_default();
    let mut pairs = kinds.iter().filter_map(|pair| pair.split_once('/'));
    kinds.is_empty() || pairs.any(|pair| pair == (group, kind))
}

/// The entry of a map whose key, or label, has a variable.
fn variable_of_map<'n>(object: &'n Node, kinds: &[&str], path: &[&str]) -> Option<&'n Node> {
    let map = object.at(path).filter(|_| is_of(object, kinds))?;
    let is_label = path.ends_with(&["labels"]);
    let entries = map.as_mapping().map_or(&[][..], |mapping| mapping.entries());
    entries.iter().find_map(|(key, value)| {
        let is_key = holds_variable(key);
        is_key
            .then_some(key)
            .or_else(|| Some(value).filter(|value| is_label && holds_variable(value)))
    })
}

/// The durations of Flux's own objects, for which their definitions have a pattern.
fn intervals(object: &Node) -> impl Iterator<Item = &Node> {
    let group = flux_evaluate::flux::api_group(object);
    let is_of_flux = [KUSTOMIZE, HELM, SOURCE].contains(&group);
    let fields = ["interval", "retryInterval", "timeout"].into_iter();
    fields.filter_map(move |field| object.at(&["spec", field]).filter(|_| is_of_flux))
}

/// The first image with a variable.
fn image(object: &Node) -> Option<&Node> {
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

/// The first text with a variable at a path, whose `*` is every item of a list, or every value of a map.
fn variable_at<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    if path.is_empty() {
        return Some(node).filter(|node| holds_variable(node));
    }
    let (field, rest) = path.split_once('.').unwrap_or((path, ""));
    if field != "*" {
        return variable_at(node.get(field)?, rest);
    }
    let items = node.items().iter().chain(node.iter().map(|(_, value)| value));
    items.into_iter().find_map(|item| variable_at(item, rest))
}

fn holds_variable(node: &Node) -> bool {
    node.text().is_some_and(is_variable)
}

/// The first text with a variable where Flux looks for a source or a chart.
fn unresolved(object: &Node) -> Option<&Node> {
    let group = object.text_at(&["apiVersion"])?.split_once('/')?.0;
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
    let texts = paths.iter().filter_map(|path| object.at(path));
    texts.into_iter().find(|node| holds_variable(node))
}

/// Whether a key or a text of a node is such a one.
fn any_text(node: &Node, is_such: &impl Fn(&str) -> bool) -> bool {
    let is = |node: &Node| node.text().is_some_and(is_such);
    let entries = node.as_mapping().map_or(&[][..], |mapping| mapping.entries());
    is(node)
        || node.items().iter().any(|item| any_text(item, is_such))
        || entries
            .iter()
            .any(|(key, value)| is(key) || any_text(value, is_such))
}

/// `${NAME}`, with a default or without.
fn is_variable(text: &str) -> bool {
    text.split_once("${").is_some_and(|(_, rest)| {
        rest.contains('}') && rest.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
    })
}
