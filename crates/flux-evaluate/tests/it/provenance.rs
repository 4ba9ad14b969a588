//! The place of every object that a real repository builds is the document, or the entry of a generator, that makes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use camino::Utf8Path;
use flux_evaluate::{Applied, Evaluation, ScanOptions, entries, evaluate};
use source_tree::{DiskTree, FileId, Limits, Place, RepoPath, SourceTree};
use yaml_node::{Node, read_resources_text};

/// What is found at an object's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// The document, or the item of a List, with its kind and name.
    Document,
    /// A document of its kind with another name, since a prefix, a suffix or the namespace transformer changes the name.
    Renamed,
    /// The entry of a `configMapGenerator` or `secretGenerator` that makes it.
    Generator,
    /// Something else.
    Wrong,
}

/// Documents of files, each file read once.
struct Files<'a> {
    tree: &'a dyn SourceTree,
    known: BTreeMap<RepoPath, Option<Vec<Node>>>,
}

impl Files<'_> {
    /// The documents of a file. Empty if there is no such file.
    fn documents(&mut self, path: &RepoPath) -> Option<&[Node]> {
        let tree = self.tree;
        let known = self.known.entry(path.clone()).or_insert_with(|| {
            let text = String::from_utf8(tree.read(path).ok()?.to_vec()).ok()?;
            read_resources_text(&text, FileId::NONE, &Limits::default()).ok()
        });
        known.as_deref()
    }

    fn class(&mut self, object: &Applied, place: &Place) -> Class {
        let Some(documents) = self.documents(&place.file) else {
            return Class::Wrong;
        };
        let text = |node: &Node, path: &[&str]| node.text_at(path).unwrap_or_default().to_owned();
        let name = ["metadata", "name"];
        if object.generated {
            let entries = documents.iter().flat_map(|kustomization| {
                let lists = ["configMapGenerator", "secretGenerator"].map(|field| kustomization.get(field));
                lists.into_iter().flatten().flat_map(Node::items)
            });
            let makes = |entry: &Node| {
                let stated = text(entry, &["name"]);
                entry.mark.line == place.line && !stated.is_empty() && object.unhashed_name.contains(&stated)
            };
            return if entries.into_iter().any(makes) {
                Class::Generator
            } else {
                Class::Wrong
            };
        }
        let stated = documents.iter().flat_map(|document| {
            let items = document.get("items").map_or(&[][..], Node::items);
            std::iter::once(document).chain(items)
        });
        let mut class = Class::Wrong;
        for node in stated.filter(|node| node.mark.line == place.line) {
            if text(node, &["kind"]) != text(&object.built, &["kind"]) {
                continue;
            }
            let (stated, built) = (text(node, &name), text(&object.built, &name));
            if stated == built {
                return Class::Document;
            }
            // The namespace transformer renames Namespaces.
            if built.contains(&stated) || text(node, &["kind"]) == "Namespace" {
                class = Class::Renamed;
            }
        }
        class
    }
}

fn count(
    evaluation: &Evaluation,
    tree: &dyn SourceTree,
    what: &str,
    counts: &mut BTreeMap<Class, usize>,
) -> Vec<String> {
    let mut files = Files {
        tree,
        known: BTreeMap::new(),
    };
    let mut wrong = Vec::new();
    let objects = evaluation
        .kustomizations
        .iter()
        .flat_map(|evaluated| &evaluated.objects);
    for object in objects.filter(|object| object.generated_by.is_none()) {
        let place = evaluation.files.place(object.mark);
        let class = place
            .as_ref()
            .map_or(Class::Wrong, |place| files.class(object, place));
        *counts.entry(class).or_default() += 1;
        if class == Class::Wrong {
            wrong.push(format!(
                "{what}: {} {} at {}",
                object.built.text_at(&["kind"]).unwrap_or_default(),
                object.built.text_at(&["metadata", "name"]).unwrap_or_default(),
                place.map_or("nowhere".to_owned(), |place| place.to_string())
            ));
        }
    }
    wrong
}

/// Every object of every cluster of these repositories.
#[track_caller]
fn check(mut repositories: Vec<PathBuf>, least: usize) -> BTreeMap<Class, usize> {
    repositories.retain(|repository| repository.is_dir());
    repositories.sort();
    let mut counts = BTreeMap::new();
    let mut wrong = Vec::new();
    for repository in repositories {
        let tree: Arc<dyn SourceTree> =
            Arc::new(DiskTree::open(Utf8Path::from_path(&repository).unwrap()).unwrap());
        let options = ScanOptions::default();
        for entry in entries(&tree, &options).unwrap() {
            let evaluation = evaluate(&tree, &entry, &options).unwrap();
            let what = repository.display().to_string();
            wrong.extend(count(&evaluation, &*tree, &what, &mut counts));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {counts:?}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(counts.values().sum::<usize>() >= least, "{counts:?}");
    counts
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path().join("repo")).collect()
}

#[test]
fn places_of_the_fixtures_lead_to_what_makes_an_object() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut repositories = below(&fixtures.join("flux"));
    repositories.push(fixtures.join("infra-flux-nonprod-test"));
    println!("{:?}", check(repositories, 300));
}

#[test]
fn places_of_the_corpus_lead_to_what_makes_an_object() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if !corpus.is_dir() {
        println!("skipped: no ../shared");
        return;
    }
    println!("{:?}", check(below(&corpus), 1));
}
