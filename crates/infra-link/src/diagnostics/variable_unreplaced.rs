//! `variable-unreplaced`: a Kustomization that substitutes nothing applies `${NAME}` as it stands, where the API server
//! refuses it, in an image, or where Flux looks for a chart or a source.

use infra_model::codes;
use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use super::first_and_more;
use crate::inventory::{HELM, KUSTOMIZE, Owner, SOURCE};
use crate::linker::Linker;
use flux_evaluate::Applied;

/// Paths of lists of containers.
const CONTAINERS: [&[&str]; 6] = [
    &["spec", "containers"],
    &["spec", "template", "spec", "containers"],
    &["spec", "template", "spec", "initContainers"],
    &["spec", "jobTemplate", "spec", "template", "spec", "containers"],
    &[
        "spec",
        "jobTemplate",
        "spec",
        "template",
        "spec",
        "initContainers",
    ],
    &["spec", "initContainers"],
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
    if evaluated.substituted || !evaluated.missing.is_empty() || !evaluated.encrypted.is_empty() {
        return None;
    }
    let literal = |object: &Applied| {
        let node = &object.node;
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
            .is_some_and(|spec| holds(spec, text))
    };
    let found = own.filter_map(|object| Some((object, literal(object)?)));
    let found = found.filter(|(_, (node, _))| !is_stated(node));
    let ((object, (node, why)), others) = first_and_more(found)?;
    let text = node.text().unwrap_or_default();
    let object = flux_evaluate::flux::object_ref(&object.node);
    let message = format!(
        "Kustomization {id} substitutes nothing, so {object}{others} is applied with `{text}` as it stands, {why}"
    );
    Some(
        Diagnostic::error(codes::VARIABLE_UNREPLACED, message)
            .at(linker.inventory.place(node.mark))
            .on(format!("Kustomization/{id}"))
            .hint("define the variable in `spec.postBuild` of the Kustomization: without any variable Flux substitutes nothing, not even defaults"),
    )
}

/// The first text with a variable where none can be: a name, a namespace, a host.
fn refused(object: &Node) -> Option<&Node> {
    let metadata = ["name", "namespace"]
        .iter()
        .filter_map(|field| object.at(&["metadata", field]));
    let is_ingress = object.text_at(&["kind"]) == Some("Ingress");
    let rules = object
        .at(&["spec", "rules"])
        .filter(|_| is_ingress)
        .into_iter()
        .flat_map(Node::items);
    let hosts = rules.filter_map(|rule| rule.get("host"));
    let is_route = object
        .text_at(&["apiVersion"])
        .is_some_and(|version| version.starts_with("gateway.networking.k8s.io/"));
    let names = object.at(&["spec", "hostnames"]).filter(|_| is_route);
    let names = names.into_iter().flat_map(Node::items);
    let texts = metadata.chain(hosts).chain(names);
    let fields = FIELDS.iter().filter(|(kinds, _)| is_of(object, kinds));
    let fields = fields.filter_map(|(_, path)| object.at(path));
    let mut texts = texts.chain(fields).chain(intervals(object));
    texts
        .find(|node| holds_variable(node))
        .or_else(|| {
            MAPS.iter()
                .find_map(|(kinds, path)| variable_of_map(object, kinds, path))
        })
        .or_else(|| quantity(object))
}

/// Fields of Kubernetes' own kinds that are numbers or have a form in which no `$` is.
const FIELDS: &[(&[&str], &[&str])] = &[
    (
        &["apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet"],
        &["spec", "replicas"],
    ),
    (&["batch/CronJob"], &["spec", "schedule"]),
    (&["autoscaling/HorizontalPodAutoscaler"], &["spec", "minReplicas"]),
    (&["autoscaling/HorizontalPodAutoscaler"], &["spec", "maxReplicas"]),
    (
        &["/PersistentVolumeClaim"],
        &["spec", "resources", "requests", "storage"],
    ),
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
    let version = object.text_at(&["apiVersion"]).unwrap_or_default();
    let group = version.split_once('/').map_or("", |(group, _)| group);
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

/// The first quantity of a container with a variable.
fn quantity(object: &Node) -> Option<&Node> {
    let containers = CONTAINERS.iter().filter_map(|path| object.at(path));
    let resources = containers
        .flat_map(Node::items)
        .filter_map(|one| one.get("resources"));
    let lists = resources.flat_map(|resources| [resources.get("requests"), resources.get("limits")]);
    let mut quantities = lists.flatten().flat_map(Node::iter).map(|(_, value)| value);
    quantities.find(|node| holds_variable(node))
}

/// The durations of Flux's own objects, for which their definitions have a pattern.
fn intervals(object: &Node) -> impl Iterator<Item = &Node> {
    let version = object.text_at(&["apiVersion"]).unwrap_or_default();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let is_of_flux = [KUSTOMIZE, HELM, SOURCE].contains(&group);
    let fields = ["interval", "retryInterval", "timeout"].into_iter();
    fields.filter_map(move |field| object.at(&["spec", field]).filter(|_| is_of_flux))
}

/// The first image with a variable.
fn image(object: &Node) -> Option<&Node> {
    let containers = CONTAINERS
        .iter()
        .filter_map(|path| object.at(path))
        .flat_map(Node::items);
    let mut images = containers.filter_map(|container| container.get("image"));
    images.find(|node| holds_variable(node))
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

/// Whether any text below a node is `text`.
fn holds(node: &Node, text: &str) -> bool {
    node.as_str() == Some(text)
        || node.items().iter().any(|item| holds(item, text))
        || node.iter().any(|(_, value)| holds(value, text))
}

/// `${NAME}`, with a default or without.
fn is_variable(text: &str) -> bool {
    text.split_once("${").is_some_and(|(_, rest)| {
        rest.contains('}') && rest.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
    })
}
