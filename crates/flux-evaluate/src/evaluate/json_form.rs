//! Objects that certainly have a JSON form.

use foldhash::{HashSet, HashSetExt};
use yaml_node::{Mapping, Node, Scalar, Style, Tag, Value};

use crate::substitute::is_exact_integer;

/// Most levels that are looked at.
const MAX_DEPTH: usize = 100;

/// Number of keys that are compared as fast as they are hashed.
const MIN_HASHED: usize = 16;

/// Whether [`Node::check_json`] certainly finds no fault in an object: all of it is plain. That function goes through every way
/// in which kustomize writes and reads a scalar, which takes longer, and nearly all objects do not need it.
pub(super) fn has_json_form(object: &Node) -> bool {
    is_plain(object, MAX_DEPTH)
}

fn is_plain(node: &Node, depth: usize) -> bool {
    match &node.value {
        Value::Scalar(scalar) => is_plain_scalar(scalar),
        Value::Sequence(items) => depth > 0 && items.iter().all(|item| is_plain(item, depth - 1)),
        Value::Mapping(mapping) => {
            let mut entries = mapping.entries().iter();
            depth > 0 && has_plain_keys(mapping) && entries.all(|(_, value)| is_plain(value, depth - 1))
        }
    }
}

/// Whether all keys are strings, and no two are equal.
fn has_plain_keys(mapping: &Mapping) -> bool {
    let entries = mapping.entries();
    let mut seen = HashSet::new();
    let mut keys = entries.iter().enumerate();
    keys.all(|(position, (key, _))| {
        let Some(key) = key.as_scalar() else { return false };
        let mut earlier = entries.iter().take(position);
        let is_new = match entries.len() < MIN_HASHED {
            true => earlier.all(|(other, _)| other.text() != Some(&key.text)),
            false => seen.insert(key.text.as_str()),
        };
        is_new && key.tag == Tag::Str && is_plain_scalar(key)
    })
}

fn is_plain_scalar(scalar: &Scalar) -> bool {
    let bytes = scalar.text.as_bytes();
    match scalar.tag {
        // Of ASCII text, only a leading tab and folded lines may change.
        Tag::Str => scalar.style != Style::Folded && bytes.is_ascii() && bytes.first() != Some(&b'\t'),
        Tag::Int => is_exact_integer(&scalar.text),
        Tag::Bool => matches!(bytes, b"true" | b"false"),
        Tag::Null => matches!(bytes, b"" | b"~" | b"null"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use source_tree::{FileId, Limits};
    use yaml_node::read_resources_text;

    use super::*;

    fn object(fields: &str) -> Node {
        let text = format!("apiVersion: v1\nkind: X\nmetadata: {{name: x}}\n{fields}");
        read_resources_text(&text, FileId(1), &Limits::default())
            .unwrap()
            .remove(0)
    }

    #[test]
    fn a_plain_object_has_a_json_form() {
        let many: String = (0..20).map(|key| format!("k{key}: x\n")).collect();
        let plain = [
            "a: 1\nb: [true, null, ~, '2', \"x\\ny\"]\nc: |\n  d\n  e\n",
            "a: [{b: 007}, {c: }, !!str 5]\n",
            &many,
        ];
        for fields in plain {
            assert!(object(fields).check_json().is_ok(), "{fields}");
        }
        assert!(
            [plain[0], plain[2]]
                .iter()
                .all(|fields| has_json_form(&object(fields)))
        );
        let twice = format!("{many}k3: y\n");
        for fields in [
            "a: 1\na: 2\n",
            "a: .inf\n",
            "a: !!int x\n",
            "a: !!int ''\n",
            "? [a]\n: b\n",
            &twice,
        ] {
            let object = object(fields);
            assert!(!has_json_form(&object), "{fields}");
            assert!(object.check_json().is_err(), "{fields}");
        }
    }
}
