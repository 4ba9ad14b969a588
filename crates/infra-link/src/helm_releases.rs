//! Catalog entries of HelmReleases.
//!
//! Rules: <https://fluxcd.io/flux/components/helm/helmreleases/>.

use std::collections::BTreeMap;

use flux_evaluate::{ReleaseChart, flux};
use infra_model::fields::Fields;
use infra_model::flux::{ChartStatus, HelmRelease, MOST_VALUES, ValuesFrom};
use infra_model::{Key, KeyTable, ObjectRef};
use rayon::prelude::*;
use yaml_node::{Node, Tag};

use crate::any_case::{self, ends_with_any};
use crate::fields::FieldCollector;
use crate::helm_values::walk_scalars;
use crate::inventory::{HELM, Inventory, Object};
use crate::kinds::helm_release::Release;
use crate::linker::Linker;
use crate::service_candidates::ServiceCandidate;
use crate::setting_places::places;
use crate::uses::Used;
use crate::view::View;

/// The map `helm_releases`.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, HelmRelease> {
    let empty = KeyTable::default();
    let keys = linker.object_keys.table(HELM, "HelmRelease").unwrap_or(&empty);
    let known = |used: Used, namespace: &str, name: &str| linker.is_made(used, namespace, name);
    let releases = linker.releases.par_iter();
    releases
        .map(|release| {
            let mut entry = entry(linker.inventory, release, keys, &known);
            add_chart_objects(linker, release, &mut entry);
            (linker.object_keys.key(release.object), entry)
        })
        .collect()
}

/// The catalog entry of a release. `known` is whether the repository makes a ConfigMap or Secret.
fn entry(
    inventory: &Inventory<'_>,
    release: &Release<'_>,
    keys: &KeyTable,
    known: &dyn Fn(Used, &str, &str) -> bool,
) -> HelmRelease {
    let (object, spec) = (release.object, &release.spec);
    let chart = release.chart.clone();
    HelmRelease {
        name: object.name.to_owned(),
        namespace: object.namespace.to_owned(),
        chart: chart.name,
        chart_source: chart.source_name,
        chart_source_kind: chart.source_kind,
        chart_source_url: chart.source_url,
        chart_ref: chart.chart_ref,
        version_source: chart.version.as_ref().and(chart.version_place),
        version: chart.version,
        kustomization: inventory.kustomization(object),
        also_applied_by: inventory.also_applied_by(object),
        interval: spec.interval.clone(),
        target_namespace: spec.target_namespace.clone(),
        release_name: release.name.clone(),
        release_namespace: release.namespace.clone(),
        storage_namespace: spec.storage_namespace.clone(),
        depends_on: spec.depends_on.iter().map(|id| key_or_name(keys, id)).collect(),
        values_from: values_from(release, known),
        suspend: spec.suspend,
        kube_config: spec
            .kube_config
            .as_ref()
            .and_then(flux::KubeConfig::holder)
            .map(|(_, name)| name.to_owned()),
        remediation: remediation(spec),
        settings: settings(inventory, release),
        places: places(inventory, inventory.view(object), RETRIES),
        buckets: buckets(&release.values.node),
        source: inventory.source(object),
        ..HelmRelease::default()
    }
}

/// Adds the objects of a release's chart to its entry, or its values if the chart was not rendered.
fn add_chart_objects(linker: &Linker<'_>, release: &Release<'_>, entry: &mut HelmRelease) {
    let Some(evaluated) = release.evaluated else {
        if linker.inventory.evaluation.is_remote {
            entry.chart_status = Some(ChartStatus::OtherCluster);
            if linker.has_fields {
                entry.values = values(linker.inventory, release);
            }
        }
        return;
    };
    entry.chart_status = Some(match &evaluated.chart {
        ReleaseChart::Rendered(_) => ChartStatus::Rendered,
        ReleaseChart::Failed(_) => ChartStatus::Failed,
        ReleaseChart::Unavailable(_) => ChartStatus::NotAtHand,
    });
    let Some(rendered) = release.rendered() else {
        if linker.has_fields {
            entry.values = values(linker.inventory, release);
        }
        return;
    };
    entry.chart_version = Some(rendered.version.clone());
    let is_own = |candidate: &&ServiceCandidate<'_>| {
        let of_release = candidate.release.or(candidate.chart_of);
        let of_release = of_release.and_then(|release| linker.releases.get(release));
        of_release.is_some_and(|other| std::ptr::eq(other, release))
    };
    let own = linker.candidates.iter().filter(is_own);
    entry.workloads = own.map(|candidate| candidate.key.clone()).collect();
    entry.workloads.sort_unstable();
    entry.hooks = rendered.hooks.iter().cloned().collect();
    entry.crds.clone_from(&rendered.crds);
    entry.crds.sort_unstable();
    entry.provides = provides(linker.inventory, release);
    entry.unknown_values.clone_from(&evaluated.unknown_values);
    entry.partial = !entry.unknown_values.is_empty();
}

