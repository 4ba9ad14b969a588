//! Parsed texts.

use std::sync::Arc;

use foldhash::HashMap;

use crate::parse::Tree;

/// What one text defines, parsed. It can be added to any number of sets that have the same delimiters and functions of the
/// same names as the one that parsed it.
#[derive(Debug)]
pub struct Parsed {
    trees: HashMap<Arc<str>, Arc<Tree>>,
}

impl Parsed {
    pub(crate) fn new(trees: impl IntoIterator<Item = Tree>) -> Self {
        let by_name = trees
            .into_iter()
            .map(|tree| (Arc::clone(&tree.name), Arc::new(tree)));
        Parsed {
            trees: by_name.collect(),
        }
    }

    pub(crate) fn trees(&self) -> &HashMap<Arc<str>, Arc<Tree>> {
        &self.trees
    }

    pub(crate) fn tree(&self, name: &str) -> Option<&Arc<Tree>> {
        self.trees.get(name)
    }
}
