//! Redaction of credentials in values before a template sees them, since catalogs and messages show its output.

use go_template::{Kind, Map, Value};
use redaction::{REDACTED, credential, without_credentials};
use std::borrow::Cow;
use yaml_node::{Node, Value as NodeValue};

/// Redacts every credential in a tree, of which `key` is the key.
pub(super) fn in_node(node: &mut Node, key: &str) {
    match &mut node.value {
        NodeValue::Scalar(scalar) => {
            if let Some(redacted) = redacted(key, &scalar.text) {
                *node = Node::str(redacted).with_mark(node.mark);
            }
        }
        NodeValue::Sequence(items) => items.items_mut().iter_mut().for_each(|item| in_node(item, key)),
        NodeValue::Mapping(mapping) => {
            let name = mapping.get("name").and_then(Node::as_str).map(str::to_owned);
            for (key, value) in mapping.entries_mut() {
                in_node(value, meaning(key.text().unwrap_or_default(), name.as_deref()));
            }
        }
    }
}

/// The key of a `value` beside a `name`, as in `env`, is the name.
fn meaning<'k>(key: &'k str, name: Option<&'k str>) -> &'k str {
    name.filter(|_| key == "value").unwrap_or(key)
}

/// Redacts every credential in values.
pub(super) fn in_values(map: &Map) {
    let name = match map.get("name").map(|name| name.kind) {
        Some(Kind::Text(name)) => Some(name.to_str().into_owned()),
        _ => None,
    };
    for (key, value) in map.snapshot() {
        let text = key.to_str();
        if let Some(redacted) = below(&value, meaning(&text, name.as_deref())) {
            map.insert(key.clone(), redacted);
        }
    }
}

/// The replacement of a value; `None` if it stays. Maps are changed in place.
fn below(value: &Value, key: &str) -> Option<Value> {
    match &value.kind {
        Kind::Text(text) => redacted(key, &text.to_str()).map(|text| Value::text(text).with_mark_of(value)),
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

/// The redacted text of `key`; `None` if it contains no credential.
fn redacted(key: &str, text: &str) -> Option<String> {
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
        in_node(&mut node, "");
        check(&yaml_node::write_document(&node).unwrap());
    }
}
