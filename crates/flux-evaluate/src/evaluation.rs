//! The result of evaluating one cluster entry: the graph of Flux objects, and the objects that each Kustomization applies.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use kustomize_build::{Removal, Sources};
use source_tree::{Diagnostic, FileTable, Mark, ObjectRef, RepoPath};
use yaml_node::Node;

use crate::flux::{Kustomization, SubstituteReference};
use crate::helm::{ClusterQuestion, ReleaseRendering};
use crate::{KustomizationId, Remaining, Unavailable};

/// The result of the evaluation of one cluster entry.
#[derive(Clone)]
pub struct Evaluation {
    /// The entry folder.
    pub entry: RepoPath,
    /// The repository's files, each parsed at most once.
    pub sources: Arc<Sources>,
    /// The files that a [`Mark`] refers to.
    pub files: Arc<FileTable>,
    /// The entry itself. Its `id` is that of the Kustomization whose path is the entry, if there is one.
    pub root: Evaluated,
    /// More folders that are joined to the entry.
    pub joined: Vec<Evaluated>,
    /// Every Kustomization that was reached, in breadth-first order. If one of them points at the entry, it is
    /// among them, with the objects of the entry.
    pub kustomizations: Vec<Evaluated>,
    /// Values for substitution, by the object that defines them.
    pub variables: VariableTable,
    /// Sources whose content is this repository or a part of it. Some have no object: bootstrapping may not leave one in the
    /// repository.
    pub self_sources: BTreeSet<ObjectRef>,
    /// The files of every source that an object defines and whose content is known.
    pub contents: BTreeMap<ObjectRef, Arc<Sources>>,
    /// Whether nothing in the repository points at the entry folder, so that folders beside it may be applied to
    /// the same cluster.
    pub is_assumed: bool,
    /// Whether Kustomizations of another cluster apply it to this one by `spec.kubeConfig`.
    pub is_remote: bool,
    /// The HelmReleases of this cluster. The objects of their charts are among those of the Kustomizations.
    pub releases: BTreeMap<ObjectRef, EvaluatedRelease>,
    /// Objects that bootstrapping applied and no build contains, including those in an entry that cannot be built.
    pub bootstrapped: Vec<Applied>,
    /// An object that changes Kustomizations on admission to the cluster, and so may add variables that are unknown here.
    pub changes_kustomizations: Option<ObjectRef>,
    /// Findings of this stage.
    pub diagnostics: Vec<Diagnostic>,
}

/// One Flux Kustomization (or the entry) and what it applies.
#[derive(Clone, Debug, Default)]
pub struct Evaluated {
    /// Its identity. `None` for an entry that no Kustomization points at.
    pub id: Option<KustomizationId>,
    /// The Kustomization that applies it. `None` for those in an entry that no Kustomization points at.
    pub parent: Option<KustomizationId>,
    /// More Kustomizations that apply it.
    pub also_emitted_by: Vec<KustomizationId>,
    /// The Flux Kustomization object as its parent applies it. `None` for an entry that no Kustomization points at.
    pub object: Option<Applied>,
    /// That object as a typed view, with unknown variables as written.
    pub kustomization: Option<Arc<Kustomization>>,
    /// `spec.path`, normalized, inside its source.
    pub path: RepoPath,
    /// Whether its content is not in this repository.
    pub external: bool,
    /// The FluxInstance or ResourceSet that makes it.
    pub generated_by: Option<ObjectRef>,
    /// Whether bootstrapping applied it and no build contains it.
    pub is_bootstrapped: bool,
    /// Why it remains in the cluster though the scanned files do not apply it any more.
    pub remaining: Option<Remaining>,
    /// Why it could not be built, or why it fails in the cluster after the build.
    pub error: Option<String>,
    /// Parts of its build that are unavailable. Its objects are the rest.
    pub left_out: Vec<Missing>,
    /// What patches have removed from its build.
    pub removals: Vec<Removal>,
    /// `substituteFrom` objects that are not in the repository, in order.
    pub missing: Vec<ObjectRef>,
    /// `substituteFrom` objects encrypted with SOPS, in order. Their values are treated as undefined.
    pub encrypted: Vec<ObjectRef>,
    /// Whether objects went through substitution.
    pub substituted: bool,
    /// The objects that it applies, in build order. Its own objects are followed by those that controllers make of them, with
    /// [`Applied::generated_by`].
    pub objects: Vec<Applied>,
    /// Uses of variables in its objects, by name.
    pub variable_uses: BTreeMap<String, VariableUse>,
}

