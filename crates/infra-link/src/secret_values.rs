//! Values that a build copies out of Secrets, by `replacements`, `vars` and anchors, and that are withheld in any field.
//!
//! A scalar has the mark of the line that decides it. It is copied if that line is the value of a Secret, its own key is not on the
//! line, and its text is made of the value: it may be an image, a host or a name. `vars` put a value into the middle of another
//! text, which then has the mark of the value. Values that no ordinary text contains are searched for everywhere; one that is a
//! credential by its key or form is withheld also if a manifest states it a second time.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flux_evaluate::{Applied, Evaluation};
use foldhash::{HashMap, HashMapExt};
use redaction::REDACTED;
use source_tree::Mark;
use yaml_node::{Mapping, Node, Scalar, Tag, Value};

/// The evaluation without values that are copied from Secrets; borrowed if there are none.
pub fn withhold(evaluation: &Evaluation) -> Cow<'_, Evaluation> {
    let secrets = SecretValues::new(evaluation);
    if secrets.is_empty() || !all(evaluation).any(|object| secrets.has_copies(object)) {
        return Cow::Borrowed(evaluation);
    }
    let mut evaluation = evaluation.clone();
    let mut copied = CopiedTexts::default();
    let owners = std::iter::once(&mut evaluation.root)
        .chain(&mut evaluation.joined)
        .chain(&mut evaluation.kustomizations);
    for object in owners.flat_map(|owner| &mut owner.objects) {
        if secrets.has_copies(object) {
            secrets.collect(&object.node, Key::default(), &mut copied);
            if secrets.is_copied_name(&object.node) {
                REDACTED.clone_into(&mut object.unhashed_name);
            }
            for node in [&mut object.built, &mut object.node]
                .into_iter()
                .chain(&mut object.rendered)
            {
                secrets.withhold(node, Key::default());
            }
            object
                .overridden
                .retain(|overridden| !secrets.is_copied(&overridden.value, Key::default()));
        }
    }
    copied.withhold(&mut evaluation);
    Cow::Owned(evaluation)
}

/// The texts that are copied out of Secrets, which typed views and diagnostics may contain.
pub fn copied_texts(evaluation: &Evaluation) -> CopiedTexts {
    let secrets = SecretValues::new(evaluation);
    let mut copied = CopiedTexts::default();
    if !secrets.is_empty() {
        for object in all(evaluation).filter(|object| secrets.has_copies(object)) {
            secrets.collect(&object.node, Key::default(), &mut copied);
        }
    }
    copied
}

/// Texts that are copied out of Secrets.
#[derive(Clone, Debug, Default)]
pub struct CopiedTexts(BTreeSet<String>);

impl CopiedTexts {
    /// Withholds those that are words of a text. Ordinary words are withheld in quotes only.
    pub fn withheld(&self, text: &mut String) {
        for copied in &self.0 {
            if text.contains(copied.as_str()) {
                *text = without_word(text, copied);
            }
        }
    }

    /// Whether the text of a field is one of them.
    pub fn has(&self, field: &str) -> bool {
        self.0.contains(field)
    }

    fn withhold_field(&self, field: &mut String) {
        if self.has(field) {
            REDACTED.clone_into(field);
        }
    }

    /// Whether nothing is copied.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The texts of two evaluations.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Withholds them in typed views and diagnostics of earlier stages.
    fn withhold(&self, evaluation: &mut Evaluation) {
        if self.0.is_empty() {
            return;
        }
        for owner in &mut evaluation.kustomizations {
            owner.error.iter_mut().for_each(|error| self.withheld(error));
            if let Some(view) = &mut owner.kustomization {
                let view = Arc::make_mut(view);
                self.withhold_field(&mut view.path);
                let post_build = view.post_build.iter_mut();
                let variables = post_build.flat_map(|post_build| &mut post_build.substitute);
                variables.for_each(|(_, value)| self.withhold_field(value));
                let dependencies = view.depends_on.iter_mut();
                dependencies.for_each(|id| {
                    if self.has(&id.name) {
                        id.name = REDACTED.into();
                    }
                });
            }
        }
        for diagnostic in &mut evaluation.diagnostics {
            self.withheld(&mut diagnostic.message);
            let more = diagnostic.hint.iter_mut().chain(&mut diagnostic.object);
            more.for_each(|text| self.withheld(text));
        }
    }
}

/// A text with `<redacted>` in place of a word.
fn without_word(text: &str, word: &str) -> String {
    let is_ordinary = word.len() < SHORTEST_TEXT && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(word) {
        let is_part = before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        let is_quoted = before.ends_with(['`', '"', '\'']) && after.starts_with(['`', '"', '\'']);
        shown.push_str(before);
        shown.push_str(if is_part || (is_ordinary && !is_quoted) {
            word
        } else {
            REDACTED
        });
        rest = after;
    }
    shown + rest
}

