//! [`KeyKind`]: the meaning of a key for its value.

use crate::hints::may_mean_credential;

/// The meaning of a key for its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// The value is a password, whatever it looks like: `DB_PASSWORD`, `PASSWORD_OLD`, `adminCredentials`.
    Password,
    /// The value is a token, a secret, a cookie or a key that authenticates: `API_KEY`, `JWT_SECRET_OLD`.
    Token,
    /// The value is the key of a cipher as often as the name of one: `signingKey`.
    CipherKey,
    /// The value is some key, which may be a secret or only an identifier: `PARTITION_KEY`.
    AnyKey,
    /// The value names a Secret: `existingSecret`, `tlsSecret`.
    NamesSecret,
    /// The key says nothing.
    Plain,
}

impl KeyKind {
    /// The kind of a key, by its last 256 bytes.
    pub(crate) fn of(key: &str) -> Self {
        if !may_mean_credential(key) {
            return KeyKind::Plain;
        }
        let mut from = key.len().saturating_sub(256);
        while !key.is_char_boundary(from) {
            from += 1;
        }
        // The name of an annotation follows the domain that owns it.
        let name = key
            .get(from..)
            .unwrap_or_default()
            .rsplit('/')
            .next()
            .unwrap_or_default();
        // A checksum that restarts pods is not a credential.
        if !may_mean_credential(name) || key.contains("checksum") {
            return KeyKind::Plain;
        }
        let words = words(name);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some(noun) = (0..words.len()).rev().find_map(|at| noun_at(&words, at)) else {
            return match words.as_slice() {
                [before @ .., "key"] if !before.is_empty() && !is_about(before) => KeyKind::AnyKey,
                _ => KeyKind::Plain,
            };
        };
        let before = words.get(..noun.start).unwrap_or_default();
        let after = words.get(noun.end..).unwrap_or_default();
        if after.iter().any(|word| SAYS_SOMETHING_ABOUT.contains(word)) || is_about(before) {
            return KeyKind::Plain;
        }
        // `remoteSecretKey` is where a secret is in the store outside of the cluster.
        let is_remote =
            || before.ends_with(&["remote"]) && words.get(noun.start..) == Some(&["secret", "key"]);
        if before.contains(&"existing") || words.contains(&"existingsecret") || is_remote() {
            return KeyKind::NamesSecret;
        }
        let names_key = after.contains(&"key") || after.contains(&"keys");
        match noun.kind {
            KeyKind::Token
                if noun.is_secret && before.last().is_some_and(|word| NAMES_SECRET.contains(word)) =>
            {
                KeyKind::NamesSecret
            }
            KeyKind::Password | KeyKind::Token if names_key => KeyKind::CipherKey,
            kind => kind,
        }
    }

    /// Whether the key says that its value is a credential.
    pub(crate) fn is_credential(self) -> bool {
        matches!(self, KeyKind::Password | KeyKind::Token)
    }
}

fn is_about(before: &[&str]) -> bool {
    before.iter().any(|word| IS_ABOUT.contains(word))
}

/// Whether the words of a key at a position are the name of the store of 1Password and of a part of it.
fn is_part_of_store(words: &[&str], at: usize) -> bool {
    const PARTS: [&str; 7] = ["connect", "item", "items", "operator", "sdk", "vault", "vaults"];
    matches!(words.get(at), Some(&("onepassword" | "1password")))
        && words.get(at + 1).is_some_and(|word| PARTS.contains(word))
}

/// The word or the two words of a key that mean a credential.
struct Noun {
    start: usize,
    end: usize,
    kind: KeyKind,
    is_secret: bool,
}

