//! `flux-infra-guide.lock`: the content of each declared source, one line per source.

mod parse;
mod source;

use std::collections::BTreeMap;

use crate::Declared;

pub use parse::LockError;
pub use source::{LockKey, LockedContent, LockedSource};

/// The file's name, at the top of the repository.
pub const LOCK_FILE: &str = "flux-infra-guide.lock";
/// The version of the file's layout.
const VERSION: u32 = 1;
/// The note in the first line.
const NOTE: &str = "written by `flux-infra-guide fetch`; commit it: scans read what it names";

/// The declared sources of a repository, each with its content.
///
/// ```
/// use source_cache::Lock;
///
/// let lock = Lock::default();
/// assert_eq!(Lock::parse(&lock.to_text())?, lock);
/// # Ok::<(), source_cache::LockError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    sources: BTreeMap<LockKey, LockedSource>,
}

impl Lock {
    /// The line of a declared source.
    pub fn get(&self, declared: &Declared) -> Option<&LockedSource> {
        self.sources.get(&declared.key())
    }

    /// The lines of an object, which may be of earlier declarations.
    pub fn of_object(&self, object: &str) -> impl Iterator<Item = &LockedSource> {
        self.iter().filter(move |source| source.object == object)
    }

    /// Adds a line, which replaces that of the same declaration.
    pub fn insert(&mut self, source: LockedSource) {
        self.sources.insert(source.key(), source);
    }

    /// The lines, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &LockedSource> {
        self.sources.values()
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether nothing is locked.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The text of the file: a line with its version, then one line of JSON for each source, sorted by object, address and requested
    /// version.
    pub fn to_text(&self) -> String {
        let mut text = format!("{{\"version\":{VERSION},\"note\":\"{NOTE}\"}}\n");
        for source in self.iter() {
            text.push_str(&source.to_line());
            text.push('\n');
        }
        text
    }
}

impl FromIterator<LockedSource> for Lock {
    fn from_iter<I: IntoIterator<Item = LockedSource>>(sources: I) -> Self {
        let sources = sources.into_iter().map(|source| (source.key(), source));
        Lock {
            sources: sources.collect(),
        }
    }
}
