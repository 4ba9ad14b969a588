//! The manifests of a rendered chart turn into the objects that a release installs.

use helm_template::{Crd, Error, Hook, HookEvent, Rendered, Stage, UnusedValue};
use kustomize_build::Gvk;
use source_tree::{FileId, Limits, Mark, ObjectRef};
use yaml_node::{Node, read_documents};

use super::chart_store::PreparedChart;
use crate::flux::{HelmRelease, object_ref};
use crate::object_metadata::put_metadata;

/// What a release makes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Made {
    /// CRDs first, then the manifests, then the hooks, each in Helm's order.
    pub(crate) objects: Vec<MadeObject>,
    /// The objects among them that are hooks.
    pub(crate) hooks: Vec<ObjectRef>,
    /// Names of the CRDs of the chart's folder `crds`.
    pub(crate) crds: Vec<String>,
    /// Values that the chart does not read.
    pub(crate) unused: Vec<UnusedValue>,
    /// Patches of post renderers whose targets select nothing.
    pub(crate) unmatched: Vec<Mark>,
}

/// An object that a release installs.
#[derive(Clone, Debug)]
pub(crate) struct MadeObject {
    /// As the post renderers leave it.
    pub(crate) rendered: Node,
    /// In the namespace where it is installed.
    pub(crate) applied: Node,
}

/// Events at which nothing is installed that stays.
const PASSING: [HookEvent; 4] = [
    HookEvent::PreDelete,
    HookEvent::PostDelete,
    HookEvent::PreRollback,
    HookEvent::PostRollback,
];

/// The objects of a rendered chart.
pub(super) fn read(
    rendered: &Rendered,
    release: &HelmRelease,
    namespace: &str,
    chart: &PreparedChart,
    limits: &Limits,
) -> Result<Made, Error> {
    let mut made = Made::default();
    if !release.skips_crds {
        for crd in &rendered.crds {
            for definition in chart.definitions(&crd.source, || definitions(crd, limits)).iter() {
                made.crds.push(object_ref(definition).name);
                let mut definition = definition.clone();
                let origin = [("name", &release.id.name), ("namespace", &release.id.namespace)].map(
                    |(field, text)| {
                        (
                            format!("helm.toolkit.fluxcd.io/{field}"),
                            Node::str(text.as_str()),
                        )
                    },
                );
                put_metadata(&mut definition, "labels", &origin);
                made.objects.push(MadeObject {
                    applied: definition.clone(),
                    rendered: definition,
                });
            }
        }
    }
    for manifest in &rendered.manifests {
        add(&manifest.content, namespace, limits, &mut made.objects)?;
    }
    for hook in rendered.hooks.iter().filter(|hook| runs(hook, release)) {
        let start = made.objects.len();
        add(&hook.manifest.content, namespace, limits, &mut made.objects)?;
        let added = made.objects.get(start..).unwrap_or_default().iter();
        made.hooks.extend(added.map(|object| object_ref(&object.applied)));
    }
    Ok(made)
}

/// Whether a hook runs while the release is installed or upgraded.
fn runs(hook: &Hook, release: &HelmRelease) -> bool {
    let happens = |event: &HookEvent| match event {
        HookEvent::Test => release.runs_tests,
        event => !PASSING.contains(event),
    };
    !release.skips_hooks && hook.events.iter().any(happens)
}

fn add(content: &str, namespace: &str, limits: &Limits, objects: &mut Vec<MadeObject>) -> Result<(), Error> {
    let documents = read_documents(content, FileId::NONE, limits)
        .map_err(|error| Error::new(Stage::Manifest, error.to_string()))?;
    for document in documents {
        let is_list = document
            .text_at(&["kind"])
            .is_some_and(|kind| kind.ends_with("List"));
        let items = document.get("items").filter(|_| is_list).map(Node::items);
        let several: Vec<Node> = items.map_or_else(|| vec![document.clone()], <[Node]>::to_vec);
        objects.extend(several.into_iter().filter(is_object).map(|rendered| MadeObject {
            applied: in_namespace(rendered.clone(), namespace),
            rendered,
        }));
    }
    Ok(())
}

/// The CRDs in a file of the folder `crds`; Flux installs nothing else of it.
fn definitions(crd: &Crd, limits: &Limits) -> Vec<Node> {
    let documents = read_documents(&crd.content, FileId::NONE, limits).unwrap_or_default();
    let is_definition =
        |node: &Node| node.text_at(&["kind"]) == Some("CustomResourceDefinition") && is_object(node);
    documents.into_iter().filter(is_definition).collect()
}

fn is_object(node: &Node) -> bool {
    [&["apiVersion"][..], &["kind"], &["metadata", "name"]]
        .iter()
        .all(|path| node.text_at(path).is_some_and(|text| !text.is_empty()))
}

/// Helm installs what states no namespace into the release's.
fn in_namespace(mut object: Node, namespace: &str) -> Node {
    let (Some(api_version), Some(kind)) = (object.text_at(&["apiVersion"]), object.text_at(&["kind"])) else {
        return object;
    };
    let is_stated = object
        .text_at(&["metadata", "namespace"])
        .is_some_and(|namespace| !namespace.is_empty());
    if is_stated || Gvk::from_api_version(api_version, kind).is_cluster_scoped() {
        return object;
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Node::as_mapping_mut) {
        metadata.insert("namespace", Node::str(namespace));
    }
    object
}
