//! What is said of content that is elsewhere: how to get it.

use source_tree::{Diagnostic, ObjectRef, codes};

use super::round::{Evaluator, Round};
use super::sources::Resolved;
use crate::ScanOptions;

/// Sources whose content the cache lacks, each once.
pub(super) fn findings(evaluator: &Evaluator<'_>, view: &Round<'_>) -> Vec<Diagnostic> {
    let sources = view.typed.sources.iter();
    let missing = sources.filter(|(id, _)| {
        let resolved = evaluator.artifacts.resolve(id, &view.typed, &view.bare_sources);
        matches!(resolved, Resolved::Unresolved(why) if why.is_locked)
    });
    let missing = missing.map(|(id, (_, object))| {
        let message = format!("{id}: its content is in the lock file, and not in the cache");
        not_cached(evaluator.options, message)
            .at(evaluator.files.place(object.mark))
            .on(id.to_string())
    });
    missing.collect()
}

/// How to get the content of a source.
pub(super) fn source_hint(options: &ScanOptions, source: &ObjectRef) -> String {
    match options.can_fetch {
        true => {
            format!("get it with `flux-infra-guide fetch`, or name a folder with it: --source {source}=DIR")
        }
        false => format!("name a folder with it: --source {source}=DIR"),
    }
}

/// How to get what a kustomization names by URL.
pub(super) fn remote_hint(options: &ScanOptions) -> &'static str {
    match options.can_fetch {
        true => "get it with `flux-infra-guide fetch`",
        false => "copy it into the repository to have it catalogued",
    }
}

/// Says that the lock file names content and the cache of this user lacks it.
pub(super) fn not_cached(options: &ScanOptions, message: String) -> Diagnostic {
    let hint = match options.can_fetch {
        true => "get it with `flux-infra-guide fetch`: until then what it makes is unknown",
        false => "bring it along with --source or --charts: until then what it makes is unknown",
    };
    Diagnostic::warning(codes::SOURCE_NOT_CACHED, message).hint(hint)
}
