//! What only the whole scan tells of one cluster: objects that are missing in it and stand in the repository all the same, and the
//! sources of what another cluster applies to it.

use std::collections::HashMap;

use infra_model::{Infrastructure, NotApplied, ObjectRef, Place, Severity, codes};
use source_tree::SourceTree;

use crate::terraform;

/// Says of an object that is missing where the repository states it, though nothing applies it, or that Terraform makes it.
pub(crate) fn say_where_stated(model: &mut Infrastructure, tree: &dyn SourceTree) {
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
    let mut by_terraform: Option<HashMap<ObjectRef, Place>> = None;
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
        let by_terraform =
            by_terraform.get_or_insert_with(|| terraform::resources(tree).into_iter().collect());
        let place = by_terraform.get(&object).or_else(|| by_terraform.get(&anywhere));
        if let Some(place) = place {
            finding.severity = Severity::Info;
            finding.hint = Some(format!("Terraform makes it: {place}"));
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
