//! Comments of a YAML text, copied to its rewritten form.
//!
//! kyaml's encoder keeps comments with their entries: above an entry, at the end of its line, or below it
//! (<https://github.com/yaml/go-yaml/blob/v3/parserc.go>, its comment events). Our trees have no comments, so they are
//! restored by the paths of their entries, which do not change.

use std::collections::HashMap;

use source_tree::Limits;
use yaml_node::{Node, Places, Style, Value, read_anchored, read_resources_placed};

use crate::resource::{Path, Step};

/// Adds the comments of `original` to `rewritten`, unless their places cannot be determined.
pub(super) fn carry_over(original: &str, rewritten: String, limits: &Limits) -> String {
    if !original.contains('#') {
        return rewritten;
    }
    if let (Some(comments), Some(after)) = (
        Comments::from_places(original, limits),
        Layout::from_places(&rewritten, limits),
    ) && comments.is_placed_in(&after)
    {
        return comments.put_into(&rewritten, &after);
    }
    let (Some(before), Some(after)) = (
        Layout::from_lines(original, limits),
        Layout::from_lines(&rewritten, limits),
    ) else {
        return rewritten;
    };
    Comments::from_lines(original, &before).put_into(&rewritten, &after)
}

/// A key of a mapping or an item of a list.
struct Entry {
    path: Path,
    /// 1-based.
    line: usize,
    /// The column of the key or dash.
    column: usize,
    is_null: bool,
    is_block_scalar: bool,
}

/// The places of the entries of a text, in the order of the text.
#[derive(Default)]
struct Layout {
    entries: Vec<Entry>,
    by_path: HashMap<Path, usize>,
}

impl Layout {
    fn from_lines(text: &str, limits: &Limits) -> Option<Layout> {
        let (root, _) = read_anchored(text, limits).ok()??;
        let mut layout = Layout::default();
        let lines: Vec<&str> = text.lines().collect();
        layout.collect(&root, &mut Path::new(), &lines)?;
        Some(layout)
    }

    /// As [`Layout::from_lines`], for a text of our own writer, in which dashes are two columns before their items.
    fn from_places(text: &str, limits: &Limits) -> Option<Layout> {
        let (root, places) = read_placed(text, limits)?;
        let mut layout = Layout::default();
        layout.collect_placed(&root, &mut Path::new(), &places)?;
        Some(layout)
    }

    fn collect_placed(&mut self, node: &Node, path: &mut Path, places: &Places) -> Option<()> {
        for (step, start, value) in block_entries(node)? {
            let place = places.get(start.mark)?;
            let before = match step {
                Step::Key(_) => 0,
                Step::Item(_) if value.is_null() && value.text() == Some("") => 1,
                Step::Item(_) => 2,
            };
            path.push(step);
            self.push(Entry {
                path: path.clone(),
                line: usize::try_from(place.line).ok()?,
                column: usize::try_from(place.column.checked_sub(before + 1)?).ok()?,
                is_null: value.is_null(),
                is_block_scalar: false,
            });
            self.collect_placed(value, path, places)?;
            path.pop();
        }
        Some(())
    }

    fn collect(&mut self, node: &Node, path: &mut Path, lines: &[&str]) -> Option<()> {
        for (step, start, value) in block_entries(node)? {
            path.push(step);
            self.add(start.mark.line, value, path, lines)?;
            path.pop();
        }
        Some(())
    }

    fn push(&mut self, entry: Entry) {
        self.by_path.insert(entry.path.clone(), self.entries.len());
        self.entries.push(entry);
    }

    fn add(&mut self, line: u32, value: &Node, path: &mut Path, lines: &[&str]) -> Option<()> {
        let line = usize::try_from(line).ok()?;
        let text = lines.get(line.checked_sub(1)?)?;
        // The entries of one line begin at its indent and after each dash.
        if self.entries.last().is_some_and(|last| last.line > line) {
            return None;
        }
        let on_line = self
            .entries
            .iter()
            .rev()
            .take_while(|entry| entry.line == line)
            .count();
        let column = nth_column(text, on_line)?;
        let style = value.as_scalar().map(|scalar| scalar.style);
        self.push(Entry {
            path: path.clone(),
            line,
            column,
            is_null: value.is_null(),
            is_block_scalar: matches!(style, Some(Style::Literal | Style::Folded)),
        });
        self.collect(value, path, lines)
    }

    fn entry(&self, path: &[Step]) -> Option<&Entry> {
        self.entries.get(*self.by_path.get(path)?)
    }

