//! The keys of each catalog map.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use infra_model::{Ambiguous, Key, KeyTable, ObjectRef};

use crate::inventory::{Inventory, Object, SOURCE};
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
    KeyTable::new(
        evaluation
            .evaluated()
            .filter_map(|evaluated| evaluated.id.as_ref())
            .map(|id| ObjectRef::new("Kustomization", &id.namespace, &id.name)),
    )
}

/// Keys of all objects, by group and kind: the maps of one kind, and users that have no map.
pub(crate) struct ObjectKeys<'a> {
    tables: HashMap<&'a str, HashMap<&'a str, KeyTable>>,
}

impl<'a> ObjectKeys<'a> {
    /// Of every object of an inventory.
    pub(crate) fn new(inventory: &Inventory<'a>) -> Self {
        let mut names: HashMap<&str, HashMap<&str, Vec<ObjectRef>>> = HashMap::new();
        for object in &inventory.objects {
            let kinds = names.entry(object.group).or_default();
            kinds.entry(object.kind).or_default().push(object.object_name());
        }
        let tables = |kinds: HashMap<&'a str, Vec<ObjectRef>>| {
            kinds
                .into_iter()
                .map(|(kind, names)| (kind, KeyTable::new(names)))
                .collect()
        };
        ObjectKeys {
            tables: names
                .into_iter()
                .map(|(group, kinds)| (group, tables(kinds)))
                .collect(),
        }
    }

    /// The key of an object among those of its kind.
    pub(crate) fn key(&self, object: &Object<'_>) -> Key {
        self.table(object.group, object.kind)
            .and_then(|table| table.get(&object.object_name()).cloned())
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
    KeyTable::new(
        kinds
            .iter()
            .flat_map(|kind| inventory.of(group, kind))
            .map(Object::object_name),
    )
}

/// Keys of sources, `<Kind>/<key>`: those that the repository states and those that are only referenced.
pub(crate) fn sources(
    inventory: &Inventory<'_>,
    referenced: impl IntoIterator<Item = ObjectRef>,
) -> (BTreeMap<ObjectRef, Key>, Ambiguous) {
    let mut by_kind: BTreeMap<String, Vec<ObjectRef>> = BTreeMap::new();
    let stated = SOURCE_KINDS
        .iter()
        .flat_map(|kind| inventory.of(SOURCE, kind))
        .map(Object::object_name);
    for name in stated.chain(referenced) {
        by_kind.entry(name.kind.clone()).or_default().push(name);
    }
    let (mut keys, mut ambiguous) = (BTreeMap::new(), Ambiguous::new());
    for (kind, names) in by_kind {
        let table = KeyTable::new(names);
        keys.extend(
            table
                .iter()
                .map(|(name, key)| (name.clone(), format!("{kind}/{key}"))),
        );
        ambiguous.extend(table.ambiguous().iter().map(|(name, keys)| {
            let keys = keys.iter().map(|key| format!("{kind}/{key}")).collect();
            (format!("{kind}/{name}"), keys)
        }));
    }
    (keys, ambiguous)
}

/// Rendered names of generated objects turn into the names before the hash suffix.
pub(crate) struct GeneratedNames<'a> {
    by_rendered: HashMap<(Used, &'a str, &'a str), &'a str>,
    by_unhashed: HashMap<(Used, &'a str, &'a str), &'a str>,
    /// The names of objects as they are applied.
    stated: HashSet<(Used, &'a str, &'a str)>,
}

impl<'a> GeneratedNames<'a> {
    /// Of the ConfigMaps and Secrets of an inventory.
    pub(crate) fn new(inventory: &Inventory<'a>) -> Self {
        let mut names = GeneratedNames {
            by_rendered: HashMap::new(),
            by_unhashed: HashMap::new(),
            stated: HashSet::new(),
        };
        for (kind, used) in [("ConfigMap", Used::ConfigMap), ("Secret", Used::Secret)] {
            for object in inventory.of("", kind) {
                let unhashed = object.unhashed_name();
                names.stated.insert((used, object.namespace, object.name));
                if unhashed != object.name {
                    names
                        .by_rendered
                        .insert((used, object.namespace, object.name), unhashed);
                    names
                        .by_unhashed
                        .insert((used, object.namespace, unhashed), object.name);
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
        self.by_rendered
            .get(&(used, namespace, name))
            .copied()
            .unwrap_or(name)
    }

    /// The rendered name of an object that is generated with a hash suffix, by the name before it.
    pub(crate) fn rendered(&self, used: Used, namespace: &str, unhashed: &str) -> Option<&'a str> {
        self.by_unhashed.get(&(used, namespace, unhashed)).copied()
    }

    /// Whether a use names a generated object without the hash behind its name, and so nothing that is there.
    pub(crate) fn misses(&self, one: &Use) -> bool {
        let name = (one.used, one.namespace.as_str(), one.name.as_str());
        self.by_unhashed.contains_key(&name) && !self.stated.contains(&name)
    }

    /// The catalogued identity of what a use names.
    pub(crate) fn object_name(&self, one: &Use) -> ObjectRef {
        let name = self.catalogued(one.used, &one.namespace, &one.name);
        ObjectRef::new(one.used.kind(), &one.namespace, name)
    }
}
