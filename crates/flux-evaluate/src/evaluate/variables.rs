//! The variables of a Kustomization, from its `postBuild` and the objects of a round.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::outside::Outside;
use super::reach::Definition;
use super::typed_objects::TypedObjects;
use crate::DefinedIn;
use crate::flux::SubstituteReference;
use crate::substitute::{VariableValue, Variables};
use source_tree::ObjectRef;
use yaml_node::Node;

/// The merged values, and references to objects with unknown values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Merged {
    pub(super) variables: Variables,
    /// References to objects that nothing makes.
    pub(super) missing: Vec<SubstituteReference>,
    /// References to objects that a manifest defines and an operator makes too, with values that only the cluster knows.
    pub(super) also_made: Vec<SubstituteReference>,
    /// References to objects that SOPS encrypts.
    pub(super) encrypted: Vec<SubstituteReference>,
}

/// The values of each list of `substituteFrom`, read once: whole fleets have the same list.
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
            for (name, value) in variable_values(object, typed, outside).unwrap_or_default() {
                variables.set(&name, value);
            }
        }
        let variables = variables.into_shared();
        known.insert(objects, variables.clone());
        variables
    }
}

/// The values of a ConfigMap or Secret; those that the caller gives have precedence.
pub(super) fn variable_values(
    object: &ObjectRef,
    typed: &TypedObjects<'_>,
    outside: &Outside,
) -> Option<Vec<(String, VariableValue)>> {
    let given = outside.object(object).map(<[_]>::to_vec);
    given.or_else(|| Some(typed.values(object)?.variables(object)))
}

/// Merges `substituteFrom` in order.
pub(super) fn merge(
    substitute_from: &[SubstituteReference],
    namespace: &str,
    from: &SubstituteFrom,
    typed: &TypedObjects<'_>,
    outside: &Outside,
) -> Merged {
    let mut merged = Merged::default();
    let mut objects = Vec::new();
    for reference in substitute_from {
        let object = ObjectRef::new(&reference.kind, namespace, &reference.name);
        match (outside.object(&object), typed.values(&object)) {
            (Some(_), _) => {}
            (None, Some(found)) if found.is_encrypted() => merged.encrypted.push(reference.clone()),
            (None, Some(_)) if typed.maker(&object).is_some() => merged.also_made.push(reference.clone()),
            (None, Some(_)) => {}
            (None, None) => merged.missing.push(reference.clone()),
        }
        objects.push(object);
    }
    merged.variables = from.get(objects, typed, outside);
    merged
}

impl Merged {
    /// References to objects of which only the cluster knows all values.
    pub(super) fn unknown(&self) -> impl Iterator<Item = &SubstituteReference> {
        self.missing.iter().chain(&self.also_made)
    }

    /// Puts the values of `substitute` over those of `substituteFrom`.
    ///
    /// The parent substitutes in the Kustomization too, so that a value may come from a Secret, which is not shown, or be
    /// unknown here: it is then null in `rendered`, though the cluster has one.
    pub(super) fn add_stated(&mut self, definition: &Definition) {
        let id = &definition.view.id;
        let object = ObjectRef::new("Kustomization", &id.namespace, &id.name);
        let defined_in = Arc::new(DefinedIn::Object(object));
        let object = &definition.object;
        let shown = object.rendered.is_some().then_some(&object.node);
        let shown_text = |name: &str| shown?.text_at(&["spec", "postBuild", "substitute", name]);
        let stated = definition.view.post_build.iter();
        for (name, value) in stated.flat_map(|post_build| &post_build.substitute) {
            let defined_in = Arc::clone(&defined_in);
            let value = match (shown, shown_text(name)) {
                (None, _) => VariableValue::plain(value, defined_in),
                (Some(_), Some(shown)) => VariableValue::partly_known(value, shown, defined_in),
                (Some(_), None) => VariableValue::secret(Some(value), defined_in),
            };
            self.variables.set(name, value);
        }
        let shown = shown.and_then(|node| node.at(&["spec", "postBuild", "substitute"]));
        let applied = object.rendered.as_ref();
        for (name, value) in shown.into_iter().flat_map(Node::iter) {
            let is_applied = applied
                .and_then(|node| node.at(&["spec", "postBuild", "substitute", name]))
                .is_some_and(|value| !value.is_null());
            let text = value.text().filter(|text| text.contains("${"));
            if let (false, Some(text)) = (is_applied, text) {
                self.variables
                    .set(name, VariableValue::unknown(text, Arc::clone(&defined_in)));
            }
        }
    }
}
