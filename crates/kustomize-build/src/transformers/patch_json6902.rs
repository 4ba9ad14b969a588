//! `patchesJson6902`: a JSON patch and its object.
//!
//! Rules:
//! <https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/internal/builtins/PatchJson6902Transformer.go>.

use source_tree::{Limits, Mark};

use super::apply_patch;
use super::patch::{inline_mark, target};
use crate::json6902::{self, JsonPatch};
use crate::kustomization::PatchEntry;
use crate::load::Loader;
use crate::selector::Selector;
use crate::syntax::Syntax;
use crate::{BuildError, ResMap};

/// An entry of `patchesJson6902` that is ready to run.
#[derive(Clone, Debug)]
pub(crate) struct PatchJson6902Transformer {
    patch: JsonPatch,
    target: Selector,
    limits: Limits,
    syntax: Syntax,
    mark: Mark,
}

impl PatchJson6902Transformer {
    /// Parses the patch.
    ///
    /// # Errors
    /// [`BuildError::Patch`] if the target has no name, the patch is malformed or empty, or unless exactly one of
    /// `patch` and `path` is given.
    pub(crate) fn new(entry: &PatchEntry, loader: &Loader<'_>) -> Result<Self, BuildError> {
        let fail = |message: String| BuildError::patch(message).at(entry.mark);
        let named = entry
            .target
            .as_ref()
            .is_some_and(|target| !target.name.is_empty());
        let Some(target) = target(entry)?.filter(|_| named) else {
            return Err(fail("must specify the target name".into()));
        };
        let (text, mark) = match (entry.patch.is_empty(), entry.path.is_empty()) {
            (true, true) => return Err(fail("empty file path and empty jsonOp".into())),
            (false, false) => return Err(fail("must specify a file path or jsonOp, not both".into())),
            (false, true) => (entry.patch.trim_start().into(), inline_mark(entry)),
            (true, false) => loader
                .text(&entry.path)
                .map_err(|error| error.at(entry.path.mark))?,
        };
        if text.is_empty() {
            return Err(fail(format!(
                "patch file '{}' empty seems to be empty",
                &*entry.path
            )));
        }
        let patch = json6902::parse(&text, mark, loader.sources().limits())
            .map_err(|error| BuildError::patch(error.to_string()).at(error.mark))?;
        match patch {
            Some(patch) if !patch.is_empty() => Ok(PatchJson6902Transformer {
                patch,
                target,
                limits: *loader.sources().limits(),
                syntax: loader.sources().syntax().clone(),
                mark: entry.mark,
            }),
            _ => Err(fail(format!("patch appears to be empty; file={}", &*entry.path))),
        }
    }

    /// Patches the objects that the target selects, if any.
    ///
    /// # Errors
    /// [`BuildError::Patch`] if an operation fails.
    pub(crate) fn run(&self, map: &mut ResMap) -> Result<(), BuildError> {
        for index in self.target.select(map)? {
            apply_patch::spend_json(map, index, &self.patch).map_err(|error| error.at(self.mark))?;
            apply_patch::apply_json_at(map, index, &self.patch, (&self.limits, &self.syntax), |_| ())
                .map_err(|error| error.at(self.mark))?;
        }
        Ok(())
    }
}
