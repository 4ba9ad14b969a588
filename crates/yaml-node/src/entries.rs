//! The entries of a mapping: an ordered list, with an index by key if it is long.

use std::collections::HashMap;
use std::sync::OnceLock;

use smol_str::SmolStr;

use crate::{Node, Scalar, Value};

/// A shorter list is searched as fast as an index.
const MIN_INDEXED: usize = 256;

/// Keys and values in the order written, found by key.
///
/// Setting keys one by one looks up each of them, which takes quadratic time without an index.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    list: Vec<(Node, Node)>,
    /// The position of the first entry with each key. Built by the first lookup in a long list.
    #[expect(
        clippy::box_collection,
        reason = "most mappings have none, and are to be small"
    )]
    by_key: OnceLock<Box<HashMap<SmolStr, usize>>>,
}

impl Entries {
    pub(crate) fn new(list: Vec<(Node, Node)>) -> Self {
        Entries {
            list,
            by_key: OnceLock::new(),
        }
    }

    #[inline]
    pub(crate) fn list(&self) -> &[(Node, Node)] {
        &self.list
    }

    /// Mutable access to the entries. Drops the index.
    pub(crate) fn list_mut(&mut self) -> &mut Vec<(Node, Node)> {
        self.by_key.take();
        &mut self.list
    }

    /// Position of the first entry whose key has this text.
    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        match self.list.len() {
            ..MIN_INDEXED => self.list.iter().position(|(k, _)| is_text(k, key)),
            _ => self.indexed_position(key),
        }
    }

    // Not inlined, so that the search of a short list has few registers to save.
    #[inline(never)]
    fn indexed_position(&self, key: &str) -> Option<usize> {
        let by_key = self.by_key.get_or_init(|| {
            let mut by_key = HashMap::with_capacity(self.list.len());
            for (index, (key, _)) in self.list.iter().enumerate() {
                if let Some(scalar) = key.as_scalar() {
                    by_key.entry(scalar.text.clone()).or_insert(index);
                }
            }
            Box::new(by_key)
        });
        by_key.get(key).copied()
    }

    /// Mutable access to the value at a position that [`Entries::position`] has found.
    pub(crate) fn value_mut(&mut self, index: usize) -> &mut Node {
        &mut self.list[index].1
    }

    /// Replaces the entry at a position that [`Entries::position`] has found by one whose key has the same text.
    pub(crate) fn replace(&mut self, index: usize, key: Node, value: Node) {
        self.list[index] = (key, value);
    }

    /// Adds an entry at the end.
    pub(crate) fn push(&mut self, key: Node, value: Node) {
        if let (Some(by_key), Some(scalar)) = (self.by_key.get_mut(), key.as_scalar()) {
            by_key.entry(scalar.text.clone()).or_insert(self.list.len());
        }
        self.list.push((key, value));
    }
}

/// Whether a key has a text. Most keys differ in length or in the first byte, which needs no call.
#[inline]
pub(crate) fn is_text(key: &Node, text: &str) -> bool {
    let Value::Scalar(Scalar { text: key, .. }) = &key.value else {
        return false;
    };
    key.len() == text.len() && key.as_bytes().first() == text.as_bytes().first() && key == text
}

// The index follows from the list, so it is neither cloned nor compared.
impl Clone for Entries {
    fn clone(&self) -> Self {
        Entries::new(self.list.clone())
    }
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl Eq for Entries {}

#[cfg(test)]
mod tests {
    use crate::{Mapping, Node};

    #[test]
    fn lookups_by_index_and_by_search_agree() {
        let mut mapping = Mapping::default();
        for index in 0..1_000_i64 {
            mapping.insert(&format!("k{}", index % 700), Node::int(index));
        }
        assert_eq!(mapping.len(), 700);
        assert_eq!(mapping.get("k5").and_then(Node::as_i64), Some(705));
        assert_eq!(mapping.remove("k0").and_then(|node| node.as_i64()), Some(700));
        assert_eq!(mapping.position("k1"), Some(0));
        mapping.entries_mut().reverse();
        assert_eq!(mapping.position("k699"), Some(0));
        mapping.entries_mut().push((Node::str("k699"), Node::null()));
        assert_eq!(mapping.position("k699"), Some(0));
        assert!(mapping.get("k700").is_none());
        if let Some(value) = mapping.get_mut("k1") {
            *value = Node::null();
        }
        mapping.push(Node::str("new"), Node::int(1));
        assert_eq!(mapping.position("new"), Some(700));
        let copy = mapping.clone();
        mapping.insert("newer", Node::int(2));
        assert!(copy.get("newer").is_none());
        assert_eq!(mapping.position("newer"), Some(701));
    }
}
