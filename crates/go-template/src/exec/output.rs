//! What templates write, and where each span of it comes from.

use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use crate::parse::Source;
use crate::{Mark, Text};

/// The text that a template writes, and the origins of its parts.
#[derive(Debug)]
pub struct Output {
    /// The text.
    pub text: Text,
    origins: Vec<Origin>,
}

/// A part of the output that one text or one action of a template wrote.
#[derive(Clone, Debug)]
pub struct Span<'o> {
    /// Bytes of the output.
    pub range: Range<usize>,
    /// The file of the text or action, or the name that its text was parsed under.
    pub file: &'o str,
    /// Its line, 1-based. A text of several lines starts at it.
    pub line: u32,
    /// Whether the span is text of the template, so that its further lines are those after `line`.
    pub is_text: bool,
    /// Where the printed value comes from, or that it is unknown.
    pub mark: Option<&'o Mark>,
}

/// From where in the output on a part of a template is at work.
#[derive(Debug)]
struct Origin {
    offset: usize,
    source: Arc<Source>,
    position: usize,
    is_text: bool,
    mark: Option<Rc<Mark>>,
}

impl Output {
    /// The spans in order, which cover the whole text.
    pub fn spans(&self) -> impl Iterator<Item = Span<'_>> {
        let ends = self.origins.iter().skip(1).map(|origin| origin.offset);
        let ends = ends.chain(std::iter::once(self.text.len()));
        self.origins.iter().zip(ends).map(|(origin, end)| Span {
            range: origin.offset..end,
            file: &origin.source.name,
            line: origin.source.line_and_column(origin.position).0,
            is_text: origin.is_text,
            mark: origin.mark.as_deref(),
        })
    }

    /// For each line of the text, the file and line that wrote its start.
    pub fn lines(&self) -> Vec<(&str, u32)> {
        let text = self.text.as_bytes();
        let mut lines = Vec::new();
        let mut spans = self.spans().peekable();
        let mut current: Option<Span<'_>> = None;
        // Line ends since the current span began.
        let mut passed = 0_u32;
        let mut start = 0;
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            while let Some(span) = spans.next_if(|span| span.range.start <= start) {
                let between = text.get(span.range.start..start).unwrap_or_default();
                passed = u32::try_from(memchr::memchr_iter(b'\n', between).count()).unwrap_or(u32::MAX);
                current = Some(span);
            }
            lines.push(current.as_ref().map_or(("", 1), |span| {
                let passed = if span.is_text { passed } else { 0 };
                (span.file, span.line.saturating_add(passed))
            }));
            passed = passed.saturating_add(1);
            start += line.len();
        }
        lines
    }
}

/// Collects output.
#[derive(Debug)]
pub(crate) struct Writer {
    out: Vec<u8>,
    tracks: bool,
    origins: Vec<Origin>,
    content: Content,
    unknown: Option<Rc<Mark>>,
}

/// Whether the output is one value and nothing else.
#[derive(Debug)]
enum Content {
    Empty,
    Value(Option<Rc<Mark>>),
    Mixed,
}

impl Writer {
    /// A writer that keeps origins, or one for text that becomes a value.
    pub(crate) fn new(tracks: bool) -> Self {
        Writer {
            out: Vec::new(),
            tracks,
            origins: Vec::new(),
            content: Content::Empty,
            unknown: None,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    pub(crate) fn text(&mut self, text: &[u8], source: &Arc<Source>, position: usize) {
        self.origin(source, position, true, None);
        if !text.is_empty() {
            self.content = Content::Mixed;
        }
        self.out.extend_from_slice(text);
    }

    pub(crate) fn value(
        &mut self,
        text: &[u8],
        mark: Option<&Rc<Mark>>,
        source: &Arc<Source>,
        position: usize,
    ) {
        self.origin(source, position, false, mark);
        if self.unknown.is_none() {
            self.unknown = mark.filter(|mark| matches!(***mark, Mark::Unknown(_))).cloned();
        }
        if !text.is_empty() {
            self.content = match self.content {
                Content::Empty => Content::Value(mark.cloned()),
                _ => Content::Mixed,
            };
        }
        self.out.extend_from_slice(text);
    }

    fn origin(&mut self, source: &Arc<Source>, position: usize, is_text: bool, mark: Option<&Rc<Mark>>) {
        if self.tracks {
            self.origins.push(Origin {
                offset: self.out.len(),
                source: Arc::clone(source),
                position,
                is_text,
                mark: mark.cloned(),
            });
        }
    }

    pub(crate) fn finish(self) -> Output {
        Output {
            text: self.out.into(),
            origins: self.origins,
        }
    }

    /// The output as a value's text, and its mark: that of an unknown part, or of the one value that it consists of.
    pub(crate) fn into_text(self) -> (Text, Option<Rc<Mark>>) {
        let mark = match (self.unknown, self.content) {
            (Some(unknown), _) => Some(unknown),
            (None, Content::Value(mark)) => mark,
            _ => None,
        };
        (self.out.into(), mark)
    }
}
