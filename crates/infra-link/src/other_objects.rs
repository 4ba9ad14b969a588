//! Catalog entries of applied objects that no other map has: those of operators, routes, claims, roles.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::Key;
use infra_model::object::OtherObject;
use infra_model::service::Service;

use crate::fields::Fields;
use crate::inventory::{HELM, KUSTOMIZE, Object, SOURCE};
use crate::kinds::{external_secret, sealed_secret, secret_provider_class};
use crate::linker::Linker;

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
            fields.of_object(inventory.view(object));
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
            source,
        };
        objects.insert(key, entry);
    }
    objects
}

/// Tells claims which services mount them.
pub(crate) fn add_users(objects: &mut BTreeMap<Key, OtherObject>, services: &BTreeMap<Key, Service>) {
    let mut users: BTreeMap<(&str, &str), Vec<Key>> = BTreeMap::new();
    for (key, service) in services {
        let claims: BTreeSet<&str> = service
            .volume_claims
            .iter()
            .filter(|claim| !claim.template)
            .map(|claim| claim.name.as_str())
            .collect();
        for claim in claims {
            users
                .entry((&service.namespace, claim))
                .or_default()
                .push(key.clone());
        }
    }
    let claims = objects
        .values_mut()
        .filter(|object| object.kind == "PersistentVolumeClaim");
    for claim in claims {
        let found = users.get(&(claim.namespace.as_str(), claim.name.as_str()));
        claim.used_by = found.cloned().unwrap_or_default();
    }
}

/// Whether another map has the object, or its chart's release speaks for it.
fn is_elsewhere(linker: &Linker<'_>, object: &Object<'_>) -> bool {
    object.is_of_chart()
        || object.group == SOURCE
        || ELSEWHERE.contains(&(object.group, object.kind))
        || linker.workload_keys.contains_key(&object.object_name())
        || linker.vault_secret_keys.get(&object.object_name()).is_some()
}
