//! A section of a catalog, whose entries are parsed when they are asked for.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use infra_query::{Entries, Keyed};
use memchr::memmem;

use super::entry::CatalogEntry;
use super::lines::Line;
use crate::read::{CatalogFile, ReadError};

/// The most texts that are searched for. With more, every entry counts as mentioning one.
const MOST_TEXTS: usize = 64;

/// The first entry of a store that could not be read.
pub(super) type FirstError = Rc<OnceCell<ReadError>>;

/// The entries of a section, in key order.
pub(super) struct Section<E> {
    file: Rc<CatalogFile>,
    error: FirstError,
    lines: Vec<(Line, OnceCell<Option<Box<E>>>)>,
}

impl<E> Section<E> {
    /// Entries on lines of a file.
    pub(super) fn new(file: Rc<CatalogFile>, error: FirstError, lines: Vec<Line>) -> Self {
        let lines = lines.into_iter().map(|line| (line, OnceCell::new())).collect();
        Section { file, error, lines }
    }

    /// Entries that are parsed already.
    pub(super) fn parsed(entries: BTreeMap<String, E>) -> Self {
        let lines = entries.into_iter().map(|(key, entry)| {
            let line = Line {
                key: key.into_boxed_str(),
                line: 0..0,
                value: 0..0,
                is_obscure: true,
            };
            (line, OnceCell::from(Some(Box::new(entry))))
        });
        Section {
            lines: lines.collect(),
            file: Rc::default(),
            error: Rc::default(),
        }
    }

    fn position(&self, key: &str) -> Option<usize> {
        self.lines.binary_search_by(|(line, _)| (*line.key).cmp(key)).ok()
    }

    /// The positions of entries that may contain one of the texts.
    fn positions(&self, texts: &[&str]) -> Vec<usize> {
        let all = 0..self.lines.len();
        let (Some((first, _)), Some((last, _))) = (self.lines.first(), self.lines.last()) else {
            return Vec::new();
        };
        if texts.len() > MOST_TEXTS {
            return all.collect();
        }
        let mut positions: Vec<usize> = all.filter(|index| self.is_obscure(*index)).collect();
        let lower = self.file.lower().as_bytes();
        let lower = lower.get(..last.line.end).unwrap_or_default();
        for text in texts {
            let text = text.to_ascii_lowercase();
            let finder = memmem::Finder::new(&text);
            let mut at = first.line.start;
            let mut index = 0;
            while let Some(found) = lower.get(at..).and_then(|rest| finder.find(rest)) {
                let rest = self.lines.get(index..).unwrap_or_default();
                index += rest.partition_point(|(line, _)| line.line.end <= at + found);
                positions.push(index);
                let Some((line, _)) = self.lines.get(index) else {
                    break;
                };
                at = line.line.end;
            }
        }
        positions.sort_unstable();
        positions.dedup();
        positions
    }

    fn is_obscure(&self, index: usize) -> bool {
        self.lines.get(index).is_some_and(|(line, _)| line.is_obscure)
    }
}

impl<E: CatalogEntry> Section<E> {
    fn entry(&self, index: usize) -> Option<Keyed<'_, E>> {
        let (line, cell) = self.lines.get(index)?;
        let entry = cell.get_or_init(|| {
            let value = self.file.text.get(line.value.clone()).unwrap_or_default();
            match serde_json::from_str::<E>(value) {
                Ok(mut entry) => {
                    entry.complete_in(&line.key, &|key| self.position(key).is_some());
                    Some(Box::new(entry))
                }
                Err(error) => {
                    let _ = self.error.set(self.file.invalid_at(line.line.start, &error));
                    None
                }
            }
        });
        Some((&line.key, entry.as_deref()?))
    }
}

impl<E: CatalogEntry> Entries<E> for Section<E> {
    fn get_key_value(&self, key: &str) -> Option<Keyed<'_, E>> {
        self.entry(self.position(key)?)
    }

    fn iter(&self) -> Box<dyn Iterator<Item = Keyed<'_, E>> + '_> {
        Box::new((0..self.lines.len()).filter_map(|index| self.entry(index)))
    }

    fn mentioning(&self, texts: &[&str]) -> Box<dyn Iterator<Item = Keyed<'_, E>> + '_> {
        let positions = self.positions(texts);
        Box::new(positions.into_iter().filter_map(|index| self.entry(index)))
    }
}
