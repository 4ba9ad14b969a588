//! Diagnostics about entries of `spec.include` that are wrong, or whose content is unknown.

use source_tree::{Diagnostic, ObjectRef, Severity, codes};

use super::elsewhere::{not_cached, source_hint};
use super::include::{MAX_INCLUDES, Outcome, other};
use super::round::{Evaluator, Round};
use crate::ScanOptions;
use crate::flux::Include;

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
    let problem = match outcome {
        Outcome::Included(_) => return None,
        Outcome::Occupied => format!("but {} is there already, so that it has no artifact", include.to),
        Outcome::TooMany => format!("which would put more than {MAX_INCLUDES} folders into it"),
        outcome => outcome.problem(include)?,
    };
    let message = format!("{id} includes {other}, {problem}");
    let (code, hint) = match outcome {
        Outcome::Included(_) => return None,
        Outcome::Elsewhere(why) if why.is_locked => return Some(not_cached(options, message)),
        Outcome::Elsewhere(_) => {
            let diagnostic = Diagnostic::new(Severity::Info, codes::SOURCE_UNRESOLVED, message);
            return Some(diagnostic.hint(source_hint(options, &other)));
        }
        Outcome::Missing => (
            codes::SOURCE_MISSING,
            "correct spec.include, add the source, or name its content with --source",
        ),
        Outcome::Cycle => (
            codes::DEPENDENCY_CYCLE,
            "remove the entry of spec.include that is not needed",
        ),
        Outcome::NotFound => (
            codes::PATH_MISSING,
            "correct fromPath; it starts at the top of the other repository",
        ),
        Outcome::Occupied => (codes::BUILD_FAILED, "choose a toPath that is not in use"),
        Outcome::TooMany => (
            codes::LIMIT_REACHED,
            "a scan holds to this bound so that no repository can harm it",
        ),
    };
    Some(Diagnostic::error(code, message).hint(hint))
}
