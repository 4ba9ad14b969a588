//! Go's regular expressions turn into the syntax of the `regex` crate.

use super::class;
use super::escape::{class_char, escaped_char, member, posix_class, push_range, unicode_class};

/// Deepest nesting that Go allows.
const MAX_DEPTH: usize = 1000;
/// Highest count of a repetition, and product of nested ones.
const MAX_REPEAT: i64 = 1000;

/// An expression in the syntax of the `regex` crate.
pub(super) struct Parsed {
    pub(super) pattern: String,
    /// The names of groups by index; the first one is the whole match.
    pub(super) names: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    fold_case: bool,
    multi_line: bool,
    dot_newline: bool,
    non_greedy: bool,
}

/// The operand of a possible repetition.
struct Fragment {
    text: String,
    /// The highest product of the counts of nested repetitions.
    weight: i64,
}

/// An open group.
struct Frame {
    /// Its opening text.
    open: &'static str,
    /// The flags to restore after it.
    flags: Flags,
    /// Complete alternatives.
    alternatives: String,
    weight: i64,
    fragments: Vec<Fragment>,
}

impl Frame {
    fn new(open: &'static str, flags: Flags) -> Self {
        Frame {
            open,
            flags,
            alternatives: String::new(),
            weight: 1,
            fragments: Vec::new(),
        }
    }

    fn end_alternative(&mut self) {
        for fragment in self.fragments.drain(..) {
            self.alternatives.push_str(&fragment.text);
            self.weight = self.weight.max(fragment.weight);
        }
    }
}

struct Parser<'a> {
    whole: &'a str,
    flags: Flags,
    outer: Vec<Frame>,
    frame: Frame,
    names: Vec<String>,
}

/// A syntax error with the part of the expression, as Go prints it.
pub(super) fn error<T>(code: &str, expression: &str) -> Result<T, String> {
    Err(format!("{code}: `{expression}`"))
}

/// `from` without its suffix `to`.
pub(super) fn until<'a>(from: &'a str, to: &str) -> &'a str {
    from.get(..from.len() - to.len()).unwrap_or(from)
}

pub(super) fn parse(expression: &str) -> Result<Parsed, String> {
    let mut parser = Parser {
        whole: expression,
        flags: Flags::default(),
        outer: Vec::new(),
        frame: Frame::new("", Flags::default()),
        names: vec![String::new()],
    };
    let mut rest = expression;
    let mut last_repeat = "";
    while let Some(first) = rest.chars().next() {
        let before = rest;
        let mut repeat = "";
        rest = match first {
            '(' if rest.starts_with("(?") => parser.group_or_flags(rest)?,
            '(' => {
                parser.names.push(String::new());
                parser.open("(")?;
                &rest[1..]
            }
            '|' => {
                parser.frame.end_alternative();
                parser.frame.alternatives.push('|');
                &rest[1..]
            }
            ')' => {
                parser.close()?;
                &rest[1..]
            }
            '^' | '$' | '.' => {
                let text = match (first, parser.flags) {
                    ('^', Flags { multi_line: true, .. }) => "(?m:^)",
                    ('^', _) => r"(?:\A)",
                    ('$', Flags { multi_line: true, .. }) => "(?m:$)",
                    ('$', _) => r"(?:\z)",
                    (
                        _,
                        Flags {
                            dot_newline: true, ..
                        },
                    ) => "(?s:.)",
                    _ => r"[^\n]",
                };
                parser.push(text.to_owned());
                &rest[1..]
            }
            '[' => parser.class(rest)?,
            '*' | '+' | '?' => {
                repeat = before;
                parser.repeat(&first.to_string(), None, before, &rest[1..], last_repeat)?
            }
            '{' => match counts(rest) {
                Some((least, most, after)) => {
                    let high = most.unwrap_or(least);
                    if least > MAX_REPEAT || high > MAX_REPEAT || least > high {
                        return error("invalid repeat count", until(before, after));
                    }
                    repeat = before;
                    let text = match most {
                        Some(most) => format!("{{{least},{most}}}"),
                        None => format!("{{{least},}}"),
                    };
                    parser.repeat(&text, Some((least, most)), before, after, last_repeat)?
                }
                None => {
                    parser.literal('{');
                    &rest[1..]
                }
            },
            '\\' => parser.escape(rest)?,
            c => {
                parser.literal(c);
                rest.get(c.len_utf8()..).unwrap_or_default()
            }
        };
        last_repeat = repeat;
    }
    if !parser.outer.is_empty() {
        return error("missing closing )", expression);
    }
    parser.frame.end_alternative();
    Ok(Parsed {
        pattern: parser.frame.alternatives,
        names: parser.names,
    })
}

