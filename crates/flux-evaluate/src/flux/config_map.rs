//! Typed view of a ConfigMap.

use yaml_node::Node;

/// A ConfigMap.
#[derive(Clone, Debug)]
pub(crate) struct ConfigMap<'a> {
    /// Texts of `data`. As in Flux, `binaryData` is not read.
    pub(crate) data: Vec<(&'a str, &'a str)>,
}

impl<'a> ConfigMap<'a> {
    /// A value of another type is read as its text: the API server refuses it, which another diagnostic reports.
    pub(crate) fn read(object: &'a Node) -> Self {
        let entries = object.get("data").into_iter().flat_map(Node::iter);
        let data = entries.filter_map(|(key, value)| Some((key, value.text()?)));
        ConfigMap { data: data.collect() }
    }
}
