//! What manages it, and why does it not sync? What it waits for, what is known to be wrong, and the order in which to check.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use plain_text::{Lines, line, printable_name};

use crate::Facts;
use crate::alerts::{alerts, receivers};
use crate::answer::display_answer;
use crate::facts::{is_remote, mentioning};
use crate::find::{QueryError, find_for};
use crate::graph::links::{chart_source, release_of, source_of};
use crate::graph::{Graph, Node};
use crate::next_steps::{self, Answer, Step};
use crate::readiness::readiness;
use crate::suspended_above::{self, suspended_above};
use crate::text::{field, in_namespace, joined, many_names, names, texts, told};
use crate::trace::chain;
use crate::r#where::applied_objects;
use crate::{Question, Subject, Text};
use infra_model::config::Usage;
use infra_model::flux::{ChartStatus, HelmRelease, Kustomization, Source};
use infra_model::secrets::ProducedBy;
use infra_model::{Diagnostic, Place, Severity};

/// What Flux does about something.
#[derive(Clone, Debug, PartialEq)]
pub struct FluxAnswer<'a> {
    /// What was asked about.
    pub subject: Subject<'a>,
    /// The Kustomization that was asked about, or that applies it.
    pub kustomization: Option<(&'a str, &'a Kustomization)>,
    /// The Kustomizations above that one, from the top down.
    pub parents: Vec<&'a str>,
    /// The nearest suspended one of these.
    pub suspended_above: Option<&'a Kustomization>,
    /// The HelmRelease that was asked about, or that owns it.
    pub helm_release: Option<(&'a str, &'a HelmRelease)>,
    /// A few other HelmReleases of the same chart and Kustomization, which people mean by the name of the chart as well.
    pub same_chart: Vec<(&'a str, &'a HelmRelease)>,
    /// The source of the manifests; for a HelmRelease that of its chart, for a source itself.
    pub source: Option<(&'a str, &'a Source)>,
    /// The source of the Kustomization that applies a release, whose own is that of its chart.
    pub manifests_from: Option<(&'a str, &'a Source)>,
    /// What a Kustomization that was asked about applies beside services, in words.
    pub applies: Vec<String>,
    /// Keys of what it waits for, directly or through others: HelmReleases for a HelmRelease, else Kustomizations.
    pub waits_for: Vec<Wait<'a>>,
    /// What a Kustomization decrypts with, in words.
    pub decryption: Option<String>,
    /// What keeps it from becoming ready, as far as the repository tells, in words.
    pub ready: Option<String>,
    /// Which Alerts report its events, in words; none where there is no Alert.
    pub alerts: Option<String>,
    /// Which Receivers make Flux look at it or at its source at once.
    pub receivers: Option<String>,
    /// What is known to be wrong with it, or with what applies it.
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

/// Something that is waited for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wait<'a> {
    /// Its key.
    pub key: &'a str,
    /// 1 for what is waited for directly.
    pub distance: usize,
    /// What has that name.
    pub subject: Option<Subject<'a>>,
    /// Whether it is an object of another cluster: of the one whose Flux applies this to a remote cluster.
    pub is_elsewhere: bool,
    /// Whether it is suspended: it becomes ready only if it was before.
    pub suspended: bool,
    /// The suspended Kustomization that applies it, or that is above it.
    pub suspended_above: Option<&'a str>,
}

impl Wait<'_> {
    /// The key, and what keeps it from becoming ready.
    fn text(&self) -> String {
        match (self.subject.is_some(), self.suspended, self.suspended_above) {
            (false, ..) if self.is_elsewhere => {
                format!("{} (an object of the cluster whose Flux applies this)", self.key)
            }
            (false, ..) => format!("{} (missing)", self.key),
            (_, true, None) => format!("{} (suspended)", self.key),
            (_, true, Some(above)) => {
                format!("{} (suspended, as is Kustomization {above} above it)", self.key)
            }
            (_, false, Some(above)) => format!("{} (below Kustomization {above}, suspended)", self.key),
            (_, false, None) => self.key.to_owned(),
        }
    }
}

