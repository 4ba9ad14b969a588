//! The folder with catalogs.

use camino::{Utf8Path, Utf8PathBuf};

use crate::exit::Failure;
use crate::work_tree;

/// Names the data folder in place of the convention.
const DATA_VARIABLE: &str = "FLUX_INFRA_GUIDE_DATA";
/// Where `regen` writes catalogs in a project: by default, and with `--agents` too.
pub(crate) const DATA_FOLDERS: [&str; 2] = [
    ".claude/skills/flux-infra-guide/data",
    ".agents/skills/flux-infra-guide/data",
];

/// The folder with catalogs: the one given, else the one by convention.
pub(crate) fn data_folder(given: Option<&Utf8Path>) -> Result<Utf8PathBuf, Failure> {
    if let Some(data) = given {
        return Ok(data.to_owned());
    }
    if let Some(data) = std::env::var(DATA_VARIABLE).ok().filter(|data| !data.is_empty()) {
        return Ok(data.into());
    }
    let here = Utf8Path::new(".").canonicalize_utf8().map_err(Failure::input)?;
    let found = here.ancestors().find_map(|folder| {
        let data = DATA_FOLDERS.map(|data| folder.join(data));
        Some((data.into_iter().find(|data| data.is_dir())?, folder))
    });
    // What lies above a clone is most likely of another repository.
    let is_within = |folder: &Utf8Path| work_tree::top(&here).is_none_or(|top| folder.starts_with(top));
    let [usual, _] = DATA_FOLDERS;
    match found {
        Some((data, folder)) if is_within(folder) => Ok(data),
        Some((data, _)) => Err(Failure::input(format!(
            "no catalogs of this repository: {usual} is neither here nor in a parent folder within it"
        ))
        .hint(format!(
            "run `flux-infra-guide regen` first; if those in {data} are meant, name them with --data"
        ))),
        None => Err(Failure::input(format!(
            "no catalogs: {usual} is neither here nor in a parent folder"
        ))
        .hint(
            "run `flux-infra-guide regen` first, or name a folder with --data, or a repository with --repo",
        )),
    }
}
