//! Merging of keyed lists.
//!
//! This follows `walkAssociativeSequence` step by step, because no simpler rule gives its results for items that lack
//! some keys
//! (<https://github.com/kubernetes-sigs/kustomize/blob/kyaml/v0.21.2/kyaml/yaml/walk/associative_sequence.go>).

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use smol_str::SmolStr;
use yaml_node::Node;

use super::directive;
use super::error::MergeError;
use super::keyed_items::{KeyedItems, is_null_or_empty_mapping, is_own_text};
use super::tuples::{Tuple, fill_in};
use super::walk::{Outcome, Walker};
use crate::node_edit::{MAPPING, expect_kind, raw_text, set_field, set_scalar, untyped};
use crate::resource::is_nil_or_empty;
use crate::schema::Type;

/// The scalars of a set have their own text as their key.
const OWN_TEXT: &[SmolStr] = &[SmolStr::new_static("")];

/// Merges the items of a patch, if any, into those of an object.
pub(super) fn merge(
    walker: &Walker<'_>,
    object: Vec<Node>,
    patch: Option<Vec<Node>>,
    keys: &[SmolStr],
    items: Option<&Type>,
) -> Result<Vec<Node>, MergeError> {
    let lists = Lists {
        object: KeyedItems::new(object, keys),
        patch: patch.map(|patch| KeyedItems::new(patch, keys)),
        shared: false,
    };
    lists.merge(walker, keys, items)
}

/// Merges items that a patch adds with themselves.
pub(super) fn merge_with_itself(
    walker: &Walker<'_>,
    added: Vec<Node>,
    keys: &[SmolStr],
    items: Option<&Type>,
) -> Result<Vec<Node>, MergeError> {
    let lists = Lists {
        object: KeyedItems::new(added, keys),
        patch: None,
        shared: true,
    };
    lists.merge(walker, keys, items)
}

/// The slots of the item of a tuple in object and patch.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    object: Option<usize>,
    patch: Option<usize>,
}

type Positions = HashMap<SmolStr, Place>;

/// The items of object and patch. If the list is shared, `object` is both.
struct Lists {
    object: KeyedItems,
    patch: Option<KeyedItems>,
    shared: bool,
}

impl Lists {
    fn merge(
        mut self,
        walker: &Walker<'_>,
        keys: &[SmolStr],
        items: Option<&Type>,
    ) -> Result<Vec<Node>, MergeError> {
        let keys = if keys.is_empty() { OWN_TEXT } else { keys };
        let mut tuples = self.tuples(keys);
        if tuples.is_empty() {
            return Ok(self.object.into_items());
        }
        if let ([key], Some(positions)) = (keys, self.positions(keys)) {
            return self.merge_by_position(walker, key, &tuples, &positions, items);
        }
        if keys.len() > 1 && !fill_in(&mut tuples) {
            let mark = self.object.iter().next().map(|item| item.mark);
            return Err(MergeError::TooLong {
                mark: mark.unwrap_or_default(),
            });
        }
        let used = used_keys(&tuples, keys);
        self.object.set_keys(&used);
        if let Some(patch) = &mut self.patch {
            patch.set_keys(&used);
        }
        let mut merged = KeyedItems::new(Vec::new(), &used);
        for tuple in &tuples {
            let tuple = restrict(tuple, keys, &used);
            let place = self.find(&tuple);
            let before = place.object.and_then(|at| self.object.get(at)).cloned();
            let item = self.merge_item(walker, items, &used, &tuple, place)?;
            self.change_doubles(before, place);
            if let Some(item) = item {
                merged.set(Some(&item), &tuple)?;
            } else {
                self.object.set(None, &tuple)?;
            }
        }
        append_all(&mut merged, &self.object, &used)?;
        Ok(merged.into_items())
    }

    // An earlier merge may have put the same item into the list twice. Then both change.
    fn change_doubles(&mut self, before: Option<Node>, place: Place) {
        let after = place.object.and_then(|at| self.object.get(at)).cloned();
        let (Some(before), Some(after)) = (before, after) else {
            return;
        };
        if before != after {
            for double in self.object.equal_to(&before) {
                self.object.replace(double, after.clone());
            }
        }
    }

    // The shortcut for items with one key that is unique on each side: first the items of the patch in their order,
    // then the others of the object.
    fn merge_by_position(
        mut self,
        walker: &Walker<'_>,
        key: &SmolStr,
        tuples: &[Tuple],
        positions: &Positions,
        items: Option<&Type>,
    ) -> Result<Vec<Node>, MergeError> {
        let mut merged = Vec::with_capacity(tuples.len());
        for tuple in tuples {
            let place = tuple.first().and_then(|text| positions.get(text));
            let place = place.copied().unwrap_or_default();
            let item = self.merge_item(walker, items, std::slice::from_ref(key), tuple, place)?;
            let of_object = place.object.and_then(|at| self.object.get(at)).cloned();
            merged.extend(item.map(|item| of_object.unwrap_or(item)));
        }
        Ok(merged)
    }

    // The slots by the text of a single key. `None` if the key is missing in an item or not unique.
    fn positions(&self, keys: &[SmolStr]) -> Option<Positions> {
        let mut positions = Positions::new();
        let mut note = |items: &KeyedItems, slot: fn(&mut Place) -> &mut Option<usize>| {
            items.iter().enumerate().try_for_each(|(at, item)| {
                let shape_fits = match keys == OWN_TEXT {
                    true => item.as_scalar().is_some(),
                    false => item.as_mapping().is_some(),
                };
                let text = tuple_of(item, keys).pop()?;
                let place = slot(positions.entry(text.clone()).or_default());
                let fits = shape_fits && !item.is_null() && !text.is_empty() && place.is_none();
                *place = Some(at);
                fits.then_some(())
            })
        };
        note(&self.object, |place| &mut place.object)?;
        if let Some(patch) = &self.patch {
            note(patch, |place| &mut place.patch)?;
        }
        Some(positions)
    }

