//! `where`: where it runs and where it is defined. The things that a term means, with namespace, file and next commands.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use plain_text::{Lines, line, printable_name};

use crate::Facts;
use crate::Keyed;
use crate::Question;
use crate::answer::display_answer;
use crate::exposure::{Exposure, exposures};
use crate::find::{Hit, Matched, QueryError, find, find_for, not_applied_beside, reason};
use crate::flux::{chart_line, in_another_cluster};
use crate::image::decides;
use crate::named_by::{NamedBy, named_by};
use crate::next_steps::{self, Answer, Step};
use crate::object;
use crate::suspended_above;
use crate::text::{field, in_namespace, many_names, names, texts, told};
use crate::why_not::WhyNot;
use crate::{Subject, Text};
use infra_model::flux::{ChartStatus, HelmRelease, Kustomization};
use infra_model::secrets::ProducedBy;
use infra_model::service::{ImageGroup, ImageGroupKind, Service, Workload};

/// So many things are told in full.
const FEW: usize = 3;

/// What a term means.
#[derive(Clone, Debug, PartialEq)]
pub struct Where<'a> {
    /// What it means in the best way it matches; services first. Never empty.
    pub hits: Vec<Hit<'a>>,
    /// Commands to run next, where it means one thing.
    pub next: Vec<Step>,
    /// The HelmRelease of that one thing, where its chart was not rendered.
    pub unrendered: Option<&'a HelmRelease>,
    /// The HelmRelease that installs that one thing, where it is a service.
    pub release: Option<&'a HelmRelease>,
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
    /// The suspended Kustomization above that one thing.
    pub suspended_above: Option<&'a Kustomization>,
    /// What Flux would apply by the very name, and does not.
    pub not_applied: Vec<WhyNot>,
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
    let image_groups = match one {
        Some(Subject::Service(_, service)) => groups_of(facts, service),
        _ => Vec::new(),
    };
    Ok(Where {
        exposed: match one {
            Some(Subject::Service(_, service)) => exposures(facts, service),
            _ => Vec::new(),
        },
        named_by: one.map(|subject| named_by(facts, subject)).unwrap_or_default(),
        suspended_above: one.and_then(|subject| suspended_above::above(facts, subject)),
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
        unrendered: release.filter(is_unrendered),
        release: release.filter(|_| matches!(one, Some(Subject::Service(..)))),
    })
}

