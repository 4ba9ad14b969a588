//! Credentials in values, withheld before a template sees them: what is made of them shows in catalogs and messages.

use go_template::{Kind, Map, Value};
use redaction::{REDACTED, credential, without_credentials};
use std::borrow::Cow;
use yaml_node::{Node, Value as NodeValue};

/// Replaces every credential below a node.
pub(super) fn in_node(node: &mut Node) {
    below_node(node, None);
}

fn below_node(node: &mut Node, key: Option<&str>) {
    match &mut node.value {
        NodeValue::Scalar(scalar) => {
            if let Some(withheld) = withheld(key.unwrap_or_default(), &scalar.text) {
                *node = Node::str(withheld).with_mark(node.mark);
            }
        }
        NodeValue::Sequence(items) => {
            for item in items.items_mut() {
                below_node(item, key);
            }
        }
        NodeValue::Mapping(mapping) => {
            // The key of a `value` beside a `name` is the name.
            let name = mapping.get("name").and_then(Node::as_str).map(str::to_owned);
            for (key, value) in mapping.entries_mut() {
                let key = key.text().map(str::to_owned);
                match (key.as_deref(), &name) {
                    (Some("value"), Some(name)) => below_node(value, Some(name)),
                    (key, _) => below_node(value, key),
                }
            }
        }
    }
}

/// Replaces every credential in values.
pub(super) fn in_values(map: &Map) {
    let name = match map.get("name").map(|name| name.kind) {
        Some(Kind::Text(name)) => Some(name.to_str().into_owned()),
        _ => None,
    };
    for (key, value) in map.snapshot() {
        let text = key.to_str();
        let known_as = match (&*text, &name) {
            ("value", Some(name)) => name.as_str(),
            (key, _) => key,
        };
        if let Some(withheld) = below(&value, known_as) {
            map.insert(key.clone(), withheld);
        }
    }
}

/// What takes the place of a value; nothing where it stays, perhaps changed inside.
fn below(value: &Value, key: &str) -> Option<Value> {
    match &value.kind {
        Kind::Text(text) => withheld(key, &text.to_str()).map(|text| Value::text(text).with_mark_of(value)),
        Kind::Map(map) => {
            in_values(map);
            None
        }
        Kind::List(list) => {
            let changed: Vec<Option<Value>> = list.items().iter().map(|item| below(item, key)).collect();
            if changed.iter().all(Option::is_none) {
                return None;
            }
            let items = list.items().iter().zip(changed);
            let items = items.map(|(item, changed)| changed.unwrap_or_else(|| item.clone()));
            Some(Value::list_of(list.list_type(), items.collect()))
        }
        _ => None,
    }
}

/// What stands for a text under `key`; nothing where it is no credential.
fn withheld(key: &str, text: &str) -> Option<String> {
    if credential(key, text).is_some() {
        return Some(REDACTED.to_owned());
    }
    match without_credentials(text) {
        Cow::Owned(cleaned) => Some(cleaned),
        Cow::Borrowed(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use helm_template::Values;
    use source_tree::{FileId, Limits};

    const VALUES: &str = "db: {password: hush-hush-1, host: db.x, url: 'pg://u:hush2@db/x'}\n\
                          env: [{name: API_TOKEN, value: hush-hush-3}]\nport: 80\n";

    #[track_caller]
    fn check(text: &str) {
        assert!(!text.contains("hush"), "{text}");
        assert!(text.contains("db.x") && text.contains("80"), "{text}");
        assert_eq!(text.matches("redacted").count(), 3, "{text}");
    }

    #[test]
    fn credentials_are_withheld() {
        let mut node = yaml_node::read_yaml11(VALUES, FileId::NONE, &Limits::default())
            .unwrap()
            .unwrap();
        let values = Values::from_node(&node);
        in_values(values.map());
        check(&values.to_json());
        in_node(&mut node);
        check(&yaml_node::write_document(&node).unwrap());
    }
}
