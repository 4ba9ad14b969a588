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
    /// Set by the first lookup.
    signs: OnceLock<Signs>,
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
            signs: OnceLock::new(),
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
        self.signs.take();
        &mut self.list
    }

    /// Position of the first entry whose key has this text.
    // Inlined, so that the bit of a literal is a constant. Most lookups are for one of many fields that an object may have,
    // and find nothing.
    #[inline]
    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        let signs = self.signs();
        let sign = sign(key);
        match signs.bits & bit(sign) {
            0 => None,
            _ => self.search(key, signs.first.places_of(sign)),
        }
    }

    #[inline]
    fn signs(&self) -> &Signs {
        self.signs.get_or_init(|| {
            let mut signs = Signs::default();
            for (index, (key, _)) in self.list.iter().enumerate() {
                signs.add(index, key);
            }
            signs
        })
    }

    /// Position of the first entry whose key has this text. Of the first entries, it is one of `first` if any.
    #[inline(never)]
    fn search(&self, key: &str, first: Places) -> Option<usize> {
        let is_key = |index: &usize| self.list.get(*index).is_some_and(|(k, _)| is_text(k, key));
        if let Some(found) = first.into_iter().find(is_key) {
            return Some(found);
        }
        match self.list.len() {
            ..MIN_INDEXED => (FIRST..self.list.len()).find(is_key),
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
        if let Some(signs) = self.signs.get_mut() {
            signs.add(self.list.len(), &key);
        }
        // Most mappings get one or two more, such as the namespace, and a model holds many of them.
        if self.list.len() == self.list.capacity() && !self.list.is_empty() {
            self.list.reserve_exact(2 + self.list.len() / 4);
        }
        self.list.push((key, value));
    }
}

/// By which most lookups need no search, and most others compare one key.
#[derive(Clone, Copy, Debug, Default)]
struct Signs {
    /// A bit for the sign of each key.
    bits: u64,
    first: FirstSigns,
}

impl Signs {
    fn add(&mut self, index: usize, key: &Node) {
        if let Value::Scalar(scalar) = &key.value {
            let sign = sign(&scalar.text);
            self.bits |= bit(sign);
            self.first.set(index, sign);
        }
    }
}

/// How many keys have their signs kept.
const FIRST: usize = 8;

/// The signs of the first keys, a byte each, from the lowest; 0 for a key that is no text.
#[derive(Clone, Copy, Debug, Default)]
struct FirstSigns(u64);

impl FirstSigns {
    fn set(&mut self, index: usize, sign: u8) {
        if index < FIRST {
            self.0 |= u64::from(sign) << (8 * index);
        }
    }

    /// The places of a sign, and seldom others.
    #[inline]
    fn places_of(self, sign: u8) -> Places {
        const ONES: u64 = 0x0101_0101_0101_0101;
        let differing = self.0 ^ (u64::from(sign) * ONES);
        // The high bit of each byte that is 0, and of some above one.
        Places(differing.wrapping_sub(ONES) & !differing & (ONES << 7))
    }
}

/// Places among the first keys: the high bit of the byte of each.
#[derive(Clone, Copy)]
struct Places(u64);

impl Iterator for Places {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let place = self.0.trailing_zeros() / 8;
        self.0 &= self.0.wrapping_sub(1);
        usize::try_from(place).ok().filter(|place| *place < FIRST)
    }
}

/// A byte that differs between most texts, and is not 0.
#[inline]
fn sign(text: &str) -> u8 {
    let bytes = text.as_bytes();
    let byte = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(*byte));
    let mixed = bytes.len() + 3 * byte(bytes.first()) + 13 * byte(bytes.last());
    // The lowest eight bits but one, which is set.
    mixed.to_le_bytes()[0] | 0x80
}

#[inline]
fn bit(sign: u8) -> u64 {
    1 << (sign % 64)
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
