//! Application of field specs: the fields of an object that a transformer changes.
//!
//! Rules: <https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/filters/fieldspec/fieldspec.go>.

use std::borrow::Cow;

use yaml_node::{Lost, Mapping, Node, Places, Sequence, Tag, Value};

use crate::BuildError;
use crate::kustomization::FieldSpecEntry;
use crate::resource::{Gvk, Path, ResId, Resource, Step, parse_group_version};

/// Most parts of a path. Recursion is as deep as a path is long.
pub(crate) const MAX_PARTS: usize = 256;

/// How a missing field is created if a spec says `create`.
#[derive(Clone, Debug)]
pub(crate) enum Create {
    /// It is never created, whatever the spec says.
    Never,
    /// A scalar with this tag.
    Scalar(Tag),
    /// A mapping.
    Mapping,
}

/// A change of a field.
pub(crate) type Set<'a> = dyn FnMut(&mut Node) -> Result<(), BuildError> + 'a;

/// A change of a field, with its path.
pub(crate) type SetAt<'a> = dyn FnMut(&mut Node, &[Step]) -> Result<(), BuildError> + 'a;

/// Calls `set` for every field of `object` that `spec` names. Objects of other types are left alone.
///
/// # Errors
/// Errors of `set`, and [`BuildError::Transformer`] if the path leads through a scalar.
pub(crate) fn apply(
    object: &mut Node,
    spec: &FieldSpecEntry,
    create: &Create,
    set: &mut Set<'_>,
) -> Result<(), BuildError> {
    apply_at(object, spec, create, &mut |field, _| set(field))
}

/// As [`apply`], for a `set` that needs the path of the field.
///
/// # Errors
/// As [`apply`].
pub(crate) fn apply_at(
    object: &mut Node,
    spec: &FieldSpecEntry,
    create: &Create,
    set: &mut SetAt<'_>,
) -> Result<(), BuildError> {
    apply_where(object, spec, create, &|_| true, set)
}

/// As [`apply_at`], for a `set` that changes `wanted` fields only.
///
/// # Errors
/// As [`apply`].
pub(crate) fn apply_where(
    object: &mut Node,
    spec: &FieldSpecEntry,
    create: &Create,
    wanted: &dyn Fn(&Node) -> bool,
    set: &mut SetAt<'_>,
) -> Result<(), BuildError> {
    if !is_selected(spec, object) {
        return Ok(());
    }
    let path = split_path(&spec.path, '/');
    if path.len() > MAX_PARTS {
        return Err(BuildError::limit(format!(
            "a field path has more than {MAX_PARTS} parts"
        )));
    }
    let creates = spec.create && !matches!(create, Create::Never);
    // Most specs name nothing in most objects, and looking does not copy shared nodes.
    if !creates && !has_target(object, &path, wanted) {
        return Ok(());
    }
    let walk = Walk {
        create: creates.then_some(create),
    };
    walk.node(object, &path, &mut Path::new(), set).map_err(|error| {
        let id = resource_id(object);
        error.context(format!("considering field '{}' of object {id}", spec.path))
    })
}

/// Whether a spec applies to the type of an object.
pub(crate) fn is_selected(spec: &FieldSpecEntry, object: &Node) -> bool {
    let text = |field: &str| object.text_at(&[field]).unwrap_or_default();
    let Gvk { group, version, kind } = &spec.gvk;
    if !kind.is_empty() && kind != text("kind") {
        return false;
    }
    if group.is_empty() && version.is_empty() {
        return true;
    }
    let fits = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
    let (of_group, of_version) = parse_group_version(text("apiVersion"));
    fits(group, of_group) && fits(version, of_version)
}

/// Splits a path. A backslash escapes a separator, and a leading separator is ignored.
pub(crate) fn split_path(path: &str, separator: char) -> Vec<Cow<'_, str>> {
    let path = path.strip_prefix(separator).unwrap_or(path);
    let mut parts: Vec<Cow<'_, str>> = Vec::new();
    for part in path.split(separator) {
        match parts.last_mut().filter(|last| last.ends_with('\\')) {
            Some(last) => {
                let last = last.to_mut();
                last.pop();
                last.push(separator);
                last.push_str(part);
            }
            None => parts.push(part.into()),
        }
    }
    parts
}

fn resource_id(object: &Node) -> ResId {
    Resource::new(object.clone()).current_id()
}

fn has_target(node: &Node, path: &[Cow<'_, str>], wanted: &dyn Fn(&Node) -> bool) -> bool {
    let Some((name, rest)) = path.split_first() else {
        return wanted(node);
    };
    match &node.value {
        Value::Sequence(items) => items.iter().any(|item| has_target(item, path, wanted)),
        Value::Mapping(mapping) => {
            let name = name.strip_suffix("[]").unwrap_or(name.as_ref());
            name.is_empty()
                || mapping
                    .get(name)
                    .is_some_and(|field| has_target(field, rest, wanted) || field.is_null())
        }
        // A null ends the path without an error. For any other scalar the walk reports an error.
        Value::Scalar(scalar) => scalar.tag != Tag::Null,
    }
}

struct Walk<'a> {
    create: Option<&'a Create>,
}

