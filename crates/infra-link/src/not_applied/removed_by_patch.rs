//! `removedByPatch`: a patch deletes an object, or takes a container, a variable, a volume, a key or a value away from one.

use flux_evaluate::{Evaluated, Evaluation};
use foldhash::{HashMap, HashMapExt};
use infra_model::{NotApplied, NotAppliedReason};
use kustomize_build::{Removal, RemovedPart};
use source_tree::Mark;
use yaml_node::Node;

use super::name_of;

/// What patches take away in the builds of a cluster.
pub(super) fn find(evaluation: &Evaluation) -> Vec<NotApplied> {
    let evaluated = evaluation.evaluated();
    evaluated
        .flat_map(|evaluated| of_build(evaluation, evaluated))
        .collect()
}

fn of_build(evaluation: &Evaluation, evaluated: &Evaluated) -> Vec<NotApplied> {
    if evaluated.removals.is_empty() {
        return Vec::new();
    }
    let mut objects: HashMap<Mark, &Node> = HashMap::with_capacity(evaluated.objects.len());
    for applied in &evaluated.objects {
        objects.insert(applied.mark, &applied.node);
    }
    let found = evaluated.removals.iter().filter_map(|removal| {
        let object = objects.get(&removal.mark).copied();
        let (kind, name, source, part_of) = match &removal.part {
            None => (
                removal.id.gvk.kind.to_string(),
                removal.id.name.to_string(),
                removal.mark,
                None,
            ),
            Some(part) => {
                let object = object?;
                if holds(object, part) {
                    return None;
                }
                let id = flux_evaluate::flux::object_ref(object);
                let kind = kind_of(&part.path, &id.kind)?.to_owned();
                (kind, part.name.clone(), part.mark, Some(id))
            }
        };
        let namespace = match &part_of {
            Some(id) => id.namespace.clone(),
            None => namespace(evaluated, removal),
        };
        Some(NotApplied {
            kind,
            namespace,
            name,
            part_of,
            reason: NotAppliedReason::RemovedByPatch,
            source: evaluation.files.place(source),
            evidence: evaluation.files.place(removal.by),
            by: name_of(evaluated),
            detail: removal.part.as_ref().map(|part| part.path.clone()),
            would_fail: None,
        })
    });
    found.collect()
}

/// The namespace of a deleted object, as far as its file or its Kustomization states it.
fn namespace(evaluated: &Evaluated, removal: &Removal) -> String {
    let target = evaluated
        .kustomization
        .as_ref()
        .and_then(|kustomization| kustomization.target_namespace.clone());
    match removal.id.namespace.as_str() {
        "" => target.unwrap_or_default(),
        stated => stated.to_owned(),
    }
}

/// What a part is, by the field that holds it; nothing for what nobody would ask for.
fn kind_of(path: &str, object_kind: &str) -> Option<&'static str> {
    let field = path.rsplit('.').next().unwrap_or_default();
    match field {
        "containers" | "initContainers" | "ephemeralContainers" => Some("container"),
        "env" => Some("env"),
        "volumes" => Some("volume"),
        "data" | "stringData" | "binaryData" if path == field => Some("key"),
        _ if object_kind == "HelmRelease" && (path == "spec.values" || path.starts_with("spec.values.")) => {
            Some("value")
        }
        _ => None,
    }
}

/// Whether an object has such a part after all, as another patch adds it again.
fn holds(object: &Node, part: &RemovedPart) -> bool {
    fn search(node: &Node, mut fields: std::str::Split<'_, char>, name: &str) -> bool {
        if !node.items().is_empty() && fields.clone().next().is_some() {
            return node.items().iter().any(|item| search(item, fields.clone(), name));
        }
        match fields.next() {
            Some(field) => node.get(field).is_some_and(|node| search(node, fields, name)),
            None => {
                node.get(name).is_some()
                    || node
                        .items()
                        .iter()
                        .any(|item| item.text_at(&["name"]) == Some(name))
            }
        }
    }
    search(object, part.path.split('.'), &part.name)
}
