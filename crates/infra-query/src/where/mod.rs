//! `where`: where it runs and where it is defined. The things that a term means, with namespace, file and next commands.

mod around;
mod asked_hosts;
mod backups;
mod beside;
mod certificates;
mod claims;
mod databases;
mod exposure;
mod ingress_classes;
mod load_balancers;
mod not_here;
mod release_values;
mod scalers;
mod service;
mod sign_in;
mod text;
mod told;
mod volumes;

use std::collections::BTreeSet;

use crate::Facts;
use crate::Keyed;
use crate::Question;
use crate::Subject;
use crate::answer::{MOST_STEPS, display_answer};
use crate::failing;
use crate::find::{Hit, Matched, QueryError, find, find_for, not_applied_beside, reason};
use crate::named_by::{NamedBy, named_by};
use crate::next_steps::{self, Answer, Step};
use crate::on_change::{OnChange, on_change};
use crate::suspended_above;
use crate::why_not::WhyNot;
use infra_model::Diagnostic;
use infra_model::flux::{HelmRelease, Kustomization, Source};
use infra_model::service::ImageGroup;

pub(crate) use beside::applied_objects;
pub use exposure::Exposure;
pub(crate) use service::{command_line, edit, groups_of, scaled_and_stated, what, write_images};
pub use told::Told;

use exposure::exposures;

/// So many things are told in full.
const FEW: usize = 3;

/// What a term means.
#[derive(Clone, Debug, PartialEq)]
pub struct Where<'a> {
    /// What it means in the best way it matches; services first. Never empty.
    pub hits: Vec<Hit<'a>>,
    /// The DNS records and certificates of the host that was asked for.
    pub records: Vec<Told>,
    /// What is told of each object, where there are several: in the order of the hits, empty for other things.
    pub in_short: Vec<String>,
    /// What is told of that one thing beside its entry: schedule, data and its backup, needs.
    pub told: Vec<Told>,
    /// The one service that it applies, where it is a Kustomization, with what decides its images and is told of it.
    pub managed: Option<Managed<'a>>,
    /// Commands to run next, where it means one thing.
    pub next: Vec<Step>,
    /// The HelmRelease of that one thing, where its chart was not rendered.
    pub unrendered: Option<&'a HelmRelease>,
    /// The HelmRelease that installs that one thing, where it is a service.
    pub release: Option<&'a HelmRelease>,
    /// The Git repository or bucket from which its chart is, whose reference decides the version.
    pub chart_from: Option<Keyed<'a, Source>>,
    /// Why the term means it, where that is not its name: one for each hit that has a reason, at most a few.
    pub reasons: Vec<String>,
    /// What decides the images of the one service.
    pub image_groups: Vec<Keyed<'a, ImageGroup>>,
    /// The services below that one thing, where it is a source: those of its Kustomizations.
    pub below: Vec<&'a str>,
    /// How routes without hosts lead to the one service.
    pub exposed: Vec<Exposure<'a>>,
    /// The objects that name that one thing, such as a policy its route.
    pub named_by: Vec<NamedBy<'a>>,
    /// What becomes of the pods of services that read the ConfigMap or Secret when it changes, by key.
    pub on_change: Vec<(&'a str, OnChange)>,
    /// The suspended Kustomization above that one thing.
    pub suspended_above: Option<&'a Kustomization>,
    /// The error for which Flux applies nothing of its Kustomization, or of one above.
    pub fails: Option<&'a Diagnostic>,
    /// What Flux would apply by the very name, and does not.
    pub not_applied: Vec<WhyNot>,
}

/// The one service of a Kustomization.
#[derive(Clone, Debug, PartialEq)]
pub struct Managed<'a> {
    /// Its key.
    pub key: &'a str,
    /// The service.
    pub service: &'a infra_model::service::Service,
    /// What decides its images.
    pub image_groups: Vec<Keyed<'a, ImageGroup>>,
    /// What is told of it beside its entry.
    pub told: Vec<Told>,
}

