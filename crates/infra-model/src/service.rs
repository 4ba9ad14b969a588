//! Services: the workloads that Flux applies, HelmReleases included, and what decides their images.

use std::collections::BTreeMap;

use crate::dependency::Dependency;
use crate::keys::Key;
use crate::{Place, RepoPath};

/// A workload that Flux applies, or a HelmRelease.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// The plain name.
    pub name: String,
    /// Where it runs; for a HelmRelease the release namespace.
    pub namespace: String,
    /// The Deployment's name; none for another kind.
    pub deployment: Option<String>,
    /// Kind and name of the workload; none for a HelmRelease whose chart was not rendered.
    pub workload: Option<Workload>,
    /// Replicas, where stated.
    pub replicas: Option<i64>,
    /// `spec.path` of the Kustomization that applies it, without `./`, with a final `/`.
    pub flux_path: Option<String>,
    /// The HelmRelease's name.
    pub helm_release: Option<String>,
    /// Key of the Kustomization that applies it; none where none does.
    pub kustomization: Option<Key>,
    /// Keys of further Kustomizations that apply the same object.
    pub also_applied_by: Vec<Key>,
    /// Description: curated, else from an annotation.
    pub description: Option<String>,
    /// What happens when it fails: curated.
    pub failure_impact: Option<String>,
    /// Key of the image group of the first container.
    pub image_group: Option<Key>,
    /// Keys of all image groups, in container order.
    pub image_groups: Vec<Key>,
    /// Rendered image references of init and normal containers in order, each once.
    pub images: Vec<String>,
    /// Other names people use, sorted, without the key.
    pub aliases: Vec<String>,
    /// `matchLabels` of its selector.
    pub selector: BTreeMap<String, String>,
    /// Container ports, in order.
    pub ports: Vec<Port>,
    /// `name.namespace.svc.cluster.local` of the Services that select it, sorted.
    pub dns: Vec<String>,
    /// Hosts of the Ingresses and routes that lead to it, and those that the values of its chart publish; sorted.
    pub hosts: Vec<String>,
    /// What it talks to, by target, then evidence.
    pub depends_on: Vec<Dependency>,
    /// Keys of ConfigMaps it uses, sorted.
    pub config_maps: Vec<Key>,
    /// Keys of Secret references it uses, sorted.
    pub secrets: Vec<Key>,
    /// Keys of SecretProviderClasses it mounts, sorted.
    pub secret_provider_classes: Vec<Key>,
    /// Whether its Kustomization or the HelmRelease is suspended.
    pub suspend: bool,
    /// The object that a controller makes it of: `ResourceSet/<ns>/<name>` and the like.
    pub generated_by: Option<String>,
    /// Where a person edits it.
    pub source: Option<Place>,
}

/// Kind and name of a workload object.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Workload {
    /// Kind, such as `StatefulSet`.
    pub kind: String,
    /// `apiVersion`, which tells a Knative `Service` apart.
    pub api_version: String,
    /// Name.
    pub name: String,
}

/// A container port.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port {
    /// Container.
    pub container: String,
    /// Number.
    pub port: i64,
    /// Name, if it has one.
    pub name: Option<String>,
    /// `TCP` where not stated.
    pub protocol: String,
}

/// One place in the repository that decides the tag of an image of some services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageGroup {
    /// The file that has the last word.
    pub file: RepoPath,
    /// The image as it must be matched in that file.
    pub image_name: String,
    /// What kind of place it is.
    pub kind: ImageGroupKind,
    /// A yq v4 expression that selects exactly the scalar holding the tag, or the whole image string.
    pub yq_path: String,
    /// The same as a JSON pointer.
    pub pointer: String,
    /// Index of the YAML document in the file, from 0.
    pub document: usize,
    /// Present tag or digest; none where the image states neither.
    pub tag: Option<String>,
    /// Keys of the services whose rendered image it decides, sorted.
    pub services: Vec<Key>,
    /// Flux image automation marker beside the scalar, such as `flux-system:papi:tag`.
    pub image_policy: Option<String>,
    /// File and line of the scalar.
    pub source: Place,
}

/// What kind of place decides an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImageGroupKind {
    /// `images` of a kustomization file.
    KustomizeImages,
    /// `spec.images` of a Flux Kustomization.
    FluxImages,
    /// Values of a HelmRelease.
    HelmValues,
    /// The literal in the workload's manifest.
    Manifest,
}

impl ImageGroupKind {
    /// The word that `services.json` uses for `type`.
    pub fn as_str(self) -> &'static str {
        match self {
            ImageGroupKind::KustomizeImages => "kustomize-images",
            ImageGroupKind::FluxImages => "flux-images",
            ImageGroupKind::HelmValues => "helm-values",
            ImageGroupKind::Manifest => "manifest",
        }
    }
}
