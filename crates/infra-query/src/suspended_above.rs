//! Suspended Kustomizations above an object.

use std::collections::BTreeSet;

use infra_model::flux::Kustomization;
use plain_text::{Lines, line, printable_name};

use crate::{Facts, Keyed, Subject};

/// A Kustomization and those above it, each once. It ends at a circle, which a repository can state.
pub(crate) fn upwards<'a>(
    facts: &'a dyn Facts,
    key: Option<&str>,
) -> impl Iterator<Item = Keyed<'a, Kustomization>> + use<'a> {
    let get = |key: &str| facts.kustomizations().get_key_value(key);
    let mut seen = BTreeSet::new();
    let first = key.and_then(get);
    let all = std::iter::successors(first, move |(_, it)| get(it.parent.as_deref()?));
    all.take_while(move |(key, _)| seen.insert(*key))
}

/// The nearest suspended Kustomization that applies the Kustomization with this key, directly or through others.
pub(crate) fn suspended_above<'a>(facts: &'a dyn Facts, key: &str) -> Option<&'a Kustomization> {
    let parent = facts.kustomizations().get(key)?.parent.as_deref();
    let mut above = upwards(facts, parent).map(|(_, kustomization)| kustomization);
    above.find(|kustomization| kustomization.suspend)
}

/// The suspended Kustomization above the one that applies an object. For all but services, which report it themselves,
/// also the one that applies it.
pub(crate) fn above<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Option<&'a Kustomization> {
    let key = match subject {
        Subject::Kustomization(key, _) => return suspended_above(facts, key),
        Subject::Source(..) | Subject::Secret(..) => subject.kustomization()?,
        _ => subject.applied_by()?,
    };
    let own = facts.kustomizations().get(key);
    own.filter(|own| own.suspend && !matches!(subject, Subject::Service(..)))
        .or_else(|| suspended_above(facts, key))
}

/// Whether a subject itself is suspended.
pub(crate) fn is_suspended(subject: Subject<'_>) -> bool {
    match subject {
        Subject::Kustomization(_, kustomization) => kustomization.suspend,
        Subject::HelmRelease(_, release) => release.suspend,
        _ => false,
    }
}

/// Writes a line with the suspended Kustomization.
pub(crate) fn write(f: &mut Lines<'_>, above: Option<&Kustomization>) -> std::fmt::Result {
    let Some(above) = above else { return Ok(()) };
    let place = above.source.as_ref().map(|place| format!(" ({place})"));
    line!(
        f,
        "suspended above: Kustomization {}{}; only what was applied before exists",
        printable_name(&above.name),
        printable_name(&place.unwrap_or_default())
    )
}
