//! A tree turns into the text that `kustomize build`, and `sigs.k8s.io/yaml` generally, prints for its values.

mod analysis;
mod emitter;
mod fold;
mod go_value;
mod preserving;
mod refusal;
mod reread;
mod scalar;
mod sort;
mod value;

use std::borrow::Cow;

use memchr::memchr;
use source_tree::Mark;

use crate::number::yaml_float;
use crate::resolve::{is_old_bool, is_sexagesimal, resolve};
use crate::typed::Typed;
use crate::{Dialect, Mapping, Node, Tag, Value, WriteError};
use analysis::analyze;
use emitter::Emitter;
pub use go_value::{natural_order, write_indented, write_marshalled};
pub use preserving::{write_anchored, write_preserving};
pub(crate) use refusal::explain;
use reread::reread_json;
use scalar::{Form, Position, choose_form, is_simple_key, write_form};
pub(crate) use value::{duplicate_key, entries, is_kept, scalar_value};

/// go-yaml v2 folds text at the first space beyond this column.
const WIDTH: usize = 80;

/// Deepest tree that is written. The limit for reading is far lower, so only programs make deeper ones.
const MAX_DEPTH: usize = 500;

/// Refuses a tree that is too deep to go through.
pub(crate) fn check_depth(depth: usize, node: &Node) -> Result<(), WriteError> {
    if depth > MAX_DEPTH {
        let message = format!("exceeded max depth of {MAX_DEPTH}");
        return Err(WriteError::new(node.mark, message));
    }
    Ok(())
}

/// The text of one document, with its final newline.
///
/// Comments, styles, key order and anchors of the source are lost: values are written as by go-yaml v2, keys in its
/// natural order, text folded at 80 columns. This is how Kubernetes tools marshal objects: `kustomize build` prints
/// this text for a resource, and Flux substitutes variables in it.
///
/// # Errors
/// [`WriteError`] if kustomize refuses the tree: for keys that are not strings, infinities, characters that YAML
/// forbids, repeated keys, text that does not fit the scalar's type, and text that kustomize cannot read back.
pub fn write_document(node: &Node) -> Result<String, WriteError> {
    let mut out = String::new();
    write_into(node, &mut out)?;
    Ok(out)
}

/// As [`write_document`], appended to `out`. On an error `out` is unchanged.
///
/// # Errors
/// As [`write_document`].
pub fn write_into(node: &Node, out: &mut String) -> Result<(), WriteError> {
    let before = out.len();
    let mut emitter = Emitter::new(out, WIDTH);
    match write_node(&mut emitter, node, Context::default()) {
        Ok(()) => {
            emitter.end_document();
            Ok(())
        }
        Err(error) => {
            out.truncate(before);
            Err(explain(node, error))
        }
    }
}

/// Sorts entries by key as [`write_document`] does.
pub fn sort_entries<T: Copy>(entries: &mut Vec<(Cow<'_, str>, T)>) {
    sort::sort_keys(entries, Dialect::Yaml11);
}

/// The context of a node.
#[derive(Clone, Copy, Default)]
struct Context {
    /// Whether it is the value of an entry.
    entry: bool,
    /// Whether it is in brackets in the source. Brackets are not in the output, but kustomize writes them in between.
    flow: bool,
    /// Levels above it.
    depth: usize,
}

fn write_node(emitter: &mut Emitter<'_>, node: &Node, context: Context) -> Result<(), WriteError> {
    check_depth(context.depth, node)?;
    match &node.value {
        Value::Scalar(scalar) => {
            match scalar_value(scalar, context.flow, node.mark)? {
                Typed::Null => emitter.word("null"),
                Typed::Bool(true) => emitter.word("true"),
                Typed::Bool(false) => emitter.word("false"),
                Typed::Int(text) => emitter.word(&text),
                Typed::Float(float) => emitter.word(&yaml_float(float)),
                Typed::Str(text) => {
                    write_string(emitter, &reread(&text, false, node.mark)?, Dialect::Yaml11);
                }
            }
            Ok(())
        }
        Value::Sequence(items) if items.is_empty() => {
            emitter.empty("[]");
            Ok(())
        }
        Value::Sequence(items) => {
            let outer = emitter.start_sequence(context.entry);
            let flow = context.flow || items.flow;
            for item in items.iter() {
                emitter.write_indent();
                emitter.indicator("-", true, true);
                let context = Context {
                    entry: false,
                    flow,
                    depth: context.depth + 1,
                };
                write_node(emitter, item, context)?;
            }
            emitter.indent = outer;
            Ok(())
        }
        Value::Mapping(mapping) => write_mapping(emitter, mapping, node, context),
    }
}

fn write_mapping(
    emitter: &mut Emitter<'_>,
    mapping: &Mapping,
    node: &Node,
    context: Context,
) -> Result<(), WriteError> {
    let flow = context.flow || mapping.flow;
    let mut entries = entries(mapping, node, flow, context.depth == 0)?;
    if entries.is_empty() {
        emitter.empty("{}");
        return Ok(());
    }
    sort::sort_keys(&mut entries, Dialect::Yaml11);
    if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(duplicate_key(&pair[1].0, node));
    }
    let outer = emitter.start_mapping();
    let depth = context.depth + 1;
    for (key, value) in entries {
        emitter.write_indent();
        write_key(emitter, &reread(&key, true, node.mark)?, Dialect::Yaml11);
        let context = Context {
            entry: true,
            flow,
            depth,
        };
        write_node(emitter, value, context)?;
    }
    emitter.indent = outer;
    Ok(())
}

fn reread(text: &str, key: bool, mark: Mark) -> Result<Cow<'_, str>, WriteError> {
    reread_json(text, key).map_err(|message| WriteError::new(mark, message))
}

fn write_string(emitter: &mut Emitter<'_>, text: &str, dialect: Dialect) {
    let analysis = analyze(text, dialect);
    let form = choose_form(text, &analysis, wanted_form(text, dialect), Position::default());
    write_form(emitter, text, form, true);
}

/// Writes a key and its colon.
fn write_key(emitter: &mut Emitter<'_>, text: &str, dialect: Dialect) {
    let analysis = analyze(text, dialect);
    let simple_key = is_simple_key(text, &analysis);
    if !simple_key {
        emitter.indicator("?", true, true);
    }
    let position = Position {
        flow: false,
        simple_key,
    };
    let form = choose_form(text, &analysis, wanted_form(text, dialect), position);
    write_form(emitter, text, form, !simple_key);
    if simple_key {
        emitter.indicator(":", false, false);
    } else {
        emitter.write_indent();
        emitter.indicator(":", true, true);
    }
}

/// The form that go-yaml wants for a Go string. Version 3 quotes the booleans of YAML 1.1 too, though it reads them as strings.
fn wanted_form(text: &str, dialect: Dialect) -> Form {
    if memchr(b'\n', text.as_bytes()).is_some() {
        return Form::Literal;
    }
    let is_bool_of_others = || dialect == Dialect::V3 && is_old_bool(text);
    match resolve(text, dialect) {
        Tag::Str | Tag::Merge if !is_sexagesimal(text) && !is_bool_of_others() => Form::Plain,
        _ => Form::DoubleQuoted,
    }
}
