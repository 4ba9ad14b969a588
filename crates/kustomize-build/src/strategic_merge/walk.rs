//! Merging of a value in an object with the value at the same place in a patch.

use std::borrow::Cow;
use std::collections::BTreeMap;

use foldhash::{HashSet, HashSetExt};

use source_tree::Mark;
use yaml_node::{Lost, Mapping, Node, Places, Sequence, Value};

use super::directive::{self, Directive};
use super::error::MergeError;
use super::list;
use crate::node_edit::{
    MAPPING, SCALAR, SEQUENCE, expect_kind, is_ambiguous, is_flow, kind_of, overwrite, quote_if_ambiguous,
    raw_text, set_entry,
};
use crate::resource::is_nil_or_empty;
use crate::schema::{Schema, Type};
use crate::syntax::without_place;

/// The result of a merge at one place.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// No value.
    Nothing,
    /// The unchanged value of the object.
    Kept,
    /// The changed value of the object.
    Changed(Node),
    /// The patch's value.
    Added(Node),
}

/// Walks object and patch in parallel.
#[derive(Clone, Copy)]
pub(super) struct Walker<'s> {
    pub(super) schema: &'s Schema,
}

impl Walker<'_> {
    /// Merges the patch's value at a place into the object's. With `shared` both are the same value: values that the
    /// patch adds are merged with themselves, which applies their directives.
    pub(super) fn walk(
        &self,
        object: Option<&Node>,
        patch: Option<&Node>,
        ty: Option<&Type>,
        shared: bool,
    ) -> Result<Outcome, MergeError> {
        let has_value = |node: Option<&Node>| node.is_some_and(|node| !node.is_null());
        // Most scalars of an object are not in the patch.
        if patch.is_none() && has_value(object) && object.is_some_and(|object| object.as_scalar().is_some()) {
            return Ok(Outcome::Kept);
        }
        let ty = ty.or_else(|| self.type_of_object(object).or_else(|| self.type_of_object(patch)));
        let decisive = if has_value(object) {
            object
        } else {
            patch.filter(|_| has_value(patch))
        };
        let kind = decisive.map_or(MAPPING, kind_of);
        for node in [object, patch].into_iter().flatten() {
            expect_kind(node, kind)?;
        }
        match (kind, ty) {
            (SEQUENCE, Some(ty)) if ty.merge_keys().is_some() => {
                self.walk_keyed_list(object, patch, ty, shared)
            }
            (SEQUENCE | SCALAR, _) => Ok(whole(object, patch, shared)),
            _ => self.walk_mapping(object, patch, ty, shared),
        }
    }

    // A mapping without a known type may be a nested object.
    fn type_of_object(&self, node: Option<&Node>) -> Option<&Type> {
        let text = |key: &str| node?.get(key).map(raw_text).filter(|text| !text.is_empty());
        self.schema.object(text("apiVersion")?, text("kind")?)
    }

    fn walk_mapping(
        &self,
        object: Option<&Node>,
        patch: Option<&Node>,
        ty: Option<&Type>,
        shared: bool,
    ) -> Result<Outcome, MergeError> {
        let Some(object) = object.filter(|object| !object.is_null()) else {
            return match (object, patch) {
                // A written null stays, an empty value vanishes.
                (Some(null), None) if !raw_text(null).is_empty() => match Places::has(null.mark) {
                    true => Ok(Outcome::Changed(null.clone().with_mark(Mark::NONE))),
                    false => Ok(Outcome::Kept),
                },
                (_, None) => Ok(Outcome::Nothing),
                (_, Some(patch)) => self.add_mapping(patch, ty),
            };
        };
        let Some(patch) = patch else {
            return self.merge_fields(object, None, ty);
        };
        if patch.as_mapping().is_none() {
            return Ok(Outcome::Nothing);
        }
        let (directive, patch) = directive::split_from_mapping(patch)?;
        match directive {
            Directive::Delete => Ok(Outcome::Nothing),
            Directive::Replace if !shared => {
                Ok(Outcome::Added(self.merge_with_itself(patch.into_owned(), ty)?))
            }
            _ if shared => {
                let changed = matches!(patch, Cow::Owned(_));
                let merged = self.merge_with_itself(patch.into_owned(), ty)?;
                Ok(match !changed && merged == *object {
                    true => Outcome::Kept,
                    false => Outcome::Changed(merged),
                })
            }
            _ => self.merge_fields(object, Some(&patch), ty),
        }
    }

    fn add_mapping(&self, patch: &Node, ty: Option<&Type>) -> Result<Outcome, MergeError> {
        if patch.as_mapping().is_none() {
            return Ok(Outcome::Nothing);
        }
        let patch = match directive::split_from_mapping(patch) {
            Ok((Directive::Delete, _)) => return Ok(Outcome::Nothing),
            Ok((_, patch)) => patch.into_owned(),
            // An unknown directive is not an error here and stays as a field.
            Err(_) => patch.clone(),
        };
        Ok(Outcome::Added(self.merge_with_itself(patch, ty)?))
    }

    // Merges an added value with itself, field by field.
    fn merge_with_itself(&self, mut node: Node, ty: Option<&Type>) -> Result<Node, MergeError> {
        let Some(mapping) = node.as_mapping() else {
            return Ok(node);
        };
        let mut changes = Vec::new();
        for (position, key, value) in first_entries(mapping) {
            let ty = ty.and_then(|ty| self.schema.field(ty, key));
            match self.walk(Some(value), Some(value), ty, true)? {
                Outcome::Kept if !value.is_null() => changes.extend(requoted(position, value)),
                outcome => changes.push((position, outcome)),
            }
        }
        apply(&mut node, changes, Vec::new());
        Ok(node)
    }

    // First the fields of the object in their order, then those of the patch alone, sorted.
    fn merge_fields(
        &self,
        object: &Node,
        patch: Option<&Node>,
        ty: Option<&Type>,
    ) -> Result<Outcome, MergeError> {
        let Some(mapping) = object.as_mapping() else {
            return Ok(Outcome::Kept);
        };
        let mut patched: BTreeMap<&str, (&Node, &Node)> = BTreeMap::new();
        for (key, value) in patch.and_then(Node::as_mapping).map_or(&[][..], Mapping::entries) {
            patched.entry(raw_text(key)).or_insert((key, value));
        }
        let mut changes = Vec::new();
        for (position, key, value) in first_entries(mapping) {
            let ty = ty.and_then(|ty| self.schema.field(ty, key));
            let patch = patched.remove(key).map(|(_, value)| value);
            match self.walk(Some(value), patch, ty, false)? {
                Outcome::Kept => changes.extend(requoted(position, value)),
                outcome => changes.push((position, outcome)),
            }
        }
        let mut additions = Vec::new();
        for (name, (key, value)) in patched {
            let ty = ty.and_then(|ty| self.schema.field(ty, name));
            if let Outcome::Added(value) = self.walk(None, Some(value), ty, false)?
                && !value.is_null()
            {
                additions.push((key.clone(), value));
            }
        }
        let flow = adopted_flow(object, patch);
        // kustomize gives the object's mapping the comments of the patch's, which marks cannot express.
        let commented = patch.is_some_and(|patch| Places::notes_comments(patch.mark));
        if changes.is_empty() && additions.is_empty() && flow == is_flow(&object.value) && !commented {
            return Ok(Outcome::Kept);
        }
        let mut merged = object.clone();
        apply(&mut merged, changes, additions);
        if let Some(mapping) = merged.as_mapping_mut() {
            mapping.flow = flow;
        }
        if commented {
            merged.mark = Lost::PatchComment.mark();
        }
        Ok(Outcome::Changed(merged))
    }

    fn walk_keyed_list(
        &self,
        object: Option<&Node>,
        patch: Option<&Node>,
        ty: &Type,
        shared: bool,
    ) -> Result<Outcome, MergeError> {
        let keys = ty.merge_keys().unwrap_or_default();
        let items = self.schema.items(ty);
        let Some(object) = object.filter(|object| !object.is_null()) else {
            let Some(patch) = patch else {
                return Ok(Outcome::Nothing);
            };
            // An added list is merged with itself before its directives are read.
            let merged = list::merge_with_itself(self, patch.items().to_vec(), keys, items)?;
            return Ok(Outcome::Added(with_items(patch, merged)));
        };
        let Some(patch) = patch else {
            let merged = list::merge(self, object.items().to_vec(), None, keys, items)?;
            return Ok(kept_or_changed(object, object, merged));
        };
        if patch.is_null() {
            return Ok(Outcome::Nothing);
        }
        let mut patched = patch.items().to_vec();
        match directive::take_from_list(&mut patched)? {
            Directive::Delete => Ok(Outcome::Nothing),
            Directive::Replace if !shared => {
                let merged = list::merge_with_itself(self, patched, keys, items)?;
                Ok(Outcome::Added(with_items(patch, merged)))
            }
            _ if shared => {
                let merged = list::merge_with_itself(self, patched, keys, items)?;
                Ok(kept_or_changed(object, object, merged))
            }
            _ => {
                let merged = list::merge(self, object.items().to_vec(), Some(patched), keys, items)?;
                Ok(kept_or_changed(object, patch, merged))
            }
        }
    }
}

