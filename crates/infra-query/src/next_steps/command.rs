//! Shell commands, put together so that an unsafe name leaves none.

use crate::{is_name, printable, shell_word};

/// A command that is put together word by word.
pub(super) struct Command {
    text: String,
    fit: bool,
}

impl Command {
    /// Starts with words of our own.
    pub(super) fn new(words: &str) -> Self {
        Command {
            text: words.to_owned(),
            fit: true,
        }
    }

    /// Adds words of our own.
    pub(super) fn literal(mut self, words: &str) -> Self {
        self.text.push(' ');
        self.text.push_str(words);
        self
    }

    /// Adds the name of an object.
    pub(super) fn name(self, name: &str) -> Self {
        let fit = is_name(name);
        self.word(name, fit)
    }

    /// Adds `prefix` and the name of an object as one word, such as `deploy/papi`.
    pub(super) fn prefixed(self, prefix: &str, name: &str) -> Self {
        let fit = is_name(name);
        self.word(&format!("{prefix}{name}"), fit)
    }

    /// Adds `-n` and a namespace; nothing for what has none.
    pub(super) fn namespace(self, namespace: &str) -> Self {
        match namespace {
            "" => self,
            namespace => self.literal("-n").name(namespace),
        }
    }

    /// Adds a free text as one quoted word. One with unprintable characters fits no command.
    pub(super) fn text(self, text: &str) -> Self {
        let fit = printable(text) == text;
        self.word(text, fit)
    }

    fn word(mut self, word: &str, fit: bool) -> Self {
        self.fit &= fit;
        self.text.push(' ');
        self.text.push_str(&shell_word(word));
        self
    }

    /// The command, if every word fits.
    pub(super) fn finish(self) -> Option<String> {
        self.fit.then_some(self.text)
    }
}
