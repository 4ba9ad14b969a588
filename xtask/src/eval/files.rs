//! The files that a reader of the repository has to read to know what a Kustomization applies.
//!
//! Each Kustomization is built alone, over a tree that notes which files are read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use camino::Utf8Path;
use flux_scan::{ArtifactTree, ClusterArg, Evaluation, ScanOptions, steps};
use kustomize_build::Sources;
use source_tree::{DiskTree, FileTable, Limits, RepoPath, SourceTree, TreeAround, TreeError};
use yaml_node::{Node, Value};

use super::question::Draft;
use super::rendering::{Object, Rendering};

/// The files to read for questions about one cluster.
pub(crate) struct FilesToRead {
    /// By name of the record: the files that its own build reads.
    builds: BTreeMap<String, BTreeSet<String>>,
    /// By identity of the object: the files that state a part of it.
    stated: BTreeMap<String, BTreeSet<String>>,
}

impl FilesToRead {
    pub(crate) fn new(repository: &Utf8Path, entry: &str, rendering: &Rendering) -> Result<Self> {
        let tree: Arc<dyn SourceTree> = Arc::new(DiskTree::open(repository)?);
        let options = ScanOptions {
            clusters: vec![ClusterArg {
                joined: Vec::new(),
                name: None,
                path: RepoPath::new(entry),
            }],
            ..ScanOptions::default()
        };
        let entries = flux_scan::entries(&tree, &options)?;
        let entry = entries
            .first()
            .with_context(|| format!("no cluster at {entry}"))?;
        let evaluation = flux_scan::evaluate(&tree, entry, &options)?;
        let mut builds = BTreeMap::new();
        for record in &rendering.records {
            let evaluated = evaluation.kustomizations.iter().find(|evaluated| {
                let id = evaluated.id.as_ref();
                id.is_some_and(|id| id.to_string() == record.name)
            });
            let (dir, spec) = match evaluated {
                Some(evaluated) => {
                    let object = evaluated.object.as_ref().map(|object| &object.node);
                    (&evaluated.path, object.and_then(|node| node.get("spec")).cloned())
                }
                None => (&evaluation.root.path, None),
            };
            let spec = spec.unwrap_or_else(Node::empty_mapping);
            builds.insert(record.name.clone(), read_by_build(&tree, dir, &spec));
        }
        Ok(FilesToRead {
            builds,
            stated: stated(&evaluation),
        })
    }

    /// Every file that is read by the builds that lead from the entry to the objects of a question.
    pub(crate) fn chain(&self, question: &Draft<'_>, rendering: &Rendering) -> BTreeSet<String> {
        let mut files: BTreeSet<String> = question.files.iter().map(|file| (*file).to_owned()).collect();
        for object in &question.objects {
            let mut record = Some(rendering.owner(object));
            let mut steps = 0;
            while let Some(current) = record.filter(|_| steps <= rendering.records.len()) {
                files.extend(self.builds.get(&current.name).into_iter().flatten().cloned());
                record = rendering
                    .records
                    .iter()
                    .find(|other| other.name == current.parent);
                steps += 1;
            }
        }
        files
    }

    /// The files that state the objects of a question and the Kustomizations that apply them: enough for a reader who knows
    /// beforehand where everything is.
    pub(crate) fn least(&self, question: &Draft<'_>, rendering: &Rendering) -> BTreeSet<String> {
        let owners = question
            .objects
            .iter()
            .filter_map(|object| rendering.kustomization(&rendering.owner(object).name));
        let identities: BTreeSet<String> = question
            .objects
            .iter()
            .copied()
            .chain(owners)
            .map(Object::identity)
            .collect();
        let stated = identities
            .iter()
            .filter_map(|identity| self.stated.get(identity))
            .flatten();
        let files = question.files.iter().map(|file| (*file).to_owned());
        stated.cloned().chain(files).collect()
    }
}

/// The files that state a part of each object.
fn stated(evaluation: &Evaluation) -> BTreeMap<String, BTreeSet<String>> {
    let mut stated: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let all = std::iter::once(&evaluation.root).chain(&evaluation.kustomizations);
    for applied in all.flat_map(|evaluated| &evaluated.objects) {
        let text = |path: &[&str]| applied.node.text_at(path).unwrap_or_default();
        let group = text(&["apiVersion"])
            .split_once('/')
            .map_or("", |(group, _)| group);
        let identity = format!(
            "{group}/{}/{}/{}",
            text(&["kind"]),
            text(&["metadata", "namespace"]),
            text(&["metadata", "name"])
        );
        let mut files = BTreeSet::new();
        collect(&applied.node, &mut |node| {
            if let Some(path) = evaluation.files.path(node.mark.file) {
                files.insert(path.to_string());
            }
        });
        files.extend(
            evaluation
                .files
                .path(applied.mark.file)
                .map(|path| path.to_string()),
        );
        stated.entry(identity).or_default().extend(files);
    }
    stated
}

fn collect(node: &Node, visit: &mut impl FnMut(&Node)) {
    visit(node);
    match &node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, visit)),
        Value::Mapping(mapping) => {
            for (_, value) in mapping.entries() {
                collect(value, visit);
            }
        }
    }
}

/// The files that building a folder as Flux does reads; for a build that fails, the files until then.
fn read_by_build(tree: &Arc<dyn SourceTree>, dir: &RepoPath, spec: &Node) -> BTreeSet<String> {
    let noting = Arc::new(NotingTree {
        tree: Arc::clone(tree),
        read: Mutex::default(),
    });
    let artifact = ArtifactTree::new(
        Arc::clone(&noting) as Arc<dyn SourceTree>,
        RepoPath::new(""),
        None,
    );
    let sources = Sources::new(Arc::new(artifact), FileTable::new(), Limits::default());
    if let Ok(kustomization) = steps::generate_kustomization(&sources, dir, spec) {
        // A failed build has read files too.
        let _ = steps::build_kustomization(&sources, dir, &kustomization);
    }
    let read = noting.read.lock().unwrap_or_else(PoisonError::into_inner);
    read.iter()
        .filter(|path| path.file_name() != Some(".sourceignore"))
        .map(ToString::to_string)
        .collect()
}

/// A tree that notes which files are read.
struct NotingTree {
    tree: Arc<dyn SourceTree>,
    read: Mutex<BTreeSet<RepoPath>>,
}

impl TreeAround for NotingTree {
    fn inner(&self) -> &dyn SourceTree {
        &*self.tree
    }

    fn read_file(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        let bytes = self.tree.read(path)?;
        self.read
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path.clone());
        Ok(bytes)
    }
}
