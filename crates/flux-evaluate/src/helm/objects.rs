//! The manifests of a rendered chart turn into the objects that a release installs.

use helm_template::{Chart, Crd, Error, Hook, HookEvent, Rendered, Stage, UnusedValue, ValuePath};
use kustomize_build::Gvk;
use source_tree::{FileId, Limits, Mark, ObjectRef};
use yaml_node::{Node, read_documents};

use super::prepared_chart::PreparedChart;
use crate::flux::{HelmRelease, object_ref};
use crate::object_metadata::put_metadata;

/// The result of rendering a release.
#[derive(Clone, Debug, Default)]
pub(crate) struct Installation {
    /// The chart that was rendered.
    pub(crate) chart: ChartName,
    /// CRDs first, then the manifests, then the hooks, each in Helm's order.
    pub(crate) objects: Vec<InstalledObject>,
    /// Those of `objects` that are hooks.
    pub(crate) hooks: Vec<ObjectRef>,
    /// Names of the CRDs of the chart's folder `crds`.
    pub(crate) crds: Vec<String>,
    /// Values that the chart does not read.
    pub(crate) unused: Vec<ValuePath>,
    /// Charts whose schemas are too large to be checked.
    pub(crate) unchecked_schemas: Vec<String>,
    /// Patches of post renderers whose targets select nothing.
    pub(crate) unmatched: Vec<Mark>,
}

/// The rendered manifests of a release as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ReleaseOutput {
    pub(super) chart: ChartName,
    /// The files of `crds/`.
    pub(super) crds: Vec<Crd>,
    pub(super) manifests: Vec<String>,
    /// Hooks that run while it is installed or upgraded.
    pub(super) hooks: Vec<String>,
    /// Values that the chart does not read.
    pub(super) unused: Vec<ValuePath>,
    /// Charts whose schemas are too large to be checked.
    pub(super) unchecked_schemas: Vec<String>,
    /// Patches of post renderers whose targets select nothing.
    pub(super) unmatched: Vec<Mark>,
}

impl ReleaseOutput {
    pub(super) fn new(
        chart: &Chart,
        rendered: Rendered,
        release: &HelmRelease,
        unused: Vec<UnusedValue>,
        unmatched: Vec<Mark>,
    ) -> Self {
        let manifests = rendered.manifests.into_iter();
        let hooks = rendered.hooks.into_iter().filter(|hook| runs(hook, release));
        ReleaseOutput {
            chart: ChartName {
                name: chart.metadata.name.clone(),
                version: chart.metadata.version.clone(),
            },
            crds: rendered.crds,
            unchecked_schemas: rendered.unchecked_schemas,
            manifests: manifests.map(|manifest| manifest.content).collect(),
            hooks: hooks.map(|hook| hook.manifest.content).collect(),
            unused: unused.into_iter().map(|value| value.path).collect(),
            unmatched,
        }
    }
}

/// Name and version of a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ChartName {
    pub(crate) name: String,
    pub(crate) version: String,
}

/// An object that a release installs.
#[derive(Clone, Debug)]
pub(crate) struct InstalledObject {
    /// The output of the post renderers.
    pub(crate) rendered: Node,
    /// The same with the namespace where it is installed.
    pub(crate) applied: Node,
}

/// Events at which nothing is installed permanently.
const TEMPORARY: [HookEvent; 4] = [
    HookEvent::PreDelete,
    HookEvent::PostDelete,
    HookEvent::PreRollback,
    HookEvent::PostRollback,
];

/// The objects of a release.
pub(super) fn read(
    output: ReleaseOutput,
    release: &HelmRelease,
    chart: &PreparedChart,
    limits: &Limits,
) -> Result<Installation, Error> {
    let namespace = release
        .target_namespace
        .as_deref()
        .unwrap_or(&release.id.namespace);
    let mut installation = Installation {
        chart: output.chart,
        unused: output.unused,
        unchecked_schemas: output.unchecked_schemas,
        unmatched: output.unmatched,
        ..Installation::default()
    };
    if !release.skips_crds {
        for crd in &output.crds {
            let documents = chart.crd_documents(crd, limits);
            for definition in documents.iter().filter(|document| is_definition(document)) {
                installation.crds.push(object_ref(definition).name.into());
                let mut definition = definition.clone();
                let owner = [("name", &release.id.name), ("namespace", &release.id.namespace)];
                let owner = owner.map(|(field, text)| {
                    let key = format!("helm.toolkit.fluxcd.io/{field}");
                    (key, Node::str(text.as_str()))
                });
                put_metadata(&mut definition, "labels", &owner);
                installation.objects.push(InstalledObject {
                    applied: definition.clone(),
                    rendered: definition,
                });
            }
        }
    }
    let objects = &mut installation.objects;
    for manifest in &output.manifests {
        add(manifest, namespace, limits, objects)?;
    }
    let first_hook = objects.len();
    for hook in &output.hooks {
        add(hook, namespace, limits, objects)?;
    }
    let hooks = objects.get(first_hook..).unwrap_or_default().iter();
    installation.hooks = hooks.map(|object| object_ref(&object.applied)).collect();
    Ok(installation)
}

/// Whether a hook runs while the release is installed or upgraded.
fn runs(hook: &Hook, release: &HelmRelease) -> bool {
    let happens = |event: &HookEvent| match event {
        HookEvent::Test => release.runs_tests,
        event => !TEMPORARY.contains(event),
    };
    !release.skips_hooks && hook.events.iter().any(happens)
}

fn add(
    content: &str,
    namespace: &str,
    limits: &Limits,
    objects: &mut Vec<InstalledObject>,
) -> Result<(), Error> {
    let documents = read_documents(content, FileId::NONE, limits)
        .map_err(|error| Error::new(Stage::Manifest, error.to_string()))?;
    for document in documents {
        let is_list = document
            .text_at(&["kind"])
            .is_some_and(|kind| kind.ends_with("List"));
        let items = document.get("items").filter(|_| is_list).map(Node::items);
        let items = items.unwrap_or_else(|| std::slice::from_ref(&document)).iter();
        objects.extend(items.filter(|item| is_object(item)).map(|item| InstalledObject {
            applied: in_namespace(item.clone(), namespace),
            rendered: item.clone(),
        }));
    }
    Ok(())
}

/// Flux installs only CustomResourceDefinitions from the folder `crds`.
fn is_definition(node: &Node) -> bool {
    node.text_at(&["kind"]) == Some("CustomResourceDefinition") && is_object(node)
}

fn is_object(node: &Node) -> bool {
    [&["apiVersion"][..], &["kind"], &["metadata", "name"]]
        .iter()
        .all(|path| node.text_at(path).is_some_and(|text| !text.is_empty()))
}

/// Helm installs objects without namespace into the release's.
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