fn all(evaluation: &Evaluation) -> impl Iterator<Item = &Applied> {
    let objects = evaluation.evaluated().flat_map(|owner| &owner.objects);
    // Definitions of types have no values, and much text.
    objects.filter(|object| object.node.text_at(&["kind"]) != Some("CustomResourceDefinition"))
}

/// The values of all Secrets.
pub(crate) struct SecretValues<'a> {
    evaluation: &'a Evaluation,
    marks: HashMap<Mark, Vec<String>>,
    /// Texts that are searched for in others.
    texts: Vec<String>,
    /// Whether each of the texts is a credential by its key or its form.
    are_credentials: Vec<bool>,
    /// Finds the texts.
    finder: Option<AhoCorasick>,
}

/// The shortest text that is searched for inside others.
const SHORTEST_TEXT: usize = 12;

/// The shortest copied text that is searched for in messages: shorter ones are parts of any text.
const SHORTEST_COPY: usize = 4;

/// The shortest credential that is searched for everywhere, also in lines that state it a second time.
const SHORTEST_CREDENTIAL: usize = 8;

/// Most copied texts that are searched for in messages.
const MOST_COPIES: usize = 1_000;

impl<'a> SecretValues<'a> {
    pub(crate) fn new(evaluation: &'a Evaluation) -> Self {
        let mut values = SecretValues {
            evaluation,
            marks: HashMap::new(),
            texts: Vec::new(),
            are_credentials: Vec::new(),
            finder: None,
        };
        for object in all(evaluation).filter(|object| is_secret(object)) {
            for field in ["data", "stringData"] {
                for (key, value) in object.built.get(field).into_iter().flat_map(Node::iter) {
                    values.add(key, value, field == "data");
                }
            }
        }
        if !values.texts.is_empty() {
            // Building the fastest kind takes longer than searching all texts with this one.
            let mut builder = AhoCorasick::builder();
            builder.kind(Some(AhoCorasickKind::ContiguousNFA));
            values.finder = builder.build(&values.texts).ok();
        }
        values
    }

    /// Whether a line of any file contains a value that no ordinary text contains.
    pub(crate) fn is_in(&self, line: &str) -> bool {
        let finder = self.finder.as_ref();
        finder.is_some_and(|finder| finder.is_match(line))
    }

    fn is_empty(&self) -> bool {
        self.marks.is_empty() && self.texts.is_empty()
    }

    fn add(&mut self, key: &str, value: &Node, encoded: bool) {
        let Some(text) = value.text().filter(|text| !text.is_empty()) else {
            return;
        };
        // Encrypted values and placeholders do not count.
        if text.starts_with("ENC[") || redaction::credential("password", text).is_none() {
            return;
        }
        let decoded = || String::from_utf8(STANDARD.decode(text).ok()?).ok();
        let decoded = encoded.then(decoded).flatten();
        let texts = [Some(text.to_owned()), decoded].into_iter().flatten();
        if value.mark.is_some() {
            self.marks.entry(value.mark).or_default().extend(texts.clone());
        }
        for text in texts {
            let is_credential = redaction::credential(key, &text).is_some();
            let shortest = match is_credential {
                true => SHORTEST_CREDENTIAL,
                false => SHORTEST_TEXT,
            };
            if text.len() >= shortest && is_unlike_words(&text) {
                self.texts.push(text);
                self.are_credentials.push(is_credential);
            }
        }
    }

    fn has_copies(&self, object: &Applied) -> bool {
        let overridden = object.overridden.iter().map(|overridden| &overridden.value);
        let mut nodes = [&object.built, &object.node].into_iter().chain(overridden);
        !is_secret(object) && nodes.any(|node| self.is_copied(node, Key::default()))
    }

    fn is_copied_name(&self, object: &Node) -> bool {
        let name = object.at(&["metadata", "name"]);
        name.is_some_and(|name| self.is_copied(name, Key::default()))
    }

    /// Collects the scalars of a tree that are copied from Secrets.
    fn collect(&self, node: &Node, key: Key<'_>, copied: &mut CopiedTexts) {
        match &node.value {
            Value::Scalar(scalar) if scalar.text.len() >= SHORTEST_COPY => {
                if copied.0.len() < MOST_COPIES && self.is_copied_scalar(scalar, node.mark, key) {
                    copied.0.insert(scalar.text.to_string());
                }
            }
            Value::Scalar(_) => {}
            Value::Sequence(items) => items.iter().for_each(|item| self.collect(item, key, copied)),
            Value::Mapping(entries) => {
                for (name, value) in entries.entries() {
                    self.collect(value, Key::new(name, entries), copied);
                }
            }
        }
    }

