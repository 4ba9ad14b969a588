//! The tree: order, style, tag and position of every node, cheap to clone.

use std::sync::Arc;

use smol_str::SmolStr;
use source_tree::{Limits, Mark};

use crate::entries::Entries;

/// One YAML value and the place that states it.
///
/// A clone shares its children; a change copies only the path to the changed node. A scalar's mark always names the
/// text that decided its value: code that overwrites a scalar must set the mark of the new value's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its place. Equal trees from different places are not `==`; compare with [`Node::same_value`].
    pub mark: Mark,
}

/// The three kinds of YAML values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A leaf.
    Scalar(Scalar),
    /// A list.
    Sequence(Sequence),
    /// Keys and values in the order written. Duplicate keys are kept: readers decide what they mean.
    Mapping(Mapping),
}

/// Text, how it was written, and what it resolved to when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The content after quotes, escapes and folding are undone.
    pub text: SmolStr,
    /// How it was written. Overwriting a scalar keeps the style, as kustomize does.
    pub style: Style,
    /// Its type.
    pub tag: Tag,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes.
    #[default]
    Plain,
    /// `'text'`
    SingleQuoted,
    /// `"text"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// A scalar's type as go-yaml v3 resolves it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    /// `!!null`
    Null,
    /// `!!bool`
    Bool,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!str`
    Str,
    /// `!!timestamp`
    Timestamp,
    /// `!!binary`
    Binary,
    /// `!!merge`, the key `<<`
    Merge,
    /// Not typed yet: the text is resolved when it is written, as for a field that a program sets without a type.
    Untyped,
    /// Any other tag, such as `!Ref`.
    Custom(Arc<str>),
}

impl Tag {
    /// The name in go-yaml; empty for [`Tag::Untyped`].
    pub fn name(&self) -> &str {
        match self {
            Tag::Null => "!!null",
            Tag::Bool => "!!bool",
            Tag::Int => "!!int",
            Tag::Float => "!!float",
            Tag::Str => "!!str",
            Tag::Timestamp => "!!timestamp",
            Tag::Binary => "!!binary",
            Tag::Merge => "!!merge",
            Tag::Untyped => "",
            Tag::Custom(tag) => tag,
        }
    }
}

/// A list. Derefs to a slice; change it through [`Sequence::items_mut`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sequence {
    items: Arc<Vec<Node>>,
    /// Whether it was written in brackets.
    pub flow: bool,
}

/// Keys and values in order. Lookups by key text take the first match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    entries: Arc<Entries>,
    /// Whether it was written in braces.
    pub flow: bool,
}

impl Scalar {
    /// A plain scalar of a given type.
    pub fn new(text: impl Into<SmolStr>, tag: Tag) -> Self {
        Scalar {
            text: text.into(),
            style: Style::Plain,
            tag,
        }
    }
}

impl Sequence {
    /// A block list.
    pub fn new(items: Vec<Node>) -> Self {
        Sequence {
            items: Arc::new(items),
            flow: false,
        }
    }

    /// Mutable access to the items. Copies a shared list, but not the items' children.
    pub fn items_mut(&mut self) -> &mut Vec<Node> {
        Arc::make_mut(&mut self.items)
    }
}

impl std::ops::Deref for Sequence {
    type Target = [Node];

    fn deref(&self) -> &[Node] {
        &self.items
    }
}

impl Mapping {
    /// A block mapping.
    pub fn new(entries: Vec<(Node, Node)>) -> Self {
        Mapping {
            entries: Arc::new(Entries::new(entries)),
            flow: false,
        }
    }

    /// Number of entries.
    #[inline]
    pub fn len(&self) -> usize {
        self.entries.list().len()
    }

    /// Whether it has no entries.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.entries.list().is_empty()
    }

    /// Keys and values in order.
    #[inline]
    pub fn entries(&self) -> &[(Node, Node)] {
        self.entries.list()
    }

    /// Mutable access to keys and values. Copies a shared list of entries, but not their children.
    pub fn entries_mut(&mut self) -> &mut Vec<(Node, Node)> {
        Arc::make_mut(&mut self.entries).list_mut()
    }

    /// Key texts and values in order. Keys that are not scalars are left out.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Node)> {
        self.entries()
            .iter()
            .filter_map(|(key, value)| Some((key.text()?, value)))
    }

    /// Position of the first entry whose key has this text.
    #[inline]
    pub fn position(&self, key: &str) -> Option<usize> {
        self.entries.position(key)
    }

    /// The value of the first entry whose key has this text.
    #[inline]
    pub fn get(&self, key: &str) -> Option<&Node> {
        let (_, value) = self.entries().get(self.position(key)?)?;
        Some(value)
    }

    /// Mutable [`Mapping::get`].
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let index = self.position(key)?;
        Some(Arc::make_mut(&mut self.entries).value_mut(index))
    }

    /// The key node of the first entry with this text, whose mark is the line of the key.
    pub fn key(&self, key: &str) -> Option<&Node> {
        let (key, _) = self.entries().get(self.position(key)?)?;
        Some(key)
    }

    /// Sets the value of an existing key in place, or adds an entry at the end.
    pub fn insert(&mut self, key: &str, value: Node) {
        match self.position(key) {
            Some(index) => *Arc::make_mut(&mut self.entries).value_mut(index) = value,
            None => {
                let mark = value.mark;
                self.push(Node::str(key).with_mark(mark), value);
            }
        }
    }

    /// Adds an entry at the end, even if the key exists.
    pub fn push(&mut self, key: Node, value: Node) {
        Arc::make_mut(&mut self.entries).push(key, value);
    }

    /// Replaces the entry at a position that [`Mapping::position`] has found by one whose key has the same text.
    pub(crate) fn replace(&mut self, index: usize, key: Node, value: Node) {
        Arc::make_mut(&mut self.entries).replace(index, key, value);
    }

    /// Removes the first entry with this key and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let index = self.position(key)?;
        Some(self.entries_mut().remove(index).1)
    }

    /// The value of `key`; if it is missing, `default` is added at the end of the mapping.
    pub fn get_or_insert_with(&mut self, key: &str, default: impl FnOnce() -> Node) -> &mut Node {
        let index = match self.position(key) {
            Some(index) => index,
            None => {
                let value = default();
                self.push(Node::str(key).with_mark(value.mark), value);
                self.len() - 1
            }
        };
        Arc::make_mut(&mut self.entries).value_mut(index)
    }
}

impl Node {
    /// A node without a place.
    pub fn new(value: Value) -> Self {
        Node {
            value,
            mark: Mark::NONE,
        }
    }

    /// A scalar node.
    pub fn scalar(text: impl Into<SmolStr>, tag: Tag) -> Self {
        Node::new(Value::Scalar(Scalar::new(text, tag)))
    }

    /// A string. It is quoted on output if its text would read as another type.
    pub fn str(text: impl Into<SmolStr>) -> Self {
        Node::scalar(text, Tag::Str)
    }

    /// `null`
    pub fn null() -> Self {
        Node::scalar("null", Tag::Null)
    }

    /// A boolean.
    pub fn bool(value: bool) -> Self {
        Node::scalar(if value { "true" } else { "false" }, Tag::Bool)
    }

    /// An integer.
    pub fn int(value: i64) -> Self {
        Node::scalar(value.to_string(), Tag::Int)
    }

    /// A block mapping from entries with string keys.
    pub fn mapping<K: Into<SmolStr>>(entries: impl IntoIterator<Item = (K, Node)>) -> Self {
        Node::new(Value::Mapping(Mapping::new(
            entries.into_iter().map(|(k, v)| (Node::str(k), v)).collect(),
        )))
    }

    /// A block mapping without entries.
    pub fn empty_mapping() -> Self {
        Node::new(Value::Mapping(Mapping::default()))
    }

    /// A block list.
    pub fn sequence(items: impl IntoIterator<Item = Node>) -> Self {
        Node::new(Value::Sequence(Sequence::new(items.into_iter().collect())))
    }

    /// The node with another mark. Children keep theirs.
    #[must_use]
    pub fn with_mark(mut self, mark: Mark) -> Self {
        self.mark = mark;
        self
    }

    /// `scalar`, `sequence` or `mapping`.
    pub fn shape(&self) -> &'static str {
        match self.value {
            Value::Scalar(_) => "scalar",
            Value::Sequence(_) => "sequence",
            Value::Mapping(_) => "mapping",
        }
    }

    /// The scalar, if this is one.
    #[inline]
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Mutable access to the scalar, if this is one.
    pub fn as_scalar_mut(&mut self) -> Option<&mut Scalar> {
        match &mut self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The list, if this is one.
    #[inline]
    pub fn as_sequence(&self) -> Option<&Sequence> {
        match &self.value {
            Value::Sequence(sequence) => Some(sequence),
            _ => None,
        }
    }

    /// Mutable access to the list, if this is one.
    pub fn as_sequence_mut(&mut self) -> Option<&mut Sequence> {
        match &mut self.value {
            Value::Sequence(sequence) => Some(sequence),
            _ => None,
        }
    }

    /// The mapping, if this is one.
    #[inline]
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// Mutable access to the mapping, if this is one.
    pub fn as_mapping_mut(&mut self) -> Option<&mut Mapping> {
        match &mut self.value {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// A scalar's text whatever its type.
    #[inline]
    pub fn text(&self) -> Option<&str> {
        self.as_scalar().map(|scalar| scalar.text.as_str())
    }

    /// The text of a string scalar.
    pub fn as_str(&self) -> Option<&str> {
        self.as_scalar()
            .filter(|scalar| scalar.tag == Tag::Str)
            .map(|scalar| scalar.text.as_str())
    }

    /// A boolean scalar's value.
    pub fn as_bool(&self) -> Option<bool> {
        let scalar = self.as_scalar().filter(|scalar| scalar.tag == Tag::Bool)?;
        Some(scalar.text.eq_ignore_ascii_case("true"))
    }

    /// A decimal integer scalar's value.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_scalar()
            .filter(|scalar| scalar.tag == Tag::Int)?
            .text
            .parse()
            .ok()
    }

    /// Whether this is `null`.
    #[inline]
    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(|scalar| scalar.tag == Tag::Null)
    }

    /// The value under `key`, if this is a mapping that has it.
    #[inline]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_mapping()?.get(key)
    }

    /// Mutable [`Node::get`].
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.as_mapping_mut()?.get_mut(key)
    }

    /// The value under a path of mapping keys.
    pub fn at<'a>(&'a self, path: &[&str]) -> Option<&'a Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Mutable [`Node::at`].
    pub fn at_mut<'a>(&'a mut self, path: &[&str]) -> Option<&'a mut Node> {
        path.iter().try_fold(self, |node, key| node.get_mut(key))
    }

    /// The text of a scalar under a path of mapping keys, whatever its type.
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.text()
    }

    /// The items, if this is a list; none otherwise.
    #[inline]
    pub fn items(&self) -> &[Node] {
        self.as_sequence().map_or(&[], |sequence| sequence)
    }

    /// Key texts and values, if this is a mapping; none otherwise.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Node)> {
        self.as_mapping().into_iter().flat_map(Mapping::iter)
    }

    /// The cost of visiting a tree once: its nodes, and more for long texts. Shared nodes count for every occurrence.
    pub fn weight(&self) -> usize {
        // Most nodes are scalars, for which the recursion needs no call.
        fn of(node: &Node) -> usize {
            match &node.value {
                Value::Scalar(scalar) => 1 + scalar.text.len() / 64,
                _ => node.weight(),
            }
        }
        match &self.value {
            Value::Scalar(_) => of(self),
            Value::Sequence(items) => 1 + items.iter().map(of).sum::<usize>(),
            Value::Mapping(mapping) => {
                let entries = mapping.entries().iter();
                1 + entries.map(|(key, value)| of(key) + of(value)).sum::<usize>()
            }
        }
    }

    /// Whether a tree is within the limits of nodes and depth. Shared nodes count for every occurrence.
    ///
    /// Reading guarantees it. Code that puts trees into trees, such as a patch that copies, has to check: a few dozen
    /// copies of a tree into itself cost nothing, but writing the result takes more than any memory.
    pub fn fits(&self, limits: &Limits) -> bool {
        let mut left = limits.nodes;
        self.fits_below(limits.depth, &mut left)
    }

    fn fits_below(&self, depth: usize, left: &mut usize) -> bool {
        let Some(fewer) = left.checked_sub(1) else {
            return false;
        };
        *left = fewer;
        let Some(below) = depth.checked_sub(1) else {
            return self.as_scalar().is_some();
        };
        match &self.value {
            Value::Scalar(_) => true,
            Value::Sequence(items) => items.iter().all(|item| item.fits_below(below, left)),
            Value::Mapping(mapping) => mapping
                .entries()
                .iter()
                .all(|(key, value)| key.fits_below(below, left) && value.fits_below(below, left)),
        }
    }

    /// The address of the children that clones of this node share; `None` for a scalar and for a node without clones.
    pub(crate) fn shared(&self) -> Option<usize> {
        fn address<T>(children: &Arc<T>) -> Option<usize> {
            (Arc::strong_count(children) > 1).then(|| Arc::as_ptr(children).addr())
        }
        match &self.value {
            Value::Scalar(_) => None,
            Value::Sequence(sequence) => address(&sequence.items),
            Value::Mapping(mapping) => address(&mapping.entries),
        }
    }

    /// Whether it is an unchanged clone of `other`. Two trees that merely look equal do not count.
    pub fn shares(&self, other: &Node) -> bool {
        self.mark == other.mark
            && match (&self.value, &other.value) {
                (Value::Scalar(a), Value::Scalar(b)) => a == b,
                (Value::Sequence(a), Value::Sequence(b)) => Arc::ptr_eq(&a.items, &b.items),
                (Value::Mapping(a), Value::Mapping(b)) => Arc::ptr_eq(&a.entries, &b.entries),
                _ => false,
            }
    }

    /// Whether two trees hold the same values, whatever their marks, styles and key order.
    pub fn same_value(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Scalar(a), Value::Scalar(b)) => a.tag == b.tag && a.text == b.text,
            (Value::Sequence(a), Value::Sequence(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.same_value(b))
            }
            (Value::Mapping(a), Value::Mapping(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(key, a)| b.get(key).is_some_and(|b| a.same_value(b)))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_shares_until_it_is_changed() {
        let original = Node::mapping([("a", Node::mapping([("b", Node::int(1))]))]);
        let mut changed = original.clone();
        *changed.at_mut(&["a", "b"]).unwrap() = Node::int(2);
        assert_eq!(original.text_at(&["a", "b"]), Some("1"));
        assert_eq!(changed.text_at(&["a", "b"]), Some("2"));
    }

    #[test]
    fn shared_trees_count_at_every_use() {
        let limits = |depth, nodes| Limits {
            depth,
            nodes,
            ..Limits::default()
        };
        let mut node = Node::int(1);
        for _ in 0..64 {
            node = Node::sequence([node.clone(), node]);
        }
        assert!(!node.fits(&limits(100, 1_000_000)));
        let node = Node::sequence([Node::mapping([("a", Node::int(1))])]);
        assert!(node.fits(&limits(2, 4)));
        assert!(!node.fits(&limits(1, 4)));
        assert!(!node.fits(&limits(2, 3)));
    }

    #[test]
    fn inserting_keeps_the_place_of_an_existing_key() {
        let mut map = Mapping::default();
        map.insert("x", Node::int(1));
        map.insert("y", Node::int(2));
        map.insert("x", Node::int(3));
        assert_eq!(
            map.iter().map(|(k, v)| (k, v.as_i64())).collect::<Vec<_>>(),
            [("x", Some(3)), ("y", Some(2))]
        );
        assert_eq!(map.remove("x").and_then(|v| v.as_i64()), Some(3));
        assert_eq!(map.len(), 1);
    }
}
