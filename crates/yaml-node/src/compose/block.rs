//! Block lists and mappings.

use super::{Compose, Composed, Composer};
use crate::scan::{Problem, Spot, TokenKind};

impl Composer<'_> {
    pub(super) fn block_sequence(&mut self, at: Spot, depth: usize) -> Compose<Composed> {
        let stem = self.take_stem();
        let start = self.next()?.at.line;
        let mut items = self.open_sequence();
        loop {
            let token = self.next()?;
            let above = self.waiting_head();
            match token.kind {
                TokenKind::BlockEntry => {}
                TokenKind::BlockEnd => {
                    let sequence = self.sequence(&items, false, at);
                    self.comment_head(sequence.node.mark, stem);
                    return Ok(sequence);
                }
                _ => {
                    return Err(Problem::grammar(
                        start,
                        token.at.line,
                        "did not find expected '-' indicator",
                    ));
                }
            }
            self.split_stem(above)?;
            let item = match self.peek()? {
                TokenKind::BlockEntry | TokenKind::BlockEnd => self.empty(token.at.after()),
                _ => self.node(true, false, depth + 1)?,
            };
            self.add_item(&mut items, item);
            self.check_size(items.size, at.line)?;
        }
    }

    pub(super) fn indentless_sequence(&mut self, at: Spot, depth: usize) -> Compose<Composed> {
        let mut items = self.open_sequence();
        while *self.peek()? == TokenKind::BlockEntry {
            let entry = self.next()?.at;
            let above = self.waiting_head();
            self.split_stem(above)?;
            let item = match self.peek()? {
                TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                    self.empty(entry.after())
                }
                _ => self.node(true, false, depth + 1)?,
            };
            self.add_item(&mut items, item);
            self.check_size(items.size, at.line)?;
        }
        Ok(self.sequence(&items, false, at))
    }

    pub(super) fn block_mapping(&mut self, at: Spot, depth: usize) -> Compose<Composed> {
        let stem = self.take_stem();
        let start = self.next()?.at.line;
        let mut entries = self.open_mapping();
        let mut last_key = None;
        loop {
            let token = self.next()?;
            match token.kind {
                TokenKind::Key => {}
                TokenKind::BlockEnd => {
                    let end = self.take_comments();
                    let mapping = self.mapping(&entries, false, at);
                    self.comment_head(mapping.node.mark, stem);
                    self.end_block(mapping.node.mark, last_key, end);
                    return Ok(mapping);
                }
                _ => {
                    return Err(Problem::grammar(
                        start,
                        token.at.line,
                        "did not find expected key",
                    ));
                }
            }
            let key = self.block_mapping_part(token.at.after(), depth)?;
            self.move_foot_up(key.node.mark, last_key);
            let token = self.token()?;
            let value_at = token.at;
            let value = match token.kind {
                TokenKind::Value => {
                    self.next()?;
                    self.block_mapping_part(value_at.after(), depth)?
                }
                _ => self.empty(value_at),
            };
            self.move_foot_to_key(key.node.mark, value.node.mark);
            last_key = Some(key.node.mark);
            self.add_entry(&mut entries, key, value);
            self.check_size(entries.size, at.line)?;
        }
    }

    fn block_mapping_part(&mut self, at: Spot, depth: usize) -> Compose<Composed> {
        match self.peek()? {
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => Ok(self.empty(at)),
            _ => self.node(true, true, depth + 1),
        }
    }
}
