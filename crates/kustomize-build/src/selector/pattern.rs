//! Go's regular expressions, translated for the `regex` crate.
//!
//! Both are based on RE2. They differ in braces that are not repetitions, in brackets, in `\Q…\E`, and in whether `\d`,
//! `\s`, `\w` and `\b` match only ASCII (<https://pkg.go.dev/regexp/syntax>).

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use regex::Regex;

/// A pattern that must match a whole text.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    /// Matches any text.
    Any,
    /// Matches one of these texts, in which a dot is any character: `(helm-controller|kustomize-controller)`,
    /// `helm.toolkit.fluxcd.io`.
    OneOf(Vec<String>),
    /// Anything else.
    Regex(Regex),
}

impl Pattern {
    /// Compiles a pattern. An empty one matches any text.
    ///
    /// # Errors
    /// The reason why it is not a regular expression.
    pub(crate) fn new(pattern: &str) -> Result<Self, String> {
        if pattern.is_empty() {
            return Ok(Pattern::Any);
        }
        let is_special = |c| c != '.' && is_special(c);
        let inner = pattern.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let alternatives: Vec<&str> = inner.unwrap_or(pattern).split('|').collect();
        if !alternatives.iter().any(|text| text.contains(is_special)) {
            return Ok(Pattern::OneOf(
                alternatives.into_iter().map(str::to_owned).collect(),
            ));
        }
        regex(&format!("^(?:{pattern})$")).map(Pattern::Regex)
    }

    /// Whether a text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::OneOf(texts) => texts.iter().any(|dotted| is_dotted(dotted, text)),
            Pattern::Regex(regex) => regex.is_match(text),
        }
    }
}

/// Whether `text` equals `dotted`, in which a dot is any character but a line break.
fn is_dotted(dotted: &str, text: &str) -> bool {
    let same = |(dotted, c): (char, char)| dotted == c || dotted == '.' && c != '\n';
    dotted == text
        || dotted.contains('.')
            && dotted.chars().count() == text.chars().count()
            && dotted.chars().zip(text.chars()).all(same)
}

/// Whether a character is special in regular expressions.
pub(crate) fn is_special(c: char) -> bool {
    matches!(
        c,
        '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$'
    )
}

/// Compiles a Go regular expression.
///
/// # Errors
/// The reason why it is malformed.
pub(crate) fn regex(pattern: &str) -> Result<Regex, String> {
    // Many Kustomizations carry the same patch, and compiling its pattern costs more than applying it.
    static KNOWN: LazyLock<RwLock<HashMap<String, Regex>>> = LazyLock::new(RwLock::default);
    const MAX_CACHED: usize = 256;
    if let Some(cached) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(pattern) {
        return Ok(cached.clone());
    }
    let regex = Regex::new(&translate(pattern)).map_err(|_| format!("error parsing regexp: `{pattern}`"))?;
    let mut cached = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if cached.len() < MAX_CACHED {
        cached.insert(pattern.to_owned(), regex.clone());
    }
    Ok(regex)
}

fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '\\' => {
                rest = translate_escape(after, in_class, &mut out);
                continue;
            }
            '[' if in_class && !after.starts_with(':') => out.push_str("\\["),
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                let negated = after.starts_with('^');
                out.push_str(if negated { "^" } else { "" });
                let inner = after.strip_prefix('^').unwrap_or(after);
                // A closing bracket right after the opening one is a member.
                rest = match inner.strip_prefix(']') {
                    Some(inner) => {
                        out.push_str("\\]");
                        inner
                    }
                    None => inner,
                };
                continue;
            }
            '[' => {
                // `[:alpha:]` is copied as a whole.
                let end = after.find(":]").map_or(0, |end| end + 2);
                out.push('[');
                out.push_str(after.get(..end).unwrap_or_default());
                rest = after.get(end..).unwrap_or_default();
                continue;
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            // In brackets, two of these are a set operation in the `regex` crate, but two members in Go.
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            '{' if !in_class && !is_repetition(after) => out.push_str("\\{"),
            _ => out.push(c),
        }
        rest = after;
    }
    out
}

fn translate_escape<'a>(after: &'a str, in_class: bool, out: &mut String) -> &'a str {
    let Some(c) = after.chars().next() else {
        out.push('\\');
        return after;
    };
    let rest = after.get(c.len_utf8()..).unwrap_or_default();
    let ascii = match (c, in_class) {
        ('d', false) => "[0-9]",
        ('d', true) => "0-9",
        ('D', _) => "[^0-9]",
        ('w', false) => "[0-9A-Za-z_]",
        ('w', true) => "0-9A-Za-z_",
        ('W', _) => "[^0-9A-Za-z_]",
        ('s', false) => "[\\t\\n\\f\\r ]",
        ('s', true) => "\\t\\n\\f\\r ",
        ('S', _) => "[^\\t\\n\\f\\r ]",
        ('b', false) => "(?-u:\\b)",
        ('B', false) => "(?-u:\\B)",
        ('Q', false) => {
            let (quoted, rest) = rest.split_once("\\E").unwrap_or((rest, ""));
            out.push_str(&regex::escape(quoted));
            return rest;
        }
        // Escaped angle brackets are word boundaries in the `regex` crate, but themselves in Go.
        ('<' | '>', _) => {
            out.push(c);
            return rest;
        }
        _ => {
            out.push('\\');
            out.push(c);
            return rest;
        }
    };
    out.push_str(ascii);
    rest
}

// Whether this is the rest of `{2}`, `{2,}` or `{2,3}` after the opening brace.
fn is_repetition(after: &str) -> bool {
    let Some((inner, _)) = after.split_once('}') else {
        return false;
    };
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match inner.split_once(',') {
        Some((low, high)) => number(low) && (high.is_empty() || number(high)),
        None => number(inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, text, expected) in [
            ("", "x", true),
            ("a.b", "axb", true),
            ("a", "ab", false),
            ("a.b", "a\nb", false),
            ("a.b", "aéb", true),
            ("a.b", "ab", false),
            ("(a.|b.c)", "bxc", true),
            ("(a.|b.c)", "bx", false),
            ("a|b", "b", true),
            ("(a|b)", "b", true),
            ("(a|)", "", true),
            ("(a|b)", "a|b", false),
            ("(a)|b", "b", true),
            ("(a)|(b)", "b", true),
            ("a{b}", "a{b}", true),
            ("a{2}", "aa", true),
            ("a{,2}", "a{,2}", true),
            ("[[]a", "[a", true),
            ("[]a]+", "]a", true),
            ("[^]]", "x", true),
            ("[a&&b]+", "&&", true),
            ("[[:alpha:]]+", "ab", true),
            ("\\Qa.b\\E", "a.b", true),
            ("\\Qa.b\\E", "axb", false),
            ("\\d+", "\u{0661}", false),
            ("[\\d-]+", "1-2", true),
            ("\\<a", "<a", true),
        ] {
            assert_eq!(
                Pattern::new(pattern).unwrap().matches(text),
                expected,
                "{pattern} {text}"
            );
        }
        for bad in ["(", "*", "[", "a**"] {
            assert!(Pattern::new(bad).is_err() || bad == "a**", "{bad}");
        }
    }
}
