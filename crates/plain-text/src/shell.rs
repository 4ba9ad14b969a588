//! Shell commands and queries with names of a repository in them.

use std::borrow::Cow;

use crate::printable;

/// A command for a POSIX shell, put together word by word. [`finish`](Command::finish) returns `None` if a name in it
/// is not safe.
///
/// ```
/// use plain_text::Command;
///
/// let logs = |name| Command::new("kubectl logs").prefixed("deploy/", name).namespace("apps").finish();
/// assert_eq!(logs("papi").as_deref(), Some("kubectl logs deploy/papi -n apps"));
/// assert_eq!(logs("papi; id"), None);
/// ```
#[derive(Clone, Debug)]
pub struct Command {
    text: String,
    fit: bool,
}

impl Command {
    /// Starts with literal words.
    pub fn new(words: &'static str) -> Self {
        Command {
            text: words.to_owned(),
            fit: true,
        }
    }

    /// Adds literal words.
    #[must_use]
    pub fn literal(mut self, words: &'static str) -> Self {
        self.text.push(' ');
        self.text.push_str(words);
        self
    }

    /// Adds the name of an object.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        let fit = is_name(name);
        self.word(name, fit)
    }

    /// Adds `prefix` and the name of an object as one word, such as `deploy/papi`.
    #[must_use]
    pub fn prefixed(self, prefix: &'static str, name: &str) -> Self {
        let fit = is_name(name);
        self.word(&format!("{prefix}{name}"), fit)
    }

    /// Adds `-n` and a namespace, or nothing if `namespace` is empty.
    #[must_use]
    pub fn namespace(self, namespace: &str) -> Self {
        match namespace {
            "" => self,
            namespace => self.literal("-n").name(namespace),
        }
    }

    /// Adds any text as one quoted word. One with unprintable characters makes the command unsafe.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        let fit = printable(text) == text;
        self.word(text, fit)
    }

    /// Adds a file of the repository, with `./` before a name that would be an option.
    #[must_use]
    pub fn file(self, path: &str) -> Self {
        match path.starts_with('-') {
            true => self.text(&format!("./{path}")),
            false => self.text(path),
        }
    }

    fn word(mut self, word: &str, fit: bool) -> Self {
        self.fit &= fit;
        self.text.push(' ');
        self.text.push_str(&shell_word(word));
        self
    }

    /// The command, if all its words are safe.
    pub fn finish(self) -> Option<String> {
        self.fit.then_some(self.text)
    }
}

/// Whether `text` can be the name of a Kubernetes object, a label or a namespace, and so is safe in a command.
pub fn is_name(text: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 253
        && edge(text.chars().next())
        && edge(text.chars().next_back())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':'))
}

/// `text` as one word of a POSIX shell command, in single quotes if it needs them.
///
/// ```
/// use plain_text::shell_word;
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
/// use plain_text::logql_string;
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
