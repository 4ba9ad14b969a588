//! Writer of indicators, indents and characters, which tracks the column for folding.

/// The state of go-yaml's emitter, as far as it affects the text.
pub(super) struct Emitter<'a> {
    out: &'a mut String,
    /// Text is folded at a space beyond this column.
    pub(super) width: usize,
    /// Characters on the current line.
    pub(super) column: usize,
    /// Indent of the current collection; -1 outside of any.
    pub(super) indent: isize,
    /// Whether the last character was a separating blank.
    whitespace: bool,
    /// Whether the line holds only indent and block indicators.
    indention: bool,
}

/// Columns of indent for each level.
const INDENT: isize = 2;
const SPACES: &str = "                                ";

impl<'a> Emitter<'a> {
    pub(super) fn new(out: &'a mut String, width: usize) -> Self {
        Emitter {
            out,
            width,
            column: 0,
            indent: -1,
            whitespace: true,
            indention: true,
        }
    }

    pub(super) fn end_document(&mut self) {
        self.write_indent();
    }

    /// Enters a mapping and returns the outer indent.
    pub(super) fn start_mapping(&mut self) -> isize {
        let outer = self.indent;
        self.indent = if outer < 0 { 0 } else { outer + INDENT };
        outer
    }

    /// Enters a list and returns the outer indent. A list under `key:` is in the column of the key.
    pub(super) fn start_sequence(&mut self, under_key: bool) -> isize {
        let outer = self.indent;
        self.indent = match outer {
            ..0 => 0,
            _ if under_key && !self.indention => outer,
            _ => outer + INDENT,
        };
        outer
    }

    /// Enters a scalar and returns the outer indent.
    pub(super) fn start_scalar(&mut self) -> isize {
        let outer = self.indent;
        self.indent = outer.max(0) + INDENT;
        outer
    }

    /// An empty collection.
    pub(super) fn empty(&mut self, brackets: &str) {
        self.indicator(brackets, true, false);
    }

    /// Writes an indicator. `need_whitespace`: with a space before it, unless there is one. `is_indention`: the line
    /// still counts as indent only.
    pub(super) fn indicator(&mut self, text: &str, need_whitespace: bool, is_indention: bool) {
        if need_whitespace {
            self.separate();
        }
        self.out.push_str(text);
        self.column += text.len();
        self.whitespace = false;
        self.indention = self.indention && is_indention;
    }

    /// An opening bracket, which needs no space after it.
    pub(super) fn open(&mut self, bracket: &str) {
        self.indicator(bracket, true, false);
        self.whitespace = true;
    }

    /// Starts a new line if the current one holds more than the indent.
    pub(super) fn write_indent(&mut self) {
        let indent = usize::try_from(self.indent).unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break();
        }
        while self.column < indent {
            let count = (indent - self.column).min(SPACES.len());
            self.push_str(&SPACES[..count], count);
        }
        self.whitespace = true;
        self.indention = true;
    }

    /// Writes a space before a scalar, unless there is one.
    pub(super) fn separate(&mut self) {
        if !self.whitespace {
            self.put(' ');
        }
    }

    /// Ends a scalar that ends on its line.
    pub(super) fn end_scalar(&mut self) {
        self.whitespace = false;
        self.indention = false;
    }

    /// A plain text of one-byte characters without spaces or breaks.
    pub(super) fn word(&mut self, text: &str) {
        self.separate();
        self.push_str(text, text.len());
        self.end_scalar();
    }

    pub(super) fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    /// Text without breaks, of a number of characters.
    pub(super) fn push_str(&mut self, text: &str, chars: usize) {
        self.out.push_str(text);
        self.column += chars;
    }

    pub(super) fn put_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    /// A break that is part of a scalar's text.
    pub(super) fn text_break(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
        self.indention = true;
    }

    /// Marks that the line holds text and not only indent.
    pub(super) fn text_starts(&mut self) {
        self.indention = false;
    }

    /// Ends the head of a block scalar.
    pub(super) fn block_starts(&mut self) {
        self.put_break();
        self.indention = true;
        self.whitespace = true;
    }
}
