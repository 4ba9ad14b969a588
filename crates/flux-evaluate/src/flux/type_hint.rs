//! Hints for values of a type that the API server refuses.

use yaml_node::{Node, Style, Value};

/// The hint for a value that is not `expected`. `built` is its object before substitution.
pub(crate) fn type_hint(built: Option<&Node>, value: &Node, expected: &str) -> String {
    let refused = "the API server refuses the object";
    if let Some(written) = built.and_then(|built| variable_at(built, value)) {
        return format!(
            "{refused}; quotes around `{written}` are gone before Flux replaces it: write `${{quote}}{written}${{quote}}` with a \
             variable `quote` whose value is `\"`, or put it into more text"
        );
    }
    let is_quoted = value
        .as_scalar()
        .is_some_and(|scalar| matches!(scalar.style, Style::SingleQuoted | Style::DoubleQuoted));
    match expected {
        _ if value.is_null() => format!("{refused}; give the field a value, or remove it"),
        "a boolean" | "a number" if is_quoted => format!("{refused}; remove the quotes"),
        "a string" | "a list of strings" if value.as_scalar().is_some() => {
            format!("{refused}; quote a text that reads as another type")
        }
        _ => format!("{refused}; write {expected}"),
    }
}

/// The text with a variable that a value had before substitution.
fn variable_at(built: &Node, value: &Node) -> Option<String> {
    match &built.value {
        Value::Scalar(scalar) => {
            let is_found =
                built.mark == value.mark && scalar.text.contains("${") && !scalar.text.contains('\n');
            is_found.then(|| scalar.text.to_string())
        }
        Value::Sequence(items) => items.iter().find_map(|item| variable_at(item, value)),
        Value::Mapping(mapping) => mapping.iter().find_map(|(_, node)| variable_at(node, value)),
    }
}
