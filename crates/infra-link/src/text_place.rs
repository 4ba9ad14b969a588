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

/// Where a text stands that may be the whole of a file, as generators take it in, or in quotes on one line, which a build writes as
/// a block.
pub(crate) struct TextPlace {
    first: Mark,
    /// Whether its breaks are no lines of the file.
    pub(crate) is_on_one_line: bool,
}

impl TextPlace {
    pub(crate) fn of(sources: &Sources, view: View<'_>) -> Self {
        if whole_file(sources, view).is_some() {
            return TextPlace {
                first: Mark::new(view.mark().file, 1),
                is_on_one_line: false,
            };
        }
        match is_in_quotes(sources, view) {
            true => TextPlace::line(view),
            false => TextPlace {
                first: first_line(view),
                is_on_one_line: false,
            },
        }
    }

    /// Of a text that is known to stand on one line.
    pub(crate) fn line(view: View<'_>) -> Self {
        TextPlace {
            first: view.mark(),
            is_on_one_line: true,
        }
    }

    /// The place of the first line.
    pub(crate) fn first(&self) -> Mark {
        self.first
    }

    /// The place of a line of the text, counted from 1.
    pub(crate) fn at(&self, line: u32) -> Mark {
        let first = self.first;
        match self.is_on_one_line || !first.is_some() {
            true => first,
            false => Mark::new(first.file, first.line.saturating_add(line.saturating_sub(1))),
        }
    }
}

/// Whether a file states a text of several lines in quotes.
fn is_in_quotes(sources: &Sources, view: View<'_>) -> bool {
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
    stated().unwrap_or(false)
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
