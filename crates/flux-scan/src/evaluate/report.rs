//! The last round turns into the [`Evaluation`] and its diagnostics.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use infra_model::codes;
use kustomize_build::BuildError;
use source_tree::{Diagnostic, RepoPath, Severity};

use super::reach::Definition;
use super::sources::Resolved;
use super::{Evaluator, Failure, Key, Output, State, View, waits};
use crate::flux::ObjectId;
use crate::substitute;
use crate::{Applied, Evaluated, Evaluation, VariableSource, VariableTable};

/// Puts everything together.
pub(super) fn evaluation(evaluator: &Evaluator<'_>, state: &State) -> Evaluation {
    let mut diagnostics = Vec::new();
    let view = evaluator.view(state, &mut diagnostics);
    diagnostics.extend(state.made.diagnostics(evaluator));
    diagnostics.extend(waits::circles(evaluator, &view));
    if !state.settled {
        diagnostics.push(unsettled(evaluator, state, &view));
    }
    let mut kustomizations = Vec::new();
    let mut deprecated = BTreeMap::new();
    for id in &view.reach.order {
        let Some(definition) = view.reach.definitions.get(id) else { continue };
        let output = state.outputs.get(&Key::Kustomization(id.clone()));
        let reporter = Reporter {
            evaluator,
            definition: Some(definition),
        };
        if let Some(output) = output {
            reporter.report(output, &mut diagnostics);
            warnings(output, &mut deprecated);
        }
        kustomizations.push(evaluated(evaluator, state, id, definition, output));
    }
    let root = match &view.reach.entry {
        Some(id) => kustomizations.iter().find(|evaluated| evaluated.id.as_ref() == Some(id)).cloned(),
        None => None,
    };
    let root = root.unwrap_or_else(|| {
        let output = state.outputs.get(&Key::Entry);
        let reporter = Reporter {
            evaluator,
            definition: None,
        };
        if let Some(output) = output {
            reporter.report(output, &mut diagnostics);
            warnings(output, &mut deprecated);
        }
        entry(evaluator, state, output)
    });
    diagnostics.extend(deprecated.into_values());
    Diagnostic::sort(&mut diagnostics);
    Evaluation {
        entry: evaluator.entry.path.clone(),
        sources: evaluator.repository(),
        files: Arc::clone(&evaluator.files),
        root,
        kustomizations,
        variables: variables(evaluator, &view),
        self_sources: self_sources(evaluator, state, &view),
        diagnostics,
    }
}

/// Which Kustomizations never came to rest, at the first of them.
fn unsettled(evaluator: &Evaluator<'_>, state: &State, view: &View<'_>) -> Diagnostic {
    let ids: Vec<&crate::KustomizationId> = state
        .unsettled
        .iter()
        .filter_map(|key| match key {
            Key::Entry => None,
            Key::Kustomization(id) => Some(id),
        })
        .collect();
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let who = match names.as_slice() {
        [] => "the objects of this cluster keep changing each other".to_owned(),
        [one] => format!("Kustomization {one} keeps changing what it is built from"),
        several => format!("Kustomizations {} keep changing each other", several.join(", ")),
    };
    let diagnostic =
        Diagnostic::error(codes::LIMIT_REACHED, format!("{who}: evaluation stopped before it settled")).hint(
            "look for ConfigMaps that are substituted from each other, or Kustomizations that change themselves",
        );
    match ids.first() {
        None => diagnostic,
        Some(id) => {
            let mark = view.reach.definitions.get(*id).map(|definition| definition.object.mark);
            diagnostic
                .at(mark.and_then(|mark| evaluator.files.place(mark)))
                .on(format!("Kustomization/{id}"))
        }
    }
}

/// Deprecated fields of kustomization files, once each, however many builds include them.
fn warnings(output: &Output, deprecated: &mut BTreeMap<(Option<source_tree::Place>, String), Diagnostic>) {
    if let Some(Ok(build)) = output.build.as_deref() {
        for warning in &build.warnings {
            let mut warning = warning.clone();
            warning.severity = Severity::Info;
            deprecated.insert((warning.place.clone(), warning.message.clone()), warning);
        }
    }
}

