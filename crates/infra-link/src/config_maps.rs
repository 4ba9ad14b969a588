//! Catalog entries of ConfigMaps, stated, generated, embedded or only referenced, with values and uses.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use foldhash::HashMap;
use infra_model::config::{ConfigMap, ConfigValue, GeneratedBy, Overridden};
use infra_model::{Key, KeyTable, ObjectRef, Place, codes};
use source_tree::{Diagnostic, Mark};

use crate::config_text::without_credentials;
use crate::copies::copy_of;
use crate::credential_names::names_object;
use crate::crossplane::EmbeddedObjects;
use crate::inventory::{Inventory, Object};
use crate::linker::Linker;
use crate::text_place;
use crate::uses::{Use, Used, User};
use crate::view::View;

/// Longer values are not shown.
const MAX_VALUE: usize = 256;
/// Longer texts are told by their size, in bytes.
const MAX_TEXT: usize = 600;

/// What stands for all Kustomizations that have a `postBuild`.
const ALL_KUSTOMIZATIONS: &str = "all kustomizations via postBuild.substituteFrom";

/// The trees of ConfigMaps by catalogued name.
pub(crate) struct ConfigMapData<'a> {
    views: HashMap<ObjectRef, View<'a>>,
}

impl<'a> ConfigMapData<'a> {
    /// Of stated and embedded ConfigMaps.
    pub(crate) fn new(inventory: &'a Inventory<'a>, embedded: &EmbeddedObjects<'a>) -> Self {
        let embedded = embedded
            .of("ConfigMap")
            .map(|one| (ObjectRef::new("ConfigMap", one.namespace, one.name), one.manifest));
        let stated = inventory.of("", "ConfigMap").map(|object| {
            (
                ObjectRef::new("ConfigMap", object.namespace, object.unhashed_name()),
                inventory.view(object),
            )
        });
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

/// Keys of ConfigMaps: those that the repository makes and those that something uses.
pub(crate) fn keys(
    inventory: &Inventory<'_>,
    embedded: &EmbeddedObjects<'_>,
    uses: &[Use],
    generated: &crate::keys::GeneratedNames<'_>,
) -> KeyTable {
    let stated = inventory
        .of("", "ConfigMap")
        .map(|object| ObjectRef::new("ConfigMap", object.namespace, object.unhashed_name()));
    let embedded = embedded
        .of("ConfigMap")
        .map(|one| ObjectRef::new("ConfigMap", one.namespace, one.name));
    let used = uses
        .iter()
        .filter(|one| one.used == Used::ConfigMap)
        .map(|one| generated.object_name(one));
    KeyTable::new(stated.chain(embedded).chain(used))
}

/// The map `config_maps`, and the credentials that ConfigMaps state.
pub(crate) fn link(linker: &Linker<'_>) -> (BTreeMap<Key, ConfigMap>, Vec<Diagnostic>) {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    let mut entries: BTreeMap<ObjectRef, ConfigMap> = BTreeMap::new();
    for one in linker.embedded.of("ConfigMap") {
        let name = ObjectRef::new("ConfigMap", one.namespace, one.name);
        let place = inventory.source(one.object);
        let entry = ConfigMap {
            name: one.name.to_owned(),
            namespace: one.namespace.to_owned(),
            generated_by: GeneratedBy::CrossplaneSync,
            source_file: place.as_ref().map(folder),
            kustomization: inventory.kustomization(one.object),
            also_applied_by: inventory.also_applied_by(one.object),
            keys: values(linker, one.manifest, &name, &mut findings),
            places: places(linker, one.manifest),
            source: place,
            ..ConfigMap::default()
        };
        entries.insert(name, entry);
    }
    for object in inventory.of("", "ConfigMap") {
        let unhashed = object.unhashed_name();
        let name = ObjectRef::new("ConfigMap", object.namespace, unhashed);
        let place = inventory.source(object);
        // The values of a release are what states the texts of its chart, and other findings speak of them.
        let mut ignored = Vec::new();
        let findings = if object.is_of_chart() {
            &mut ignored
        } else {
            &mut findings
        };
        let entry = ConfigMap {
            name: unhashed.to_owned(),
            namespace: object.namespace.to_owned(),
            copy_of: copy_of(inventory.view(object)),
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
            keys: values(linker, inventory.view(object), &name, findings),
            places: places(linker, inventory.view(object)),
            overrides: overrides(linker, object),
            tells_flux: crate::told::texts(inventory, object),
            rendered_name: (unhashed != object.name).then(|| object.name.to_owned()),
            source: place,
            ..ConfigMap::default()
        };
        entries.insert(name, entry);
    }
    let mut users: BTreeMap<ObjectRef, BTreeSet<String>> = BTreeMap::new();
    let uses = linker.uses.iter().filter(|one| one.used == Used::ConfigMap);
    for one in uses.filter(|one| !linker.generated.misses(one)) {
        let name = linker.generated.object_name(one);
        let entry = entries.entry(name.clone()).or_insert_with(|| ConfigMap {
            name: name.name.clone(),
            namespace: name.namespace.clone(),
            generated_by: GeneratedBy::External,
            ..ConfigMap::default()
        });
        let usage = linker.usage(one, &name);
        if !entry.usage.contains(&usage) {
            entry.usage.push(usage);
        }
        users.entry(name).or_default().insert(one.user_text().to_owned());
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
    let other: BTreeSet<&str> = uses
        .iter()
        .filter(|one| one.how != "substituteFrom" && one.namespace == name.namespace && one.name == name.name)
        .filter_map(|one| match &one.user {
            User::Object(object) => Some(object.as_str()),
            User::Service(_) => None,
        })
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
    inventory
        .owners
        .iter()
        .filter(|owner| {
            let object = owner.evaluated.object.as_ref();
            object
                .and_then(|object| object.node.at(&["spec", "postBuild"]))
                .is_some_and(|post_build| {
                    ["substitute", "substituteFrom"]
                        .iter()
                        .any(|field| post_build.get(field).is_some())
                })
        })
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
    for (key, value) in view.get("data").into_iter().flat_map(View::entries) {
        if let Some(text) = value.text() {
            values.insert(
                key.to_owned(),
                config_value(linker, key, value, text, name, findings),
            );
        }
    }
    for (key, value) in view.get("binaryData").into_iter().flat_map(View::entries) {
        let text: String = value
            .text()
            .unwrap_or_default()
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(&text)
            .map_or(text.len(), |bytes| bytes.len());
        values.insert(key.to_owned(), ConfigValue::Binary { bytes });
    }
    values
}

/// The line that decides each value. What a chart makes is decided by values, which another answer looks for.
fn places(linker: &Linker<'_>, view: View<'_>) -> BTreeMap<String, Place> {
    let fields = ["data", "binaryData"]
        .into_iter()
        .filter_map(|field| view.get(field));
    fields
        .flat_map(View::entries)
        .filter_map(|(key, value)| Some((key.to_owned(), linker.inventory.place(value.mark())?)))
        .collect()
}

/// What lower layers of the build say of keys, the strongest first.
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
    let credential = if long {
        redaction::credential_in_text(written) || redaction::credential_in_text(applied)
    } else {
        [written, applied]
            .iter()
            .any(|text| redaction::credential(key, text).is_some())
    };
    if credential {
        let mark = value.mark();
        if !names_object(key, applied) {
            findings.push(redacted(linker, mark, &format!("key {key}"), &name.to_string()));
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

/// FNV-1a, which tells texts apart that nobody makes to be alike.
fn digest(text: &str) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.trim_end().bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}

/// The finding that a literal credential stands somewhere.
pub(crate) fn redacted(linker: &Linker<'_>, mark: Mark, what: &str, object: &str) -> Diagnostic {
    Diagnostic::warning(
        codes::REDACTED,
        format!("{what} of {object} looks like a credential in plain text"),
    )
    .at(linker.inventory.place(mark))
    .on(object)
    .hint("move it to a Secret that something protects, and rotate it")
}
