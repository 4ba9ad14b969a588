//! Catalog entries of applied objects that have no map of their own: resources of operators, routes, claims, roles.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::Key;
use infra_model::dependency::Target;
use infra_model::flux::HelmRelease;
use infra_model::object::OtherObject;
use infra_model::secrets::CopiedTo;
use infra_model::service::Service;

use crate::fields::FieldCollector;
use crate::inventory::{HELM, KUSTOMIZE, Object, SOURCE};
use crate::kinds::{external_secret, sealed_secret, secret_provider_class};
use crate::kube_services::in_cluster;
use crate::linker::Linker;
use crate::operator_services;
use crate::pod_spec::{PodTemplate, is_workload};
use crate::uses::Used;

/// Most fields of one object that are kept.
const MOST_FIELDS: usize = 200;
/// Most fields of all objects that are kept.
const MOST_FIELDS_OF_ALL: usize = 250_000;

/// Types with maps of their own, and Namespaces.
const ELSEWHERE: &[(&str, &str)] = &[
    ("", "ConfigMap"),
    ("", "Secret"),
    ("", "Namespace"),
    (KUSTOMIZE, "Kustomization"),
    (HELM, "HelmRelease"),
    (external_secret::GROUP, "ExternalSecret"),
    (external_secret::GROUP, "ClusterExternalSecret"),
    (external_secret::GROUP, "SecretStore"),
    (external_secret::GROUP, "ClusterSecretStore"),
    (secret_provider_class::GROUP, "SecretProviderClass"),
    (sealed_secret::GROUP, "SealedSecret"),
];

/// The map `objects`.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, OtherObject> {
    let inventory = linker.inventory;
    let mut left = MOST_FIELDS_OF_ALL;
    let mut objects = BTreeMap::new();
    let others = inventory.objects.iter();
    for object in others.filter(|object| !is_elsewhere(linker, object)) {
        let source = inventory.source(object);
        let file = source.as_ref().map(|source| &source.file);
        let mut fields = FieldCollector::new(inventory, file, MOST_FIELDS.min(left));
        // A definition has hundreds of fields, nearly all of them of its schema.
        if linker.has_fields && object.kind != "CustomResourceDefinition" {
            fields.add_object(inventory.view(object));
        }
        let (found, more_fields) = (fields.found, fields.more);
        left -= found.len();
        let mut key = linker.object_keys.kind_key(object);
        if objects.contains_key(&key) {
            let name = linker.object_keys.key(object);
            key = format!("{}.{}/{name}", object.kind, object.group);
        }
        let entry = OtherObject {
            kind: object.kind.to_owned(),
            name: object.name.to_owned(),
            namespace: object.namespace.to_owned(),
            api_version: object.api_version.to_owned(),
            kustomization: inventory.kustomization(object),
            also_applied_by: inventory.also_applied_by(object),
            fields: found.into_iter().collect(),
            more_fields,
            used_by: Vec::new(),
            dns: operator_services::made_services(object, inventory.view(object))
                .into_iter()
                .map(|service| in_cluster(&service.name, object.namespace))
                .collect(),
            copied_to: certificate_copies(linker, object),
            source,
        };
        objects.insert(key, entry);
    }
    objects
}

/// The copies of a Certificate's Secret.
fn certificate_copies(linker: &Linker<'_>, object: &Object<'_>) -> Option<CopiedTo> {
    if (object.group, object.kind) != ("cert-manager.io", "Certificate") {
        return None;
    }
    let secret = linker.inventory.view(object).text_at(&["spec", "secretName"])?;
    linker.producers.copied_to(Used::Secret, object.namespace, secret)
}

/// Adds to objects the services that use them: whose pods mount claims, run as accounts, name classes, or talk to Services that
/// operators make.
pub(crate) fn add_users(
    linker: &Linker<'_>,
    objects: &mut BTreeMap<Key, OtherObject>,
    services: &BTreeMap<Key, Service>,
    releases: &BTreeMap<Key, HelmRelease>,
) {
    let mut by_name: BTreeMap<&str, Vec<&HelmRelease>> = BTreeMap::new();
    for release in releases.values() {
        by_name.entry(&release.name).or_default().push(release);
    }
    let unrendered = services.iter().filter(|(_, service)| service.workload.is_none());
    let claims = unrendered.filter_map(|(key, service)| {
        let of_name = by_name.get(service.helm_release.as_deref()?)?;
        let is_own = |release: &&&HelmRelease| {
            [&release.release_namespace, &release.namespace].contains(&&service.namespace)
        };
        let release = of_name.iter().find(is_own)?;
        let claims = release.claims().map(|claim| claim.name).collect();
        Some((key, *release, claims))
    });
    let claims: Vec<(&Key, &HelmRelease, Vec<String>)> = claims.collect();
    let mut users: BTreeMap<(&str, &str, &str), BTreeSet<&Key>> = BTreeMap::new();
    for (key, service) in services {
        let namespace = service.namespace.as_str();
        for claim in &service.volume_claims {
            if !claim.template {
                let claim = ("PersistentVolumeClaim", namespace, claim.name.as_str());
                users.entry(claim).or_default().insert(key);
            }
            if let Some(class) = &claim.storage_class {
                users.entry(("StorageClass", "", class)).or_default().insert(key);
            }
        }
        if let Some(account) = &service.service_account {
            let account = ("ServiceAccount", namespace, account.as_str());
            users.entry(account).or_default().insert(key);
        }
    }
    for (key, release, names) in &claims {
        let namespace = release.release_namespace.as_str();
        for name in names {
            let claim = ("PersistentVolumeClaim", namespace, name.as_str());
            users.entry(claim).or_default().insert(key);
        }
    }
    let objects_of_cluster = linker.inventory.objects.iter();
    for workload in objects_of_cluster.filter(|object| is_workload(object)) {
        let pods = PodTemplate::of(linker.inventory, workload).and_then(PodTemplate::spec);
        let (Some(pods), Some(key)) = (pods, linker.workload_keys.get(&workload.object_name())) else {
            continue;
        };
        for (field, kind) in CLASSES {
            if let Some(class) = pods.text_of(field) {
                users.entry((kind, "", class)).or_default().insert(key);
            }
        }
    }
    let mut callers: BTreeMap<&str, BTreeSet<&Key>> = BTreeMap::new();
    for (key, service) in services {
        for dependency in &service.depends_on {
            if let Target::External(host) = &dependency.target {
                callers.entry(host).or_default().insert(key);
            }
        }
    }
    for object in objects.values_mut() {
        let name = (&*object.kind, &*object.namespace, &*object.name);
        let found = users.get(&name);
        let callers = object.dns.iter().filter_map(|name| callers.get(name.as_str()));
        let found: BTreeSet<&Key> = found.into_iter().chain(callers).flatten().copied().collect();
        object.used_by = found.into_iter().cloned().collect();
    }
}

/// Fields of a pod that name a class, with the kind of the class.
const CLASSES: [(&str, &str); 2] = [
    ("priorityClassName", "PriorityClass"),
    ("runtimeClassName", "RuntimeClass"),
];

/// Whether another map has the object, or the release of its chart represents it.
fn is_elsewhere(linker: &Linker<'_>, object: &Object<'_>) -> bool {
    let vault_secrets = linker.vault_secret_keys;
    object.is_of_chart()
        || object.group == SOURCE
        || ELSEWHERE.contains(&(object.group, object.kind))
        || linker.workload_keys.contains_key(&object.object_name())
        || vault_secrets
            .find(object.kind, object.namespace, object.name)
            .is_some()
}
