//! What only the whole scan tells of one cluster: objects that are missing in it and stand in the repository all the same, and the
//! sources of what another cluster applies to it.

use std::collections::HashMap;

use infra_model::{Infrastructure, NotApplied, ObjectRef, codes};

/// Says of an object that is missing where the repository states it, though nothing applies it.
pub(crate) fn say_where_stated(model: &mut Infrastructure) {
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
        return;
    }
    let whole = not_applied.iter().filter(|one| one.part_of.is_none());
    let stated: HashMap<ObjectRef, &NotApplied> = whole.map(|one| (one.object(), one)).collect();
    for finding in missing {
        let Some(object) = finding.object.as_deref().and_then(ObjectRef::parse) else {
            continue;
        };
        let anywhere = ObjectRef::new(&object.kind, "", &object.name);
        let Some(entry) = stated.get(&object).or_else(|| stated.get(&anywhere)) else {
            continue;
        };
        if let Some(place) = &entry.source {
            finding.hint = Some(format!(
                "{place} states it, and nothing applies that file: list it where it is built"
            ));
        }
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