fn evaluated(
    evaluator: &Evaluator<'_>,
    state: &State,
    id: &crate::KustomizationId,
    definition: &Definition,
    output: Option<&Output>,
) -> Evaluated {
    let names = |references: &[crate::flux::SubstituteReference]| {
        references.iter().map(|reference| format!("{}/{}", reference.kind, reference.name)).collect()
    };
    let key = Key::Kustomization(id.clone());
    let path = definition.object.node.text_at(&["spec", "path"]).unwrap_or_default();
    let objects = state.objects(&key).unwrap_or_default();
    let built = output.and_then(|output| output.result.as_ref().ok());
    let is_external = output.is_none_or(|output| !matches!(output.inputs.files, Resolved::Own(_) | Resolved::Other(_)));
    Evaluated {
        id: Some(id.clone()),
        parent: definition.parent.clone(),
        also_emitted_by: definition.also_emitted_by.clone(),
        object: Some(definition.object.clone()),
        path: RepoPath::new(path),
        external: is_external,
        generated_by: definition.object.generated_by.clone(),
        error: output.and_then(|output| error(evaluator, output)),
        missing: output.map_or(Vec::new(), |output| names(&output.inputs.merged.missing)),
        encrypted: output.map_or(Vec::new(), |output| names(&output.inputs.merged.encrypted)),
        substituted: built.is_some_and(|objects| objects.substituted),
        objects: objects.into_iter().cloned().collect(),
        variable_uses: built.map(|objects| objects.uses.clone()).unwrap_or_default(),
    }
}

fn entry(evaluator: &Evaluator<'_>, state: &State, output: Option<&Output>) -> Evaluated {
    Evaluated {
        path: evaluator.entry_in_artifact.clone(),
        error: output.and_then(|output| error(evaluator, output)),
        objects: state.objects(&Key::Entry).unwrap_or_default().into_iter().cloned().collect(),
        ..Evaluated::default()
    }
}

/// Why nothing is applied, in one sentence.
fn error(evaluator: &Evaluator<'_>, output: &Output) -> Option<String> {
    match output.result.as_ref().err()? {
        Failure::External => None,
        Failure::PathMissing => Some(format!("kustomization path not found: {}", output.inputs.path)),
        Failure::Build => build_error(output).map(|error| {
            let place = error.place(&evaluator.files);
            let place = place.map_or(String::new(), |place| format!(" ({place})"));
            format!("kustomize build failed: {error}{place}")
        }),
        Failure::Apply(error) => Some(error.message.clone()),
    }
}

fn build_error(output: &Output) -> Option<&BuildError> {
    output.build.as_deref()?.as_ref().err()
}

/// Finds words and places for what is wrong with one Kustomization, or the bare entry.
struct Reporter<'a> {
    evaluator: &'a Evaluator<'a>,
    definition: Option<&'a Definition>,
}

