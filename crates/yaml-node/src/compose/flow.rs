//! Flow lists and mappings: what brackets hold together.

use super::{Compose, Composed, Composer};
use crate::scan::{Problem, Token, TokenKind};

impl<'a> Composer<'a> {
    pub(super) fn flow_sequence(&mut self, line: u32, depth: usize) -> Compose<Composed> {
        let start = self.scanner.next()?.line;
        let mut items = self.open_sequence();
        let mut first = true;
        while *self.peek()? != TokenKind::FlowSequenceEnd {
            if !std::mem::take(&mut first) {
                let token = self.scanner.peek()?;
                if token.kind != TokenKind::FlowEntry {
                    return Err(Problem::grammar(
                        start,
                        token.line,
                        "did not find expected ',' or ']'",
                    ));
                }
                self.scanner.next()?;
            }
            let item = match self.peek()? {
                TokenKind::FlowSequenceEnd => break,
                TokenKind::Key => self.flow_pair(depth + 1)?,
                _ => self.node(false, false, depth + 1)?,
            };
            self.add_item(&mut items, item);
            self.check_size(items.size, line)?;
        }
        self.scanner.next()?;
        Ok(self.sequence(&items, true, line))
    }

    /// `[key: value]` is a list with a mapping of one entry.
    fn flow_pair(&mut self, depth: usize) -> Compose<Composed> {
        let line = self.scanner.next()?.line;
        let key = match self.peek()? {
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd => {
                // go-yaml passes this token here whatever it is, so that `[? : b]` is an error in the end.
                let Token { line, .. } = self.scanner.next()?;
                self.empty(line)
            }
            _ => self.node(false, false, depth + 1)?,
        };
        let value = self.flow_value(TokenKind::FlowSequenceEnd, depth)?;
        let mut entries = self.open_mapping();
        self.add_entry(&mut entries, key, value);
        Ok(self.mapping(&entries, true, line))
    }

    /// What follows a key in brackets. `end` closes them.
    fn flow_value(&mut self, end: TokenKind<'a>, depth: usize) -> Compose<Composed> {
        let mut line = self.line()?;
        if *self.peek()? == TokenKind::Value {
            self.scanner.next()?;
            line = self.line()?;
            let next = self.peek()?;
            if *next != TokenKind::FlowEntry && *next != end {
                return self.node(false, false, depth + 1);
            }
        }
        Ok(self.empty(line))
    }

    pub(super) fn flow_mapping(&mut self, line: u32, depth: usize) -> Compose<Composed> {
        let start = self.scanner.next()?.line;
        let mut entries = self.open_mapping();
        let mut first = true;
        while *self.peek()? != TokenKind::FlowMappingEnd {
            if !std::mem::take(&mut first) {
                let token = self.scanner.peek()?;
                if token.kind != TokenKind::FlowEntry {
                    return Err(Problem::grammar(
                        start,
                        token.line,
                        "did not find expected ',' or '}'",
                    ));
                }
                self.scanner.next()?;
            }
            match self.peek()? {
                TokenKind::FlowMappingEnd => break,
                TokenKind::Key => {
                    self.scanner.next()?;
                    let key_line = self.line()?;
                    let key = match self.peek()? {
                        TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd => {
                            self.empty(key_line)
                        }
                        _ => self.node(false, false, depth + 1)?,
                    };
                    let value = self.flow_value(TokenKind::FlowMappingEnd, depth)?;
                    self.add_entry(&mut entries, key, value);
                }
                _ => {
                    let key = self.node(false, false, depth + 1)?;
                    let value_line = self.line()?;
                    let value = self.empty(value_line);
                    self.add_entry(&mut entries, key, value);
                }
            }
            self.check_size(entries.size, line)?;
        }
        self.scanner.next()?;
        Ok(self.mapping(&entries, true, line))
    }
}
