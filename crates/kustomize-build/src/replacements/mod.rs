//! `replacements`: copies of a field or of a given value in fields of other objects.
//!
//! Rules: <https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/filters/replacement/replacement.go>.

mod comments;
mod load;
mod source;
mod structured;
mod target;

use source_tree::Limits;

use crate::kustomization::{ReplacementEntry, ReplacementField};
use crate::load::Loader;
use crate::{BuildError, ResMap};

/// Replacements that are ready to run.
#[derive(Clone, Debug)]
pub(crate) struct Replacements {
    entries: Vec<ReplacementEntry>,
    limits: Limits,
}

impl Replacements {
    /// Reads entries and the files that they name.
    ///
    /// # Errors
    /// [`BuildError::Replacement`] if an entry is both a file and a replacement, or a file is neither a replacement nor
    /// a list.
    pub(crate) fn new(entries: &[ReplacementField], loader: &Loader<'_>) -> Result<Self, BuildError> {
        Ok(Replacements {
            entries: load::load(entries, loader)?,
            limits: *loader.sources().limits(),
        })
    }

    /// Splits the replacements into one value for each.
    pub(crate) fn each(&self) -> impl Iterator<Item = Self> {
        self.entries.iter().map(|entry| Replacements {
            entries: vec![entry.clone()],
            limits: self.limits,
        })
    }

    /// Runs the replacements in order.
    ///
    /// # Errors
    /// [`BuildError::Replacement`] if a source matches no object or several, or a target lacks the field.
    pub(crate) fn run(&self, map: &mut ResMap) -> Result<(), BuildError> {
        self.entries
            .iter()
            .try_for_each(|entry| replace(map, entry, &self.limits))
    }
}

fn replace(map: &mut ResMap, replacement: &ReplacementEntry, limits: &Limits) -> Result<(), BuildError> {
    let has_source = replacement.source.is_some() || replacement.source_value.is_some();
    if !has_source || replacement.targets.is_empty() {
        let message = "replacements must specify a source and at least one target";
        return Err(BuildError::replacement(message).at(replacement.mark));
    }
    let mut value = source::value(map, replacement)?;
    for entry in &replacement.targets {
        let result = target::apply(map, entry, &mut value, limits);
        result.map_err(|error| error.at(entry.mark).at(replacement.mark))?;
    }
    Ok(())
}
