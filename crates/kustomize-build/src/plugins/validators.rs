//! `validators`, which check the objects of a directory and must not change them.

use super::configured_transformers;
use crate::accumulation::{Accumulation, Accumulator};
use crate::resource::Resource;
use crate::target::Target;
use crate::{BuildError, ResMap};

/// A label that validators may add.
const VALIDATED_BY: &str = "validated-by";

/// Runs the validators of a directory.
///
/// # Errors
/// The errors of validators, and [`BuildError::Validator`] if one changes anything.
pub(crate) fn validate(
    accumulation: &mut Accumulation,
    target: &mut Target<'_>,
    acc: &mut Accumulator,
) -> Result<(), BuildError> {
    let kustomization = target.kustomization.clone();
    for plugin in configured_transformers(accumulation, target, &kustomization.validators)? {
        let before = acc.map.clone();
        for transformer in &plugin.work {
            transformer.run(&mut acc.map, &mut accumulation.schema)?;
        }
        if let Some(changed) = first_difference(&before, &acc.map) {
            return Err(BuildError::validator(format!(
                "validator shouldn't modify the resource map: {} changes {changed}",
                plugin.id
            )));
        }
    }
    Ok(())
}

fn first_difference(before: &ResMap, after: &ResMap) -> Option<String> {
    if before.len() != after.len() {
        return Some("the number of resources".to_owned());
    }
    let pairs = before.resources().iter().zip(after.resources());
    pairs
        .into_iter()
        .find(|(before, after)| {
            before.history() != after.history() || !before.node.same_value(&without_label(after).node)
        })
        .map(|(before, _)| before.current_id().to_string())
}

fn without_label(resource: &Resource) -> Resource {
    let mut resource = resource.clone();
    let labels = resource.node.at_mut(&["metadata", "labels"]);
    let labels = labels.and_then(yaml_node::Node::as_mapping_mut);
    if labels.is_some_and(|labels| labels.remove(VALIDATED_BY).is_some() && labels.is_empty())
        && let Some(metadata) = resource.metadata_mut()
    {
        metadata.remove("labels");
    }
    resource
}

#[cfg(test)]
mod tests {
    use crate::test_trees::build_objects;

    #[test]
    fn a_validator_changes_nothing() {
        let validator = |value: &str| {
            format!(
                "validators:\n- |\n  apiVersion: builtin\n  kind: LabelTransformer\n  metadata: {{name: v}}\n  labels: \
                 {{a: {value}}}\n  fieldSpecs: [{{path: metadata/labels/, create: true}}]\n"
            )
        };
        let object = "kind: A\nmetadata: {name: a, labels: {a: b}}\n";
        let error = build_objects(&validator("c").replace("labels/", "labels"), object).unwrap_err();
        assert!(
            error.starts_with("validator shouldn't modify the resource map"),
            "{error}"
        );
        let nothing = validator("c").replace("metadata/labels/, create: true", "spec/labels");
        assert!(build_objects(&nothing, object).is_ok());
    }
}
