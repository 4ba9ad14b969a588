//! Writer that keeps the order and styles of a tree, as kyaml's encoder does.

use super::analysis::analyze;
use super::emitter::Emitter;
use super::reread::wanted_form;
use super::scalar::{Form, Position, choose_form, is_simple_key, write_form};
use crate::anchors::{Anchors, is_alias_scalar};
use crate::resolve::resolve;
use crate::typed::tag_name;
use crate::{Dialect, Mapping, Node, Scalar, Sequence, Style, Tag, Value};

/// The text of one document as go-yaml v3 writes it for kyaml: keys in order, styles kept, two columns of indent, lists
/// in the column of their key, lines not folded. kustomize writes this into a string that holds YAML.
///
/// The tree must be within [`Limits`](source_tree::Limits), as any tree that was read; see [`Node::fits`].
pub fn write_preserving(node: &Node) -> String {
    write_anchored(node, &Anchors::default())
}

/// As [`write_preserving`], with the anchors and aliases of [`read_anchored`](crate::read_anchored).
pub fn write_anchored(node: &Node, anchors: &Anchors) -> String {
    let mut out = String::new();
    let mut writer = Writer {
        emitter: Emitter::new(&mut out, usize::MAX),
        anchors,
    };
    writer.write_node(node, false, false);
    writer.emitter.end_document();
    out
}

struct Writer<'a> {
    emitter: Emitter<'a>,
    anchors: &'a Anchors,
}

impl Writer<'_> {
    fn write_node(&mut self, node: &Node, entry: bool, flow: bool) {
        self.write_anchor(node);
        match &node.value {
            Value::Scalar(scalar) => {
                let position = Position {
                    flow,
                    simple_key: false,
                };
                write_scalar(&mut self.emitter, scalar, position);
            }
            Value::Sequence(items) if items.is_empty() => self.emitter.empty("[]"),
            Value::Sequence(items) if flow || items.flow => self.write_flow_sequence(items),
            Value::Sequence(items) => {
                let outer = self.emitter.start_sequence(entry);
                for item in items.iter() {
                    self.emitter.write_indent();
                    self.emitter.indicator("-", true, true);
                    self.write_node(item, false, false);
                }
                self.emitter.indent = outer;
            }
            Value::Mapping(mapping) if mapping.is_empty() => self.emitter.empty("{}"),
            Value::Mapping(mapping) => self.write_mapping(mapping, flow || mapping.flow),
        }
    }

    fn write_anchor(&mut self, node: &Node) {
        if let Some(name) = self.anchors.name(node) {
            self.emitter.indicator(&format!("&{name}"), true, false);
        }
    }

    fn write_flow_sequence(&mut self, items: &Sequence) {
        self.emitter.open("[");
        let outer = self.emitter.start_scalar();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.emitter.indicator(",", false, false);
            }
            self.write_node(item, false, true);
        }
        self.emitter.indent = outer;
        self.emitter.indicator("]", false, false);
    }

    fn write_mapping(&mut self, mapping: &Mapping, flow: bool) {
        let outer = if flow {
            self.emitter.open("{");
            self.emitter.start_scalar()
        } else {
            self.emitter.start_mapping()
        };
        for (index, (key, value)) in mapping.entries().iter().enumerate() {
            if !flow {
                self.emitter.write_indent();
            } else if index > 0 {
                self.emitter.indicator(",", false, false);
            }
            if self.write_key(key, flow) {
                self.emitter.indicator(":", false, false);
            } else {
                if !flow {
                    self.emitter.write_indent();
                }
                self.emitter.indicator(":", true, !flow);
            }
            self.write_node(value, true, flow);
        }
        self.emitter.indent = outer;
        if flow {
            self.emitter.indicator("}", false, false);
        }
    }

    /// Writes a key. Returns whether it needs no `?`.
    fn write_key(&mut self, key: &Node, flow: bool) -> bool {
        let simple_key = match &key.value {
            Value::Scalar(scalar) => is_simple_key(&scalar.text, &analyze(&scalar.text, Dialect::V3)),
            Value::Sequence(items) => items.is_empty(),
            Value::Mapping(mapping) => mapping.is_empty(),
        };
        if !simple_key {
            self.emitter.indicator("?", true, !flow);
        }
        match &key.value {
            Value::Scalar(scalar) => {
                self.write_anchor(key);
                write_scalar(&mut self.emitter, scalar, Position { flow, simple_key });
            }
            _ => self.write_node(key, true, flow),
        }
        simple_key
    }
}

fn write_scalar(emitter: &mut Emitter<'_>, scalar: &Scalar, position: Position) {
    let text = scalar.text.as_str();
    if is_alias_scalar(scalar) {
        emitter.indicator(&format!("*{text}"), true, false);
        return;
    }
    let resolved = resolve(text, Dialect::V3);
    let quoted = scalar.style != Style::Plain;
    let mut wanted = wanted_form(text, scalar.style);
    match &scalar.tag {
        Tag::Untyped => {}
        Tag::Str if quoted || matches!(resolved, Tag::Str | Tag::Merge) => {}
        Tag::Str if wanted == Form::Plain => wanted = Form::DoubleQuoted,
        Tag::Str => {}
        known if *known == resolved && *known != Tag::Merge => {}
        other => write_tag(emitter, tag_name(other)),
    }
    let form = choose_form(text, &analyze(text, Dialect::V3), wanted, position);
    if form == Form::Plain && text.is_empty() {
        emitter.text_starts();
    } else {
        write_form(emitter, text, form, !position.simple_key);
    }
}

fn write_tag(emitter: &mut Emitter<'_>, tag: &str) {
    let (handle, suffix) = match tag.strip_prefix("!!") {
        Some(suffix) => ("!!", suffix),
        None => match tag.strip_prefix('!') {
            Some(suffix) => ("!", suffix),
            None => ("!<", tag),
        },
    };
    let mut text = String::from(handle);
    for c in suffix.chars() {
        if c.is_ascii_alphanumeric() || "-_;/?:@&=+$,.~*'()[]".contains(c) {
            text.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    if handle == "!<" {
        text.push('>');
    }
    emitter.indicator(&text, true, false);
}
