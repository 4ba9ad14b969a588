//! The hash suffix in the names of generated objects.

use sha2::{Digest, Sha256};
use yaml_node::{Node, Value, to_go_json};

use crate::BuildError;

/// The hash of a ConfigMap or Secret: ten hexadecimal digits, with vowels and characters like them replaced. `None` for
/// other kinds, for which kustomize hashes its own tree of the object.
///
/// The name is always hashed as the empty string, because kustomize looks it up in the wrong place
/// (<https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/hasher/hasher.go>).
///
/// # Errors
/// [`BuildError::Output`] if the content has no JSON form.
pub(crate) fn hash(object: &Node) -> Result<Option<String>, BuildError> {
    let kind = object.text_at(&["kind"]).unwrap_or_default();
    let text = match kind {
        "ConfigMap" => content(object, kind, &["data"], "binaryData")?,
        "Secret" => content(object, kind, &["data", "type"], "stringData")?,
        _ => return Ok(None),
    };
    Ok(Some(hash_text(&text)))
}

/// The hash of a text.
pub(crate) fn hash_text(text: &str) -> String {
    encode(&Sha256::digest(text.as_bytes()))
}

fn encode(digest: &[u8]) -> String {
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .take(10)
        .map(|digit| match digit {
            0 => 'g',
            1 => 'h',
            3 => 'k',
            0xa => 'm',
            0xe => 't',
            _ => char::from_digit(digit.into(), 16).unwrap_or('g'),
        })
        .collect()
}

fn content(object: &Node, kind: &str, always: &[&str], if_mapping: &str) -> Result<String, BuildError> {
    let mut fields = vec![("kind", Node::str(kind)), ("name", Node::str(""))];
    for field in always {
        let value = match object.get(field) {
            None => Node::str(""),
            // Scalars of any type are hashed as text.
            Some(node) => match &node.value {
                Value::Scalar(scalar) => Node::str(scalar.text.clone()),
                _ => node.clone(),
            },
        };
        fields.push((field, value));
    }
    if let Some(node) = object.get(if_mapping).filter(|node| node.as_mapping().is_some()) {
        fields.push((if_mapping, node.clone()));
    }
    to_go_json(&Node::mapping(fields))
        .map_err(|error| BuildError::output(error.message).at(error.mark).at(object.mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hashes() {
        let config_map = |fields: Vec<(&'static str, Node)>| {
            let mut all = vec![("kind", Node::str("ConfigMap"))];
            all.extend(fields);
            hash(&Node::mapping(all)).unwrap().unwrap()
        };
        assert_eq!(config_map(vec![]), "6ct58987ht");
        let data = Node::mapping([("k", Node::str("v"))]);
        assert_eq!(config_map(vec![("data", data)]), "bdg947hgcc");
        assert_eq!(
            hash(&Node::mapping([("kind", Node::str("Deployment"))])),
            Ok(None)
        );
    }
}
