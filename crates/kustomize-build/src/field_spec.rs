//! A field spec turns into the fields of an object that it names.
//!
//! Rules: <https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/filters/fieldspec/fieldspec.go>.

use yaml_node::{Mapping, Node, Scalar, Sequence, Style, Tag, Value};

use crate::BuildError;
use crate::kustomization::FieldSpecEntry;
use crate::resource::{ResId, Resource, parse_group_version};

/// What a field is made as where a spec says `create`.
#[derive(Clone, Debug)]
pub(crate) enum Create {
    /// It is not made whatever the spec says.
    Never,
    /// A scalar of a type.
    Scalar(Tag),
    /// A mapping.
    Mapping,
}

/// What is done to a field.
pub(crate) type Set<'a> = dyn FnMut(&mut Node) -> Result<(), BuildError> + 'a;

/// Calls `set` for every field of `object` that `spec` names. Objects of other types are left alone.
///
/// # Errors
/// What `set` returns, and [`BuildError::Transformer`] where the path leads through a scalar.
pub(crate) fn apply(
    object: &mut Node,
    spec: &FieldSpecEntry,
    create: &Create,
    set: &mut Set<'_>,
) -> Result<(), BuildError> {
    if !selects(spec, object) {
        return Ok(());
    }
    let path = split_path(&spec.path, '/');
    let creates = spec.create && !matches!(create, Create::Never);
    // Most specs name nothing in most objects, and looking does not copy what is shared.
    if !creates && !leads_anywhere(object, &path) {
        return Ok(());
    }
    let walk = Walk {
        create: creates.then_some(create),
    };
    walk.node(object, &path, set).map_err(|error| {
        let id = resource_id(object);
        error.context(format!("considering field '{}' of object {id}", spec.path))
    })
}

/// As [`apply`], for several specs.
///
/// # Errors
/// As [`apply`].
pub(crate) fn apply_all(
    object: &mut Node,
    specs: &[FieldSpecEntry],
    create: &Create,
    set: &mut Set<'_>,
) -> Result<(), BuildError> {
    specs.iter().try_for_each(|spec| apply(object, spec, create, set))
}

/// Whether an object's type is one that a spec is for.
pub(crate) fn selects(spec: &FieldSpecEntry, object: &Node) -> bool {
    let fits = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
    let (group, version) = parse_group_version(object.text_at(&["apiVersion"]).unwrap_or_default());
    fits(&spec.gvk.kind, object.text_at(&["kind"]).unwrap_or_default())
        && fits(&spec.gvk.group, group)
        && fits(&spec.gvk.version, version)
}

/// Splits a path; a backslash before a separator keeps it.
pub(crate) fn split_path(path: &str, separator: char) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in path.split(separator) {
        match parts.last_mut().filter(|last| last.ends_with('\\')) {
            Some(last) => {
                last.pop();
                last.push(separator);
                last.push_str(part);
            }
            None => parts.push(part.to_owned()),
        }
    }
    parts
}

fn resource_id(object: &Node) -> ResId {
    Resource::new(object.clone()).current_id()
}

fn leads_anywhere(node: &Node, path: &[String]) -> bool {
    let Some((name, rest)) = path.split_first() else {
        return true;
    };
    match &node.value {
        Value::Sequence(items) => items.iter().any(|item| leads_anywhere(item, path)),
        Value::Mapping(mapping) => {
            let name = name.strip_suffix("[]").unwrap_or(name);
            name.is_empty()
                || mapping
                    .get(name)
                    .is_some_and(|field| leads_anywhere(field, rest) || field.is_null())
        }
        // A null ends the way quietly, another scalar is an error that the walk reports.
        Value::Scalar(scalar) => scalar.tag != Tag::Null,
    }
}

struct Walk<'a> {
    create: Option<&'a Create>,
}

impl Walk<'_> {
    fn node(&self, node: &mut Node, path: &[String], set: &mut Set<'_>) -> Result<(), BuildError> {
        if path.is_empty() {
            return set(node);
        }
        match &mut node.value {
            Value::Scalar(scalar) if scalar.tag == Tag::Null => Ok(()),
            Value::Scalar(_) => {
                Err(BuildError::transformer("expected sequence or mapping node").at(node.mark))
            }
            Value::Sequence(items) => self.sequence(items, path, set),
            Value::Mapping(mapping) => self.mapping(mapping, path, set),
        }
    }

    fn sequence(&self, items: &mut Sequence, path: &[String], set: &mut Set<'_>) -> Result<(), BuildError> {
        items
            .items_mut()
            .iter_mut()
            .try_for_each(|item| self.node(item, path, set))
            .map_err(|error| error.context(format!("visit traversal on path: [{}]", path.join(" "))))
    }

    fn mapping(&self, mapping: &mut Mapping, path: &[String], set: &mut Set<'_>) -> Result<(), BuildError> {
        let Some((name, rest)) = path.split_first() else {
            return Ok(());
        };
        let (name, list) = match name.strip_suffix("[]") {
            Some(shorter) => (shorter, true),
            None => (name.as_str(), false),
        };
        if name.is_empty() {
            return Err(BuildError::transformer(
                "cannot set or create an empty field name",
            ));
        }
        // What a missing or null field becomes. A list is not made, but a null turns into one.
        let made = match self.create {
            _ if list => None,
            None => None,
            Some(create) if rest.is_empty() => Some(empty(create)),
            Some(_) => Some(Node::empty_mapping()),
        };
        let field = match (mapping.position(name), &made) {
            (None, None) => return Ok(()),
            (None, Some(made)) => mapping.get_or_insert_with(name, || made.clone()),
            (Some(_), _) => match mapping.get_mut(name) {
                Some(field) => field,
                None => return Ok(()),
            },
        };
        if field.is_null() {
            let mark = field.mark;
            if list {
                *field = Node::sequence([]).with_mark(mark);
            } else if let Some(made) = made {
                *field = made.with_mark(mark);
            }
        }
        self.node(field, rest, set)
    }
}

fn empty(create: &Create) -> Node {
    match create {
        Create::Scalar(tag) => Node::new(Value::Scalar(Scalar {
            text: "".into(),
            style: Style::Plain,
            tag: tag.clone(),
        })),
        Create::Mapping | Create::Never => Node::empty_mapping(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Gvk;
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
    fn lists_on_the_way_are_entered() {
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
