//! [`credential`]: decides whether the value of a key is a credential.

use crate::key::KeyKind;
use crate::value::{has_random_part, is_harmless, is_one_random_word};
use crate::{text, tokens};

/// Why a literal is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its key says that it is a credential.
    Key,
    /// It has the form of a known credential.
    Form,
}

/// Why `value`, the literal under `key`, is a credential; `None` if it is not.
pub fn credential(key: &str, value: &str) -> Option<Reason> {
    if tokens::is_in(value) || text::has_credential(value) {
        return Some(Reason::Form);
    }
    let kind = KeyKind::of(key);
    let by_key = match kind {
        KeyKind::Password if is_basic_auth(key) => value.contains(':'),
        // The working directory of a shell.
        KeyKind::Password if matches!(key, "PWD" | "OLDPWD") => !value.starts_with('/'),
        KeyKind::Password | KeyKind::Token => true,
        KeyKind::CipherKey => has_random_part(value) || value.trim().len() >= 4,
        KeyKind::AnyKey => is_one_random_word(value),
        KeyKind::NamesSecret => true,
        KeyKind::Plain => false,
    };
    (by_key && !is_harmless(kind, key, value)).then_some(Reason::Key)
}

fn is_basic_auth(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.ends_with("auth") && key.contains("basic")
}
