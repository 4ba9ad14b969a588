//! The last round turns into the [`Evaluation`] and its diagnostics.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kustomize_build::{Removal, Sources};
use rayon::prelude::*;
use source_tree::{Diagnostic, ObjectRef, RepoPath, Severity, codes};

use super::admission::changes_kustomizations;
use super::findings::{Remarks, Reporter, error};
use super::key::Key;
use super::output::{Failure, Output};
use super::reach::Definition;
use super::round::{Evaluator, Round};
use super::sources::Resolved;
use super::state::State;
use super::unknown_names::rename_unknown_variables;
use super::variables::variable_values;
use super::{elsewhere, include_findings, missing_values, refused_fields, strictness, unknown_paths, waits};
use crate::flux::Kustomization;
use crate::substitute::VariableValue;
use crate::{Evaluated, Evaluation, Missing, Remaining, VariableTable};

/// `diagnostics` are those of the view, and `settled` is whether nothing changed any more.
pub(super) fn evaluation(
    evaluator: &Evaluator<'_>,
    state: &State,
    view: &Round<'_>,
    settled: bool,
    mut diagnostics: Vec<Diagnostic>,
) -> Evaluation {
    let objects = || {
        let keys = view.reach.keys();
        keys.flat_map(|key| state.objects(&key).unwrap_or_default())
    };
    let (found, (strictness, changes_kustomizations)) = rayon::join(
        || first_findings(evaluator, state, view),
        || {
            let instances = view.typed.flux_instances.iter().map(|(instance, _)| instance);
            let instances = instances.chain(&evaluator.entry.instance);
            let found = strictness::strictness(objects(), instances);
            let strictness = match evaluator.options.strict {
                true => found.asked_for(),
                false => found,
            };
            (strictness, changes_kustomizations(objects()))
        },
    );
    diagnostics.extend(found);
    diagnostics.extend(refused_fields::findings(evaluator, state, view, &strictness));
    // Undefined variables may come from the object that changes Kustomizations.
    let strict = strictness.is_strict && changes_kustomizations.is_none();
    if !settled {
        diagnostics.push(unsettled(evaluator, state, view));
    }
    let reporter = Reporter {
        evaluator,
        folder: &evaluator.entry.path,
        strictness: &strictness,
        changes_kustomizations: changes_kustomizations.as_ref(),
        definition: None,
        typed: &view.typed,
    };
    let reported: Vec<(Evaluated, Vec<Diagnostic>, Option<&Output>)> = view
        .reach
        .order
        .par_iter()
        .filter_map(|id| {
            let definition = view.reach.definitions.get(id)?;
            let output = state.outputs.get(&Key::Kustomization(id.clone()));
            let definition_reporter = Reporter {
                definition: Some(definition),
                ..reporter
            };
            let mut diagnostics = Vec::new();
            if let Some(output) = output {
                definition_reporter.report(output, &mut diagnostics);
            }
            // A suspended Kustomization is not reconciled, and fails only once somebody resumes it.
            if definition.view.suspend {
                for diagnostic in &mut diagnostics {
                    diagnostic.severity = Severity::Info;
                }
            }
            let evaluated = evaluated(evaluator, state, id, definition, output, strict);
            Some((evaluated, diagnostics, output))
        })
        .collect();
    let mut kustomizations = Vec::new();
    let mut remarks = Remarks::default();
    for (kustomization, found, output) in reported {
        kustomizations.push(kustomization);
        diagnostics.extend(found);
        if let Some(output) = output {
            remarks.add(output, &evaluator.files);
        }
    }
    rename_unknown_variables(&mut kustomizations);
    let mut report_folder = |key: &Key, path: &RepoPath, shown: &RepoPath| {
        if let Some(output) = state.outputs.get(key) {
            let reporter = Reporter {
                folder: shown,
                ..reporter
            };
            reporter.report(output, &mut diagnostics);
            remarks.add(output, &evaluator.files);
        }
        folder(evaluator, state, key, path)
    };
    let entry = view.reach.entry.as_ref();
    let root = entry.and_then(|id| kustomizations.iter().find(|known| known.id.as_ref() == Some(id)));
    let root = root.cloned().unwrap_or_else(|| {
        let path = &evaluator.entry_in_artifact;
        report_folder(&Key::Entry, path, &evaluator.entry.path)
    });
    let joined = evaluator.joined_in_artifact.iter();
    let joined = joined
        .map(|path| report_folder(&Key::Joined(path.clone()), path, path))
        .collect();
    diagnostics.extend(remarks.into_diagnostics(&evaluator.repository()));
    Diagnostic::sort(&mut diagnostics);
    Evaluation {
        entry: evaluator.entry.path.clone(),
        sources: evaluator.repository(),
        files: Arc::clone(&evaluator.files),
        root,
        joined,
        kustomizations,
        variables: variables(evaluator, view),
        self_sources: self_sources(evaluator, state, view),
        contents: contents(evaluator, state, view),
        is_assumed: !evaluator.entry.assumed.is_empty(),
        is_remote: false,
        releases: state.generated.releases.evaluated(),
        bootstrapped: state.generated.bootstrapped().to_vec(),
        changes_kustomizations,
        diagnostics,
    }
}

