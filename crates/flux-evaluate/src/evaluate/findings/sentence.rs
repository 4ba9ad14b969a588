//! The `error` of a Kustomization: in one sentence, why it applies nothing.

use kustomize_build::BuildError;

use super::build_error;
use crate::evaluate::output::{Failure, Output};
use crate::evaluate::round::Evaluator;

/// Why nothing is applied, in one sentence.
pub(in crate::evaluate) fn error(evaluator: &Evaluator<'_>, output: &Output, strict: bool) -> Option<String> {
    let failure = match &output.result {
        Ok(_) => return refused(output).or_else(|| undefined(output, strict)),
        Err(failure) => failure,
    };
    match failure {
        Failure::External | Failure::PathUnknown => None,
        Failure::PathMissing => Some(format!("kustomization path not found: {}", output.inputs.path)),
        Failure::Build => build_error(output).map(|error| {
            let place = error.place(&evaluator.files);
            let place = place.map_or(String::new(), |place| format!(" ({place})"));
            format!("kustomize build failed: {error}{place}")
        }),
        Failure::Apply(error) => Some(error.message.clone()),
    }
}

/// Why Flux refuses a build from which only charts or plugins are left out here.
fn refused(output: &Output) -> Option<String> {
    let mut errors = output.build()?.left_out.iter().map(|part| &part.error);
    let refused =
        errors.find(|error| matches!(error, BuildError::HelmCharts(_) | BuildError::ExternalPlugin(_)))?;
    Some(format!("kustomize build failed: {refused}"))
}

/// The first variable that nothing can define, if that fails the Kustomization.
fn undefined(output: &Output, strict: bool) -> Option<String> {
    let objects = output.result.as_ref().ok().filter(|_| strict)?;
    if output.inputs.merged.unknown().next().is_some() {
        return None;
    }
    let is_undefined = |(name, used): &(&String, &crate::VariableUse)| {
        !used.defaulted && output.inputs.variables().get(name).is_none()
    };
    let (name, _) = objects.uses.iter().find(is_undefined)?;
    Some(format!(
        "post build failed: variable substitution failed: variable not set (strict mode): \"{name}\""
    ))
}
