//! `vars`: values of fields that replace `$(NAME)` in other fields.
//!
//! Rules:
//! <https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/internal/accumulator/resaccumulator.go>.

mod expand;
mod value;

use std::collections::{HashMap, HashSet};

use smol_str::SmolStr;
use yaml_node::{Node, Value};

use crate::field_spec::{self, Create};
use crate::kustomization::{FieldSpecEntry, VarEntry};
use crate::resource::{Path, ResId, Resource};
use crate::{BuildError, ResMap};

use expand::Values;

/// Registers the vars of a kustomization, and marks the object of each value.
///
/// # Errors
/// [`BuildError::Replacement`] if several objects match a var, or a name is already used.
pub(crate) fn register(
    map: &mut ResMap,
    vars: &mut Vec<VarEntry>,
    incoming: &[VarEntry],
) -> Result<(), BuildError> {
    for var in incoming {
        let matches: Vec<usize> = map
            .matching_any(&var.object_name, |id| is_source(id, var))
            .collect();
        match matches.as_slice() {
            [] => {}
            [only] => {
                map.update(*only, |resource| {
                    resource.ref_vars.push(var.name.clone());
                    Ok(())
                })?;
            }
            several => {
                let message = format!(
                    "found {} resId matches for var {} (unable to disambiguate)",
                    several.len(),
                    description(var)
                );
                return Err(BuildError::replacement(message).at(var.mark));
            }
        }
    }
    merge(vars, incoming.to_vec())
}

// Type and name must be equal. Without a namespace in the var, any matches.
fn is_source(id: &ResId, var: &VarEntry) -> bool {
    id.name == var.object_name
        && id.gvk == var.gvk
        && (var.namespace.is_empty() || id.effective_namespace() == var.namespace)
}

/// Merges the vars of another kustomization into `vars`.
///
/// # Errors
/// [`BuildError::Replacement`] if a name is already used.
pub(crate) fn merge(vars: &mut Vec<VarEntry>, incoming: Vec<VarEntry>) -> Result<(), BuildError> {
    let mut names: HashSet<SmolStr> = vars.iter().map(|var| var.name.clone()).collect();
    for var in incoming {
        if !names.insert(var.name.clone()) {
            let message = format!("var '{}' already encountered", var.name);
            return Err(BuildError::replacement(message).at(var.mark));
        }
        vars.push(var);
    }
    Ok(())
}

/// Replaces vars by their values in the fields of `specs`.
///
/// # Errors
/// [`BuildError::Replacement`] if the object or field of a var is missing, or a list has items that are not strings.
pub(crate) fn resolve(
    map: &mut ResMap,
    vars: &[VarEntry],
    specs: &[FieldSpecEntry],
) -> Result<(), BuildError> {
    if vars.is_empty() {
        return Ok(());
    }
    let mut sorted: Vec<&VarEntry> = vars.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let mut values = Values::new();
    let holders = holders(map);
    for var in sorted {
        values.insert(
            var.name.clone(),
            value_of(&holders, var).map_err(|error| error.at(var.mark))?,
        );
    }
    map.spend(map.len().saturating_mul(specs.len()))?;
    let work = map.work();
    for resource in map.resources_mut() {
        for spec in specs {
            let mut written: Vec<Path> = Vec::new();
            field_spec::apply_at(&mut resource.node, spec, &Create::Never, &mut |field, at| {
                let paths = expand::in_field(field, &values)?;
                if let Some(work) = &work {
                    work.grow(1, text_bytes(field))?;
                }
                written.extend(paths.into_iter().map(|step| {
                    let mut path = at.to_vec();
                    path.extend(step);
                    path
                }));
                Ok(())
            })?;
            for path in &written {
                resource.shared.spread(&mut resource.node, path);
            }
        }
    }
    Ok(())
}

/// The length of the texts in a field, in bytes.
fn text_bytes(field: &Node) -> usize {
    match &field.value {
        Value::Scalar(scalar) => scalar.text.len(),
        Value::Sequence(items) => items.iter().map(text_bytes).sum(),
        Value::Mapping(mapping) => mapping.entries().iter().map(|(_, value)| text_bytes(value)).sum(),
    }
}

/// The first object with the value of each var.
fn holders(map: &ResMap) -> HashMap<&str, &Resource> {
    let mut holders = HashMap::new();
    for resource in map.resources() {
        for name in &resource.ref_vars {
            holders.entry(name.as_str()).or_insert(resource);
        }
    }
    holders
}

fn value_of(holders: &HashMap<&str, &Resource>, var: &VarEntry) -> Result<value::VarValue, BuildError> {
    let Some(resource) = holders.get(var.name.as_str()) else {
        return Err(BuildError::replacement(format!(
            "var '{}' cannot be mapped to a field in the set of known resources",
            description(var)
        )));
    };
    value::read(&resource.node, &var.field_path).ok_or_else(|| {
        BuildError::replacement(format!(
            "field specified in var '{}' not found in corresponding resource",
            description(var)
        ))
    })
}

fn description(var: &VarEntry) -> String {
    format!("{{{} {} {{{}}}}}", var.name, var.gvk, var.field_path)
}
