//! Tokens turn into trees: YAML's grammar, anchors, and the limits on size and depth.

mod block;
mod comments;
mod flow;
mod usual;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;
use source_tree::{FileId, Limits, Mark};

use comments::Placing;

use crate::anchors::Anchors;
use crate::merge_keys::is_expanded;
use crate::place::Places;
use crate::resolve::{Dialect, resolve};
use crate::scan::{Problem, Scanner, Spot, TokenKind};
use crate::{Mapping, Node, ReadError, Scalar, Sequence, Style, Tag, Value};

/// The state of reading a text.
pub(crate) struct Composer<'a> {
    scanner: Scanner<'a>,
    dialect: Dialect,
    limits: &'a Limits,
    file: FileId,
    /// The line of the file on which the text starts, counted from 0.
    first_line: u32,
    first: bool,
    /// The places that marks lead to, if they are asked for.
    placing: Option<Box<Placing>>,
    anchors: HashMap<&'a str, Anchor>,
    /// The anchors, if aliases stay as they are written; `None` if each alias becomes a copy of its node.
    kept_anchors: Option<Anchors>,
    /// Number of anchors seen, to distinguish two with the same name.
    anchor_count: usize,
    /// Prefixes of tags by handle.
    handles: HashMap<Cow<'a, str>, Cow<'a, str>>,
    /// Whether a mapping so far has a key that [`expand_merges`](crate::expand_merges) replaces.
    has_merges: bool,
    /// Bytes of prefixes that directives add to tags.
    tag_bytes: usize,
    /// The items of all open lists, innermost last. A list takes its items when it closes, and so is allocated once, at
    /// its final size.
    open_items: Vec<Node>,
    /// The entries of all open mappings, likewise.
    open_entries: Vec<(Node, Node)>,
}

/// A node, with its cost for every alias that repeats it.
#[derive(Clone)]
struct Composed {
    node: Node,
    /// Nodes in it, itself included, aliases expanded; long texts count for more than one.
    size: usize,
    /// Levels below it.
    height: usize,
}

/// The node of an anchor.
enum Anchor {
    /// An enclosing node, by the number of its anchor: an alias to it would be endless.
    Open(usize),
    Done(Composed),
}

/// Anchor and tag in front of a node.
#[derive(Default)]
struct Properties<'a> {
    anchor: Option<&'a str>,
    /// Handle, suffix and line.
    tag: Option<(Cow<'a, str>, Cow<'a, str>, u32)>,
}

type Compose<T> = Result<T, Box<Problem>>;

/// Bytes of text that count as one node wherever an alias repeats them.
const BYTES_PER_NODE: usize = 64;
const NO_CONTENT: &str = "did not find expected node content";
const LONG_TAG: &str = "tag:yaml.org,2002:";

impl<'a> Composer<'a> {
    pub(crate) fn new(
        text: &'a str,
        file: FileId,
        first_line: u32,
        limits: &'a Limits,
        dialect: Dialect,
    ) -> Self {
        Composer {
            scanner: Scanner::new(text, dialect),
            dialect,
            limits,
            file,
            first_line: first_line.saturating_sub(1),
            first: true,
            placing: None,
            anchors: HashMap::new(),
            kept_anchors: None,
            anchor_count: 0,
            handles: HashMap::new(),
            has_merges: false,
            tag_bytes: 0,
            open_items: Vec::with_capacity(16),
            open_entries: Vec::with_capacity(32),
        }
    }

    /// The next document, if there is one, with its anchors and aliases as they are written.
    pub(crate) fn anchored_document(&mut self) -> Result<Option<(Node, Anchors)>, ReadError> {
        self.kept_anchors = Some(Anchors::default());
        let node = self.document()?;
        Ok(node.zip(self.kept_anchors.take()))
    }

    /// The next document, if there is one.
    pub(crate) fn document(&mut self) -> Result<Option<Node>, ReadError> {
        self.compose_document().map_err(|problem| ReadError {
            mark: self.mark(problem.line),
            reported_line: problem.reported_line(self.dialect),
            malformed: true,
            message: problem.message.into_owned(),
        })
    }

    /// Whether a document so far has a mapping that [`expand_merges`](crate::expand_merges) changes.
    pub(crate) fn has_merges(&self) -> bool {
        self.has_merges
    }

    fn mark(&self, line: u32) -> Mark {
        Mark::new(self.file, (line + 1).saturating_add(self.first_line))
    }

