//! What is told of a thing beside its own entry: when it runs, which data it keeps and how that is backed up, what it needs, which
//! backend a path leads to, which record a host has.

use std::collections::BTreeMap;

use infra_model::flux::HelmRelease;
use infra_model::object::{ObjectField, OtherObject};
use infra_model::secrets::ProducedBy;
use infra_model::service::Service;
use infra_model::{Key, NamedClaim, Place};

use crate::alerts::alerts;
use crate::facts::{entries, mentioning};
use crate::find::host;
use crate::graph::Graph;
use crate::graph::links::release_of;
use crate::network::{Names, behind, of_secret, records};
use crate::question::lower;
use crate::{Facts, Subject};

use super::around::{labelling, missing_parents, policies};
use super::backups::{backups, in_short, of_namespace};
use super::databases::{bootstrap, is_database, no_backup};
use super::exposure::addresses;
use super::ingress_classes::classes;
use super::load_balancers::{self, load_balancers};
use super::not_here::not_here;
use super::release_values::{mounted_at, schedules, volumes, ways_in};
use super::sign_in;
use super::volumes::volume_of;

/// One such fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it is, such as `backup`.
    pub label: String,
    /// In words.
    pub text: String,
    /// The line that states it.
    pub place: Option<Place>,
}

pub(super) fn told(label: &str, text: String, place: Option<Place>) -> Told {
    Told {
        label: label.to_owned(),
        text,
        place,
    }
}

/// What is told of one thing.
pub(super) fn of_thing(facts: &dyn Facts, subject: Subject<'_>, term: &str) -> Vec<Told> {
    let mut found = beside(facts, subject, term);
    let reported = match subject {
        Subject::Service(_, service) => {
            release_of(facts, service).map(|(key, release)| Subject::HelmRelease(key, release))
        }
        Subject::Kustomization(..) | Subject::HelmRelease(..) => Some(subject),
        _ => None,
    };
    found.extend(not_here(facts, subject));
    let alerts = reported.and_then(|reported| alerts(facts, [reported]));
    found.extend(alerts.map(|text| told("alerts", text, None)));
    found
}

fn beside(facts: &dyn Facts, subject: Subject<'_>, term: &str) -> Vec<Told> {
    match subject {
        Subject::Service(key, service) => of_service(facts, key, service, term),
        Subject::Kustomization(key, kustomization) => of_kustomization(facts, key, &kustomization.missing),
        Subject::Object(_, object) => of_object(facts, object),
        _ => Vec::new(),
    }
}

/// The host that a term names, in lower case.
pub(super) fn asked_host(term: &str) -> Option<String> {
    let asked = lower(term.trim()).into_owned();
    let name = host(&asked);
    name.contains('.').then(|| name.to_owned())
}

/// The backups of an object, the volume of a claim, and what a database begins with.
fn of_object(facts: &dyn Facts, object: &OtherObject) -> Vec<Told> {
    let mut found = backups(facts, &object.kind, &object.namespace, &object.name);
    found.extend(missing_parents(facts, object));
    if object.kind == CLAIM {
        found.extend(volume_of(facts, &object.namespace, &object.name));
        found.extend(no_user(facts, object));
    }
    if is_database(object) && found.is_empty() {
        found.push(told("backup", no_backup(object).to_owned(), None));
    }
    found.extend(bootstrap(object).map(|text| match text.split_once(' ') {
        Some((label, text)) => told(label, text.to_owned(), None),
        None => told("bootstrap", text, None),
    }));
    found
}

/// That no pod mounts a claim; where a chart that is not at hand may, it is named.
fn no_user(facts: &dyn Facts, claim: &OtherObject) -> Option<Told> {
    if !claim.used_by.is_empty() {
        return None;
    }
    let unknown = facts
        .helm_releases()
        .iter()
        .filter(|(_, release)| release.is_chart_unknown() && release.release_namespace == claim.namespace);
    let unknown: Vec<&str> = unknown.map(|(key, _)| key).collect();
    let text = match unknown.as_slice() {
        [] => "nothing here".to_owned(),
        [only] => format!(
            "nothing here, nor do the values of HelmRelease {only}, whose chart is not at hand, name it"
        ),
        several => format!(
            "nothing here, nor do the values of the {} HelmReleases of its namespace name it whose charts are not at hand",
            several.len()
        ),
    };
    Some(told("mounted by", text, None))
}

