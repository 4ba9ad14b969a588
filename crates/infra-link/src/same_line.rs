//! Scalars with the same text on one line, such as the inputs of a ResourceSet: a mark has no column to tell them apart.

use yaml_node::Node;

use crate::image_reference::ImageReference;
use crate::locate::Located;

/// How much what stands around a tag speaks for an image.
pub(crate) fn likeness(found: &Located, name: &str) -> u8 {
    let beside = found
        .ancestor(1)
        .and_then(|parent| parent.get("repository"))
        .and_then(Node::text);
    if beside.is_some_and(|repository| repository == name || name.ends_with(&format!("/{repository}"))) {
        return 2;
    }
    let letters = |text: &str| -> String {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|c| c.to_ascii_lowercase()).collect()
    };
    let short = letters(ImageReference { name, tag: None }.short_name());
    let key = found.keys().next_back().map(letters).unwrap_or_default();
    u8::from(!short.is_empty() && key.contains(&short))
}

/// The path of a scalar in yq's words, together with those of what has the same key and text on its line: one command writes
/// them all, but for tags of other repositories. None inside of a longer text.
pub(crate) fn yq_path(found: &Located, on_line: &[Located]) -> Option<String> {
    if found.embedded {
        return None;
    }
    let key = found.keys().next_back();
    let alike: Vec<&Located> = on_line
        .iter()
        .filter(|other| other.text == found.text && other.keys().next_back() == key)
        .collect();
    let repository = |found: &Located| {
        let parent = found.ancestor(1)?;
        parent.get("repository").and_then(Node::text).map(str::to_owned)
    };
    let alike = alike
        .into_iter()
        .filter(|other| repository(other) == repository(found))
        .map(Located::yq_path);
    let mut paths: Vec<String> = alike.collect();
    match paths.len() {
        0 | 1 => Some(found.yq_path()),
        _ => {
            paths
                .iter_mut()
                .filter(|path| path.contains('|'))
                .for_each(|path| {
                    *path = format!("({path})");
                });
            Some(paths.join(", "))
        }
    }
}
