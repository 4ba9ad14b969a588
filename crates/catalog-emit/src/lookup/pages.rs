//! A data folder turns into the lines of its four catalogs, by section.

use std::thread;

use camino::Utf8Path;
use memchr::{memchr, memmem};

use super::needles::{Needles, is_plain};
use super::section::Section;
use crate::catalogs::Catalog as _;
use crate::layout::{ConfigMapsFile, FluxResourcesFile, SecretsMapFile, ServicesFile};
use crate::read::{self, ReadError, joined};

/// The four catalogs.
pub(super) struct Pages {
    /// In the order of [`Pages::NAMES`].
    pages: [Page; 4],
}

/// One catalog.
#[derive(Default)]
pub(super) struct Page {
    text: Vec<u8>,
    /// By [`Section::index`].
    lines: [Vec<Line>; Section::ALL.len()],
    /// The catalog without entries.
    pub(super) frame: Vec<u8>,
    /// Where needles begin.
    positions: Vec<usize>,
}

/// Where an entry is in the text, without indent and comma.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    start: usize,
    end: usize,
}

/// An entry as it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    /// Its key, as written, without quotes; empty where entries have none.
    pub(super) key: &'a [u8],
    /// Its members.
    pub(super) value: &'a [u8],
    /// The whole line.
    pub(super) line: &'a [u8],
}

impl Pages {
    const NAMES: [&'static str; 4] = [
        ServicesFile::FILE_NAME,
        FluxResourcesFile::FILE_NAME,
        SecretsMapFile::FILE_NAME,
        ConfigMapsFile::FILE_NAME,
    ];

    /// Reads a folder. None where a catalog is not laid out with one entry a line.
    pub(super) fn read(folder: &Utf8Path, needles: &Needles) -> Result<Option<Pages>, ReadError> {
        let read = |name| Page::read(folder, name, needles);
        let pages = thread::scope(|scope| {
            // The first is the largest by far.
            let [b, c, d] = [1, 2, 3].map(|index| {
                let name = Self::NAMES.get(index).copied().unwrap_or_default();
                scope.spawn(move || read(name))
            });
            let a = read(ServicesFile::FILE_NAME);
            Ok([a?, joined(b)?, joined(c)?, joined(d)?])
        })?;
        Ok(match pages {
            [Some(a), Some(b), Some(c), Some(d)] => Some(Pages { pages: [a, b, c, d] }),
            _ => None,
        })
    }

    /// The catalogs without entries, in the order of services, Flux resources, secrets and ConfigMaps.
    pub(super) fn frames(&self) -> [&[u8]; 4] {
        self.pages.each_ref().map(|page| page.frame.as_slice())
    }

    /// An entry of a section.
    pub(super) fn entry(&self, section: Section, index: usize) -> Entry<'_> {
        let page = self.page(section);
        let line = page.of(section).get(index).copied().unwrap_or_default();
        page.entry(section, line)
    }

    /// All entries of a section.
    pub(super) fn entries(&self, section: Section) -> impl Iterator<Item = Entry<'_>> {
        let page = self.page(section);
        page.of(section)
            .iter()
            .map(move |line| page.entry(section, *line))
    }

    /// The entries in which needles begin, each with where in the line they do.
    pub(super) fn mentions(&self, section: Section) -> Vec<(usize, Vec<usize>)> {
        let page = self.page(section);
        let lines = page.of(section);
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
            return Vec::new();
        };
        let from = page.positions.partition_point(|position| *position < first.start);
        let to = page.positions.partition_point(|position| *position < last.end);
        let mut mentions: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut index = 0;
        for position in page.positions.get(from..to).unwrap_or_default() {
            while lines.get(index).is_some_and(|line| line.end <= *position) {
                index += 1;
            }
            let Some(at) = lines.get(index).and_then(|line| position.checked_sub(line.start)) else {
                continue;
            };
            match mentions.last_mut() {
                Some((known, positions)) if *known == index => positions.push(at),
                _ => mentions.push((index, vec![at])),
            }
        }
        mentions
    }

    /// The entries of a section whose line holds a text exactly as it is.
    pub(super) fn holding(&self, section: Section, text: &[u8]) -> Vec<usize> {
        let mut holding: Vec<usize> = self.found(section, text).map(|(_, index)| index).collect();
        holding.dedup();
        holding
    }

    /// What stands between a text, which ends with a quote, and the next quote, with the entries in which it does.
    pub(super) fn texts_after<'s>(
        &'s self,
        section: Section,
        before: &'s [u8],
    ) -> impl Iterator<Item = (&'s [u8], usize)> {
        let page = self.page(section);
        self.found(section, before).filter_map(move |(at, index)| {
            let start = at + before.len();
            let end = super::json::end_of_text(&page.text, start)?;
            Some((page.text.get(start..end)?, index))
        })
    }

    /// The values that a text, which ends with the first bracket of one, stands in front of, with their entries.
    pub(super) fn values_after<'s>(
        &'s self,
        section: Section,
        before: &'s [u8],
    ) -> impl Iterator<Item = (&'s [u8], usize)> {
        let page = self.page(section);
        self.found(section, before).filter_map(move |(at, index)| {
            let start = at + before.len() - 1;
            let end = super::json::end_of_value(&page.text, start)?;
            Some((page.text.get(start..end)?, index))
        })
    }

    /// Where a text is in a section, and in which entry.
    fn found<'s>(
        &'s self,
        section: Section,
        text: &'s [u8],
    ) -> impl Iterator<Item = (usize, usize)> + use<'s> {
        let page = self.page(section);
        let lines = page.of(section);
        let start = lines.first().map_or(0, |line| line.start);
        let end = lines.last().map_or(0, |line| line.end);
        let mut index = 0;
        memmem::find_iter(page.text.get(start..end).unwrap_or_default(), text).filter_map(move |at| {
            let at = start + at;
            while lines.get(index).is_some_and(|line| line.end <= at) {
                index += 1;
            }
            lines
                .get(index)
                .filter(|line| line.start <= at)
                .map(|_| (at, index))
        })
    }

    fn page(&self, section: Section) -> &Page {
        use Section::*;
        let [services, flux_resources, secrets_map, config_maps] = &self.pages;
        match section {
            Services | ImageGroups => services,
            Kustomizations | HelmReleases | Sources | Diagnostics => flux_resources,
            ConfigMaps | VariableSources | Variables | Undefined => config_maps,
            SecretProviderClasses
            | ExternalSecrets
            | SecretStores
            | VaultSecrets
            | SealedSecrets
            | Secrets
            | References => secrets_map,
        }
    }
}

