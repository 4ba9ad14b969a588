//! Scalars with equal texts on one line, such as the inputs of a ResourceSet: marks have no columns.

use crate::image_reference::ImageReference;
use crate::locate::Located;

/// How well the repository and the key of a tag fit an image.
pub(crate) fn likeness(found: &Located, name: &str) -> u8 {
    let beside = found.sibling_text("repository");
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

/// The yq expression of a scalar, together with the scalars of the same key and text on its line, so that one command writes them
/// all, except tags of other repositories. `None` inside a longer text.
pub(crate) fn yq_path(found: &Located, on_line: &[Located]) -> Option<String> {
    if found.embedded {
        return None;
    }
    let key = found.keys().next_back();
    let repository = found.sibling_text("repository");
    let alike = on_line
        .iter()
        .filter(|other| other.text == found.text && other.keys().next_back() == key)
        .filter(|other| other.sibling_text("repository") == repository);
    let paths: Vec<String> = alike.map(Located::yq_path).collect();
    if paths.len() < 2 {
        return Some(found.yq_path());
    }
    let in_list = |path: String| match path.contains('|') {
        true => format!("({path})"),
        false => path,
    };
    let paths: Vec<String> = paths.into_iter().map(in_list).collect();
    Some(paths.join(", "))
}
