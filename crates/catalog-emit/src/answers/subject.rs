//! Kind, key and catalog entry of a thing.

use infra_model::Entry;
use infra_query::Subject;
use serde::Serialize;
use serde_json::{Value, json, to_value};

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
        Subject::Service(key, service) => abridged(key, service),
        Subject::Kustomization(key, kustomization) => abridged(key, kustomization),
        Subject::HelmRelease(key, release) => abridged(key, release),
        Subject::Source(key, source) => abridged(key, source),
        Subject::SecretProviderClass(key, class) => abridged(key, class),
        Subject::ExternalSecret(key, secret) => abridged(key, secret),
        Subject::SecretStore(key, store) => abridged(key, store),
        Subject::VaultSecret(key, secret) => abridged(key, secret),
        Subject::SealedSecret(key, secret) => abridged(key, secret),
        Subject::Secret(key, secret) => abridged(key, secret),
        Subject::SecretReference(key, reference) => abridged(key, reference),
        Subject::ConfigMap(key, config_map) => abridged(key, config_map),
        Subject::ImageGroup(_, group) => to_value(group),
        Subject::Variable(_, variable) => to_value(variable),
        Subject::External(_) => Ok(Value::Null),
    }
}

/// An entry as its catalog has it.
fn abridged<E: Entry + Clone + Serialize>(key: &str, entry: &E) -> Result<Value, serde_json::Error> {
    let mut entry = entry.clone();
    entry.abridge(key);
    to_value(entry)
}
