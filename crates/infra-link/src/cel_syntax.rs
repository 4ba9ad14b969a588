//! Syntax errors of CEL expressions that need no full parser: unclosed strings and brackets, operators without operands, operands
//! without operator (<https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax>).

use std::iter::Peekable;
use std::str::CharIndices;

/// The class of a token.
#[derive(Clone, Copy, PartialEq)]
enum Token {
    /// A name, a number, a text.
    Operand,
    Open(char),
    Close(char),
    /// An operator between two operands.
    Binary,
    /// `-` or `!`.
    Unary(char),
    Dot,
    Comma,
}

/// A certain error of an expression.
pub(crate) fn syntax_error(expression: &str) -> Option<String> {
    check(expression).err()
}

fn check(expression: &str) -> Result<(), String> {
    let mut open = Vec::new();
    let mut before: Option<(Token, &str)> = None;
    for (token, text) in tokens(expression)? {
        let has_operand = matches!(before, Some((Token::Operand | Token::Close(_), _)));
        let ends_open = matches!(before, Some((Token::Binary | Token::Unary(_) | Token::Dot, _)));
        let last = before.map_or("", |(_, text)| text);
        match token {
            Token::Operand if has_operand => return Err(format!("there is no operator before `{text}`")),
            Token::Unary('!') if has_operand => return Err(format!("`{text}` has an operand before it")),
            Token::Binary if !has_operand => return Err(format!("`{text}` has no operand before it")),
            Token::Open(bracket) => open.push(bracket),
            Token::Close(_) if ends_open => return Err(format!("`{last}` has no operand behind it")),
            Token::Close(bracket) => {
                let wanted = match bracket {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                if open.pop() != Some(wanted) {
                    return Err(format!("`{bracket}` closes no bracket"));
                }
            }
            _ => {}
        }
        before = Some((token, text));
    }
    match (before, open.last()) {
        (Some((Token::Binary | Token::Unary(_) | Token::Dot, last)), _) => {
            Err(format!("`{last}` has no operand behind it"))
        }
        (_, Some(bracket)) => Err(format!("`{bracket}` is not closed")),
        _ => Ok(()),
    }
}

fn tokens(expression: &str) -> Result<Vec<(Token, &str)>, String> {
    let mut found: Vec<(Token, &str)> = Vec::new();
    let mut chars = expression.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let rest = expression.get(start..).unwrap_or_default();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let token = match c {
            _ if c.is_whitespace() => continue,
            '/' if rest.starts_with("//") => {
                skip_while(&mut chars, |c| c != '\n');
                continue;
            }
            '\'' | '"' => {
                skip_text(&mut chars, rest, false)?;
                Token::Operand
            }
            '`' => {
                skip_while(&mut chars, |c| c != '`');
                chars.next().ok_or("a name in backticks does not end")?;
                Token::Operand
            }
            _ if is_word(c) => {
                skip_while(&mut chars, is_word);
                let end = chars.peek().map_or(expression.len(), |(at, _)| *at);
                let word = expression.get(start..end).unwrap_or_default();
                let is_prefix = matches!(word.to_ascii_lowercase().as_str(), "r" | "b" | "rb" | "br");
                match chars.peek() {
                    Some((at, '\'' | '"')) if is_prefix => {
                        let rest = expression.get(*at..).unwrap_or_default();
                        chars.next();
                        skip_text(&mut chars, rest, word.to_ascii_lowercase().contains('r'))?;
                        Token::Operand
                    }
                    _ if word == "in" => Token::Binary,
                    // The rest of a number such as `1.5` or `1e-3`.
                    _ if c.is_ascii_digit() => {
                        skip_while(&mut chars, |c| is_word(c) || c == '.');
                        Token::Operand
                    }
                    _ => Token::Operand,
                }
            }
            '(' | '[' | '{' => Token::Open(c),
            ')' | ']' | '}' => Token::Close(c),
            ',' => Token::Comma,
            '.' if rest
                .get(1..2)
                .is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit())) =>
            {
                skip_while(&mut chars, is_word);
                Token::Operand
            }
            '.' => Token::Dot,
            // `a.?b`, `[?0]`, `{?"key": value}`
            '?' if matches!(
                found.last(),
                Some((Token::Dot | Token::Open(_) | Token::Comma, _))
            ) =>
            {
                continue;
            }
            '&' | '|' | '=' if rest.chars().nth(1) != Some(c) => {
                return Err(format!("`{c}` is no operator: there is `{c}{c}`"));
            }
            '&' | '|' | '=' => {
                chars.next();
                Token::Binary
            }
            '!' | '<' | '>' if rest.chars().nth(1) == Some('=') => {
                chars.next();
                Token::Binary
            }
            '<' | '>' | '+' | '*' | '/' | '%' | '?' | ':' => Token::Binary,
            '-' if matches!(found.last(), Some((Token::Operand | Token::Close(_), _))) => Token::Binary,
            '-' | '!' => Token::Unary(c),
            _ => return Err(format!("`{c}` is no part of an expression")),
        };
        let end = chars.peek().map_or(expression.len(), |(at, _)| *at);
        found.push((token, expression.get(start..end).unwrap_or_default()));
    }
    Ok(found)
}