// Scalars and unkeyed lists: the patch's value, if any. A null in the patch clears the field.
fn whole(object: Option<&Node>, patch: Option<&Node>, shared: bool) -> Outcome {
    match patch {
        Some(patch) if !shared => Outcome::Added(patch.clone()),
        _ if object.is_none() => Outcome::Nothing,
        _ => Outcome::Kept,
    }
}

// Strings that stay are quoted if YAML 1.1 parsers would read them as another type.
fn requoted(position: usize, value: &Node) -> Option<(usize, Outcome)> {
    let scalar = value.as_scalar().filter(|scalar| is_ambiguous(scalar))?;
    let mut quoted = scalar.clone();
    quote_if_ambiguous(&mut quoted);
    Some((
        position,
        Outcome::Changed(Node::new(Value::Scalar(quoted)).with_mark(value.mark)),
    ))
}

// Positions, keys and values. Only the first of repeated keys counts.
fn first_entries(mapping: &Mapping) -> impl Iterator<Item = (usize, &str, &Node)> {
    /// Number of keys that are compared as fast as they are hashed.
    const MIN_HASHED: usize = 16;
    let entries = mapping.entries();
    let mut seen = HashSet::new();
    let all = entries.iter().enumerate();
    all.map(|(position, (key, value))| (position, raw_text(key), value))
        .filter(move |(position, key, _)| match entries.get(..*position) {
            Some(earlier) if entries.len() < MIN_HASHED => {
                earlier.iter().all(|(earlier, _)| raw_text(earlier) != *key)
            }
            _ => seen.insert(*key),
        })
}

