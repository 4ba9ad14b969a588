//! A cluster entry turns into the graph of Flux Kustomizations and the objects that each applies.
//!
//! Builds emit Kustomizations, and the values that others substitute; so everything is evaluated again until nothing
//! changes. Each round builds, in parallel, only what has changed inputs. Results do not depend on the order of arrival.

mod admission;
mod apply;
mod artifacts;
mod bare_sources;
mod bootstrapped;
mod build;
mod elsewhere;
mod findings;
mod generated;
mod include;
mod include_findings;
mod json_form;
pub(crate) mod key;
mod limit_hint;
mod missing_values;
mod output;
mod outside;
mod prefetch;
mod reach;
mod refused_fields;
mod releases;
mod remote_tree;
mod replaced_definitions;
mod report;
mod round;
mod sources;
mod state;
mod strictness;
mod sync_objects;
mod typed_objects;
mod unknown_names;
mod unknown_paths;
mod variables;
mod views;
mod waits;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use source_tree::{Budget, Diagnostic, EntryKind, Mark, RepoPath, SourceTree, TreeError};

use crate::charts::render_limits;
use crate::discovery::Entry;
use crate::flux::{CommonMetadata, DEFAULT_NAMESPACE, Kustomization, PostBuild};
use crate::generate::ApiVersion;
use crate::helm::{ChartStore, RenderSettings};
use crate::{Applied, ChartMode, Evaluation, ScanError, ScanOptions, jobs};

use apply::{ApplyError, Steps};
use bare_sources::{assumed_source, bare_sources};
use build::{Builds, SharedBuild};
use generated::Generated;
use key::Key;
use output::{Failure, Inputs, Output};
use outside::Outside;
use reach::{Definition, Emissions, Reach};
use round::{Evaluator, Round};
use sources::{Artifacts, Resolved};
use state::State;
use typed_objects::TypedObjects;
use unknown_paths::unknown_path;
use variables::{Merged, SubstituteFrom};
use views::Views;

/// Most rounds. Real repositories need three or four; objects that keep changing each other need any number.
const MAX_ROUNDS: usize = 40;

/// Evaluates one cluster entry.
///
/// # Errors
/// [`ScanError::EntryMissing`] if the entry is not a folder; [`ScanError::Vars`] for values from outside that cannot be
/// read. Problems inside of the repository are diagnostics.
pub fn evaluate(
    tree: &Arc<dyn SourceTree>,
    entry: &Entry,
    options: &ScanOptions,
) -> Result<Evaluation, ScanError> {
    if let Some(path) = entry
        .folders()
        .find(|path| tree.kind(path) != Some(EntryKind::Directory))
    {
        return Err(ScanError::EntryMissing { path: path.clone() });
    }
    let outside = Outside::read(&options.vars, &options.limits)?;
    let attempt = |sequential: bool| {
        let evaluator = Evaluator::new(tree, entry, options, outside.clone(), sequential);
        let evaluation = jobs::with_jobs(options.jobs, || {
            if sequential || rayon::current_num_threads() < 2 {
                return evaluator.run();
            }
            let ahead = || {
                let sources = evaluator.artifacts.entry().ahead();
                prefetch::read(&sources, &evaluator.entry_in_artifact, &evaluator.busy);
            };
            rayon::join(|| evaluator.run(), ahead).0
        })?;
        Ok((evaluation, evaluator.budget.is_exhausted()))
    };
    match attempt(false)? {
        (evaluation, false) => Ok(evaluation),
        // Which of the parallel builds exhausts the budget is chance. In sequence it is always the same one.
        (evaluation, true) => {
            drop(evaluation);
            attempt(true).map(|(evaluation, _)| evaluation)
        }
    }
}

impl<'a> Evaluator<'a> {
    fn new(
        tree: &Arc<dyn SourceTree>,
        entry: &'a Entry,
        options: &'a ScanOptions,
        outside: Outside,
        sequential: bool,
    ) -> Self {
        let budget = Budget::new(&options.limits);
        Evaluator {
            artifacts: Artifacts::new(Arc::clone(tree), entry, options, Arc::clone(&budget)),
            outside,
            budget,
            builds: Builds::default(),
            charts: ChartStore::new(
                options.contents(),
                options.charts != ChartMode::AsApplied,
                &options.limits,
            ),
            render_settings: Arc::new(RenderSettings {
                capabilities: options.capabilities.clone(),
                limits: render_limits(&options.limits),
                cache: options.renderings.clone(),
                handed_over: options.handed_over.clone(),
            }),
            entry_in_artifact: entry.path.strip_prefix(&entry.root).unwrap_or_default(),
            joined_in_artifact: entry
                .joined
                .iter()
                .filter_map(|path| path.strip_prefix(&entry.root))
                .collect(),
            tree: Arc::clone(tree),
            remains: match options.remains.get(&entry.name) {
                Some(remains) => Arc::new(remains.in_files(options.parsed.files())),
                None => Arc::default(),
            },
            files: Arc::clone(options.parsed.files()),
            entry,
            options,
            busy: AtomicBool::new(false),
            sequential,
        }
    }
}

