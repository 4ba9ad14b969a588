//! Catalog entries of applied objects that no other map has: those of operators, routes, claims, roles.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::Key;
use infra_model::dependency::Target;
use infra_model::flux::HelmRelease;
use infra_model::object::OtherObject;
use infra_model::secrets::CopiedTo;
use infra_model::service::Service;

use crate::fields::Fields;
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

/// Kinds of the core group, and of the groups of workloads, that have maps of their own or tell nothing.
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
    for object in inventory
        .objects
        .iter()
        .filter(|object| !is_elsewhere(linker, object))
    {
        let source = inventory.source(object);
        let file = source.as_ref().map(|source| &source.file);
        let mut fields = Fields::new(inventory, file, MOST_FIELDS.min(left));
        // A definition has hundreds of fields, and those of its schema alone.
        if linker.has_fields && object.kind != "CustomResourceDefinition" {
            fields.add_object(inventory.view(object));
        }
        let (found, more_fields) = (fields.found, fields.more);
        left -= found.len();
        let mut key = linker.object_keys.kind_key(object);
        if objects.contains_key(&key) {
            key = format!(
                "{}.{}/{}",
                object.kind,
                object.group,
                linker.object_keys.key(object)
            );
        }
        let entry = OtherObject {
            kind: object.kind.to_owned(),
            name: object.name.to_owned(),
            namespace: object.namespace.to_owned(),
            api_version: object.api_version().to_owned(),
            kustomization: inventory.kustomization(object),
            also_applied_by: inventory.also_applied_by(object),
            fields: found,
            more_fields,
            used_by: Vec::new(),
            dns: operator_services::made(object, inventory.view(object))
                .into_iter()
                .map(|service| in_cluster(&service.name, object.namespace))
                .collect(),
            copied_to: of_certificate(linker, object),
            source,
        };
        objects.insert(key, entry);
    }
    objects
}

/// Where the Secret of a Certificate is copied to.
fn of_certificate(linker: &Linker<'_>, object: &Object<'_>) -> Option<CopiedTo> {
    if (object.group, object.kind) != ("cert-manager.io", "Certificate") {
        return None;
    }
    let secret = linker.inventory.view(object).text_at(&["spec", "secretName"])?;
    linker.producers.copied_to(Used::Secret, object.namespace, secret)
}

/// Tells objects which services use them: claims are mounted, pods run as accounts and name classes, or talk to what an operator
/// makes.
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
    let claims: Vec<(&Key, &HelmRelease, Vec<String>)> = services
        .iter()
        .filter(|(_, service)| service.workload.is_none())
        .filter_map(|(key, service)| {
            let of_name = by_name.get(service.helm_release.as_deref()?)?;
            let release = of_name.iter().find(|release| {
                [&release.release_namespace, &release.namespace].contains(&&service.namespace)
            })?;
            let claims = release.claims().map(|claim| claim.name).collect();
            Some((key, *release, claims))
        })
        .collect();
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
        for name in names {
            let claim = (
                "PersistentVolumeClaim",
                release.release_namespace.as_str(),
                name.as_str(),
            );
            users.entry(claim).or_default().insert(key);
        }
    }
    for workload in linker
        .inventory
        .objects
        .iter()
        .filter(|object| is_workload(object))
    {
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
        let found = users.get(&(
            object.kind.as_str(),
            object.namespace.as_str(),
            object.name.as_str(),
        ));
        let callers = object.dns.iter().filter_map(|name| callers.get(name.as_str()));
        let found: BTreeSet<&Key> = found.into_iter().chain(callers).flatten().copied().collect();
        object.used_by = found.into_iter().cloned().collect();
    }
}

/// Fields of a pod that name a class, and its kind.
const CLASSES: [(&str, &str); 2] = [
    ("priorityClassName", "PriorityClass"),
    ("runtimeClassName", "RuntimeClass"),
];

/// Whether another map has the object, or its chart's release speaks for it.
fn is_elsewhere(linker: &Linker<'_>, object: &Object<'_>) -> bool {
    object.is_of_chart()
        || object.group == SOURCE
        || ELSEWHERE.contains(&(object.group, object.kind))
        || linker.workload_keys.contains_key(&object.object_name())
        || linker.vault_secret_keys.get(&object.object_name()).is_some()
}
