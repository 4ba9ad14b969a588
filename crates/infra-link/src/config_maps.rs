//! Catalog entries of ConfigMaps that are stated, generated, embedded or only referenced, with values and uses.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use foldhash::HashMap;
use infra_model::config::{ConfigMap, ConfigValue, GeneratedBy, Overridden};
use infra_model::{Key, KeyTable, ObjectRef, Place, codes};
use source_tree::{Diagnostic, Mark};

use crate::config_text::without_credentials;
use crate::copies::copy_of;
use crate::credential_names::names_object;
use crate::crossplane::{Embedded, EmbeddedObjects};
use crate::inventory::{Inventory, Object, Owner};
use crate::linker::Linker;
use crate::text_place;
use crate::uses::{Use, Used, User};
use crate::view::View;

/// Longer values are not shown.
const MAX_VALUE: usize = 256;
/// Longer texts, in bytes, are replaced by a digest.
const MAX_TEXT: usize = 600;

/// The user that replaces all Kustomizations that have a `postBuild`.
const ALL_KUSTOMIZATIONS: &str = "all kustomizations via postBuild.substituteFrom";

/// The trees of ConfigMaps by catalogued name.
pub(crate) struct ConfigMapData<'a> {
    views: HashMap<ObjectRef, View<'a>>,
}

impl<'a> ConfigMapData<'a> {
    /// Collects stated and embedded ConfigMaps.
    pub(crate) fn new(inventory: &'a Inventory<'a>, embedded: &EmbeddedObjects<'a>) -> Self {
        let embedded = embedded.of_kind("ConfigMap");
        let embedded = embedded.map(|inner| (inner.object_name(), inner.manifest));
        let stated = inventory.of("", "ConfigMap");
        let stated = stated.map(|object| (object.catalogued(), inventory.view(object)));
        // A stated one wins over an embedded one of the same name.
        ConfigMapData {
            views: embedded.chain(stated).collect(),
        }
    }

    /// The tree of one ConfigMap.
    pub(crate) fn view(&self, name: &ObjectRef) -> Option<View<'a>> {
        self.views.get(name).copied()
    }
}

/// Keys of ConfigMaps that the repository makes or uses.
pub(crate) fn keys(
    inventory: &Inventory<'_>,
    embedded: &EmbeddedObjects<'_>,
    uses: &[Use],
    generated: &crate::keys::GeneratedNames<'_>,
) -> KeyTable {
    let stated = inventory.of("", "ConfigMap").map(Object::catalogued);
    let embedded = embedded.of_kind("ConfigMap").map(Embedded::object_name);
    let used = uses.iter().filter(|found| found.used == Used::ConfigMap);
    let used = used.map(|found| generated.object_name(found));
    KeyTable::new(stated.chain(embedded).chain(used))
}