impl Walk<'_> {
    fn node(
        &self,
        node: &mut Node,
        path: &[Cow<'_, str>],
        at: &mut Path,
        set: &mut SetAt<'_>,
    ) -> Result<(), BuildError> {
        if path.is_empty() {
            return set(node, at);
        }
        match &mut node.value {
            Value::Scalar(scalar) if scalar.tag == Tag::Null => Ok(()),
            Value::Scalar(_) => {
                Err(BuildError::transformer("expected sequence or mapping node").at(node.mark))
            }
            Value::Sequence(items) => self.sequence(items, path, at, set),
            Value::Mapping(mapping) => self.mapping(mapping, path, at, set),
        }
    }

    fn sequence(
        &self,
        items: &mut Sequence,
        path: &[Cow<'_, str>],
        at: &mut Path,
        set: &mut SetAt<'_>,
    ) -> Result<(), BuildError> {
        items
            .items_mut()
            .iter_mut()
            .enumerate()
            .try_for_each(|(index, item)| {
                at.push(Step::Item(index));
                let result = self.node(item, path, at, set);
                at.pop();
                result
            })
            .map_err(|error| error.context(format!("visit traversal on path: [{}]", path.join(" "))))
    }

    fn mapping(
        &self,
        mapping: &mut Mapping,
        path: &[Cow<'_, str>],
        at: &mut Path,
        set: &mut SetAt<'_>,
    ) -> Result<(), BuildError> {
        let Some((name, rest)) = path.split_first() else {
            return Ok(());
        };
        let (name, list) = match name.strip_suffix("[]") {
            Some(shorter) => (shorter, true),
            None => (name.as_ref(), false),
        };
        if name.is_empty() {
            return Err(BuildError::transformer(
                "cannot set or create an empty field name",
            ));
        }
        // The value for a missing or null field. A missing list is not created, but a null becomes one.
        let made = match self.create {
            None => None,
            Some(_) if list => None,
            Some(create) if rest.is_empty() => Some(empty(create)),
            Some(_) => Some(Node::empty_mapping()),
        };
        let field = match &made {
            Some(made) => Some(mapping.get_or_insert_with(name, || made.clone())),
            None => mapping.get_mut(name),
        };
        let Some(field) = field else {
            return Ok(());
        };
        if field.is_null() {
            let mark = field.mark;
            // Its text stays in go-yaml's node, and a list has no tag there.
            let mark = match Places::has(mark) && (list || field.text() != Some("")) {
                true => Lost::FilledNull.mark(),
                false => mark,
            };
            if list {
                *field = Node::sequence([]).with_mark(mark);
            } else if let Some(made) = made {
                *field = made.with_mark(mark);
            }
        }
        at.push(Step::Key(name.into()));
        let result = self.node(field, rest, at, set);
        at.pop();
        result
    }
}

fn empty(create: &Create) -> Node {
    match create {
        Create::Scalar(tag) => Node::scalar("", tag.clone()),
        Create::Mapping | Create::Never => Node::empty_mapping(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileId, Limits};
    use yaml_node::{read_documents, write_document};

    fn check(object: &str, path: &str, create: bool, expected: Result<&str, &str>) {
        let mut node = read_documents(object, FileId(1), &Limits::default())
            .unwrap()
            .remove(0);
        let spec = FieldSpecEntry {
            gvk: Gvk::default(),
            path: path.into(),
            create,
        };
        let result = apply(&mut node, &spec, &Create::Scalar(Tag::Str), &mut |field| {
            *field = Node::str("e");
            Ok(())
        });
        match (result, expected) {
            (Ok(()), Ok(expected)) => assert_eq!(write_document(&node).unwrap(), expected),
            (Err(error), Err(expected)) => {
                assert!(error.to_string().ends_with(expected), "{error}");
            }
            (result, _) => panic!("{object}: {result:?}"),
        }
    }

    #[test]
    fn paths_continue_into_the_items_of_lists() {
        check("a: [{b: 1}, {c: 1}]\n", "a/b", false, Ok("a:\n- b: e\n- c: 1\n"));
        check(
            "a: [{b: 1}, {c: 1}]\n",
            "a[]/b",
            true,
            Ok("a:\n- b: e\n- b: e\n  c: 1\n"),
        );
        check("a: null\n", "a[]/b", true, Ok("a: []\n"));
    }

    #[test]
    fn missing_fields_are_made_on_demand() {
        check("x: 1\n", "a/b", false, Ok("x: 1\n"));
        check("x: 1\n", "a/b", true, Ok("a:\n  b: e\nx: 1\n"));
        check("a: null\n", "a/b", true, Ok("a:\n  b: e\n"));
        check("a: null\n", "a/b", false, Ok("a: null\n"));
        check("a: {}\n", "a/x\\/y", true, Ok("a:\n  x/y: e\n"));
    }

    #[test]
    fn a_path_through_a_scalar_is_an_error() {
        check("a: 1\n", "a/b", false, Err("expected sequence or mapping node"));
    }
}
