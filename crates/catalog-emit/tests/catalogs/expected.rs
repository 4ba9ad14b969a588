//! The catalogs, schemas and reports of the hand-made model are as `tests/expected/` has them. `UPDATE_EXPECT=1` rewrites them.

use std::fs;
use std::path::Path;

use catalog_emit::{Catalog, Catalogs, Form, summary};
use infra_model::Infrastructure;
use pretty_assertions::assert_eq;

use crate::model;

pub(crate) const GENERATED_AT: &str = "2026-02-02T10:00:00Z";

/// Compares `actual` with a file of `tests/expected/`.
#[track_caller]
pub(crate) fn check(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/expected")
        .join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(actual, expected, "{name} differs; UPDATE_EXPECT=1 rewrites it");
}

pub(crate) fn catalogs() -> Catalogs<'static> {
    catalogs_of(model::infrastructure(), GENERATED_AT)
}

/// The catalogs of a model that lives as long as the tests.
pub(crate) fn catalogs_of(model: Infrastructure, generated_at: &str) -> Catalogs<'static> {
    Catalogs::new(Box::leak(Box::new(model)), generated_at)
}

#[test]
fn one_entry_a_line() {
    let catalogs = catalogs();
    check("services.json", &catalogs.services.to_json(Form::Lines).unwrap());
    check(
        "flux-resources.json",
        &catalogs.flux_resources.to_json(Form::Lines).unwrap(),
    );
    check(
        "secrets-map.json",
        &catalogs.secrets_map.to_json(Form::Lines).unwrap(),
    );
    check(
        "configmaps.json",
        &catalogs.config_maps.to_json(Form::Lines).unwrap(),
    );
}

#[test]
fn the_indented_form_is_the_same_json() {
    let services = catalogs().services;
    let value = |form| serde_json::from_str::<serde_json::Value>(&services.to_json(form).unwrap()).unwrap();
    assert_eq!(value(Form::Lines), value(Form::Pretty));
    let pretty = services.to_json(Form::Pretty).unwrap();
    assert!(
        pretty.contains("\n    \"papi\": {\n      \"namespace\": \"backend-services\",\n"),
        "{pretty}"
    );
    assert!(pretty.ends_with("}\n"));
}

#[test]
fn one_line_loads_one_service() {
    let text = catalogs().services.to_json(Form::Lines).unwrap();
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.trim_start_matches(' ').starts_with("\"papi\":"))
        .collect();
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    let entry = line.trim().trim_start_matches("\"papi\":").trim_end_matches(',');
    let entry: serde_json::Value = serde_json::from_str(entry).unwrap();
    assert_eq!(entry["namespace"], "backend-services");
}

#[test]
fn the_report_of_one_cluster() {
    check("summary.txt", &summary(&[catalogs()]));
}

#[test]
fn the_report_of_two_clusters() {
    let named = |name: &str| {
        let mut catalogs = catalogs();
        catalogs.services.metadata.cluster_name = Some(name.to_owned());
        catalogs
    };
    check(
        "summary-two-clusters.txt",
        &summary(&[named("nonprod"), named("prod\u{1b}[2J")]),
    );
}
