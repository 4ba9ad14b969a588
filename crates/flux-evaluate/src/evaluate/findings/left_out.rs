//! Diagnostics about lines of a kustomization file that a build leaves out.

use kustomize_build::{BuildError, RemoteBase};
use source_tree::{Diagnostic, codes};

use super::Reporter;
use crate::RemoteRequest;
use crate::evaluate::elsewhere::not_cached;
use crate::evaluate::output::Output;
use crate::generate::dropped_fields;

impl Reporter<'_> {
    /// Of a build without some lines of its kustomization file, one diagnostic for each of them.
    pub(super) fn left_out(&self, output: &Output, diagnostics: &mut Vec<Diagnostic>) {
        let Some(build) = output.build() else {
            return;
        };
        let mut uncommitted = Vec::new();
        let options = self.evaluator.options;
        let name = self.name();
        for part in build.left_out.iter().filter(|part| !part.what.is_empty()) {
            let (error, what) = (&part.error, &part.what);
            let message = || format!("{name}: {what} is not available and left out");
            let diagnostic = match error {
                BuildError::Elsewhere(_) if self.is_uncommitted(what) => {
                    uncommitted.push(part);
                    continue;
                }
                BuildError::Elsewhere(_) => Diagnostic::warning(codes::SOURCE_UNRESOLVED, message()).hint(
                    "the rest is catalogued; name a folder with what is included: --source Kind/namespace/name=DIR",
                ),
                BuildError::HelmCharts(_) | BuildError::ExternalPlugin(_) => {
                    Diagnostic::error(codes::BUILD_FAILED, format!("{name}: {error}")).hint(
                        "Flux renders no charts and runs no plugins in a build, and applies nothing of this Kustomization; \
                         the rest is catalogued",
                    )
                }
                _ if self.is_not_cached(what) => {
                    let message = format!("{name}: {what} is in the lock file, and not in the cache");
                    not_cached(options, message)
                }
                _ => Diagnostic::warning(codes::REMOTE_UNRESOLVED, message()).hint(match options.can_fetch {
                    true => "the rest is catalogued; get it with `flux-infra-guide fetch` to have it catalogued too",
                    false => {
                        "the rest is catalogued; copy what is remote into the repository to have it catalogued too"
                    }
                }),
            };
            diagnostics.push(self.at(diagnostic, error.mark()));
        }
        if let Some(first) = uncommitted.first() {
            let files: Vec<&str> = uncommitted.iter().map(|part| part.what.as_str()).collect();
            let message = format!(
                "{name}: the repository does not hold {}, which a kustomization file lists",
                files.join(" and ")
            );
            let diagnostic = Diagnostic::warning(codes::BUILD_FAILED, message).hint(
                "`flux bootstrap` writes and commits such files, and Flux builds nothing of this folder without them; the rest is catalogued",
            );
            diagnostics.push(self.at(diagnostic, first.error.mark()));
        }
    }

    /// Whether a listed file is one that `flux bootstrap` has yet to write.
    fn is_uncommitted(&self, listed: &str) -> bool {
        let name = listed.rsplit('/').next().unwrap_or_default();
        let mut uncommitted = self.evaluator.entry.uncommitted.iter();
        uncommitted.any(|path| path.file_name() == Some(name))
    }

    /// Whether only the cache lacks what a URL leads to.
    fn is_not_cached(&self, url: &str) -> bool {
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

    /// Fields of the kustomization file that kustomize does not know. Flux rewrites the file of `spec.path` without them.
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
