//! `contested-owner` of releases: two HelmReleases that are one release of Helm, and objects that a chart makes and another chart
//! or a Kustomization applies too.

use std::collections::BTreeMap;

use flux_evaluate::Applied;
use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use super::first_and_more;
use crate::inventory::MadeTwice;
use crate::kinds::helm_release::Release;
use crate::linker::Linker;

/// Kinds of objects that charts share without harm.
const SHARED: &[&str] = &["CustomResourceDefinition", "Namespace"];

/// Annotations by which Flux leaves an object as it is.
const LEFT_ALONE: &[(&str, &[&str])] = &[
    ("kustomize.toolkit.fluxcd.io/reconcile", &["disabled"]),
    ("kustomize.toolkit.fluxcd.io/ssa", &["Ignore", "IfNotPresent"]),
];

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let one_release = same_release(linker);
    let pairs: Vec<(ObjectRef, ObjectRef)> = one_release
        .iter()
        .map(|(first, second)| (first.object.object_name(), second.object.object_name()))
        .collect();
    let mut findings: Vec<Diagnostic> = one_release
        .iter()
        .filter_map(|(first, second)| told(linker, first, second))
        .collect();
    findings.extend(objects(linker, &pairs));
    findings
}

/// A release of Helm: the namespace of its record, its name, and the cluster by its kubeconfig.
type Identity<'r> = (&'r str, &'r str, Option<(&'r str, &'r str, Option<&'r str>)>);

/// HelmReleases that are one release of Helm: helm-controller records a release in `storageNamespace`, which is that of the
/// HelmRelease by default (<https://github.com/fluxcd/helm-controller/blob/main/api/v2/helmrelease_types.go>).
fn same_release<'l>(linker: &'l Linker<'_>) -> Vec<(&'l Release<'l>, &'l Release<'l>)> {
    let inventory = linker.inventory;
    let mut known: BTreeMap<Identity<'_>, &Release<'_>> = BTreeMap::new();
    let mut found: Vec<(&Release<'_>, &Release<'_>)> = Vec::new();
    for release in linker.releases {
        let is_suspended = inventory.owner(release.object).is_some_and(|owner| owner.suspend);
        let storage = storage(release);
        let is_unknown = |text: &str| text.contains("${");
        if release.spec.suspend || is_suspended || is_unknown(&release.name) || is_unknown(storage) {
            continue;
        }
        let config = release.object.node().at(&["spec", "kubeConfig"]);
        let config = config.and_then(|config| {
            let of = |field: &str| Some((config.text_at(&[field, "name"])?, config.text_at(&[field, "key"])));
            of("secretRef").or_else(|| of("configMapRef"))
        });
        let config = config.map(|(name, key)| (release.object.namespace, name, key));
        match known.get(&(storage, release.name.as_str(), config)) {
            Some(first) => found.push((first, release)),
            None => {
                known.insert((storage, release.name.as_str(), config), release);
            }
        }
    }
    found
}

/// The namespace in which a release is recorded.
fn storage<'r>(release: &'r Release<'_>) -> &'r str {
    let stated = release.spec.storage_namespace.as_deref();
    stated.unwrap_or(release.object.namespace)
}

fn told(linker: &Linker<'_>, first: &Release<'_>, second: &Release<'_>) -> Option<Diagnostic> {
    let (one, other) = (first.object.object_name(), second.object.object_name());
    let (name, namespace) = (&second.name, storage(second));
    let place = linker.inventory.source(first.object)?;
    Some(
        Diagnostic::new(
            Severity::Warning,
            codes::CONTESTED_OWNER,
            format!("{other} and {one} ({place}) are both recorded as the release {name} in the namespace {namespace}: each upgrades the other's"),
        )
        .at(linker.inventory.source(second.object))
        .on(other.to_string())
        .hint("give one of them another `releaseName`, or remove it"),
    )
}

