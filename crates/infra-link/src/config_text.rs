//! The whole text of a value of a ConfigMap, or of a path in it. No catalog has these texts.

use std::borrow::Cow;

use flux_evaluate::{Evaluation, ValueStep};
use infra_model::{ObjectRef, Place};
use source_tree::{FileId, Limits};

use crate::helm_target_path::parse_target_path;
use crate::inventory::Inventory;
use crate::text_place::TextPlace;
use crate::{keys, secret_values};

/// Longest text that is returned, in characters.
const LONGEST: usize = 256 << 10;

/// A text, without the credentials in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigText {
    /// The text.
    pub text: String,
    /// The line that decides the value.
    pub place: Option<Place>,
    /// Whether the end is left out.
    pub is_cut: bool,
}

/// The text of a value as Flux applies it; `None` if there is no such value. `config_map` is the object by its name in the cluster;
/// `path`, such as `server.port`, is a path in a value that is YAML or JSON itself.
pub fn config_text(
    evaluation: &Evaluation,
    config_map: &ObjectRef,
    key: &str,
    path: Option<&str>,
) -> Option<ConfigText> {
    let evaluation = &*secret_values::withhold(evaluation);
    let kustomization_keys = keys::kustomizations(evaluation);
    let inventory = Inventory::new(evaluation, &kustomization_keys);
    let object = inventory.find("", "ConfigMap", &config_map.namespace, &config_map.name)?;
    let value = inventory.view(object).get("data")?.get(key)?;
    let text = value.text()?;
    let mut mark = value.mark();
    let (text, key) = match path {
        Some(path) => {
            let (text, last, line) = at_path(text, path)?;
            if mark.is_some() && line > 0 {
                mark = TextPlace::new(&evaluation.sources, value).at(line);
            }
            (Cow::Owned(text), Cow::Owned(last))
        }
        None => (Cow::Borrowed(text), Cow::Borrowed(key)),
    };
    let (text, is_cut) = match text.char_indices().nth(LONGEST) {
        Some((end, _)) => (text.get(..end).unwrap_or_default(), true),
        None => (&*text, false),
    };
    Some(ConfigText {
        text: without_credentials(&key, text),
        place: inventory.place(mark),
        is_cut,
    })
}

/// The text at a path of a YAML text, the last key of the path, and the line in the text.
fn at_path(text: &str, path: &str) -> Option<(String, String, u32)> {
    let document = yaml_node::read_yaml11(text, FileId::NONE, &Limits::default()).ok()??;
    let mut node = &document;
    let mut last = String::new();
    let mut key_line = 0;
    for step in parse_target_path(path.trim_start_matches('.'))?.0 {
        node = match step {
            ValueStep::Key(key) => {
                last = key;
                let stated = node.as_mapping().and_then(|mapping| mapping.key(&last));
                key_line = stated.map_or(0, |key| key.mark.line);
                node.get(&last)?
            }
            ValueStep::Index(index) => {
                key_line = 0;
                node.items().get(index)?
            }
        };
    }
    // A mapping or list begins with its key.
    let line = match node.as_scalar() {
        None if key_line > 0 => key_line,
        _ => node.mark.line,
    };
    let text = match node.text() {
        Some(text) => text.to_owned(),
        None => yaml_node::write_document(node).ok()?,
    };
    Some((text, last, line))
}

/// A text without credentials, by their key or their form, line by line.
pub(crate) fn without_credentials(key: &str, text: &str) -> String {
    let text = redaction::without_credentials(text);
    let is_one_line = !text.trim_end().contains('\n');
    if is_one_line && redaction::credential(key, text.trim_end()).is_some() {
        return redaction::REDACTED.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (content, end) = match line.strip_suffix('\n') {
            Some(content) => (content, "\n"),
            None => (line, ""),
        };
        shown.push_str(&redaction::free_text(content));
        shown.push_str(end);
    }
    shown
}
