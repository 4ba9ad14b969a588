//! The text that `render` prints.

use serde_json::{Map, Value, json};
use yaml_node::{Node, write_into};

use std::collections::BTreeMap;

use source_tree::ObjectRef;

use crate::flux::object_ref;
use crate::{Applied, Evaluated, Evaluation, KustomizationId, ReleaseChart};

/// The name of the record of the bare entry, whose namespace no object states.
const ROOT: &str = "flux-system/(root)";

/// What makes a Kustomization that somebody has applied who bootstrapped the cluster.
const BOOTSTRAP: &str = "flux bootstrap";

/// Lines of one JSON object per Kustomization, the entry first, then one per HelmRelease whose chart is at hand, each made
/// when it is asked for. `only` is the `namespace/name` of a Kustomization: it and what its releases make.
///
/// Objects are as Flux applies them, without its owner labels. Undefined variables are empty.
pub fn jsonl<'e>(evaluation: &'e Evaluation, only: Option<&'e str>) -> impl Iterator<Item = String> + 'e {
    let root = only.is_none().then(|| {
        let mut root = record(&evaluation.root, None);
        root.insert("path".into(), json!(evaluation.entry.to_string()));
        root
    });
    let records = evaluation.kustomizations.iter().filter_map(move |evaluated| {
        let id = evaluated.id.as_ref().map(KustomizationId::to_string);
        let wanted = only.is_none_or(|only| id.as_deref() == Some(only));
        wanted.then(|| record(evaluated, id))
    });
    let joined = evaluation.joined.iter().filter(move |_| only.is_none());
    root.into_iter()
        .chain(joined.map(|evaluated| record(evaluated, None)))
        .chain(records)
        .chain(releases(evaluation, only))
        .map(|record| format!("{}\n", Value::Object(record)))
}

/// The objects of all Kustomizations, then those of all ResourceSets and of all HelmReleases, as YAML documents, with the labels by
/// which Flux marks what it owns, each made when it is asked for.
pub fn yaml<'e>(evaluation: &'e Evaluation, only: Option<&'e str>) -> impl Iterator<Item = String> + 'e {
    evaluated_once(evaluation, only)
        .flat_map(|evaluated| own_objects(evaluated).map(|object| (evaluated.id.as_ref(), object)))
        .filter_map(|(id, object)| {
            let mut node = readable(object);
            if let Some(id) = id {
                own(&mut node, id);
            }
            let mut document = "---\n".to_owned();
            // What has no YAML form was refused when it was built.
            write_into(&node, &mut document).ok()?;
            Some(document)
        })
        .chain(
            evaluated_once(evaluation, only)
                .flat_map(|evaluated| &evaluated.objects)
                .filter_map(|object| {
                    let by = object
                        .generated_by
                        .as_ref()
                        .filter(|by| by.kind == "ResourceSet")?;
                    let mut node = readable(object);
                    put_labels(
                        &mut node,
                        "resourceset.fluxcd.controlplane.io",
                        &by.namespace,
                        &by.name,
                    );
                    let mut document = "---\n".to_owned();
                    write_into(&node, &mut document).ok()?;
                    Some(document)
                }),
        )
        .chain(
            evaluated_once(evaluation, only)
                .flat_map(|evaluated| &evaluated.objects)
                .filter(|object| release_of(object).is_some())
                .filter_map(|object| {
                    let mut document = "---\n".to_owned();
                    write_into(&object.built, &mut document).ok()?;
                    Some(document)
                }),
        )
}

/// Everything that is applied, each once.
fn evaluated_once<'e>(
    evaluation: &'e Evaluation,
    only: Option<&'e str>,
) -> impl Iterator<Item = &'e Evaluated> + 'e {
    let bare = evaluation.root.id.is_none().then_some(&evaluation.root);
    bare.into_iter()
        .chain(&evaluation.joined)
        .chain(&evaluation.kustomizations)
        .filter(move |evaluated| {
            let id = evaluated.id.as_ref().map(KustomizationId::to_string);
            only.is_none_or(|only| id.as_deref() == Some(only))
        })
}

