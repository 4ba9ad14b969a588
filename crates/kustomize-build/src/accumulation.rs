//! The result of a directory, and the state that all directories of one build share.

use std::sync::Arc;

use source_tree::Diagnostic;

use crate::kustomization::VarEntry;
use crate::removals::Removal;
use crate::res_map::PatchTarget;
use crate::resource::Resource;
use crate::rules::Rules;
use crate::schema::Schema;
use crate::{BuildError, ResMap};

/// The result of a directory, for the one that includes it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accumulator {
    pub(crate) map: ResMap,
    pub(crate) rules: Arc<Rules>,
    pub(crate) vars: Vec<VarEntry>,
}

/// The state of one build that all its directories share.
#[derive(Default)]
pub(crate) struct Accumulation {
    pub(crate) schema: Schema,
    pub(crate) warnings: Vec<Diagnostic>,
    pub(crate) patch_targets: Vec<PatchTarget>,
    /// Objects, list items and keys that patches removed.
    pub(crate) removals: Vec<Removal>,
    pub(crate) directories: usize,
}

impl Accumulation {
    /// Looks up a resource's type in the schema, as kustomize does for every object that it loads: the lookups decide
    /// which types the schema keeps.
    ///
    /// # Errors
    /// [`BuildError::Transformer`] if the document of `openapi` cannot be used.
    pub(crate) fn look_up_scope(&mut self, resource: &Resource) -> Result<(), BuildError> {
        if resource.known_scope().is_some() {
            return Ok(());
        }
        let asked = self.schema.ask_scope();
        asked.map_err(|message| BuildError::transformer(message).at(resource.origin.mark))
    }
}
