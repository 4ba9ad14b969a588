//! Parsed texts.

use std::sync::Arc;

use foldhash::HashMap;

use crate::parse::Tree;

/// The templates that one text defines. They can be added to any set with the same delimiters and function names as the set
/// that parsed them.
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
