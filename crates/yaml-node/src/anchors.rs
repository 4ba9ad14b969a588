//! Anchors and aliases of a text that is changed and written again, kept as go-yaml's tree keeps them.
//!
//! Other readers replace an alias by a copy of its node, so few trees have any. To spare every node two fields, an
//! alias is a scalar with a tag that no text can state, and the file of an anchored node's mark is the number of its
//! anchor.

use std::sync::Arc;

use smol_str::SmolStr;
use source_tree::{FileId, Limits};

use crate::compose::Composer;
use crate::{Dialect, Node, ReadError, Scalar, Style, Tag, Value};

/// The tag of an alias. A tag in a text has no blanks.
const ALIAS: &str = "an alias";

/// The names of the anchors of one document.
#[derive(Clone, Debug, Default)]
pub struct Anchors {
    names: Vec<SmolStr>,
}

/// The first document of a text, if it has one, as [`read_document`](crate::read_document) reads it, except that
/// aliases stay: each is a scalar whose text is the name of its anchor, and for which [`is_alias`] is true.
///
/// The nodes have lines, but no files.
///
/// # Errors
/// As [`read_document`](crate::read_document).
pub fn read_anchored(text: &str, limits: &Limits) -> Result<Option<(Node, Anchors)>, ReadError> {
    Composer::new(text, FileId::NONE, 1, limits, Dialect::V3).anchored_document()
}

/// Whether a node of [`read_anchored`] is an alias.
pub fn is_alias(node: &Node) -> bool {
    node.as_scalar().is_some_and(is_alias_scalar)
}

pub(crate) fn is_alias_scalar(scalar: &Scalar) -> bool {
    matches!(&scalar.tag, Tag::Custom(tag) if **tag == *ALIAS)
}

impl Anchors {
    /// Whether the document has no anchors, and so no aliases.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub(crate) fn alias(name: &str) -> Value {
        Value::Scalar(Scalar {
            text: name.into(),
            style: Style::Plain,
            tag: Tag::Custom(Arc::from(ALIAS)),
        })
    }

    /// Anchors are numbered downwards from the last file number, which no table reaches.
    pub(crate) fn add(&mut self, name: &str, node: &mut Node) {
        if let Ok(number) = u32::try_from(self.names.len()) {
            node.mark.file = FileId(u32::MAX - number);
            self.names.push(name.into());
        }
    }

    pub(crate) fn name(&self, node: &Node) -> Option<&str> {
        let number = usize::try_from(u32::MAX - node.mark.file.0).ok()?;
        self.names.get(number).map(SmolStr::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_anchored;

    #[test]
    fn anchors_keep_their_places() {
        let text =
            "a: &one\n  b: &two 2\nc: [*one, &three {d: *two}]\ne:\n- &four\n  f: \"x\"\n- *four\n&k g: *k\n";
        let (node, anchors) = read_anchored(text, &Limits::default()).unwrap().unwrap();
        assert!(is_alias(&node.at(&["c"]).unwrap().items()[0]));
        assert_eq!(write_anchored(&node, &anchors), text);
    }

    #[test]
    fn an_alias_needs_an_earlier_anchor_and_may_be_inside_it() {
        let limits = Limits::default();
        assert!(read_anchored("a: *b\nb: &b 1\n", &limits).is_err());
        assert!(read_anchored("a: &a {b: *a}\n", &limits).is_ok());
    }
}
