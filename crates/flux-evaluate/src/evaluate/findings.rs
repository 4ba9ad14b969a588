//! Diagnostics about the output of a Kustomization: what is wrong, where, and how to mend it.

use std::collections::BTreeMap;
use std::sync::Arc;

use kustomize_build::{BuildError, RemoteBase, Sources};
use source_tree::{Diagnostic, FileTable, Mark, ObjectRef, Place, RepoPath, Severity, codes};

use super::apply::{ApplyError, Fault};
use super::elsewhere::{not_cached, remote_hint, source_hint};
use super::limit_hint::LIMIT_HINT;
use super::output::{Failure, Output};
use super::reach::Definition;
use super::round::Evaluator;
use super::sources::Resolved;
use super::strictness::Strictness;
use super::typed_objects::TypedObjects;
use crate::artifact::ArtifactTree;
use crate::generate::{FILE_NAMES, dropped_fields, kustomization_files, similar_field};
use crate::{DefinedIn, RemoteRequest};

/// Finds words and places for what is wrong with one Kustomization, or the bare entry.
pub(super) struct Reporter<'a> {
    pub(super) evaluator: &'a Evaluator<'a>,
    pub(super) definition: Option<&'a Definition>,
    /// The folder, where no Kustomization points at it.
    pub(super) folder: &'a RepoPath,
    /// Whether an undefined variable fails its Kustomization.
    pub(super) strictness: &'a Strictness,
    /// What may give Kustomizations variables that nothing here states.
    pub(super) changes_kustomizations: Option<&'a ObjectRef>,
    pub(super) typed: &'a TypedObjects<'a>,
}

