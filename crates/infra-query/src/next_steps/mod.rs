//! Ready-made commands with the real names of things: kubectl, flux, yq, LogQL, PromQL.
//!
//! Where a HelmRelease owns the thing, its status comes first: a failed upgrade explains what configuration cannot.
//! A command that would need a name no Kubernetes object can have is left out: such a name is an attack or unresolved.

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
        Subject::Object(_, object) => for_object(facts, object),
        carrier => for_secret(facts, Some(carrier), None, None),
    }
}

/// How commands of this tool begin.
pub(crate) const OWN: &str = "flux-infra-guide ";

/// A question of this tool about one thing, by the name that means it alone.
pub(crate) fn ask(question: &'static str, subject: Subject<'_>) -> Option<Step> {
    let command = match question {
        "secret" => Command::new("flux-infra-guide secret"),
        "config" => Command::new("flux-infra-guide config"),
        "trace" => Command::new("flux-infra-guide trace"),
        _ => Command::new("flux-infra-guide where"),
    };
    let name = match subject {
        Subject::ImageGroup(..) | Subject::Variable(..) | Subject::External(_) => subject.key().to_owned(),
        subject if subject.namespace().is_empty() => format!("{}/{}", subject.kind(), subject.name()),
        subject => format!("{}/{}/{}", subject.kind(), subject.namespace(), subject.name()),
    };
    shell("this one alone", command.text(&name))
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
