//! The place of the first line of a scalar with several lines.

use kustomize_build::Sources;
use source_tree::{Mark, RepoPath};
use yaml_node::{Style, Value};

use crate::view::View;

/// The place of the first line of a scalar's text: a block starts below its key.
pub(crate) fn first_line(view: View<'_>) -> Mark {
    let mark = view.mark();
    let stated = view.built.unwrap_or(view.node);
    let block = match &stated.value {
        Value::Scalar(scalar) => matches!(scalar.style, Style::Literal | Style::Folded),
        _ => false,
    };
    if block && mark.is_some() {
        Mark::new(mark.file, mark.line.saturating_add(1))
    } else {
        mark
    }
}

/// As [`first_line`], for a text that may be the whole of a file, as generators take it in.
pub(crate) fn first_line_of_file(sources: &Sources, view: View<'_>) -> Mark {
    match whole_file(sources, view) {
        Some(_) => Mark::new(view.mark().file, 1),
        None => first_line(view),
    }
}

/// The file whose content a text is, as written.
pub(crate) fn whole_file(sources: &Sources, view: View<'_>) -> Option<RepoPath> {
    let written = view.built_text().or(view.text())?;
    let path = sources.files().path(view.mark().file)?;
    let bytes = sources.bytes(&path).ok()?;
    (*bytes == *written.as_bytes()).then_some(path)
}
