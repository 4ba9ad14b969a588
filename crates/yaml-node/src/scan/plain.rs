//! Tokens of plain scalars.

use std::borrow::Cow;

use super::{Scan, Scanner, TokenKind};
use crate::Style;

impl Scanner<'_> {
    pub(super) fn fetch_plain(&mut self) -> Scan {
        self.start_key_candidate()?;
        let at = self.cursor.spot();
        let line = at.line;
        let indent = self.indent + 1;
        let in_flow = self.is_in_flow();
        // The words of a line stay as written; only breaks are folded.
        let mut folded = String::new();
        let (mut start, mut end) = (self.cursor.pos, self.cursor.pos);
        let mut first_break = "";
        let mut more_breaks = String::new();
        loop {
            if self.cursor.is_at_document_indicator() || self.cursor.peek() == b'#' {
                break;
            }
            let word = self.cursor.pos;
            self.cursor.skip_plain(in_flow);
            if self.cursor.pos > word {
                if !first_break.is_empty() {
                    folded.push_str(self.cursor.slice(start, end));
                    fold(&mut folded, first_break, &more_breaks);
                    first_break = "";
                    more_breaks.clear();
                    start = word;
                }
                end = self.cursor.pos;
            }
            if !self.cursor.is_at_blank() && !self.cursor.is_at_break() {
                break;
            }
            loop {
                if self.cursor.is_at_blank() {
                    if !first_break.is_empty() && self.column() < indent && self.cursor.peek() == b'\t' {
                        return Err(self.problem(line, "found a tab character that violates indentation"));
                    }
                    self.cursor.skip_blank();
                } else if self.cursor.is_at_break() {
                    if first_break.is_empty() {
                        first_break = self.cursor.read_break();
                    } else {
                        more_breaks.push_str(self.cursor.read_break());
                    }
                } else {
                    break;
                }
            }
            if !in_flow && self.column() < indent {
                break;
            }
        }
        let tail = self.cursor.slice(start, end);
        let text = if folded.is_empty() {
            Cow::Borrowed(tail)
        } else {
            folded.push_str(tail);
            Cow::Owned(folded)
        };
        self.push(TokenKind::Scalar(text, Style::Plain), at);
        if !first_break.is_empty() {
            self.simple_key_allowed = true;
        }
        Ok(())
    }
}

/// Folds the breaks between two lines: a single one becomes a space, of several the first is dropped.
pub(super) fn fold(text: &mut String, first: &str, more: &str) {
    if first == "\n" {
        text.push_str(if more.is_empty() { " " } else { more });
    } else {
        text.push_str(first);
        text.push_str(more);
    }
}
