//! What only the whole scan tells of one cluster: objects that are missing in it and stand in the repository all the same, and the
//! sources of what another cluster applies to it.

use std::collections::HashMap;

use infra_model::{Diagnostic, Infrastructure, NotApplied, ObjectRef, Place, Severity, codes};
use source_tree::{RepoPath, SourceTree};

use crate::{commands, terraform};

/// What a repository says of objects that something makes beside Flux.
pub(crate) struct MadeOutside {
    by_terraform: HashMap<ObjectRef, Place>,
    by_commands: HashMap<ObjectRef, Place>,
    /// The files that say so.
    pub(crate) files: Vec<RepoPath>,
}

impl MadeOutside {
    /// Reads the repository.
    pub(crate) fn find(tree: &dyn SourceTree) -> Self {
        let (by_terraform, mut files) = terraform::resources(tree);
        let (by_commands, more) = commands::made(tree);
        files.extend(more);
        MadeOutside {
            by_terraform,
            by_commands,
            files,
        }
    }
}

/// Says of an object that is missing where the repository states it, though nothing applies it, or that something makes it before Flux
/// comes: Terraform, or people, as `outside` finds out where it is asked.
pub(crate) fn say_where_stated<'o>(model: &mut Infrastructure, outside: &dyn Fn() -> &'o MadeOutside) {
    let Infrastructure {
        diagnostics,
        not_applied,
        ..
    } = model;
    let mut missing = diagnostics
        .iter_mut()
        .filter_map(|one| Some((missing_object(one)?, one)))
        .peekable();
    if missing.peek().is_none() {
        return;
    }
    let whole = not_applied.iter().filter(|one| one.part_of.is_none());
    let stated: HashMap<ObjectRef, &NotApplied> = whole.map(|one| (one.object(), one)).collect();
    for (object, finding) in missing {
        // Their values are not known, whoever makes them.
        let values = match finding.code == codes::SUBSTITUTE_FROM_MISSING {
            true => finding.hint.as_deref().map(|hint| format!("; {hint}")),
            false => None,
        };
        let values = values.unwrap_or_default();
        let anywhere = ObjectRef::new(&object.kind, "", &object.name);
        let entry = stated.get(&object).or_else(|| stated.get(&anywhere));
        if let Some(place) = entry.and_then(|entry| entry.source.as_ref()) {
            if place.file.parts().any(|part| part == "bootstrap") {
                finding.severity = Severity::Info;
                finding.hint = Some(format!("people apply it before Flux comes: {place}{values}"));
                continue;
            }
            finding.hint = Some(format!(
                "{place} states it, and nothing applies that file: list it where it is built"
            ));
            continue;
        }
        if finding.severity != Severity::Warning {
            continue;
        }
        let outside = outside();
        let place_in = |made: &HashMap<ObjectRef, Place>| {
            let place = made.get(&object).or_else(|| made.get(&anywhere));
            place.cloned()
        };
        let hint = match (place_in(&outside.by_terraform), place_in(&outside.by_commands)) {
            (Some(place), _) => format!("Terraform makes it: {place}{values}"),
            (None, Some(place)) => format!("people make it by hand: {place}{values}"),
            (None, None) => continue,
        };
        finding.severity = Severity::Info;
        finding.hint = Some(hint);
    }
}

/// The object that a finding says nothing makes.
fn missing_object(finding: &Diagnostic) -> Option<ObjectRef> {
    match finding.code.as_ref() {
        codes::REFERENCE_MISSING => ObjectRef::parse(finding.object.as_deref()?),
        // That is about the Kustomization, and says of which object in its words.
        codes::SUBSTITUTE_FROM_MISSING => {
            let (_, rest) = finding.message.split_once(" from ")?;
            ObjectRef::parse(rest.split_once(',')?.0)
        }
        _ => None,
    }
}

/// Puts the sources of the cluster that applies it in the place of those which a remote cluster lacks: they belong to the former.
pub(crate) fn with_sources_of(hub: &Infrastructure, remote: &mut Infrastructure) {
    for (key, source) in remote.sources.iter_mut().filter(|(_, source)| source.missing) {
        if let Some(stated) = hub
            .sources
            .get(key)
            .filter(|stated| stated.namespace == source.namespace)
        {
            let used_by = std::mem::take(&mut source.used_by);
            *source = infra_model::flux::Source {
                used_by,
                ..stated.clone()
            };
        }
    }
}
