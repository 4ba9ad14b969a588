//! `api-removed` of custom resources: a version that the definition of their kind in this cluster does not serve, or that the
//! installed version of the operator lacks.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashMapExt};
use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use super::{api_version, is_true, source_in_parentheses};
use crate::inventory::{Inventory, Object};
use crate::kinds::external_secret::{GROUP, KINDS, STORES};
use crate::linker::Linker;

/// First release of External Secrets that does not serve `v1beta1`
/// (<https://github.com/external-secrets/external-secrets/releases/tag/v0.17.0>), and first one that serves `v1`.
const WITHOUT_BETA: (u64, u64) = (0, 17);
const WITH_V1: (u64, u64) = (0, 16);

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let definitions = definitions(inventory);
    let external_secrets = external_secrets_version(linker);
    // By version and kind: the first object, why its version is not served, and the number of others.
    let mut found: BTreeMap<(&str, &str), (&Object<'_>, Unserved<'_>, usize)> = BTreeMap::new();
    for object in inventory.objects.iter().filter(|object| !object.is_of_chart()) {
        let Some((_, version)) = object.api_version.split_once('/') else {
            continue;
        };
        // `api_removed` and `core_api_removed` check the versions of Flux and Kubernetes.
        if object.group.contains("fluxcd.")
            || !object.group.contains('.')
            || object.group.ends_with(".k8s.io")
        {
            continue;
        }
        let unserved = match definitions.get(&(object.group, object.kind)) {
            Some(definition) if definition.served.contains(version) => continue,
            Some(definition) => Unserved::ByDefinition(definition),
            None => match &external_secrets {
                Some(stated) if stated.is_missing(object, version) => Unserved::ByOperator(stated),
                _ => continue,
            },
        };
        found
            .entry((object.api_version, object.kind))
            .and_modify(|(.., more)| *more += 1)
            .or_insert((object, unserved, 0));
    }
    let findings = found.into_iter().map(|((version, _), (object, unserved, more))| {
        let (severity, why, hint) = unserved.reason(inventory, object.group);
        let hint = format!(
            "{hint}; Flux applies nothing of a Kustomization with an object that the API server does not know"
        );
        api_version::finding(inventory, (object, more), severity, version, &why, hint)
    });
    findings.collect()
}

/// A CustomResourceDefinition, and the versions that it serves.
struct Definition<'a> {
    object: &'a Object<'a>,
    served: BTreeSet<&'a str>,
}

/// Why a version is not served.
#[derive(Clone, Copy)]
enum Unserved<'f> {
    ByDefinition(&'f Definition<'f>),
    ByOperator(&'f StatedVersion),
}

impl Unserved<'_> {
    /// Severity, reason and hint.
    fn reason(self, inventory: &Inventory<'_>, group: &str) -> (Severity, String, String) {
        match self {
            Unserved::ByDefinition(definition) => {
                let place = source_in_parentheses(inventory, definition.object);
                let served = definition.served.iter();
                let served: Vec<String> = served.map(|version| format!("{group}/{version}")).collect();
                (
                    Severity::Error,
                    format!("which {}{place} does not serve", definition.object.object_name()),
                    match served.as_slice() {
                        [] => "no version of it is served: remove it".to_owned(),
                        served => format!("use {}", served.join(" or ")),
                    },
                )
            }
            Unserved::ByOperator(stated) => {
                let (version, place) = (&stated.version, &stated.place);
                let (why, hint) = match stated.number < WITH_V1 {
                    true => (
                        format!(
                            "which External Secrets {version} ({place}) does not serve yet: it came with 0.16"
                        ),
                        format!("use {group}/v1beta1, or upgrade External Secrets"),
                    ),
                    false => (
                        format!(
                            "which External Secrets 0.17 and later do not serve, and {version} is installed ({place})"
                        ),
                        format!("use {group}/v1, which has the same fields"),
                    ),
                };
                (Severity::Warning, why, hint)
            }
        }
    }
}

fn definitions<'a>(inventory: &'a Inventory<'a>) -> HashMap<(&'a str, &'a str), Definition<'a>> {
    let mut definitions = HashMap::new();
    for object in inventory.of("apiextensions.k8s.io", "CustomResourceDefinition") {
        // Where the nearest version of a chart was rendered, it may define other API versions than the stated one.
        let by = object.applied.generated_by.as_ref();
        let rendered = by.and_then(|by| inventory.evaluation.rendered_release(by));
        if rendered.is_some_and(|rendered| !rendered.is_wanted_version) {
            continue;
        }
        let node = object.node();
        let (Some(group), Some(kind), Some(versions)) = (
            node.text_at(&["spec", "group"]),
            node.text_at(&["spec", "names", "kind"]),
            node.at(&["spec", "versions"]),
        ) else {
            continue;
        };
        let served = versions
            .items()
            .iter()
            .filter(|version| is_true(version, &["served"]));
        let served = served.filter_map(|version| version.text_at(&["name"])).collect();
        definitions.insert((group, kind), Definition { object, served });
    }
    definitions
}

/// The version of External Secrets that a release installs.
struct StatedVersion {
    version: String,
    number: (u64, u64),
    place: String,
}

impl StatedVersion {
    /// Whether it has an object's kind, but not in this API version.
    fn is_missing(&self, object: &Object<'_>, version: &str) -> bool {
        let is_removed = match version {
            "v1beta1" => self.number >= WITHOUT_BETA,
            "v1" => self.number < WITH_V1,
            _ => false,
        };
        let mut kinds = KINDS.iter().chain(STORES);
        is_removed && object.group == GROUP && kinds.any(|kind| *kind == object.kind)
    }
}

/// The version of the one release that installs External Secrets with its definitions.
fn external_secrets_version(linker: &Linker<'_>) -> Option<StatedVersion> {
    let mut releases = linker.releases.iter().filter(|release| {
        release.evaluated.is_some() && release.chart.name.as_deref() == Some("external-secrets")
    });
    let release = releases.next().filter(|_| releases.next().is_none())?;
    let values = &release.values.node;
    let is = |path: &[&str], value: bool| values.at(path).and_then(Node::as_bool) == Some(value);
    // The definitions come from elsewhere, or serve the old version on purpose.
    if is(&["installCRDs"], false)
        || is(&["crds", "unsafeServeV1Beta1"], true)
        || is(&["crds", "serveV1Beta1"], true)
    {
        return None;
    }
    let version = release.chart.version.clone()?;
    let mut parts = version.trim_start_matches('v').split('.');
    let mut number = || parts.next()?.parse().ok();
    Some(StatedVersion {
        number: (number()?, number()?),
        place: release.chart.version_place.as_ref()?.to_string(),
        version,
    })
}
