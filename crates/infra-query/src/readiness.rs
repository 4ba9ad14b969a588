//! What keeps a Flux object from becoming ready, as far as the repository tells: what it waits for, or its own source.

use infra_model::flux::{ChartStatus, Kustomization};

use crate::flux::waits::Wait;
use crate::graph::links::source_of;
use crate::{Facts, Subject};

/// Why something is not ready, or may not be.
enum Cause {
    /// It cannot be, unless something outside of the repository helps.
    Never(String),
    /// Its content is not known here.
    Unknown(String),
}

/// What follows for a thing from itself and from what it waits for, nearest first, in words; none where nothing speaks against it.
pub(crate) fn readiness(
    facts: &dyn Facts,
    own: Option<&Kustomization>,
    waits_for: &[Wait<'_>],
) -> Option<String> {
    let own = own
        .and_then(|own| of_kustomization(facts, own))
        .map(|cause| match cause {
            Cause::Never(why) => Cause::Never(format!("its {why}")),
            Cause::Unknown(why) => Cause::Unknown(format!("its {why}")),
        });
    let waits = waits_for.iter().filter_map(|wait| {
        let waits = |why: &str| format!("waits for {}, {why}", wait.key);
        Some(match of_wait(facts, wait)? {
            Cause::Never(why) => Cause::Never(waits(&why)),
            Cause::Unknown(why) => Cause::Unknown(waits(&why)),
        })
    });
    let causes: Vec<Cause> = own.into_iter().chain(waits).collect();
    let never = causes.iter().find_map(|cause| match cause {
        Cause::Never(why) => Some(why),
        Cause::Unknown(_) => None,
    });
    let unknown = causes.iter().find_map(|cause| match cause {
        Cause::Unknown(why) => Some(why),
        Cause::Never(_) => None,
    });
    match (never, unknown) {
        (Some(why), _) => Some(format!("never, as far as the repository tells: {why}")),
        (None, Some(why)) => Some(format!("not known here: {why}")),
        (None, None) => None,
    }
}

fn of_wait(facts: &dyn Facts, wait: &Wait<'_>) -> Option<Cause> {
    match wait.subject {
        None if wait.is_elsewhere => None,
        // What is not known here may make it.
        None if is_anything_unknown(facts) => Some(Cause::Unknown(
            "which nothing makes that is known here".to_owned(),
        )),
        None => Some(Cause::Never("which nothing in the repository makes".to_owned())),
        Some(Subject::Kustomization(_, it)) => Some(match of_kustomization(facts, it)? {
            Cause::Never(why) => Cause::Never(format!("whose {why}")),
            Cause::Unknown(why) => Cause::Unknown(format!("whose {why}")),
        }),
        Some(Subject::HelmRelease(_, release)) => (release.chart_status == Some(ChartStatus::Failed))
            .then(|| Cause::Never("whose chart fails with its values".to_owned())),
        _ => None,
    }
}

/// What is said of a Kustomization behind `its` or `whose`.
fn of_kustomization(facts: &dyn Facts, kustomization: &Kustomization) -> Option<Cause> {
    let (key, source) = source_of(facts, kustomization)?;
    if source.missing {
        return Some(match is_anything_unknown(facts) {
            true => Cause::Unknown(format!("source {key} nothing makes that is known here")),
            false => Cause::Never(format!("source {key} nothing in the repository makes")),
        });
    }
    if kustomization.error.is_some() {
        return Some(Cause::Never("build fails".to_owned()));
    }
    let is_elsewhere = !source.is_self && kustomization.objects == 0;
    is_elsewhere.then(|| Cause::Unknown(format!("source {key} is declared, but its content is elsewhere")))
}

/// Whether there are Kustomizations whose objects are not known, which may be anything.
fn is_anything_unknown(facts: &dyn Facts) -> bool {
    facts.kustomizations().iter().any(|(_, it)| {
        let is_elsewhere = || {
            it.objects == 0
                && source_of(facts, it).is_some_and(|(_, source)| !source.is_self && !source.missing)
        };
        it.partial || it.error.is_some() || is_elsewhere()
    })
}
