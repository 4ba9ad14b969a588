//! Scanner for versions and constraints.

use crate::version::is_word_byte;

/// The rest of a text.
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

    /// Skips a prefix, and returns whether it was there.
    pub(crate) fn eat(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Skips white space, and returns whether there was any.
    pub(crate) fn eat_blanks(&mut self) -> bool {
        !self
            .take_while(|c| matches!(c, b' ' | b'\t' | b'\n' | b'\x0C' | b'\r'))
            .is_empty()
    }

    /// Takes ASCII characters.
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

    /// Takes a dot and wanted characters after it; returns the latter. If either is missing, returns nothing and skips nothing.
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

    /// Takes a character and dot-separated words after it; returns the latter. If either is missing, returns nothing and skips
    /// nothing.
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
