//! Values that are not credentials whatever their key says: references, paths, addresses, names.

use crate::key::KeyKind;
use crate::{REDACTED, tokens};

/// Whether `value` is not a credential under a key of this kind.
pub(crate) fn is_harmless(kind: KeyKind, key: &str, value: &str) -> bool {
    let value = value.trim();
    value.is_empty()
        || is_switch(value)
        || is_stand_in(value)
        || is_placeholder(value)
        || is_reference(value)
        || is_path(kind, value)
        || is_address(value)
        || is_secret_path(value)
        || is_public_key(value)
        || is_sealed(value)
        || is_duration(value)
        || is_part_of_key(key, value)
        || has_pairs_of_references(value)
        || is_pattern(value)
        || match kind {
            KeyKind::Password => {
                // `credentials` is most often the name of a Secret.
                key.ends_with("redentials") && !is_environment_name(key) && is_secret_name(value)
            }
            KeyKind::Token => {
                is_mode(value)
                    || (key.ends_with("ecret") && !is_environment_name(key) && is_secret_name(value))
            }
            KeyKind::CipherKey => {
                !has_random_part(value)
                    && ((is_key_name(value) || is_file_name(value)) && !is_environment_name(key)
                        || is_secret_name(value)
                        || value == "default"
                        || (is_environment_name(value) && KeyKind::of(value).is_credential()))
            }
            KeyKind::AnyKey => false,
            KeyKind::NamesSecret => {
                value.contains(char::is_whitespace)
                    || value.contains("${")
                    || (value.split('/').all(is_key_name) && !has_random_part(value))
            }
            KeyKind::Plain => true,
        }
}

/// Whether a value only replaces a credential: a reference, `<redacted>`, or a mask such as asterisks.
pub(crate) fn is_stand_in(value: &str) -> bool {
    let masked = |mask: char| value.len() >= 3 && value.chars().all(|char| char == mask);
    value == REDACTED || masked('*') || masked('x') || masked('X') || is_reference(value)
}

fn is_switch(value: &str) -> bool {
    const SWITCHES: &[&str] = &[
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "null",
        "none",
        "nil",
        "~",
        "undefined",
        "unset",
        "n/a",
    ];
    SWITCHES.iter().any(|switch| value.eq_ignore_ascii_case(switch))
}

/// A duration: `90s`, `1h30m`.
fn is_duration(value: &str) -> bool {
    let mut rest = value;
    while !rest.is_empty() {
        let after = rest.trim_start_matches(|char: char| char.is_ascii_digit());
        let unit = ["ms", "s", "m", "h", "d"]
            .iter()
            .find(|unit| after.starts_with(**unit));
        let Some(unit) = unit.filter(|_| after.len() < rest.len()) else {
            return false;
        };
        rest = after.get(unit.len()..).unwrap_or_default();
    }
    !value.is_empty()
}

/// A name of at least three words that are all in the key, such as `stripe-api-key` for `ITEM_STRIPE_API_KEY`: the name of the
/// credential in its store.
fn is_part_of_key(key: &str, value: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let key: Vec<&str> = key.split(|char: char| !char.is_ascii_alphanumeric()).collect();
    let words: Vec<&str> = value.split('-').collect();
    words.len() >= 3 && words.iter().all(|word| !word.is_empty() && key.contains(word))
}

/// Modes, authentication methods and stages, which keys such as `token` and `session-cookie` may select.
fn is_mode(value: &str) -> bool {
    const MODES: &[&str] = &[
        "auto",
        "dev",
        "nonprod",
        "prd",
        "prod",
        "production",
        "staging",
        "stg",
        "always",
        "never",
        "required",
        "optional",
        "enabled",
        "disabled",
        "lax",
        "strict",
        "secure",
        "bearer",
        "basic",
        "jwt",
        "opaque",
        "kubernetes",
        "vault",
        "oidc",
        "ldap",
        "saml",
        "header",
        "query",
        "body",
        "memory",
        "file",
        "env",
        "self-signed",
        "serviceaccount",
        // Modes of access logs for headers.
        "drop",
        "keep",
        "redact",
    ];
    MODES.iter().any(|mode| value.eq_ignore_ascii_case(mode))
}

