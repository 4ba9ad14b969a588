//! `generatorOptions` and a generator's own `options`: labels, annotations and flags.

use source_tree::Mark;
use yaml_node::{Node, Style};

use crate::kustomization::{GeneratorOptions, TextMap};
use crate::node_edit::set_entry;

/// Merges the options of one generator with those of the file. Local labels and annotations win, but a flag that the
/// file sets cannot be unset.
pub(crate) fn merge_options(
    local: Option<&GeneratorOptions>,
    global: Option<&GeneratorOptions>,
) -> Option<GeneratorOptions> {
    let Some(global) = global else {
        return local.cloned();
    };
    let mut merged = local.cloned().unwrap_or_default();
    merge_map(&mut merged.labels, global.labels.as_ref());
    merge_map(&mut merged.annotations, global.annotations.as_ref());
    merged.disable_name_suffix_hash |= global.disable_name_suffix_hash;
    merged.immutable |= global.immutable;
    Some(merged)
}

/// Merges two maps. Local values win.
fn merge_map(local: &mut Option<TextMap>, global: Option<&TextMap>) {
    let Some(global) = global else {
        return;
    };
    let map = local.get_or_insert_default();
    map.extend(global.iter().cloned());
    map.sort_by(|(a, _), (b, _)| a.cmp(b));
    map.dedup_by(|(later, _), (first, _)| later == first);
}

/// Writes options into an object.
pub(super) fn apply(node: &mut Node, options: &GeneratorOptions, mark: Mark) {
    let Some(object) = node.as_mapping_mut() else {
        return;
    };
    if let Some(metadata) = object.get_mut("metadata").and_then(Node::as_mapping_mut) {
        for (field, map) in [("labels", &options.labels), ("annotations", &options.annotations)] {
            for (key, value) in map.iter().flatten() {
                let target = metadata.get_or_insert_with(field, || Node::empty_mapping().with_mark(mark));
                // kustomize quotes them, and quotes annotations again when it adds its own.
                let mut value = Node::str(value.value.clone()).with_mark(value.mark);
                if let Some(scalar) = value.as_scalar_mut().filter(|_| field == "labels") {
                    scalar.style = Style::SingleQuoted;
                }
                if let Some(target) = target.as_mapping_mut() {
                    set_entry(target, key, value);
                }
            }
        }
    }
    if options.immutable {
        set_entry(object, "immutable", Node::bool(true).with_mark(mark));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kustomization::Text;

    fn options(labels: &[(&str, &str)], disable_name_suffix_hash: bool) -> GeneratorOptions {
        let labels = labels
            .iter()
            .map(|(k, v)| ((*k).into(), Text::new(*v, Mark::NONE)));
        GeneratorOptions {
            labels: Some(labels.collect()),
            disable_name_suffix_hash,
            ..GeneratorOptions::default()
        }
    }

    #[test]
    fn local_labels_win_and_global_flags_stay() {
        let merged = merge_options(
            Some(&options(&[("b", "local")], false)),
            Some(&options(&[("a", "global"), ("b", "global")], true)),
        )
        .unwrap();
        let labels: Vec<_> = merged
            .labels
            .iter()
            .flatten()
            .map(|(k, v)| (k.as_str(), &**v))
            .collect();
        assert_eq!(labels, [("a", "global"), ("b", "local")]);
        assert!(merged.disable_name_suffix_hash);
    }
}