impl Reporter<'_> {
    pub(super) fn report(&self, output: &Output, diagnostics: &mut Vec<Diagnostic>) {
        self.left_out(output, diagnostics);
        self.dropped_fields(output, diagnostics);
        match &output.result {
            Ok(objects) => {
                self.variables(output, diagnostics);
                for name in &objects.unnamed {
                    let message = format!(
                        "{}: the name `{}` is no text, so that Flux takes the object for none and leaves it out without a word",
                        self.name(),
                        name.text().unwrap_or_default()
                    );
                    let diagnostic =
                        Diagnostic::error(codes::FIELD_INVALID, message).hint("put the name in quotes");
                    diagnostics.push(self.at(diagnostic, name.mark));
                }
                for object in &objects.applied {
                    self.encoded(output, object, diagnostics);
                    self.retyped(object, diagnostics);
                }
            }
            Err(failure) => diagnostics.extend(self.failure(failure, output)),
        }
    }

    /// One line that names what is not at hand costs that line.
    fn left_out(&self, output: &Output, diagnostics: &mut Vec<Diagnostic>) {
        let Some(Ok(build)) = output.build.as_deref() else {
            return;
        };
        let mut uncommitted = Vec::new();
        let options = self.evaluator.options;
        for part in build.left_out.iter().filter(|part| !part.what.is_empty()) {
            let error = &part.error;
            let (severity, code, hint) = match error {
                BuildError::Elsewhere(_) if self.is_uncommitted(&part.what) => {
                    uncommitted.push(part);
                    continue;
                }
                BuildError::Elsewhere(_) => (
                    Severity::Warning,
                    codes::SOURCE_UNRESOLVED,
                    "the rest is catalogued; name a folder with what is included: --source Kind/namespace/name=DIR",
                ),
                BuildError::HelmCharts(_) | BuildError::ExternalPlugin(_) => (
                    Severity::Error,
                    codes::BUILD_FAILED,
                    "Flux renders no charts and runs no plugins in a build, and applies nothing of this Kustomization; \
                     the rest is catalogued",
                ),
                _ if self.is_not_cached(&part.what) => {
                    let message = format!(
                        "{}: {} is in the lock file, and not in the cache",
                        self.name(),
                        part.what
                    );
                    let diagnostic = not_cached(options, message);
                    diagnostics.push(self.at(diagnostic, error.mark()));
                    continue;
                }
                _ if options.can_fetch => (
                    Severity::Warning,
                    codes::REMOTE_UNRESOLVED,
                    "the rest is catalogued; get it with `flux-infra-guide fetch` to have it catalogued too",
                ),
                _ => (
                    Severity::Warning,
                    codes::REMOTE_UNRESOLVED,
                    "the rest is catalogued; copy what is remote into the repository to have it catalogued too",
                ),
            };
            let message = match error {
                BuildError::HelmCharts(_) | BuildError::ExternalPlugin(_) => {
                    format!("{}: {error}", self.name())
                }
                BuildError::Elsewhere(_) if self.is_uncommitted(&part.what) => {
                    format!(
                        "{}: {} is not in the repository and left out",
                        self.name(),
                        part.what
                    )
                }
                _ => format!("{}: {} is not at hand and left out", self.name(), part.what),
            };
            diagnostics.push(self.at(Diagnostic::new(severity, code, message).hint(hint), error.mark()));
        }
        if let Some(first) = uncommitted.first() {
            let files: Vec<&str> = uncommitted.iter().map(|part| part.what.as_str()).collect();
            let message = format!(
                "{}: the repository does not hold {}, which a kustomization file lists",
                self.name(),
                files.join(" and ")
            );
            let diagnostic = Diagnostic::warning(codes::BUILD_FAILED, message).hint(
                "`flux bootstrap` writes and commits such files, and Flux builds nothing of this folder without them; the rest is catalogued",
            );
            diagnostics.push(self.at(diagnostic, first.error.mark()));
        }
    }

    /// Fields of the kustomization file that kustomize does not have. Flux writes the file of its path without them.
    fn dropped_fields(&self, output: &Output, diagnostics: &mut Vec<Diagnostic>) {
        let Some(sources) = output.inputs.files.sources() else {
            return;
        };
        for field in dropped_fields(sources, &output.inputs.path) {
            let message = format!(
                "{}: a kustomization file has no field `{}`: kustomize refuses it, and Flux leaves it out",
                self.name(),
                field.path
            );
            let hint = match field.similar {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => "remove it, or correct its name or place".to_owned(),
            };
            let diagnostic = Diagnostic::warning(codes::FIELD_UNKNOWN, message).hint(hint);
            diagnostics.push(self.at(diagnostic, field.mark));
        }
    }

    /// Whether a listed file is one that `flux bootstrap` has yet to write.
    fn is_uncommitted(&self, listed: &str) -> bool {
        let name = listed.rsplit('/').next().unwrap_or_default();
        let mut uncommitted = self.evaluator.entry.uncommitted.iter();
        uncommitted.any(|path| path.file_name() == Some(name))
    }

    fn is_not_cached(&self, url: &str) -> bool {
        let base = RemoteBase::parse(url);
        let request = match &base {
            Some(base) => RemoteRequest::Base {
                repository: &base.repository,
                reference: &base.reference,
            },
            None => RemoteRequest::File { url },
        };
        self.evaluator.artifacts.is_not_cached(&request)
    }

    pub(super) fn name(&self) -> String {
        match self.definition {
            Some(definition) => format!("Kustomization {}", definition.view.id),
            None => format!("the entry {}", self.folder),
        }
    }

    fn on(&self, diagnostic: Diagnostic) -> Diagnostic {
        match self.definition {
            Some(definition) => diagnostic.on(format!("Kustomization/{}", definition.view.id)),
            None => diagnostic,
        }
    }

    pub(super) fn at(&self, diagnostic: Diagnostic, mark: Mark) -> Diagnostic {
        let own = self.definition.map(|definition| definition.object.mark);
        let place = self.evaluator.files.place(mark);
        let place = place.or_else(|| own.and_then(|mark| self.evaluator.files.place(mark)));
        self.on(diagnostic.at(place))
    }

    fn failure(&self, failure: &Failure, output: &Output) -> Option<Diagnostic> {
        let name = self.name();
        Some(match failure {
            Failure::External => self.external(output)?,
            // One diagnostic says it of all that one Kustomization applies.
            Failure::PathUnknown => return None,
            Failure::PathMissing => {
                let path = &output.inputs.path;
                let path_text = self
                    .definition
                    .map_or("", |definition| definition.view.path.as_str());
                let hint = match path_text.contains("${") {
                    _ if let Some(why) = self.left_out_of_artifact(path) => why,
                    _ if let Some(target) = self.link_target(path) => format!(
                        "{path} is a symbolic link, or lies behind one, and Flux leaves links out of artifacts: point spec.path at {target}"
                    ),
                    true => "`spec.postBuild` of a Kustomization does not reach its own spec.path: define the variable in the \
                             Kustomization that applies it, or write the path out"
                        .to_owned(),
                    false => format!("create the folder or correct spec.path; {}", self.nearest(output)),
                };
                let mark = self.definition.map_or(Mark::NONE, |d| d.view.path_mark);
                let message = format!("{name}: the path {path} is not in its source");
                self.at(Diagnostic::error(codes::PATH_MISSING, message).hint(hint), mark)
            }
            Failure::Build => {
                let error = build_error(output)?;
                let options = self.evaluator.options;
                let (severity, code, hint) = match error {
                    BuildError::Elsewhere(_) => (
                        Severity::Warning,
                        codes::SOURCE_UNRESOLVED,
                        "name a folder with what is included: --source Kind/namespace/name=DIR",
                    ),
                    _ if error.is_unresolved() => {
                        (Severity::Warning, codes::REMOTE_UNRESOLVED, remote_hint(options))
                    }
                    BuildError::MalformedYaml(_) => (
                        Severity::Error,
                        codes::YAML_INVALID,
                        "Flux applies nothing of this Kustomization until the file can be read",
                    ),
                    BuildError::Limit(_) => (Severity::Error, codes::LIMIT_REACHED, LIMIT_HINT),
                    _ if let Some(expression) = self.component_with_variable(error) => {
                        let message = format!(
                            "{name}: `{expression}` stands in spec.components, which spec.postBuild of its own does not reach"
                        );
                        let diagnostic = Diagnostic::error(codes::VARIABLE_IN_PATH, message).hint(
                            "write the path out, or define the variable in the Kustomization that applies this one",
                        );
                        return Some(self.at(diagnostic, error.mark()));
                    }
                    _ if let Some(expression) = self.variable_at(output, error.mark()) => {
                        let message = format!(
                            "{name}: `{expression}` stands in a path of a kustomization file, where Flux replaces no variables"
                        );
                        let diagnostic = Diagnostic::error(codes::VARIABLE_IN_PATH, message).hint(
                            "write the path out, or choose it by `spec.path` of a Kustomization, which its parent substitutes",
                        );
                        return Some(self.at(diagnostic, error.mark()));
                    }
                    _ if let Some((hint, mark)) = self.build_hint(output, error) => {
                        let diagnostic =
                            Diagnostic::error(codes::BUILD_FAILED, format!("{name}: {}", error.cause()));
                        return Some(self.at(diagnostic.hint(hint), mark));
                    }
                    _ if let Some(link) = self.link_named(error) => {
                        let diagnostic =
                            Diagnostic::error(codes::BUILD_FAILED, format!("{name}: {}", error.cause()));
                        let hint = format!(
                            "{link} is a symbolic link, and Flux leaves links out of artifacts: put a copy of the file in its place"
                        );
                        return Some(self.at(diagnostic.hint(hint), error.mark()));
                    }
                    _ => (
                        Severity::Error,
                        codes::BUILD_FAILED,
                        "Flux applies nothing of this Kustomization until its build works",
                    ),
                };
                let diagnostic =
                    Diagnostic::new(severity, code, format!("{name}: {}", error.cause())).hint(hint);
                self.at(diagnostic, error.mark())
            }
            Failure::Apply(error) => self.refused(error),
        })
    }

    /// The variable in a component of the Kustomization that its build does not find.
    fn component_with_variable(&self, error: &BuildError) -> Option<String> {
        let cause = error.cause().to_string();
        let components = self.definition?.view.components.iter();
        components
            .filter_map(|path| variable_in(path))
            .find(|expression| cause.contains(expression.as_str()))
    }

    /// The variable on a line of a kustomization file.
    fn variable_at(&self, output: &Output, mark: Mark) -> Option<String> {
        let path = self.evaluator.files.path(mark.file)?;
        let name = path.file_name()?;
        if !name.to_ascii_lowercase().starts_with("kustomization") {
            return None;
        }
        let text = output.inputs.files.sources()?.text(&path).ok()?;
        let line = text.lines().nth((mark.line as usize).checked_sub(1)?)?;
        variable_in(line)
    }

    /// An object that Flux cannot apply, and with it the Kustomization.
    fn refused(&self, error: &ApplyError) -> Diagnostic {
        let (code, hint) = match &error.fault {
            Fault::Identity => (
                codes::BUILD_FAILED,
                "every object needs apiVersion, kind and metadata.name".to_owned(),
            ),
            Fault::Form => (
                codes::BUILD_FAILED,
                "Flux applies nothing of this Kustomization until the object can be read: a key stands once, and is a \
                 text; a number is one that JSON has"
                    .to_owned(),
            ),
            Fault::Substitution(expression) => {
                let what = match expression {
                    Some(expression) => format!("`{expression}` is no expression of Flux: write `$${{` in its place"),
                    None => "write `$${` where no variable is meant".to_owned(),
                };
                let hint =
                    format!("{what}, or annotate the object with kustomize.toolkit.fluxcd.io/substitute: disabled");
                (codes::SUBSTITUTION_FAILED, hint)
            }
            Fault::Unquoted(variable) => (
                codes::SUBSTITUTION_FAILED,
                format!(
                    "quote its value: quotes of the manifest are gone before Flux replaces {variable}, so put them into the value, as in \
                     `'\"a: b\"'`, or write `${{quote}}{}${{quote}}` with a variable `quote` whose value is `\"`",
                    variable.trim_matches('`')
                ),
            ),
            Fault::Limit => (codes::LIMIT_REACHED, LIMIT_HINT.to_owned()),
            Fault::VariableName { name, defined_in } => (
                codes::SUBSTITUTION_FAILED,
                format!("rename the key `{name}` of {defined_in}: every one of its keys is a variable here"),
            ),
        };
        let mark = match &error.fault {
            Fault::VariableName { name, defined_in } => {
                self.definition_of(name, defined_in).unwrap_or(error.mark)
            }
            _ => error.mark,
        };
        let diagnostic = Diagnostic::error(code, format!("{}: {}", self.name(), error.message));
        self.at(diagnostic.hint(hint), mark)
    }

    /// The line of a variable in what defines it.
    fn definition_of(&self, name: &str, defined_in: &DefinedIn) -> Option<Mark> {
        let own = self.definition.map(|definition| &definition.object.node);
        let of = |node: &yaml_node::Node, path: &[&str]| Some(node.at(path)?.as_mapping()?.key(name)?.mark);
        let values = match defined_in {
            DefinedIn::Object(id) => self.typed.values(id),
            DefinedIn::File(_) => None,
        };
        let values = values.map(|object| object.node);
        let stated =
            values.and_then(|node| ["data", "stringData"].iter().find_map(|field| of(node, &[field])));
        stated.or_else(|| of(own?, &["spec", "postBuild", "substitute"]))
    }

    fn external(&self, output: &Output) -> Option<Diagnostic> {
        let definition = self.definition?;
        let name = self.name();
        let Some(source) = &definition.view.source else {
            let message = format!("{name} names no source");
            let diagnostic = Diagnostic::error(codes::SOURCE_MISSING, message).hint("add spec.sourceRef");
            return Some(self.at(diagnostic, definition.object.mark));
        };
        let diagnostic = match &output.inputs.files {
            Resolved::Own(sources) | Resolved::Other(sources) => {
                let path = &output.inputs.path;
                let why = sources.tree().canonicalize(path).err();
                let why = why.map_or(String::new(), |why| format!(": {why}"));
                let message = format!("{name}: its path is not in {} itself{why}", source.id);
                let diagnostic = Diagnostic::new(Severity::Info, codes::SOURCE_UNRESOLVED, message)
                    .hint("name a folder with what is included: --source Kind/namespace/name=DIR");
                return Some(self.at(diagnostic, definition.view.path_mark));
            }
            Resolved::Missing => Diagnostic::error(
                codes::SOURCE_MISSING,
                format!(
                    "{name}: nothing in the repository states its source {}",
                    source.id
                ),
            )
            .hint(match self.source_elsewhere(&source.id) {
                Some(other) => format!("there is one of this name in the namespace {other}: give its `namespace` in spec.sourceRef"),
                None => "correct spec.sourceRef, add the source, or name its content with --source".to_owned(),
            }),
            Resolved::NotMade(generator) => Diagnostic::error(
                codes::SOURCE_MISSING,
                format!("{name}: its source {} is never made, since {generator} fails", source.id),
            )
            .hint("mend what makes the artifact"),
            // Said at the source itself, once for all that it makes.
            Resolved::Unresolved(why) if why.is_locked => return None,
            Resolved::Unresolved(why) => Diagnostic::new(
                Severity::Info,
                codes::SOURCE_UNRESOLVED,
                format!("{name}: the content of its source {} is {why}", source.id),
            )
            .hint(source_hint(self.evaluator.options, &source.id)),
        };
        Some(self.at(diagnostic, source.mark))
    }

    /// What to do about the common mistakes that fail a build, and where.
    fn build_hint(&self, output: &Output, error: &BuildError) -> Option<(String, Mark)> {
        let sources = output.inputs.files.sources()?;
        let files = kustomization_files(sources, &output.inputs.path);
        let own = files.first();
        let place = self.evaluator.files.path(error.mark().file);
        let message = error.to_string();
        let hint = match error {
            BuildError::KustomizationType(_) => {
                let file = place.clone().or_else(|| own.cloned())?;
                let in_artifact = own.cloned().unwrap_or_else(|| file.clone());
                let text = sources.text(&in_artifact).ok()?;
                if !text.contains("kustomize.toolkit.fluxcd.io/") {
                    return None;
                }
                let mark = match error.mark() {
                    mark if mark.is_some() => mark,
                    _ => Mark::new(sources.file_id(&in_artifact), 1),
                };
                let name = file.file_name().unwrap_or_default();
                let hint = format!(
                    "a Flux Kustomization, of kustomize.toolkit.fluxcd.io, is an object like others, and kustomize takes each {name} for \
                     a file of its own: give the file another name"
                );
                return Some((hint, mark));
            }
            _ if let Some(similar) = unknown_field(&message).and_then(similar_field) => {
                format!("did you mean `{similar}`?")
            }
            _ if own.is_none() && message.contains("missing Resource metadata") => format!(
                "{} has no kustomization file, so Flux takes each YAML file below it for a manifest: add one that lists the manifests, or \
                 move other files elsewhere",
                output.inputs.path
            ),
            _ if message.contains("already registered id") => {
                "one object is stated twice: remove one of both, or give it another name".to_owned()
            }
            _ if FILE_NAMES.iter().any(|name| message.contains(&format!("/{name}': file is not directory"))) => {
                "list the folder in place of its kustomization file".to_owned()
            }
            BuildError::Patch(_) | BuildError::ObjectMissing(_) if message.contains("no matches for Id") => {
                "a patch finds its object as the manifest states it: write the namespace and name of the manifest, without the \
                 `namespace`, `namePrefix` and `nameSuffix` of the kustomization file, or give the patch a `target`"
                    .to_owned()
            }
            _ => return None,
        };
        Some((hint, error.mark()))
    }

    /// The pattern that keeps a folder of the repository out of the artifact.
    fn left_out_of_artifact(&self, path: &RepoPath) -> Option<String> {
        let source = &self.definition?.view.source.as_ref()?.id;
        let stated = self.typed.source(source).map(|(source, _)| source);
        let mut bootstrapped = self.evaluator.entry.sync.iter();
        let stated = stated.or_else(|| Some(&bootstrapped.find(|sync| sync.id == *source)?.source));
        let ignore = stated
            .and_then(|source| source.ignore.as_deref())
            .unwrap_or_default();
        let root = self.evaluator.entry.root.clone();
        let artifact = ArtifactTree::new(Arc::clone(&self.evaluator.tree), root, Some(ignore));
        let (folder, pattern, stated) = artifact.left_out(path, ignore)?;
        Some(match stated {
            Some(place) => format!(
                "{folder} is here, and `{pattern}` at {place} keeps it out of the artifact: change the pattern, or take it back with \
                 `!/{path}` behind it"
            ),
            None => format!(
                "{folder} is here, and `{pattern}` in `spec.ignore` of {source} keeps it out of the artifact: change the pattern, or take \
                 it back with `!/{path}` behind it"
            ),
        })
    }

    /// What a path of the repository is behind its symbolic links.
    fn link_target(&self, path: &RepoPath) -> Option<RepoPath> {
        let path = self.evaluator.entry.root.join(path.as_str());
        let target = self.evaluator.tree.canonicalize(&path).ok()?;
        (target != path).then_some(target)
    }

    /// The symbolic link beside a kustomization file that an error of its build names.
    fn link_named(&self, error: &BuildError) -> Option<RepoPath> {
        let folder = self.evaluator.files.path(error.mark().file)?.parent()?;
        let entries = self.evaluator.tree.list(&folder).ok()?;
        let message = error.to_string();
        let named = entries.into_iter().map(|(name, _)| folder.join(&name));
        let mut links = named.filter(|path| {
            message.contains(path.as_str())
                && self
                    .evaluator
                    .tree
                    .canonicalize(path)
                    .is_ok_and(|target| target != *path)
        });
        links.next()
    }

    /// The namespace of a source that has the kind and name of one that is missing.
    fn source_elsewhere(&self, id: &ObjectRef) -> Option<&str> {
        let stated = self.typed.sources.keys();
        let bootstrapped = self.evaluator.entry.sync.iter().map(|sync| &sync.id);
        let mut sources = stated.chain(bootstrapped);
        let other = sources.find(|other| other.kind == id.kind && other.name == id.name)?;
        Some(other.namespace.as_str()).filter(|namespace| !namespace.is_empty())
    }

    /// The part of a missing path that exists, or what its next part may mean.
    fn nearest(&self, output: &Output) -> String {
        let tree = output.inputs.files.sources().map(|sources| sources.tree());
        let mut around = output.inputs.path.ancestors().skip(1);
        let exists = |path: &RepoPath| tree.is_some_and(|tree| tree.kind(path).is_some());
        let mut parts = output.inputs.path.ancestors();
        let first_missing = parts.find(|path| path.parent().is_some_and(|parent| exists(&parent)));
        let other_case = first_missing.and_then(|path| {
            let entries = tree?.list(&path.parent()?).ok()?;
            let mut names = entries.into_iter().map(|(entry, _)| entry);
            names.find(|entry| {
                path.file_name()
                    .is_some_and(|name| entry.eq_ignore_ascii_case(name))
            })
        });
        if let Some(other) = other_case {
            return format!("there is `{other}`: the case of letters counts");
        }
        let existing = around.find(|path| !path.is_root() && exists(path));
        match existing {
            Some(path) => format!("of it only {path} exists"),
            None => "it starts at the top of the source".to_owned(),
        }
    }
}

