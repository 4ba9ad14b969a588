//! Builds of folders, once for each combination of folder and `spec` fields.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use foldhash::HashMap;
use kustomize_build::{Build, BuildError, Resource, Sources};
use source_tree::RepoPath;
use yaml_node::Node;

use crate::build::build;
use crate::flux::object_ref;
use crate::generate::{self, ApiVersion, kustomization_files};

/// A build that several Kustomizations may share.
pub(super) type SharedBuild = Arc<Result<Build, BuildError>>;

/// A build of a folder, with the inputs in which it differs from others of the folder.
struct Variant {
    spec: Node,
    api_version: ApiVersion,
    build: Arc<OnceLock<SharedBuild>>,
}

/// Builds by folder, shared by all rounds.
#[derive(Default)]
pub(super) struct Builds {
    // The address of the sources identifies the artifact: they live as long as the evaluation.
    variants: Mutex<HashMap<(usize, RepoPath), Vec<Variant>>>,
}

impl Builds {
    /// Builds `dir` with these fields of `spec`.
    pub(super) fn get(
        &self,
        sources: &Arc<Sources>,
        dir: &RepoPath,
        spec: &Node,
        api_version: ApiVersion,
    ) -> SharedBuild {
        let key = (Arc::as_ptr(sources).addr(), dir.clone());
        let cell = {
            let mut variants = self.variants.lock().unwrap_or_else(PoisonError::into_inner);
            let variants = variants.entry(key).or_default();
            let known = variants
                .iter()
                .find(|variant| variant.spec == *spec && variant.api_version == api_version);
            let build = known.map(|variant| Arc::clone(&variant.build));
            build.unwrap_or_else(|| {
                let build = Arc::default();
                variants.push(Variant {
                    spec: spec.clone(),
                    api_version,
                    build: Arc::clone(&build),
                });
                build
            })
        };
        let build = || {
            let kustomization = generate::generate(sources, dir, Some(spec), api_version)?;
            build(sources, dir, &kustomization)
        };
        Arc::clone(cell.get_or_init(|| Arc::new(build())))
    }

    /// [`Builds::get`] for a folder that no Kustomization points at. If it has no kustomization file, `kubectl apply -f` applies
    /// it file by file, and the later of two objects with one identity wins.
    pub(super) fn applied(
        &self,
        sources: &Arc<Sources>,
        dir: &RepoPath,
        spec: &Node,
        api_version: ApiVersion,
    ) -> SharedBuild {
        let build = self.get(sources, dir, spec, api_version);
        let may_be_applied = matches!(&*build, Err(error) if !matches!(error, BuildError::Limit(_)));
        if !may_be_applied || !kustomization_files(sources, dir).is_empty() {
            return build;
        }
        let mut resources: Vec<Resource> = Vec::new();
        let mut known = HashMap::default();
        for file in generate::resources(sources, dir).unwrap_or_default() {
            let Ok(objects) = sources.resources(&file) else {
                return build;
            };
            for object in objects.iter() {
                let group = object
                    .text_at(&["apiVersion"])
                    .and_then(|version| version.split_once('/'));
                let id = (group.map(|(group, _)| group.to_owned()), object_ref(object));
                let position = *known.entry(id).or_insert(resources.len());
                let resource = Resource::new(object.clone());
                match resources.get_mut(position) {
                    Some(known) => *known = resource,
                    None => resources.push(resource),
                }
            }
        }
        Arc::new(Ok(Build {
            resources,
            ..Build::default()
        }))
    }
}
