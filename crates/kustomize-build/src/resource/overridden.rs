//! The values of a ConfigMap that merges and patches replaced.

use smol_str::SmolStr;
use yaml_node::Node;

use super::Resource;

/// A value of a ConfigMap that a higher layer replaced or removed.
#[derive(Clone, Debug)]
pub struct Overridden {
    /// Its key in `data`.
    pub key: SmolStr,
    /// The value, with its place.
    pub value: Node,
}

/// The most values that are kept for one ConfigMap, which could have any number of layers.
const MAX_OVERRIDDEN: usize = 1_000;

impl Resource {
    /// Keeps the values of `old`, an earlier state of this ConfigMap, that were replaced or removed. A value that a
    /// higher layer repeats counts as replaced, because an edit of the lower one has no effect.
    pub(crate) fn remember_overridden(&mut self, old: &Node) {
        if self.kind() != "ConfigMap" || self.api_version() != "v1" {
            return;
        }
        let new = self.node.get("data");
        for (key, value) in old.get("data").into_iter().flat_map(Node::iter) {
            let is_same = new
                .and_then(|data| data.get(key))
                .is_some_and(|new| new.mark == value.mark);
            if !is_same && value.mark.is_some() && self.overridden.len() < MAX_OVERRIDDEN {
                self.overridden.push(Overridden {
                    key: key.into(),
                    value: value.clone(),
                });
            }
        }
    }
}
