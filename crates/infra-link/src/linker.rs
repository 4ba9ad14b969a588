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
use crate::unknown_makers::UnknownMakers;
use crate::uses::{Use, Used, User};
use crate::vault_agent::Injected;

/// The context of the stages that fill the model.
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
    /// The readers of each Secret, by its catalogued name.
    pub(crate) secret_users: BTreeMap<ObjectRef, BTreeSet<String>>,
    /// Keys of services by workload.
    pub(crate) workload_keys: HashMap<ObjectRef, &'a Key>,
    /// The keys of ConfigMaps and Secrets.
    pub(crate) made_keys: MadeKeys,
    pub(crate) injected: &'a [Injected],
    pub(crate) producers: &'a Producers,
    pub(crate) unknown_makers: &'a UnknownMakers<'a>,
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

    /// The catalog key of a used object.
    pub(crate) fn used_key(&self, found: &Use) -> Option<Key> {
        let table = match found.used {
            Used::ConfigMap => self.config_map_keys,
            Used::Secret => self.reference_keys,
            Used::SecretProviderClass => self
                .object_keys
                .table(secret_provider_class::GROUP, found.used.kind())?,
            Used::ServiceAccount => return None,
        };
        table.get(&self.generated.object_name(found)).cloned()
    }

    /// A use in the form of the catalogs. `name` is the catalogued name of the used object.
    pub(crate) fn usage(&self, found: &Use, name: &ObjectRef) -> Usage {
        let (service, object) = match &found.user {
            User::Service(key) => (Some(key.clone()), None),
            User::Object(object) => (None, Some(object.clone())),
        };
        Usage {
            service,
            object,
            container: found.container.clone(),
            how: found.how.to_owned(),
            key: found.key.clone(),
            env: found.env.clone(),
            mount_path: found.mount_path.clone(),
            target_path: found.target_path.clone(),
            sub_path: found.sub_path.clone().filter(|_| found.mount_path.is_some()),
            init: found.init,
            source: self.inventory.place(found.stated),
            optional: found.optional,
            key_missing: self.made_keys.lacks(found, name),
        }
    }

    /// The readers of a Secret, in the form of `usedBy`.
    pub(crate) fn users_of_secret(&self, namespace: &str, name: &str) -> Vec<String> {
        let users = self.secret_users.get(&ObjectRef::new("Secret", namespace, name));
        users.into_iter().flatten().cloned().collect()
    }

    /// The key of a workload's service.
    pub(crate) fn service_key(&self, namespace: &str, kind: &str, name: &str) -> Option<Key> {
        let key = self.workload_keys.get(&ObjectRef::new(kind, namespace, name));
        key.copied().cloned()
    }
}

/// The place at which a person edits an object; `None` for one that a FluxInstance makes.
pub(crate) fn edited_at(inventory: &Inventory<'_>, object: &Object<'_>) -> Option<Place> {
    match &object.applied.generated_by {
        Some(by) if is_flux_instance(by) => None,
        _ => inventory.source(object),
    }
}

pub(crate) fn is_flux_instance(generated_by: &ObjectRef) -> bool {
    generated_by.kind == "FluxInstance"
}
