//! Substitution scalar by scalar.
//!
//! Flux substitutes in the text of a whole object. Writing and reading it changes most scalars in a way that is known
//! beforehand, so that only those with expressions need to be looked at. An object for which that is not certain takes the
//! long way.

use std::borrow::Cow;

use source_tree::Limits;
use yaml_node::{Dialect, Mapping, Node, Scalar, Sequence, Style, Tag, Value, resolve, sort_entries};

use super::{Substituted, Variables, big_numbers, keeps_identity};
use crate::envsubst::{self, Undefined};

/// The result of substitution; `None` for an object that takes the long way. An undefined variable is empty.
pub(super) fn substitute(built: &Node, variables: &Variables, limits: &Limits) -> Option<Substituted> {
    /// Weight of the largest object.
    const MAX_WEIGHT: usize = 10_000;
    // Far from the limits, at which the text could not be expanded or read.
    let limits = Limits {
        depth: limits.depth / 2,
        nodes: limits.nodes / 2,
        ..*limits
    };
    if built.weight() > MAX_WEIGHT || !built.fits(&limits) {
        return None;
    }
    let mut texts = Texts::default();
    texts.collect(built, variables)?;
    if texts.rendered.iter().chain(&texts.shown).all(Option::is_none) {
        // An object that cannot be written is an error even if nothing changes.
        reread(built, &mut texts.rendered.into_iter(), false)?;
        return Some(Substituted {
            node: big_numbers::rounded(built),
            rendered: None,
            mentions: true,
        });
    }
    let object = |texts: Vec<Option<String>>, is_changed: bool| match is_changed {
        true => reread(built, &mut texts.into_iter(), false),
        false => Some(big_numbers::rounded(built)),
    };
    let is_changed = |texts: &[Option<String>]| texts.iter().any(Option::is_some);
    let (is_rendered, is_shown) = (is_changed(&texts.rendered), is_changed(&texts.shown));
    let is_same = texts.rendered == texts.shown;
    let rendered = object(texts.rendered, is_rendered)?;
    if !keeps_identity(&rendered, built) {
        return None;
    }
    if is_same {
        return Some(Substituted {
            node: rendered,
            rendered: None,
            mentions: true,
        });
    }
    Some(Substituted {
        node: object(texts.shown, is_shown)?,
        rendered: Some(rendered),
        mentions: true,
    })
}

/// The length of the texts of one object, in bytes, far from the bound of substitution.
const MAX_BYTES: usize = 1 << 20;

/// The new texts of the scalars with expressions, in the order of the object; `None` for one that stays as it is.
#[derive(Default)]
struct Texts {
    rendered: Vec<Option<String>>,
    shown: Vec<Option<String>>,
    /// The length of all of them.
    bytes: usize,
}

impl Texts {
    fn collect(&mut self, node: &Node, variables: &Variables) -> Option<()> {
        match &node.value {
            Value::Scalar(scalar) if has_expression(&scalar.text) => {
                let text = scalar.text.as_str();
                if !is_expandable(scalar) {
                    return None;
                }
                let template = envsubst::parse(text).ok()?;
                let rendered = template.expand(&|name| variables.rendered(name), Undefined::Empty);
                let shown = template.expand(&|name| variables.shown(name), Undefined::Keep);
                for (expanded, into) in [(rendered, &mut self.rendered), (shown, &mut self.shown)] {
                    let expanded = String::from_utf8(expanded.ok()?).ok()?;
                    let stays = expanded == text;
                    self.bytes += expanded.len();
                    if self.bytes > MAX_BYTES || !stays && !has_same_form(text, &expanded) {
                        return None;
                    }
                    into.push((!stays).then_some(expanded));
                }
                Some(())
            }
            Value::Scalar(_) => Some(()),
            Value::Sequence(items) => items.iter().try_for_each(|item| self.collect(item, variables)),
            Value::Mapping(mapping) => {
                let mut entries = mapping.entries().iter();
                entries.try_for_each(|(_, value)| self.collect(value, variables))
            }
        }
    }
}

/// Whether substitution may change a text.
fn has_expression(text: &str) -> bool {
    text.contains('$') && (text.contains("${") || text.contains("$$"))
}

