//! Places of the lines of scalars with several lines.

use kustomize_build::Sources;
use source_tree::{Mark, RepoPath};
use yaml_node::Style;

use crate::view::View;

/// The place of the first line of a scalar's text: a block starts below its key.
pub(crate) fn first_line(view: View<'_>) -> Mark {
    let mark = view.mark();
    let scalar = view.built.unwrap_or(view.node).as_scalar();
    let is_block = scalar.is_some_and(|scalar| matches!(scalar.style, Style::Literal | Style::Folded));
    match is_block && mark.is_some() {
        true => Mark::new(mark.file, mark.line.saturating_add(1)),
        false => mark,
    }
}

/// The place of a text. It may be a whole file, read by a generator, or in quotes on one line, which a build writes as a block.
pub(crate) struct TextPlace {
    first: Mark,
    /// Whether it is on one line of the file, whatever its line breaks.
    pub(crate) is_on_one_line: bool,
}

impl TextPlace {
    pub(crate) fn new(sources: &Sources, view: View<'_>) -> Self {
        let is_whole_file = whole_file(sources, view).is_some();
        if !is_whole_file && is_in_quotes(sources, view) {
            return TextPlace::line(view);
        }
        TextPlace {
            first: match is_whole_file {
                true => Mark::new(view.mark().file, 1),
                false => first_line(view),
            },
            is_on_one_line: false,
        }
    }

    /// The place of a text that is on one line.
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
        let before = usize::try_from(mark.line.checked_sub(1)?).ok()?;
        Some(is_quoted_on_line(view.text()?, text.lines().nth(before)?))
    };
    stated().unwrap_or(false)
}

/// Whether a text of several lines is in quotes on a line of a file, as in `key: "text"`, perhaps in braces with others.
pub(crate) fn is_quoted_on_line(text: &str, line: &str) -> bool {
    if !text.trim_end().contains('\n') {
        return false;
    }
    let is_header = |word: &str| {
        let rest = word.strip_prefix(['|', '>']);
        rest.is_some_and(|rest| rest.chars().all(|c| "+-0123456789".contains(c)))
    };
    let without_comment = line.split(" #").next().unwrap_or(line);
    let last = without_comment.split_whitespace().next_back();
    !last.is_some_and(is_header) && line.contains("\\n")
}

/// The file that contains only a text, as written.
pub(crate) fn whole_file(sources: &Sources, view: View<'_>) -> Option<RepoPath> {
    let written = view.built_text().or(view.text())?;
    let path = sources.files().path(view.mark().file)?;
    let bytes = sources.bytes(&path).ok()?;
    (*bytes == *written.as_bytes()).then_some(path)
}
