//! Typed view of a Secret.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use yaml_node::Node;

/// A Secret. No type of this crate prints the values.
pub(crate) struct Secret {
    /// Keys with decoded values; `None` if SOPS encrypts the value, or it is not UTF-8.
    pub(crate) data: Vec<(String, Option<String>)>,
}

impl Secret {
    /// Reads `data` and `stringData`.
    pub(crate) fn read(object: &Node) -> Self {
        let encrypted = is_encrypted(object);
        let decode = |text: &str| {
            let bytes = STANDARD.decode(text.replace(['\n', '\r', ' '], "")).ok()?;
            String::from_utf8(bytes).ok()
        };
        let mut data: Vec<(String, Option<String>)> = Vec::new();
        for (field, is_encoded) in [("data", true), ("stringData", false)] {
            for (key, value) in object.get(field).into_iter().flat_map(Node::iter) {
                let text = value.text().filter(|_| !encrypted);
                let text = match is_encoded {
                    true => text.and_then(decode),
                    false => text.map(str::to_owned),
                };
                // A single value may be encrypted: base64 of a SOPS document, or of SOPS's own notation.
                let text = text.filter(|text| !is_ciphertext(text));
                // `stringData` has precedence over `data`.
                let is_overridden = is_encoded && object.at(&["stringData", key]).is_some();
                if !is_overridden && !is_dotenv_metadata(object, key) {
                    data.push((key.to_owned(), text));
                }
            }
        }
        Secret { data }
    }
}

/// Whether SOPS encrypts the object.
pub(crate) fn is_encrypted(object: &Node) -> bool {
    object.at(&["sops", "mac"]).is_some() || object.at(&["sops", "lastmodified"]).is_some()
}

/// Whether a key of a generated Secret is a line that SOPS adds to an env file. The controller decrypts such a file before it
/// builds, which removes the lines:
/// <https://fluxcd.io/flux/components/kustomize/kustomizations/#kustomize-secretgenerator>.
pub fn is_dotenv_metadata(object: &Node, key: &str) -> bool {
    key.starts_with("sops_") && is_dotenv(object)
}

/// Whether a Secret is generated from an env file that SOPS encrypts.
pub fn is_dotenv(object: &Node) -> bool {
    let has = |key: &str| {
        let mut fields = ["data", "stringData"].iter();
        fields.any(|field| object.at(&[field, key]).is_some())
    };
    has("sops_mac") && has("sops_version")
}

fn is_ciphertext(text: &str) -> bool {
    text.starts_with("ENC[AES256_GCM,") || (text.contains("sops") && text.contains("ENC[AES256_GCM,"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileId, Limits};

    #[test]
    fn values_are_decoded_and_ciphertext_is_none() {
        let text = "kind: Secret\ndata:\n  a: aGk=\n  b: RU5DW0FFUzI1Nl9HQ00sZGF0YTp4XQ==\nstringData:\n  c: plain\n";
        let object = yaml_node::read_documents(text, FileId(1), &Limits::default())
            .unwrap()
            .remove(0);
        let data: Vec<_> = Secret::read(&object).data;
        assert!(!is_dotenv(&object));
        assert_eq!(
            data,
            [
                ("a".into(), Some("hi".into())),
                ("b".into(), None),
                ("c".into(), Some("plain".into()))
            ]
        );
    }
}
