//! A cluster entry turns into the graph of Flux Kustomizations and what each applies.
//!
//! Builds emit Kustomizations, and the values that others substitute; so everything is evaluated again until nothing
//! changes. Each round builds what its changed inputs touch, in parallel, and nothing depends on the order of arrival.

mod admission;
mod apart;
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
mod unknown_paths;
mod variables;
mod waits;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use source_tree::{Budget, Diagnostic, EntryKind, RepoPath, SourceTree, TreeError};

use crate::charts::render_limits;
use crate::discovery::Entry;
use crate::flux::{CommonMetadata, Kustomization, PostBuild};
use crate::generate::ApiVersion;
use crate::helm::{ChartStore, RenderSettings};
use crate::{Applied, ChartMode, Evaluation, ScanError, ScanOptions, jobs};

use apply::{ApplyError, Steps};
use bare_sources::{assumed_source, bare_sources};
use build::Builds;
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

/// Most rounds. Real repositories need three or four; objects that keep changing each other need any number.
const MAX_ROUNDS: usize = 40;

/// Evaluates one cluster entry.
///
/// # Errors
/// [`ScanError::EntryMissing`] where the entry is no folder; [`ScanError::Vars`] for values from outside that cannot be
/// read. What is wrong inside of the repository is a diagnostic.
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
    let attempt = |in_turn: bool| {
        let evaluator = Evaluator::new(tree, entry, options, outside.clone(), in_turn);
        let evaluation = jobs::with_jobs(options.jobs, || match rayon::current_num_threads() {
            0 | 1 => evaluator.run(),
            _ if in_turn => evaluator.run(),
            _ => {
                let ahead = || {
                    let sources = evaluator.artifacts.entry().ahead();
                    prefetch::read(&sources, &evaluator.entry_in_artifact, &evaluator.busy);
                };
                rayon::join(|| evaluator.run(), ahead).0
            }
        })?;
        Ok((evaluation, evaluator.budget.is_exhausted()))
    };
    match attempt(false)? {
        (evaluation, false) => Ok(evaluation),
        // Of builds side by side it is a matter of chance which is refused; one after the other it is not.
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
        in_turn: bool,
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
                kept: options.renderings.clone(),
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
            in_turn,
        }
    }
}

/// What a round builds again, and what controllers make of its objects.
struct Changes {
    inputs: Vec<(Key, Inputs)>,
    made: Generated,
}

