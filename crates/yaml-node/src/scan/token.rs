//! Tokens and problems, which the scanner hands to the composer.

use std::borrow::Cow;

use crate::{Dialect, Style};

/// A token and where it starts.
#[derive(Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: TokenKind<'a>,
    pub(crate) at: Spot,
}

/// Line, column in characters and offset in bytes, counted from 0.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spot {
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) pos: u32,
}

impl Spot {
    /// The position after a character, such as the indicators `:` and `-`.
    pub(crate) fn after(self) -> Self {
        Spot {
            column: self.column.saturating_add(1),
            ..self
        }
    }
}

/// The tokens of YAML 1.1.
#[derive(Debug, PartialEq)]
pub(crate) enum TokenKind<'a> {
    StreamEnd,
    /// `%YAML 1.1`
    VersionDirective(u8, u8),
    /// `%TAG handle prefix`
    TagDirective(Cow<'a, str>, Cow<'a, str>),
    /// `---`
    DocumentStart,
    /// `...`
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    /// `-`
    BlockEntry,
    /// `,`
    FlowEntry,
    /// `?`, or the place before a key that has no `?`
    Key,
    /// `:`
    Value,
    Alias(&'a str),
    Anchor(&'a str),
    /// Handle and suffix. `!` alone has an empty handle and the suffix `!`.
    Tag(Cow<'a, str>, Cow<'a, str>),
    Scalar(Cow<'a, str>, Style),
}

/// Why scanning or composing stopped. Lines count from 0.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) message: Cow<'static, str>,
    /// Line of the construct that was being read.
    pub(crate) context_line: u32,
    /// Line of the problem.
    pub(crate) line: u32,
    pub(crate) origin: Origin,
}

/// Who found a problem, which decides the line that go-yaml names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Scanner,
    Grammar,
    /// Checks that name no line.
    Unplaced,
}

impl Problem {
    /// A problem of the scanner.
    pub(crate) fn lexical(context_line: u32, line: u32, message: &'static str) -> Box<Self> {
        Box::new(Problem {
            message: Cow::Borrowed(message),
            context_line,
            line,
            origin: Origin::Scanner,
        })
    }

    /// A problem of the grammar.
    pub(crate) fn grammar(context_line: u32, line: u32, message: &'static str) -> Box<Self> {
        Box::new(Problem {
            message: Cow::Borrowed(message),
            context_line,
            line,
            origin: Origin::Grammar,
        })
    }

    /// A problem for which go-yaml names no line.
    pub(crate) fn unplaced(line: u32, message: impl Into<Cow<'static, str>>) -> Box<Self> {
        Box::new(Problem {
            message: message.into(),
            context_line: line,
            line,
            origin: Origin::Unplaced,
        })
    }

    /// The line that go-yaml names, 0 for none.
    pub(crate) fn reported_line(&self, dialect: Dialect) -> u32 {
        let (context, line) = (self.context_line, self.line);
        match (self.origin, dialect) {
            (Origin::Unplaced, _) => 0,
            // Version 3 prefers the line of the context, and adds the missing 1 for the scanner only.
            (Origin::Scanner, Dialect::V3) if context > 0 => context + 1,
            (Origin::Scanner, _) if line > 0 => line + 1,
            (Origin::Scanner, Dialect::V3) => 0,
            (Origin::Grammar, Dialect::V3) if context > 0 => context,
            (Origin::Grammar, _) if line > 0 => line,
            (_, _) => context,
        }
    }
}
