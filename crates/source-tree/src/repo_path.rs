//! Normalised paths below the repository's root.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

/// A path below the root of a [`SourceTree`](crate::SourceTree), separated by `/`, without `.` or empty parts; the root
/// is empty.
///
/// `..` parts are resolved on construction. One that would leave the root is clamped to it, as Flux's SecureJoin does
/// (<https://github.com/cyphar/filepath-securejoin>); [`RepoPath::checked_join`] refuses it.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(from = "String")]
pub struct RepoPath(Arc<str>);

crate::schema_as!(RepoPath as String);

impl RepoPath {
    /// The root itself.
    pub fn root() -> Self {
        RepoPath::default()
    }

    /// Normalises `text`; a leading `/` and parts that would leave the root are dropped.
    pub fn new(text: &str) -> Self {
        RepoPath::root().join(text)
    }

    /// `self` followed by `text`, clamped to the root. A leading `/` of `text` does not restart at the root.
    pub fn join(&self, text: &str) -> Self {
        self.resolve(text).0
    }

    /// As [`RepoPath::join`], but `None` if a `..` would leave the root.
    pub fn checked_join(&self, text: &str) -> Option<Self> {
        let (path, escaped) = self.resolve(text);
        (!escaped).then_some(path)
    }

    fn resolve(&self, text: &str) -> (Self, bool) {
        let text = text.strip_prefix("./").unwrap_or(text);
        if let Some(above) = text.strip_prefix("../").filter(|above| is_normal(above))
            && !self.is_root()
        {
            let parent = self.split_last().0;
            return (RepoPath(joined(parent, above)), false);
        }
        if is_normal(text) {
            return (RepoPath(joined(self.as_str(), text)), false);
        }
        let mut parts: Vec<&str> = self.parts().collect();
        let mut escaped = false;
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => escaped |= parts.pop().is_none(),
                part => parts.push(part),
            }
        }
        (RepoPath(parts.join("/").into()), escaped)
    }

    /// The text, without leading or final `/`; empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the path is longer than any system allows, so that no file can exist there
    /// (<https://man7.org/linux/man-pages/man7/path_resolution.7.html>).
    pub fn is_too_long(&self) -> bool {
        const PATH_MAX: usize = 4096;
        self.0.len() > PATH_MAX
    }

    /// The parts from the root down.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// The last part; `None` for the root.
    pub fn file_name(&self) -> Option<&str> {
        self.folder_and_name().map(|(_, name)| name)
    }

    /// The folder that holds this path; `None` for the root.
    pub fn parent(&self) -> Option<RepoPath> {
        self.folder_and_name().map(|(folder, _)| RepoPath(folder.into()))
    }

    /// The text of the folder that holds this path, and the last part; `None` for the root. Maps by path can be searched
    /// for the folder without copying it.
    pub fn folder_and_name(&self) -> Option<(&str, &str)> {
        (!self.is_root()).then(|| self.split_last())
    }

    /// This path and the folders around it, the nearest first and the root last. A path that is too long to exist is
    /// returned alone: it may have any number of parts.
    pub fn ancestors(&self) -> impl Iterator<Item = RepoPath> + use<> {
        let most = if self.is_too_long() { 1 } else { usize::MAX };
        std::iter::successors(Some(self.clone()), RepoPath::parent).take(most)
    }

    /// The folder that holds this path, and the last part.
    fn split_last(&self) -> (&str, &str) {
        // A loop over bytes: on such short texts a search takes longer to set up.
        let slash = self.0.bytes().rposition(|byte| byte == b'/');
        let parts = slash.and_then(|at| Some((self.0.get(..at)?, self.0.get(at + 1..)?)));
        parts.unwrap_or(("", &self.0))
    }

    /// Whether this is `folder` or below it.
    pub fn starts_with(&self, folder: &RepoPath) -> bool {
        folder.is_root()
            || self
                .0
                .strip_prefix(folder.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The part of this path below `folder`, if it is there; empty for `folder` itself.
    pub fn strip_prefix(&self, folder: &RepoPath) -> Option<RepoPath> {
        if folder.is_root() {
            return Some(self.clone());
        }
        let rest = self.0.strip_prefix(folder.as_str())?;
        match rest.strip_prefix('/') {
            Some(rest) => Some(RepoPath(rest.into())),
            None => rest.is_empty().then(RepoPath::root),
        }
    }

    /// The relative path from `folder` to this path; `.` if they are equal.
    pub fn relative_to(&self, folder: &RepoPath) -> String {
        let (to, from): (Vec<_>, Vec<_>) = (self.parts().collect(), folder.parts().collect());
        let common = to.iter().zip(&from).take_while(|(a, b)| a == b).count();
        let mut steps = vec![".."; from.len() - common];
        steps.extend(to.iter().skip(common));
        if steps.is_empty() {
            ".".to_owned()
        } else {
            steps.join("/")
        }
    }
}

/// A path in normal form below a folder, whose text is empty for the root.
fn joined(folder: &str, below: &str) -> Arc<str> {
    thread_local! {
        /// Paths are made by the thousands; this spares each a second allocation.
        static PATH: RefCell<String> = const { RefCell::new(String::new()) };
    }
    if folder.is_empty() {
        return below.into();
    }
    PATH.with_borrow_mut(|path| {
        path.clear();
        path.push_str(folder);
        path.push('/');
        path.push_str(below);
        path.as_str().into()
    })
}

/// Whether no part of a path is empty, `.` or `..`, as in most paths.
fn is_normal(text: &str) -> bool {
    let is_part = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
    let mut rest = text.as_bytes();
    while let Some(end) = memchr::memchr(b'/', rest) {
        if !is_part(&rest[..end]) {
            return false;
        }
        rest = &rest[end + 1..];
    }
    is_part(rest)
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl Serialize for RepoPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

// Equality, order and hash are those of the text.
impl Borrow<str> for RepoPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<String> for RepoPath {
    fn from(text: String) -> Self {
        RepoPath::new(&text)
    }
}

impl From<RepoPath> for String {
    fn from(path: RepoPath) -> Self {
        path.as_str().to_owned()
    }
}

impl From<&str> for RepoPath {
    fn from(text: &str) -> Self {
        RepoPath::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised_and_clamped() {
        for (text, expected) in [
            ("./a//b/", "a/b"),
            ("/a/../../b", "b"),
            ("", ""),
            ("a/./..", ""),
            ("../../x", "x"),
            ("a..b", "a..b"),
            ("../.../.a/..b", ".../.a/..b"),
            ("a/.", "a"),
            ("a//b", "a/b"),
        ] {
            assert_eq!(RepoPath::new(text).as_str(), expected, "{text}");
        }
    }

    #[test]
    fn ancestors_lead_to_the_root_unless_nothing_can_stand_there() {
        let paths = |path: RepoPath| path.ancestors().map(String::from).collect::<Vec<_>>();
        assert_eq!(paths(RepoPath::new("a/b/c")), ["a/b/c", "a/b", "a", ""]);
        assert_eq!(paths(RepoPath::root()), [""]);
        assert_eq!(paths(RepoPath::new(&"a/".repeat(500_000))).len(), 1);
    }

    #[test]
    fn a_checked_join_refuses_to_leave_the_root() {
        let dir = RepoPath::new("apps/papi");
        assert_eq!(dir.checked_join("../base"), Some(RepoPath::new("apps/base")));
        assert_eq!(dir.checked_join("../../../etc"), None);
    }

    #[test]
    fn prefixes_match_whole_parts() {
        let path = RepoPath::new("apps/papi/x.yaml");
        assert!(path.starts_with(&RepoPath::new("apps")));
        assert!(!RepoPath::new("apps2/x").starts_with(&RepoPath::new("apps")));
        assert_eq!(
            path.strip_prefix(&RepoPath::new("apps")),
            Some(RepoPath::new("papi/x.yaml"))
        );
        assert_eq!(path.relative_to(&RepoPath::new("apps/base")), "../papi/x.yaml");
        assert_eq!(path.parent(), Some(RepoPath::new("apps/papi")));
        assert_eq!(path.folder_and_name(), Some(("apps/papi", "x.yaml")));
        assert_eq!(RepoPath::new("apps").folder_and_name(), Some(("", "apps")));
        assert_eq!(RepoPath::root().folder_and_name(), None);
    }
}
