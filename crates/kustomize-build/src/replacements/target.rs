//! The target fields of a replacement.

use source_tree::Limits;
use yaml_node::{Anchors, Node, Value};

use super::source::{DEFAULT_FIELD_PATH, SourceValue};
use super::structured;
use crate::field_path::{self, Create, PathError, Visit};
use crate::kustomization::{FieldOptionsEntry, TargetEntry, Text};
use crate::node_edit::{SCALAR, kind_of, raw_text, text_or_empty};
use crate::resource::{Path, Resource};
use crate::selector::Selector;
use crate::syntax::rewritten;
use crate::{BuildError, ResMap};

/// Sets the value in every object that a target selects.
pub(super) fn apply(
    map: &mut ResMap,
    entry: &TargetEntry,
    value: &mut SourceValue,
    limits: &Limits,
) -> Result<(), BuildError> {
    let Some(select) = &entry.select else {
        return Err(BuildError::replacement("target must specify resources to select"));
    };
    let regex_error = |error: BuildError| error.context("error creating target selector");
    let select = Selector::new(select).map_err(regex_error)?;
    let reject: Result<Vec<_>, _> = entry.reject.iter().map(Selector::new).collect();
    let reject = reject.map_err(regex_error)?;
    let default = [Text::new(DEFAULT_FIELD_PATH, entry.mark)];
    let field_paths = if entry.field_paths.is_empty() {
        &default[..]
    } else {
        &entry.field_paths
    };
    map.spend(map.len().saturating_mul(2).saturating_add(field_paths.len()))?;
    for index in 0..map.len() {
        let Some(resource) = map.get(index) else {
            continue;
        };
        if resource.is_empty() || !is_selected(resource, &select, &reject)? {
            continue;
        }
        for field_path in field_paths {
            let bytes = value.node.text().map_or(0, str::len);
            // A text of JSON or YAML is parsed and written for each field.
            let inside = map.get(index).map_or(0, |resource| {
                structured::bytes_on_the_way(&resource.node, &field_path::split(field_path))
            });
            map.spend(inside)?;
            map.spend(REPLACE_STEPS + field_path.len() / 8 + value_steps(&value.node, map, index))?;
            map.grow(1, bytes)?;
            let written = map.update(index, |resource| {
                set(resource, field_path, entry.options.as_ref(), &value.node, limits)
            })?;
            refresh(value, map, index, &written.unwrap_or_default());
        }
    }
    Ok(())
}

/// The steps for finding a field.
const REPLACE_STEPS: usize = 20;

/// The steps for putting a tree into an object, whose whole size is then checked.
fn value_steps(value: &Node, map: &ResMap, index: usize) -> usize {
    match &value.value {
        Value::Scalar(_) => 0,
        _ => map.get(index).map_or(0, |resource| resource.node.weight()),
    }
}

// A target in the source field changes the value for the targets after it.
fn refresh(value: &mut SourceValue, map: &ResMap, index: usize, written: &[Path]) {
    let Some((source, path)) = &value.place else {
        return;
    };
    if *source != index || !written.iter().any(|written| written.starts_with(path)) {
        return;
    }
    if let Some(node) = map
        .get(index)
        .and_then(|resource| crate::resource::at(&resource.node, path))
    {
        value.node = node.clone();
    }
}

// An object is rejected if either its id or its labels and annotations match.
fn is_selected(resource: &Resource, select: &Selector, reject: &[Selector]) -> Result<bool, BuildError> {
    if !select.matches_labels(resource)? {
        return Ok(false);
    }
    for reject in reject.iter().filter(|reject| reject.has_labels) {
        if reject.matches_labels(resource)? {
            return Ok(false);
        }
    }
    let rejects =
        |selector: &Selector| selector.has_id && resource.all_ids().any(|id| selector.matches_id(&id));
    Ok(!reject.iter().any(rejects) && resource.all_ids().any(|id| select.matches_id(&id)))
}

