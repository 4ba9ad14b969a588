//! Scalars at marks: document, path for yq and as JSON pointer, text, and line.

mod search;

use std::sync::{Arc, OnceLock};

use foldhash::{HashMap, HashMapExt, HashSet};
use kustomize_build::Sources;
use rayon::prelude::*;
use smol_str::SmolStr;
use source_tree::{FileId, FileTable, Mark, RepoPath};
use yaml_node::{Node, read_documents};

use crate::text_place;
use search::{FoundScalar, Search};

/// Finds scalars in files by line. Each file is indexed once.
pub(crate) struct Locator<'a> {
    sources: &'a Sources,
    files: &'a FileTable,
    cache: HashMap<FileId, Option<Arc<FileIndex>>>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(SmolStr),
    Index(usize),
}

/// A scalar of a file.
#[derive(Clone, Debug)]
pub(crate) struct Located {
    pub(crate) file: RepoPath,
    pub(crate) line: u32,
    pub(crate) document: usize,
    pub(crate) path: Vec<Step>,
    /// The anchor's name, which yq uses, for each step whose key is an alias.
    anchors: Vec<Option<SmolStr>>,
    /// As written.
    pub(crate) text: SmolStr,
    /// Whether the mark is inside a longer text, such as an inline patch.
    pub(crate) embedded: bool,
    documents: usize,
    index: Arc<FileIndex>,
}

struct FileIndex {
    text: Arc<str>,
    /// The beginnings of lines, computed on demand.
    starts: OnceLock<Vec<usize>>,
    /// The lines, counted from 1, that may state an anchor. Nodes need not be ordered by line if there are any.
    anchored: Vec<u32>,
    documents: Vec<Node>,
}

impl std::fmt::Debug for FileIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileIndex").finish_non_exhaustive()
    }
}

impl<'a> Locator<'a> {
    pub(crate) fn new(sources: &'a Sources, files: &'a FileTable) -> Self {
        Locator {
            sources,
            files,
            cache: HashMap::new(),
        }
    }

    /// Indexes the files of marks in advance, on all cores.
    pub(crate) fn prepare(&mut self, marks: impl Iterator<Item = Mark>) {
        let files: HashSet<FileId> = marks.map(|mark| mark.file).collect();
        let this = &*self;
        let indexed = files
            .into_par_iter()
            .filter_map(|id| Some((id, this.build(id, &this.files.path(id)?))));
        let indexed: Vec<_> = indexed.collect();
        self.cache.extend(indexed);
    }

    /// The scalars on the line of a mark, in document order; else the text of several lines around it.
    pub(crate) fn candidates(&mut self, mark: Mark) -> Vec<Located> {
        let Some(file) = self.files.path(mark.file) else {
            return Vec::new();
        };
        let Some(index) = self.index(mark.file, &file) else {
            return Vec::new();
        };
        let on_line = index.scalars(mark.line, &|_, line| line == mark.line);
        if !on_line.is_empty() {
            let located = on_line.into_iter().map(|found| index.located(&file, found));
            // A text of several lines may be in quotes on one line, with the mark inside.
            let inside = located.map(|found| Located {
                embedded: text_place::is_quoted_on_line(&found.text, found.line_text().unwrap_or_default()),
                ..found
            });
            return inside.collect();
        }
        let before = index.scalars(mark.line, &|text, line| line <= mark.line && text.contains('\n'));
        let last = before.into_iter().max_by_key(|found| found.line);
        last.filter(|found| {
            // Folded text has fewer lines than its source.
            (mark.line - found.line) as usize <= found.text.lines().count().saturating_mul(4) + 1
        })
        .map(|found| Located {
            line: mark.line,
            embedded: true,
            ..index.located(&file, found)
        })
        .into_iter()
        .collect()
    }

