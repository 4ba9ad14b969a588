//! Diagnostics, warnings and failures on standard error.
//!
//! Only the place is shown, never the line's text: a line of a manifest may contain a secret.

use std::collections::BTreeMap;

use annotate_snippets::{Group, Level, Origin, Renderer};
use flux_scan::ScannedCluster;
use plain_text::{printable, printable_lines};
use redaction::without_credentials;
use source_tree::{Diagnostic, Severity, codes};

use crate::exit::Failure;
use crate::terminal::Terminal;
use crate::understood::first_of;

/// Prints diagnostics: errors and warnings, with `-v` also remarks, with `--quiet` only errors.
pub(crate) fn diagnostics(terminal: &Terminal, diagnostics: &[Diagnostic]) {
    let least = match (terminal.quiet, terminal.verbose) {
        (true, _) => Severity::Error,
        (false, 0) => Severity::Warning,
        (false, _) => Severity::Info,
    };
    let renderer = renderer(terminal);
    let mut shown: Vec<Diagnostic> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity >= least)
        .cloned()
        .collect();
    if terminal.verbose == 0 {
        fold_not_cached(&mut shown);
    }
    for diagnostic in &shown {
        terminal.err(&format!("{}\n", render(&renderer, diagnostic)));
    }
}

/// Prints the diagnostics of several clusters, equal ones once. Those that only some clusters have are printed with the names
/// of these clusters.
pub(crate) fn of_clusters<'a>(terminal: &Terminal, clusters: &[(String, &'a [Diagnostic])]) {
    let mut seen: BTreeMap<(&str, &str, Option<String>), usize> = BTreeMap::new();
    let mut all: Vec<(&'a Diagnostic, Vec<&str>)> = Vec::new();
    for (name, found) in clusters {
        for diagnostic in *found {
            let place = diagnostic.place.as_ref().map(ToString::to_string);
            let key = (diagnostic.code.as_ref(), diagnostic.message.as_str(), place);
            let position = *seen.entry(key).or_insert(all.len());
            match all.get_mut(position) {
                Some((_, names)) if names.last() != Some(&name.as_str()) => names.push(name),
                Some(_) => {}
                None => all.push((diagnostic, vec![name])),
            }
        }
    }
    let all = all.into_iter().map(|(diagnostic, names)| {
        let mut diagnostic = diagnostic.clone();
        // An orphan is in no cluster.
        if names.len() < clusters.len() && diagnostic.code != codes::ORPHAN {
            diagnostic.message.push_str(&in_clusters(&names));
        }
        diagnostic
    });
    let mut all: Vec<Diagnostic> = all.collect();
    Diagnostic::sort(&mut all);
    if terminal.verbose == 0 {
        fold_remote(&mut all);
        fold_broken(&mut all);
    }
    diagnostics(terminal, &all);
}

/// Prints that the cache lacks sources of the lock file. For commands that print no other findings: without this, an empty
/// answer would look correct.
pub(crate) fn not_cached(terminal: &Terminal, clusters: &[ScannedCluster]) {
    let found: Vec<(String, Vec<Diagnostic>)> = clusters
        .iter()
        .map(|cluster| {
            let all = cluster.infrastructure.diagnostics.iter();
            let missing = all.filter(|finding| finding.code == codes::SOURCE_NOT_CACHED);
            (cluster.name.clone(), missing.cloned().collect())
        })
        .collect();
    let found: Vec<(String, &[Diagnostic])> = found
        .iter()
        .map(|(name, missing)| (name.clone(), missing.as_slice()))
        .collect();
    of_clusters(terminal, &found);
}

/// Leaves one finding for all remote lines of a file, since the findings are alike.
fn fold_remote(all: &mut Vec<Diagnostic>) {
    let key = |diagnostic: &Diagnostic| {
        let file = diagnostic.place.as_ref().map(|place| place.file.clone());
        (diagnostic.code == codes::REMOTE_UNRESOLVED).then_some((file, diagnostic.object.clone()))
    };
    fold(all, key, "of this file");
}

/// Leaves one finding for all Kustomizations that the same line breaks.
fn fold_broken(all: &mut Vec<Diagnostic>) {
    let key = |diagnostic: &Diagnostic| {
        let is_of_file = [codes::YAML_INVALID, codes::BUILD_FAILED].contains(&diagnostic.code.as_ref());
        let place = diagnostic.place.as_ref().filter(|_| is_of_file)?;
        let (_, cause) = diagnostic.message.split_once(": ")?;
        Some((place.to_string(), cause.to_owned()))
    };
    fold(all, key, "that the same line breaks");
}

/// Leaves one finding for all sources that the cache lacks, since one command fetches them.
fn fold_not_cached(all: &mut Vec<Diagnostic>) {
    let key = |diagnostic: &Diagnostic| (diagnostic.code == codes::SOURCE_NOT_CACHED).then_some(());
    fold(all, key, "that `-v` lists");
}

/// Leaves the first finding of each key, with the number of the others.
fn fold<K: Ord>(all: &mut Vec<Diagnostic>, key: impl Fn(&Diagnostic) -> Option<K>, of: &str) {
    let mut counts: BTreeMap<K, usize> = BTreeMap::new();
    all.retain(|diagnostic| {
        let Some(key) = key(diagnostic) else { return true };
        let count = counts.entry(key).or_default();
        *count += 1;
        *count == 1
    });
    for diagnostic in all {
        let Some(key) = key(diagnostic) else { continue };
        if let Some(count) = counts.get(&key).filter(|count| **count > 1) {
            diagnostic
                .message
                .push_str(&format!("; and {} more {of}", count - 1));
        }
    }
}

/// ` (cluster prod)`
fn in_clusters(names: &[&str]) -> String {
    let word = if names.len() == 1 { "cluster" } else { "clusters" };
    format!(" ({word} {})", first_of(names, 6))
}

/// Prints a warning, even with `--quiet`: without it, an empty result would look correct.
pub(crate) fn loud_warning(terminal: &Terminal, message: &str, hint: &str) {
    print(
        terminal,
        Level::WARNING,
        &printable(message),
        Some(&printable(hint)),
    );
}

/// Prints that a part of a command has failed, though the command goes on.
#[cfg_attr(not(feature = "fetch"), expect(dead_code, reason = "only `fetch` has parts"))]
pub(crate) fn partial_failure(terminal: &Terminal, message: &str, hint: Option<&str>) {
    let message = without_credentials(message);
    let hint = hint.map(printable);
    print(terminal, Level::ERROR, &printable(&message), hint.as_deref());
}

/// Prints a warning, except with `--quiet`.
pub(crate) fn warning(terminal: &Terminal, message: &str, hint: &str) {
    if !terminal.quiet {
        loud_warning(terminal, message, hint);
    }
}

/// Prints why a command ends early.
pub(crate) fn failure(terminal: &Terminal, failure: &Failure) {
    let message = without_credentials(&failure.message);
    let hint = failure.hint.as_deref().map(printable_lines);
    print(
        terminal,
        Level::ERROR,
        &printable_lines(&message),
        hint.as_deref(),
    );
}

fn print(terminal: &Terminal, level: Level<'_>, message: &str, hint: Option<&str>) {
    let mut group = Group::with_title(level.primary_title(message));
    if let Some(hint) = hint {
        group = group.element(Level::HELP.message(hint));
    }
    terminal.err(&format!("{}\n", rendered(&renderer(terminal), group)));
}

fn renderer(terminal: &Terminal) -> Renderer {
    if terminal.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    }
}

/// The text of a group, without the empty gutter in place of a missing snippet.
fn rendered(renderer: &Renderer, group: Group<'_>) -> String {
    let text = renderer.render(&[group]);
    let is_gutter = |line: &&str| {
        let mut in_escape = false;
        let shown = line.chars().filter(|c| match (in_escape, c) {
            (false, '\u{1b}') => {
                in_escape = true;
                false
            }
            (true, 'm') => {
                in_escape = false;
                false
            }
            (escaped, _) => !escaped,
        });
        shown.collect::<String>().trim() == "|"
    };
    let lines = text.lines().filter(|line| !is_gutter(line));
    lines.collect::<Vec<&str>>().join("\n")
}

/// Whether a message names an object, as `Kind/ns/name` or `Kind ns/name`.
fn names(text: &str, object: &str) -> bool {
    text.contains(object) || text.contains(&object.replacen('/', " ", 1))
}

fn render(renderer: &Renderer, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let text = without_credentials(&diagnostic.message);
    let message = match &diagnostic.object {
        Some(object) if !names(&text, object) => format!("{text} ({object})"),
        _ => text.into_owned(),
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
    rendered(renderer, group)
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