/// What a Kustomization applies beside services, and what of it is not at hand.
fn of_kustomization(facts: &dyn Facts, key: &str, missing: &[String]) -> Vec<Told> {
    let mut found = Vec::new();
    let with_fields = |key: &str, object: &OtherObject| format!("{key}{}", crate::object::summary(object));
    let applied = applied_objects(facts, key, with_fields);
    if !applied.is_empty() {
        found.push(told("applies", applied.join("; "), None));
    }
    if !missing.is_empty() {
        found.push(told("not at hand", missing.join(", "), None));
    }
    found
}

/// The objects that a Kustomization applies and people ask about, each in the words of `told`.
pub(crate) fn applied_objects(
    facts: &dyn Facts,
    key: &str,
    told: impl Fn(&str, &OtherObject) -> String,
) -> Vec<String> {
    const MOST: usize = 3;
    // They follow from services, or from what rights these need.
    const USUAL: &[&str] = &[
        "Service",
        "ServiceAccount",
        "Role",
        "RoleBinding",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "PersistentVolumeClaim",
        "PodDisruptionBudget",
        "LimitRange",
        "NetworkPolicy",
        "PodMonitor",
        "PrometheusRule",
        "ServiceMonitor",
        "ResourceQuota",
    ];
    let objects = mentioning(facts.objects(), key);
    let objects = objects.filter(|(_, object)| {
        object.kustomization.as_deref() == Some(key) && !USUAL.contains(&object.kind.as_str())
    });
    let texts = objects.map(|(own, object)| told(own, object));
    let mut texts: Vec<String> = texts.collect();
    let more = texts.len().saturating_sub(MOST);
    texts.truncate(MOST);
    if more > 0 {
        texts.push(format!("and {more} more"));
    }
    texts
}

/// The Gateways through which requests reach a service, with the addresses that they ask for.
/// Those of the Kubernetes Service that is made for one only who asks for a host wants to know.
fn gateways(facts: &dyn Facts, service: &Service, is_host: bool) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    for through in service.routes.iter().filter_map(|route| route.through.as_deref()) {
        let name = through.rsplit('/').next().unwrap_or(through);
        let gateways = mentioning(facts.objects(), name);
        let mut gateways = gateways.filter(|(_, object)| object.kind == "Gateway" && object.name == name);
        let Some((_, gateway)) = gateways.next() else {
            continue;
        };
        let own = gateway
            .fields
            .keys()
            .any(|path| path.starts_with("spec.addresses["));
        let addresses = match own || is_host {
            true => addresses(facts, &gateway.namespace, name),
            false => Vec::new(),
        };
        let text = format!("{name} at {}", addresses.join(", "));
        if !addresses.is_empty() && !found.iter().any(|known| known.text == text) {
            found.push(told("gateway", text, None));
        }
    }
    found
}

/// What scales a release whose chart is not at hand.
fn scalers(facts: &dyn Facts, service: &Service, release: &HelmRelease) -> Vec<Told> {
    const MOST: usize = 4;
    const ASKED: [&str; 8] = [
        "minReplicaCount",
        "maxReplicaCount",
        "minReplicas",
        "maxReplicas",
        "start",
        "end",
        "timezone",
        "desiredReplicas",
    ];
    let mut found = Vec::new();
    // What a chart calls its workloads is not known here; of a Kustomization with several services it may be another's.
    let owner = service.kustomization.as_deref().unwrap_or_default();
    let of_same = entries(facts.services(), &[owner]).filter(|(_, other)| {
        other.kustomization == service.kustomization && other.namespace == service.namespace
    });
    let is_alone = of_same.take(2).count() == 1;
    for (_, object) in entries(facts.objects(), &["ScaledObject", "HorizontalPodAutoscaler"]) {
        let is_scaler = matches!(object.kind.as_str(), "ScaledObject" | "HorizontalPodAutoscaler");
        let is_beside = is_alone
            && object.kustomization.as_deref() == service.kustomization.as_deref()
            && object.namespace == service.namespace;
        let target = object.fields.get("spec.scaleTargetRef.name");
        let target = target.map_or("", |field| field.value.as_str());
        let is_own = object.namespace == service.namespace
            && (target == release.name || target == release.release_name)
            || target.starts_with(&format!("{}-", release.release_name));
        if !is_scaler || !is_beside && !is_own || found.len() >= MOST {
            continue;
        }
        let fields = object
            .fields
            .iter()
            .filter(|(path, _)| ASKED.contains(&last(path)));
        let fields: Vec<String> = fields
            .map(|(path, field)| format!("{} {}", last(path), field.value))
            .collect();
        let text = format!(
            "{}/{} of {target}: {}",
            object.kind,
            object.name,
            fields.join(", ")
        );
        found.push(told("scaled by", text, object.source.clone()));
    }
    found
}

