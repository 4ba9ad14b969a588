//! A data folder turns into the lines of its four catalogs, by section.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use camino::Utf8Path;
use memchr::{memchr, memmem, memrchr};

use super::json;
use super::kept::Kept;
use super::needles::{Needles, is_plain};
use super::parallel::in_turn;
use super::part::Shape;
use super::piece::Piece;
use super::section::Section;
use crate::catalogs::Catalog as _;
use crate::read::{self, ReadError, joined};
use crate::{ConfigMapsFile, FluxResourcesFile, SecretsMapFile, ServicesFile};

/// The four catalogs.
pub(super) struct Pages {
    /// In the order of [`Pages::NAMES`].
    pages: [Page; 4],
}

/// What is looked for while catalogs are read.
#[derive(Clone, Copy, Default)]
pub(super) struct Search<'s> {
    /// Texts that are to be found.
    pub(super) needles: Option<&'s Needles>,
    /// How much of every entry of a section is wanted: that is kept, where other entries are read again.
    pub(super) kept: &'s [(Section, Shape)],
}

/// Bytes that are read at a time: what is read but not kept takes no memory.
const CHUNK: usize = 1 << 18;
/// More entries than these are read one by one no more, but all at once.
const MOST_READS: usize = 200;
/// More entries than these are not kept where they hold a text of the term.
const MOST_KEPT: usize = 2_000;

/// One catalog.
pub(super) struct Page {
    file: Mutex<File>,
    /// By [`Section::index`].
    lines: [Vec<Line>; Section::ALL.len()],
    /// The catalog without entries.
    frame: Vec<u8>,
    /// Where needles begin.
    positions: Vec<usize>,
    kept: Vec<Kept>,
    /// How many entries were read one by one.
    reads: AtomicUsize,
    /// The catalog, once so many entries of it are wanted.
    whole: OnceLock<Vec<u8>>,
}

/// Where an entry is in the file, without indent and comma.
#[derive(Debug)]
pub(super) struct Line {
    start: u32,
    length: u32,
    /// A hash of the last part of its key.
    name: u32,
    text: OnceLock<Box<[u8]>>,
}

impl Line {
    pub(super) fn start(&self) -> usize {
        self.start as usize
    }

    pub(super) fn end(&self) -> usize {
        self.start as usize + self.length as usize
    }
}

/// An entry as it is written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry<'a> {
    /// Its key, as written, without quotes; empty where entries have none.
    pub(super) key: &'a [u8],
    /// Its members.
    pub(super) value: &'a [u8],
    /// The whole line.
    pub(super) line: &'a [u8],
}

impl<'a> Entry<'a> {
    /// A line of a section.
    pub(super) fn new(section: Section, line: &'a [u8]) -> Self {
        if !section.has_keys() {
            return Entry {
                key: b"",
                value: line,
                line,
            };
        }
        let end = json::end_of_text(line, 1).unwrap_or_default();
        Entry {
            key: line.get(1..end).unwrap_or_default(),
            value: line.get(end + 3..).unwrap_or_default(),
            line,
        }
    }
}

impl Pages {
    const NAMES: [&'static str; 4] = [
        ServicesFile::FILE_NAME,
        FluxResourcesFile::FILE_NAME,
        SecretsMapFile::FILE_NAME,
        ConfigMapsFile::FILE_NAME,
    ];

    /// Reads a folder. None where a catalog is not laid out with one entry a line.
    pub(super) fn read(folder: &Utf8Path, search: Search<'_>) -> Result<Option<Pages>, ReadError> {
        let read = |name| Page::read(folder, name, search);
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
        page.of(section)
            .get(index)
            .map_or_else(Entry::default, |line| page.entry(section, line))
    }

