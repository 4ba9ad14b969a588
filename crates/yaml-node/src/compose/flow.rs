//! Flow lists and mappings.

use super::{Compose, Composed, Composer};
use crate::scan::{Problem, Spot, TokenKind};

impl<'a> Composer<'a> {
    pub(super) fn flow_sequence(&mut self, at: Spot, depth: usize) -> Compose<Composed> {
        let above = self.take_comments().head;
        let start = self.next()?.at.line;
        let mut items = self.open_sequence();
        let mut first = true;
        while *self.peek()? != TokenKind::FlowSequenceEnd {
            if !std::mem::take(&mut first) {
                self.flow_entry(start, "did not find expected ',' or ']'")?;
            }
            let item = match self.peek()? {
                TokenKind::FlowSequenceEnd => break,
                TokenKind::Key => self.flow_pair(depth + 1)?,
                _ => self.node(false, false, depth + 1)?,
            };
            self.add_item(&mut items, item);
            self.check_size(items.size, at.line)?;
        }
        let end = self.take_comments();
        self.next()?;
        let sequence = self.sequence(&items, true, at);
        self.comment_head(sequence.node.mark, above);
        self.end_collection(sequence.node.mark, end);
        Ok(sequence)
    }

    /// Takes a comma.
    fn flow_entry(&mut self, start: u32, missing: &'static str) -> Compose<()> {
        let token = self.token()?;
        if token.kind != TokenKind::FlowEntry {
            return Err(Problem::grammar(start, token.at.line, missing));
        }
        self.next().map(|_| ())
    }

    /// `[key: value]` is a list with a mapping of one entry.
    fn flow_pair(&mut self, depth: usize) -> Compose<Composed> {
        let at = self.next()?.at;
        let key = match self.peek()? {
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd => {
                // go-yaml skips this token whatever it is, which makes `[? : b]` an error later.
                let passed = self.next()?.at;
                self.empty(passed.after())
            }
            _ => self.node(false, false, depth + 1)?,
        };
        let value = self.flow_value(TokenKind::FlowSequenceEnd, depth)?;
        self.move_foot_to_key(key.node.mark, value.node.mark);
        let mut entries = self.open_mapping();
        self.add_entry(&mut entries, key, value);
        Ok(self.mapping(&entries, true, at))
    }

    /// The value after a key in brackets. `end` is the closing bracket.
    fn flow_value(&mut self, end: TokenKind<'a>, depth: usize) -> Compose<Composed> {
        let mut at = self.spot()?;
        if *self.peek()? == TokenKind::Value {
            self.next()?;
            let next = self.peek()?;
            if *next != TokenKind::FlowEntry && *next != end {
                return self.node(false, false, depth + 1);
            }
            // In a list, go-yaml places the empty value at the colon.
            if end == TokenKind::FlowMappingEnd {
                at = self.spot()?;
            }
        }
        Ok(self.empty(at))
    }

    pub(super) fn flow_mapping(&mut self, at: Spot, depth: usize) -> Compose<Composed> {
        let above = self.take_comments().head;
        let start = self.next()?.at.line;
        let mut entries = self.open_mapping();
        let mut first = true;
        while *self.peek()? != TokenKind::FlowMappingEnd {
            if !std::mem::take(&mut first) {
                self.flow_entry(start, "did not find expected ',' or '}'")?;
            }
            match self.peek()? {
                TokenKind::FlowMappingEnd => break,
                TokenKind::Key => {
                    self.next()?;
                    let key_at = self.spot()?;
                    let key = match self.peek()? {
                        TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd => {
                            self.empty(key_at)
                        }
                        _ => self.node(false, false, depth + 1)?,
                    };
                    let value = self.flow_value(TokenKind::FlowMappingEnd, depth)?;
                    self.move_foot_to_key(key.node.mark, value.node.mark);
                    self.add_entry(&mut entries, key, value);
                }
                _ => {
                    let key = self.node(false, false, depth + 1)?;
                    let value_at = self.spot()?;
                    let value = self.empty(value_at);
                    self.move_foot_to_key(key.node.mark, value.node.mark);
                    self.add_entry(&mut entries, key, value);
                }
            }
            self.check_size(entries.size, at.line)?;
        }
        let end = self.take_comments();
        self.next()?;
        let mapping = self.mapping(&entries, true, at);
        self.comment_head(mapping.node.mark, above);
        self.end_collection(mapping.node.mark, end);
        Ok(mapping)
    }
}
