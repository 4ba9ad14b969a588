//! Merging of keyed lists.
//!
//! This follows `walkAssociativeSequence` step by step, as its results for items without a key, or with some of several
//! keys, follow from nothing simpler
//! (<https://github.com/kubernetes-sigs/kustomize/blob/kyaml/v0.21.2/kyaml/yaml/walk/associative_sequence.go>).

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use smol_str::SmolStr;
use yaml_node::Node;

use super::directive;
use super::error::MergeError;
use super::walk::{Outcome, Walker};
use crate::node_edit::{
    MAPPING, SCALAR, WrongKind, expect_kind, raw_text, set_field, set_scalar, text_or_empty, untyped,
};
use crate::resource::is_nil_or_empty;
use crate::schema::Type;

/// The keys of an item by position; "" where it has none.
type Tuple = Vec<SmolStr>;

/// The scalars of a set have no key but their own text.
const OWN_TEXT: &[SmolStr] = &[SmolStr::new_static("")];

/// Merges the items of a patch, if it has any, into those of an object.
pub(super) fn merge(
    walker: &Walker<'_>,
    object: Vec<Node>,
    patch: Option<Vec<Node>>,
    keys: &[SmolStr],
    items: Option<&Type>,
) -> Result<Vec<Node>, MergeError> {
    Lists {
        object,
        patch,
        shared: false,
    }
    .merge(walker, keys, items)
}

/// Merges items that a patch adds with themselves.
pub(super) fn merge_with_itself(
    walker: &Walker<'_>,
    added: Vec<Node>,
    keys: &[SmolStr],
    items: Option<&Type>,
) -> Result<Vec<Node>, MergeError> {
    Lists {
        object: added,
        patch: None,
        shared: true,
    }
    .merge(walker, keys, items)
}

/// Where the item of a tuple stands on either side.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    object: Option<usize>,
    patch: Option<usize>,
}

type Positions = HashMap<SmolStr, Place>;

/// Most items of a list whose keys do not tell its items apart. No real list comes near.
const MOST_ITEMS: usize = 4096;

