//! A list whose items are found, replaced and removed by the texts of their keys.
//!
//! It replaces kyaml's `ElementSetter`, which searches the whole list each time
//! (<https://github.com/kubernetes-sigs/kustomize/blob/kyaml/v0.21.2/kyaml/yaml/fns.go>), with an index for each kind
//! of query.

use std::collections::BTreeSet;

use foldhash::HashMap;
use smol_str::SmolStr;
use yaml_node::Node;

use super::error::MergeError;
use crate::node_edit::{MAPPING, SCALAR, expect_kind, raw_text};

/// The condition of a query on one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum KeyCondition {
    /// The key has the given text.
    Text,
    /// The key exists.
    Any,
    /// The key has the given text, or is missing in both.
    TextOrMissing,
    Nothing,
}

/// The texts of a query, one for each key.
type Texts = Vec<Option<SmolStr>>;
type Index = HashMap<Texts, BTreeSet<usize>>;

pub(super) struct KeyedItems {
    /// Removed items leave empty slots, so slots keep the order of the list.
    slots: Vec<Option<Item>>,
    keys: Vec<SmolStr>,
    indexes: HashMap<Vec<KeyCondition>, Index>,
    /// The slots of special items. Built on first use.
    irregular: Option<Irregular>,
}

/// An item in its first slot. An item that replaced several others is repeated in their slots, but stored in the first
/// alone, so that replacing it again takes one step.
struct Item {
    node: Node,
    repeated: Vec<usize>,
}

impl Item {
    fn new(node: Node) -> Self {
        Item {
            node,
            repeated: Vec::new(),
        }
    }
}

#[derive(Default)]
struct Irregular {
    blank: BTreeSet<usize>,
    wrong_kind: BTreeSet<usize>,
}

impl KeyedItems {
    pub(super) fn new(items: Vec<Node>, keys: &[SmolStr]) -> Self {
        KeyedItems {
            slots: items.into_iter().map(|node| Some(Item::new(node))).collect(),
            keys: keys.to_vec(),
            indexes: HashMap::default(),
            irregular: None,
        }
    }

    /// Sets the keys for the following queries.
    pub(super) fn set_keys(&mut self, keys: &[SmolStr]) {
        self.keys = keys.to_vec();
        self.indexes.clear();
        self.irregular = None;
    }

