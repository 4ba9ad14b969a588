//! Decoder like Go's JSON decoder: names in any case, strict types, and Go's messages.

use std::collections::HashSet;

use smol_str::SmolStr;
use source_tree::Mark;
use yaml_node::{Node, Scalar, Style, Tag, Value};

use super::types::{Text, TextMap};
use crate::go_float::general_format;

/// The path to a value as Go's messages show it, such as `Image.images.newTag`. The default is the top of a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct At {
    strukt: &'static str,
    path: String,
    /// Whether the path goes through an embedded struct, where scalars are not converted to texts.
    embedded: bool,
}

/// A field of an object that is being decoded.
pub(crate) struct Field<'a> {
    /// The key in lower case, because Go ignores case.
    pub(crate) key: &'a str,
    /// The value.
    pub(crate) node: &'a Node,
    /// Place of the key.
    pub(crate) mark: Mark,
    strukt: &'static str,
    parent: &'a str,
    embedded: bool,
}

impl Field<'_> {
    /// The path to the field under its Go name, which includes embedded structs.
    pub(crate) fn at(&self, name: &str) -> At {
        let path = if self.parent.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.parent)
        };
        At {
            strukt: self.strukt,
            path,
            embedded: self.embedded || name.contains('.'),
        }
    }

    /// The value as a string: [`Decoder::text`].
    pub(crate) fn text(&self, decoder: &mut Decoder, name: &str) -> Text {
        decoder.text(self.node, &self.at(name))
    }

    /// The value as a boolean: [`Decoder::bool`].
    pub(crate) fn bool(&self, decoder: &mut Decoder, name: &str) -> bool {
        decoder.bool(self.node, &self.at(name))
    }

    /// The value as a list of strings, empty for null: [`Decoder::texts`].
    pub(crate) fn texts(&self, decoder: &mut Decoder, name: &str) -> Vec<Text> {
        decoder.texts(self.node, &self.at(name)).unwrap_or_default()
    }

    /// The value as strings by key, sorted by key: [`Decoder::text_map`].
    pub(crate) fn text_map(&self, decoder: &mut Decoder, name: &str) -> Option<TextMap> {
        decoder.text_map(self.node, &self.at(name))
    }

    /// The value as a list, empty for null: [`Decoder::list`].
    pub(crate) fn list<T>(
        &self,
        decoder: &mut Decoder,
        name: &str,
        go_type: &str,
        each: impl FnMut(&mut Decoder, &Node, &At) -> T,
    ) -> Vec<T> {
        let items = decoder.list(self.node, &self.at(name), go_type, each);
        items.unwrap_or_default()
    }

    /// Strings that may be whole documents, each with the mark of its first line of content.
    pub(crate) fn block_texts(&self, decoder: &mut Decoder, name: &str, go_type: &str) -> Vec<Text> {
        let item_type = go_type.trim_start_matches("[]");
        self.list(decoder, name, go_type, |decoder, item, at| Text {
            mark: decoder.block_start(item),
            ..decoder.text_of(item, at, item_type)
        })
    }
}

/// Decodes values and, as Go does, keeps the first error.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    error: Option<(String, Mark)>,
    /// Ignores unknown fields.
    lenient: bool,
    /// Accepts numbers and booleans as texts.
    scalars_as_texts: bool,
    /// The lines of the source that end in a block scalar indicator, if the source is available.
    block_lines: Option<HashSet<u32>>,
}

impl Decoder {
    /// A decoder that rejects unknown fields.
    pub(crate) fn strict() -> Self {
        Decoder::default()
    }

    /// Decodes as `yaml.UnmarshalStrict` of `sigs.k8s.io/yaml`: rejects unknown fields, but accepts numbers and
    /// booleans as texts.
    pub(crate) fn yaml_strict() -> Self {
        Decoder {
            scalars_as_texts: true,
            ..Decoder::default()
        }
    }

    /// Decodes as `yaml.Unmarshal`: ignores unknown fields and accepts numbers and booleans as texts.
    pub(crate) fn lenient() -> Self {
        Decoder {
            lenient: true,
            ..Decoder::yaml_strict()
        }
    }

