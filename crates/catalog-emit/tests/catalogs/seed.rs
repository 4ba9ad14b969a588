//! The design's example catalogs load, and each of their fields is written in the same place with the same type.

use std::fs;
use std::path::Path;

use catalog_emit::Catalog;
use catalog_emit::{ConfigMapsFile, FluxResourcesFile, SecretsMapFile, ServicesFile};
use serde_json::Value;

fn example<C: Catalog>() -> (Value, C) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/seed")
        .join(C::FILE_NAME);
    let text = fs::read_to_string(path).unwrap();
    (
        serde_json::from_str(&text).unwrap(),
        serde_json::from_str(&text).unwrap(),
    )
}

/// Compares every member of the example with the written one, which may have more.
#[track_caller]
fn same(example: &Value, written: &Value, pointer: &str) {
    match (example, written) {
        (Value::Object(example), Value::Object(written)) => {
            for (key, value) in example {
                let pointer = format!("{pointer}/{key}");
                same(
                    value,
                    written.get(key).unwrap_or_else(|| panic!("{pointer} is missing")),
                    &pointer,
                );
            }
        }
        (Value::Array(example), Value::Array(written)) => {
            assert_eq!(example.len(), written.len(), "{pointer}");
            for (index, (example, written)) in example.iter().zip(written).enumerate() {
                same(example, written, &format!("{pointer}/{index}"));
            }
        }
        _ => assert_eq!(example, written, "{pointer}"),
    }
}

#[track_caller]
fn check<C: Catalog>() {
    let (example, catalog) = example::<C>();
    let written = serde_json::to_value(&catalog).unwrap();
    same(&example, &written, C::FILE_NAME);
}

#[test]
fn services_are_read_and_written_as_in_the_design() {
    check::<ServicesFile<'_>>();
}

#[test]
fn flux_resources_are_read_and_written_as_in_the_design() {
    check::<FluxResourcesFile<'_>>();
}

#[test]
fn secrets_are_read_and_written_as_in_the_design() {
    check::<SecretsMapFile<'_>>();
}

#[test]
fn config_maps_are_read_and_written_as_in_the_design() {
    check::<ConfigMapsFile<'_>>();
}