/// Why a term means the first few things.
fn reasons(facts: &dyn Facts, term: &str, hits: &[Hit<'_>]) -> Vec<String> {
    const MOST: usize = 3;
    let hits = hits
        .iter()
        .filter(|hit| hit.matched != Matched::Namespace)
        .take(MOST);
    let mut found: Vec<String> = hits.filter_map(|hit| reason(facts, term, hit)).collect();
    found.dedup();
    found
}

/// The questions that tell several things apart.
fn choices(subjects: &[Subject<'_>]) -> Vec<Step> {
    subjects
        .iter()
        .take(crate::answer::MOST_STEPS)
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
        if self.hits.iter().all(|hit| hit.matched == Matched::Namespace) {
            return self.write_namespace(f);
        }
        let services = self
            .hits
            .iter()
            .filter(|hit| matches!(hit.subject, Subject::Service(..)));
        match (services.clone().next(), services.count(), self.hits.as_slice()) {
            (Some(hit), 1, hits) => {
                thing(f, hit.subject, &self.image_groups, object::MOST)?;
                field(f, "chart", self.release.and_then(chart_line))?;
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
            (_, _, [only]) => thing(f, only.subject, &[], object::MOST)?,
            // Of a few it takes less to tell all than to be asked again.
            (None, _, hits) if hits.len() <= FEW => {
                for hit in hits {
                    thing(f, hit.subject, &[], object::MOST / FEW)?;
                }
            }
            (_, _, hits) => {
                for hit in hits.iter().take(MOST) {
                    one_of(f, hit.subject)?;
                }
                if hits.len() > MOST {
                    line!(f, "and {} more", hits.len() - MOST)?;
                }
            }
        }
        suspended_above::write(f, self.suspended_above)?;
        names(f, "exposed at", self.exposed.iter().map(ToString::to_string))?;
        names(f, "named by", self.named_by.iter().map(ToString::to_string))?;
        names(f, "services", &self.below)?;
        names(f, "matched by", &self.reasons)?;
        for why in self.not_applied.iter().take(FEW) {
            line!(f, "not applied: {}", why.sentence())?;
        }
        if let Some(release) = self.unrendered
            && let Some(status) = release.chart_status
        {
            match next_steps::get_chart(release) {
                Some(step) => {
                    let then = match cfg!(feature = "fetch") {
                        true => "",
                        false => ", then --charts charts",
                    };
                    line!(f, "chart: {}; {}{then}", status.as_str(), step.command)?;
                }
                None => line!(f, "chart: {}", status.as_str())?,
            }
        }
        Ok(())
    }
}

impl Where<'_> {
    /// What is in a namespace: services by name, the rest by kind.
    fn write_namespace(&self, f: &mut Lines<'_>) -> fmt::Result {
        let Some(first) = self.hits.first() else {
            return Ok(());
        };
        let namespace = printable_name(first.subject.namespace());
        line!(f, "namespace {namespace}")?;
        let mut by_kind: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut services = Vec::new();
        let mut objects = 0;
        for hit in &self.hits {
            match hit.subject {
                Subject::Service(key, _) => services.push(key),
                Subject::HelmRelease(..) | Subject::SecretReference(..) => {}
                Subject::Object(..) => objects += 1,
                subject => by_kind.entry(subject.kind()).or_default().push(subject.own_key()),
            }
        }
        match services.is_empty() {
            true => line!(f, "services: none")?,
            false => many_names(f, "services", &services)?,
        }
        for (kind, keys) in by_kind {
            names(f, kind, keys)?;
        }
        if objects > 0 {
            line!(
                f,
                "other objects: {objects}, see `flux-infra-guide list objects --namespace {namespace}`"
            )?;
        }
        Ok(())
    }
}

/// One thing among several, with what tells it from the others.
fn one_of(f: &mut Lines<'_>, subject: Subject<'_>) -> fmt::Result {
    write!(
        f,
        "{}: {}",
        printable_name(subject.own_key()),
        printable_name(subject.kind())
    )?;
    write!(f, "{}", in_namespace(subject.namespace()))?;
    if let Subject::Service(_, service) = subject {
        if let Some(release) = service
            .helm_release
            .as_deref()
            .filter(|release| *release != subject.own_key())
        {
            write!(f, " of HelmRelease {}", printable_name(release))?;
        }
        if let Some(image) = service.images.first() {
            write!(f, ", {}", printable_name(image))?;
        }
    }
    match subject.place() {
        Some(place) => line!(f, ", {}", printable_name(&place.to_string())),
        None => line!(f),
    }
}

/// One thing alone.
fn thing(
    f: &mut Lines<'_>,
    subject: Subject<'_>,
    groups: &[Keyed<'_, ImageGroup>],
    most_fields: usize,
) -> fmt::Result {
    match subject {
        Subject::Service(key, service) => write_service(f, key, service, groups),
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
                    field(f, "chart", chart_line(release))?;
                    let rendered = release.chart_version.as_ref();
                    field(
                        f,
                        "rendered with",
                        rendered.filter(|version| Some(*version) != release.version.as_ref()),
                    )?;
                    field(
                        f,
                        "installs in",
                        release.kube_config.as_ref().map(in_another_cluster),
                    )?;
                    names(f, "workloads", &release.workloads)?;
                    names(f, "hooks", texts(&release.hooks))?;
                    names(f, "definitions", &release.crds)?;
                    names(f, "unknown values of", texts(&release.unknown_values))?;
                    field(f, "flux", release.kustomization.as_ref())
                }
                Subject::Source(_, source) => {
                    field(f, "url", source.url.as_ref())?;
                    field(f, "ref", source.reference.as_ref())?;
                    field(f, "interval", source.interval.as_ref())?;
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
                Subject::SecretStore(_, store) => {
                    field(f, "provider", store.provider.as_ref())?;
                    for (label, text) in [
                        ("server", &store.server),
                        ("path", &store.path),
                        ("authenticates at", &store.auth_mount),
                        ("role", &store.role),
                    ] {
                        field(f, label, text.as_ref().map(infra_model::Written::value))?;
                    }
                    names(f, "used by", &store.used_by)
                }
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
                Subject::SecretReference(_, reference) => {
                    if let ProducedBy::Object(object) = &reference.produced_by {
                        field(f, "made by", Some(object))?;
                    }
                    names(f, "used by", &reference.used_by)
                }
                Subject::ConfigMap(_, config_map) => {
                    names(f, "keys", config_map.keys.keys())?;
                    names(f, "used by", &config_map.used_by)
                }
                Subject::Object(key, object) => object::lines(f, key, object, most_fields),
                Subject::ImageGroup(_, group) => {
                    field(f, "tag", group.tag.as_ref())?;
                    names(f, "services", &group.services)
                }
                Subject::Service(..) | Subject::Variable(..) | Subject::External(_) => Ok(()),
            }
        }
    }
}

