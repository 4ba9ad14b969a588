//! The facts in which two generations of catalogs differ, apart from metadata.

use std::fmt;

use plain_text::{Lines, line};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::catalog::Catalog;
use crate::catalogs::{Catalogs, in_parallel};

/// One fact that differs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FactChange {
    /// Name of the catalog, such as `services`.
    pub catalog: &'static str,
    /// Top-level member, such as `services` or `imageGroups`.
    pub section: String,
    /// Key of the entry; for a list, what it says.
    pub key: String,
    /// What happened to it.
    #[serde(flatten)]
    pub kind: FactChangeKind,
}

/// What happened to an entry.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FactChangeKind {
    /// It is new.
    Added(Value),
    /// It is gone.
    Removed(Value),
    /// One of its fields differs; `null` means an absent one.
    Changed {
        /// The field.
        field: String,
        /// Its value before.
        before: Value,
        /// Its value now.
        after: Value,
    },
}

/// The differences from `before` to `after`: by catalog, section, key, field. A move to another line of a file is no difference.
///
/// # Errors
/// Those of serde_json; no catalog has any.
pub fn changes(before: &Catalogs<'_>, after: &Catalogs<'_>) -> Result<Vec<FactChange>, serde_json::Error> {
    let changes = in_parallel(
        || compare(&before.services, &after.services),
        || compare(&before.flux_resources, &after.flux_resources),
        || compare(&before.secrets_map, &after.secrets_map),
        || compare(&before.config_maps, &after.config_maps),
    );
    let changes: Result<Vec<_>, _> = changes.into_iter().collect();
    changes.map(|changes| changes.concat())
}

fn compare<C: Catalog + Sync>(before: &C, after: &C) -> Result<Vec<FactChange>, serde_json::Error> {
    let mut changes = Vec::new();
    let (before, after) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
    for (section, full_before, full_after) in pairs(before.as_object(), after.as_object()) {
        // Fields of objects are no facts: the objects themselves are compared.
        if matches!(section, "metadata" | "$schema" | "objects") || full_before == full_after {
            continue;
        }
        let (mut before, mut after) = (full_before.map(without_lines), full_after.map(without_lines));
        if section == "configMaps" {
            before.iter_mut().chain(&mut after).for_each(forget_texts);
        }
        if before == after {
            continue;
        }
        let (before, after) = (before.as_ref(), after.as_ref());
        let mut found = |key: &str, kind: FactChangeKind| {
            changes.push(FactChange {
                catalog: C::NAME,
                section: section.to_owned(),
                key: key.to_owned(),
                kind,
            });
        };
        if let (Some(Value::Array(before)), Some(Value::Array(after))) = (before, after) {
            for gone in only_in(before, after, full_before) {
                found(&label(gone), FactChangeKind::Removed(gone.clone()));
            }
            for new in only_in(after, before, full_after) {
                found(&label(new), FactChangeKind::Added(new.clone()));
            }
            continue;
        }
        for (key, before, after) in pairs(
            before.and_then(Value::as_object),
            after.and_then(Value::as_object),
        ) {
            match (before, after) {
                (Some(before), Some(after)) if before == after => {}
                (Some(Value::Object(before)), Some(Value::Object(after))) => {
                    for (field, before, after) in pairs(Some(before), Some(after)) {
                        let is_of_object = section == "helmReleases" && field == "values";
                        if before != after && !is_of_object {
                            found(key, changed(field, before, after));
                        }
                    }
                }
                (Some(before), Some(after)) => found(key, changed("", Some(before), Some(after))),
                (Some(before), None) => found(key, FactChangeKind::Removed(before.clone())),
                (None, Some(after)) => found(key, FactChangeKind::Added(after.clone())),
                (None, None) => {}
            }
        }
    }
    Ok(changes)
}

/// Removes long values: the object that has them is compared line by line.
fn forget_texts(config_maps: &mut Value) {
    let entries = config_maps.as_object_mut().into_iter().flatten();
    let keys = entries.filter_map(|(_, entry)| entry.get_mut("keys")?.as_object_mut());
    for value in keys.flatten().filter_map(|(_, value)| value.as_object_mut()) {
        value.remove("text");
        value.remove("digest");
    }
}

