//! A thing turns into its kind, key and catalog entry.

use infra_query::Subject;
use serde_json::{Value, json, to_value};

use crate::convert::{configmaps, flux_resources, secrets_map, services};
use crate::layout::VariableEntry;

/// `{"kind", "key", "entry"}`, the entry as in the catalog that has it. What is in none has no entry.
pub(super) fn full(subject: Subject<'_>) -> Result<Value, serde_json::Error> {
    let mut value = named(subject);
    if let (Value::Object(members), entry) = (&mut value, entry(subject)?)
        && !entry.is_null()
    {
        members.insert("entry".to_owned(), entry);
    }
    Ok(value)
}

/// `{"kind", "key"}`
pub(super) fn named(subject: Subject<'_>) -> Value {
    json!({"kind": subject.kind(), "key": subject.key()})
}

/// The entry in its catalog.
pub(super) fn entry(subject: Subject<'_>) -> Result<Value, serde_json::Error> {
    match subject {
        Subject::Service(key, service) => to_value(services::entry(key, service)),
        Subject::Kustomization(key, kustomization) => {
            to_value(flux_resources::kustomization_entry(key, kustomization))
        }
        Subject::HelmRelease(key, release) => to_value(flux_resources::helm_release_entry(key, release)),
        Subject::Source(key, source) => to_value(flux_resources::source_entry(key, source)),
        Subject::SecretProviderClass(key, class) => to_value(secrets_map::classes::class_entry(key, class)),
        Subject::ExternalSecret(key, secret) => {
            to_value(secrets_map::stores::external_secret_entry(key, secret))
        }
        Subject::SecretStore(key, store) => to_value(secrets_map::stores::store_entry(key, store)),
        Subject::VaultSecret(key, secret) => to_value(secrets_map::stores::vault_secret_entry(key, secret)),
        Subject::SealedSecret(key, secret) => {
            to_value(secrets_map::secrets::sealed_secret_entry(key, secret))
        }
        Subject::Secret(key, secret) => to_value(secrets_map::secrets::secret_entry(key, secret)),
        Subject::SecretReference(key, reference) => {
            to_value(secrets_map::secrets::reference_entry(key, reference))
        }
        Subject::ConfigMap(key, config_map) => to_value(configmaps::entry(key, config_map)),
        Subject::ImageGroup(_, group) => to_value(services::group_entry(group)),
        Subject::Variable(_, variable) => to_value(VariableEntry {
            value: variable.value.clone(),
            defined_in: variable.defined_in.clone(),
            used_by: variable.used_by.clone(),
        }),
        Subject::External(_) => Ok(Value::Null),
    }
}