fn noun_at(words: &[&str], at: usize) -> Option<Noun> {
    let word = *words.get(at)?;
    let before = at.checked_sub(1).and_then(|before| words.get(before)).copied();
    let noun = |start, kind| {
        Some(Noun {
            start,
            end: at + 1,
            kind,
            is_secret: word.ends_with("secret"),
        })
    };
    if word == "key" || word == "keys" {
        let before = before?;
        let two = |kind| noun(at - 1, kind);
        if AUTHENTICATING_KEYS.contains(&before) {
            return two(KeyKind::Token);
        }
        return CIPHER_KEYS
            .contains(&before)
            .then(|| two(KeyKind::CipherKey))
            .flatten();
    }
    if word == "pass" || word == "pw" {
        let ends = words
            .get(at + 1..)
            .unwrap_or_default()
            .iter()
            .all(|word| GENERATIONS.contains(word));
        let forwards = before.is_some_and(|before| FORWARDS.contains(&before));
        return (ends && !forwards).then(|| noun(at, KeyKind::Password)).flatten();
    }
    if is_part_of_store(words, at) {
        return noun(at, KeyKind::AnyKey);
    }
    if word == "passwords" || PASSWORDS.iter().any(|end| word.ends_with(end)) {
        return noun(at, KeyKind::Password);
    }
    if word == "auth" && before.is_some_and(|before| before.starts_with("redis") || before == "sentinel")
        || word == "masterauth"
        || word == "requirepass"
    {
        return noun(at, KeyKind::Password);
    }
    if word == "salt" && before.is_some_and(|before| matches!(before, "auth" | "nonce" | "in" | "hashids")) {
        return noun(at, KeyKind::Token);
    }
    if word == "auth" && before == Some("basic") || word == "basicauth" {
        return noun(at, KeyKind::Password);
    }
    if matches!(word, "tokens" | "secrets" | "cookies") {
        return before
            .is_some_and(|before| HAVE_SEVERAL.contains(&before))
            .then(|| noun(at, KeyKind::Token))
            .flatten();
    }
    if NAMES_SECRET_AS_ONE_WORD.iter().any(|end| word.ends_with(end)) {
        return noun(at, KeyKind::NamesSecret);
    }
    if CIPHER_KEYS_AS_ONE_WORD.iter().any(|end| word.ends_with(end)) {
        return noun(at, KeyKind::CipherKey);
    }
    TOKENS
        .iter()
        .any(|end| word.ends_with(end))
        .then(|| noun(at, KeyKind::Token))
        .flatten()
}

/// The words of a key, in lower case and without the digits at their ends: `JWTSecret_2` has `jwt` and `secret`.
fn words(key: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = key.chars().collect();
    for (at, &char) in chars.iter().enumerate() {
        if !char.is_alphanumeric() {
            finish(&mut word, &mut words);
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
        let begins = char.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit())
                || before.is_some_and(char::is_uppercase)
                    && chars.get(at + 1).is_some_and(|next| next.is_lowercase()));
        if begins {
            finish(&mut word, &mut words);
        }
        word.extend(char.to_lowercase());
    }
    finish(&mut word, &mut words);
    words
}

fn finish(word: &mut String, words: &mut Vec<String>) {
    let letters = word.trim_end_matches(|char: char| char.is_ascii_digit());
    if !letters.is_empty() {
        words.push(letters.to_owned());
    }
    word.clear();
}

/// The ends of words that mean a password.
const PASSWORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "htpasswd",
    "credential",
    "credentials",
    "creds",
    "userpass",
    "bindpw",
    "rootpw",
    "mnemonic",
];

/// The ends of words that mean a token.
const TOKENS: &[&str] = &[
    "token",
    "secret",
    "cookie",
    "apikey",
    "accesskey",
    "privatekey",
    "accountkey",
    "psk",
    "authorization",
    "bearer",
    "dockerconfigjson",
    "dockercfg",
    "pgpass",
    "netrc",
];

/// Words before `key` if the key authenticates.
const AUTHENTICATING_KEYS: &[&str] = &[
    "api",
    "access",
    "private",
    "account",
    "storage",
    "subscription",
    "unseal",
    "recovery",
    "deploy",
    "consumer",
    "integration",
    "routing",
    "ingest",
    "ingestion",
    "preshared",
    "network",
];

/// Words before `key` if it is a key of a cipher, or the name of one.
const CIPHER_KEYS: &[&str] = &[
    "secret",
    "auth",
    "encryption",
    "hmac",
    "master",
    "session",
    "shared",
    "signing",
    "cookie",
    "jwt",
    "license",
    "activation",
    "crypt",
    "cipher",
    "aes",
    "ssh",
    "gpg",
    "age",
    "client",
    "base",
    "csrf",
    "root",
    "app",
    "application",
    "service",
    "fernet",
    "seal",
    "write",
];

const CIPHER_KEYS_AS_ONE_WORD: &[&str] = &[
    "authkey",
    "encryptionkey",
    "hmackey",
    "masterkey",
    "secretkey",
    "secretkeybase",
    "sessionkey",
    "sharedkey",
    "signingkey",
    "licensekey",
];

