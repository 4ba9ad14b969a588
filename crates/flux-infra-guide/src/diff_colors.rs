//! Colours of `diff`: green is new, red is gone or dangerous, yellow is changed, headings are bold.

use std::fmt::Write as _;

use crate::colors::{BOLD, CYAN, GREEN, RED, RESET, YELLOW};

/// Colours the lines of [`change_review::text`], which must be printable.
pub(crate) fn colored(text: &str) -> String {
    let mut colored = String::with_capacity(text.len() + text.len() / 8);
    let mut section = "";
    for line in text.lines() {
        let body = line.trim_start();
        if body.len() == line.len() && line.ends_with(':') {
            section = line;
        }
        let color = match (line.len() - body.len(), body.chars().next()) {
            (0, _) if line.ends_with(':') => BOLD,
            (2, _) if section == "dangers:" => RED,
            (2 | 8, Some('+')) => GREEN,
            (2 | 8, Some('-')) => RED,
            (2, Some('~')) => YELLOW,
            (2, Some('>')) => CYAN,
            _ => "",
        };
        // Writing to a String cannot fail.
        let _ = match color {
            "" => writeln!(colored, "{line}"),
            color => writeln!(colored, "{color}{line}{RESET}"),
        };
    }
    colored
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_headings_have_colors() {
        let text = "1 object changes\ndangers:\n  error image-moves-back: x\nKustomization/a/b:\n  + ConfigMap a/b\n  ~ Deployment a/c\n      \
                    spec.replicas: 1 -> 2\n        -old line\n";
        let expected = format!(
            "1 object changes\n{BOLD}dangers:{RESET}\n{RED}  error image-moves-back: x{RESET}\n{BOLD}Kustomization/a/b:{RESET}\n\
             {GREEN}  + ConfigMap a/b{RESET}\n{YELLOW}  ~ Deployment a/c{RESET}\n      spec.replicas: 1 -> 2\n{RED}        -old line{RESET}\n"
        );
        assert_eq!(colored(text), expected);
    }
}
