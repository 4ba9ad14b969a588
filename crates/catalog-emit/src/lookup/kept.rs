//! Lines of a section turn into what is wanted of them all, as they are read.

use super::json;
use super::pages::Entry;
use super::part::Shape;
use super::section::Section;

/// What is wanted of all entries of a section.
pub(super) struct Kept {
    pub(super) section: Section,
    pub(super) shape: Shape,
    /// One line after the other.
    text: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Kept {
    pub(super) fn new(section: Section, shape: Shape) -> Self {
        Kept {
            section,
            shape,
            text: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Takes what is wanted of the next line.
    pub(super) fn add(&mut self, line: &[u8]) {
        match self.shape {
            Shape::Full => self.text.extend_from_slice(line),
            Shape::Only(names) => {
                let value = Entry::new(self.section, line).value;
                let before = line.len() - value.len();
                self.text
                    .extend_from_slice(line.get(..before).unwrap_or_default());
                json::reduce(value, names, &mut self.text);
            }
        }
        self.ends.push(self.text.len());
    }

    /// What was taken of an entry.
    pub(super) fn entry(&self, index: usize) -> Option<Entry<'_>> {
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        let line = self.text.get(start..*self.ends.get(index)?)?;
        Some(Entry::new(self.section, line))
    }
}
