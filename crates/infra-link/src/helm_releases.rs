//! HelmReleases turn into catalog entries, and into releases with names and effective values for the later steps.
//!
//! Rules: <https://fluxcd.io/flux/components/helm/helmreleases/>.

use std::collections::BTreeMap;

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
    /// The release's name.
    pub(crate) name: String,
    /// Where it is installed.
    pub(crate) namespace: &'a str,
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
                let view = inventory.view(object);
                Release {
                    object,
                    view,
                    name: release_name(object.name, view),
                    namespace: view
                        .text_at(&["spec", "targetNamespace"])
                        .unwrap_or(object.namespace),
                    values: effective_values(inventory, embedded, names, object),
                    chart: chart(inventory, object, view),
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
                ".Release.Namespace" => filled.push_str(self.namespace),
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
fn release_name(name: &str, view: View<'_>) -> String {
    let full = match (
        view.text_at(&["spec", "releaseName"]),
        view.text_at(&["spec", "targetNamespace"]),
    ) {
        (Some(stated), _) => stated.to_owned(),
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

/// Reads `spec.chart` or `spec.chartRef`.
fn chart(inventory: &Inventory<'_>, release: &Object<'_>, view: View<'_>) -> Chart {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let own_namespace = release.namespace;
    if let Some(spec) = view.at(&["spec", "chart", "spec"]) {
        return with_url(inventory, from_chart_spec(spec, own_namespace));
    }
    let Some(reference) = view.at(&["spec", "chartRef"]) else {
        return Chart::default();
    };
    let (Some(kind), Some(name)) = (reference.text_of("kind"), reference.text_of("name")) else {
        return Chart::default();
    };
    let namespace = reference.text_of("namespace").unwrap_or(own_namespace);
    let chart_ref = Some(ChartRef {
        kind: kind.to_owned(),
        name: name.to_owned(),
        namespace: namespace.to_owned(),
    });
    let target = inventory
        .find(SOURCE, kind, namespace, name)
        .map(|object| inventory.view(object));
    let chart = match (kind, target) {
        ("HelmChart", Some(target)) => target
            .get("spec")
            .map_or_else(Chart::default, |spec| from_chart_spec(spec, namespace)),
        ("OCIRepository", target) => {
            let url = target.and_then(|target| target.text_at(&["spec", "url"]));
            let reference = target.and_then(|target| target.at(&["spec", "ref"]));
            let version = ["digest", "semver", "tag"]
                .iter()
                .find_map(|field| reference.and_then(|reference| reference.text_of(field)));
            Chart {
                name: owned(url.and_then(last_part)),
                version: owned(version),
                ..Chart::default()
            }
        }
        _ => Chart::default(),
    };
    let source = match chart.source_name {
        Some(_) => chart,
        None => Chart {
            source_kind: Some(kind.to_owned()),
            source_name: Some(name.to_owned()),
            source_namespace: namespace.to_owned(),
            ..chart
        },
    };
    Chart {
        chart_ref,
        ..with_url(inventory, source)
    }
}

fn from_chart_spec(spec: View<'_>, own_namespace: &str) -> Chart {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let source = spec.get("sourceRef");
    let of_source = |field| source.and_then(|source| source.text_of(field));
    Chart {
        name: owned(spec.text_of("chart")),
        version: owned(spec.text_of("version")),
        source_kind: owned(of_source("kind")),
        source_name: owned(of_source("name")),
        source_namespace: of_source("namespace").unwrap_or(own_namespace).to_owned(),
        ..Chart::default()
    }
}

fn with_url(inventory: &Inventory<'_>, mut chart: Chart) -> Chart {
    if let (Some(kind), Some(name)) = (&chart.source_kind, &chart.source_name) {
        chart.source_url = inventory
            .find(SOURCE, kind, &chart.source_namespace, name)
            .and_then(|object| crate::sources::url(inventory.view(object)));
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
    let (object, view) = (release.object, release.view);
    let text = |path: &[&str]| view.text_at(path).map(str::to_owned);
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
        interval: text(&["spec", "interval"]),
        target_namespace: text(&["spec", "targetNamespace"]),
        release_name: release.name.clone(),
        release_namespace: release.namespace.to_owned(),
        storage_namespace: text(&["spec", "storageNamespace"]),
        depends_on: depends_on(release).map(|name| key_or_name(keys, &name)).collect(),
        values_from: values_from(release, known),
        suspend: suspended(view),
        remediation: remediation(view),
        buckets: buckets(&release.values.node),
        source: inventory.source(object),
    }
}

/// `spec.suspend`
pub(crate) fn suspended(view: View<'_>) -> bool {
    view.at(&["spec", "suspend"])
        .and_then(|view| view.node.as_bool())
        .unwrap_or(false)
}

/// The HelmReleases that one waits for, in the order stated.
pub(crate) fn depends_on<'r>(release: &'r Release<'_>) -> impl Iterator<Item = ObjectRef> + 'r {
    release
        .view
        .at(&["spec", "dependsOn"])
        .into_iter()
        .flat_map(View::items)
        .filter_map(|entry| {
            let namespace = entry.text_of("namespace").unwrap_or(release.object.namespace);
            Some(ObjectRef::new("HelmRelease", namespace, entry.text_of("name")?))
        })
}

fn key_or_name(keys: &KeyTable, name: &ObjectRef) -> Key {
    keys.get(name)
        .cloned()
        .unwrap_or_else(|| format!("{}/{}", name.namespace, name.name))
}

fn values_from(release: &Release<'_>, known: &dyn Fn(Used, &str, &str) -> bool) -> Vec<ValuesFrom> {
    release
        .view
        .at(&["spec", "valuesFrom"])
        .into_iter()
        .flat_map(View::items)
        .filter_map(|entry| {
            let kind = entry.text_of("kind")?;
            let name = entry.text_of("name")?;
            let used = if kind == "Secret" {
                Used::Secret
            } else {
                Used::ConfigMap
            };
            Some(ValuesFrom {
                kind: kind.to_owned(),
                name: name.to_owned(),
                values_key: entry.text_of("valuesKey").map(str::to_owned),
                target_path: entry.text_of("targetPath").map(str::to_owned),
                optional: entry
                    .get("optional")
                    .and_then(|view| view.node.as_bool())
                    .unwrap_or(false),
                known: known(used, release.object.namespace, name),
            })
        })
        .collect()
}

/// `install: 3 retries; upgrade: 3 retries, last failure remediated`
fn remediation(view: View<'_>) -> Option<String> {
    let mut parts = Vec::new();
    for action in ["install", "upgrade"] {
        let Some(action_view) = view.at(&["spec", action]) else {
            continue;
        };
        let mut words = Vec::new();
        if let Some(retries) = action_view
            .at(&["remediation", "retries"])
            .and_then(|view| view.node.as_i64())
        {
            words.push(match retries {
                1 => "1 retry".to_owned(),
                retries if retries < 0 => "unlimited retries".to_owned(),
                retries => format!("{retries} retries"),
            });
        }
        if let Some(strategy) = action_view.text_at(&["remediation", "strategy"]) {
            words.push(strategy.to_owned());
        }
        if let Some(strategy) = action_view.text_at(&["strategy", "name"]) {
            words.push(strategy.to_owned());
        }
        let last = action_view
            .at(&["remediation", "remediateLastFailure"])
            .and_then(|view| view.node.as_bool());
        if last == Some(true) {
            words.push("last failure remediated".to_owned());
        }
        if !words.is_empty() {
            parts.push(format!("{action}: {}", words.join(", ")));
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
        assert_eq!(release_name("app", View::new(&node, None, None)), expected);
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
            remediation(View::new(&node, None, None)).as_deref(),
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
