//! HelmReleases turn into catalog entries, and into releases with names and effective values for the later steps.
//!
//! Rules: <https://fluxcd.io/flux/components/helm/helmreleases/>.

use std::collections::BTreeMap;

use flux_evaluate::flux;
use infra_model::flux::{ChartRef, HelmRelease, ValuesFrom};
use infra_model::{Key, KeyTable, ObjectRef};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use yaml_node::{Node, Tag};

use crate::any_case;
use crate::crossplane::EmbeddedObjects;
use crate::helm_values::{EffectiveValues, effective_values, walk_scalars};
use crate::inventory::{HELM, Inventory, Object, SOURCE};
use crate::keys::GeneratedNames;
use crate::linker::Linker;
use crate::uses::Used;
use crate::view::View;

/// Helm's bound for release names.
const MAX_NAME: usize = 53;
const SHORT_HASH: usize = 12;

/// A HelmRelease with what the later steps need.
pub(crate) struct Release<'a> {
    pub(crate) object: &'a Object<'a>,
    pub(crate) view: View<'a>,
    /// The object's fields.
    pub(crate) spec: flux::HelmRelease,
    /// The release's name.
    pub(crate) name: String,
    /// Where it is installed.
    pub(crate) namespace: String,
    pub(crate) values: EffectiveValues,
    pub(crate) chart: Chart,
}

impl<'a> Release<'a> {
    /// Every HelmRelease of an inventory.
    pub(crate) fn all(
        inventory: &'a Inventory<'a>,
        embedded: &EmbeddedObjects<'a>,
        names: &GeneratedNames<'a>,
    ) -> Vec<Self> {
        inventory
            .ids_of(HELM, "HelmRelease")
            .par_iter()
            .filter_map(|id| inventory.objects.get(*id))
            .map(|object| {
                let spec = flux::HelmRelease::of(object.node());
                let namespace = spec.target_namespace.as_deref();
                Release {
                    object,
                    view: inventory.view(object),
                    name: release_name(object.name, &spec),
                    namespace: namespace.unwrap_or(object.namespace).to_owned(),
                    values: effective_values(inventory, embedded, names, object, &spec.values_from),
                    chart: chart(inventory, object.namespace, &spec),
                    spec,
                }
            })
            .collect()
    }

    /// A text of the values with the release's own names filled in; none where another template is in it.
    pub(crate) fn untemplated(&self, text: &str) -> Option<String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let (expression, after) = after.split_once("}}")?;
            match expression.trim_matches(['-', ' ']).trim_start_matches('$') {
                ".Release.Name" => filled.push_str(&self.name),
                ".Release.Namespace" => filled.push_str(&self.namespace),
                _ => return None,
            }
            rest = after;
        }
        filled.push_str(rest);
        Some(filled)
    }

    /// Names with which the Services of its chart start: the release's, and those that the values give.
    pub(crate) fn service_names(&self) -> Vec<String> {
        let mut names = vec![self.name.clone()];
        // The operator in it calls the Services of its Prometheus and Alertmanager so, whatever the release's name
        // (https://prometheus-operator.dev/docs/platform/operator/).
        if self.chart.name.as_deref() == Some("kube-prometheus-stack") {
            names.extend(["prometheus-operated", "alertmanager-operated"].map(str::to_owned));
        }
        walk_scalars(&self.values.node, &mut |path, scalar| {
            if path.last() == Some(&"fullnameOverride") {
                names.extend(scalar.as_str().filter(|name| !name.is_empty()).map(str::to_owned));
            }
        });
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// `[targetNamespace-]name` unless stated, shortened by Flux's rule
/// (<https://github.com/fluxcd/helm-controller/blob/main/internal/release/name.go>).
fn release_name(name: &str, spec: &flux::HelmRelease) -> String {
    let full = match (&spec.release_name, &spec.target_namespace) {
        (Some(stated), _) => stated.clone(),
        (None, Some(namespace)) => format!("{namespace}-{name}"),
        (None, None) => name.to_owned(),
    };
    if full.len() <= MAX_NAME {
        return full;
    }
    let hash: String = Sha256::digest(full.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let kept = full.get(..MAX_NAME - SHORT_HASH - 1).unwrap_or(&full);
    format!("{kept}-{}", hash.get(..SHORT_HASH).unwrap_or(&hash))
}

/// Chart, source and version of a HelmRelease.
#[derive(Clone, Default)]
pub(crate) struct Chart {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) source_kind: Option<String>,
    pub(crate) source_name: Option<String>,
    pub(crate) source_namespace: String,
    pub(crate) source_url: Option<String>,
    pub(crate) chart_ref: Option<ChartRef>,
}

/// The chart of `spec.chart` or `spec.chartRef`. `own_namespace` is that of the release.
fn chart(inventory: &Inventory<'_>, own_namespace: &str, release: &flux::HelmRelease) -> Chart {
    if let Some(spec) = &release.chart {
        return with_url(inventory, from_chart_spec(spec, own_namespace));
    }
    let Some(reference) = &release.chart_ref else {
        return Chart::default();
    };
    let ObjectRef {
        kind,
        namespace,
        name,
    } = &reference.id;
    if kind.is_empty() {
        return Chart::default();
    }
    let chart_ref = Some(ChartRef {
        kind: kind.clone(),
        name: name.clone(),
        namespace: namespace.clone(),
    });
    let target = inventory
        .find(SOURCE, kind, namespace, name)
        .map(|object| object.node());
    let chart = match (kind.as_str(), target) {
        ("HelmChart", Some(target)) => flux::ChartSpec::of_helm_chart(target)
            .map_or_else(Chart::default, |spec| from_chart_spec(&spec, namespace)),
        ("OCIRepository", Some(target)) => {
            let source = flux::Source::of(target);
            let reference = source.reference;
            Chart {
                name: source.url.as_deref().and_then(last_part).map(str::to_owned),
                version: reference.digest.or(reference.semver).or(reference.tag),
                ..Chart::default()
            }
        }
        _ => Chart::default(),
    };
    let source = match chart.source_name {
        Some(_) => chart,
        None => Chart {
            source_kind: Some(kind.clone()),
            source_name: Some(name.clone()),
            source_namespace: namespace.clone(),
            ..chart
        },
    };
    Chart {
        chart_ref,
        ..with_url(inventory, source)
    }
}

fn from_chart_spec(spec: &flux::ChartSpec, own_namespace: &str) -> Chart {
    let source = spec.source.as_ref().map(|source| &source.id);
    Chart {
        name: spec.chart.clone(),
        version: spec.version.clone(),
        source_kind: source.map(|id| id.kind.clone()).filter(|kind| !kind.is_empty()),
        source_name: source.map(|id| id.name.clone()),
        source_namespace: source.map_or(own_namespace, |id| &id.namespace).to_owned(),
        ..Chart::default()
    }
}

fn with_url(inventory: &Inventory<'_>, mut chart: Chart) -> Chart {
    if let (Some(kind), Some(name)) = (&chart.source_kind, &chart.source_name) {
        chart.source_url = inventory
            .find(SOURCE, kind, &chart.source_namespace, name)
            .and_then(|object| crate::sources::url(&flux::Source::of(object.node())));
    }
    chart
}

fn last_part(url: &str) -> Option<&str> {
    url.trim_end_matches('/')
        .rsplit('/')
        .next()
        .filter(|part| !part.is_empty())
}

/// The map `helm_releases`.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, HelmRelease> {
    let empty = KeyTable::default();
    let keys = linker.object_keys.table(HELM, "HelmRelease").unwrap_or(&empty);
    let known = |used: Used, namespace: &str, name: &str| linker.is_made(used, namespace, name);
    linker
        .releases
        .iter()
        .map(|release| {
            let entry = entry(linker.inventory, release, keys, &known);
            (linker.object_keys.key(release.object), entry)
        })
        .collect()
}

