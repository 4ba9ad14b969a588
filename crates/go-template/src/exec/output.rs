//! Output of templates, with the origin of each span.

use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use crate::parse::Source;
use crate::{Mark, Text};

/// The output of a template, and the origins of its spans.
#[derive(Debug)]
pub struct Output {
    /// The text.
    pub text: Text,
    origins: Vec<Origin>,
}

/// A part of the output that was written by one text or action of a template.
#[derive(Clone, Debug)]
pub struct Span<'o> {
    /// Byte range in the output.
    pub range: Range<usize>,
    /// The file of the text or action, or the name under which it was parsed.
    pub file: &'o str,
    /// Its line, 1-based; the first one of a text of several lines.
    pub line: u32,
    /// Whether the span is literal text, so that its further lines follow `line`.
    pub is_text: bool,
    /// The mark of the printed value.
    pub mark: Option<&'o Mark>,
}

/// The start of a span in the output, and the text or action that wrote it.
#[derive(Debug)]
struct Origin {
    offset: usize,
    source: Arc<Source>,
    position: usize,
    is_text: bool,
    mark: Option<Rc<Mark>>,
}

impl Output {
    /// The spans in order. They cover the whole text.
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

    /// For each line of the text, the file and line that its start comes from.
    pub fn lines(&self) -> Vec<(&str, u32)> {
        let text = self.text.as_bytes();
        let mut lines = Vec::new();
        let mut spans = self.spans().peekable();
        let mut current: Option<Span<'_>> = None;
        // Line ends since the start of the current span.
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

/// Whether the output consists of one value.
#[derive(Debug)]
enum Content {
    Empty,
    Value(Option<Rc<Mark>>),
    Mixed,
}

impl Writer {
    /// A writer. Without `tracks` it keeps no origins, for output that becomes a value.
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

    /// The output and its mark: that of an unknown part, or of the only value in it.
    pub(crate) fn into_text(self) -> (Text, Option<Rc<Mark>>) {
        let mark = match (self.unknown, self.content) {
            (Some(unknown), _) => Some(unknown),
            (None, Content::Value(mark)) => mark,
            _ => None,
        };
        (self.out.into(), mark)
    }
}
