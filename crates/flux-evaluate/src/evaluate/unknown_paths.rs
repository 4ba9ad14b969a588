//! `path-unknown`: variables in `spec.path` of Kustomizations whose values are not in the repository.

use std::collections::{BTreeMap, BTreeSet};

use source_tree::{Diagnostic, ObjectRef, codes};

use super::key::Key;
use super::output::Failure;
use super::reach::Definition;
use super::round::{Evaluator, Round};
use super::state::State;
use super::variables::Merged;
use crate::KustomizationId;

/// `spec.path` as written, if it contains a variable whose value is unknown: because the object that defines it is, or because
/// nothing in the repository applies the folder that defines the Kustomization, so that none of its variables are known.
pub(super) fn unknown_path<'d>(definition: &'d Definition, state: &State) -> Option<&'d str> {
    let written = definition.object.node.text_at(&["spec", "path"])?;
    if !written.contains("${") {
        return None;
    }
    let is_left_open = match &definition.parent {
        Some(parent) => {
            let output = state.outputs.get(&Key::Kustomization(parent.clone()));
            let merged = output.map(|output| &output.inputs.merged);
            let is_open = |merged: &Merged| !merged.missing.is_empty() || !merged.encrypted.is_empty();
            definition.object.rendered.is_some() || merged.is_some_and(is_open)
        }
        None => definition.object.generated_by.is_none(),
    };
    is_left_open.then_some(written)
}

/// One diagnostic for all Kustomizations with the same parent, with the variables that are missing.
pub(super) fn findings(evaluator: &Evaluator<'_>, state: &State, view: &Round<'_>) -> Vec<Diagnostic> {
    let mut by_parent: BTreeMap<Option<&KustomizationId>, Vec<(&KustomizationId, &Definition)>> =
        BTreeMap::new();
    for id in &view.reach.order {
        let output = state.outputs.get(&Key::Kustomization(id.clone()));
        if let Some(definition) = view.reach.definitions.get(id)
            && output.is_some_and(|output| matches!(output.result, Err(Failure::PathUnknown)))
        {
            by_parent
                .entry(definition.parent.as_ref())
                .or_default()
                .push((id, definition));
        }
    }
    let finding = |(parent, found): (Option<&KustomizationId>, Vec<(&KustomizationId, &Definition)>)| {
        let (id, first) = found.first()?;
        let paths = found
            .iter()
            .filter_map(|(_, definition)| unknown_path(definition, state));
        let variables: BTreeSet<&str> = paths.flat_map(variables).collect();
        let variables: Vec<String> = variables.iter().map(|name| format!("`{name}`")).collect();
        let who = match found.len() {
            0 | 1 => format!("the path of Kustomization {id} holds"),
            several => format!("the paths of Kustomization {id} and {} more hold", several - 1),
        };
        let without = match variables.len() {
            0 | 1 => "which has no value",
            _ => "which have no values",
        };
        let message = format!("{who} {}, {without} in the repository", variables.join(", "));
        Some(
            Diagnostic::warning(codes::PATH_UNKNOWN, message)
                .at(evaluator.files.place(first.view.path_mark))
                .on(format!("Kustomization/{id}"))
                .hint(hint(evaluator, state, parent)),
        )
    };
    by_parent.into_iter().filter_map(finding).collect()
}

fn hint(evaluator: &Evaluator<'_>, state: &State, parent: Option<&KustomizationId>) -> String {
    let Some(parent) = parent else {
        let entry = &evaluator.entry;
        return format!(
            "nothing in the repository applies {}, so its variables are not known: give their values with --vars FILE, a file of \
             NAME=value, or name the folders that belong to the cluster, as in --cluster {}={},FOLDER",
            entry.path, entry.name, entry.path
        );
    };
    let output = state.outputs.get(&Key::Kustomization(parent.clone()));
    let merged = output.map(|output| &output.inputs.merged);
    let references = merged
        .into_iter()
        .flat_map(|merged| merged.missing.iter().chain(&merged.encrypted));
    let options = references.map(|reference| {
        let object = ObjectRef::new(&reference.kind, &parent.namespace, &reference.name);
        format!("--vars {object}=FILE")
    });
    let options: Vec<String> = options.collect();
    match options.as_slice() {
        [] => "give them with --vars FILE".to_owned(),
        options => format!("give them with {}", options.join(" or ")),
    }
}

/// Names of the variables in a text.
pub(super) fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| {
        let name = rest.split(['}', ':', '-', '=', '/', '#', '%', '@']).next()?;
        (!name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_of_variables_in_a_path() {
        let names: Vec<&str> = super::variables("./apps/${ENV}/${ID:=01}/x").collect();
        assert_eq!(names, ["ENV", "ID"]);
    }
}
