//! Uses of variables in an object.

use foldhash::{HashMap, HashMapExt};
use source_tree::Mark;
use yaml_node::{Node, Scalar, Style, Value};

use crate::envsubst;

/// Most characters of an expression in a message.
const MAX_CHARACTERS: usize = 80;

/// Calls `found` with the name of each variable, whether the use has a default, and the place of its scalar.
pub(crate) fn for_each_use(node: &Node, found: &mut dyn FnMut(&str, bool, Mark)) {
    for_each_scalar(node, &mut |scalar, mark| {
        if let Ok(template) = envsubst::parse(&scalar.text) {
            let lines = first_lines(scalar, mark);
            for variable in template.variables() {
                let mark = lines.get(variable.name).copied().unwrap_or(mark);
                found(variable.name, variable.defaulted, mark);
            }
        }
    });
}

/// An expression that cannot be parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// Its text, up to the end of its line.
    pub(super) expression: String,
    /// Its line, also within a block scalar.
    pub(super) mark: Mark,
}

/// The first expression that cannot be parsed by itself.
pub(super) fn first_broken(node: &Node) -> Option<Broken> {
    let mut broken = None;
    for_each_scalar(node, &mut |scalar, mark| {
        if broken.is_none() && envsubst::parse(&scalar.text).is_err() {
            broken = Some(broken_in(scalar, mark));
        }
    });
    broken
}

/// The fault in a text that cannot be parsed: the last expression up to which the text can be parsed.
fn broken_in(scalar: &Scalar, mark: Mark) -> Broken {
    let text = scalar.text.as_str();
    // Quadratic: all text before each expression is parsed.
    const MAX_EXPRESSIONS: usize = 2_000;
    let starts = text.match_indices("${").map(|(at, _)| at).take(MAX_EXPRESSIONS);
    let is_valid = |before: &str| envsubst::parse(before).is_ok();
    let starts = starts.filter(|at| text.get(..*at).is_some_and(is_valid));
    let start = starts.last().unwrap_or_default();
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    let end = line.find('}').map_or(line.len(), |end| end + 1);
    let expression = line.get(..end).unwrap_or_default().chars();
    Broken {
        expression: expression.take(MAX_CHARACTERS).collect(),
        mark: line_of(scalar, mark, start),
    }
}

/// The line of a character of a text.
fn line_of(scalar: &Scalar, mark: Mark, at: usize) -> Mark {
    // The line breaks of a folded scalar are not known.
    if scalar.style != Style::Literal || !mark.is_some() {
        return mark;
    }
    let before = scalar.text.get(..at).unwrap_or_default();
    let breaks = u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX);
    // The text starts on the line after its header. A file in a generator has no header.
    let header = u32::from(mark.line > 1);
    let line = mark.line.saturating_add(breaks).saturating_add(header);
    Mark { line, ..mark }
}

/// The first line on which a block scalar uses each variable; empty for other scalars, which have one line.
fn first_lines(scalar: &Scalar, mark: Mark) -> HashMap<&str, Mark> {
    let mut lines = HashMap::new();
    if scalar.style != Style::Literal || !mark.is_some() {
        return lines;
    }
    let text = scalar.text.as_str();
    let mut line = line_of(scalar, mark, 0);
    let mut counted = 0;
    for (at, _) in text.match_indices("${") {
        let between = text.get(counted..at).unwrap_or_default();
        let breaks = u32::try_from(between.matches('\n').count()).unwrap_or(u32::MAX);
        line.line = line.line.saturating_add(breaks);
        counted = at;
        let rest = text.get(at + "${".len()..).unwrap_or_default();
        let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
        let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        // `$${` is escaped.
        if !text.get(..at).is_some_and(|before| before.ends_with('$')) {
            lines.entry(name).or_insert(line);
        }
    }
    lines
}

pub(super) fn for_each_scalar(node: &Node, found: &mut dyn FnMut(&Scalar, Mark)) {
    match &node.value {
        // A search for one letter is faster, and most texts do not contain it.
        Value::Scalar(scalar) if scalar.text.contains('$') && scalar.text.contains("${") => {
            found(scalar, node.mark);
        }
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter().for_each(|item| for_each_scalar(item, found)),
        Value::Mapping(mapping) => {
            for (key, value) in mapping.entries() {
                for_each_scalar(key, found);
                for_each_scalar(value, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use source_tree::{FileId, Limits};

    use super::*;

    #[test]
    fn the_line_within_a_block_scalar_is_that_of_the_expression() {
        for (text, expression, line) in [
            (
                "a: x\ndata:\n  run: |\n    echo ${OK}\n    curl \"${AUTH[@]}\" ${D}\n",
                "${AUTH[@]}",
                5,
            ),
            ("data: {a: 'b ${x-y} c'}\n", "${x-y}", 1),
            ("data:\n  a: |-\n    one\n    two ${\n    three\n", "${", 4),
        ] {
            let node = yaml_node::read_documents(text, FileId(1), &Limits::default())
                .unwrap()
                .remove(0);
            let found = first_broken(&node).unwrap();
            assert_eq!(
                (found.expression.as_str(), found.mark.line),
                (expression, line),
                "{text}"
            );
        }
    }
}
