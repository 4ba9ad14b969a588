//! `redacted`: literal credentials in env, args and Helm values. The link stage reports those of ConfigMaps where it reads them.

use infra_model::codes;
use redaction::{credential, credential_in_text};
use source_tree::{Diagnostic, Mark};
use yaml_node::Tag;

use crate::any_case;
use crate::credential_names::names_object;
use crate::helm_values::walk_scalars;
use crate::linker::Linker;
use crate::view::View;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let mut findings: Vec<(Mark, String, String)> = Vec::new();
    // The credentials in a chart's objects come from its values, which are checked below.
    let candidates = linker.candidates.iter();
    for candidate in candidates.filter(|candidate| !candidate.is_of_chart()) {
        let object = candidate.object.object_name().to_string();
        let mut found = |mark: Mark, what: String| findings.push((mark, what, object.clone()));
        for container in candidate.pods.into_iter().flat_map(|pods| pods.containers()) {
            for entry in container.view.items_at(&["env"]) {
                if let (Some(name), Some(value)) = (entry.text_of("name"), entry.get("value"))
                    && is_credential(name, value)
                {
                    found(value.mark(), format!("env {name}"));
                }
            }
            for field in ["command", "args"] {
                for item in container.view.items_at(&[field]) {
                    let text = item.text().unwrap_or_default();
                    let (key, value) = text.split_once('=').unwrap_or(("", text));
                    let is_flag = key.starts_with('-') && !key.contains(char::is_whitespace);
                    let key = if is_flag { key } else { "" };
                    if credential_in_text(text) || (is_flag && credential(key, value).is_some()) {
                        found(item.mark(), field.to_owned());
                    }
                }
            }
        }
    }
    for release in linker.releases {
        let object = release.object.object_name().to_string();
        walk_scalars(&release.values.node, &mut |path, scalar| {
            let is_text = scalar.as_scalar().is_some_and(|scalar| scalar.tag == Tag::Str);
            let (Some(key), Some(text)) = (path.last(), scalar.text()) else {
                return;
            };
            if is_text && is_credential_in_values(path, key, text) {
                let what = format!("value {}", path.join("."));
                findings.push((scalar.mark, what, object.clone()));
            }
        });
    }
    findings
        .into_iter()
        .map(|(mark, what, object)| {
            Diagnostic::warning(
                codes::REDACTED,
                format!("{what} of {object} looks like a credential in plain text"),
            )
            .at(linker.inventory.place(mark))
            .on(object)
            .hint("move it to an encrypted or external Secret, and rotate it")
        })
        .collect()
}

/// Prefixes of texts that only say where a value is: in a file, a variable, another object, a vault.
const REFERENCES: [&str; 14] = [
    "$", "%", "<", "{{", "op://", "ref+", "vault:", "secret:", "secrets:", "env:", "file:", "file://", "/",
    "arn:",
];

/// Prefixes, in lower case, of texts that a credential is to replace.
const PLACEHOLDERS: [&str; 22] = [
    "changeme",
    "change-me",
    "change_me",
    "dummy",
    "example",
    "foo",
    "my-",
    "none",
    "not-used",
    "not_used",
    "null",
    "placeholder",
    "redacted",
    "replace",
    "replaceme",
    "replace-me",
    "todo",
    "unused",
    "xxx",
    "your ",
    "your-",
    "your_",
];

/// Suffixes of keys whose value names a key of a Secret.
const NAME_KEYS: [&str; 3] = ["credentialskey", "passwordkey", "tokenkey"];

/// Whether a text only says where a credential is, is a placeholder for one, or is too short to be one.
fn is_reference(text: &str) -> bool {
    const SHORTEST: usize = 5;
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    text.len() < SHORTEST
        || REFERENCES.iter().any(|start| text.starts_with(start))
        || PLACEHOLDERS.iter().any(|word| lower.starts_with(word))
        || text.bytes().all(|byte| b"xX*.-_".contains(&byte))
}

/// Last words of keys that say how credentials are handled, but hold none.
const SETTINGS: [&str; 15] = [
    "algorithm",
    "age",
    "complexity",
    "enabled",
    "expiration",
    "expiry",
    "file",
    "hash",
    "id",
    "length",
    "path",
    "policy",
    "type",
    "ttl",
    "url",
];

/// Whether a key such as `PASSWORD_COMPLEXITY` only says how credentials are handled.
fn is_setting(key: &str, text: &str) -> bool {
    const SHORTEST_HASH: usize = 20;
    let last = key.rsplit(['_', '-', '.']).next().unwrap_or(key);
    let is_listed = SETTINGS.iter().any(|word| any_case::ends_with(last, word));
    is_listed && text.len() < SHORTEST_HASH
}

fn is_credential(key: &str, value: View<'_>) -> bool {
    let is_other = |text: &str| is_setting(key, text) || names_object(key, text);
    // The text as written decides: a variable is not a credential, whatever its value.
    let Some(written) = value.built_text().or(value.text()) else {
        return false;
    };
    !value.text().is_some_and(is_other) && !is_reference(written) && credential(key, written).is_some()
}

/// Helm values name objects and keys of Secrets more often than they state credentials.
fn is_credential_in_values(path: &[&str], key: &str, text: &str) -> bool {
    if text.contains('\n') {
        return credential_in_text(text);
    }
    let is_other = || is_reference(text) || is_setting(key, text) || names_object(key, text);
    if credential(key, text).is_none() || is_other() {
        return false;
    }
    let names_keys = path.iter().any(|step| {
        any_case::ends_with(step, "secretkeys")
            || any_case::ends_with(step, "keymapping")
            || step.eq_ignore_ascii_case("secretkeyref")
            // The claims of a token.
            || step.to_ascii_lowercase().contains("claim")
    }) || NAME_KEYS.iter().any(|end| any_case::ends_with(key, end));
    let names_secret = any_case::ends_with(key, "secret")
        && !any_case::ends_with(key, "clientsecret")
        && !any_case::ends_with(key, "client_secret")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte));
    if names_keys || names_secret || text.contains("{{") {
        return credential_in_text(text);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_no_credential() {
        for text in [
            "$__file{/etc/secrets/token}",
            "secret:db:password",
            "<path:vault#key>",
            "changeme",
            "ddg",
            "/run/x",
        ] {
            assert!(is_reference(text), "{text}");
        }
        for text in ["hunter2", "s3cr3t-value", "exit-2-strategy"] {
            assert!(!is_reference(text), "{text}");
        }
    }
}