/// The builds that a round repeats, and the results of controllers.
struct Changes {
    inputs: Vec<(Key, Inputs)>,
    generated: Generated,
}

impl Evaluator<'_> {
    fn run(&self) -> Evaluation {
        let mut state = State {
            remains: Arc::clone(&self.remains),
            ..State::default()
        };
        let joined = self.joined_in_artifact.iter();
        let joined = joined.map(|folder| (Key::Joined(folder.clone()), folder));
        for (key, folder) in std::iter::once((Key::Entry, &self.entry_in_artifact)).chain(joined) {
            let output = self.output(&key, self.folder_inputs(folder));
            state.outputs.insert(key, output);
        }
        let mut rounds = 0;
        loop {
            let mut diagnostics = Vec::new();
            let view = self.view(&state, &mut diagnostics);
            let changes = self.changes(&state, &view);
            let settled = changes.is_none();
            match changes {
                Some(changes) if rounds < MAX_ROUNDS => {
                    drop(view);
                    self.apply(changes, &mut state);
                    rounds += 1;
                }
                _ => return report::evaluation(self, &state, &view, settled, diagnostics),
            }
        }
    }

    /// The keys to build again. `None` if nothing changed any more.
    fn changes(&self, state: &State, view: &Round<'_>) -> Option<Changes> {
        let mut generated = Generated::new(self, view, state);
        let mut inputs: Vec<(Key, Inputs)> = view
            .reach
            .definitions
            .iter()
            .filter_map(|(id, definition)| {
                let key = Key::Kustomization(id.clone());
                let inputs = self.inputs(definition, state, view, &generated);
                let known = state.outputs.get(&key);
                known
                    .is_none_or(|output| !output.inputs.is_same_as(&inputs))
                    .then_some((key, inputs))
            })
            .collect();
        if inputs.is_empty() && generated.is_same_as(&state.generated) {
            // Charts take longest, so they are rendered once nothing else changes.
            let releases = generated.releases.rendered(self, view, &generated.artifacts);
            if releases.is_same_as(&generated.releases) {
                return None;
            }
            generated.releases = releases;
            return Some(Changes { inputs, generated });
        }
        // The entry's own build usually has the variables of all others, which would be built twice without them.
        let entry = view.reach.entry.clone().map(Key::Kustomization);
        if let Some(entry) = entry.filter(|entry| !state.outputs.contains_key(entry))
            && inputs.iter().any(|(key, _)| *key == entry)
        {
            inputs.retain(|(key, _)| *key == entry);
        }
        Some(Changes { inputs, generated })
    }

    fn apply(&self, changes: Changes, state: &mut State) {
        self.busy.fetch_or(changes.inputs.len() > 1, Ordering::Relaxed);
        state.unsettled = changes.inputs.iter().map(|(key, _)| key.clone()).collect();
        let output = |(key, inputs)| {
            let output = self.output(&key, inputs);
            (key, output)
        };
        let outputs: Vec<(Key, Output)> = match self.sequential {
            true => changes.inputs.into_iter().map(output).collect(),
            false => changes.inputs.into_par_iter().map(output).collect(),
        };
        for (key, output) in outputs {
            if let Some(Ok(objects)) = state.outputs.insert(key, output).map(|old| old.result) {
                self.budget.give_objects_back(objects.built);
            }
        }
        state.generated = changes.generated;
    }

    /// The graph and the objects according to the results so far.
    fn view<'s>(&self, state: &'s State, diagnostics: &mut Vec<Diagnostic>) -> Round<'s> {
        let mut bare_sources = bare_sources(self, state);
        let assumed = assumed_source(self, state, &bare_sources);
        bare_sources.extend(assumed.clone());
        let none_yet = TypedObjects::default();
        let is_self = |kustomization: &Kustomization| {
            let source = kustomization.source.as_ref();
            let resolved = source.map(|source| self.artifacts.resolve(&source.id, &none_yet, &bare_sources));
            matches!(resolved, Some(Resolved::Own(_)))
        };
        let emissions = Emissions {
            emitted: &|key| state.emitted(key),
            is_self: &is_self,
            entry: &self.entry_in_artifact,
            joined: &self.joined_in_artifact,
            files: &self.files,
            limits: &self.options.limits,
        };
        let generated: Vec<&Applied> = state.generated.all().collect();
        let reach = Reach::walk(&emissions, &generated, diagnostics);
        let mut typed = TypedObjects::default();
        for key in reach.keys().filter(|key| !reach.is_remote(key)) {
            state.add_typed(&key, &mut typed, &self.files, diagnostics);
        }
        Round {
            reach,
            typed,
            bare_sources,
            assumed,
            resolved: Mutex::default(),
            substitute_from: SubstituteFrom::default(),
        }
    }

    /// Inputs of a folder that no Kustomization points at. Variables that the caller gives are those of the Kustomization with
    /// which something outside of the repository applies the folder.
    fn folder_inputs(&self, folder: &RepoPath) -> Inputs {
        let is_given = !self.outside.defaults().is_empty();
        let mut merged = Merged::default();
        for (name, value) in self.outside.defaults() {
            merged.variables.set(name, value.clone());
        }
        Inputs {
            files: Resolved::Own(self.artifacts.entry()),
            path: folder.clone(),
            path_is_unknown: false,
            build_spec: yaml_node::Node::empty_mapping(),
            api_version: ApiVersion::default(),
            post_build: is_given.then(PostBuild::default),
            common_metadata: CommonMetadata::default(),
            merged,
            is_bare: true,
            is_given,
        }
    }

    fn inputs(
        &self,
        definition: &Definition,
        state: &State,
        view: &Round<'_>,
        generated: &Generated,
    ) -> Inputs {
        let kustomization = &definition.view;
        let files = match &kustomization.source {
            Some(source) => generated.artifacts.resolve(&source.id, self, view),
            None => Resolved::Missing,
        };
        let merged = kustomization.post_build.as_ref().map(|post_build| {
            let from = &view.substitute_from;
            let mut merged = variables::merge(
                &post_build.substitute_from,
                &kustomization.id.namespace,
                from,
                &view.typed,
                &self.outside,
            );
            merged.add_stated(definition);
            merged
        });
        Inputs {
            files,
            path: RepoPath::new(&kustomization.path),
            path_is_unknown: unknown_path(definition, state).is_some(),
            build_spec: kustomization.build_spec.clone(),
            api_version: kustomization.api_version,
            post_build: kustomization.post_build.clone(),
            common_metadata: kustomization.common_metadata.clone(),
            merged: merged.unwrap_or_default(),
            is_bare: false,
            is_given: false,
        }
    }

    fn output(&self, key: &Key, inputs: Inputs) -> Output {
        let build = match self.build(&inputs) {
            Ok(build) => build,
            Err(failure) => {
                return Output {
                    inputs,
                    result: Err(failure),
                    views: Views::default(),
                    build: None,
                };
            }
        };
        let steps = Steps {
            post_build: inputs.post_build.as_ref(),
            variables: &inputs.merged.variables,
            common_metadata: &inputs.common_metadata,
            is_open: inputs.is_open(),
            is_lenient: inputs.is_given,
            limits: &self.options.limits,
            work: &self.budget.work(),
            budget: &self.budget,
        };
        let result = match &*build {
            Ok(build) => steps.run(&build.resources).map_err(Failure::Apply),
            Err(_) => Err(Failure::Build),
        };
        let namespace = key.kustomization().map_or(DEFAULT_NAMESPACE, |id| &id.namespace);
        let views = result
            .as_ref()
            .map(|objects| Views::read(&objects.applied, namespace, &self.files));
        Output {
            views: views.unwrap_or_default(),
            result,
            build: Some(build),
            inputs,
        }
    }

    fn build(&self, inputs: &Inputs) -> Result<SharedBuild, Failure> {
        let files = inputs.files.sources().ok_or(Failure::External)?;
        let (path, spec) = (&inputs.path, &inputs.build_spec);
        if inputs.path_is_unknown {
            return Err(Failure::PathUnknown);
        }
        if matches!(files.tree().canonicalize(path), Err(TreeError::Elsewhere { .. })) {
            return Err(Failure::External);
        }
        if files.tree().kind(path).is_none() {
            return Err(Failure::PathMissing);
        }
        // Without budget for more objects it is not built at all.
        let limit = |error| Failure::Apply(ApplyError::limit(&error, Mark::NONE));
        self.budget.check_objects().map_err(limit)?;
        Ok(match inputs.is_bare {
            true => self.builds.applied(files, path, spec, inputs.api_version),
            false => self.builds.get(files, path, spec, inputs.api_version),
        })
    }
}
