//! ConfigMap, as a source of values.

use yaml_node::Node;

/// What evaluation reads of a ConfigMap.
#[derive(Clone, Debug)]
pub(crate) struct ConfigMap<'a> {
    /// Texts of `data`. `binaryData` is not read, as Flux does not.
    pub(crate) data: Vec<(&'a str, &'a str)>,
}

impl<'a> ConfigMap<'a> {
    /// Reads a ConfigMap. A value of another type is taken as its text: the API server refuses it, and a
    /// diagnostic of its own says so.
    pub(crate) fn read(object: &'a Node) -> Self {
        let entries = object.get("data").map(Node::iter);
        ConfigMap {
            data: entries
                .into_iter()
                .flatten()
                .filter_map(|(key, value)| Some((key, value.text()?)))
                .collect(),
        }
    }
}