fn of_service(facts: &dyn Facts, key: &str, service: &Service, term: &str) -> Vec<Told> {
    let release = release_of(facts, service).map(|(_, release)| release);
    let release = release.filter(|_| service.workload.is_none());
    let mut found: Vec<Told> = rule(facts, service, release, term).into_iter().collect();
    found.extend(labelling(facts, service));
    let mut claims: Vec<String> = service
        .volume_claims
        .iter()
        .map(|claim| claim.name.clone())
        .collect();
    if let Some(release) = release {
        found.extend(schedules(release));
        for NamedClaim { name, path, .. } in release.claims() {
            if !claims.contains(&name) {
                let mut claim = claim(facts, service, &name);
                claim.text.push_str(&mounted_at(&release.values, path));
                found.push(claim);
                claims.push(name);
            }
        }
        found.extend(volumes(release));
        found.extend(ways_in(service, release));
        found.extend(load_balancers(release));
    }
    let mut without: Vec<&str> = Vec::new();
    let mut has_backup = false;
    for claim in &claims {
        let volume = volume_of(facts, &service.namespace, claim);
        let backups = backups(facts, CLAIM, &service.namespace, claim);
        match (backups.is_empty(), &volume) {
            (false, _) => has_backup = true,
            (true, None) if is_of_one(facts, &service.namespace, claim) => without.push(claim),
            // What is on another machine, or of many services, is not backed up with one of them.
            (true, _) => {}
        }
        found.extend(volume);
        found.extend(backups);
    }
    let of_namespace = match claims.is_empty() {
        true => Vec::new(),
        false => of_namespace(facts, &service.namespace),
    };
    if has_backup && of_namespace.is_empty() && !without.is_empty() {
        found.push(told("no backup here of", crate::text::joined(&without), None));
    }
    found.extend(of_namespace);
    found.extend(gateways(facts, service, asked_host(term).is_some()));
    found.extend(classes(facts, service, release));
    if let Some(release) = release {
        found.extend(scalers(facts, service, release));
    }
    found.extend(variables_of_hosts(facts, service, release));
    let host = asked_host(term);
    let host = host.as_deref().filter(|host| {
        let mut hosts = service.hosts.iter();
        hosts.any(|own| own.eq_ignore_ascii_case(host))
    });
    found.extend(sign_in::of_service(facts, service, release, host));
    // Of one that asks for a sign-in that was said.
    let policies = policies(facts, service, release).into_iter();
    let policies: Vec<Told> = policies
        .filter(|policy| !found.iter().any(|told| told.text.contains(&policy.text)))
        .collect();
    found.extend(policies);
    let needs = Graph::new(facts).talks_to(key).map(|edge| edge.to.key());
    let mut needs: Vec<&str> = needs.collect();
    needs.dedup();
    if !needs.is_empty() {
        let short: Vec<&str> = needs.iter().map(|key| in_cluster(key)).collect();
        found.push(told("needs", crate::text::joined(&short), None));
    }
    found.extend(behind_needs(facts, key, service, &needs));
    found
}

/// Where the values of variables in hosts are, which nobody may read here.
fn variables_of_hosts(facts: &dyn Facts, service: &Service, release: Option<&HelmRelease>) -> Vec<Told> {
    let addresses = service
        .load_balancers
        .iter()
        .flat_map(|balancer| &balancer.addresses);
    let written: Vec<&str> = service
        .hosts
        .iter()
        .chain(addresses)
        .map(String::as_str)
        .chain(release.into_iter().flat_map(load_balancers::addresses))
        .collect();
    let read = crate::config::read_in(facts, service.kustomization.as_deref(), &written.join(" "));
    let text = |read: crate::config::ReadVariable<'_>| match read.definitions.first() {
        Some(first) if first.value.is_none() => told(
            read.name,
            format!("not shown, from {}", first.by),
            first.source.clone(),
        ),
        Some(first) => told(
            read.name,
            first.value.clone().unwrap_or_default(),
            first.source.clone(),
        ),
        None => told(
            read.name,
            "nothing here defines it for this Kustomization".to_owned(),
            None,
        ),
    };
    read.into_iter().map(text).collect()
}

