//! Cursor over the bytes of a text, with line and column.

use super::Spot;

/// A position in a text. Reading beyond the end gives zero bytes.
pub(super) struct Cursor<'a> {
    text: &'a str,
    /// Byte offset.
    pub(super) pos: usize,
    /// Line, counted from 0.
    pub(super) line: u32,
    /// Characters before the cursor on its line.
    pub(super) column: usize,
    /// Line breaks since the last character that is not a blank.
    pub(super) newlines: u32,
}

const BLANK: u8 = 1;
/// A break, or the first byte of a character that may be one.
const BREAK: u8 = 2;
const FLOW: u8 = 4;
const COLON: u8 = 8;
const QUOTE: u8 = 16;
const ESCAPE: u8 = 32;
const WORD: u8 = 64;
const URI: u8 = 128;

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        // The index is below 256.
        #[allow(clippy::cast_possible_truncation)]
        let byte = index as u8;
        table[index] = match byte {
            b' ' | b'\t' => BLANK,
            b'\n' | b'\r' | 0xC2 | 0xE2 => BREAK,
            b'\'' => QUOTE | URI,
            b'"' => QUOTE,
            b'\\' => ESCAPE,
            b':' => COLON | URI,
            b',' | b'?' | b'[' | b']' => FLOW | URI,
            b'{' | b'}' => FLOW,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-' => WORD | URI,
            b';' | b'/' | b'@' | b'&' | b'=' | b'+' | b'$' | b'.' | b'!' | b'~' | b'*' | b'(' | b')'
            | b'%' => URI,
            _ => 0,
        };
        index += 1;
    }
    table
}

fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Cursor {
            text,
            pos: 0,
            line: 0,
            column: 0,
            newlines: 0,
        }
    }

    /// The current position.
    pub(super) fn spot(&self) -> Spot {
        Spot {
            line: self.line,
            column: u32::try_from(self.column).unwrap_or(u32::MAX),
            pos: u32::try_from(self.pos).unwrap_or(u32::MAX),
        }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The text between two offsets at character boundaries.
    pub(super) fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> u8 {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, offset: usize) -> u8 {
        self.text.as_bytes().get(self.pos + offset).copied().unwrap_or(0)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.is_end(0)
    }

    /// Whether an offset is at or beyond the end.
    pub(super) fn is_end(&self, offset: usize) -> bool {
        self.pos + offset >= self.text.len()
    }

    pub(super) fn is_at_blank(&self) -> bool {
        class(self.peek()) & BLANK != 0
    }

    /// Bytes of the break at an offset, 0 for none. CR LF counts as two breaks of one byte here.
    fn break_width(&self, offset: usize) -> usize {
        match self.peek_at(offset) {
            b'\n' | b'\r' => 1,
            0xC2 if self.peek_at(offset + 1) == 0x85 => 2,
            0xE2 if self.peek_at(offset + 1) == 0x80 && matches!(self.peek_at(offset + 2), 0xA8 | 0xA9) => 3,
            _ => 0,
        }
    }

    pub(super) fn is_at_break(&self) -> bool {
        self.is_break(0)
    }

    pub(super) fn is_break(&self, offset: usize) -> bool {
        self.break_width(offset) > 0
    }

    pub(super) fn is_at_break_or_end(&self) -> bool {
        self.is_at_end() || self.is_at_break()
    }

    /// Whether a blank, a break or the end is at an offset.
    pub(super) fn is_blank_or_end(&self, offset: usize) -> bool {
        self.is_end(offset) || class(self.peek_at(offset)) & BLANK != 0 || self.is_break(offset)
    }

    /// Whether a document indicator is at the start of this line.
    pub(super) fn is_at_document_indicator(&self) -> bool {
        self.column == 0 && (self.is_at_indicator(b'-') || self.is_at_indicator(b'.'))
    }

    /// Whether three times this byte and a blank are here.
    pub(super) fn is_at_indicator(&self, byte: u8) -> bool {
        self.peek() == byte && self.peek_at(1) == byte && self.peek_at(2) == byte && self.is_blank_or_end(3)
    }

    /// Skips one ASCII character that is not a blank.
    pub(super) fn skip(&mut self) {
        self.skip_ascii(1);
    }

    /// Skips ASCII characters that are not blanks.
    pub(super) fn skip_ascii(&mut self, count: usize) {
        self.pos += count;
        self.column += count;
        self.newlines = 0;
    }

    /// Skips the blanks and breaks up to an offset.
    pub(super) fn skip_blanks_to(&mut self, pos: usize) {
        while self.pos < pos {
            if self.is_at_break() {
                self.skip_break();
            } else {
                self.skip_blank();
            }
        }
    }

    /// Skips one blank.
    pub(super) fn skip_blank(&mut self) {
        self.pos += 1;
        self.column += 1;
    }

    /// Skips any character.
    fn skip_char(&mut self) {
        self.pos += 1;
        while self
            .text
            .as_bytes()
            .get(self.pos)
            .is_some_and(|b| b & 0xC0 == 0x80)
        {
            self.pos += 1;
        }
        self.column += 1;
        self.newlines = 0;
    }

    /// Skips spaces and tabs.
    pub(super) fn skip_blanks(&mut self) {
        while self.is_at_blank() {
            self.skip_blank();
        }
    }

    /// Skips a break, if one is here.
    pub(super) fn skip_break(&mut self) {
        let width = match (self.peek(), self.peek_at(1)) {
            (b'\r', b'\n') => 2,
            _ => self.break_width(0),
        };
        if width > 0 {
            self.pos += width;
            self.column = 0;
            self.line += 1;
            self.newlines += 1;
        }
    }

    /// Skips a break, if one is here, and returns its text in a scalar: a line feed, except for line and paragraph
    /// separators.
    pub(super) fn read_break(&mut self) -> &'a str {
        let separator = self.peek() == 0xE2;
        let from = self.pos;
        self.skip_break();
        if self.pos == from {
            ""
        } else if separator {
            self.slice(from, self.pos)
        } else {
            "\n"
        }
    }

    /// Skips everything up to the next break or the end.
    pub(super) fn skip_line(&mut self) {
        self.run(BREAK);
        while !self.is_at_break_or_end() {
            self.skip_char();
            self.run(BREAK);
        }
    }

    /// Skips characters that cannot end a word of a plain scalar, inside or outside of brackets.
    pub(super) fn skip_plain(&mut self, in_flow: bool) {
        let stop = if in_flow {
            BLANK | BREAK | COLON | FLOW
        } else {
            BLANK | BREAK | COLON
        };
        loop {
            self.run(stop);
            if self.is_blank_or_end(0) {
                return;
            }
            let class = class(self.peek());
            if class & COLON != 0 && self.is_blank_or_end(1) || in_flow && class & FLOW != 0 {
                return;
            }
            self.skip_char();
        }
    }

    /// Skips characters without a meaning in quotes: neither blank, break, quote nor backslash.
    pub(super) fn skip_quoted(&mut self) {
        loop {
            self.run(BLANK | BREAK | QUOTE | ESCAPE);
            if self.is_at_end() || class(self.peek()) & (BLANK | QUOTE | ESCAPE) != 0 || self.is_at_break() {
                return;
            }
            self.skip_char();
        }
    }

    /// Skips the characters of anchors and directive names.
    pub(super) fn skip_word(&mut self) {
        while class(self.peek()) & WORD != 0 {
            self.skip();
        }
    }

    pub(super) fn is_at_uri(&self) -> bool {
        class(self.peek()) & URI != 0
    }

    /// Skips characters up to one whose class has a bit of `stop`.
    fn run(&mut self, stop: u8) {
        let bytes = self.text.as_bytes().get(self.pos..).unwrap_or_default();
        let mut continuations = 0;
        let mut length = bytes.len();
        for (index, byte) in bytes.iter().enumerate() {
            if class(*byte) & stop != 0 {
                length = index;
                break;
            }
            continuations += usize::from(byte & 0xC0 == 0x80);
        }
        if length > 0 {
            self.pos += length;
            self.column += length - continuations;
            // Only blanks are skipped only at the start of a line that is skipped as a whole, where the next break
            // counts anyway.
            self.newlines = 0;
        }
    }
}
