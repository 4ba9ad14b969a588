//! Merging of two YAML files, as Helm merges values.

use foldhash::HashMap;
use source_tree::{FileId, Limits, OverlayTree, RepoPath, SourceTree};
use yaml_node::{Mapping, Node, Value, read_yaml11, split_documents, write_document};

use super::copy_error::CopyError;

/// The text of the file `to` of `artifact` with the file `path` of `source` merged into it. Mappings are merged, everything
/// else is replaced; the documents of one file are merged first.
pub(super) fn merge(
    artifact: &OverlayTree,
    to: &RepoPath,
    source: &dyn SourceTree,
    path: &RepoPath,
    limits: &Limits,
) -> Result<String, CopyError> {
    let over = load(source, path, limits)?;
    let under = load(artifact, to, limits)?;
    let merged = Node::new(Value::Mapping(merge_mappings(under, &over)));
    write_document(&merged).map_err(|error| CopyError::Merge {
        path: path.clone(),
        message: error.to_string(),
    })
}

fn load(tree: &dyn SourceTree, path: &RepoPath, limits: &Limits) -> Result<Mapping, CopyError> {
    let refused = |message: String| CopyError::Merge {
        path: path.clone(),
        message,
    };
    let bytes = tree.read(path)?;
    let text = yaml_node::decode(&bytes).map_err(|_| refused("it is not UTF-8".into()))?;
    let text = text.replace("\r\n", "\n");
    let mut merged = Mapping::default();
    for chunk in split_documents(&text, FileId::NONE).map_err(|error| refused(error.to_string()))? {
        let document =
            read_yaml11(chunk.text, FileId::NONE, limits).map_err(|error| refused(error.to_string()))?;
        match document.map(|node| node.value) {
            Some(Value::Mapping(mapping)) => merged = merge_mappings(merged, &mapping),
            None => {}
            Some(Value::Scalar(scalar)) if scalar.tag == yaml_node::Tag::Null => {}
            Some(_) => return Err(refused("it is not a mapping".into())),
        }
    }
    Ok(merged)
}

fn merge_mappings(mut under: Mapping, over: &Mapping) -> Mapping {
    // By position, so that large mappings are merged in linear time.
    let positions = under
        .iter()
        .enumerate()
        .map(|(at, (key, _))| (key.to_owned(), at));
    let mut positions: HashMap<String, usize> = positions.collect();
    let entries = under.entries_mut();
    for (key, value) in over.entries() {
        let Some(text) = key.text() else { continue };
        match positions.get(text).and_then(|at| entries.get_mut(*at)) {
            Some((_, old)) => match (&mut old.value, &value.value) {
                (Value::Mapping(under), Value::Mapping(over)) => {
                    *under = merge_mappings(std::mem::take(under), over);
                }
                _ => *old = value.clone(),
            },
            None => {
                positions.insert(text.to_owned(), entries.len());
                entries.push((key.clone(), value.clone()));
            }
        }
    }
    under
}