/// A record per HelmRelease that was rendered, or could not be though its chart is at hand.
fn releases<'e>(
    evaluation: &'e Evaluation,
    only: Option<&'e str>,
) -> impl Iterator<Item = Map<String, Value>> + 'e {
    evaluated_once(evaluation, only).flat_map(move |evaluated| {
        let mut objects: BTreeMap<&ObjectRef, Vec<&Applied>> = BTreeMap::new();
        for object in &evaluated.objects {
            let id = object_ref(&object.node);
            // A release that makes nothing has a record too.
            if let Some((id, _)) = evaluation.releases.get_key_value(&id) {
                objects.entry(id).or_default();
            }
            if let Some(id) = release_of(object) {
                objects.entry(id).or_default().push(object);
            }
        }
        let owner = evaluated.id.as_ref().map(KustomizationId::to_string);
        objects.into_iter().filter_map(move |(id, objects)| {
            let release = evaluation.releases.get(id)?;
            let (error, version) = match &release.chart {
                ReleaseChart::Rendered(rendered) => ("", rendered.version.as_str()),
                ReleaseChart::Failed(message) => (message.as_str(), ""),
                ReleaseChart::Unavailable(_) => return None,
            };
            let missing: Vec<String> = release.unknown_values.iter().map(ToString::to_string).collect();
            let objects: Vec<Value> = objects
                .iter()
                .filter_map(|object| object.built.to_json().ok())
                .collect();
            let fields = [
                ("helmRelease", json!(format!("{}/{}", id.namespace, id.name))),
                ("kustomization", json!(id.to_string())),
                ("parent", json!(owner.as_deref().unwrap_or(ROOT))),
                ("generatedBy", json!(id.to_string())),
                ("chartVersion", json!(version)),
                ("error", json!(error)),
                ("missing", json!(missing)),
                ("objects", json!(objects)),
            ];
            Some(
                fields
                    .map(|(field, value)| (field.to_owned(), value))
                    .into_iter()
                    .collect(),
            )
        })
    })
}

/// The release whose chart makes an object.
fn release_of(object: &Applied) -> Option<&ObjectRef> {
    object.generated_by.as_ref().filter(|by| by.kind == "HelmRelease")
}

fn record(evaluated: &Evaluated, id: Option<String>) -> Map<String, Value> {
    let parent = match (&id, &evaluated.parent) {
        (None, _) => String::new(),
        (Some(_), Some(parent)) => parent.to_string(),
        (Some(_), None) => ROOT.to_owned(),
    };
    let path = match (&id, &evaluated.object) {
        (Some(_), Some(object)) => rendered(object)
            .text_at(&["spec", "path"])
            .unwrap_or_default()
            .to_owned(),
        _ => evaluated.path.to_string(),
    };
    let missing: Vec<String> = evaluated
        .missing
        .iter()
        .chain(&evaluated.encrypted)
        .map(|object| format!("{}/{}/{}", object.kind, object.namespace, object.name))
        .collect();
    let objects: Vec<Value> = own_objects(evaluated)
        .filter_map(|object| rendered(object).to_json().ok())
        .collect();
    let mut record = Map::new();
    record.insert("kustomization".into(), json!(id.as_deref().unwrap_or(ROOT)));
    record.insert("parent".into(), json!(parent));
    record.insert("path".into(), json!(path));
    record.insert("external".into(), json!(evaluated.external));
    record.insert(
        "error".into(),
        json!(evaluated.error.as_deref().unwrap_or_default()),
    );
    record.insert("missing".into(), json!(missing));
    let by_bootstrap = evaluated.is_bootstrapped.then(|| BOOTSTRAP.to_owned());
    let generated_by = evaluated.generated_by.as_ref().map(ObjectRef::to_string);
    if let (Some(_), Some(generated_by)) = (&id, generated_by.or(by_bootstrap)) {
        record.insert("generatedBy".into(), json!(generated_by));
    }
    let unknown = evaluated.variable_uses.iter();
    let unknown: Vec<&String> = unknown
        .filter(|(_, used)| used.unknown && !used.defaulted)
        .map(|(name, _)| name)
        .collect();
    if !unknown.is_empty() {
        record.insert("unknownVariables".into(), json!(unknown));
    }
    if !evaluated.left_out.is_empty() {
        let parts = evaluated.left_out.iter().map(|part| part.what.as_str());
        record.insert("leftOut".into(), json!(parts.collect::<Vec<_>>()));
    }
    record.insert("objects".into(), json!(objects));
    record
}

/// What the Kustomization itself applies, without what controllers make of it.
fn own_objects(evaluated: &Evaluated) -> impl Iterator<Item = &Applied> {
    evaluated
        .objects
        .iter()
        .filter(|object| object.generated_by.is_none())
}

fn rendered(object: &Applied) -> &Node {
    object.rendered.as_ref().unwrap_or(&object.node)
}

/// The object without the labels that Flux drops. A label is not lost by a variable whose value is not known.
fn readable(object: &Applied) -> Node {
    let mut node = rendered(object).clone();
    if crate::object_metadata::is_unreadable(&object.node, "labels") {
        crate::object_metadata::clear_metadata(&mut node, "labels");
    }
    node
}

fn own(object: &mut Node, id: &KustomizationId) {
    put_labels(object, "kustomize.toolkit.fluxcd.io", &id.namespace, &id.name);
}

/// The labels by which a controller marks what it owns.
fn put_labels(object: &mut Node, domain: &str, namespace: &str, name: &str) {
    let labels = [("name", name), ("namespace", namespace)];
    let labels = labels.map(|(key, value)| (format!("{domain}/{key}"), Node::str(value)));
    crate::object_metadata::put_metadata(object, "labels", &labels);
}
