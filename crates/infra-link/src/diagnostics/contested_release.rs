//! `contested-owner` of releases: two HelmReleases that are one release of Helm, and objects that a chart makes and another chart
//! or a Kustomization applies too.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use flux_evaluate::Applied;
use infra_model::{ObjectRef, codes};
use source_tree::Diagnostic;
use yaml_node::Node;

use super::first_and_more;
use crate::inventory::MadeTwice;
use crate::kinds::helm_release::Release;
use crate::linker::Linker;

/// Kinds of objects that two charts may make without harm.
const SHARED: &[&str] = &["CustomResourceDefinition", "Namespace"];

/// Annotations, with the values that make Flux leave an object alone.
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
    let releases = one_release
        .iter()
        .filter_map(|(first, second)| finding(linker, first, second));
    releases.chain(objects(linker, &pairs)).collect()
}

/// A Helm release: the namespace of its record, its name, and the kubeconfig of its cluster.
type Identity<'r> = (&'r str, &'r str, Option<(&'r str, &'r str, Option<&'r str>)>);

/// HelmReleases that are the same Helm release: helm-controller records a release in `storageNamespace`, by default the namespace of
/// the HelmRelease (<https://github.com/fluxcd/helm-controller/blob/main/api/v2/helmrelease_types.go>).
fn same_release<'l>(linker: &'l Linker<'_>) -> Vec<(&'l Release<'l>, &'l Release<'l>)> {
    let mut known: BTreeMap<Identity<'_>, &Release<'_>> = BTreeMap::new();
    let mut found: Vec<(&Release<'_>, &Release<'_>)> = Vec::new();
    for release in linker.releases {
        let owner = linker.inventory.owner(release.object);
        let is_suspended = release.spec.suspend || owner.is_some_and(|owner| owner.suspend);
        let storage = storage(release);
        let is_unknown = |text: &str| text.contains("${");
        if is_suspended || is_unknown(&release.name) || is_unknown(storage) {
            continue;
        }
        let config = release.object.node().at(&["spec", "kubeConfig"]);
        let config = config.and_then(|config| {
            let of = |field: &str| Some((config.text_at(&[field, "name"])?, config.text_at(&[field, "key"])));
            of("secretRef").or_else(|| of("configMapRef"))
        });
        let config = config.map(|(name, key)| (release.object.namespace, name, key));
        match known.entry((storage, release.name.as_str(), config)) {
            Entry::Occupied(first) => found.push((*first.get(), release)),
            Entry::Vacant(entry) => {
                entry.insert(release);
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

fn finding(linker: &Linker<'_>, first: &Release<'_>, second: &Release<'_>) -> Option<Diagnostic> {
    let (one, other) = (first.object.object_name(), second.object.object_name());
    let (name, namespace) = (&second.name, storage(second));
    let place = linker.inventory.source(first.object)?;
    let message = format!(
        "{other} and {one} ({place}) are both recorded as the release {name} in the namespace {namespace}: each upgrades the other's"
    );
    Some(
        Diagnostic::warning(codes::CONTESTED_OWNER, message)
            .at(linker.inventory.source(second.object))
            .on(other.to_string())
            .hint("give one of them another `releaseName`, or remove it"),
    )
}

/// Objects that two charts make, or a chart and a Kustomization; one finding for each pair of makers.
fn objects(linker: &Linker<'_>, pairs: &[(ObjectRef, ObjectRef)]) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut by_makers: BTreeMap<(String, String), Vec<&Applied>> = BTreeMap::new();
    for MadeTwice { first, second } in &inventory.made_twice {
        let ((chart, chart_owner), (other, other_owner)) = match &first.0.generated_by {
            Some(by) if by.kind == "HelmRelease" => (*first, *second),
            _ => (*second, *first),
        };
        let (Some(chart_by), other_by) = (&chart.generated_by, &other.generated_by) else {
            continue;
        };
        let is_of_release = other_by.as_ref().is_none_or(|by| by.kind == "HelmRelease");
        let is_suspended = |owner: usize| inventory.owners.get(owner).is_some_and(|owner| owner.suspend);
        let kind = chart.node.text_at(&["kind"]).unwrap_or_default();
        if !is_of_release
            || SHARED.contains(&kind)
            || is_suspended(chart_owner)
            || is_suspended(other_owner)
            || is_hook(linker, chart_by, chart)
            || other_by.as_ref().is_some_and(|by| is_hook(linker, by, other))
            || is_left_alone(&other.node)
        {
            continue;
        }
        let is_suspended_release = |by: &ObjectRef| {
            let mut releases = linker.releases.iter();
            releases.any(|release| release.spec.suspend && release.object.object_name() == *by)
        };
        let is_one_release = |by: &ObjectRef| {
            let mut pairs = pairs.iter();
            pairs.any(|(a, b)| (a == by && b == chart_by) || (a == chart_by && b == by))
        };
        let is_excused = |by: &ObjectRef| is_suspended_release(by) || is_one_release(by);
        if is_suspended_release(chart_by) || other_by.as_ref().is_some_and(is_excused) {
            continue;
        }
        let other_name = match other_by {
            Some(by) => by.to_string(),
            None => match inventory
                .owners
                .get(other_owner)
                .and_then(|owner| owner.key.as_ref())
            {
                Some(key) => format!("Kustomization {key}"),
                None => continue,
            },
        };
        by_makers
            .entry((chart_by.to_string(), other_name))
            .or_default()
            .push(other);
    }
    let finding = |((chart, other), objects): ((String, String), Vec<&Applied>)| {
        let (stated, more) = first_and_more(objects)?;
        let name = identity(stated);
        Some(
            Diagnostic::warning(
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
