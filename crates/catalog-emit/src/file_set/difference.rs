//! Unified diffs of files that are not as they should be.

use camino::{Utf8Path, Utf8PathBuf};

/// A file that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDifference {
    /// Path below the root.
    pub path: Utf8PathBuf,
    /// What would happen to it.
    pub change: Change,
    /// Unified diff from the present content to the wanted one.
    pub diff: String,
}

/// What would happen to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is missing.
    Added,
    /// It has another content.
    Changed,
    /// It should not be there.
    Removed,
}

impl FileDifference {
    /// The difference between the present content and the wanted one.
    pub(super) fn new(path: &Utf8Path, before: Option<&[u8]>, after: Option<&[u8]>) -> Self {
        FileDifference {
            path: path.to_owned(),
            change: match (before, after) {
                (_, None) => Change::Removed,
                (None, _) => Change::Added,
                _ => Change::Changed,
            },
            diff: unified_diff(path, before, after),
        }
    }
}

fn unified_diff(path: &Utf8Path, before: Option<&[u8]>, after: Option<&[u8]>) -> String {
    let name = |side: &str, content: Option<&[u8]>| match content {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let text = |content: Option<&[u8]>| String::from_utf8_lossy(content.unwrap_or_default()).into_owned();
    let (old, new) = (text(before), text(after));
    similar::TextDiff::from_lines(old.as_str(), new.as_str())
        .unified_diff()
        .context_radius(1)
        .header(&name("a", before), &name("b", after))
        .to_string()
}
