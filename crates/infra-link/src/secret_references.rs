//! Catalog entries of Secrets that are read, with their readers and producers.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::secrets::SecretReference;
use infra_model::{Key, KeyTable, ObjectRef};

use crate::keys::GeneratedNames;
use crate::kinds::secret_provider_class;
use crate::linker::Linker;
use crate::uses::{Use, Used, User};

/// Keys of this map.
pub(crate) fn keys(uses: &[Use], generated: &GeneratedNames<'_>) -> KeyTable {
    let uses = uses.iter().filter(|found| found.used == Used::Secret);
    KeyTable::new(uses.map(|found| generated.object_name(found)))
}

/// The map `references`.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, SecretReference> {
    let mut entries: BTreeMap<ObjectRef, (SecretReference, BTreeSet<Key>)> = BTreeMap::new();
    let unmounted = secret_provider_class::unmounted(linker.inventory, linker.uses);
    let uses = linker.uses.iter();
    for found in uses.filter(|found| found.used == Used::Secret) {
        let name = linker.generated.object_name(found);
        let (entry, readers) = entries.entry(name.clone()).or_insert_with(|| {
            let copy = linker.producers.copy(&name);
            let reference = SecretReference {
                copy_of: copy.map(|copy| copy.of.clone()),
                copied_by: copy.map(|copy| copy.by.clone()),
                name: name.name.to_string(),
                namespace: name.namespace.to_string(),
                unmounted: unmounted.contains_key(&name),
                produced_by: linker.producers.of(found, &name, linker.knowledge).produced_by(),
                ..SecretReference::default()
            };
            (reference, BTreeSet::new())
        });
        let usage = linker.usage(found, &name);
        if !entry.usage.contains(&usage) {
            entry.usage.push(usage);
        }
        if let User::Service(key) = &found.user {
            readers.insert(key.clone());
        }
    }
    entries
        .into_iter()
        .filter_map(|(name, (mut entry, readers))| {
            entry.usage.sort();
            entry.used_by = readers.into_iter().collect();
            Some((linker.reference_keys.get(&name)?.clone(), entry))
        })
        .collect()
}
