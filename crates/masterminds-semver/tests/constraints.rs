//! Constraints compared with the Go library, which wrote `data/constraints.tsv`.

#![allow(clippy::unwrap_used, missing_docs)]

use masterminds_semver::{Constraints, Version};

fn check(constraint: &str, version: &str) -> String {
    let constraints = match Constraints::parse(constraint) {
        Ok(constraints) => constraints,
        Err(error) => return format!("error: {error}"),
    };
    match Version::parse(version) {
        Ok(version) => constraints.check(&version).to_string(),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn constraints_hold_as_in_go() {
    let table = include_str!("data/constraints.tsv");
    let mut count = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [constraint, version, expected] = cells[..] else {
            unreachable!("{line}")
        };
        assert_eq!(check(constraint, version), expected, "{constraint:?} {version:?}");
        count += 1;
    }
    assert!(count > 300);
}

#[test]
fn versions_keep_their_spelling() {
    let version: Version = "v1.2-rc.1+meta".parse().unwrap();
    assert_eq!(version.to_string(), "1.2.0-rc.1+meta");
    assert_eq!(version.original(), "v1.2-rc.1+meta");
    assert_eq!(version.inc_patch().unwrap().original(), "v1.2.0");
    assert_eq!(version.inc_minor().unwrap().to_string(), "1.3.0");
    assert!(Version::parse_strict("v1.2.3").is_err());
    assert!(Version::parse_strict("1.2.3-a.1").unwrap() < Version::new(1, 2, 3));
}

#[test]
fn order_follows_precedence() {
    let ordered = [
        "1.0.0-1",
        "1.0.0-2",
        "1.0.0-11",
        "1.0.0-a",
        "1.0.0-a.b",
        "1.0.0-b",
        "1.0.0",
        "1.0.1",
        "1.1",
    ];
    let versions: Vec<Version> = ordered.iter().map(|text| text.parse().unwrap()).collect();
    assert!(versions.is_sorted());
    assert_eq!(Version::parse("1.0.0+a").unwrap(), Version::parse("v1").unwrap());
}

#[test]
fn texts_that_are_too_long_are_refused() {
    assert!(Version::parse(&"1".repeat(257)).is_err());
    assert!(Constraints::parse(&">1 ".repeat(200)).is_err());
    assert!(Constraints::parse(&vec!["1"; 33].join("||")).is_err());
}
