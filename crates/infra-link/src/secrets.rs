//! Catalog entries of Secrets and secretGenerators: type, keys and protection, never a value.

use std::collections::BTreeMap;

use base64::Engine;
use infra_model::secrets::{Protection, Secret};
use infra_model::{Key, KeyTable, ObjectRef, Place, codes};
use source_tree::Diagnostic;

use crate::copies::copy_of;
use crate::inventory::{Inventory, Object};
use crate::kinds::secret::catalogued;
use crate::linker::Linker;
use crate::secret_entry::{Applied, applied};
use crate::uses::Used;
use crate::view::View;
use flux_evaluate::flux::{is_dotenv, is_dotenv_metadata};

/// Keys of this map, by the names before hash suffixes.
pub(crate) fn keys(inventory: &Inventory<'_>) -> KeyTable {
    KeyTable::new(inventory.of("", "Secret").map(catalogued))
}

/// The map `secrets`, and the Secrets that state something in plain text.
pub(crate) fn link(linker: &Linker<'_>) -> (BTreeMap<Key, Secret>, Vec<Diagnostic>) {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    let mut secrets = BTreeMap::new();
    for object in inventory.of("", "Secret") {
        let view = inventory.view(object);
        let unhashed = object.unhashed_name();
        let mut keys: Vec<String> = ["data", "stringData"]
            .iter()
            .filter_map(|field| view.get(field))
            .flat_map(View::entries)
            .map(|(key, _)| key.to_owned())
            .filter(|key| !is_dotenv_metadata(view.node, key))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let copy_of = copy_of(view);
        let protection = match protection(object, view) {
            Protection::Plain if copy_of.is_some() => Protection::Copy,
            Protection::Plain if keys.is_empty() => Protection::Filled,
            protection => protection,
        };
        // The values of a release are what states a Secret of its chart, and other findings speak of them.
        if protection != Protection::Sops && !object.is_of_chart() {
            let place = inventory.source(object);
            let finding = in_plain_text(linker, &catalogued(object), place, view);
            findings.extend(finding);
        }
        let Applied {
            name: rendered_name,
            namespace,
            kustomization,
            also_applied_by,
            source,
        } = applied(inventory, object);
        let secret = Secret {
            name: unhashed.to_owned(),
            namespace,
            secret_type: view.text_of("type").unwrap_or("Opaque").to_owned(),
            keys,
            protection,
            comment: None,
            copy_of,
            copied_to: linker
                .producers
                .copied_to(Used::Secret, object.namespace, unhashed),
            rendered_name: (unhashed != rendered_name).then_some(rendered_name),
            kustomization,
            also_applied_by,
            used_by: linker.users_of_secret(object.namespace, unhashed),
            source,
        };
        if let Some(key) = linker.secret_keys.get(&catalogued(object)) {
            secrets.insert(key.clone(), secret);
        }
    }
    for one in linker.embedded.of("Secret") {
        let name = ObjectRef::new("Secret", one.namespace, one.name);
        let finding = in_plain_text(linker, &name, inventory.source(one.object), one.manifest);
        findings.extend(finding);
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

/// Whether every file that a generator takes in is encrypted by SOPS.
fn holds_only_ciphertext(object: &Object<'_>, view: View<'_>) -> bool {
    let values = || {
        let fields = ["data", "stringData"]
            .iter()
            .filter_map(|field| Some((*field, view.get(field)?)));
        fields.flat_map(|(field, data)| data.entries().map(move |(_, value)| (field, value)))
    };
    let is_ciphertext = |(field, value): (&str, View<'_>)| {
        let text = value.text().unwrap_or_default();
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let decoded = (field == "data")
            .then(|| base64::engine::general_purpose::STANDARD.decode(compact).ok())
            .flatten()
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        is_encrypted(decoded.as_deref().unwrap_or(text))
    };
    object.applied.generated && values().next().is_some() && values().all(is_ciphertext)
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
        for (key, value) in view.get(field).into_iter().flat_map(View::entries) {
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

/// Whether a value of a Secret, as written, says something that is worth protecting.
fn is_readable(key: &str, value: Option<&str>, encoded: bool) -> bool {
    let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) else {
        return false;
    };
    let decoded;
    let text = if encoded {
        let compact: String = value.chars().filter(|c| !c.is_whitespace()).collect();
        match base64::engine::general_purpose::STANDARD.decode(&compact) {
            Ok(bytes) => {
                decoded = String::from_utf8_lossy(&bytes).into_owned();
                decoded.trim()
            }
            // A variable in the place of encoded data.
            Err(_) => value,
        }
    } else {
        value
    };
    // A credential in an address counts under whatever key.
    if redaction::credential("", text).is_some() && !is_encrypted(text) {
        return true;
    }
    !(text.is_empty()
        || is_encrypted(text)
        || has_only_references(text)
        || is_public(text)
        // A stand-in, a path, an address: what no key makes a credential.
        || redaction::credential("password", text).is_none()
        || says_no_secret(key, text)
        || is_harmless_file(key, text))
}

/// Whether a value is a file of settings none of which is a credential, such as values of a chart.
fn is_harmless_file(key: &str, text: &str) -> bool {
    const FORMS: [&str; 8] = ["yaml", "yml", "json", "toml", "ini", "conf", "cfg", "properties"];
    let form = key.rsplit_once('.').map_or("", |(_, form)| form);
    // `[section]`, a comment, or `name = value`.
    let is_setting = |line: &str| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let rest = line.trim_start_matches(is_name).trim_start();
        line.is_empty() || line.starts_with(['[', '#', ';']) || rest.starts_with('=')
    };
    (FORMS.contains(&form) || text.lines().map(str::trim).all(is_setting))
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

/// Whether key and value are a setting, which tells nobody a secret: an identifier, an address, a switch, a number.
fn says_no_secret(key: &str, text: &str) -> bool {
    if redaction::credential_in_text(text) || text.contains('\n') {
        return false;
    }
    let is_number =
        text.parse::<f64>().is_ok() || text.trim_end_matches(['s', 'm', 'h']).parse::<u64>().is_ok();
    let is_switch = ["true", "false", "yes", "no", "on", "off"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    let key = key.to_ascii_lowercase();
    let last = key.rsplit(['_', '-', '.']).next().unwrap_or(&key);
    let says_secret = ["pass", "secret", "token", "private", "credential"]
        .iter()
        .any(|word| key.contains(word));
    let is_setting = SETTINGS.iter().any(|setting| last.ends_with(setting));
    if says_secret {
        return false;
    }
    is_switch || is_setting || (is_number && !key.contains("key") && !key.contains("pin"))
}

/// What SOPS leaves in the place of a value, or of a file that a generator takes in.
fn is_encrypted(text: &str) -> bool {
    text.contains("ENC[AES256_GCM,") || text.contains("\"sops\":") || text.contains("\nsops:")
}

/// Certificates and public keys.
fn is_public(text: &str) -> bool {
    if text.contains("PRIVATE KEY") {
        return false;
    }
    text.starts_with("-----BEGIN CERTIFICATE-----")
        || (text.starts_with("-----BEGIN")
            && ["PUBLIC KEY-----", "PUBLIC KEY BLOCK-----"]
                .iter()
                .any(|end| text.contains(end)))
        || ["ssh-ed25519 ", "ssh-rsa ", "ecdsa-sha2-"]
            .iter()
            .any(|start| text.starts_with(start))
}

/// Whether every value in a text comes from somewhere else: `${var}`, templates, references of other tools.
fn has_only_references(text: &str) -> bool {
    let references = ["${", "{{", "$(", "<path:", "vault:", "op://", "ref+"];
    references.iter().any(|reference| text.contains(reference))
}
