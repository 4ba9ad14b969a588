//! Small things that the texts of answers share.

use std::fmt::{self, Write};

use infra_model::config::Usage;

use crate::next_steps::Step;
use crate::printable;

/// How many items a line of names has before it says how many there are more.
const MOST: usize = 12;

/// How many commands an answer ends with.
pub(super) const MOST_STEPS: usize = 2;

/// Names after a label, or nothing where there are none.
pub(super) fn names<T: AsRef<str>>(
    f: &mut impl Write,
    label: &str,
    items: impl IntoIterator<Item = T>,
) -> fmt::Result {
    let items: Vec<T> = items.into_iter().collect();
    if items.is_empty() {
        return Ok(());
    }
    writeln!(f, "{label}: {}", joined(&items))
}

/// As [`names`], for names that are themselves what was asked for: cut much later.
pub(super) fn many_names(f: &mut impl Write, label: &str, items: &[impl AsRef<str>]) -> fmt::Result {
    const MOST: usize = 60;
    match items {
        [] => Ok(()),
        items => writeln!(f, "{label}: {}", cut(items, MOST)),
    }
}

/// Names with commas, cut after the first dozen.
pub(super) fn joined<T: AsRef<str>>(items: &[T]) -> String {
    cut(items, MOST)
}

fn cut<T: AsRef<str>>(items: &[T], most: usize) -> String {
    let shown: Vec<_> = items
        .iter()
        .take(most)
        .map(|item| printable(item.as_ref()))
        .collect();
    let mut text = shown.join(", ");
    if items.len() > most {
        // Writing to a String cannot fail.
        let _ = write!(text, " and {} more", items.len() - most);
    }
    text
}

/// One text after a label, or nothing.
pub(super) fn field(f: &mut impl Write, label: &str, text: Option<impl AsRef<str>>) -> fmt::Result {
    match text {
        Some(text) => writeln!(f, "{label}: {}", printable(text.as_ref())),
        None => Ok(()),
    }
}

/// The first commands to run next, one a line: how an answer ends. `--next` and JSON have them all.
pub(super) fn steps(f: &mut impl Write, steps: &[Step]) -> fmt::Result {
    if steps.is_empty() {
        return Ok(());
    }
    writeln!(f, "next:")?;
    for step in steps.iter().take(MOST_STEPS) {
        writeln!(f, "  {}", step.command)?;
    }
    Ok(())
}

/// ` in namespace`, or nothing.
pub(super) fn in_namespace(namespace: &str) -> String {
    match namespace {
        "" => String::new(),
        namespace => format!(" in {}", printable(namespace)),
    }
}

/// How a ConfigMap is used, such as `volume /etc/nginx/nginx.conf`.
pub(super) fn use_text(usage: &Usage) -> String {
    let mut text = usage.how.clone();
    for more in [&usage.key, &usage.mount_path].into_iter().flatten() {
        text.push(' ');
        text.push_str(more);
    }
    if usage.optional {
        text.push_str(" (optional)");
    }
    text
}
