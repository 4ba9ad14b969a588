//! Completion of catalog entries after parsing.

use infra_model::Entry;
use infra_model::config::{ConfigMap, Variable};
use infra_model::flux::{HelmRelease, Kustomization, Source};
use infra_model::object::OtherObject;
use infra_model::secrets::{
    ExternalSecret, SealedSecret, Secret, SecretProviderClass, SecretReference, SecretStore, VaultSecret,
};
use infra_model::service::{ImageGroup, Service};
use serde::de::DeserializeOwned;

/// An entry that a section of a catalog holds.
pub(super) trait CatalogEntry: DeserializeOwned {
    /// Adds what the key says. `has_key` tells whether the section has an entry with a key.
    fn complete_in(&mut self, _key: &str, _has_key: &dyn Fn(&str) -> bool) {}
}

impl CatalogEntry for Service {
    fn complete_in(&mut self, key: &str, has_key: &dyn Fn(&str) -> bool) {
        self.complete(key);
        for dependency in &mut self.depends_on {
            dependency.target.resolve(has_key);
        }
    }
}

macro_rules! keyed {
    ($($entry:ty),* $(,)?) => {$(
        impl CatalogEntry for $entry {
            fn complete_in(&mut self, key: &str, _: &dyn Fn(&str) -> bool) {
                self.complete(key);
            }
        }
    )*};
}

keyed!(
    Kustomization,
    HelmRelease,
    Source,
    OtherObject,
    SecretProviderClass,
    ExternalSecret,
    SecretStore,
    VaultSecret,
    SealedSecret,
    Secret,
    SecretReference,
    ConfigMap,
);

impl CatalogEntry for ImageGroup {}

impl CatalogEntry for Variable {}
