//! Catalog entries of applied objects that no other map has: those of operators, routes, claims, roles.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::Key;
use infra_model::object::{ObjectField, OtherObject};
use infra_model::service::Service;
use redaction::REDACTED;

use crate::inventory::{HELM, KUSTOMIZE, Object, SOURCE};
use crate::kinds::{external_secret, sealed_secret, secret_provider_class};
use crate::linker::Linker;
use crate::view::View;

/// Most fields of one object that are kept.
const MOST_FIELDS: usize = 64;
/// Most fields of all objects that are kept.
const MOST_FIELDS_OF_ALL: usize = 250_000;
/// Longer values are cut, in bytes.
const LONGEST_VALUE: usize = 200;
/// Deepest field that is kept.
const DEEPEST: usize = 24;

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
        let mut fields = Fields {
            linker,
            file: source.as_ref().map(|source| &source.file),
            most: MOST_FIELDS.min(left),
            found: BTreeMap::new(),
            more: false,
        };
        // A definition has hundreds of fields, and those of its schema alone.
        if object.kind != "CustomResourceDefinition" {
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

/// The scalars of an object.
struct Fields<'l> {
    linker: &'l Linker<'l>,
    /// The object's file.
    file: Option<&'l infra_model::RepoPath>,
    most: usize,
    found: BTreeMap<String, ObjectField>,
    more: bool,
}

impl Fields<'_> {
    fn of_object(&mut self, object: View<'_>) {
        for (name, value) in object.entries() {
            match name {
                "apiVersion" | "kind" | "status" | "sops" => {}
                "metadata" => {
                    for part in ["annotations", "labels"] {
                        if let Some(value) = value.get(part) {
                            self.of_value(&format!("metadata.{part}"), part, value, 2);
                        }
                    }
                }
                name => self.of_value(name, name, value, 1),
            }
        }
    }

    /// What stands at a path, whose last part is `key`.
    fn of_value(&mut self, path: &str, key: &str, value: View<'_>, depth: usize) {
        if depth > DEEPEST || self.found.len() >= self.most {
            self.more = true;
            return;
        }
        if value.node.as_mapping().is_some() {
            let is_secret = value.node.text_at(&["kind"]) == Some("Secret");
            // `name: TOKEN` beside `value: …` says what the value is.
            let named = ["name", "key"]
                .iter()
                .find_map(|name| value.node.text_at(&[name]));
            for (name, below) in value.entries() {
                if is_secret && matches!(name, "data" | "stringData") {
                    continue;
                }
                let key = match (name, named) {
                    ("value", Some(named)) => named,
                    _ => name,
                };
                self.of_value(&format!("{path}.{}", segment(name)), key, below, depth + 1);
            }
            return;
        }
        if value.node.as_sequence().is_some() {
            for (index, item) in value.items().enumerate() {
                self.of_value(&format!("{path}[{index}]"), key, item, depth + 1);
            }
            return;
        }
        let Some(text) = value.text() else { return };
        let place = self.linker.inventory.place(value.mark());
        let file = place.as_ref().map(|place| &place.file);
        self.found.insert(
            path.to_owned(),
            ObjectField {
                value: shown(key, text),
                line: place.as_ref().map_or(0, |place| place.line),
                file: file.filter(|file| Some(*file) != self.file).cloned(),
            },
        );
    }
}

/// A part of a path; one with dots in it stands in brackets.
fn segment(name: &str) -> String {
    match name.contains(['.', '[']) {
        true => format!("[{name}]"),
        false => name.to_owned(),
    }
}

/// A value without credentials, short enough for a line.
fn shown(key: &str, text: &str) -> String {
    let text = text.trim_end();
    if text.starts_with("ENC[") || redaction::credential(key, text).is_some() {
        return REDACTED.to_owned();
    }
    if text.contains('\n') {
        return format!("{} lines", text.lines().count());
    }
    let text = redaction::free_text(text);
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}
