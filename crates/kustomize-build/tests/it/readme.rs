//! The README's table: a row for every field that the crate decodes, and only existing fixtures.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use kustomize_build::{BuildOptions, Sources, build};
use source_tree::{FileTable, Limits, MemoryTree};

fn rows() -> Vec<(String, String)> {
    include_str!("../../README.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .map(|row| {
            let mut cells = row.split('|').map(str::trim);
            let field = cells.next().unwrap().trim_matches('`').to_owned();
            (
                field,
                cells
                    .next_back()
                    .filter(|cell| !cell.is_empty())
                    .or(cells.next_back())
                    .unwrap()
                    .to_owned(),
            )
        })
        .collect()
}

fn known(field: &str) -> bool {
    let text = format!("{field}: null\nnamePrefix: x\n");
    let tree: MemoryTree = [("kustomization.yaml", text.as_str())].into_iter().collect();
    let sources = Sources::new(Arc::new(tree), FileTable::new(), Limits::default());
    build(&sources, &"".into(), &BuildOptions::default()).is_ok()
}

#[test]
fn every_row_is_a_field_with_a_fixture() {
    for (field, fixtures) in rows() {
        assert!(known(&field), "{field} is no field");
        for fixture in fixtures.split(',').map(|name| name.trim().trim_matches('`')) {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../../fixtures/kustomize")
                .join(fixture);
            assert!(folder.is_dir(), "{field}: there is no fixture {fixture}");
        }
    }
}

#[test]
fn every_field_has_a_row() {
    // The decoded fields: the lower-case names in the match arms of one file.
    let decoded: BTreeSet<&str> = include_str!("../../src/kustomization/read.rs")
        .lines()
        .filter_map(|line| line.trim().split_once("=>"))
        .flat_map(|(arm, _)| arm.split('|'))
        .filter_map(|name| name.trim().strip_prefix('"')?.strip_suffix('"'))
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
        .filter(|name| known(name))
        .collect();
    let stated: BTreeSet<String> = rows()
        .into_iter()
        .map(|(field, _)| field.to_ascii_lowercase())
        .collect();
    let missing: Vec<_> = decoded
        .iter()
        .filter(|name| !stated.contains(**name) && !["kind", "apiversion"].contains(name))
        .collect();
    assert!(decoded.len() > 25, "{decoded:?}");
    assert!(missing.is_empty(), "no row for {missing:?}");
}
