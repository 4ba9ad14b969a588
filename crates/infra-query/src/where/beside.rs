//! What is told of a thing beside its own entry: when it runs, which data it keeps and how that is backed up, what it needs.

use infra_model::NamedClaim;
use infra_model::object::OtherObject;
use infra_model::secrets::ProducedBy;
use infra_model::service::Service;

use super::around::{labelling, missing_parents, policies};
use super::asked_hosts::{asked_host, gateways, in_cluster, rule, variables_of_hosts};
use super::backups::{backups, in_short, of_namespace};
use super::claims::{claim, is_of_one, no_user};
use super::databases::{bootstrap, is_database, no_backup};
use super::ingress_classes::classes;
use super::load_balancers::load_balancers;
use super::not_here::not_here;
use super::release_values::{mounted_at, schedules, volumes, ways_in};
use super::scalers::scalers;
use super::sign_in;
use super::told::{CLAIM, Told, told};
use super::volumes::volume_of;
use crate::alerts::alerts;
use crate::facts::{entries, mentioning};
use crate::graph::Graph;
use crate::graph::links::release_of;
use crate::network::{behind, of_secret};

use crate::{Facts, Subject};

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

pub(super) fn beside(facts: &dyn Facts, subject: Subject<'_>, term: &str) -> Vec<Told> {
    match subject {
        Subject::Service(key, service) => of_service(facts, key, service, term),
        Subject::Kustomization(key, kustomization) => of_kustomization(facts, key, &kustomization.missing),
        Subject::Object(_, object) => of_object(facts, object),
        _ => Vec::new(),
    }
}

/// The backups of an object, the volume of a claim, and what a database begins with.
pub(super) fn of_object(facts: &dyn Facts, object: &OtherObject) -> Vec<Told> {
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

/// What a Kustomization applies beside services, and what of it is not at hand.
pub(super) fn of_kustomization(facts: &dyn Facts, key: &str, missing: &[String]) -> Vec<Told> {
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

pub(super) fn of_service(facts: &dyn Facts, key: &str, service: &Service, term: &str) -> Vec<Told> {
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

/// The databases, queues and their like that operators run behind what a service needs, or whose Secrets it reads.
pub(super) fn behind_needs(facts: &dyn Facts, key: &str, service: &Service, needs: &[&str]) -> Vec<Told> {
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
