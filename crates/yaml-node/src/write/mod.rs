//! A tree turns into the text that `kustomize build`, and `sigs.k8s.io/yaml` generally, prints for its values.

mod emitter;
mod scalar;
mod sort;

use std::borrow::Cow;

use crate::number::yaml_float;
use crate::typed::{Typed, key_text, typed};
use crate::{Mapping, Node, Value, WriteError};
use emitter::Emitter;

/// The text of one document, with its final newline.
///
/// Comments, styles, key order and anchors of the source are not in it: the values are written as go-yaml v2 writes
/// them, keys in its natural order, text folded at 80 columns. It serves wherever Kubernetes tools marshal an object:
/// what `kustomize build` prints for a resource, and the text in which Flux substitutes variables.
///
/// # Errors
/// [`WriteError`] where kustomize refuses the tree: keys that are no strings, infinities, characters that YAML forbids,
/// a key twice, a text that does not fit the scalar's type.
pub fn write_document(node: &Node) -> Result<String, WriteError> {
    let mut out = String::new();
    write_into(node, &mut out)?;
    Ok(out)
}

/// As [`write_document`], appended to `out`. On an error `out` is as before.
///
/// # Errors
/// As [`write_document`].
pub fn write_into(node: &Node, out: &mut String) -> Result<(), WriteError> {
    let before = out.len();
    let mut emitter = Emitter::new(out);
    let result = write_node(&mut emitter, node, Context::Root);
    if result.is_ok() {
        emitter.end_document();
    } else {
        out.truncate(before);
    }
    result
}

/// What a node is part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Root,
    Item,
    /// The value after `key:`, or after the `:` of a key that took lines of its own.
    Entry,
}

fn write_node(emitter: &mut Emitter<'_>, node: &Node, context: Context) -> Result<(), WriteError> {
    match &node.value {
        Value::Scalar(scalar) => {
            let value = typed(scalar, node.mark)?;
            write_typed(emitter, value, node)
        }
        Value::Sequence(items) if items.is_empty() => {
            emitter.flow_empty("[", "]");
            Ok(())
        }
        Value::Sequence(items) => {
            let outer = emitter.start_sequence(context == Context::Entry);
            for item in items.iter() {
                emitter.write_indent();
                emitter.indicator("-", true, true);
                write_node(emitter, item, Context::Item)?;
            }
            emitter.indent = outer;
            Ok(())
        }
        Value::Mapping(mapping) => write_mapping(emitter, mapping, node, context),
    }
}

fn write_typed(emitter: &mut Emitter<'_>, value: Typed<'_>, node: &Node) -> Result<(), WriteError> {
    match value {
        Typed::Null => emitter.plain("null"),
        Typed::Bool(true) => emitter.plain("true"),
        Typed::Bool(false) => emitter.plain("false"),
        Typed::Int(text) => emitter.plain(&text),
        Typed::Float(float) => emitter.plain(&yaml_float(float)),
        Typed::Str(text) => scalar::write_string(emitter, &text, false, node.mark)?,
    }
    Ok(())
}

fn write_mapping(
    emitter: &mut Emitter<'_>,
    mapping: &Mapping,
    node: &Node,
    context: Context,
) -> Result<(), WriteError> {
    let mut entries: Vec<(Cow<'_, str>, &Node)> = Vec::with_capacity(mapping.len());
    for (key, value) in mapping.entries() {
        entries.push((key_text(key, node, context == Context::Root)?, value));
    }
    if entries.is_empty() {
        emitter.flow_empty("{", "}");
        return Ok(());
    }
    sort::sort_keys(&mut entries);
    if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(WriteError {
            mark: node.mark,
            message: format!("mapping key {:?} already defined", pair[1].0),
        });
    }
    let outer = emitter.start_mapping();
    for (key, value) in entries {
        emitter.write_indent();
        let simple = scalar::write_key(emitter, &key, node.mark)?;
        if simple {
            emitter.indicator(":", false, false);
        } else {
            emitter.write_indent();
            emitter.indicator(":", true, true);
        }
        write_node(emitter, value, Context::Entry)?;
    }
    emitter.indent = outer;
    Ok(())
}