    /// As [`Composer::document`], with marks that lead to places, which are added to `places`.
    pub(crate) fn placed_document(&mut self, places: &mut Places) -> Result<Option<Node>, ReadError> {
        self.scanner.keep_comments();
        let mut placing = Box::<Placing>::default();
        std::mem::swap(&mut placing.places, places);
        self.placing = Some(placing);
        let document = self.document();
        self.end_document_comments();
        if let Some(placing) = self.placing.take() {
            *places = placing.places;
        }
        document
    }

    fn peek(&mut self) -> Compose<&TokenKind<'a>> {
        Ok(&self.token()?.kind)
    }

    fn spot(&mut self) -> Compose<Spot> {
        Ok(self.token()?.at)
    }

    fn compose_document(&mut self) -> Compose<Option<Node>> {
        match self.usual_document() {
            Some(document) => Ok(Some(document)),
            None => self.scan_document(),
        }
    }

    fn scan_document(&mut self) -> Compose<Option<Node>> {
        // A document that failed leaves its items behind.
        self.open_items.clear();
        self.open_entries.clear();
        let implicit = std::mem::take(&mut self.first);
        if !implicit {
            while *self.peek()? == TokenKind::DocumentEnd {
                self.next()?;
            }
        }
        let composed = match self.peek()? {
            TokenKind::StreamEnd => return Ok(None),
            TokenKind::VersionDirective(..) | TokenKind::TagDirective(..) | TokenKind::DocumentStart => {
                self.explicit_document()?
            }
            _ if implicit => {
                self.split_document_comments();
                self.add_default_handles();
                self.node(true, false, 0)?
            }
            _ => self.explicit_document()?,
        };
        if *self.peek()? == TokenKind::DocumentEnd {
            self.next()?;
        }
        self.handles.clear();
        if self.dialect == Dialect::Yaml11 {
            self.anchors.clear();
        }
        Ok(Some(composed.node))
    }

    fn explicit_document(&mut self) -> Compose<Composed> {
        self.directives()?;
        let token = self.token()?;
        if token.kind != TokenKind::DocumentStart {
            return Err(Problem::grammar(
                0,
                token.at.line,
                "did not find expected <document start>",
            ));
        }
        self.next()?;
        let at = self.spot()?;
        match self.peek()? {
            TokenKind::VersionDirective(..)
            | TokenKind::TagDirective(..)
            | TokenKind::DocumentStart
            | TokenKind::DocumentEnd
            | TokenKind::StreamEnd => Ok(self.empty(at)),
            _ => self.node(true, false, 0),
        }
    }

    fn directives(&mut self) -> Compose<()> {
        let mut version = false;
        loop {
            let line = self.spot()?.line;
            match self.peek()? {
                TokenKind::VersionDirective(major, minor) => {
                    if version {
                        return Err(Problem::grammar(0, line, "found duplicate %YAML directive"));
                    }
                    if (*major, *minor) != (1, 1) {
                        return Err(Problem::grammar(0, line, "found incompatible YAML document"));
                    }
                    version = true;
                }
                TokenKind::TagDirective(handle, prefix) => {
                    let (handle, prefix) = (handle.clone(), prefix.clone());
                    if self.handles.contains_key(&handle) {
                        return Err(Problem::grammar(0, line, "found duplicate %TAG directive"));
                    }
                    self.handles.insert(handle, prefix);
                }
                _ => break,
            }
            self.next()?;
        }
        self.add_default_handles();
        Ok(())
    }

    fn add_default_handles(&mut self) {
        for (handle, prefix) in [("!", "!"), ("!!", LONG_TAG)] {
            self.handles.entry(handle.into()).or_insert(prefix.into());
        }
    }

    /// A node. `block`: it may be a block collection. `indentless`: it may be a list in the column of its key.
    fn node(&mut self, block: bool, indentless: bool, depth: usize) -> Compose<Composed> {
        let token = self.token()?;
        let at = token.at;
        let line = at.line;
        let alias = match token.kind {
            TokenKind::Alias(name) => Some(name),
            _ => None,
        };
        let has_properties = matches!(token.kind, TokenKind::Anchor(_) | TokenKind::Tag(..));
        self.check_depth(depth, line)?;
        if let Some(name) = alias {
            self.take_comments();
            self.next()?;
            return self.alias(name, at, depth);
        }
        let properties = match has_properties {
            true => self.properties()?,
            false => Properties::default(),
        };
        let opened = properties.anchor.map(|name| self.open_anchor(name));
        let tag = match properties.tag {
            Some((handle, suffix, tag_line)) => Some(self.full_tag(&handle, suffix, line, tag_line)?),
            None => None,
        };
        let tagged = tag.is_some();
        let mut composed = match self.peek()? {
            TokenKind::BlockEntry if indentless => self.indentless_sequence(at, depth)?,
            TokenKind::Scalar(..) => {
                let token = self.next()?;
                let TokenKind::Scalar(text, style) = token.kind else {
                    return Err(Problem::grammar(line, token.at.line, NO_CONTENT));
                };
                let scalar = self.scalar(&text, style, tag, at);
                self.comment(scalar.node.mark);
                scalar
            }
            TokenKind::FlowSequenceStart => self.flow_sequence(at, depth)?,
            TokenKind::FlowMappingStart => self.flow_mapping(at, depth)?,
            TokenKind::BlockSequenceStart if block => self.block_sequence(at, depth)?,
            TokenKind::BlockMappingStart if block => self.block_mapping(at, depth)?,
            _ if properties.anchor.is_some() || tag.is_some() => self.scalar("", Style::Plain, tag, at),
            _ => return Err(Problem::grammar(line, self.spot()?.line, NO_CONTENT)),
        };
        if tagged && let Some(place) = self.place(composed.node.mark) {
            place.tagged = true;
        }
        self.check_size(composed.size, line)?;
        if let (Some(name), Some(number)) = (properties.anchor, opened) {
            self.close_anchor(name, number, &composed);
            if let Some(anchors) = &mut self.kept_anchors {
                anchors.add(name, &mut composed.node);
            }
        }
        Ok(composed)
    }

    fn alias(&mut self, name: &'a str, at: Spot, depth: usize) -> Compose<Composed> {
        let line = at.line;
        let composed = match self.anchors.get(name) {
            Some(_) if self.kept_anchors.is_some() => return Ok(self.leaf(Anchors::alias(name), at)),
            Some(Anchor::Done(composed)) => composed.clone(),
            found => {
                let message = match found {
                    Some(_) => format!("anchor '{name}' value contains itself"),
                    None => format!("unknown anchor '{name}' referenced"),
                };
                return Err(Problem::unplaced(line, message));
            }
        };
        self.check_depth(depth + composed.height, line)?;
        Ok(composed)
    }

    fn open_anchor(&mut self, name: &'a str) -> usize {
        self.anchor_count += 1;
        self.anchors.insert(name, Anchor::Open(self.anchor_count));
        self.anchor_count
    }

    /// Completes an anchor, unless the node contains another anchor with the same name.
    fn close_anchor(&mut self, name: &'a str, number: usize, composed: &Composed) {
        if let Some(anchor) = self.anchors.get_mut(name)
            && matches!(anchor, Anchor::Open(open) if *open == number)
        {
            *anchor = Anchor::Done(composed.clone());
        }
    }

    fn properties(&mut self) -> Compose<Properties<'a>> {
        let mut properties = Properties::default();
        loop {
            let line = self.spot()?.line;
            match self.peek()? {
                TokenKind::Anchor(name) if properties.anchor.is_none() => {
                    properties.anchor = Some(name);
                    self.next()?;
                }
                TokenKind::Tag(..) if properties.tag.is_none() => {
                    let TokenKind::Tag(handle, suffix) = self.next()?.kind else {
                        break;
                    };
                    properties.tag = Some((handle, suffix, line));
                }
                _ => break,
            }
        }
        Ok(properties)
    }

    fn full_tag(
        &mut self,
        handle: &str,
        suffix: Cow<'a, str>,
        start: u32,
        line: u32,
    ) -> Compose<Cow<'a, str>> {
        if handle.is_empty() {
            return Ok(suffix);
        }
        match self.handles.get(handle) {
            Some(prefix) if !(prefix.is_empty() && suffix.is_empty()) => {
                // A directive states a prefix once, but each tag repeats it.
                self.tag_bytes += prefix.len();
                self.check_size(self.tag_bytes / BYTES_PER_NODE, line)?;
                Ok(Cow::Owned(format!("{prefix}{suffix}")))
            }
            _ => Err(Problem::grammar(start, line, "found undefined tag handle")),
        }
    }

    fn empty(&mut self, at: Spot) -> Composed {
        self.scalar("", Style::Plain, None, at)
    }

    fn scalar(&mut self, text: &str, style: Style, tag: Option<Cow<'a, str>>, at: Spot) -> Composed {
        let tag = match tag.as_deref() {
            None if style != Style::Plain => Tag::Str,
            None => resolve(text, self.dialect),
            Some("!") if self.dialect == Dialect::Yaml11 || style != Style::Plain => Tag::Str,
            Some("!") => resolve(text, self.dialect),
            Some(tag) => explicit_tag(tag),
        };
        let style = match tag {
            // An explicit type overrides the quotes.
            Tag::Null | Tag::Bool | Tag::Int | Tag::Float | Tag::Timestamp => Style::Plain,
            _ => style,
        };
        let mark = self.mark_at(at);
        Composed {
            node: Node {
                value: Value::Scalar(Scalar {
                    text: SmolStr::new(text),
                    style,
                    tag,
                }),
                mark,
            },
            size: 1 + text.len() / BYTES_PER_NODE,
            height: 0,
        }
    }

    fn leaf(&mut self, value: Value, at: Spot) -> Composed {
        Composed {
            node: Node {
                value,
                mark: self.mark_at(at),
            },
            size: 1,
            height: 0,
        }
    }

    fn check_size(&self, size: usize, line: u32) -> Compose<()> {
        if size > self.limits.nodes {
            return Err(Problem::unplaced(line, "document contains excessive aliasing"));
        }
        Ok(())
    }

    fn check_depth(&self, depth: usize, line: u32) -> Compose<()> {
        let most = self.limits.depth;
        if depth > most {
            return Err(Problem::unplaced(line, format!("exceeded max depth of {most}")));
        }
        Ok(())
    }

    fn open_sequence(&self) -> OpenCollection {
        OpenCollection::at(self.open_items.len())
    }

    fn add_item(&mut self, open: &mut OpenCollection, item: Composed) {
        open.count(item.size, item.height);
        self.open_items.push(item.node);
    }

    fn sequence(&mut self, open: &OpenCollection, flow: bool, at: Spot) -> Composed {
        let start = open.start.min(self.open_items.len());
        let mut sequence = Sequence::new(self.open_items.split_off(start));
        sequence.flow = flow;
        self.closed(open, Value::Sequence(sequence), at)
    }

    fn open_mapping(&self) -> OpenCollection {
        OpenCollection::at(self.open_entries.len())
    }

    fn add_entry(&mut self, open: &mut OpenCollection, key: Composed, value: Composed) {
        self.has_merges |= is_expanded(&key.node);
        open.count(key.size, key.height);
        open.count(value.size, value.height);
        self.open_entries.push((key.node, value.node));
    }

    fn mapping(&mut self, open: &OpenCollection, flow: bool, at: Spot) -> Composed {
        let start = open.start.min(self.open_entries.len());
        let mut mapping = Mapping::new(self.open_entries.split_off(start));
        mapping.flow = flow;
        self.closed(open, Value::Mapping(mapping), at)
    }

    fn closed(&mut self, open: &OpenCollection, value: Value, at: Spot) -> Composed {
        let composed = Composed {
            size: open.size + 1,
            height: open.height + 1,
            ..self.leaf(value, at)
        };
        if open.size == 0
            && let Some(place) = self.place(composed.node.mark)
        {
            place.empty = true;
        }
        composed
    }
}

/// A list or mapping that is not closed yet.
struct OpenCollection {
    /// Start of its items or entries among those of all open collections.
    start: usize,
    size: usize,
    height: usize,
}

impl OpenCollection {
    fn at(start: usize) -> Self {
        OpenCollection {
            start,
            size: 0,
            height: 0,
        }
    }

    fn count(&mut self, size: usize, height: usize) {
        self.size += size;
        self.height = self.height.max(height);
    }
}

fn explicit_tag(tag: &str) -> Tag {
    let Some(short) = tag.strip_prefix(LONG_TAG) else {
        return Tag::Custom(Arc::from(tag));
    };
    match short {
        "null" => Tag::Null,
        "bool" => Tag::Bool,
        "int" => Tag::Int,
        "float" => Tag::Float,
        "str" => Tag::Str,
        "timestamp" => Tag::Timestamp,
        "binary" => Tag::Binary,
        "merge" => Tag::Merge,
        other => Tag::Custom(Arc::from(format!("!!{other}"))),
    }
}
