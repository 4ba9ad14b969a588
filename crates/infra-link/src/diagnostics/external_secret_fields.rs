//! `field-invalid` of External Secrets: what the definitions of ExternalSecret and SecretStore refuse, or the operator's webhook,
//! in every version of it (<https://github.com/external-secrets/external-secrets/tree/main/apis/externalsecrets/v1>).

use infra_model::codes;
use source_tree::{Diagnostic, Mark, Severity};
use yaml_node::Node;

use crate::kinds::external_secret::{self, GROUP};
use crate::linker::Linker;
use crate::view::View;

/// Fields with few values, by the path below the object that they stand in.
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

/// The same of a reference to a value.
const OF_REFERENCES: &[(&[&str], &[&str])] = &[
    (&["conversionStrategy"], &["Default", "Unicode"]),
    (&["decodingStrategy"], &["Auto", "Base64", "Base64URL", "None"]),
    (&["metadataPolicy"], &["None", "Fetch"]),
];

/// Fields that a definition declares, of objects whose fields are often misspelled.
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

/// What is wrong with an object.
struct Found {
    wrong: Vec<(String, Mark, String)>,
}

impl Found {
    fn add(&mut self, message: String, mark: Mark, hint: impl Into<String>) {
        self.wrong.push((message, mark, hint.into()));
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
        let view = inventory.view(object);
        let mut found = Found { wrong: Vec::new() };
        let is_store = external_secret::STORES.contains(&object.kind);
        // The oldest version has other fields.
        if object.is_of_chart() || object.api_version().ends_with("/v1alpha1") {
            continue;
        }
        match external_secret::spec(object, view) {
            Some(spec) if is_store => store(spec, &mut found),
            Some(spec) => external(spec, has_webhook, &mut found),
            None => continue,
        }
        let id = object.object_name().to_string();
        findings.extend(found.wrong.into_iter().map(|(message, mark, hint)| {
            let place = Some(mark).filter(|mark| mark.is_some());
            let place = place.and_then(|mark| inventory.place(mark));
            Diagnostic::new(
                Severity::Error,
                codes::FIELD_INVALID,
                format!("{id}: {}", redaction::without_credentials(&message)),
            )
            .at(place.or_else(|| inventory.source(object)))
            .on(id.clone())
            .hint(hint)
        }));
    }
    findings
}

fn external(spec: View<'_>, has_webhook: bool, found: &mut Found) {
    values("spec", spec, VALUES, found);
    misspelled("spec", spec, OF_SPEC, found);
    if let Some(target) = spec.get("target") {
        misspelled("spec.target", target, OF_TARGET, found);
    }
    if let Some(reference) = spec.get("secretStoreRef") {
        store_reference("spec.secretStoreRef", reference, found);
    }
    let has_store = spec.at(&["secretStoreRef", "name"]).is_some();
    let list = |field: &str| -> Vec<View<'_>> { spec.get(field).into_iter().flat_map(View::items).collect() };
    let (data, data_from) = (list("data"), list("dataFrom"));
    // A field that is misspelled has been told.
    if has_webhook && data.is_empty() && data_from.is_empty() && found.wrong.is_empty() {
        found.add(
            "neither `spec.data` nor `spec.dataFrom` names a value".to_owned(),
            spec.mark(),
            "the webhook of External Secrets refuses it: state what is to be fetched",
        );
    }
    for (index, item) in data.into_iter().enumerate() {
        datum(&format!("spec.data[{index}]"), item, has_store, found);
    }
    for (index, item) in data_from.into_iter().enumerate() {
        source(&format!("spec.dataFrom[{index}]"), item, has_webhook, found);
    }
    if has_webhook {
        policies(spec, found);
    }
}

/// An item of `data`.
fn datum(path: &str, item: View<'_>, has_store: bool, found: &mut Found) {
    misspelled(path, item, OF_DATA, found);
    if item.node.as_mapping().is_none() {
        return;
    }
    for field in ["secretKey", "remoteRef"] {
        // One that is misspelled has been told.
        if item.get(field).is_none_or(|value| value.node.is_null()) && !has_slip(item, field) {
            found.add(
                format!("`{path}` lacks `{field}`, which is required"),
                item.mark(),
                "the API server refuses it",
            );
        }
    }
    let key = item.get("secretKey").filter(|key| key.text().is_some());
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if let Some((key, text)) = key.and_then(|key| Some((key, key.text()?)))
        && !text.contains("${")
        && (text.is_empty() || !text.bytes().all(is_allowed))
    {
        found.add(
            format!("`{path}.secretKey` is `{text}`, which is no key of a Secret"),
            key.mark(),
            "a key has letters, digits, `-`, `_` and `.`",
        );
    }
    if let Some(reference) = item.get("remoteRef") {
        remote(&format!("{path}.remoteRef"), reference, found);
    }
    let store = item.at(&["sourceRef", "storeRef"]);
    if let Some(store) = store {
        store_reference(&format!("{path}.sourceRef.storeRef"), store, found);
    }
    if !has_store && item.get("sourceRef").is_none() && found.wrong.is_empty() {
        found.add(
            format!("`{path}` is read from no store: there is no `spec.secretStoreRef`"),
            item.mark(),
            "name the store in `spec.secretStoreRef`",
        );
    }
}

