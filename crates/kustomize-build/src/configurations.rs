//! `configurations`: field specs from files, merged over the default ones.

use std::sync::Arc;

use source_tree::Limits;
use yaml_node::read_yaml11_strict;

use crate::BuildError;
use crate::default_rules::default_rules;
use crate::error::Context;
use crate::kustomization::{At, Decoder, Field, Text, field_spec};
use crate::load::Loader;
use crate::name_reference::NameReference;
use crate::rules::{Rules, field_specs};
use crate::specs::Specs;

/// The default rules and those of `configurations` files.
///
/// # Errors
/// [`BuildError::Transformer`] for a malformed file or specs that differ in `create` only.
pub(crate) fn load(paths: &[Text], loader: &Loader<'_>) -> Result<Arc<Rules>, BuildError> {
    if paths.is_empty() {
        return Ok(default_rules());
    }
    let mut loaded = Rules::default();
    for path in paths {
        let Some((text, mark)) = loader.available_text(path)? else {
            continue;
        };
        let rules = parse(&text, mark.file, loader.sources().limits()).at(mark)?;
        // Both sets are copied and sorted, and each reference is compared with all known ones.
        let (known, new) = (loaded.len(), rules.len());
        let references = rules.name_references.list().len();
        let comparisons = references.saturating_mul(loaded.name_references.list().len() + references);
        let steps = 2 * (known + new) + comparisons / 16;
        loader.work().spend(steps as u64).at(path.mark)?;
        loaded = loaded.merge(&rules).at(path.mark)?;
    }
    let merged = default_rules().merge(&loaded);
    merged.map(Arc::new).at(paths[0].mark)
}

/// Merges two sets of rules. Returns one of them unchanged if the other has nothing new.
///
/// Merging into an empty set is not a copy: a spec for all types is dropped if one for some type with the same path
/// precedes it, and sorting puts specs for all types last.
pub(crate) fn merge(a: &Arc<Rules>, b: &Arc<Rules>) -> Result<Arc<Rules>, BuildError> {
    if Arc::ptr_eq(a, b) || **b == Rules::default() {
        return Ok(a.clone());
    }
    if Arc::ptr_eq(b, &default_rules()) && **a == Rules::default() {
        return Ok(b.clone());
    }
    a.merge(b).map(Arc::new)
}

/// Reads a `configurations` file.
fn parse(text: &str, file: source_tree::FileId, limits: &Limits) -> Result<Rules, BuildError> {
    let node = read_yaml11_strict(text, file, limits).map_err(|error| {
        BuildError::transformer(format!("error converting YAML to JSON: {error}")).at(error.mark)
    })?;
    let mut rules = Rules::default();
    let Some(node) = node else {
        return Ok(rules);
    };
    let mut decoder = Decoder::yaml_strict();
    decoder.object(&node, &At::default(), "TransformerConfig", |decoder, field| {
        if field.key == "namereference" {
            let go_type = "[]builtinconfig.NameBackReferences";
            let references = field.list(decoder, "nameReference", go_type, |decoder, item, _| {
                let mut reference = NameReference::default();
                decoder.object(item, &At::default(), "NameBackReferences", |decoder, field| {
                    let slot = match field.key {
                        "group" => &mut reference.target.group,
                        "version" => &mut reference.target.version,
                        "kind" => &mut reference.target.kind,
                        "fieldspecs" => {
                            reference.referrers = specs(decoder, &field, "fieldSpecs");
                            return true;
                        }
                        _ => return false,
                    };
                    *slot = field.text(decoder, field.key).value;
                    true
                });
                reference
            });
            *rules.name_references.list_mut() = references;
            return true;
        }
        macro_rules! canonical {
            ($($field_name:ident $key:literal $name:literal,)*) => {
                [$($key,)*].into_iter().find(|key| key.eq_ignore_ascii_case(field.key))
            };
        }
        let Some(key) = field_specs!(canonical) else {
            return false;
        };
        let decoded = specs(decoder, &field, key);
        if let Some(slot) = rules.specs_mut(key) {
            *slot = decoded;
        }
        true
    });
    decoder.finish().map_err(|(message, mark)| {
        BuildError::transformer(format!("error unmarshaling JSON: while decoding JSON: {message}")).at(mark)
    })?;
    rules.sort();
    Ok(rules)
}

fn specs(decoder: &mut Decoder, field: &Field<'_>, name: &str) -> Specs {
    field.list(decoder, name, "types.FsSlice", field_spec).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::FileId;

    #[test]
    fn the_tables_are_complete() {
        let rules = default_rules();
        assert_eq!(
            rules
                .name_references
                .list()
                .iter()
                .map(|r| r.referrers.len())
                .sum::<usize>(),
            167
        );
        assert_eq!(rules.replicas.len(), 4);
        assert!(
            rules
                .images
                .iter()
                .any(|spec| spec.path == "spec/containers[]/image")
        );
        let sorted = {
            let mut sorted = Rules::clone(&rules);
            sorted.sort();
            sorted
        };
        assert_eq!(*rules, sorted);
        assert_eq!(Rules::default().merge(&rules).unwrap(), *rules);
    }

    #[test]
    fn specs_for_some_types_replace_the_one_for_all() {
        let text = "namePrefix:\n- path: metadata/name\n  kind: Secret\n";
        let custom = parse(text, FileId(1), &Limits::default()).unwrap();
        let merged = Arc::new(default_rules().merge(&custom).unwrap());
        let kinds = |rules: &Rules| -> Vec<String> {
            rules
                .name_prefix
                .iter()
                .map(|spec| spec.gvk.kind.to_string())
                .collect()
        };
        assert_eq!(kinds(&merged), ["Secret", ""]);
        assert_eq!(
            kinds(&merge(&Arc::new(Rules::default()), &merged).unwrap()),
            ["Secret"]
        );
    }

    #[test]
    fn unknown_fields_and_conflicting_specs_are_refused() {
        let parse = |text: &str| parse(text, FileId(1), &Limits::default());
        let rules =
            parse("namePrefix:\n- path: a/b\n  kind: K\nnamereference:\n- kind: K\n  fieldSpecs: []\n")
                .unwrap();
        assert_eq!(rules.name_prefix[0].gvk.kind, "K");
        assert_eq!(rules.name_references.list().len(), 1);
        let error = parse("namoPrefix: []\n").unwrap_err().to_string();
        assert!(error.ends_with("json: unknown field \"namoPrefix\""), "{error}");
        let conflict = parse("namePrefix:\n- path: metadata/name\n  create: true\n").unwrap();
        let error = default_rules().merge(&conflict).unwrap_err().to_string();
        assert_eq!(
            error,
            "failed to merge NamePrefix fieldSpec: conflicting fieldspecs"
        );
    }
}
