//! The rollout skill's contract: a new tag at an image group's `file` and `pointer` changes the images of exactly its
//! `services`, and `yqPath` reads the same scalar.
//!
//! A sample of each repository keeps this fast; `cargo xtask facts --rollout` tries every group.

#[path = "../../../../xtask/src/facts/rollout.rs"]
mod of_xtask;

use camino::{Utf8Path, Utf8PathBuf};
use pretty_assertions::assert_eq;

fn root() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[track_caller]
fn check(repository: &Utf8Path, sample: usize) -> usize {
    let yq = of_xtask::yq();
    if yq.is_none() {
        println!("skipped: no yq, so yqPath is not read");
    }
    let outcome = of_xtask::check(repository, sample, yq.as_deref(), None).unwrap();
    assert_eq!(outcome.broken, [""; 0], "{repository}");
    outcome.tried
}

#[test]
fn the_fixture() {
    assert!(check(&root().join("fixtures/infra-flux-nonprod-test"), usize::MAX) > 10);
}

#[test]
fn the_corpus() {
    let corpus = root().join("../shared/corpus");
    if !corpus.is_dir() {
        println!("skipped: no ../shared");
        return;
    }
    for name in [
        "example-platform",
        "digicatapult+veritable-flux-infra",
        "fluxcd+flux2-multi-tenancy",
    ] {
        check(&corpus.join(name).join("repo"), 6);
    }
}