/// Words before `secret` if the value names a Secret.
const NAMES_SECRET: &[&str] = &[
    "existing",
    "pull",
    "tls",
    "certificate",
    "cert",
    "credential",
    "credentials",
    "from",
    "name",
    "external",
    "sealed",
    "k8s",
    "kube",
    "kubernetes",
    "registry",
    "ref",
    "admin",
    "ca",
    "config",
    "env",
    "password",
    "values",
];

const NAMES_SECRET_AS_ONE_WORD: &[&str] = &[
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

/// Words before a plural that is not a number, as in `api_tokens`.
const HAVE_SEVERAL: &[&str] = &[
    "api", "access", "auth", "client", "bearer", "refresh", "bot", "session", "jwt", "app", "old", "previous",
];

/// Words before `pass` if it is not a password, as in `proxy_pass`.
const FORWARDS: &[&str] = &[
    "proxy",
    "fastcgi",
    "uwsgi",
    "scgi",
    "grpc",
    "memcached",
    "by",
    "low",
    "high",
    "band",
    "first",
    "second",
    "single",
    "multi",
    "two",
    "on",
    "all",
    "must",
];

/// Words that distinguish generations and forms of a credential.
const GENERATIONS: &[&str] = &[
    "old",
    "new",
    "prev",
    "previous",
    "current",
    "next",
    "value",
    "base64",
    "b64",
    "primary",
    "secondary",
];

/// Words after the noun if the value only describes the credential: its name, its place, its rules.
const SAYS_SOMETHING_ABOUT: &[&str] = &[
    "name",
    "names",
    "ref",
    "refs",
    "reference",
    "file",
    "files",
    "filename",
    "path",
    "paths",
    "property",
    "dir",
    "directory",
    "url",
    "uri",
    "urls",
    "host",
    "hostname",
    "port",
    "endpoint",
    "endpoints",
    "server",
    "address",
    "addr",
    "domain",
    "domains",
    "issuer",
    "realm",
    "audience",
    "lifetime",
    "ttl",
    "expiry",
    "expire",
    "expires",
    "expiration",
    "expired",
    "timeout",
    "duration",
    "interval",
    "period",
    "age",
    "seconds",
    "minutes",
    "hours",
    "days",
    "ms",
    "length",
    "len",
    "size",
    "min",
    "max",
    "minimum",
    "maximum",
    "limit",
    "limits",
    "count",
    "number",
    "policy",
    "policies",
    "rule",
    "rules",
    "strength",
    "type",
    "types",
    "kind",
    "mode",
    "method",
    "mechanism",
    "algorithm",
    "alg",
    "algo",
    "enabled",
    "enable",
    "disabled",
    "disable",
    "required",
    "optional",
    "allowed",
    "header",
    "headers",
    "field",
    "column",
    "attr",
    "attribute",
    "claim",
    "claims",
    "param",
    "parameter",
    "prefix",
    "suffix",
    "format",
    "template",
    "pattern",
    "regex",
    "provider",
    "providers",
    "store",
    "stores",
    "manager",
    "backend",
    "engine",
    "source",
    "version",
    "namespace",
    "ns",
    "mount",
    "volume",
    "label",
    "labels",
    "annotation",
    "annotations",
    "class",
    "scope",
    "scopes",
    "image",
    "tag",
    "repository",
    "registry",
    "rotation",
    "rotate",
    "rotator",
    "rotated",
    "renew",
    "renewal",
    "reset",
    "reminder",
    "hint",
    "prompt",
    "placeholder",
    "page",
    "text",
    "message",
    "title",
    "subject",
    "description",
    "help",
    "error",
    "link",
    "button",
    "view",
    "form",
    "changed",
    "changer",
    "mtime",
    "timestamp",
    "generator",
    "operator",
    "controller",
    "sync",
    "syncer",
    "reflector",
    "review",
    "reviews",
    "reviewer",
    "helper",
    "request",
    "requests",
    "response",
    "cache",
    "bucket",
    "pool",
    "index",
    "secure",
    "samesite",
    "httponly",
    "same",
    "site",
    "http",
    "usage",
    "username",
    "role",
    "less",
    "from",
    "by",
    "grace",
    "encryption",
    "hashing",
    "encoding",
    "encoder",
    "iterations",
    "rounds",
    "cost",
    "salt",
    "service",
    "account",
    "group",
    "grant",
    "grants",
    "exchange",
    "introspection",
    "location",
    "env",
    "var",
    "variable",
    "resource",
    "projection",
    "audiences",
    "login",
    "auth",
    "authentication",
    "flow",
    "only",
    "checker",
    "check",
    "validation",
    "validity",
    "window",
    "leeway",
    "skew",
    "retention",
    "validator",
    "script",
    "command",
    "cmd",
    "plugin",
    "driver",
    "status",
    "state",
];

/// Words before the noun if the value only describes credentials.
const IS_ABOUT: &[&str] = &[
    "forgot",
    "forgotten",
    "reset",
    "max",
    "min",
    "num",
    "total",
    "limit",
    "maximum",
    "minimum",
    "invalid",
    "missing",
    "wrong",
    "incorrect",
    "confirm",
    "confirmation",
    "label",
    "hint",
    "placeholder",
    "public",
    "publishable",
    "site",
    "count",
    "expired",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_split_as_people_read_them() {
        for (key, expected) in [
            ("JWTSecret_2", vec!["jwt", "secret"]),
            ("AWS_ACCESS_KEY_ID", vec!["aws", "access", "key", "id"]),
            ("oauth2ClientSecret", vec!["oauth", "client", "secret"]),
            ("db.password-old", vec!["db", "password", "old"]),
            ("_", vec![]),
            ("É1Token", vec!["é", "token"]),
        ] {
            assert_eq!(words(key), expected, "{key}");
        }
    }

    #[test]
    fn every_noun_is_looked_at() {
        let tables = [
            PASSWORDS,
            TOKENS,
            NAMES_SECRET_AS_ONE_WORD,
            CIPHER_KEYS_AS_ONE_WORD,
            &[
                "redis-auth",
                "masterauth",
                "requirepass",
                "noncesalt",
                "basicAuth",
                "TOKENS",
                "dbPw",
                "apikeys",
            ],
        ];
        for noun in tables.concat() {
            assert!(may_mean_credential(noun), "{noun}");
        }
        assert!(!may_mean_credential("replicas"));
    }

    #[test]
    fn the_last_noun_and_the_words_around_it_decide() {
        for (key, expected) in [
            ("PASSWORD_1", KeyKind::Password),
            ("ADMIN_CREDENTIALS", KeyKind::Password),
            ("JWT_SECRET_OLD", KeyKind::Token),
            ("AWS_ACCESS_KEY_ID", KeyKind::Token),
            ("SECRET_TOKEN_VALUE", KeyKind::Token),
            ("session_cookie", KeyKind::Token),
            ("WIFI_PSK", KeyKind::Token),
            ("DB_PASS", KeyKind::Password),
            ("dbPass", KeyKind::Password),
            ("passwordKey", KeyKind::CipherKey),
            ("signing-key", KeyKind::CipherKey),
            ("existingSecret", KeyKind::NamesSecret),
            ("imagePullSecret", KeyKind::NamesSecret),
            ("proxy_pass", KeyKind::Plain),
            ("bypass", KeyKind::Plain),
            ("forgot_password", KeyKind::Plain),
            ("PASSWORD_FILE", KeyKind::Plain),
            ("tokenizer", KeyKind::Plain),
            ("max_tokens", KeyKind::Plain),
            ("COOKIE_SAMESITE", KeyKind::Plain),
            ("public_key", KeyKind::Plain),
            ("RECAPTCHA_SITE_KEY", KeyKind::Plain),
            ("FERNET_KEY", KeyKind::CipherKey),
            ("PARTITION_KEY", KeyKind::AnyKey),
            ("bindpw", KeyKind::Password),
            ("CREDENTIAL_HELPER", KeyKind::Plain),
            ("tokenReviewer", KeyKind::Plain),
            ("egress.example.com/onepassword-connect", KeyKind::AnyKey),
            ("ONEPASSWORD_CONNECT_TOKEN", KeyKind::Token),
            ("onepassword", KeyKind::Password),
            ("adminPasswordMtime", KeyKind::Plain),
            ("STATE_KUBE_SECRET", KeyKind::NamesSecret),
        ] {
            assert_eq!(KeyKind::of(key), expected, "{key}");
        }
    }
}
