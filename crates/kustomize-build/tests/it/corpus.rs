//! Comparison with the kustomize binary on every kustomization of the real repositories in `../shared/corpus`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{Outcome, compare, kustomize};

fn kustomizations(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && !path.is_symlink() && name != ".git" {
            kustomizations(&path, found);
        } else if ["kustomization.yaml", "kustomization.yml", "Kustomization"]
            .iter()
            .any(|file| name == *file)
        {
            found.push(dir.to_owned());
        }
    }
}

#[test]
fn real_repositories_build_to_the_same_bytes() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if !corpus.is_dir() {
        println!("skipped: no ../shared");
        return;
    }
    let Some(kustomize) = &kustomize() else {
        println!("skipped: no kustomize");
        return;
    };
    let mut dirs = Vec::new();
    kustomizations(&corpus.canonicalize().unwrap(), &mut dirs);
    dirs.sort();
    let (mut same, mut differing) = (0, Vec::new());
    let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let compare_all =
            |dirs| move || Vec::from_iter(<[PathBuf]>::iter(dirs).map(|dir| compare(kustomize, dir)));
        let parts: Vec<_> = dirs
            .chunks(dirs.len().div_ceil(4))
            .map(|part| scope.spawn(compare_all(part)))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    for outcome in outcomes {
        match outcome {
            Outcome::Same => same += 1,
            Outcome::BothFail => {}
            Outcome::Differs(how) => differing.push(how),
        }
    }
    assert!(same > 100, "only {same} directories build");
    assert!(
        differing.is_empty(),
        "{} of {}:\n{}",
        differing.len(),
        dirs.len(),
        differing.join("\n")
    );
}
