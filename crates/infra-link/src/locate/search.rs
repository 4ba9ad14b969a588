//! Search for the scalars around a line of a file.

use std::ops::Range;

use smol_str::SmolStr;
use yaml_node::{Node, Value};

use super::{FileIndex, Step};

/// A scalar of a document, by its path from the top.
pub(super) struct FoundScalar {
    pub(super) document: usize,
    pub(super) path: Vec<Step>,
    /// The anchor's name for each step whose key is an alias.
    pub(super) anchors: Vec<Option<SmolStr>>,
    pub(super) text: SmolStr,
    pub(super) line: u32,
}

/// A walk through the documents of a file that skips nodes which cannot have the line.
pub(super) struct Search<'s> {
    file: &'s FileIndex,
    line: u32,
    /// By text and line.
    is_wanted: &'s dyn Fn(&str, u32) -> bool,
    document: usize,
    path: Vec<Step>,
    anchors: Vec<Option<SmolStr>>,
    found: Vec<FoundScalar>,
}

impl<'s> Search<'s> {
    pub(super) fn new(file: &'s FileIndex, line: u32, is_wanted: &'s dyn Fn(&str, u32) -> bool) -> Self {
        Search {
            file,
            line,
            is_wanted,
            document: 0,
            path: Vec::new(),
            anchors: Vec::new(),
            found: Vec::new(),
        }
    }

    /// In document order.
    pub(super) fn run(mut self) -> Vec<FoundScalar> {
        for document in self.around(&self.file.documents, |document| document.mark.line) {
            self.document = document;
            if let Some(node) = self.file.documents.get(document) {
                self.walk(node);
            }
        }
        self.found
    }

    fn walk(&mut self, node: &Node) {
        match &node.value {
            Value::Scalar(scalar) => {
                if (self.is_wanted)(&scalar.text, node.mark.line) {
                    self.found.push(FoundScalar {
                        document: self.document,
                        path: self.path.clone(),
                        anchors: self.anchors.clone(),
                        text: scalar.text.clone(),
                        line: node.mark.line,
                    });
                }
            }
            Value::Sequence(items) => {
                for index in self.around(items, |item| item.mark.line) {
                    if let Some(item) = items.get(index) {
                        self.below(Step::Index(index), None, item);
                    }
                }
            }
            Value::Mapping(mapping) => {
                let entries = mapping.entries();
                for index in self.around(entries, |(key, _)| key.mark.line) {
                    let Some((key_node, value)) = entries.get(index) else {
                        continue;
                    };
                    if let Some(key) = key_node.as_scalar() {
                        let anchor = self.file.anchor(key_node.mark, &key.text);
                        self.below(Step::Key(key.text.clone()), anchor, value);
                    }
                }
            }
        }
    }

    fn below(&mut self, step: Step, anchor: Option<SmolStr>, node: &Node) {
        self.path.push(step);
        self.anchors.push(anchor);
        self.walk(node);
        self.path.pop();
        self.anchors.pop();
    }

    /// The positions of nodes that may have the line: those that begin on it, and the last that begins before. All of them if the
    /// file has anchors, which put a node on the line of another.
    fn around<T>(&self, nodes: &[T], line_of: impl Fn(&T) -> u32) -> Range<usize> {
        if self.file.has_anchors() {
            return 0..nodes.len();
        }
        let first = nodes.partition_point(|node| line_of(node) < self.line);
        let end = nodes.partition_point(|node| line_of(node) <= self.line);
        first.saturating_sub(1)..end
    }
}
