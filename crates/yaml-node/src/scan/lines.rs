//! Cursor for documents in the usual form, which are read line by line, without tokens.

use std::borrow::Cow;

use memchr::memchr;

use super::{Scanner, TokenKind};
use crate::Style;

/// Most bytes of a key, within the limit that go-yaml sets for its characters.
const MAX_KEY: usize = 1024;

/// A position in a text whose only breaks are line feeds and that has no forbidden characters.
///
/// Methods return `None` where the text is not in the usual form, which says nothing about whether it is valid.
#[derive(Clone, Copy)]
pub(crate) struct Lines<'a> {
    text: &'a str,
    pos: usize,
    /// Line, counted from 0.
    pub(crate) line: u32,
    /// Offset of the start of the line.
    start: usize,
}

impl<'a> Scanner<'a> {
    /// A cursor at the start of the text, if it may be in the usual form.
    pub(crate) fn lines(&self) -> Option<Lines<'a>> {
        self.is_usual.then(|| Lines {
            text: self.cursor.text(),
            pos: 0,
            line: 0,
            start: 0,
        })
    }

    /// The scalar in any form that begins here, in a block at column `indent`. Moves behind it; behind a block scalar,
    /// or a plain one of several lines, that is the next token or comment.
    pub(crate) fn any_scalar(
        &mut self,
        lines: &mut Lines<'a>,
        indent: isize,
    ) -> Option<(Cow<'a, str>, Style)> {
        let cursor = &mut self.cursor;
        (cursor.pos, cursor.line, cursor.column) = (lines.pos, lines.line, lines.pos - lines.start);
        self.indent = indent;
        self.simple_key_allowed = false;
        let scanned = match lines.peek() {
            b'|' => self.fetch_block_scalar(true),
            b'>' => self.fetch_block_scalar(false),
            b'\'' => self.fetch_quoted(true),
            b'"' => self.fetch_quoted(false),
            _ => self.fetch_plain(),
        };
        scanned.ok()?;
        lines.pos = self.cursor.pos;
        if self.cursor.line != lines.line {
            lines.line = self.cursor.line;
            // Before a token that can have a column there are only spaces, each a character of one byte.
            lines.start = self.cursor.pos - self.cursor.column;
        }
        match self.tokens.pop_front()?.kind {
            TokenKind::Scalar(text, style) => Some((text, style)),
            _ => None,
        }
    }
}

impl<'a> Lines<'a> {
    /// The byte here, 0 at the end of the text.
    #[inline]
    pub(crate) fn peek(&self) -> u8 {
        self.peek_at(0)
    }

    #[inline]
    fn peek_at(&self, offset: usize) -> u8 {
        self.text.as_bytes().get(self.pos + offset).copied().unwrap_or(0)
    }

    #[inline]
    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Column of the token here, -1 at the end of the text.
    #[inline]
    pub(crate) fn column(&self) -> isize {
        match self.pos < self.text.len() {
            true => isize::try_from(self.pos - self.start).unwrap_or(isize::MAX),
            false => -1,
        }
    }

    /// Whether a blank, a break or the end of the text is at an offset.
    #[inline]
    fn is_blank(&self, offset: usize) -> bool {
        matches!(self.peek_at(offset), b' ' | b'\n' | b'\t' | 0)
    }

    /// Whether the dash of an item is here.
    #[inline]
    pub(crate) fn is_at_dash(&self) -> bool {
        self.peek() == b'-' && self.is_blank(1)
    }

    /// Whether the colon behind a key is here.
    #[inline]
    pub(crate) fn is_at_colon(&self) -> bool {
        self.peek() == b':' && self.is_blank(1)
    }

    /// Whether only a comment can follow on this line.
    #[inline]
    pub(crate) fn is_at_line_end(&self) -> bool {
        matches!(self.peek(), b'\n' | b'#' | 0)
    }

    /// Moves over one ASCII character.
    #[inline]
    pub(crate) fn skip(&mut self) {
        self.pos += 1;
    }

    #[inline]
    pub(crate) fn skip_spaces(&mut self) {
        let rest = self.text.as_bytes().get(self.pos..).unwrap_or_default();
        self.pos += rest.iter().take_while(|byte| **byte == b' ').count();
    }

    /// Moves to the first token of the document.
    pub(crate) fn enter_document(&mut self) -> Option<()> {
        self.skip_blanks()?;
        if self.pos == self.start && self.is_at_marker(b'-') && self.is_blank(3) {
            self.pos += 3;
            return self.next_token();
        }
        self.check_document()
    }

