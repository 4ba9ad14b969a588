//! Credentials by key and by form, and texts without them.

use std::borrow::Cow;

use crate::{tokens, user_info};

/// What stands for a credential.
pub const REDACTED: &str = "<redacted>";

/// Why a literal is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its key says that it is a credential.
    Key,
    /// It has the form of a known credential.
    Form,
}

/// Whether `value`, the literal under `key`, is a credential, and why.
pub fn credential(key: &str, value: &str) -> Option<Reason> {
    if has_credential_form(value) || states_credential(value) {
        return Some(Reason::Form);
    }
    let by_key = names_credential(key) || (names_key(key) && looks_random(value));
    (by_key && !is_harmless(key, value)).then_some(Reason::Key)
}

/// As [`credential`], for a long text, which is in no catalog: only forms that nothing else has count.
pub fn credential_in_text(text: &str) -> bool {
    tokens::is_in(text)
}

/// The text with `<redacted>` for every credential in it that has a known form: for descriptions, addresses and messages,
/// which are no value of a key.
pub fn without_credentials(text: &str) -> Cow<'_, str> {
    fn without_token(text: &str) -> Cow<'_, str> {
        tokens::without(without_anchor(text))
    }
    match user_info::without(text) {
        Cow::Borrowed(text) => without_token(text),
        Cow::Owned(cleaned) => Cow::Owned(without_token(&cleaned).into_owned()),
    }
}

/// The name of an anchor that is not there may be a password that begins with `*`.
fn without_anchor(text: &str) -> Cow<'_, str> {
    const BEFORE: &str = "unknown anchor ";
    const AFTER: &str = " referenced";
    let mut cleaned = String::new();
    let (mut copied, mut from) = (0, 0);
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("unknown anchor '")) {
        let start = from + at + BEFORE.len();
        from = start + 1;
        let end = text
            .get(from..)
            .and_then(|rest| Some(from + rest.find('\'')? + 1));
        if let Some(end) = end.filter(|end| text.get(*end..).is_some_and(|rest| rest.starts_with(AFTER))) {
            cleaned.push_str(text.get(copied..start).unwrap_or_default());
            // One space is enough.
            copied = end + 1;
            from = end;
        }
    }
    match copied {
        0 => Cow::Borrowed(text),
        _ => Cow::Owned(cleaned + text.get(copied..).unwrap_or_default()),
    }
}

/// As [`without_credentials`], for a text that people wrote into another file: one that states a credential by name, such as
/// `password: …`, is withheld as a whole.
pub fn free_text(text: &str) -> Cow<'_, str> {
    match states_credential(text) {
        true => Cow::Borrowed(REDACTED),
        false => without_credentials(text),
    }
}

/// Whether a text has the form of a known credential.
fn has_credential_form(value: &str) -> bool {
    credential_in_text(value) || user_info::is_in(value)
}

/// The ends of keys that hold credentials, without case, `-` and `_`.
const KEY_ENDS: &[&str] = &[
    "password",
    "passwd",
    "token",
    "secret",
    "apikey",
    "privatekey",
    "clientsecret",
    "accesskey",
    "passphrase",
    "pwd",
];

/// The ends of keys that hold keys of ciphers as often as they name them.
const CIPHER_KEY_ENDS: &[&str] = &[
    "authkey",
    "encryptionkey",
    "hmackey",
    "masterkey",
    "secretkey",
    "secretkeybase",
    "sessionkey",
    "sharedkey",
    "signingkey",
];

fn names_credential(key: &str) -> bool {
    // `DB_PASS` and `dbPass`, but not `bypass`.
    let pass = || {
        ["_pass", "-pass", "_PASS", "-PASS", "Pass"]
            .iter()
            .any(|end| key.ends_with(end))
            || key.eq_ignore_ascii_case("pass")
    };
    ends_squeezed(key, KEY_ENDS) || (ends_with_pass(key) && pass())
}

/// Whether a key ends with `pass`, whatever its case.
fn ends_with_pass(key: &str) -> bool {
    let tail = key.len().checked_sub("pass".len()).and_then(|at| key.get(at..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case("pass"))
}

fn names_key(key: &str) -> bool {
    ends_squeezed(key, CIPHER_KEY_ENDS)
}

/// Whether a part of a value mixes letters and digits as no name does.
fn looks_random(value: &str) -> bool {
    value.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        part.len() >= 12 && digits >= 2 && digits < part.len()
    })
}

/// Whether a key ends with one of some lowercase ASCII texts, which are not empty, without case, `-` and `_`.
fn ends_squeezed(key: &str, ends: &[&str]) -> bool {
    let mut bytes = key.bytes().rev().filter(|byte| !matches!(byte, b'-' | b'_'));
    let last = bytes.next().map(|byte| byte.to_ascii_lowercase());
    // Few keys end with the same letter.
    let mut alike = ends.iter().filter(|end| end.bytes().next_back() == last);
    alike.any(|end| {
        let mut bytes = bytes.clone();
        let mut before = end.bytes().rev().skip(1);
        before.all(|wanted| {
            bytes
                .next()
                .is_some_and(|byte| byte.eq_ignore_ascii_case(&wanted))
        })
    })
}

