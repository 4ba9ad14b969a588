//! `variable-unreplaced`: a Kustomization that substitutes nothing applies `${NAME}` as it stands, where the API server
//! refuses it, or where Flux looks for a chart or a source.

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
    let mut found: Vec<Diagnostic> = owners.filter_map(|owner| of_owner(linker, owner)).collect();
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
        let (found, why) = refused.or_else(|| Some((unresolved(node)?, "which Flux cannot resolve")))?;
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

/// The first text with a variable where none can be: a name, a namespace, an image, a host.
fn refused(object: &Node) -> Option<&Node> {
    let holds = |node: &&Node| node.text().is_some_and(is_variable);
    let metadata = ["name", "namespace"]
        .iter()
        .filter_map(|field| object.at(&["metadata", field]));
    let containers = CONTAINERS
        .iter()
        .filter_map(|path| object.at(path))
        .flat_map(Node::items);
    let images = containers.filter_map(|container| container.get("image"));
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
    metadata.chain(images).chain(hosts).chain(names).find(holds)
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
    texts
        .into_iter()
        .find(|node| node.text().is_some_and(is_variable))
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
