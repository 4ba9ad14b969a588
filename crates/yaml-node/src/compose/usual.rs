//! Documents in the usual form, read without tokens.
//!
//! Nearly every file of a repository is one document of block mappings and lists, with an entry on each line. The general
//! reader looks ahead in a queue of tokens and inserts into it, for constructs that such a file does not have and for the
//! order of go-yaml's errors, which takes more than half of its time. It reads any other file: `None` says nothing about
//! whether a text is valid.

use super::{Composed, Composer};
use crate::scan::{Lines, Spot};
use crate::{Node, Style};

struct UsualReader<'c, 'a> {
    composer: &'c mut Composer<'a>,
    lines: Lines<'a>,
}

impl<'a> Composer<'a> {
    /// The only document of a text, if it is in the usual form and neither comments nor anchors are kept.
    pub(super) fn usual_document(&mut self) -> Option<Node> {
        if !self.first || self.placing.is_some() || self.kept_anchors.is_some() {
            return None;
        }
        let lines = self.scanner.lines()?;
        let mut reader = UsualReader {
            composer: self,
            lines,
        };
        let document = reader.document();
        match document {
            Some(_) => self.scanner.skip_all(),
            None => self.scanner.start_again(),
        }
        self.first = document.is_none();
        self.open_items.clear();
        self.open_entries.clear();
        self.anchors.clear();
        self.anchor_count = 0;
        Some(document?.node)
    }
}

