//! Values that a chart does not read.
//!
//! A key counts as read if anything may read it: the chart has a default for it; an action of a template, a schema or a condition
//! mentions its name; or a map around it is used as a whole (`toYaml`, `range`, `with`, an argument), so that any key in it may
//! count. The chart is rendered again without the remaining keys, and only those that change nothing are reported.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use go_template::{Kind, Map, Value};
use source_tree::Mark;
use yaml_node::Node;

use crate::chart::Chart;
use crate::values::{copy_map, place_of};
use crate::{RenderOptions, Rendered, ValuePath, ValueStep, Values, render};

/// A value of the user that the chart does not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusedValue {
    /// Its path from the top of the values.
    pub path: ValuePath,
    /// The source position of it, or of the first value in it, if known.
    pub place: Option<Mark>,
}

/// Most values that are tried one by one if removing all of them together changes something.
const ONE_BY_ONE: usize = 8;
/// The key of global values, which all charts see.
const GLOBAL: &str = "global";

/// The user's values that the chart does not read. `rendered` is the result of [`render`] for the same arguments.
///
/// ```
/// use std::sync::Arc;
/// use helm_template::*;
///
/// let files = vec![
///     ChartFile::new("Chart.yaml", *b"apiVersion: v2\nname: web\nversion: 1.0.0\n"),
///     ChartFile::new("values.yaml", *b"replicas: 1\n"),
///     ChartFile::new("templates/a.yaml", *b"kind: A\nreplicas: {{ .Values.replicas }}\n"),
/// ];
/// let chart = Arc::new(Chart::from_files(files, &ChartLimits::default())?);
/// let mut values = Values::new();
/// values.set("replicas=2,replcas=3")?;
/// let options = RenderOptions::new(Release::new("web", "default"));
/// let rendered = render(&chart, &values, &options)?;
/// let unused = unused_values(&chart, &values, &options, &rendered);
/// assert_eq!(unused[0].path.to_string(), ".replcas");
/// assert_eq!(unused.len(), 1);
/// # Ok::<(), Error>(())
/// ```
pub fn unused_values(
    chart: &Arc<Chart>,
    values: &Values,
    options: &RenderOptions<'_>,
    rendered: &Rendered,
) -> Vec<UnusedValue> {
    let mut texts = Vec::new();
    collect_texts(chart, &mut texts);
    let mut search = Search {
        texts,
        mentioned: BTreeMap::new(),
        used_whole: BTreeMap::new(),
        found: Vec::new(),
    };
    search.chart(chart, values.map(), None, &ValuePath::default());
    let found = search.found;
    if found.is_empty() {
        return found;
    }
    let changes_nothing = |unused: &[UnusedValue]| {
        let fewer = copy_map(values.map());
        for value in unused {
            remove(&fewer, &value.path.0);
        }
        render(chart, &Values::from_map(Rc::new(fewer)), options).is_ok_and(|other| other == *rendered)
    };
    if changes_nothing(&found) {
        return found;
    }
    let one_by_one = found.into_iter().take(ONE_BY_ONE);
    one_by_one
        .filter(|unused| changes_nothing(std::slice::from_ref(unused)))
        .collect()
}

fn remove(values: &Map, path: &[ValueStep]) {
    match path {
        [ValueStep::Key(key)] => values.remove(key),
        [ValueStep::Key(key), rest @ ..] => {
            if let Some(Kind::Map(map)) = values.get(key).map(|value| value.kind) {
                remove(&map, rest);
            }
        }
        _ => {}
    }
}

/// Collects all texts that may read values: templates, schemas, and conditions, tags and imports of dependencies.
fn collect_texts(chart: &Chart, texts: &mut Vec<Arc<[u8]>>) {
    texts.extend(chart.templates.iter().map(|file| actions(&file.data)));
    texts.extend(chart.schema.iter().map(Arc::clone));
    // Files that templates evaluate with `tpl`.
    let evaluated = chart.files.iter().filter(|file| {
        let is_prose = file.name.ends_with(".md") || file.name.ends_with(".txt");
        !is_prose && memchr::memmem::find(&file.data, b"{{").is_some()
    });
    texts.extend(evaluated.map(|file| actions(&file.data)));
    for dependency in chart.metadata.dependencies() {
        let names = [&dependency.condition, &dependency.name, &dependency.alias];
        let names = names.into_iter().chain(&dependency.tags);
        texts.extend(names.map(|name| Arc::from(name.as_bytes())));
        let imports = format!("{:?}", dependency.import_values);
        texts.push(Arc::from(imports.as_bytes()));
    }
    for subchart in &chart.dependencies {
        collect_texts(subchart, texts);
    }
}

/// The actions of a template: only they read values.
fn actions(text: &[u8]) -> Arc<[u8]> {
    let mut actions = Vec::new();
    let mut rest = text;
    while let Some(start) = memchr::memmem::find(rest, b"{{") {
        let from = rest.get(start..).unwrap_or_default();
        let end = memchr::memmem::find(from, b"}}").map_or(from.len(), |end| end + 2);
        let (action, after) = from.split_at(end);
        actions.extend_from_slice(action);
        rest = after;
    }
    actions.into()
}