/// What manages something, and what it waits for.
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
        Subject::HelmRelease(_, release) => named(facts, release.kustomization.as_ref()),
        Subject::Service(_, service) => named(facts, service.kustomization.as_ref()),
        Subject::Source(_, source) => named(facts, source.kustomization.as_ref()),
        _ => None,
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
    let (own, asked) = match subject {
        Subject::Source(..) => (None, vec![subject]),
        Subject::Kustomization(_, it) => (Some(it), vec![subject]),
        // What applies a release is reported of, too.
        _ => (None, of_release.into_iter().chain(of_kustomization).collect()),
    };
    // What a Kustomization applies changes with its source.
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
            // Where this repository is, its reader knows.
            .filter(|(_, source)| !source.is_self),
        applies: match subject {
            Subject::Kustomization(key, _) => applied_objects(facts, key, |key, _| key.to_owned()),
            _ => Vec::new(),
        },
        waits_for,
        diagnostics: diagnostics(facts, helm_release, kustomization, subject),
        check,
    })
}

/// The other HelmReleases of one chart that the same Kustomization applies; none where there are many, as of a library chart.
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

/// What the term means: Flux' own objects before services, since the question is about Flux.
fn subject<'a>(facts: &'a dyn Facts, term: &str) -> Result<Subject<'a>, QueryError> {
    let hits = find_for(facts, term, Question::Flux)?;
    // A HelmRelease is a service, too, and often a Kustomization bears its name: the HelmRelease tells most.
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

fn named<'a>(facts: &'a dyn Facts, key: Option<&String>) -> Option<(&'a str, &'a Kustomization)> {
    facts.kustomizations().get_key_value(key?)
}

/// Everything that is waited for, nearest first, each once.
fn waits_for<'a>(
    graph: &Graph<'a>,
    facts: &'a dyn Facts,
    helm_release: Option<(&'a str, &'a HelmRelease)>,
    kustomization: Option<(&'a str, &'a Kustomization)>,
) -> Vec<Wait<'a>> {
    let start = match (helm_release, kustomization) {
        (Some((key, release)), _) if !release.depends_on.is_empty() => Node::HelmRelease(key),
        (_, Some((key, _))) => Node::Kustomization(key),
        _ => return Vec::new(),
    };
    let mut waits: Vec<Wait<'a>> = Vec::new();
    let mut known: BTreeSet<Node<'a>> = BTreeSet::from([start]);
    let mut level = vec![start];
    let mut distance = 1;
    while !level.is_empty() {
        let wanted = level.into_iter().flat_map(|node| graph.depends_on(node));
        let next: Vec<(Node<'a>, Node<'a>)> = wanted
            .map(|edge| (edge.from, edge.to))
            .filter(|(_, node)| known.insert(*node))
            .collect();
        waits.extend(next.iter().map(|(from, node)| {
            let subject = node.subject(facts);
            let above = subject.and_then(|subject| suspended_above::above(facts, subject));
            Wait {
                key: node.key(),
                distance,
                subject,
                is_elsewhere: subject.is_none() && is_of_another_cluster(facts, *from),
                suspended: subject.is_some_and(suspended_above::is_suspended),
                suspended_above: above.map(|above| above.name.as_str()),
            }
        }));
        level = next.into_iter().map(|(_, node)| node).collect();
        distance += 1;
    }
    waits
}

/// Whether an object in the facts of a remote cluster is one of the cluster that reaches it, as are those that name a kubeConfig.
fn is_of_another_cluster(facts: &dyn Facts, node: Node<'_>) -> bool {
    let config = match node.subject(facts) {
        Some(Subject::Kustomization(_, it)) => it.kube_config.as_ref(),
        Some(Subject::HelmRelease(_, it)) => it.kube_config.as_ref(),
        _ => None,
    };
    config.is_some() && is_remote(facts)
}

