//! JSON of go-yaml v3's own nodes as Go's `encoding/json` writes it: with lines, columns, styles and comments.

use std::fmt::Write;

use crate::json_string::write_string;
use crate::place::{Comments, Lost, Place, Places};
use crate::{Mapping, Node, Style, Tag, Value, WriteError};

const SEQUENCE: u8 = 2;
const MAPPING: u8 = 4;
const SCALAR: u8 = 8;
const FLOW: u8 = 32;

/// The JSON of go-yaml's node for a tree.
///
/// A node without a place was made by a program: it has no line, and keys and collections have no tag either.
///
/// # Errors
/// [`WriteError`] if the data of go-yaml's node is unknown: for a node with an explicit tag, and for an emptied list.
pub fn to_syntax_json(node: &Node, places: &Places) -> Result<String, WriteError> {
    let mut out = String::new();
    write(node, false, places, &mut out)?;
    Ok(out)
}

fn write(node: &Node, is_key: bool, places: &Places, out: &mut String) -> Result<(), WriteError> {
    let is_untyped = node.as_scalar().is_some_and(|scalar| scalar.tag == Tag::Untyped);
    let place = places.get(node.mark).filter(|_| !is_untyped);
    if let Some(lost) = Lost::of(node.mark).filter(|_| !is_untyped) {
        return Err(WriteError::new(node.mark, lost.reason()));
    }
    if place.is_some_and(|place| place.tagged) {
        return Err(WriteError::new(node.mark, "a type is written before a node"));
    }
    let (kind, style, text) = match &node.value {
        Value::Scalar(scalar) => (SCALAR, style(scalar.style), scalar.text.as_str()),
        Value::Sequence(items) => (SEQUENCE, flow(items.flow), ""),
        Value::Mapping(mapping) => (MAPPING, flow(mapping.flow), ""),
    };
    let tag = match &node.value {
        Value::Scalar(_) if is_key && place.is_none() => "",
        Value::Scalar(scalar) => scalar.tag.name(),
        _ if place.is_none() => "",
        Value::Sequence(_) => "!!seq",
        Value::Mapping(_) => "!!map",
    };
    let _ = write!(out, "{{\"Kind\":{kind},\"Style\":{style}");
    write_field("Tag", tag, out);
    write_field("Value", text, out);
    write_field("Anchor", "", out);
    out.push_str(",\"Alias\":null,\"Content\":");
    write_content(node, place, places, out)?;
    let (none, nowhere) = (Comments::default(), Place::default());
    let comments = place.map_or(&none, |place| &place.comments);
    write_field("HeadComment", &comments.head, out);
    write_field("LineComment", &comments.line, out);
    write_field("FootComment", &comments.foot, out);
    let Place { line, column, .. } = place.unwrap_or(&nowhere);
    let _ = write!(out, ",\"Line\":{line},\"Column\":{column}}}");
    Ok(())
}

fn write_field(key: &str, text: &str, out: &mut String) {
    let _ = write!(out, ",\"{key}\":");
    write_string(text, out);
}

fn write_content(
    node: &Node,
    place: Option<&Place>,
    places: &Places,
    out: &mut String,
) -> Result<(), WriteError> {
    if node.as_scalar().is_some() || place.is_some_and(|place| place.empty) && is_empty(node) {
        out.push_str("null");
        return Ok(());
    }
    let children: Vec<(&Node, bool)> = match &node.value {
        Value::Scalar(_) => Vec::new(),
        Value::Sequence(items) => items.iter().map(|item| (item, false)).collect(),
        Value::Mapping(mapping) => {
            let entries = mapping.entries().iter();
            entries
                .flat_map(|(key, value)| [(key, true), (value, false)])
                .collect()
        }
    };
    match &node.value {
        // kyaml removes entries by reslicing, which leaves an empty slice.
        Value::Mapping(_) if children.is_empty() => {
            out.push_str("[]");
            return Ok(());
        }
        _ if children.is_empty() => return Err(WriteError::new(node.mark, "nothing is left of a list")),
        _ => {}
    }
    for (index, (child, is_key)) in children.into_iter().enumerate() {
        out.push(if index == 0 { '[' } else { ',' });
        write(child, is_key, places, out)?;
    }
    out.push(']');
    Ok(())
}

fn is_empty(node: &Node) -> bool {
    node.items().is_empty() && node.as_mapping().is_none_or(Mapping::is_empty)
}

fn style(style: Style) -> u8 {
    match style {
        Style::Plain => 0,
        Style::DoubleQuoted => 2,
        Style::SingleQuoted => 4,
        Style::Literal => 8,
        Style::Folded => 16,
    }
}

fn flow(flow: bool) -> u8 {
    if flow { FLOW } else { 0 }
}
