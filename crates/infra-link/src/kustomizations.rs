//! Catalog entries of Flux Kustomizations.

use std::collections::BTreeMap;

use flux_evaluate::{Evaluated, KustomizationId, flux};
use foldhash::HashMap;
use infra_model::flux::{Kustomization, SubstituteFrom};
use infra_model::{Key, KeyTable};

use crate::inventory::{Inventory, ObjectId, Owner, kustomization_ref};
use crate::linker::Linker;
use crate::setting_places::{places, without_own};
use crate::view::View;

/// The map `kustomizations`. Each lists its services in the order in which it applies them.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, Kustomization> {
    let inventory = linker.inventory;
    let candidates = linker.candidates.iter();
    let services: HashMap<ObjectId, &Key> = candidates
        .map(|candidate| (candidate.id, &candidate.key))
        .collect();
    let mut entries: BTreeMap<Key, Kustomization> = BTreeMap::new();
    for owner in &inventory.owners {
        let evaluated = owner.evaluated;
        let (Some(key), Some(id), Some(spec)) = (&owner.key, &evaluated.id, &evaluated.kustomization) else {
            continue;
        };
        let mut entry = entry(inventory, owner, id, spec, linker.kustomization_keys);
        let managed = owner.objects.iter().filter_map(|id| services.get(id));
        entry.manages = managed.copied().cloned().collect();
        entries.insert(key.clone(), entry);
    }
    // The reverse edges.
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
    Some(match owner.evaluated.path.as_str() {
        "" => "./".to_owned(),
        path => format!("{path}/"),
    })
}

/// The key of a Kustomization; `namespace/name` if there is none of that name.
pub(crate) fn key_or_name(keys: &KeyTable, id: &KustomizationId) -> Key {
    let key = keys.get(&kustomization_ref(id)).cloned();
    key.unwrap_or_else(|| id.to_string())
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
    let object = evaluated.object.as_ref();
    let also = evaluated.also_emitted_by.iter();
    let post_build = spec.post_build.iter();
    let mut substitute: Vec<String> = post_build
        .flat_map(|post_build| &post_build.substitute)
        .map(|(name, _)| name.clone())
        .collect();
    substitute.sort_unstable();
    let without_credentials = |text: &str| redaction::without_credentials(text).into_owned();
    Kustomization {
        name: id.name.to_string(),
        namespace: id.namespace.to_string(),
        path: match spec.path.as_str() {
            "" => format!("./{}", evaluated.path),
            path => path.to_owned(),
        },
        source_ref: source.map(|source| source.id.name.to_string()),
        source_kind: source
            .map(|source| source.id.kind.to_string())
            .filter(|kind| !kind.is_empty()),
        source_namespace: source
            .filter(|source| source.states_namespace)
            .map(|source| source.id.namespace.to_string()),
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
        substitute,
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
        also_applied_by: also.map(|id| key_or_name(keys, id)).collect(),
        // The Kustomization does not apply the objects that controllers make.
        objects: evaluated
            .objects
            .iter()
            .filter(|applied| applied.generated_by.is_none())
            .count(),
        error: evaluated.error.as_deref().map(without_credentials),
        partial: !evaluated.left_out.is_empty(),
        missing: evaluated
            .left_out
            .iter()
            .map(|part| without_credentials(&part.what))
            .collect(),
        unknown_variables: evaluated
            .variable_uses
            .iter()
            .filter(|(_, used)| used.unknown && !used.defaulted)
            .map(|(name, _)| name.clone())
            .collect(),
        generated_by: evaluated.generated_by.clone(),
        places: object
            .map(|object| {
                let view = View::new(&object.node, Some(&object.built), None);
                // Pruning is usual.
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
            _ => object.and_then(|object| inventory.place(object.mark)),
        },
        ..Kustomization::default()
    }
}

fn substitute_from(evaluated: &Evaluated) -> Vec<SubstituteFrom> {
    let references = evaluated.substitute_from().iter();
    let entries = references.map(|reference| {
        let (kind, name) = (&reference.kind, &reference.name);
        let mut missing = evaluated.missing.iter();
        SubstituteFrom {
            kind: kind.clone(),
            name: name.clone(),
            optional: reference.optional,
            known: !missing.any(|object| object.kind == *kind && object.name == *name),
        }
    });
    entries.collect()
}