/// The items of both sides. Where the list is shared, `object` stands for both.
struct Lists {
    object: Vec<Node>,
    patch: Option<Vec<Node>>,
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
            return Ok(self.object);
        }
        if let ([key], Some(positions)) = (keys, self.positions(keys)) {
            return self.merge_by_position(walker, key, &tuples, &positions, items);
        }
        // The general way takes steps by the square of the length.
        if tuples.len() > MOST_ITEMS {
            let mark = self
                .object
                .first()
                .or_else(|| self.patch.as_ref()?.first())
                .map(|item| item.mark);
            return Err(MergeError::TooLong {
                mark: mark.unwrap_or_default(),
            });
        }
        if keys.len() > 1 {
            fill_in(&mut tuples);
        }
        let used = used_keys(&tuples, keys);
        let mut merged = Vec::new();
        for tuple in &tuples {
            let tuple = restrict(tuple, keys, &used);
            let place = self.find(&used, &tuple);
            let before = place.object.and_then(|at| self.object.get(at)).cloned();
            let item = self.merge_item(walker, items, &used, &tuple, place)?;
            self.change_doubles(before, place);
            if let Some(item) = item {
                set(&mut merged, Some(&item), &used, &tuple)?;
            } else {
                set(&mut self.object, None, &used, &tuple)?;
            }
        }
        append_all(&mut merged, &self.object, &used)?;
        Ok(merged)
    }

    // An earlier merge may have put one and the same item into the list twice, and then both change.
    fn change_doubles(&mut self, before: Option<Node>, place: Place) {
        let after = place.object.and_then(|at| self.object.get(at)).cloned();
        let (Some(before), Some(after)) = (before, after) else {
            return;
        };
        if before != after {
            let doubles = self.object.iter_mut().filter(|item| **item == before);
            doubles.for_each(|double| double.clone_from(&after));
        }
    }

    // Where every item has one key and no two items of a side have the same, all steps come down to this one: the
    // patch's order, then the object's, and an item that the object keeps is the object's.
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
            let place = tuple
                .first()
                .and_then(|text| positions.get(text))
                .copied()
                .unwrap_or_default();
            let item = self.merge_item(walker, items, std::slice::from_ref(key), tuple, place)?;
            let of_object = place.object.and_then(|at| self.object.get(at)).cloned();
            merged.extend(item.map(|item| of_object.unwrap_or(item)));
        }
        Ok(merged)
    }

    // The places of all texts of a single key. `None` where an item has none, or shares it.
    fn positions(&self, keys: &[SmolStr]) -> Option<Positions> {
        let mut positions = Positions::with_capacity(self.object.len());
        let mut note = |items: &[Node], slot: fn(&mut Place) -> &mut Option<usize>| {
            items.iter().enumerate().try_for_each(|(at, item)| {
                let shape_fits = if keys == OWN_TEXT {
                    item.as_scalar().is_some()
                } else {
                    item.as_mapping().is_some()
                };
                let text = tuple_of(item, keys).pop()?;
                let place = slot(positions.entry(text.clone()).or_default());
                let fits = shape_fits && !item.is_null() && !text.is_empty() && place.is_none();
                *place = Some(at);
                fits.then_some(())
            })
        };
        note(&self.object, |place| &mut place.object)?;
        note(self.patch.as_deref().unwrap_or_default(), |place| {
            &mut place.patch
        })?;
        Some(positions)
    }

    fn find(&self, keys: &[SmolStr], tuple: &Tuple) -> Place {
        let stated = used_keys(std::slice::from_ref(tuple), keys);
        let texts = restrict(tuple, keys, &stated);
        Place {
            object: find(&self.object, &stated, &texts),
            patch: self.patch.as_ref().and_then(|patch| find(patch, &stated, &texts)),
        }
    }

    // The tuples of all items, the patch's first, each once.
    fn tuples(&self, keys: &[SmolStr]) -> Vec<Tuple> {
        let all = self.patch.iter().flatten().chain(&self.object);
        let mut seen = HashSet::new();
        all.map(|item| tuple_of(item, keys))
            .filter(|tuple| seen.insert(tuple.clone()))
            .collect()
    }

    // What becomes of the items that have a tuple. `None` where they go.
    fn merge_item(
        &mut self,
        walker: &Walker<'_>,
        items: Option<&Type>,
        keys: &[SmolStr],
        tuple: &Tuple,
        place: Place,
    ) -> Result<Option<Node>, MergeError> {
        let Place {
            object: in_object,
            patch: in_patch,
        } = place;
        let object = in_object.and_then(|at| self.object.get(at)).cloned();
        let stated = match &self.patch {
            _ if self.shared => in_object.and_then(|at| self.object.get_mut(at)),
            Some(_) => in_patch.and_then(|at| self.patch.as_mut()?.get_mut(at)),
            None => None,
        };
        let patch = stated.as_deref().cloned();
        // A directive is read once: other keys of the same item, if they find it, find it without.
        if let Some(mapping) = stated.and_then(Node::as_mapping_mut) {
            let _: Result<_, MergeError> = directive::of_mapping(mapping);
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
        // The item is changed where it stands, so later tuples and the last step see it changed.
        let home = if of_object || self.shared {
            in_object.and_then(|at| self.object.get_mut(at))
        } else {
            let patch = self.patch.as_mut();
            in_patch.and_then(|at| patch.and_then(|patch| patch.get_mut(at)))
        };
        if let Some(home) = home {
            *home = item.clone();
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

// Tuples that differ only where one has nothing stand for the same item.
fn fill_in(tuples: &mut [Tuple]) {
    for i in 0..tuples.len() {
        let Some(first) = tuples.get(i).cloned() else {
            return;
        };
        for j in 0..tuples.len() {
            let Some(filled) = tuples.get(j).and_then(|second| union(&first, second)) else {
                continue;
            };
            for at in [i, j] {
                if let Some(tuple) = tuples.get_mut(at) {
                    tuple.clone_from(&filled);
                }
            }
        }
    }
}

fn union(first: &Tuple, second: &Tuple) -> Option<Tuple> {
    if !first.iter().zip(second).any(|(a, b)| a == b) {
        return None;
    }
    let pairs = first.iter().zip(second);
    pairs
        .map(|(a, b)| match (a.as_str(), b.as_str()) {
            ("", _) => Some(b.clone()),
            (_, "") => Some(a.clone()),
            _ => (a == b).then(|| a.clone()),
        })
        .collect()
}

// The keys that some tuple has, or all keys if none has any.
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

// The part of a tuple that belongs to the used keys.
fn restrict(tuple: &Tuple, keys: &[SmolStr], used: &[SmolStr]) -> Tuple {
    let pairs = keys.iter().zip(tuple);
    pairs
        .filter(|(key, _)| used.contains(key))
        .map(|(_, text)| text.clone())
        .collect()
}

// The first item whose keys have these texts. A key must be there even if its text is "".
fn find(items: &[Node], keys: &[SmolStr], texts: &[SmolStr]) -> Option<usize> {
    if keys.first().is_some_and(SmolStr::is_empty) {
        let text = texts.first()?;
        return items.iter().position(|item| raw_text(item) == text);
    }
    items.iter().position(|item| {
        let mut pairs = keys.iter().zip(texts);
        item.as_mapping().is_some() && pairs.all(|(key, text)| item.get(key).map(raw_text) == Some(text))
    })
}

/// Puts an item in the place of those that match, or at the end; or removes those that match. Nulls and `{}` go.
///
/// A text of "" matches any value of its key, and keys beyond the texts match as the key before them did.
pub(super) fn set(
    items: &mut Vec<Node>,
    item: Option<&Node>,
    keys: &[SmolStr],
    texts: &[SmolStr],
) -> Result<(), WrongKind> {
    let by_key =
        keys.first().is_some_and(|key| !key.is_empty()) && texts.first().is_some_and(|text| !text.is_empty());
    let mut kept = Vec::with_capacity(items.len() + 1);
    let mut replaced = false;
    for old in items.iter() {
        if is_null_or_empty_mapping(old) {
            continue;
        }
        if by_key && old.as_mapping().is_none() {
            kept.push(old.clone());
            continue;
        }
        if matches(old, keys, texts)? {
            replaced = true;
            kept.extend(item.cloned());
        } else if !texts.is_empty() {
            kept.push(old.clone());
        }
    }
    if let Some(item) = item.filter(|item| !item.is_null() && !replaced) {
        kept.push(item.clone());
    }
    *items = kept;
    Ok(())
}

fn matches(item: &Node, keys: &[SmolStr], texts: &[SmolStr]) -> Result<bool, WrongKind> {
    let mut matched = false;
    for (at, key) in keys.iter().enumerate() {
        if let Some(text) = texts.get(at) {
            matched = if key.is_empty() {
                expect_kind(item, SCALAR)?;
                text_or_empty(item) == text
            } else {
                expect_kind(item, MAPPING)?;
                item.get(key)
                    .is_some_and(|value| text.is_empty() || raw_text(value) == text)
            };
        }
        if !matched {
            return Ok(false);
        }
    }
    Ok(matched)
}

// Each item of the object replaces its match, or comes to the end.
fn append_all(merged: &mut Vec<Node>, object: &[Node], keys: &[SmolStr]) -> Result<(), WrongKind> {
    for item in object {
        if keys.first().is_some_and(SmolStr::is_empty) {
            set(merged, Some(item), OWN_TEXT, &[SmolStr::new(raw_text(item))])?;
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
            set(merged, None, keys, &texts)?;
        }
        set(merged, Some(item), keys, &texts)?;
    }
    Ok(())
}

fn is_null_or_empty_mapping(node: &Node) -> bool {
    node.is_null() || node.as_mapping().is_some_and(|mapping| mapping.is_empty())
}
