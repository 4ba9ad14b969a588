//! Why nothing is applied, in one sentence: the `error` of a Kustomization.

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

/// Why Flux applies nothing of what could be built here.
fn refused(output: &Output) -> Option<String> {
    let build = output.build.as_deref()?.as_ref().ok()?;
    let refused = build.left_out.iter().find(|part| {
        matches!(
            part.error,
            BuildError::HelmCharts(_) | BuildError::ExternalPlugin(_)
        )
    });
    refused.map(|part| format!("kustomize build failed: {}", part.error))
}

/// The first variable that nothing can define, where that fails the Kustomization.
fn undefined(output: &Output, strict: bool) -> Option<String> {
    let objects = output.result.as_ref().ok().filter(|_| strict)?;
    if !output.inputs.merged.missing.is_empty() {
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
