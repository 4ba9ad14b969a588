//! `where`: where it runs and where it is defined. The subjects that a term means, with namespace, file and next
//! commands.

mod around;
mod asked_hosts;
mod backups;
mod beside;
mod certificates;
mod claims;
mod databases;
mod exposure;
mod fact;
mod ingress_classes;
mod load_balancers;
mod not_here;
mod release_values;
mod scalers;
mod service;
mod sign_in;
mod text;
mod volumes;

use crate::answer::{MOST_STEPS, display_answer};
use crate::find::{Hit, Matched, QueryError, find, find_for, not_applied_beside, reason};
use crate::graph::links::{chart_source, release_of};
use crate::named_by::{NamedBy, named_by};
use crate::next_steps::{self, Answer, Step};
use crate::on_change::{OnChange, on_changes};
use crate::why_not::WhyNot;
use crate::{Facts, Keyed, Question, Subject, failing, suspended_above};
use infra_model::Diagnostic;
use infra_model::flux::{HelmRelease, Kustomization, Source};
use infra_model::service::{ImageGroup, Service};

pub(crate) use beside::applied_objects;
pub use exposure::Exposure;
pub use fact::Told;
pub(crate) use service::{command_line, edit, groups_of, scaled_and_stated, what, write_images};

use exposure::exposures;

/// Up to this number, subjects are shown in full.
const FEW: usize = 3;

/// What a term means.
#[derive(Clone, Debug, PartialEq)]
pub struct Where<'a> {
    /// The subjects with the best kind of match; services first. Never empty.
    pub hits: Vec<Hit<'a>>,
    /// The DNS records and certificates of the host that was asked for.
    pub records: Vec<Told>,
    /// The details of each object, if there are several: in the order of the hits, empty for other subjects.
    pub in_short: Vec<String>,
    /// Facts about the only subject that are not in its entry: schedules, volumes and their backups, dependencies.
    pub told: Vec<Told>,
    /// The only service that it applies, if it is a Kustomization.
    pub managed: Option<Managed<'a>>,
    /// Commands to run next, if there is only one subject.
    pub next: Vec<Step>,
    /// The HelmRelease of the only subject, if its chart was not rendered.
    pub unrendered: Option<&'a HelmRelease>,
    /// The HelmRelease that installs the only subject, if it is a service.
    pub release: Option<&'a HelmRelease>,
    /// The Git repository or bucket with its chart, whose reference decides the version.
    pub chart_from: Option<Keyed<'a, Source>>,
    /// Why the term means the subjects, if not by their names: at most a few reasons.
    pub reasons: Vec<String>,
    /// The places that decide the images of the only service.
    pub image_groups: Vec<Keyed<'a, ImageGroup>>,
    /// The services of the Kustomizations that use the only subject, if it is a source.
    pub below: Vec<&'a str>,
    /// Routes without hosts to the only service.
    pub exposed: Vec<Exposure<'a>>,
    /// The objects that refer to the only subject, such as a policy to its route.
    pub named_by: Vec<NamedBy<'a>>,
    /// What happens to the pods of services that read the ConfigMap or Secret when it changes, by key.
    pub on_change: Vec<(&'a str, OnChange)>,
    /// The suspended Kustomization above the only subject.
    pub suspended_above: Option<&'a Kustomization>,
    /// The error of its Kustomization, or of one above, because of which Flux does not apply it.
    pub fails: Option<&'a Diagnostic>,
    /// Objects of exactly that name that Flux does not apply.
    pub not_applied: Vec<WhyNot>,
}

/// The only service of a Kustomization.
#[derive(Clone, Debug, PartialEq)]
pub struct Managed<'a> {
    /// Its key.
    pub key: &'a str,
    /// The service.
    pub service: &'a Service,
    /// The places that decide its images.
    pub image_groups: Vec<Keyed<'a, ImageGroup>>,
    /// Facts about it that are not in its entry.
    pub told: Vec<Told>,
}

/// The only service that a Kustomization applies.
fn only_service<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Option<Keyed<'a, Service>> {
    match subject {
        Subject::Kustomization(_, kustomization) => match kustomization.manages.as_slice() {
            [only] => facts.services().get_key_value(only),
            _ => None,
        },
        _ => None,
    }
}

fn managed<'a>(facts: &'a dyn Facts, subject: Subject<'a>, term: &str) -> Option<Managed<'a>> {
    let (key, service) = only_service(facts, subject)?;
    Some(Managed {
        key,
        service,
        image_groups: groups_of(facts, service),
        told: beside::of_subject(facts, Subject::Service(key, service), term),
    })
}

