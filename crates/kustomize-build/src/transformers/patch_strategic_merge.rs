//! `patchesStrategicMerge`: patches that name their objects.
//!
//! Rules: PatchStrategicMergeTransformer in
//! <https://github.com/kubernetes-sigs/kustomize/tree/api/v0.21.2/api/internal/builtins>.

use super::apply_patch;
use crate::error::named;
use crate::kustomization::Text;
use crate::load::{Loader, documents};
use crate::resource::Resource;
use crate::schema::Schema;
use crate::{BuildError, ResMap};

/// All entries of `patchesStrategicMerge`, ready to run.
#[derive(Clone, Debug)]
pub(crate) struct PatchStrategicMergeTransformer {
    patches: Vec<Resource>,
}

impl PatchStrategicMergeTransformer {
    /// Parses the patches. Each entry is a patch or the path of a file of patches. `inline` has further patches.
    ///
    /// # Errors
    /// [`BuildError::Load`] if an entry is neither, [`BuildError::Patch`] if there are no patches.
    pub(crate) fn new(entries: &[Text], inline: &Text, loader: &Loader<'_>) -> Result<Self, BuildError> {
        if entries.is_empty() && inline.is_empty() {
            return Err(BuildError::patch("empty file path and empty patch content"));
        }
        let (limits, syntax) = (loader.sources().limits(), loader.sources().syntax());
        let mut nodes = Vec::new();
        for entry in entries {
            match documents::inline_resources(entry, entry.mark, limits, syntax) {
                Ok(patches) => nodes.extend(patches),
                Err(_) => {
                    let file = loader.file(entry).map_err(|error| error.at(entry.mark));
                    let Some(file) = loader.left_out().allow_unresolved(entry, file)? else {
                        continue;
                    };
                    let patches = loader.sources().resources(&file);
                    let patches = patches.map_err(|error| named(error, entry).at(entry.mark))?;
                    nodes.extend(patches.iter().cloned());
                }
            }
        }
        if !inline.is_empty() {
            nodes.extend(documents::inline_resources(inline, inline.mark, limits, syntax)?);
        }
        if nodes.is_empty() && !loader.left_out().has_any() {
            let mark = entries.first().map_or(inline.mark, |entry| entry.mark);
            return Err(BuildError::patch("patch appears to be empty").at(mark));
        }
        Ok(PatchStrategicMergeTransformer {
            patches: nodes
                .into_iter()
                .map(|node| Resource::new(syntax.patch(node)))
                .collect(),
        })
    }

    /// Splits it into transformers of one patch each.
    pub(crate) fn each(&self) -> impl Iterator<Item = Self> {
        self.patches.iter().map(|patch| PatchStrategicMergeTransformer {
            patches: vec![patch.clone()],
        })
    }

    /// Patches the objects.
    ///
    /// # Errors
    /// [`BuildError::Patch`] if a patch matches no or several objects, or does not fit.
    pub(crate) fn run(&self, map: &mut ResMap, schema: &mut Schema) -> Result<(), BuildError> {
        for patch in &self.patches {
            let found = map.unique_by_any_id(&patch.original_id());
            let index = found.map_err(|error| error.at(patch.origin.mark))?;
            apply_patch::merge_into_selected(map, &[index], patch, schema)?;
        }
        Ok(())
    }
}
