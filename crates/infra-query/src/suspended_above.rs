//! Kustomizations that are suspended above a thing.

use std::collections::BTreeSet;

use infra_model::flux::Kustomization;
use plain_text::{Lines, line, printable_name};

use crate::{Facts, Subject};

/// The nearest suspended Kustomization that applies the Kustomization with this key, directly or through others.
pub(crate) fn suspended_above<'a>(facts: &'a dyn Facts, key: &str) -> Option<&'a Kustomization> {
    let mut seen = BTreeSet::new();
    let mut parent = facts.kustomizations().get(key)?.parent.as_deref();
    while let Some(key) = parent.filter(|key| seen.insert(*key)) {
        let kustomization = facts.kustomizations().get(key)?;
        if kustomization.suspend {
            return Some(kustomization);
        }
        parent = kustomization.parent.as_deref();
    }
    None
}

/// The suspended Kustomization above the one that applies a thing; for what does not say itself that its own is suspended, that
/// one.
pub(crate) fn above<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Option<&'a Kustomization> {
    let key = match subject {
        Subject::Service(_, service) => service.kustomization.as_ref(),
        Subject::HelmRelease(_, release) => release.kustomization.as_ref(),
        Subject::Kustomization(key, _) => return suspended_above(facts, key),
        Subject::Object(_, object) => object.kustomization.as_ref(),
        Subject::Source(_, source) => source.kustomization.as_ref(),
        Subject::ConfigMap(_, map) => map.kustomization.as_ref(),
        Subject::Secret(_, secret) => secret.kustomization.as_ref(),
        _ => None,
    }?;
    let own = facts.kustomizations().get(key);
    own.filter(|own| own.suspend && !matches!(subject, Subject::Service(..)))
        .or_else(|| suspended_above(facts, key))
}

/// Whether a thing itself is suspended.
pub(crate) fn is_suspended(subject: Subject<'_>) -> bool {
    match subject {
        Subject::Kustomization(_, kustomization) => kustomization.suspend,
        Subject::HelmRelease(_, release) => release.suspend,
        _ => false,
    }
}

/// What that means.
pub(crate) fn write(f: &mut Lines<'_>, above: Option<&Kustomization>) -> std::fmt::Result {
    let Some(above) = above else { return Ok(()) };
    let place = above
        .source
        .as_ref()
        .map_or(String::new(), |place| format!(" ({place})"));
    line!(
        f,
        "suspended above: Kustomization {}{}; it is there only as far as it was applied before",
        printable_name(&above.name),
        printable_name(&place)
    )
}
