//! Where does it run, where is it defined? The things that a term means, with namespace, file and next commands.

use std::collections::BTreeSet;
use std::fmt;

use plain_text::{Lines, line, printable_name};

use crate::Facts;
use crate::Question;
use crate::answer::display_answer;
use crate::find::{Hit, Matched, QueryError, find, find_for};
use crate::next_steps::{self, Answer, Step};
use crate::text::{field, in_namespace, names, texts, told};
use crate::{Subject, Text};
use infra_model::flux::{ChartStatus, HelmRelease};
use infra_model::service::{Service, Workload};

/// What a term means.
#[derive(Clone, Debug, PartialEq)]
pub struct Where<'a> {
    /// What it means in the best way it matches; services first. Never empty.
    pub hits: Vec<Hit<'a>>,
    /// Commands to run next, where it means one thing.
    pub next: Vec<Step>,
    /// The HelmRelease of that one thing, where its chart was not rendered.
    pub unrendered: Option<&'a HelmRelease>,
}

impl Answer for Where<'_> {
    fn steps(&self) -> &[Step] {
        &self.next
    }
}

display_answer!(Where<'_>);

/// Finds what a term means: a key, name, alias, DNS name, host, image, file or Vault path, or part of one.
///
/// # Errors
/// [`QueryError::NotFound`], with suggestions.
pub fn where_is<'a>(facts: &'a dyn Facts, term: &str) -> Result<Where<'a>, QueryError> {
    let hits = hits(facts, term)?;
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
    let is_unrendered = |release: &&HelmRelease| {
        release
            .chart_status
            .is_some_and(|status| status != ChartStatus::Rendered)
    };
    Ok(Where {
        hits,
        next,
        unrendered: release.filter(is_unrendered),
    })
}

/// Services before things that only bear the name, such as an image group or a variable: the question is where something runs.
fn hits<'a>(facts: &'a dyn Facts, term: &str) -> Result<Vec<Hit<'a>>, QueryError> {
    let found = find(facts, term)?;
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
    match find_for(facts, term, Question::Trace) {
        Ok(services)
            if services.iter().all(|hit| hit.matched < Matched::Part)
                && found.iter().all(|hit| only_names(&hit.subject)) =>
        {
            Ok(services.into_iter().chain(found).collect())
        }
        _ => Ok(found),
    }
}

impl Text for Where<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 12;
        let services = self
            .hits
            .iter()
            .filter(|hit| matches!(hit.subject, Subject::Service(..)));
        match (services.clone().next(), services.count(), self.hits.as_slice()) {
            (Some(hit), 1, hits) => {
                thing(f, hit.subject)?;
                let own = |other: Subject<'_>| {
                    other == hit.subject
                        || matches!(other, Subject::HelmRelease(..)) && other.name() == hit.subject.name()
                };
                let others = hits
                    .iter()
                    .filter(|other| !own(other.subject))
                    .map(|other| other.subject.title());
                names(f, "also", others)?;
            }
            (_, _, [only]) => thing(f, only.subject)?,
            (_, _, hits) => {
                for hit in hits.iter().take(MOST) {
                    one_of(f, hit.subject)?;
                }
                if hits.len() > MOST {
                    line!(f, "and {} more", hits.len() - MOST)?;
                }
            }
        }
        if let Some(release) = self.unrendered
            && let Some(status) = release.chart_status
        {
            match next_steps::get_chart(release) {
                Some(step) => line!(
                    f,
                    "chart: {}; {}, then --charts charts",
                    status.as_str(),
                    step.command
                )?,
                None => line!(f, "chart: {}", status.as_str())?,
            }
        }
        Ok(())
    }
}

/// One thing among several.
fn one_of(f: &mut Lines<'_>, subject: Subject<'_>) -> fmt::Result {
    write!(
        f,
        "{}: {}",
        printable_name(subject.own_key()),
        printable_name(subject.kind())
    )?;
    write!(f, "{}", in_namespace(subject.namespace()))?;
    match subject.place() {
        Some(place) => line!(f, ", {}", printable_name(&place.to_string())),
        None => line!(f),
    }
}

