//! `flux-infra-guide.lock`: which content each declared source has, one line a source.

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
/// What the first line says to its reader.
const NOTE: &str = "written by `flux-infra-guide fetch`; commit it: scans read what it names";

/// What a repository declares elsewhere, in one content each.
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
    /// The line of a source as it is declared.
    pub fn get(&self, declared: &Declared) -> Option<&LockedSource> {
        self.sources.get(&declared.key())
    }

    /// A line of an object that is locked as it was declared at some other time.
    pub fn of_object(&self, object: &str) -> impl Iterator<Item = &LockedSource> {
        self.iter().filter(move |source| source.object == object)
    }

    /// Puts a line in, in place of that of the same declaration.
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

    /// The file: a first line about itself, then one line of JSON for each source, sorted by object, address and what is
    /// requested.
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
        let mut lock = Lock::default();
        for source in sources {
            lock.insert(source);
        }
        lock
    }
}