impl<'a> UsualReader<'_, 'a> {
    fn document(&mut self) -> Option<Composed> {
        self.lines.enter_document()?;
        let document = match self.lines.column() {
            -1 => return None,
            _ => self.node(-1, 0, self.lines.line, true)?,
        };
        (self.lines.column() == -1).then_some(document)
    }

    fn spot(line: u32) -> Spot {
        Spot {
            line,
            ..Spot::default()
        }
    }

    /// The node that begins here, within a block at column `parent`, up to the next token. `line` is that of its mark.
    fn node(&mut self, parent: isize, depth: usize, line: u32, may_be_block: bool) -> Option<Composed> {
        let at = Self::spot(line);
        let composed = match self.lines.peek() {
            b'-' if self.lines.is_at_dash() => {
                return match may_be_block {
                    true => self.sequence(depth, line, false),
                    false => None,
                };
            }
            b'[' => self.flow_sequence(depth, line)?,
            b'{' => self.flow_mapping(depth, line)?,
            b'*' => self.alias(depth)?,
            b'|' | b'>' => {
                let (text, style) = self.composer.scanner.any_scalar(&mut self.lines, parent)?;
                self.lines.settle()?;
                return self.end_scalar(parent, &text, style, at);
            }
            _ => {
                let start = self.lines;
                let (text, style) = match self.lines.scalar(false) {
                    Some(scalar) => scalar,
                    None => return self.long_scalar(parent, at),
                };
                self.lines.skip_spaces();
                if self.lines.is_at_colon() && self.lines.is_key(&start) {
                    return match may_be_block {
                        true => self.mapping(start, text, style, depth, line),
                        false => None,
                    };
                }
                self.lines.next_token()?;
                if style == Style::Plain && self.lines.column() > parent {
                    self.lines = start;
                    return self.long_scalar(parent, at);
                }
                return self.end_scalar(parent, text, style, at);
            }
        };
        self.lines.next_token()?;
        (self.lines.column() <= parent).then_some(composed)
    }

    /// A scalar with something to unescape, or on several lines.
    fn long_scalar(&mut self, parent: isize, at: Spot) -> Option<Composed> {
        let first = self.lines.peek();
        if !matches!(first, b'"' | b'\'') && !self.lines.is_at_plain() {
            return None;
        }
        let (text, style) = self.composer.scanner.any_scalar(&mut self.lines, parent)?;
        match style {
            Style::Plain => self.lines.settle()?,
            _ => self.lines.next_token()?,
        }
        self.end_scalar(parent, &text, style, at)
    }

    fn end_scalar(&mut self, parent: isize, text: &str, style: Style, at: Spot) -> Option<Composed> {
        let ends = self.lines.column() <= parent;
        ends.then(|| self.composer.scalar(text, style, None, at))
    }

    /// The value of an entry or the item behind the indicator that was passed last.
    fn part(&mut self, parent: isize, depth: usize, is_value: bool) -> Option<Composed> {
        self.lines.skip_spaces();
        let line = self.lines.line;
        match self.lines.peek() {
            _ if self.lines.is_at_line_end() => self.part_below(parent, depth, None, is_value),
            b'&' => self.anchored_part(parent, depth, is_value),
            _ => self.node(parent, depth, line, !is_value),
        }
    }

    fn anchored_part(&mut self, parent: isize, depth: usize, is_value: bool) -> Option<Composed> {
        let line = self.lines.line;
        let name = self.lines.name()?;
        let number = self.composer.open_anchor(name);
        self.lines.skip_spaces();
        let composed = match self.lines.peek() {
            _ if self.lines.is_at_line_end() => self.part_below(parent, depth, Some(line), is_value)?,
            b'*' => return None,
            // Before a key on the same line it would be the anchor of the key.
            _ => self.node(parent, depth, line, false)?,
        };
        self.composer.close_anchor(name, number, &composed);
        Some(composed)
    }

    /// A value or item on the lines below its indicator, or an empty one. `anchor` is the line of its anchor.
    fn part_below(
        &mut self,
        parent: isize,
        depth: usize,
        anchor: Option<u32>,
        is_value: bool,
    ) -> Option<Composed> {
        let line = self.lines.line;
        self.lines.next_token()?;
        let at = anchor.unwrap_or(self.lines.line);
        let column = self.lines.column();
        if column > parent {
            return match self.lines.peek() {
                b'&' if anchor.is_none() => self.anchored_part(parent, depth, is_value),
                b'*' if anchor.is_some() => None,
                _ => self.node(parent, depth, at, true),
            };
        }
        if is_value && column == parent && self.lines.is_at_dash() {
            return self.sequence(depth, at, true);
        }
        Some(self.composer.empty(Self::spot(line)))
    }

    /// The list whose first dash is here. `indentless`: it is in the column of its key.
    fn sequence(&mut self, depth: usize, line: u32, indentless: bool) -> Option<Composed> {
        self.composer.check_depth(depth + 1, line).ok()?;
        let column = self.lines.column();
        let mut items = self.composer.open_sequence();
        loop {
            self.lines.skip();
            let item = self.part(column, depth + 1, false)?;
            self.composer.add_item(&mut items, item);
            match self.lines.column() {
                next if next > column => return None,
                next if next == column && self.lines.is_at_dash() => {}
                next if next == column && !indentless => return None,
                _ => break,
            }
        }
        let sequence = self.composer.sequence(&items, false, Self::spot(line));
        self.sized(sequence, line)
    }

    /// The mapping whose first key begins at `key` and was just passed.
    fn mapping(
        &mut self,
        key: Lines<'a>,
        text: &str,
        style: Style,
        depth: usize,
        line: u32,
    ) -> Option<Composed> {
        self.composer.check_depth(depth + 1, line).ok()?;
        let column = key.column();
        let mut entries = self.composer.open_mapping();
        let mut key = self.composer.scalar(text, style, None, Self::spot(key.line));
        loop {
            self.lines.skip();
            let value = self.part(column, depth + 1, true)?;
            self.composer.add_entry(&mut entries, key, value);
            match self.lines.column() {
                next if next > column => return None,
                next if next < column => break,
                _ => {}
            }
            let start = self.lines;
            let (text, style) = self.lines.scalar(false)?;
            self.lines.skip_spaces();
            if !self.lines.is_at_colon() || !self.lines.is_key(&start) {
                return None;
            }
            key = self.composer.scalar(text, style, None, Self::spot(start.line));
        }
        let mapping = self.composer.mapping(&entries, false, Self::spot(line));
        self.sized(mapping, line)
    }

    fn sized(&self, composed: Composed, line: u32) -> Option<Composed> {
        self.composer.check_size(composed.size, line).ok()?;
        Some(composed)
    }

    fn alias(&mut self, depth: usize) -> Option<Composed> {
        let at = Self::spot(self.lines.line);
        let name = self.lines.name()?;
        self.composer.alias(name, at, depth).ok()
    }

    /// A node in brackets, on one line.
    fn flow_node(&mut self, depth: usize) -> Option<Composed> {
        let line = self.lines.line;
        match self.lines.peek() {
            b'[' => self.flow_sequence(depth, line),
            b'{' => self.flow_mapping(depth, line),
            b'*' => self.alias(depth),
            _ => self.flow_scalar(),
        }
    }

    fn flow_scalar(&mut self) -> Option<Composed> {
        let (text, style) = self.lines.scalar(true)?;
        Some(
            self.composer
                .scalar(text, style, None, Self::spot(self.lines.line)),
        )
    }

    /// Moves behind the comma, or to the closing bracket.
    fn end_flow_entry(&mut self, end: u8) -> Option<()> {
        self.lines.skip_spaces();
        match self.lines.peek() {
            b',' => {
                self.lines.skip();
                self.lines.skip_spaces();
                Some(())
            }
            next => (next == end).then_some(()),
        }
    }

    fn flow_sequence(&mut self, depth: usize, line: u32) -> Option<Composed> {
        self.composer.check_depth(depth + 1, line).ok()?;
        self.lines.skip();
        self.lines.skip_spaces();
        let mut items = self.composer.open_sequence();
        while self.lines.peek() != b']' {
            let item = self.flow_node(depth + 1)?;
            self.composer.add_item(&mut items, item);
            self.end_flow_entry(b']')?;
        }
        self.lines.skip();
        let sequence = self.composer.sequence(&items, true, Self::spot(line));
        self.sized(sequence, line)
    }

    fn flow_mapping(&mut self, depth: usize, line: u32) -> Option<Composed> {
        self.composer.check_depth(depth + 1, line).ok()?;
        self.lines.skip();
        self.lines.skip_spaces();
        let mut entries = self.composer.open_mapping();
        while self.lines.peek() != b'}' {
            let start = self.lines;
            let key = self.flow_scalar()?;
            self.lines.skip_spaces();
            let mut value = None;
            if self.lines.peek() == b':' && self.lines.is_key(&start) {
                self.lines.skip();
                self.lines.skip_spaces();
                if !matches!(self.lines.peek(), b',' | b'}') {
                    value = Some(self.flow_node(depth + 1)?);
                }
            }
            let value = value.unwrap_or_else(|| self.composer.empty(Self::spot(self.lines.line)));
            self.composer.add_entry(&mut entries, key, value);
            self.end_flow_entry(b'}')?;
        }
        self.lines.skip();
        let mapping = self.composer.mapping(&entries, true, Self::spot(line));
        self.sized(mapping, line)
    }
}

