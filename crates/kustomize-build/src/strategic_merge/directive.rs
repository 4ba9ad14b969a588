//! `$patch` directives in mappings and lists, which are not merged themselves.

use std::borrow::Cow;

use yaml_node::{Mapping, Node};

use super::error::MergeError;
use super::keyed_items::KeyedItems;
use crate::node_edit::raw_text;

const DIRECTIVE: &str = "$patch";

/// The directive of a part of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    Merge,
    Replace,
    Delete,
}

/// Removes and returns the directive of a mapping.
pub(super) fn take_from_mapping(patch: &mut Mapping) -> Result<Directive, MergeError> {
    let Some(word) = patch.get(DIRECTIVE) else {
        return Ok(Directive::Merge);
    };
    let directive = parse(word)?;
    patch.remove(DIRECTIVE);
    Ok(directive)
}

/// The directive of a mapping, and the mapping without it: borrowed if it has none.
pub(super) fn split_from_mapping(patch: &Node) -> Result<(Directive, Cow<'_, Node>), MergeError> {
    if patch.get(DIRECTIVE).is_none() {
        return Ok((Directive::Merge, Cow::Borrowed(patch)));
    }
    let mut patch = patch.clone();
    let directive = patch
        .as_mapping_mut()
        .map_or(Ok(Directive::Merge), take_from_mapping)?;
    Ok((directive, Cow::Owned(patch)))
}

/// Removes and returns the directive of a list: an item with only `$patch` applies to the whole list.
pub(super) fn take_from_list(patch: &mut Vec<Node>) -> Result<Directive, MergeError> {
    let speaker = patch.iter().find_map(|item| {
        let mapping = item.as_mapping()?;
        Some((mapping.get(DIRECTIVE)?, mapping.len()))
    });
    let Some((word, 1)) = speaker else {
        return Ok(Directive::Merge);
    };
    let directive = parse(word)?;
    let word = raw_text(word).into();
    let mut items = KeyedItems::new(std::mem::take(patch), &[DIRECTIVE.into()]);
    items.set(None, &[word])?;
    *patch = items.into_items();
    Ok(directive)
}

fn parse(word: &Node) -> Result<Directive, MergeError> {
    match raw_text(word) {
        "delete" => Ok(Directive::Delete),
        "replace" => Ok(Directive::Replace),
        "merge" => Ok(Directive::Merge),
        other => Err(MergeError::UnknownStrategy {
            word: other.to_owned(),
            mark: word.mark,
        }),
    }
}
