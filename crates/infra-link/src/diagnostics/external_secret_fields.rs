//! `field-invalid` of External Secrets: fields that the definitions of ExternalSecret and SecretStore, or the operator's webhook,
//! refuse in every version (<https://github.com/external-secrets/external-secrets/tree/main/apis/externalsecrets/v1>).

use infra_model::codes;
use source_tree::{Diagnostic, Mark};
use yaml_node::Node;

use super::place_or_source;
use crate::kinds::external_secret::{self, GROUP};
use crate::linker::Linker;
use crate::view::View;

/// Paths below `spec` of fields with few values, and these values.
const VALUES: &[(&[&str], &[&str])] = &[
    (&["refreshPolicy"], &["CreatedOnce", "Periodic", "OnChange"]),
    (
        &["target", "creationPolicy"],
        &["Owner", "Orphan", "Merge", "CreateOrMerge", "None"],
    ),
    (&["target", "deletionPolicy"], &["Delete", "Merge", "Retain"]),
    (&["target", "template", "engineVersion"], &["v2", "v1"]),
    (&["target", "template", "mergePolicy"], &["Replace", "Merge"]),
];

/// As [`VALUES`], below a reference to a value.
const OF_REFERENCES: &[(&[&str], &[&str])] = &[
    (&["conversionStrategy"], &["Default", "Unicode"]),
    (&["decodingStrategy"], &["Auto", "Base64", "Base64URL", "None"]),
    (&["metadataPolicy"], &["None", "Fetch"]),
];

/// The declared fields of objects whose fields are often misspelled.
const OF_SPEC: &[&str] = &[
    "secretStoreRef",
    "target",
    "refreshPolicy",
    "refreshInterval",
    "syncWindows",
    "data",
    "dataFrom",
];
const OF_TARGET: &[&str] = &[
    "name",
    "creationPolicy",
    "deletionPolicy",
    "template",
    "manifest",
    "immutable",
];
const OF_DATA: &[&str] = &["secretKey", "remoteRef", "sourceRef"];
const OF_REMOTE: &[&str] = &[
    "key",
    "metadataPolicy",
    "property",
    "version",
    "conversionStrategy",
    "decodingStrategy",
    "nullBytePolicy",
];
const OF_DATA_FROM: &[&str] = &["extract", "find", "rewrite", "sourceRef"];

/// Fields that each version of a store's provider requires.
const PROVIDERS: &[(&str, &[&str])] = &[
    ("akeyless", &["akeylessGWApiURL", "authSecretRef"]),
    ("aws", &["service", "region"]),
    ("azurekv", &["vaultUrl"]),
    (
        "bitwardensecretsmanager",
        &["auth", "organizationID", "projectID"],
    ),
    ("conjur", &["url", "auth"]),
    ("doppler", &["auth"]),
    ("gcpsm", &[]),
    ("gitlab", &["auth"]),
    ("ibm", &["auth"]),
    ("infisical", &["auth", "secretsScope"]),
    ("kubernetes", &[]),
    ("onepassword", &["auth", "connectHost", "vaults"]),
    ("onepasswordSDK", &["auth"]),
    ("oracle", &["region", "vault"]),
    ("vault", &["server"]),
    ("webhook", &["url"]),
];

const API_SERVER_REFUSES: &str = "the API server refuses it";

/// The problems of an object: messages, marks and hints.
#[derive(Default)]
struct Found(Vec<(String, Mark, String)>);

impl Found {
    fn add(&mut self, message: impl Into<String>, mark: Mark, hint: impl Into<String>) {
        self.0.push((message.into(), mark, hint.into()));
    }
}

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let has_webhook = !linker.releases.iter().any(|release| {
        let webhook = release.values.node.at(&["webhook", "create"]);
        release.chart.name.as_deref() == Some("external-secrets")
            && webhook.and_then(Node::as_bool) == Some(false)
    });
    let kinds = external_secret::KINDS.iter().chain(external_secret::STORES);
    let mut findings = Vec::new();
    for object in kinds.flat_map(|kind| inventory.of(GROUP, kind)) {
        // The oldest version has other fields.
        if object.is_of_chart() || object.api_version.ends_with("/v1alpha1") {
            continue;
        }
        let mut found = Found::default();
        match external_secret::spec(object, inventory.view(object)) {
            Some(spec) if external_secret::STORES.contains(&object.kind) => store(spec, &mut found),
            Some(spec) => external_secret_spec(spec, has_webhook, &mut found),
            None => continue,
        }
        let id = object.object_name().to_string();
        findings.extend(found.0.into_iter().map(|(message, mark, hint)| {
            let message = format!("{id}: {}", redaction::without_credentials(&message));
            Diagnostic::error(codes::FIELD_INVALID, message)
                .at(place_or_source(inventory, object, mark))
                .on(id.clone())
                .hint(hint)
        }));
    }
    findings
}