    /// The line of a mark as a text, in a file of any format.
    pub(crate) fn line(&mut self, mark: Mark) -> Option<Located> {
        let file = self.files.path(mark.file)?;
        let index = match self.index(mark.file, &file) {
            Some(index) => index,
            None => Arc::new(FileIndex::new(self.sources.text(&file).ok()?, Vec::new())),
        };
        let mut located = Located {
            file,
            line: mark.line,
            document: 0,
            path: Vec::new(),
            anchors: Vec::new(),
            text: SmolStr::default(),
            embedded: true,
            documents: 0,
            index,
        };
        located.text = located.line_text()?.into();
        Some(located)
    }

    /// The one document of a manifest, which the build has parsed before.
    fn parsed(&self, file: &RepoPath, text: &str) -> Option<Vec<Node>> {
        let is_single = !text.contains("\n---") && !text.contains("List");
        let mut fields = ["apiVersion:", "kind:", "metadata:"].iter();
        if !is_single || !fields.all(|field| text.contains(field)) {
            return None;
        }
        match self.sources.resources(file).ok()?.as_ref() {
            [only] => Some(vec![only.clone()]),
            _ => None,
        }
    }

    fn index(&mut self, id: FileId, file: &RepoPath) -> Option<Arc<FileIndex>> {
        if let Some(known) = self.cache.get(&id) {
            return known.clone();
        }
        let index = self.build(id, file);
        self.cache.insert(id, index.clone());
        index
    }

    fn build(&self, id: FileId, file: &RepoPath) -> Option<Arc<FileIndex>> {
        let text = self.sources.text(file).ok()?;
        let documents = self.parsed(file, &text).or_else(|| {
            // As a stream, in which each document has its number for yq.
            read_documents(&text, id, self.sources.limits()).ok()
        })?;
        Some(Arc::new(FileIndex::new(text, documents)))
    }
}

impl FileIndex {
    fn new(text: Arc<str>, documents: Vec<Node>) -> Self {
        FileIndex {
            anchored: anchored(&text),
            text,
            starts: OnceLock::new(),
            documents,
        }
    }

    /// The text of a line, counted from 1.
    fn line(&self, line: u32) -> Option<&str> {
        let starts = self.starts.get_or_init(|| {
            let mut starts = vec![0];
            // On short lines a search for each break takes longer to set up.
            for (at, byte) in self.text.bytes().enumerate() {
                if byte == b'\n' {
                    starts.push(at + 1);
                }
            }
            starts
        });
        let start = *starts.get((line as usize).checked_sub(1)?)?;
        self.text.get(start..)?.lines().next()
    }

    /// The scalars around a line that `is_wanted` by their text and line, in document order.
    fn scalars(&self, line: u32, is_wanted: &dyn Fn(&str, u32) -> bool) -> Vec<FoundScalar> {
        Search::new(self, line, is_wanted).run()
    }

    fn has_anchors(&self) -> bool {
        !self.anchored.is_empty()
    }

    /// The name of the anchor that an aliased key repeats: the key's mark is the place of `&name text`, which is no key.
    fn anchor(&self, mark: Mark, key: &str) -> Option<SmolStr> {
        self.anchored.binary_search(&mark.line).ok()?;
        let line = self.line(mark.line)?;
        line.split('&').skip(1).find_map(|stated| {
            let (name, text) = stated.split_once(char::is_whitespace)?;
            let quotes = ['"', '\''];
            let rest = text.trim_start().trim_start_matches(quotes).strip_prefix(key)?;
            let is_key = rest.trim_start_matches(quotes).trim_start().starts_with(':');
            (!is_key).then(|| name.into())
        })
    }

    fn located(self: &Arc<Self>, file: &RepoPath, found: FoundScalar) -> Located {
        Located {
            file: file.clone(),
            line: found.line,
            document: found.document,
            path: found.path,
            anchors: found.anchors,
            text: found.text,
            embedded: false,
            documents: self.documents.len(),
            index: Arc::clone(self),
        }
    }
}