fn write_service(
    f: &mut Lines<'_>,
    key: &str,
    service: &Service,
    groups: &[Keyed<'_, ImageGroup>],
) -> fmt::Result {
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
    names(f, "also applied by", &service.also_applied_by)?;
    if service.suspend {
        line!(f, "suspended: Flux does not update it")?;
    }
    edit(f, service)?;
    told(f, &service.tells_flux)?;
    names(f, "runs", amount(service))?;
    write_images(f, service, groups)?;
    // Of several containers the names matter: logs and exec ask for them.
    if service.containers.len() > 1 {
        let containers = service.containers.iter().map(|container| match container.init {
            true => format!("{} (init)", container.name),
            false => container.name.clone(),
        });
        names(f, "containers", containers)?;
    }
    // Those of its containers: a Service in front may listen on others.
    let ports: BTreeSet<_> = service.ports.iter().collect();
    let ports = ports.into_iter().map(|port| port.to_string());
    names(f, "container ports", ports)?;
    names(f, "dns", &service.dns)?;
    let ports = service.service_ports.iter().map(|port| {
        let to = port.target_port.as_deref().map(|target| format!(" -> {target}"));
        let name = port.name.as_deref().map(|name| format!(" ({name})"));
        let service = (service.dns.len() > 1).then(|| format!("{} ", port.service));
        format!(
            "{}{}{}{}",
            service.unwrap_or_default(),
            port.port,
            to.unwrap_or_default(),
            name.unwrap_or_default()
        )
    });
    names(f, "service ports", ports)?;
    let balancers = service.load_balancers.iter().map(|balancer| {
        let addresses = match balancer.addresses.as_slice() {
            [] => "an address that the cluster gives it".to_owned(),
            some => some.join(", "),
        };
        format!("{} at {addresses}", balancer.service)
    });
    names(f, "load balancer", balancers)?;
    let routes = service.hosts.iter().map(|host| {
        let route = service.routes.iter().find(|route| route.host == *host);
        match route {
            Some(route) => {
                let through = route.through.as_deref().map(|through| format!(", {through}"));
                format!(
                    "{host} ({} {}{})",
                    route.kind,
                    route.name,
                    through.unwrap_or_default()
                )
            }
            None => host.clone(),
        }
    });
    names(f, "hosts", routes)?;
    let claims = service.volume_claims.iter().map(|claim| {
        let size = claim.size.as_deref().map(|size| format!(" {size}"));
        let class = claim.storage_class.as_deref().map(|class| format!(" of {class}"));
        let at = (!claim.mount_paths.is_empty()).then(|| format!(" at {}", claim.mount_paths.join(", ")));
        format!(
            "{}{}{}{}",
            claim.name,
            size.unwrap_or_default(),
            class.unwrap_or_default(),
            at.unwrap_or_default()
        )
    });
    names(f, "volume claims", claims)
}

/// How many pods, and what changes the number; the schedule of a CronJob.
fn amount(service: &Service) -> Vec<String> {
    let mut texts = Vec::new();
    if let Some(replicas) = service.replicas {
        let word = if replicas == 1 { "replica" } else { "replicas" };
        texts.push(format!("{replicas} {word}"));
    }
    if let Some(scaler) = &service.autoscaler {
        texts.push(format!(
            "{} {} scales from {}",
            scaler.kind,
            scaler.name,
            scaler.range()
        ));
    }
    if let Some(budget) = &service.disruption_budget {
        let least = budget
            .min_available
            .as_deref()
            .map(|least| format!("at least {least} available"));
        let most = budget
            .max_unavailable
            .as_deref()
            .map(|most| format!("at most {most} unavailable"));
        texts.extend(
            least
                .or(most)
                .map(|words| format!("PodDisruptionBudget {}: {words}", budget.name)),
        );
    }
    texts.extend(service.schedule.as_ref().map(|schedule| format!("at {schedule}")));
    texts
}

/// Where a person edits it: the manifest, with how many clusters it serves, and what decides fields in this cluster.
pub(crate) fn edit(f: &mut Lines<'_>, service: &Service) -> fmt::Result {
    let Some(source) = &service.source else {
        return Ok(());
    };
    write!(f, "edit: {}", printable_name(&source.to_string()))?;
    if let Some(clusters) = service.clusters {
        write!(f, " (for {clusters} clusters)")?;
    }
    line!(f)?;
    names(
        f,
        "patched in this cluster by",
        service.overlays.iter().map(ToString::to_string),
    )
}

/// Each image with the place that decides it. What stands in the file that the service does is shown by its line.
pub(crate) fn write_images(
    f: &mut Lines<'_>,
    service: &Service,
    groups: &[Keyed<'_, ImageGroup>],
) -> fmt::Result {
    let own = service.source.as_ref().map(|place| &place.file);
    let place_of = |group: &ImageGroup| match own == Some(&group.source.file) {
        // The line of a release says nothing of what its chart decides.
        _ if group.kind == ImageGroupKind::HelmDefault => "the chart's default".to_owned(),
        true => format!("line {}", group.source.line),
        false => group.source.to_string(),
    };
    for image in &service.images {
        write!(f, "image: {}", printable_name(image))?;
        match groups.iter().find(|(_, group)| decides(image, group)) {
            Some((_, group)) => line!(f, " <- {}", printable_name(&place_of(group)))?,
            None => line!(f)?,
        }
    }
    for (key, group) in groups {
        if !service.images.iter().any(|image| decides(image, group)) {
            line!(
                f,
                "image: {} <- {}",
                printable_name(key),
                printable_name(&place_of(group))
            )?;
        }
    }
    Ok(())
}

/// What decides the images of a service, in container order.
pub(crate) fn groups_of<'a>(facts: &'a dyn Facts, service: &Service) -> Vec<Keyed<'a, ImageGroup>> {
    let keys = service.image_groups.iter();
    keys.filter_map(|group| facts.image_groups().get_key_value(group))
        .collect()
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
