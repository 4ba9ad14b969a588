//! Builds of folders, each combination of folder and fields of a `spec` once.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use foldhash::HashMap;
use kustomize_build::{Build, BuildError, Sources};
use source_tree::RepoPath;
use yaml_node::Node;

use crate::generate::{self, ApiVersion};

/// A build, shared by all that ask for the same.
pub(super) type SharedBuild = Arc<Result<Build, BuildError>>;

/// What builds of one folder differ in.
struct Variant {
    spec: Node,
    api_version: ApiVersion,
    build: Arc<OnceLock<SharedBuild>>,
}

/// Builds by folder, kept over all rounds.
#[derive(Default)]
pub(super) struct Builds {
    // Folders of different artifacts differ in the address of their sources, which live as long as the evaluation.
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
            match known {
                Some(variant) => Arc::clone(&variant.build),
                None => {
                    let build = Arc::default();
                    variants.push(Variant {
                        spec: spec.clone(),
                        api_version,
                        build: Arc::clone(&build),
                    });
                    build
                }
            }
        };
        Arc::clone(cell.get_or_init(|| Arc::new(build(sources, dir, spec, api_version))))
    }
}

fn build(
    sources: &Sources,
    dir: &RepoPath,
    spec: &Node,
    api_version: ApiVersion,
) -> Result<Build, BuildError> {
    let kustomization = generate::generate(sources, dir, Some(spec), api_version)?;
    crate::build::build(sources, dir, &kustomization)
}
