//! The schemas accept written catalogs, and nothing that a reader could not use.

use catalog_emit::{Catalog, Catalogs, Form, schema};
use catalog_emit::{ConfigMapsFile, FluxResourcesFile, SecretsMapFile, ServicesFile};
use infra_model::Infrastructure;
use proptest::prelude::*;
use serde_json::Value;

use crate::expected::{GENERATED_AT, catalogs};
use crate::{arbitrary, model};

fn validator<C: Catalog>() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(&schema::of::<C>().unwrap()).unwrap();
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .build(&schema)
        .unwrap()
}

#[track_caller]
fn check<C: Catalog>(catalog: &C) {
    let value: Value = serde_json::from_str(&catalog.to_json(Form::Lines).unwrap()).unwrap();
    let errors: Vec<String> = validator::<C>()
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}: {errors:#?}", C::FILE_NAME);
}

#[track_caller]
fn check_all(infrastructure: &Infrastructure) {
    let catalogs = Catalogs::new(infrastructure, GENERATED_AT);
    check(&catalogs.services);
    check(&catalogs.flux_resources);
    check(&catalogs.secrets_map);
    check(&catalogs.config_maps);
}

#[test]
fn what_is_written_is_valid() {
    check_all(&model::infrastructure());
    check_all(&Infrastructure::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn whatever_is_written_is_valid(infrastructure in arbitrary::infrastructure()) {
        check_all(&infrastructure);
    }
}

#[test]
fn what_is_wrong_is_not_valid() {
    #[track_caller]
    fn refused<C: Catalog>(catalog: &C, pointer: &str, wrong: Value) {
        let mut value: Value = serde_json::to_value(catalog).unwrap();
        *value.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator::<C>().is_valid(&value), "{pointer}");
    }
    let catalogs = catalogs();
    refused(&catalogs.services, "/services/papi/images", "one".into());
    refused(
        &catalogs.services,
        "/services/papi",
        serde_json::json!({"namespace": "backend-services"}),
    );
    refused(&catalogs.services, "/imageGroups/postgres/type", "helm".into());
    refused(
        &catalogs.flux_resources,
        "/kustomizations/flux-system/prune",
        "true".into(),
    );
    refused(&catalogs.flux_resources, "/diagnostics", Value::Null);
    refused(
        &catalogs.secrets_map,
        "/secretProviderClasses",
        Value::Array(Vec::new()),
    );
    refused(
        &catalogs.config_maps,
        "/configMaps/cluster-vars/keys/domain",
        7.into(),
    );
}

#[test]
fn every_schema_is_named_by_its_catalog() {
    #[track_caller]
    fn check<C: Catalog>(named: Option<&String>) {
        let schema: Value = serde_json::from_str(&schema::of::<C>().unwrap()).unwrap();
        assert_eq!(named.map(String::as_str), schema["$id"].as_str());
    }
    let catalogs = catalogs();
    check::<ServicesFile<'_>>(catalogs.services.schema.as_ref());
    check::<FluxResourcesFile<'_>>(catalogs.flux_resources.schema.as_ref());
    check::<SecretsMapFile<'_>>(catalogs.secrets_map.schema.as_ref());
    check::<ConfigMapsFile<'_>>(catalogs.config_maps.schema.as_ref());
    let names: Vec<String> = schema::all().unwrap().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "services.schema.json",
            "flux-resources.schema.json",
            "secrets-map.schema.json",
            "configmaps.schema.json",
            "knowledge.schema.json"
        ]
    );
}