/// The findings for which nothing but the round has to be known.
fn first_findings(evaluator: &Evaluator<'_>, state: &State, view: &Round<'_>) -> Vec<Diagnostic> {
    let mut found = state.generated.diagnostics(evaluator);
    found.extend(waits::findings(evaluator, view));
    found.extend(include_findings::findings(evaluator, view));
    found.extend(elsewhere::findings(evaluator, view));
    found.extend(missing_values::findings(evaluator, state, view));
    found.extend(unknown_paths::findings(evaluator, state, view));
    found.extend(assumed(evaluator, view));
    found.extend(pushed(evaluator, view));
    found.extend(other_remote(evaluator));
    found
}

/// The source of bootstrapping is assumed to be this repository, whatever its URL.
fn other_remote(evaluator: &Evaluator<'_>) -> Option<Diagnostic> {
    let (id, url, remote) = evaluator.artifacts.other_remote()?;
    let [url, remote] = [url, remote].map(|url| redaction::without_credentials(url).into_owned());
    let message = format!("{id} ({url}) is taken for this repository, whose remote is {remote}");
    let diagnostic = Diagnostic::new(Severity::Info, codes::SOURCE_ASSUMED, message).on(id.to_string());
    let hint = "right for a fork, a mirror or a new name; else name a folder with its content with --source";
    Some(diagnostic.hint(hint))
}

/// A source is assumed to be this repository though it has another URL.
fn assumed(evaluator: &Evaluator<'_>, view: &Round<'_>) -> Option<Diagnostic> {
    let id = view.assumed.as_ref()?;
    let (source, object) = view.typed.source(id)?;
    let url = source.url.as_deref().unwrap_or("no URL");
    let message =
        format!("{id} ({url}) is taken for this repository: every path that is built of it exists here");
    let diagnostic = Diagnostic::warning(codes::SOURCE_ASSUMED, message)
        .at(evaluator.files.place(object.mark))
        .on(id.to_string())
        .hint(format!(
            "state it with --source {id}=., or name a folder with its content"
        ));
    Some(diagnostic)
}

/// Says which OCIRepositories are taken for folders of this repository, since its scripts push them.
fn pushed(evaluator: &Evaluator<'_>, view: &Round<'_>) -> Vec<Diagnostic> {
    let used: BTreeSet<&ObjectRef> = used_sources(view).collect();
    let finding = |id: &ObjectRef| {
        let (source, object) = view.typed.source(id)?;
        let (folder, place) = evaluator
            .artifacts
            .pushed_content(id, &view.typed, &view.bare_sources)?;
        let folder = if folder.is_root() {
            "this repository".to_owned()
        } else {
            format!("the folder {folder}/")
        };
        let url = source.url.as_deref().unwrap_or("no URL");
        let message = format!("{id} ({url}) is taken for {folder}: {place} pushes that");
        let diagnostic = Diagnostic::new(Severity::Info, codes::SOURCE_ASSUMED, message)
            .at(evaluator.files.place(object.mark))
            .on(id.to_string())
            .hint(format!(
                "what the cluster uses may be older than this folder; --source {id}=DIR names other content"
            ));
        Some(diagnostic)
    };
    used.into_iter().filter_map(finding).collect()
}

/// The Kustomizations that never stop changing, at the first of them.
fn unsettled(evaluator: &Evaluator<'_>, state: &State, view: &Round<'_>) -> Diagnostic {
    let ids = || state.unsettled.iter().filter_map(Key::kustomization);
    let names: Vec<String> = ids().map(ToString::to_string).collect();
    let who = match names.as_slice() {
        [] => "the objects of this cluster keep changing each other".to_owned(),
        [name] => format!("Kustomization {name} keeps changing what it is built from"),
        names => format!("Kustomizations {} keep changing each other", names.join(", ")),
    };
    let message = format!("{who}: evaluation stopped before it settled");
    let diagnostic = Diagnostic::error(codes::LIMIT_REACHED, message).hint(
        "look for ConfigMaps that are substituted from each other, or Kustomizations that change themselves",
    );
    match ids().next() {
        None => diagnostic,
        Some(id) => diagnostic
            .at(evaluator.files.place(view.reach.mark(id)))
            .on(format!("Kustomization/{id}")),
    }
}

