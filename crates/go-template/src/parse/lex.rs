//! Lexer of Go templates.

use memchr::memmem;

use go_std::quote::{is_print, quote_bytes as quote};
use go_std::text::{lossy, runes};

/// A token, with the position and line of its start.
#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: TokenKind,
    pub(super) text: Source<'t>,
    pub(super) position: usize,
    pub(super) line: u32,
}

/// Text of a token: a part of the template, or an error message.
pub(super) type Source<'t> = std::borrow::Cow<'t, [u8]>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(super) enum TokenKind {
    Error,
    EndOfText,
    Text,
    LeftDelimiter,
    RightDelimiter,
    Space,
    Assign,
    Declare,
    Pipe,
    LeftParen,
    RightParen,
    /// Any other printable ASCII character, such as a comma.
    Char,
    QuotedText,
    RawText,
    Character,
    Complex,
    Number,
    Bool,
    Field,
    Variable,
    Identifier,
    // Keywords, for errors: from here to the end, as in Go.
    Dot,
    Nil,
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

impl Token<'_> {
    pub(super) fn str(&self) -> std::borrow::Cow<'_, str> {
        lossy(&self.text)
    }

    /// The token as errors show it: long ones are cut.
    pub(super) fn shown(&self) -> String {
        let text = self.str();
        match self.kind {
            TokenKind::EndOfText => "EOF".into(),
            TokenKind::Error => text.into_owned(),
            kind if kind >= TokenKind::Dot => format!("<{text}>"),
            _ if self.text.len() > 10 => {
                let start: String = text.chars().take(10).collect();
                format!("{}...", quote(start.as_bytes()))
            }
            _ => quote(&self.text),
        }
    }
}

/// The delimiters, and which words are keywords.
#[derive(Clone, Debug)]
pub(super) struct Options<'t> {
    pub(super) left: &'t [u8],
    pub(super) right: &'t [u8],
    /// `break` and `continue` are keywords unless there are functions of these names.
    pub(super) break_is_keyword: bool,
    pub(super) continue_is_keyword: bool,
}