    /// Gives the decoder the source, which shows styles that the tree does not keep.
    pub(crate) fn with_source(mut self, source: &str) -> Self {
        let lines = source.lines().zip(1..);
        let block = |(line, number): (&str, u32)| has_block_indicator(line).then_some(number);
        self.block_lines = Some(lines.filter_map(block).collect());
        self
    }

    /// The mark of the first line of a text, which for a block scalar is below its indicator.
    pub(crate) fn block_start(&self, node: &Node) -> Mark {
        let mut mark = node.mark;
        let styled = |scalar: &Scalar| matches!(scalar.style, Style::Literal | Style::Folded);
        let block = match &self.block_lines {
            _ if node.as_scalar().is_some_and(styled) => true,
            Some(lines) => lines.contains(&mark.line),
            None => node.text().is_some_and(|text| text.contains('\n')),
        };
        if block {
            mark.line = mark.line.saturating_add(1);
        }
        mark
    }

    /// Rejects numbers and booleans as texts.
    pub(crate) fn without_conversions(mut self) -> Self {
        self.scalars_as_texts = false;
        self
    }

    /// Returns the first error: the message with its `json: ` prefix, and its place.
    pub(crate) fn finish(self) -> Result<(), (String, Mark)> {
        self.error.map_or(Ok(()), Err)
    }

    pub(crate) fn refuse(&mut self, message: String, mark: Mark) {
        self.error.get_or_insert((message, mark));
    }

    fn mismatch(&mut self, node: &Node, at: &At, go_type: &str) {
        let found = match kind(node) {
            Kind::Null => return,
            Kind::Bool => "bool",
            Kind::Number => "number",
            Kind::String => "string",
            Kind::Object => "object",
            Kind::Array => "array",
        };
        self.cannot(found, node.mark, at, go_type);
    }

    fn cannot(&mut self, found: &str, mark: Mark, at: &At, go_type: &str) {
        let target = match at.path.as_str() {
            "" => "value".to_owned(),
            path => format!("struct field {}.{path}", at.strukt),
        };
        self.refuse(
            format!("json: cannot unmarshal {found} into Go {target} of type {go_type}"),
            mark,
        );
    }