struct Search {
    texts: Vec<Arc<[u8]>>,
    /// Results of `is_mentioned`.
    mentioned: BTreeMap<String, bool>,
    /// Results of `is_used_whole`.
    used_whole: BTreeMap<String, bool>,
    found: Vec<UnusedValue>,
}

impl Search {
    /// Searches the values of a chart or subchart. `by_parent` are the parent's default values for a subchart.
    fn chart(&mut self, chart: &Chart, values: &Map, by_parent: Option<&Node>, path: &ValuePath) {
        if self.is_used_whole("Values") {
            return;
        }
        let defaults: Vec<&Node> = [&chart.values].into_iter().chain(by_parent).collect();
        self.map(values, &defaults, path, Some(chart));
    }

    fn map(&mut self, values: &Map, defaults: &[&Node], path: &ValuePath, chart: Option<&Chart>) {
        for (key, value) in values.snapshot() {
            let Some(key) = key.as_str() else { continue };
            let below = path.key(key);
            if let Some(chart) = chart {
                let named = |dependency: &&crate::Dependency| {
                    dependency.alias == key || (dependency.alias.is_empty() && dependency.name == key)
                };
                let declared = chart.metadata.dependencies().iter().find(named);
                let name = declared.map_or(key, |dependency| &dependency.name);
                let subchart = chart
                    .dependencies
                    .iter()
                    .find(|found| found.metadata.name == name);
                match (subchart, &value.kind) {
                    (Some(subchart), Kind::Map(map)) => {
                        self.chart(subchart, map, chart.values.get(key), &below);
                        continue;
                    }
                    (None, _) if declared.is_none() => {}
                    _ => continue,
                }
                if matches!(key, GLOBAL | "tags" | "exports") {
                    continue;
                }
            }
            let defaults: Vec<&Node> = defaults.iter().filter_map(|defaults| defaults.get(key)).collect();
            match (defaults.as_slice(), &value.kind) {
                ([], Kind::Nil) => {}
                ([], _) if self.is_mentioned(key) => {}
                ([], _) => self.found.push(UnusedValue {
                    place: first_place(&value),
                    path: below,
                }),
                (defaults, Kind::Map(map)) => {
                    // An empty map takes any key, like one that is used as a whole.
                    let is_empty = |node: &&Node| node.as_mapping().is_none_or(yaml_node::Mapping::is_empty);
                    if !defaults.iter().any(is_empty) && !self.is_used_whole(key) {
                        self.map(map, defaults, &below, None);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether a name occurs in any text as a word.
    fn is_mentioned(&mut self, name: &str) -> bool {
        if let Some(known) = self.mentioned.get(name) {
            return *known;
        }
        let found = self.texts.iter().any(|text| {
            occurrences(text, name).any(|(before, after)| {
                let ends = |byte: Option<u8>| byte.is_none_or(|byte| !is_word(byte));
                ends(before) && ends(after.first().copied())
            })
        });
        self.mentioned.insert(name.to_owned(), found);
        found
    }

    /// Whether any text uses a field of this name other than to select a key in it.
    fn is_used_whole(&mut self, name: &str) -> bool {
        if let Some(known) = self.used_whole.get(name) {
            return *known;
        }
        let found = self.texts.iter().any(|text| {
            occurrences(text, name).any(|(before, after)| {
                let quoted = before == Some(b'"') && after.first() == Some(&b'"');
                let is_field = before == Some(b'.') || quoted;
                is_field && !after.first().copied().is_some_and(is_word) && !is_step(after, quoted)
            })
        });
        self.used_whole.insert(name.to_owned(), found);
        found
    }
}

/// Whether a field is followed by the selection of a key: `.key`, or ` "key"` as an argument.
fn is_step(after: &[u8], quoted: bool) -> bool {
    match after {
        [b'.', next, ..] => is_word(*next),
        [b' ', b'"', rest @ ..] => !quoted && rest.contains(&b'"'),
        _ => false,
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The occurrences of a name in a text: the byte before each, and the text after it.
fn occurrences<'a>(text: &'a [u8], name: &str) -> impl Iterator<Item = (Option<u8>, &'a [u8])> {
    let length = name.len();
    let starts: Vec<usize> = memchr::memmem::find_iter(text, name).collect();
    starts.into_iter().map(move |start| {
        let before = start.checked_sub(1).and_then(|at| text.get(at).copied());
        (before, text.get(start + length..).unwrap_or_default())
    })
}

/// The source position of a value, or of the first one in it.
fn first_place(value: &Value) -> Option<Mark> {
    match &value.kind {
        Kind::Map(map) => map.entries().values().find_map(first_place),
        Kind::List(list) => list.items().iter().find_map(first_place),
        _ => place_of(value),
    }
}
