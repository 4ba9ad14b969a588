//! A pattern turns into texts that every line has in which it accepts something.

use regex_syntax::hir::{Hir, HirKind};

/// Shorter ones are nearly everywhere.
const LEAST: usize = 3;
/// What joins members into one text that a pattern is held against, as in `apps/papi.yaml:7` or `app=papi`.
const JOINTS: &[u8] = b" :/=";

/// Texts in lower case all of which stand in a catalog's line, in whatever case and as JSON writes them, where the pattern
/// accepts a text that is made of the line's members. None where nothing can be said.
pub(super) fn literals(pattern: &str) -> Vec<String> {
    let mut found = Vec::new();
    // Without regard to case a letter is a class.
    if let Ok(hir) = regex_syntax::parse(pattern) {
        collect(&hir, &mut found);
    }
    found.sort();
    found.dedup();
    found
}

fn collect(hir: &Hir, found: &mut Vec<String>) {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let is_one_text =
                |byte: &u8| byte.is_ascii_graphic() && !b"\"\\".contains(byte) && !JOINTS.contains(byte);
            let parts = literal.0.split(|byte| !is_one_text(byte));
            let parts = parts.filter(|part| part.len() >= LEAST);
            found.extend(parts.map(|part| String::from_utf8_lossy(part).to_ascii_lowercase()));
        }
        HirKind::Capture(capture) => collect(&capture.sub, found),
        HirKind::Concat(parts) => parts.iter().for_each(|part| collect(part, found)),
        HirKind::Repetition(repetition) if repetition.min > 0 => collect(&repetition.sub, found),
        HirKind::Repetition(_)
        | HirKind::Alternation(_)
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Empty => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, expected: &[&str]) {
        assert_eq!(literals(pattern), expected, "{pattern}");
    }

    #[test]
    fn what_has_to_be_there_is_found() {
        check("app-04321", &["app-04321"]);
        check("Postgres.*5432", &["5432", "postgres"]);
        check(r"^(vault)+\.example\.com$", &[".example.com", "vault"]);
        check("papi(-worker)?:1\\.4", &["1.4", "papi"]);
    }

    #[test]
    fn what_members_are_joined_by_is_no_part_of_it() {
        check("app=papi", &["app", "papi"]);
        check(r"apps/papi\.yaml:17", &["apps", "papi.yaml"]);
        check("env DATABASE", &["database", "env"]);
    }

    #[test]
    fn of_other_patterns_nothing_is_said() {
        for pattern in [
            "",
            ".",
            "ab",
            "vault|redis",
            "(vault)?",
            "(?i)vault",
            "a\"b",
            "üü",
            "[",
            "(?i:v)...",
        ] {
            check(pattern, &[]);
        }
        check("päpi-worker", &["pi-worker"]);
    }
}
