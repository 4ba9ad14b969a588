//! Facts about one cluster that only the whole scan knows: which missing objects the repository states elsewhere, and the sources of a
//! remote cluster.

use std::collections::HashMap;

use infra_model::{Diagnostic, Infrastructure, NotApplied, ObjectRef, Place, Severity, codes};
use source_tree::{RepoPath, SourceTree};

use crate::{commands, templates, terraform};

/// Objects that are made outside of Flux, according to files of the repository.
pub(crate) struct MadeOutside {
    by_terraform: HashMap<ObjectRef, Place>,
    by_commands: HashMap<ObjectRef, Place>,
    by_templates: HashMap<ObjectRef, Place>,
    /// These files.
    pub(crate) files: Vec<RepoPath>,
}

impl MadeOutside {
    /// Reads the repository.
    pub(crate) fn find(tree: &dyn SourceTree) -> Self {
        let (by_terraform, mut files) = terraform::resources(tree);
        let (by_commands, more) = commands::created_objects(tree);
        files.extend(more);
        let (by_templates, more) = templates::objects(tree);
        files.extend(more);
        MadeOutside {
            by_terraform,
            by_commands,
            by_templates,
            files,
        }
    }
}

/// Adds to findings about missing objects where the repository states the object without applying it, or that Terraform or people
/// make it before Flux runs. `outside` is only called if it is needed.
pub(crate) fn add_origins<'o>(model: &mut Infrastructure, outside: &dyn Fn() -> &'o MadeOutside) {
    let Infrastructure {
        diagnostics,
        not_applied,
        ..
    } = model;
    let mut missing = diagnostics
        .iter_mut()
        .filter_map(|finding| Some((missing_object(finding)?, finding)))
        .peekable();
    if missing.peek().is_none() {
        return;
    }
    let whole = not_applied.iter().filter(|entry| entry.part_of.is_none());
    let stated: HashMap<ObjectRef, &NotApplied> = whole.map(|entry| (entry.object(), entry)).collect();
    for (object, finding) in missing {
        // The values of variables are unknown, whoever makes the object.
        let hint = finding.hint.as_deref();
        let hint = hint.filter(|_| finding.code == codes::SUBSTITUTE_FROM_MISSING);
        let values = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        let anywhere = ObjectRef::new(&object.kind, "", &object.name);
        let entry = stated.get(&object).or_else(|| stated.get(&anywhere));
        if let Some(place) = entry.and_then(|entry| entry.source.as_ref()) {
            let is_bootstrap = is_for_bootstrapping(place);
            finding.hint = Some(match is_bootstrap {
                true => format!("people apply it before Flux runs: {place}{values}"),
                false => {
                    format!("{place} states it, and nothing applies that file: list it where it is built")
                }
            });
            if is_bootstrap {
                finding.severity = Severity::Info;
            }
            continue;
        }
        if finding.severity != Severity::Warning {
            continue;
        }
        let outside = outside();
        let place_in =
            |made: &'o HashMap<ObjectRef, Place>| made.get(&object).or_else(|| made.get(&anywhere));
        let hint = if let Some(place) = place_in(&outside.by_terraform) {
            format!("Terraform makes it: {place}{values}")
        } else if let Some(place) = place_in(&outside.by_commands) {
            format!("people make it by hand: {place}{values}")
        } else if let Some(place) = place_in(&outside.by_templates) {
            match is_for_bootstrapping(place) {
                true => format!("people apply it before Flux runs: {place}{values}"),
                false => format!("people or a tool make it from a template: {place}{values}"),
            }
        } else {
            continue;
        };
        finding.severity = Severity::Info;
        finding.hint = Some(hint);
    }
}

/// Whether a file lies in a folder of what is applied before Flux runs.
fn is_for_bootstrapping(place: &Place) -> bool {
    place.file.parts().any(|part| part == "bootstrap")
}

/// The object that nothing makes, according to a finding.
fn missing_object(finding: &Diagnostic) -> Option<ObjectRef> {
    match finding.code.as_ref() {
        codes::REFERENCE_MISSING => ObjectRef::parse(finding.object.as_deref()?),
        // This finding is about the Kustomization, and names the object in its message.
        codes::SUBSTITUTE_FROM_MISSING => {
            let (_, rest) = finding.message.split_once(" from ")?;
            ObjectRef::parse(rest.split_once(',')?.0)
        }
        _ => None,
    }
}

/// Takes the missing sources of a remote cluster from the cluster that applies to it, where these sources are.
pub(crate) fn take_sources(hub: &Infrastructure, remote: &mut Infrastructure) {
    for (key, source) in remote.sources.iter_mut().filter(|(_, source)| source.missing) {
        let stated = hub.sources.get(key);
        if let Some(stated) = stated.filter(|stated| stated.namespace == source.namespace) {
            let used_by = std::mem::take(&mut source.used_by);
            *source = infra_model::flux::Source {
                used_by,
                ..stated.clone()
            };
        }
    }
}
