//! Cluster entries of FluxInstances, and of HelmReleases of the chart `flux-instance`.

use std::collections::BTreeMap;

use source_tree::{Limits, ObjectRef, RepoPath};
use yaml_node::{Node, read_yaml11};

use super::entry::{Entry, SyncSource};
use super::left_over::is_left_over;
use super::manifests::Manifests;
use crate::flux::{
    self, Fields, FluxInstance, HelmRelease, Kind, ResourceSet, Source, SourceRevision, object_ref,
};
use crate::helm::merge_values;
use crate::resource_set;

/// The chart that installs a FluxInstance.
const CHART: &str = "flux-instance";

/// Entries with the file that defines the instance. Its `sync.path` is a folder of the repository, or of a sub-folder that is
/// pushed as an artifact. `around` finds the folder that is pushed as a whole, by the file that defines the instance.
pub(super) fn find(
    manifests: &Manifests,
    around: &dyn Fn(&RepoPath) -> Option<RepoPath>,
) -> Vec<(RepoPath, Entry)> {
    let mut built: BTreeMap<RepoPath, Vec<Node>> = BTreeMap::new();
    let mut entries: Vec<(RepoPath, Entry)> = Vec::new();
    for file in manifests.files.iter().filter(|file| file.mentions_instance) {
        let Some(folder) = file.path.parent() else {
            continue;
        };
        // With a kustomization file, patches and generated values count too.
        let mut found = Vec::new();
        if manifests.has_kustomization_file(&folder) {
            let build = || manifests.build(&folder).unwrap_or_default();
            let objects = built.entry(folder.clone()).or_insert_with(build);
            found = instances(objects, manifests.sources.limits());
        }
        if found.is_empty() {
            found = instances(&manifests.objects(&file.path), manifests.sources.limits());
        }
        for instance in found {
            if let Some(entry) = entry(manifests, instance, &|| around(&file.path))
                && entries.iter().all(|(_, known)| known.path != entry.path)
            {
                entries.push((file.path.clone(), entry));
            }
        }
    }
    entries
}

fn entry(
    manifests: &Manifests,
    instance: FluxInstance,
    around: &dyn Fn() -> Option<RepoPath>,
) -> Option<Entry> {
    let sync = instance.sync.as_ref()?;
    if sync.path.contains("${") {
        return None;
    }
    let path = RepoPath::new(&sync.path);
    // An artifact that is reconciled as a whole rarely contains the whole repository.
    let pushed = (path.is_root() && sync.kind != "GitRepository")
        .then(around)
        .flatten();
    // An OCI artifact may be pushed from a sub-folder; the path is then relative to it.
    let holds_it = |folder: &&RepoPath| manifests.is_folder(&folder.join(path.as_str()));
    let top = RepoPath::root();
    let root = match &pushed {
        Some(folder) => folder,
        None if holds_it(&&top) => &top,
        None => {
            let mut folders: Vec<&RepoPath> = manifests.folders.iter().collect();
            folders.sort_by_cached_key(|folder| (is_left_over(folder), folder.parts().count(), *folder));
            folders.into_iter().find(holds_it)?
        }
    };
    let id = ObjectRef::new(&sync.kind, &instance.id.namespace, &sync.name);
    let source = Source {
        url: Some(sync.url.clone()),
        reference: SourceRevision::named(sync.reference.rsplit('/').next().unwrap_or_default()),
        ..Source::default()
    };
    Some(Entry {
        root: root.clone(),
        sync: vec![SyncSource { id, source }],
        instance_place: manifests.sources.files().place(instance.sync_mark()),
        instance: Some(instance.clone()),
        ..Entry::bare(root.join(path.as_str()))
    })
}

/// The instances in files, and those that a ResourceSet or the chart makes.
fn instances(objects: &[Node], limits: &Limits) -> Vec<FluxInstance> {
    let mut all = objects.to_vec();
    for object in objects {
        if flux::kind(object) == Some(Kind::ResourceSet) {
            let set = ResourceSet::read(object, &mut Fields::unreported(object));
            all.extend(resource_set::render(&set, &[], limits).unwrap_or_default());
        }
    }
    let values = |id: &ObjectRef, key: &str| {
        let object = all.iter().rev().find(|object| object_ref(object) == *id)?;
        Some(object.at(&["data", key])?.clone())
    };
    let chart = |id: &ObjectRef| {
        let object = all
            .iter()
            .find(|object| is_same_source(&object_ref(object), id))?;
        chart_name(object)
    };
    all.iter()
        .filter_map(|object| {
            let mut fields = Fields::unreported(object);
            match flux::kind(object)? {
                Kind::FluxInstance => Some(FluxInstance::read(object, &mut fields)),
                Kind::HelmRelease => {
                    let release = HelmRelease::read(object, &mut fields);
                    instance_of_release(&release, &values, &chart, limits, &mut fields)
                }
                _ => None,
            }
        })
        .collect()
}

/// Whether a source in a file is the referenced one. It may have no namespace, since a kustomization can set it.
pub(super) fn is_same_source(found: &ObjectRef, wanted: &ObjectRef) -> bool {
    found.kind == wanted.kind
        && found.name == wanted.name
        && (found.namespace == wanted.namespace || found.namespace.is_empty())
}

/// The chart that an OCIRepository or HelmChart contains.
pub(crate) fn chart_name(source: &Node) -> Option<String> {
    let spec = source.get("spec")?;
    let text = spec.text_at(&["url"]).or_else(|| spec.text_at(&["chart"]))?;
    Some(text.trim_end_matches('/').rsplit('/').next()?.to_owned())
}

/// The FluxInstance that a HelmRelease of the chart `flux-instance` makes: its values' `instance` is the spec.
pub(crate) fn instance_of_release(
    release: &HelmRelease,
    values: &dyn Fn(&ObjectRef, &str) -> Option<Node>,
    chart: &dyn Fn(&ObjectRef) -> Option<String>,
    limits: &Limits,
    fields: &mut Fields<'_>,
) -> Option<FluxInstance> {
    let by_name = release.chart.as_ref().and_then(|chart| chart.chart.as_deref()) == Some(CHART);
    let by_reference = || {
        let reference = &release.chart_ref.as_ref()?.id;
        Some(match chart(reference) {
            Some(chart) => chart == CHART,
            None => reference.name == CHART,
        })
    };
    if !by_name && by_reference() != Some(true) {
        return None;
    }
    let mut merged = Node::empty_mapping();
    let references = release.values_from.iter();
    for reference in references.filter(|reference| reference.target_path.is_none()) {
        let id = ObjectRef::new(&reference.kind, &release.id.namespace, &reference.name);
        if let Some(data) = values(&id, reference.key())
            && let Ok(Some(found)) = read_yaml11(data.text().unwrap_or_default(), data.mark.file, limits)
        {
            merge_values(&mut merged, &found);
        }
    }
    if let Some(inline) = &release.values {
        merge_values(&mut merged, inline);
    }
    let spec = merged.get("instance")?.clone();
    let name = merged.text_at(&["fullnameOverride"]).unwrap_or("flux");
    // A release without namespace, which a kustomization can set, is assumed to be in the usual one.
    let namespace = release.target_namespace.as_deref();
    let namespace = match namespace.unwrap_or(&release.id.namespace) {
        "" => flux::DEFAULT_NAMESPACE,
        namespace => namespace,
    };
    let id = ObjectRef::new("FluxInstance", namespace, name);
    Some(FluxInstance::from_spec(id, &spec, fields.node().clone(), fields))
}
