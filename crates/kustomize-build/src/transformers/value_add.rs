//! A value that is added to fields of selected objects, or to paths in these fields.

use std::borrow::Cow;

use yaml_node::{Lost, Node, Tag, Value};

use super::namespace::NamespaceTransformer;
use crate::field_spec::split_path;
use crate::kustomization::{SelectorEntry, Text};
use crate::node_edit::{raw_text, set_scalar, untyped};
use crate::selector::Selector;
use crate::specs::Specs;
use crate::{BuildError, ResMap};

/// A ValueAddTransformer.
#[derive(Clone, Debug, Default)]
pub(crate) struct ValueAdd {
    pub(crate) value: Text,
    pub(crate) targets: Vec<ValueTarget>,
}

/// A target of the value.
#[derive(Clone, Debug, Default)]
pub(crate) struct ValueTarget {
    /// The objects, by default all.
    pub(crate) selector: Option<SelectorEntry>,
    /// The field, with `/` between its parts.
    pub(crate) field_path: smol_str::SmolStr,
    /// The 1-based position of the value in a path in the field. 0 replaces the whole field.
    pub(crate) file_path_position: i64,
}

impl ValueAdd {
    /// Changes the selected objects.
    ///
    /// # Errors
    /// [`BuildError::Transformer`] if a selector is malformed or a field is not a scalar.
    pub(crate) fn run(&self, map: &mut ResMap) -> Result<(), BuildError> {
        for target in &self.targets {
            let selected: Vec<usize> = match &target.selector {
                Some(selector) => Selector::new(selector)?.select(map)?,
                None => (0..map.len()).collect(),
            };
            for index in selected {
                map.update(index, |resource| {
                    if target.field_path == "metadata/namespace" {
                        NamespaceTransformer::new(self.value.clone(), Specs::default()).change(resource)
                    } else {
                        self.add(&mut resource.node, target)?;
                        if resource.has_syntax() {
                            resource.node.mark = Lost::ValueAdd.mark();
                        }
                        Ok(())
                    }
                })?;
            }
        }
        Ok(())
    }

    fn add(&self, node: &mut Node, target: &ValueTarget) -> Result<(), BuildError> {
        let path = split_path(&target.field_path, '/');
        let field = look_up(node, &path)?;
        let text = match usize::try_from(target.file_path_position) {
            Ok(position) if position > 0 => insert_part(raw_text(field), position - 1, &self.value),
            _ => self.value.to_string(),
        };
        Ok(set_scalar(field, untyped(text, self.value.mark))?)
    }
}

fn look_up<'a>(node: &'a mut Node, path: &[Cow<'_, str>]) -> Result<&'a mut Node, BuildError> {
    let Some((name, rest)) = path.split_first() else {
        return Ok(node);
    };
    let mark = node.mark;
    let kind = crate::node_edit::kind_of(node);
    if node.is_null() {
        node.value = Value::Mapping(yaml_node::Mapping::default());
    }
    let Some(mapping) = node.as_mapping_mut() else {
        let message = format!("wrong node kind: expected MappingNode but got {kind}");
        return Err(BuildError::transformer(message).at(mark));
    };
    let make = || {
        if rest.is_empty() {
            Node::scalar("", Tag::Untyped)
        } else {
            Node::empty_mapping()
        }
    };
    look_up(mapping.get_or_insert_with(name, make), rest)
}

/// Inserts a part into a path. A leading slash does not begin an empty part.
fn insert_part(path: &str, position: usize, part: &str) -> String {
    let (root, relative) = match path.strip_prefix('/') {
        Some(relative) => ("/", relative),
        None => ("", path),
    };
    let mut parts: Vec<&str> = relative.split('/').filter(|part| !part.is_empty()).collect();
    parts.insert(position.min(parts.len()), part);
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_inserted_at_their_position() {
        for (path, position, expected) in [
            ("", 3, "P"),
            ("/", 0, "/P"),
            ("pie", 0, "P/pie"),
            ("/pie", 0, "/P/pie"),
            ("raw", 1, "raw/P"),
            ("a/nice/warm/pie", 3, "a/nice/warm/P/pie"),
            ("/a/b", 9, "/a/b/P"),
        ] {
            assert_eq!(insert_part(path, position, "P"), expected);
        }
    }
}
