//! Quoting of names from a repository, so that they are safe to print and to paste.
//!
//! A repository's text is hostile until proven otherwise: it may hold terminal escapes, shell commands or quotes.

use std::borrow::Cow;

/// `text` without what a terminal would act on or a reader would not see: control characters, line breaks, marks that
/// change the direction of writing or take no space. Each becomes U+FFFD.
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_plain = text
        .bytes()
        .fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'));
    if is_plain {
        return Cow::Borrowed(text);
    }
    if text.chars().any(is_unseen) {
        Cow::Owned(
            text.chars()
                .map(|c| if is_unseen(c) { '\u{fffd}' } else { c })
                .collect(),
        )
    } else {
        Cow::Borrowed(text)
    }
}

fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// Whether `text` can be the name of a Kubernetes object, a label or a namespace: only then it stands in a ready-made command.
pub fn is_name(text: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 253
        && edge(text.chars().next())
        && edge(text.chars().next_back())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':'))
}

/// `text` as one word of a POSIX shell command: as it is where that is safe, else in single quotes.
///
/// ```
/// use infra_query::shell_word;
///
/// assert_eq!(shell_word("apps/papi.yaml"), "apps/papi.yaml");
/// assert_eq!(shell_word("a b"), "'a b'");
/// assert_eq!(shell_word("it's $(x)"), r"'it'\''s $(x)'");
/// assert_eq!(shell_word("-rf"), "'-rf'");
/// ```
pub fn shell_word(text: &str) -> Cow<'_, str> {
    let plain = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | '%' | '+' | '=' | ',')
    };
    if !text.is_empty() && !text.starts_with(['-', '=']) && text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", printable(text).replace('\'', r"'\''")))
}

/// `text` as a string of LogQL or PromQL, in double quotes.
///
/// ```
/// use infra_query::logql_string;
///
/// assert_eq!(logql_string(r#"a"b\"#), r#""a\"b\\""#);
/// ```
pub fn logql_string(text: &str) -> String {
    format!(
        "\"{}\"",
        printable(text).replace('\\', r"\\").replace('"', "\\\"")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_acts_on_is_replaced() {
        for (text, expected) in [
            ("papi", "papi"),
            ("größe", "größe"),
            ("a\u{1b}[2Jb", "a\u{fffd}[2Jb"),
            ("a\nb\r", "a\u{fffd}b\u{fffd}"),
            ("\u{202e}gnp", "\u{fffd}gnp"),
            ("a\u{e0041}", "a\u{fffd}"),
        ] {
            assert_eq!(printable(text), expected);
        }
    }

    #[test]
    fn names_hold_nothing_that_a_shell_reads() {
        for name in ["papi", "a.b-c_d", "system:node", "7"] {
            assert!(is_name(name), "{name}");
        }
        for text in [
            "",
            "-rf",
            "a b",
            "a;b",
            "$(x)",
            "a\nb",
            "${cluster_name}-papi",
            "a`b",
            "ä",
        ] {
            assert!(!is_name(text), "{text}");
        }
    }

    #[test]
    fn a_word_with_a_line_break_stays_one_line() {
        assert_eq!(shell_word("a\nb"), "'a\u{fffd}b'");
        assert_eq!(shell_word(""), "''");
    }
}
