//! Everything about secrets but their values.

pub(crate) mod classes;
pub(crate) mod secrets;
pub(crate) mod stores;

use std::collections::BTreeMap;

use infra_model::Infrastructure;
use infra_model::secrets::Entry;

use super::common::{ambiguous, name_unless_key, source, source_place, stated};
use crate::layout::{Metadata, SecretsMapFile, SourcePlace};

/// The maps of this file, as `ambiguous` names them.
const MAPS: &[&str] = &[
    "secretProviderClasses",
    "externalSecrets",
    "secretStores",
    "vaultSecrets",
    "sealedSecrets",
    "secrets",
    "references",
];

/// `secrets-map.json`
pub(crate) fn file(infrastructure: &Infrastructure, metadata: &Metadata) -> SecretsMapFile {
    let secrets = &infrastructure.secrets;
    SecretsMapFile {
        schema: Some(crate::schema::url("secrets-map")),
        secret_provider_classes: entries(&secrets.secret_provider_classes, classes::class_entry),
        external_secrets: entries(&secrets.external_secrets, stores::external_secret_entry),
        secret_stores: entries(&secrets.secret_stores, stores::store_entry),
        vault_secrets: entries(&secrets.vault_secrets, stores::vault_secret_entry),
        sealed_secrets: entries(&secrets.sealed_secrets, secrets::sealed_secret_entry),
        secrets: entries(&secrets.secrets, secrets::secret_entry),
        references: entries(&secrets.references, secrets::reference_entry),
        ambiguous: ambiguous(infrastructure, MAPS),
        metadata: metadata.clone(),
    }
}

/// Adds what `secrets-map.json` states to a model.
pub(crate) fn read(file: SecretsMapFile, infrastructure: &mut Infrastructure) {
    let secrets = &mut infrastructure.secrets;
    secrets.secret_provider_classes = models(file.secret_provider_classes, classes::class);
    secrets.external_secrets = models(file.external_secrets, stores::external_secret);
    secrets.secret_stores = models(file.secret_stores, stores::store);
    secrets.vault_secrets = models(file.vault_secrets, stores::vault_secret);
    secrets.sealed_secrets = models(file.sealed_secrets, secrets::sealed_secret);
    secrets.secrets = models(file.secrets, secrets::secret);
    secrets.references = models(file.references, secrets::reference);
    infrastructure.ambiguous.extend(file.ambiguous);
}

fn entries<M, E>(map: &BTreeMap<String, M>, entry: impl Fn(&str, &M) -> E) -> BTreeMap<String, E> {
    map.iter()
        .map(|(key, value)| (key.clone(), entry(key, value)))
        .collect()
}

fn models<M, E>(map: BTreeMap<String, E>, model: impl Fn(&str, E) -> M) -> BTreeMap<String, M> {
    map.into_iter()
        .map(|(key, entry)| {
            let model = model(&key, entry);
            (key, model)
        })
        .collect()
}

/// The common part of an entry, as the layout states it.
struct Common {
    name: Option<String>,
    namespace: Option<String>,
    kustomization: Option<String>,
    also_applied_by: Vec<String>,
    used_by: Vec<String>,
    source: Option<SourcePlace>,
}

fn common(key: &str, entry: &Entry) -> Common {
    let Entry {
        name,
        namespace,
        kustomization,
        also_applied_by,
        used_by,
        source: source_of,
    } = entry.clone();
    Common {
        name: name_unless_key(&name, key),
        namespace: stated(&namespace),
        kustomization,
        also_applied_by,
        used_by,
        source: source_of.as_ref().map(source),
    }
}

fn common_model(key: &str, common: Common) -> Entry {
    let Common {
        name,
        namespace,
        kustomization,
        also_applied_by,
        used_by,
        source,
    } = common;
    Entry {
        name: name.unwrap_or_else(|| key.to_owned()),
        namespace: namespace.unwrap_or_default(),
        kustomization,
        also_applied_by,
        used_by,
        source: source.map(source_place),
    }
}
