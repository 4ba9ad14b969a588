//! Text turns into trees, as go-yaml v3 reads it.

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;
use source_tree::{FileId, Limits, Mark};
use yaml_rust2::parser::{Event, Parser, Tag as EventTag};
use yaml_rust2::scanner::{Marker, TScalarStyle};

use crate::resolve::{Dialect, resolve};
use crate::{Mapping, Node, ReadError, Scalar, Sequence, Style, Tag, Value};

/// Every document of a text. A document without content is a null node.
///
/// # Errors
/// [`ReadError`] where go-yaml would refuse the text, or a limit is met.
pub fn read_documents(text: &str, file: FileId, limits: &Limits) -> Result<Vec<Node>, ReadError> {
    let mut reader = Reader::new(text, file, 1, limits, Dialect::V3);
    let mut documents = Vec::new();
    while let Some(document) = reader.document()? {
        documents.push(document);
    }
    Ok(documents)
}

/// The first document of a text, if it has one. `line` is the line on which the text starts.
pub(crate) fn read_first(
    text: &str,
    file: FileId,
    line: u32,
    limits: &Limits,
    dialect: Dialect,
) -> Result<Option<Node>, ReadError> {
    Reader::new(text, file, line, limits, dialect).document()
}

struct Reader<'a> {
    parser: Parser<std::str::Chars<'a>>,
    text: &'a str,
    file: FileId,
    limits: &'a Limits,
    anchors: HashMap<usize, Option<(Node, usize)>>,
    nodes: usize,
    char_index: usize,
    byte_index: usize,
    ends_without_break: bool,
    line: u32,
    dialect: Dialect,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, file: FileId, line: u32, limits: &'a Limits, dialect: Dialect) -> Self {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        Reader {
            parser: Parser::new_from_str(text),
            text,
            file,
            limits,
            anchors: HashMap::new(),
            nodes: 0,
            char_index: 0,
            byte_index: 0,
            ends_without_break: !text.ends_with(['\n', '\r']),
            line,
            dialect,
        }
    }

    fn document(&mut self) -> Result<Option<Node>, ReadError> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(None),
                (Event::DocumentStart, _) => {
                    self.anchors.clear();
                    let (event, marker) = self.next()?;
                    return Ok(Some(self.node(event, marker, None, 0)?.0));
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<(Event, Marker), ReadError> {
        self.parser.next_token().map_err(|error| ReadError {
            mark: self.mark(*error.marker()),
            message: error.info().to_owned(),
        })
    }

    fn mark(&self, marker: Marker) -> Mark {
        Mark::new(
            self.file,
            self.line - 1 + u32::try_from(marker.line()).unwrap_or(u32::MAX),
        )
    }

    fn refuse(&self, marker: Marker, message: impl Into<String>) -> ReadError {
        ReadError {
            mark: self.mark(marker),
            message: message.into(),
        }
    }

    /// A node and the number of nodes in it. `before` is the mark of the key or dash that it belongs to.
    fn node(
        &mut self,
        event: Event,
        marker: Marker,
        before: Option<Mark>,
        depth: usize,
    ) -> Result<(Node, usize), ReadError> {
        if depth > self.limits.depth {
            return Err(self.refuse(marker, format!("exceeded max depth of {}", self.limits.depth)));
        }
        let mark = self.mark(marker);
        let (node, count, anchor) = match event {
            Event::Alias(id) => {
                let (node, count) = match self.anchors.get(&id) {
                    Some(Some(known)) => known.clone(),
                    Some(None) => return Err(self.refuse(marker, "anchor value contains itself")),
                    None => return Err(self.refuse(marker, "unknown anchor referenced")),
                };
                (node, count, 0)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let block = matches!(style, TScalarStyle::Literal | TScalarStyle::Folded);
                let mark = match before {
                    Some(before) if block => before,
                    _ => mark,
                };
                (
                    Node::new(Value::Scalar(self.scalar(text, style, tag))).with_mark(mark),
                    1,
                    anchor,
                )
            }
            Event::SequenceStart(anchor, _) => {
                let flow = self.char_at(marker) == Some('[');
                self.open(anchor);
                let mut items = Vec::new();
                let mut count = 1;
                loop {
                    let (event, marker) = self.next()?;
                    if event == Event::SequenceEnd {
                        break;
                    }
                    let (item, nodes) = self.node(event, marker, None, depth + 1)?;
                    count += nodes;
                    self.spend(count, marker)?;
                    items.push(item);
                }
                let mut sequence = Sequence::new(items);
                sequence.flow = flow;
                (
                    Node::new(Value::Sequence(sequence)).with_mark(mark),
                    count,
                    anchor,
                )
            }
            Event::MappingStart(anchor, _) => {
                let flow = self.char_at(marker) == Some('{');
                self.open(anchor);
                let mut entries = Vec::new();
                let mut count = 1;
                loop {
                    let (event, marker) = self.next()?;
                    if event == Event::MappingEnd {
                        break;
                    }
                    let (key, key_nodes) = self.node(event, marker, None, depth + 1)?;
                    let (event, marker) = self.next()?;
                    let (value, value_nodes) = self.node(event, marker, Some(key.mark), depth + 1)?;
                    count += key_nodes + value_nodes;
                    self.spend(count, marker)?;
                    entries.push((key, value));
                }
                let mut mapping = Mapping::new(entries);
                mapping.flow = flow;
                (Node::new(Value::Mapping(mapping)).with_mark(mark), count, anchor)
            }
            other => return Err(self.refuse(marker, format!("unexpected event {other:?}"))),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, Some((node.clone(), count)));
        }
        Ok((node, count))
    }

    fn open(&mut self, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
    }

    fn spend(&mut self, count: usize, marker: Marker) -> Result<(), ReadError> {
        self.nodes = self.nodes.max(count);
        if count > self.limits.nodes {
            return Err(self.refuse(marker, "document contains excessive aliasing"));
        }
        Ok(())
    }

    fn scalar(&self, mut text: String, style: TScalarStyle, tag: Option<EventTag>) -> Scalar {
        let style = match style {
            TScalarStyle::Plain => Style::Plain,
            TScalarStyle::SingleQuoted => Style::SingleQuoted,
            TScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            TScalarStyle::Literal => Style::Literal,
            TScalarStyle::Folded => Style::Folded,
        };
        if matches!(style, Style::Literal | Style::Folded)
            && self.ends_without_break
            && text.ends_with('\n')
            && self
                .text
                .trim_end()
                .ends_with(text.trim_end().rsplit('\n').next().unwrap_or_default())
            && self.parser_is_at_end()
        {
            text.pop();
        }
        let mut style = style;
        let tag = match tag {
            Some(tag) => {
                let tag = explicit_tag(&tag, &text);
                // Quotes around what a tag calls a number do not make it a string.
                if matches!(tag, Tag::Null | Tag::Bool | Tag::Int | Tag::Float | Tag::Timestamp) {
                    style = Style::Plain;
                }
                tag
            }
            None if style == Style::Plain => resolve(&text, self.dialect),
            None => Tag::Str,
        };
        Scalar {
            text: SmolStr::from(text),
            style,
            tag,
        }
    }

    fn parser_is_at_end(&self) -> bool {
        true
    }

    fn char_at(&mut self, marker: Marker) -> Option<char> {
        if marker.index() < self.char_index {
            self.char_index = 0;
            self.byte_index = 0;
        }
        let rest = self.text.get(self.byte_index..)?;
        let ahead = marker.index() - self.char_index;
        let (offset, found) = rest.char_indices().nth(ahead)?;
        self.byte_index += offset;
        self.char_index = marker.index();
        Some(found)
    }
}

fn explicit_tag(tag: &EventTag, text: &str) -> Tag {
    if tag.handle == "tag:yaml.org,2002:" {
        match tag.suffix.as_str() {
            "null" => return Tag::Null,
            "bool" => return Tag::Bool,
            "int" => return Tag::Int,
            "float" => return Tag::Float,
            "str" => return Tag::Str,
            "timestamp" => return Tag::Timestamp,
            "binary" => return Tag::Binary,
            "merge" => return Tag::Merge,
            _ => {}
        }
    }
    if tag.suffix.is_empty() && tag.handle == "!" {
        return resolve(text, Dialect::V3);
    }
    Tag::Custom(Arc::from(format!("{}{}", tag.handle, tag.suffix)))
}
