//! Small things that the texts of answers share.

use std::fmt::{self, Write};

use crate::query::next_steps::Step;
use crate::query::printable;

/// How many items a line of names has before it says how many there are more.
const MOST: usize = 12;

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

/// Names with commas, cut after the first dozen.
pub(super) fn joined<T: AsRef<str>>(items: &[T]) -> String {
    let shown: Vec<_> = items
        .iter()
        .take(MOST)
        .map(|item| printable(item.as_ref()))
        .collect();
    let mut text = shown.join(", ");
    if items.len() > MOST {
        // Writing to a String cannot fail.
        let _ = write!(text, " and {} more", items.len() - MOST);
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

/// Commands to run next, one a line.
pub(super) fn steps<'s>(
    f: &mut impl Write,
    label: &str,
    steps: impl IntoIterator<Item = &'s Step>,
) -> fmt::Result {
    let mut steps = steps.into_iter().peekable();
    if steps.peek().is_none() {
        return Ok(());
    }
    writeln!(f, "{label}:")?;
    for step in steps {
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
