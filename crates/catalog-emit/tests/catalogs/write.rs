//! Data folders are written whole or not at all, and left alone if nothing changed.

use std::collections::BTreeMap;
use std::fs;

use camino::Utf8Path;
use catalog_emit::{Catalogs, Change, EmitErrorKind, EntryMap, Form, ScanRecord, plan, write};
use infra_model::Infrastructure;
use pretty_assertions::assert_eq;

use crate::expected::{catalogs, catalogs_of};
use crate::model;
use crate::read::{cluster, folder};

/// Every file below a folder, links by their targets.
fn files(folder: &Utf8Path) -> BTreeMap<String, String> {
    fn collect(folder: &Utf8Path, root: &Utf8Path, files: &mut BTreeMap<String, String>) {
        for entry in folder.read_dir_utf8().unwrap() {
            let entry = entry.unwrap();
            let name = entry.path().strip_prefix(root).unwrap().to_string();
            let kind = entry.file_type().unwrap();
            if kind.is_symlink() {
                files.insert(name, format!("-> {}", entry.path().read_link_utf8().unwrap()));
            } else if kind.is_dir() {
                collect(entry.path(), root, files);
            } else {
                files.insert(name, fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(folder, folder, &mut found);
    found
}

fn names(folder: &Utf8Path) -> Vec<String> {
    files(folder).into_keys().collect()
}

const FOUR: [&str; 4] = [
    "configmaps.json",
    "flux-resources.json",
    "secrets-map.json",
    "services.json",
];

fn later(revision: &str) -> Catalogs<'static> {
    catalogs_of(later_model(revision), "2030-01-01T00:00:00Z")
}

fn later_model(revision: &str) -> Infrastructure {
    let mut infrastructure = model::infrastructure();
    infrastructure.metadata.revision = Some(revision.to_owned());
    infrastructure
}

fn record(revision: &str) -> ScanRecord {
    let inputs = catalog_emit::Inputs {
        files: [("a.yaml".to_owned(), revision.to_owned())].into(),
        ..catalog_emit::Inputs::default()
    };
    ScanRecord::new(vec!["nonprod".to_owned()], inputs)
}

#[test]
fn a_new_folder_gets_the_four_files() {
    let (_folder, data) = folder();
    let report = write(&data, &[catalogs()], Some(&record("a")), Form::Lines).unwrap();
    let mut all = vec![".scan.json"];
    all.extend(FOUR);
    assert_eq!(names(&data), all);
    assert_eq!(report.written.len(), 5);
    assert_eq!(ScanRecord::read(&data).unwrap(), record("a"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(data.join("services.json"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o400, 0o400);
        let plain = data.join("plain");
        fs::write(&plain, "").unwrap();
        assert_eq!(
            mode,
            fs::metadata(&plain).unwrap().permissions().mode(),
            "as any new file"
        );
    }
}

#[test]
fn nothing_but_metadata_changes_no_file() {
    let (_folder, data) = folder();
    write(&data, &[catalogs()], Some(&record("a")), Form::Lines).unwrap();
    let before = files(&data);
    let report = write(&data, &[later("b")], Some(&record("a")), Form::Lines).unwrap();
    assert_eq!((report.written.len(), report.unchanged.len()), (0, 5));
    assert_eq!(files(&data), before);

    // The record of the scan follows the tree, the catalogs do not.
    let report = write(&data, &[later("b")], Some(&record("b")), Form::Lines).unwrap();
    assert_eq!(report.written, [".scan.json"]);
}

#[test]
fn a_changed_fact_changes_its_file_only() {
    let (_folder, data) = folder();
    write(&data, &[catalogs()], None, Form::Lines).unwrap();
    let mut changed = later_model("b");
    changed.services.get_mut("papi").unwrap().replicas = Some(5);
    let changed = Catalogs::new(&changed, "2030-01-01T00:00:00Z");
    let differences = plan(&data, std::slice::from_ref(&changed), Form::Lines)
        .unwrap()
        .differences()
        .unwrap();
    let [difference] = differences.as_slice() else {
        panic!("{differences:?}")
    };
    assert_eq!(
        (difference.path.as_str(), difference.change),
        ("services.json", Change::Changed)
    );
    let lines: Vec<&str> = difference
        .diff
        .lines()
        .filter(|line| line.starts_with(['+', '-']))
        .collect();
    assert_eq!(
        lines.len(),
        6,
        "two headers, the entry, the metadata:\n{}",
        difference.diff
    );
    let report = write(&data, &[changed], None, Form::Lines).unwrap();
    assert_eq!(report.written, ["services.json"]);
    assert!(
        fs::read_to_string(data.join("services.json"))
            .unwrap()
            .contains("2030-01-01")
    );
    assert!(
        !fs::read_to_string(data.join("configmaps.json"))
            .unwrap()
            .contains("2030-01-01")
    );
}

#[test]
fn another_form_is_written() {
    let (_folder, data) = folder();
    write(&data, &[catalogs()], None, Form::Lines).unwrap();
    let report = write(&data, &[catalogs()], None, Form::Pretty).unwrap();
    assert_eq!(report.written.len(), 4);
    let report = write(&data, &[later("b")], None, Form::Pretty).unwrap();
    assert_eq!(report.unchanged.len(), 4);
}

#[test]
fn a_file_that_is_no_catalog_is_replaced() {
    let (_folder, data) = folder();
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("services.json"), "{\"metadata\": \"old\"").unwrap();
    let differences = plan(&data, &[catalogs()], Form::Lines)
        .unwrap()
        .differences()
        .unwrap();
    let changes: Vec<Change> = differences.iter().map(|difference| difference.change).collect();
    assert_eq!(
        changes,
        [Change::Added, Change::Added, Change::Added, Change::Changed]
    );
    assert_eq!(
        write(&data, &[catalogs()], None, Form::Lines)
            .unwrap()
            .written
            .len(),
        4
    );
}

#[test]
fn files_of_the_other_layout_go() {
    let (_folder, data) = folder();
    write(&data, &[catalogs()], Some(&record("a")), Form::Lines).unwrap();
    fs::write(data.join("notes.md"), "mine").unwrap();

    let two = [cluster("eu/prod"), cluster("nonprod")];
    let report = write(&data, &two, Some(&record("a")), Form::Lines).unwrap();
    assert_eq!(report.removed, FOUR);
    assert_eq!(names(&data).len(), 2 + 2 * 4);
    assert!(data.join("eu/prod/services.json").is_file());

    // The catalogs of a cluster that is gone are removed, files of others stay.
    fs::write(data.join("nonprod/services.json.bak"), "mine").unwrap();
    let report = write(&data, &[cluster("prod"), cluster("eu/prod")], None, Form::Lines).unwrap();
    assert_eq!(report.removed.len(), 4);
    assert!(data.join("nonprod/services.json.bak").is_file());

    let report = write(&data, &[catalogs()], None, Form::Lines).unwrap();
    assert_eq!(report.removed.len(), 8);
    assert!(!data.join("eu").exists(), "emptied folders go too");
    let mut left = vec![".scan.json", "nonprod/services.json.bak", "notes.md"];
    left.extend(FOUR);
    left.sort_unstable();
    assert_eq!(names(&data), left);
}

#[test]
fn catalogs_of_another_writer_are_not_removed() {
    let (_folder, data) = folder();
    fs::create_dir_all(&data).unwrap();
    let old = r#"{"services": {}, "metadata": {"generatedFrom": "x", "generatedAt": "y"}}"#;
    fs::write(data.join("services.json"), old).unwrap();
    write(&data, &[cluster("a"), cluster("b")], None, Form::Lines).unwrap();
    assert_eq!(fs::read_to_string(data.join("services.json")).unwrap(), old);
}

#[test]
fn clusters_need_names_that_are_folders() {
    let (_folder, data) = folder();
    for name in [
        "",
        ".",
        "..",
        "a/../b",
        "/etc",
        "a//b",
        ".git",
        "services.json",
        "a\\b",
        "a\nb",
        "a/b/c/d/e",
    ] {
        let error = write(&data, &[cluster(name), cluster("b")], None, Form::Lines).unwrap_err();
        assert_eq!(error.kind, EmitErrorKind::ClusterName, "{name:?}: {error}");
    }
    let error = write(&data, &[cluster("b"), cluster("b")], None, Form::Lines).unwrap_err();
    assert_eq!(error.kind, EmitErrorKind::ClusterName, "{error}");
    assert!(!data.exists(), "nothing was written");
}

#[test]
fn what_cannot_be_written_leaves_everything_as_it_was() {
    let (_folder, data) = folder();
    write(&data, &[cluster("a"), cluster("b")], None, Form::Lines).unwrap();
    let before = files(&data);
    let mut changed = [cluster("a"), cluster("b"), cluster("c"), cluster("nested/d")];
    for catalogs in &mut changed {
        catalogs.services.services = EntryMap::default();
    }
    // A folder is in the place of the last file.
    fs::create_dir_all(data.join("nested/d/services.json")).unwrap();
    let error = write(&data, &changed, None, Form::Lines).unwrap_err();
    assert!(
        matches!(error.kind, EmitErrorKind::Write | EmitErrorKind::Read),
        "{error}"
    );
    assert!(error.path.ends_with("nested/d/services.json"), "{error}");
    assert_eq!(files(&data), before);
    assert!(
        !data.join("c").exists(),
        "folders that were made on the way are gone"
    );

    // A file is in the place of a folder.
    fs::remove_dir_all(data.join("nested")).unwrap();
    fs::write(data.join("nested"), "mine").unwrap();
    let error = write(&data, &changed, None, Form::Lines).unwrap_err();
    assert_eq!(error.kind, EmitErrorKind::Write, "{error}");
    fs::remove_file(data.join("nested")).unwrap();
    assert_eq!(files(&data), before);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_out() {
    let (outer, data) = folder();
    let outside = Utf8Path::from_path(outer.path()).unwrap().join("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::create_dir_all(&data).unwrap();
    fs::write(outside.join("services.json"), "theirs").unwrap();

    // As a folder of a cluster.
    std::os::unix::fs::symlink(&outside, data.join("a")).unwrap();
    let error = write(&data, &[cluster("a"), cluster("b")], None, Form::Lines).unwrap_err();
    assert_eq!(error.kind, EmitErrorKind::Symlink, "{error}");
    // As a file.
    std::os::unix::fs::symlink(outside.join("services.json"), data.join("services.json")).unwrap();
    let error = write(&data, &[catalogs()], None, Form::Lines).unwrap_err();
    assert_eq!(error.kind, EmitErrorKind::Symlink, "{error}");
    assert_eq!(
        files(&outside),
        BTreeMap::from([("services.json".to_owned(), "theirs".to_owned())])
    );
    assert_eq!(names(&data), ["a", "services.json"]);

    // Files behind a link are not removed, either.
    fs::remove_file(data.join("services.json")).unwrap();
    write(&outside, &[catalogs()], None, Form::Lines).unwrap();
    write(&data, &[catalogs()], None, Form::Lines).unwrap();
    assert_eq!(names(&outside), FOUR);

    // The data folder itself may be reached through a link: that is the caller's choice.
    let link = Utf8Path::from_path(outer.path()).unwrap().join("link");
    std::os::unix::fs::symlink(&outside, &link).unwrap();
    assert_eq!(
        write(&link, &[catalogs()], None, Form::Lines)
            .unwrap()
            .unchanged
            .len(),
        4
    );
}
