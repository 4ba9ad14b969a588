//! Values that a build copies out of Secrets, by `replacements`, `vars` and anchors: withheld wherever they land.
//!
//! A scalar's mark names the line that decided it. One whose mark is that of a Secret's value, that does not stand where its own
//! key stands and is made of that value, was copied from there, whatever its field is: an image, a host, a name. `vars` put a value into the
//! middle of another text, which keeps its mark: values that no ordinary text contains are looked for there.

use std::borrow::Cow;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flux_evaluate::{Applied, Evaluation};
use foldhash::{HashMap, HashMapExt};
use redaction::REDACTED;
use source_tree::Mark;
use yaml_node::{Node, Scalar, Tag, Value};

/// The evaluation without what is copied from Secrets; borrowed where nothing is.
pub fn withhold(evaluation: &Evaluation) -> Cow<'_, Evaluation> {
    let secrets = SecretValues::of(evaluation);
    if secrets.is_empty() || !all(evaluation).any(|object| secrets.are_in(object)) {
        return Cow::Borrowed(evaluation);
    }
    let mut evaluation = evaluation.clone();
    let owners = std::iter::once(&mut evaluation.root)
        .chain(&mut evaluation.joined)
        .chain(&mut evaluation.kustomizations);
    for object in owners.flat_map(|owner| &mut owner.objects) {
        if secrets.are_in(object) {
            for node in [&mut object.built, &mut object.node]
                .into_iter()
                .chain(&mut object.rendered)
            {
                secrets.withhold(node, None);
            }
            object
                .overridden
                .retain(|overridden| !secrets.is_copied(&overridden.value, None));
        }
    }
    Cow::Owned(evaluation)
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
struct SecretValues<'a> {
    evaluation: &'a Evaluation,
    marks: HashMap<Mark, Vec<String>>,
    texts: Vec<String>,
    /// Finds the texts.
    finder: Option<AhoCorasick>,
}

/// The shortest text that is looked for inside others.
const SHORTEST_TEXT: usize = 12;

impl<'a> SecretValues<'a> {
    fn of(evaluation: &'a Evaluation) -> Self {
        let mut values = SecretValues {
            evaluation,
            marks: HashMap::new(),
            texts: Vec::new(),
            finder: None,
        };
        for object in all(evaluation).filter(|object| is_secret(object)) {
            for field in ["data", "stringData"] {
                for (_, value) in object.built.get(field).into_iter().flat_map(Node::iter) {
                    values.add(value, field == "data");
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

    fn is_empty(&self) -> bool {
        self.marks.is_empty() && self.texts.is_empty()
    }

    fn add(&mut self, value: &Node, encoded: bool) {
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
        self.texts.extend(texts.filter(|text| is_unlike_words(text)));
    }

    fn are_in(&self, object: &Applied) -> bool {
        let mut overridden = object.overridden.iter();
        !is_secret(object)
            && (self.is_copied(&object.built, None)
                || self.is_copied(&object.node, None)
                || overridden.any(|overridden| self.is_copied(&overridden.value, None)))
    }

    /// Whether a scalar of a tree is copied from a Secret. `key` is the mark of the nearest key around it.
    fn is_copied(&self, node: &Node, key: Option<Mark>) -> bool {
        match &node.value {
            Value::Scalar(scalar) => self.is_copied_scalar(scalar, node.mark, key),
            Value::Sequence(items) => items.iter().any(|item| self.is_copied(item, key)),
            Value::Mapping(entries) => entries
                .entries()
                .iter()
                .any(|(name, value)| self.is_copied(value, Some(name.mark))),
        }
    }

    fn is_copied_scalar(&self, scalar: &Scalar, mark: Mark, key: Option<Mark>) -> bool {
        let is_of_value = || {
            // Names may stand on the line of a value, which is all that a mark says.
            let values = self.marks.get(&mark).into_iter().flatten();
            values.into_iter().any(|value| is_made_of(&scalar.text, value))
        };
        (!scalar.text.is_empty() && !stands_behind(key, mark) && is_of_value())
            || self.holds_copy(scalar, mark)
    }

    /// Whether a text holds the value of a Secret that its own lines do not state.
    fn holds_copy(&self, scalar: &Scalar, mark: Mark) -> bool {
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
            !own.iter().any(|line| line.contains(value))
        })
    }

    /// Puts `<redacted>` in place of what is copied.
    fn withhold(&self, node: &mut Node, key: Option<Mark>) {
        if !self.is_copied(node, key) {
            return;
        }
        match &mut node.value {
            Value::Scalar(scalar) => {
                scalar.text = REDACTED.into();
                scalar.tag = Tag::Str;
                // Readers of the file at the old mark would find the value.
                node.mark = key.unwrap_or(Mark::NONE);
            }
            Value::Sequence(items) => {
                for item in items.items_mut() {
                    self.withhold(item, key);
                }
            }
            Value::Mapping(entries) => {
                for (name, value) in entries.entries_mut() {
                    self.withhold(value, Some(name.mark));
                }
            }
        }
    }
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

/// Whether no ordinary text contains a text by accident: it is long, and mixes letters and digits.
fn is_unlike_words(text: &str) -> bool {
    text.len() >= SHORTEST_TEXT
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn is_secret(object: &Applied) -> bool {
    object.node.text_at(&["kind"]) == Some("Secret") && object.node.text_at(&["apiVersion"]) == Some("v1")
}