    // Searches by the keys that the tuple has, or by all if it has none.
    fn find(&mut self, tuple: &Tuple) -> Place {
        let states_none = tuple.iter().all(SmolStr::is_empty);
        let texts: Vec<Option<&SmolStr>> = tuple
            .iter()
            .map(|text| (states_none || !text.is_empty()).then_some(text))
            .collect();
        Place {
            object: self.object.find(&texts),
            patch: self.patch.as_mut().and_then(|patch| patch.find(&texts)),
        }
    }

    // The distinct tuples of all items, first those of the patch.
    fn tuples(&self, keys: &[SmolStr]) -> Vec<Tuple> {
        let all = self
            .patch
            .iter()
            .flat_map(KeyedItems::iter)
            .chain(self.object.iter());
        let mut seen = HashSet::new();
        all.map(|item| tuple_of(item, keys))
            .filter(|tuple| seen.insert(tuple.clone()))
            .collect()
    }

    // Merges the items of a tuple. `None` if they are removed.
    fn merge_item(
        &mut self,
        walker: &Walker<'_>,
        items: Option<&Type>,
        keys: &[SmolStr],
        tuple: &Tuple,
        place: Place,
    ) -> Result<Option<Node>, MergeError> {
        let (in_object, in_patch) = (place.object, place.patch);
        let object = in_object.and_then(|at| self.object.get(at)).cloned();
        let source = match (&mut self.patch, self.shared) {
            (_, true) => in_object.map(|at| (&mut self.object, at)),
            (Some(patch), false) => in_patch.map(|at| (patch, at)),
            (None, false) => None,
        };
        let mut patch = None;
        if let Some((list, at)) = source {
            patch = list.get(at).cloned();
            let mut read = patch.clone();
            // A directive is read once. A later tuple that finds the same item does not see it.
            if let Some(mapping) = read.as_mut().and_then(Node::as_mapping_mut) {
                let _: Result<_, MergeError> = directive::take_from_mapping(mapping);
            }
            if let Some(read) = read.filter(|read| Some(read) != patch.as_ref()) {
                list.replace(at, read);
            }
        }
        let shared = self.shared && object.is_some();
        let (mut item, of_object) = match walker.walk(object.as_ref(), patch.as_ref(), items, shared)? {
            Outcome::Nothing => return Ok(None),
            Outcome::Kept => (object, true),
            Outcome::Changed(item) => (Some(item), true),
            Outcome::Added(item) => (Some(item), false),
        };
        let Some(item) = item.as_mut().filter(|item| !is_null_or_empty_mapping(item)) else {
            return Ok(None);
        };
        for (key, text) in keys.iter().zip(tuple) {
            if item.get(key).is_none() && !text.is_empty() {
                let mark = item.mark;
                if key.is_empty() {
                    set_scalar(item, untyped(text.clone(), mark))?;
                } else {
                    set_field(item, key, untyped(text.clone(), mark))?;
                }
            }
        }
        // The item is changed in place, so later tuples and the last step see the change.
        let target = match (&mut self.patch, of_object || self.shared) {
            (_, true) => in_object.map(|at| (&mut self.object, at)),
            (patch, false) => patch.as_mut().zip(in_patch),
        };
        if let Some((list, at)) = target
            && list.get(at).is_some_and(|old| old != item)
        {
            list.replace(at, item.clone());
        }
        Ok(Some(item.clone()))
    }
}

fn tuple_of(item: &Node, keys: &[SmolStr]) -> Tuple {
    if keys == OWN_TEXT {
        return vec![SmolStr::new(raw_text(item))];
    }
    let text = |key: &SmolStr| {
        let value = item.get(key).filter(|value| !is_nil_or_empty(value));
        SmolStr::new(value.map_or("", raw_text))
    };
    keys.iter().map(text).collect()
}

// The keys that any tuple has, or all keys if no tuple has any.
fn used_keys(tuples: &[Tuple], keys: &[SmolStr]) -> Vec<SmolStr> {
    let is_used = |at: usize| {
        tuples
            .iter()
            .any(|tuple| tuple.get(at).is_some_and(|text| !text.is_empty()))
    };
    let used: Vec<SmolStr> = (0..)
        .zip(keys)
        .filter(|(at, _)| is_used(*at))
        .map(|(_, key)| key.clone())
        .collect();
    if used.is_empty() { keys.to_vec() } else { used }
}

// The texts of a tuple for the used keys.
fn restrict(tuple: &Tuple, keys: &[SmolStr], used: &[SmolStr]) -> Tuple {
    let pairs = keys.iter().zip(tuple);
    pairs
        .filter(|(key, _)| used.contains(key))
        .map(|(_, text)| text.clone())
        .collect()
}

// Each item of the object replaces its match or is appended.
fn append_all(merged: &mut KeyedItems, object: &KeyedItems, keys: &[SmolStr]) -> Result<(), MergeError> {
    for item in object.iter() {
        if is_own_text(keys) {
            merged.set(Some(item), &[SmolStr::new(raw_text(item))])?;
            continue;
        }
        let mut texts = Vec::new();
        for key in keys {
            expect_kind(item, MAPPING)?;
            match item.get(key) {
                Some(value) => texts.push(SmolStr::new(raw_text(value))),
                None => merged.push(item.clone()),
            }
        }
        if keys.len() > 1 {
            merged.set(None, &texts)?;
        }
        merged.set(Some(item), &texts)?;
    }
    Ok(())
}
