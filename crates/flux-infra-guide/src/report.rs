//! Diagnostics as text for a terminal, or as JSON lines for a script.
//!
//! Only the place is shown, never the line's text: a manifest line may hold a secret.

use std::collections::BTreeSet;

use annotate_snippets::{Group, Level, Origin, Renderer};
use plain_text::{printable, printable_lines};
use redaction::without_credentials;
use source_tree::{Diagnostic, Severity};

use crate::exit::Failure;
use crate::terminal::Terminal;

/// Prints diagnostics to standard error: errors and warnings, remarks too with `-v`, nothing but errors with `--quiet`.
pub(crate) fn diagnostics(terminal: &Terminal, diagnostics: &[Diagnostic]) {
    let least = match (terminal.quiet, terminal.verbose) {
        (true, _) => Severity::Error,
        (false, 0) => Severity::Warning,
        (false, _) => Severity::Info,
    };
    let renderer = renderer(terminal);
    for diagnostic in diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity >= least)
    {
        terminal.err(&format!("{}\n", render(&renderer, diagnostic)));
    }
}

/// Prints the diagnostics of several clusters, those that they have in common once.
pub(crate) fn of_clusters<'a>(terminal: &Terminal, clusters: impl Iterator<Item = &'a [Diagnostic]>) {
    let mut seen: BTreeSet<(&str, &str, Option<String>)> = BTreeSet::new();
    let mut all: Vec<Diagnostic> = Vec::new();
    for diagnostic in clusters.flatten() {
        let place = diagnostic.place.as_ref().map(ToString::to_string);
        if seen.insert((diagnostic.code.as_ref(), &diagnostic.message, place)) {
            all.push(diagnostic.clone());
        }
    }
    diagnostics(terminal, &all);
}

/// Prints a warning whatever is asked for: without it an empty result would look like a good one.
pub(crate) fn loud_warning(terminal: &Terminal, message: &str, hint: &str) {
    let (message, hint) = (printable(message), printable(hint));
    let group = Group::with_title(Level::WARNING.primary_title(&*message));
    let group = group.element(Level::HELP.message(&*hint));
    terminal.err(&format!("{}\n", renderer(terminal).render(&[group])));
}

/// Prints that a part of what was asked for has failed, though the command goes on.
#[cfg_attr(not(feature = "fetch"), expect(dead_code, reason = "only `fetch` has parts"))]
pub(crate) fn partial_failure(terminal: &Terminal, message: &str, hint: Option<&str>) {
    let message = without_credentials(message);
    let message = printable(&message);
    let hint = hint.map(printable);
    let mut group = Group::with_title(Level::ERROR.primary_title(&*message));
    if let Some(hint) = &hint {
        group = group.element(Level::HELP.message(&**hint));
    }
    terminal.err(&format!("{}\n", renderer(terminal).render(&[group])));
}

/// Prints that something is not as asked, though the command goes on.
pub(crate) fn warning(terminal: &Terminal, message: &str, hint: &str) {
    if !terminal.quiet {
        let (message, hint) = (printable(message), printable(hint));
        let group = Group::with_title(Level::WARNING.primary_title(&*message));
        let group = group.element(Level::HELP.message(&*hint));
        terminal.err(&format!("{}\n", renderer(terminal).render(&[group])));
    }
}

/// Prints why a command ends early.
pub(crate) fn failure(terminal: &Terminal, failure: &Failure) {
    let message = without_credentials(&failure.message);
    let message = printable_lines(&message);
    let hint = failure.hint.as_deref().map(printable_lines);
    let mut group = Group::with_title(Level::ERROR.primary_title(&*message));
    if let Some(hint) = &hint {
        group = group.element(Level::HELP.message(&**hint));
    }
    terminal.err(&format!("{}\n", renderer(terminal).render(&[group])));
}

fn renderer(terminal: &Terminal) -> Renderer {
    if terminal.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    }
}

fn render(renderer: &Renderer, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let text = without_credentials(&diagnostic.message);
    let message = match &diagnostic.object {
        Some(object) => format!("{text} ({object})"),
        None => text.into_owned(),
    };
    let message = printable(&message);
    let hint = diagnostic.hint.as_deref().map(printable);
    let file;
    let mut group = Group::with_title(level.primary_title(&*message).id(diagnostic.code.as_ref()));
    if let Some(place) = &diagnostic.place {
        file = printable(place.file.as_str()).into_owned();
        let origin = Origin::path(&file);
        group = group.element(if place.line > 0 {
            origin.line(place.line as usize)
        } else {
            origin
        });
    }
    if let Some(hint) = &hint {
        group = group.element(Level::HELP.message(&**hint));
    }
    renderer.render(&[group])
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use source_tree::Place;

    #[test]
    fn a_diagnostic_shows_code_object_place_and_hint() {
        let diagnostic = Diagnostic::error("path-missing", "`spec.path` does not exist")
            .at(Place {
                file: "clusters/main/apps.yaml".into(),
                line: 12,
            })
            .on("Kustomization/flux-system/apps")
            .hint("create the folder, or correct the path");
        assert_eq!(
            render(&Renderer::plain(), &diagnostic),
            "error[path-missing]: `spec.path` does not exist (Kustomization/flux-system/apps)\n\
             --> clusters/main/apps.yaml:12\n = help: create the folder, or correct the path"
        );
    }
}