/// The service that a Kustomization applies alone, which a question about its name is about.
fn managed<'a>(facts: &'a dyn Facts, subject: Subject<'a>, term: &str) -> Option<Managed<'a>> {
    let Subject::Kustomization(_, kustomization) = subject else {
        return None;
    };
    let [only] = kustomization.manages.as_slice() else {
        return None;
    };
    let (key, service) = facts.services().get_key_value(only)?;
    Some(Managed {
        key,
        service,
        image_groups: groups_of(facts, service),
        told: beside::of_thing(facts, Subject::Service(key, service), term),
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
            // One shows how the others are asked for.
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
    let services: Vec<Subject<'a>> = subjects
        .iter()
        .copied()
        .filter(|subject| matches!(subject, Subject::Service(..)))
        .collect();
    let one = match (services.as_slice(), subjects.as_slice()) {
        ([only], _) | ([], [only]) => Some(*only),
        _ => None,
    };
    let next = one
        .map(|subject| next_steps::steps_for(facts, subject))
        .unwrap_or_default();
    let release = one.and_then(|subject| match subject {
        Subject::Service(_, service) => {
            crate::graph::links::release_of(facts, service).map(|(_, release)| release)
        }
        Subject::HelmRelease(_, release) => Some(release),
        _ => None,
    });
    let image_groups = match one {
        Some(Subject::Service(_, service)) => groups_of(facts, service),
        _ => Vec::new(),
    };
    let mut records = asked_hosts::of_host(facts, term);
    let mut told = one
        .map(|subject| beside::of_thing(facts, subject, term))
        .unwrap_or_default();
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
        managed: one.and_then(|subject| managed(facts, subject, term)),
        exposed: match one {
            Some(Subject::Service(_, service)) => exposures(facts, service),
            _ => Vec::new(),
        },
        // A service tells of what names it itself: its autoscaler, routes, policies of disruption.
        named_by: match one {
            Some(subject) if services.is_empty() => named_by(facts, subject),
            _ => Vec::new(),
        },
        on_change: match services.is_empty() && subjects.len() <= FEW {
            true => on_change_of(facts, &subjects),
            false => Vec::new(),
        },
        suspended_above: one.and_then(|subject| suspended_above::above(facts, subject)),
        fails: one.and_then(|subject| failing::above(facts, subject)),
        not_applied: match hits.iter().all(|hit| hit.matched < Matched::Namespace) {
            true => not_applied_beside(facts, term),
            false => Vec::new(),
        },
        reasons: reasons(facts, term, &hits),
        below: one.map(|subject| below(facts, subject)).unwrap_or_default(),
        image_groups,
        next: match one {
            None if services.is_empty() && subjects.len() <= FEW => Vec::new(),
            None => choices(&subjects),
            Some(_) => next,
        },
        hits,
        chart_from: release
            .and_then(|release| crate::graph::links::chart_source(facts, release))
            .filter(|(_, source)| {
                matches!(source.kind.as_str(), "GitRepository" | "Bucket") && !source.is_self
            }),
        unrendered: release.filter(|release| release.is_chart_unknown()),
        release: release.filter(|_| matches!(one, Some(Subject::Service(..)))),
    })
}

/// The hits without the images of a Kustomization among them that applies one service alone: that is told with its images.
fn without_own_images<'a>(facts: &'a dyn Facts, mut hits: Vec<Hit<'a>>) -> Vec<Hit<'a>> {
    let managed = |hit: &Hit<'a>| match hit.subject {
        Subject::Kustomization(_, kustomization) => match kustomization.manages.as_slice() {
            [only] => facts.services().get_key_value(only).map(|(key, _)| key),
            _ => None,
        },
        _ => None,
    };
    let Some(service) = hits.iter().find_map(managed) else {
        return hits;
    };
    let is_own = |hit: &Hit<'a>| matches!(hit.subject, Subject::ImageGroup(_, group) if group.services.iter().all(|own| own == service));
    hits.retain(|hit| !is_own(hit));
    hits
}

