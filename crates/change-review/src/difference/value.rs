//! Values as a review may show them.

use similar::{ChangeTag, TextDiff};
use yaml_node::{Node, Tag, Value};

use super::path::{Path, Step};
use crate::counts::plural;

/// The longest text of one value, in characters.
const LONGEST: usize = 240;

/// The most lines that are shown of one text, and the longest text, in lines, that is compared line by line.
const MOST_LINES: usize = 60;
const LONGEST_TEXT: usize = 4000;

/// Placeholder for a value of a Secret.
const WITHHELD: &str = "<withheld>";

/// A change as it may be shown.
#[derive(Default)]
pub(super) struct ShownChange {
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) lines: Vec<String>,
}

impl ShownChange {
    pub(super) fn values(before: Option<String>, after: Option<String>) -> Self {
        ShownChange {
            before,
            after,
            lines: Vec::new(),
        }
    }
}

/// The surroundings of a value.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// Whether it is in a Secret, or in what becomes one.
    pub(super) in_secret: bool,
    /// Its key, the name of the environment variable whose `value` it is, or the flag before it.
    pub(super) key: &'a str,
}

/// How a change of one value may be shown.
pub(super) fn change(
    path: &Path,
    context: Context<'_>,
    before: Option<&Node>,
    after: Option<&Node>,
) -> ShownChange {
    if is_withheld(path, context.in_secret, [before, after]) {
        let withheld = |side: Option<&Node>| side.map(|_| WITHHELD.to_owned());
        return ShownChange::values(withheld(before), withheld(after));
    }
    let key = context.key;
    let one_line = |node: &Node| one_line(&mut keys(path).collect(), key, node);
    if let (Some(Value::Scalar(old)), Some(Value::Scalar(new))) =
        (before.map(|node| &node.value), after.map(|node| &node.value))
        && (old.text.contains('\n') || new.text.contains('\n'))
    {
        return lines(
            (&old.text, &lines_shown(key, &old.text)),
            (&new.text, &lines_shown(key, &new.text)),
        );
    }
    ShownChange::values(before.map(one_line), after.map(one_line))
}

/// Whether a field holds values of a Secret, whatever they look like. A value that a template computes is shown.
fn is_withheld(path: &Path, in_secret: bool, sides: [Option<&Node>; 2]) -> bool {
    if in_secret {
        // If another object holds the manifest of a Secret, the keys around that are not the Secret's.
        let first = keys(path).next().unwrap_or_default();
        let own = ["apiVersion", "kind", "metadata", "type", "immutable", "spec"];
        return keys(path).any(|key| matches!(key, "data" | "stringData" | "encryptedData" | "sops"))
            || !own.contains(&first);
    }
    redaction::is_of_secret(keys(path)) && !sides.into_iter().flatten().any(is_computed)
}

/// The keys on the way to a value.
fn keys(path: &Path) -> impl Iterator<Item = &str> {
    path.steps().iter().filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Item { .. } | Step::Index(_) => None,
    })
}

fn is_computed(node: &Node) -> bool {
    node.text().is_some_and(|text| text.contains("{{"))
}

/// A text without credentials.
pub(super) fn redacted(key: &str, text: &str) -> String {
    if text.starts_with("ENC[") || redaction::credential(key, text).is_some() {
        return redaction::REDACTED.to_owned();
    }
    plain(text)
}

/// A text without anything that looks like a credential.
fn plain(text: &str) -> String {
    redaction::without_random_words(&redaction::without_credentials(text)).into_owned()
}

