//! Ready-made commands with the real names of things: kubectl, flux, yq, LogQL, PromQL.
//!
//! Where a HelmRelease owns the thing, its status comes first: a failed upgrade explains what configuration cannot.
//! A command that would need a name no Kubernetes object can have is left out: such a name is an attack or unresolved.

mod command;
mod findings;
mod flux;
mod images;
mod lists;
mod secrets;
mod service;
mod step;

pub use findings::{for_findings, objects_of_findings};
pub use flux::{for_helm_release, for_kustomization, for_source};
pub use images::for_images;
pub use lists::for_list;
pub use secrets::for_secret;
pub use service::{for_config_map, for_service, logs, metrics};
pub use step::{Answer, Language, Step};

use step::each_once;

use crate::Facts;
use crate::Subject;

/// How a thing is checked, in order: the commands that answers about it begin with.
pub fn steps_for(facts: &dyn Facts, subject: Subject<'_>) -> Vec<Step> {
    match subject {
        Subject::Service(_, service) => for_service(facts, service),
        Subject::Kustomization(_, kustomization) => for_kustomization(facts, kustomization),
        Subject::HelmRelease(_, release) => for_helm_release(facts, release),
        Subject::Source(_, source) => for_source(source),
        Subject::ConfigMap(_, config_map) => for_config_map(facts, config_map, None),
        Subject::SecretReference(_, reference) => {
            for_secret(facts, None, Some((&reference.namespace, &reference.name)), None)
        }
        Subject::ImageGroup(..) | Subject::Variable(..) | Subject::External(_) => Vec::new(),
        carrier => for_secret(facts, Some(carrier), None, None),
    }
}

/// Of so many things at most, commands are those for all.
const MOST_THINGS: usize = 20;

/// How each of several things is checked, in their order. Of very many things only the first.
pub fn steps_for_all<'a>(facts: &dyn Facts, subjects: impl IntoIterator<Item = Subject<'a>>) -> Vec<Step> {
    each_once(checked(subjects).flat_map(|subject| steps_for(facts, subject)))
}

/// The things whose commands are those for all.
pub(crate) fn checked<'a>(
    subjects: impl IntoIterator<Item = Subject<'a>>,
) -> impl Iterator<Item = Subject<'a>> {
    subjects.into_iter().take(MOST_THINGS)
}
