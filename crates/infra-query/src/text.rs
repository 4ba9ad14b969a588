//! Small things that the texts of answers share.

use std::fmt::{self, Write};

use infra_model::ObjectRef;
use infra_model::config::Usage;

use plain_text::{Lines, line, printable_name};

/// How many items a line of names has before it says how many there are more.
const MOST: usize = 12;

/// Names after a label, or nothing where there are none.
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

/// Objects as the text that names them.
pub(super) fn texts(objects: &[ObjectRef]) -> impl Iterator<Item = String> {
    objects.iter().map(ObjectRef::to_string)
}

/// As [`names`], for names that are themselves what was asked for: cut much later.
pub(super) fn many_names(f: &mut Lines<'_>, label: &str, items: &[impl AsRef<str>]) -> fmt::Result {
    const MOST: usize = 60;
    match items {
        [] => Ok(()),
        items => line!(f, "{label}: {}", cut(items, MOST)),
    }
}

/// Names with commas, cut after the first dozen.
pub(super) fn joined<T: AsRef<str>>(items: &[T]) -> String {
    cut(items, MOST)
}

/// Names with commas, cut after so many.
pub(super) fn cut<T: AsRef<str>>(items: &[T], most: usize) -> String {
    let shown: Vec<_> = items
        .iter()
        .take(most)
        .map(|item| printable_name(item.as_ref()))
        .collect();
    let mut text = shown.join(", ");
    if items.len() > most {
        // Writing to a String cannot fail.
        let _ = write!(text, " and {} more", items.len() - most);
    }
    text
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

/// What a controller copies, such as `copy of Secret wildcard-tls in cert-manager`; `origin` is `namespace/name`.
pub(super) fn copy_text(kind: &str, origin: &str) -> String {
    let (namespace, name) = origin.split_once('/').unwrap_or(("", origin));
    format!(
        "copy of {kind} {}{}",
        printable_name(name),
        in_namespace(namespace)
    )
}

/// How a ConfigMap or Secret is used, such as `volume /etc/nginx/nginx.conf` or `env DB_HOST`. The key stands there where no
/// environment variable does: see [`key_text`].
pub(super) fn use_text(usage: &Usage) -> String {
    let mut text = usage.how.clone();
    let key = usage.key.as_ref().filter(|_| usage.env.is_none());
    for more in [&usage.env, &key.cloned(), &usage.mount_path]
        .into_iter()
        .flatten()
    {
        text.push(' ');
        text.push_str(more);
    }
    if let Some(path) = &usage.target_path {
        text.push_str(" to ");
        text.push_str(path);
    }
    if let Some(sub_path) = usage
        .sub_path
        .as_ref()
        .filter(|path| usage.key.as_ref() != Some(*path))
    {
        text.push_str(" subPath ");
        text.push_str(sub_path);
    }
    if let (true, Some(container)) = (usage.init, &usage.container) {
        text.push_str(" of init container ");
        text.push_str(container);
    }
    if usage.key_missing {
        text.push_str(" (no such key)");
    }
    if usage.optional {
        text.push_str(" (optional)");
    }
    text
}

/// ` key KEY` of the one key that environment variables take, or nothing.
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

/// What an object tells Flux, and what that means for an edit of its file.
pub(super) fn told(f: &mut Lines<'_>, tells_flux: &[String]) -> fmt::Result {
    for text in tells_flux {
        let meaning = match text.to_ascii_lowercase().as_str() {
            "reconcile: disabled" => {
                "Flux neither applies nor deletes it: an edit of the file changes nothing"
            }
            // With what makes the object behind it.
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
