//! Parts of a schema that cannot be decided without remote references.
//!
//! A reference that is not fetched counts as satisfied. Keywords that refuse a value *because* a part is satisfied could then
//! refuse valid values: `not`, `if`, `oneOf`, `contains`, and the `unevaluated` keywords. They are removed.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::remote_refs::UNKNOWN;

/// Most parts that are visited; the rest of a larger schema counts as undecided.
const MOST_STEPS: usize = 4_000_000;

/// Keywords whose subschemas apply to the same value.
const IN_PLACE: [&str; 8] = [
    "allOf",
    "anyOf",
    "dependentSchemas",
    "else",
    "if",
    "not",
    "oneOf",
    "then",
];

/// Keywords whose subschemas apply to a part of the value.
const BELOW: [&str; 11] = [
    "additionalItems",
    "additionalProperties",
    "contains",
    "dependencies",
    "items",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Removes keywords that cannot be decided.
pub(super) fn take_out(schema: &mut Value) {
    let whole = schema.clone();
    let mut analysis = Analysis {
        whole: &whole,
        steps: 0,
    };
    analysis.walk(schema);
}

/// What is unknown about a part.
#[derive(Clone, Copy, Default)]
struct Unknown {
    /// Whether a value is valid.
    validity: bool,
    /// Which members of a value it evaluates.
    seen: bool,
}

struct Analysis<'a> {
    whole: &'a Value,
    steps: usize,
}

impl<'a> Analysis<'a> {
    fn walk(&mut self, schema: &mut Value) {
        match schema {
            Value::Object(object) => {
                self.undecided(object);
                object.values_mut().for_each(|value| self.walk(value));
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item)),
            _ => {}
        }
    }

    fn undecided(&mut self, object: &mut Map<String, Value>) {
        let is_undecided =
            |analysis: &mut Self, part: &Value| analysis.analyse(part, &mut HashSet::new()).validity;
        for (keyword, with) in [
            ("oneOf", &[][..]),
            ("not", &[]),
            ("if", &["then", "else"]),
            ("contains", &["minContains", "maxContains"]),
        ] {
            let Some(part) = object.get(keyword) else {
                continue;
            };
            let is_undecided = match part {
                Value::Array(parts) => parts.iter().any(|part| is_undecided(self, part)),
                part => is_undecided(self, part),
            };
            if is_undecided {
                // Keywords that depend on it are undecided too.
                object.insert(UNKNOWN.to_owned(), Value::Bool(true));
                object.remove(keyword);
                for with in with {
                    object.remove(*with);
                }
            }
        }
        for keyword in ["unevaluatedProperties", "unevaluatedItems"] {
            if object.contains_key(keyword) {
                let this = Value::Object(object.clone());
                if self.analyse(&this, &mut HashSet::new()).seen {
                    object.remove(keyword);
                }
            }
        }
    }

    /// What is unknown about a part. `seen` are the references followed so far.
    fn analyse(&mut self, part: &Value, seen: &mut HashSet<String>) -> Unknown {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Unknown::ALL;
        }
        let mut found = Unknown::default();
        let Value::Object(object) = part else {
            return found;
        };
        if object.contains_key(UNKNOWN) {
            return Unknown::ALL;
        }
        if let Some(pointer) = object.get("$ref").and_then(Value::as_str).and_then(pointer)
            && seen.insert(pointer.clone())
            && let Some(target) = self.whole.pointer(&pointer)
        {
            found.add(self.analyse(target, seen));
        }
        for (keyword, value) in object {
            let is_in_place = IN_PLACE.contains(&keyword.as_str());
            if !is_in_place && !BELOW.contains(&keyword.as_str()) {
                continue;
            }
            let is_map = matches!(
                keyword.as_str(),
                "dependencies" | "dependentSchemas" | "patternProperties" | "properties"
            );
            let parts: Vec<&Value> = match value {
                Value::Array(parts) => parts.iter().collect(),
                Value::Object(members) if is_map => members.values().collect(),
                part => vec![part],
            };
            for part in parts {
                let unknown = self.analyse(part, seen);
                found.add(Unknown {
                    validity: unknown.validity,
                    seen: unknown.seen && is_in_place,
                });
            }
        }
        found
    }
}

impl Unknown {
    const ALL: Unknown = Unknown {
        validity: true,
        seen: true,
    };

    fn add(&mut self, other: Unknown) {
        self.validity |= other.validity;
        self.seen |= other.seen;
    }
}

/// The JSON pointer of a reference into the schema itself.
fn pointer(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    (fragment.is_empty() || fragment.starts_with('/')).then(|| fragment.replace("%25", "%"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(mut schema: Value, gone: &[&str], kept: &[&str]) {
        take_out(&mut schema);
        for pointer in gone {
            assert_eq!(schema.pointer(pointer), None, "{pointer} of {schema}");
        }
        for pointer in kept {
            assert!(schema.pointer(pointer).is_some(), "{pointer} of {schema}");
        }
    }

    #[test]
    fn what_refuses_by_what_is_satisfied_goes() {
        let unknown = json!({UNKNOWN: true});
        check(
            json!({"oneOf": [{"type": "string"}, {"properties": {"a": unknown}}], "type": "object"}),
            &["/oneOf"],
            &["/type"],
        );
        check(
            json!({"if": unknown, "then": {"required": ["a"]}}),
            &["/if", "/then"],
            &[],
        );
        check(
            json!({"$defs": {"a": unknown}, "allOf": [{"$ref": "#/$defs/a"}], "unevaluatedProperties": false}),
            &["/unevaluatedProperties"],
            &["/allOf/0/$ref"],
        );
        check(
            json!({"anyOf": [{"not": {"not": unknown}}]}),
            &["/anyOf/0/not"],
            &["/anyOf"],
        );
    }

    #[test]
    fn the_rest_stays() {
        check(
            json!({
                "properties": {"a": {UNKNOWN: true}},
                "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
                "unevaluatedProperties": false,
            }),
            &[],
            &["/oneOf", "/unevaluatedProperties", "/properties/a"],
        );
    }

    #[test]
    fn circles_end() {
        check(
            json!({"$defs": {"a": {"oneOf": [{"$ref": "#/$defs/a"}]}}, "not": {"$ref": "#/$defs/a"}}),
            &[],
            &["/not"],
        );
    }
}