#[cfg(test)]
mod tests {
    use source_tree::{FileId, Limits};

    use super::*;
    use crate::Dialect;

    const DIALECTS: [Dialect; 2] = [Dialect::V3, Dialect::Yaml11];

    fn usual(text: &str, dialect: Dialect) -> Option<Node> {
        let limits = Limits::default();
        Composer::new(text, FileId(1), 1, &limits, dialect).usual_document()
    }

    /// The document of a text as the general reader reads it, if it has exactly one.
    fn scanned(text: &str, dialect: Dialect) -> Option<Node> {
        let limits = Limits::default();
        let mut composer = Composer::new(text, FileId(1), 1, &limits, dialect);
        let document = composer.scan_document().ok()?;
        match composer.scan_document() {
            Ok(None) => document,
            _ => None,
        }
    }

    #[test]
    fn documents_of_clusters_are_in_the_usual_form() {
        for text in [
            "# a\n---\n# b\na: b # c\n\nc:\n  d:\n  - e\n  - f: g\n    h: 'i'\n  j: \"k\"\n",
            "- a\n-\n  b: c\n- - d\n  - e\n-\n- f: &f {}\n- - *f\n- &g\n  - h",
            "a: &x {b: [c, 'd', \"e\" ], f: , \"g\":[], h}\ni: *x\nj: [*x, [*x], 1,]\n",
            "a: &x\n- b\nc: *x\nd: |\n  e\n\n  f\ng:\n- >-\n  h\n  i\n# j\n",
            "a: b\n  c\n\n  d\ne: \"f\n  g\\t\" # h\ni:\n  j\n  k\nl: 'it''s'\nm:",
            "  a:\n    &x\n    b: c\n  d:\n    *x\n  \"e\" : - # f\n"
                .replace(": - ", ": g ")
                .as_str(),
        ] {
            for dialect in DIALECTS {
                let document = usual(text, dialect);
                assert!(document.is_some(), "{text}");
                assert_eq!(document, scanned(text, dialect), "{text}");
            }
        }
    }

    /// Texts of random pieces, the same in each run.
    fn random_texts(count: usize) -> impl Iterator<Item = String> {
        const INDENTS: [&str; 5] = ["", "", "  ", "  ", "    "];
        const STARTS: [&str; 9] = ["", "", "", "- ", "- ", "- - ", "-", "? ", "\t"];
        const KEYS: [&str; 9] = [
            "", "a: ", "b: ", "c:", "'d': ", "\"e\" : ", "&f g: ", "<<: ", "h :",
        ];
        const VALUES: [&str; 40] = [
            "",
            "",
            "",
            "i",
            "j k",
            "1",
            "- l",
            "m: n",
            "'o'",
            "\"p\"",
            "'q",
            "\"r\\t\"",
            "it's",
            "{}",
            "[]",
            "[s, t]",
            "{u: v}",
            "{u: [w, *x], 'y':z}",
            "[a, {b c:d}, e : f]",
            "{\"a\":1,}",
            "[,]",
            "{a: b: c}",
            "&x",
            "&x a",
            "*x",
            "*y",
            "&x {}",
            "|",
            ">-",
            "|2+",
            "!!str a",
            "a:b",
            "a#b",
            "a?b",
            "-",
            "--",
            "a\tb",
            "é",
            "~",
            "%",
        ];
        const ENDS: [&str; 12] = [
            "\n", "\n", "\n", "\n", "\n", " \n", " # c\n", "#c\n", "\n\n", "\n# c\n", "\n---\n", "\t\n",
        ];
        let mut state = 7_u32;
        let mut below = move |count: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize % count
        };
        let mut line = move || {
            let mut line = String::new();
            for pieces in [&INDENTS[..], &STARTS, &KEYS, &VALUES, &ENDS] {
                line.push_str(pieces[below(pieces.len())]);
            }
            line
        };
        (0..count).map(move |index| (0..1 + index % 7).map(|_| line()).collect())
    }

    #[test]
    fn a_document_is_the_same_with_and_without_tokens() {
        let mut read = 0;
        for text in random_texts(30_000) {
            for dialect in DIALECTS {
                if let Some(document) = usual(&text, dialect) {
                    read += 1;
                    assert_eq!(Some(document), scanned(&text, dialect), "{text}");
                }
            }
        }
        assert!(read > 1_000, "{read}");
    }
}
