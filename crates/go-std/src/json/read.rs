//! JSON parser, generic over the type of values.

use crate::quote::quote_with;
use crate::text::runes;

/// Deepest nesting. Go allows 10,000 levels, far more than values of templates have; this parser is recursive.
const MAX_DEPTH: usize = 500;

/// Builds values for the parser.
pub trait Builder {
    /// The type of values.
    type Value;

    /// `null`
    fn null(&mut self) -> Self::Value;
    /// `true` or `false`
    fn bool(&mut self, value: bool) -> Self::Value;
    /// A number, within the range of `f64`.
    fn number(&mut self, value: f64) -> Self::Value;
    /// A string.
    fn string(&mut self, text: String) -> Self::Value;
    /// An array.
    fn array(&mut self, items: Vec<Self::Value>) -> Self::Value;
    /// An object, with duplicate keys in the order of the text.
    fn object(&mut self, entries: Vec<(String, Self::Value)>) -> Self::Value;
}

/// Parses a text.
///
/// # Errors
/// Go's message, such as `invalid character 'b' looking for beginning of value`.
pub fn read<B: Builder>(text: &[u8], builder: &mut B) -> Result<B::Value, String> {
    let mut reader = Reader { text, at: 0 };
    reader.blanks();
    let value = reader.value(builder, 0)?;
    reader.blanks();
    match reader.peek() {
        None => Ok(value),
        Some(_) => reader.invalid("after top-level value"),
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// An error for the next character.
    fn invalid<T>(&self, context: &str) -> Result<T, String> {
        match self.peek() {
            None => Err("unexpected end of JSON input".into()),
            Some(c) => Err(format!("invalid character {} {context}", quote_char(c))),
        }
    }

    /// As [`Reader::invalid`] within a token, where Go reports the end of the text as a blank.
    fn invalid_inside<T>(&self, context: &str) -> Result<T, String> {
        match self.peek() {
            None => Err(format!("invalid character ' ' {context}")),
            Some(_) => self.invalid(context),
        }
    }

    fn value<B: Builder>(&mut self, builder: &mut B, depth: usize) -> Result<B::Value, String> {
        match self.peek() {
            Some(b'{' | b'[') if depth >= MAX_DEPTH => Err("exceeded max depth".into()),
            Some(b'{') => self.object(builder, depth),
            Some(b'[') => self.array(builder, depth),
            Some(b'"') => {
                let text = self.string()?;
                Ok(builder.string(text))
            }
            Some(b't') => self.word("true").map(|()| builder.bool(true)),
            Some(b'f') => self.word("false").map(|()| builder.bool(false)),
            Some(b'n') => self.word("null").map(|()| builder.null()),
            Some(b'-' | b'0'..=b'9') => {
                let number = self.number()?;
                Ok(builder.number(number))
            }
            _ => self.invalid("looking for beginning of value"),
        }
    }

    fn word(&mut self, word: &str) -> Result<(), String> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                return self
                    .invalid_inside(&format!("in literal {word} (expecting {})", quote_char(expected)));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn array<B: Builder>(&mut self, builder: &mut B, depth: usize) -> Result<B::Value, String> {
        let mut items = Vec::new();
        self.separated(b']', "after array element", |reader| {
            items.push(reader.value(builder, depth + 1)?);
            Ok(())
        })?;
        Ok(builder.array(items))
    }

    fn object<B: Builder>(&mut self, builder: &mut B, depth: usize) -> Result<B::Value, String> {
        let mut entries = Vec::new();
        self.separated(b'}', "after object key:value pair", |reader| {
            if reader.peek() != Some(b'"') {
                return reader.invalid("looking for beginning of object key string");
            }
            let key = reader.string()?;
            reader.blanks();
            if reader.peek() != Some(b':') {
                return reader.invalid("after object key");
            }
            reader.at += 1;
            reader.blanks();
            entries.push((key, reader.value(builder, depth + 1)?));
            Ok(())
        })?;
        Ok(builder.object(entries))
    }

    /// Reads brackets with items separated by commas.
    fn separated(
        &mut self,
        close: u8,
        context: &str,
        mut item: impl FnMut(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        self.at += 1;
        self.blanks();
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.blanks();
            item(self)?;
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(c) if c == close => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return self.invalid(context),
            }
        }
    }

    fn number(&mut self) -> Result<f64, String> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return self.invalid_inside("in numeric literal"),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !self.is_digit() {
                return self.invalid_inside("after decimal point in numeric literal");
            }
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !self.is_digit() {
                return self.invalid_inside("in exponent of numeric literal");
            }
            self.digits();
        }
        let digits = self.text.get(start..self.at).unwrap_or_default();
        crate::strconv::parse_float(digits).ok_or_else(|| {
            let digits = String::from_utf8_lossy(digits);
            format!("json: cannot unmarshal number {digits} into Go value of type float64")
        })
    }

    fn is_digit(&self) -> bool {
        self.peek().is_some_and(|c| c.is_ascii_digit())
    }

    fn digits(&mut self) {
        while self.is_digit() {
            self.at += 1;
        }
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | ..b' ')) {
                self.at += 1;
            }
            let run = self.text.get(start..self.at).unwrap_or_default();
            text.extend(runes(run).map(|(_, c, _)| c));
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    self.at += 1;
                    text.push(self.escape()?);
                }
                _ => return self.invalid("in string literal"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let c = match self.peek() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0C',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode_escape();
            }
            _ => return self.invalid_inside("in string escape code"),
        };
        self.at += 1;
        Ok(c)
    }

    fn unicode_escape(&mut self) -> Result<char, String> {
        let high = self.hex_digits()?;
        if !(0xD800..0xE000).contains(&high) {
            return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        // The low half of a surrogate pair, if it follows.
        let before = self.at;
        if high < 0xDC00
            && self
                .text
                .get(self.at..)
                .is_some_and(|rest| rest.starts_with(b"\\u"))
        {
            self.at += 2;
            let low = self.hex_digits()?;
            if (0xDC00..0xE000).contains(&low) {
                let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex_digits(&mut self) -> Result<u32, String> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|c| char::from(c).to_digit(16)) else {
                return self.invalid_inside("in \\u hexadecimal character escape");
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }
}

/// A byte as a Go character literal.
fn quote_char(c: u8) -> String {
    quote_with(char::from(c).to_string().as_bytes(), '\'', false)
}
