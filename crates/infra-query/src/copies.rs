//! What controllers copy: where to, and the original of a copy.

use std::fmt;

use infra_model::secrets::CopiedTo;
use plain_text::{Lines, line, printable_name};

use crate::text::{copy_text, joined};
use crate::{Facts, Subject};

/// The thing that an entry names as what makes a Secret: `Kind/key`.
pub(crate) fn maker<'a>(facts: &'a dyn Facts, by: &str) -> Option<Subject<'a>> {
    let (kind, key) = by.split_once('/')?;
    macro_rules! entry {
        ($section:ident, $variant:ident, $key:expr) => {
            facts
                .$section()
                .get_key_value($key)
                .map(|(key, entry)| Subject::$variant(key, entry))
        };
    }
    match kind {
        "Secret" => entry!(secrets, Secret, key),
        "SealedSecret" => entry!(sealed_secrets, SealedSecret, key),
        "ExternalSecret" | "ClusterExternalSecret" => entry!(external_secrets, ExternalSecret, key),
        "SecretProviderClass" => entry!(secret_provider_classes, SecretProviderClass, key),
        _ => entry!(objects, Object, by).or_else(|| entry!(vault_secrets, VaultSecret, key)),
    }
}

/// Where a controller copies a thing to, where one does.
pub(crate) fn copied_to<'a>(subject: Subject<'a>) -> Option<&'a CopiedTo> {
    match subject {
        Subject::Secret(_, it) => it.copied_to.as_ref(),
        Subject::SealedSecret(_, it) => it.copied_to.as_ref(),
        Subject::ExternalSecret(_, it) => it.copied_to.as_ref(),
        Subject::ConfigMap(_, it) => it.copied_to.as_ref(),
        Subject::Object(_, it) => it.copied_to.as_ref(),
        _ => None,
    }
}

/// `esphome, home-assistant, by Reflector`
pub(crate) fn words(to: &CopiedTo) -> String {
    format!("{}, by {}", joined(&to.namespaces), printable_name(&to.by))
}

/// The line that says it.
pub(crate) fn line(f: &mut Lines<'_>, subject: Subject<'_>) -> fmt::Result {
    match copied_to(subject) {
        Some(to) => line!(f, "copied to: {}", words(to)),
        None => Ok(()),
    }
}

/// What a Secret is a copy of, with what protects the original and where it is stated.
pub(crate) fn copy_of(origin: &str, by: Option<&str>, original: Option<Subject<'_>>) -> String {
    let mut text = copy_text("Secret", origin);
    if let Some(by) = by {
        text.push_str(&format!(" by {}", printable_name(by)));
    }
    if let Some(original) = original {
        text.push_str(&format!(": {}", stated(original)));
    }
    text
}

/// What states a Secret: its protection, or the thing that makes it, with the line.
fn stated(original: Subject<'_>) -> String {
    let what = match original {
        Subject::Secret(_, secret) => secret.protection.as_str().to_owned(),
        other => printable_name(&other.title()).into_owned(),
    };
    match original.place() {
        Some(place) => format!("{what} ({})", printable_name(&place.to_string())),
        None => what,
    }
}
