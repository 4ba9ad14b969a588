//! The last round turns into the [`Evaluation`] and its diagnostics.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kustomize_build::{Removal, Sources};
use rayon::prelude::*;
use source_tree::codes;
use source_tree::{Diagnostic, ObjectRef, RepoPath, Severity};

use super::admission::changes_kustomizations;
use super::apart::keep_apart;
use super::findings::{Remarks, Reporter, error};
use super::key::Key;
use super::output::{Failure, Output};
use super::reach::Definition;
use super::round::{Evaluator, Round};
use super::sources::Resolved;
use super::state::State;
use super::strictness::Strictness;
use super::{elsewhere, include_findings, missing_values, refused_fields, strictness, unknown_paths, waits};
use crate::discovery::EntryKind;
use crate::flux::{Fields, Kustomization};
use crate::{Evaluated, Evaluation, Missing, Remaining, VariableSource, VariableTable};

/// Puts everything together. `diagnostics` are those of the view, and `settled` is whether nothing was left to change.
pub(super) fn evaluation(
    evaluator: &Evaluator<'_>,
    state: &State,
    view: &Round<'_>,
    settled: bool,
    mut diagnostics: Vec<Diagnostic>,
) -> Evaluation {
    diagnostics.extend(state.made.diagnostics(evaluator));
    diagnostics.extend(waits::circles(evaluator, view));
    diagnostics.extend(include_findings::findings(evaluator, view));
    diagnostics.extend(elsewhere::findings(evaluator, view));
    diagnostics.extend(missing_values::findings(evaluator, state, view));
    diagnostics.extend(unknown_paths::findings(evaluator, state, view));
    diagnostics.extend(assumed(evaluator, view));
    diagnostics.extend(pushed(evaluator, view));
    diagnostics.extend(other_remote(evaluator));
    let strictness = strictness(evaluator, state, view);
    let strictness = match evaluator.options.strict {
        true => strictness.asked_for(),
        false => strictness,
    };
    diagnostics.extend(refused_fields::findings(evaluator, state, view, &strictness));
    let keys = view.reach.keys();
    let objects = keys.flat_map(|key| state.objects(&key).unwrap_or_default());
    let changes_kustomizations = changes_kustomizations(objects);
    // What nothing here defines may be defined all the same.
    let strict = strictness.is_strict && changes_kustomizations.is_none();
    if !settled {
        diagnostics.push(unsettled(evaluator, state, view));
    }
    let reported: Vec<(Evaluated, Vec<Diagnostic>, Option<&Output>)> = view
        .reach
        .order
        .par_iter()
        .filter_map(|id| {
            let definition = view.reach.definitions.get(id)?;
            let output = state.outputs.get(&Key::Kustomization(id.clone()));
            let reporter = Reporter {
                evaluator,
                folder: &evaluator.entry.path,
                strictness: &strictness,
                changes_kustomizations: changes_kustomizations.as_ref(),
                definition: Some(definition),
                typed: &view.typed,
            };
            let mut diagnostics = Vec::new();
            if let Some(output) = output {
                reporter.report(output, &mut diagnostics);
            }
            // What is suspended is not reconciled, and fails first when somebody resumes it.
            if definition.view.suspend {
                for diagnostic in &mut diagnostics {
                    diagnostic.severity = Severity::Info;
                }
            }
            Some((
                evaluated(evaluator, state, id, definition, output, strict),
                diagnostics,
                output,
            ))
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
    keep_apart(&mut kustomizations);
    let root = match &view.reach.entry {
        Some(id) => kustomizations
            .iter()
            .find(|evaluated| evaluated.id.as_ref() == Some(id))
            .cloned(),
        None => None,
    };
    let root = root.unwrap_or_else(|| {
        let output = state.outputs.get(&Key::Entry);
        let reporter = Reporter {
            evaluator,
            folder: &evaluator.entry.path,
            strictness: &strictness,
            changes_kustomizations: changes_kustomizations.as_ref(),
            definition: None,
            typed: &view.typed,
        };
        if let Some(output) = output {
            reporter.report(output, &mut diagnostics);
            remarks.add(output, &evaluator.files);
        }
        folder(evaluator, state, &Key::Entry, &evaluator.entry_in_artifact)
    });
    let mut joined = Vec::new();
    for path in &evaluator.joined_in_artifact {
        let key = Key::Joined(path.clone());
        let reporter = Reporter {
            evaluator,
            folder: path,
            strictness: &strictness,
            changes_kustomizations: changes_kustomizations.as_ref(),
            definition: None,
            typed: &view.typed,
        };
        if let Some(output) = state.outputs.get(&key) {
            reporter.report(output, &mut diagnostics);
            remarks.add(output, &evaluator.files);
        }
        joined.push(folder(evaluator, state, &key, path));
    }
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
        is_assumed: evaluator.entry.kind == EntryKind::KustomizationRoot,
        is_remote: false,
        releases: state.made.releases.evaluated(),
        bootstrapped: state.made.bootstrapped().to_vec(),
        changes_kustomizations,
        diagnostics,
    }
}

fn strictness(evaluator: &Evaluator<'_>, state: &State, view: &Round<'_>) -> Strictness {
    let keys = view.reach.keys();
    let objects = keys.flat_map(|key| state.objects(&key).unwrap_or_default());
    let stated = view.typed.flux_instances.iter().map(|(instance, _)| instance);
    strictness::strictness(objects, stated.chain(&evaluator.entry.instance))
}

/// What bootstrapping names is taken for this repository, under whatever URL.
fn other_remote(evaluator: &Evaluator<'_>) -> Option<Diagnostic> {
    let (id, url, remote) = evaluator.artifacts.other_remote()?;
    let [url, remote] = [url, remote].map(|url| redaction::without_credentials(url).into_owned());
    let message = format!("{id} ({url}) is taken for this repository, whose remote is {remote}");
    let diagnostic = Diagnostic::new(Severity::Info, codes::SOURCE_ASSUMED, message).on(id.to_string());
    Some(
        diagnostic.hint(
            "right for a fork, a mirror or a new name; else name a folder with its content with --source",
        ),
    )
}

/// Says that a source is taken for this repository though its URL is another.
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
    let used: BTreeSet<&ObjectRef> = view
        .reach
        .definitions
        .values()
        .filter_map(|definition| Some(&definition.view.source.as_ref()?.id))
        .collect();
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

/// Which Kustomizations never came to rest, at the first of them.
fn unsettled(evaluator: &Evaluator<'_>, state: &State, view: &Round<'_>) -> Diagnostic {
    let ids: Vec<&crate::KustomizationId> = state
        .unsettled
        .iter()
        .filter_map(|key| match key {
            Key::Entry | Key::Joined(_) => None,
            Key::Kustomization(id) => Some(id),
        })
        .collect();
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let who = match names.as_slice() {
        [] => "the objects of this cluster keep changing each other".to_owned(),
        [one] => format!("Kustomization {one} keeps changing what it is built from"),
        several => format!("Kustomizations {} keep changing each other", several.join(", ")),
    };
    let diagnostic = Diagnostic::error(
        codes::LIMIT_REACHED,
        format!("{who}: evaluation stopped before it settled"),
    )
    .hint(
        "look for ConfigMaps that are substituted from each other, or Kustomizations that change themselves",
    );
    match ids.first() {
        None => diagnostic,
        Some(id) => {
            let mark = view
                .reach
                .definitions
                .get(*id)
                .map(|definition| definition.object.mark);
            diagnostic
                .at(mark.and_then(|mark| evaluator.files.place(mark)))
                .on(format!("Kustomization/{id}"))
        }
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
        None => definition.view.clone(),
        // What is not known keeps its variable where it is shown.
        Some(_) => {
            let shown = &definition.object.node;
            Kustomization::read(shown, &id.namespace, &mut Fields::unreported(shown))
        }
    };
    let built = output.and_then(|output| output.result.as_ref().ok());
    let remaining = evaluator.remains.of(id, &definition.object);
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
        kustomization: Some(Arc::new(kustomization)),
        external: is_external,
        generated_by: definition.object.generated_by.clone(),
        is_bootstrapped: state.made.is_bootstrapped(&definition.object),
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

/// What the build of a Kustomization leaves out, without what only followed from it.
fn left_out(output: &Output) -> Vec<Missing> {
    let parts = output.build.as_deref().and_then(|build| build.as_ref().ok());
    let parts = parts.map_or(&[][..], |build| &build.left_out).iter();
    parts
        .filter(|part| !part.what.is_empty())
        .map(|part| Missing {
            what: part.what.clone(),
            mark: part.error.mark(),
        })
        .collect()
}

/// What patches have taken away of the build of a Kustomization.
fn removals(output: &Output) -> Vec<Removal> {
    let build = output.build.as_deref().and_then(|build| build.as_ref().ok());
    build.map_or_else(Vec::new, |build| build.removals.clone())
}

/// What a folder applies that no Kustomization points at.
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
        let references = definition
            .view
            .post_build
            .iter()
            .flat_map(|post_build| &post_build.substitute_from);
        for reference in references {
            let object = ObjectRef::new(&reference.kind, &id.namespace, &reference.name);
            let source = table
                .sources
                .entry(object.clone())
                .or_insert_with(VariableSource::default);
            source.made_by = view.typed.maker(&object).cloned();
            let found = view.typed.values(&object);
            let values = match (evaluator.outside.object(&object), found) {
                (Some(values), _) => values.to_vec(),
                (None, Some(found)) => found.variables(&object),
                (None, None) => continue,
            };
            source.known = true;
            source.embedded_in = found.and_then(|found| found.embedded_in.clone());
            source.values = values
                .into_iter()
                .map(|(name, value)| {
                    let shown = value
                        .is_known()
                        .then(|| value.shown().map(str::to_owned))
                        .flatten();
                    (name, shown)
                })
                .collect();
        }
    }
    table
}