    /// Decodes the fields of an object in the order of their keys, as Go's conversion to JSON sorts them. `each`
    /// returns whether the field is known. Returns whether the node is an object.
    pub(crate) fn object(
        &mut self,
        node: &Node,
        at: &At,
        strukt: &'static str,
        mut each: impl FnMut(&mut Self, Field<'_>) -> bool,
    ) -> bool {
        let Value::Mapping(mapping) = &node.value else {
            self.mismatch(node, at, &format!("types.{strukt}"));
            return false;
        };
        let mut entries: Vec<_> = mapping
            .entries()
            .iter()
            .map(|(key, value)| (key.text().unwrap_or_default(), key.mark, value))
            .collect();
        // The last of equal keys counts, so the sort must be stable.
        entries.sort_by_key(|(key, ..)| *key);
        for (index, (key, mark, value)) in entries.iter().enumerate() {
            if entries.get(index + 1).is_some_and(|(next, ..)| next == key) {
                continue;
            }
            let field = Field {
                key: &key.to_ascii_lowercase(),
                node: value,
                mark: *mark,
                strukt,
                parent: &at.path,
                embedded: at.embedded,
            };
            if !each(self, field) && !self.lenient {
                self.refuse(format!("json: unknown field \"{key}\""), *mark);
            }
        }
        true
    }

    /// A string. Null is the empty one.
    pub(crate) fn text(&mut self, node: &Node, at: &At) -> Text {
        self.text_of(node, at, "string")
    }

    /// A string of a named Go type.
    pub(crate) fn text_of(&mut self, node: &Node, at: &At, go_type: &str) -> Text {
        match (&node.value, kind(node)) {
            (Value::Scalar(scalar), Kind::String) => Text::new(scalar.text.clone(), node.mark),
            (Value::Scalar(scalar), Kind::Bool | Kind::Number) if self.scalars_as_texts && !at.embedded => {
                Text::new(as_text(scalar), node.mark)
            }
            (_, Kind::Null) => Text::default(),
            _ => {
                self.mismatch(node, at, go_type);
                Text::default()
            }
        }
    }

    /// A boolean. Null is false.
    pub(crate) fn bool(&mut self, node: &Node, at: &At) -> bool {
        match (&node.value, kind(node)) {
            (Value::Scalar(scalar), Kind::Bool) => scalar.text.eq_ignore_ascii_case("true"),
            _ => {
                self.mismatch(node, at, "bool");
                false
            }
        }
    }

    /// An integer. Null is 0.
    pub(crate) fn int(&mut self, node: &Node, at: &At, go_type: &str) -> i64 {
        let (Value::Scalar(scalar), Kind::Number) = (&node.value, kind(node)) else {
            self.mismatch(node, at, go_type);
            return 0;
        };
        parse_int(&scalar.text).unwrap_or_else(|| {
            self.cannot(&format!("number {}", scalar.text), node.mark, at, go_type);
            0
        })
    }

    /// The items of a list. `None` for null.
    pub(crate) fn list<T>(
        &mut self,
        node: &Node,
        at: &At,
        go_type: &str,
        mut each: impl FnMut(&mut Self, &Node, &At) -> T,
    ) -> Option<Vec<T>> {
        match &node.value {
            Value::Sequence(sequence) => Some(sequence.iter().map(|item| each(self, item, at)).collect()),
            _ => {
                self.mismatch(node, at, go_type);
                None
            }
        }
    }

    /// A list of strings. `None` for null.
    pub(crate) fn texts(&mut self, node: &Node, at: &At) -> Option<Vec<Text>> {
        self.list(node, at, "[]string", |decoder, item, at| {
            let mut text = decoder.text(item, at);
            text.mark = item.mark;
            text
        })
    }

    /// Strings by key, sorted by key. `None` for null.
    pub(crate) fn text_map(&mut self, node: &Node, at: &At) -> Option<TextMap> {
        let Value::Mapping(mapping) = &node.value else {
            self.mismatch(node, at, "map[string]string");
            return None;
        };
        let mut entries: Vec<_> = mapping
            .entries()
            .iter()
            .map(|(key, value)| (key.text().unwrap_or_default(), value))
            .collect();
        entries.sort_by_key(|(key, _)| *key);
        let mut map: TextMap = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let mut text = self.text(value, at);
            text.mark = value.mark;
            match map.last_mut() {
                Some((last, slot)) if *last == key => *slot = text,
                _ => map.push((key.into(), text)),
            }
        }
        Some(map)
    }
}

fn has_block_indicator(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or_default();
    let last = line.split_whitespace().next_back().unwrap_or_default();
    last.strip_prefix(['|', '>'])
        .is_some_and(|rest| rest.chars().all(|c| c == '+' || c == '-' || c.is_ascii_digit()))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    Bool,
    Number,
    String,
    Object,
    Array,
}

fn kind(node: &Node) -> Kind {
    match &node.value {
        Value::Mapping(_) => Kind::Object,
        Value::Sequence(_) => Kind::Array,
        Value::Scalar(scalar) => match scalar.tag {
            Tag::Null => Kind::Null,
            Tag::Bool => Kind::Bool,
            Tag::Int | Tag::Float => Kind::Number,
            _ => Kind::String,
        },
    }
}

/// A number or boolean as the text that `sigs.k8s.io/yaml` makes of it.
fn as_text(scalar: &Scalar) -> SmolStr {
    match scalar.tag {
        Tag::Bool => SmolStr::from(scalar.text.to_ascii_lowercase()),
        Tag::Float => scalar
            .text
            .parse::<f32>()
            .map_or(scalar.text.clone(), |float| general_format(float, 6).into()),
        _ => scalar.text.clone(),
    }
}

/// Parses a JSON number that is an integer.
fn parse_int(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| {
        let float: f64 = text.parse().ok()?;
        // Go's integers end at 2^63.
        #[allow(clippy::cast_possible_truncation)]
        (float.fract() == 0.0 && float.abs() < 9.2e18 && !text.contains(['e', 'E'])).then_some(float as i64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_whole_numbers() {
        for (text, expected) in [("3", Some(3)), ("-3", Some(-3)), ("1.5", None), ("1e+21", None)] {
            assert_eq!(parse_int(text), expected, "{text}");
        }
    }
}
