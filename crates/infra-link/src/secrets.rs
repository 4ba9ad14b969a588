//! Catalog entries of Secrets and secretGenerators: type, keys and protection, never a value.

use std::collections::BTreeMap;

use base64::Engine;
use infra_model::secrets::{Protection, Secret};
use infra_model::{Key, KeyTable, ObjectRef, Place, codes};
use source_tree::Diagnostic;

use crate::any_case;
use crate::copies::copy_of;
use crate::distinct::distinct;
use crate::inventory::{Inventory, Object};
use crate::linker::Linker;
use crate::uses::Used;
use crate::view::View;
use flux_evaluate::flux::{is_dotenv, is_dotenv_metadata};

/// Keys of this map, by the names before hash suffixes.
pub(crate) fn keys(inventory: &Inventory<'_>) -> KeyTable {
    KeyTable::new(inventory.of("", "Secret").map(Object::catalogued))
}

/// The map `secrets`, and the Secrets that state something in plain text.
pub(crate) fn link(linker: &Linker<'_>) -> (BTreeMap<Key, Secret>, Vec<Diagnostic>) {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    let mut secrets = BTreeMap::new();
    for object in inventory.of("", "Secret") {
        let view = inventory.view(object);
        let unhashed = object.unhashed_name();
        let fields = ["data", "stringData"].iter();
        let keys = fields
            .flat_map(|field| view.entries_of(field))
            .map(|(key, _)| key.to_owned())
            .filter(|key| !is_dotenv_metadata(view.node, key));
        let keys = distinct(keys);
        let copy_of = copy_of(view);
        let protection = match protection(object, view) {
            Protection::Plain if copy_of.is_some() => Protection::Copy,
            Protection::Plain if keys.is_empty() => Protection::Filled,
            protection => protection,
        };
        // A Secret of a chart is stated by the values of its release, which have findings of their own.
        if protection != Protection::Sops && !object.is_of_chart() {
            let place = inventory.source(object);
            findings.extend(in_plain_text(linker, &object.catalogued(), place, view));
        }
        let secret = Secret {
            name: unhashed.to_owned(),
            namespace: object.namespace.to_owned(),
            secret_type: view.text_of("type").unwrap_or("Opaque").to_owned(),
            keys,
            protection,
            comment: None,
            copy_of,
            copied_to: linker
                .producers
                .copied_to(Used::Secret, object.namespace, unhashed),
            rendered_name: (unhashed != object.name).then(|| object.name.to_owned()),
            kustomization: inventory.kustomization(object),
            also_applied_by: inventory.also_applied_by(object),
            used_by: linker.users_of_secret(object.namespace, unhashed),
            source: inventory.source(object),
        };
        if let Some(key) = linker.secret_keys.get(&object.catalogued()) {
            secrets.insert(key.clone(), secret);
        }
    }
    for inner in linker.embedded.of_kind("Secret") {
        let place = inventory.source(inner.object);
        findings.extend(in_plain_text(linker, &inner.object_name(), place, inner.manifest));
    }
    (secrets, findings)
}

fn protection(object: &Object<'_>, view: View<'_>) -> Protection {
    if view.get("sops").is_some() || is_dotenv(view.node) || holds_only_ciphertext(object, view) {
        Protection::Sops
    } else if object.applied.generated || object.is_of_chart() {
        Protection::Generator
    } else {
        Protection::Plain
    }
}

/// Whether every file of a generator is encrypted by SOPS.
fn holds_only_ciphertext(object: &Object<'_>, view: View<'_>) -> bool {
    let values = || {
        let fields = ["data", "stringData"].into_iter();
        fields.flat_map(|field| view.entries_of(field).map(move |(_, value)| (field, value)))
    };
    let is_ciphertext = |(field, value): (&str, View<'_>)| {
        let text = value.text().unwrap_or_default();
        let decoded = (field == "data").then(|| decoded(text)).flatten();
        is_encrypted(decoded.as_deref().unwrap_or(text))
    };
    object.applied.generated && values().next().is_some() && values().all(is_ciphertext)
}