/// Types of objects that others use without naming the release whose chart makes them; not IngressClass, since every Ingress names
/// one.
const PROVIDED: &[(&str, &str)] = &[
    ("", "PersistentVolumeClaim"),
    ("cert-manager.io", "ClusterIssuer"),
    ("cert-manager.io", "Issuer"),
    ("gateway.networking.k8s.io", "Gateway"),
    ("gateway.networking.k8s.io", "GatewayClass"),
    ("node.k8s.io", "RuntimeClass"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("snapshot.storage.k8s.io", "VolumeSnapshotClass"),
    ("storage.k8s.io", "StorageClass"),
];

fn provides(inventory: &Inventory<'_>, release: &Release<'_>) -> Vec<ObjectRef> {
    let id = flux::object_ref(release.object.node());
    let types = PROVIDED.iter();
    let all = types.flat_map(|(group, kind)| inventory.of(group, kind));
    let own = all.filter(|object| object.applied.generated_by.as_ref() == Some(&id));
    let mut provided: Vec<ObjectRef> = own.map(Object::object_name).collect();
    provided.sort_unstable();
    provided
}

fn key_or_name(keys: &KeyTable, id: &ObjectRef) -> Key {
    let key = keys.get(id).cloned();
    key.unwrap_or_else(|| format!("{}/{}", id.namespace, id.name))
}

fn values_from(release: &Release<'_>, known: &dyn Fn(Used, &str, &str) -> bool) -> Vec<ValuesFrom> {
    let references = release.spec.values_from.iter();
    references
        .map(|reference| {
            let used = Used::of_data(&reference.kind).unwrap_or(Used::ConfigMap);
            ValuesFrom {
                kind: reference.kind.clone(),
                name: reference.name.clone(),
                values_key: reference.values_key.clone(),
                target_path: reference.target_path.clone(),
                optional: reference.optional,
                known: known(used, release.object.namespace, &reference.name),
            }
        })
        .collect()
}

/// The scalars of the values, with those of `valuesFrom` as far as they are known.
fn values(inventory: &Inventory<'_>, release: &Release<'_>) -> Fields {
    let source = inventory.source(release.object);
    let file = source.as_ref().map(|source| &source.file);
    let scalars = |values: Option<View<'_>>| {
        let mut fields = FieldCollector::new(inventory, file, MOST_VALUES);
        for (name, value) in values.into_iter().flat_map(View::entries) {
            fields.add_value(name, name, value, 1);
        }
        fields.found
    };
    let stated = scalars(inventory.view(release.object).at(&["spec", "values"]));
    if release.spec.values_from.is_empty() {
        return stated.into_iter().collect();
    }
    let stated: Fields = stated.into_iter().collect();
    let mut merged = scalars(Some(View::plain(&release.values.node)));
    // Only the object's own values have their text as written.
    for (path, merged) in &mut merged {
        if let Some(own) = stated.get(path).filter(|own| own.value == merged.value) {
            *merged = own.clone();
        }
    }
    merged.into_iter().collect()
}

/// The settings whose lines are kept.
const RETRIES: &[(&str, &str)] = &[
    ("install.remediation.retries", "install.remediation.retries"),
    ("upgrade.remediation.retries", "upgrade.remediation.retries"),
];

/// The scalars of a spec that have no field of their own in an entry.
fn settings(inventory: &Inventory<'_>, release: &Release<'_>) -> BTreeMap<String, String> {
    const MOST: usize = 60;
    const ELSEWHERE: &[&str] = &[
        "chart",
        "chartRef",
        "dependsOn",
        "interval",
        "kubeConfig",
        "releaseName",
        "storageNamespace",
        "suspend",
        "targetNamespace",
        "values",
        "valuesFrom",
    ];
    let mut fields = FieldCollector::new(inventory, None, MOST);
    for (name, value) in inventory.view(release.object).entries_of("spec") {
        if !ELSEWHERE.contains(&name) {
            fields.add_value(name, name, value, 1);
        }
    }
    let found = fields.found.into_iter();
    found.map(|(path, field)| (path, field.value)).collect()
}

