//! Text turns into trees, as go-yaml v3 reads it.

use source_tree::{FileId, Limits};

use crate::compose::Composer;
use crate::{Dialect, Node, ReadError};

/// Every document of a text. A document without content is a null node.
///
/// A node's mark is the line on which it starts for go-yaml: the line of `|` for a block scalar, of the anchor or tag
/// if it has one, of the first key for a block mapping. An alias shares the node of its anchor, marks included.
///
/// # Errors
/// [`ReadError`] if go-yaml would refuse the text, or a limit is reached. Aliases count with all nodes that they
/// repeat.
pub fn read_documents(text: &str, file: FileId, limits: &Limits) -> Result<Vec<Node>, ReadError> {
    let mut composer = Composer::new(text, file, 1, limits, Dialect::V3);
    let mut documents = Vec::new();
    while let Some(document) = composer.document()? {
        documents.push(document);
    }
    Ok(documents)
}

/// The first document of a text, if it has one, as [`read_documents`] reads it. The rest of the text is not read.
///
/// # Errors
/// As [`read_documents`].
pub fn read_document(text: &str, file: FileId, limits: &Limits) -> Result<Option<Node>, ReadError> {
    read_first(text, file, 1, limits, Dialect::V3)
}

/// The first document of a text, if it has one. `line` is the line of the file on which the text starts.
pub(crate) fn read_first(
    text: &str,
    file: FileId,
    line: u32,
    limits: &Limits,
    dialect: Dialect,
) -> Result<Option<Node>, ReadError> {
    Composer::new(text, file, line, limits, dialect).document()
}
