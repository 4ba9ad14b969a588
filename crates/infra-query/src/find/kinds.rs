//! Kinds that people ask for by name although there is no object of them.

use crate::Facts;
use crate::graph::links::source_of;
use crate::question::lower;

/// Kinds of Kubernetes, of Flux, and of operators that are common in Flux repositories. Kinds of definitions that
/// charts bring are looked up in the catalogs.
fn known() -> impl Iterator<Item = &'static str> {
    let lines = include_str!("../../data/kinds.txt").lines();
    lines.filter(|line| !line.starts_with('#'))
}

/// Whether a word is a kind, in any case.
pub(super) fn is_known(kind: &str) -> bool {
    known().any(|known| known.eq_ignore_ascii_case(kind))
}

/// Whether a term is a kind as manifests write it: `Alert`, and not `alert`.
pub(super) fn is_written(term: &str) -> bool {
    known().any(|known| known == term.trim())
}

/// The kind that a term names, in any case, in the singular or plural.
pub(super) fn known_kind(facts: &dyn Facts, term: &str) -> Option<String> {
    let term = term.trim();
    if let Some(kind) = known().find(|kind| is_named(kind, term)) {
        return Some(kind.to_owned());
    }
    // The name of a definition begins with the plural: `scheduledbackups.postgresql.cnpg.io`.
    let asked = lower(term);
    let is_word = !term.is_empty() && term.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_plural = |definition: &str| {
        let plural = definition.split('.').next().unwrap_or(definition);
        plural == asked || plurals(&asked).iter().any(|own| own == plural)
    };
    let of_charts = facts
        .helm_releases()
        .iter()
        .flat_map(|(_, release)| &release.crds);
    let objects = facts.objects().iter();
    let definitions = objects.filter(|(_, object)| object.kind == "CustomResourceDefinition");
    let mut definitions = of_charts
        .map(String::as_str)
        .chain(definitions.map(|(_, object)| object.name.as_str()));
    (is_word && definitions.any(is_plural)).then(|| term.to_owned())
}

/// Whether a term is a kind, or its plural.
fn is_named(kind: &str, term: &str) -> bool {
    kind.eq_ignore_ascii_case(term)
        || plurals(&lower(kind))
            .iter()
            .any(|own| own.eq_ignore_ascii_case(term))
}

/// The possible plurals of a kind, as in `policies` and `ingresses`.
fn plurals(kind: &str) -> [String; 3] {
    let stem = kind.strip_suffix('y').unwrap_or(kind);
    [format!("{kind}s"), format!("{kind}es"), format!("{stem}ies")]
}

/// The number of Kustomizations and charts that may apply objects which are not known: Kustomizations that fail or
/// whose content is elsewhere, and charts that are not available. Empty if there are none.
pub(super) fn not_at_hand(facts: &dyn Facts) -> String {
    let kustomizations = facts.kustomizations().iter().filter(|(_, it)| {
        it.partial
            || it.error.is_some()
            || source_of(facts, it).is_some_and(|(_, source)| !source.is_self && it.objects == 0)
    });
    let releases = facts.helm_releases().iter();
    let charts = releases.filter(|(_, release)| release.is_chart_unknown());
    let counted = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        count => Some(format!("{count} {word}s")),
    };
    let parts = [
        counted(kustomizations.count(), "Kustomization"),
        counted(charts.count(), "chart"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(" and ")
}
