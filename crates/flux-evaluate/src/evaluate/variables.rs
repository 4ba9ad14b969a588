//! The values that a Kustomization substitutes, from its `postBuild` and the objects of a round.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::outside::Outside;
use super::typed_objects::TypedObjects;
use crate::flux::{PostBuild, SubstituteReference};
use crate::substitute::{VariableValue, Variables};
use crate::{DefinedIn, KustomizationId};
use source_tree::ObjectRef;

/// The merged values, and what could not be had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Merged {
    pub(super) variables: Variables,
    /// References to objects that nothing makes.
    pub(super) missing: Vec<SubstituteReference>,
    /// References to objects that SOPS encrypts.
    pub(super) encrypted: Vec<SubstituteReference>,
}

/// The values of `substituteFrom`, for each list of objects once. Whole fleets name the same objects.
#[derive(Debug, Default)]
pub(super) struct SubstituteFrom(Mutex<BTreeMap<Vec<ObjectRef>, Variables>>);

impl SubstituteFrom {
    fn get(&self, objects: Vec<ObjectRef>, typed: &TypedObjects<'_>, outside: &Outside) -> Variables {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(variables) = known.get(&objects) {
            return variables.clone();
        }
        let mut variables = Variables::default();
        for (name, value) in outside.defaults() {
            variables.set(name, value.clone());
        }
        for object in &objects {
            let values = match (outside.object(object), typed.values(object)) {
                (Some(values), _) => values.to_vec(),
                (None, Some(found)) => found.variables(object),
                (None, None) => continue,
            };
            for (name, value) in values {
                variables.set(&name, value);
            }
        }
        let variables = variables.into_shared();
        known.insert(objects, variables.clone());
        variables
    }
}

/// Merges `substituteFrom` in order, then `substitute`.
pub(super) fn merge(
    post_build: &PostBuild,
    id: &KustomizationId,
    from: &SubstituteFrom,
    typed: &TypedObjects<'_>,
    outside: &Outside,
) -> Merged {
    let mut merged = Merged::default();
    let mut objects = Vec::new();
    for reference in &post_build.substitute_from {
        let object = ObjectRef::new(&reference.kind, &id.namespace, &reference.name);
        match (outside.object(&object), typed.values(&object)) {
            (Some(_), _) => {}
            (None, Some(found)) if found.is_encrypted() => merged.encrypted.push(reference.clone()),
            (None, Some(_)) => {}
            (None, None) => merged.missing.push(reference.clone()),
        }
        objects.push(object);
    }
    merged.variables = from.get(objects, typed, outside);
    let object = ObjectRef::new("Kustomization", &id.namespace, &id.name);
    let defined_in = Arc::new(DefinedIn::Object(object));
    for (name, value) in &post_build.substitute {
        merged
            .variables
            .set(name, VariableValue::plain(value, Arc::clone(&defined_in)));
    }
    merged
}
