//! Ready-made commands with the real names of objects: kubectl, flux, yq, LogQL, PromQL.
//!
//! The status of a HelmRelease that owns the object comes first: a failed upgrade explains what configuration cannot. A
//! command with a name that no Kubernetes object can have is left out: such a name is an attack, or has unresolved
//! variables.

mod findings;
mod flux;
mod images;
mod lists;
mod objects;
mod secrets;
mod service;
mod step;

pub use crate::answer::Answer;
pub use findings::{for_findings, objects_of_findings};
pub use flux::{for_helm_release, for_kustomization, for_source};
pub use images::for_images;
pub use lists::for_list;
pub use secrets::for_secret;
pub use service::{for_config_map, for_service, logs, metrics};
pub use step::{Language, Step};

pub(crate) use flux::get_chart;

use plain_text::Command;

use objects::for_object;
use step::{each_once, shell};

use crate::{Facts, Subject};

/// Commands that check a subject, in the order in which to run them.
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
        Subject::Object(_, object) => for_object(facts, object),
        carrier => for_secret(facts, Some(carrier), None, None),
    }
}

/// Prefix of the commands of this tool.
pub(crate) const OWN: &str = "flux-infra-guide ";

/// The question `where` about a subject, by its unique name.
pub(crate) fn ask_where(subject: Subject<'_>) -> Option<Step> {
    let name = match subject {
        Subject::ImageGroup(..) | Subject::Variable(..) | Subject::External(_) => subject.key().to_owned(),
        subject if subject.namespace().is_empty() => format!("{}/{}", subject.kind(), subject.name()),
        subject => subject.object(),
    };
    let command = Command::new("flux-infra-guide where").text(&name);
    shell("this one alone", command)
}

/// Maximum number of subjects whose commands are put together.
const MOST_SUBJECTS: usize = 20;

/// Commands that check several subjects, in their order; if there are very many, only the first.
pub fn steps_for_all<'a>(facts: &dyn Facts, subjects: impl IntoIterator<Item = Subject<'a>>) -> Vec<Step> {
    each_once(checked(subjects).flat_map(|subject| steps_for(facts, subject)))
}

/// The subjects that [`steps_for_all`] checks.
pub(crate) fn checked<'a>(
    subjects: impl IntoIterator<Item = Subject<'a>>,
) -> impl Iterator<Item = Subject<'a>> {
    subjects.into_iter().take(MOST_SUBJECTS)
}