fn apply(node: &mut Node, changes: Vec<(usize, Outcome)>, additions: Vec<(Node, Node)>) {
    if changes.is_empty() && additions.is_empty() {
        return;
    }
    let Some(mapping) = node.as_mapping_mut() else {
        return;
    };
    let entries = mapping.entries_mut();
    let mut cleared = HashSet::new();
    for (position, outcome) in changes {
        let Some((_, old)) = entries.get_mut(position) else {
            continue;
        };
        match outcome {
            // A changed null is one that kustomize created.
            Outcome::Changed(new) if !new.is_null() || Places::has(old.mark) => *old = new,
            Outcome::Added(new) if !new.is_null() => overwrite_adopting_flow(old, new),
            _ => {
                cleared.insert(position);
            }
        }
    }
    if !cleared.is_empty() {
        let mut position = 0..;
        entries.retain(|_| {
            position
                .next()
                .is_none_or(|position| !cleared.contains(&position))
        });
    }
    // Keys that are not scalars also have the text "", so additions with this text are set one by one.
    for (key, mut value) in additions {
        if raw_text(&key).is_empty() {
            set_entry(mapping, "", value);
        } else {
            if let Some(scalar) = value.as_scalar_mut() {
                quote_if_ambiguous(scalar);
            }
            let mark = without_place(key.mark);
            mapping.push(key.with_mark(mark), value);
        }
    }
}

// An empty list or mapping takes the layout of the patch's.
fn adopted_flow(object: &Node, patch: Option<&Node>) -> bool {
    let empty = object.as_scalar().is_none() && is_nil_or_empty(object);
    match patch {
        Some(patch) if empty => is_flow(&patch.value),
        _ => is_flow(&object.value),
    }
}

fn overwrite_adopting_flow(old: &mut Node, new: Node) {
    let flow = adopted_flow(old, Some(&new));
    overwrite(old, new);
    set_flow(old, flow);
}

fn set_flow(node: &mut Node, flow: bool) {
    match &mut node.value {
        Value::Mapping(mapping) => mapping.flow = flow,
        Value::Sequence(sequence) => sequence.flow = flow,
        Value::Scalar(_) => {}
    }
}

fn with_items(node: &Node, items: Vec<Node>) -> Node {
    let mut node = node.clone();
    node.value = Value::Sequence(Sequence::new(items));
    // kustomize creates merged lists.
    node.mark = without_place(node.mark);
    node
}

fn kept_or_changed(object: &Node, patch: &Node, items: Vec<Node>) -> Outcome {
    let flow = adopted_flow(object, Some(patch));
    let stays = items.is_empty() || !Places::has(object.mark);
    if flow == is_flow(&object.value) && items == object.items() && stays {
        return Outcome::Kept;
    }
    let mut merged = with_items(object, items);
    set_flow(&mut merged, flow);
    Outcome::Changed(merged)
}
