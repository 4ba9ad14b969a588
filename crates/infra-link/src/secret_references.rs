//! Catalog entries of Secrets that something reads: who reads it, how, and what makes it.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::secrets::SecretReference;
use infra_model::{Key, KeyTable, ObjectRef};

use crate::keys::GeneratedNames;
use crate::kinds::secret_provider_class;
use crate::linker::Linker;
use crate::uses::{Use, Used, User};

/// Keys of this map.
pub(crate) fn keys(uses: &[Use], generated: &GeneratedNames<'_>) -> KeyTable {
    KeyTable::new(
        uses.iter()
            .filter(|one| one.used == Used::Secret)
            .map(|one| generated.object_name(one)),
    )
}

/// The map `references`.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, SecretReference> {
    let mut entries: BTreeMap<ObjectRef, (SecretReference, BTreeSet<Key>)> = BTreeMap::new();
    let unmounted = secret_provider_class::unmounted(linker.inventory, linker.uses);
    for one in linker.uses.iter().filter(|one| one.used == Used::Secret) {
        let name = linker.generated.object_name(one);
        let (entry, readers) = entries.entry(name.clone()).or_insert_with(|| {
            let copy = linker.producers.copy(&name);
            let reference = SecretReference {
                copy_of: copy.map(|copy| copy.of.clone()),
                copied_by: copy.map(|copy| copy.by.clone()),
                name: name.name.clone(),
                namespace: name.namespace.clone(),
                unmounted: unmounted.contains_key(&name),
                produced_by: linker.producers.of(one, &name, linker.knowledge).produced_by(),
                ..SecretReference::default()
            };
            (reference, BTreeSet::new())
        });
        let usage = linker.usage(one, &name);
        if !entry.usage.contains(&usage) {
            entry.usage.push(usage);
        }
        if let User::Service(key) = &one.user {
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
