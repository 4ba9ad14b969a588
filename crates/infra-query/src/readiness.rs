//! What keeps a Flux object from becoming ready, as far as the repository shows it: its dependencies, or its own
//! source.

use infra_model::flux::{ChartStatus, Kustomization};

use crate::flux::waits::Wait;
use crate::graph::links::source_of;
use crate::{Facts, Subject};

/// Why an object is not ready, or may not be.
struct Cause {
    /// Whether it cannot become ready, unless something outside of the repository helps; else its content is not known
    /// here.
    is_certain: bool,
    why: String,
}

impl Cause {
    fn new(is_certain: bool, why: impl Into<String>) -> Self {
        let why = why.into();
        Cause { is_certain, why }
    }

    fn behind(self, words: &str) -> Self {
        Cause::new(self.is_certain, format!("{words} {}", self.why))
    }
}

/// What keeps an object from becoming ready, in words: its own state, or that of its dependencies, nearest first.
/// `None` if nothing is known to.
pub(crate) fn readiness(
    facts: &dyn Facts,
    own: Option<&Kustomization>,
    waits_for: &[Wait<'_>],
) -> Option<String> {
    let own = own.and_then(|own| of_kustomization(facts, own));
    let own = own.map(|cause| cause.behind("its"));
    let waits = waits_for.iter().filter_map(|wait| {
        let cause = of_wait(facts, wait)?;
        Some(cause.behind(&format!("waits for {},", wait.key)))
    });
    let causes: Vec<Cause> = own.into_iter().chain(waits).collect();
    let certain = causes.iter().find(|cause| cause.is_certain);
    let Cause { is_certain, why } = certain.or(causes.first())?;
    Some(match is_certain {
        true => format!("never, as far as the repository tells: {why}"),
        false => format!("not known here: {why}"),
    })
}

fn of_wait(facts: &dyn Facts, wait: &Wait<'_>) -> Option<Cause> {
    match wait.subject {
        None if wait.is_elsewhere => None,
        // A Kustomization whose objects are not known may make it.
        None if is_anything_unknown(facts) => {
            Some(Cause::new(false, "which nothing makes that is known here"))
        }
        None => Some(Cause::new(true, "which nothing in the repository makes")),
        Some(Subject::Kustomization(_, it)) => Some(of_kustomization(facts, it)?.behind("whose")),
        Some(Subject::HelmRelease(_, release)) => (release.chart_status == Some(ChartStatus::Failed))
            .then(|| Cause::new(true, "whose chart fails with its values")),
        _ => None,
    }
}

/// Why a Kustomization is not ready, to be read behind `its` or `whose`.
fn of_kustomization(facts: &dyn Facts, kustomization: &Kustomization) -> Option<Cause> {
    let (key, source) = source_of(facts, kustomization)?;
    if source.missing {
        return Some(match is_anything_unknown(facts) {
            true => Cause::new(false, format!("source {key} nothing makes that is known here")),
            false => Cause::new(true, format!("source {key} nothing in the repository makes")),
        });
    }
    if kustomization.error.is_some() {
        return Some(Cause::new(true, "build fails"));
    }
    let is_elsewhere = !source.is_self && kustomization.objects == 0;
    is_elsewhere.then(|| {
        Cause::new(
            false,
            format!("source {key} is declared, but its content is elsewhere"),
        )
    })
}

/// Whether there are Kustomizations whose objects are not known: they may be anything.
fn is_anything_unknown(facts: &dyn Facts) -> bool {
    facts.kustomizations().iter().any(|(_, it)| {
        let is_elsewhere = || {
            it.objects == 0
                && source_of(facts, it).is_some_and(|(_, source)| !source.is_self && !source.missing)
        };
        it.partial || it.error.is_some() || is_elsewhere()
    })
}
