//! Lines of a kustomization file that a build did without.

use kustomize_build::{BuildError, RemoteBase};
use source_tree::{Diagnostic, Severity, codes};

use super::Reporter;
use crate::RemoteRequest;
use crate::evaluate::elsewhere::not_cached;
use crate::evaluate::output::Output;
use crate::generate::dropped_fields;

impl Reporter<'_> {
    /// One line that names what is not at hand costs that line.
    pub(super) fn left_out(&self, output: &Output, diagnostics: &mut Vec<Diagnostic>) {
        let Some(Ok(build)) = output.build.as_deref() else {
            return;
        };
        let mut uncommitted = Vec::new();
        let options = self.evaluator.options;
        for part in build.left_out.iter().filter(|part| !part.what.is_empty()) {
            let error = &part.error;
            let (severity, code, hint) = match error {
                BuildError::Elsewhere(_) if self.is_uncommitted(&part.what) => {
                    uncommitted.push(part);
                    continue;
                }
                BuildError::Elsewhere(_) => (
                    Severity::Warning,
                    codes::SOURCE_UNRESOLVED,
                    "the rest is catalogued; name a folder with what is included: --source Kind/namespace/name=DIR",
                ),
                BuildError::HelmCharts(_) | BuildError::ExternalPlugin(_) => (
                    Severity::Error,
                    codes::BUILD_FAILED,
                    "Flux renders no charts and runs no plugins in a build, and applies nothing of this Kustomization; \
                     the rest is catalogued",
                ),
                _ if self.is_not_cached(&part.what) => {
                    let message = format!(
                        "{}: {} is in the lock file, and not in the cache",
                        self.name(),
                        part.what
                    );
                    let diagnostic = not_cached(options, message);
                    diagnostics.push(self.at(diagnostic, error.mark()));
                    continue;
                }
                _ if options.can_fetch => (
                    Severity::Warning,
                    codes::REMOTE_UNRESOLVED,
                    "the rest is catalogued; get it with `flux-infra-guide fetch` to have it catalogued too",
                ),
                _ => (
                    Severity::Warning,
                    codes::REMOTE_UNRESOLVED,
                    "the rest is catalogued; copy what is remote into the repository to have it catalogued too",
                ),
            };
            let message = match error {
                BuildError::HelmCharts(_) | BuildError::ExternalPlugin(_) => {
                    format!("{}: {error}", self.name())
                }
                _ => format!("{}: {} is not at hand and left out", self.name(), part.what),
            };
            diagnostics.push(self.at(Diagnostic::new(severity, code, message).hint(hint), error.mark()));
        }
        if let Some(first) = uncommitted.first() {
            let files: Vec<&str> = uncommitted.iter().map(|part| part.what.as_str()).collect();
            let message = format!(
                "{}: the repository does not hold {}, which a kustomization file lists",
                self.name(),
                files.join(" and ")
            );
            let diagnostic = Diagnostic::warning(codes::BUILD_FAILED, message).hint(
                "`flux bootstrap` writes and commits such files, and Flux builds nothing of this folder without them; the rest is catalogued",
            );
            diagnostics.push(self.at(diagnostic, first.error.mark()));
        }
    }

    /// Whether a listed file is one that `flux bootstrap` has yet to write.
    pub(super) fn is_uncommitted(&self, listed: &str) -> bool {
        let name = listed.rsplit('/').next().unwrap_or_default();
        let mut uncommitted = self.evaluator.entry.uncommitted.iter();
        uncommitted.any(|path| path.file_name() == Some(name))
    }

    pub(super) fn is_not_cached(&self, url: &str) -> bool {
        let base = RemoteBase::parse(url);
        let request = match &base {
            Some(base) => RemoteRequest::Base {
                repository: &base.repository,
                reference: &base.reference,
            },
            None => RemoteRequest::File { url },
        };
        self.evaluator.artifacts.is_not_cached(&request)
    }

    /// Fields of the kustomization file that kustomize does not have. Flux writes the file of its path without them.
    pub(super) fn dropped_fields(&self, output: &Output, diagnostics: &mut Vec<Diagnostic>) {
        let Some(sources) = output.inputs.files.sources() else {
            return;
        };
        for field in dropped_fields(sources, &output.inputs.path) {
            let message = format!(
                "{}: a kustomization file has no field `{}`: kustomize refuses it, and Flux leaves it out",
                self.name(),
                field.path
            );
            let hint = match field.similar {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => "remove it, or correct its name or place".to_owned(),
            };
            let diagnostic = Diagnostic::warning(codes::FIELD_UNKNOWN, message).hint(hint);
            diagnostics.push(self.at(diagnostic, field.mark));
        }
    }
}
