//! Positions at which a key without `?` may have started, until a `:` confirms one.

use super::{Problem, Scan, Scanner, Spot};

/// Most characters of a key without `?`.
const SIMPLE_KEY_CHARS: usize = 1024;

/// A position at which a key without `?` may have started.
#[derive(Clone, Copy, Default)]
pub(super) struct SimpleKey {
    pub(super) possible: bool,
    pub(super) required: bool,
    /// The number of the token that starts it.
    pub(super) token: usize,
    pub(super) pos: usize,
    pub(super) line: u32,
    pub(super) column: usize,
}

impl SimpleKey {
    pub(super) fn spot(&self) -> Spot {
        Spot {
            line: self.line,
            column: u32::try_from(self.column).unwrap_or(u32::MAX),
            pos: u32::try_from(self.pos).unwrap_or(u32::MAX),
        }
    }
}

impl Scanner<'_> {
    pub(super) fn simple_key_is_valid(&mut self, level: usize) -> Scan<bool> {
        let Some(key) = self.simple_keys.get(level).copied().filter(|key| key.possible) else {
            return Ok(false);
        };
        let same_line = key.line == self.cursor.line;
        if same_line && !self.is_far(key.pos) {
            return Ok(true);
        }
        if key.required {
            return Err(self.problem(key.line, "could not find expected ':'"));
        }
        self.simple_keys[level].possible = false;
        Ok(false)
    }

    /// Whether the cursor is too far from the start of a key.
    fn is_far(&self, start: usize) -> bool {
        // A text has no more characters than bytes, so that most need not be counted.
        self.cursor.pos - start > SIMPLE_KEY_CHARS
            && self
                .cursor
                .slice(start, self.cursor.pos)
                .chars()
                .nth(SIMPLE_KEY_CHARS)
                .is_some()
    }

    /// A key at the cursor, from the next token on.
    pub(super) fn simple_key(&self, possible: bool, required: bool) -> SimpleKey {
        SimpleKey {
            possible,
            required,
            token: self.taken + self.tokens.len(),
            pos: self.cursor.pos,
            line: self.cursor.line,
            column: self.cursor.column,
        }
    }

    /// Records that a key may start here.
    pub(super) fn save_simple_key(&mut self) -> Scan {
        if !self.simple_key_allowed {
            return Ok(());
        }
        let required = !self.is_in_flow() && self.indent == self.column();
        self.remove_simple_key()?;
        let key = self.simple_key(true, required);
        let (first, level) = (self.taken, self.simple_keys.len() - 1);
        self.awaited
            .retain(|(token, _)| *token >= first && *token != key.token);
        self.awaited.push((key.token, level));
        self.simple_keys[level] = key;
        Ok(())
    }

    /// Gives up the key that may have started on this level.
    pub(super) fn remove_simple_key(&mut self) -> Scan {
        let line = self.cursor.line;
        if let Some(key) = self.simple_keys.last_mut()
            && key.possible
        {
            if key.required {
                return Err(Problem::lexical(key.line, line, "could not find expected ':'"));
            }
            key.possible = false;
            let token = key.token;
            self.forget(token);
        }
        Ok(())
    }

    /// Stops waiting for the `:` of a token.
    pub(super) fn forget(&mut self, token: usize) {
        self.awaited.retain(|(awaited, _)| *awaited != token);
    }
}
