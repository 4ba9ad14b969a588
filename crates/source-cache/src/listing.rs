//! The files of a source as one blob that lists their paths and digests.
//!
//! A Git tree or a bucket has no archive and so no digest. Its listing has a digest that is the same on every machine, and files
//! that do not change between revisions are kept once.

use std::collections::BTreeMap;

use source_tree::RepoPath;
use thiserror::Error;

use crate::Digest;

/// Files by path.
///
/// The text has a line for each: the hexadecimal digits of its digest, its size in bytes, and its path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    files: BTreeMap<RepoPath, ListedFile>,
}

/// A file of a [`Listing`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFile {
    /// The digest of its bytes.
    pub digest: Digest,
    /// Number of its bytes.
    pub bytes: u64,
}

/// The error for a blob that is not a listing.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {0} is not a digest, a size and a path")]
pub struct ListingError(usize);

impl Listing {
    /// Adds a file.
    pub fn insert(&mut self, path: RepoPath, file: ListedFile) {
        self.files.insert(path, file);
    }

    /// The files, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = (&RepoPath, &ListedFile)> {
        self.files.iter()
    }

    /// The blob.
    pub fn to_text(&self) -> String {
        let lines = self.files.iter();
        lines
            .map(|(path, file)| format!("{} {} {path}\n", file.digest.hex(), file.bytes))
            .collect()
    }

    /// Parses the text that [`Listing::to_text`] writes.
    ///
    /// # Errors
    /// [`ListingError`] with the first invalid line.
    pub fn parse(text: &str) -> Result<Self, ListingError> {
        let lines = (1..).zip(text.lines());
        let files = lines.map(|(number, line)| parse_line(line).ok_or(ListingError(number)));
        Ok(Listing {
            files: files.collect::<Result<_, _>>()?,
        })
    }
}

fn parse_line(line: &str) -> Option<(RepoPath, ListedFile)> {
    let mut words = line.splitn(3, ' ');
    let digest = Digest::parse(&format!("sha256:{}", words.next()?))?;
    let bytes = words.next()?.parse().ok()?;
    let path = RepoPath::root().checked_join(words.next()?)?;
    (!path.is_root()).then_some((path, ListedFile { digest, bytes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut listing = Listing::default();
        for path in ["b/c d.yaml", "a.yaml"] {
            let file = ListedFile {
                digest: Digest::of(path.as_bytes()),
                bytes: 3,
            };
            listing.insert(path.into(), file);
        }
        let text = listing.to_text();
        assert!(text.lines().next().unwrap().ends_with(" 3 a.yaml"));
        assert_eq!(Listing::parse(&text), Ok(listing));
        assert_eq!(Listing::parse("x 1 y\n"), Err(ListingError(1)));
        let outside = text.replace("a.yaml", "../a.yaml");
        assert_eq!(Listing::parse(&outside), Err(ListingError(1)));
    }
}
