//! The tables in `data/` turn into schemas.
//!
//! A kind starts with its API version and name. Below it each field has a line: its name, `!` if it is required, its type
//! (`[]` before it for a list, `{}` for a mapping with any keys), and restrictions of its values. Fields of an object are
//! indented below it; a line that starts with `?` is a rule about them.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use super::pattern::Pattern;
use super::rule::Rule;
use super::{Schema, ValueType};

const FILES: [&str; 7] = [
    include_str!("data/fluxcd.controlplane.io.txt"),
    include_str!("data/helm.toolkit.fluxcd.io.txt"),
    include_str!("data/image.toolkit.fluxcd.io.txt"),
    include_str!("data/kustomize.toolkit.fluxcd.io.txt"),
    include_str!("data/notification.toolkit.fluxcd.io.txt"),
    include_str!("data/source.extensions.fluxcd.io.txt"),
    include_str!("data/source.toolkit.fluxcd.io.txt"),
];

/// A kind, whose lines are read on first use.
struct Kind {
    lines: &'static str,
    schema: OnceLock<Option<Arc<Schema>>>,
}

/// Kinds by API version and name.
static KINDS: LazyLock<BTreeMap<(&str, &str), Kind>> = LazyLock::new(|| {
    let mut kinds = BTreeMap::new();
    for file in FILES {
        let mut rest = file;
        while let Some((head, below)) = rest.split_once('\n') {
            let end = below
                .match_indices('\n')
                .map(|(at, _)| at + 1)
                .find(|at| below.get(*at..).is_none_or(|next| !next.starts_with(' ')));
            let (lines, next) = below
                .split_at_checked(end.unwrap_or(below.len()))
                .unwrap_or((below, ""));
            if let Some(key) = head.split_once(' ') {
                let schema = OnceLock::new();
                kinds.insert(key, Kind { lines, schema });
            }
            rest = next;
        }
    }
    kinds
});

/// Whether the tables contain a kind.
pub(super) fn has(api_version: &str, kind: &str) -> bool {
    // Nearly all objects of a repository are of other groups.
    api_version.contains("fluxcd.") && KINDS.contains_key(&(api_version, kind))
}

/// The schema of `spec` of a kind.
pub(super) fn schema(api_version: &str, kind: &str) -> Option<Arc<Schema>> {
    if !has(api_version, kind) {
        return None;
    }
    let kind = KINDS.get(&(api_version, kind))?;
    kind.schema.get_or_init(|| read(kind.lines).map(Arc::new)).clone()
}

/// Reads the lines of one kind.
fn read(lines: &str) -> Option<Schema> {
    let lines: Vec<Line<'_>> = lines.lines().map(Line::new).collect();
    let (first, mut rest) = lines.split_first()?;
    let (_, schema) = field(first, &mut rest)?;
    Some(schema)
}

struct Line<'t> {
    depth: usize,
    text: &'t str,
}

impl<'t> Line<'t> {
    fn new(line: &'t str) -> Self {
        let text = line.trim_start();
        Line {
            depth: line.len() - text.len(),
            text,
        }
    }
}

/// Reads a field, and the lines below it from `following`.
fn field(line: &Line<'_>, following: &mut &[Line<'_>]) -> Option<(String, Schema)> {
    let mut words = line.text.split(' ');
    let name = words.next()?;
    let kind = words.next()?;
    let (name, is_required) = match name.strip_suffix('!') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let base = kind.trim_start_matches(['[', ']', '{', '}']);
    let mut schema = Schema::new(match base {
        "text" => ValueType::Text,
        "bool" => ValueType::Boolean,
        "int" | "number" => ValueType::Number,
        "int-or-text" => ValueType::IntegerOrText,
        "any" => ValueType::Any,
        "object" => object(line.depth, following)?,
        _ => return None,
    });
    let (mut default, mut items) = (None, None);
    for word in words {
        match word.split_once('=') {
            Some(("one-of", values)) => schema.allowed = values.split('|').map(str::to_owned).collect(),
            Some(("default", value)) => default = Some(value.to_owned()),
            Some(("pattern", pattern)) => schema.pattern = Some(Pattern::new(pattern)),
            Some(("length", bounds)) => schema.length = range(bounds)?,
            Some(("items", bounds)) => items = Some(range(bounds)?),
            None if word == "duration" => schema.pattern = Some(Pattern::duration()),
            None if word == "short-duration" => schema.pattern = Some(Pattern::short_duration()),
            _ => return None,
        }
    }
    let mut wrappers = kind.strip_suffix(base)?;
    while !wrappers.is_empty() {
        let (rest, value_type): (_, fn(Box<Schema>) -> ValueType) = match wrappers.strip_suffix("[]") {
            Some(rest) => (rest, ValueType::List),
            None => (wrappers.strip_suffix("{}")?, ValueType::Map),
        };
        schema = Schema::new(value_type(Box::new(schema)));
        if let Some(items) = items.take() {
            schema.length = items;
        }
        wrappers = rest;
    }
    schema.default = default;
    schema.is_required = is_required;
    Some((name.to_owned(), schema))
}

/// Reads the fields and rules of an object.
fn object(depth: usize, following: &mut &[Line<'_>]) -> Option<ValueType> {
    let (mut fields, mut rules) = (Vec::new(), Vec::new());
    while let Some((line, rest)) = following.split_first() {
        if line.depth <= depth {
            break;
        }
        *following = rest;
        match line.text.strip_prefix("? ") {
            Some(rule) => rules.push(Rule::read(rule)?),
            None => fields.push(field(line, following)?),
        }
    }
    Some(ValueType::Object { fields, rules })
}

/// A range such as `1..63`; either side may be open.
fn range(text: &str) -> Option<(usize, usize)> {
    let (least, most) = text.split_once("..")?;
    let number = |text: &str, open: usize| match text {
        "" => Some(open),
        text => text.parse().ok(),
    };
    Some((number(least, 0)?, number(most, usize::MAX)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_can_be_read() {
        assert!(KINDS.len() > 35);
        for ((api_version, kind), _) in KINDS.iter() {
            let schema = schema(api_version, kind).unwrap_or_else(|| panic!("{api_version} {kind}"));
            assert!(
                matches!(schema.value_type, ValueType::Object { .. }),
                "{api_version} {kind}"
            );
        }
        assert!(schema("v1", "Kustomization").is_none());
    }

    #[test]
    fn restrictions_are_read() {
        let text = "  spec object\n    ? not-both a b\n    a! {}[]text items=1.. one-of=x|y\n    b object\n      c text length=..3 default=q\n    d bool\n";
        let schema = read(text).unwrap();
        let ValueType::Object { fields, rules } = &schema.value_type else {
            panic!("no object")
        };
        assert_eq!(rules.len(), 1);
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b", "d"]);
        let a = schema.field("a").unwrap();
        assert!(a.is_required);
        let ValueType::Map(list) = &a.value_type else {
            panic!("no map")
        };
        assert_eq!(list.length, (1, usize::MAX));
        let ValueType::List(item) = &list.value_type else {
            panic!("no list")
        };
        assert_eq!(item.allowed, ["x", "y"]);
        let c = schema.field("b").unwrap().field("c").unwrap();
        assert_eq!((c.length, c.default.as_deref()), ((0, 3), Some("q")));
    }
}