/// A HelmRelease.
#[derive(Clone, Debug, Default)]
pub struct EvaluatedRelease {
    /// Its chart.
    pub chart: ReleaseChart,
    /// Objects of `valuesFrom` whose values are not known: Secrets, and objects that are not in the repository.
    pub unknown_values: Vec<ObjectRef>,
    /// The question to the cluster on which the chart failed.
    pub asks: Option<ClusterQuestion>,
}

/// The chart of a HelmRelease.
#[derive(Clone, Debug)]
pub enum ReleaseChart {
    /// It was rendered.
    Rendered(RenderedRelease),
    /// It failed to render, in Helm's words.
    Failed(String),
    /// It is unavailable.
    Unavailable(Unavailable),
}

/// A rendered chart.
#[derive(Clone, Debug, Default)]
pub struct RenderedRelease {
    /// The chart's version.
    pub version: String,
    /// Whether the release requests that version.
    pub is_wanted_version: bool,
    /// The chart's default values if they are in files of the repository, with marks in those files.
    pub values: Option<Node>,
    /// The objects that are hooks.
    pub hooks: BTreeSet<ObjectRef>,
    /// Names of the CRDs of the chart's folder `crds`.
    pub crds: Vec<String>,
    /// The input of the rendering.
    pub rendering: Option<Arc<ReleaseRendering>>,
}

impl Default for ReleaseChart {
    fn default() -> Self {
        ReleaseChart::Unavailable("not available".into())
    }
}

impl Evaluation {
    /// The same cluster without objects.
    pub fn emptied(&self) -> Evaluation {
        Evaluation {
            entry: self.entry.clone(),
            sources: Arc::clone(&self.sources),
            files: Arc::clone(&self.files),
            root: Evaluated::default(),
            joined: Vec::new(),
            kustomizations: Vec::new(),
            variables: self.variables.clone(),
            self_sources: self.self_sources.clone(),
            contents: self.contents.clone(),
            is_assumed: self.is_assumed,
            is_remote: self.is_remote,
            releases: BTreeMap::new(),
            bootstrapped: Vec::new(),
            changes_kustomizations: self.changes_kustomizations.clone(),
            diagnostics: Vec::new(),
        }
    }

    /// The rendered chart of a HelmRelease.
    pub fn rendered_release(&self, id: &ObjectRef) -> Option<&RenderedRelease> {
        match &self.releases.get(id)?.chart {
            ReleaseChart::Rendered(rendered) => Some(rendered),
            _ => None,
        }
    }
}

/// A part of a build that is unavailable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// A URL, a chart or a plugin, as written in the kustomization file.
    pub what: String,
    /// The line where it is written.
    pub mark: Mark,
}

impl Evaluation {
    /// The entry, the folders joined to it, and the Kustomizations. A Kustomization that points at the entry comes twice.
    pub fn evaluated(&self) -> impl Iterator<Item = &Evaluated> {
        std::iter::once(&self.root)
            .chain(&self.joined)
            .chain(&self.kustomizations)
    }
}

impl Evaluated {
    /// The Kustomizations that it depends on, in order.
    pub fn depends_on(&self) -> &[KustomizationId] {
        self.kustomization
            .as_ref()
            .map_or(&[], |kustomization| &kustomization.depends_on)
    }