impl Page {
    fn read(folder: &Utf8Path, name: &str, needles: &Needles) -> Result<Option<Page>, ReadError> {
        let text = read::content(folder, name)?;
        let mut page = Page {
            text,
            ..Page::default()
        };
        if !page.split() || !is_plain(&page.text) {
            return Ok(None);
        }
        page.positions = needles.positions(&page.text);
        Ok(Some(page))
    }

    fn of(&self, section: Section) -> &[Line] {
        self.lines.get(section.index()).map_or(&[], Vec::as_slice)
    }

    fn entry(&self, section: Section, line: Line) -> Entry<'_> {
        let text = self.text.get(line.start..line.end).unwrap_or_default();
        if !section.has_keys() {
            return Entry {
                key: b"",
                value: text,
                line: text,
            };
        }
        let end = super::json::end_of_text(text, 1).unwrap_or_default();
        Entry {
            key: text.get(1..end).unwrap_or_default(),
            value: text.get(end + 3..).unwrap_or_default(),
            line: text,
        }
    }

    /// Finds lines and sections. Whether the text is laid out with one entry a line.
    fn split(&mut self) -> bool {
        let mut compact = false;
        let mut outer: &[u8] = b"";
        let mut inner: Option<&[u8]> = None;
        let mut frame: Vec<&[u8]> = Vec::new();
        let mut start = 0;
        while let Some(rest) = self.text.get(start..).filter(|rest| !rest.is_empty()) {
            let length = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or(rest);
            let opens = line.ends_with(b"{") || line.ends_with(b"[");
            let (indent, section) = match line {
                [b' ', b' ', b' ', b' ', b' ', b' ', b'"' | b'{', ..] => (6, Section::named(outer, inner)),
                [b' ', b' ', b' ', b' ', b'"' | b'{', ..] => (4, Section::named(outer, None)),
                [b' ', b' ', b'"', ..] => (2, None),
                _ => (0, None),
            };
            // A section's lines are of one depth.
            let section = section.filter(|_| indent == 6 || inner.is_none());
            match section {
                Some(section) => {
                    let end = line.strip_suffix(b",").unwrap_or(line).len();
                    if let Some(lines) = self.lines.get_mut(section.index()) {
                        lines.push(Line {
                            start: start + indent,
                            end: start + end,
                        });
                    }
                }
                None => {
                    match indent {
                        2 => {
                            compact |= line.starts_with(b"  \"metadata\": {\"");
                            outer = if opens { key(line) } else { b"" };
                            inner = None;
                        }
                        4 if opens => inner = Some(key(line)),
                        4 => inner = None,
                        _ => {}
                    }
                    frame.push(line);
                }
            }
            start += length + 1;
        }
        self.frame = without_entries(&frame);
        compact
    }
}

/// The key in front of a member, as written.
fn key(line: &[u8]) -> &[u8] {
    let text = line.trim_ascii_start().strip_prefix(b"\"").unwrap_or_default();
    memchr(b'"', text)
        .and_then(|end| text.get(..end))
        .unwrap_or_default()
}

/// Lines with a comma between any two members.
fn without_entries(lines: &[&[u8]]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut lines = lines.iter().peekable();
    while let Some(line) = lines.next() {
        let line = line.strip_suffix(b",").unwrap_or(line);
        text.extend_from_slice(line);
        let closes = lines
            .peek()
            .is_none_or(|next| matches!(next.trim_ascii_start(), [b'}' | b']', ..]));
        if !closes && !line.ends_with(b"{") && !line.ends_with(b"[") {
            text.push(b',');
        }
        text.push(b'\n');
    }
    text
}