fn external_secret_spec(spec: View<'_>, has_webhook: bool, found: &mut Found) {
    values("spec", spec, VALUES, found);
    misspelled("spec", spec, OF_SPEC, found);
    if let Some(target) = spec.get("target") {
        misspelled("spec.target", target, OF_TARGET, found);
    }
    if let Some(reference) = spec.get("secretStoreRef") {
        store_reference("spec.secretStoreRef", reference, found);
    }
    let has_store = spec.at(&["secretStoreRef", "name"]).is_some();
    let list = |field: &str| spec.items_at(&[field]).enumerate();
    let is_empty = |field: &str| list(field).next().is_none();
    // If a field is misspelled, that is reported already.
    if has_webhook && is_empty("data") && is_empty("dataFrom") && found.0.is_empty() {
        found.add(
            "neither `spec.data` nor `spec.dataFrom` names a value",
            spec.mark(),
            "the webhook of External Secrets refuses it: state what is to be fetched",
        );
    }
    for (index, item) in list("data") {
        data(&format!("spec.data[{index}]"), item, has_store, found);
    }
    for (index, item) in list("dataFrom") {
        data_from(&format!("spec.dataFrom[{index}]"), item, has_webhook, found);
    }
    if has_webhook {
        policies(spec, found);
    }
}

/// An item of `data`.
fn data(path: &str, item: View<'_>, has_store: bool, found: &mut Found) {
    misspelled(path, item, OF_DATA, found);
    if item.node.as_mapping().is_none() {
        return;
    }
    required(path, item, &["secretKey", "remoteRef"], found);
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if let Some(key) = item.get("secretKey")
        && let Some(text) = key.text()
        && !text.contains("${")
        && (text.is_empty() || !text.bytes().all(is_allowed))
    {
        found.add(
            format!("`{path}.secretKey` is `{text}`, which is not a valid key of a Secret"),
            key.mark(),
            "a key has letters, digits, `-`, `_` and `.`",
        );
    }
    if let Some(reference) = item.get("remoteRef") {
        remote(&format!("{path}.remoteRef"), reference, found);
    }
    if let Some(store) = item.at(&["sourceRef", "storeRef"]) {
        store_reference(&format!("{path}.sourceRef.storeRef"), store, found);
    }
    if !has_store && item.get("sourceRef").is_none() && found.0.is_empty() {
        found.add(
            format!("`{path}` is read from no store: there is no `spec.secretStoreRef`"),
            item.mark(),
            "name the store in `spec.secretStoreRef`",
        );
    }
}

/// An item of `dataFrom`.
fn data_from(path: &str, item: View<'_>, has_webhook: bool, found: &mut Found) {
    misspelled(path, item, OF_DATA_FROM, found);
    if let Some(reference) = item.get("extract") {
        remote(&format!("{path}.extract"), reference, found);
    }
    if let Some(reference) = item.get("find") {
        values(&format!("{path}.find"), reference, OF_REFERENCES, found);
    }
    if let Some(store) = item.at(&["sourceRef", "storeRef"]) {
        store_reference(&format!("{path}.sourceRef.storeRef"), store, found);
    }
    if !has_webhook || item.node.as_mapping().is_none() {
        return;
    }
    let has = |path: &[&str]| item.at(path).is_some_and(|value| !value.node.is_null());
    let sources = [&["extract"][..], &["find"], &["sourceRef", "generatorRef"]];
    let message = match sources.iter().filter(|source| has(source)).count() {
        0 if !has(&["sourceRef"]) && !OF_DATA_FROM.iter().any(|field| has_slip(item, field)) => {
            format!("`{path}` has none of `extract`, `find` and `sourceRef`")
        }
        0 if has(&["sourceRef"]) && !has(&["sourceRef", "storeRef"]) => {
            format!("`{path}.sourceRef` has neither `storeRef` nor `generatorRef`")
        }
        0 | 1 => return,
        _ => format!("`{path}` has more than one of `extract`, `find` and `sourceRef.generatorRef`"),
    };
    found.add(message, item.mark(), "the webhook of External Secrets refuses it");
}

fn remote(path: &str, reference: View<'_>, found: &mut Found) {
    misspelled(path, reference, OF_REMOTE, found);
    values(path, reference, OF_REFERENCES, found);
    if reference.node.as_mapping().is_some() {
        required(path, reference, &["key"], found);
    }
}

/// Required fields that are missing. A misspelled one is reported already.
fn required(path: &str, view: View<'_>, fields: &[&str], found: &mut Found) {
    for field in fields {
        if view.get(field).is_none_or(|value| value.node.is_null()) && !has_slip(view, field) {
            let message = format!("`{path}` lacks `{field}`, which is required");
            found.add(message, view.mark(), API_SERVER_REFUSES);
        }
    }
}

