//! Data folders are loaded, or a typed error says why not.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::{CatalogStore, Catalogs, Form, ReadError, cluster_names, load, load_cluster, write};
use pretty_assertions::assert_eq;
use tempfile::TempDir;

use crate::expected::{GENERATED_AT, catalogs, catalogs_of};
use crate::model;

pub(crate) fn folder() -> (TempDir, Utf8PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap().join("data");
    (folder, path)
}

pub(crate) fn cluster(name: &str) -> Catalogs<'static> {
    let mut infrastructure = model::infrastructure();
    infrastructure.metadata.cluster_name = Some(name.to_owned());
    catalogs_of(infrastructure, GENERATED_AT)
}

#[test]
fn what_was_written_is_loaded() {
    let (_folder, data) = folder();
    write(&data, &[catalogs()], None, Form::Lines).unwrap();
    let expected = model::catalogued(model::infrastructure());
    assert_eq!(load(&data).unwrap(), expected);
    for name in ["clusters/nonprod-test", "nonprod-test"] {
        assert_eq!(load_cluster(&data, name).unwrap(), expected);
    }
    assert!(matches!(
        load_cluster(&data, "prod"),
        Err(ReadError::NoSuchCluster { .. })
    ));
}

#[test]
fn several_clusters_are_loaded_by_name() {
    let (_folder, data) = folder();
    write(
        &data,
        &[cluster("eu/prod"), cluster("nonprod")],
        None,
        Form::Lines,
    )
    .unwrap();
    assert_eq!(cluster_names(&data).unwrap(), ["eu/prod", "nonprod"]);
    assert!(matches!(load(&data), Err(ReadError::SeveralClusters { .. })));
    let nonprod = load_cluster(&data, "nonprod").unwrap();
    assert_eq!(nonprod.metadata.cluster_name.as_deref(), Some("nonprod"));
    let error = load_cluster(&data, "../data/nonprod").unwrap_err();
    assert!(
        matches!(&error, ReadError::NoSuchCluster { names, .. } if names == &["eu/prod", "nonprod"]),
        "{error}"
    );
}

#[test]
fn what_is_missing_or_broken_is_named() {
    let (_folder, data) = folder();
    assert!(matches!(load(&data), Err(ReadError::NoCatalogs { .. })));
    write(&data, &[catalogs()], None, Form::Lines).unwrap();

    let secrets = data.join("secrets-map.json");
    fs::write(&secrets, "{\n\"secretProviderClasses\": 7}").unwrap();
    let error = load(&data).unwrap_err();
    assert!(
        matches!(&error, ReadError::Invalid { path, line: 2, .. } if *path == secrets),
        "{error}"
    );

    fs::write(&secrets, b"\xff\xfe").unwrap();
    assert!(matches!(load(&data), Err(ReadError::Invalid { .. })));

    fs::write(&secrets, r#"{"metadata": {"schemaVersion": 99}}"#).unwrap();
    let error = load(&data).unwrap_err();
    assert!(
        matches!(&error, ReadError::Version { path, line: 1, found: 99 } if *path == secrets),
        "{error}"
    );
    assert!(error.hint().contains("update"));

    fs::write(&secrets, "[".repeat(100_000)).unwrap();
    assert!(matches!(load(&data), Err(ReadError::Invalid { .. })));

    fs::remove_file(&secrets).unwrap();
    assert!(matches!(load(&data), Err(ReadError::File { path, .. }) if path == secrets));
}

#[test]
fn fields_of_a_newer_writer_are_passed_over() {
    let (_folder, data) = folder();
    write(&data, &[catalogs()], None, Form::Lines).unwrap();
    let path = data.join("services.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(r#""papi": {"#, r#""papi": {"mood":"fine","#)).unwrap();
    assert_eq!(load(&data).unwrap(), model::catalogued(model::infrastructure()));
}

/// For any broken catalog the error names file and line and how to mend it, and no answer is given.
#[test]
fn broken_catalogs_are_named_with_file_and_line() {
    #[track_caller]
    fn check(data: &Utf8Path, content: impl AsRef<[u8]>, expected: &str) {
        let path = data.join("services.json");
        fs::write(&path, content).unwrap();
        let store = CatalogStore::open(data, None);
        let error = match &store {
            Ok(store) => {
                let _ = infra_query::where_is(store, "papi").map(|answer| answer.to_string());
                store.check().unwrap_err()
            }
            Err(error) => error,
        };
        let shown = error.to_string();
        assert!(shown.starts_with(&format!("{path}:{expected}")), "{shown}");
        assert!(error.hint().contains("regen"), "{}", error.hint());
    }
    let (_folder, data) = folder();
    write(&data, &[catalogs()], None, Form::Lines).unwrap();
    let text = fs::read_to_string(data.join("services.json")).unwrap();
    let papi = text.find("    \"papi\": ").unwrap();
    let line = text[..papi].lines().count() + 1;
    let (before, rest) = text.split_at(papi);

    check(&data, &text[..papi + 40], &format!("{line} is not valid: EOF"));
    check(&data, before, &format!("{line} is not valid: EOF"));
    check(&data, "", "1 is not valid: EOF");
    let edited = rest.replacen("\"images\":[", "\"images\":7,\"was\":[", 1);
    check(
        &data,
        format!("{before}{edited}"),
        &format!("{line} is not valid: invalid type"),
    );
    let edited = rest.replacen("\"images\":[", "\"images\":", 1);
    check(
        &data,
        format!("{before}{edited}"),
        &format!("{line} is not valid: "),
    );
    let old = text.replace("\"schemaVersion\":1", "\"schemaVersion\":0");
    let last = text.lines().count() - 1;
    check(&data, &old, &format!("{last} has schemaVersion 0"));
    let latin = [before.as_bytes(), b"    \"\xfc\": {},\n", rest.as_bytes()].concat();
    check(&data, latin, &format!("{line} is not valid: it is not UTF-8"));
    check(
        &data,
        format!("{before}{}", "[".repeat(100_000)),
        &format!("{line} is not valid"),
    );
}

#[test]
fn a_wrong_type_in_a_diagnostic_is_an_error() {
    let (_folder, data) = folder();
    write(&data, &[catalogs()], None, Form::Lines).unwrap();
    let path = data.join("flux-resources.json");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_at(text.find("\"diagnostics\"").unwrap());
    let place = rest.find("\"line\":").unwrap();
    let number = before.lines().count() + rest[..place].matches('\n').count();
    let edited = rest.replacen("\"line\":", "\"line\":\"x\",\"was\":", 1);
    fs::write(&path, format!("{before}{edited}")).unwrap();
    let store = CatalogStore::open(&data, None).unwrap();
    let _ = infra_query::lint(&store, &infra_query::lint::LintFilter::default());
    let error = store.check().unwrap_err();
    let expected = format!("{path}:{number} is not valid: invalid type");
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(load(&data).is_err());
}
