//! Shared context of the stages that fill the model.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use infra_model::config::Usage;
use infra_model::knowledge::Knowledge;
use infra_model::{Ambiguous, Key, KeyTable, ObjectRef, Place};

use crate::crossplane::EmbeddedObjects;
use crate::hosts::Hosts;
use crate::inventory::{Inventory, Object};
use crate::keys::{GeneratedNames, ObjectKeys};
use crate::kinds::helm_release::Release;
use crate::kinds::secret_provider_class;
use crate::kube_services::KubeServices;
use crate::made_keys::MadeKeys;
use crate::producers::Producers;
use crate::service_candidates::ServiceCandidate;
use crate::uses::{Use, Used, User};
use crate::vault_agent::Injected;

/// Everything that the stages which fill the model know.
pub(crate) struct Linker<'a> {
    pub(crate) inventory: &'a Inventory<'a>,
    pub(crate) knowledge: &'a Knowledge,
    pub(crate) kustomization_keys: &'a KeyTable,
    pub(crate) object_keys: &'a ObjectKeys<'a>,
    pub(crate) config_map_keys: &'a KeyTable,
    pub(crate) reference_keys: &'a KeyTable,
    pub(crate) secret_keys: &'a KeyTable,
    pub(crate) external_secret_keys: &'a KeyTable,
    pub(crate) secret_store_keys: &'a KeyTable,
    pub(crate) vault_secret_keys: &'a KeyTable,
    pub(crate) generated: &'a GeneratedNames<'a>,
    pub(crate) embedded: &'a EmbeddedObjects<'a>,
    pub(crate) releases: &'a [Release<'a>],
    pub(crate) candidates: &'a [ServiceCandidate<'a>],
    pub(crate) ambiguous_services: &'a Ambiguous,
    pub(crate) kube_services: &'a KubeServices<'a>,
    pub(crate) hosts: &'a Hosts,
    pub(crate) uses: &'a [Use],
    /// Who reads each Secret, by its catalogued name.
    pub(crate) secret_users: BTreeMap<ObjectRef, BTreeSet<String>>,
    /// Keys of services by workload.
    pub(crate) workload_keys: HashMap<ObjectRef, &'a Key>,
    /// The keys of ConfigMaps and Secrets.
    pub(crate) made_keys: MadeKeys,
    pub(crate) injected: &'a [Injected],
    pub(crate) producers: &'a Producers,
    /// Whether scalars of objects are kept.
    pub(crate) has_fields: bool,
}

impl Linker<'_> {
    /// Whether the repository makes a ConfigMap or Secret.
    pub(crate) fn is_made(&self, used: Used, namespace: &str, name: &str) -> bool {
        let catalogued = self.generated.catalogued(used, namespace, name);
        self.producers
            .makes(&ObjectRef::new(used.kind(), namespace, catalogued))
    }

    /// The catalog key of what a use names.
    pub(crate) fn used_key(&self, one: &Use) -> Option<Key> {
        let name = self.generated.object_name(one);
        match one.used {
            Used::ConfigMap => self.config_map_keys.get(&name).cloned(),
            Used::Secret => self.reference_keys.get(&name).cloned(),
            Used::SecretProviderClass => self
                .object_keys
                .table(secret_provider_class::GROUP, one.used.kind())?
                .get(&name)
                .cloned(),
            Used::ServiceAccount => None,
        }
    }

    /// A use of an object as the catalogs say it. `name` is what the catalogs call the object.
    pub(crate) fn usage(&self, one: &Use, name: &ObjectRef) -> Usage {
        let (service, object) = match &one.user {
            User::Service(key) => (Some(key.clone()), None),
            User::Object(object) => (None, Some(object.clone())),
        };
        Usage {
            service,
            object,
            container: one.container.clone(),
            how: one.how.to_owned(),
            key: one.key.clone(),
            env: one.env.clone(),
            mount_path: one.mount_path.clone(),
            target_path: one.target_path.clone(),
            sub_path: one.sub_path.clone().filter(|_| one.mount_path.is_some()),
            init: one.init,
            source: self.inventory.place(one.stated),
            optional: one.optional,
            key_missing: self.made_keys.lacks(one, name),
        }
    }

    /// Who reads a Secret, as `usedBy` says it.
    pub(crate) fn users_of_secret(&self, namespace: &str, name: &str) -> Vec<String> {
        let users = self.secret_users.get(&ObjectRef::new("Secret", namespace, name));
        users.into_iter().flatten().cloned().collect()
    }

    /// The key of the service that is a workload.
    pub(crate) fn service_key(&self, namespace: &str, kind: &str, name: &str) -> Option<Key> {
        self.workload_keys
            .get(&ObjectRef::new(kind, namespace, name))
            .map(|key| (*key).clone())
    }
}

/// Where a person edits an object: nowhere for what a FluxInstance makes of itself.
pub(crate) fn edited_at(inventory: &Inventory<'_>, object: &Object<'_>) -> Option<Place> {
    match &object.applied.generated_by {
        Some(by) if is_flux_instance(by) => None,
        _ => inventory.source(object),
    }
}

pub(crate) fn is_flux_instance(generated_by: &ObjectRef) -> bool {
    generated_by.kind == "FluxInstance"
}