fn diagnostics<'a>(
    facts: &'a dyn Facts,
    helm_release: Option<(&str, &HelmRelease)>,
    kustomization: Option<(&str, &Kustomization)>,
    subject: Subject<'_>,
) -> Vec<&'a Diagnostic> {
    let mut objects = vec![format!(
        "{}/{}/{}",
        subject.kind(),
        subject.namespace(),
        subject.name()
    )];
    objects.extend(
        helm_release.map(|(_, release)| format!("HelmRelease/{}/{}", release.namespace, release.name)),
    );
    objects.extend(kustomization.map(|(_, it)| format!("Kustomization/{}/{}", it.namespace, it.name)));
    facts
        .diagnostics()
        .iter()
        .filter(|diagnostic| {
            diagnostic
                .object
                .as_ref()
                .is_some_and(|object| objects.contains(object))
        })
        .collect()
}

/// What a Kustomization decrypts with: the provider, its Secret, and what makes that.
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

/// A remediation without its details: `install: 3 retries; upgrade: 2 retries`.
fn in_short(remediation: &str) -> String {
    let parts = remediation
        .split("; ")
        .map(|part| part.split(", ").next().unwrap_or(part));
    parts.collect::<Vec<_>>().join("; ")
}

/// ` <- file:3`, of the own file ` <- line 3`; of lines of one file it is said once.
pub(crate) fn places_text<'p>(places: impl Iterator<Item = &'p Place>, own: Option<&Place>) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut file = None;
    for place in places {
        let is_own = own.is_some_and(|own| own.file == place.file);
        texts.push(match (file == Some(&place.file), is_own) {
            (true, _) => place.line.to_string(),
            (false, true) => format!("line {}", place.line),
            (false, false) => place.to_string(),
        });
        file = Some(&place.file);
    }
    texts.dedup();
    match texts.is_empty() {
        true => String::new(),
        false => printable_name(&format!(" <- {}", texts.join(", "))).into_owned(),
    }
}

/// What a Kustomization waits for before it is ready.
fn ready_when(kustomization: &Kustomization) -> Option<String> {
    let checks = match (kustomization.wait, kustomization.health_checks.as_slice()) {
        (true, _) => "all is healthy (wait)".to_owned(),
        (false, []) => return None,
        (false, checks) => format!("{} healthy", joined(&texts(checks).collect::<Vec<_>>())),
    };
    let mut text = checks;
    if !kustomization.health_check_exprs.is_empty() {
        text.push_str(&format!(
            ", by expressions for {}",
            joined(&kustomization.health_check_exprs)
        ));
    }
    // https://fluxcd.io/flux/components/kustomize/kustomizations/#timeout
    match (&kustomization.timeout, &kustomization.interval) {
        (Some(timeout), _) => text.push_str(&format!(", within {}", printable_name(timeout))),
        (None, Some(interval)) => {
            text.push_str(&format!(", within {} (the interval)", printable_name(interval)))
        }
        (None, None) => {}
    }
    Some(text)
}

/// What a Kustomization takes its variables from.
fn variables_from(kustomization: &Kustomization) -> Vec<String> {
    let own = match kustomization.substitute.as_slice() {
        [] => None,
        own => Some(format!("substitute ({})", joined(own))),
    };
    let others = kustomization.substitute_from.iter().map(|from| {
        let remark = match (from.known, from.optional) {
            (true, _) => "",
            (false, true) => " (optional, values unknown)",
            (false, false) => " (values unknown)",
        };
        format!("{} {}{remark}", from.kind, from.name)
    });
    others.chain(own).collect()
}

