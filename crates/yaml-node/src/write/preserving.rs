//! Writing in a tree's own order and styles, as kyaml's encoder does.

use super::analysis::analyze;
use super::emitter::Emitter;
use super::reread::wanted_form;
use super::scalar::{Form, Position, choose_form, is_simple_key, write_form};
use crate::resolve::resolve;
use crate::typed::tag_name;
use crate::{Dialect, Mapping, Node, Scalar, Sequence, Style, Tag, Value};

/// The text of one document as go-yaml v3 writes it for kyaml: keys in order, styles kept, two columns of indent, lists
/// in the column of their key, lines of any length. It is what kustomize puts back into a string that holds YAML.
///
/// The tree has to keep within [`Limits`](source_tree::Limits), as one that was read does; see [`Node::fits`].
pub fn write_preserving(node: &Node) -> String {
    let mut out = String::new();
    let mut emitter = Emitter::new(&mut out, usize::MAX);
    write_node(&mut emitter, node, false, false);
    emitter.end_document();
    out
}

fn write_node(emitter: &mut Emitter<'_>, node: &Node, entry: bool, flow: bool) {
    match &node.value {
        Value::Scalar(scalar) => {
            let position = Position {
                flow,
                simple_key: false,
            };
            write_scalar(emitter, scalar, position);
        }
        Value::Sequence(items) if items.is_empty() => emitter.empty("[]"),
        Value::Sequence(items) if flow || items.flow => write_flow_sequence(emitter, items),
        Value::Sequence(items) => {
            let outer = emitter.start_sequence(entry);
            for item in items.iter() {
                emitter.write_indent();
                emitter.indicator("-", true, true);
                write_node(emitter, item, false, false);
            }
            emitter.indent = outer;
        }
        Value::Mapping(mapping) if mapping.is_empty() => emitter.empty("{}"),
        Value::Mapping(mapping) => write_mapping(emitter, mapping, flow || mapping.flow),
    }
}

fn write_flow_sequence(emitter: &mut Emitter<'_>, items: &Sequence) {
    emitter.open("[");
    let outer = emitter.start_scalar();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            emitter.indicator(",", false, false);
        }
        write_node(emitter, item, false, true);
    }
    emitter.indent = outer;
    emitter.indicator("]", false, false);
}

fn write_mapping(emitter: &mut Emitter<'_>, mapping: &Mapping, flow: bool) {
    let outer = if flow {
        emitter.open("{");
        emitter.start_scalar()
    } else {
        emitter.start_mapping()
    };
    for (index, (key, value)) in mapping.entries().iter().enumerate() {
        if !flow {
            emitter.write_indent();
        } else if index > 0 {
            emitter.indicator(",", false, false);
        }
        if write_key(emitter, key, flow) {
            emitter.indicator(":", false, false);
        } else {
            if !flow {
                emitter.write_indent();
            }
            emitter.indicator(":", true, !flow);
        }
        write_node(emitter, value, true, flow);
    }
    emitter.indent = outer;
    if flow {
        emitter.indicator("}", false, false);
    }
}

/// Writes a key, and tells whether it needs no `?`.
fn write_key(emitter: &mut Emitter<'_>, key: &Node, flow: bool) -> bool {
    let simple_key = match &key.value {
        Value::Scalar(scalar) => is_simple_key(&scalar.text, &analyze(&scalar.text, Dialect::V3)),
        Value::Sequence(items) => items.is_empty(),
        Value::Mapping(mapping) => mapping.is_empty(),
    };
    if !simple_key {
        emitter.indicator("?", true, !flow);
    }
    match &key.value {
        Value::Scalar(scalar) => write_scalar(emitter, scalar, Position { flow, simple_key }),
        _ => write_node(emitter, key, true, flow),
    }
    simple_key
}

fn write_scalar(emitter: &mut Emitter<'_>, scalar: &Scalar, position: Position) {
    let text = scalar.text.as_str();
    let resolved = resolve(text, Dialect::V3);
    let quoted = scalar.style != Style::Plain;
    let mut wanted = wanted_form(text, scalar.style);
    let mut tag = None;
    match &scalar.tag {
        Tag::Untyped => {}
        Tag::Str if quoted || matches!(resolved, Tag::Str | Tag::Merge) => {}
        Tag::Str if wanted == Form::Plain => wanted = Form::DoubleQuoted,
        Tag::Str => {}
        known if *known == resolved && *known != Tag::Merge => {}
        other => tag = Some(tag_name(other)),
    }
    if let Some(tag) = tag {
        write_tag(emitter, tag);
    }
    let form = choose_form(text, &analyze(text, Dialect::V3), wanted, position);
    if form == Form::Plain && text.is_empty() {
        emitter.nothing();
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