/// The lines of a text, counted from 1, that have `&`.
fn anchored(text: &str) -> Vec<u32> {
    let (mut lines, mut line, mut from) = (Vec::new(), 1, 0);
    for (at, _) in text.match_indices('&') {
        let between = text.as_bytes().get(from..at).unwrap_or_default();
        line += between.iter().map(|byte| u32::from(*byte == b'\n')).sum::<u32>();
        from = at;
        lines.push(line);
    }
    lines.dedup();
    lines
}

/// The name of an item of a list if no other item has it: it selects the item in any order. `None` for a text that yq would take for
/// a pattern or for another type.
fn only_name(list: &Node, index: usize) -> Option<&str> {
    // Every name is compared with all others.
    const MOST: usize = 256;
    if list.items().len() > MOST {
        return None;
    }
    let own = list.items().get(index)?.text_at(&["name"])?;
    let is_plain = own
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte))
        && own.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !matches!(
            own.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no"
        );
    let items = list.items().iter();
    let named = items.filter(|item| item.text_at(&["name"]) == Some(own));
    (is_plain && named.count() == 1).then_some(own)
}

fn below<'n>(node: &'n Node, step: &Step) -> Option<&'n Node> {
    match step {
        Step::Key(key) => node.get(key),
        Step::Index(index) => node.items().get(*index),
    }
}

impl Located {
    /// Another path of the same document, which need not exist.
    pub(crate) fn at_path(self, path: Vec<Step>) -> Located {
        Located {
            anchors: vec![None; path.len()],
            path,
            text: SmolStr::default(),
            embedded: false,
            ..self
        }
    }

    /// The scalar as a text with a mark inside.
    pub(crate) fn around(self) -> Located {
        Located {
            embedded: true,
            ..self
        }
    }

    /// A yq v4 expression that selects only this scalar
    /// (<https://mikefarah.gitbook.io/yq/operators/traverse-read>).
    pub(crate) fn yq_path(&self) -> String {
        let mut text = String::new();
        let mut node = self.index.documents.get(self.document);
        for (step, anchor) in self.path.iter().zip(&self.anchors) {
            let parent = node;
            node = parent.and_then(|parent| below(parent, step));
            let step = match anchor {
                Some(anchor) => &Step::Key(anchor.clone()),
                None => step,
            };
            let is_plain = matches!(step, Step::Key(key) if is_plain_key(key));
            if is_plain || text.is_empty() {
                text.push('.');
            }
            match step {
                Step::Key(key) if is_plain => text.push_str(key),
                Step::Key(key) => {
                    let key = key.replace('\\', "\\\\").replace('"', "\\\"");
                    text.push_str(&format!("[\"{key}\"]"));
                }
                Step::Index(index) => {
                    // yq does not compare aliases with texts.
                    let list = parent.filter(|_| !self.index.has_anchors());
                    match list.and_then(|list| only_name(list, *index)) {
                        Some(name) => text.push_str(&format!("[] | select(.name == \"{name}\") | ")),
                        None => text.push_str(&format!("[{index}]")),
                    }
                }
            }
        }
        if text.is_empty() || text.ends_with("| ") {
            text.push('.');
        }
        match self.documents > 1 {
            true => format!("select(document_index == {}) | {text}", self.document),
            false => text,
        }
    }

    /// The JSON pointer (RFC 6901) of this scalar in its document.
    pub(crate) fn pointer(&self) -> String {
        let mut text = String::new();
        for step in &self.path {
            text.push('/');
            match step {
                Step::Key(key) => text.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => text.push_str(&index.to_string()),
            }
        }
        text
    }

    /// The document with this scalar.
    pub(crate) fn document_node(&self) -> Option<&Node> {
        self.index.documents.get(self.document)
    }

    /// The node `levels` above this scalar.
    pub(crate) fn ancestor(&self, levels: usize) -> Option<&Node> {
        let depth = self.path.len().checked_sub(levels)?;
        let mut steps = self.path.get(..depth)?.iter();
        steps.try_fold(self.document_node()?, below)
    }

