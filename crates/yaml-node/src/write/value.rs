//! Values and keys as kustomize has them when it prints.

use std::borrow::Cow;

use source_tree::Mark;

use super::analysis::analyze;
use super::reread::{is_stable, reread_key, reread_yaml};
use super::scalar::Position;
use crate::typed::{Typed, effective_tag, typed};
use crate::{Dialect, Mapping, Node, Scalar, Style, Tag, Value, WriteError, go_syntax, timestamp};

/// The value of a scalar, in brackets or not.
pub(crate) fn scalar_value(scalar: &Scalar, flow: bool, mark: Mark) -> Result<Typed<'_>, WriteError> {
    let position = Position {
        flow,
        simple_key: false,
    };
    let value = match &*effective_tag(scalar, Dialect::V3) {
        Tag::Str | Tag::Merge | Tag::Untyped | Tag::Custom(_) => {
            reread_yaml(&scalar.text, scalar.style, position).map(Typed::Str)
        }
        tag if is_quoted_in_transit(scalar, tag, position) => Ok(Typed::Str(Cow::Borrowed(&scalar.text))),
        _ => typed(scalar, Dialect::V3),
    };
    value.map_err(|message| WriteError::new(mark, message))
}

/// Whether a scalar is a string that kustomize reads back as it is, so that it is its own value and text as a key.
pub(crate) fn is_kept(scalar: &Scalar) -> bool {
    scalar.tag == Tag::Str && is_stable(&scalar.text, scalar.style)
}

/// Whether go-yaml has to quote a plain scalar in between, which turns it into a string: an empty null in brackets or
/// as a key, and in brackets a timestamp with colons.
fn is_quoted_in_transit(scalar: &Scalar, tag: &Tag, position: Position) -> bool {
    let Position { flow, simple_key } = position;
    match tag {
        _ if scalar.style != Style::Plain => false,
        Tag::Null => scalar.text.is_empty() && (flow || simple_key),
        Tag::Timestamp => {
            flow && timestamp::parse(&scalar.text).is_some() && !analyze(&scalar.text, Dialect::V3).flow_plain
        }
        _ => false,
    }
}

/// The entries of a mapping with their keys as text, in the order of the source.
///
/// Scalars other than strings become text at the top of a document only, where an entry with a null key is left out.
pub(crate) fn entries<'a>(
    mapping: &'a Mapping,
    node: &Node,
    flow: bool,
    top: bool,
) -> Result<Vec<(Cow<'a, str>, &'a Node)>, WriteError> {
    let mut entries = Vec::with_capacity(mapping.len());
    let mut left_out: Option<&str> = None;
    for (key, value) in mapping.entries() {
        match key_text(key, node, flow, top)? {
            Some(text) => entries.push((text, value)),
            None if left_out.is_some() && left_out == key.text() => {
                return Err(duplicate_key(key.text().unwrap_or_default(), node));
            }
            None => left_out = key.text(),
        }
    }
    Ok(entries)
}

/// A key as text; `None` if go-yaml leaves the entry out.
fn key_text<'a>(
    key: &'a Node,
    mapping: &Node,
    flow: bool,
    top: bool,
) -> Result<Option<Cow<'a, str>>, WriteError> {
    let mark = match key.mark.is_some() {
        true => key.mark,
        false => mapping.mark,
    };
    let unsupported = || WriteError::new(mark, "json: unsupported type: map[interface {}]interface {}");
    let Value::Scalar(scalar) = &key.value else {
        return Err(unsupported());
    };
    let simple_key = true;
    let text = Cow::Borrowed(scalar.text.as_str());
    match &*effective_tag(scalar, Dialect::V3) {
        Tag::Str | Tag::Merge => reread_key(&scalar.text, scalar.style, flow)
            .map(Some)
            .map_err(|message| WriteError::new(mark, message)),
        tag if is_quoted_in_transit(scalar, tag, Position { flow, simple_key }) => Ok(Some(text)),
        _ if !top => Err(unsupported()),
        Tag::Null => Ok(None),
        tag => match typed(scalar, Dialect::V3) {
            Ok(Typed::Str(decoded)) if *tag == Tag::Binary => Ok(Some(decoded)),
            Ok(_) => Ok(Some(text)),
            Err(message) => Err(WriteError::new(mark, message)),
        },
    }
}

/// The error for a repeated key of a mapping `node`, at the place of the last one.
pub(crate) fn duplicate_key(key: &str, node: &Node) -> WriteError {
    let keys = node.as_mapping().into_iter().flat_map(Mapping::entries);
    let mut same = keys
        .map(|(found, _)| found)
        .filter(|found| found.text() == Some(key));
    let later = same
        .next_back()
        .map(|found| found.mark)
        .filter(|mark| mark.is_some());
    WriteError::new(
        later.unwrap_or(node.mark),
        format!("mapping key {} already defined", go_syntax::quote(key)),
    )
}