/// Objects that a chart makes, and something else too, the first of each pair of makers.
fn objects(linker: &Linker<'_>, pairs: &[(ObjectRef, ObjectRef)]) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut by_makers: BTreeMap<(String, String), Vec<&MadeTwice<'_>>> = BTreeMap::new();
    for twice in &inventory.made_twice {
        // The release first, and a manifest second.
        let (chart, other) = match &twice.first.0.generated_by {
            Some(by) if by.kind == "HelmRelease" => (twice.first, twice.second),
            _ => (twice.second, twice.first),
        };
        let (Some(chart_by), other_by) = (&chart.0.generated_by, &other.0.generated_by) else {
            continue;
        };
        let is_of_release = other_by.as_ref().is_none_or(|by| by.kind == "HelmRelease");
        let is_suspended = |owner: usize| inventory.owners.get(owner).is_some_and(|owner| owner.suspend);
        let kind = chart.0.node.text_at(&["kind"]).unwrap_or_default();
        if !is_of_release
            || SHARED.contains(&kind)
            || is_suspended(chart.1)
            || is_suspended(other.1)
            || is_hook(linker, chart_by, chart.0)
            || other_by.as_ref().is_some_and(|by| is_hook(linker, by, other.0))
            || is_left_alone(&other.0.node)
        {
            continue;
        }
        let releases = |one: &ObjectRef| {
            let mut releases = linker.releases.iter();
            releases.any(|release| release.spec.suspend && release.object.object_name() == *one)
        };
        let is_one = |by: &ObjectRef| {
            let pair =
                |(a, b): &(ObjectRef, ObjectRef)| (a == by && b == chart_by) || (a == chart_by && b == by);
            pairs.iter().any(pair)
        };
        if releases(chart_by) || other_by.as_ref().is_some_and(|by| releases(by) || is_one(by)) {
            continue;
        }
        let other_name = match other_by {
            Some(by) => by.to_string(),
            None => match inventory.owners.get(other.1).and_then(|owner| owner.key.as_ref()) {
                Some(key) => format!("Kustomization {key}"),
                None => continue,
            },
        };
        by_makers
            .entry((chart_by.to_string(), other_name))
            .or_default()
            .push(twice);
    }
    let finding = |((chart, other), twice): ((String, String), Vec<&MadeTwice<'_>>)| {
        let (first, more) = first_and_more(twice)?;
        let stated = match &first.first.0.generated_by {
            Some(by) if by.kind == "HelmRelease" => first.second.0,
            _ => first.first.0,
        };
        let name = identity(stated);
        Some(
            Diagnostic::new(
                Severity::Warning,
                codes::CONTESTED_OWNER,
                format!("the chart of {chart} makes {name}{more}, which {other} applies too"),
            )
            .at(inventory.place(stated.mark))
            .on(name)
            .hint("let one of them own the object: switch it off in the values of the chart, or remove the manifest"),
        )
    };
    by_makers.into_iter().filter_map(finding).collect()
}

fn identity(applied: &Applied) -> String {
    let text = |path: &[&str]| applied.node.text_at(path).unwrap_or_default();
    let namespace = text(&["metadata", "namespace"]);
    ObjectRef::new(text(&["kind"]), namespace, text(&["metadata", "name"])).to_string()
}

fn is_hook(linker: &Linker<'_>, release: &ObjectRef, applied: &Applied) -> bool {
    let annotation = applied.node.at(&["metadata", "annotations", "helm.sh/hook"]);
    let rendered = linker.inventory.evaluation.rendered_release(release);
    let text = |path: &[&str]| applied.node.text_at(path).unwrap_or_default();
    annotation.is_some()
        || rendered.is_some_and(|rendered| {
            rendered
                .hooks
                .iter()
                .any(|hook| hook.kind == text(&["kind"]) && hook.name == text(&["metadata", "name"]))
        })
}

fn is_left_alone(node: &Node) -> bool {
    LEFT_ALONE.iter().any(|(annotation, values)| {
        let stated = node.text_at(&["metadata", "annotations", annotation]);
        stated.is_some_and(|stated| values.iter().any(|value| value.eq_ignore_ascii_case(stated)))
    })
}
