//! Facts about a subject that are not in its own entry: schedules, volumes and their backups, routes, dependencies.

use infra_model::NamedClaim;
use infra_model::object::OtherObject;
use infra_model::secrets::ProducedBy;
use infra_model::service::Service;

use super::around::{labelling, missing_parents, policies};
use super::asked_hosts::{asked_host, gateways, in_cluster, rule, variables_of_hosts};
use super::backups::{backups, in_short, of_namespace};
use super::claims::{claim, is_of_one, no_user};
use super::databases::{bootstrap, is_database, no_backup};
use super::fact::{CLAIM, Told, fact};
use super::ingress_classes::classes;
use super::load_balancers::load_balancers;
use super::not_here::not_here;
use super::release_values::{mounted_at, routes, schedules, volumes};
use super::scalers::scalers;
use super::sign_in;
use super::volumes::volume_of;
use crate::alerts::alerts;
use crate::facts::{entries, mentioning};
use crate::graph::Graph;
use crate::graph::links::release_of;
use crate::network::{behind, of_secret};
use crate::text::joined;
use crate::{Facts, Subject};

/// The facts about a subject.
pub(super) fn of_subject(facts: &dyn Facts, subject: Subject<'_>, term: &str) -> Vec<Told> {
    let mut found = match subject {
        Subject::Service(key, service) => of_service(facts, key, service, term),
        Subject::Kustomization(key, kustomization) => of_kustomization(facts, key, &kustomization.missing),
        Subject::Object(_, object) => of_object(facts, object),
        _ => Vec::new(),
    };
    let reported = match subject {
        Subject::Service(_, service) => {
            release_of(facts, service).map(|(key, release)| Subject::HelmRelease(key, release))
        }
        Subject::Kustomization(..) | Subject::HelmRelease(..) => Some(subject),
        _ => None,
    };
    found.extend(not_here(facts, subject));
    let alerts = reported.and_then(|reported| alerts(facts, [reported]));
    found.extend(alerts.map(|text| fact("alerts", text, None)));
    found
}

/// The backups of an object, the volume of a claim, and the bootstrap of a database.
fn of_object(facts: &dyn Facts, object: &OtherObject) -> Vec<Told> {
    let mut found = backups(facts, &object.kind, &object.namespace, &object.name);
    found.extend(missing_parents(facts, object));
    if object.kind == CLAIM {
        found.extend(volume_of(facts, &object.namespace, &object.name));
        found.extend(no_user(facts, object));
    }
    if is_database(object) && found.is_empty() {
        found.push(fact("backup", no_backup(object).to_owned(), None));
    }
    found.extend(bootstrap(object).map(|text| match text.split_once(' ') {
        Some((label, text)) => fact(label, text.to_owned(), None),
        None => fact("bootstrap", text, None),
    }));
    found
}

/// The objects that a Kustomization applies beside services, and its parts that are not available.
fn of_kustomization(facts: &dyn Facts, key: &str, missing: &[String]) -> Vec<Told> {
    let mut found = Vec::new();
    let with_fields = |key: &str, object: &OtherObject| format!("{key}{}", crate::object::summary(object));
    let applied = applied_objects(facts, key, with_fields);
    if !applied.is_empty() {
        found.push(fact("applies", applied.join("; "), None));
    }
    if !missing.is_empty() {
        found.push(fact("not available", missing.join(", "), None));
    }
    found
}

/// The objects that a Kustomization applies and people ask for, each with its text.
pub(crate) fn applied_objects(
    facts: &dyn Facts,
    key: &str,
    text: impl Fn(&str, &OtherObject) -> String,
) -> Vec<String> {
    const MOST: usize = 3;
    // Kinds that belong to a service, or that give it rights and limits.
    const USUAL: &str = "Service ServiceAccount Role RoleBinding ClusterRole ClusterRoleBinding \
        CustomResourceDefinition PersistentVolumeClaim PodDisruptionBudget LimitRange NetworkPolicy PodMonitor \
        PrometheusRule ServiceMonitor ResourceQuota";
    let objects = mentioning(facts.objects(), key);
    let objects = objects.filter(|(_, object)| {
        object.kustomization.as_deref() == Some(key) && !USUAL.split(' ').any(|kind| kind == object.kind)
    });
    let texts = objects.map(|(own, object)| text(own, object));
    let mut texts: Vec<String> = texts.collect();
    let more = texts.len().saturating_sub(MOST);
    texts.truncate(MOST);
    if more > 0 {
        texts.push(format!("and {more} more"));
    }
    texts
}

fn of_service(facts: &dyn Facts, key: &str, service: &Service, term: &str) -> Vec<Told> {
    let release = release_of(facts, service).map(|(_, release)| release);
    let release = release.filter(|_| service.workload.is_none());
    let mut found: Vec<Told> = rule(facts, service, release, term).into_iter().collect();
    found.extend(labelling(facts, service));
    let claims = service.volume_claims.iter();
    let mut claims: Vec<String> = claims.map(|claim| claim.name.clone()).collect();
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
        found.extend(routes(service, release));
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
            // Volumes of other machines or of many services are not backed up with one of them.
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
        found.push(fact("no backup here of", joined(&without), None));
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
    // Policies that ask for a sign-in are among the facts already.
    let mut policies = policies(facts, service, release);
    policies.retain(|policy| !found.iter().any(|known| known.text.contains(&policy.text)));
    found.extend(policies);
    let needs = Graph::new(facts).talks_to(key).map(|edge| edge.to.key());
    let mut needs: Vec<&str> = needs.collect();
    needs.dedup();
    if !needs.is_empty() {
        let short: Vec<&str> = needs.iter().map(|key| in_cluster(key)).collect();
        found.push(fact("needs", joined(&short), None));
    }
    found.extend(behind_needs(facts, key, service, &needs));
    found
}

/// The databases, queues and similar resources of operators that a service talks to, or whose Secrets it reads.
fn behind_needs(facts: &dyn Facts, key: &str, service: &Service, needs: &[&str]) -> Vec<Told> {
    const MOST: usize = 4;
    let by_host = needs.iter().flat_map(|host| {
        let behind = behind(facts, host).into_iter();
        behind.map(|object| (in_cluster(host).to_owned(), object))
    });
    // A HelmRelease may read Secrets for its values.
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
            found.push((key, fact(&label, text, object.source.clone())));
        }
    }
    found.into_iter().map(|(_, fact)| fact).collect()
}
