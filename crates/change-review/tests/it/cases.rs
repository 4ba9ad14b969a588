//! Every case of `fixtures/changes/cases.yaml` is reported as its file in `expected/` has it. `UPDATE_EXPECT=1` rewrites them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use change_review::danger::codes;
use change_review::{Review, Side, findings_with_remains, remains, review, text};
use flux_scan::{Remains, Scan, ScanOptions, ScannedCluster, scan};
use pretty_assertions::assert_eq;
use serde::Deserialize;
use source_tree::MemoryTree;

/// A change of the repository.
#[derive(Deserialize)]
struct Case {
    name: String,
    edits: Vec<Edit>,
}

#[derive(Deserialize)]
struct Edit {
    file: String,
    find: Option<String>,
    replace: Option<String>,
    text: Option<String>,
    #[serde(default)]
    remove: bool,
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/changes")
}

/// The review of every case, by name.
pub(crate) fn reviews() -> &'static BTreeMap<String, Review> {
    static REVIEWS: LazyLock<BTreeMap<String, Review>> = LazyLock::new(|| {
        let cases: Vec<Case> =
            serde_yaml::from_str(&fs::read_to_string(folder().join("cases.yaml")).unwrap()).unwrap();
        cases
            .iter()
            .map(|case| (case.name.clone(), case.review()))
            .collect()
    });
    &REVIEWS
}

pub(crate) type Files = BTreeMap<String, String>;

pub(crate) fn files() -> Files {
    let repo = folder().join("repo");
    let mut files = Files::new();
    let mut folders = vec![repo.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&repo).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    files
}

impl Case {
    fn apply(&self, files: &mut Files) {
        for edit in &self.edits {
            if edit.remove {
                files.remove(&edit.file).unwrap();
                continue;
            }
            if let Some(text) = &edit.text {
                files.insert(edit.file.clone(), text.clone());
                continue;
            }
            let text = files.get_mut(&edit.file).unwrap();
            let find = edit.find.as_deref().unwrap();
            assert!(text.contains(find), "{}: {find:?}", self.name);
            *text = text.replacen(find, edit.replace.as_deref().unwrap(), 1);
        }
    }

    fn review(&self) -> Review {
        let before = files();
        let mut after = before.clone();
        self.apply(&mut after);
        reviewed(&before, &after)
    }
}

pub(crate) fn reviewed(before: &Files, after: &Files) -> Review {
    let before = scanned(before, None);
    let after = going_on(&before, after);
    let side = |scan: &Scan| scan.clusters.first().map(|cluster| cluster.name.clone());
    assert_eq!(side(&before), side(&after));
    let mut clusters = vec![];
    for (before, after) in before.clusters.iter().zip(&after.clusters) {
        let cluster = review(&after.name, side_of(before), side_of(after)).unwrap();
        if !cluster.is_empty() {
            clusters.push(cluster);
        }
    }
    Review {
        from: "main".to_owned(),
        to: "change".to_owned(),
        clusters,
    }
}

fn side_of(cluster: &ScannedCluster) -> Side<'_> {
    Side {
        evaluation: &cluster.evaluation,
        infrastructure: &cluster.infrastructure,
        hub: None,
    }
}

/// The side after a change, with what goes on in its cluster as it was before.
fn going_on(before: &Scan, files: &Files) -> Scan {
    let mut after = scanned(files, None);
    let mut known = None;
    while let Some(more) = remains(
        side_of(&before.clusters[0]),
        side_of(&after.clusters[0]),
        known.as_ref(),
    ) {
        let mut next = scanned(files, Some((after.clusters[0].name.clone(), more.clone())));
        let [old, alone, going_on] =
            [before, &after, &next].map(|scan| &scan.clusters[0].infrastructure.diagnostics);
        next.clusters[0].infrastructure.diagnostics = findings_with_remains(old, alone, going_on);
        after = next;
        known = Some(more);
    }
    after
}

fn scanned(files: &Files, remains: Option<(String, Remains)>) -> Scan {
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let tree: MemoryTree = files.collect();
    let options = ScanOptions {
        remains: Arc::new(remains.into_iter().collect()),
        ..ScanOptions::default()
    };
    scan(Arc::new(tree), &options).unwrap()
}

#[track_caller]
pub(crate) fn check(name: &str, actual: &str) {
    let path = folder().join("expected").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(actual, expected, "{name} differs; UPDATE_EXPECT=1 rewrites it");
}

#[test]
fn every_change_is_reported() {
    for (name, review) in reviews() {
        check(&format!("{name}.txt"), &text::text(review, false));
    }
}

/// A Kustomization that is broken before and after the change, and a change in its folder or elsewhere.
#[test]
fn what_neither_side_builds_is_said_where_it_changes() {
    let broken = |replicas: &str| {
        let mut files = files();
        let list = files.get_mut("apps/ticker/kustomization.yaml").unwrap();
        *list = list.replacen("- service.yaml", "- services.yaml", 1);
        let deployment = files.get_mut("apps/ticker/deployment.yaml").unwrap();
        *deployment = deployment.replacen("replicas: 2", replicas, 1);
        files
    };
    let changed = text::text(&reviewed(&broken("replicas: 2"), &broken("replicas: 3")), false);
    assert!(
        changed.contains("not compared:\n  Kustomization/flux-system/apps: neither side builds"),
        "{changed}"
    );
    assert!(reviewed(&broken("replicas: 2"), &broken("replicas: 2")).is_empty());
}

#[test]
fn every_danger_has_a_case_and_a_section() {
    let dangers = reviews().values().flat_map(Review::dangers);
    let found: BTreeSet<&str> = dangers.map(|danger| danger.code.as_ref()).collect();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), codes::ALL);
    let page = folder().join("../../docs/diagnostics.md");
    let page = fs::read_to_string(page).unwrap();
    let sections: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .collect();
    assert_eq!(sections, codes::ALL);
}