/// A text that a person has to replace: `<your token>`, `your-api-key`, `REPLACE_ME`.
fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    // The program itself looks these up.
    if value.starts_with("!secret ")
        || (value.starts_with("<%") && value.ends_with("%>"))
        || value.strip_prefix("os.environ/").is_some_and(is_environment_name)
    {
        return true;
    }
    if let Some(inner) = lower.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
        return inner.starts_with("path:")
            || value
                .chars()
                .all(|char| char.is_ascii_lowercase() || matches!(char, '<' | '>' | ' ' | '-' | '_'))
            || value
                .chars()
                .all(|char| char.is_ascii_uppercase() || matches!(char, '<' | '>' | ' ' | '-' | '_'));
    }
    [
        "your-", "your_", "your ", "replace-", "replace_", "insert-", "insert_",
    ]
    .iter()
    .any(|start| lower.starts_with(start))
        || matches!(
            lower.as_str(),
            "placeholder"
                | "todo"
                | "tbd"
                | "replaceme"
                | "redacted"
                | "not-needed"
                | "not-required"
                | "not-used"
                | "unused"
        )
}

/// A value that consists of references only: `${var}`, `$(VAR)`, `$VAR`, templates, and paths into stores. A default in a reference
/// counts as a literal.
pub(crate) fn is_reference(value: &str) -> bool {
    let value = ["Bearer ", "bearer ", "Basic ", "basic ", "Token ", "token "]
        .iter()
        .find_map(|scheme| value.strip_prefix(scheme))
        .unwrap_or(value);
    is_store_reference(value) || is_variable(value) || is_references_joined(value)
}