impl Evaluator<'_> {
    fn run(&self) -> Evaluation {
        let mut state = State {
            remains: Arc::clone(&self.remains),
            ..State::default()
        };
        state.outputs.insert(
            Key::Entry,
            self.output(self.folder_inputs(&self.entry_in_artifact)),
        );
        for folder in &self.joined_in_artifact {
            let output = self.output(self.folder_inputs(folder));
            state.outputs.insert(Key::Joined(folder.clone()), output);
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

    /// What has to be built again; none where the results so far are the last.
    fn changes(&self, state: &State, view: &Round<'_>) -> Option<Changes> {
        let mut made = Generated::new(self, view, state);
        let mut inputs: Vec<(Key, Inputs)> = view
            .reach
            .definitions
            .iter()
            .filter_map(|(id, definition)| {
                let key = Key::Kustomization(id.clone());
                let inputs = self.inputs(definition, state, view, &made);
                let known = state.outputs.get(&key);
                known
                    .is_none_or(|output| !output.inputs.same(&inputs))
                    .then_some((key, inputs))
            })
            .collect();
        if inputs.is_empty() && made.same(&state.made) {
            // Charts take longest, so they are rendered once everything else has come to rest.
            let releases = made.releases.rendered(self, view, &made.artifacts);
            if releases.same(&made.releases) {
                return None;
            }
            made.releases = releases;
            return Some(Changes { inputs, made });
        }
        // The entry's own build most often has the variables of all others: without them these would be built twice.
        let entry = view.reach.entry.clone().map(Key::Kustomization);
        if let Some(entry) = entry.filter(|entry| !state.outputs.contains_key(entry))
            && inputs.iter().any(|(key, _)| *key == entry)
        {
            inputs.retain(|(key, _)| *key == entry);
        }
        Some(Changes { inputs, made })
    }

    fn apply(&self, changes: Changes, state: &mut State) {
        self.busy.fetch_or(changes.inputs.len() > 1, Ordering::Relaxed);
        state.unsettled = changes.inputs.iter().map(|(key, _)| key.clone()).collect();
        let output = |(key, inputs)| (key, self.output(inputs));
        let outputs: Vec<(Key, Output)> = match self.in_turn {
            true => changes.inputs.into_iter().map(output).collect(),
            false => changes.inputs.into_par_iter().map(output).collect(),
        };
        for (key, output) in outputs {
            if let Some(Ok(objects)) = state.outputs.insert(key, output).map(|old| old.result) {
                self.budget.give_objects_back(objects.built);
            }
        }
        state.made = changes.made;
    }

    /// What the results so far make of the graph.
    fn view<'s>(&self, state: &'s State, diagnostics: &mut Vec<Diagnostic>) -> Round<'s> {
        let mut bare_sources = bare_sources(self, state);
        let assumed = assumed_source(self, state, &bare_sources);
        bare_sources.extend(assumed.clone());
        let none_yet = TypedObjects::default();
        let is_self = |kustomization: &Kustomization| match &kustomization.source {
            Some(source) => matches!(
                self.artifacts.resolve(&source.id, &none_yet, &bare_sources),
                Resolved::Own(_)
            ),
            None => false,
        };
        let emissions = Emissions {
            objects: &|key| state.objects(key),
            is_self: &is_self,
            entry: &self.entry_in_artifact,
            joined: &self.joined_in_artifact,
            files: &self.files,
            limits: &self.options.limits,
        };
        let made: Vec<&Applied> = state.made.all().collect();
        let reach = Reach::walk(&emissions, &made, diagnostics);
        let mut typed = TypedObjects::default();
        for key in reach.keys() {
            let remote = match &key {
                Key::Entry | Key::Joined(_) => false,
                Key::Kustomization(id) => reach
                    .definitions
                    .get(id)
                    .is_some_and(|d| d.view.kube_config.is_some()),
            };
            if !remote {
                typed.add(
                    &key,
                    state.objects(&key).unwrap_or_default(),
                    &self.files,
                    diagnostics,
                );
            }
        }
        Round {
            reach,
            typed,
            bare_sources,
            assumed,
            substitute_from: SubstituteFrom::default(),
        }
    }

    /// What a folder that no Kustomization points at is built from. Who gives values of variables means those of the
    /// Kustomization that something outside of the repository applies it by.
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

    fn inputs(&self, definition: &Definition, state: &State, view: &Round<'_>, made: &Generated) -> Inputs {
        let kustomization = &definition.view;
        let files = match &kustomization.source {
            Some(source) => made.artifact(&source.id).unwrap_or_else(|| {
                self.artifacts
                    .resolve(&source.id, &view.typed, &view.bare_sources)
            }),
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

    fn output(&self, inputs: Inputs) -> Output {
        let Some(files) = inputs.files.sources() else {
            return Output {
                inputs,
                result: Err(Failure::External),
                build: None,
            };
        };
        if inputs.path_is_unknown {
            return Output {
                inputs,
                result: Err(Failure::PathUnknown),
                build: None,
            };
        }
        if matches!(
            files.tree().canonicalize(&inputs.path),
            Err(TreeError::Elsewhere { .. })
        ) {
            return Output {
                inputs,
                result: Err(Failure::External),
                build: None,
            };
        }
        if files.tree().kind(&inputs.path).is_none() {
            return Output {
                inputs,
                result: Err(Failure::PathMissing),
                build: None,
            };
        }
        // What there is no room for is not built at all.
        if let Err(error) = self.budget.check_objects() {
            return Output {
                inputs,
                result: Err(Failure::Apply(ApplyError::limit(&error))),
                build: None,
            };
        }
        let (path, spec) = (&inputs.path, &inputs.build_spec);
        let build = match inputs.is_bare {
            true => self.builds.applied(files, path, spec, inputs.api_version),
            false => self.builds.get(files, path, spec, inputs.api_version),
        };
        let steps = Steps {
            post_build: inputs.post_build.as_ref(),
            variables: &inputs.merged.variables,
            common_metadata: &inputs.common_metadata,
            // What is undefined fails nothing here, so that the rest of the Kustomization is known; it is reported.
            strict: false,
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
        Output {
            result,
            build: Some(build),
            inputs,
        }
    }
}
