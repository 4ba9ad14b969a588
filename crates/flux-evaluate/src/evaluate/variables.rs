//! The values that a Kustomization substitutes, from its `postBuild` and the objects of a round.

use std::sync::Arc;

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

/// Merges `substituteFrom` in order, then `substitute`.
pub(super) fn merge(
    post_build: &PostBuild,
    id: &KustomizationId,
    typed: &TypedObjects<'_>,
    outside: &Outside,
) -> Merged {
    let mut merged = Merged::default();
    for (name, value) in outside.defaults() {
        merged.variables.set(name, value.clone());
    }
    for reference in &post_build.substitute_from {
        let object = ObjectRef::new(&reference.kind, &id.namespace, &reference.name);
        let values = match (outside.object(&object), typed.values(&object)) {
            (Some(values), _) => values.to_vec(),
            (None, Some(found)) => {
                if found.is_encrypted() {
                    merged.encrypted.push(reference.clone());
                }
                found.variables(&object)
            }
            (None, None) => {
                merged.missing.push(reference.clone());
                continue;
            }
        };
        for (name, value) in values {
            merged.variables.set(&name, value);
        }
    }
    let object = ObjectRef::new("Kustomization", &id.namespace, &id.name);
    let defined_in = Arc::new(DefinedIn::Object(object));
    for (name, value) in &post_build.substitute {
        merged
            .variables
            .set(name, VariableValue::plain(value, Arc::clone(&defined_in)));
    }
    merged
}
