//! `replicas`: the number of replicas of the objects with a name.

use yaml_node::{Node, Tag};

use crate::field_spec::{self, Create};
use crate::kustomization::{FieldSpecEntry, ReplicaEntry};
use crate::node_edit::set_scalar;
use crate::{BuildError, ResMap};

/// Sets the number in the fields of specs, in every object with the entry's name as its current or previous name.
///
/// # Errors
/// [`BuildError::Transformer`] if there is no such object.
pub(crate) fn set_replicas(
    map: &mut ResMap,
    replica: &ReplicaEntry,
    specs: &[FieldSpecEntry],
) -> Result<(), BuildError> {
    let mut found = false;
    for spec in specs {
        let matches: Vec<usize> = map
            .matching_any(&replica.name, |id| {
                id.name == replica.name && id.gvk.is_selected_by(&spec.gvk)
            })
            .collect();
        for index in matches {
            found = true;
            map.update(index, |resource| set(&mut resource.node, replica, spec))?;
        }
    }
    if found {
        return Ok(());
    }
    let kinds: Vec<String> = specs.iter().map(|spec| spec.gvk.to_string()).collect();
    Err(BuildError::transformer(format!(
        "resource with name {} does not match a config with the following GVK [{}]",
        replica.name,
        kinds.join(" ")
    ))
    .at(replica.mark))
}

fn set(node: &mut Node, replica: &ReplicaEntry, spec: &FieldSpecEntry) -> Result<(), BuildError> {
    field_spec::apply(node, spec, &Create::Scalar(Tag::Int), &mut |field| {
        let count = Node::int(replica.count).with_mark(replica.mark);
        Ok(set_scalar(field, count)?)
    })
}

#[cfg(test)]
mod tests {
    use crate::test_trees::build_objects;

    const STATEFUL_SET: &str =
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a}\nspec: {replicas: '1'}\n";

    #[test]
    fn the_number_keeps_the_quotes_of_the_old_one() {
        let yaml = build_objects("replicas: [{name: a, count: 3}]\n", STATEFUL_SET).unwrap();
        assert!(yaml.ends_with("spec:\n  replicas: \"3\"\n"), "{yaml}");
    }

    #[test]
    fn previous_names_match_and_no_match_is_an_error() {
        assert!(build_objects("namePrefix: p-\nreplicas: [{name: a, count: 3}]\n", STATEFUL_SET).is_ok());
        assert!(
            build_objects(
                "namePrefix: p-\nreplicas: [{name: p-a, count: 3}]\n",
                STATEFUL_SET
            )
            .is_ok()
        );
        let error = build_objects("replicas: [{name: b, count: 3}]\n", STATEFUL_SET).unwrap_err();
        assert!(
            error.starts_with("resource with name b does not match a config with the following GVK ["),
            "{error}"
        );
    }
}
