//! Patterns of ignore files.
//!
//! The rules are those of <https://github.com/fluxcd/pkg/tree/main/sourceignore/gitignore>, which differ from Git's: a pattern
//! without a slash matches any part of a path, so a file below an excluded folder is excluded by the same pattern, and may be
//! included again by a later one.

use crate::glob;

/// The effect of a matching pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Exclude,
    Include,
}

#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// Number of path parts of the folder that contains it.
    depth: usize,
    verdict: Verdict,
    directories_only: bool,
    parts: Vec<Segment>,
}

#[derive(Clone, Debug)]
enum Segment {
    /// An empty part, between two slashes or before the first one.
    Empty,
    /// `**`
    AnyDirectories,
    Literal(String),
    /// `*` followed by a literal.
    Suffix(String),
    Glob(String),
    /// `**` within other text, which matches nothing.
    Never,
}

impl Pattern {
    /// `depth` is the number of path parts of the folder that contains the pattern.
    pub(super) fn new(line: &str, depth: usize) -> Self {
        let (verdict, line) = match line.strip_prefix('!') {
            Some(rest) => (Verdict::Include, rest),
            None => (Verdict::Exclude, line),
        };
        let line = match line.ends_with("\\ ") {
            true => line,
            false => line.trim_end_matches(' '),
        };
        let (directories_only, line) = match line.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let has_slash = line.contains('/');
        let parts = line
            .split('/')
            .map(|part| Segment::new(part, has_slash))
            .collect();
        Pattern {
            depth,
            verdict,
            directories_only,
            parts,
        }
    }

    /// Whether it includes files that others exclude.
    pub(super) fn is_include(&self) -> bool {
        self.verdict == Verdict::Include
    }

    /// The verdict about a path, given by its parts from the root on; `None` if the pattern does not match.
    pub(super) fn verdict(&self, path: &[&str], is_directory: bool) -> Option<Verdict> {
        let below = path.get(self.depth..).filter(|below| !below.is_empty())?;
        let is_match = match self.parts.as_slice() {
            [part] => self.matches_name(part, below, is_directory),
            parts => self.matches_path(parts, below, is_directory),
        };
        is_match.then_some(self.verdict)
    }

    fn matches_name(&self, part: &Segment, path: &[&str], is_directory: bool) -> bool {
        let index = path.iter().position(|name| part.matches(name));
        index.is_some_and(|index| !(self.directories_only && !is_directory && index + 1 == path.len()))
    }

    fn matches_path(&self, parts: &[Segment], path: &[&str], is_directory: bool) -> bool {
        let mut rest = path;
        let mut matched = false;
        let mut any_directories = false;
        for (index, part) in parts.iter().enumerate() {
            match part {
                Segment::Empty => any_directories = false,
                Segment::AnyDirectories if index + 1 == parts.len() => break,
                Segment::AnyDirectories => any_directories = true,
                Segment::Never => return false,
                part if any_directories => {
                    any_directories = false;
                    let Some(at) = rest.iter().position(|name| part.matches(name)) else {
                        // Upstream continues with an empty path here, so that only a last part can still match.
                        if rest.is_empty() {
                            return false;
                        }
                        rest = &[];
                        matched = false;
                        continue;
                    };
                    rest = rest.get(at + 1..).unwrap_or_default();
                    matched = true;
                }
                part => match rest.split_first() {
                    Some((name, after)) if part.matches(name) => {
                        rest = after;
                        matched = true;
                    }
                    _ => return false,
                },
            }
        }
        matched && !(self.directories_only && !is_directory && rest.is_empty())
    }
}

impl Segment {
    fn new(part: &str, has_slash: bool) -> Self {
        let is_literal = |text: &str| !text.contains(['*', '?', '[', '\\']);
        match part {
            "" if has_slash => Segment::Empty,
            "**" if has_slash => Segment::AnyDirectories,
            part if has_slash && part.contains("**") => Segment::Never,
            part if is_literal(part) => Segment::Literal(part.to_owned()),
            part => match part.strip_prefix('*') {
                Some(suffix) if is_literal(suffix) => Segment::Suffix(suffix.to_owned()),
                _ => Segment::Glob(part.to_owned()),
            },
        }
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Segment::Literal(text) => text == name,
            Segment::Suffix(suffix) => name.ends_with(suffix.as_str()),
            Segment::Glob(glob) => glob::matches(glob.as_bytes(), name.as_bytes()) == Some(true),
            Segment::Empty | Segment::AnyDirectories | Segment::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_upstream() {
        use Verdict::{Exclude, Include};
        for (line, depth, path, is_directory, expected) in [
            (".git/", 0, ".git/config", false, Some(Exclude)),
            (".git/", 0, ".git", true, Some(Exclude)),
            (".git/", 0, "a/.git", false, None),
            ("*.png", 0, "a/b.png", false, Some(Exclude)),
            ("docs", 0, "a/docs/x.md", false, Some(Exclude)),
            ("/docs", 0, "docs/x.md", false, Some(Exclude)),
            ("/docs", 0, "a/docs/x.md", false, None),
            ("/*", 0, "a/b", false, Some(Exclude)),
            ("!/apps/", 0, "apps/x.yaml", false, Some(Include)),
            ("!/apps/", 0, "apps", false, None),
            ("**/.sops.yaml", 0, ".sops.yaml", false, Some(Exclude)),
            ("**/.sops.yaml", 0, "a/b/.sops.yaml", false, Some(Exclude)),
            ("a/**/z", 0, "a/b/c/z/q", false, Some(Exclude)),
            ("a/**", 0, "a/b", false, Some(Exclude)),
            ("a/b**", 0, "a/bc", false, None),
            ("x.yaml", 1, "a/x.yaml", false, Some(Exclude)),
            ("x.yaml", 1, "x.yaml", false, None),
            ("[ab].txt", 0, "b.txt", false, Some(Exclude)),
            ("trail  ", 0, "trail", false, Some(Exclude)),
        ] {
            let parts: Vec<&str> = path.split('/').collect();
            let actual = Pattern::new(line, depth).verdict(&parts, is_directory);
            assert_eq!(actual, expected, "{line} {path}");
        }
    }
}