    /// As much of an entry as is wanted of all in its section, where the search was for that.
    pub(super) fn kept(&self, section: Section, index: usize, shape: Shape) -> Option<Entry<'_>> {
        let mut kept = self.page(section).kept.iter();
        kept.find(|kept| (kept.section, kept.shape) == (section, shape))?
            .entry(index)
    }

    /// How many entries a section has.
    pub(super) fn count(&self, section: Section) -> usize {
        self.page(section).of(section).len()
    }

    /// All entries of a section.
    pub(super) fn entries(&self, section: Section) -> impl Iterator<Item = Entry<'_>> {
        let page = self.page(section);
        page.whole();
        page.of(section).iter().map(move |line| page.entry(section, line))
    }

    /// Hashes of the names of all entries of a section; see [`name_hash`].
    pub(super) fn names(&self, section: Section) -> impl Iterator<Item = u32> {
        self.page(section).of(section).iter().map(|line| line.name)
    }

    /// The entries in which needles begin, each with where in the line they do.
    pub(super) fn mentions(&self, section: Section) -> Vec<(usize, Vec<usize>)> {
        let page = self.page(section);
        let lines = page.of(section);
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
            return Vec::new();
        };
        let from = page
            .positions
            .partition_point(|position| *position < first.start());
        let to = page.positions.partition_point(|position| *position < last.end());
        let mut mentions: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut index = 0;
        for position in page.positions.get(from..to).unwrap_or_default() {
            while lines.get(index).is_some_and(|line| line.end() <= *position) {
                index += 1;
            }
            let Some(at) = lines
                .get(index)
                .and_then(|line| position.checked_sub(line.start()))
            else {
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
        let page = self.page(section);
        let lines = page.of(section);
        let finder = memmem::Finder::new(text);
        let mut holding = Vec::new();
        let mut index = 0;
        let start = lines.first().map_or(0, Line::start);
        let end = lines.last().map_or(0, Line::end);
        page.chunks(start, end, |chunk, base| {
            for at in finder.find_iter(chunk) {
                let at = base + at;
                while lines.get(index).is_some_and(|line| line.end() <= at) {
                    index += 1;
                }
                if lines.get(index).is_some_and(|line| line.start() <= at) && holding.last() != Some(&index) {
                    holding.push(index);
                }
            }
        });
        holding
    }

    /// All of a section in one piece.
    pub(super) fn piece(&self, section: Section) -> Piece<'_> {
        let page = self.page(section);
        Piece {
            section,
            text: page.whole(),
            base: 0,
            lines: page.of(section),
            first: 0,
        }
    }

    /// What is found in all pieces of all sections. Catalogs are read side by side, and of none there is ever more than a
    /// piece.
    pub(super) fn in_pieces<R: Send>(&self, find: impl Fn(&Piece<'_>) -> Vec<R> + Sync) -> Vec<R> {
        in_turn(&self.pages, |page| {
            let mut found = Vec::new();
            let lines = || page.lines.iter();
            let start = lines().filter_map(|lines| lines.first()).map(Line::start).min();
            let end = lines().filter_map(|lines| lines.last()).map(Line::end).max();
            let (Some(start), Some(end)) = (start, end) else {
                return found;
            };
            page.chunks(start, end, |text, base| {
                for section in Section::ALL {
                    let lines = page.of(section);
                    let first = lines.partition_point(|line| line.start() < base);
                    let last = lines.partition_point(|line| line.start() < base + text.len());
                    if first < last {
                        found.extend(find(&Piece {
                            section,
                            text,
                            base,
                            lines: lines.get(first..last).unwrap_or_default(),
                            first,
                        }));
                    }
                }
            });
            found
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
    /// None where the text is not laid out with one entry a line.
    fn read(folder: &Utf8Path, name: &str, search: Search<'_>) -> Result<Option<Page>, ReadError> {
        let file = read::open(folder, name)?;
        Page::split(file, search).map_err(|error| ReadError::File {
            path: folder.join(name),
            error,
        })
    }

    /// Finds lines, sections and what is searched for.
    fn split(file: File, search: Search<'_>) -> io::Result<Option<Page>> {
        let mut lines: [Vec<Line>; Section::ALL.len()] = Default::default();
        let mut positions = Vec::new();
        let kept = search.kept.iter();
        let mut reading = Reading {
            wanted: kept.map(|(section, shape)| Kept::new(*section, *shape)).collect(),
            ..Reading::default()
        };
        let mut is_plain_text = true;
        in_chunks(&file, 0, |chunk, base| {
            is_plain_text = is_plain_text && is_plain(chunk);
            let found = search
                .needles
                .map_or_else(Vec::new, |needles| needles.positions(chunk));
            reading.lines(chunk, base, &found, &mut lines);
            positions.extend(found.into_iter().map(|at| base + at));
        })?;
        Ok((is_plain_text && reading.compact).then(|| Page {
            file: Mutex::new(file),
            lines,
            frame: without_entries(&reading.frame),
            positions,
            kept: reading.wanted,
            reads: AtomicUsize::new(0),
            whole: OnceLock::new(),
        }))
    }

    fn of(&self, section: Section) -> &[Line] {
        self.lines.get(section.index()).map_or(&[], Vec::as_slice)
    }

    fn entry<'s>(&'s self, section: Section, line: &'s Line) -> Entry<'s> {
        Entry::new(section, self.text(line))
    }

    fn text<'s>(&'s self, line: &'s Line) -> &'s [u8] {
        if let Some(text) = line.text.get() {
            return text;
        }
        if self.whole.get().is_some() || self.reads.fetch_add(1, Ordering::Relaxed) > MOST_READS {
            return self.whole().get(line.start()..line.end()).unwrap_or_default();
        }
        line.text.get_or_init(|| {
            self.read_at(line.start(), line.length as usize)
                .into_boxed_slice()
        })
    }

    /// The catalog up to its last entry. Empty where it cannot be read any more: then no entry is one.
    fn whole(&self) -> &[u8] {
        self.whole.get_or_init(|| {
            let last = self.lines.iter().filter_map(|lines| lines.last());
            self.read_at(0, last.map(Line::end).max().unwrap_or_default())
        })
    }

    fn read_at(&self, start: usize, length: usize) -> Vec<u8> {
        let mut text = Vec::with_capacity(length);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file
            .seek(SeekFrom::Start(start as u64))
            .and_then(|_| (&mut *file).take(length as u64).read_to_end(&mut text));
        if read.is_err() {
            text.clear();
        }
        text
    }

    /// What lies between two places, in chunks of whole lines, each with where it begins.
    fn chunks(&self, start: usize, end: usize, mut visit: impl FnMut(&[u8], usize)) {
        if let Some(whole) = self.whole.get() {
            return visit(whole.get(start..end).unwrap_or_default(), start);
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file
            .seek(SeekFrom::Start(start as u64))
            .and_then(|_| in_chunks((&mut *file).take((end - start) as u64), start, &mut visit));
        if read.is_err() {
            // Nothing is answered from what cannot be read any more.
            let _ = self.whole.set(Vec::new());
        }
    }
}

/// Reads to the end in chunks of whole lines, each with where it begins.
fn in_chunks(mut file: impl io::Read, start: usize, mut visit: impl FnMut(&[u8], usize)) -> io::Result<()> {
    let mut buffer = Vec::new();
    let mut base = start;
    loop {
        let kept = buffer.len();
        let read = (&mut file).take(CHUNK as u64).read_to_end(&mut buffer)?;
        let end = match memrchr(b'\n', buffer.get(kept..).unwrap_or_default()) {
            Some(newline) => kept + newline + 1,
            None if read == 0 => buffer.len(),
            None => continue,
        };
        visit(buffer.get(..end).unwrap_or_default(), base);
        base += end;
        buffer.drain(..end);
        if read == 0 {
            return Ok(());
        }
    }
}

/// How far a catalog is read.
#[derive(Default)]
struct Reading {
    /// The member that a line is in, and the member of that.
    outer: Vec<u8>,
    inner: Option<Vec<u8>>,
    /// The sections of lines that are so deep.
    at_4: Option<Section>,
    at_6: Option<Section>,
    frame: Vec<Vec<u8>>,
    /// Whether `metadata` stands on one line.
    compact: bool,
    /// How many entries were kept because they hold a text of the term.
    kept: usize,
    /// What is wanted of all entries of a section.
    wanted: Vec<Kept>,
}

impl Reading {
    /// Takes whole lines, in which needles begin at `positions`.
    fn lines(
        &mut self,
        text: &[u8],
        base: usize,
        positions: &[usize],
        lines: &mut [Vec<Line>; Section::ALL.len()],
    ) {
        let mut positions = positions.iter().peekable();
        let mut start = 0;
        while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
            let length = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or(rest);
            let next = start + length + 1;
            let mut is_mentioned = false;
            while positions.next_if(|position| **position < next).is_some() {
                is_mentioned = true;
            }
            let (indent, section) = match line {
                [b' ', b' ', b' ', b' ', b' ', b' ', b'"' | b'{', ..] => (6, self.at_6),
                [b' ', b' ', b' ', b' ', b'"' | b'{', ..] => (4, self.at_4),
                [b' ', b' ', b'"', ..] => (2, None),
                _ => (0, None),
            };
            let entry = line.strip_suffix(b",").unwrap_or(line);
            let entry = entry.get(indent..).unwrap_or_default();
            match section.and_then(|section| Some((section, lines.get_mut(section.index())?))) {
                Some((section, lines)) => {
                    if let Some(wanted) = self.wanted.iter_mut().find(|wanted| wanted.section == section) {
                        wanted.add(entry);
                    }
                    let text = OnceLock::new();
                    if is_mentioned && self.kept < MOST_KEPT {
                        self.kept += 1;
                        let _ = text.set(entry.into());
                    }
                    lines.push(Line {
                        // No catalog is so large.
                        start: u32::try_from(base + start + indent).unwrap_or(u32::MAX),
                        length: u32::try_from(entry.len()).unwrap_or(u32::MAX),
                        name: name_hash(
                            entry
                                .get(1..json::end_of_text(entry, 1).unwrap_or_default())
                                .unwrap_or_default(),
                        ),
                        text,
                    });
                }
                None => {
                    self.opens(line, indent);
                    self.frame.push(line.to_vec());
                }
            }
            start = next;
        }
    }

    /// Takes a line that is no entry.
    fn opens(&mut self, line: &[u8], indent: usize) {
        let opens = line.ends_with(b"{") || line.ends_with(b"[");
        match indent {
            2 => {
                self.compact |= line.starts_with(b"  \"metadata\": {\"");
                self.outer = if opens { key(line).to_vec() } else { Vec::new() };
                self.inner = None;
            }
            4 => self.inner = opens.then(|| key(line).to_vec()),
            _ => return,
        }
        // A section's lines are of one depth.
        self.at_4 = Section::named(&self.outer, None).filter(|_| self.inner.is_none());
        let inner = self.inner.as_deref();
        self.at_6 = inner.and_then(|inner| Section::named(&self.outer, Some(inner)));
    }
}

/// A hash of the last part of a key.
pub(super) fn name_hash(key: &[u8]) -> u32 {
    let hash = super::part::hash(super::part::last(key));
    u32::try_from(hash & u64::from(u32::MAX)).unwrap_or_default()
}

/// The key in front of a member, as written.
fn key(line: &[u8]) -> &[u8] {
    let text = line.trim_ascii_start().strip_prefix(b"\"").unwrap_or_default();
    memchr(b'"', text)
        .and_then(|end| text.get(..end))
        .unwrap_or_default()
}

/// Lines with a comma between any two members.
fn without_entries(lines: &[Vec<u8>]) -> Vec<u8> {
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