/// An item of `dataFrom`.
fn source(path: &str, item: View<'_>, has_webhook: bool, found: &mut Found) {
    misspelled(path, item, OF_DATA_FROM, found);
    for field in ["extract", "find"] {
        if let Some(reference) = item.get(field) {
            let path = format!("{path}.{field}");
            match field {
                "extract" => remote(&path, reference, found),
                _ => values(&path, reference, OF_REFERENCES, found),
            }
        }
    }
    if let Some(store) = item.at(&["sourceRef", "storeRef"]) {
        store_reference(&format!("{path}.sourceRef.storeRef"), store, found);
    }
    if !has_webhook || item.node.as_mapping().is_none() {
        return;
    }
    let has = |path: &[&str]| item.at(path).is_some_and(|value| !value.node.is_null());
    let ways = [&["extract"][..], &["find"], &["sourceRef", "generatorRef"]];
    let ways = ways.iter().filter(|way| has(way)).count();
    let wrong = match ways {
        0 if !has(&["sourceRef"]) && !OF_DATA_FROM.iter().any(|field| has_slip(item, field)) => {
            format!("`{path}` has none of `extract`, `find` and `sourceRef`")
        }
        0 if has(&["sourceRef"]) && !has(&["sourceRef", "storeRef"]) => {
            format!("`{path}.sourceRef` has neither `storeRef` nor `generatorRef`")
        }
        0 | 1 => return,
        _ => format!("`{path}` has more than one of `extract`, `find` and `sourceRef.generatorRef`"),
    };
    found.add(wrong, item.mark(), "the webhook of External Secrets refuses it");
}

fn remote(path: &str, reference: View<'_>, found: &mut Found) {
    misspelled(path, reference, OF_REMOTE, found);
    values(path, reference, OF_REFERENCES, found);
    let lacks = reference.node.as_mapping().is_some()
        && reference.get("key").is_none_or(|key| key.node.is_null())
        && !has_slip(reference, "key");
    if lacks {
        found.add(
            format!("`{path}` lacks `key`, which is required"),
            reference.mark(),
            "the API server refuses it",
        );
    }
}

/// `creationPolicy` and `deletionPolicy` that do not go together.
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
    values(
        path,
        reference,
        &[(&["kind"], &["SecretStore", "ClusterSecretStore"])],
        found,
    );
}

fn store(spec: View<'_>, found: &mut Found) {
    let Some(provider) = spec.get("provider").filter(|provider| !provider.node.is_null()) else {
        found.add(
            "`spec.provider` is required".to_owned(),
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
        let path = format!("spec.provider.{name}");
        match PROVIDERS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
        {
            Some((known, _)) if *known != name => found.add(
                format!("`spec.provider` has no field `{name}`"),
                value.mark(),
                format!("did you mean `{known}`?"),
            ),
            Some((_, required)) => {
                let lacks = |field: &&&str| value.get(field).is_none_or(|value| value.node.is_null());
                for field in required.iter().filter(lacks) {
                    found.add(
                        format!("`{path}` lacks `{field}`, which is required"),
                        value.mark(),
                        "the API server refuses it",
                    );
                }
            }
            None => {}
        }
    }
}

/// Texts of an object that are none of those allowed.
fn values(path: &str, view: View<'_>, known: &[(&[&str], &[&str])], found: &mut Found) {
    for (field, allowed) in known {
        let Some(value) = view.at(field) else { continue };
        let Some(text) = value.text().filter(|text| !text.contains("${")) else {
            continue;
        };
        if !allowed.contains(&text) {
            found.add(
                format!(
                    "`{path}.{}` is `{text}`, which is none of {}",
                    field.join("."),
                    allowed.join(", ")
                ),
                value.mark(),
                "the API server refuses it",
            );
        }
    }
}

/// Fields that are not declared, and look like one that is.
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

/// Whether an object has a field that is misspelled for another.
fn has_slip(view: View<'_>, meant: &str) -> bool {
    view.entries()
        .any(|(field, _)| field != meant && is_slip(field, meant))
}

/// Whether two words differ by the case of letters, `_` and `-`, or by one letter that is too many, missing or another one.
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