fn contents(evaluator: &Evaluator<'_>, state: &State, view: &Round<'_>) -> BTreeMap<ObjectRef, Arc<Sources>> {
    let stated = view.typed.sources.keys();
    let bootstrapped = evaluator.entry.sync.iter().map(|sync| &sync.id);
    let sources = stated.chain(bootstrapped).chain(&view.bare_sources);
    let at_hand = sources.filter_map(|id| {
        let resolved = evaluator.artifacts.resolve(id, &view.typed, &view.bare_sources);
        Some((id.clone(), Arc::clone(resolved.sources()?)))
    });
    let generated = state.made.artifacts_at_hand().filter_map(|id| {
        let resolved = state.made.artifact(id)?;
        Some((id.clone(), Arc::clone(resolved.sources()?)))
    });
    at_hand.chain(generated).collect()
}

fn self_sources(evaluator: &Evaluator<'_>, state: &State, view: &Round<'_>) -> BTreeSet<ObjectRef> {
    let stated = view.typed.sources.keys().cloned();
    let used = view
        .reach
        .definitions
        .values()
        .filter_map(|d| d.view.source.as_ref().map(|source| source.id.clone()));
    let bootstrapped = evaluator.entry.sync.iter().map(|sync| sync.id.clone());
    stated
        .chain(used)
        .chain(bootstrapped)
        .filter(|id| {
            matches!(
                evaluator.artifacts.resolve(id, &view.typed, &view.bare_sources),
                Resolved::Own(_)
            )
        })
        .chain(state.made.artifacts_at_hand().cloned())
        .collect()
}
