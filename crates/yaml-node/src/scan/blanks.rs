//! Blanks, breaks and comments between tokens.

use super::{Scanner, Spot};
use crate::Dialect;

/// Bytes that go-yaml v3 looks ahead for a comment.
pub(super) const LOOK_AHEAD: usize = 512;

impl Scanner<'_> {
    /// Skips everything up to the next token.
    pub(super) fn skip_to_token(&mut self) {
        let scan = self.cursor.spot();
        loop {
            // A tab must not indent: at a position in a block where a key may start, it is not skipped.
            let tabs = self.is_in_flow() || !self.simple_key_allowed;
            while self.cursor.peek() == b' ' || tabs && self.cursor.peek() == b'\t' {
                self.cursor.skip_blank();
            }
            if self.comments.is_some() {
                self.settle_first_dash();
            }
            if self.cursor.peek() == b'#' {
                self.skip_comments(scan);
            }
            if !self.cursor.is_at_break() {
                return;
            }
            self.cursor.skip_break();
            if !self.is_in_flow() {
                self.simple_key_allowed = true;
            }
        }
    }

    fn skip_comments(&mut self, scan: Spot) {
        if self.comments.is_some() {
            return self.record_comments(scan);
        }
        self.cursor.skip_line();
        if self.dialect == Dialect::Yaml11 {
            return;
        }
        // go-yaml v3 skips all comments that follow at once, with any blanks before them. So a tab is an error before
        // the first comment, but not before later ones.
        while let Some(length) = self.comment_ahead() {
            self.cursor.skip_blanks_to(self.cursor.pos + length);
            self.cursor.skip_line();
        }
    }

    /// Bytes up to the next comment, if only blanks and breaks are before it.
    fn comment_ahead(&self) -> Option<usize> {
        if self.cursor.is_at_end() {
            return None;
        }
        let offset = (1..LOOK_AHEAD)
            .find(|offset| !matches!(self.cursor.peek_at(*offset), b' ' | b'\t' | b'\n' | b'\r'))?;
        (self.cursor.peek_at(offset) == b'#').then_some(offset)
    }

    /// Skips a comment behind a token on the same line, as go-yaml v3 does before it looks for the next token. The
    /// comment belongs to the token that begins at `token`, or a later one.
    pub(super) fn skip_line_comment(&mut self, token: u32) {
        if self.comments.is_some() {
            return self.record_line_comment(token);
        }
        if self.dialect == Dialect::Yaml11 || self.cursor.newlines > 0 {
            return;
        }
        if self.is_before_comment() {
            self.cursor.skip_line();
        }
    }

    /// Whether only spaces and tabs are between the cursor and a comment.
    pub(super) fn is_before_comment(&self) -> bool {
        let next = (0..LOOK_AHEAD)
            .map(|offset| self.cursor.peek_at(offset))
            .find(|byte| !matches!(byte, b' ' | b'\t'));
        next == Some(b'#')
    }
}
