//! `namePrefix` and `nameSuffix`, and the history that distinguishes references to renamed objects.

use yaml_node::Tag;

use crate::field_spec::{self, Create};
use crate::kustomization::{FieldSpecEntry, Text};
use crate::node_edit::{raw_text, set_scalar, untyped};
use crate::resource::ResId;
use crate::{BuildError, ResMap};

/// A text that is added to names.
#[derive(Clone, Debug)]
pub(crate) enum Affix {
    /// Added in front.
    Prefix(Text),
    /// Added at the end.
    Suffix(Text),
}

impl Affix {
    /// The text that is added.
    pub(crate) fn text(&self) -> &Text {
        match self {
            Affix::Prefix(text) | Affix::Suffix(text) => text,
        }
    }

    fn apply(&self, name: &str) -> String {
        match self {
            Affix::Prefix(text) => format!("{}{name}", &**text),
            Affix::Suffix(text) => format!("{name}{}", &**text),
        }
    }
}

/// Adds an affix to the fields that `specs` name.
///
/// # Errors
/// [`BuildError::Transformer`] if a spec leads through a scalar, or does not end at one.
pub(crate) fn add_affix(map: &mut ResMap, affix: &Affix, specs: &[FieldSpecEntry]) -> Result<(), BuildError> {
    let text = affix.text();
    for resource in map.resources_mut() {
        let original = resource.original_id();
        if is_skipped(&original) {
            continue;
        }
        for spec in specs {
            if !original.gvk.is_selected_by(&spec.gvk) {
                continue;
            }
            if spec.path == "metadata/name" && !text.is_empty() {
                match affix {
                    Affix::Prefix(_) => resource.push_prefix(text.value.clone()),
                    Affix::Suffix(_) => resource.push_suffix(text.value.clone()),
                }
                resource.store_previous_id();
            }
            let create = Create::Scalar(Tag::Str);
            field_spec::apply(&mut resource.node, spec, &create, &mut |field| {
                let name = affix.apply(raw_text(field));
                Ok(set_scalar(field, untyped(name, text.mark))?)
            })?;
        }
    }
    Ok(())
}

// The names of these objects follow from their content or the API.
fn is_skipped(id: &ResId) -> bool {
    matches!(id.gvk.kind.as_str(), "CustomResourceDefinition" | "Namespace")
        || (id.gvk.kind == "APIService" && id.gvk.group == "apiregistration.k8s.io")
}

#[cfg(test)]
mod tests {
    use crate::test_trees::build_objects;

    #[test]
    fn all_names_but_those_of_types_and_namespaces_get_both_affixes() {
        let objects = "kind: A\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns}\n---\n\
            apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c}\n";
        let yaml = build_objects("namePrefix: p-\nnameSuffix: -s\n", objects).unwrap();
        let names: Vec<_> = yaml.lines().filter(|line| line.starts_with("  name: ")).collect();
        assert_eq!(names, ["  name: p-a-s", "  name: ns", "  name: c"]);
    }

    #[test]
    fn a_name_may_turn_into_a_number() {
        let yaml = build_objects("namePrefix: '1'\n", "kind: A\nmetadata: {name: e3}\n").unwrap();
        assert_eq!(yaml, "kind: A\nmetadata:\n  name: 1000\n");
    }
}
