//! The output of `render`.

use serde_json::{Map, Value, json};
use yaml_node::{Node, write_into};

use std::collections::BTreeMap;

use source_tree::ObjectRef;

use crate::flux::object_ref;
use crate::object_metadata::{clear_metadata, is_unreadable, put_metadata};
use crate::{Applied, Evaluated, Evaluation, KustomizationId, ReleaseChart};

/// The name of the record of an entry without a Kustomization.
const ROOT: &str = "flux-system/(root)";

/// The generator of a Kustomization that bootstrapping the cluster applied.
const BOOTSTRAP: &str = "flux bootstrap";

/// One line with a JSON object per Kustomization, the entry first, then one per HelmRelease whose chart is available. `only` is
/// the `namespace/name` of a Kustomization: only it and its releases are printed.
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

/// The objects of all Kustomizations, then of all ResourceSets and of all HelmReleases, as YAML documents, with the labels that
/// Flux adds to the objects that it owns.
pub fn yaml<'e>(evaluation: &'e Evaluation, only: Option<&'e str>) -> impl Iterator<Item = String> + 'e {
    let of_kustomizations = evaluated_once(evaluation, only).flat_map(|evaluated| {
        own_objects(evaluated).map(|object| {
            let mut node = readable(object);
            if let Some(id) = &evaluated.id {
                put_labels(&mut node, "kustomize.toolkit.fluxcd.io", &id.namespace, &id.name);
            }
            node
        })
    });
    let objects = move || evaluated_once(evaluation, only).flat_map(|evaluated| &evaluated.objects);
    let of_resource_sets = objects().filter_map(|object| {
        let set = maker(object, "ResourceSet")?;
        let mut node = readable(object);
        let domain = "resourceset.fluxcd.controlplane.io";
        put_labels(&mut node, domain, &set.namespace, &set.name);
        Some(node)
    });
    let of_releases = objects()
        .filter(|object| object.is_made_by("HelmRelease"))
        .map(|object| object.built.clone());
    of_kustomizations
        .chain(of_resource_sets)
        .chain(of_releases)
        .filter_map(|node| {
            let mut document = "---\n".to_owned();
            // The build has already refused objects that YAML cannot express.
            write_into(&node, &mut document).ok()?;
            Some(document)
        })
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

/// One record per HelmRelease whose chart is available.
fn releases<'e>(
    evaluation: &'e Evaluation,
    only: Option<&'e str>,
) -> impl Iterator<Item = Map<String, Value>> + 'e {
    evaluated_once(evaluation, only).flat_map(move |evaluated| {
        let mut objects: BTreeMap<&ObjectRef, Vec<&Applied>> = BTreeMap::new();
        for object in &evaluated.objects {
            let id = object_ref(&object.node);
            // A release without objects has a record too.
            if let Some((id, _)) = evaluation.releases.get_key_value(&id) {
                objects.entry(id).or_default();
            }
            if let Some(id) = maker(object, "HelmRelease") {
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
            let fields = fields.into_iter();
            Some(fields.map(|(field, value)| (field.to_owned(), value)).collect())
        })
    })
}

/// The object of this kind that a controller makes an object of.
fn maker<'a>(object: &'a Applied, kind: &str) -> Option<&'a ObjectRef> {
    object.generated_by.as_ref().filter(|maker| maker.kind == kind)
}

fn record(evaluated: &Evaluated, id: Option<String>) -> Map<String, Value> {
    let parent = match (&id, &evaluated.parent) {
        (None, _) => String::new(),
        (Some(_), Some(parent)) => parent.to_string(),
        (Some(_), None) => ROOT.to_owned(),
    };
    let path = match (&id, &evaluated.object) {
        (Some(_), Some(object)) => object
            .applied()
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
        .filter_map(|object| object.applied().to_json().ok())
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

/// The objects that the Kustomization itself applies, without those that controllers make of them.
fn own_objects(evaluated: &Evaluated) -> impl Iterator<Item = &Applied> {
    evaluated
        .objects
        .iter()
        .filter(|object| object.generated_by.is_none())
}

/// The object without labels that Flux cannot read. An unknown variable does not make a label unreadable.
fn readable(object: &Applied) -> Node {
    let mut node = object.applied().clone();
    if is_unreadable(&object.node, "labels") {
        clear_metadata(&mut node, "labels");
    }
    node
}

/// Adds the labels by which a controller marks the objects that it owns.
fn put_labels(object: &mut Node, domain: &str, namespace: &str, name: &str) {
    let labels = [("name", name), ("namespace", namespace)];
    let labels = labels.map(|(key, value)| (format!("{domain}/{key}"), Node::str(value)));
    put_metadata(object, "labels", &labels);
}