/// One thing alone.
fn thing(f: &mut Lines<'_>, subject: Subject<'_>) -> fmt::Result {
    match subject {
        Subject::Service(key, service) => write_service(f, key, service),
        Subject::External(name) => line!(f, "{}: outside of the repository", printable_name(name)),
        Subject::Variable(name, variable) => {
            line!(f, "{}: substitution variable", printable_name(name))?;
            field(f, "value", variable.value.as_ref())?;
            names(f, "defined in", &variable.defined_in)?;
            names(f, "used by", &variable.used_by)
        }
        subject => {
            one_of(f, subject)?;
            match subject {
                Subject::Kustomization(_, kustomization) => {
                    line!(f, "path: {}", printable_name(&kustomization.path))?;
                    names(f, "manages", &kustomization.manages)
                }
                Subject::HelmRelease(_, release) => {
                    field(f, "chart", release.chart.as_ref())?;
                    field(f, "chart version", release.chart_version.as_ref())?;
                    names(f, "workloads", &release.workloads)?;
                    names(f, "hooks", texts(&release.hooks))?;
                    names(f, "definitions", &release.crds)?;
                    names(f, "unknown values of", texts(&release.unknown_values))?;
                    field(f, "flux", release.kustomization.as_ref())
                }
                Subject::Source(_, source) => {
                    field(f, "url", source.url.as_ref())?;
                    names(f, "used by", &source.used_by)
                }
                Subject::SecretProviderClass(_, class) => {
                    let paths = class
                        .secrets
                        .iter()
                        .filter_map(|secret| secret.vault_path.as_ref());
                    names(f, "fetches", paths.map(infra_model::Written::value))?;
                    names(f, "used by", &class.used_by)
                }
                Subject::ExternalSecret(_, secret) => {
                    line!(f, "makes: Secret {}", printable_name(&secret.target))?;
                    names(f, "used by", &secret.used_by)
                }
                Subject::SecretStore(_, store) => names(f, "used by", &store.used_by),
                Subject::VaultSecret(_, secret) => {
                    let made = secret.destination.as_ref().map(|name| format!("Secret {name}"));
                    field(f, "makes", made)?;
                    names(f, "used by", &secret.used_by)
                }
                Subject::SealedSecret(_, secret) => names(f, "used by", &secret.used_by),
                Subject::Secret(_, secret) => {
                    line!(f, "protection: {}", secret.protection.as_str())?;
                    names(f, "used by", &secret.used_by)
                }
                Subject::SecretReference(_, reference) => names(f, "used by", &reference.used_by),
                Subject::ConfigMap(_, config_map) => {
                    names(f, "keys", config_map.keys.keys())?;
                    names(f, "used by", &config_map.used_by)
                }
                Subject::ImageGroup(_, group) => {
                    field(f, "tag", group.tag.as_ref())?;
                    names(f, "services", &group.services)
                }
                Subject::Service(..) | Subject::Variable(..) | Subject::External(_) => Ok(()),
            }
        }
    }
}

fn write_service(f: &mut Lines<'_>, key: &str, service: &Service) -> fmt::Result {
    write!(
        f,
        "{}: {}",
        printable_name(key),
        printable_name(&what(key, service))
    )?;
    write!(f, "{}", in_namespace(&service.namespace))?;
    if let Some(description) = &service.description {
        write!(f, " - {description}")?;
    }
    line!(f)?;
    match (&service.kustomization, &service.flux_path) {
        (Some(kustomization), Some(path)) => {
            line!(
                f,
                "flux: Kustomization {}, path {}",
                printable_name(kustomization),
                printable_name(path)
            )?;
        }
        (Some(kustomization), None) => line!(f, "flux: Kustomization {}", printable_name(kustomization))?,
        (None, path) => field(f, "path", path.as_ref())?,
    }
    if service.suspend {
        line!(f, "suspended: Flux does not update it")?;
    }
    field(f, "edit", service.source.as_ref().map(ToString::to_string))?;
    told(f, &service.tells_flux)?;
    let label = if service.images.len() == 1 {
        "image"
    } else {
        "images"
    };
    names(f, label, &service.images)?;
    // Those of its containers: a Service in front may listen on others.
    let ports: BTreeSet<_> = service.ports.iter().collect();
    let ports = ports.into_iter().map(|port| port.to_string());
    names(f, "container ports", ports)?;
    names(f, "dns", &service.dns)?;
    names(f, "hosts", &service.hosts)
}

/// What runs, such as `Deployment papi`; without the name where the service's key is the same.
pub(super) fn what(key: &str, service: &Service) -> String {
    let named = |kind: &str, name: &str| match name == key {
        true => kind.to_owned(),
        false => format!("{kind} {name}"),
    };
    match (&service.workload, &service.helm_release) {
        (Some(Workload { kind, name, .. }), None) => named(kind, name),
        (Some(Workload { kind, name, .. }), Some(release)) => {
            format!("{} of HelmRelease {release}", named(kind, name))
        }
        (None, Some(release)) => named("HelmRelease", release),
        (None, None) => "nothing known".to_owned(),
    }
}