/// A host without what names of the cluster end with.
fn in_cluster(host: &str) -> &str {
    host.strip_suffix(".svc.cluster.local").unwrap_or(host)
}

/// The databases, queues and their like that operators run behind what a service needs, or whose Secrets it reads.
fn behind_needs(facts: &dyn Facts, key: &str, service: &Service, needs: &[&str]) -> Vec<Told> {
    const MOST: usize = 4;
    let by_host = needs.iter().flat_map(|host| {
        let behind = behind(facts, host).into_iter();
        behind.map(|object| (in_cluster(host).to_owned(), object))
    });
    // A release may read one for its values.
    let release = release_of(facts, service).map(|(key, _)| format!("HelmRelease/{key}"));
    let release = release.filter(|_| service.workload.is_none());
    let names = release.iter().map(String::as_str).chain([key]);
    let names: Vec<&str> = names.collect();
    let read = entries(facts.secret_references(), &names).filter(|(own, secret)| {
        let is_of_release = |usage: &infra_model::config::Usage| {
            release.is_some() && usage.object.as_deref() == release.as_deref()
        };
        service.secrets.iter().any(|key| key == own) || secret.usage.iter().any(is_of_release)
    });
    let by_secret = read.filter_map(|(_, secret)| {
        let object = match &secret.produced_by {
            ProducedBy::Object(by) => facts
                .objects()
                .get_key_value(by)
                .filter(|(_, object)| !object.dns.is_empty()),
            ProducedBy::Unknown | ProducedBy::Nothing => of_secret(facts, &secret.namespace, &secret.name),
        };
        Some((format!("behind Secret {}", secret.name), object?))
    });
    let mut found: Vec<(&str, Told)> = Vec::new();
    for (label, (key, object)) in by_host.chain(by_secret) {
        if found.len() < MOST && !found.iter().any(|(known, _)| *known == key) {
            let text = format!("{key}{}", in_short(facts, object));
            found.push((key, told(&label, text, object.source.clone())));
        }
    }
    found.into_iter().map(|(_, told)| told).collect()
}

pub(super) const CLAIM: &str = "PersistentVolumeClaim";

/// Whether one service alone mounts a claim that the repository states.
fn is_of_one(facts: &dyn Facts, namespace: &str, claim: &str) -> bool {
    let mut objects = mentioning(facts.objects(), claim);
    objects.any(|(_, object)| {
        object.kind == CLAIM
            && object.name == claim
            && object.namespace == namespace
            && object.used_by.len() == 1
    })
}

/// A claim by its name: its size and class, where the repository has it.
fn claim(facts: &dyn Facts, service: &Service, name: &str) -> Told {
    let mut objects = mentioning(facts.objects(), name);
    let object = objects.find(|(_, object)| {
        object.kind == CLAIM && object.name == name && object.namespace == service.namespace
    });
    let Some((_, object)) = object else {
        return told("volume claim", name.to_owned(), None);
    };
    let value = |path: &str| object.fields.get(path).map(|field| field.value.as_str());
    let mut text = name.to_owned();
    if let Some(size) = value("spec.resources.requests.storage") {
        text.push_str(&format!(" {size}"));
    }
    if let Some(class) = value("spec.storageClassName").filter(|class| !class.is_empty()) {
        text.push_str(&format!(" of {class}"));
    }
    told("volume claim", text, object.source.clone())
}

