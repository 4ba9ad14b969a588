//! The catalog of variable substitution: sources, variables, undefined variables.

mod readings;
mod uses;

use std::collections::{BTreeMap, BTreeSet};

use infra_model::config::{
    UndefinedVariable, Variable, VariableDefinition, VariableReading, VariableSource, VariableSubstitution,
};
use infra_model::{Key, ObjectRef, Place};

use crate::inventory::Owner;
use crate::linker::Linker;

/// The section `variable_substitution`.
pub(crate) fn link(linker: &Linker<'_>) -> VariableSubstitution {
    let inventory = linker.inventory;
    let all_sources = &inventory.evaluation.variables.sources;
    let mut sources: BTreeMap<ObjectRef, SourceDraft> = BTreeMap::new();
    let mut variables: BTreeMap<String, Definitions> = BTreeMap::new();
    let mut undefined: BTreeMap<String, (Option<Place>, BTreeSet<Key>)> = BTreeMap::new();
    for owner in &inventory.owners {
        let Some(key) = &owner.key else {
            continue;
        };
        let namespace = owner.evaluated.id.as_ref().map_or("", |id| &id.namespace);
        for (position, reference) in owner.evaluated.substitute_from().iter().enumerate() {
            let id = ObjectRef::new(&reference.kind, namespace, &reference.name);
            let known = all_sources.get(&id).is_some_and(|source| source.known);
            let missing = owner.evaluated.missing.contains(&id);
            let found = sources.entry(id.clone()).or_insert_with(|| SourceDraft {
                source: VariableSource {
                    kind: id.kind.into(),
                    name: id.name.into(),
                    namespace: id.namespace.into(),
                    known: known && !missing,
                    used_by: Vec::new(),
                },
                position,
                users: BTreeSet::new(),
            });
            found.position = found.position.max(position);
            found.users.insert(key.clone());
        }
        for (name, value) in inline(owner) {
            let definitions = variables.entry(name.clone()).or_default();
            definitions.add(format!("Kustomization/{key}"), Some(value.clone()));
            // The uses in unknown objects are unknown, and count as uses of all variables that the Kustomization defines.
            if owner.evaluated.variable_uses.is_empty() {
                let by = readings::definitions(linker, owner, key, name);
                let readings = definitions.readings.entry((by, false)).or_default();
                readings.insert(key.clone());
            }
        }
        for (name, used) in &owner.evaluated.variable_uses {
            let by = readings::definitions(linker, owner, key, name);
            let is_undefined = used.defined_in.is_none() && !used.known && !used.defaulted && by.is_empty();
            if is_undefined {
                let (place, users) = undefined.entry(name.clone()).or_default();
                let first = inventory.place(used.first);
                if place.is_none() || first.as_ref().is_some_and(|first| Some(first) < place.as_ref()) {
                    *place = first;
                }
                users.insert(key.clone());
            }
            let definitions = variables.entry(name.clone()).or_default();
            definitions.users.insert(key.clone());
            // A Secret that is made in the cluster has no value here.
            let is_made = |made: &&VariableDefinition| {
                made.value.is_none() && made.source.is_none() && made.by.starts_with("Secret/")
            };
            for made in by.iter().filter(is_made) {
                definitions.add(made.by.clone(), None);
            }
            let readings = definitions.readings.entry((by, used.defaulted)).or_default();
            readings.insert(key.clone());
        }
    }
    for (id, source) in all_sources {
        for (name, value) in &source.values {
            let definitions = variables.entry(name.clone()).or_default();
            definitions.add(id.to_string(), value.clone());
        }
    }
    assemble(sources, variables, undefined, uses::uses(linker))
}

struct SourceDraft {
    source: VariableSource,
    /// Last position in a `substituteFrom` list: later ones win.
    position: usize,
    users: BTreeSet<Key>,
}

#[derive(Default)]
struct Definitions {
    /// Values; `None` for those of Secrets.
    values: BTreeSet<Option<String>>,
    defined_in: BTreeSet<String>,
    users: BTreeSet<Key>,
    /// Kustomizations by the definitions that they read, and whether every use has a default.
    readings: BTreeMap<(Vec<VariableDefinition>, bool), BTreeSet<Key>>,
}

impl Definitions {
    fn add(&mut self, by: String, value: Option<String>) {
        self.values.insert(value);
        self.defined_in.insert(by);
    }
}

fn assemble(
    sources: BTreeMap<ObjectRef, SourceDraft>,
    variables: BTreeMap<String, Definitions>,
    undefined: BTreeMap<String, (Option<Place>, BTreeSet<Key>)>,
    mut uses: BTreeMap<String, uses::BoundedUses>,
) -> VariableSubstitution {
    let mut sources: Vec<SourceDraft> = sources.into_values().collect();
    sources.sort_by(|a, b| (a.position, &a.source).cmp(&(b.position, &b.source)));
    // The ConfigMap with most readers; of equals the first.
    let config_maps = sources.iter().filter(|draft| draft.source.kind == "ConfigMap");
    let main = config_maps.rev().max_by_key(|draft| draft.users.len());
    let main = main.map(|draft| (draft.source.name.clone(), draft.source.namespace.clone()));
    let (source_config_map, namespace) = main.unzip();
    let sources = sources.into_iter().map(|draft| VariableSource {
        used_by: draft.users.into_iter().collect(),
        ..draft.source
    });
    let variables = variables.into_iter().map(|(name, definitions)| {
        let value = match definitions.values.len() {
            1 => definitions.values.into_iter().next().flatten(),
            _ => None,
        };
        let readings = definitions.readings.into_iter();
        let readings = readings.map(|((definitions, defaulted), users)| VariableReading {
            defaulted,
            kustomizations: users.into_iter().collect(),
            definitions,
        });
        let (uses, more_uses) = uses.remove(&name).unwrap_or_default();
        let variable = Variable {
            value: value.map(|value| readings::shown(&name, &value)),
            defined_in: definitions.defined_in.into_iter().collect(),
            used_by: definitions.users.into_iter().collect(),
            readings: readings.collect(),
            uses,
            more_uses,
        };
        (name, variable)
    });
    let undefined = undefined.into_iter().map(|(name, (place, users))| {
        let (file, line) = Place::parts(place);
        UndefinedVariable {
            name,
            file,
            line,
            used_by: users.into_iter().collect(),
        }
    });
    VariableSubstitution {
        source_config_map,
        namespace,
        sources: sources.collect(),
        variables: variables.collect(),
        undefined: undefined.collect(),
        ..VariableSubstitution::default()
    }
}

/// Names and values of `substitute`.
fn inline<'a>(owner: &Owner<'a>) -> &'a [(String, String)] {
    let kustomization = owner.evaluated.kustomization.as_ref();
    let post_build = kustomization.and_then(|kustomization| kustomization.post_build.as_ref());
    post_build.map_or(&[], |post_build| &post_build.substitute)
}
