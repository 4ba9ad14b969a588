//! `field-invalid`: fields of Kubernetes' own kinds that the API server refuses: strings, numbers, selectors, fields of another kind
//! and lists with two items of one name. Only common mistakes that are certain without the definitions.

use std::collections::BTreeSet;

use infra_model::codes;
use source_tree::{Diagnostic, Mark, Severity};
use yaml_node::{Node, Tag};

use super::place_or_source;
use crate::inventory::Object;
use crate::linker::Linker;
use crate::pod_spec::{Container, PodTemplate, is_workload};
use crate::view::View;

/// Most findings about one object.
const MOST: usize = 10;

/// Fields of `spec` that a kind lacks and a related kind has, with the field to use instead.
const FIELDS_OF_OTHERS: &[(&str, &str, Option<&str>)] = &[
    ("StatefulSet", "strategy", Some("updateStrategy")),
    ("DaemonSet", "strategy", Some("updateStrategy")),
    ("DaemonSet", "replicas", None),
    ("Deployment", "updateStrategy", Some("strategy")),
];

/// A field that is wrong.
struct Wrong {
    severity: Severity,
    message: String,
    mark: Mark,
    hint: String,
}

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    // Helm reports the fields of a chart's objects when it installs the chart.
    for object in inventory.objects.iter().filter(|object| !object.is_of_chart()) {
        let mut wrong = Vec::new();
        let view = inventory.view(object);
        texts(object, view, &mut wrong);
        if is_workload(object) && object.group != "argoproj.io" && object.group != "serving.knative.dev" {
            of_other_kinds(object, view, &mut wrong);
            if let Some(pods) = PodTemplate::of(inventory, object) {
                selector(object, view, pods, &mut wrong);
                containers(pods, &mut wrong);
            }
            if let Some(replicas) = view.at(&["spec", "replicas"]) {
                number("spec.replicas", replicas, &mut wrong);
            }
        }
        if wrong.is_empty() {
            continue;
        }
        let id = object.object_name().to_string();
        findings.extend(wrong.into_iter().take(MOST).map(|wrong| {
            let message = format!("{id}: {}", wrong.message);
            Diagnostic::new(wrong.severity, codes::FIELD_INVALID, message)
                .at(place_or_source(inventory, object, wrong.mark))
                .on(id.clone())
                .hint(wrong.hint)
        }));
    }
    findings
}

/// Labels, annotations and data that are not strings.
fn texts(object: &Object<'_>, view: View<'_>, wrong: &mut Vec<Wrong>) {
    let metadata = view.get("metadata");
    for field in ["labels", "annotations"] {
        for (key, value) in metadata
            .into_iter()
            .flat_map(|metadata| metadata.entries_of(field))
        {
            text(&format!("metadata.{field}.{key}"), value, wrong);
        }
    }
    let of_kind: &[&str] = match (object.group, object.kind) {
        ("", "ConfigMap") => &["data"],
        ("", "Secret") => &["data", "stringData"],
        _ => &[],
    };
    for field in of_kind {
        for (key, value) in view.entries_of(field) {
            text(&format!("{field}.{key}"), value, wrong);
        }
    }
}

/// A field that has to be a string. The API server takes null for an empty string, and a string that substitution turns into another
/// type is another finding.
fn text(field: &str, value: View<'_>, wrong: &mut Vec<Wrong>) {
    let built = value.built.unwrap_or(value.node);
    // If one label is not a string, Flux reads none of the object's labels, and replaces them all by its own
    // (`SetOwnerLabels` of <https://github.com/fluxcd/pkg/blob/main/ssa/manager.go>).
    let is_label = field.starts_with("metadata.labels.");
    let is_null = is_label && built.is_null() && value.node.is_null();
    let found = type_of(built).filter(|_| type_of(value.node).is_some());
    let Some(found) = found.or(is_null.then_some("null")) else {
        return;
    };
    let (severity, hint) = match is_label {
        true => (
            Severity::Warning,
            "Flux applies the object without any of its labels; quote a text that reads as another type",
        ),
        false => (
            Severity::Error,
            "the API server refuses it; quote a text that reads as another type",
        ),
    };
    wrong.push(Wrong {
        severity,
        message: format!("`{field}` is {found}, and has to be a string"),
        mark: value.mark(),
        hint: hint.to_owned(),
    });
}