fn skip_while(chars: &mut Peekable<CharIndices<'_>>, is_part: impl Fn(char) -> bool) {
    while chars.next_if(|(_, c)| is_part(*c)).is_some() {}
}

/// Skips the rest of a string after its first quote, with which `rest` begins.
fn skip_text(chars: &mut Peekable<CharIndices<'_>>, rest: &str, is_raw: bool) -> Result<(), String> {
    let quote = rest.chars().next().unwrap_or('"');
    let triple = quote.to_string().repeat(3);
    let is_long = rest.starts_with(&triple);
    let ends = if is_long { 3 } else { 1 };
    if is_long {
        chars.next();
        chars.next();
    }
    let mut quotes = 0;
    while let Some((_, c)) = chars.next() {
        match c {
            '\\' if !is_raw => {
                chars.next();
                quotes = 0;
            }
            '\n' if !is_long => break,
            _ if c == quote => {
                quotes += 1;
                if quotes == ends {
                    return Ok(());
                }
            }
            _ => quotes = 0,
        }
    }
    Err(format!("a text in {quote} does not end"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_expressions_are_valid() {
        for expression in [
            "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')",
            "status.conditions.exists(e, e.type == 'Ready' && e.status == 'False') || !has(status.conditions)",
            "dep.metadata.labels['app/version'] == self.metadata.labels['app/version']",
            "has(data) && data.filter(e, e.metadata.generation == 1).size() > 0 ? true : false",
            "-1 < size(status.list) - 1 && x in [1, 2.5, 1e3, 0x1F, 3u] // why not",
            "status.?ready.orValue(false) && m[?'a'].hasValue() && T{a: 1}.a == r'\\d' + b\"x\"",
            "'it''s' == \"\\\"\"".trim_start_matches("'it'"),
            "\"\"\"a \"quoted\"\ntext\"\"\" != ''",
            "{'a': [1, 2,], 'b': -x}['a'] == [] && .5 < 1.0",
        ] {
            assert_eq!(syntax_error(expression), None, "{expression}");
        }
    }

    #[test]
    fn certain_errors_are_found() {
        for (expression, expected) in [
            ("status.phase == 'Ready' &&", "`&&` has no operand behind it"),
            ("dep.status.x ==", "`==` has no operand behind it"),
            ("has(status.a", "`(` is not closed"),
            ("status.a)", "`)` closes no bracket"),
            ("status.phase = 'Ready'", "`=` is no operator: there is `==`"),
            ("a & b", "`&` is no operator: there is `&&`"),
            ("status.phase == 'Ready", "a text in ' does not end"),
            ("a and b", "there is no operator before `and`"),
            ("|| a", "`||` has no operand before it"),
            ("(a &&)", "`&&` has no operand behind it"),
            ("a == b; c", "`;` is no part of an expression"),
        ] {
            assert_eq!(
                syntax_error(expression).as_deref(),
                Some(expected),
                "{expression}"
            );
        }
    }
}
