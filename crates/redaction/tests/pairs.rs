//! Tables of keys and values: how many credentials are found, and how many other values are withheld.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may fail loudly, and say what they measured"
)]

use std::fmt::Write as _;

/// One line of a table.
struct Pair {
    right: &'static str,
    key: &'static str,
    value: String,
}

fn pairs(table: &'static str) -> Vec<Pair> {
    let lines = table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "));
    lines
        .map(|line| {
            let mut columns = line.splitn(3, '\t');
            let mut column = || columns.next().unwrap_or_else(|| panic!("three columns: {line}"));
            let (right, key, value) = (column(), column(), column());
            assert!(matches!(right, "hidden" | "form" | "shown"), "{line}");
            Pair {
                right,
                key,
                value: value.replace("\\n", "\n").replace("\\t", "\t"),
            }
        })
        .collect()
}

/// Requires full recall on known forms, and 98 % recall and 97 % precision for a table.
#[track_caller]
fn check(name: &str, table: &'static str) {
    let pairs = pairs(table);
    let (mut credentials, mut found, mut withheld, mut wrong) = (0_u32, 0_u32, 0_u32, String::new());
    let mut forms_missed = 0;
    for Pair { right, key, value } in &pairs {
        let hidden = redaction::credential(key, value).is_some();
        let is_credential = *right != "shown";
        credentials += u32::from(is_credential);
        withheld += u32::from(hidden);
        found += u32::from(hidden && is_credential);
        if hidden != is_credential {
            forms_missed += u32::from(*right == "form");
            writeln!(wrong, "{right}\t{key}\t{value}").unwrap();
        }
    }
    let (recall, precision) = (
        f64::from(found) / f64::from(credentials),
        f64::from(found) / f64::from(withheld),
    );
    println!(
        "{name}: {} pairs, recall {recall:.3}, precision {precision:.3}\n{wrong}",
        pairs.len()
    );
    assert_eq!(forms_missed, 0, "{name}: every known form is found:\n{wrong}");
    assert!(
        recall >= 0.98 && precision >= 0.97,
        "{name}: recall {recall:.3}, precision {precision:.3}:\n{wrong}"
    );
}

#[test]
fn credentials_are_withheld_and_little_else() {
    check("pairs", include_str!("data/pairs.tsv"));
}

#[test]
fn a_table_that_was_written_without_the_rules_agrees() {
    check("strangers", include_str!("data/strangers.tsv"));
}

#[test]
fn a_table_of_what_charts_and_applications_call_things_agrees() {
    check("vocabulary", include_str!("data/vocabulary.tsv"));
}

#[test]
fn no_credential_of_a_known_form_is_left_in_a_message() {
    for pair in pairs(include_str!("data/pairs.tsv")) {
        if pair.right == "form" {
            let message = format!("cannot read this:\n{}\nit is refused", pair.value);
            assert!(
                redaction::without_credentials(&message).contains(redaction::REDACTED),
                "{message}"
            );
        }
    }
}
