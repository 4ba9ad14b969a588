//! Strict JSON parser that keeps the place and written form of every value.

use smol_str::SmolStr;
use source_tree::{FileId, Limits, Mark};
use yaml_node::{Node, to_go_json};

use super::json::{Json, JsonValue, Object};
use super::parse::ParseError;

/// Parses a text that is one JSON value.
pub(super) fn parse(text: &str, file: FileId, limits: &Limits) -> Result<Json, ParseError> {
    let mut reader = Reader {
        text,
        at: 0,
        line: 1,
        file,
        depth: limits.depth,
    };
    let value = reader.value()?;
    reader.skip_blanks();
    match reader.rest().chars().next() {
        None => Ok(value),
        Some(c) => Err(reader.unexpected(c, "after top-level value")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    file: FileId,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn mark(&self) -> Mark {
        Mark::new(self.file, self.line)
    }

    fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError::new(message, self.mark())
    }

    fn unexpected(&self, c: char, where_: &str) -> ParseError {
        self.error(format!("invalid character {c:?} {where_}"))
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        let breaks = rest.bytes().take(length).filter(|byte| *byte == b'\n').count();
        self.line = self
            .line
            .saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
        self.at += length;
    }

    /// Consumes a character, which must come next.
    fn expect(&mut self, wanted: char, where_: &str) -> Result<(), ParseError> {
        if self.take(wanted) {
            return Ok(());
        }
        match self.rest().chars().next() {
            Some(c) => Err(self.unexpected(c, where_)),
            None => Err(self.error("unexpected end of JSON input")),
        }
    }

    /// Skips blanks, and consumes a character if it comes next.
    fn take(&mut self, wanted: char) -> bool {
        self.skip_blanks();
        let taken = self.rest().starts_with(wanted);
        if taken {
            self.at += wanted.len_utf8();
        }
        taken
    }

    fn value(&mut self) -> Result<Json, ParseError> {
        self.skip_blanks();
        let mark = self.mark();
        let Some(first) = self.rest().chars().next() else {
            return Err(self.error("unexpected end of JSON input"));
        };
        let value = match first {
            '[' => self.nested(Self::array)?,
            '{' => self.nested(Self::object)?,
            '"' => self.string()?,
            '-' | '0'..='9' => self.number()?,
            _ => self.word(first)?,
        };
        Ok(Json { value, mark })
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<JsonValue, ParseError>,
    ) -> Result<JsonValue, ParseError> {
        self.depth = self
            .depth
            .checked_sub(1)
            .ok_or_else(|| self.error("exceeded max depth"))?;
        self.at += 1;
        let value = read(self)?;
        self.depth += 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<JsonValue, ParseError> {
        let mut items = Vec::new();
        if self.take(']') {
            return Ok(JsonValue::Array(items));
        }
        loop {
            items.push(self.value()?);
            if self.take(']') {
                return Ok(JsonValue::Array(items));
            }
            self.expect(',', "after array element")?;
        }
    }

    fn object(&mut self) -> Result<JsonValue, ParseError> {
        let mut members = Object::new();
        if self.take('}') {
            return Ok(JsonValue::Object(members));
        }
        loop {
            self.skip_blanks();
            let mark = self.mark();
            if !self.rest().starts_with('"') {
                self.expect('"', "looking for beginning of object key string")?;
            }
            let JsonValue::String { text, .. } = self.string()? else {
                return Err(self.error("unexpected end of JSON input"));
            };
            self.expect(':', "after object key")?;
            let value = self.value()?;
            members.insert(text, (mark, value));
            if self.take('}') {
                return Ok(JsonValue::Object(members));
            }
            self.expect(',', "after object key:value pair")?;
        }
    }

    fn string(&mut self) -> Result<JsonValue, ParseError> {
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find_map(|(at, c)| match c {
            _ if escaped => {
                escaped = false;
                None
            }
            '\\' => {
                escaped = true;
                None
            }
            '"' => Some(at + 1),
            _ => None,
        });
        let spelling = end
            .and_then(|end| rest.get(..end))
            .ok_or_else(|| self.error("unexpected end of JSON input"))?;
        let text: String =
            serde_json::from_str(spelling).map_err(|_| self.error("invalid character in string literal"))?;
        self.at += spelling.len();
        let usual = to_go_json(&Node::str(text.as_str())).ok();
        Ok(JsonValue::String {
            spelling: (usual.as_deref() != Some(spelling)).then(|| SmolStr::new(spelling)),
            text: text.into(),
        })
    }

    fn number(&mut self) -> Result<JsonValue, ParseError> {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let spelling = rest.get(..length).unwrap_or_default();
        // The range of a number is checked only when it is used.
        let is_number =
            serde_json::from_str::<serde_json::Number>(spelling).is_ok() || is_huge_number(spelling);
        if !is_number {
            return Err(self.error("invalid character in numeric literal"));
        }
        self.at += length;
        Ok(JsonValue::Number(SmolStr::new(spelling)))
    }

    fn word(&mut self, first: char) -> Result<JsonValue, ParseError> {
        for (word, value) in [
            ("null", JsonValue::Null),
            ("true", JsonValue::Bool(true)),
            ("false", JsonValue::Bool(false)),
        ] {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.unexpected(first, "looking for beginning of value"))
    }
}

// Whether this is a valid number that is too large for a float.
fn is_huge_number(spelling: &str) -> bool {
    let shortened = spelling.split_once(['e', 'E']).map(|(mantissa, exponent)| {
        let digits = exponent.trim_start_matches(['+', '-']);
        let one_sign = exponent.len() - digits.len() <= 1;
        one_sign
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && serde_json::from_str::<f64>(mantissa).is_ok()
    });
    shortened.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Json, ParseError> {
        parse(text, FileId(1), &Limits::default())
    }

    #[test]
    fn only_strict_json_is_read() {
        for good in [
            "[]",
            " [1, -1.5e+3, 1e999, \"a\\u0041\", null, true, {\"a\": {}, \"a\": []}] \n",
        ] {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "[",
            "[1,]",
            "[a]",
            "[{a: 1}]",
            "[01]",
            "[1.]",
            "[\"\n\"]",
            "[] x",
            "[+1]",
            "{\"a\" 1}",
            "[--1e5]",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nesting_is_limited() {
        let deep = "[".repeat(100_000);
        assert_eq!(read(&deep).unwrap_err().to_string(), "exceeded max depth");
    }

    #[test]
    fn lines_are_counted() {
        let error = read("[\n1,\nx]").unwrap_err();
        assert_eq!(error.mark.line, 3);
    }
}
