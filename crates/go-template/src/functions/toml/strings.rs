//! Parsing of TOML strings, after their opening quotes.

use go_std::quote::quote;

use super::read::Reader;

const NO_LINE_ENDS: &str = "strings cannot contain newlines";

impl Reader<'_> {
    pub(super) fn basic_string(&mut self) -> Result<String, String> {
        let mut out = String::new();
        loop {
            match self.next() {
                None => return self.fail("unexpected EOF; expected '\"'"),
                Some('\n' | '\r') => return self.fail_at(self.line_of(self.at) - 1, NO_LINE_ENDS),
                Some('"') => return Ok(out),
                Some('\\') => out.push(self.escape()?),
                Some(c) => out.push(c),
            }
        }
    }

    pub(super) fn literal_string(&mut self) -> Result<String, String> {
        let text = self.take_while(|c| !matches!(c, '\'' | '\n' | '\r'));
        match self.next() {
            Some('\'') => Ok(text.to_owned()),
            None => self.fail("unexpected EOF; expected \"'\""),
            Some(_) => self.fail_at(self.line_of(self.at) - 1, NO_LINE_ENDS),
        }
    }

    fn first_line_end(&mut self) {
        if !self.eat("\n") {
            self.eat("\r\n");
        }
    }

    pub(super) fn multiline_string(&mut self) -> Result<String, String> {
        self.first_line_end();
        let mut out = String::new();
        loop {
            if self.rest().starts_with("\"\"\"") {
                // Up to two quotes before the closing ones belong to the text.
                let quotes = self.take_while(|c| c == '"').len();
                if quotes > 5 {
                    return self.fail("unexpected '\"\"\"\"\"\"'");
                }
                out.extend(std::iter::repeat_n('"', quotes - 3));
                return Ok(out);
            }
            match self.next() {
                None => return self.fail("unexpected EOF; expected '\"\"\"'"),
                Some('\\') => {
                    let rest = self.rest();
                    let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
                    if rest.get(..blanks).is_some_and(|blanks| blanks.contains('\n')) {
                        self.at += blanks;
                    } else {
                        out.push(self.escape()?);
                    }
                }
                Some(c) => out.push(c),
            }
        }
    }

    pub(super) fn multiline_literal(&mut self) -> Result<String, String> {
        self.first_line_end();
        let Some(length) = self.rest().find("'''") else {
            self.at = self.text.len();
            return self.fail("unexpected EOF; expected \"'''\"");
        };
        let mut text = self.rest().get(..length).unwrap_or_default().to_owned();
        self.at += length;
        let quotes = self.take_while(|c| c == '\'').len();
        if quotes > 5 {
            return self.fail("unexpected \"''''''\"");
        }
        text.extend(std::iter::repeat_n('\'', quotes - 3));
        Ok(text)
    }

    fn escape(&mut self) -> Result<char, String> {
        let length = match self.next() {
            Some('b') => return Ok('\x08'),
            Some('t') => return Ok('\t'),
            Some('n') => return Ok('\n'),
            Some('f') => return Ok('\x0C'),
            Some('r') => return Ok('\r'),
            Some('e') => return Ok('\x1B'),
            Some(c @ ('"' | '\\')) => return Ok(c),
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some(c @ (' ' | '\t')) => return self.fail(&format!("invalid escape: '\\{c}'")),
            Some(c) => return self.fail(&format!("invalid escape in string '\\{c}'")),
            None => return self.fail("invalid escape in string '\\\0'"),
        };
        let digits = self.rest().get(..length).unwrap_or_default();
        let Some(code) = u32::from_str_radix(digits, 16)
            .ok()
            .filter(|_| !digits.starts_with('+'))
        else {
            let (count, letter) = match length {
                2 => ("two", 'x'),
                4 => ("four", 'u'),
                _ => ("eight", 'U'),
            };
            return self.fail(&format!(
                "expected {count} hexadecimal digits after '\\{letter}', but got {} instead",
                quote(digits)
            ));
        };
        self.at += length;
        match char::from_u32(code) {
            Some(c) => Ok(c),
            None => self.fail(&format!("Escaped character '\\u{digits}' is not valid UTF-8.")),
        }
    }
}