    /// Whether a scalar of a tree is copied from a Secret. `key` is the nearest key around it.
    fn is_copied(&self, node: &Node, key: Key<'_>) -> bool {
        match &node.value {
            Value::Scalar(scalar) => self.is_copied_scalar(scalar, node.mark, key),
            Value::Sequence(items) => items.iter().any(|item| self.is_copied(item, key)),
            Value::Mapping(entries) => entries
                .entries()
                .iter()
                .any(|(name, value)| self.is_copied(value, Key::new(name, entries))),
        }
    }

    fn is_copied_scalar(&self, scalar: &Scalar, mark: Mark, key: Key<'_>) -> bool {
        let is_of_value = || {
            // Marks have no columns: a name may be on the line of a value.
            let mut values = self.marks.get(&mark).into_iter().flatten();
            values.any(|value| is_made_of(&scalar.text, value))
        };
        (!scalar.text.is_empty() && !is_at_key(key.mark, mark) && is_of_value())
            || self.has_copy(scalar, mark, key.name)
    }

    /// Whether a text contains the value of a Secret that its own lines do not state, or a credential.
    fn has_copy(&self, scalar: &Scalar, mark: Mark, key: &str) -> bool {
        let Some(finder) = &self.finder else {
            return false;
        };
        let mut found = finder.find_iter(scalar.text.as_str()).peekable();
        if found.peek().is_none() {
            return false;
        }
        let path = self.evaluation.files.path(mark.file);
        let file = path.and_then(|path| self.evaluation.sources.text(&path).ok());
        let first = usize::try_from(mark.line).unwrap_or_default().saturating_sub(1);
        let lines = file.iter().flat_map(|file| file.lines().skip(first));
        let own: Vec<&str> = lines.take(scalar.text.lines().count() + 1).collect();
        found.any(|found| {
            let value = scalar.text.get(found.range()).unwrap_or_default();
            let is_credential = self.are_credentials.get(found.pattern().as_usize());
            is_credential == Some(&true) && is_shown(key, &scalar.text, value)
                || !own.iter().any(|line| line.contains(value))
        })
    }

    /// Puts `<redacted>` in place of copied scalars.
    fn withhold(&self, node: &mut Node, key: Key<'_>) {
        if !self.is_copied(node, key) {
            return;
        }
        match &mut node.value {
            Value::Scalar(scalar) => {
                scalar.text = REDACTED.into();
                scalar.tag = Tag::Str;
                // Readers of the file at the old mark would find the value.
                node.mark = key.mark.unwrap_or(Mark::NONE);
            }
            Value::Sequence(items) => {
                for item in items.items_mut() {
                    self.withhold(item, key);
                }
            }
            Value::Mapping(entries) => {
                let named = entries.get("name").and_then(Node::text).map(str::to_owned);
                for (name, value) in entries.entries_mut() {
                    self.withhold(value, Key::beside(name, named.as_deref()));
                }
            }
        }
    }
}

/// The key of a scalar.
#[derive(Clone, Copy, Default)]
struct Key<'k> {
    /// The mark of the nearest key.
    mark: Option<Mark>,
    /// The name that describes the scalar.
    name: &'k str,
}

impl<'k> Key<'k> {
    fn new(key: &'k Node, around: &'k Mapping) -> Self {
        Key::beside(key, around.get("name").and_then(Node::text))
    }

    /// A key, or for `value` the `name` beside it.
    fn beside(key: &'k Node, named: Option<&'k str>) -> Self {
        let name = key.text().unwrap_or_default();
        Key {
            mark: Some(key.mark),
            name: named.filter(|_| name == "value").unwrap_or(name),
        }
    }
}

/// Whether a value in a text would be shown: a text with the key or form of a credential is withheld elsewhere, with a finding.
fn is_shown(key: &str, text: &str, value: &str) -> bool {
    redaction::credential(key, text).is_none() && redaction::without_credentials(text).contains(value)
}

/// Whether a value is on the line of its key or the next one, and so not copied.
fn is_at_key(key: Option<Mark>, value: Mark) -> bool {
    key.is_some_and(|key| {
        key.is_some()
            && key.file == value.file
            && (key.line..=key.line.saturating_add(1)).contains(&value.line)
    })
}

/// Whether a text is a value, or contains parts of it.
fn is_made_of(text: &str, value: &str) -> bool {
    const SHORTEST_PART: usize = 3;
    text == value
        || value.len() >= SHORTEST_PART && text.contains(value)
        || text
            .split(|char: char| !char.is_alphanumeric())
            .any(|part| part.len() >= SHORTEST_PART && value.contains(part))
}

/// Whether a long text mixes letters and digits, so that no ordinary text contains it by accident.
fn is_unlike_words(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn is_secret(object: &Applied) -> bool {
    object.node.text_at(&["kind"]) == Some("Secret") && object.node.text_at(&["apiVersion"]) == Some("v1")
}
