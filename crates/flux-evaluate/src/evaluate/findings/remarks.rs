//! Warnings of builds and unmatched targets of patches, once for all Kustomizations.

use std::collections::BTreeMap;

use kustomize_build::Sources;
use source_tree::{Diagnostic, FileTable, Place, Severity, codes};

use crate::evaluate::output::Output;

/// Warnings of builds and targets of patches.
#[derive(Default)]
pub(in crate::evaluate) struct Remarks {
    warnings: BTreeMap<(Option<Place>, String), Diagnostic>,
    /// Targets of patches, and whether they select an object in any build.
    targets: BTreeMap<Place, bool>,
}

impl Remarks {
    /// Adds those of one build.
    pub(in crate::evaluate) fn add(&mut self, output: &Output, files: &FileTable) {
        let Some(build) = output.build() else {
            return;
        };
        for warning in &build.warnings {
            let mut warning = warning.clone();
            warning.severity = Severity::Info;
            self.warnings
                .insert((warning.place.clone(), warning.message.clone()), warning);
        }
        for target in &build.patch_targets {
            if let Some(place) = files.place(target.mark) {
                *self.targets.entry(place).or_default() |= target.selected;
            }
        }
    }

    pub(in crate::evaluate) fn into_diagnostics(self, sources: &Sources) -> impl Iterator<Item = Diagnostic> {
        let unmatched = self.targets.into_iter().filter(|(_, selected)| !selected);
        let unmatched = unmatched.filter(|(place, _)| {
            // Patches of the controllers, which bootstrapping has yet to write into this file.
            let folder = place.file.parent();
            let text = folder.and_then(|folder| sources.text(&folder.join("gotk-components.yaml")).ok());
            text.is_none_or(|text| text.contains("kind:"))
        });
        let unmatched = unmatched.map(|(place, _)| {
            Diagnostic::new(
                Severity::Info,
                codes::PATCH_UNMATCHED,
                "the target of this patch selects no object, so that it changes nothing",
            )
            .at(Some(place))
            .hint("correct `target` (`kind`, `name` and `namespace` as the objects have them before namespace, prefix and suffix are set), or remove the patch")
        });
        self.warnings.into_values().chain(unmatched)
    }
}
