//! TOML parser.

use std::collections::BTreeSet;

use go_std::quote::{quote, quote_with};

use super::tables::{Item, Table, joined, quoted_key, value_of};
use super::value;
use crate::Value;

/// Deepest nesting of arrays and inline tables.
const MAX_DEPTH: usize = 200;

pub(super) fn read(text: &[u8]) -> Result<Value, String> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let Ok(text) = std::str::from_utf8(text) else {
        return Err("toml: line 1: invalid UTF-8 byte".into());
    };
    let mut reader = Reader {
        text,
        at: 0,
        outer: Vec::new(),
        context: Vec::new(),
        key: String::new(),
        root: Table::new(),
        implicit: BTreeSet::new(),
        depth: 0,
    };
    reader.document()?;
    Ok(value_of(reader.root))
}

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// The path of the current inline table.
    pub(super) outer: Vec<String>,
    /// The current table, relative to `outer`.
    pub(super) context: Vec<String>,
    /// The key of the current value.
    pub(super) key: String,
    pub(super) root: Table,
    /// Tables that exist only because they contain other tables.
    pub(super) implicit: BTreeSet<String>,
    pub(super) depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn blanks(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\t'));
    }

    /// Skips blanks, newlines and comments.
    fn space(&mut self) {
        loop {
            self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
            if !self.rest().starts_with('#') {
                return;
            }
            self.comment();
        }
    }

    fn comment(&mut self) {
        self.take_while(|c| c != '\n' && c != '\r');
    }

    /// The line of a position, from 1.
    pub(super) fn line_of(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    pub(super) fn fail_at<T>(&self, line: usize, message: &str) -> Result<T, String> {
        let path = self.outer.iter().chain(&self.context);
        let mut path: Vec<String> = path.map(|name| quoted_key(name)).collect();
        if !self.key.is_empty() {
            path.push(self.key.clone());
        }
        if path.is_empty() {
            return Err(format!("toml: line {line}: {message}"));
        }
        Err(format!(
            "toml: line {line} (last key {}): {message}",
            quote(&path.join("."))
        ))
    }

    /// An error at the next character or at the end of the text.
    pub(super) fn fail<T>(&self, message: &str) -> Result<T, String> {
        let mut line = self.line_of(self.at);
        if self.peek().is_none() && self.text.ends_with('\n') {
            line -= 1;
        }
        self.fail_at(line, message)
    }

    fn unexpected<T>(&self, before: &str) -> Result<T, String> {
        let found = self.peek().map_or_else(|| "'\\x00'".to_owned(), quote_char);
        self.fail(&format!("{before}{found} instead"))
    }

    /// As [`Reader::unexpected`], but a newline counts as part of the next line.
    fn unexpected_after<T>(&self, before: &str) -> Result<T, String> {
        if self.peek() != Some('\n') {
            return self.unexpected(before);
        }
        self.fail_at(self.line_of(self.at + 1), &format!("{before}'\\n' instead"))
    }

    fn document(&mut self) -> Result<(), String> {
        loop {
            self.space();
            match self.peek() {
                None => return Ok(()),
                Some('[') => self.header()?,
                Some(_) => {
                    let context = self.context.clone();
                    self.entry(&context)?;
                    self.context = context;
                    self.key.clear();
                }
            }
            self.end_of_line()?;
        }
    }

    fn end_of_line(&mut self) -> Result<(), String> {
        self.blanks();
        match self.peek() {
            None | Some('\n' | '\r') => Ok(()),
            Some('#') => {
                self.comment();
                Ok(())
            }
            Some(_) => {
                self.unexpected("expected a top-level item to end with a newline, comment, or EOF, but got ")
            }
        }
    }

    /// `[a.b]` or `[[a.b]]`
    fn header(&mut self) -> Result<(), String> {
        let start = self.at;
        self.at += 1;
        let array = self.eat("[");
        let mut path = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                None | Some(']') => {
                    return self.fail("unexpected end of table name (table names cannot be empty)");
                }
                Some('.') => return self.fail("unexpected table separator (table names cannot be empty)"),
                Some(_) => path.push(self.name()?),
            }
            self.blanks();
            match self.peek() {
                Some('.') => self.at += 1,
                Some(']') => {
                    self.at += 1;
                    break;
                }
                _ => return self.unexpected_after("expected '.' or ']' to end table name, but got "),
            }
        }
        if array && !self.eat("]") {
            return self.unexpected_after("expected end of table array name delimiter ']', but got ");
        }
        self.context = path
            .split_last()
            .map_or_else(Vec::new, |(_, parents)| parents.to_vec());
        self.open(&path, array, self.line_of(start))?;
        self.context = path;
        Ok(())
    }

    /// A quoted or bare key.
    fn name(&mut self) -> Result<String, String> {
        match self.peek() {
            Some('"') => {
                self.at += 1;
                self.basic_string()
            }
            Some('\'') => {
                self.at += 1;
                self.literal_string()
            }
            _ => Ok(self
                .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
                .to_owned()),
        }
    }

    /// `a.b = value` in a table.
    fn entry(&mut self, table: &[String]) -> Result<(), String> {
        let (path, line) = self.key_path()?;
        let (last, between) = path
            .split_last()
            .map_or(("", &[][..]), |(last, between)| (last.as_str(), between));
        self.key = last.to_owned();
        let mut context = table.to_vec();
        for name in between {
            context.push(name.clone());
            self.implicit.insert(joined(&context));
            self.open(&context, false, line)?;
        }
        self.context.clone_from(&context);
        let value = self.value()?;
        context.push(last.to_owned());
        self.define(&context, Item::Value(value), line)
    }

    /// A key up to its `=`, and its line.
    fn key_path(&mut self) -> Result<(Vec<String>, usize), String> {
        self.blanks();
        match self.peek() {
            None | Some('=') => return self.fail("unexpected '=': key name appears blank"),
            Some('.') => return self.fail("unexpected '.': keys cannot start with a '.'"),
            Some(_) => {}
        }
        let line = self.line_of(self.at);
        let mut path = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                None | Some('=') => return self.fail("unexpected '='"),
                Some('.') => return self.fail("unexpected '.'"),
                Some(_) => path.push(self.name()?),
            }
            self.blanks();
            match self.peek() {
                None => return self.fail("unexpected EOF; expected key separator '='"),
                Some('.') => self.at += 1,
                Some('=') => {
                    self.at += 1;
                    return Ok((path, line));
                }
                Some(_) => return self.unexpected("expected '.' or '=', but got "),
            }
        }
    }

    fn value(&mut self) -> Result<Value, String> {
        self.blanks();
        let start = self.at;
        let line = self.line_of(start);
        let fail = |reader: &Self, message: String| reader.fail_at(line, &message);
        match self.peek() {
            None => self.fail("unexpected EOF; expected value"),
            Some('[') => self.nested(Self::array),
            Some('{') => self.nested(Self::inline_table),
            Some('"') if self.eat("\"\"\"") => self.multiline_string().map(Value::text),
            Some('\'') if self.eat("'''") => self.multiline_literal().map(Value::text),
            Some('"' | '\'') => self.name().map(Value::text),
            Some('.') => {
                self.at += 1;
                self.fail("floats must start with a digit, not '.'")
            }
            Some('-' | '+' | '0'..='9') => {
                let number = self.number()?;
                number.or_else(|message| fail(self, message))
            }
            Some(c) if c.is_alphabetic() => match self.take_while(char::is_alphabetic) {
                "true" => Ok(Value::bool(true)),
                "false" => Ok(Value::bool(false)),
                "inf" => Ok(Value::float(f64::INFINITY)),
                "nan" => Ok(Value::float(f64::NAN)),
                word => fail(self, format!("expected value but found {} instead", quote(word))),
            },
            Some(_) => self.unexpected("expected value but found "),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, String>) -> Result<Value, String> {
        if self.depth >= MAX_DEPTH {
            return self.fail("nested too deeply");
        }
        self.at += 1;
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Result<Value, String> {
        let mut items = Vec::new();
        let expected =
            |found: &str| format!("expected a comma (',') or array terminator (']'), but got {found}");
        self.separated(']', expected, |reader| {
            items.push(reader.value()?);
            Ok(())
        })?;
        Ok(Value::list(items))
    }

    /// Reads items separated by commas up to a closing bracket; the last one may have a comma too.
    fn separated(
        &mut self,
        close: char,
        expected: impl Fn(&str) -> String,
        mut item: impl FnMut(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        loop {
            self.space();
            match self.peek() {
                Some(c) if c == close => break,
                Some(',') => return self.fail("unexpected comma"),
                _ => item(self)?,
            }
            self.space();
            match self.peek() {
                Some(',') => self.at += 1,
                Some(c) if c == close => break,
                found => {
                    let found = found.map_or_else(|| "end of file".to_owned(), |c| format!("'{c}'"));
                    return self.fail(&expected(&found));
                }
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Reads an inline table as a separate document, since nothing outside can add to it.
    fn inline_table(&mut self) -> Result<Value, String> {
        let root = std::mem::take(&mut self.root);
        let implicit = std::mem::take(&mut self.implicit);
        let (context, key) = (self.context.clone(), self.key.clone());
        let outer = self.outer.len();
        self.outer.append(&mut self.context);
        self.outer.push(std::mem::take(&mut self.key));
        let result = self.inline_entries();
        let table = std::mem::replace(&mut self.root, root);
        self.implicit = implicit;
        if result.is_ok() {
            self.outer.truncate(outer);
            (self.context, self.key) = (context, key);
        }
        result.map(|()| value_of(table))
    }

    fn inline_entries(&mut self) -> Result<(), String> {
        let expected = |found: &str| {
            format!("expected a comma or an inline table terminator '}}', but got {found} instead")
        };
        self.separated('}', expected, |reader| reader.entry(&[]))
    }

    /// A number or time. The inner error is about its value.
    fn number(&mut self) -> Result<Result<Value, String>, String> {
        let start = self.at;
        if let Some(sign @ ('-' | '+')) = self.peek() {
            self.at += 1;
            match self.peek() {
                Some('i') if self.eat("inf") => {
                    let sign = if sign == '-' { -1.0 } else { 1.0 };
                    return Ok(Ok(Value::float(sign * f64::INFINITY)));
                }
                Some('n') if self.eat("nan") => return Ok(Ok(Value::float(f64::NAN))),
                Some('.') => return self.fail("floats must start with a digit, not '.'"),
                Some('0') if radix(self.rest()).is_some() => {
                    let shown = self.text.get(start..self.at + 2).unwrap_or_default();
                    return self.fail(&format!("cannot use sign with non-decimal numbers: '{shown}'"));
                }
                Some('0'..='9') => {}
                found => {
                    let found = found.map_or_else(|| "'\\x00'".to_owned(), quote_char);
                    return self.fail(&format!("expected a digit but got {found}"));
                }
            }
        } else if let Some(radix) = radix(self.rest()) {
            self.at += 2;
            self.take_while(|c| c.is_digit(radix) || c == '_');
            return Ok(value::integer(self.text.get(start..self.at).unwrap_or_default()));
        }
        self.take_while(|c| c.is_ascii_digit() || c == '_');
        match self.peek() {
            Some('-' | ':') => {
                self.take_while(|c| c.is_ascii_digit() || "-:Tt .Zz+".contains(c));
                Ok(value::time(
                    self.text.get(start..self.at).unwrap_or_default().trim(),
                ))
            }
            Some('.' | 'e' | 'E') => {
                self.take_while(|c| c.is_ascii_digit() || "_.-+eE".contains(c));
                Ok(value::float(self.text.get(start..self.at).unwrap_or_default()))
            }
            _ => Ok(value::integer(self.text.get(start..self.at).unwrap_or_default())),
        }
    }
}

/// The base of a number with a prefix.
fn radix(text: &str) -> Option<u32> {
    match text.get(..2)? {
        "0x" => Some(16),
        "0o" => Some(8),
        "0b" => Some(2),
        _ => None,
    }
}

/// A character in single quotes.
fn quote_char(c: char) -> String {
    quote_with(c.to_string().as_bytes(), '\'', false)
}
