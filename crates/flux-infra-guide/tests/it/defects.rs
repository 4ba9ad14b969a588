//! Every code of a diagnostic is found in the fixture with this defect, and in no other.
//!
//! `fixtures/defects/<code>/repo` has one defect beside similar cases without a defect; `expected.txt` has a line `severity
//! code file:line object` per diagnostic. `UPDATE_EXPECT=1` rewrites it.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};
use flux_scan::{GivenSources, ScanOptions, SourceContents};
use infra_model::codes;
use pretty_assertions::assert_eq;
use source_cache::{LOCK_FILE, Lock, LockedSources, SourceCache};
use source_tree::{Diagnostic, DiskTree, Limits, SourceTree};

fn root() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The diagnostics of a repository, with the charts beside it.
fn diagnostics(repository: &Utf8Path) -> Vec<Diagnostic> {
    let open = |path: Utf8PathBuf| -> Arc<dyn SourceTree> { Arc::new(DiskTree::open(&path).unwrap()) };
    let mut sources = GivenSources::default();
    let charts = repository.with_file_name("charts");
    if charts.is_dir() {
        sources.charts.add_folder(open(charts));
    }
    let tree = open(repository.to_owned());
    let mut sources: Arc<dyn SourceContents> = Arc::new(sources);
    // A lock file, and an empty cache.
    if let Ok(text) = fs::read_to_string(repository.join(LOCK_FILE)) {
        let cache = SourceCache::new(&repository.join("none"), SystemTime::UNIX_EPOCH);
        let lock = Lock::parse(&text).unwrap();
        sources = Arc::new(LockedSources::new(sources, lock, cache, Limits::default()));
    }
    let origin = fs::read_to_string(repository.with_file_name("origin.txt"));
    let options = ScanOptions {
        sources: Some(sources),
        remotes: origin.into_iter().map(|url| url.trim().to_owned()).collect(),
        ..ScanOptions::default()
    };
    let scan = flux_scan::scan(tree, &options).unwrap();
    let is_one = !repository.as_str().contains(codes::BOOTSTRAP_ELSEWHERE);
    assert_eq!(scan.clusters.len() == 1, is_one, "clusters of {repository}");
    let clusters = scan.clusters.into_iter();
    clusters
        .flat_map(|cluster| cluster.infrastructure.diagnostics)
        .collect()
}

fn lines(diagnostics: &[Diagnostic]) -> String {
    let line = |diagnostic: &Diagnostic| {
        let place = diagnostic
            .place
            .as_ref()
            .map_or("-".to_owned(), ToString::to_string);
        let object = diagnostic.object.as_deref().unwrap_or("-");
        format!("{} {} {place} {object}\n", diagnostic.severity, diagnostic.code)
    };
    diagnostics.iter().map(line).collect()
}

fn check(code: &str) {
    let case = root().join("fixtures/defects").join(code);
    let found = diagnostics(&case.join("repo"));
    let actual = lines(&found);
    let file = case.join("expected.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&file, &actual).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(actual, expected, "{code}: {found:#?}");
    let others: Vec<_> = found
        .iter()
        .filter(|diagnostic| diagnostic.code != code)
        .collect();
    assert!(others.is_empty(), "{code}: not planted: {others:#?}");
    assert_eq!(found.len(), 1, "{code}: {found:#?}");
    let diagnostic = found.first().unwrap();
    assert!(diagnostic.hint.is_some(), "{code}: no hint");
    assert!(
        diagnostic.place.is_some() || code == codes::LIMIT_REACHED,
        "{code}: no place"
    );
}

macro_rules! cases {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                check(&stringify!($name).replace('_', "-"));
            }
        )*

        const CASES: &[&str] = &[$(stringify!($name)),*];
    };
}

cases! {
    api_removed bootstrap_elsewhere build_failed chart_unrendered chart_version contested_owner cross_namespace_blocked decryption_missing dependency_cycle dependency_missing entry_assumed field_deprecated field_invalid field_unknown health_check_missing key_missing knowledge_invalid
    knowledge_stale limit_reached namespace_missing orphan patch_unmatched path_missing path_unknown reconcile_disabled redacted reference_missing remote_unresolved
    resource_set_unresolved retyped_value schema_unchecked secret_in_plain_text source_assumed source_invalid source_missing source_not_cached source_unresolved store_missing
    substitute_from_missing substitute_from_unknown substitution_failed value_unused variable_in_path variable_undefined variable_unreplaced yaml_invalid
}

#[test]
fn every_code_has_a_case() {
    let cases: Vec<String> = CASES.iter().map(|name| name.replace('_', "-")).collect();
    assert_eq!(cases, codes::ALL);
    let folders: BTreeSet<String> = root()
        .join("fixtures/defects")
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().to_owned())
        .collect();
    assert_eq!(
        folders,
        codes::ALL.iter().map(|code| (*code).to_owned()).collect()
    );
}

/// The table lists the defects, and the cases that only look like them.
#[test]
fn every_code_has_a_look_alike() {
    let text = fs::read_to_string(root().join("fixtures/defects/README.md")).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let named: Vec<&str> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(named, codes::ALL);
    for row in rows {
        let is_filled = |column: &&str| column.chars().any(char::is_alphanumeric);
        assert!(row.get(1).is_some_and(is_filled), "{row:?}");
        assert!(row.get(2).is_some_and(is_filled), "{row:?}: no look-alike");
    }
}

#[test]
fn every_code_has_a_section() {
    let text = fs::read_to_string(root().join("docs/diagnostics.md")).unwrap();
    let sections: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(sections, codes::ALL);
}

#[test]
fn a_repository_without_defects_has_none() {
    assert_eq!(
        lines(&diagnostics(&root().join("fixtures/infra-flux-nonprod-test"))),
        ""
    );
}
