//! Accumulation of one kustomization directory: the steps of a directory, in kustomize's order.
//!
//! The order is kustomize's
//! (<https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/internal/target/kusttarget.go>): resources and
//! bases, rules, generators, components, transformers, validators, vars.

use source_tree::{Diagnostic, Mark, codes};
use yaml_node::read_yaml11;

use crate::accumulation::{Accumulation, Accumulator};
use crate::error::{Context, named};
use crate::kustomization::{COMPONENT, Deprecated, Text};
use crate::load::Loader;
use crate::resource::Resource;
use crate::target::Target;
use crate::{BuildError, build_metadata, configurations, crds, generators, plugins, transformers, vars};

/// Most directories of one build. A base counts once for every path to it: a few files that name each other twice per
/// level would otherwise keep a build busy forever.
const MAX_DIRECTORIES: usize = 20_000;

impl Accumulation {
    /// Applies the `openapi` field, and warns of deprecated fields.
    ///
    /// # Errors
    /// [`BuildError::Transformer`] if the schema cannot be used.
    pub(crate) fn enter(&mut self, target: &Target<'_>) -> Result<(), BuildError> {
        self.directories += 1;
        if self.directories > MAX_DIRECTORIES {
            return Err(BuildError::limit(format!(
                "more than {MAX_DIRECTORIES} bases and components, those reached on several ways counted as often"
            ))
            .at(target.kustomization.mark));
        }
        for Deprecated { old, new, mark } in &target.kustomization.deprecated {
            let message = format!("'{old}' is deprecated. Please use '{new}' instead.");
            self.warnings.push(
                Diagnostic::warning(codes::FIELD_DEPRECATED, message)
                    .at(target.loader.sources().files().place(*mark))
                    .hint("`kustomize edit fix` in that folder rewrites deprecated fields"),
            );
        }
        let openapi = &target.kustomization.openapi;
        let document = match &openapi.path {
            Some(path) => target.loader.available_text(path)?.map(|(text, mark)| {
                let node = read_yaml11(&text, mark.file, target.loader.sources().limits());
                let node = node.map(|node| node.unwrap_or_else(yaml_node::Node::null));
                node.map_err(|error| error.to_string())
            }),
            None => None,
        };
        let mark = openapi
            .path
            .as_ref()
            .or(openapi.version.as_ref())
            .map(|text| text.mark);
        self.schema
            .choose(openapi.version.as_deref(), document)
            .map_err(|message| BuildError::transformer(message).at(mark.unwrap_or_default()))
    }

    /// Accumulates a kustomization. `into` is empty, or the resources that a component changes.
    ///
    /// # Errors
    /// The first error, which stops the build.
    pub(crate) fn accumulate(
        &mut self,
        target: &mut Target<'_>,
        into: Accumulator,
    ) -> Result<Accumulator, BuildError> {
        let kustomization = target.kustomization.clone();
        let work = target.loader.work().clone();
        // Rules are sorted and merged for every directory.
        work.spend(100 + into.rules.len() as u64)?;
        let mut acc = self
            .resources(target, into, &kustomization.resources)
            .context(|| "accumulating resources".into())?;
        acc.map.set_scopes(&self.schema.scopes());
        let rules = configurations::load(&kustomization.configurations, &target.loader)?;
        acc.rules = configurations::merge(&acc.rules, &rules)?;
        let rules = crds::load(&kustomization.crds, &target.loader)?;
        acc.rules = configurations::merge(&acc.rules, &rules)?;
        self.generate(target, &mut acc)?;
        acc = self
            .components(target, acc)
            .context(|| "accumulating components".into())?;
        acc.map.set_scopes(&self.schema.scopes());
        transformers::run(self, target, &mut acc)?;
        plugins::validate(self, target, &mut acc)?;
        vars::register(&mut acc.map, &mut acc.vars, &kustomization.vars).context(|| "merging vars".into())?;
        Ok(acc)
    }

