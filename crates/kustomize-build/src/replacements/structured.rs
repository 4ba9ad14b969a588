//! Paths into strings of JSON or YAML.

use source_tree::{FileId, Limits};
use yaml_node::{Anchors, Node, read_document, write_anchored};

use super::comments::carry_over;
use super::target::MAX_TEXT;
use crate::field_path::{self, PathError, Visit, parse_scalar};
use crate::node_edit::{SCALAR, kind_of};
use crate::resource::{Path, at_mut};

/// Sets the fields that a path names inside a string and returns the path of the string. `None` if the path leads into
/// no string or to no field, or the result cannot be written.
pub(super) fn set(
    object: &mut Node,
    parts: &[String],
    visit: &Visit<'_>,
    set: &mut dyn FnMut(&mut Node) -> Result<(), PathError>,
) -> Option<Path> {
    let (scalar, path, rest) = string_on_the_way(object, parts, visit.limits)?;
    let original = scalar.text()?.to_owned();
    let (mut parsed, anchors) = parse_scalar(scalar, visit.limits).ok()?;
    let visit = visit.inside(anchors);
    let mut set = |field: &mut Node| {
        let (mark, is_scalar) = (field.mark, kind_of(field) == SCALAR);
        set(field)?;
        // A scalar with a new text keeps its anchor.
        if is_scalar {
            field.mark = mark;
        }
        Ok(())
    };
    let count = visit.run(&mut parsed, rest, &mut |field, _| set(field)).ok()?;
    if count == 0 {
        return None;
    }
    let text = write(&parsed, &visit.anchors, &original, visit.limits)?;
    if text.len() > MAX_TEXT {
        return None;
    }
    let target = at_mut(object, &path)?;
    target.as_scalar_mut()?.text = text.into();
    Some(path)
}

/// The length in bytes of the scalar that the path leads into, or 0 if there is none, as for most paths.
pub(super) fn bytes_on_the_way(object: &Node, parts: &[String]) -> usize {
    let found = (1..parts.len()).find_map(|length| {
        let (node, _) = field_path::find(object, parts.get(..length)?).ok()??;
        node.as_scalar()?;
        node.text().map(str::len)
    });
    found.unwrap_or_default()
}

// The first scalar on the path that holds YAML, and the rest of the path.
fn string_on_the_way<'a, 'p>(
    object: &'a Node,
    parts: &'p [String],
    limits: &Limits,
) -> Option<(&'a Node, Path, &'p [String])> {
    (1..parts.len()).find_map(|length| {
        let (way, rest) = parts.split_at_checked(length)?;
        let (node, path) = field_path::find(object, way).ok()??;
        let holds_yaml = node.as_scalar().is_some() && is_yaml(node, limits);
        holds_yaml.then_some((node, path, rest))
    })
}

fn is_yaml(scalar: &Node, limits: &Limits) -> bool {
    scalar.text().is_some_and(str::is_empty) || parse_scalar(scalar, limits).is_ok()
}

fn write(tree: &Node, anchors: &Anchors, original: &str, limits: &Limits) -> Option<String> {
    let text = write_anchored(tree, anchors);
    if !original.trim_start().starts_with(['{', '[']) {
        return Some(carry_over(original, text.trim().to_owned(), limits));
    }
    // JSON has no aliases, so they are replaced by their anchors' new values.
    let repeated = match anchors.is_empty() {
        true => None,
        false => read_document(&text, FileId::NONE, limits).ok()?,
    };
    let json = yaml_node::to_go_json(repeated.as_ref().unwrap_or(tree)).ok()?;
    let indented = original.contains('\n') && original.contains("  ");
    Some(if indented { indent(&json) } else { json })
}

/// Formats compact JSON with line breaks and an indent of two.
fn indent(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    let mut chars = json.chars().peekable();
    let break_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(c) = chars.next() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                let closing = if c == '{' { '}' } else { ']' };
                if chars.peek() == Some(&closing) {
                    out.extend(chars.next());
                } else {
                    depth += 1;
                    break_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                break_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_as_go_does() {
        let json = r#"{"a":[1,{"b":"x,\"y{"}],"c":{},"d":[]}"#;
        let expected = "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x,\\\"y{\"\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}";
        assert_eq!(indent(json), expected);
    }
}
