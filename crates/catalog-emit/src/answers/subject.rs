//! Kind, key and catalog entry of a thing.

use infra_model::Entry;
use infra_model::config::{ConfigMap, Variable};
use infra_model::flux::{HelmRelease, Kustomization, Source};
use infra_model::object::OtherObject;
use infra_model::secrets::{
    ExternalSecret, SealedSecret, Secret, SecretProviderClass, SecretReference, SecretStore, VaultSecret,
};
use infra_model::service::{ImageGroup, Service};
use infra_query::Subject;
use schemars::JsonSchema;
use serde::Serialize;

/// What a thing is called.
#[derive(Serialize, JsonSchema)]
pub(super) struct Named<'a> {
    /// Its kind.
    kind: &'a str,
    /// Its key in the catalog of its kind.
    key: &'a str,
}

/// A thing with its entry; a thing in no catalog has none.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Thing")]
pub(super) struct ThingJson<'a> {
    /// Its kind.
    kind: &'a str,
    /// Its key in the catalog of its kind.
    key: &'a str,
    /// Its entry, as in the catalog.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<CatalogEntry>,
}

/// An entry of a catalog, by the kind of the thing.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum CatalogEntry {
    Service(Box<Service>),
    Kustomization(Box<Kustomization>),
    HelmRelease(Box<HelmRelease>),
    Source(Box<Source>),
    SecretProviderClass(Box<SecretProviderClass>),
    ExternalSecret(Box<ExternalSecret>),
    SecretStore(Box<SecretStore>),
    VaultSecret(Box<VaultSecret>),
    SealedSecret(Box<SealedSecret>),
    Secret(Box<Secret>),
    SecretReference(Box<SecretReference>),
    ConfigMap(Box<ConfigMap>),
    ImageGroup(Box<ImageGroup>),
    Variable(Box<Variable>),
    Object(Box<OtherObject>),
}

/// What a thing is called.
pub(super) fn named(subject: Subject<'_>) -> Named<'_> {
    Named {
        kind: subject.kind(),
        key: subject.key(),
    }
}

/// A thing with its entry.
pub(super) fn thing(subject: Subject<'_>) -> ThingJson<'_> {
    ThingJson {
        kind: subject.kind(),
        key: subject.key(),
        entry: entry(subject),
    }
}

/// The entry in its catalog.
fn entry(subject: Subject<'_>) -> Option<CatalogEntry> {
    Some(match subject {
        Subject::Service(key, service) => CatalogEntry::Service(abridged(key, service)),
        Subject::Kustomization(key, kustomization) => {
            CatalogEntry::Kustomization(abridged(key, kustomization))
        }
        Subject::HelmRelease(key, release) => CatalogEntry::HelmRelease(abridged(key, release)),
        Subject::Source(key, source) => CatalogEntry::Source(abridged(key, source)),
        Subject::SecretProviderClass(key, class) => CatalogEntry::SecretProviderClass(abridged(key, class)),
        Subject::ExternalSecret(key, secret) => CatalogEntry::ExternalSecret(abridged(key, secret)),
        Subject::SecretStore(key, store) => CatalogEntry::SecretStore(abridged(key, store)),
        Subject::VaultSecret(key, secret) => CatalogEntry::VaultSecret(abridged(key, secret)),
        Subject::SealedSecret(key, secret) => CatalogEntry::SealedSecret(abridged(key, secret)),
        Subject::Secret(key, secret) => CatalogEntry::Secret(abridged(key, secret)),
        Subject::SecretReference(key, reference) => CatalogEntry::SecretReference(abridged(key, reference)),
        Subject::ConfigMap(key, config_map) => CatalogEntry::ConfigMap(abridged(key, config_map)),
        Subject::ImageGroup(_, group) => CatalogEntry::ImageGroup(Box::new(group.clone())),
        Subject::Variable(_, variable) => CatalogEntry::Variable(Box::new(variable.clone())),
        Subject::Object(key, object) => CatalogEntry::Object(abridged(key, object)),
        Subject::External(_) => return None,
    })
}

/// An entry as its catalog has it.
pub(super) fn abridged<E: Entry + Clone>(key: &str, entry: &E) -> Box<E> {
    let mut entry = entry.clone();
    entry.abridge(key);
    Box::new(entry)
}