/// Lines of YAML with references alone: `alice: ${password_of_alice}`.
fn has_pairs_of_references(value: &str) -> bool {
    let is_name = |name: &str| {
        let mut bytes = name.bytes();
        !name.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let lines = value.lines().map(str::trim);
    let mut stated = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .peekable();
    stated.peek().is_some()
        && stated.all(|line| {
            let pair = line.split_once(": ");
            pair.is_some_and(|(name, stated)| is_name(name) && is_reference(stated.trim()))
        })
}

/// A regular expression that leaves the value open, after the name of a cookie or without: `session_token=.*`.
fn is_pattern(value: &str) -> bool {
    let is_name = |name: &str| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let value = value.strip_prefix('^').unwrap_or(value);
    let value = value.strip_suffix('$').unwrap_or(value);
    let open = match value.split_once('=') {
        Some((name, open)) if is_name(name) => open,
        _ => value,
    };
    ["[^;]", "[^&]", "\\S", "\\w", "."].iter().any(|any| {
        let repeated = open.strip_prefix(any);
        matches!(repeated, Some("*" | "+" | "*?" | "+?"))
    })
}

/// References with only separators between them.
fn is_references_joined(value: &str) -> bool {
    let (mut rest, mut found) = (value, false);
    while !rest.is_empty() {
        if let Some(after) = after_reference(rest) {
            (rest, found) = (after, true);
        } else if let Some(after) = rest.strip_prefix([':', '/', '@', '-', '_', '.', ',', ' ', '"', '\'']) {
            rest = after;
        } else {
            return false;
        }
    }
    found
}

/// The text after a reference at its beginning.
fn after_reference(text: &str) -> Option<&str> {
    for (start, end) in [
        ("$${", "}"),
        ("${", "}"),
        ("$(", ")"),
        ("{{", "}}"),
        ("ENC[", "]"),
        ("ENC(", ")"),
    ] {
        let Some(rest) = text.strip_prefix(start) else {
            continue;
        };
        let (inner, after) = rest.split_once(end)?;
        return (!has_literal_default(start, inner)).then_some(after);
    }
    for start in ["$__file{", "$__env{", "$__vault{"] {
        if let Some(rest) = text.strip_prefix(start) {
            return rest.split_once('}').map(|(_, after)| after);
        }
    }
    None
}

/// `name:-default` and `name:=default` with a default that is not a reference itself.
fn has_literal_default(start: &str, inner: &str) -> bool {
    if !start.ends_with('{') || start == "{{" {
        return false;
    }
    let default = [":-", ":=", "-", "="]
        .iter()
        .find_map(|operator| inner.split_once(operator))
        .map_or("", |(_, default)| default);
    !default.is_empty() && !default.starts_with('$')
}

/// `$DB_PASSWORD`: a shell variable in upper case, with an underscore or a word that means a credential; or the path of a field.
fn is_variable(value: &str) -> bool {
    value.strip_prefix('$').is_some_and(|name| {
        let is_path = name.contains('.') && is_key_name(name) && KeyKind::of(name) != KeyKind::Plain;
        is_path
            || is_environment_name(name)
                && name.starts_with(|char: char| char.is_ascii_uppercase() || char == '_')
                && (name.contains('_') || KeyKind::of(name).is_credential())
    })
}

fn is_environment_name(key: &str) -> bool {
    !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A path into a store of secrets: `vault:secret/data/x#key`, `ref+awsssm://…`, `secret:name:key`.
fn is_store_reference(value: &str) -> bool {
    const STORES: &[&str] = &[
        "vault:",
        "bao:",
        "op://",
        "secretref:",
        "secretref+",
        "awssm:",
        "awssm://",
        "awsssm://",
        "gcpsm://",
        "gcp:",
        "sm://",
        "secret:",
        "secrets:",
        "keyvault:",
        "azurekeyvault:",
        "infisical:",
        "doppler:",
        "arn:aws:",
        "file:///",
        "file:/",
        "ref+",
        "kv:",
        "kv2:",
        "ssm:",
        "akv:",
        "gsm:",
        "bws:",
        "pass:",
    ];
    let lower = value.to_ascii_lowercase();
    lower.starts_with("@microsoft.keyvault(")
        || (lower.starts_with("projects/") && lower.contains("/secrets/"))
        || STORES.iter().any(|store| {
            lower
                .strip_prefix(store)
                .is_some_and(|rest| rest.contains(['/', '#', ':']) && !rest.contains(char::is_whitespace))
        })
}

/// A file path: at least two plain names, or one that means a credential.
fn is_path(kind: KeyKind, value: &str) -> bool {
    let Some(rest) = ["/", "./", "../", "~/"]
        .iter()
        .find_map(|start| value.strip_prefix(start))
    else {
        return false;
    };
    let names: Vec<&str> = rest
        .split('/')
        .filter(|name| !name.is_empty() && *name != "..")
        .collect();
    let plain = |name: &str| {
        let letters = name.bytes().filter(u8::is_ascii_alphabetic).count();
        letters > 0
            && !has_random_part(name)
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte))
    };
    match names.as_slice() {
        [] => false,
        [name] => plain(name) && KeyKind::of(name) != KeyKind::Plain,
        names => {
            // A password may look like a path, so a part has to show that it is one.
            let says_so = kind != KeyKind::Password
                || names.iter().any(|name| {
                    name.contains('.')
                        || KeyKind::of(name) != KeyKind::Plain
                        || matches!(
                            *name,
                            "run"
                                | "etc"
                                | "vault"
                                | "mnt"
                                | "secrets"
                                | "config"
                                | "credentials"
                                | "tls"
                                | "certs"
                                | "keys"
                                | "conf"
                        )
                });
            says_so && names.iter().all(|name| plain(name) || is_reference(name))
        }
    }
}

/// A URL of a usual scheme. One with a credential is found elsewhere.
fn is_address(value: &str) -> bool {
    const SCHEMES: &[&str] = &[
        "http",
        "https",
        "ws",
        "wss",
        "ftp",
        "sftp",
        "ssh",
        "git",
        "s3",
        "gs",
        "oci",
        "tcp",
        "udp",
        "unix",
        "ldap",
        "ldaps",
        "amqp",
        "amqps",
        "redis",
        "rediss",
        "postgres",
        "postgresql",
        "mysql",
        "mongodb",
        "mongodb+srv",
        "nats",
        "kafka",
        "smtp",
        "smtps",
        "imap",
        "imaps",
    ];
    value.split_once("://").is_some_and(|(scheme, rest)| {
        SCHEMES.contains(&scheme.to_ascii_lowercase().as_str())
            && is_host(rest.split(['/', '?', '#']).next().unwrap_or_default())
            && !rest.contains(char::is_whitespace)
    })
}

/// A host with a port or user, or an empty one, as in `unix:///run/x`.
fn is_host(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b".-_:@[]${}()%,".contains(&byte))
}

