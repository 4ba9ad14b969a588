//! Tokens of anchors, aliases, tags and directives.

use std::borrow::Cow;

use super::{Scan, Scanner, TokenKind};

impl<'a> Scanner<'a> {
    pub(super) fn fetch_anchor(&mut self, alias: bool) -> Scan {
        self.start_key_candidate()?;
        let at = self.cursor.spot();
        let line = at.line;
        self.cursor.skip();
        let start = self.cursor.pos;
        self.cursor.skip_word();
        let name = self.cursor.slice(start, self.cursor.pos);
        let ends = self.cursor.is_blank_or_end(0)
            || matches!(
                self.cursor.peek(),
                b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`'
            );
        if name.is_empty() || !ends {
            return Err(self.problem(line, "did not find expected alphabetic or numeric character"));
        }
        let kind = if alias {
            TokenKind::Alias(name)
        } else {
            TokenKind::Anchor(name)
        };
        self.push(kind, at);
        Ok(())
    }

    pub(super) fn fetch_tag(&mut self) -> Scan {
        self.start_key_candidate()?;
        let at = self.cursor.spot();
        let line = at.line;
        let (handle, suffix) = if self.cursor.peek_at(1) == b'<' {
            self.cursor.skip_ascii(2);
            let suffix = self.scan_uri("", line)?;
            if self.cursor.peek() != b'>' {
                return Err(self.problem(line, "did not find the expected '>'"));
            }
            self.cursor.skip();
            (Cow::Borrowed(""), suffix)
        } else {
            let handle = self.scan_handle(false, line)?;
            if handle.len() > 1 && handle.ends_with('!') {
                (Cow::Borrowed(handle), self.scan_uri("", line)?)
            } else {
                // Not a handle: the start of a suffix.
                match self.scan_uri(handle, line)? {
                    suffix if suffix.is_empty() => (Cow::Borrowed(""), Cow::Borrowed("!")),
                    suffix => (Cow::Borrowed("!"), suffix),
                }
            }
        };
        if !self.cursor.is_blank_or_end(0) {
            return Err(self.problem(line, "did not find expected whitespace or line break"));
        }
        self.push(TokenKind::Tag(handle, suffix), at);
        Ok(())
    }

    /// `!`, `!!`, `!name!`, or `!name`, which is not a handle.
    fn scan_handle(&mut self, directive: bool, line: u32) -> Scan<&'a str> {
        if self.cursor.peek() != b'!' {
            return Err(self.problem(line, "did not find expected '!'"));
        }
        let start = self.cursor.pos;
        self.cursor.skip();
        self.cursor.skip_word();
        if self.cursor.peek() == b'!' {
            self.cursor.skip();
        } else if directive && self.cursor.pos > start + 1 {
            return Err(self.problem(line, "did not find expected '!'"));
        }
        Ok(self.cursor.slice(start, self.cursor.pos))
    }

    /// A tag's suffix or prefix. `head` was read as a handle but belongs to the suffix, without its `!`.
    fn scan_uri(&mut self, head: &'a str, line: u32) -> Scan<Cow<'a, str>> {
        let start = self.cursor.pos - head.len().saturating_sub(1);
        let mut decoded: Option<Vec<u8>> = None;
        let mut any = !head.is_empty();
        while self.cursor.is_at_uri() {
            any = true;
            if self.cursor.peek() == b'%' {
                let bytes = decoded.get_or_insert_with(|| self.cursor.slice(start, self.cursor.pos).into());
                let mut escaped = std::mem::take(bytes);
                self.scan_uri_escape(&mut escaped, line)?;
                decoded = Some(escaped);
            } else {
                if let Some(bytes) = &mut decoded {
                    bytes.push(self.cursor.peek());
                }
                self.cursor.skip();
            }
        }
        if !any {
            return Err(self.problem(line, "did not find expected tag URI"));
        }
        Ok(match decoded {
            None => Cow::Borrowed(self.cursor.slice(start, self.cursor.pos)),
            Some(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        })
    }

    /// One character in the form `%C3%A9`.
    fn scan_uri_escape(&mut self, bytes: &mut Vec<u8>, line: u32) -> Scan {
        let mut left = 0;
        let mut first = true;
        while first || left > 0 {
            let hex = |offset| char::from(self.cursor.peek_at(offset)).to_digit(16);
            let (b'%', Some(high), Some(low)) = (self.cursor.peek(), hex(1), hex(2)) else {
                return Err(self.problem(line, "did not find URI escaped octet"));
            };
            let octet = u8::try_from(high << 4 | low).unwrap_or_default();
            if first {
                left = match octet {
                    0..=0x7F => 1,
                    0xC0..=0xDF => 2,
                    0xE0..=0xEF => 3,
                    0xF0..=0xF7 => 4,
                    _ => return Err(self.problem(line, "found an incorrect leading UTF-8 octet")),
                };
                first = false;
            } else if octet & 0xC0 != 0x80 {
                return Err(self.problem(line, "found an incorrect trailing UTF-8 octet"));
            }
            bytes.push(octet);
            self.cursor.skip_ascii(3);
            left -= 1;
        }
        Ok(())
    }

    pub(super) fn fetch_directive(&mut self) -> Scan {
        self.end_blocks()?;
        let at = self.cursor.spot();
        let line = at.line;
        self.cursor.skip();
        let start = self.cursor.pos;
        self.cursor.skip_word();
        let name = self.cursor.slice(start, self.cursor.pos);
        if name.is_empty() {
            return Err(self.problem(line, "could not find expected directive name"));
        }
        if !self.cursor.is_blank_or_end(0) {
            return Err(self.problem(line, "found unexpected non-alphabetical character"));
        }
        let kind = match name {
            "YAML" => self.scan_version(line)?,
            "TAG" => self.scan_tag_directive(line)?,
            _ => return Err(self.problem(line, "found unknown directive name")),
        };
        self.cursor.skip_blanks();
        if self.cursor.peek() == b'#' {
            self.cursor.skip_line();
        }
        if !self.cursor.is_at_break_or_end() {
            return Err(self.problem(line, "did not find expected comment or line break"));
        }
        self.cursor.skip_break();
        self.push(kind, at);
        Ok(())
    }

    fn scan_version(&mut self, line: u32) -> Scan<TokenKind<'a>> {
        self.cursor.skip_blanks();
        let major = self.scan_version_number(line)?;
        if self.cursor.peek() != b'.' {
            return Err(self.problem(line, "did not find expected digit or '.' character"));
        }
        self.cursor.skip();
        let minor = self.scan_version_number(line)?;
        Ok(TokenKind::VersionDirective(major, minor))
    }

    fn scan_version_number(&mut self, line: u32) -> Scan<u8> {
        let start = self.cursor.pos;
        let mut number = 0;
        while self.cursor.peek().is_ascii_digit() {
            if self.cursor.pos - start == 2 {
                return Err(self.problem(line, "found extremely long version number"));
            }
            number = number * 10 + (self.cursor.peek() - b'0');
            self.cursor.skip();
        }
        if self.cursor.pos == start {
            return Err(self.problem(line, "did not find expected version number"));
        }
        Ok(number)
    }

    fn scan_tag_directive(&mut self, line: u32) -> Scan<TokenKind<'a>> {
        self.cursor.skip_blanks();
        let handle = self.scan_handle(true, line)?;
        if !self.cursor.is_at_blank() {
            return Err(self.problem(line, "did not find expected whitespace"));
        }
        self.cursor.skip_blanks();
        let prefix = self.scan_uri("", line)?;
        if !self.cursor.is_blank_or_end(0) {
            return Err(self.problem(line, "did not find expected whitespace or line break"));
        }
        Ok(TokenKind::TagDirective(Cow::Borrowed(handle), prefix))
    }
}
