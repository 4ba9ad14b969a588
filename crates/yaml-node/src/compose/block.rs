//! Block lists and mappings: what indents hold together.

use super::{Compose, Composed, Composer};
use crate::scan::{Problem, TokenKind};

impl Composer<'_> {
    pub(super) fn block_sequence(&mut self, line: u32, depth: usize) -> Compose<Composed> {
        let start = self.scanner.next()?.line;
        let mut items = self.open_sequence();
        loop {
            let token = self.scanner.next()?;
            match token.kind {
                TokenKind::BlockEntry => {}
                TokenKind::BlockEnd => return Ok(self.sequence(&items, false, line)),
                _ => {
                    return Err(Problem::grammar(
                        start,
                        token.line,
                        "did not find expected '-' indicator",
                    ));
                }
            }
            let item = match self.peek()? {
                TokenKind::BlockEntry | TokenKind::BlockEnd => self.empty(token.line),
                _ => self.node(true, false, depth + 1)?,
            };
            self.add_item(&mut items, item);
            self.check_size(items.size, line)?;
        }
    }

    pub(super) fn indentless_sequence(&mut self, line: u32, depth: usize) -> Compose<Composed> {
        let mut items = self.open_sequence();
        while *self.peek()? == TokenKind::BlockEntry {
            let entry = self.scanner.next()?.line;
            let item = match self.peek()? {
                TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                    self.empty(entry)
                }
                _ => self.node(true, false, depth + 1)?,
            };
            self.add_item(&mut items, item);
            self.check_size(items.size, line)?;
        }
        Ok(self.sequence(&items, false, line))
    }

    pub(super) fn block_mapping(&mut self, line: u32, depth: usize) -> Compose<Composed> {
        let start = self.scanner.next()?.line;
        let mut entries = self.open_mapping();
        loop {
            let token = self.scanner.next()?;
            match token.kind {
                TokenKind::Key => {}
                TokenKind::BlockEnd => return Ok(self.mapping(&entries, false, line)),
                _ => return Err(Problem::grammar(start, token.line, "did not find expected key")),
            }
            let key = self.block_mapping_part(token.line, depth)?;
            let value_line = self.line()?;
            let value = match self.peek()? {
                TokenKind::Value => {
                    self.scanner.next()?;
                    self.block_mapping_part(value_line, depth)?
                }
                _ => self.empty(value_line),
            };
            self.add_entry(&mut entries, key, value);
            self.check_size(entries.size, line)?;
        }
    }

    fn block_mapping_part(&mut self, line: u32, depth: usize) -> Compose<Composed> {
        match self.peek()? {
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => Ok(self.empty(line)),
            _ => self.node(true, true, depth + 1),
        }
    }
}