/// Values that are no credential whatever their key says.
fn is_harmless(key: &str, value: &str) -> bool {
    let value = value.trim();
    value.is_empty()
        || matches!(
            value.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "null" | "none"
        )
        || value.parse::<f64>().is_ok()
        || value == REDACTED
        || is_reference(value)
        || is_path(value)
        || is_url(value)
        || is_vault_path(value)
        || (names_object(key) && is_object_name(value))
}

/// `${var}`, `$(VAR)`, `$VAR`, templates, and references that another tool resolves.
fn is_reference(value: &str) -> bool {
    let enclosed = |start: &str, end: &str| value.starts_with(start) && value.ends_with(end);
    enclosed("${", "}")
        || enclosed("$(", ")")
        || enclosed("{{", "}}")
        || enclosed("<", ">")
        || enclosed("ENC[", "]")
        || value
            .strip_prefix('$')
            .is_some_and(|name| name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()))
        || [
            "vault:",
            "ref+",
            "op://",
            "env:",
            "file:",
            "secretref:",
            "awssm://",
            "gcpsm://",
        ]
        .iter()
        .any(|scheme| value.to_ascii_lowercase().starts_with(scheme))
}

fn is_path(value: &str) -> bool {
    ["/", "./", "../", "~/"]
        .iter()
        .any(|start| value.starts_with(start))
        && !value.contains(char::is_whitespace)
}

