//! `removedByPatch`: a patch deletes an object, or removes a container, a variable, a volume, a key or a value from one.

use flux_evaluate::{Evaluated, Evaluation};
use foldhash::HashMap;
use infra_model::{NotApplied, NotAppliedReason};
use kustomize_build::{Removal, RemovedPart};
use source_tree::Mark;
use yaml_node::Node;

use super::name_of;

/// The objects and parts that patches remove in the builds of a cluster.
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
    let objects = evaluated.objects.iter();
    let objects: HashMap<Mark, &Node> = objects.map(|applied| (applied.mark, &applied.node)).collect();
    let found = evaluated.removals.iter().filter_map(|removal| {
        let removed = match &removal.part {
            None => NotApplied {
                kind: removal.id.gvk.kind.to_string(),
                namespace: namespace(evaluated, removal),
                name: removal.id.name.to_string(),
                source: evaluation.files.place(removal.mark),
                ..NotApplied::default()
            },
            Some(part) => {
                let object = objects.get(&removal.mark)?;
                if has_part(object, part) {
                    return None;
                }
                let id = flux_evaluate::flux::object_ref(object);
                NotApplied {
                    kind: kind_of(&part.path, &id.kind)?.to_owned(),
                    namespace: id.namespace.to_string(),
                    name: part.name.clone(),
                    source: evaluation.files.place(part.mark),
                    part_of: Some(id),
                    detail: Some(part.path.clone()),
                    ..NotApplied::default()
                }
            }
        };
        Some(NotApplied {
            reason: NotAppliedReason::RemovedByPatch,
            evidence: evaluation.files.place(removal.by),
            by: name_of(evaluated),
            ..removed
        })
    });
    found.collect()
}

/// The namespace of a deleted object, as far as its file or its Kustomization states it.
fn namespace(evaluated: &Evaluated, removal: &Removal) -> String {
    let kustomization = evaluated.kustomization.as_ref();
    let target = kustomization.and_then(|kustomization| kustomization.target_namespace.clone());
    match removal.id.namespace.as_str() {
        "" => target.unwrap_or_default(),
        stated => stated.to_owned(),
    }
}

/// The kind of a part, by its field; `None` for parts that nobody would ask for.
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

/// Whether an object has a part after all, since another patch adds it again.
fn has_part(object: &Node, part: &RemovedPart) -> bool {
    fn search(node: &Node, mut fields: std::str::Split<'_, char>, name: &str) -> bool {
        if !node.items().is_empty() && fields.clone().next().is_some() {
            return node.items().iter().any(|item| search(item, fields.clone(), name));
        }
        match fields.next() {
            Some(field) => node.get(field).is_some_and(|node| search(node, fields, name)),
            None => {
                let mut items = node.items().iter();
                node.get(name).is_some() || items.any(|item| item.text_at(&["name"]) == Some(name))
            }
        }
    }
    search(object, part.path.split('.'), &part.name)
}