/// The chart with its version and the line that states it.
pub(crate) fn chart_line(release: &HelmRelease) -> Option<String> {
    let mut text = release.chart.clone()?;
    // https://fluxcd.io/flux/components/helm/helmreleases/#chart-template
    let has_own_version = matches!(
        release.chart_source_kind.as_deref(),
        Some("GitRepository" | "Bucket")
    );
    match &release.version {
        Some(version) if has_own_version => {
            text.push_str(&format!(
                " (version {version} is ignored: a chart of files has its own)"
            ));
        }
        Some(version) => {
            text.push(' ');
            text.push_str(version);
        }
        // https://fluxcd.io/flux/components/helm/helmreleases/#chart-template
        None if release.chart_source_kind.as_deref() == Some("HelmRepository") => {
            text.push_str(" (no version: the newest)");
        }
        None => {}
    }
    if let Some(place) = &release.version_source {
        text.push_str(&format!(" <- {place}"));
    }
    Some(text)
}

/// What a kubeConfig says of where objects go.
pub(crate) fn in_another_cluster(config: &String) -> String {
    format!("another cluster, by kubeConfig {config}")
}

impl Text for FluxAnswer<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        let subject = self.subject;
        write!(
            f,
            "{}: {}",
            printable_name(subject.own_key()),
            printable_name(subject.kind())
        )?;
        line!(f, "{}", in_namespace(subject.namespace()))?;
        if let Some((key, release)) = self.helm_release {
            if !matches!(subject, Subject::HelmRelease(..)) {
                line!(
                    f,
                    "managed by: HelmRelease {}{}",
                    printable_name(key),
                    in_namespace(&release.namespace)
                )?;
            }
            let status = release
                .chart_status
                .filter(|status| *status != ChartStatus::Rendered);
            let chart = match (chart_line(release), status.map(ChartStatus::as_str)) {
                (Some(line), Some(status)) => Some(format!("{line}, {status}")),
                (line, status) => line.or(status.map(str::to_owned)),
            };
            field(f, "chart", chart)?;
            let rendered = release.chart_version.as_ref().filter(|_| status.is_none());
            field(
                f,
                "rendered with",
                rendered.filter(|known| Some(*known) != release.version.as_ref()),
            )?;
            if matches!(subject, Subject::HelmRelease(..)) {
                names(f, "workloads", &release.workloads)?;
                names(f, "hooks", texts(&release.hooks))?;
                names(f, "definitions", &release.crds)?;
            }
            names(f, "unknown values of", texts(&release.unknown_values))?;
            if release.suspend {
                line!(f, "suspended: the HelmRelease")?;
            }
            field(
                f,
                "installs in",
                release.kube_config.as_ref().map(in_another_cluster),
            )?;
            if let Some(remediation) = release.remediation.as_deref().map(in_short) {
                let retries = ["install.remediation.retries", "upgrade.remediation.retries"];
                let places = retries.iter().filter_map(|name| release.places.get(*name));
                let places = places_text(places, subject.place());
                line!(f, "remediation: {}{places}", printable_name(&remediation))?;
            }
        }
        if let Some((key, kustomization)) = self.kustomization {
            if !matches!(subject, Subject::Kustomization(..)) {
                line!(f, "applied by: Kustomization {}", printable_name(key))?;
                let also = match (self.helm_release, subject) {
                    (Some((_, release)), _) => release.also_applied_by.as_slice(),
                    (None, Subject::Service(_, service)) => service.also_applied_by.as_slice(),
                    _ => &[],
                };
                names(f, "also applied by", also)?;
            }
            write!(f, "path: {}", printable_name(&kustomization.path))?;
            if let Some((key, source)) = self.manifests_from {
                write!(f, " of {}", printable_name(key))?;
                if let Some(reference) = &source.reference {
                    write!(f, " ({})", printable_name(&reference.replacen(": ", " ", 1)))?;
                }
            }
            let place = |name: &str| places_text(kustomization.places.get(name).into_iter(), subject.place());
            let is_asked = matches!(subject, Subject::Kustomization(..));
            if let Some(interval) = &kustomization.interval {
                write!(f, ", interval {}", printable_name(interval))?;
                if is_asked {
                    write!(f, "{}", place("interval"))?;
                }
            }
            // What Flux leaves in the cluster when it is gone from Git.
            if !kustomization.prune {
                write!(f, ", prune false{}", place("prune"))?;
            }
            line!(f)?;
            names(f, "below", &self.parents)?;
            if kustomization.suspend {
                line!(f, "suspended: the Kustomization")?;
            }
            suspended_above::write(f, self.suspended_above)?;
            if let Some(config) = &kustomization.kube_config {
                line!(
                    f,
                    "applies to: another cluster, by kubeConfig {}",
                    printable_name(config)
                )?;
            }
            field(f, "ready when", ready_when(kustomization))?;
            field(f, "error", kustomization.error.as_ref())?;
            let listed = |names: &[String]| (!names.is_empty()).then(|| names.join(", "));
            field(f, "partial, without", listed(&kustomization.missing).as_ref())?;
            self.write_unknown_variables(f, kustomization)?;
        }
        // What goes to another cluster is reconciled in the one that states its source.
        let release = self.helm_release.map(|(_, release)| release);
        let goes_elsewhere = release.is_some_and(|release| release.kube_config.is_some())
            || matches!(subject, Subject::Kustomization(_, kustomization) if kustomization.kube_config.is_some());
        let source = self
            .source
            .filter(|(_, source)| source.url.is_some() || !goes_elsewhere);
        if let Some((key, source)) = source {
            // The version of a chart from an OCIRepository is its tag, and was said already.
            let version = self
                .helm_release
                .and_then(|(_, release)| release.version.as_deref());
            let said = version.map(|version| format!("tag: {version}"));
            let reference = source
                .reference
                .as_ref()
                .filter(|reference| said.as_ref() != Some(reference))
                .map(|text| format!(", {}", text.replacen(": ", " ", 1)))
                .unwrap_or_default();
            // Where this repository is, its reader knows.
            let url = match source.url.as_deref() {
                Some(_) if source.is_self && !matches!(subject, Subject::Source(..)) => String::new(),
                Some(url) => format!(" {url}"),
                None => " not stated in the repository".to_owned(),
            };
            let place = |name: &str| places_text(source.places.get(name).into_iter(), subject.place());
            let is_asked = matches!(subject, Subject::Source(..));
            let reference = match reference.is_empty() || source.is_self && !is_asked {
                true => reference,
                // What a FluxInstance makes has one line.
                false if is_asked && source.places.get("ref") == source.places.get("interval") => reference,
                false => format!("{reference}{}", place("ref")),
            };
            let interval = source.interval.as_deref();
            let mut interval =
                interval.map_or(String::new(), |interval| format!(", every {}", short(interval)));
            if is_asked {
                interval.push_str(&place("interval"));
            }
            line!(
                f,
                "source: {}{}{}{}",
                printable_name(key),
                printable_name(&url),
                printable_name(&reference),
                printable_name(&interval)
            )?;
        }
        let others = self
            .same_chart
            .iter()
            .map(|(key, release)| match &release.source {
                Some(place) => format!("HelmRelease {key} ({place})"),
                None => format!("HelmRelease {key}"),
            });
        names(f, "same chart and Kustomization", others)?;
        let direct = self.waits_for.iter().filter(|wait| wait.distance == 1);
        let direct = direct.map(Wait::text);
        let is_flux_own = matches!(subject, Subject::Kustomization(..) | Subject::HelmRelease(..));
        match self.waits_for.is_empty() && is_flux_own {
            true => line!(f, "waits for: nothing")?,
            false => names(f, "waits for", direct)?,
        }
        let further = self
            .waits_for
            .iter()
            .filter(|wait| wait.distance > 1)
            .map(Wait::text);
        names(f, "which wait for", further)?;
        field(f, "ready", self.ready.as_deref().map(printable_name))?;
        field(f, "decryption", self.decryption.as_deref().map(printable_name))?;
        field(f, "alerts", self.alerts.as_deref().map(printable_name))?;
        field(f, "receivers", self.receivers.as_deref().map(printable_name))?;
        match subject {
            Subject::Kustomization(_, kustomization) => {
                many_names(f, "waited for by", &kustomization.dependents)?;
                names(f, "manages", &kustomization.manages)?;
                if !self.applies.is_empty() {
                    line!(f, "applies: {}", printable_name(&self.applies.join("; ")))?;
                }
                match variables_from(kustomization) {
                    none if none.is_empty() => line!(f, "variables: none")?,
                    some => names(f, "variables from", some)?,
                }
            }
            Subject::Source(_, source) => names(f, "used by", &source.used_by)?,
            _ => {}
        }
        field(f, "edit", subject.place().map(ToString::to_string))?;
        if let Subject::Service(_, service) = subject {
            told(f, &service.tells_flux)?;
        }
        // What is only remarked on a Kustomization may be about anything that it applies.
        let is_own = |diagnostic: &&&Diagnostic| {
            let is_of_kustomization = diagnostic
                .object
                .as_deref()
                .is_some_and(|object| object.starts_with("Kustomization/"));
            diagnostic.severity > Severity::Info
                || !is_of_kustomization
                || matches!(subject, Subject::Kustomization(..))
        };
        let (own, others): (Vec<&&Diagnostic>, Vec<&&Diagnostic>) = self.diagnostics.iter().partition(is_own);
        // Of findings with one code the first says what they are.
        let mut more: BTreeMap<&str, usize> = BTreeMap::new();
        let mut told: Vec<&str> = Vec::new();
        for diagnostic in own {
            let code = diagnostic.code.as_ref();
            match told.contains(&code) || told.len() == MOST_FINDINGS {
                true => *more.entry(code).or_default() += 1,
                false => {
                    line!(f, "{}: {}", diagnostic.severity, diagnostic.message)?;
                    told.push(code);
                }
            }
        }
        for diagnostic in others {
            *more.entry(diagnostic.code.as_ref()).or_default() += 1;
        }
        let more = more.into_iter().map(|(code, count)| match count {
            1 => code.to_owned(),
            count => format!("{count} {code}"),
        });
        names(f, "and", more)?;
        Ok(())
    }
}