    /// The items in order, without repetitions.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Node> {
        self.slots.iter().flatten().map(|item| &item.node)
    }

    pub(super) fn into_items(self) -> Vec<Node> {
        let mut all: Vec<(usize, Node)> = Vec::with_capacity(self.slots.len());
        for (slot, item) in self.slots.into_iter().enumerate() {
            let Some(item) = item else { continue };
            all.extend(item.repeated.into_iter().map(|slot| (slot, item.node.clone())));
            all.push((slot, item.node));
        }
        all.sort_by_key(|(slot, _)| *slot);
        all.into_iter().map(|(_, node)| node).collect()
    }

    pub(super) fn get(&self, slot: usize) -> Option<&Node> {
        Some(&self.slots.get(slot)?.as_ref()?.node)
    }

    /// Replaces the item of a slot.
    pub(super) fn replace(&mut self, slot: usize, node: Node) {
        self.put(slot, Some(Item::new(node)));
    }

    fn put(&mut self, slot: usize, item: Option<Item>) -> Option<Item> {
        self.note(slot, false);
        let old = std::mem::replace(self.slots.get_mut(slot)?, item);
        self.note(slot, true);
        old
    }

    pub(super) fn push(&mut self, item: Node) {
        self.slots.push(Some(Item::new(item)));
        self.note(self.slots.len() - 1, true);
    }

    /// The first item whose keys have these texts. A key with `None` is ignored, and a key with "" must exist.
    pub(super) fn find(&mut self, texts: &[Option<&SmolStr>]) -> Option<usize> {
        let want = |text: &Option<&SmolStr>| text.map_or(KeyCondition::Nothing, |_| KeyCondition::Text);
        let conditions = texts.iter().map(want).collect();
        let texts: Texts = texts.iter().map(|text| text.cloned()).collect();
        self.index(conditions).get(&texts)?.first().copied()
    }

    /// All items that are equal to `item`.
    pub(super) fn equal_to(&mut self, item: &Node) -> Vec<usize> {
        let conditions = vec![KeyCondition::TextOrMissing; self.keys.len()];
        let texts = self.texts(item, &conditions).unwrap_or_default();
        let slots = self.index(conditions).get(&texts).cloned().unwrap_or_default();
        let is_same = |slot: &usize| self.get(*slot) == Some(item);
        slots.into_iter().filter(is_same).collect()
    }

    /// Replaces the matching items by `item` or appends it, or without an item removes them. Also removes nulls and
    /// `{}`.
    ///
    /// A text of "" matches any value of its key, and keys without a text match as the previous key did.
    pub(super) fn set(&mut self, item: Option<&Node>, texts: &[SmolStr]) -> Result<(), MergeError> {
        for slot in std::mem::take(&mut self.irregular().blank) {
            self.put(slot, None);
        }
        if texts.is_empty() {
            *self = KeyedItems::new(Vec::new(), &self.keys);
        } else {
            self.check_kinds(texts)?;
        }
        let matching = self.matching(texts);
        let mut repeated = Vec::new();
        for (position, slot) in matching.iter().enumerate() {
            let mut slots = self.put(*slot, None).map_or(Vec::new(), |item| item.repeated);
            if position > 0 {
                slots.push(*slot);
            }
            // Moves the shorter of the two lists.
            if slots.len() > repeated.len() {
                std::mem::swap(&mut slots, &mut repeated);
            }
            repeated.append(&mut slots);
        }
        let Some(node) = item.cloned() else {
            return Ok(());
        };
        match matching.first() {
            Some(first) => {
                self.put(*first, Some(Item { node, repeated }));
            }
            None if node.is_null() => {}
            None => self.push(node),
        }
        Ok(())
    }

    // Items that are not mappings are ignored if a key's text is given, else they are errors.
    fn check_kinds(&mut self, texts: &[SmolStr]) -> Result<(), MergeError> {
        let expected = if is_own_text(&self.keys) { SCALAR } else { MAPPING };
        if expected == MAPPING && texts.first().is_some_and(|text| !text.is_empty()) {
            return Ok(());
        }
        let first = self.irregular().wrong_kind.first().copied();
        match first.and_then(|slot| self.get(slot)) {
            Some(item) => Ok(expect_kind(item, expected)?),
            None => Ok(()),
        }
    }

    fn matching(&mut self, texts: &[SmolStr]) -> Vec<usize> {
        if texts.is_empty() {
            return Vec::new();
        }
        let by_own_text = is_own_text(&self.keys);
        let want = |text: &SmolStr| match text.is_empty() && !by_own_text {
            true => KeyCondition::Any,
            false => KeyCondition::Text,
        };
        let mut conditions: Vec<KeyCondition> = texts.iter().take(self.keys.len()).map(want).collect();
        let mut wanted: Texts = conditions
            .iter()
            .zip(texts)
            .map(|(want, text)| (*want == KeyCondition::Text).then(|| text.clone()))
            .collect();
        conditions.resize(self.keys.len(), KeyCondition::Nothing);
        wanted.resize(self.keys.len(), None);
        let slots = self.index(conditions).get(&wanted);
        slots.into_iter().flatten().copied().collect()
    }

    // The texts of an item for a query, or `None` if it cannot match.
    fn texts(&self, item: &Node, conditions: &[KeyCondition]) -> Option<Texts> {
        let pairs = self.keys.iter().zip(conditions);
        pairs
            .map(|(key, want)| {
                let text = || match key.is_empty() {
                    true => Some(SmolStr::new(raw_text(item))),
                    false => item.get(key).map(|value| SmolStr::new(raw_text(value))),
                };
                match want {
                    KeyCondition::Text => text().map(Some),
                    KeyCondition::Any => text().map(|_| None),
                    KeyCondition::TextOrMissing => Some(text()),
                    KeyCondition::Nothing => item.as_mapping().map(|_| None),
                }
            })
            .collect()
    }

    fn index(&mut self, conditions: Vec<KeyCondition>) -> &Index {
        if !self.indexes.contains_key(&conditions) {
            let mut index = Index::default();
            for (slot, item) in self.slots.iter().enumerate() {
                if let Some(texts) = item.as_ref().and_then(|item| self.texts(&item.node, &conditions)) {
                    index.entry(texts).or_default().insert(slot);
                }
            }
            self.indexes.insert(conditions.clone(), index);
        }
        self.indexes.entry(conditions).or_default()
    }

    fn irregular(&mut self) -> &mut Irregular {
        if self.irregular.is_none() {
            self.irregular = Some(Irregular::default());
            for slot in 0..self.slots.len() {
                self.note_irregular(slot, true);
            }
        }
        self.irregular.get_or_insert_default()
    }

    // Adds the item of a slot to all indexes, or removes it.
    fn note(&mut self, slot: usize, added: bool) {
        self.note_irregular(slot, added);
        let mut indexes = std::mem::take(&mut self.indexes);
        if let Some(item) = self.get(slot) {
            for (conditions, index) in &mut indexes {
                let Some(texts) = self.texts(item, conditions) else {
                    continue;
                };
                if added {
                    index.entry(texts).or_default().insert(slot);
                } else if let Some(slots) = index.get_mut(&texts) {
                    slots.remove(&slot);
                }
            }
        }
        self.indexes = indexes;
    }

    fn note_irregular(&mut self, slot: usize, added: bool) {
        let (Some(mut irregular), Some(item)) = (self.irregular.take(), self.get(slot)) else {
            return;
        };
        if !added {
            irregular.blank.remove(&slot);
            irregular.wrong_kind.remove(&slot);
        } else if is_null_or_empty_mapping(item) {
            irregular.blank.insert(slot);
        } else if item.as_scalar().is_some() != is_own_text(&self.keys) || item.as_sequence().is_some() {
            irregular.wrong_kind.insert(slot);
        }
        self.irregular = Some(irregular);
    }
}

/// Whether the items are scalars with their own text as the key.
pub(super) fn is_own_text(keys: &[SmolStr]) -> bool {
    keys.first().is_some_and(SmolStr::is_empty)
}

pub(super) fn is_null_or_empty_mapping(node: &Node) -> bool {
    node.is_null() || node.as_mapping().is_some_and(|mapping| mapping.is_empty())
}
