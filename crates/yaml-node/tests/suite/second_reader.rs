//! Comparison with an independent reader of YAML 1.2 on real files: structure, texts and styles of scalars.
//!
//! The reader of this crate follows go-yaml, including its errors and oddities, as no other crate does. yaml-rust2 must
//! agree with it wherever go-yaml agrees with YAML 1.2. Types of plain scalars are not compared: go-yaml's are those of
//! YAML 1.1.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use yaml_node::{Node, Style, Value, read_documents};
use yaml_rust2::parser::{Event, EventReceiver, Parser};
use yaml_rust2::scanner::TScalarStyle;

use crate::common::{FILE, data, limits, quote};

/// A document on one line, for comparison.
fn shown(node: &Node, out: &mut String) {
    match &node.value {
        Value::Scalar(value) => {
            let style = match value.style {
                Style::Plain => TScalarStyle::Plain,
                Style::SingleQuoted => TScalarStyle::SingleQuoted,
                Style::DoubleQuoted => TScalarStyle::DoubleQuoted,
                Style::Literal => TScalarStyle::Literal,
                Style::Folded => TScalarStyle::Folded,
            };
            out.push_str(&scalar(&value.text, style));
        }
        Value::Sequence(items) => {
            out.push('[');
            items.iter().for_each(|item| shown(item, out));
            out.push(']');
        }
        Value::Mapping(mapping) => {
            out.push('{');
            for (key, value) in mapping.entries() {
                shown(key, out);
                shown(value, out);
            }
            out.push('}');
        }
    }
}

fn scalar(text: &str, style: TScalarStyle) -> String {
    match (style, text) {
        // yaml-rust2 reads an empty scalar as `~`.
        (TScalarStyle::Plain, "" | "~") => "~ ".to_owned(),
        _ => format!("{style:?}{} ", quote(text)),
    }
}

/// Documents as yaml-rust2 reads them.
#[derive(Default)]
struct Documents {
    done: Vec<String>,
    text: String,
    /// Anchors and starts of the collections that are still open.
    open: Vec<(usize, usize)>,
    anchored: HashMap<usize, String>,
}

impl EventReceiver for Documents {
    fn on_event(&mut self, event: Event) {
        match event {
            Event::DocumentStart => self.text.clear(),
            Event::DocumentEnd => self.done.push(std::mem::take(&mut self.text)),
            Event::Alias(anchor) => {
                let text = self.anchored.get(&anchor).cloned().unwrap_or_default();
                self.text.push_str(&text);
            }
            Event::Scalar(text, style, anchor, _) => {
                let text = scalar(&text, style);
                self.text.push_str(&text);
                self.anchored.insert(anchor, text);
            }
            Event::SequenceStart(anchor, _) => self.begin('[', anchor),
            Event::MappingStart(anchor, _) => self.begin('{', anchor),
            Event::SequenceEnd => self.end(']'),
            Event::MappingEnd => self.end('}'),
            Event::Nothing | Event::StreamStart | Event::StreamEnd => {}
        }
    }
}

impl Documents {
    fn begin(&mut self, bracket: char, anchor: usize) {
        self.open.push((anchor, self.text.len()));
        self.text.push(bracket);
    }

    fn end(&mut self, bracket: char) {
        self.text.push(bracket);
        let (anchor, start) = self.open.pop().unwrap();
        if anchor > 0 {
            self.anchored.insert(anchor, self.text[start..].to_owned());
        }
    }
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            yaml_files(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml")
        {
            found.push(path);
        }
    }
}

/// The number of files below a folder that both can read, and those in which they find different trees.
fn compare(folder: &Path) -> (usize, Vec<String>) {
    let mut files = Vec::new();
    yaml_files(folder, &mut files);
    files.sort();
    let mut count = 0;
    let mut differing = Vec::new();
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        let mut theirs = Documents::default();
        // A byte order mark is not part of the text; yaml-rust2 leaves it to its caller.
        let without_mark = text.trim_start_matches('\u{FEFF}');
        let is_read = Parser::new_from_str(without_mark).load(&mut theirs, true).is_ok();
        let (true, Ok(documents)) = (is_read, read_documents(&text, FILE, &limits())) else {
            continue;
        };
        let ours = documents.iter().map(|document| {
            let mut out = String::new();
            shown(document, &mut out);
            out
        });
        // A document of comments alone counts for only one of them.
        let is_something = |document: &String| document != "~ ";
        let ours: Vec<String> = ours.filter(is_something).collect();
        theirs.done.retain(is_something);
        count += 1;
        if ours != theirs.done {
            differing.push(format!("{}\n{ours:?}\n{:?}", file.display(), theirs.done));
        }
    }
    (count, differing)
}

#[test]
fn fixtures_are_read_as_yaml_rust2_reads_them() {
    let (count, differing) = compare(&data("../../../../fixtures"));
    assert!(differing.is_empty(), "{}", differing.join("\n\n"));
    assert!(count > 800, "{count} files");
}

#[test]
fn real_repositories_are_read_as_yaml_rust2_reads_them() {
    let corpus = data("../../../../../shared/corpus");
    if !corpus.is_dir() {
        println!("skipped: no ../shared");
        return;
    }
    let (count, differing) = compare(&corpus);
    assert!(differing.is_empty(), "{}", differing.join("\n\n"));
    assert!(count > 2_000, "{count} files");
}
