//! What builds say besides their objects, once for all Kustomizations.

use std::collections::BTreeMap;

use kustomize_build::Sources;
use source_tree::{Diagnostic, FileTable, Place, Severity, codes};

use crate::evaluate::output::Output;

/// What builds say besides their objects, once for all Kustomizations.
#[derive(Default)]
pub(in crate::evaluate) struct Remarks {
    warnings: BTreeMap<(Option<Place>, String), Diagnostic>,
    /// Targets of patches, and whether any build has an object for them.
    targets: BTreeMap<Place, bool>,
}

impl Remarks {
    /// Takes over those of one build.
    pub(in crate::evaluate) fn add(&mut self, output: &Output, files: &FileTable) {
        let Some(Ok(build)) = output.build.as_deref() else {
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

    /// As diagnostics.
    pub(in crate::evaluate) fn into_diagnostics(self, sources: &Sources) -> impl Iterator<Item = Diagnostic> {
        let unmatched = self.targets.into_iter().filter(|(_, selected)| !selected);
        let unmatched = unmatched.filter(|(place, _)| {
            // Bootstrapping fills the file with the controllers, which such patches are for.
            let components = place
                .file
                .parent()
                .map(|folder| folder.join("gotk-components.yaml"));
            let components = components.and_then(|file| sources.text(&file).ok());
            components.is_none_or(|text| text.contains("kind:"))
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
