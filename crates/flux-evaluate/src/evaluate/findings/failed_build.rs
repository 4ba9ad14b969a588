//! Diagnostics about builds that fail.

use kustomize_build::BuildError;
use source_tree::{Diagnostic, Mark, RepoPath, codes};

use super::{Reporter, build_error};
use crate::evaluate::elsewhere::remote_hint;
use crate::evaluate::limit_hint::LIMIT_HINT;
use crate::evaluate::output::Output;
use crate::generate::{FILE_NAMES, kustomization_files, similar_field};

impl Reporter<'_> {
    /// The error of the build, with a hint.
    pub(super) fn failed_build(&self, output: &Output) -> Option<Diagnostic> {
        let name = self.name();
        let error = build_error(output)?;
        let options = self.evaluator.options;
        let cause = || format!("{name}: {}", error.cause());
        let mut mark = error.mark();
        let diagnostic = match error {
            BuildError::Elsewhere(_) => Diagnostic::warning(codes::SOURCE_UNRESOLVED, cause())
                .hint("name a folder with what is included: --source Kind/namespace/name=DIR"),
            _ if error.is_unresolved() => {
                Diagnostic::warning(codes::REMOTE_UNRESOLVED, cause()).hint(remote_hint(options))
            }
            BuildError::MalformedYaml(_) => Diagnostic::error(codes::YAML_INVALID, cause())
                .hint("Flux applies nothing of this Kustomization until the file can be read"),
            BuildError::Limit(_) => Diagnostic::error(codes::LIMIT_REACHED, cause()).hint(LIMIT_HINT),
            _ if let Some(expression) = self.component_with_variable(error) => {
                let message = format!(
                    "{name}: `{expression}` is in spec.components, where its own spec.postBuild replaces no variables"
                );
                Diagnostic::error(codes::VARIABLE_IN_PATH, message).hint(
                    "write the path out, or define the variable in the Kustomization that applies this one",
                )
            }
            _ if let Some(expression) = self.variable_at(output, mark) => {
                let message = format!(
                    "{name}: `{expression}` is in a path of a kustomization file, where Flux replaces no variables"
                );
                Diagnostic::error(codes::VARIABLE_IN_PATH, message).hint(
                    "write the path out, or choose it by `spec.path` of a Kustomization, which its parent substitutes",
                )
            }
            _ => {
                let hint = if let Some((hint, place)) = self.build_hint(output, error) {
                    mark = place;
                    hint
                } else if let Some(link) = self.link_named(error) {
                    format!(
                        "{link} is a symbolic link, and Flux leaves links out of artifacts: put a copy of the file in its place"
                    )
                } else {
                    "Flux applies nothing of this Kustomization until its build works".to_owned()
                };
                Diagnostic::error(codes::BUILD_FAILED, cause()).hint(hint)
            }
        };
        Some(self.at(diagnostic, mark))
    }

    /// A variable in `spec.components`, if the error names that component.
    fn component_with_variable(&self, error: &BuildError) -> Option<String> {
        let cause = error.cause().to_string();
        let components = self.definition?.view.components.iter();
        components
            .filter_map(|path| variable_in(path))
            .find(|expression| cause.contains(expression.as_str()))
    }

    /// The variable on a line of a kustomization file.
    fn variable_at(&self, output: &Output, mark: Mark) -> Option<String> {
        let path = self.evaluator.files.path(mark.file)?;
        let name = path.file_name()?;
        if !name.to_ascii_lowercase().starts_with("kustomization") {
            return None;
        }
        let text = output.inputs.files.sources()?.text(&path).ok()?;
        let line = text.lines().nth((mark.line as usize).checked_sub(1)?)?;
        variable_in(line)
    }

    /// What to do about a common mistake that fails a build, and where.
    fn build_hint(&self, output: &Output, error: &BuildError) -> Option<(String, Mark)> {
        let sources = output.inputs.files.sources()?;
        let files = kustomization_files(sources, &output.inputs.path);
        let own = files.first();
        let place = self.evaluator.files.path(error.mark().file);
        let message = error.to_string();
        let hint = match error {
            BuildError::KustomizationType(_) => {
                let file = place.clone().or_else(|| own.cloned())?;
                let in_artifact = own.cloned().unwrap_or_else(|| file.clone());
                let text = sources.text(&in_artifact).ok()?;
                if !text.contains("kustomize.toolkit.fluxcd.io/") {
                    return None;
                }
                let mark = match error.mark() {
                    mark if mark.is_some() => mark,
                    _ => Mark::new(sources.file_id(&in_artifact), 1),
                };
                let name = file.file_name().unwrap_or_default();
                let hint = format!(
                    "a Flux Kustomization, of kustomize.toolkit.fluxcd.io, is an object like others, and kustomize takes each {name} for \
                     a file of its own: give the file another name"
                );
                return Some((hint, mark));
            }
            _ if let Some(similar) = unknown_field(&message).and_then(similar_field) => {
                format!("did you mean `{similar}`?")
            }
            _ if own.is_none() && message.contains("missing Resource metadata") => format!(
                "{} has no kustomization file, so Flux takes each YAML file below it for a manifest: add one that lists the manifests, or \
                 move other files elsewhere",
                output.inputs.path
            ),
            _ if message.contains("already registered id") => {
                "one object is stated twice: remove one of both, or give it another name".to_owned()
            }
            _ if FILE_NAMES.iter().any(|name| message.contains(&format!("/{name}': file is not directory"))) => {
                "list the folder in place of its kustomization file".to_owned()
            }
            BuildError::Patch(_) | BuildError::ObjectMissing(_) if message.contains("no matches for Id") => {
                "a patch finds its object as the manifest states it: write the namespace and name of the manifest, without the \
                 `namespace`, `namePrefix` and `nameSuffix` of the kustomization file, or give the patch a `target`"
                    .to_owned()
            }
            _ => return None,
        };
        Some((hint, error.mark()))
    }

    /// The symbolic link beside a kustomization file that the error of its build names.
    fn link_named(&self, error: &BuildError) -> Option<RepoPath> {
        let folder = self.evaluator.files.path(error.mark().file)?.parent()?;
        let entries = self.evaluator.tree.list(&folder).ok()?;
        let message = error.to_string();
        let mut files = entries.into_iter().map(|(name, _)| folder.join(&name));
        files.find(|path| {
            let target = || self.evaluator.tree.canonicalize(path);
            message.contains(path.as_str()) && target().is_ok_and(|target| target != *path)
        })
    }
}

/// The field of a kustomization file that kustomize does not know.
fn unknown_field(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("json: unknown field \"")?;
    Some(rest.split_once('"')?.0)
}

/// The first variable of a text, as it is written.
fn variable_in(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("${")?;
    let (expression, _) = rest.split_once('}')?;
    Some(format!("${{{expression}}}"))
}