impl Reporter<'_> {
    fn report(&self, output: &Output, diagnostics: &mut Vec<Diagnostic>) {
        match &output.result {
            Ok(objects) => {
                self.variables(output, diagnostics);
                for object in &objects.applied {
                    self.retyped(object, diagnostics);
                }
            }
            Err(failure) => diagnostics.extend(self.failure(failure, output)),
        }
        if matches!(output.result, Ok(_) | Err(Failure::Apply(_))) {
            self.missing(output, diagnostics);
        }
    }

    fn name(&self) -> String {
        match self.definition {
            Some(definition) => format!("Kustomization {}", definition.view.id),
            None => format!("the entry {}", self.evaluator.entry.path),
        }
    }

    fn on(&self, diagnostic: Diagnostic) -> Diagnostic {
        match self.definition {
            Some(definition) => diagnostic.on(format!("Kustomization/{}", definition.view.id)),
            None => diagnostic,
        }
    }

    fn at(&self, diagnostic: Diagnostic, mark: source_tree::Mark) -> Diagnostic {
        let own = self.definition.map(|definition| definition.object.mark);
        let place = self.evaluator.files.place(mark);
        let place = place.or_else(|| own.and_then(|mark| self.evaluator.files.place(mark)));
        self.on(diagnostic.at(place))
    }

    fn failure(&self, failure: &Failure, output: &Output) -> Option<Diagnostic> {
        let name = self.name();
        Some(match failure {
            Failure::External => self.external(output)?,
            Failure::PathMissing => {
                let path = &output.inputs.path;
                let unknown = self.definition.and_then(|d| {
                    let shown = d.object.node.text_at(&["spec", "path"])?;
                    shown.contains("${").then(|| shown.to_owned())
                });
                let hint = match unknown {
                    Some(path) => format!("a variable of `{path}` is not known; give it with --vars"),
                    None => format!("create the folder or correct spec.path; {}", self.nearest(output)),
                };
                let mark = self.definition.map_or(source_tree::Mark::NONE, |d| d.view.path_mark);
                let message = format!("{name}: the path {path} is not in its source");
                self.at(Diagnostic::error(codes::PATH_MISSING, message).hint(hint), mark)
            }
            Failure::Build => {
                let error = build_error(output)?;
                let (severity, code, hint) = match error {
                    _ if error.is_unresolved() => (
                        Severity::Warning,
                        codes::REMOTE_UNRESOLVED,
                        "what is remote is not fetched: copy it into the repository to have it catalogued",
                    ),
                    BuildError::MalformedYaml(_) => (
                        Severity::Error,
                        codes::YAML_INVALID,
                        "Flux applies nothing of this Kustomization until the file can be read",
                    ),
                    BuildError::Limit(_) => (
                        Severity::Error,
                        codes::LIMIT_REACHED,
                        "a scan holds to this bound so that no file can harm it; --max-file-size raises that of one file",
                    ),
                    _ => (
                        Severity::Error,
                        codes::BUILD_FAILED,
                        "Flux applies nothing of this Kustomization until its build works",
                    ),
                };
                let diagnostic = Diagnostic::new(severity, code, format!("{name}: {error}")).hint(hint);
                self.at(diagnostic, error.mark())
            }
            Failure::Apply(error) => {
                let (code, hint) = if error.in_substitution {
                    let hint = "write `$${` where no variable is meant, or annotate the object with \
                                kustomize.toolkit.fluxcd.io/substitute: disabled";
                    (codes::SUBSTITUTION_FAILED, hint)
                } else {
                    (codes::BUILD_FAILED, "every object needs apiVersion, kind and metadata.name")
                };
                self.at(Diagnostic::error(code, format!("{name}: {}", error.message)).hint(hint), error.mark)
            }
        })
    }

    fn external(&self, output: &Output) -> Option<Diagnostic> {
        let definition = self.definition?;
        let name = self.name();
        let Some(source) = &definition.view.source else {
            let message = format!("{name} names no source");
            let diagnostic = Diagnostic::error(codes::SOURCE_MISSING, message).hint("add spec.sourceRef");
            return Some(self.at(diagnostic, definition.object.mark));
        };
        let diagnostic = match output.inputs.files {
            Resolved::Missing => Diagnostic::error(
                codes::SOURCE_MISSING,
                format!("{name}: nothing in the repository states its source {}", source.id),
            )
            .hint("correct spec.sourceRef, add the source, or name its content with --source"),
            _ => Diagnostic::new(
                Severity::Info,
                codes::SOURCE_UNRESOLVED,
                format!("{name}: the content of its source {} is elsewhere", source.id),
            )
            .hint(format!("name a folder with it: --source {}=DIR", source.id)),
        };
        Some(self.at(diagnostic, source.mark))
    }

    /// The part of a missing path that exists.
    fn nearest(&self, output: &Output) -> String {
        let tree = output.inputs.files.sources().map(|sources| sources.tree());
        let mut folder = output.inputs.path.parent();
        while let (Some(path), Some(tree)) = (&folder, tree) {
            if !path.is_root() && tree.kind(path).is_some() {
                return format!("of it only {path} exists");
            }
            folder = path.parent();
        }
        "it starts at the top of the source".to_owned()
    }

    fn missing(&self, output: &Output, diagnostics: &mut Vec<Diagnostic>) {
        let Some(definition) = self.definition else { return };
        let namespace = &definition.view.id.namespace;
        for reference in output.inputs.merged.missing.iter().filter(|reference| !reference.optional) {
            let object = ObjectId::new(&reference.kind, namespace, &reference.name);
            let message = format!("{} substitutes from {object}, which nothing in the repository makes", self.name());
            let hint = format!("where something else makes it, give its values: --vars {object}=FILE");
            let diagnostic = Diagnostic::warning(codes::SUBSTITUTE_FROM_MISSING, message).hint(hint);
            diagnostics.push(self.at(diagnostic, reference.mark));
        }
    }

    fn variables(&self, output: &Output, diagnostics: &mut Vec<Diagnostic>) {
        let Ok(objects) = &output.result else { return };
        for (name, used) in &objects.uses {
            if output.inputs.variables().get(name).is_some() || used.defaulted {
                continue;
            }
            let message = format!("{}: nothing defines the variable `{name}`", self.name());
            let diagnostic = Diagnostic::warning(codes::VARIABLE_UNDEFINED, message).hint(
                "define it, give it a default as in `${name:=value}`, or give its value with --vars; Flux since 2.9 fails",
            );
            diagnostics.push(self.at(diagnostic, used.first));
        }
    }

    fn retyped(&self, object: &Applied, diagnostics: &mut Vec<Diagnostic>) {
        // What is unknown becomes null in the rendering, which another diagnostic says.
        for retyped in substitute::retyped(&object.built, &object.node) {
            let id = ObjectId::of(&object.node);
            let message = format!("{id}: substitution turns the text `{}` into {}", retyped.field, retyped.became);
            let diagnostic = Diagnostic::warning(codes::RETYPED_VALUE, message)
                .on(id.to_string())
                .at(self.evaluator.files.place(retyped.mark))
                .hint("the API server refuses it; put the variable into more text, or use a block scalar");
            diagnostics.push(diagnostic);
        }
    }
}