fn set(
    resource: &mut Resource,
    field_path: &Text,
    options: Option<&FieldOptionsEntry>,
    value: &Node,
    limits: &Limits,
) -> Result<Vec<Path>, BuildError> {
    let parts = field_path::split(field_path);
    let create = options
        .filter(|options| options.create)
        .map(|_| Create::like(value));
    let visit = Visit {
        create,
        limits,
        mark: field_path.mark,
        anchors: Anchors::default(),
    };
    let mut set = |field: &mut Node| set_field(field, options, value);
    if let Some(path) = structured::set(&mut resource.node, &parts, &visit, &mut set) {
        resource.shared.spread(&mut resource.node, &path);
        return Ok(vec![path]);
    }
    let mut written: Vec<Path> = Vec::new();
    let mut run = |node: &mut Node| {
        visit.run(node, &parts, &mut |field, at| {
            if !at.is_empty() {
                written.push(at.to_vec());
            }
            set(field)
        })
    };
    let result = if is_annotations_path(&parts) {
        let mut result = Ok(0);
        resource.edit_node(|node| {
            result = run(node);
            Ok::<(), BuildError>(())
        })?;
        result
    } else {
        run(&mut resource.node)
    };
    let not_found = || {
        let found = if create.is_some() {
            "find or create"
        } else {
            "find"
        };
        format!(
            "unable to {found} field \"{}\" in replacement target",
            &**field_path
        )
    };
    match result {
        Ok(0) => Err(BuildError::replacement(not_found()).at(field_path.mark)),
        Ok(_) => {
            for path in &written {
                resource.shared.spread(&mut resource.node, path);
            }
            // A tree that is copied into itself doubles every time.
            if value.as_scalar().is_none() && !resource.node.fits(limits) {
                return Err(too_large().at(field_path.mark));
            }
            Ok(written)
        }
        Err(PathError::Other(message)) if message == TOO_LARGE => Err(too_large().at(field_path.mark)),
        Err(PathError::Other(message)) if message == ONLY_SCALARS => {
            Err(BuildError::replacement(message).at(field_path.mark))
        }
        Err(error) => Err(BuildError::replacement(format!("{}: {error}", not_found())).at(field_path.mark)),
    }
}

/// Whether a path names all annotations of an object, where kustomize keeps the history.
pub(super) fn is_annotations_path(parts: &[String]) -> bool {
    match parts {
        [first, rest @ ..] if first == "metadata" => rest.is_empty() || rest == ["annotations"],
        _ => false,
    }
}

const TOO_LARGE: &str = "replacements copy their own results until the object is too large";

/// The longest text that a replacement may make, in bytes. One that is put into itself doubles every time.
pub(super) const MAX_TEXT: usize = 32 * 1024 * 1024;

fn too_large() -> BuildError {
    BuildError::limit(TOO_LARGE)
}

const ONLY_SCALARS: &str = "delimiter option can only be used with scalar nodes";

/// Replaces the part of a text at an index, or prepends it for a negative index and appends it for one past the end.
/// Makes no list of the parts, because a long text may have as many parts as bytes.
fn with_part(text: &str, delimiter: &str, index: i64, part: &str) -> String {
    let Ok(index) = usize::try_from(index) else {
        return [part, text].join(delimiter);
    };
    let mut delimiters = text.match_indices(delimiter);
    let start = match index.checked_sub(1) {
        None => Some(0),
        Some(before) => delimiters.nth(before).map(|(at, found)| at + found.len()),
    };
    let Some(start) = start else {
        return [text, part].join(delimiter);
    };
    let end = delimiters.next().map_or(text.len(), |(at, _)| at);
    let (before, after) = (text.get(..start), text.get(end..));
    [before.unwrap_or_default(), part, after.unwrap_or_default()].concat()
}

// A scalar gets the value's text and keeps its type and style. Anything else becomes the value.
fn set_field(field: &mut Node, options: Option<&FieldOptionsEntry>, value: &Node) -> Result<(), PathError> {
    let mut text = raw_text(value).to_owned();
    if let Some(options) = options.filter(|options| !options.delimiter.is_empty()) {
        if kind_of(field) != SCALAR {
            return Err(PathError::Other(ONLY_SCALARS.into()));
        }
        text = with_part(
            raw_text(field),
            &options.delimiter,
            options.index,
            text_or_empty(value),
        );
    }
    if text.len() > MAX_TEXT {
        return Err(PathError::Other(TOO_LARGE.into()));
    }
    let is_scalar = kind_of(field) == SCALAR;
    match &mut field.value {
        Value::Scalar(scalar) if is_scalar => {
            scalar.text = text.into();
            field.mark = rewritten(field.mark, value.mark);
        }
        _ => *field = value.clone(),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::with_part;

    #[test]
    fn one_part_is_replaced_and_more_are_added() {
        for (text, index, expected) in [
            ("a.b.c", 0, "N.b.c"),
            ("a.b.c", 1, "a.N.c"),
            ("a.b.c", 2, "a.b.N"),
            ("a.b.c", 3, "a.b.c.N"),
            ("a.b.c", 9, "a.b.c.N"),
            ("a.b.c", -1, "N.a.b.c"),
            ("", 0, "N"),
            ("", 1, ".N"),
            ("a..c", 1, "a.N.c"),
        ] {
            assert_eq!(with_part(text, ".", index, "N"), expected, "{text} {index}");
        }
        assert_eq!(with_part("a--b", "--", 1, "N"), "a--N");
    }
}
