//! Texts at the end of a fetch.

use std::time::Duration;

use camino::Utf8Path;
use plain_text::{Command, printable};
use source_cache::{Lock, Vendored};
use source_fetch::{FetchError, Outdated, Totals, Updated};

use crate::report;
use crate::size::size;
use crate::terminal::Terminal;

/// Objects that are named one by one before the rest is counted.
const NAMED: usize = 20;

/// Changes of the lock file: a line for each source that is new, changed or gone.
pub(super) fn changes(before: &Lock, after: &Lock) -> String {
    let known =
        |lock: &Lock, key: &source_cache::LockKey| lock.iter().find(|source| source.key() == *key).cloned();
    let new = after.iter().filter_map(|source| {
        let (object, requested, resolved) = (&source.object, &source.requested, &source.resolved);
        match known(before, &source.key()) {
            Some(old) if old == *source => None,
            Some(old) => Some(format!(
                "~ {object}: {requested} was {}, is {resolved}",
                old.resolved
            )),
            None => Some(format!("+ {object}: {requested} is {resolved}")),
        }
    });
    let gone = before
        .iter()
        .filter(|source| known(after, &source.key()).is_none());
    let gone = gone.map(|source| {
        format!(
            "- {}: {} was {}",
            source.object, source.requested, source.resolved
        )
    });
    lines(new.chain(gone))
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.map(|line| format!("{}\n", printable(&line))).collect()
}

/// The last line: the number of sources, and the cost of the fetch.
pub(super) fn totals(updated: &Updated, totals: Totals, took: Duration, lock: &str) -> String {
    let lock = match (updated.lock.is_empty(), updated.failed.is_empty()) {
        (true, true) => "nothing is declared elsewhere that can be fetched",
        (true, false) => "nothing is locked",
        (false, _) => lock,
    };
    let failed = match updated.failed.len() {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    format!(
        "{} sources locked, {} fetched{failed}: {} in {} requests, {}.{} s; {lock}\n",
        updated.lock.len(),
        updated.fetched.len(),
        size(totals.received),
        totals.requests,
        took.as_secs(),
        took.subsec_millis() / 100,
    )
}

/// A line for each source that has another version now.
pub(super) fn outdated(found: &[Outdated]) -> String {
    lines(found.iter().map(|outdated| {
        let before = match &outdated.locked {
            Some(locked) => format!("was {locked}"),
            None => "is not locked".to_owned(),
        };
        let (declared, now) = (&outdated.declared, &outdated.now);
        format!("{}: {} {before}, is {now}", declared.object, declared.requested)
    }))
}

/// The number of copied sources, and the command that scans with them.
pub(super) fn vendored(folder: &Utf8Path, vendored: &Vendored) -> String {
    let mut text = format!(
        "{} charts, {} sources and {} bases and files of kustomizations copied; without network and cache:\n",
        vendored.charts, vendored.sources, vendored.remotes
    );
    let command = Command::new("flux-infra-guide regen --no-cache --source").text(folder.as_str());
    if let Some(command) = command.finish() {
        text.push_str(&format!("  {command}\n"));
    }
    text
}

/// Prints the sources that could not be fetched, with one message per reason.
pub(super) fn failures(terminal: &Terminal, failed: &[FetchError]) {
    for error in failed {
        report::partial_failure(terminal, &error.to_string(), error.hint.as_deref());
    }
}

/// A hint for an object that cannot be fetched.
fn instead(object: &str, why: &str) -> String {
    if why.contains("a variable whose value is not known") {
        return "give the value with --vars".to_owned();
    }
    match object.split('/').next().unwrap_or_default() {
        "ExternalArtifact" => format!(
            "what an ArtifactGenerator of the repository makes is known without a fetch, so none here makes it: commit the one that \
             does, or give its content with --source {object}=DIR"
        ),
        "HelmRelease" | "HelmChart" => format!("give the chart with --chart {object}=PATH"),
        "GitRepository" | "OCIRepository" | "Bucket" => {
            format!("give its content with --source {object}=DIR")
        }
        _ => "give its content with --source, --chart or --vars".to_owned(),
    }
}

/// Prints the objects that cannot be fetched, and those whose signatures were not verified.
pub(super) fn remarks(terminal: &Terminal, updated: &Updated) {
    for (object, why) in updated.unclear.iter().take(NAMED) {
        report::warning(
            terminal,
            &format!("{object} is not fetched: {why}"),
            &instead(object, why),
        );
    }
    if let Some(more) = updated.unclear.len().checked_sub(NAMED).filter(|more| *more > 0) {
        report::warning(
            terminal,
            &format!("{more} more are not fetched"),
            "correct these first",
        );
    }
    if !updated.unverified.is_empty() {
        let names = updated.unverified.join(", ");
        report::warning(
            terminal,
            &format!("not verified: {names} state spec.verify, and signatures are checked by Flux alone"),
            "check them with cosign or git verify-commit where that matters here",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_fetched_can_be_given() {
        for (object, why, expected) in [
            (
                "ExternalArtifact/apps/web",
                "content of kind ExternalArtifact is made in the cluster",
                "--source ExternalArtifact/apps/web=DIR",
            ),
            (
                "HelmRelease/apps/web",
                "it names no chart",
                "--chart HelmRelease/apps/web=PATH",
            ),
            (
                "Bucket/apps/web",
                "it asks for a login",
                "--source Bucket/apps/web=DIR",
            ),
            (
                "GitRepository/apps/web",
                "its spec.url `https://${HOST}/x` holds a variable whose value is not known",
                "give the value with --vars",
            ),
        ] {
            let hint = instead(object, why);
            assert!(hint.contains(expected), "{hint}");
        }
    }
}