/// A text of several lines without those that state a credential; a text that is itself a credential is withheld.
fn lines_shown(key: &str, text: &str) -> String {
    let shown = plain(text);
    if redaction::credential(key, text).is_none() {
        return shown;
    }
    let states = |line: &str| redaction::credential(key, line).is_some();
    let is_block = text.contains("-----BEGIN") || redaction::credential_in_text(text);
    if is_block || (shown == text && !text.lines().any(states)) {
        return redaction::REDACTED.to_owned();
    }
    let lines = shown.lines().map(|line| match states(line) {
        true => redaction::REDACTED,
        false => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The lines that differ between two texts. Each text comes with its form that may be shown.
fn lines((old, before): (&str, &str), (new, after): (&str, &str)) -> ShownChange {
    if before == after {
        // Only credentials differ.
        let redacted = || Some(redaction::REDACTED.to_owned());
        return ShownChange::values(redacted(), redacted());
    }
    let long = |text: &str| text.lines().count() > LONGEST_TEXT;
    if long(before) || long(after) {
        let size = |text: &str| Some(plural(text.lines().count(), "line"));
        return ShownChange::values(size(before), size(after));
    }
    // Compares the original lines if they match the shown ones, so that a line with another credential appears too.
    let is_by_line = |text: &str, shown: &str| text.lines().count() == shown.lines().count();
    let (old, new) = match is_by_line(old, before) && is_by_line(new, after) {
        true => (old, new),
        false => (before, after),
    };
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let difference = TextDiff::from_lines(old, new);
    let mut shown: Vec<String> = Vec::new();
    let mut more = 0;
    for change in difference.iter_all_changes() {
        let (sign, line) = match change.tag() {
            ChangeTag::Delete => ('-', change.old_index().and_then(|at| before.get(at))),
            ChangeTag::Insert => ('+', change.new_index().and_then(|at| after.get(at))),
            ChangeTag::Equal => continue,
        };
        if shown.len() < MOST_LINES {
            shown.push(format!(
                "{sign}{}",
                cut(line.copied().unwrap_or_default().trim_end_matches('\r'))
            ));
        } else {
            more += 1;
        }
    }
    if more > 0 {
        shown.push(format!("… {more} more lines"));
    }
    ShownChange {
        lines: shown,
        ..ShownChange::default()
    }
}

/// A value on one line: a scalar as it is, anything else as JSON. `path` are the keys that lead to it.
fn one_line<'a>(path: &mut Vec<&'a str>, key: &'a str, node: &'a Node) -> String {
    match &node.value {
        Value::Scalar(scalar) => {
            let text = redacted(key, &scalar.text);
            let quoted = scalar.tag == Tag::Str
                && (text.is_empty() || text.contains('\n') || text.trim() != text || is_typed(&text));
            cut(&if quoted { format!("{text:?}") } else { text })
        }
        _ => cut(&json(path, key, node, 0).to_string()),
    }
}

/// Whether a text looks like a value of another type.
fn is_typed(text: &str) -> bool {
    matches!(
        text,
        "true" | "false" | "null" | "~" | "yes" | "no" | "on" | "off"
    ) || text.parse::<f64>().is_ok()
}

/// Deeper than any object of Kubernetes. Deeper values are left out.
const DEEPEST: usize = 40;

fn json<'a>(path: &mut Vec<&'a str>, key: &'a str, node: &'a Node, depth: usize) -> serde_json::Value {
    if depth > DEEPEST {
        return "…".into();
    }
    match &node.value {
        Value::Scalar(scalar) => match redacted(key, &scalar.text) {
            text if text != scalar.text.as_str() => text.into(),
            text => node.to_json().unwrap_or_else(|_| text.into()),
        },
        Value::Sequence(items) => {
            let mut flag = "";
            let list = items.iter().map(|item| {
                // The flag may be the item before: `["--password", "X"]`.
                let value = json(path, if flag.is_empty() { key } else { flag }, item, depth + 1);
                flag = flag_name(item);
                value
            });
            list.collect()
        }
        Value::Mapping(members) => {
            let named = members.get("name").and_then(Node::text);
            let is_secret = members.get("kind").and_then(Node::text) == Some("Secret");
            members
                .iter()
                .map(|(member, value)| {
                    path.push(member);
                    let is_withheld = (is_secret && matches!(member, "data" | "sops"))
                        || (redaction::is_of_secret(path.iter().copied()) && !is_computed(value));
                    let says = match (member, named) {
                        ("value", Some(name)) => name,
                        _ => member,
                    };
                    let shown = match is_withheld {
                        true => WITHHELD.into(),
                        false => json(path, says, value, depth + 1),
                    };
                    path.pop();
                    (member.to_owned(), shown)
                })
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
    }
}

/// The flag in an item of a list of arguments, without dashes; empty if it is no flag, or includes a value.
pub(super) fn flag_name(item: &Node) -> &str {
    match item.text() {
        Some(text) if text.starts_with('-') && !text.contains('=') => text.trim_start_matches('-'),
        _ => "",
    }
}

pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