/// Whether the expressions of a scalar are in the object's text as they are in the scalar: it needs no quotes, and no line is
/// folded within an expression.
fn is_expandable(scalar: &Scalar) -> bool {
    let text = scalar.text.as_str();
    let mut expressions = text
        .match_indices("${")
        .map(|(at, _)| text.get(at..).unwrap_or_default());
    scalar.tag == Tag::Str
        && is_stable(scalar)
        && (text.contains('\n') || is_plain(text))
        && expressions.all(|rest| {
            let end = rest.find('}');
            end.and_then(|end| rest.get(..end))
                .is_some_and(|inside| !inside.contains([' ', '\n']))
        })
}

/// Whether a text is written like the one that it replaces: without quotes, or as a block with as many lines.
fn has_same_form(old: &str, new: &str) -> bool {
    match old.contains('\n') {
        true => {
            let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
            is_stable_text(new) && lines(old) == lines(new) && old.ends_with('\n') == new.ends_with('\n')
        }
        false => is_plain(new),
    }
}

/// Whether a text needs no quotes anywhere in an object, whatever its type is.
fn is_plain(text: &str) -> bool {
    let begins_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '.' | '$');
    let is_in_word = |byte| {
        matches!(
            byte,
            b'$' | b'{'
                ..=b'}'
                    | b'_'
                    | b'.'
                    | b'/'
                    | b'-'
                    | b'='
                    | b','
                    | b'+'
                    | b'@'
                    | b'('
                    | b')'
                    | b':'
                    | b'`'
                    | b'&'
                    | b'?'
                    | b'%'
                    | b';'
                    | b'~'
                    | b' '
        ) || u8::is_ascii_alphanumeric(&byte)
    };
    text.starts_with(begins_word)
        && text.bytes().all(is_in_word)
        && !text.ends_with([':', ' '])
        && !text.contains("  ")
        && !text.contains(": ")
        && !matches!(text, "..." | "=")
}

/// Whether a string has the same text after it was written and read, in any style.
fn is_stable(scalar: &Scalar) -> bool {
    is_stable_text(&scalar.text) && !(scalar.style == Style::Folded && scalar.text.contains('\n'))
}

fn is_stable_text(text: &str) -> bool {
    let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n'));
    is_printable
        && !text.starts_with([' ', '\n'])
        && !text.ends_with(' ')
        && (!text.contains('\n') || (!text.contains(" \n") && !text.ends_with("\n\n")))
        && !matches!(text, "<<" | "=")
}

/// The object as it is read from its text. `texts` are the new texts of the scalars with expressions.
fn reread(node: &Node, texts: &mut impl Iterator<Item = Option<String>>, flow: bool) -> Option<Node> {
    let value = match &node.value {
        Value::Scalar(scalar) => {
            let new = match has_expression(&scalar.text) {
                true => match texts.next()? {
                    Some(text) if scalar.text.contains('\n') => string(&text),
                    Some(text) => plain(&text)?,
                    None => quoted(scalar),
                },
                false => reread_scalar(scalar, flow)?,
            };
            if new == *scalar {
                return Some(node.clone());
            }
            Value::Scalar(new)
        }
        Value::Sequence(items) => {
            let mut new = Vec::with_capacity(items.len());
            for item in items.iter() {
                new.push(reread(item, texts, flow || items.flow)?);
            }
            if new.iter().zip(items.iter()).all(|(new, old)| new.shares(old)) {
                return Some(node.clone());
            }
            Value::Sequence(Sequence::new(new))
        }
        Value::Mapping(mapping) => {
            let mut new = Vec::with_capacity(mapping.len());
            for (key, value) in mapping.entries() {
                let scalar = key.as_scalar().filter(|scalar| is_key(scalar))?;
                let key = Node::new(Value::Scalar(quoted(scalar))).with_mark(key.mark);
                new.push((key, reread(value, texts, flow || mapping.flow)?));
            }
            let entries = new.iter().zip(mapping.entries());
            if entries.into_iter().all(|((_, new), (_, old))| new.shares(old)) {
                return has_unique_keys(mapping).then(|| node.clone());
            }
            Value::Mapping(Mapping::new(sorted(new)?))
        }
    };
    Some(Node {
        value,
        mark: node.mark,
    })
}

/// Whether a key is a string that is written on one line.
fn is_key(scalar: &Scalar) -> bool {
    /// Longer ones are written in another way.
    const MAX_LENGTH: usize = 100;
    let text = scalar.text.as_str();
    let is_in_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'/' | b'-');
    scalar.tag == Tag::Str
        && text.len() <= MAX_LENGTH
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text.bytes().all(is_in_key)
}

