//! Hints and diagnostics about content outside of the repository.

use source_tree::{Diagnostic, ObjectRef, codes};

use super::round::{Evaluator, Round};
use super::sources::Resolved;
use crate::ScanOptions;

/// One diagnostic for each source whose content is in the lock file but not in the cache.
pub(super) fn findings(evaluator: &Evaluator<'_>, view: &Round<'_>) -> Vec<Diagnostic> {
    let sources = view.typed.sources.iter();
    let missing = sources
        .filter(|(id, _)| matches!(evaluator.resolve(id, view), Resolved::Unresolved(why) if why.is_locked));
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
    let fetch = match options.can_fetch {
        true => "get it with `flux-infra-guide fetch`, or ",
        false => "",
    };
    format!("{fetch}name a folder with it: --source {source}=DIR")
}

/// How to get the files behind a URL in a kustomization.
pub(super) fn remote_hint(options: &ScanOptions) -> &'static str {
    match options.can_fetch {
        true => "get it with `flux-infra-guide fetch`",
        false => "copy it into the repository to have it catalogued",
    }
}

/// Warns of content that is in the lock file but not in the user's cache.
pub(super) fn not_cached(options: &ScanOptions, message: String) -> Diagnostic {
    let hint = match options.can_fetch {
        true => "get it with `flux-infra-guide fetch`: until then what it makes is unknown",
        false => "bring it along with --source or --charts: until then what it makes is unknown",
    };
    Diagnostic::warning(codes::SOURCE_NOT_CACHED, message).hint(hint)
}
