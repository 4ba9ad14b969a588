//! Colours of answers: labels are bold, commands are cyan.

use std::fmt::Write as _;

use crate::colors::{BOLD, CYAN, RESET};

/// Longest text before a colon that counts as a label, in characters.
const LONGEST_LABEL: usize = 48;

/// Colours the lines of an answer, which must be printable.
pub(crate) fn colored(text: &str) -> String {
    let mut colored = String::with_capacity(text.len() + text.len() / 8);
    let mut is_command = false;
    for line in text.lines() {
        is_command &= line.starts_with("  ");
        // Writing to a String cannot fail.
        let _ = match label(line) {
            _ if is_command => writeln!(colored, "{CYAN}{line}{RESET}"),
            Some(label) => {
                let (label, rest) = line.split_at(label);
                writeln!(colored, "{BOLD}{label}{RESET}{rest}")
            }
            None => writeln!(colored, "{line}"),
        };
        is_command |= line == "next:";
    }
    colored
}

/// The end of a line's label, after its colon.
fn label(line: &str) -> Option<usize> {
    let end = match line.strip_suffix(':') {
        Some(label) => label.len(),
        None => line.find(": ")?,
    };
    let label = line.get(..end)?;
    (!label.trim().is_empty() && label.chars().count() <= LONGEST_LABEL).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn labels_and_commands_have_colors() {
        let text = "papi: Deployment in backend\n  why: none\nplain text\nhttp://a.b/c\nnext:\n  kubectl get pod -l a: b\n  flux x\nlab:\n";
        let expected = format!(
            "{BOLD}papi:{RESET} Deployment in backend\n{BOLD}  why:{RESET} none\nplain text\nhttp://a.b/c\n{BOLD}next:{RESET}\n\
             {CYAN}  kubectl get pod -l a: b{RESET}\n{CYAN}  flux x{RESET}\n{BOLD}lab:{RESET}\n"
        );
        assert_eq!(colored(text), expected);
    }
}
