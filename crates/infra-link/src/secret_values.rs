//! Values that a build copies out of Secrets, by `replacements`, `vars` and anchors: withheld wherever they land.
//!
//! A scalar's mark names the line that decided it. One whose mark is that of a Secret's value, that does not stand where its own
//! key stands and is made of that value, was copied from there, whatever its field is: an image, a host, a name. `vars` put a value into the
//! middle of another text, which then has the mark of the value. Values that no ordinary text contains are looked for everywhere;
//! one that its key or its form makes a credential is withheld also where a manifest states it a second time.

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

/// The evaluation without what is copied from Secrets; borrowed where nothing is.
pub fn withhold(evaluation: &Evaluation) -> Cow<'_, Evaluation> {
    let secrets = SecretValues::of(evaluation);
    if secrets.is_empty() || !all(evaluation).any(|object| secrets.are_in(object)) {
        return Cow::Borrowed(evaluation);
    }
    let mut evaluation = evaluation.clone();
    let mut copied = CopiedTexts::default();
    let owners = std::iter::once(&mut evaluation.root)
        .chain(&mut evaluation.joined)
        .chain(&mut evaluation.kustomizations);
    for object in owners.flat_map(|owner| &mut owner.objects) {
        if secrets.are_in(object) {
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

/// The texts that are copied out of Secrets, which what has been read of objects and said of them may hold.
pub fn copied_texts(evaluation: &Evaluation) -> CopiedTexts {
    let secrets = SecretValues::of(evaluation);
    let mut copied = CopiedTexts::default();
    if !secrets.is_empty() {
        for object in all(evaluation).filter(|object| secrets.are_in(object)) {
            secrets.collect(&object.node, Key::default(), &mut copied);
        }
    }
    copied
}

/// Texts that are copied out of Secrets.
#[derive(Clone, Debug, Default)]
pub struct CopiedTexts(BTreeSet<String>);

impl CopiedTexts {
    /// A text without any of them that stands in it as a word. One that is an ordinary word goes where it stands in quotes.
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

    /// What the stages before have read of objects and said of them.
    fn withhold(&self, evaluation: &mut Evaluation) {
        if self.0.is_empty() {
            return;
        }
        for owner in &mut evaluation.kustomizations {
            owner.error.iter_mut().for_each(|error| self.withheld(error));
            if let Some(view) = &mut owner.kustomization {
                let view = Arc::make_mut(view);
                self.withhold_field(&mut view.path);
                let variables = view
                    .post_build
                    .iter_mut()
                    .flat_map(|post_build| &mut post_build.substitute);
                variables.for_each(|(_, value)| self.withhold_field(value));
                view.depends_on
                    .iter_mut()
                    .for_each(|id| self.withhold_field(&mut id.name));
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
    // Definitions of types hold no values, and much text.
    let is_definition =
        |object: &&Applied| object.node.text_at(&["kind"]) == Some("CustomResourceDefinition");
    evaluation
        .evaluated()
        .flat_map(|owner| &owner.objects)
        .filter(move |object| !is_definition(object))
}

/// What the values of all Secrets are marked with, and what they say.
pub(crate) struct SecretValues<'a> {
    evaluation: &'a Evaluation,
    marks: HashMap<Mark, Vec<String>>,
    texts: Vec<String>,
    /// Whether each of the texts is a credential by its key or its form.
    are_credentials: Vec<bool>,
    /// Finds the texts.
    finder: Option<AhoCorasick>,
}

/// The shortest text that is looked for inside others.
const SHORTEST_TEXT: usize = 12;

/// The shortest copied text that is looked for in messages: shorter ones are parts of any.
const SHORTEST_COPY: usize = 4;

/// The shortest credential that is looked for wherever it stands, also where a line states it a second time.
const SHORTEST_CREDENTIAL: usize = 8;

/// Most copied texts that are looked for in messages.
const MOST_COPIES: usize = 1_000;

impl<'a> SecretValues<'a> {
    pub(crate) fn of(evaluation: &'a Evaluation) -> Self {
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
            // Building the fastest kind takes longer than all texts take to be searched by this one.
            let mut builder = AhoCorasick::builder();
            builder.kind(Some(AhoCorasickKind::ContiguousNFA));
            values.finder = builder.build(&values.texts).ok();
        }
        values
    }

    /// Whether a line of any file holds a value that no ordinary text contains.
    pub(crate) fn stand_in(&self, line: &str) -> bool {
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
        // What is encrypted, or put in later, is no value yet.
        if text.starts_with("ENC[") || redaction::credential("password", text).is_none() {
            return;
        }
        let decoded = encoded
            .then(|| STANDARD.decode(text).ok())
            .flatten()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let texts = [Some(text.to_owned()), decoded].into_iter().flatten();
        if value.mark.is_some() {
            self.marks.entry(value.mark).or_default().extend(texts.clone());
        }
        for text in texts {
            let is_credential = redaction::credential(key, &text).is_some();
            let shortest = if is_credential {
                SHORTEST_CREDENTIAL
            } else {
                SHORTEST_TEXT
            };
            if text.len() >= shortest && is_unlike_words(&text) {
                self.texts.push(text);
                self.are_credentials.push(is_credential);
            }
        }
    }

    fn are_in(&self, object: &Applied) -> bool {
        let mut overridden = object.overridden.iter();
        !is_secret(object)
            && (self.is_copied(&object.built, Key::default())
                || self.is_copied(&object.node, Key::default())
                || overridden.any(|overridden| self.is_copied(&overridden.value, Key::default())))
    }

    fn is_copied_name(&self, object: &Node) -> bool {
        let name = object.at(&["metadata", "name"]);
        name.is_some_and(|name| self.is_copied(name, Key::default()))
    }

    /// The scalars of a tree that are copied from Secrets.
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
                    self.collect(value, Key::of(name, entries), copied);
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
                .any(|(name, value)| self.is_copied(value, Key::of(name, entries))),
        }
    }

    fn is_copied_scalar(&self, scalar: &Scalar, mark: Mark, key: Key<'_>) -> bool {
        let is_of_value = || {
            // Names may stand on the line of a value, which is all that a mark says.
            let values = self.marks.get(&mark).into_iter().flatten();
            values.into_iter().any(|value| is_made_of(&scalar.text, value))
        };
        (!scalar.text.is_empty() && !stands_behind(key.mark, mark) && is_of_value())
            || self.holds_copy(scalar, mark, key.name)
    }

    /// Whether a text holds the value of a Secret that its own lines do not state, or a credential.
    fn holds_copy(&self, scalar: &Scalar, mark: Mark, key: &str) -> bool {
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
        let own: Vec<&str> = file
            .iter()
            .flat_map(|file| file.lines().skip(first).take(scalar.text.lines().count() + 1))
            .collect();
        found.any(|found| {
            let value = scalar.text.get(found.range()).unwrap_or_default();
            let is_credential = self.are_credentials.get(found.pattern().as_usize());
            is_credential == Some(&true) && is_shown(key, &scalar.text, value)
                || !own.iter().any(|line| line.contains(value))
        })
    }

    /// Puts `<redacted>` in place of what is copied.
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

/// What stands around a scalar.
#[derive(Clone, Copy, Default)]
struct Key<'k> {
    /// The mark of the nearest key.
    mark: Option<Mark>,
    /// What says what the scalar is.
    name: &'k str,
}

impl<'k> Key<'k> {
    fn of(key: &'k Node, around: &'k Mapping) -> Self {
        Key::beside(key, around.get("name").and_then(Node::text))
    }

    /// The `name` beside a `value` says what that is.
    fn beside(key: &'k Node, named: Option<&'k str>) -> Self {
        let name = key.text().unwrap_or_default();
        Key {
            mark: Some(key.mark),
            name: named.filter(|_| name == "value").unwrap_or(name),
        }
    }
}

/// Whether nothing in a text says that a value in it is a credential: what does is withheld by who shows it, and told.
fn is_shown(key: &str, text: &str, value: &str) -> bool {
    redaction::credential(key, text).is_none() && redaction::without_credentials(text).contains(value)
}

/// Whether a value stands where its key does: on its line, or on the next ones. Nobody copied it there.
fn stands_behind(key: Option<Mark>, value: Mark) -> bool {
    key.is_some_and(|key| {
        key.is_some()
            && key.file == value.file
            && (key.line..=key.line.saturating_add(1)).contains(&value.line)
    })
}

/// Whether a text is a value, or parts of one beside other things.
fn is_made_of(text: &str, value: &str) -> bool {
    const SHORTEST_PART: usize = 3;
    text == value
        || value.len() >= SHORTEST_PART && text.contains(value)
        || text
            .split(|char: char| !char.is_alphanumeric())
            .any(|part| part.len() >= SHORTEST_PART && value.contains(part))
}

/// Whether no ordinary text contains a text of some length by accident: it mixes letters and digits.
fn is_unlike_words(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn is_secret(object: &Applied) -> bool {
    object.node.text_at(&["kind"]) == Some("Secret") && object.node.text_at(&["apiVersion"]) == Some("v1")
}
