//! Tokens of literal and folded block scalars.

use std::borrow::Cow;

use super::{Scan, Scanner, Spot, TokenKind};
use crate::Style;

/// Treatment of the breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl Scanner<'_> {
    pub(super) fn fetch_block_scalar(&mut self, literal: bool) -> Scan {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        let at = self.cursor.spot();
        let line = at.line;
        self.cursor.skip();
        let (chomping, increment) = self.scan_block_header(at)?;
        let mut indent = match increment {
            0 => 0,
            _ => usize::try_from(self.indent).unwrap_or(0) + increment,
        };
        let mut text = String::new();
        let mut breaks = String::new();
        let mut last_break = "";
        let mut after_blank = false;
        self.scan_block_breaks(&mut indent, &mut breaks, line)?;
        while self.cursor.column == indent && !self.cursor.is_at_end() {
            let blank = self.cursor.is_at_blank();
            if !literal && !after_blank && !blank && last_break == "\n" {
                if breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(last_break);
            }
            text.push_str(&breaks);
            breaks.clear();
            after_blank = blank;
            let start = self.cursor.pos;
            self.cursor.skip_line();
            text.push_str(self.cursor.slice(start, self.cursor.pos));
            last_break = self.cursor.read_break();
            self.scan_block_breaks(&mut indent, &mut breaks, line)?;
        }
        if chomping != Chomping::Strip {
            text.push_str(last_break);
        }
        if chomping == Chomping::Keep {
            text.push_str(&breaks);
        }
        let style = if literal { Style::Literal } else { Style::Folded };
        self.push(TokenKind::Scalar(Cow::Owned(text), style), at);
        Ok(())
    }

    /// The rest of the line of `|` or `>`: chomping and indent indicators in either order, blanks, a comment.
    fn scan_block_header(&mut self, at: Spot) -> Scan<(Chomping, usize)> {
        let line = at.line;
        let mut chomping = self.scan_chomping();
        let mut increment = 0;
        if self.cursor.peek().is_ascii_digit() {
            increment = usize::from(self.cursor.peek() - b'0');
            if increment == 0 {
                return Err(self.problem(line, "found an indentation indicator equal to 0"));
            }
            self.cursor.skip();
            if chomping.is_none() {
                chomping = self.scan_chomping();
            }
        }
        self.cursor.skip_blanks();
        if self.cursor.peek() == b'#' {
            if self.comments.is_some() {
                self.record_line_comment(at.pos);
            }
            self.cursor.skip_line();
        }
        if !self.cursor.is_at_break_or_end() {
            return Err(self.problem(line, "did not find expected comment or line break"));
        }
        self.cursor.skip_break();
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    fn scan_chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.cursor.peek() {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return None,
        };
        self.cursor.skip();
        Some(chomping)
    }

    /// Skips indents and empty lines, and detects the indent of the block if it is 0, which means unknown.
    fn scan_block_breaks(&mut self, indent: &mut usize, breaks: &mut String, line: u32) -> Scan {
        let mut deepest = 0;
        loop {
            while (*indent == 0 || self.cursor.column < *indent) && self.cursor.peek() == b' ' {
                self.cursor.skip_blank();
            }
            deepest = deepest.max(self.cursor.column);
            if (*indent == 0 || self.cursor.column < *indent) && self.cursor.peek() == b'\t' {
                return Err(self.problem(
                    line,
                    "found a tab character where an indentation space is expected",
                ));
            }
            if !self.cursor.is_at_break() {
                break;
            }
            breaks.push_str(self.cursor.read_break());
        }
        if *indent == 0 {
            let least = usize::try_from(self.indent + 1).unwrap_or(0);
            *indent = deepest.max(least).max(1);
        }
        Ok(())
    }
}