/// What builds say besides their objects, once for all Kustomizations.
#[derive(Default)]
pub(super) struct Remarks {
    warnings: BTreeMap<(Option<Place>, String), Diagnostic>,
    /// Targets of patches, and whether any build has an object for them.
    targets: BTreeMap<Place, bool>,
}

impl Remarks {
    /// Takes over those of one build.
    pub(super) fn add(&mut self, output: &Output, files: &FileTable) {
        let Some(Ok(build)) = output.build.as_deref() else {
            return;
        };
        for warning in &build.warnings {
            let mut warning = warning.clone();
            warning.severity = Severity::Info;
            self.warnings
                .insert((warning.place.clone(), warning.message.clone()), warning);
        }
        for target in &build.patch_targets {
            if let Some(place) = files.place(target.mark) {
                *self.targets.entry(place).or_default() |= target.selected;
            }
        }
    }

    /// As diagnostics.
    pub(super) fn into_diagnostics(self, sources: &Sources) -> impl Iterator<Item = Diagnostic> {
        let unmatched = self.targets.into_iter().filter(|(_, selected)| !selected);
        let unmatched = unmatched.filter(|(place, _)| {
            // Bootstrapping fills the file with the controllers, which such patches are for.
            let components = place
                .file
                .parent()
                .map(|folder| folder.join("gotk-components.yaml"));
            let components = components.and_then(|file| sources.text(&file).ok());
            components.is_none_or(|text| text.contains("kind:"))
        });
        let unmatched = unmatched.map(|(place, _)| {
            Diagnostic::new(
                Severity::Info,
                codes::PATCH_UNMATCHED,
                "the target of this patch selects no object, so that it changes nothing",
            )
            .at(Some(place))
            .hint("correct `target` (`kind`, `name` and `namespace` as the objects have them before namespace, prefix and suffix are set), or remove the patch")
        });
        self.warnings.into_values().chain(unmatched)
    }
}

