//! Sources that move to another branch, tag or repository, with all that is built from them.

use flux_evaluate::Evaluation;
use source_tree::Diagnostic;

use super::codes;
use super::subject::{Subject, warning};
use crate::counts::plural;
use crate::objects::Objects;

/// `objects` are all objects after the change.
pub(super) fn check_all(
    subjects: &[Subject<'_>],
    objects: &Objects<'_>,
    after: &Evaluation,
    found: &mut Vec<Diagnostic>,
) {
    for subject in subjects {
        let Some((before, source)) = subject.both() else {
            continue;
        };
        if source.group() != "source.toolkit.fluxcd.io" {
            continue;
        }
        let identity = source.identity();
        // Another tag of an external source is an ordinary update.
        let is_here = after.self_sources.iter().any(|own| *own == identity);
        let fields: &[&[&str]] = match is_here {
            true => &[
                &["url"],
                &["ref", "branch"],
                &["ref", "name"],
                &["ref", "tag"],
                &["ref", "semver"],
                &["ref", "commit"],
            ],
            false => &[&["url"], &["ref", "branch"], &["ref", "name"]],
        };
        let users = objects.values().filter(|object| {
            let reference = |field: &str| object.node().at(&["spec", "sourceRef"])?.text_at(&[field]);
            object.kind() == "Kustomization"
                && object.group() == "kustomize.toolkit.fluxcd.io"
                && reference("kind") == Some(source.kind())
                && reference("name") == Some(source.name())
                && reference("namespace").unwrap_or(object.namespace()) == source.namespace()
        });
        let users = users.count();
        if users == 0 {
            continue;
        }
        for field in fields {
            let path = [&["spec"][..], field].concat();
            let [old, new] = [before, source].map(|object| object.node().text_at(&path));
            if old == new {
                continue;
            }
            let message = format!(
                "{} changes from {} to {}: {} {} applied from there, which is not compared here, and what it lacks is pruned",
                path.join("."),
                old.unwrap_or("(none)"),
                new.unwrap_or("(none)"),
                plural(users, "Kustomization"),
                if users == 1 { "is" } else { "are" }
            );
            found.push(warning(codes::PATH, source, source.node().at(&path), message));
        }
    }
}
