//! Parser of [`Template`]s.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memchr2;
use regex::Regex;

use super::error::EnvsubstError;
use super::template::{Expression, Operator, Segment, Template};

/// Deepest nesting of expressions; real ones nest twice.
const MAX_DEPTH: usize = 64;

/// Parses a whole text.
///
/// # Errors
/// [`EnvsubstError`] if an expression is malformed.
pub fn parse(text: &str) -> Result<Template, EnvsubstError> {
    let mut parser = Parser { text, pos: 0 };
    let mut segments = Vec::new();
    while parser.peek().is_some() {
        if parser.eat("${") {
            segments.push(Segment::Expression(parser.expression(0)?));
        } else {
            segments.push(Segment::Text(parser.plain_text()));
        }
    }
    Ok(Template::new(text.to_owned(), segments))
}

/// A position in the text. As in upstream's scanner, a NUL ends the text.
struct Parser<'a> {
    text: &'a str,
    pos: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.pos..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next().filter(|&c| c != '\0')
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.pos += token.len();
        }
        found
    }

    /// The text up to the next `${` that is not escaped, with `$$` unescaped.
    fn plain_text(&mut self) -> String {
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let plain = memchr2(b'$', 0, rest.as_bytes()).unwrap_or(rest.len());
            out.push_str(rest.get(..plain).unwrap_or_default());
            self.pos += plain;
            if self.eat("$$") {
                out.push('$');
            } else if self.peek().is_none() || self.rest().starts_with("${") {
                return out;
            } else {
                out.push('$');
                self.pos += 1;
            }
        }
    }

    /// The rest of an expression after `${`, with its closing brace.
    fn expression(&mut self, depth: usize) -> Result<Expression, EnvsubstError> {
        if depth > MAX_DEPTH {
            return Err(EnvsubstError::TooDeep);
        }
        let start = self.pos - 2;
        if self.eat("#") {
            let name = self.name().ok_or(EnvsubstError::BadSubstitution)?;
            self.close()?;
            return Ok(self.finish(start, name, Operator::Length, Vec::new()));
        }
        let name = self.name().ok_or(EnvsubstError::VariableName)?;
        let (operator, args) = match self.peek() {
            Some('}') => {
                self.pos += 1;
                (Operator::None, Vec::new())
            }
            Some(':' | '=') if self.at_default() => self.default_value(depth)?,
            Some(':') => self.substring(depth)?,
            Some(',' | '^') => (self.casing()?, Vec::new()),
            Some('/') => self.replace(depth)?,
            Some('#') => self.remove('#', [Operator::TrimPrefix, Operator::TrimLongestPrefix], depth)?,
            Some('%') => self.remove('%', [Operator::TrimSuffix, Operator::TrimLongestSuffix], depth)?,
            _ => return Err(EnvsubstError::ClosingBrace),
        };
        Ok(self.finish(start, name, operator, args))
    }

    fn finish(&self, start: usize, name: Range<usize>, operator: Operator, args: Vec<Segment>) -> Expression {
        Expression {
            source: start..self.pos,
            name,
            operator,
            args,
        }
    }

    fn name(&mut self) -> Option<Range<usize>> {
        let start = self.pos;
        let length: usize = self
            .rest()
            .chars()
            .take_while(|&c| is_name_char(c))
            .map(char::len_utf8)
            .sum();
        self.pos += length;
        (length > 0).then_some(start..self.pos)
    }

    fn close(&mut self) -> Result<(), EnvsubstError> {
        if self.eat("}") {
            Ok(())
        } else {
            Err(EnvsubstError::BadSubstitution)
        }
    }

    /// Whether an operator with a default follows: `=`, `:=`, `:-`, `:?` or `:+`.
    fn at_default(&self) -> bool {
        let rest = self.rest();
        rest.starts_with('=') || [":=", ":-", ":?", ":+"].iter().any(|op| rest.starts_with(op))
    }

    /// Text and expressions up to the closing brace. `$$` and `\` are not escapes here.
    fn default_value(&mut self, depth: usize) -> Result<(Operator, Vec<Segment>), EnvsubstError> {
        if !self.eat("=") {
            self.pos += 2;
        }
        let mut args = Vec::new();
        while !self.eat("}") {
            args.push(self.argument(|c| c != '}', false, depth)?);
        }
        Ok((Operator::Default, args))
    }

    /// `:offset` or `:offset:length`.
    fn substring(&mut self, depth: usize) -> Result<(Operator, Vec<Segment>), EnvsubstError> {
        self.pos += 1;
        // Upstream's scanner steps back by the width of the character after the colon, and finds the colon again only if
        // that character is one byte wide.
        if self.peek().is_some_and(|c| !c.is_ascii()) {
            return Err(EnvsubstError::BadSubstitution);
        }
        let mut args = vec![self.argument(|c| c != ':' && c != '}', false, depth)?];
        if self.eat("}") {
            return Ok((Operator::Substring, args));
        }
        self.eat_all(':')?;
        args.push(self.argument(|c| c != '}', false, depth)?);
        self.close()?;
        Ok((Operator::Substring, args))
    }

    fn casing(&mut self) -> Result<Operator, EnvsubstError> {
        let operator = match self.rest().as_bytes() {
            [b',', b',', ..] => Operator::Lower,
            [b'^', b'^', ..] => Operator::Upper,
            // `,^` is read as one operator that does nothing.
            [b',', b'^', ..] | [b'^', b',', ..] => Operator::None,
            [b',', ..] => Operator::LowerFirst,
            _ => Operator::UpperFirst,
        };
        self.pos += match operator {
            Operator::LowerFirst | Operator::UpperFirst => 1,
            _ => 2,
        };
        self.close()?;
        Ok(operator)
    }

    /// `/old/new` with an optional second `/`, `#` or `%` after the first.
    fn replace(&mut self, depth: usize) -> Result<(Operator, Vec<Segment>), EnvsubstError> {
        self.pos += 1;
        let operator = match self.peek() {
            Some('/') => Operator::ReplaceAll,
            Some('#') => Operator::ReplacePrefix,
            Some('%') => Operator::ReplaceSuffix,
            _ => Operator::ReplaceFirst,
        };
        if operator != Operator::ReplaceFirst {
            self.pos += 1;
        }
        let mut args = vec![self.argument(|c| c != '/', true, depth)?];
        self.eat_all('/')?;
        if self.peek() != Some('}') {
            args.push(self.argument(|c| c != '}', true, depth)?);
        }
        self.close()?;
        Ok((operator, args))
    }

    /// `#pattern`, `##pattern`, `%pattern`, `%%pattern`.
    fn remove(
        &mut self,
        sign: char,
        operators: [Operator; 2],
        depth: usize,
    ) -> Result<(Operator, Vec<Segment>), EnvsubstError> {
        let [shortest, longest] = operators;
        self.pos += 1;
        let mut operator = shortest;
        if self.peek() == Some(sign) {
            self.pos += 1;
            operator = longest;
        }
        let args = vec![self.argument(|c| c != '}', false, depth)?];
        self.close()?;
        Ok((operator, args))
    }

    /// One or more delimiters.
    fn eat_all(&mut self, delimiter: char) -> Result<(), EnvsubstError> {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches(delimiter).len();
        self.pos += length;
        if length > 0 {
            Ok(())
        } else {
            Err(EnvsubstError::BadSubstitution)
        }
    }

    /// One argument: a nested expression, or the text up to the next expression or to a character that is not accepted.
    /// With `escapes`, `\/`, `\\` and `$$` are unescaped.
    fn argument(
        &mut self,
        accept: fn(char) -> bool,
        escapes: bool,
        depth: usize,
    ) -> Result<Segment, EnvsubstError> {
        if self.eat("${") {
            return Ok(Segment::Expression(self.expression(depth + 1)?));
        }
        let start = self.pos;
        let mut out = String::new();
        while let Some(c) = self.peek() {
            let rest = self.rest();
            if rest.starts_with("${") {
                break;
            }
            if escapes && (rest.starts_with("$$") || rest.starts_with("\\/") || rest.starts_with("\\\\")) {
                out.extend(rest.chars().nth(1));
                self.pos += 2;
            } else if accept(c) {
                out.push(c);
                self.pos += c.len_utf8();
            } else {
                break;
            }
        }
        if self.pos == start {
            return Err(EnvsubstError::Argument);
        }
        Ok(Segment::Text(out))
    }
}

/// Letters and digits of any script, and `_`.
fn is_name_char(c: char) -> bool {
    static LETTER_OR_DIGIT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{L}\p{Nd}]$").ok());
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    LETTER_OR_DIGIT
        .as_ref()
        .is_some_and(|regex| regex.is_match(c.encode_utf8(&mut [0; 4])))
}
