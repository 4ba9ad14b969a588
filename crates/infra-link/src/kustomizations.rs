//! Catalog entries of Flux Kustomizations, as their parents apply them.

use std::collections::BTreeMap;

use flux_evaluate::{Evaluated, KustomizationId, flux};
use foldhash::HashMap;
use infra_model::flux::{Kustomization, SubstituteFrom};
use infra_model::{Key, KeyTable, ObjectRef};

use crate::inventory::{Inventory, ObjectId, Owner};
use crate::linker::Linker;
use crate::setting_places::{places, without_own};
use crate::view::View;

/// The map `kustomizations`. What each manages stands in the order in which it applies it.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, Kustomization> {
    let inventory = linker.inventory;
    let services: HashMap<ObjectId, &Key> = linker
        .candidates
        .iter()
        .map(|candidate| (candidate.id, &candidate.key))
        .collect();
    let mut entries: BTreeMap<Key, Kustomization> = BTreeMap::new();
    for owner in &inventory.owners {
        let evaluated = owner.evaluated;
        let (Some(key), Some(id), Some(spec)) = (&owner.key, &evaluated.id, &evaluated.kustomization) else {
            continue;
        };
        let mut entry = entry(inventory, owner, id, spec, linker.kustomization_keys);
        entry.manages = owner
            .objects
            .iter()
            .filter_map(|id| services.get(id).copied().cloned())
            .collect();
        entries.insert(key.clone(), entry);
    }
    // The other direction of two edges.
    let edges: Vec<(Key, Option<Key>, Vec<Key>)> = entries
        .iter()
        .map(|(key, entry)| (key.clone(), entry.parent.clone(), entry.depends_on.clone()))
        .collect();
    for (key, parent, depends_on) in edges {
        if let Some(parent) = parent.and_then(|parent| entries.get_mut(&parent)) {
            parent.children.push(key.clone());
        }
        for dependency in depends_on {
            if let Some(dependency) = entries.get_mut(&dependency)
                && !dependency.dependents.contains(&key)
            {
                dependency.dependents.push(key.clone());
            }
        }
    }
    entries
}

/// `spec.path` without `./`, with a final `/`.
pub(crate) fn flux_path(owner: &Owner<'_>) -> Option<String> {
    owner.evaluated.id.as_ref()?;
    let path = owner.evaluated.path.as_str();
    Some(if path.is_empty() {
        "./".to_owned()
    } else {
        format!("{path}/")
    })
}

/// The key of a Kustomization; `namespace/name` where nothing has that name.
pub(crate) fn key_or_name(keys: &KeyTable, id: &KustomizationId) -> Key {
    keys.get(&ObjectRef::new("Kustomization", &id.namespace, &id.name))
        .cloned()
        .unwrap_or_else(|| id.to_string())
}

fn entry(
    inventory: &Inventory<'_>,
    owner: &Owner<'_>,
    id: &KustomizationId,
    spec: &flux::Kustomization,
    keys: &KeyTable,
) -> Kustomization {
    let evaluated = owner.evaluated;
    let source = spec.source.as_ref();
    let kube_config = spec.kube_config.as_ref();
    let also: Vec<Key> = evaluated
        .also_emitted_by
        .iter()
        .map(|id| key_or_name(keys, id))
        .collect();
    Kustomization {
        name: id.name.clone(),
        namespace: id.namespace.clone(),
        path: match spec.path.as_str() {
            "" => format!("./{}", evaluated.path),
            path => path.to_owned(),
        },
        source_ref: source.map(|source| source.id.name.clone()),
        source_kind: source
            .map(|source| source.id.kind.clone())
            .filter(|kind| !kind.is_empty()),
        source_namespace: source
            .filter(|source| source.states_namespace)
            .map(|source| source.id.namespace.clone()),
        depends_on: spec.depends_on.iter().map(|id| key_or_name(keys, id)).collect(),
        interval: spec.interval.clone(),
        prune: spec.prune,
        suspend: owner.suspend,
        target_namespace: spec.target_namespace.clone(),
        name_prefix: spec.name_prefix.clone(),
        name_suffix: spec.name_suffix.clone(),
        wait: spec.wait,
        timeout: spec.timeout.clone(),
        retry_interval: spec.retry_interval.clone(),
        components: spec.components.clone(),
        substitute: sorted(
            spec.post_build
                .iter()
                .flat_map(|post_build| &post_build.substitute)
                .map(|(name, _)| name.as_str()),
        ),
        substitute_from: substitute_from(evaluated),
        decryption: spec
            .decryption
            .as_ref()
            .and_then(|decryption| decryption.provider.clone()),
        health_checks: spec.health_checks.clone(),
        health_check_exprs: spec.health_check_exprs.clone(),
        kube_config: kube_config
            .and_then(flux::KubeConfig::holder)
            .map(|(_, name)| name.to_owned()),
        parent: evaluated
            .parent
            .as_ref()
            .filter(|parent| *parent != id && !inventory.evaluation.is_remote)
            .map(|parent| key_or_name(keys, parent)),
        also_applied_by: also,
        // What controllers make of these objects is not applied by the Kustomization.
        objects: evaluated
            .objects
            .iter()
            .filter(|applied| applied.generated_by.is_none())
            .count(),
        error: evaluated
            .error
            .as_deref()
            .map(|error| redaction::without_credentials(error).into_owned()),
        partial: !evaluated.left_out.is_empty(),
        missing: evaluated
            .left_out
            .iter()
            .map(|part| redaction::without_credentials(&part.what).into_owned())
            .collect(),
        unknown_variables: evaluated
            .variable_uses
            .iter()
            .filter(|(_, used)| used.unknown && !used.defaulted)
            .map(|(name, _)| name.clone())
            .collect(),
        generated_by: evaluated.generated_by.clone(),
        places: evaluated
            .object
            .as_ref()
            .map(|object| {
                let view = View::new(&object.node, Some(&object.built), None);
                // That Flux deletes what is gone from Git is usual.
                let settings: &[_] = match spec.prune {
                    true => &[("interval", "interval")],
                    false => &[("interval", "interval"), ("prune", "prune")],
                };
                let own = inventory.place(object.mark);
                without_own(places(inventory, view, settings), "interval", own.as_ref())
            })
            .unwrap_or_default(),
        source: match &evaluated.generated_by {
            Some(by) if crate::linker::is_flux_instance(by) => None,
            _ => evaluated
                .object
                .as_ref()
                .and_then(|object| inventory.place(object.mark)),
        },
        ..Kustomization::default()
    }
}

fn sorted<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort_unstable();
    names
}

fn substitute_from(evaluated: &Evaluated) -> Vec<SubstituteFrom> {
    evaluated
        .substitute_from()
        .iter()
        .map(|reference| {
            let (kind, name) = (&reference.kind, &reference.name);
            let mut missing = evaluated.missing.iter();
            SubstituteFrom {
                kind: kind.clone(),
                name: name.clone(),
                optional: reference.optional,
                known: !missing.any(|object| object.kind == *kind && object.name == *name),
            }
        })
        .collect()
}
