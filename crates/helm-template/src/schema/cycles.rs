//! Cycles of references without a step into the value: satisfied for the `jsonschema` crate, an error in Helm's library
//! ([`checkCycle`](https://github.com/santhosh-tekuri/jsonschema/blob/v6.0.2/validator.go)).

use serde_json::Value;

/// Longest chain of references that is followed.
const DEEPEST: usize = 64;

/// The message for the first cycle that a value meets below `properties`.
pub(super) fn explain(schema: &Value, value: &Value) -> Option<String> {
    find_cycle(schema, schema, "", "", value, 0)
}

fn find_cycle(
    root: &Value,
    schema: &Value,
    location: &str,
    keyword: &str,
    value: &Value,
    depth: usize,
) -> Option<String> {
    if depth > DEEPEST {
        return None;
    }
    let instance = keyword.replace("/properties/", "/");
    let mut seen = vec![location.to_owned()];
    let mut next = schema;
    while let Some(target) = next.get("$ref").and_then(Value::as_str) {
        let target = target
            .strip_prefix('#')
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
        let first = seen.iter().position(|known| known == target);
        seen.push(target.to_owned());
        if let Some(first) = first {
            let keyword_path = |count: usize| format!("{keyword}{}", "/$ref".repeat(count));
            return Some(format!(
                "- at '{instance}': both {} and {} resolve to \"file:///values.schema.json#{target}\" causing reference cycle\n",
                keyword_path(seen.len() - 1),
                keyword_path(first)
            ));
        }
        if seen.len() > DEEPEST {
            return None;
        }
        next = root.pointer(target)?;
    }
    let properties = schema.get("properties")?.as_object()?;
    properties.iter().find_map(|(name, schema)| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let value = value.get(name).filter(|_| name.chars().all(is_plain))?;
        let below = |path: &str| format!("{path}/properties/{name}");
        find_cycle(root, schema, &below(location), &below(keyword), value, depth + 1)
    })
}