/// The items of a list that `other` does not have, taken from the unabridged list.
fn only_in<'v>(list: &[Value], other: &[Value], full: Option<&'v Value>) -> Vec<&'v Value> {
    let full = full.and_then(Value::as_array).into_iter().flatten();
    let gone = list.iter().zip(full).filter(|(item, _)| !other.contains(item));
    gone.map(|(_, full)| full).collect()
}

/// A value without the lines of its places, which move with every edit above them.
fn without_lines(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_lines).collect(),
        Value::Object(members) => {
            let is_place = members.contains_key("file");
            members
                .iter()
                .filter(|(name, _)| !(is_place && name.as_str() == "line"))
                .map(|(name, member)| (name.clone(), without_lines(member)))
                .collect()
        }
        other => other.clone(),
    }
}

fn changed(field: &str, before: Option<&Value>, after: Option<&Value>) -> FactChangeKind {
    FactChangeKind::Changed {
        field: field.to_owned(),
        before: before.cloned().unwrap_or_default(),
        after: after.cloned().unwrap_or_default(),
    }
}

/// The members of two objects side by side, by name.
fn pairs<'a>(
    before: Option<&'a Map<String, Value>>,
    after: Option<&'a Map<String, Value>>,
) -> Vec<(&'a str, Option<&'a Value>, Option<&'a Value>)> {
    let get = |object: Option<&'a Map<String, Value>>, key: &str| object.and_then(|object| object.get(key));
    let objects = [before, after].into_iter().flatten();
    let mut keys: Vec<&str> = objects.flat_map(Map::keys).map(String::as_str).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
        .map(|key| (key, get(before, key), get(after, key)))
        .collect()
}

/// The name of an item of a list. A diagnostic has its code and place.
fn label(item: &Value) -> String {
    let text = |field: &str| item.get(field).and_then(Value::as_str);
    match (text("code"), text("file"), item.get("line")) {
        (Some(code), Some(file), Some(line)) => format!("{code} {file}:{line}"),
        (Some(code), Some(file), None) => format!("{code} {file}"),
        (Some(code), None, _) => code.to_owned(),
        _ => match (text("reason"), text("kind"), text("name")) {
            (Some(reason), Some(kind), Some(name)) => format!("{kind} {name} ({reason})"),
            _ => item.to_string(),
        },
    }
}

/// Changes as lines: `+` new, `-` gone, `~` changed.
pub fn to_text(changes: &[FactChange]) -> String {
    let mut text = String::new();
    let mut lines = Lines::new(&mut text);
    for change in changes {
        // Writing to a String cannot fail.
        let _ = line!(lines, "{change}");
    }
    text
}

impl fmt::Display for FactChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FactChange {
            section, key, kind, ..
        } = self;
        let key = plain_text::printable_name(key);
        match kind {
            FactChangeKind::Added(_) => write!(f, "+ {section}: {key}"),
            FactChangeKind::Removed(_) => write!(f, "- {section}: {key}"),
            FactChangeKind::Changed { field, before, after } => {
                write!(f, "~ {section}: {key}")?;
                if !field.is_empty() {
                    write!(f, " {}", plain_text::printable_name(field))?;
                }
                match (before, after) {
                    (Value::Array(before), Value::Array(after)) => list_change(f, before, after),
                    _ => write!(f, " {} -> {}", short(before), short(after)),
                }
            }
        }
    }
}

/// The removed and added items of a list, or a note that only the order differs.
fn list_change(f: &mut fmt::Formatter<'_>, before: &[Value], after: &[Value]) -> fmt::Result {
    let gone: Vec<_> = before.iter().filter(|item| !after.contains(item)).collect();
    let new: Vec<_> = after.iter().filter(|item| !before.contains(item)).collect();
    if gone.is_empty() && new.is_empty() {
        return f.write_str(" in another order");
    }
    for item in gone {
        write!(f, " -{}", short(item))?;
    }
    for item in new {
        write!(f, " +{}", short(item))?;
    }
    Ok(())
}

/// JSON of a value, cut if it is long.
fn short(value: &Value) -> String {
    const LONGEST: usize = 160;
    let text = plain_text::printable(&value.to_string()).into_owned();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
