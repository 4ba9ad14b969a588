//! `flux`: what manages an object, and why it does not sync. Its dependencies, findings, and the order in which to
//! check.

mod text;
pub(crate) mod waits;
pub(crate) mod wording;

use infra_model::Diagnostic;
use infra_model::config::Usage;
use infra_model::flux::{HelmRelease, Kustomization, Source};
use infra_model::secrets::ProducedBy;

use crate::Facts;
use crate::alerts::{alerts, receivers};
use crate::answer::display_answer;
use crate::facts::mentioning;
use crate::find::{QueryError, find_for};
use crate::flux::waits::waits_for;
use crate::graph::links::{chart_source, release_of, source_of};
use crate::graph::{Graph, Node};
use crate::next_steps::{self, Answer, Step};
use crate::readiness::readiness;
use crate::suspended_above::suspended_above;
use crate::text::in_namespace;
use crate::trace::chain;
use crate::r#where::applied_objects;
use crate::{Question, Subject};

pub use waits::Wait;

/// How Flux manages a subject.
#[derive(Clone, Debug, PartialEq)]
pub struct FluxAnswer<'a> {
    /// The subject of the question.
    pub subject: Subject<'a>,
    /// The Kustomization that was asked for, or that applies it.
    pub kustomization: Option<(&'a str, &'a Kustomization)>,
    /// The Kustomizations above that one, from the top down.
    pub parents: Vec<&'a str>,
    /// The nearest suspended one of these.
    pub suspended_above: Option<&'a Kustomization>,
    /// The HelmRelease that was asked for, or that owns it.
    pub helm_release: Option<(&'a str, &'a HelmRelease)>,
    /// A few other HelmReleases of the same chart and Kustomization, which the name of the chart may also mean.
    pub same_chart: Vec<(&'a str, &'a HelmRelease)>,
    /// The source of the manifests; for a HelmRelease that of its chart; a source itself.
    pub source: Option<(&'a str, &'a Source)>,
    /// For a HelmRelease, the source of the Kustomization that applies it.
    pub manifests_from: Option<(&'a str, &'a Source)>,
    /// The other objects that a Kustomization applies beside services, in words.
    pub applies: Vec<String>,
    /// Its dependencies, direct or through others: HelmReleases for a HelmRelease, else Kustomizations.
    pub waits_for: Vec<Wait<'a>>,
    /// The decryption of a Kustomization, in words.
    pub decryption: Option<String>,
    /// What keeps it from becoming ready, as far as the repository shows it, in words.
    pub ready: Option<String>,
    /// The Alerts that report its events, in words; `None` if the cluster has no Alert.
    pub alerts: Option<String>,
    /// The Receivers that trigger a reconciliation of it or of its source.
    pub receivers: Option<String>,
    /// Findings about it, or about what applies it.
    pub diagnostics: Vec<&'a Diagnostic>,
    /// Commands in the order in which to check.
    pub check: Vec<Step>,
}

impl Answer for FluxAnswer<'_> {
    fn steps(&self) -> &[Step] {
        &self.check
    }
}

display_answer!(FluxAnswer<'_>);

/// How Flux manages the subject that a term means.
///
/// # Errors
/// [`QueryError`]
pub fn flux<'a>(facts: &'a dyn Facts, term: &str) -> Result<FluxAnswer<'a>, QueryError> {
    let subject = subject(facts, term)?;
    let helm_release = match subject {
        Subject::HelmRelease(key, release) => Some((key, release)),
        Subject::Service(_, service) => release_of(facts, service),
        _ => None,
    };
    let kustomization = match subject {
        Subject::Kustomization(key, kustomization) => Some((key, kustomization)),
        subject => {
            let key = subject.kustomization();
            key.and_then(|key| facts.kustomizations().get_key_value(key))
        }
    };
    let source = match (subject, helm_release, kustomization) {
        (Subject::Source(key, source), ..) => Some((key, source)),
        (_, Some((_, release)), _) => chart_source(facts, release),
        (_, _, Some((_, kustomization))) => source_of(facts, kustomization),
        _ => None,
    };
    let check = match (subject, helm_release, kustomization) {
        (Subject::Source(_, source), ..) => next_steps::for_source(source),
        (_, Some((_, release)), _) => next_steps::for_helm_release(facts, release),
        (_, None, Some((_, kustomization))) => next_steps::for_kustomization(facts, kustomization),
        (_, None, None) => Vec::new(),
    };
    let graph = Graph::new(facts);
    let parents = kustomization.map(|(key, _)| chain(&graph, facts, Node::Kustomization(key)));
    let parents = parents.into_iter().flatten().map(|(key, _)| key).collect();
    let waits_for = waits_for(&graph, facts, helm_release, kustomization);
    let of_release = helm_release.map(|(key, release)| Subject::HelmRelease(key, release));
    let of_kustomization = kustomization.map(|(key, it)| Subject::Kustomization(key, it));
    let objects: Vec<Subject<'a>> = [Some(subject), of_release, of_kustomization]
        .into_iter()
        .flatten()
        .collect();
    let (own, asked) = match subject {
        Subject::Source(..) => (None, vec![subject]),
        Subject::Kustomization(_, it) => (Some(it), vec![subject]),
        // The Kustomization of a HelmRelease has events too.
        _ => (None, of_release.into_iter().chain(of_kustomization).collect()),
    };
    // A new revision of its source also triggers a Kustomization.
    let with_source: Vec<Subject<'a>> = match subject {
        Subject::Kustomization(_, it) => {
            let source = source_of(facts, it).map(|(key, source)| Subject::Source(key, source));
            std::iter::once(subject).chain(source).collect()
        }
        Subject::Service(..) => of_release.into_iter().collect(),
        subject => vec![subject],
    };
    Ok(FluxAnswer {
        decryption: match subject {
            Subject::Kustomization(key, it) => decryption(facts, key, it),
            _ => None,
        },
        ready: readiness(facts, own, &waits_for),
        receivers: receivers(facts, with_source),
        alerts: alerts(facts, asked),
        subject,
        kustomization,
        parents,
        suspended_above: kustomization.and_then(|(key, _)| suspended_above(facts, key)),
        helm_release,
        same_chart: helm_release.map_or_else(Vec::new, |(_, release)| same_chart(facts, release)),
        source,
        manifests_from: kustomization
            .filter(|_| helm_release.is_some())
            .and_then(|(_, kustomization)| source_of(facts, kustomization))
            // The reader knows the repository itself.
            .filter(|(_, source)| !source.is_self),
        applies: match subject {
            Subject::Kustomization(key, _) => applied_objects(facts, key, |key, _| key.to_owned()),
            _ => Vec::new(),
        },
        waits_for,
        diagnostics: diagnostics(facts, &objects),
        check,
    })
}