/// A `creationPolicy` and a `deletionPolicy` that do not go together.
fn policies(spec: View<'_>, found: &mut Found) {
    let Some(deletion) = spec.at(&["target", "deletionPolicy"]) else {
        return;
    };
    let creation = spec.text_at(&["target", "creationPolicy"]).unwrap_or("Owner");
    let is_refused = match deletion.text() {
        Some("Delete") => matches!(creation, "Merge" | "None" | "CreateOrMerge"),
        Some("Merge") => creation == "None",
        _ => false,
    };
    if is_refused {
        let text = deletion.text().unwrap_or_default();
        found.add(
            format!("`spec.target.deletionPolicy: {text}` does not go with `creationPolicy: {creation}`"),
            deletion.mark(),
            "the webhook of External Secrets refuses it: what it does not own it does not delete",
        );
    }
}

fn store_reference(path: &str, reference: View<'_>, found: &mut Found) {
    if let Some(namespace) = reference.get("namespace") {
        found.add(
            format!("`{path}` has no field `namespace`"),
            namespace.mark(),
            "a SecretStore counts in its own namespace alone: make one there, or use a ClusterSecretStore",
        );
    }
    values(path, reference, &[(&["kind"], external_secret::STORES)], found);
}

fn store(spec: View<'_>, found: &mut Found) {
    let Some(provider) = spec.get("provider").filter(|provider| !provider.node.is_null()) else {
        found.add(
            "`spec.provider` is required",
            spec.mark(),
            "the API server refuses a store without it",
        );
        return;
    };
    let names: Vec<(&str, View<'_>)> = provider.entries().collect();
    if names.len() != 1 && provider.node.as_mapping().is_some() {
        found.add(
            format!(
                "`spec.provider` has {} providers, and has to have one",
                names.len()
            ),
            provider.mark(),
            "make a store of each",
        );
        return;
    }
    for (name, value) in names {
        let mut providers = PROVIDERS.iter();
        match providers.find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((known, _)) if *known != name => found.add(
                format!("`spec.provider` has no field `{name}`"),
                value.mark(),
                format!("did you mean `{known}`?"),
            ),
            Some((_, required)) => {
                let lacks = |field: &&&str| value.get(field).is_none_or(|value| value.node.is_null());
                for field in required.iter().filter(lacks) {
                    let message = format!("`spec.provider.{name}` lacks `{field}`, which is required");
                    found.add(message, value.mark(), API_SERVER_REFUSES);
                }
            }
            None => {}
        }
    }
}

/// Fields whose value is not among the allowed ones.
fn values(path: &str, view: View<'_>, known: &[(&[&str], &[&str])], found: &mut Found) {
    for (field, allowed) in known {
        let Some(value) = view.at(field) else { continue };
        let Some(text) = value.text().filter(|text| !text.contains("${")) else {
            continue;
        };
        if !allowed.contains(&text) {
            found.add(
                format!(
                    "`{path}.{}` is `{text}`, which is not one of {}",
                    field.join("."),
                    allowed.join(", ")
                ),
                value.mark(),
                API_SERVER_REFUSES,
            );
        }
    }
}

/// Fields that are not declared, but look like a declared one.
fn misspelled(path: &str, view: View<'_>, declared: &[&str], found: &mut Found) {
    for (field, value) in view.entries() {
        if declared.contains(&field) {
            continue;
        }
        if let Some(meant) = declared.iter().find(|meant| is_slip(field, meant)) {
            found.add(
                format!("`{path}` has no field `{field}`"),
                value.mark(),
                format!("did you mean `{meant}`? Flux applies nothing of a Kustomization with a field that is not declared"),
            );
        }
    }
}

/// Whether an object has a misspelling of a field.
fn has_slip(view: View<'_>, meant: &str) -> bool {
    view.entries()
        .any(|(field, _)| field != meant && is_slip(field, meant))
}

/// Whether two words differ only by case, `_` and `-`, or by one letter that is added, missing or replaced.
fn is_slip(field: &str, meant: &str) -> bool {
    let plain = |word: &str| -> Vec<char> {
        let letters = word.chars().filter(|c| !matches!(c, '_' | '-'));
        letters.map(|c| c.to_ascii_lowercase()).collect()
    };
    let (field, meant) = (plain(field), plain(meant));
    let start = field.iter().zip(&meant).take_while(|(a, b)| a == b).count();
    let (field, meant) = (field.get(start..), meant.get(start..));
    let (Some(field), Some(meant)) = (field, meant) else {
        return false;
    };
    let after = |word: &'_ [char]| word.get(1..).map(<[char]>::to_vec);
    field == meant
        || after(field).as_deref() == Some(meant)
        || after(meant).as_deref() == Some(field)
        || (start > 0 && !field.is_empty() && after(field) == after(meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_a_field() {
        for (field, meant, expected) in [
            ("secretkey", "secretKey", true),
            ("remote_ref", "remoteRef", true),
            ("propery", "property", true),
            ("dataform", "dataFrom", false),
            ("targets", "target", true),
            ("kay", "key", true),
            ("find", "extract", false),
            ("key", "key", true),
            ("data", "dataFrom", false),
        ] {
            assert_eq!(is_slip(field, meant), expected, "{field} {meant}");
        }
    }
}
