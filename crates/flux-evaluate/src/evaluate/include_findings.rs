//! Diagnostics for entries of `spec.include` that are wrong, or whose content is unknown.

use source_tree::{Diagnostic, ObjectRef, Severity, codes};

use super::elsewhere::{not_cached, source_hint};
use super::include::{MAX_INCLUDES, Outcome, other};
use super::round::{Evaluator, Round};
use crate::ScanOptions;
use crate::flux::Include;

/// What is wrong with includes, or unknown.
pub(super) fn findings(evaluator: &Evaluator<'_>, view: &Round<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let including = view.typed.sources.iter();
    for (id, _) in including.filter(|(_, (source, _))| !source.include.is_empty()) {
        let includes = evaluator.artifacts.includes(id, &view.typed, &view.bare_sources);
        for (include, outcome) in includes {
            if let Some(diagnostic) = finding(evaluator.options, id, &include, &outcome) {
                let place = evaluator.files.place(include.mark);
                diagnostics.push(diagnostic.at(place).on(id.to_string()));
            }
        }
    }
    diagnostics
}

fn finding(
    options: &ScanOptions,
    id: &ObjectRef,
    include: &Include,
    outcome: &Outcome,
) -> Option<Diagnostic> {
    let other = other(id, include);
    let error = |code, why: String| Diagnostic::error(code, format!("{id} includes {other}, {why}"));
    Some(match outcome {
        Outcome::PutIn(_) => return None,
        Outcome::Elsewhere(why) => {
            let message = format!("{id} includes {other}, whose content is {why}");
            match why.is_locked {
                true => not_cached(options, message),
                false => Diagnostic::new(Severity::Info, codes::SOURCE_UNRESOLVED, message)
                    .hint(source_hint(options, &other)),
            }
        }
        Outcome::Missing => error(
            codes::SOURCE_MISSING,
            "which nothing in the repository states".into(),
        )
        .hint("correct spec.include, add the source, or name its content with --source"),
        Outcome::Circle => error(
            codes::DEPENDENCY_CYCLE,
            "which never has an artifact, as includes go in a circle".into(),
        )
        .hint("remove the entry of spec.include that is not needed"),
        Outcome::NotInIt => error(codes::PATH_MISSING, format!("which has no {}", include.from))
            .hint("correct fromPath; it starts at the top of the other repository"),
        Outcome::Occupied => error(
            codes::BUILD_FAILED,
            format!("but {} is there already, so that it has no artifact", include.to),
        )
        .hint("choose a toPath at which nothing stands"),
        Outcome::TooMany => error(
            codes::LIMIT_REACHED,
            format!("which would put more than {MAX_INCLUDES} folders into it"),
        )
        .hint("a scan holds to this bound so that no repository can harm it"),
    })
}
