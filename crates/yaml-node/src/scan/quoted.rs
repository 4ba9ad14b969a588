//! Tokens of quoted scalars.

use std::borrow::Cow;

use super::plain::fold;
use super::{Scan, Scanner, TokenKind};
use crate::Style;

impl Scanner<'_> {
    pub(super) fn fetch_quoted(&mut self, single: bool) -> Scan {
        self.start_key_candidate()?;
        let at = self.cursor.spot();
        let line = at.line;
        let (quote, style) = if single {
            (b'\'', Style::SingleQuoted)
        } else {
            (b'"', Style::DoubleQuoted)
        };
        self.cursor.skip();
        // `text` holds the content up to `start`; the content after it is identical to the source.
        let mut text = String::new();
        let mut start = self.cursor.pos;
        let mut owned = false;
        loop {
            if self.cursor.is_at_document_indicator() {
                return Err(self.problem(line, "found unexpected document indicator"));
            }
            if self.cursor.is_at_end() {
                return Err(self.problem(line, "found unexpected end of stream"));
            }
            let mut escaped_break = false;
            loop {
                self.cursor.skip_quoted();
                let next = self.cursor.peek();
                if next == quote {
                    if !single || self.cursor.peek_at(1) != quote {
                        break;
                    }
                    self.cursor.skip();
                    text.push_str(self.cursor.slice(start, self.cursor.pos));
                    owned = true;
                    self.cursor.skip();
                    start = self.cursor.pos;
                } else if next == b'\\' && !single {
                    text.push_str(self.cursor.slice(start, self.cursor.pos));
                    owned = true;
                    if self.cursor.is_break(1) {
                        self.cursor.skip();
                        self.cursor.skip_break();
                        start = self.cursor.pos;
                        escaped_break = true;
                        break;
                    }
                    text.push(self.scan_escape(line)?);
                    start = self.cursor.pos;
                } else if matches!(next, b'\'' | b'"' | b'\\') {
                    self.cursor.skip();
                } else {
                    break;
                }
            }
            if self.cursor.peek() == quote {
                break;
            }
            if !self.cursor.is_at_blank() && !self.cursor.is_at_break() && !escaped_break {
                continue;
            }
            let end = self.cursor.pos;
            let mut first_break = "";
            let mut more_breaks = String::new();
            let mut any_break = escaped_break;
            loop {
                if self.cursor.is_at_blank() {
                    self.cursor.skip_blank();
                } else if self.cursor.is_at_break() {
                    if any_break {
                        more_breaks.push_str(self.cursor.read_break());
                    } else {
                        first_break = self.cursor.read_break();
                        any_break = true;
                    }
                } else {
                    break;
                }
            }
            if any_break {
                text.push_str(self.cursor.slice(start, end));
                owned = true;
                fold(&mut text, first_break, &more_breaks);
                start = self.cursor.pos;
            }
        }
        let tail = self.cursor.slice(start, self.cursor.pos);
        self.cursor.skip();
        let text = if owned {
            text.push_str(tail);
            Cow::Owned(text)
        } else {
            Cow::Borrowed(tail)
        };
        self.push(TokenKind::Scalar(text, style), at);
        Ok(())
    }

    fn scan_escape(&mut self, line: u32) -> Scan<char> {
        let (c, digits) = match self.cursor.peek_at(1) {
            b'0' => ('\0', 0),
            b'a' => ('\u{07}', 0),
            b'b' => ('\u{08}', 0),
            b't' | b'\t' => ('\t', 0),
            b'n' => ('\n', 0),
            b'v' => ('\u{0B}', 0),
            b'f' => ('\u{0C}', 0),
            b'r' => ('\r', 0),
            b'e' => ('\u{1B}', 0),
            b' ' => (' ', 0),
            b'"' => ('"', 0),
            b'\'' => ('\'', 0),
            b'\\' => ('\\', 0),
            b'N' => ('\u{85}', 0),
            b'_' => ('\u{A0}', 0),
            b'L' => ('\u{2028}', 0),
            b'P' => ('\u{2029}', 0),
            b'x' => ('\0', 2),
            b'u' => ('\0', 4),
            b'U' => ('\0', 8),
            _ => return Err(self.problem(line, "found unknown escape character")),
        };
        self.cursor.skip_ascii(2);
        if digits == 0 {
            return Ok(c);
        }
        let mut code = 0_u32;
        for offset in 0..digits {
            let Some(digit) = char::from(self.cursor.peek_at(offset)).to_digit(16) else {
                return Err(self.problem(line, "did not find expected hexdecimal number"));
            };
            code = code << 4 | digit;
        }
        let Some(c) = char::from_u32(code) else {
            return Err(self.problem(line, "found invalid Unicode character escape code"));
        };
        self.cursor.skip_ascii(digits);
        Ok(c)
    }
}
