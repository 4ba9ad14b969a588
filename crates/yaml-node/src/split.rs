//! The documents of a file of resources, split as in kustomize.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memmem};
use source_tree::{FileId, Limits, Mark};

use crate::compose::Composer;
use crate::place::Places;
use crate::{Dialect, Node, ReadError};

/// A part of a file between separator lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// The text, without the separator.
    pub text: &'a str,
    /// The line on which it starts, 1-based.
    pub line: u32,
}

/// Splits at lines of `---`, optionally followed by blanks and a comment.
///
/// `text` must have `\n` as its line breaks.
///
/// # Errors
/// If anything else follows the three dashes.
pub fn split_documents(text: &str, file: FileId) -> Result<Vec<Chunk<'_>>, ReadError> {
    let mut chunks = Vec::new();
    let mut start = 0;
    let mut line = 1_u32;
    // A separator needs a line break before and after it, and two separators do not share one.
    let separator = memmem::Finder::new("\n---");
    while let Some(found) = separator.find(&text.as_bytes()[start..]) {
        let dashes = start + found + 1;
        let Some(length) = text[dashes..].find('\n') else {
            break;
        };
        let end = dashes + length;
        let rest = text[dashes + 3..end].trim();
        let lines_before = count_lines(&text[start..dashes]);
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err(ReadError::new(
                Mark::new(file, line + lines_before),
                format!("invalid document separator: {}", text[dashes..end].trim()),
            ));
        }
        chunks.push(Chunk {
            text: &text[start..dashes],
            line,
        });
        line += lines_before + 1;
        start = end + 1;
    }
    if !text.is_empty() {
        chunks.push(Chunk {
            text: &text[start..],
            line,
        });
    }
    Ok(chunks)
}

fn count_lines(text: &str) -> u32 {
    u32::try_from(memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(u32::MAX)
}

/// The resources of a file, as kustomize reads them: the first YAML document of each [`Chunk`], merge keys expanded,
/// documents without content left out. Lines count from the start of the file.
///
/// # Errors
/// [`ReadError`] if kustomize would refuse the text, or a limit is reached.
pub fn read_resources_text(text: &str, file: FileId, limits: &Limits) -> Result<Vec<Node>, ReadError> {
    read_chunks(text, file, limits, |composer| composer.document())
}

/// As [`read_resources_text`], with marks that lead to places within each document.
///
/// # Errors
/// As [`read_resources_text`].
pub fn read_resources_placed(
    text: &str,
    limits: &Limits,
    places: &mut Places,
) -> Result<Vec<Node>, ReadError> {
    read_chunks(text, FileId::NONE, limits, |composer| {
        composer.placed_document(places)
    })
}

fn read_chunks(
    text: &str,
    file: FileId,
    limits: &Limits,
    mut read: impl FnMut(&mut Composer<'_>) -> Result<Option<Node>, ReadError>,
) -> Result<Vec<Node>, ReadError> {
    let text: Cow<'_, str> = if memchr(b'\r', text.as_bytes()).is_some() {
        text.replace("\r\n", "\n").into()
    } else {
        text.into()
    };
    let mut nodes = Vec::new();
    let mut has_merges = false;
    for chunk in split_documents(&text, file)? {
        let mut composer = Composer::new(chunk.text, file, chunk.line, limits, Dialect::V3);
        nodes.extend(read(&mut composer)?.filter(|node| !node.is_null()));
        has_merges |= composer.has_merges();
    }
    // After all chunks are read, so that a syntax error comes first.
    for node in nodes.iter_mut().filter(|_| has_merges) {
        crate::expand_merges(node)?;
    }
    Ok(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_know_where_they_start() {
        let chunks = split_documents("---\na: 1\n--- # c\n\n---\nb: 2", FileId::NONE).unwrap();
        let found: Vec<(&str, u32)> = chunks.iter().map(|chunk| (chunk.text, chunk.line)).collect();
        assert_eq!(found, [("---\na: 1\n", 1), ("\n", 4), ("b: 2", 6)]);
        assert_eq!(split_documents("", FileId::NONE).unwrap(), []);
    }

    #[test]
    fn an_error_names_the_line_of_the_chunk_and_marks_that_of_the_file() {
        let error =
            read_resources_text("a: 1\n---\nb:\n  c: [\n", FileId(1), &Limits::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "yaml: line 2: did not find expected node content"
        );
        assert_eq!(error.mark, Mark::new(FileId(1), 5));
    }
}