/// The catalog entry of a release. `known` answers whether the repository makes a ConfigMap or Secret.
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
        version: chart.version,
        kustomization: inventory.kustomization(object),
        also_applied_by: inventory.also_applied_by(object),
        interval: spec.interval.clone(),
        target_namespace: spec.target_namespace.clone(),
        release_name: release.name.clone(),
        release_namespace: release.namespace.clone(),
        storage_namespace: spec.storage_namespace.clone(),
        depends_on: spec
            .depends_on
            .iter()
            .map(|name| key_or_name(keys, name))
            .collect(),
        values_from: values_from(release, known),
        suspend: spec.suspend,
        remediation: remediation(spec),
        buckets: buckets(&release.values.node),
        source: inventory.source(object),
    }
}

fn key_or_name(keys: &KeyTable, name: &ObjectRef) -> Key {
    keys.get(name)
        .cloned()
        .unwrap_or_else(|| format!("{}/{}", name.namespace, name.name))
}

fn values_from(release: &Release<'_>, known: &dyn Fn(Used, &str, &str) -> bool) -> Vec<ValuesFrom> {
    release
        .spec
        .values_from
        .iter()
        .map(|reference| {
            let used = if reference.kind == "Secret" {
                Used::Secret
            } else {
                Used::ConfigMap
            };
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

/// Names of buckets, by dotted path: texts under keys such as `bucket`, `bucketName` and `S3_BUCKET`, below `bucketNames`, and
/// the names in a list of `buckets`. A path that occurs several times, in a list, is numbered from its second item on.
fn buckets(values: &Node) -> BTreeMap<String, String> {
    let mut buckets = BTreeMap::new();
    walk_scalars(values, &mut |path, scalar| {
        let (last, parent) = match path {
            [.., parent, last] => (*last, *parent),
            [last] => (*last, ""),
            [] => return,
        };
        if !names_bucket(last, parent) {
            return;
        }
        // Labels and their like describe buckets of others.
        let described = path.iter().any(|key| {
            ["label", "annotation", "metric"]
                .iter()
                .any(|word| any_case::contains(key, word))
        });
        let text = scalar
            .as_scalar()
            .filter(|scalar| scalar.tag == Tag::Str)
            .map(|scalar| scalar.text.as_str());
        if let Some(text) = text.filter(|text| !described && is_bucket_name(text))
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
fn names_bucket(key: &str, parent: &str) -> bool {
    const NAME: &[&str] = &["bucket", "bucket_", "buckets", "bucketname", "bucket_name"];
    const NAMES: &[&str] = &["bucketnames", "bucket_names"];
    let ends = |key: &str, ends: &[&str]| ends.iter().any(|end| any_case::ends_with(key, end));
    ends(key, NAME)
        || ends(key, NAMES)
        || ends(parent, NAMES)
        || (key == "name" && ends(parent, &["bucket", "buckets"]))
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

    #[track_caller]
    fn check_name(spec: &str, expected: &str) {
        let node = read(&format!("spec: {spec}"));
        assert_eq!(release_name("app", &flux::HelmRelease::of(&node)), expected);
    }

    #[test]
    fn release_names_follow_flux() {
        check_name("{}", "app");
        check_name("{targetNamespace: prod}", "prod-app");
        check_name("{targetNamespace: prod, releaseName: x}", "x");
        check_name(
            "{targetNamespace: a-namespace-with-a-very-long-name-for-a-test-of-names}",
            &{
                let full = "a-namespace-with-a-very-long-name-for-a-test-of-names-app";
                let hash: String = Sha256::digest(full)
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                format!("{}-{}", &full[..40], &hash[..12])
            },
        );
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
