//! Diagnostics about the output of a Kustomization.

mod failed_build;
mod left_out;
mod missing_path;
mod refused_object;
mod remarks;
mod sentence;
mod source;
mod variables;

use kustomize_build::BuildError;
use source_tree::{Diagnostic, Mark, ObjectRef, RepoPath, codes};

use crate::evaluate::output::{Failure, Output};
use crate::evaluate::reach::Definition;
use crate::evaluate::round::Evaluator;
use crate::evaluate::strictness::Strictness;
use crate::evaluate::typed_objects::TypedObjects;

pub(super) use remarks::Remarks;
pub(super) use sentence::error;

/// Writes the diagnostics of one Kustomization, or of a folder of the entry.
#[derive(Clone, Copy)]
pub(super) struct Reporter<'a> {
    pub(super) evaluator: &'a Evaluator<'a>,
    pub(super) definition: Option<&'a Definition>,
    /// The folder, if no Kustomization points at it.
    pub(super) folder: &'a RepoPath,
    /// Whether an undefined variable fails its Kustomization.
    pub(super) strictness: &'a Strictness,
    /// The object that may define variables which no file defines.
    pub(super) changes_kustomizations: Option<&'a ObjectRef>,
    pub(super) typed: &'a TypedObjects<'a>,
}

impl Reporter<'_> {
    pub(super) fn report(&self, output: &Output, diagnostics: &mut Vec<Diagnostic>) {
        self.left_out(output, diagnostics);
        self.dropped_fields(output, diagnostics);
        match &output.result {
            Ok(objects) => {
                self.variables(output, diagnostics);
                for name in &objects.unnamed {
                    let message = format!(
                        "{}: the name `{}` is not a string, so Flux silently skips the object",
                        self.name(),
                        name.text().unwrap_or_default()
                    );
                    let diagnostic =
                        Diagnostic::error(codes::FIELD_INVALID, message).hint("put the name in quotes");
                    diagnostics.push(self.at(diagnostic, name.mark));
                }
                for object in &objects.applied {
                    self.encoded(output, object, diagnostics);
                    self.retyped(object, diagnostics);
                }
            }
            Err(failure) => diagnostics.extend(self.failure(failure, output)),
        }
    }

    fn failure(&self, failure: &Failure, output: &Output) -> Option<Diagnostic> {
        Some(match failure {
            Failure::External => self.external(output)?,
            // Reported once for all that one Kustomization applies.
            Failure::PathUnknown => return None,
            Failure::PathMissing => self.missing_path(output),
            Failure::Build => self.failed_build(output)?,
            Failure::Apply(error) => self.refused(error),
        })
    }

    pub(super) fn name(&self) -> String {
        match self.definition {
            Some(definition) => format!("Kustomization {}", definition.view.id),
            None => format!("the entry {}", self.folder),
        }
    }

    /// Adds place and object to a diagnostic.
    pub(super) fn at(&self, diagnostic: Diagnostic, mark: Mark) -> Diagnostic {
        let own = self
            .definition
            .map_or(Mark::NONE, |definition| definition.object.mark);
        let diagnostic = diagnostic.at(self.evaluator.place_or(mark, own));
        match self.definition {
            Some(definition) => diagnostic.on(format!("Kustomization/{}", definition.view.id)),
            None => diagnostic,
        }
    }
}

fn build_error(output: &Output) -> Option<&BuildError> {
    output.build.as_deref()?.as_ref().err()
}