impl Answer for Where<'_> {
    fn steps(&self) -> &[Step] {
        &self.next
    }

    fn shown(&self) -> usize {
        let is_choice = self.hits.len() > 1
            && self
                .next
                .first()
                .is_some_and(|step| step.command.starts_with(next_steps::OWN));
        match self.hits.first().map(|hit| hit.subject) {
            // One command shows how to ask for the others.
            _ if is_choice => 1,
            Some(Subject::Service(..) | Subject::Kustomization(..) | Subject::HelmRelease(..)) => MOST_STEPS,
            _ => 0,
        }
    }
}

display_answer!(Where<'_>);

/// Finds what a term means: a key, name, alias, DNS name, host, image, file or Vault path, or part of one.
///
/// # Errors
/// [`QueryError::NotFound`], with suggestions.
pub fn where_is<'a>(facts: &'a dyn Facts, term: &str) -> Result<Where<'a>, QueryError> {
    let hits = without_own_images(facts, hits(facts, term)?);
    let subjects: Vec<Subject<'a>> = hits.iter().map(|hit| hit.subject).collect();
    let mut services = subjects.clone();
    services.retain(|subject| matches!(subject, Subject::Service(..)));
    let only = match (services.as_slice(), subjects.as_slice()) {
        ([only], _) | ([], [only]) => Some(*only),
        _ => None,
    };
    let service = only.and_then(Subject::service).map(|(_, service)| service);
    let release = match service {
        Some(service) => release_of(facts, service),
        None => only.and_then(Subject::helm_release),
    };
    let release = release.map(|(_, release)| release);
    let mut records = asked_hosts::of_host(facts, term);
    let told = only.map(|subject| beside::of_subject(facts, subject, term));
    let mut told = told.unwrap_or_default();
    if let Some(host) = asked_hosts::asked_host(term) {
        let certificates = certificates::of_host(facts, &host);
        match services.as_slice() {
            [_] => told.extend(certificates),
            _ => records.extend(certificates),
        }
    }
    Ok(Where {
        records,
        in_short: subjects
            .iter()
            .take(MOST_IN_SHORT)
            .map(|subject| match in_short(facts, *subject, term) {
                none if none.is_empty() && subjects.len() <= FEW_OF_KIND => first_fields(*subject),
                some => some,
            })
            .collect(),
        told,
        managed: only.and_then(|subject| managed(facts, subject, term)),
        exposed: service.map_or_else(Vec::new, |service| exposures(facts, service)),
        // The entry of a service has the objects that name it: its autoscaler, routes, disruption budget.
        named_by: match only {
            Some(subject) if services.is_empty() => named_by(facts, subject),
            _ => Vec::new(),
        },
        on_change: match services.is_empty() && subjects.len() <= FEW {
            true => on_changes(facts, subjects.iter().copied()),
            false => Vec::new(),
        },
        suspended_above: only.and_then(|subject| suspended_above::above(facts, subject)),
        fails: only.and_then(|subject| failing::above(facts, subject)),
        not_applied: match hits.iter().all(|hit| hit.matched < Matched::Namespace) {
            true => not_applied_beside(facts, term),
            false => Vec::new(),
        },
        reasons: reasons(facts, term, &hits),
        below: only.map_or_else(Vec::new, |subject| below(facts, subject)),
        image_groups: service.map_or_else(Vec::new, |service| groups_of(facts, service)),
        next: match only {
            None if services.is_empty() && subjects.len() <= FEW => Vec::new(),
            // The questions for the first few.
            None => {
                let first = subjects.iter().take(MOST_STEPS);
                first
                    .filter_map(|subject| next_steps::ask_where(*subject))
                    .collect()
            }
            Some(subject) => next_steps::steps_for(facts, subject),
        },
        hits,
        chart_from: release
            .and_then(|release| chart_source(facts, release))
            .filter(|(_, source)| {
                matches!(source.kind.as_str(), "GitRepository" | "Bucket") && !source.is_self
            }),
        unrendered: release.filter(|release| release.is_chart_unknown()),
        release: release.filter(|_| service.is_some()),
    })
}

/// The hits without the image groups of the only service of a Kustomization, if it is among them: they are shown with
/// the service.
fn without_own_images<'a>(facts: &'a dyn Facts, mut hits: Vec<Hit<'a>>) -> Vec<Hit<'a>> {
    let service = hits.iter().find_map(|hit| only_service(facts, hit.subject));
    if let Some((service, _)) = service {
        hits.retain(|hit| match hit.subject {
            Subject::ImageGroup(_, group) => group.services.iter().any(|own| own != service),
            _ => true,
        });
    }
    hits
}