    /// Adds files and bases in the order in which they are listed.
    pub(crate) fn resources(
        &mut self,
        target: &mut Target<'_>,
        mut acc: Accumulator,
        paths: &[Text],
    ) -> Result<Accumulator, BuildError> {
        acc.map.count(target.loader.work());
        for path in paths {
            acc.map.spend(PATH_STEPS + path.len() / 8)?;
            let Err(file_error) = self.file(target, &mut acc, path) else {
                continue;
            };
            let child = match target.loader.child(path).at(path.mark) {
                Ok(child) => child,
                // Malformed YAML is a file, so there is no point in saying that it is not a directory either.
                Err(_) if matches!(file_error, BuildError::MalformedYaml(_) | BuildError::Limit(_)) => {
                    return Err(file_error);
                }
                Err(error) => {
                    let error = with_both_messages(&file_error, error);
                    target
                        .loader
                        .left_out()
                        .allow_unresolved(path, Err::<(), _>(error))?;
                    continue;
                }
            };
            acc = self
                .directory(target, acc, child, path, false)
                .map_err(|error| with_both_messages(&file_error, error))?;
        }
        Ok(acc)
    }

    fn file(&mut self, target: &Target<'_>, acc: &mut Accumulator, path: &Text) -> Result<(), BuildError> {
        let sources = target.loader.sources();
        let parsed = target
            .loader
            .file(path)
            .and_then(|file| sources.parsed(&file).map_err(|error| named(error, path)));
        let parsed = parsed
            .context(|| format!("accumulating resources from '{}'", &**path))
            .at(path.mark)?;
        let origin = target.origin.as_ref().map(|origin| origin.append(path));
        if let (Some(line), Ok(file)) = (parsed.lone_return, target.loader.file(path)) {
            let place = sources.files().place(Mark::new(sources.file_id(&file), line));
            let message = "a carriage return without a line feed ends a line: editors show one line where YAML reads several";
            self.warnings.push(
                Diagnostic::warning(codes::YAML_INVALID, message)
                    .at(place)
                    .hint("write line feeds; the lines of messages about this file count both"),
            );
        }
        acc.map.add_weight(parsed.weight).at(path.mark)?;
        let resources = parsed.nodes.iter().map(|node| {
            let mut resource = Resource::new(node.clone());
            if let Some(origin) = &origin {
                build_metadata::set_origin(&mut resource, origin);
            }
            resource
        });
        let mut resources: Vec<_> = resources.collect();
        for resource in &mut resources {
            self.look_up_scope(resource)?;
        }
        acc.map
            .append_all(resources)
            .context(|| format!("merging resources from '{}'", &**path))
    }

    fn components(
        &mut self,
        target: &mut Target<'_>,
        mut acc: Accumulator,
    ) -> Result<Accumulator, BuildError> {
        let kustomization = target.kustomization.clone();
        for path in &kustomization.components {
            acc.map.spend(PATH_STEPS + path.len() / 8)?;
            let child = target.loader.child(path).at(path.mark).map_err(|error| {
                let message = format!("loader.New {}", quoted(&error));
                error.with_message(message)
            });
            let Some(child) = target.loader.left_out().allow_unresolved(path, child)? else {
                continue;
            };
            acc = self.directory(target, acc, child, path, true).map_err(|error| {
                let message = format!("accumulateDirectory: {}", quoted(&error));
                error.with_message(message)
            })?;
        }
        Ok(acc)
    }

