//! Formatting that the texts of answers share.

use std::fmt;

use infra_model::config::Usage;
use infra_model::{ObjectRef, Place};

use plain_text::{Lines, line, printable_name};

/// Maximum number of names on a line.
const MOST: usize = 12;

/// Names after a label; nothing if there are none.
pub(super) fn names<T: AsRef<str>>(
    f: &mut Lines<'_>,
    label: &str,
    items: impl IntoIterator<Item = T>,
) -> fmt::Result {
    let items: Vec<T> = items.into_iter().collect();
    if items.is_empty() {
        return Ok(());
    }
    line!(f, "{label}: {}", joined(&items))
}

/// Objects as `Kind/namespace/name`.
pub(super) fn texts(objects: &[ObjectRef]) -> impl Iterator<Item = String> {
    objects.iter().map(ObjectRef::to_string)
}

/// Like [`names`], for names that are the answer itself: cut much later.
pub(super) fn many_names(f: &mut Lines<'_>, label: &str, items: &[impl AsRef<str>]) -> fmt::Result {
    const MOST: usize = 60;
    match items {
        [] => Ok(()),
        items => line!(f, "{label}: {}", cut(items, MOST)),
    }
}

/// Names with commas, at most [`MOST`].
pub(super) fn joined<T: AsRef<str>>(items: &[T]) -> String {
    cut(items, MOST)
}

/// Names with commas, at most `most`.
pub(super) fn cut<T: AsRef<str>>(items: &[T], most: usize) -> String {
    let shown: Vec<_> = items
        .iter()
        .take(most)
        .map(|item| printable_name(item.as_ref()))
        .collect();
    match items.len().saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// `before` and texts with commas; nothing if there are none.
pub(super) fn listed(before: &str, texts: &[impl AsRef<str>]) -> String {
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    match texts.is_empty() {
        true => String::new(),
        false => format!("{before}{}", texts.join(", ")),
    }
}

/// The line `and 3 more` for the items behind the first `shown` of `all`; nothing if there are none.
pub(super) fn and_more(f: &mut Lines<'_>, all: usize, shown: usize) -> fmt::Result {
    match all.saturating_sub(shown) {
        0 => Ok(()),
        more => line!(f, "and {more} more"),
    }
}

/// ` <- file:3`; in the file of `own` ` <- line 3`, and behind a line of the same file only the number.
pub(super) fn places_text<'p>(places: impl IntoIterator<Item = &'p Place>, own: Option<&Place>) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut file = None;
    for place in places {
        let is_own = own.is_some_and(|own| own.file == place.file);
        texts.push(match (file == Some(&place.file), is_own) {
            (true, _) => place.line.to_string(),
            (false, true) => format!("line {}", place.line),
            (false, false) => place.to_string(),
        });
        file = Some(&place.file);
    }
    texts.dedup();
    printable_name(&listed(" <- ", &texts)).into_owned()
}

/// ` (file:3)`, or nothing.
pub(super) fn place_in_brackets(place: Option<&Place>) -> String {
    let place = place.map(|place| format!(" ({})", printable_name(&place.to_string())));
    place.unwrap_or_default()
}

/// The first `most` characters of a text, with `…` if there are more.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// One text after a label, or nothing.
pub(super) fn field(f: &mut Lines<'_>, label: &str, text: Option<impl AsRef<str>>) -> fmt::Result {
    match text {
        Some(text) => line!(f, "{label}: {}", text.as_ref()),
        None => Ok(()),
    }
}

/// ` in namespace`, or nothing.
pub(super) fn in_namespace(namespace: &str) -> String {
    match namespace {
        "" => String::new(),
        namespace => format!(" in {}", printable_name(namespace)),
    }
}

/// The original of a copy, such as `copy of Secret wildcard-tls in cert-manager`; `origin` is `namespace/name`.
pub(super) fn copy_text(kind: &str, origin: &str) -> String {
    let (namespace, name) = origin.split_once('/').unwrap_or(("", origin));
    format!(
        "copy of {kind} {}{}",
        printable_name(name),
        in_namespace(namespace)
    )
}

/// How a ConfigMap or Secret is used, such as `volume /etc/nginx/nginx.conf` or `env DB_HOST`. The key is named unless
/// an environment variable is: see [`key_text`].
pub(super) fn use_text(usage: &Usage) -> String {
    let mut text = usage.how.clone();
    for (before, part) in [
        (" ", usage.env.as_ref()),
        (" ", usage.key.as_ref().filter(|_| usage.env.is_none())),
        (" ", usage.mount_path.as_ref()),
        (" to ", usage.target_path.as_ref()),
        (
            " subPath ",
            usage
                .sub_path
                .as_ref()
                .filter(|path| usage.key.as_ref() != Some(*path)),
        ),
        (
            " of init container ",
            usage.container.as_ref().filter(|_| usage.init),
        ),
    ] {
        if let Some(part) = part {
            text.push_str(before);
            text.push_str(part);
        }
    }
    if usage.key_missing {
        text.push_str(" (no such key)");
    }
    if usage.optional {
        text.push_str(" (optional)");
    }
    text
}

/// ` key KEY` or ` keys KEY, OTHER` of the keys that environment variables take, or nothing.
pub(super) fn key_text<'u>(usage: impl IntoIterator<Item = &'u Usage>) -> String {
    let keys = usage.into_iter().filter(|usage| usage.env.is_some());
    let keys: std::collections::BTreeSet<&str> = keys.filter_map(|usage| usage.key.as_deref()).collect();
    let keys: Vec<&str> = keys.into_iter().collect();
    match keys.as_slice() {
        [] => String::new(),
        [key] => format!(" key {}", printable_name(key)),
        keys => format!(" keys {}", joined(keys)),
    }
}

/// The annotations by which an object tells Flux how to apply it, and what they mean for an edit of its file.
pub(super) fn write_flux_annotations(f: &mut Lines<'_>, tells_flux: &[String]) -> fmt::Result {
    for text in tells_flux {
        let meaning = match text.to_ascii_lowercase().as_str() {
            "reconcile: disabled" => {
                "Flux neither applies nor deletes it: an edit of the file changes nothing"
            }
            // Followed by the object that makes it.
            text if text.starts_with("reconcile: disabled (") => "an edit of the file changes nothing",
            text if text.starts_with("ignore: /") => {
                "its Kustomization leaves the field to others once the object exists: an edit of the file changes nothing"
            }
            "ssa: ignore" => "Flux does not apply it: an edit of the file changes nothing",
            "ssa: ifnotpresent" => "Flux creates it once: an edit of the file changes nothing",
            "ssa: merge" => "Flux keeps fields that others set",
            "prune: disabled" => "it stays in the cluster when it leaves the repository",
            _ => "",
        };
        match meaning {
            "" => line!(f, "tells Flux: {}", printable_name(text))?,
            meaning => line!(f, "tells Flux: {}, {meaning}", printable_name(text))?,
        }
    }
    Ok(())
}
