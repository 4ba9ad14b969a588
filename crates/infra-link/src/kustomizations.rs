//! Flux Kustomizations, as their parents apply them, turn into catalog entries.

use std::collections::BTreeMap;

use foldhash::HashMap;
use infra_model::flux::{Kustomization, SubstituteFrom};
use infra_model::{Key, KeyTable, ObjectRef};
use yaml_node::Node;

use crate::inventory::{Inventory, ObjectId, Owner};
use crate::linker::Linker;
use crate::order;
use flux_evaluate::KustomizationId;

/// The map `kustomizations`. What each manages stands in the order in which it applies it.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, Kustomization> {
    let inventory = linker.inventory;
    let services: HashMap<ObjectId, &Key> = linker.seeds.iter().map(|seed| (seed.id, &seed.key)).collect();
    let mut entries: BTreeMap<Key, Kustomization> = BTreeMap::new();
    for owner in &inventory.owners {
        let (Some(key), Some(id)) = (&owner.key, &owner.evaluated.id) else {
            continue;
        };
        let mut entry = entry(inventory, owner, id, linker.kustomization_keys);
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
    keys: &KeyTable,
) -> Kustomization {
    let evaluated = owner.evaluated;
    let empty = Node::null();
    let spec = evaluated
        .object
        .as_ref()
        .and_then(|object| object.node.get("spec"))
        .unwrap_or(&empty);
    let text = |path: &[&str]| {
        spec.text_at(path)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let truth = |key: &str| spec.get(key).and_then(Node::as_bool).unwrap_or(false);
    let also: Vec<Key> = evaluated
        .also_emitted_by
        .iter()
        .map(|id| key_or_name(keys, id))
        .collect();
    Kustomization {
        name: id.name.clone(),
        namespace: id.namespace.clone(),
        path: text(&["path"]).unwrap_or_else(|| format!("./{}", evaluated.path)),
        source_ref: text(&["sourceRef", "name"]),
        source_kind: text(&["sourceRef", "kind"]),
        source_namespace: text(&["sourceRef", "namespace"]),
        depends_on: order::depends_on(evaluated)
            .iter()
            .map(|id| key_or_name(keys, id))
            .collect(),
        interval: text(&["interval"]),
        prune: truth("prune"),
        suspend: owner.suspend,
        target_namespace: text(&["targetNamespace"]),
        name_prefix: text(&["namePrefix"]),
        name_suffix: text(&["nameSuffix"]),
        wait: truth("wait"),
        timeout: text(&["timeout"]),
        retry_interval: text(&["retryInterval"]),
        components: texts(spec.get("components")),
        substitute: sorted(
            spec.at(&["postBuild", "substitute"])
                .into_iter()
                .flat_map(Node::iter)
                .map(|(key, _)| key),
        ),
        substitute_from: substitute_from(evaluated, spec),
        decryption: text(&["decryption", "provider"]),
        health_checks: health_checks(spec, &id.namespace),
        kube_config: text(&["kubeConfig", "secretRef", "name"])
            .or_else(|| text(&["kubeConfig", "configMapRef", "name"])),
        parent: evaluated
            .parent
            .as_ref()
            .filter(|parent| *parent != id)
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

fn texts(list: Option<&Node>) -> Vec<String> {
    list.map_or(&[][..], Node::items)
        .iter()
        .filter_map(Node::text)
        .map(str::to_owned)
        .collect()
}

fn sorted<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort_unstable();
    names
}

fn substitute_from(evaluated: &flux_evaluate::Evaluated, spec: &Node) -> Vec<SubstituteFrom> {
    let entries = spec
        .at(&["postBuild", "substituteFrom"])
        .map_or(&[][..], Node::items);
    entries
        .iter()
        .filter_map(|entry| {
            let kind = entry.text_at(&["kind"])?.to_owned();
            let name = entry.text_at(&["name"])?.to_owned();
            let missing = evaluated.missing.contains(&format!("{kind}/{name}"));
            Some(SubstituteFrom {
                optional: entry.get("optional").and_then(Node::as_bool).unwrap_or(false),
                known: !missing,
                kind,
                name,
            })
        })
        .collect()
}

/// `Kind/namespace/name`
fn health_checks(spec: &Node, own_namespace: &str) -> Vec<String> {
    let entries = spec.get("healthChecks").map_or(&[][..], Node::items);
    entries
        .iter()
        .filter_map(|entry| {
            let namespace = entry
                .text_at(&["namespace"])
                .filter(|text| !text.is_empty())
                .unwrap_or(own_namespace);
            let name = ObjectRef::new(entry.text_at(&["kind"])?, namespace, entry.text_at(&["name"])?);
            Some(name.to_string())
        })
        .collect()
}
