//! The kustomization that is built: its directory, file and fields.

use std::sync::Arc;

use source_tree::RepoPath;

use crate::BuildError;
use crate::build_metadata::OriginPath;
use crate::kustomization::{FILE_NAMES, Kustomization};
use crate::load::Loader;

/// The kustomization that is built.
pub(crate) struct Target<'a> {
    pub(crate) loader: Loader<'a>,
    pub(crate) kustomization: Arc<Kustomization>,
    pub(crate) file_name: &'static str,
    /// The directory as in origin annotations, if they are requested.
    pub(crate) origin: Option<OriginPath>,
}

impl<'a> Target<'a> {
    /// Reads the kustomization file of a directory.
    ///
    /// # Errors
    /// [`BuildError::Kustomization`] if the file is missing, ambiguous or malformed.
    pub(crate) fn read(loader: Loader<'a>, origin: Option<OriginPath>) -> Result<Self, BuildError> {
        let (path, file_name) = find_file(&loader)?;
        let kustomization = loader.sources().kustomization(&path).map_err(|error| {
            if !matches!(error, BuildError::KustomizationType(_)) {
                return error;
            }
            let message = format!(
                "Failed to read kustomization file under {}:\n{error}",
                loader.root()
            );
            error.with_message(message)
        })?;
        Ok(Target {
            loader,
            kustomization,
            file_name,
            origin,
        })
    }
}

/// Finds the kustomization file of a directory. One that cannot be loaded under the restrictions counts as absent.
pub(crate) fn find_file(loader: &Loader<'_>) -> Result<(RepoPath, &'static str), BuildError> {
    let mut found = FILE_NAMES.into_iter().filter_map(|name| {
        let path = loader.file(name).ok()?;
        loader.sources().bytes(&path).ok()?;
        Some((path, name))
    });
    let root = loader.root();
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(BuildError::kustomization(format!(
            "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{root}'"
        ))),
        (Some(_), Some(_)) => Err(BuildError::kustomization(format!(
            "Found multiple kustomization files under: {root}"
        ))),
    }
}
