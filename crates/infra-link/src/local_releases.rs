//! What is needed to render HelmReleases whose chart is a folder of a source.

use foldhash::{HashMap, HashMapExt};
use infra_model::ObjectRef;
use source_tree::{Mark, RepoPath};
use yaml_node::Node;

use crate::crossplane::EmbeddedObjects;
use crate::inventory::{Inventory, ObjectId, SOURCE};
use crate::keys::{self, GeneratedNames};
use crate::kinds::helm_release::Release;
use crate::pod_spec::is_workload;
use flux_evaluate::flux::{self, ChartSpec};
use flux_evaluate::{Evaluation, KustomizationId};

/// A HelmRelease with a chart in a GitRepository, Bucket or ExternalArtifact.
pub struct LocalRelease {
    /// Its identity.
    pub id: ObjectRef,
    /// The Kustomization that applies it.
    pub owner: Option<KustomizationId>,
    /// Where it is stated.
    pub mark: Mark,
    /// The release's name.
    pub name: String,
    /// Where it is installed.
    pub namespace: String,
    /// The effective values, without those of Secrets.
    pub values: Node,
    /// The chart.
    pub chart: ChartPlace,
    /// Whether the chart's CRDs are installed.
    pub include_crds: bool,
    /// `spec.postRenderers`
    pub post_renderers: Vec<Node>,
    /// `labels` and `annotations` of `spec.commonMetadata`.
    pub common_metadata: Vec<(&'static str, Vec<(String, Node)>)>,
}

/// Where a chart stands.
pub struct ChartPlace {
    /// The source.
    pub source: ObjectRef,
    /// The chart's folder in it; none where it is the one at the top, as in an archive that Helm packs.
    pub path: Option<RepoPath>,
    /// `valuesFiles`
    pub values_files: Vec<String>,
    /// `ignoreMissingValuesFiles`
    pub ignore_missing_values_files: bool,
}

/// The releases of an evaluation whose chart is a folder of a source, in the order in which they are applied.
pub fn local_releases(evaluation: &Evaluation) -> Vec<LocalRelease> {
    let kustomization_keys = keys::kustomizations(evaluation);
    let inventory = Inventory::new(evaluation, &kustomization_keys);
    let generated = GeneratedNames::new(&inventory);
    let embedded = EmbeddedObjects::new(&inventory);
    let releases = Release::all(&inventory, &embedded, &generated);
    let local = releases
        .into_iter()
        .filter_map(|release| local_release(&inventory, release));
    local.collect()
}

fn local_release(inventory: &Inventory<'_>, release: Release<'_>) -> Option<LocalRelease> {
    let (object, spec) = (release.object, &release.spec);
    // What goes to another cluster is none of this one's.
    if spec.kube_config.is_some() {
        return None;
    }
    let kind = release.chart.source_kind.as_deref()?;
    let path = match kind {
        "GitRepository" | "Bucket" => Some(RepoPath::new(release.chart.name.as_deref()?)),
        "ExternalArtifact" => None,
        _ => return None,
    };
    let chart = chart_spec(inventory, spec).unwrap_or_default();
    let source = ObjectRef::new(
        kind,
        &release.chart.source_namespace,
        release.chart.source_name.as_deref()?,
    );
    let metadata = &spec.common_metadata;
    let owner = inventory.owner(object);
    Some(LocalRelease {
        id: flux::object_ref(object.node()),
        owner: owner.and_then(|owner| owner.evaluated.id.clone()),
        mark: object.applied.mark,
        namespace: release.namespace.clone(),
        chart: ChartPlace {
            source,
            path,
            values_files: chart.values_files,
            ignore_missing_values_files: chart.ignore_missing_values_files,
        },
        include_crds: !spec.skips_crds,
        post_renderers: spec.post_renderers.clone(),
        common_metadata: [
            ("labels", &metadata.labels),
            ("annotations", &metadata.annotations),
        ]
        .into_iter()
        .filter(|(_, entries)| !entries.is_empty())
        .map(|(field, entries)| (field, entries.clone()))
        .collect(),
        name: release.name,
        values: release.values.node,
    })
}

/// `spec.chart.spec`, or the `spec` of the HelmChart that `chartRef` names.
fn chart_spec(inventory: &Inventory<'_>, release: &flux::HelmRelease) -> Option<ChartSpec> {
    if let Some(spec) = &release.chart {
        return Some(spec.clone());
    }
    let id = &release
        .chart_ref
        .as_ref()
        .filter(|chart| chart.id.kind == "HelmChart")?
        .id;
    let chart = inventory.find(SOURCE, &id.kind, &id.namespace, &id.name)?;
    ChartSpec::of_helm_chart(chart.node())
}

/// What stands for a text under `key` in values that templates see; none where it is no credential.
pub fn withhold_credential(key: &str, text: &str) -> Option<String> {
    if redaction::credential(key, text).is_some() {
        return Some(redaction::REDACTED.to_owned());
    }
    match redaction::without_credentials(text) {
        std::borrow::Cow::Owned(cleaned) => Some(cleaned),
        std::borrow::Cow::Borrowed(_) => None,
    }
}

/// The workloads that charts make.
#[derive(Default)]
pub(crate) struct ChartWorkloads {
    /// The position of the release, by workload.
    pub(crate) release: HashMap<ObjectId, usize>,
    /// The workload that stands for its release, by the release's position: it has the release's name, or is alone.
    pub(crate) main: HashMap<usize, ObjectId>,
}

impl ChartWorkloads {
    /// Of everything in an inventory.
    pub(crate) fn new(inventory: &Inventory<'_>, releases: &[Release<'_>]) -> Self {
        let mut found = ChartWorkloads::default();
        if inventory.evaluation.rendered_charts.is_empty() {
            return found;
        }
        let positions = releases.iter().enumerate().map(|(position, release)| {
            let id = flux::object_ref(release.object.node());
            (id, position)
        });
        let positions: HashMap<ObjectRef, usize> = positions.collect();
        let mut of_release: HashMap<usize, Vec<ObjectId>> = HashMap::new();
        for (id, object) in inventory
            .objects
            .iter()
            .enumerate()
            .filter(|(_, object)| is_workload(object))
        {
            let by = object.applied.generated_by.as_ref();
            let Some(&position) = by.and_then(|by| positions.get(by)) else {
                continue;
            };
            found.release.insert(id, position);
            // A hook runs and goes; it stands for nothing.
            if object.annotation("helm.sh/hook").is_none() {
                of_release.entry(position).or_default().push(id);
            }
        }
        for (position, ids) in of_release {
            let Some(release) = releases.get(position) else {
                continue;
            };
            let is_named = |id: &&ObjectId| {
                let object = inventory.objects.get(**id);
                object.is_some_and(|object| object.name == release.name)
            };
            let main = match ids.as_slice() {
                [only] => Some(only),
                several => several.iter().find(is_named),
            };
            let main = main.filter(|id| {
                let object = inventory.objects.get(**id);
                object.is_some_and(|object| object.namespace == release.namespace)
            });
            found.main.extend(main.map(|id| (position, *id)));
        }
        found
    }
}