/// Splits a template into tokens.
pub(super) struct Lexer<'t> {
    text: &'t [u8],
    options: Options<'t>,
    /// The start of the current token, and its line.
    start: usize,
    start_line: u32,
    at: usize,
    /// The position up to which newlines are counted into `line`.
    counted: usize,
    line: u32,
    inside: bool,
    parens: u32,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t [u8], options: Options<'t>) -> Self {
        Lexer {
            text,
            options,
            start: 0,
            start_line: 1,
            at: 0,
            counted: 0,
            line: 1,
            inside: false,
            parens: 0,
        }
    }

    /// The next token; after the end or an error, always the end.
    pub(super) fn token(&mut self) -> Token<'t> {
        if self.inside {
            self.action()
        } else {
            self.outside()
        }
    }

    fn outside(&mut self) -> Token<'t> {
        loop {
            let Some(found) = memmem::find(self.rest(), self.options.left) else {
                self.at = self.text.len();
                if self.at > self.start {
                    return self.emit(TokenKind::Text);
                }
                let token = self.emit(TokenKind::EndOfText);
                return Token {
                    text: Source::Borrowed(b"EOF"),
                    ..token
                };
            };
            let delimiter = self.at + found;
            let after = delimiter + self.options.left.len();
            let trims = matches!(self.text.get(after..), Some([b'-', space, ..]) if is_space(*space));
            let text = self.text.get(self.start..delimiter).unwrap_or_default();
            let length = if trims { trimmed_length(text) } else { text.len() };
            if length > 0 {
                self.at = self.start + length;
                let token = self.emit(TokenKind::Text);
                self.skip_to(delimiter);
                return token;
            }
            self.skip_to(delimiter);
            let body = after + if trims { 2 } else { 0 };
            if self.text.get(body..).is_some_and(|rest| rest.starts_with(b"/*")) {
                self.skip_to(body);
                if let Err(message) = self.comment() {
                    return self.error(message);
                }
                continue;
            }
            self.at = after;
            let token = self.emit(TokenKind::LeftDelimiter);
            self.skip_to(body);
            self.inside = true;
            self.parens = 0;
            return token;
        }
    }

    /// Skips a comment and its right delimiter.
    fn comment(&mut self) -> Result<(), &'static str> {
        let rest = self.text.get(self.at + 2..).unwrap_or_default();
        let end = memmem::find(rest, b"*/").ok_or("unclosed comment")?;
        self.at += 2 + end + 2;
        let trims = self
            .right_delimiter()
            .ok_or("comment ends before closing delimiter")?;
        self.at += self.options.right.len();
        if trims {
            self.at += 2;
            self.at += leading_spaces(self.rest());
        }
        let at = self.at;
        self.skip_to(at);
        Ok(())
    }

    fn close(&mut self, trims: bool) -> Token<'t> {
        if trims {
            self.skip_to(self.at + 2);
        }
        self.at += self.options.right.len();
        let token = self.emit(TokenKind::RightDelimiter);
        if trims {
            self.skip_to(self.at + leading_spaces(self.rest()));
        }
        self.inside = false;
        token
    }

    fn action(&mut self) -> Token<'t> {
        if let Some(trims) = self.right_delimiter() {
            if self.parens > 0 {
                return self.error("unclosed left paren");
            }
            return self.close(trims);
        }
        let Some(character) = self.next() else {
            return self.error("unclosed action");
        };
        match character {
            c if is_space_char(c) => {
                while self.peek().is_some_and(is_space_char) && self.right_delimiter().is_none() {
                    self.next();
                }
                self.emit(TokenKind::Space)
            }
            '=' => self.emit(TokenKind::Assign),
            ':' => match self.next() {
                Some('=') => self.emit(TokenKind::Declare),
                _ => self.error("expected :="),
            },
            '|' => self.emit(TokenKind::Pipe),
            '"' => self.quoted('"', TokenKind::QuotedText, "unterminated quoted string"),
            '\'' => self.quoted('\'', TokenKind::Character, "unterminated character constant"),
            '`' => match memchr::memchr(b'`', self.rest()) {
                Some(end) => {
                    self.at += end + 1;
                    self.emit(TokenKind::RawText)
                }
                None => self.error("unterminated raw quoted string"),
            },
            '$' if self.is_at_terminator() => self.emit(TokenKind::Variable),
            '$' => self.word(TokenKind::Variable),
            '.' if !matches!(self.rest(), [] | [b'0'..=b'9', ..]) => {
                if self.is_at_terminator() {
                    self.emit(TokenKind::Dot)
                } else {
                    self.word(TokenKind::Field)
                }
            }
            '.' | '+' | '-' | '0'..='9' => {
                self.at = self.start;
                self.number()
            }
            c if is_alphanumeric(c) => self.word(TokenKind::Identifier),
            '(' => {
                self.parens += 1;
                self.emit(TokenKind::LeftParen)
            }
            ')' if self.parens == 0 => self.error("unexpected right paren"),
            ')' => {
                self.parens -= 1;
                self.emit(TokenKind::RightParen)
            }
            ' '..='~' => self.emit(TokenKind::Char),
            c => self.error(format!("unrecognized character in action: {}", unicode(c))),
        }
    }

    /// The rest of a name, which a terminator must follow.
    fn word(&mut self, kind: TokenKind) -> Token<'t> {
        while self.peek().is_some_and(is_alphanumeric) {
            self.next();
        }
        if !self.is_at_terminator() {
            let message = format!("bad character {}", unicode(self.peek().unwrap_or_default()));
            return self.error(message);
        }
        let kind = match self.text.get(self.start..self.at) {
            Some(word) if kind == TokenKind::Identifier => self.keyword(word),
            _ => kind,
        };
        self.emit(kind)
    }

    fn keyword(&self, word: &[u8]) -> TokenKind {
        match word {
            b"true" | b"false" => TokenKind::Bool,
            b"nil" => TokenKind::Nil,
            b"block" => TokenKind::Block,
            b"break" if self.options.break_is_keyword => TokenKind::Break,
            b"continue" if self.options.continue_is_keyword => TokenKind::Continue,
            b"define" => TokenKind::Define,
            b"else" => TokenKind::Else,
            b"end" => TokenKind::End,
            b"if" => TokenKind::If,
            b"range" => TokenKind::Range,
            b"template" => TokenKind::Template,
            b"with" => TokenKind::With,
            _ => TokenKind::Identifier,
        }
    }

    fn is_at_terminator(&self) -> bool {
        match self.peek() {
            None => true,
            Some(c) => {
                is_space_char(c) || ".,|:)(".contains(c) || self.rest().starts_with(self.options.right)
            }
        }
    }

    fn quoted(&mut self, end: char, kind: TokenKind, message: &'static str) -> Token<'t> {
        loop {
            match self.next() {
                Some('\\') if !matches!(self.peek(), None | Some('\n')) => {
                    self.next();
                }
                None | Some('\\' | '\n') => return self.error(message),
                Some(c) if c == end => return self.emit(kind),
                Some(_) => {}
            }
        }
    }

    fn number(&mut self) -> Token<'t> {
        if !self.scan_number() {
            return self.bad_number();
        }
        if !matches!(self.peek(), Some('+' | '-')) {
            return self.emit(TokenKind::Number);
        }
        if self.scan_number() && self.text.get(self.at.wrapping_sub(1)) == Some(&b'i') {
            return self.emit(TokenKind::Complex);
        }
        self.bad_number()
    }

    fn bad_number(&mut self) -> Token<'t> {
        let text = quote(self.text.get(self.start..self.at).unwrap_or_default());
        self.error(format!("bad number syntax: {text}"))
    }

    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        let decimal = digits.len() == 11;
        let hexadecimal = digits.len() == 23;
        if (decimal && self.accept("eE")) || (hexadecimal && self.accept("pP")) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return false;
        }
        true
    }

    fn accept(&mut self, set: &str) -> bool {
        let found = self.peek().is_some_and(|c| set.contains(c));
        if found {
            self.next();
        }
        found
    }

    fn accept_run(&mut self, set: &str) {
        while self.accept(set) {}
    }

    /// Whether a right delimiter follows, and whether it trims.
    fn right_delimiter(&self) -> Option<bool> {
        let rest = self.rest();
        let right = self.options.right;
        match rest {
            [space, b'-', after @ ..] if is_space(*space) && after.starts_with(right) => Some(true),
            rest => rest.starts_with(right).then_some(false),
        }
    }

    /// The token that ends here.
    fn emit(&mut self, kind: TokenKind) -> Token<'t> {
        let token = Token {
            kind,
            text: Source::Borrowed(self.text.get(self.start..self.at).unwrap_or_default()),
            position: self.start,
            line: self.start_line,
        };
        let at = self.at;
        self.skip_to(at);
        token
    }

    /// An error token, which ends the text.
    fn error(&mut self, message: impl Into<String>) -> Token<'t> {
        let token = Token {
            kind: TokenKind::Error,
            text: Source::Owned(message.into().into_bytes()),
            position: self.start,
            line: self.start_line,
        };
        self.text = b"";
        (self.start, self.at, self.counted) = (0, 0, 0);
        self.inside = false;
        token
    }

    /// Moves to a position, where the next token starts.
    fn skip_to(&mut self, place: usize) {
        let passed = self.text.get(self.counted..place).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', passed).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.counted = place;
        self.at = place;
        self.start = place;
        self.start_line = self.line;
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        decode(self.rest()).map(|(c, _)| c)
    }

    fn next(&mut self) -> Option<char> {
        let (c, length) = decode(self.rest())?;
        self.at += length;
        Some(c)
    }
}

/// The first character and its length; a byte that is not UTF-8 is a U+FFFD.
fn decode(text: &[u8]) -> Option<(char, usize)> {
    let first = *text.first()?;
    if first.is_ascii() {
        return Some((char::from(first), 1));
    }
    runes(text).next().map(|(_, c, length)| (c, length))
}

/// Length without trailing spaces.
fn trimmed_length(text: &[u8]) -> usize {
    let last = text.iter().rposition(|byte| !is_space(*byte));
    last.map_or(0, |last| last + 1)
}

fn leading_spaces(text: &[u8]) -> usize {
    let first = text.iter().position(|byte| !is_space(*byte));
    first.unwrap_or(text.len())
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn is_space_char(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// `%#U`
fn unicode(c: char) -> String {
    let code = u32::from(c);
    if is_print(c) {
        format!("U+{code:04X} '{c}'")
    } else {
        format!("U+{code:04X}")
    }
}
