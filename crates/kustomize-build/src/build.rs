//! A kustomization directory turns into the resources that are printed.

use std::sync::Arc;

use source_tree::{Diagnostic, RepoPath};
use yaml_node::{Node, write_into};

use crate::accumulation::{Accumulation, Accumulator};
use crate::build_metadata::{BuildMetadata, OriginPath};
use crate::kustomization::{FILE_NAMES, Kustomization, decode_node};
use crate::load::Loader;
use crate::syntax::Syntax;
use crate::target::Target;
use crate::{BuildError, BuildOptions, LeftOut, PatchTarget, Removal, Reorder, ResMap, Resource, Sources};
use crate::{finish, generators, name_reference, order, vars};

/// The result of a build.
#[derive(Clone, Debug, Default)]
pub struct Build {
    /// The resources, in the order in which they are printed.
    pub resources: Vec<Resource>,
    /// Warnings, such as those about deprecated fields.
    pub warnings: Vec<Diagnostic>,
    /// The targets of `patches`, and whether they selected anything.
    pub patch_targets: Vec<PatchTarget>,
    /// Objects, list items and keys that patches removed.
    pub removals: Vec<Removal>,
    /// Parts that cannot be known offline and are left out, with [`BuildOptions::partial`].
    pub left_out: Vec<LeftOut>,
}

impl Build {
    /// The text that `kustomize build` prints.
    ///
    /// # Errors
    /// [`BuildError::Output`] if an object cannot be written as YAML, such as one with keys that are not strings.
    pub fn to_yaml(&self) -> Result<String, BuildError> {
        let mut out = String::new();
        for (index, resource) in self.resources.iter().enumerate() {
            if index > 0 {
                out.push_str("---\n");
            }
            write_into(&resource.node, &mut out).map_err(|error| {
                BuildError::output(format!("{}: {}", resource.current_id(), error.message))
                    .at(error.mark)
                    .at(resource.origin.mark)
            })?;
        }
        Ok(out)
    }
}

/// Builds the kustomization in `dir`.
///
/// # Errors
/// [`BuildError`] if kustomize would fail, or would need the network, Helm or a plugin.
pub fn build(sources: &Sources, dir: &RepoPath, options: &BuildOptions) -> Result<Build, BuildError> {
    run(sources, options, &|sources| {
        Target::read(Loader::at(sources, dir, options)?, None)
    })
}

/// Builds `dir` with `kustomization` in place of its kustomization file, which need not exist.
///
/// The tree is a result of [`yaml_node::read_yaml11`], possibly changed: keys are strings, and scalars have the types
/// of YAML 1.1.
///
/// # Errors
/// As [`build()`].
pub fn build_with_root(
    sources: &Sources,
    dir: &RepoPath,
    kustomization: &Node,
    options: &BuildOptions,
) -> Result<Build, BuildError> {
    run(sources, options, &|sources| {
        Ok(Target {
            loader: Loader::at(sources, dir, options)?,
            kustomization: Arc::new(decode_node(kustomization)?),
            file_name: FILE_NAMES[0],
            origin: None,
        })
    })
}

/// Makes the target of a build from the files that it reads.
type Start<'s> = dyn for<'a> Fn(&'a Sources) -> Result<Target<'a>, BuildError> + 's;

/// Accumulates all directories, before the final steps at the top.
fn accumulate(target: &mut Target<'_>) -> Result<(Accumulation, Accumulator), BuildError> {
    let metadata = BuildMetadata::new(&target.kustomization.build_metadata);
    target.origin = metadata.track.then(OriginPath::default);
    let mut accumulation = Accumulation::default();
    accumulation.enter(target)?;
    let acc = accumulation.accumulate(target, Accumulator::default())?;
    Ok((accumulation, acc))
}

/// The hash of the object at a position that is neither a ConfigMap nor a Secret. The first call accumulates everything
/// once more, with the syntax of all nodes.
fn hash_of_syntax(
    known: &mut Option<(Syntax, ResMap)>,
    index: usize,
    sources: &Sources,
    start: &Start<'_>,
) -> Result<String, BuildError> {
    if known.is_none() {
        let sources = sources.with_syntax();
        let (_, acc) = accumulate(&mut start(&sources)?)?;
        *known = Some((sources.syntax().clone(), acc.map));
    }
    let object = known
        .as_ref()
        .and_then(|(syntax, map)| Some((syntax, map.get(index)?)));
    let Some((syntax, object)) = object else {
        return Err(BuildError::generator("an object is gone"));
    };
    Ok(generators::hash_text(&syntax.hashed(&object.node)?))
}

fn run(sources: &Sources, options: &BuildOptions, start: &Start<'_>) -> Result<Build, BuildError> {
    let mut target = start(sources)?;
    let kustomization = target.kustomization.clone();
    let metadata = BuildMetadata::new(&kustomization.build_metadata);
    let (accumulation, mut acc) = accumulate(&mut target)?;
    let mut known = None;
    finish::add_hashes(&mut acc.map, &mut |index| {
        hash_of_syntax(&mut known, index, sources, start)
    })?;
    name_reference::fix(&mut acc.map, &acc.rules.name_references)?;
    let left_out = target.loader.left_out();
    left_out.allow_absent(vars::resolve(&mut acc.map, &acc.vars, &acc.rules.var_references))?;
    finish::drop_local_config(&mut acc.map)?;
    sort(&mut acc.map, &kustomization, options)?;
    if options.managed_by_label || metadata.managed_by {
        finish::add_managed_by_label(&mut acc.map)?;
    }
    finish::strip(&mut acc.map, metadata);
    Ok(Build {
        resources: acc.map.into_resources(),
        warnings: accumulation.warnings,
        patch_targets: accumulation.patch_targets,
        removals: accumulation.removals,
        left_out: target.loader.left_out().parts(),
    })
}

fn sort(map: &mut ResMap, kustomization: &Kustomization, options: &BuildOptions) -> Result<(), BuildError> {
    match (&kustomization.sort_options, options.reorder) {
        (Some(sort_options), _) => order::apply(map, sort_options),
        (None, None | Some(Reorder::Legacy)) => order::legacy(map),
        (None, Some(Reorder::None)) => Ok(()),
    }
}
