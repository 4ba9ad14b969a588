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

/// As [`first_line`], for a text that may be the whole of a file, as generators take it in, or in quotes on one line, which a
/// build writes as a block.
pub(crate) fn first_line_of_file(sources: &Sources, view: View<'_>) -> Mark {
    match whole_file(sources, view) {
        Some(_) => Mark::new(view.mark().file, 1),
        None if is_on_one_line(sources, view) => view.mark(),
        None => first_line(view),
    }
}

/// The place of a line of a text, counted from 1.
pub(crate) fn line_of_file(sources: &Sources, view: View<'_>, line: u32) -> Mark {
    let first = first_line_of_file(sources, view);
    match is_on_one_line(sources, view) {
        true => first,
        false => Mark::new(first.file, first.line.saturating_add(line.saturating_sub(1))),
    }
}

/// Whether a file states a text of several lines in quotes: its breaks are no lines of the file.
pub(crate) fn is_on_one_line(sources: &Sources, view: View<'_>) -> bool {
    let mark = view.mark();
    let stated = || -> Option<bool> {
        let path = sources.files().path(mark.file)?;
        let bytes = sources.bytes(&path).ok()?;
        let text = std::str::from_utf8(&bytes).ok()?;
        let line = text
            .lines()
            .nth(usize::try_from(mark.line.checked_sub(1)?).ok()?)?;
        Some(has_quoted_lines(view.text()?, line))
    };
    whole_file(sources, view).is_none() && stated().unwrap_or(false)
}

/// Whether a text of several lines stands in quotes on a line of a file, as in `key: "text"`, perhaps in braces with others.
pub(crate) fn has_quoted_lines(text: &str, line: &str) -> bool {
    if !text.trim_end().contains('\n') {
        return false;
    }
    let is_header = |word: &str| {
        word.strip_prefix(['|', '>'])
            .is_some_and(|rest| rest.chars().all(|c| "+-0123456789".contains(c)))
    };
    let without_comment = line.split(" #").next().unwrap_or(line);
    let is_block = without_comment
        .split_whitespace()
        .next_back()
        .is_some_and(is_header);
    !is_block && line.contains("\\n")
}

/// The file whose content a text is, as written.
pub(crate) fn whole_file(sources: &Sources, view: View<'_>) -> Option<RepoPath> {
    let written = view.built_text().or(view.text())?;
    let path = sources.files().path(view.mark().file)?;
    let bytes = sources.bytes(&path).ok()?;
    (*bytes == *written.as_bytes()).then_some(path)
}
