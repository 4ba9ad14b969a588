//! `vars`: values of objects' fields, for `$(NAME)` in other fields.
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

/// Notes the vars of a kustomization, and in which object each will find its value.
///
/// # Errors
/// [`BuildError::Replacement`] where several objects could hold a value, or a name is taken.
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

// Type and name are compared exactly. Without a namespace any will do.
fn is_source(id: &ResId, var: &VarEntry) -> bool {
    id.name == var.object_name
        && id.gvk == var.gvk
        && (var.namespace.is_empty() || id.effective_namespace() == var.namespace)
}

/// Adds vars to those of another kustomization.
///
/// # Errors
/// [`BuildError::Replacement`] where a name is taken.
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

/// Writes the values of vars into the fields that `specs` name.
///
/// # Errors
/// [`BuildError::Replacement`] where a var has no object or field, or a list holds something else than strings.
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

/// Bytes of the texts in a field.
fn text_bytes(field: &Node) -> usize {
    match &field.value {
        Value::Scalar(scalar) => scalar.text.len(),
        Value::Sequence(items) => items.iter().map(text_bytes).sum(),
        Value::Mapping(mapping) => mapping.entries().iter().map(|(_, value)| text_bytes(value)).sum(),
    }
}

/// The first object that holds the value of each var.
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
