//! The source value of a replacement.

use yaml_node::Node;

use crate::field_path;
use crate::kustomization::{FieldOptionsEntry, ReplacementEntry, SourceEntry};
use crate::node_edit::{SCALAR, kind_of, text_or_empty, untyped};
use crate::resource::{DEFAULT_NAMESPACE, Path, ResId, Resource, is_nil_or_empty, or};
use crate::{BuildError, ResMap};

/// The default field path of sources.
pub(super) const DEFAULT_FIELD_PATH: &str = "metadata.name";

/// A value and its source.
#[derive(Clone, Debug)]
pub(super) struct SourceValue {
    pub(super) node: Node,
    /// The object index and path of the field, if this is its whole value. A target in this field changes the value for
    /// the targets after it.
    pub(super) place: Option<(usize, Path)>,
}

/// The source value of a replacement.
pub(super) fn value(map: &ResMap, replacement: &ReplacementEntry) -> Result<SourceValue, BuildError> {
    let fail = |message: String| BuildError::replacement(message).at(replacement.mark);
    match (&replacement.source, &replacement.source_value) {
        (Some(_), Some(_)) => Err(fail("value and resource selectors are mutually exclusive".into())),
        (None, None) => Err(fail(
            "replacements must specify a source and at least one target".into(),
        )),
        (None, Some(value)) => Ok(SourceValue {
            node: untyped(value.value.clone(), value.mark),
            place: None,
        }),
        (Some(source), None) => {
            from_object(map, source).map_err(|error| error.at(source.mark).at(replacement.mark))
        }
    }
}

fn from_object(map: &ResMap, source: &SourceEntry) -> Result<SourceValue, BuildError> {
    map.spend(map.len())?;
    let mut matches = map
        .resources()
        .iter()
        .enumerate()
        .filter(|(_, resource)| is_selected(resource, source));
    let (index, resource) = match (matches.next(), matches.next()) {
        (Some(only), None) => only,
        (None, _) => {
            let message = format!("nothing selected by {}", description(source));
            return Err(BuildError::object_missing(message));
        }
        (Some(_), Some(_)) => {
            let message = format!("multiple matches for selector {}", description(source));
            return Err(BuildError::replacement(message));
        }
    };
    let field_path = or(&source.field_path, DEFAULT_FIELD_PATH);
    let parts = field_path::split(field_path);
    let exposed = super::target::is_annotations_path(&parts) && resource.has_internal_annotations();
    let object = if exposed {
        resource.with_internal_annotations()
    } else {
        resource.node.clone()
    };
    let found = field_path::find(&object, &parts)
        .map_err(|error| BuildError::replacement(format!("error looking up replacement source: {error}")))?;
    let Some((node, path)) = found.filter(|(node, _)| !is_nil_or_empty(node)) else {
        let id = id(source);
        let message = format!("fieldPath `{field_path}` is missing for replacement source {id}");
        return Err(BuildError::replacement(message));
    };
    Ok(match &source.options {
        Some(options) if !options.delimiter.is_empty() => SourceValue {
            node: split_part(node, options)?,
            place: None,
        },
        _ => SourceValue {
            node: node.clone(),
            place: (!exposed).then_some((index, path)),
        },
    })
}

// One part of a text split by a delimiter.
fn split_part(node: &Node, options: &FieldOptionsEntry) -> Result<Node, BuildError> {
    if kind_of(node) != SCALAR {
        return Err(BuildError::replacement(
            "delimiter option can only be used with scalar nodes",
        ));
    }
    let text = text_or_empty(node);
    let part = usize::try_from(options.index)
        .ok()
        .and_then(|index| text.split(options.delimiter.as_str()).nth(index));
    let Some(part) = part else {
        // The value may be a secret, so the message does not quote it.
        let message = format!("options.index {} is out of bounds for the value", options.index);
        return Err(BuildError::replacement(message).at(node.mark));
    };
    let mut node = node.clone();
    if let Some(scalar) = node.as_scalar_mut() {
        scalar.text = part.into();
    }
    Ok(node)
}

// Any current or previous id may match. Namespaces are compared as stored, with `default` for none.
fn is_selected(resource: &Resource, source: &SourceEntry) -> bool {
    !resource.is_empty()
        && resource.all_ids().any(|id| {
            (source.name.is_empty() || source.name == id.name)
                && (source.namespace.is_empty() || source.namespace == or(&id.namespace, DEFAULT_NAMESPACE))
                && id.gvk.is_selected_by(&source.gvk)
        })
}

fn id(source: &SourceEntry) -> ResId {
    ResId::new(source.gvk.clone(), source.name.clone(), source.namespace.clone())
}

fn description(source: &SourceEntry) -> String {
    let mut text = id(source).to_string();
    if !source.field_path.is_empty() {
        text.push(':');
        text.push_str(&source.field_path);
    }
    if let Some(options) = &source.options
        && (!options.delimiter.is_empty() || options.create)
    {
        text.push_str(&format!(
            ":{}({}), create={}",
            options.delimiter, options.index, options.create
        ));
    }
    text
}
