//! The folder with catalogs.

use camino::{Utf8Path, Utf8PathBuf};

use crate::exit::Failure;
use crate::work_tree;

/// The variable that names another folder.
const DATA_VARIABLE: &str = "FLUX_INFRA_GUIDE_DATA";
/// The folders in a project to which `regen` writes catalogs: the default, and the additional one of `--agents`.
pub(crate) const DATA_FOLDERS: [&str; 2] = [
    ".claude/skills/flux-infra-guide/data",
    ".agents/skills/flux-infra-guide/data",
];

/// The folder with catalogs: the given one, else that of the variable, else the usual one of the project.
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
    // Catalogs above the top of a clone most likely belong to another repository.
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