    fn directory<'a>(
        &mut self,
        parent: &Target<'a>,
        mut acc: Accumulator,
        loader: Loader<'a>,
        path: &Text,
        component: bool,
    ) -> Result<Accumulator, BuildError> {
        let root = loader.root().clone();
        let origin = parent.origin.as_ref().map(|origin| origin.append(path));
        let mut target = Target::read(loader, origin)
            .context(|| format!("couldn't make target for path '{root}'"))
            .at(path.mark)?;
        self.enter(&target)?;
        let kind = target.kustomization.kind.clone();
        if component != (kind == COMPONENT) {
            let message = match component {
                true => format!("expected kind '{COMPONENT}' for path '{root}' but got '{kind}'"),
                false => format!("expected kind != '{COMPONENT}' for path '{root}'"),
            };
            return Err(BuildError::kustomization(message).at(path.mark));
        }
        let into = match component {
            true => std::mem::take(&mut acc),
            false => Accumulator::default(),
        };
        let child = self
            .accumulate(&mut target, into)
            .context(|| format!("recursed accumulation of path '{root}'"))
            .at(path.mark)?;
        // The resources that a component changed are appended again, like those of a base.
        merge(&mut acc, child)
            .context(|| format!("recursed merging from path '{root}'"))
            .at(path.mark)?;
        Ok(acc)
    }

    fn generate(&mut self, target: &mut Target<'_>, acc: &mut Accumulator) -> Result<(), BuildError> {
        let kustomization = target.kustomization.clone();
        let options = kustomization.generator_options.as_ref();
        let builtin = |kind: &str| {
            let origin = target.origin.as_ref();
            origin.map(|origin| origin.builtin(target.file_name, kind))
        };
        let left_out = target.loader.left_out().clone();
        for chart in &kustomization.helm_charts {
            let error = BuildError::helm_charts(format!(
                "trouble configuring builtin HelmChartInflationGenerator with config: chart '{}': must specify \
                 --enable-helm",
                &**chart
            ));
            left_out.allow_unresolved(chart, Err::<(), _>(error.at(chart.mark)))?;
        }
        let mut generated = Vec::new();
        for (kind, entries) in [
            ("ConfigMapGenerator", &kustomization.config_map_generator),
            ("SecretGenerator", &kustomization.secret_generator),
        ] {
            let origin = builtin(kind);
            for entry in entries {
                let mut args = entry.clone();
                args.options = generators::merge_options(entry.options.as_ref(), options);
                generated.push((kind, args, origin.clone()));
            }
        }
        let plugins = plugins::configured_generators(self, target)?;
        for (kind, args, origin) in generated {
            let mut resource = if kind == "SecretGenerator" {
                generators::secret(&args, &target.loader)?
            } else {
                generators::config_map(&args, &target.loader)?
            };
            if let Some(origin) = &origin {
                build_metadata::add_origin(&mut resource, origin);
            }
            let weight = resource.node.weight();
            acc.map.add_weight(weight).at(args.mark)?;
            // The bytes of files are copied into texts.
            acc.map.grow(1, weight.saturating_mul(64)).at(args.mark)?;
            let absorbed = generators::absorb_all(&mut acc.map, [resource])
                .context(|| format!("merging from generator {}", &*args.name));
            left_out.allow_absent(absorbed)?;
        }
        for plugin in plugins {
            let mut resources = plugin.work;
            if let Some(origin) = &plugin.origin {
                for resource in &mut resources {
                    build_metadata::add_origin(resource, origin);
                }
            }
            for resource in resources {
                let absorbed = generators::absorb_all(&mut acc.map, [resource])
                    .context(|| format!("merging from generator {}", plugin.id));
                left_out.allow_absent(absorbed)?;
            }
        }
        Ok(())
    }
}

/// The cost of finding a file or directory, in steps.
const PATH_STEPS: usize = 50;

/// Adds the result of a base or component.
fn merge(acc: &mut Accumulator, child: Accumulator) -> Result<(), BuildError> {
    acc.map.add_weight(child.map.weight())?;
    acc.map.append_map(child.map)?;
    acc.rules = configurations::merge(&acc.rules, &child.rules)?;
    vars::merge(&mut acc.vars, child.vars)
}

/// A message in quotes, as kustomize prints those of components. Nested quotes double at every level, so a long message
/// is left unquoted.
fn quoted(error: &BuildError) -> String {
    const MAX_LENGTH: usize = 16 * 1024;
    let message = error.to_string();
    if message.len() > MAX_LENGTH {
        message
    } else {
        format!("{message:?}")
    }
}

/// For a path that is neither a file nor a directory, kustomize prints both errors.
fn with_both_messages(file_error: &BuildError, error: BuildError) -> BuildError {
    let message = format!("accumulation err='{file_error}': {error}");
    // If the first attempt needs the network, the result stays unresolved whatever the second one finds.
    let decisive = if file_error.is_unresolved() && !error.is_unresolved() {
        file_error.clone()
    } else {
        error
    };
    decisive.with_message(message).at(file_error.mark())
}
