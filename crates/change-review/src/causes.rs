//! The line of another object or file that decides a new value: the definition of a variable, a value of a release.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{DefinedIn, Evaluation};
use source_tree::{Diagnostic, ObjectRef, Place};
use yaml_node::{Node, Value};

use crate::objects::{Object, kustomizations};
use crate::owner::Owner;
use crate::release::decided_by;
use crate::review::{FieldChange, ObjectChange};
use crate::side::Side;

/// A changed value that may be the cause of others.
#[derive(Clone)]
struct Cause {
    /// The last key of its path.
    key: String,
    /// The value before and after, if both are single lines that may be shown.
    texts: Option<(String, String)>,
    place: Place,
}

/// Sets the place of each field whose change has its cause elsewhere. `owners` are those of the changes, `releases` the HelmReleases
/// after the change.
pub(crate) fn attribute(
    changes: &mut [ObjectChange],
    owners: &[Owner],
    before: Side<'_>,
    after: Side<'_>,
    releases: &BTreeMap<ObjectRef, Object<'_>>,
) {
    let mut by_object: BTreeMap<ObjectRef, Vec<Cause>> = BTreeMap::new();
    for change in changes.iter() {
        let fields = change.fields.iter().filter(|field| !field.noise);
        let causes = by_object.entry(change.object()).or_default();
        causes.extend(fields.filter_map(cause));
    }
    let kustomizations: BTreeMap<_, _> = kustomizations(after.evaluation).collect();
    let of_owner = |owner: &Owner| -> Vec<Cause> {
        match owner {
            Owner::Entry => Vec::new(),
            Owner::Kustomization(id) => {
                let kustomization = kustomizations.get(id).into_iter();
                let variables = kustomization.flat_map(|it| &it.variable_uses);
                variables
                    .filter_map(|(name, variable)| match variable.defined_in.as_ref()? {
                        DefinedIn::Object(object) => Some((name, by_object.get(object)?)),
                        DefinedIn::File(_) => None,
                    })
                    .flat_map(|(name, causes)| causes.iter().filter(move |cause| cause.key == *name))
                    .cloned()
                    .collect()
            }
            Owner::Controller(maker) => {
                let stated = decided_by(maker, releases);
                let stated = stated.iter().filter_map(|object| by_object.get(object));
                let mut causes: Vec<Cause> = stated.flatten().cloned().collect();
                causes.extend(default_values(maker, before.evaluation, after.evaluation));
                causes
            }
        }
    };
    let mut known: BTreeMap<&Owner, Vec<Cause>> = BTreeMap::new();
    for (change, owner) in changes.iter_mut().zip(owners) {
        let causes = known.entry(owner).or_insert_with(|| of_owner(owner));
        let places: BTreeSet<&Place> = causes.iter().map(|cause| &cause.place).collect();
        // An object that a chart makes has no line of its own.
        let is_made = matches!(owner, Owner::Controller(_));
        let only = places.first().filter(|_| is_made && places.len() == 1);
        for field in &mut change.fields {
            let exact = causes.iter().find(|cause| cause.explains(field));
            let place = exact.map(|cause| &cause.place);
            if let Some(place) = place.or_else(|| only.copied().filter(|_| field.place.is_none())) {
                field.place = Some(place.clone());
            }
        }
    }
}

/// Moves a danger in an object that a chart makes to the line that decides it, if known.
pub(crate) fn place_danger(danger: &mut Diagnostic, change: &ObjectChange) {
    let is_named = |field: &&FieldChange| {
        let after = field.after.as_ref();
        after.is_some_and(|after| danger.message.contains(after.as_str()))
    };
    let places = change.fields.iter().filter_map(|field| field.place.as_ref());
    let places: BTreeSet<&Place> = places.collect();
    let only = places.first().filter(|_| places.len() == 1).copied();
    let named = change.fields.iter().find(is_named);
    if let Some(place) = named.and_then(|field| field.place.as_ref()).or(only) {
        danger.place = Some(place.clone());
    }
}

impl Cause {
    /// Whether replacing this old value by the new one is all that changes a field.
    fn explains(&self, field: &FieldChange) -> bool {
        let (Some((old, new)), Some(before), Some(after)) = (&self.texts, &field.before, &field.after) else {
            return false;
        };
        !old.is_empty() && before.replace(old.as_str(), new) == *after
    }
}

fn cause(field: &FieldChange) -> Option<Cause> {
    let path = field.path.as_str();
    // A key with a dot is in brackets and quotes, and names no variable.
    let key = path.rsplit('.').next().unwrap_or(path);
    let texts = field.before.clone().zip(field.after.clone());
    Some(Cause {
        key: key.to_owned(),
        texts: texts.filter(|(before, after)| before != after),
        place: field.place.clone()?,
    })
}

/// The changed default values of a chart in the repository.
fn default_values(release: &ObjectRef, before: &Evaluation, after: &Evaluation) -> Vec<Cause> {
    let values =
        |evaluation: &'_ Evaluation| -> Option<Node> { evaluation.rendered_release(release)?.values.clone() };
    let mut found = Vec::new();
    if let (Some(old), Some(new)) = (values(before), values(after)) {
        leaves(&old, &new, "", &mut |key, old, new| {
            if let (Some(old), Some(text), Some(place)) =
                (old.text(), new.text(), after.files.place(new.mark))
            {
                found.push(Cause {
                    key: key.to_owned(),
                    texts: Some((old.to_owned(), text.to_owned())),
                    place,
                });
            }
        });
    }
    found
}

fn leaves(old: &Node, new: &Node, key: &str, differs: &mut dyn FnMut(&str, &Node, &Node)) {
    if old.same_value(new) {
        return;
    }
    match (&old.value, &new.value) {
        (Value::Mapping(_), Value::Mapping(_)) => {
            for (key, new) in new.iter() {
                if let Some(old) = old.get(key) {
                    leaves(old, new, key, differs);
                }
            }
        }
        (Value::Sequence(_), Value::Sequence(_)) => {
            for (old, new) in old.items().iter().zip(new.items()) {
                leaves(old, new, key, differs);
            }
        }
        _ => differs(key, old, new),
    }
}