/// So many findings are told in full.
const MOST_FINDINGS: usize = 3;

impl FluxAnswer<'_> {
    /// The variables that a Kustomization does not know; of what it applies those that occur there.
    fn write_unknown_variables(&self, f: &mut Lines<'_>, kustomization: &Kustomization) -> fmt::Result {
        let all = &kustomization.unknown_variables;
        if matches!(self.subject, Subject::Kustomization(..)) {
            return names(f, "unknown variables", all);
        }
        let service = match self.subject {
            Subject::Service(_, service) => Some(service),
            _ => None,
        };
        let values = self
            .helm_release
            .into_iter()
            .flat_map(|(_, release)| release.values.values());
        let values = values.map(|field| field.written.as_ref().unwrap_or(&field.value));
        let env = service.into_iter().flat_map(|service| &service.env);
        let env = env.filter_map(|env| env.written.as_ref().or(env.value.as_ref()));
        let hosts = service.into_iter().flat_map(|service| &service.hosts);
        let texts: Vec<&String> = values.chain(env).chain(hosts).collect();
        let occurs = |name: &&String| texts.iter().any(|text| text.contains(&format!("${{{name}")));
        let own: Vec<&String> = all.iter().filter(occurs).collect();
        names(f, "unknown variables", &own)?;
        match all.len() - own.len() {
            0 => Ok(()),
            others => line!(
                f,
                "unknown variables of {}: {others} others",
                printable_name(&kustomization.name)
            ),
        }
    }
}

/// A duration without the parts that are nothing: `1m0s` is `1m`.
fn short(duration: &str) -> &str {
    let minutes = duration.strip_suffix("m0s").map(|start| start.len() + 1);
    let duration = minutes.and_then(|end| duration.get(..end)).unwrap_or(duration);
    let hours = duration.strip_suffix("h0m").map(|start| start.len() + 1);
    hours.and_then(|end| duration.get(..end)).unwrap_or(duration)
}