/// `install: 3 retries; upgrade: 3 retries, last failure remediated`
fn remediation(spec: &flux::HelmRelease) -> Option<String> {
    let mut parts = Vec::new();
    for (name, action) in [("install", &spec.install), ("upgrade", &spec.upgrade)] {
        let Some(action) = action else {
            continue;
        };
        let mut words = Vec::new();
        words.extend(action.retries.map(|retries| match retries {
            1 => "1 retry".to_owned(),
            retries if retries < 0 => "unlimited retries".to_owned(),
            retries => format!("{retries} retries"),
        }));
        words.extend(action.remediation_strategy.clone());
        words.extend(action.strategy.clone());
        if action.remediates_last_failure {
            words.push("last failure remediated".to_owned());
        }
        if !words.is_empty() {
            parts.push(format!("{name}: {}", words.join(", ")));
        }
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Names of buckets, by dotted path: texts under keys such as `bucket`, `bucketName` and `S3_BUCKET`, below `bucketNames`, and the
/// names in a list of `buckets`. A path that occurs several times, in a list, has a number from its second item on.
fn buckets(values: &Node) -> BTreeMap<String, String> {
    let mut buckets = BTreeMap::new();
    walk_scalars(values, &mut |path, scalar| {
        let (last, parent) = match path {
            [.., parent, last] => (*last, *parent),
            [last] => (*last, ""),
            [] => return,
        };
        if !is_bucket_key(last, parent) {
            return;
        }
        // Labels and their like describe other buckets.
        let mut keys = path.iter();
        let described = keys.any(|key| any_case::contains_any(key, &["label", "annotation", "metric"]));
        if let Some(scalar) = scalar.as_scalar().filter(|scalar| scalar.tag == Tag::Str)
            && let text = scalar.text.as_str()
            && !described
            && is_bucket_name(text)
            && redaction::credential(last, text).is_none()
        {
            let path = path.join(".");
            let mut key = path.clone();
            let mut number = 1;
            while buckets.contains_key(&key) {
                key = format!("{path}[{number}]");
                number += 1;
            }
            buckets.insert(key, text.to_owned());
        }
    });
    buckets
}

/// Whether the text under a key, or in a list or mapping under its parent, names a bucket.
fn is_bucket_key(key: &str, parent: &str) -> bool {
    const NAME: &[&str] = &["bucket", "bucket_", "buckets", "bucketname", "bucket_name"];
    const NAMES: &[&str] = &["bucketnames", "bucket_names"];
    ends_with_any(key, NAME)
        || ends_with_any(key, NAMES)
        || ends_with_any(parent, NAMES)
        || (key == "name" && ends_with_any(parent, &["bucket", "buckets"]))
}

fn is_bucket_name(text: &str) -> bool {
    (3..=255).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_./:${}=".contains(&b))
        && !matches!(text, "true" | "false")
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileId, Limits};

    fn read(text: &str) -> Node {
        yaml_node::read_documents(text, FileId(1), &Limits::default())
            .unwrap()
            .remove(0)
    }

    #[test]
    fn remediation_in_short() {
        let node = read(
            "spec: {install: {remediation: {retries: 3}}, upgrade: {remediation: {retries: -1, remediateLastFailure: true}}}",
        );
        assert_eq!(
            remediation(&flux::HelmRelease::of(&node)).as_deref(),
            Some("install: 3 retries; upgrade: unlimited retries, last failure remediated")
        );
    }

    #[test]
    fn buckets_by_path() {
        let node = read(
            "loki: {storage: {bucketNames: {chunks: a-loki}}}\ns3: {bucket_name: '${x}-b', other: c}\nbuckets: [{name: one, policy: none}, {name: two}]\nmetrics: {labelsFromPath: {bucket_name: bucketName}}\nhealthCheck: {bucket: {interval: 60s}}\nbucketRegion: eu-west-1\nenv: [{name: S3_BUCKET, value: three}]\n",
        );
        assert_eq!(
            buckets(&node).into_iter().collect::<Vec<_>>(),
            [
                ("buckets.name", "one"),
                ("buckets.name[1]", "two"),
                ("env.S3_BUCKET", "three"),
                ("loki.storage.bucketNames.chunks", "a-loki"),
                ("s3.bucket_name", "${x}-b"),
            ]
            .map(|(path, name)| (path.to_owned(), name.to_owned()))
        );
    }
}
