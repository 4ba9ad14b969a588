//! Questions over a hand-made model, compared with the texts of `tests/expected/`. `UPDATE_EXPECT=1` rewrites them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

#[path = "../../../infra-model/tests/model/mod.rs"]
mod model;

mod hostile;
mod meaning;
mod texts;

use std::fs;
use std::path::Path;

use pretty_assertions::assert_eq;

/// Compares `actual` with a file of `tests/expected/`.
#[track_caller]
fn check(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/expected")
        .join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(actual, expected, "{name} differs; UPDATE_EXPECT=1 rewrites it");
}
