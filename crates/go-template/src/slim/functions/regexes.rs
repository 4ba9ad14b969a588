//! Functions on regular expressions, which are those of <https://github.com/google/re2/wiki/Syntax>.

use regex::{NoExpand, Regex, RegexBuilder};

use super::Type::{Int, Text};
use super::strings::text_list;
use super::{Function, function, int, text};
use crate::slim::context::Context;
use crate::slim::value::Value;

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        // Its error is dropped.
        "regexMatch" => function(&[Text, Text], None, |_, v| {
            Ok(Value::Bool(
                compile(text(v, 0)).is_ok_and(|regex| regex.is_match(text(v, 1))),
            ))
        }),
        "mustRegexMatch" => function(&[Text, Text], None, |_, v| {
            Ok(Value::Bool(compile(text(v, 0))?.is_match(text(v, 1))))
        }),
        "regexFind" | "mustRegexFind" => function(&[Text, Text], None, |_, v| {
            let regex = compile(text(v, 0))?;
            Ok(Value::text(
                regex.find(text(v, 1)).map_or("", |found| found.as_str()),
            ))
        }),
        "regexFindAll" | "mustRegexFindAll" => function(&[Text, Text, Int], None, |c, v| {
            let regex = compile(text(v, 0))?;
            c.spend(text(v, 1).len() as u64)?;
            let limit = usize::try_from(int(v, 2)).unwrap_or(usize::MAX);
            let found: Vec<String> = regex
                .find_iter(text(v, 1))
                .take(limit)
                .map(|found| found.as_str().to_owned())
                .collect();
            let none = found.is_empty();
            Ok(text_list(found, none))
        }),
        "regexReplaceAll" | "mustRegexReplaceAll" => {
            function(&[Text, Text, Text], None, |c, v| replace(c, v, false))
        }
        "regexReplaceAllLiteral" | "mustRegexReplaceAllLiteral" => {
            function(&[Text, Text, Text], None, |c, v| replace(c, v, true))
        }
        "regexSplit" | "mustRegexSplit" => function(&[Text, Text, Int], None, split),
        "regexQuoteMeta" => function(&[Text], None, |_, v| Ok(Value::text(quote_meta(text(v, 0))))),
        _ => return None,
    })
}

fn replace(context: &Context, values: &[Value], literal: bool) -> Result<Value, String> {
    let regex = compile(text(values, 0))?;
    let (source, with) = (text(values, 1), text(values, 2));
    let matches = regex.find_iter(source).count();
    // A reference may stand for all of the source.
    let most = if literal {
        with.len()
    } else {
        with.len().saturating_mul(source.len().max(1))
    };
    context.check_bytes(matches.saturating_mul(with.len()))?;
    if matches > 0 && most > context.bytes.saturating_mul(16) {
        return Err("the replacement is too long".into());
    }
    let replaced = if literal {
        regex.replace_all(source, NoExpand(with))
    } else {
        regex.replace_all(source, with)
    };
    Ok(Value::text(replaced))
}

fn split(context: &Context, values: &[Value]) -> Result<Value, String> {
    let regex = compile(text(values, 0))?;
    let (source, n) = (text(values, 1), int(values, 2));
    context.spend(source.len() as u64)?;
    if n == 0 {
        return Ok(text_list(Vec::new(), true));
    }
    if !text(values, 0).is_empty() && source.is_empty() {
        return Ok(text_list(vec![String::new()], false));
    }
    let limit = usize::try_from(n).unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    let (mut begin, mut end) = (0, 0);
    for found in regex.find_iter(source).take(limit) {
        if parts.len() + 1 == limit {
            break;
        }
        end = found.start();
        if found.end() != 0 {
            parts.push(source.get(begin..end).unwrap_or_default().to_owned());
        }
        begin = found.end();
    }
    if end != source.len() {
        parts.push(source.get(begin..).unwrap_or_default().to_owned());
    }
    Ok(text_list(parts, false))
}

fn quote_meta(text: &str) -> String {
    let mut quoted = String::new();
    for c in text.chars() {
        if "\\.+*?()|[]{}^$".contains(c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

fn compile(pattern: &str) -> Result<Regex, String> {
    let translated = translate(pattern).ok_or_else(|| format!("invalid regular expression {pattern:?}"))?;
    RegexBuilder::new(&translated)
        .size_limit(1 << 20)
        .build()
        .map_err(|_| format!("invalid regular expression {pattern:?}"))
}

/// Where the two syntaxes differ: classes like `\d` are of ASCII in RE2, brackets in brackets stand for themselves, and
/// `\Q...\E` quotes.
fn translate(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..)?;
        if c == '\\' {
            let escaped = after.chars().next()?;
            rest = after.get(escaped.len_utf8()..)?;
            match (escaped, in_class) {
                ('Q', false) => {
                    let (literal, after) = rest.split_once("\\E").unwrap_or((rest, ""));
                    out.push_str(&regex::escape(literal));
                    rest = after;
                }
                ('d', false) => out.push_str("[0-9]"),
                ('d', true) => out.push_str("0-9"),
                ('D', _) => out.push_str("[^0-9]"),
                ('w', false) => out.push_str("[0-9A-Za-z_]"),
                ('w', true) => out.push_str("0-9A-Za-z_"),
                ('W', _) => out.push_str("[^0-9A-Za-z_]"),
                ('s', false) => out.push_str("[\\t\\n\\f\\r ]"),
                ('s', true) => out.push_str("\\t\\n\\f\\r "),
                ('S', _) => out.push_str("[^\\t\\n\\f\\r ]"),
                ('b', false) => out.push_str("(?-u:\\b)"),
                ('B', false) => out.push_str("(?-u:\\B)"),
                ('b' | 'B' | 'C' | '<' | '>', _) => return None,
                (escaped, _) => {
                    out.push('\\');
                    out.push(escaped);
                }
            }
            continue;
        }
        rest = after;
        if !in_class {
            out.push(c);
            if c == '[' {
                in_class = true;
                if let Some(after) = rest.strip_prefix('^') {
                    out.push('^');
                    rest = after;
                }
                // A bracket that comes first is a member.
                if let Some(after) = rest.strip_prefix(']') {
                    out.push_str("\\]");
                    rest = after;
                }
            }
            continue;
        }
        match c {
            '[' if rest.starts_with(':') => {
                let end = rest.find(":]")?;
                out.push('[');
                out.push_str(rest.get(..end + 2)?);
                rest = rest.get(end + 2..)?;
            }
            '[' => out.push_str("\\["),
            ']' => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    (!in_class).then_some(out)
}