/// A URL; one with a password in it has been found before.
fn is_url(value: &str) -> bool {
    value.split_once("://").is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

/// Segments of plain words, with the key of the secret after `#` if at all. Encoded credentials have other letters.
fn is_vault_path(value: &str) -> bool {
    let path = value.split_once('#').map_or(value, |(path, _)| path);
    let plain = |segment: &str| {
        let letters = segment.bytes().filter(u8::is_ascii_lowercase).count();
        !segment.is_empty()
            && letters * 2 > segment.len()
            && segment
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'))
    };
    path.contains('/')
        && path
            .split('/')
            .all(|segment| plain(segment) || is_reference(segment))
}

/// Keys such as `existingSecret` and `tls-secret`, whose value names a Secret.
fn names_object(key: &str) -> bool {
    const NAMES: &[&str] = &[
        "existingsecret",
        "pullsecret",
        "tlssecret",
        "certificatesecret",
        "certsecret",
        "credentialsecret",
        "credentialssecret",
        "fromsecret",
        "namesecret",
        "externalsecret",
        "k8ssecret",
        "kubernetessecret",
        "registrysecret",
        "refsecret",
    ];
    ends_squeezed(key, NAMES)
}

fn is_object_name(value: &str) -> bool {
    value.len() <= 253
        && value
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
        && value.starts_with(|c: char| c.is_ascii_lowercase())
        && !value.ends_with(['-', '.'])
}

/// `password: …` or `password=…` as the whole of a short text, as in a file of one line, or as a part of a connection
/// string such as `Server=db;Password=…`. Queries of URLs are none.
fn states_credential(value: &str) -> bool {
    if !value.contains([':', '='])
        || value.contains("://")
        || value.contains('\n') && value.trim_end().contains('\n')
    {
        return false;
    }
    let is_stated = |key: &str, stated: &str| {
        let stated = stated.trim().trim_matches(['"', '\'']);
        names_credential(key) && !is_harmless(key, stated) && !is_stand_in(stated)
    };
    let whole = value.trim().split_once([':', '=']).is_some_and(|(key, stated)| {
        let key = key.trim().trim_matches(['"', '\'']);
        !key.is_empty()
            && !key.contains(char::is_whitespace)
            && !key.starts_with('-')
            && is_stated(key, stated)
    });
    whole
        || value
            .split([';', ' '])
            .filter_map(|part| part.split_once('='))
            .any(|(key, stated)| !key.starts_with('-') && is_stated(key, stated))
}

/// What stands where a password would: a reference, or asterisks.
pub(crate) fn is_stand_in(password: &str) -> bool {
    is_reference(password) || matches!(password, "***" | "xxx" | "****" | "*****")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_decide_for_literals() {
        for (key, value) in [
            ("DB_PASSWORD", "hunter2"),
            ("adminPassword", "correct-horse-battery"),
            ("api-key", "0a1b2c3d4e"),
            ("API_KEY", "x y"),
            ("clientSecret", "abcDEF123+/=="),
            ("SESSION_SECRET", "changeme"),
            ("auth_token", "a/B+c="),
            ("token", "abC9/def+xyz/QQ=="),
            ("DB_PASS", "hunter2"),
            ("smtpPass", "hunter2"),
            ("pwd", "hunter2"),
            ("BACKUP_PASSPHRASE", "hunter2"),
            ("SECRET_KEY", "9f8e7d6c5b4a39281706f5e4d3c2b1a0"),
            ("signing-key", "c2lnbmluZ0tleTEyMw=="),
            (
                "AWS_SECRET_ACCESS_KEY",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            ),
        ] {
            assert_eq!(credential(key, value), Some(Reason::Key), "{key}={value}");
        }
    }

    #[test]
    fn references_paths_and_plain_values_are_shown() {
        for (key, value) in [
            ("DB_PASSWORD", "${db_password}"),
            ("DB_PASSWORD", "$(DB_PASSWORD)"),
            ("DB_PASSWORD", "{{ .password }}"),
            ("DB_PASSWORD", ""),
            ("TOKEN", "/var/run/secrets/token"),
            ("TOKEN", "https://idp.example.com/token"),
            ("mount_token", "true"),
            ("max_token", "4096"),
            ("vault_secret", "shared/data/secrets"),
            ("secret", "kv/data/papi#password"),
            ("existingSecret", "grafana-admin"),
            ("tlsSecret", "wildcard-tls"),
            ("PASSWORD_FILE", "hunter2"),
            ("TOKEN_URL", "hunter2"),
            ("secretKey", "admin-password"),
            ("signingKey", "key-2024-01"),
            ("bypass", "hunter2"),
            ("tokenLifetime", "24h"),
            ("passwordPolicy", "strong"),
            ("secretName", "papi-credentials"),
            ("keyPrefix", "papi:"),
            ("DB_PASS", "${db_password}"),
            ("tokenizer", "words"),
            ("LOG_LEVEL", "debug"),
        ] {
            assert_eq!(credential(key, value), None, "{key}={value}");
        }
    }

    #[test]
    fn forms_decide_whatever_the_key() {
        let jwt = format!("eyJ{}.eyJ{}.{}", "a".repeat(12), "b".repeat(12), "c".repeat(12));
        let github = format!("ghp_{}", "A".repeat(36));
        let gitlab = format!("glpat-{}", "A".repeat(20));
        let aws = format!("AKIA{}", "A".repeat(16));
        let slack = format!("xoxb-{}", "1".repeat(20));
        for value in [
            "-----BEGIN RSA PRIVATE KEY-----\nMII",
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "postgres://app:hunter2@db.example.com/app",
            &jwt,
            &github,
            &gitlab,
            &aws,
            &slack,
            &format!("https://x.example.com/?t={github}"),
        ] {
            assert_eq!(credential("VALUE", value), Some(Reason::Form), "{value}");
        }
        for value in [
            "postgres://app:${password}@db.example.com/app",
            "postgres://app:$(PASSWORD)@db.example.com/app",
            "postgres://app@db.example.com/app",
            "https://db.example.com:8443/a@b",
            "-----BEGIN CERTIFICATE-----",
            "ssh://git@github.com/owner/name",
            "eyJhbGciOi",
        ] {
            assert_eq!(credential("VALUE", value), None, "{value}");
        }
    }

    #[test]
    fn texts_that_state_a_password_are_credentials() {
        for value in [
            "password: hunter2",
            "password: hunter2\n",
            "client_secret = \"abc\"",
            "Server=db;User Id=sa;Password=hunter2",
            "host=db user=app password=hunter2 sslmode=disable",
        ] {
            assert_eq!(credential("VALUE", value), Some(Reason::Form), "{value}");
        }
        for value in [
            "password: ${password}",
            "Server=db;Password=$(PASSWORD)",
            "the password: kept elsewhere",
            "the password is kept elsewhere",
            "https://sso.example.com/?token=abc",
            "token-file=/run/secrets/token",
            "existingSecret: grafana-admin",
            "name=x;size=3",
        ] {
            assert_eq!(credential("VALUE", value), None, "{value}");
        }
    }

    #[test]
    fn messages_lose_the_credential_and_nothing_else() {
        let github = format!("ghp_{}", "A".repeat(36));
        for (text, expected) in [
            (
                "https://robot:hunter2@git.example.com/x",
                "https://robot:<redacted>@git.example.com/x",
            ),
            (
                "redis://:hunter2@redis:6379/0 is down",
                "redis://:<redacted>@redis:6379/0 is down",
            ),
            (
                "yaml: unknown anchor 'hunter2' referenced in x.yaml",
                "yaml: unknown anchor referenced in x.yaml",
            ),
            (
                "postgres://app:${password}@db/app",
                "postgres://app:${password}@db/app",
            ),
            ("https://git.example.com/x", "https://git.example.com/x"),
            (
                &format!("log in with {github}, then go on"),
                "log in with <redacted>, then go on",
            ),
        ] {
            assert_eq!(without_credentials(text), expected);
        }
    }
}