    /// The entries of `substituteFrom`, in order.
    pub fn substitute_from(&self) -> &[SubstituteReference] {
        let kustomization = self.kustomization.as_ref();
        kustomization.map_or(&[], |kustomization| kustomization.substitute_from())
    }
}

/// An object as built and as Flux applies it.
#[derive(Clone, Debug)]
pub struct Applied {
    /// As built, with variables as written.
    pub built: Node,
    /// As Flux applies it: substituted, with commonMetadata. Unknown variables stay `${NAME}` here; `render` prints
    /// the empty text that Flux would substitute.
    pub node: Node,
    /// As Flux applies it with unknown variables empty, if that differs from `node`.
    pub rendered: Option<Node>,
    /// Its place: its manifest, or the generator entry that makes it.
    pub mark: Mark,
    /// Whether a generator of a kustomization file makes it.
    pub generated: bool,
    /// The name before the hash suffix.
    pub unhashed_name: String,
    /// The values of a ConfigMap that higher layers of its build replaced, in order.
    pub overridden: Vec<kustomize_build::Overridden>,
    /// The object that a controller makes it of. Set for the source and Kustomization of a
    /// FluxInstance, the objects of a ResourceSet, the ExternalArtifacts of an ArtifactGenerator, and the objects of the chart
    /// of a HelmRelease. No build contains such objects. Their `mark` is that of the object they are made of.
    pub generated_by: Option<ObjectRef>,
}

impl Applied {
    /// An object that no build contains. Its place is `mark`, that of the object it is made of, unless it has its own.
    pub(crate) fn new(node: Node, by: Option<&ObjectRef>, mark: Mark) -> Self {
        Applied {
            built: node.clone(),
            rendered: None,
            mark: if node.mark.is_some() { node.mark } else { mark },
            generated: false,
            overridden: Vec::new(),
            unhashed_name: node.text_at(&["metadata", "name"]).unwrap_or_default().to_owned(),
            generated_by: by.cloned(),
            node,
        }
    }

    /// The object as Flux applies it, with unknown variables empty.
    pub(crate) fn applied(&self) -> &Node {
        self.rendered.as_ref().unwrap_or(&self.node)
    }

    /// Whether a controller makes it of an object of this kind.
    pub(crate) fn is_made_by(&self, kind: &str) -> bool {
        self.generated_by.as_ref().is_some_and(|maker| maker.kind == kind)
    }

    /// Whether both are equal and at the same place.
    pub(crate) fn is_same_as(&self, other: &Applied) -> bool {
        self.mark == other.mark && self.node == other.node
    }
}

/// The uses of a variable in the objects of a Kustomization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableUse {
    /// First use.
    pub first: Mark,
    /// Whether the value is known, and may be shown.
    pub known: bool,
    /// Whether the value is not known, so that `render` prints the empty text.
    pub unknown: bool,
    /// The definition of the value.
    pub defined_in: Option<DefinedIn>,
    /// Whether every use has a default.
    pub defaulted: bool,
}

/// The definition of a variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DefinedIn {
    /// A ConfigMap, a Secret or a Kustomization.
    Object(ObjectRef),
    /// A file given by the caller, by its name.
    File(String),
}

impl fmt::Display for DefinedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DefinedIn::Object(object) => object.fmt(f),
            DefinedIn::File(name) => f.write_str(name),
        }
    }
}

/// Objects that define variables.
#[derive(Clone, Debug, Default)]
pub struct VariableTable {
    /// By object.
    pub sources: BTreeMap<ObjectRef, VariableSource>,
}

/// A ConfigMap or Secret that Kustomizations substitute from.
#[derive(Clone, Debug, Default)]
pub struct VariableSource {
    /// Values by name. Those of a Secret are withheld.
    pub values: BTreeMap<String, Option<String>>,
    /// Whether it was found.
    pub known: bool,
    /// The object that an operator makes it of.
    pub made_by: Option<ObjectRef>,
    /// The name of the Crossplane `Object` that contains it.
    pub embedded_in: Option<String>,
}