/// What becomes of those that read things, each once.
fn on_change_of<'a>(facts: &'a dyn Facts, subjects: &[Subject<'a>]) -> Vec<(&'a str, OnChange)> {
    let changes = subjects.iter().flat_map(|subject| on_change(facts, *subject));
    let changes: BTreeSet<(&str, OnChange)> = changes.collect();
    changes.into_iter().collect()
}

/// Of so few objects of which nothing is known to be asked for the first fields are told.
const FEW_OF_KIND: usize = 6;

fn first_fields(subject: Subject<'_>) -> String {
    match subject {
        Subject::Object(_, object) => crate::object::first_fields(object),
        _ => String::new(),
    }
}

/// Of so many objects it is told in short what they are like.
const MOST_IN_SHORT: usize = 24;

fn in_short(facts: &dyn Facts, subject: Subject<'_>, term: &str) -> String {
    match subject {
        Subject::Object(_, object) => backups::in_short(facts, object),
        // Of several behind one address, it is its Kubernetes Service that leads to them.
        Subject::Service(_, service) => {
            let mut balancers = service.load_balancers.iter();
            let own = balancers.find(|own| own.addresses.iter().any(|address| address == term.trim()));
            own.map_or_else(String::new, |own| format!(", by Service {}", own.service))
        }
        _ => String::new(),
    }
}

/// Why a term means the first few things; where it is a value of each, all that are shown.
fn reasons(facts: &dyn Facts, term: &str, hits: &[Hit<'_>]) -> Vec<String> {
    const MOST: usize = 3;
    if hits.len() > 1 && hits.iter().all(|hit| hit.matched == Matched::Field) {
        const MOST_VALUES: usize = 200;
        let hits = hits.iter().take(MOST_VALUES);
        return hits
            .map(|hit| reason(facts, term, hit).unwrap_or_default())
            .collect();
    }
    let hits = hits
        .iter()
        .filter(|hit| {
            // That an image is called so says nothing more.
            let is_image = matches!(hit.subject, Subject::ImageGroup(..)) && hits.len() > 1;
            hit.matched != Matched::Namespace && !is_image
        })
        .take(MOST);
    let mut found: Vec<String> = hits.filter_map(|hit| reason(facts, term, hit)).collect();
    found.dedup();
    found
}

/// The questions that tell several things apart.
fn choices(subjects: &[Subject<'_>]) -> Vec<Step> {
    subjects
        .iter()
        .take(MOST_STEPS)
        .filter_map(|subject| next_steps::ask("where", *subject))
        .collect()
}

/// The services of the Kustomizations that a source feeds.
fn below<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Vec<&'a str> {
    let Subject::Source(_, source) = subject else {
        return Vec::new();
    };
    let keys = source
        .used_by
        .iter()
        .filter_map(|user| user.strip_prefix("Kustomization/"));
    let kustomizations = keys.filter_map(|key| facts.kustomizations().get(key));
    let mut services: Vec<&str> = kustomizations
        .flat_map(|kustomization| kustomization.manages.iter().map(String::as_str))
        .collect();
    services.sort_unstable();
    services.dedup();
    services
}

/// Services before things that only bear the name, such as an image group or a variable: the question is where something runs.
fn hits<'a>(facts: &'a dyn Facts, term: &str) -> Result<Vec<Hit<'a>>, QueryError> {
    let found = match (find(facts, term), term.trim().split_once('/')) {
        // The object itself is in no section; what is in it is known by its name.
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
    // Several things that only serve others, such as a Secret and a Database, and the services of a namespace of that name.
    let serves = |subject: &Subject<'_>| {
        matches!(
            subject,
            Subject::Secret(..)
                | Subject::SecretReference(..)
                | Subject::ExternalSecret(..)
                | Subject::ConfigMap(..)
                | Subject::Object(..)
        )
    };
    let is_of_namespace = found.len() > 1 && found.iter().all(|hit| serves(&hit.subject));
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
