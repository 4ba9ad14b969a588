//! Assignment of comments to nodes, as in go-yaml v3's parser.

use source_tree::Mark;

use super::{Compose, Composer};
use crate::place::{Comments, Place, Places};
use crate::scan::{Spot, Token, TokenKind};

/// The places of all nodes, and comments that are not assigned yet.
#[derive(Default)]
pub(super) struct Placing {
    pub(super) places: Places,
    /// Comments of tokens seen so far, for the next node that takes any.
    waiting: Comments,
    /// A comment above an item that is itself a block. It belongs to the whole block.
    stem: Option<String>,
}

fn join(text: &mut String, more: &str) {
    if more.is_empty() {
        return;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(more);
}

impl<'a> Composer<'a> {
    /// The next token. Collects the comments before it.
    pub(super) fn token(&mut self) -> Compose<&Token<'a>> {
        if self.placing.is_some() {
            self.collect_comments()?;
        }
        self.scanner.peek()
    }

    #[cold]
    fn collect_comments(&mut self) -> Compose<()> {
        let Some(placing) = &mut self.placing else {
            return Ok(());
        };
        let token = self.scanner.peek()?;
        let (pos, block_end) = (token.at.pos, token.kind == TokenKind::BlockEnd);
        while let Some(comment) = self.scanner.comment_until(pos, block_end) {
            join(&mut placing.waiting.head, &comment.texts.head);
            join(&mut placing.waiting.foot, &comment.texts.foot);
            join(&mut placing.waiting.line, &comment.texts.line);
        }
        Ok(())
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Compose<Token<'a>> {
        if self.placing.is_some() {
            self.collect_comments()?;
        }
        self.scanner.next()
    }

    /// The mark of a new node.
    pub(super) fn mark_at(&mut self, at: Spot) -> Mark {
        match &mut self.placing {
            Some(placing) => placing.places.add(Place {
                line: at.line.saturating_add(1),
                column: at.column.saturating_add(1),
                ..Place::default()
            }),
            None => self.mark(at.line),
        }
    }

    /// The place of a node, if it has one.
    pub(super) fn place(&mut self, mark: Mark) -> Option<&mut Place> {
        self.placing.as_mut()?.places.get_mut(mark)
    }

    /// Takes the waiting comments.
    pub(super) fn take_comments(&mut self) -> Comments {
        match &mut self.placing {
            Some(placing) => {
                placing.stem = None;
                std::mem::take(&mut placing.waiting)
            }
            None => Comments::default(),
        }
    }

    /// Takes the comment above a block that begins after a dash.
    pub(super) fn take_stem(&mut self) -> String {
        let placing = self.placing.as_mut();
        placing
            .and_then(|placing| placing.stem.take())
            .unwrap_or_default()
    }

    /// After a dash: a comment above it belongs to the block after it, a comment behind it to the first entry of that
    /// block.
    pub(super) fn split_stem(&mut self, before: usize) -> Compose<()> {
        if before == 0 {
            return Ok(());
        }
        let kind = &self.token()?.kind;
        if !matches!(kind, TokenKind::BlockSequenceStart | TokenKind::BlockMappingStart) {
            return Ok(());
        }
        if let Some(placing) = &mut self.placing {
            let head = &mut placing.waiting.head;
            let rest = head.get(before + 1..).unwrap_or_default().to_owned();
            let stem = head.get(..before).unwrap_or_default().to_owned();
            *head = rest;
            placing.stem = Some(stem);
        }
        Ok(())
    }

    /// Length of the waiting head comments, in bytes.
    pub(super) fn waiting_head(&self) -> usize {
        self.placing
            .as_ref()
            .map_or(0, |placing| placing.waiting.head.len())
    }

    /// At the start of a document: comments above its last blank line belong to the document, not to its first node.
    pub(super) fn split_document_comments(&mut self) {
        let Some(placing) = &mut self.placing else {
            return;
        };
        let head = &mut placing.waiting.head;
        let bytes = head.as_bytes();
        let cut = (1..bytes.len())
            .rev()
            .find(|at| bytes[*at] == b'\n' && (at + 1 == bytes.len() || bytes[at - 1] == b'\n'));
        let mut document = Comments::default();
        if let Some(cut) = cut {
            document.head = head.drain(..=cut).collect::<String>().trim_end().to_owned();
        }
        placing.places.document = document;
    }

    /// At the end of a document: the remaining comments belong to the document.
    pub(super) fn end_document_comments(&mut self) {
        let rest = self.take_comments();
        if let Some(placing) = &mut self.placing {
            placing.places.document.foot = match rest.foot.is_empty() {
                true => rest.head,
                false => rest.foot,
            };
        }
    }

    pub(super) fn comment_head(&mut self, mark: Mark, head: String) {
        if let Some(place) = self.place(mark) {
            place.comments.head = head;
        }
    }

    /// Gives the waiting comments to a node.
    pub(super) fn comment(&mut self, mark: Mark) {
        if self.placing.is_none() {
            return;
        }
        let comments = self.take_comments();
        if let Some(place) = self.place(mark) {
            place.comments = comments;
        }
    }

    fn take_foot(&mut self, mark: Mark) -> String {
        let place = self.place(mark);
        place.map_or_else(String::new, |place| std::mem::take(&mut place.comments.foot))
    }

    /// A foot comment of a key in a block belongs to the entry before it.
    pub(super) fn move_foot_up(&mut self, key: Mark, before: Option<Mark>) {
        let Some(before) = before.filter(|_| self.placing.is_some()) else {
            return;
        };
        let foot = self.take_foot(key);
        if !foot.is_empty()
            && let Some(place) = self.place(before)
        {
            place.comments.foot = foot;
        }
    }

    /// A foot comment of a value belongs to its key.
    pub(super) fn move_foot_to_key(&mut self, key: Mark, value: Mark) {
        let has_own = |place: &mut Place| !place.comments.foot.is_empty();
        if self.placing.is_none() || self.place(key).is_some_and(has_own) {
            return;
        }
        let foot = self.take_foot(value);
        if let Some(place) = self.place(key) {
            place.comments.foot = foot;
        }
    }

    /// At the end of a block mapping: its foot comment belongs to its last key.
    pub(super) fn end_block(&mut self, mapping: Mark, last: Option<Mark>, mut end: Comments) {
        if let Some(last) = last.filter(|_| !end.foot.is_empty()) {
            let foot = std::mem::take(&mut end.foot);
            if let Some(place) = self.place(last) {
                place.comments.foot = foot;
            }
        }
        self.end_collection(mapping, end);
    }

    /// At the end of a collection: it gets the line and foot comments found there.
    pub(super) fn end_collection(&mut self, collection: Mark, end: Comments) {
        if let Some(place) = self.place(collection) {
            place.comments.line = end.line;
            place.comments.foot = end.foot;
        }
    }
}
