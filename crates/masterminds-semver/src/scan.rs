//! Scanner for versions and constraints.

use crate::version::is_word_byte;

/// What is left of a text.
#[derive(Clone, Copy)]
pub(crate) struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Scanner { rest: text }
    }

    pub(crate) fn rest(&self) -> &'a str {
        self.rest
    }

    /// Skips a prefix and tells whether it was there.
    pub(crate) fn eat(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Skips white space and tells whether there was any.
    pub(crate) fn eat_blanks(&mut self) -> bool {
        !self
            .take_while(|c| matches!(c, b' ' | b'\t' | b'\n' | b'\x0C' | b'\r'))
            .is_empty()
    }

    /// Bytes that are all ASCII characters.
    pub(crate) fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let end = self
            .rest
            .bytes()
            .position(|c| !c.is_ascii() || !wanted(c))
            .unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// What follows a dot; empty, and nothing skipped, where it does not.
    pub(crate) fn dotted(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let mut ahead = *self;
        if !ahead.eat(".") {
            return "";
        }
        let taken = ahead.take_while(wanted);
        if !taken.is_empty() {
            *self = ahead;
        }
        taken
    }

    /// Words with dots between them after a character; empty, and nothing skipped, where they do not follow.
    pub(crate) fn words(&mut self, after: char) -> &'a str {
        let Some(text) = self.rest.strip_prefix(after) else {
            return "";
        };
        let mut ahead = Scanner::new(text);
        if ahead.take_while(is_word_byte).is_empty() {
            return "";
        }
        while !ahead.dotted(is_word_byte).is_empty() {}
        let length = text.len() - ahead.rest.len();
        *self = ahead;
        text.split_at(length).0
    }
}