/// The text that base64 encodes, perhaps on several lines.
fn decoded(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(compact).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn in_plain_text(
    linker: &Linker<'_>,
    name: &ObjectRef,
    source: Option<Place>,
    view: View<'_>,
) -> Option<Diagnostic> {
    let mut mark = None;
    let mut keys = Vec::new();
    for field in ["stringData", "data"] {
        for (key, value) in view.entries_of(field) {
            if is_readable(key, value.built_text().or(value.text()), field == "data") {
                mark = mark.or(Some(value.mark()));
                keys.push(key);
            }
        }
    }
    let place = linker.inventory.place(mark?).or(source);
    Some(
        Diagnostic::warning(
            codes::SECRET_IN_PLAIN_TEXT,
            format!("{name} states {} in plain text", keys.join(", ")),
        )
        .at(place)
        .on(name.to_string())
        .hint(
            "encrypt it with SOPS, or make it by an ExternalSecret, a SealedSecret or a SecretProviderClass",
        ),
    )
}

/// Whether a value of a Secret, as written, is worth protecting.
fn is_readable(key: &str, value: Option<&str>, encoded: bool) -> bool {
    let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) else {
        return false;
    };
    // A variable in place of encoded data is not decoded.
    let decoded = encoded.then(|| decoded(value)).flatten();
    let text = decoded.as_deref().map_or(value, str::trim);
    // A credential in an address counts under whatever key.
    if redaction::credential("", text).is_some() && !is_encrypted(text) {
        return true;
    }
    !(text.is_empty()
        || is_encrypted(text)
        || has_only_references(text)
        || is_public(text)
        // A placeholder, a path or an address is no credential under any key.
        || redaction::credential("password", text).is_none()
        || is_setting(key, text)
        || is_harmless_file(key, text))
}

/// Whether a value is a file of settings without credentials, such as values of a chart.
fn is_harmless_file(key: &str, text: &str) -> bool {
    const FORMS: [&str; 8] = ["yaml", "yml", "json", "toml", "ini", "conf", "cfg", "properties"];
    let form = key.rsplit_once('.').map_or("", |(_, form)| form);
    // `[section]`, a comment, or `name = value`.
    let is_setting_line = |line: &str| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let rest = line.trim_start_matches(is_name).trim_start();
        line.is_empty() || line.starts_with(['[', '#', ';']) || rest.starts_with('=')
    };
    (FORMS.contains(&form) || text.lines().map(str::trim).all(is_setting_line))
        && text.contains('\n')
        && !redaction::credential_in_text(text)
        && redaction::free_text(text) == text
}

/// Ends of keys whose values are settings beside a credential.
const SETTINGS: [&str; 38] = [
    "account",
    "address",
    "bucket",
    "class",
    "cluster",
    "database",
    "dbname",
    "domain",
    "email",
    "enabled",
    "endpoint",
    "environment",
    "handle",
    "host",
    "hostname",
    "id",
    "image",
    "issuer",
    "language",
    "level",
    "locale",
    "mode",
    "name",
    "namespace",
    "path",
    "port",
    "project",
    "protocol",
    "region",
    "repository",
    "server",
    "timezone",
    "type",
    "uri",
    "url",
    "user",
    "username",
    "version",
];

/// Whether key and value are a setting rather than a secret: an identifier, an address, a switch, a number.
fn is_setting(key: &str, text: &str) -> bool {
    if redaction::credential_in_text(text) || text.contains('\n') {
        return false;
    }
    let key = key.to_ascii_lowercase();
    let has_word = |words: &[&str]| words.iter().any(|word| key.contains(word));
    if has_word(&["pass", "secret", "token", "private", "credential"]) {
        return false;
    }
    let is_number =
        text.parse::<f64>().is_ok() || text.trim_end_matches(['s', 'm', 'h']).parse::<u64>().is_ok();
    let last = key.rsplit(['_', '-', '.']).next().unwrap_or(&key);
    any_case::is_any(text, &["true", "false", "yes", "no", "on", "off"])
        || SETTINGS.iter().any(|setting| last.ends_with(setting))
        || (is_number && !has_word(&["key", "pin"]))
}

/// Whether SOPS has encrypted a value, or the file of a generator.
fn is_encrypted(text: &str) -> bool {
    text.contains("ENC[AES256_GCM,") || text.contains("\"sops\":") || text.contains("\nsops:")
}

/// Certificates and public keys.
fn is_public(text: &str) -> bool {
    let has_public_key = || text.contains("PUBLIC KEY-----") || text.contains("PUBLIC KEY BLOCK-----");
    let mut starts = [
        "-----BEGIN CERTIFICATE-----",
        "ssh-ed25519 ",
        "ssh-rsa ",
        "ecdsa-sha2-",
    ]
    .iter();
    !text.contains("PRIVATE KEY")
        && (starts.any(|start| text.starts_with(start))
            || (text.starts_with("-----BEGIN") && has_public_key()))
}

/// Whether a text takes its value from somewhere else: `${var}`, templates, references of other tools.
fn has_only_references(text: &str) -> bool {
    let references = ["${", "{{", "$(", "<path:", "vault:", "op://", "ref+"];
    references.iter().any(|reference| text.contains(reference))
}