impl Parser<'_> {
    fn push(&mut self, text: String) {
        self.frame.fragments.push(Fragment { text, weight: 1 });
    }

    fn literal(&mut self, c: char) {
        let text = member(c);
        self.push_folded(text);
    }

    /// Adds a literal or class, with case folding if the flag is set.
    fn push_folded(&mut self, text: String) {
        let text = if self.flags.fold_case {
            format!("(?i:{text})")
        } else {
            text
        };
        self.push(text);
    }

    fn open(&mut self, text: &'static str) -> Result<(), String> {
        if self.outer.len() >= MAX_DEPTH {
            return error("expression nests too deeply", self.whole);
        }
        let frame = std::mem::replace(&mut self.frame, Frame::new(text, self.flags));
        self.outer.push(frame);
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let Some(outer) = self.outer.pop() else {
            return error("unexpected )", self.whole);
        };
        let mut inner = std::mem::replace(&mut self.frame, outer);
        inner.end_alternative();
        self.flags = inner.flags;
        self.frame.fragments.push(Fragment {
            text: format!("{}{})", inner.open, inner.alternatives),
            weight: inner.weight,
        });
        Ok(())
    }

    /// Repeats the last fragment. `counts` are the lowest and highest count of `{`.
    fn repeat<'a>(
        &mut self,
        operator: &str,
        counts: Option<(i64, Option<i64>)>,
        before: &'a str,
        after: &'a str,
        last_repeat: &str,
    ) -> Result<&'a str, String> {
        let mut after = after;
        let mut non_greedy = self.flags.non_greedy;
        if let Some(rest) = after.strip_prefix('?') {
            after = rest;
            non_greedy = !non_greedy;
        }
        if !last_repeat.is_empty() {
            return error("invalid nested repetition operator", until(last_repeat, after));
        }
        let Some(fragment) = self.frame.fragments.last_mut() else {
            return error("missing argument to repetition operator", until(before, after));
        };
        if let Some((least, most)) = counts {
            let count = most.unwrap_or(least);
            fragment.weight = fragment.weight.saturating_mul(count.max(1));
            if (least >= 2 || count >= 2) && fragment.weight > MAX_REPEAT {
                return error("invalid repeat count", until(before, after));
            }
        }
        let lazy = if non_greedy { "?" } else { "" };
        fragment.text = format!("(?:{}{operator}{lazy})", fragment.text);
        Ok(after)
    }

    /// `(?:`, `(?P<name>`, `(?i)` and the like.
    fn group_or_flags<'a>(&mut self, from: &'a str) -> Result<&'a str, String> {
        let named = match (from.strip_prefix("(?P<"), from.strip_prefix("(?<")) {
            (Some(rest), _) | (None, Some(rest)) if !rest.is_empty() => Some(rest),
            _ => None,
        };
        if let Some(rest) = named {
            let Some((name, after)) = rest.split_once('>') else {
                return error("invalid named capture", from);
            };
            let valid = |c: char| c == '_' || c.is_ascii_alphanumeric();
            if name.is_empty() || !name.chars().all(valid) {
                return error("invalid named capture", until(from, after));
            }
            self.names.push(name.to_owned());
            self.open("(")?;
            return Ok(after);
        }
        let mut rest = from.get(2..).unwrap_or_default();
        let mut flags = self.flags;
        let (mut on, mut seen) = (true, false);
        while let Some(c) = rest.chars().next() {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            match c {
                'i' => flags.fold_case = on,
                'm' => flags.multi_line = on,
                's' => flags.dot_newline = on,
                'U' => flags.non_greedy = on,
                '-' if on => {
                    (on, seen) = (false, false);
                    continue;
                }
                ':' | ')' if on || seen => {
                    if c == ':' {
                        self.open("(?:")?;
                    }
                    self.flags = flags;
                    return Ok(rest);
                }
                _ => break,
            }
            seen = true;
        }
        error("invalid or unsupported Perl syntax", until(from, rest))
    }

    /// An escape outside of a class.
    fn escape<'a>(&mut self, from: &'a str) -> Result<&'a str, String> {
        let second = from.chars().nth(1);
        let after = from
            .get(1 + second.map_or(0, char::len_utf8)..)
            .unwrap_or_default();
        match second {
            Some('A') => self.push(r"(?:\A)".to_owned()),
            Some('b') => self.push(r"(?-u:\b)".to_owned()),
            Some('B') => self.push(r"(?-u:\B)".to_owned()),
            Some('z') => self.push(r"(?:\z)".to_owned()),
            Some('C') => return error("invalid escape sequence", r"\C"),
            Some('Q') => {
                let (literal, after) = after.split_once("\\E").unwrap_or((after, ""));
                for c in literal.chars() {
                    self.literal(c);
                }
                return Ok(after);
            }
            Some('p' | 'P') => {
                let (class, after) = unicode_class(from)?;
                self.push_folded(class);
                return Ok(after);
            }
            _ => {
                if let Some(class) = second.and_then(class::perl) {
                    self.push_folded(class);
                    return Ok(after);
                }
                let (c, after) = escaped_char(from)?;
                match c {
                    Some(c) => self.literal(c),
                    None => self.push(r"[^\x00-\x{10FFFF}]".to_owned()),
                }
                return Ok(after);
            }
        }
        Ok(after)
    }

    /// `[...]`
    fn class<'a>(&mut self, from: &'a str) -> Result<&'a str, String> {
        let mut rest = from.get(1..).unwrap_or_default();
        let mut text = String::from("[");
        if let Some(after) = rest.strip_prefix('^') {
            text.push('^');
            rest = after;
        }
        let mut first = true;
        while first || !rest.starts_with(']') {
            first = false;
            if let Some((class, after)) = posix_class(rest)? {
                text.push_str(&class);
                rest = after;
                continue;
            }
            if rest.starts_with("\\p") || rest.starts_with("\\P") {
                let (class, after) = unicode_class(rest)?;
                text.push_str(&class);
                rest = after;
                continue;
            }
            let letter = rest.strip_prefix('\\').and_then(|after| after.chars().next());
            if let Some(class) = letter.and_then(class::perl) {
                text.push_str(&class);
                rest = rest.get(2..).unwrap_or_default();
                continue;
            }
            let start = rest;
            let (low, after) = class_char(rest, from)?;
            let mut high = low;
            rest = after;
            if let Some(after) = rest.strip_prefix('-')
                && !after.is_empty()
                && !after.starts_with(']')
            {
                (high, rest) = class_char(after, from)?;
                if high < low {
                    return error("invalid character class range", until(start, rest));
                }
            }
            push_range(low, high, &mut text);
        }
        text.push(']');
        self.push_folded(text);
        Ok(rest.get(1..).unwrap_or_default())
    }
}

/// `{2}`, `{2,}` or `{2,3}`, if the text starts with one. Numbers that do not fit become the largest one.
fn counts(from: &str) -> Option<(i64, Option<i64>, &str)> {
    let (least, rest) = number(from.strip_prefix('{')?)?;
    let Some(rest) = rest.strip_prefix(',') else {
        return Some((least, Some(least), rest.strip_prefix('}')?));
    };
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((least, None, rest));
    }
    let (most, rest) = number(rest)?;
    Some((least, Some(most), rest.strip_prefix('}')?))
}

fn number(text: &str) -> Option<(i64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    Some((digits.parse().unwrap_or(i64::MAX), rest))
}