fn variables(evaluator: &Evaluator<'_>, view: &View<'_>) -> VariableTable {
    let mut table = VariableTable::default();
    for (id, definition) in &view.reach.definitions {
        let references = definition.view.post_build.iter().flat_map(|post_build| &post_build.substitute_from);
        for reference in references {
            let object = ObjectId::new(&reference.kind, &id.namespace, &reference.name);
            let source = table.sources.entry(object.to_string()).or_insert_with(VariableSource::default);
            let found = view.inventory.values(&object);
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
                    let shown = value.is_known().then(|| value.shown().map(str::to_owned)).flatten();
                    (name, shown)
                })
                .collect();
        }
    }
    table
}

fn self_sources(evaluator: &Evaluator<'_>, state: &State, view: &View<'_>) -> BTreeSet<String> {
    let stated = view.inventory.sources.keys().cloned();
    let used = view.reach.definitions.values().filter_map(|d| d.view.source.as_ref().map(|source| source.id.clone()));
    let bootstrapped = evaluator.entry.sync.iter().map(|sync| sync.id.clone());
    stated
        .chain(used)
        .chain(bootstrapped)
        .filter(|id| {
            matches!(
                evaluator.artifacts.resolve(id, &view.inventory, &view.bare_sources),
                Resolved::Own(_)
            )
        })
        .chain(state.made.artifacts_at_hand().cloned())
        .map(|id| id.to_string())
        .collect()
}
