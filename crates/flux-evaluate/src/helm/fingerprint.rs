//! A digest of the inputs of a rendering.

use std::fmt::{Debug, Write as _};

use helm_template::{Chart, ChartFile};
use sha2::{Digest as _, Sha256};
use yaml_node::{Node, Value};

use crate::RenderingKey;

/// A digest of a sequence of texts, trees and charts. Different sequences have different digests.
#[derive(Clone, Default)]
pub(super) struct Fingerprint(Sha256);

impl Fingerprint {
    pub(super) fn key(self) -> RenderingKey {
        RenderingKey(self.0.finalize().into())
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes.len().to_le_bytes());
        self.0.update(bytes);
    }

    /// A value whose `Debug` output contains all of its fields.
    pub(super) fn fields(&mut self, fields: &impl Debug) {
        self.text(&format!("{fields:?}"));
    }

    /// A tree with its types. Templates do not see places and styles.
    pub(super) fn node(&mut self, node: &Node) {
        let mut text = String::new();
        write_node(node, &mut text);
        self.text(&text);
    }

    pub(super) fn chart(&mut self, chart: &Chart) {
        self.fields(&chart.metadata);
        self.node(&chart.values);
        // An empty schema differs from none: no values are valid.
        self.fields(&chart.schema.is_some());
        self.bytes(chart.schema.as_deref().unwrap_or_default());
        for files in [&chart.templates, &chart.files] {
            self.0.update(files.len().to_le_bytes());
            for ChartFile { name, data } in files {
                self.text(name);
                self.bytes(data);
            }
        }
        self.0.update(chart.dependencies.len().to_le_bytes());
        for dependency in &chart.dependencies {
            self.chart(dependency);
        }
    }
}

fn write_node(node: &Node, out: &mut String) {
    match &node.value {
        Value::Scalar(scalar) => {
            let _ = write!(out, "{:?} {} {}", scalar.tag, scalar.text.len(), scalar.text);
        }
        Value::Sequence(items) => {
            let _ = write!(out, "[{} ", items.len());
            for item in items.iter() {
                write_node(item, out);
            }
        }
        Value::Mapping(mapping) => {
            let _ = write!(out, "{{{} ", mapping.len());
            for (key, value) in mapping.entries() {
                write_node(key, out);
                write_node(value, out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileId, Limits};
    use yaml_node::read_document;

    fn key(text: &str) -> RenderingKey {
        let node = read_document(text, FileId::NONE, &Limits::default())
            .unwrap()
            .unwrap();
        let mut fingerprint = Fingerprint::default();
        fingerprint.node(&node);
        fingerprint.key()
    }

    #[test]
    fn trees_differ_by_types_texts_and_shape() {
        let texts = [
            "a: 1",
            "a: '1'",
            "a: 2",
            "b: 1",
            "a: [1]",
            "a: {1: ''}",
            "a: 1\nb: 2",
            "[a, 1]",
            "[[a], 1]",
            "[[a, 1]]",
        ];
        for (index, text) in texts.iter().enumerate() {
            for (other_index, other) in texts.iter().enumerate() {
                assert_eq!(key(text) == key(other), index == other_index, "{text} {other}");
            }
        }
    }

    #[test]
    fn places_and_styles_are_the_same() {
        assert_eq!(key("a: {b: 'c'}"), key("\n\na:\n  b: \"c\"\n"));
    }
}
