//! The values of a ConfigMap that merges and patches replace.

use smol_str::SmolStr;
use yaml_node::Node;

use super::Resource;

/// A value of a ConfigMap that a higher layer replaced or removed.
#[derive(Clone, Debug)]
pub struct Overridden {
    /// Its key in `data`.
    pub key: SmolStr,
    /// The value, marked with the line that states it.
    pub value: Node,
}

/// Most values that one ConfigMap remembers: layers upon layers would let them grow without bound.
const MOST: usize = 1_000;

impl Resource {
    /// Remembers the values of `old`, an earlier state of this ConfigMap, that it does not have any more. What a higher
    /// layer states again with the same text was replaced, too: an edit below has no effect.
    pub(crate) fn remember_overridden(&mut self, old: &Node) {
        if self.kind() != "ConfigMap" || self.api_version() != "v1" {
            return;
        }
        let new = self.node.get("data");
        for (key, value) in old.get("data").into_iter().flat_map(Node::iter) {
            let is_same = new
                .and_then(|data| data.get(key))
                .is_some_and(|new| new.mark == value.mark);
            if !is_same && value.mark.is_some() && self.overridden.len() < MOST {
                self.overridden.push(Overridden {
                    key: key.into(),
                    value: value.clone(),
                });
            }
        }
    }
}