fn has_unique_keys(mapping: &Mapping) -> bool {
    let entries = mapping.entries();
    let mut positions = (0..).zip(entries);
    positions.all(|(position, (key, _))| mapping.position(key.text().unwrap_or_default()) == Some(position))
}

/// The entries in the order of the text; `None` if a key is repeated, which is an error.
fn sorted(entries: Vec<(Node, Node)>) -> Option<Vec<(Node, Node)>> {
    let keys = entries.iter().map(|(key, _)| key.text().unwrap_or_default());
    let mut order: Vec<(Cow<'_, str>, usize)> = keys.map(Cow::Borrowed).zip(0..).collect();
    sort_entries(&mut order);
    if order.windows(2).any(|pair| matches!(pair, [a, b] if a.0 == b.0)) {
        return None;
    }
    let order: Vec<usize> = order.into_iter().map(|(_, position)| position).collect();
    if order.is_sorted() {
        return Some(entries);
    }
    let mut entries: Vec<_> = entries.into_iter().map(Some).collect();
    order
        .into_iter()
        .map(|position| entries.get_mut(position)?.take())
        .collect()
}

/// A scalar without expressions after it was written and read.
fn reread_scalar(scalar: &Scalar, flow: bool) -> Option<Scalar> {
    let is_plain = scalar.style == Style::Plain;
    match scalar.tag {
        Tag::Str => is_stable(scalar).then(|| quoted(scalar)),
        Tag::Null if is_plain && !flow && matches!(&*scalar.text, "" | "~" | "null") => Some(null()),
        Tag::Bool | Tag::Int if is_plain => typed(&scalar.text).filter(|typed| typed.tag == scalar.tag),
        _ => None,
    }
}

/// The scalar that is read from a text without quotes.
fn plain(text: &str) -> Option<Scalar> {
    match resolve(text, Dialect::Yaml11) {
        Tag::Str => Some(string(text)),
        _ => typed(text),
    }
}

/// A boolean or a number in its only form.
fn typed(text: &str) -> Option<Scalar> {
    match text {
        "true" | "false" => Some(Scalar::new(text, Tag::Bool)),
        _ => is_exact_integer(text).then(|| Scalar::new(text, Tag::Int)),
    }
}

/// Whether a text is an integer in its only form, which is exact in every representation.
pub(crate) fn is_exact_integer(text: &str) -> bool {
    /// All numbers with so many digits are exact.
    const MAX_DIGITS: usize = 15;
    !text.is_empty()
        && text.len() <= MAX_DIGITS
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
}

fn null() -> Scalar {
    Scalar::new("null", Tag::Null)
}

/// A string with the text of a scalar.
fn quoted(scalar: &Scalar) -> Scalar {
    Scalar {
        text: scalar.text.clone(),
        style: Style::DoubleQuoted,
        tag: Tag::Str,
    }
}

fn string(text: &str) -> Scalar {
    Scalar {
        style: Style::DoubleQuoted,
        ..Scalar::new(text, Tag::Str)
    }
}

#[cfg(test)]
mod tests {
    use source_tree::FileId;
    use yaml_node::read_resources_text;

    use super::super::{VariableValue, substitute_text};
    use super::*;
    use crate::DefinedIn;

    /// Numbers of a linear congruential generator.
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap() % bound
        }

        fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
            all[self.below(all.len())]
        }
    }

    const PIECES: [&str; 44] = [
        "a",
        "Host",
        "${plain}",
        "${empty}",
        "${number}",
        "${gone}",
        "${gone:=5}",
        "${gone:-on}",
        "${secret}",
        "$${x}",
        "$",
        " ",
        "  ",
        ": ",
        " #",
        ":",
        "-",
        "- ",
        "'",
        "\"",
        "\\",
        "\n",
        "\n\n",
        " \n",
        "\n ",
        "/",
        ".",
        "1",
        "0",
        "é",
        "{",
        "}",
        "true",
        "null",
        "~",
        "yes",
        "${spaced}",
        "${odd}",
        "${plain:0:2}",
        "${gone:=a b}",
        "=",
        "<<",
        "\t",
        "2024-01-01",
    ];

    fn variables() -> Variables {
        let mut variables = Variables::default();
        let all = [
            ("plain", "value"),
            ("empty", ""),
            ("number", "8080"),
            ("spaced", " b c"),
            ("odd", "x: 'y'"),
        ];
        for (name, value) in all {
            variables.set(name, VariableValue::plain(value, DefinedIn::File(String::new())));
        }
        let secret = VariableValue::secret(Some("hidden"), DefinedIn::File(String::new()));
        variables.set("secret", secret);
        variables
    }

    fn text(random: &mut Random) -> String {
        let length = 1 + random.below(7);
        (0..length).map(|_| random.pick(&PIECES)).collect()
    }

    fn node(random: &mut Random, depth: usize) -> Node {
        match random.below(if depth > 2 { 6 } else { 8 }) {
            0 => random.pick(&["null", "~", ""]).parse_plain(),
            1 => random
                .pick(&["true", "no", "0", "8080", "017", "1.5", "12345678901234567890"])
                .parse_plain(),
            2..=5 => {
                let style = match random.below(5) {
                    0 => Style::Plain,
                    1 => Style::SingleQuoted,
                    2 => Style::DoubleQuoted,
                    3 => Style::Literal,
                    _ => Style::Folded,
                };
                let mut scalar = Scalar::new(text(random), Tag::Str);
                scalar.style = style;
                Node::new(Value::Scalar(scalar))
            }
            6 => Node::sequence(
                (0..random.below(4))
                    .map(|_| node(random, depth + 1))
                    .collect::<Vec<_>>(),
            ),
            _ => {
                let keys = [
                    "b", "a", "a1b", "a1-c", "a10", "a2", "on", "x.y/z", "é", "${plain}", "k k",
                ];
                let entries = (0..random.below(5)).map(|_| {
                    let key = Node::str(random.pick(&keys));
                    (key, node(random, depth + 1))
                });
                let mut mapping = Mapping::new(entries.collect());
                mapping.flow = random.below(6) == 0;
                Node::new(Value::Mapping(mapping))
            }
        }
    }

    trait ParsePlain {
        fn parse_plain(&self) -> Node;
    }

    impl ParsePlain for &str {
        fn parse_plain(&self) -> Node {
            Node::scalar(*self, resolve(self, Dialect::V3))
        }
    }

    fn check(built: &Node, variables: &Variables, found: &mut usize) {
        let limits = Limits::default();
        let Some(direct) = substitute(built, variables, &limits) else {
            return;
        };
        *found += 1;
        let text = yaml_node::write_document(built);
        let expected = substitute_text(built, variables, false, &limits);
        let expected = expected.unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(direct.node, expected.node, "{text:?}");
        assert_eq!(direct.rendered, expected.rendered, "{text:?}");
        assert_eq!(direct.mentions, expected.mentions);
    }

    #[test]
    fn single_scalars_are_as_after_the_long_way() {
        let (mut random, variables, mut found) = (Random(1), variables(), 0);
        for _ in 0..20_000 {
            let value = text(&mut random);
            let list = Node::sequence([Node::str(text(&mut random)), Node::str(value.as_str())]);
            check(
                &Node::mapping([("kind", Node::str(value)), ("list", list)]),
                &variables,
                &mut found,
            );
        }
        assert!(found > 1_000, "{found}");
    }

    #[test]
    fn whole_objects_are_as_after_the_long_way() {
        let (mut random, variables, mut found) = (Random(2), variables(), 0);
        for _ in 0..20_000 {
            let mut object = Node::mapping([("kind", Node::str("${plain}"))]);
            let mapping = object.as_mapping_mut().unwrap();
            for key in ["spec", "data", "metadata"] {
                mapping.push(Node::str(key), node(&mut random, 0));
            }
            check(&object, &variables, &mut found);
        }
        assert!(found > 1_000, "{found}");
    }

    #[test]
    fn places_and_long_lines_are_as_after_the_long_way() {
        let long = "word ".repeat(40);
        let text = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${{plain}}\ndata:\n  z: {long}${{plain}} {long}end\n  a: |\n    \
             run ${{number}}\n\n      --flag=${{plain}}\n  b: {{c: '${{number}}', d: 5}}\n"
        );
        let built = read_resources_text(&text, FileId(1), &Limits::default())
            .unwrap()
            .remove(0);
        let mut found = 0;
        check(&built, &variables(), &mut found);
        assert_eq!(found, 1);
    }
}