    /// The last entry above a line.
    fn above(&self, line: usize) -> Option<&Entry> {
        let after = self.entries.partition_point(|entry| entry.line < line);
        self.entries.get(after.checked_sub(1)?)
    }

    /// The first entry below a line.
    fn below(&self, line: usize) -> Option<&Entry> {
        self.entries
            .get(self.entries.partition_point(|entry| entry.line <= line))
    }

    /// The entry, or the nearest one around it, that is not right of a column.
    fn at_column(&self, entry: &Entry, column: usize) -> Option<&Entry> {
        (1..=entry.path.len()).rev().find_map(|length| {
            let outer = self.entry(entry.path.get(..length)?)?;
            (outer.column <= column).then_some(outer)
        })
    }

    /// The last line of an entry, including nested ones.
    fn end_line(&self, path: &[Step], line_count: usize) -> usize {
        let after = |entry: &&Entry| !entry.path.starts_with(path);
        let position = self.by_path.get(path);
        let rest = position
            .and_then(|position| self.entries.get(*position..))
            .unwrap_or_default();
        rest.iter().find(after).map_or(line_count, |next| next.line - 1)
    }
}

fn nth_column(line: &str, entry: usize) -> Option<usize> {
    let mut column = indent(line);
    for _ in 0..entry {
        let rest = line.get(column..)?.strip_prefix('-')?;
        column += 1 + indent(rest);
    }
    Some(column)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Comments by entry.
#[derive(Default)]
struct Comments {
    /// At the top of the document, with a blank line below.
    document: Vec<String>,
    above: HashMap<Path, Vec<String>>,
    behind: HashMap<Path, String>,
    /// Below an entry, each with a blank line below it if the next entry is in the same column.
    below: Vec<(Path, Vec<String>)>,
    /// At the end of the document, with a blank line above.
    end: Vec<String>,
}

impl Comments {
    /// Finds the comments as go-yaml does. `None` for texts that are not one document in block style.
    fn from_places(text: &str, limits: &Limits) -> Option<Comments> {
        let (root, places) = read_placed(text, limits)?;
        let mut comments = Comments {
            document: lines(&places.document.head),
            end: lines(&places.document.foot),
            ..Comments::default()
        };
        comments.collect(&root, &mut Path::new(), &places)?;
        Some(comments)
    }

    fn collect(&mut self, node: &Node, path: &mut Path, places: &Places) -> Option<()> {
        let none = yaml_node::Comments::default();
        let of = |node: &Node| places.get(node.mark).map(|place| place.comments.clone());
        if !is_block(node) && node.as_scalar().is_none() {
            return without_comments(node, places);
        }
        for (step, start, value) in block_entries(node)? {
            let is_key = matches!(step, Step::Key(_));
            path.push(step);
            self.note(path, &of(start)?);
            let of_value = of(value).filter(|_| is_key).unwrap_or_default();
            if !is_block(value) {
                self.note(path, &of_value);
            } else if of_value != none {
                return None;
            }
            self.collect(value, path, places)?;
            path.pop();
        }
        Some(())
    }

    /// Whether every comment has a place in a layout. A comment above an entry that follows a dash has none.
    fn is_placed_in(&self, layout: &Layout) -> bool {
        let known = |path: &Path| layout.by_path.get(path);
        let first_on_line = |path: &Path| {
            let Some(index) = known(path) else {
                return false;
            };
            let line = layout.entries.get(*index).map(|entry| entry.line);
            let before = index.checked_sub(1).and_then(|before| layout.entries.get(before));
            before.map(|entry| entry.line) != line
        };
        self.above.keys().all(first_on_line)
            && self.behind.keys().all(|path| known(path).is_some())
            && self.below.iter().all(|(path, _)| known(path).is_some())
    }

    fn note(&mut self, path: &Path, comments: &yaml_node::Comments) {
        if !comments.head.is_empty() {
            self.above
                .entry(path.clone())
                .or_default()
                .extend(lines(&comments.head));
        }
        if !comments.line.is_empty() {
            self.behind.insert(path.clone(), comments.line.clone());
        }
        if !comments.foot.is_empty() {
            self.below.push((path.clone(), lines(&comments.foot)));
        }
    }

    fn from_lines(text: &str, layout: &Layout) -> Comments {
        let mut comments = Comments::default();
        let lines: Vec<&str> = text.lines().collect();
        let mut index = 0;
        while let Some(line) = lines.get(index) {
            let number = index + 1;
            index += 1;
            if is_content_of_block(layout, number, line) || line.trim().is_empty() {
                continue;
            }
            if !line.trim_start().starts_with('#') {
                comments.add_behind(layout, number, line);
                continue;
            }
            let block: Vec<&str> = lines
                .get(number - 1..)
                .unwrap_or_default()
                .iter()
                .copied()
                .take_while(|line| line.trim_start().starts_with('#'))
                .collect();
            index = number - 1 + block.len();
            let is_blank = |at: Option<&&str>| at.is_some_and(|line| line.trim().is_empty());
            let blank_above = number >= 2 && is_blank(lines.get(number - 2));
            let blank_below = is_blank(lines.get(index));
            comments.add_block(layout, number, &block, blank_above, blank_below);
        }
        comments
    }

    fn add_behind(&mut self, layout: &Layout, number: usize, line: &str) {
        let entry = layout.above(number + 1).filter(|entry| entry.line == number);
        if let (Some(entry), Some(start)) = (entry, comment_start(line)) {
            let comment = line.get(start..).unwrap_or_default().trim_end().to_owned();
            self.behind.insert(entry.path.clone(), comment);
        }
    }

    fn add_block(
        &mut self,
        layout: &Layout,
        number: usize,
        block: &[&str],
        blank_above: bool,
        blank_below: bool,
    ) {
        let texts: Vec<String> = block.iter().map(|line| line.trim().to_owned()).collect();
        let column = block.first().map_or(0, |line| indent(line));
        let above = layout.above(number);
        let below = layout.below(number);
        let outer = above.and_then(|entry| layout.at_column(entry, column));
        match (above, below, outer) {
            (None, Some(_), _) if blank_below => self.document.extend(texts),
            (Some(above), Some(below), Some(outer))
                if (column > below.column && !above.is_null)
                    || (blank_below && !blank_above && outer.column == column) =>
            {
                self.below.push((outer.path.clone(), texts));
            }
            (_, Some(below), _) => self.above.entry(below.path.clone()).or_default().extend(texts),
            (_, None, Some(outer)) => self.below.push((outer.path.clone(), texts)),
            (_, None, None) => self.document.extend(texts),
        }
    }

    fn put_into(&self, text: &str, layout: &Layout) -> String {
        let lines: Vec<&str> = text.lines().collect();
        let mut inserted: Vec<(Vec<String>, String, Vec<String>)> = lines
            .iter()
            .map(|line| (Vec::new(), (*line).to_owned(), Vec::new()))
            .collect();
        let indented = |texts: &[String], column: usize| -> Vec<String> {
            texts
                .iter()
                .map(|text| format!("{}{text}", " ".repeat(column)))
                .collect()
        };
        for entry in &layout.entries {
            let Some((above, line, _)) = inserted.get_mut(entry.line - 1) else {
                continue;
            };
            if let Some(texts) = self.above.get(&entry.path) {
                above.extend(indented(texts, entry.column));
            }
            if let Some(comment) = self.behind.get(&entry.path) {
                line.push(' ');
                line.push_str(comment);
            }
        }
        for (path, texts) in &self.below {
            let Some(entry) = layout.entry(path) else {
                continue;
            };
            let end = layout.end_line(path, lines.len());
            let next = lines.get(end).map(|next| indent(next));
            if let Some((_, _, below)) = inserted.get_mut(end - 1) {
                if below.last().is_some_and(|last| indent(last) == entry.column) {
                    below.push(String::new());
                }
                below.extend(indented(texts, entry.column));
                if next == Some(entry.column)
                    && !self.below.iter().any(|(other, _)| {
                        other != path && path.starts_with(other) && layout.end_line(other, lines.len()) == end
                    })
                {
                    below.push(String::new());
                }
            }
        }
        let mut all: Vec<String> = self.document.clone();
        if !all.is_empty() {
            all.push(String::new());
        }
        all.extend(
            inserted
                .into_iter()
                .flat_map(|(above, line, below)| above.into_iter().chain(std::iter::once(line)).chain(below)),
        );
        if !self.end.is_empty() {
            all.push(String::new());
            all.extend(self.end.iter().cloned());
        }
        all.join("\n")
    }
}

/// Parses a text of one resource, with the places of its nodes.
fn read_placed(text: &str, limits: &Limits) -> Option<(Node, Places)> {
    let mut places = Places::default();
    let mut read = read_resources_placed(text, limits, &mut places).ok()?;
    let root = read.pop().filter(|_| read.is_empty())?;
    Some((root, places))
}

/// The entries of a block mapping or list, each with its first node (the key or item) and value. Other nodes have no
/// entries. `None` if a key is not a scalar.
fn block_entries(node: &Node) -> Option<Vec<(Step, &Node, &Node)>> {
    match &node.value {
        Value::Mapping(mapping) if !mapping.flow => {
            let entries = mapping.entries().iter();
            entries
                .map(|(key, value)| Some((Step::Key(key.text()?.into()), key, value)))
                .collect()
        }
        Value::Sequence(items) if !items.flow => {
            let items = items.iter().enumerate();
            Some(
                items
                    .map(|(index, item)| (Step::Item(index), item, item))
                    .collect(),
            )
        }
        _ => Some(Vec::new()),
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn is_block(node: &Node) -> bool {
    match &node.value {
        Value::Mapping(mapping) => !mapping.flow,
        Value::Sequence(items) => !items.flow,
        Value::Scalar(_) => false,
    }
}

// Fails if there are comments in brackets, which are kept in another way.
fn without_comments(node: &Node, places: &Places) -> Option<()> {
    let clean = |node: &Node| {
        let place = places.get(node.mark);
        place
            .is_none_or(|place| place.comments == yaml_node::Comments::default())
            .then_some(())
    };
    match &node.value {
        Value::Scalar(_) => clean(node),
        Value::Sequence(items) => items.iter().try_for_each(|item| {
            clean(item)?;
            without_comments(item, places)
        }),
        Value::Mapping(mapping) => mapping.entries().iter().try_for_each(|(key, value)| {
            clean(key)?;
            clean(value)?;
            without_comments(value, places)
        }),
    }
}

// Whether a line that looks like a comment is in a block scalar, so right of its key.
fn is_content_of_block(layout: &Layout, number: usize, line: &str) -> bool {
    layout
        .above(number)
        .is_some_and(|entry| entry.is_block_scalar && indent(line) > entry.column)
}

/// The start of a line's comment, outside of quotes.
fn comment_start(line: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = ' ';
    let mut escaped = false;
    let mut chars = line.char_indices().peekable();
    while let Some((index, c)) = chars.next() {
        match quote {
            // A doubled quote is an escaped one.
            Some('\'') if c == '\'' && chars.next_if(|(_, next)| *next == '\'').is_some() => {}
            Some(open) => {
                if c == open && !escaped {
                    quote = None;
                }
                escaped = open == '"' && c == '\\' && !escaped;
            }
            None if matches!(c, '"' | '\'') && " [{,".contains(before) => quote = Some(c),
            None if c == '#' && before.is_whitespace() => return Some(index),
            None => {}
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn check(original: &str, rewritten: &str, expected: &str) {
        assert_eq!(
            carry_over(original, rewritten.to_owned(), &Limits::default()),
            expected
        );
    }

    #[test]
    fn comments_stay_with_their_entries() {
        check(
            "# top\n\n# of a\na: 1 # behind\nb:\n    # deep\n    - x: 'y # no' # yes\n",
            "a: 2\nb:\n- x: 'y # no'",
            "# top\n\n# of a\na: 2 # behind\nb:\n# deep\n- x: 'y # no' # yes",
        );
    }

    #[test]
    fn comments_below_an_entry_have_a_blank_line_after_them() {
        check(
            "l:\n  - a\n  # foot\nb: 1\n",
            "l:\n- a\nb: 2",
            "l:\n- a\n# foot\n\nb: 2",
        );
        check(
            "s:\n  a: 1\n  # foot\n\n  b: 1\n# end\n",
            "s:\n  a: 1\n  b: 2",
            "s:\n  a: 1\n  # foot\n\n  b: 2\n# end",
        );
    }

    #[test]
    fn quotes_hide_what_looks_like_a_comment() {
        for (line, expected) in [
            ("a: 'b\\' # c", Some(8)),
            ("a: \"b\\\" # c\" # d", Some(13)),
            ("a: 'b'' # c' # d", Some(13)),
            ("a: b#c", None),
            ("a: it's # c", Some(8)),
        ] {
            assert_eq!(comment_start(line), expected, "{line}");
        }
    }

    #[test]
    fn texts_that_look_like_comments_are_left_alone() {
        check("t: |\n  # x\na: 1\n", "t: |\n  # x\na: 2", "t: |\n  # x\na: 2");
    }
}
