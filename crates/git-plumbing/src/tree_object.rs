//! Git's tree objects (<https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_tree_objects>): for each entry a mode, a name, a zero
//! byte, and the name of an object as bytes.

use std::fmt::Write;

use crate::committed::is_plain;
use crate::process::NoAnswer;

/// The names in a folder, sorted bytewise.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Folder(Vec<(String, Entry)>);

/// An entry of a folder, with the name of its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Folder(String),
    File(String),
    /// Its bytes are its target.
    Link(String),
}

impl Folder {
    /// Parses a tree object. `id_bytes` is the length of an object's name. Submodules are left out, since their files are not in the
    /// repository, and so are names that are not UTF-8, which no manifest can state.
    ///
    /// # Errors
    /// [`NoAnswer`] if it is not a tree object, or contains a name that Git itself refuses to check out.
    pub(crate) fn parse(mut bytes: &[u8], id_bytes: usize) -> Result<Self, NoAnswer> {
        let mut entries = Vec::new();
        while !bytes.is_empty() {
            let ([mode, name, object], rest) =
                split(bytes, id_bytes).ok_or_else(|| NoAnswer("it is not a folder".to_owned()))?;
            bytes = rest;
            let Ok(name) = std::str::from_utf8(name) else {
                continue;
            };
            let entry = match mode {
                b"40000" => Entry::Folder,
                b"120000" => Entry::Link,
                b"160000" => continue,
                _ => Entry::File,
            };
            if name.contains('/') || !is_plain(name) {
                return Err(NoAnswer(format!("it holds a file that is named {name:?}")));
            }
            entries.push((name.to_owned(), entry(hex(object))));
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.dedup_by(|a, b| a.0 == b.0);
        Ok(Folder(entries))
    }

    /// The entry of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        let index = self.0.binary_search_by(|(other, _)| other.as_str().cmp(name));
        self.0.get(index.ok()?).map(|(_, entry)| entry)
    }

    /// The names with their entries, sorted bytewise.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0.iter().map(|(name, entry)| (name.as_str(), entry))
    }
}

/// Mode, name and object of the first entry, and the bytes after it.
fn split(bytes: &[u8], id_bytes: usize) -> Option<([&[u8]; 3], &[u8])> {
    let space = bytes.iter().position(|byte| *byte == b' ')?;
    let (mode, rest) = (bytes.get(..space)?, bytes.get(space + 1..)?);
    let zero = rest.iter().position(|byte| *byte == 0)?;
    let (name, rest) = (rest.get(..zero)?, rest.get(zero + 1..)?);
    let (object, rest) = rest.split_at_checked(id_bytes)?;
    Some(([mode, name, object], rest))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mode: &str, name: &str, id: u8) -> Vec<u8> {
        [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &[id; 20]].concat()
    }

    #[test]
    fn names_are_sorted_and_submodules_left_out() {
        // Git sorts a folder as if its name ended with a slash.
        let bytes = [
            entry("100644", "a.yaml", 1),
            entry("40000", "a", 2),
            entry("160000", "sub", 3),
            entry("120000", "link", 4),
        ]
        .concat();
        let folder = Folder::parse(&bytes, 20).unwrap();
        let names: Vec<&str> = folder.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "a.yaml", "link"]);
        assert_eq!(folder.get("a"), Some(&Entry::Folder("02".repeat(20))));
        assert_eq!(folder.get("link"), Some(&Entry::Link("04".repeat(20))));
    }

    #[test]
    fn what_git_would_not_check_out_is_refused() {
        for name in ["..", ".git", ".GIT", "a/b", "a\\b", ""] {
            let error = Folder::parse(&entry("100644", name, 1), 20).unwrap_err();
            assert!(
                error.0.contains("it holds a file that is named"),
                "{name}: {error}"
            );
        }
        assert!(Folder::parse(b"100644 a\0short", 20).is_err());
        assert!(Folder::parse(b"100644", 20).is_err());
    }
}