/// A path in a secret store: segments of plain words, of which one is typical for stores, or with the key of a secret after `#`.
fn is_secret_path(value: &str) -> bool {
    let (path, key) = value
        .split_once('#')
        .map_or((value, None), |(path, key)| (path, Some(key)));
    let plain = |segment: &str| {
        let letters = segment.bytes().filter(u8::is_ascii_lowercase).count();
        !segment.is_empty()
            && letters * 2 > segment.len()
            && segment
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'))
    };
    let says_so = key.is_some()
        || path.split('/').any(|segment| {
            matches!(
                segment,
                "data" | "kv" | "secret" | "secrets" | "metadata" | "creds" | "pki" | "database" | "vault"
            )
        });
    says_so
        && path.contains('/')
        && path
            .split('/')
            .all(|segment| plain(segment) || is_reference(segment))
}

/// A value that `kubeseal --raw` encrypts: the length of a session key that RSA of 2048 or 4096 bits encrypts, that key, and the text,
/// in Base64 (<https://github.com/bitnami-labs/sealed-secrets#how-does-it-work-1>).
fn is_sealed(value: &str) -> bool {
    // Length, key and the tag of AES-GCM.
    const SHORTEST: [(&str, usize); 2] = [("AQ", 2 + 256 + 16), ("Ag", 2 + 512 + 16)];
    let begins = |(start, bytes): &(&str, usize)| {
        value
            .strip_prefix(start)
            .is_some_and(|rest| rest.starts_with(['A', 'B', 'C', 'D']))
            && value.len() >= bytes * 4 / 3
    };
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    SHORTEST.iter().any(begins) && value.bytes().all(is_base64)
}

/// A public key or a certificate, perhaps after comments.
fn is_public_key(value: &str) -> bool {
    let value = without_comments(value);
    let value = value.trim_start_matches(['"', '\'']);
    [
        "ssh-rsa ",
        "ssh-ed25519 ",
        "ecdsa-sha2-",
        "age1",
        "-----BEGIN PUBLIC KEY",
        "-----BEGIN CERTIFICATE",
    ]
    .iter()
    .any(|start| value.starts_with(start))
        && !tokens::is_in(value)
}

/// A text without the blank lines and comments at its beginning.
fn without_comments(text: &str) -> &str {
    let mut rest = text;
    while rest.starts_with(['#', '\n', '\r']) {
        let Some((_, after)) = rest.split_once('\n') else {
            break;
        };
        rest = after.trim_start_matches([' ', '\t']);
    }
    rest
}

/// Whether a part of a value mixes letters and digits unlike any name.
pub(crate) fn has_random_part(value: &str) -> bool {
    value.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        part.len() >= 12 && digits >= 2 && digits < part.len()
    })
}

/// Whether a value is one word in hexadecimal or Base64. Names have separators.
pub(crate) fn is_one_random_word(value: &str) -> bool {
    /// Length of the shortest keys of issuers.
    const SHORTEST: usize = 20;
    let value = value.trim_end_matches('=');
    value.len() >= SHORTEST
        && has_random_part(value)
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// A name of several words, of which one means a Secret or a key in it: `redis-credentials`.
fn is_secret_name(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "secret",
        "secrets",
        "credentials",
        "creds",
        "credential",
        "token",
        "tls",
        "auth",
        "password",
        "key",
        "cert",
        "env",
        "config",
        "account",
        "admin",
        "api",
    ];
    is_object_name(value)
        && value.contains(['-', '.'])
        && !has_random_part(value)
        && value.split(['-', '.']).any(|word| WORDS.contains(&word))
}

/// A key of a Secret: letters, digits, `.`, `-` and `_`.
fn is_key_name(value: &str) -> bool {
    value.len() <= 253
        && value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '.' || c == '_')
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
}

/// A key of a Secret that names a file, which may begin with a digit: `1password-credentials.json`.
fn is_file_name(value: &str) -> bool {
    let known = [".json", ".yaml", ".yml", ".txt", ".pem", ".key", ".crt"];
    is_object_name(value.trim_start_matches(|c: char| c.is_ascii_digit()))
        && known.iter().any(|end| value.ends_with(end))
}

pub(crate) fn is_object_name(value: &str) -> bool {
    value.len() <= 253
        && value
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
        && value.starts_with(|c: char| c.is_ascii_lowercase())
        && !value.ends_with(['-', '.'])
}
