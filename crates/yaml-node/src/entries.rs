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
    /// A bit for each key, by which most keys that are not there are known without a search. Set by the first lookup.
    key_bits: OnceLock<u64>,
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
            key_bits: OnceLock::new(),
            by_key: OnceLock::new(),
        }
    }

    #[inline]
    pub(crate) fn list(&self) -> &[(Node, Node)] {
        &self.list
    }

    /// Mutable access to the entries. Drops what was known of their keys.
    pub(crate) fn list_mut(&mut self) -> &mut Vec<(Node, Node)> {
        self.by_key.take();
        self.key_bits.take();
        &mut self.list
    }

    /// Position of the first entry whose key has this text.
    // Inlined, so that the bit of a literal is a constant. Most lookups are for one of many fields that an object may have,
    // and find nothing.
    #[inline]
    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        match self.key_bits() & text_bit(key) {
            0 => None,
            _ => self.search(key),
        }
    }

    #[inline]
    fn key_bits(&self) -> u64 {
        let bits = || self.list.iter().fold(0, |bits, (key, _)| bits | key_bit(key));
        *self.key_bits.get_or_init(bits)
    }

    #[inline(never)]
    fn search(&self, key: &str) -> Option<usize> {
        match self.list.len() {
            ..MIN_INDEXED => self.list.iter().position(|(k, _)| is_text(k, key)),
            _ => self.by_key().get(key).copied(),
        }
    }

    // Not inlined, so that the search of a short list has few registers to save.
    #[inline(never)]
    fn by_key(&self) -> &HashMap<SmolStr, usize> {
        self.by_key.get_or_init(|| {
            let mut by_key = HashMap::with_capacity(self.list.len());
            for (index, (key, _)) in self.list.iter().enumerate() {
                if let Some(scalar) = key.as_scalar() {
                    by_key.entry(scalar.text.clone()).or_insert(index);
                }
            }
            Box::new(by_key)
        })
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
        if let Some(bits) = self.key_bits.get_mut() {
            *bits |= key_bit(&key);
        }
        // Most mappings get one or two more, such as the namespace, and a model holds many of them.
        if self.list.len() == self.list.capacity() && !self.list.is_empty() {
            self.list.reserve_exact(2 + self.list.len() / 4);
        }
        self.list.push((key, value));
    }
}

fn key_bit(key: &Node) -> u64 {
    match &key.value {
        Value::Scalar(scalar) => text_bit(&scalar.text),
        _ => 0,
    }
}

#[inline]
fn text_bit(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let byte = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(*byte));
    let mixed = bytes.len() + 3 * byte(bytes.first()) + 13 * byte(bytes.last());
    1 << (mixed % 64)
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

    #[test]
    fn the_bits_of_keys_hide_none() {
        let names: Vec<String> = (0..300_u32)
            .map(|index| format!("{}{}", "k".repeat((index % 7) as usize), index % 90))
            .chain(["".to_owned(), "é".to_owned(), "\u{FF}".repeat(300)])
            .collect();
        for length in 0..names.len() {
            let keys = names.iter().skip(length / 2).take(length % 40);
            let mapping = Node::mapping(keys.clone().map(|key| (key.as_str(), Node::null())));
            let mut pushed = Mapping::default();
            for key in keys.clone() {
                pushed.push(Node::str(key.as_str()), Node::null());
            }
            for name in &names {
                let position = keys.clone().position(|key| key == name);
                assert_eq!(mapping.as_mapping().unwrap().position(name), position, "{name}");
                assert_eq!(pushed.position(name), position, "{name}");
            }
        }
    }
}
