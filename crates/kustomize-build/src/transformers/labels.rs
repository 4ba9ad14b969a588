//! `labels`, `commonLabels` and `commonAnnotations`: pairs in the metadata of objects and of their templates.

use yaml_node::{Node, Style};

use crate::error::Context;
use crate::field_spec::{self, Create};
use crate::kustomization::{FieldSpecEntry, LabelEntry, TextMap};
use crate::node_edit::{is_yaml11_non_string, raw_text, set_field};
use crate::resource::{Path, Resource, Step, at_mut};
use crate::rules::Rules;
use crate::specs::{Specs, merge_spec, merge_specs};
use crate::{BuildError, ResMap};

/// Sets pairs in the fields of specs.
///
/// # Errors
/// [`BuildError::Transformer`] if a spec does not lead to a mapping.
pub(crate) fn set_pairs(
    map: &mut ResMap,
    pairs: &TextMap,
    specs: &[FieldSpecEntry],
) -> Result<(), BuildError> {
    for resource in map.resources_mut() {
        for (key, text) in pairs {
            let value = Node::str(text.value.clone()).with_mark(text.mark);
            set_pair(resource, key, &value, specs)?;
        }
    }
    Ok(())
}

fn set_pair(
    resource: &mut Resource,
    key: &str,
    value: &Node,
    specs: &[FieldSpecEntry],
) -> Result<(), BuildError> {
    let mut added: Vec<Path> = Vec::new();
    let mut style = value.as_scalar().map_or(Style::Plain, |scalar| scalar.style);
    let ambiguous = is_yaml11_non_string(raw_text(value));
    for spec in specs {
        let mut overwritten: Vec<Path> = Vec::new();
        field_spec::apply_at(&mut resource.node, spec, &Create::Mapping, &mut |field, at| {
            let mut path = at.to_vec();
            path.push(Step::Key(key.into()));
            if !field.is_null() && style == Style::Plain && ambiguous {
                style = Style::DoubleQuoted;
            }
            match field.get(key) {
                Some(old) => {
                    style = old.as_scalar().map_or(Style::Plain, |old| old.style);
                    overwritten.push(path);
                }
                // Nothing is set in a null.
                None if field.is_null() => {}
                None => added.push(path),
            }
            Ok(set_field(field, key, value.clone())?)
        })?;
        for path in overwritten {
            resource.shared.spread(&mut resource.node, &path);
        }
    }
    // All fields that lacked the key share one value. It also has the style of the last value that it overwrote
    // elsewhere, which later decides the type of a number written over it.
    for path in &added {
        if let Some(scalar) = at_mut(&mut resource.node, path).and_then(Node::as_scalar_mut) {
            scalar.style = style;
        }
    }
    resource.shared.add(added);
    Ok(())
}

/// Returns the fields for the labels of an entry.
///
/// # Errors
/// [`BuildError::Transformer`] if two specs differ only in `create`.
pub(crate) fn label_specs(entry: &LabelEntry, rules: &Rules) -> Result<Specs, BuildError> {
    let mut specs = Specs::Owned(entry.fields.clone());
    let failed = || "failed to merge labels".to_owned();
    merge_specs(&mut specs, &rules.labels).context(failed)?;
    if entry.include_selectors {
        merge_specs(&mut specs, &rules.common_labels).context(failed)?;
        return Ok(specs);
    }
    if entry.include_templates {
        merge_specs(&mut specs, &rules.template_labels)
            .context(|| "failed to merge template fieldSpec".into())?;
    }
    if entry.include_volume_claim_templates {
        merge_specs(&mut specs, &rules.volume_claim_template_labels)
            .context(|| "failed to merge volumeClaimTemplate fieldSpec".into())?;
    }
    let metadata = FieldSpecEntry {
        path: "metadata/labels".into(),
        create: true,
        ..FieldSpecEntry::default()
    };
    merge_spec(&mut specs, &metadata).context(failed)?;
    Ok(specs)
}

#[cfg(test)]
mod tests {
    use crate::test_trees::build_objects;

    const DEPLOYMENT: &str =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {}}\n";

    #[test]
    fn templates_and_selectors_get_labels_on_demand() {
        for (include, expected) in [
            ("", 1),
            ("  includeTemplates: true\n", 2),
            ("  includeSelectors: true\n", 3),
        ] {
            let kustomization = format!("labels:\n- pairs: {{team: x}}\n{include}");
            let yaml = build_objects(&kustomization, DEPLOYMENT).unwrap();
            assert_eq!(yaml.matches("team: x").count(), expected, "{include}");
        }
    }

    #[test]
    fn specs_that_differ_only_in_create_are_refused() {
        let fields = "labels:\n- pairs: {a: b}\n  fields: [{path: metadata/labels, create: false}]\n";
        assert_eq!(
            build_objects(fields, DEPLOYMENT).unwrap_err(),
            "failed to merge labels: conflicting fieldspecs"
        );
    }
}