fn evaluated(
    evaluator: &Evaluator<'_>,
    state: &State,
    id: &crate::KustomizationId,
    definition: &Definition,
    output: Option<&Output>,
    strict: bool,
) -> Evaluated {
    let names = |references: &[crate::flux::SubstituteReference]| {
        references
            .iter()
            .map(|reference| ObjectRef::new(&reference.kind, &id.namespace, &reference.name))
            .collect()
    };
    let key = Key::Kustomization(id.clone());
    let kustomization = match &definition.object.rendered {
        None => Arc::clone(&definition.view),
        // Unknown values are shown as variables.
        Some(_) => Arc::new(Kustomization::unreported(&definition.object.node, &id.namespace)),
    };
    let built = output.and_then(|output| output.result.as_ref().ok());
    let remaining = evaluator.remains.reason(id, &definition.object);
    let is_external =
        output.is_none_or(|output| matches!(output.result, Err(Failure::External | Failure::PathUnknown)));
    Evaluated {
        id: Some(id.clone()),
        parent: definition
            .parent
            .clone()
            .filter(|_| remaining != Some(Remaining::Left)),
        also_emitted_by: definition.also_emitted_by.clone(),
        object: Some(definition.object.clone()),
        path: RepoPath::new(&kustomization.path),
        kustomization: Some(kustomization),
        external: is_external,
        generated_by: definition.object.generated_by.clone(),
        is_bootstrapped: state.generated.is_bootstrapped(&definition.object),
        remaining,
        error: output.and_then(|output| error(evaluator, output, strict)),
        left_out: output.map_or(Vec::new(), left_out),
        removals: output.map_or(Vec::new(), removals),
        missing: output.map_or(Vec::new(), |output| names(&output.inputs.merged.missing)),
        encrypted: output.map_or(Vec::new(), |output| names(&output.inputs.merged.encrypted)),
        substituted: built.is_some_and(|objects| objects.substituted),
        objects: state.applied(&key),
        variable_uses: built.map(|objects| objects.uses.clone()).unwrap_or_default(),
    }
}

/// The parts that a build leaves out, except those that are only a consequence of others.
fn left_out(output: &Output) -> Vec<Missing> {
    let parts = output.build().map_or(&[][..], |build| &build.left_out).iter();
    parts
        .filter(|part| !part.what.is_empty())
        .map(|part| Missing {
            what: part.what.clone(),
            mark: part.error.mark(),
        })
        .collect()
}

/// What patches remove from a build.
fn removals(output: &Output) -> Vec<Removal> {
    let build = output.build();
    build.map_or_else(Vec::new, |build| build.removals.clone())
}

/// The objects of a folder that no Kustomization points at.
fn folder(evaluator: &Evaluator<'_>, state: &State, key: &Key, path: &RepoPath) -> Evaluated {
    let output = state.outputs.get(key);
    Evaluated {
        path: path.clone(),
        remaining: evaluator
            .remains
            .failing_at(key)
            .map(|failing| Remaining::Failing(failing.reason.clone())),
        error: output.and_then(|output| error(evaluator, output, false)),
        left_out: output.map_or(Vec::new(), left_out),
        removals: output.map_or(Vec::new(), removals),
        objects: state.applied(key),
        ..Evaluated::default()
    }
}

fn variables(evaluator: &Evaluator<'_>, view: &Round<'_>) -> VariableTable {
    let mut table = VariableTable::default();
    for (id, definition) in &view.reach.definitions {
        for reference in definition.view.substitute_from() {
            let object = ObjectRef::new(&reference.kind, &id.namespace, &reference.name);
            let source = table.sources.entry(object.clone()).or_default();
            source.made_by = view.typed.maker(&object).cloned();
            let Some(values) = variable_values(&object, &view.typed, &evaluator.outside) else {
                continue;
            };
            let found = view.typed.values(&object);
            source.known = true;
            source.embedded_in = found.and_then(|found| found.embedded_in.clone());
            let shown = |value: &VariableValue| Some(value.shown()?.to_owned()).filter(|_| value.is_known());
            let values = values.into_iter();
            source.values = values.map(|(name, value)| (name, shown(&value))).collect();
        }
    }
    table
}

fn contents(evaluator: &Evaluator<'_>, state: &State, view: &Round<'_>) -> BTreeMap<ObjectRef, Arc<Sources>> {
    let stated = view.typed.sources.keys();
    let bootstrapped = evaluator.entry.sync.iter().map(|sync| &sync.id);
    let sources = stated.chain(bootstrapped).chain(&view.bare_sources);
    let resolved = sources.map(|id| (id, Some(evaluator.resolve(id, view))));
    let artifacts = &state.generated.artifacts;
    let generated = artifacts.available().map(|id| (id, artifacts.content(id)));
    let contents = resolved.chain(generated);
    contents
        .filter_map(|(id, content)| Some((id.clone(), Arc::clone(content?.sources()?))))
        .collect()
}

/// The sources of all Kustomizations.
fn used_sources<'v>(view: &'v Round<'_>) -> impl Iterator<Item = &'v ObjectRef> {
    let definitions = view.reach.definitions.values();
    definitions.filter_map(|definition| Some(&definition.view.source.as_ref()?.id))
}

fn self_sources(evaluator: &Evaluator<'_>, state: &State, view: &Round<'_>) -> BTreeSet<ObjectRef> {
    let stated = view.typed.sources.keys();
    let bootstrapped = evaluator.entry.sync.iter().map(|sync| &sync.id);
    let sources = stated.chain(used_sources(view)).chain(bootstrapped);
    sources
        .filter(|id| matches!(evaluator.resolve(id, view), Resolved::Own(_)))
        .chain(state.generated.artifacts.available())
        .cloned()
        .collect()
}