/// The map `config_maps`, and the credentials that ConfigMaps state in plain text.
pub(crate) fn link(linker: &Linker<'_>) -> (BTreeMap<Key, ConfigMap>, Vec<Diagnostic>) {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    let mut entries: BTreeMap<ObjectRef, ConfigMap> = BTreeMap::new();
    for inner in linker.embedded.of_kind("ConfigMap") {
        let name = inner.object_name();
        let place = inventory.source(inner.object);
        let entry = ConfigMap {
            name: inner.name.to_owned(),
            namespace: inner.namespace.to_owned(),
            generated_by: GeneratedBy::CrossplaneSync,
            source_file: place.as_ref().map(folder),
            kustomization: inventory.kustomization(inner.object),
            also_applied_by: inventory.also_applied_by(inner.object),
            keys: values(linker, inner.manifest, &name, &mut findings),
            places: places(linker, inner.manifest),
            source: place,
            ..ConfigMap::default()
        };
        entries.insert(name, entry);
    }
    for object in inventory.of("", "ConfigMap") {
        let unhashed = object.unhashed_name();
        let name = object.catalogued();
        let view = inventory.view(object);
        let place = inventory.source(object);
        // The texts of a chart are stated by the values of its release, which have findings of their own.
        let mut ignored = Vec::new();
        let findings = match object.is_of_chart() {
            true => &mut ignored,
            false => &mut findings,
        };
        let entry = ConfigMap {
            name: unhashed.to_owned(),
            namespace: object.namespace.to_owned(),
            copy_of: copy_of(view),
            copied_to: linker
                .producers
                .copied_to(Used::ConfigMap, object.namespace, unhashed),
            generated_by: match object {
                object if object.is_of_chart() => GeneratedBy::Helm,
                object if object.applied.generated => GeneratedBy::Kustomization,
                _ => GeneratedBy::Manifest,
            },
            source_file: place.as_ref().map(|place| place.file.to_string()),
            kustomization: inventory.kustomization(object),
            also_applied_by: inventory.also_applied_by(object),
            keys: values(linker, view, &name, findings),
            places: places(linker, view),
            overrides: overrides(linker, object),
            tells_flux: crate::apply_annotations::texts(inventory, object),
            rendered_name: (unhashed != object.name).then(|| object.name.to_owned()),
            source: place,
            ..ConfigMap::default()
        };
        entries.insert(name, entry);
    }
    let mut users: BTreeMap<ObjectRef, BTreeSet<String>> = BTreeMap::new();
    let uses = linker.uses.iter().filter(|found| found.used == Used::ConfigMap);
    for found in uses.filter(|found| !linker.generated.misses(found)) {
        let name = linker.generated.object_name(found);
        let entry = entries.entry(name.clone()).or_insert_with(|| ConfigMap {
            name: name.name.to_string(),
            namespace: name.namespace.to_string(),
            generated_by: GeneratedBy::External,
            ..ConfigMap::default()
        });
        let usage = linker.usage(found, &name);
        if !entry.usage.contains(&usage) {
            entry.usage.push(usage);
        }
        users
            .entry(name)
            .or_default()
            .insert(found.user_text().to_owned());
    }
    let with_post_build = kustomizations_with_post_build(inventory);
    let mut config_maps = BTreeMap::new();
    for (name, mut entry) in entries {
        let Some(key) = linker.config_map_keys.get(&name) else {
            continue;
        };
        entry.usage.sort();
        entry.used_by = used_by(
            linker.uses,
            users.remove(&name).unwrap_or_default(),
            &name,
            &with_post_build,
        );
        config_maps.insert(key.clone(), entry);
    }
    (config_maps, findings)
}

fn used_by(
    uses: &[Use],
    users: BTreeSet<String>,
    name: &ObjectRef,
    with_post_build: &BTreeSet<String>,
) -> Vec<String> {
    if with_post_build.is_empty() || !with_post_build.iter().all(|user| users.contains(user)) {
        return users.into_iter().collect();
    }
    // A Kustomization may use it in another way as well.
    let is_other = |found: &&Use| {
        found.how != "substituteFrom" && found.namespace == name.namespace && found.name == name.name
    };
    let other = uses.iter().filter(is_other);
    let other: BTreeSet<&str> = other
        .filter(|found| matches!(found.user, User::Object(_)))
        .map(Use::user_text)
        .collect();
    let mut texts: Vec<String> = users
        .into_iter()
        .filter(|user| !with_post_build.contains(user) || other.contains(user.as_str()))
        .chain([ALL_KUSTOMIZATIONS.to_owned()])
        .collect();
    texts.sort_unstable();
    texts
}

fn kustomizations_with_post_build(inventory: &Inventory<'_>) -> BTreeSet<String> {
    let has_post_build = |owner: &&Owner<'_>| {
        let object = owner.evaluated.object.as_ref();
        let post_build = object.and_then(|object| object.node.at(&["spec", "postBuild"]));
        let mut fields = ["substitute", "substituteFrom"].iter();
        post_build.is_some_and(|post_build| fields.any(|field| post_build.get(field).is_some()))
    };
    let owners = inventory.owners.iter().filter(has_post_build);
    owners
        .filter_map(|owner| Some(format!("Kustomization/{}", owner.key.as_ref()?)))
        .collect()
}

