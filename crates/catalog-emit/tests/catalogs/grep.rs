//! `grep` finds every text of an entry.

use catalog_emit::{Catalog, ConfigMapsFile, FluxResourcesFile, SecretsMapFile, ServicesFile};
use infra_model::Infrastructure;
use infra_query::grep;
use serde_json::{Value, json};

use crate::expected;

/// The pointers of all scalars in a value.
fn scalars(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                scalars(member, &format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                scalars(item, &format!("{pointer}/{index}"), found);
            }
        }
        Value::Null => {}
        _ => found.push(pointer.to_owned()),
    }
}

/// Writes a marker in the place of every scalar of every entry, one at a time, and looks for it.
fn check<C: Catalog>(catalog: &C) {
    let all = serde_json::to_value(catalog).unwrap();
    let is_map = |name: &str| !["$schema", "metadata", "knowledge", "ambiguous"].contains(&name);
    for (section, entries) in all.as_object().unwrap().iter().filter(|(name, _)| is_map(name)) {
        for (key, entry) in entries.as_object().into_iter().flatten() {
            if section == "variableSubstitution" && !entry.is_object() && !entry.is_array() {
                continue;
            }
            let mut found = Vec::new();
            scalars(entry, "", &mut found);
            // Line numbers are not searched.
            for pointer in found.into_iter().filter(|pointer| !pointer.ends_with("/line")) {
                for marker in [json!("zq-marker"), json!(918_273_645)] {
                    let mut file = all.clone();
                    for (name, other) in file.as_object_mut().unwrap() {
                        match other {
                            Value::Object(entries) if is_map(name) => entries.clear(),
                            Value::Array(items) => items.clear(),
                            _ => {}
                        }
                    }
                    let mut entry = entry.clone();
                    *entry.pointer_mut(&pointer).unwrap() = marker.clone();
                    file[section][key] = entry;
                    // A field that takes no such text is a flag or an enum. Nothing can be found if it is left out.
                    let Ok(file) = serde_json::from_value::<C>(file) else {
                        continue;
                    };
                    let wanted = marker.as_str().map_or_else(|| marker.to_string(), str::to_owned);
                    if !serde_json::to_string(&file).unwrap().contains(&wanted) {
                        continue;
                    }
                    let mut model = Infrastructure::default();
                    file.add_to(&mut model);
                    let matches = grep(&model, |text| text == wanted).matches;
                    assert!(!matches.is_empty(), "{section} {key}{pointer}");
                }
            }
        }
    }
}

#[test]
fn every_scalar_of_every_entry_is_found() {
    let catalogs = expected::catalogs();
    check::<ServicesFile<'_>>(&catalogs.services);
    check::<FluxResourcesFile<'_>>(&catalogs.flux_resources);
    check::<SecretsMapFile<'_>>(&catalogs.secrets_map);
    check::<ConfigMapsFile<'_>>(&catalogs.config_maps);
}

#[test]
fn words_of_a_few_are_found() {
    let model = Infrastructure::from(expected::catalogs());
    for word in ["sops", "kustomize-images", "curated"] {
        assert!(!grep(&model, |text| text == word).matches.is_empty(), "{word}");
    }
}
