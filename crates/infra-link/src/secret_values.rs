//! Values that a build copies out of Secrets, by `replacements`, `vars` and anchors: withheld wherever they land.
//!
//! A scalar's mark names the text that decided it. One whose mark is that of a Secret's value, and that does not stand where
//! its own key stands, was copied from there, whatever its field is: an image, a host, a name.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flux_evaluate::{Applied, Evaluated, Evaluation};
use foldhash::{HashSet, HashSetExt};
use redaction::REDACTED;
use source_tree::Mark;
use yaml_node::{Node, Scalar, Tag, Value};

/// The evaluation without what is copied from Secrets; borrowed where nothing is.
pub(crate) fn withhold(evaluation: &Evaluation) -> Cow<'_, Evaluation> {
    let secrets = SecretValues::of(evaluation);
    if secrets.marks.is_empty() || !all(evaluation).any(|object| secrets.are_in(object)) {
        return Cow::Borrowed(evaluation);
    }
    let mut evaluation = evaluation.clone();
    let owners = std::iter::once(&mut evaluation.root).chain(&mut evaluation.kustomizations);
    for object in owners.flat_map(|owner| &mut owner.objects) {
        if secrets.are_in(object) {
            for node in [&mut object.built, &mut object.node].into_iter().chain(&mut object.rendered) {
                secrets.withhold(node, None);
            }
        }
    }
    for diagnostic in &mut evaluation.diagnostics {
        for text in secrets.texts.iter().filter(|text| !text.is_empty()) {
            if diagnostic.message.contains(text.as_str()) {
                diagnostic.message = diagnostic.message.replace(text.as_str(), REDACTED);
            }
        }
    }
    Cow::Owned(evaluation)
}

fn all(evaluation: &Evaluation) -> impl Iterator<Item = &Applied> {
    let owners: std::iter::Chain<std::iter::Once<&Evaluated>, _> =
        std::iter::once(&evaluation.root).chain(&evaluation.kustomizations);
    owners.flat_map(|owner| &owner.objects)
}

/// What the values of all Secrets are marked with, and what they say.
struct SecretValues {
    marks: HashSet<Mark>,
    /// Long enough not to be found in ordinary words.
    texts: Vec<String>,
}

/// The shortest text that is looked for inside others.
const SHORTEST_TEXT: usize = 8;

impl SecretValues {
    fn of(evaluation: &Evaluation) -> Self {
        let mut values = SecretValues {
            marks: HashSet::new(),
            texts: Vec::new(),
        };
        for object in all(evaluation).filter(|object| is_secret(object)) {
            for field in ["data", "stringData"] {
                for (_, value) in object.built.get(field).into_iter().flat_map(Node::iter) {
                    values.add(value, field == "data");
                }
            }
        }
        values.texts.sort_unstable();
        values.texts.dedup();
        values
    }

    fn add(&mut self, value: &Node, encoded: bool) {
        let Some(text) = value.text().filter(|text| !text.is_empty()) else {
            return;
        };
        // What is encrypted, or put in later, is no value yet.
        if text.starts_with("ENC[") || redaction::credential("password", text).is_none() {
            return;
        }
        if value.mark.is_some() {
            self.marks.insert(value.mark);
        }
        if text.len() >= SHORTEST_TEXT {
            self.texts.push(text.to_owned());
        }
        let decoded = encoded
            .then(|| STANDARD.decode(text).ok())
            .flatten()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        self.texts.extend(decoded.filter(|text| text.len() >= SHORTEST_TEXT));
    }

    fn are_in(&self, object: &Applied) -> bool {
        !is_secret(object) && (self.is_copied(&object.built, None) || self.is_copied(&object.node, None))
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
        self.marks.contains(&mark) && !scalar.text.is_empty() && !stands_behind(key, mark)
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
    key.is_some_and(|key| key.is_some() && key.file == value.file && (key.line..=key.line.saturating_add(1)).contains(&value.line))
}

fn is_secret(object: &Applied) -> bool {
    object.node.text_at(&["kind"]) == Some("Secret") && object.node.text_at(&["apiVersion"]) == Some("v1")
}
