//! Keys of the catalog maps.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt, HashSet};
use infra_model::{Ambiguous, Key, KeyTable, ObjectRef};

use crate::inventory::{Inventory, Object, SOURCE, kustomization_ref};
use crate::uses::{Use, Used};
use flux_evaluate::Evaluation;

/// Kinds of sources.
pub(crate) const SOURCE_KINDS: &[&str] = &[
    "GitRepository",
    "OCIRepository",
    "HelmRepository",
    "Bucket",
    "HelmChart",
    "ExternalArtifact",
];

/// Keys of Kustomizations.
pub(crate) fn kustomizations(evaluation: &Evaluation) -> KeyTable {
    let evaluated = evaluation.evaluated();
    let ids = evaluated.filter_map(|evaluated| evaluated.id.as_ref());
    KeyTable::new(ids.map(kustomization_ref))
}

/// Keys of all objects, by group and kind: for the maps of one kind, and for users that have no map.
pub(crate) struct ObjectKeys<'a> {
    tables: HashMap<&'a str, HashMap<&'a str, KeyTable>>,
}

impl<'a> ObjectKeys<'a> {
    /// Makes the keys of an inventory.
    pub(crate) fn new(inventory: &Inventory<'a>) -> Self {
        let mut names: HashMap<&str, HashMap<&str, Vec<ObjectRef>>> = HashMap::new();
        for object in &inventory.objects {
            let kinds = names.entry(object.group).or_default();
            kinds.entry(object.kind).or_default().push(object.object_name());
        }
        let tables = names.into_iter().map(|(group, kinds)| {
            let kinds = kinds.into_iter();
            let tables = kinds.map(|(kind, names)| (kind, KeyTable::new(names)));
            (group, tables.collect())
        });
        ObjectKeys {
            tables: tables.collect(),
        }
    }

    /// The key of an object among those of its kind.
    pub(crate) fn key(&self, object: &Object<'_>) -> Key {
        self.table(object.group, object.kind)
            .and_then(|table| table.find(object.kind, object.namespace, object.name).cloned())
            .unwrap_or_else(|| object.name.to_owned())
    }

    /// `Kind/<key>`
    pub(crate) fn kind_key(&self, object: &Object<'_>) -> String {
        format!("{}/{}", object.kind, self.key(object))
    }

    /// The keys of one kind.
    pub(crate) fn table(&self, group: &str, kind: &str) -> Option<&KeyTable> {
        self.tables.get(group)?.get(kind)
    }
}

/// Keys of several kinds that share one map.
pub(crate) fn of_kinds(inventory: &Inventory<'_>, group: &str, kinds: &[&str]) -> KeyTable {
    KeyTable::new(inventory.of_kinds(group, kinds).map(Object::object_name))
}

/// Keys of stated and referenced sources, as `<Kind>/<key>`.
pub(crate) fn sources(
    inventory: &Inventory<'_>,
    referenced: impl IntoIterator<Item = ObjectRef>,
) -> (BTreeMap<ObjectRef, Key>, Ambiguous) {
    let mut by_kind: BTreeMap<String, Vec<ObjectRef>> = BTreeMap::new();
    let stated = inventory.of_kinds(SOURCE, SOURCE_KINDS).map(Object::object_name);
    for name in stated.chain(referenced) {
        by_kind.entry(name.kind.to_string()).or_default().push(name);
    }
    let (mut keys, mut ambiguous) = (BTreeMap::new(), Ambiguous::new());
    for (kind, names) in by_kind {
        let table = KeyTable::new(names);
        let entries = table.iter();
        keys.extend(entries.map(|(name, key)| (name.clone(), format!("{kind}/{key}"))));
        ambiguous.extend(table.ambiguous().iter().map(|(name, keys)| {
            let keys = keys.iter().map(|key| format!("{kind}/{key}")).collect();
            (format!("{kind}/{name}"), keys)
        }));
    }
    (keys, ambiguous)
}

/// Names of ConfigMaps and Secrets with and without the hash suffix.
#[derive(Default)]
pub(crate) struct GeneratedNames<'a> {
    by_rendered: HashMap<(Used, &'a str, &'a str), &'a str>,
    by_unhashed: HashMap<(Used, &'a str, &'a str), &'a str>,
    /// The names of objects as they are applied.
    stated: HashSet<(Used, &'a str, &'a str)>,
}

impl<'a> GeneratedNames<'a> {
    /// Collects the names of an inventory.
    pub(crate) fn new(inventory: &Inventory<'a>) -> Self {
        let mut names = GeneratedNames::default();
        for (kind, used) in [("ConfigMap", Used::ConfigMap), ("Secret", Used::Secret)] {
            for object in inventory.of("", kind) {
                let unhashed = object.unhashed_name();
                let stated = (used, object.namespace, object.name);
                names.stated.insert(stated);
                if unhashed != object.name {
                    names.by_rendered.insert(stated, unhashed);
                    let name = (used, object.namespace, unhashed);
                    names.by_unhashed.insert(name, object.name);
                }
            }
        }
        names
    }

    /// The name by which a used object is catalogued.
    pub(crate) fn catalogued<'n>(&self, used: Used, namespace: &str, name: &'n str) -> &'n str
    where
        'a: 'n,
    {
        let unhashed = self.by_rendered.get(&(used, namespace, name));
        unhashed.copied().unwrap_or(name)
    }

    /// The rendered name of an object that is generated with a hash suffix, by the name before it.
    pub(crate) fn rendered(&self, used: Used, namespace: &str, unhashed: &str) -> Option<&'a str> {
        self.by_unhashed.get(&(used, namespace, unhashed)).copied()
    }

    /// Whether a use names a generated object without its hash suffix: no object has that name.
    pub(crate) fn misses(&self, found: &Use) -> bool {
        let name = (found.used, found.namespace.as_str(), found.name.as_str());
        self.by_unhashed.contains_key(&name) && !self.stated.contains(&name)
    }

    /// The catalogued identity of a used object.
    pub(crate) fn object_name(&self, found: &Use) -> ObjectRef {
        let name = self.catalogued(found.used, &found.namespace, &found.name);
        ObjectRef::new(found.used.kind(), &found.namespace, name)
    }
}
