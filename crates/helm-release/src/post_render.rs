//! Post-rendering by helm-controller.
//!
//! Rules: [internal/postrender](https://github.com/fluxcd/helm-controller/tree/v1.6.4/internal/postrender). First the
//! kustomizations of `spec.postRenderers` in order, then `spec.commonMetadata`, and always the labels with the name of the
//! HelmRelease. Each step encodes all manifests again.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use helm_template::PostRenderer;
use kustomize_build::{BuildOptions, Sources, build_with_root, set_metadata};
use source_tree::{FileId, FileTable, Limits, Mark, MemoryTree, RepoPath};
use yaml_node::Node;

/// The post renderer of one HelmRelease.
#[derive(Clone, Debug, Default)]
pub struct ReleasePostRenderer {
    /// The HelmRelease's name.
    pub name: String,
    /// The HelmRelease's namespace.
    pub namespace: String,
    /// The `kustomize` entries of `spec.postRenderers`.
    pub kustomize: Vec<KustomizeRenderer>,
    /// `spec.commonMetadata`
    pub common_metadata: Option<CommonMetadata>,
    /// Marks of the patches whose targets have selected an object.
    selected: Arc<Mutex<HashSet<Mark>>>,
}

/// `kustomize` of an entry of `spec.postRenderers`.
#[derive(Clone, Debug, Default)]
pub struct KustomizeRenderer {
    /// Patches, each with its target.
    pub patches: Vec<PatchEntry>,
    /// Images.
    pub images: Vec<ImageOverride>,
}

/// An entry of `patches`.
#[derive(Clone, Debug, Default)]
pub struct PatchEntry {
    /// The patch: a strategic merge patch, or a list of JSON 6902 operations.
    pub patch: String,
    /// Its source position.
    pub mark: Mark,
    /// `group`, `version`, `kind`, `name`, `namespace`, `labelSelector` and `annotationSelector`, as far as given.
    pub target: Option<Node>,
}

/// An entry of `images`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageOverride {
    /// The image to replace.
    pub name: String,
    /// Its new name; empty for none.
    pub new_name: String,
    /// Its new tag; empty for none.
    pub new_tag: String,
    /// Its digest; empty for none.
    pub digest: String,
}

/// `spec.commonMetadata`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommonMetadata {
    /// Labels of every object.
    pub labels: Vec<(String, String)>,
    /// Annotations of every object.
    pub annotations: Vec<(String, String)>,
}

/// The API group of HelmReleases, the prefix of the labels.
const GROUP: &str = "helm.toolkit.fluxcd.io";
/// The file with the manifests.
const INPUT: &str = "helm-output.yaml";

impl PostRenderer for ReleasePostRenderer {
    fn run(&self, manifests: &str) -> Result<String, String> {
        let mut text = manifests.to_owned();
        for renderer in &self.kustomize {
            text = renderer.run(&text, &self.selected)?;
        }
        if let Some(metadata) = &self.common_metadata {
            text = with_metadata(&text, &metadata.labels, &metadata.annotations)?;
        }
        let origin = [
            (format!("{GROUP}/name"), self.name.clone()),
            (format!("{GROUP}/namespace"), self.namespace.clone()),
        ];
        with_metadata(&text, &origin, &[])
    }
}

impl ReleasePostRenderer {
    /// A post renderer.
    pub fn new(
        name: String,
        namespace: String,
        kustomize: Vec<KustomizeRenderer>,
        common_metadata: Option<CommonMetadata>,
    ) -> Self {
        ReleasePostRenderer {
            name,
            namespace,
            kustomize,
            common_metadata,
            selected: Arc::default(),
        }
    }

    /// The marks of patches whose targets have selected no object so far.
    pub fn unmatched(&self) -> Vec<Mark> {
        let selected = self.selected.lock().unwrap_or_else(PoisonError::into_inner);
        let patches = self.kustomize.iter().flat_map(|renderer| &renderer.patches);
        patches
            .filter(|patch| patch.target.is_some() && patch.mark.is_some())
            .map(|patch| patch.mark)
            .filter(|mark| !selected.contains(mark))
            .collect()
    }
}

fn with_metadata(
    text: &str,
    labels: &[(String, String)],
    annotations: &[(String, String)],
) -> Result<String, String> {
    fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
        pairs
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect()
    }
    let (labels, annotations) = (borrowed(labels), borrowed(annotations));
    let limits = Limits::default();
    set_metadata(text.as_bytes(), FileId::NONE, &limits, &labels, &annotations)
        .and_then(|build| build.to_yaml())
        .map_err(|error| error.to_string())
}

impl KustomizeRenderer {
    fn run(&self, manifests: &str, selected: &Mutex<HashSet<Mark>>) -> Result<String, String> {
        let mut tree = MemoryTree::new();
        tree.insert(INPUT, manifests.as_bytes());
        let sources = Sources::new(Arc::new(tree), Arc::new(FileTable::default()), Limits::default());
        build_with_root(
            &sources,
            &RepoPath::root(),
            &self.kustomization(),
            &BuildOptions::default(),
        )
        .and_then(|build| {
            let met = build.patch_targets.iter().filter(|target| target.selected);
            selected
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(met.map(|target| target.mark));
            build.to_yaml()
        })
        .map_err(|error| error.to_string())
    }

    fn kustomization(&self) -> Node {
        let mut fields = vec![
            ("apiVersion", Node::str("kustomize.config.k8s.io/v1beta1")),
            ("kind", Node::str("Kustomization")),
            ("resources", Node::sequence([Node::str(INPUT)])),
        ];
        if !self.patches.is_empty() {
            fields.push((
                "patches",
                Node::sequence(self.patches.iter().map(PatchEntry::to_node)),
            ));
        }
        if !self.images.is_empty() {
            fields.push((
                "images",
                Node::sequence(self.images.iter().map(ImageOverride::to_node)),
            ));
        }
        Node::mapping(fields)
    }
}

impl PatchEntry {
    fn to_node(&self) -> Node {
        let patch = ("patch", Node::str(self.patch.as_str()));
        let target = self.target.clone().map(|target| ("target", target));
        let mut node = Node::mapping([patch].into_iter().chain(target));
        node.mark = self.mark;
        node
    }
}

impl ImageOverride {
    fn to_node(&self) -> Node {
        let fields = [
            ("name", &self.name),
            ("newName", &self.new_name),
            ("newTag", &self.new_tag),
            ("digest", &self.digest),
        ];
        let filled = fields.into_iter().filter(|(_, text)| !text.is_empty());
        Node::mapping(filled.map(|(key, text)| (key, Node::str(text.as_str()))))
    }
}
