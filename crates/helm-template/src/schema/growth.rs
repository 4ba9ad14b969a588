//! Estimate of a schema's work for one value: references in `allOf` and the like can double it with every level.

use std::collections::{HashMap, HashSet};
use std::ptr;

use serde_json::Value;

/// Most subschemas that may apply to one value.
const MOST: u64 = 1_000_000;
/// Deepest nesting of references.
const DEEPEST: usize = 1_000;

/// Whether too many subschemas apply to one value.
pub(super) fn is_too_large(schema: &Value) -> bool {
    let mut all = Vec::new();
    let mut anchors = HashMap::new();
    let mut open = vec![schema];
    while let Some(node) = open.pop() {
        match node {
            Value::Object(members) => {
                for name in ["$anchor", "$id", "id"] {
                    if let Some(anchor) = members.get(name).and_then(Value::as_str) {
                        anchors.insert(anchor.trim_start_matches('#'), node);
                    }
                }
                all.push(node);
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    let mut growth = Growth {
        root: schema,
        anchors,
        known: HashMap::new(),
        open: HashSet::new(),
    };
    all.into_iter().any(|node| growth.size(node, 0) > MOST)
}

struct Growth<'s> {
    root: &'s Value,
    anchors: HashMap<&'s str, &'s Value>,
    known: HashMap<*const Value, u64>,
    /// Nodes being visited, so that cycles end.
    open: HashSet<*const Value>,
}

impl<'s> Growth<'s> {
    /// The number of subschemas that apply to the value itself at a node, without those for its members and items.
    fn size(&mut self, node: &'s Value, depth: usize) -> u64 {
        let Value::Object(members) = node else {
            return 1;
        };
        if depth > DEEPEST {
            return u64::MAX;
        }
        let id = ptr::from_ref(node);
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        if !self.open.insert(id) {
            return 1;
        }
        let mut sum: u64 = 1;
        for (name, value) in members {
            let parts: Vec<&'s Value> = match (name.as_str(), value) {
                ("$ref", Value::String(reference)) => self.target(reference).into_iter().collect(),
                ("allOf" | "anyOf" | "oneOf", Value::Array(items)) => items.iter().collect(),
                ("not" | "if" | "then" | "else", value) => vec![value],
                ("dependentSchemas" | "dependencies", Value::Object(members)) => members.values().collect(),
                _ => continue,
            };
            for part in parts {
                sum = sum.saturating_add(self.size(part, depth + 1));
            }
        }
        self.open.remove(&id);
        self.known.insert(id, sum);
        sum
    }

    /// The target of a reference within the schema.
    fn target(&self, reference: &str) -> Option<&'s Value> {
        let fragment = reference.split_once('#').map_or("", |(_, fragment)| fragment);
        match fragment.starts_with('/') || fragment.is_empty() {
            true => self.root.pointer(fragment),
            false => self.anchors.get(fragment).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn doubling(levels: usize) -> Value {
        let definitions: Map<String, Value> = (0..levels)
            .map(|level| {
                let next = json!({"$ref": format!("#/definitions/d{}", level + 1)});
                (format!("d{level}"), json!({"allOf": [next, next]}))
            })
            .chain([(format!("d{levels}"), json!({"type": "object"}))])
            .collect();
        json!({"definitions": definitions, "$ref": "#/definitions/d0"})
    }

    #[test]
    fn what_doubles_with_every_level_is_too_large() {
        assert!(!is_too_large(&doubling(10)));
        assert!(is_too_large(&doubling(40)));
    }

    #[test]
    fn a_schema_of_itself_is_not() {
        assert!(!is_too_large(&json!({
            "$ref": "#/definitions/node",
            "definitions": {"node": {"properties": {"child": {"$ref": "#/definitions/node"}}, "anyOf": [{"$ref": "#"}]}}
        })));
    }

    #[test]
    fn a_long_chain_of_references_is() {
        let chain: Map<String, Value> = (0..5_000)
            .map(|at| {
                (
                    format!("d{at}"),
                    json!({"$ref": format!("#/definitions/d{}", at + 1)}),
                )
            })
            .collect();
        assert!(is_too_large(
            &json!({"definitions": chain, "$ref": "#/definitions/d0"})
        ));
    }
}