/// The other HelmReleases of the same chart and Kustomization; empty if there are many, as of a library chart.
fn same_chart<'a>(facts: &'a dyn Facts, release: &HelmRelease) -> Vec<(&'a str, &'a HelmRelease)> {
    const MOST: usize = 3;
    let Some(chart) = release.chart.as_deref() else {
        return Vec::new();
    };
    let others = mentioning(facts.helm_releases(), chart).filter(|(_, other)| {
        other.chart == release.chart
            && other.kustomization == release.kustomization
            && (&other.name, &other.namespace) != (&release.name, &release.namespace)
    });
    let others: Vec<_> = others.take(MOST + 1).collect();
    match others.len() > MOST {
        true => Vec::new(),
        false => others,
    }
}

/// The subject that the term means: objects of Flux before services, since the question is about Flux.
fn subject<'a>(facts: &'a dyn Facts, term: &str) -> Result<Subject<'a>, QueryError> {
    let hits = find_for(facts, term, Question::Flux)?;
    // A HelmRelease is also found as a service, and its Kustomization often has its name: its answer says most.
    let rank = |subject: &Subject<'_>| match subject {
        Subject::HelmRelease(..) => 0,
        Subject::Kustomization(..) => 1,
        Subject::Service(..) => 2,
        _ => 3,
    };
    let mut subjects: Vec<Subject<'a>> = hits.iter().map(|hit| hit.subject).collect();
    let best = subjects.iter().map(rank).min();
    subjects.retain(|subject| Some(rank(subject)) == best);
    match subjects.as_slice() {
        [only] => Ok(*only),
        several => Err(QueryError::ambiguous(term, several)),
    }
}

fn diagnostics<'a>(facts: &'a dyn Facts, objects: &[Subject<'_>]) -> Vec<&'a Diagnostic> {
    let objects: Vec<String> = objects.iter().map(Subject::object).collect();
    let is_about = |it: &&Diagnostic| it.object.as_ref().is_some_and(|it| objects.contains(it));
    facts.diagnostics().iter().filter(is_about).collect()
}

/// The decryption of a Kustomization: the provider, its Secret, and what makes the Secret.
fn decryption(facts: &dyn Facts, key: &str, kustomization: &Kustomization) -> Option<String> {
    let provider = kustomization.decryption.as_deref()?;
    let object = format!("Kustomization/{key}");
    let is_own = |usage: &Usage| usage.how == "decryption" && usage.object.as_deref() == Some(&object);
    let mut references = mentioning(facts.secret_references(), &object).map(|(_, reference)| reference);
    let Some(secret) = references.find(|reference| reference.usage.iter().any(is_own)) else {
        return Some(format!(
            "{provider}, with no Secret: by the rights of the controller"
        ));
    };
    let made = match &secret.produced_by {
        ProducedBy::Object(object) => format!("made by {object}"),
        ProducedBy::Unknown => "which a chart may make".to_owned(),
        ProducedBy::Nothing => "which nothing in the repository makes".to_owned(),
    };
    let namespace = match secret.namespace == kustomization.namespace {
        true => String::new(),
        false => in_namespace(&secret.namespace),
    };
    Some(format!(
        "{provider}, with Secret {}{namespace}, {made}",
        secret.name
    ))
}