/// The type of a value that is neither a string nor null.
fn type_of(node: &Node) -> Option<&'static str> {
    match node.as_scalar().map(|scalar| &scalar.tag) {
        Some(Tag::Int | Tag::Float) => Some("a number"),
        Some(Tag::Bool) => Some("a boolean"),
        Some(_) => None,
        None if node.as_sequence().is_some() => Some("a list"),
        None => Some("a mapping"),
    }
}

/// A field that has to be a number, and is a string of digits.
fn number(field: &str, value: View<'_>, wrong: &mut Vec<Wrong>) {
    let is_text = |node: &Node| {
        node.as_str()
            .is_some_and(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if is_text(value.node) && value.built.is_none_or(is_text) {
        wrong.push(Wrong {
            severity: Severity::Error,
            message: format!("`{field}` is a string, and has to be a number"),
            mark: value.mark(),
            hint: "the API server refuses it; remove the quotes".to_owned(),
        });
    }
}

fn of_other_kinds(object: &Object<'_>, view: View<'_>, wrong: &mut Vec<Wrong>) {
    for (kind, field, instead) in FIELDS_OF_OTHERS {
        let stated = view.at(&["spec", field]).filter(|_| *kind == object.kind);
        let Some(stated) = stated.filter(|stated| !stated.node.is_null()) else {
            continue;
        };
        wrong.push(Wrong {
            severity: Severity::Error,
            message: format!("a {kind} has no field `spec.{field}`"),
            mark: stated.mark(),
            hint: match instead {
                Some(instead) => {
                    format!("Flux applies nothing of the Kustomization; there is `spec.{instead}`: did you mean that?")
                }
                None => "Flux applies nothing of the Kustomization; remove it".to_owned(),
            },
        });
    }
}

/// A selector that does not match the workload's own pod template.
fn selector(object: &Object<'_>, view: View<'_>, pods: PodTemplate<'_>, wrong: &mut Vec<Wrong>) {
    if object.group != "apps" {
        return;
    }
    let wanted = view.at(&["spec", "selector", "matchLabels"]);
    for (key, value) in wanted.into_iter().flat_map(View::entries) {
        let Some(wanted) = value.text() else { continue };
        let label = pods.label(key);
        let is_unknown = |text: &str| text.contains("${");
        if label == Some(wanted) || is_unknown(wanted) || label.is_some_and(is_unknown) || is_unknown(key) {
            continue;
        }
        let has = match label {
            Some(label) => format!("is `{label}` there"),
            None => "is not there".to_owned(),
        };
        wrong.push(Wrong {
            severity: Severity::Error,
            message: format!(
                "`spec.selector` wants the label `{key}: {wanted}` of the pod template, which {has}"
            ),
            mark: value.mark(),
            hint: "the API server refuses a workload that does not select its own pods".to_owned(),
        });
    }
}

fn containers(pods: PodTemplate<'_>, wrong: &mut Vec<Wrong>) {
    let containers: Vec<Container<'_>> = pods.containers().collect();
    let names = containers
        .iter()
        .filter_map(|container| Some((container.name?.to_owned(), container.view)));
    twice("the pod", "a container", names, wrong);
    for container in &containers {
        let name = container.name.unwrap_or_default();
        let of = format!("container {name}");
        let env = || container.view.items_at(&["env"]);
        for entry in env() {
            if let (Some(name), Some(value)) = (entry.text_of("name"), entry.get("value")) {
                text(&format!("env {name}"), value, wrong);
            }
        }
        let names = env().filter_map(|entry| Some((entry.text_of("name")?.to_owned(), entry)));
        twice(&of, "env", names, wrong);
        let ports = || container.view.items_at(&["ports"]);
        for port in ports().filter_map(|port| port.get("containerPort")) {
            number("containerPort", port, wrong);
        }
        let numbers = ports().filter_map(|port| {
            let protocol = port.text_of("protocol").unwrap_or("TCP");
            Some((format!("{} {protocol}", port.text_of("containerPort")?), port))
        });
        twice(&of, "port", numbers, wrong);
    }
}

/// Items of a list with the same key, which the API server takes only once.
fn twice<'v>(of: &str, what: &str, items: impl Iterator<Item = (String, View<'v>)>, wrong: &mut Vec<Wrong>) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (name, item) in items {
        if seen.insert(name.clone()) {
            continue;
        }
        wrong.push(Wrong {
            severity: Severity::Warning,
            message: format!("{of} has {what} {name} twice"),
            mark: item.get("name").map_or(item.mark(), View::mark),
            hint: "server-side apply, which Flux uses, refuses a list with two items of one key: remove one"
                .to_owned(),
        });
    }
}
