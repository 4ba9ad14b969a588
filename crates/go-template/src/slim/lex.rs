//! Template text turns into tokens.

use super::TemplateError;

/// A token and where it starts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) text: String,
    pub(super) line: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Text,
    LeftDelimiter,
    RightDelimiter,
    Space,
    Assign,
    Declare,
    Pipe,
    LeftParen,
    RightParen,
    Comma,
    QuotedText,
    RawText,
    Character,
    Number,
    Bool,
    Dot,
    Field,
    Variable,
    Identifier,
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
    EndOfText,
}

const LEFT: &str = "<<";
const RIGHT: &str = ">>";

/// All tokens of a template; the last one is [`TokenKind::EndOfText`].
pub(super) fn lex(text: &str) -> Result<Vec<Token>, TemplateError> {
    let mut lexer = Lexer {
        text,
        at: 0,
        counted: 0,
        line: 1,
        tokens: Vec::new(),
    };
    lexer.run()?;
    Ok(lexer.tokens)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// Up to where line ends have been counted into `line`.
    counted: usize,
    line: u32,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), TemplateError> {
        while let Some(found) = self.rest().find(LEFT) {
            let start = self.at;
            let delimiter = start + found;
            let after = delimiter + LEFT.len();
            let mut end = delimiter;
            let trims = has_left_trim(self.text.get(after..).unwrap_or_default());
            if trims {
                end = start + trim_end(self.text.get(start..delimiter).unwrap_or_default()).len();
            }
            self.push(TokenKind::Text, start, end);
            self.at = after + if trims { 2 } else { 0 };
            if self.rest().starts_with("/*") {
                self.comment(delimiter)?;
                continue;
            }
            let line = self.line_at(delimiter);
            self.tokens.push(Token {
                kind: TokenKind::LeftDelimiter,
                text: LEFT.into(),
                line,
            });
            self.action(line)?;
        }
        let (start, end) = (self.at, self.text.len());
        self.push(TokenKind::Text, start, end);
        let line = self.line_at(end);
        self.tokens.push(Token {
            kind: TokenKind::EndOfText,
            text: String::new(),
            line,
        });
        Ok(())
    }

    fn comment(&mut self, delimiter: usize) -> Result<(), TemplateError> {
        let line = self.line_at(delimiter);
        let Some(end) = self.rest().find("*/") else {
            return Err(error("unclosed comment", line));
        };
        self.at += end + 2;
        match self.right_delimiter() {
            Some(trims) => self.close(trims),
            None => return Err(error("comment ends before closing delimiter", line)),
        }
        Ok(())
    }

    /// Steps over the right delimiter, and the space after it where it trims.
    fn close(&mut self, trims: bool) {
        self.at += RIGHT.len() + if trims { 2 } else { 0 };
        if trims {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches(is_space).len();
        }
    }

    fn action(&mut self, opened: u32) -> Result<(), TemplateError> {
        let mut parens = 0_u32;
        loop {
            if let Some(trims) = self.right_delimiter() {
                let line = self.line_at(self.at);
                if parens > 0 {
                    return Err(error("unclosed left paren", line));
                }
                self.tokens.push(Token {
                    kind: TokenKind::RightDelimiter,
                    text: RIGHT.into(),
                    line,
                });
                self.close(trims);
                return Ok(());
            }
            let start = self.at;
            let Some(character) = self.next() else {
                return Err(error("unclosed action", opened));
            };
            let kind = match character {
                c if is_space(c) => {
                    while self.peek().is_some_and(is_space) && self.right_delimiter().is_none() {
                        self.next();
                    }
                    // A space before a trim marker belongs to the delimiter.
                    TokenKind::Space
                }
                '=' => TokenKind::Assign,
                ':' if self.next() == Some('=') => TokenKind::Declare,
                ':' => return Err(self.fault("expected :=", start)),
                '|' => TokenKind::Pipe,
                ',' => TokenKind::Comma,
                '(' => {
                    parens += 1;
                    TokenKind::LeftParen
                }
                ')' => {
                    parens = parens
                        .checked_sub(1)
                        .ok_or_else(|| self.fault("unexpected right paren", start))?;
                    TokenKind::RightParen
                }
                '"' => self.quoted('"', "unterminated quoted string", start)?,
                '\'' => self.quoted('\'', "unterminated character constant", start)?,
                '`' => match self.rest().find('`') {
                    Some(end) => {
                        self.at += end + 1;
                        TokenKind::RawText
                    }
                    None => return Err(self.fault("unterminated raw quoted string", start)),
                },
                '$' => self.name(TokenKind::Variable, TokenKind::Variable, start)?,
                '.' if !self.peek().is_some_and(|c| c.is_ascii_digit()) => {
                    self.name(TokenKind::Field, TokenKind::Dot, start)?
                }
                '.' | '+' | '-' | '0'..='9' => {
                    self.at = start;
                    self.number()?
                }
                c if is_alphanumeric(c) => {
                    self.name(TokenKind::Identifier, TokenKind::Identifier, start)?;
                    keyword(self.text.get(start..self.at).unwrap_or_default())
                }
                c => {
                    let message = format!("unexpected {c:?} in an action");
                    return Err(self.fault(&message, start));
                }
            };
            let end = self.at;
            self.push(kind, start, end);
        }
    }

    /// Reads the rest of a name, and sees that something may follow it. `alone` is the kind of a single `.` or `$`.
    fn name(&mut self, kind: TokenKind, alone: TokenKind, start: usize) -> Result<TokenKind, TemplateError> {
        if kind != TokenKind::Identifier && self.at_terminator() {
            return Ok(alone);
        }
        while self.peek().is_some_and(is_alphanumeric) {
            self.next();
        }
        if !self.at_terminator() {
            let message = format!("bad character {:?}", self.peek().unwrap_or_default());
            return Err(self.fault(&message, start));
        }
        Ok(kind)
    }

    fn at_terminator(&self) -> bool {
        match self.peek() {
            None => true,
            Some(c) => is_space(c) || ".,|:)(".contains(c) || self.rest().starts_with(RIGHT),
        }
    }

    fn quoted(&mut self, quote: char, message: &str, start: usize) -> Result<TokenKind, TemplateError> {
        loop {
            match self.next() {
                Some('\\') if !matches!(self.peek(), None | Some('\n')) => {
                    self.next();
                }
                None | Some('\\' | '\n') => return Err(self.fault(message, start)),
                Some(c) if c == quote => break,
                Some(_) => {}
            }
        }
        Ok(if quote == '"' {
            TokenKind::QuotedText
        } else {
            TokenKind::Character
        })
    }

    fn number(&mut self) -> Result<TokenKind, TemplateError> {
        let start = self.at;
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
        if digits.len() == 11 && self.accept("eE") {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        if self
            .peek()
            .is_some_and(|c| is_alphanumeric(c) || c == '+' || c == '-')
        {
            return Err(self.fault("bad number syntax", start));
        }
        Ok(TokenKind::Number)
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

    /// Whether a right delimiter stands here, and whether it trims.
    fn right_delimiter(&self) -> Option<bool> {
        let rest = self.rest();
        let mut characters = rest.chars();
        if characters.next().is_some_and(is_space) && characters.next() == Some('-') {
            return rest.get(2..)?.starts_with(RIGHT).then_some(true);
        }
        rest.starts_with(RIGHT).then_some(false)
    }

    fn push(&mut self, kind: TokenKind, start: usize, end: usize) {
        if start >= end {
            return;
        }
        let line = self.line_at(start);
        self.tokens.push(Token {
            kind,
            text: self.text.get(start..end).unwrap_or_default().to_owned(),
            line,
        });
    }

    /// The line of a place that is not before the last one asked for.
    fn line_at(&mut self, place: usize) -> u32 {
        let between = self.text.get(self.counted..place).unwrap_or_default();
        self.line += u32::try_from(between.matches('\n').count()).unwrap_or(u32::MAX);
        self.counted = self.counted.max(place);
        self.line
    }

    fn fault(&mut self, message: &str, start: usize) -> TemplateError {
        let line = self.line_at(start);
        error(message, line)
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += next.map_or(0, char::len_utf8);
        next
    }
}

fn keyword(word: &str) -> TokenKind {
    match word {
        "true" | "false" => TokenKind::Bool,
        "nil" => TokenKind::Nil,
        "block" => TokenKind::Block,
        "break" => TokenKind::Break,
        "continue" => TokenKind::Continue,
        "define" => TokenKind::Define,
        "else" => TokenKind::Else,
        "end" => TokenKind::End,
        "if" => TokenKind::If,
        "range" => TokenKind::Range,
        "template" => TokenKind::Template,
        "with" => TokenKind::With,
        _ => TokenKind::Identifier,
    }
}

fn has_left_trim(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next() == Some('-') && characters.next().is_some_and(is_space)
}

fn trim_end(text: &str) -> &str {
    text.trim_end_matches(is_space)
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn error(message: &str, line: u32) -> TemplateError {
    TemplateError {
        message: message.to_owned(),
        line,
    }
}