/// Up to this number, objects without fields that people ask for are shown with their first fields.
const FEW_OF_KIND: usize = 6;

fn first_fields(subject: Subject<'_>) -> String {
    match subject {
        Subject::Object(_, object) => crate::object::first_fields(object),
        _ => String::new(),
    }
}

/// Maximum number of objects with details.
const MOST_IN_SHORT: usize = 24;

fn in_short(facts: &dyn Facts, subject: Subject<'_>, term: &str) -> String {
    match subject {
        Subject::Object(_, object) => backups::in_short(facts, object),
        // The Kubernetes Services of an address lead to different services.
        Subject::Service(_, service) => {
            let mut balancers = service.load_balancers.iter();
            let own = balancers.find(|own| own.addresses.iter().any(|address| address == term.trim()));
            own.map_or_else(String::new, |own| format!(", by Service {}", own.service))
        }
        _ => String::new(),
    }
}

/// Why a term means the first few subjects; if it is a value of each, all that are shown.
fn reasons(facts: &dyn Facts, term: &str, hits: &[Hit<'_>]) -> Vec<String> {
    const MOST: usize = 3;
    if hits.len() > 1 && hits.iter().all(|hit| hit.matched == Matched::Field) {
        const MOST_VALUES: usize = 200;
        let reasons = hits.iter().take(MOST_VALUES).map(|hit| reason(facts, term, hit));
        return reasons.map(Option::unwrap_or_default).collect();
    }
    let has_reason = |hit: &&Hit<'_>| {
        // The name of an image is reason enough.
        let is_image = matches!(hit.subject, Subject::ImageGroup(..)) && hits.len() > 1;
        hit.matched != Matched::Namespace && !is_image
    };
    let hits = hits.iter().filter(has_reason).take(MOST);
    let mut found: Vec<String> = hits.filter_map(|hit| reason(facts, term, hit)).collect();
    found.dedup();
    found
}

/// The services of the Kustomizations that use a source.
fn below<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Vec<&'a str> {
    let Subject::Source(_, source) = subject else {
        return Vec::new();
    };
    let users = source.used_by.iter();
    let keys = users.filter_map(|user| user.strip_prefix("Kustomization/"));
    let kustomizations = keys.filter_map(|key| facts.kustomizations().get(key));
    let services = kustomizations.flat_map(|kustomization| &kustomization.manages);
    let mut services: Vec<&str> = services.map(String::as_str).collect();
    services.sort_unstable();
    services.dedup();
    services
}

/// The hits, with services before subjects that only have the name, such as an image group: the question is where
/// something runs.
fn hits<'a>(facts: &'a dyn Facts, term: &str) -> Result<Vec<Hit<'a>>, QueryError> {
    let found = match (find(facts, term), term.trim().split_once('/')) {
        // A Namespace itself has no entry, but the subjects in it do.
        (Err(error), Some((kind, name))) if kind.eq_ignore_ascii_case("Namespace") => {
            let all = Subject::all(facts).into_iter();
            let inside = all.filter(|subject| {
                subject.namespace() == name
                    && !matches!(subject, Subject::External(_) | Subject::ImageGroup(..))
            });
            let inside = inside.map(|subject| Hit {
                subject,
                matched: Matched::Namespace,
            });
            let inside: Vec<Hit<'a>> = inside.collect();
            if inside.is_empty() {
                return Err(error);
            }
            return Ok(inside);
        }
        (found, _) => found?,
    };
    let is_service = |subject: &Subject<'_>| matches!(subject, Subject::Service(..));
    if found.iter().any(|hit| is_service(&hit.subject)) {
        return Ok(found);
    }
    let only_names = |subject: &Subject<'_>| {
        matches!(
            subject,
            Subject::ImageGroup(..) | Subject::Variable(..) | Subject::SecretReference(..)
        )
    };
    // Several objects that others use, such as a Secret and a Database, may be in a namespace of that name.
    let is_used = |subject: &Subject<'_>| {
        matches!(
            subject,
            Subject::Secret(..)
                | Subject::SecretReference(..)
                | Subject::ExternalSecret(..)
                | Subject::ConfigMap(..)
                | Subject::Object(..)
        )
    };
    let is_of_namespace = found.len() > 1 && found.iter().all(|hit| is_used(&hit.subject));
    match find_for(facts, term, Question::Trace) {
        Ok(services)
            if services.iter().all(|hit| hit.matched < Matched::Part)
                && (found.iter().all(|hit| only_names(&hit.subject)) || is_of_namespace) =>
        {
            Ok(services.into_iter().chain(found).collect())
        }
        _ => Ok(found),
    }
}
