//! Entries of catalogs, as they are read one by one.

use std::collections::BTreeSet;

use infra_model::config::{ConfigMap, Variable};
use infra_model::dependency::Target;
use infra_model::flux::{HelmRelease, Kustomization, Source};
use infra_model::secrets::{
    ExternalSecret, SealedSecret, Secret, SecretProviderClass, SecretReference, SecretStore, VaultSecret,
};
use infra_model::service::{ImageGroup, Service};

use crate::convert::{configmaps, flux_resources, secrets_map, services};

/// An entry that a section of a catalog holds.
pub(super) trait CatalogEntry: Sized {
    /// Reads the text of an entry. `has_key` says whether its section has an entry with a key.
    ///
    /// # Errors
    /// Those of serde_json.
    fn read(key: &str, text: &str, has_key: &dyn Fn(&str) -> bool) -> Result<Self, serde_json::Error>;
}

impl CatalogEntry for Service {
    fn read(key: &str, text: &str, has_key: &dyn Fn(&str) -> bool) -> Result<Self, serde_json::Error> {
        let mut service = services::service(key, serde_json::from_str(text)?, &BTreeSet::new());
        for dependency in &mut service.depends_on {
            if let Target::External(target) = &mut dependency.target
                && has_key(target)
            {
                dependency.target = Target::Service(std::mem::take(target));
            }
        }
        Ok(service)
    }
}

macro_rules! entries {
    ($($entry:ty => $convert:expr;)*) => {$(
        impl CatalogEntry for $entry {
            fn read(key: &str, text: &str, _: &dyn Fn(&str) -> bool) -> Result<Self, serde_json::Error> {
                Ok($convert(key, serde_json::from_str(text)?))
            }
        }
    )*};
}

entries! {
    ImageGroup => |_, entry| services::group(entry);
    Kustomization => flux_resources::kustomization;
    HelmRelease => flux_resources::helm_release;
    Source => flux_resources::source_model;
    SecretProviderClass => secrets_map::classes::class;
    ExternalSecret => secrets_map::stores::external_secret;
    SecretStore => secrets_map::stores::store;
    VaultSecret => secrets_map::stores::vault_secret;
    SealedSecret => secrets_map::secrets::sealed_secret;
    Secret => secrets_map::secrets::secret;
    SecretReference => secrets_map::secrets::reference;
    ConfigMap => configmaps::config_map;
    Variable => |_, entry| configmaps::variable(entry);
}