/// Where a path of a URL leads, by the rules of a route.
fn rule(facts: &dyn Facts, service: &Service, release: Option<&HelmRelease>, term: &str) -> Option<Told> {
    let asked = lower(term.trim()).into_owned();
    let name = host(&asked);
    let (_, path) = asked.split_once(name)?;
    let path = path.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let is_url = name.contains('.') && path.len() > 1 && path.starts_with('/');
    if !is_url || !service.hosts.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return None;
    }
    let routes = service.routes.iter().filter_map(|route| {
        let mut objects = mentioning(facts.objects(), &route.name);
        let found = objects.find(|(_, object)| object.kind == route.kind && object.name == route.name)?;
        Some((&found.1.fields, found.1.source.as_ref()))
    });
    let values = release.map(|release| (&release.values, release.source.as_ref()));
    let mut best: Option<(usize, Told)> = None;
    let mut has_rules = false;
    for (fields, source) in values.into_iter().chain(routes) {
        for (at, field) in fields {
            let is_rule = at.ends_with(".path.value") || (last(at) == "path" && at.contains("paths["));
            has_rules |= is_rule;
            let own = field.value.to_lowercase();
            let own = own.trim_end_matches('/');
            let is_within = path
                .strip_prefix(own)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            if !is_rule || !is_within || best.as_ref().is_some_and(|(length, _)| *length >= own.len()) {
                continue;
            }
            let above = match at.find(".matches[") {
                Some(end) => at.get(..end),
                None => at.strip_suffix(".path"),
            };
            let Some(above) = above else { continue };
            let backend = fields.iter().filter(|(path, _)| {
                path.strip_prefix(above)
                    .is_some_and(|rest| rest.to_ascii_lowercase().contains("backend"))
            });
            let backend: Vec<(&String, &ObjectField)> = backend.collect();
            let words: Vec<String> = backend
                .iter()
                .map(|(path, field)| format!("{} {}", last(path), field.value))
                .collect();
            let place = backend.last().and_then(|(_, field)| field.place(source));
            let text = format!("{} -> {}", field.value, words.join(", "));
            best = Some((own.len(), told("path", text, place)));
        }
    }
    let none = || told("path", format!("{path}: no rule of the route is for it"), None);
    match best {
        Some((_, told)) => Some(told),
        // Without rules the host leads to the same for every path.
        None => has_rules.then(none),
    }
}

/// The DNS records of a host, with the service behind their address, and the objects that make routes of it.
pub(super) fn of_host(facts: &dyn Facts, term: &str) -> Vec<Told> {
    let asked = lower(term.trim()).into_owned();
    let name = host(&asked);
    if !name.contains('.') {
        return Vec::new();
    }
    let records = records(facts);
    let own = records.iter().filter(|record| record.name == name);
    let lines = own.map(|record| {
        let services = facts.services().iter();
        let behind = services.filter(|(key, service)| {
            let names = Names::of(facts, Subject::Service(key, service), &[]);
            names
                .plain()
                .any(|name| record.targets.iter().any(|target| target == name))
        });
        let behind: Vec<&str> = behind.map(|(key, _)| key).collect();
        let behind = match behind.is_empty() {
            true => String::new(),
            false => format!(" -> {}", behind.join(", ")),
        };
        let text = format!(
            "{} {}{behind}, {}",
            record.kind,
            record.targets.join(", "),
            record.object
        );
        told(name, text, record.place.clone())
    });
    let mut found: Vec<Told> = lines.collect();
    // Operators make routes of their own, as the hosts of a resource say.
    for (key, object) in mentioning(facts.objects(), name) {
        let is_host = |path: &str| path.contains("hostnames[") || ["host", "hostname"].contains(&last(path));
        let route = object
            .fields
            .iter()
            .find(|(path, field)| field.value.eq_ignore_ascii_case(name) && is_host(path));
        let is_made =
            object.kind.ends_with("Route") || matches!(object.kind.as_str(), "Ingress" | "VirtualService");
        if let Some((path, field)) = route.filter(|_| !is_made) {
            found.push(told(
                name,
                format!("{path} of {key}"),
                field.place(object.source.as_ref()),
            ));
        }
    }
    found
}

/// The last key of a path, without its position.
pub(super) fn last(path: &str) -> &str {
    let last = path.rsplit('.').next().unwrap_or(path);
    last.split('[').next().unwrap_or(last)
}

/// The field of a key beside another one.
pub(super) fn sibling<'a>(
    fields: &'a BTreeMap<Key, ObjectField>,
    path: &str,
    key: &str,
) -> Option<&'a ObjectField> {
    let (above, _) = path.rsplit_once('.')?;
    fields.get(&format!("{above}.{key}"))
}
