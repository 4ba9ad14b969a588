//! Lines of a section that are read together turn into what stands behind a text in them.

use memchr::memmem;

use super::json;
use super::pages::{Entry, Line};
use super::section::Section;

/// Some lines of a section, one after the other.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) section: Section,
    /// A part of the catalog with these lines in it, and where in the catalog it begins.
    pub(super) text: &'a [u8],
    pub(super) base: usize,
    pub(super) lines: &'a [Line],
    /// Which entry of the section the first line is.
    pub(super) first: usize,
}

impl<'a> Piece<'a> {
    /// The entries.
    pub(super) fn entries(self) -> impl Iterator<Item = (Entry<'a>, usize)> {
        self.lines.iter().zip(self.first..).map(move |(line, index)| {
            let line = self.text.get(line.start() - self.base..line.end() - self.base);
            (Entry::new(self.section, line.unwrap_or_default()), index)
        })
    }

    /// What stands between a text, which ends with a quote, and the next quote, with the entries in which it does.
    pub(super) fn texts_after(self, before: &'static [u8]) -> impl Iterator<Item = (&'a [u8], usize)> {
        self.after(before, before.len(), json::end_of_text)
    }

    /// The values that a text, which ends with the first bracket of one, stands in front of, with their entries.
    pub(super) fn values_after(self, before: &'static [u8]) -> impl Iterator<Item = (&'a [u8], usize)> {
        self.after(before, before.len() - 1, json::end_of_value)
    }

    /// What begins so far behind the start of a text and ends where `end` says, with the entries in which it does.
    fn after(
        self,
        before: &'static [u8],
        offset: usize,
        end: impl Fn(&[u8], usize) -> Option<usize>,
    ) -> impl Iterator<Item = (&'a [u8], usize)> {
        let Piece {
            text,
            base,
            lines,
            first,
            ..
        } = self;
        let from = lines.first().map_or(0, |line| line.start() - base);
        let to = lines.last().map_or(0, |line| line.end() - base);
        let mut index = 0;
        memmem::find_iter(text.get(from..to).unwrap_or_default(), before).filter_map(move |at| {
            let at = from + at;
            while lines.get(index).is_some_and(|line| line.end() <= base + at) {
                index += 1;
            }
            lines.get(index).filter(|line| line.start() <= base + at)?;
            let start = at + offset;
            Some((text.get(start..end(text, start)?)?, first + index))
        })
    }
}
