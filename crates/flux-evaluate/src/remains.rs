//! Objects that remain in a cluster though the scanned files do not apply them any more.
//!
//! A Kustomization that fails applies and prunes nothing. All that it applied before stays and keeps working: Kustomizations
//! below it follow their source. The same is true of a Kustomization that Flux is configured to keep.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use source_tree::{FileId, FileTable, Mark};
use yaml_node::{Node, Value};

use crate::evaluate::key::Key;
use crate::{Applied, KustomizationId};

/// Objects that remain in a cluster.
#[derive(Clone, Debug, Default)]
pub struct Remains {
    /// Kustomizations that fail now. `None` is an entry folder without a Kustomization.
    pub failing: BTreeMap<Option<KustomizationId>, Failing>,
    /// Kustomizations that remain though nothing applies them any more, and the objects that they are built from.
    pub left: Vec<Applied>,
    /// The files that the marks of these objects refer to.
    pub files: Arc<FileTable>,
}

/// A Kustomization that fails.
#[derive(Clone, Debug, Default)]
pub struct Failing {
    /// Why it fails.
    pub reason: String,
    /// The objects that it applied before.
    pub objects: Vec<Applied>,
}

/// Why a Kustomization remains in a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remaining {
    /// It fails for this reason, and its objects are those that it applied before.
    Failing(String),
    /// Nothing applies it any more.
    Left,
}

impl Remains {
    /// Converts the marks to another table of files.
    pub(crate) fn in_files(&self, files: &Arc<FileTable>) -> Self {
        let mut marks = Marks {
            from: &self.files,
            to: files,
            known: HashMap::new(),
        };
        let failing = self.failing.iter();
        Remains {
            failing: failing
                .map(|(id, failing)| {
                    let failing = Failing {
                        reason: failing.reason.clone(),
                        objects: marks.objects(&failing.objects),
                    };
                    (id.clone(), failing)
                })
                .collect(),
            left: marks.objects(&self.left),
            files: Arc::clone(files),
        }
    }

    /// Whether an object remains though nothing applies it.
    pub(crate) fn is_left(&self, object: &Applied) -> bool {
        self.left.iter().any(|left| left.is_same_as(object))
    }

    /// The failure of a Kustomization or of the entry folder.
    pub(crate) fn failing_at(&self, key: &Key) -> Option<&Failing> {
        match key {
            _ if self.failing.is_empty() => None,
            Key::Entry => self.failing.get(&None),
            Key::Joined(_) => None,
            Key::Kustomization(id) => self.failing.get(&Some(id.clone())),
        }
    }

    /// Why a Kustomization remains, if it is one of these.
    pub(crate) fn reason(&self, id: &KustomizationId, object: &Applied) -> Option<Remaining> {
        if self.is_left(object) {
            return Some(Remaining::Left);
        }
        let failing = self.failing.get(&Some(id.clone()))?;
        Some(Remaining::Failing(failing.reason.clone()))
    }
}

/// Converts marks from one table of files to another.
struct Marks<'a> {
    from: &'a FileTable,
    to: &'a FileTable,
    known: HashMap<FileId, FileId>,
}

impl Marks<'_> {
    fn objects(&mut self, objects: &[Applied]) -> Vec<Applied> {
        let objects = objects.iter().map(|object| {
            let built = self.node(&object.built);
            Applied {
                node: match object.node.shares(&object.built) {
                    true => built.clone(),
                    false => self.node(&object.node),
                },
                rendered: object.rendered.as_ref().map(|node| self.node(node)),
                mark: self.mark(object.mark),
                built,
                ..object.clone()
            }
        });
        objects.collect()
    }

    fn node(&mut self, node: &Node) -> Node {
        let mut value = node.value.clone();
        match &mut value {
            Value::Scalar(_) => {}
            Value::Sequence(sequence) => {
                for item in sequence.items_mut() {
                    *item = self.node(item);
                }
            }
            Value::Mapping(mapping) => {
                for (key, value) in mapping.entries_mut() {
                    *key = self.node(key);
                    *value = self.node(value);
                }
            }
        }
        Node {
            value,
            mark: self.mark(node.mark),
        }
    }

    fn mark(&mut self, mark: Mark) -> Mark {
        if !mark.is_some() {
            return mark;
        }
        let (from, to) = (self.from, self.to);
        let file = self.known.entry(mark.file).or_insert_with(|| {
            let path = from.path(mark.file);
            path.map_or(FileId::NONE, |path| to.id(&path))
        });
        Mark::new(*file, mark.line)
    }
}