/// Why nothing is applied, in one sentence.
pub(super) fn error(evaluator: &Evaluator<'_>, output: &Output, strict: bool) -> Option<String> {
    let failure = match &output.result {
        Ok(_) => return refused(output).or_else(|| undefined(output, strict)),
        Err(failure) => failure,
    };
    match failure {
        Failure::External | Failure::PathUnknown => None,
        Failure::PathMissing => Some(format!("kustomization path not found: {}", output.inputs.path)),
        Failure::Build => build_error(output).map(|error| {
            let place = error.place(&evaluator.files);
            let place = place.map_or(String::new(), |place| format!(" ({place})"));
            format!("kustomize build failed: {error}{place}")
        }),
        Failure::Apply(error) => Some(error.message.clone()),
    }
}

/// Why Flux applies nothing of what could be built here.
fn refused(output: &Output) -> Option<String> {
    let build = output.build.as_deref()?.as_ref().ok()?;
    let refused = build.left_out.iter().find(|part| {
        matches!(
            part.error,
            BuildError::HelmCharts(_) | BuildError::ExternalPlugin(_)
        )
    });
    refused.map(|part| format!("kustomize build failed: {}", part.error))
}

/// The first variable that nothing can define, where that fails the Kustomization.
fn undefined(output: &Output, strict: bool) -> Option<String> {
    let objects = output.result.as_ref().ok().filter(|_| strict)?;
    if output.inputs.merged.unknown().next().is_some() {
        return None;
    }
    let is_undefined = |(name, used): &(&String, &crate::VariableUse)| {
        !used.defaulted && output.inputs.variables().get(name).is_none()
    };
    let (name, _) = objects.uses.iter().find(is_undefined)?;
    Some(format!(
        "post build failed: variable substitution failed: variable not set (strict mode): \"{name}\""
    ))
}

fn build_error(output: &Output) -> Option<&BuildError> {
    output.build.as_deref()?.as_ref().err()
}

/// The field of a kustomization file that kustomize does not know.
fn unknown_field(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("json: unknown field \"")?;
    Some(rest.split_once('"')?.0)
}

/// The first variable of a text, as it is written.
fn variable_in(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("${")?;
    let (expression, _) = rest.split_once('}')?;
    Some(format!("${{{expression}}}"))
}
