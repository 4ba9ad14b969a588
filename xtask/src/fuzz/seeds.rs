//! Valid inputs of each target: its own, and files of the fixtures.

use std::fs;

use camino::Utf8Path;

use super::targets::Target;
use crate::workspace;

/// Most bytes of a file; larger ones add nothing.
const LARGEST: u64 = 4 << 10;
/// Most files, roughly.
const MOST: usize = 400;

/// The valid inputs of a target, in a fixed order.
pub(super) fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = target.seeds.iter().map(|text| text.as_bytes().to_vec()).collect();
    let mut files = Vec::new();
    for folder in target.folders {
        collect(&workspace::root().join(folder), &mut files);
    }
    files.sort();
    let step = files.len() / MOST + 1;
    seeds.extend(files.iter().step_by(step).filter_map(|path| fs::read(path).ok()));
    seeds
}

fn collect(folder: &Utf8Path, files: &mut Vec<camino::Utf8PathBuf>) {
    let Ok(entries) = folder.read_dir_utf8() else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => collect(path, files),
            Ok(metadata) if metadata.is_file() && metadata.len() <= LARGEST => files.push(path.to_owned()),
            _ => {}
        }
    }
}
