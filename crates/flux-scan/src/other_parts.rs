//! What only the whole scan tells of one cluster: objects that are missing in it and stand in the repository all the same, and the
//! sources of what another cluster applies to it.

use std::collections::HashMap;

use infra_model::{Infrastructure, NotApplied, ObjectRef, Place, Severity, codes};
use source_tree::{RepoPath, SourceTree};

use crate::{commands, terraform};

/// Says of an object that is missing where the repository states it, though nothing applies it, or that Terraform or a command for people
/// makes it. Returns the files that were asked.
pub(crate) fn say_where_stated(model: &mut Infrastructure, tree: &dyn SourceTree) -> Vec<RepoPath> {
    let Infrastructure {
        diagnostics,
        not_applied,
        ..
    } = model;
    let mut missing = diagnostics
        .iter_mut()
        .filter(|one| one.code == codes::REFERENCE_MISSING)
        .peekable();
    if missing.peek().is_none() {
        return Vec::new();
    }
    let mut outside = None;
    let whole = not_applied.iter().filter(|one| one.part_of.is_none());
    let stated: HashMap<ObjectRef, &NotApplied> = whole.map(|one| (one.object(), one)).collect();
    for finding in missing {
        let Some(object) = finding.object.as_deref().and_then(ObjectRef::parse) else {
            continue;
        };
        let anywhere = ObjectRef::new(&object.kind, "", &object.name);
        let entry = stated.get(&object).or_else(|| stated.get(&anywhere));
        if let Some(place) = entry.and_then(|entry| entry.source.as_ref()) {
            finding.hint = Some(format!(
                "{place} states it, and nothing applies that file: list it where it is built"
            ));
            continue;
        }
        if finding.severity != Severity::Warning {
            continue;
        }
        let (by_terraform, by_commands) =
            outside.get_or_insert_with(|| (terraform::resources(tree), commands::made(tree)));
        let place_in = |made: &HashMap<ObjectRef, Place>| {
            let place = made.get(&object).or_else(|| made.get(&anywhere));
            place.cloned()
        };
        let hint = match (place_in(&by_terraform.0), place_in(&by_commands.0)) {
            (Some(place), _) => format!("Terraform makes it: {place}"),
            (None, Some(place)) => format!("people make it by hand: {place}"),
            (None, None) => continue,
        };
        finding.severity = Severity::Info;
        finding.hint = Some(hint);
    }
    let asked = outside.into_iter();
    asked
        .flat_map(|((_, terraform), (_, commands))| terraform.into_iter().chain(commands))
        .collect()
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