/// The folder of a file with a final `/`.
fn folder(place: &Place) -> String {
    match place.file.parent() {
        Some(parent) if !parent.is_root() => format!("{parent}/"),
        _ => "./".to_owned(),
    }
}

fn values(
    linker: &Linker<'_>,
    view: View<'_>,
    name: &ObjectRef,
    findings: &mut Vec<Diagnostic>,
) -> BTreeMap<String, ConfigValue> {
    let mut values = BTreeMap::new();
    for (key, value) in view.entries_of("data") {
        if let Some(text) = value.text() {
            values.insert(
                key.to_owned(),
                config_value(linker, key, value, text, name, findings),
            );
        }
    }
    for (key, value) in view.entries_of("binaryData") {
        let text = value.text().unwrap_or_default().chars();
        let text: String = text.filter(|c| !c.is_whitespace()).collect();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(&text)
            .map_or(text.len(), |bytes| bytes.len());
        values.insert(key.to_owned(), ConfigValue::Binary { bytes });
    }
    values
}

/// The line that decides each value. Objects of charts have none: `explain` finds the deciding values.
fn places(linker: &Linker<'_>, view: View<'_>) -> BTreeMap<String, Place> {
    let fields = ["data", "binaryData"].into_iter();
    let entries = fields.flat_map(|field| view.entries_of(field));
    entries
        .filter_map(|(key, value)| Some((key.to_owned(), linker.inventory.place(value.mark())?)))
        .collect()
}

/// The values that lower layers of the build give to keys, the strongest first.
fn overrides(linker: &Linker<'_>, object: &Object<'_>) -> BTreeMap<String, Vec<Overridden>> {
    let mut found: BTreeMap<String, Vec<Overridden>> = BTreeMap::new();
    for overridden in object.applied.overridden.iter().rev() {
        let key = overridden.key.as_str();
        let text = overridden.value.text().filter(|text| {
            text.len() <= MAX_VALUE && !text.contains('\n') && redaction::credential(key, text).is_none()
        });
        found.entry(key.to_owned()).or_default().push(Overridden {
            value: text.map(str::to_owned),
            source: linker.inventory.place(overridden.value.mark),
        });
    }
    found
}

fn config_value(
    linker: &Linker<'_>,
    key: &str,
    value: View<'_>,
    applied: &str,
    name: &ObjectRef,
    findings: &mut Vec<Diagnostic>,
) -> ConfigValue {
    let Some(text) = value.written() else {
        return ConfigValue::Redacted;
    };
    let written = text.written.as_str();
    let lines = written.lines().count();
    let long = written.len() > MAX_VALUE || lines > 1;
    let is_credential = |text: &str| match long {
        true => redaction::credential_in_text(text),
        false => redaction::credential(key, text).is_some(),
    };
    let credential = is_credential(written) || (applied != written && is_credential(applied));
    if credential {
        if !names_object(key, applied) {
            let what = format!("key {key}");
            findings.push(redacted(linker, value.mark(), &what, &name.to_string()));
        }
        if !long {
            return ConfigValue::Redacted;
        }
    }
    if !long {
        return ConfigValue::Text(text);
    }
    let sources = &linker.inventory.evaluation.sources;
    let file = text_place::whole_file(sources, value)
        .or_else(|| linker.inventory.evaluation.files.path(value.mark().file))
        .map(|path| path.to_string());
    let is_short = applied.len() <= MAX_TEXT;
    ConfigValue::File {
        file,
        bytes: written.len(),
        lines,
        text: (is_short && !credential).then(|| without_credentials(key, applied)),
        digest: (!is_short && !credential).then(|| digest(applied)),
    }
}

/// FNV-1a, which is enough to see changes of a text.
fn digest(text: &str) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.trim_end().bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}

/// The finding of a credential in plain text.
pub(crate) fn redacted(linker: &Linker<'_>, mark: Mark, what: &str, object: &str) -> Diagnostic {
    Diagnostic::warning(
        codes::REDACTED,
        format!("{what} of {object} looks like a credential in plain text"),
    )
    .at(linker.inventory.place(mark))
    .on(object)
    .hint("move it to an encrypted or external Secret, and rotate it")
}