    /// The text under another key of the mapping that has this scalar.
    pub(crate) fn sibling_text(&self, key: &str) -> Option<&str> {
        self.ancestor(1)?.get(key)?.text()
    }

    /// The keys of the path, without list positions.
    pub(crate) fn keys(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.path.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        })
    }

    /// The source line.
    pub(crate) fn line_text(&self) -> Option<&str> {
        self.index.line(self.line)
    }
}

fn is_plain_key(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{Limits, MemoryTree};

    #[track_caller]
    fn check(text: &str, line: u32, expected: &[(&str, &str, &str, bool)]) {
        let tree: MemoryTree = [("a.yaml", text)].into_iter().collect();
        let files = FileTable::new();
        let sources = Sources::new(Arc::new(tree), Arc::clone(&files), Limits::default());
        let mark = Mark::new(files.id(&"a.yaml".into()), line);
        let found = Locator::new(&sources, &files).candidates(mark);
        let found: Vec<_> = found
            .iter()
            .map(|l| (l.yq_path(), l.pointer(), l.text.to_string(), l.embedded))
            .collect();
        let found: Vec<_> = found
            .iter()
            .map(|(a, b, c, d)| (a.as_str(), b.as_str(), c.as_str(), *d))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn scalars_are_found_by_line() {
        check(
            "images:\n  - name: a\n    newTag: \"1\" # x\n",
            3,
            &[(
                ".images[] | select(.name == \"a\") | .newTag",
                "/images/0/newTag",
                "1",
                false,
            )],
        );
        for names in [["a", "a"], ["a*", "b"], ["1", "b"], ["yes", "b"]] {
            let [first, second] = names;
            check(
                &format!("images:\n- {{name: {first}, newTag: v}}\n- name: {second}\n"),
                2,
                &[
                    (".images[0].name", "/images/0/name", first, false),
                    (".images[0].newTag", "/images/0/newTag", "v", false),
                ],
            );
        }
        check(
            "a: 1\n---\na-b: {c/d: 1, e: 2}\n",
            3,
            &[
                (
                    "select(document_index == 1) | .[\"a-b\"][\"c/d\"]",
                    "/a-b/c~1d",
                    "1",
                    false,
                ),
                ("select(document_index == 1) | .[\"a-b\"].e", "/a-b/e", "2", false),
            ],
        );
        check("- x\n", 1, &[(".[0]", "/0", "x", false)]);
    }

    #[test]
    fn a_line_inside_a_block_belongs_to_the_block() {
        let text = "patches:\n  - patch: |\n      - op: replace\n        value: a:1\nx: y\n";
        check(
            text,
            4,
            &[(
                ".patches[0].patch",
                "/patches/0/patch",
                "- op: replace\n  value: a:1\n",
                true,
            )],
        );
        check(text, 5, &[(".x", "/x", "y", false)]);
    }

    #[test]
    fn lines_with_anchors_are_those_with_the_sign() {
        let pieces = ["&", "a: &b c\n", "\n", "\r\n", "x", "é & ü\n"];
        // Every text of six pieces.
        for number in 0..pieces.len().pow(6) {
            let digit = |at: u32| number / pieces.len().pow(at) % pieces.len();
            let text: String = (0..6).map(|at| pieces[digit(at)]).collect();
            let lines = (1..).zip(text.lines());
            let expected: Vec<u32> = lines
                .filter(|(_, line)| line.contains('&'))
                .map(|(number, _)| number)
                .collect();
            assert_eq!(anchored(&text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_aliased_key_is_called_by_its_anchor() {
        check(
            "name: &app my-app\nx:\n  *app :\n    tag: v1\n  my-other: {*app : v2}\n",
            4,
            &[(".x.app.tag", "/x/my-app/tag", "v1", false)],
        );
        check("&key a: {b: v1}\n", 1, &[(".a.b", "/a/b", "v1", false)]);
    }
}