    /// Moves from the end of a token to the next one, which must be on a later line.
    pub(crate) fn next_token(&mut self) -> Option<()> {
        self.skip_spaces();
        match self.is_at_line_end() {
            true => self.settle(),
            false => None,
        }
    }

    /// Moves to the token that is here or on a later line.
    pub(crate) fn settle(&mut self) -> Option<()> {
        self.skip_blanks()?;
        self.check_document()
    }

    /// Skips spaces, comments and breaks.
    fn skip_blanks(&mut self) -> Option<()> {
        loop {
            self.skip_spaces();
            match self.peek() {
                b'\n' => {
                    self.pos += 1;
                    self.line += 1;
                    self.start = self.pos;
                }
                b'#' => {
                    let rest = self.text.as_bytes().get(self.pos..).unwrap_or_default();
                    self.pos += memchr(b'\n', rest).unwrap_or(rest.len());
                }
                b'\t' => return None,
                _ => return Some(()),
            }
        }
    }

    /// Fails at what may be the end of the document or a directive.
    fn check_document(&self) -> Option<()> {
        let ends = self.pos == self.start
            && (self.peek() == b'%' || self.is_at_marker(b'-') || self.is_at_marker(b'.'));
        (!ends).then_some(())
    }

    fn is_at_marker(&self, byte: u8) -> bool {
        self.peek() == byte && self.peek_at(1) == byte && self.peek_at(2) == byte
    }

    /// The name of an anchor or alias, behind its indicator.
    pub(crate) fn name(&mut self) -> Option<&'a str> {
        let from = self.pos + 1;
        self.pos = from;
        while matches!(self.peek(), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-') {
            self.pos += 1;
        }
        let ends = self.is_blank(0) || matches!(self.peek(), b',' | b']' | b'}');
        (ends && self.pos > from).then(|| self.slice(from, self.pos))
    }

    /// Whether a plain scalar may start here. A few that start with an indicator are left out.
    pub(crate) fn is_at_plain(&self) -> bool {
        match self.peek() {
            b'-' => !self.is_blank(1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' | b':' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>'
            | b'\'' | b'"' | b'%' | b'@' | b'`' | b'\n' | b'\t' | 0 => false,
            _ => true,
        }
    }

    /// A scalar on this line, plain or in quotes, without anything to unescape. Moves behind it.
    pub(crate) fn scalar(&mut self, in_flow: bool) -> Option<(&'a str, Style)> {
        match self.peek() {
            b'"' => Some((self.quoted(b'"')?, Style::DoubleQuoted)),
            b'\'' => Some((self.quoted(b'\'')?, Style::SingleQuoted)),
            _ => Some((self.plain(in_flow)?, Style::Plain)),
        }
    }

    fn quoted(&mut self, quote: u8) -> Option<&'a str> {
        let from = self.pos + 1;
        let rest = self.text.as_bytes().get(from..)?;
        let length = rest
            .iter()
            .position(|byte| *byte == quote || matches!(byte, b'\\' | b'\n'))?;
        // In single quotes a backslash has no meaning, but is rare enough.
        if rest.get(length) != Some(&quote) || quote == b'\'' && rest.get(length + 1) == Some(&quote) {
            return None;
        }
        self.pos = from + length + 1;
        Some(self.slice(from, from + length))
    }

    fn plain(&mut self, in_flow: bool) -> Option<&'a str> {
        if !self.is_at_plain() {
            return None;
        }
        let from = self.pos;
        let rest = self.text.as_bytes().get(from..)?;
        let mut length = 0;
        while let Some(&byte) = rest.get(length) {
            let ends = match byte {
                b'\n' => true,
                b':' => matches!(rest.get(length + 1), Some(b' ' | b'\n' | b'\t') | None),
                b'#' => rest.get(length - 1) == Some(&b' '),
                b'\t' => return None,
                b',' | b'?' | b'[' | b']' | b'{' | b'}' => in_flow,
                _ => false,
            };
            if ends {
                break;
            }
            length += 1;
        }
        self.pos = from + length;
        let text = self.slice(from, self.pos);
        Some(match rest.get(length - 1) {
            Some(b' ') => text.trim_end_matches(' '),
            _ => text,
        })
    }

    /// Whether this is near enough to the start of a key on the same line.
    #[inline]
    pub(crate) fn is_key(&self, start: &Lines<'_>) -> bool {
        self.pos - start.pos <= MAX_KEY
    }
}
