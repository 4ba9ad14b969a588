//! What evaluating one cluster entry yields: the graph of Flux objects, and what each Kustomization applies.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use kustomize_build::{Removal, Sources};
use source_tree::{Diagnostic, FileTable, Mark, ObjectRef, RepoPath};
use yaml_node::Node;

use crate::flux::{Kustomization, SubstituteReference};
use crate::helm::{ClusterQuestion, ReleaseRendering};
use crate::{KustomizationId, Remaining, Unavailable};

/// The result of the evaluation stage, the input of the link stage.
#[derive(Clone)]
pub struct Evaluation {
    /// The entry folder.
    pub entry: RepoPath,
    /// The repository's files, parsed at most once.
    pub sources: Arc<Sources>,
    /// Turns a [`Mark`] into a place.
    pub files: Arc<FileTable>,
    /// What the entry itself applies. Its `key` is that of the Kustomization whose path is the entry, where one is.
    pub root: Evaluated,
    /// What further folders apply that are joined to the entry.
    pub joined: Vec<Evaluated>,
    /// Every Kustomization that was reached, in breadth-first order. Where one of them points at the entry, it is
    /// among them, with the objects of the entry.
    pub kustomizations: Vec<Evaluated>,
    /// Values that substitution may use, by the object that defines them.
    pub variables: VariableTable,
    /// Sources whose content is this repository or a part of it. Not all of them have an object: bootstrapping may
    /// leave none in the repository.
    pub self_sources: BTreeSet<ObjectRef>,
    /// The files of every source that an object states and whose content is known.
    pub contents: BTreeMap<ObjectRef, Arc<Sources>>,
    /// Whether the entry is a folder that nothing in the repository points at, so that what lies beside it may be applied to
    /// the same cluster.
    pub is_assumed: bool,
    /// Whether it is what Kustomizations of another cluster apply to this one by `spec.kubeConfig`.
    pub is_remote: bool,
    /// The HelmReleases of this cluster. What their charts make is among the objects.
    pub releases: BTreeMap<ObjectRef, EvaluatedRelease>,
    /// What bootstrapping has applied, and no build holds: where the entry cannot be built, not even what it holds itself.
    pub bootstrapped: Vec<Applied>,
    /// An object that changes Kustomizations on their way into the cluster, and so may give them variables that nothing here
    /// states.
    pub changes_kustomizations: Option<ObjectRef>,
    /// Findings of this stage.
    pub diagnostics: Vec<Diagnostic>,
}

/// One Flux Kustomization (or the entry) and what it applies.
#[derive(Clone, Debug, Default)]
pub struct Evaluated {
    /// Its identity; none for an entry that no Kustomization points at.
    pub id: Option<KustomizationId>,
    /// The Kustomization that emits it; none for those of the entry that nothing points at.
    pub parent: Option<KustomizationId>,
    /// Further Kustomizations that emit it.
    pub also_emitted_by: Vec<KustomizationId>,
    /// The Flux Kustomization object as its parent applies it; none for a bare entry.
    pub object: Option<Applied>,
    /// That object as a typed view, with unknown variables as written.
    pub kustomization: Option<Arc<Kustomization>>,
    /// `spec.path`, normalised, inside its source.
    pub path: RepoPath,
    /// Whether its content is not in this repository.
    pub external: bool,
    /// The FluxInstance or ResourceSet that makes it, where one does.
    pub generated_by: Option<ObjectRef>,
    /// Whether who bootstrapped the cluster has applied it, and nothing that Flux builds holds it.
    pub is_bootstrapped: bool,
    /// Why it goes on though the repository says otherwise.
    pub remaining: Option<Remaining>,
    /// Why it could not be built, or fails in the cluster with what could.
    pub error: Option<String>,
    /// Parts of its build that are not at hand: its objects are the rest.
    pub left_out: Vec<Missing>,
    /// What patches have taken away of its build.
    pub removals: Vec<Removal>,
    /// `substituteFrom` objects that nothing in the repository makes, in order.
    pub missing: Vec<ObjectRef>,
    /// `substituteFrom` objects that SOPS encrypts, in order: their values count as undefined.
    pub encrypted: Vec<ObjectRef>,
    /// Whether objects went through substitution.
    pub substituted: bool,
    /// What it applies, in build order. After its own objects stand those that controllers make of them, with
    /// [`Applied::generated_by`].
    pub objects: Vec<Applied>,
    /// Uses of variables in its objects, by name.
    pub variable_uses: BTreeMap<String, VariableUse>,
}

/// What became of a HelmRelease.
#[derive(Clone, Debug, Default)]
pub struct EvaluatedRelease {
    /// What became of its chart.
    pub chart: ReleaseChart,
    /// Objects of `valuesFrom` whose values are not known: those that nothing here makes, and Secrets.
    pub unknown_values: Vec<ObjectRef>,
    /// What a chart that fails asks the cluster.
    pub asks: Option<ClusterQuestion>,
}

/// What became of the chart of a HelmRelease.
#[derive(Clone, Debug)]
pub enum ReleaseChart {
    /// It was rendered.
    Rendered(RenderedRelease),
    /// It was not rendered, in Helm's words.
    Failed(String),
    /// It cannot be had, and why.
    Unavailable(Unavailable),
}

/// A rendered chart.
#[derive(Clone, Debug, Default)]
pub struct RenderedRelease {
    /// The chart's version.
    pub version: String,
    /// Whether that is a version which was asked for.
    pub is_wanted_version: bool,
    /// The chart's default values where files of the repository state them, with the marks of those files.
    pub values: Option<Node>,
    /// The objects that are hooks.
    pub hooks: BTreeSet<ObjectRef>,
    /// Names of the CRDs of the chart's folder `crds`.
    pub crds: Vec<String>,
    /// What it was rendered with.
    pub rendering: Option<Arc<ReleaseRendering>>,
}

impl Default for ReleaseChart {
    fn default() -> Self {
        ReleaseChart::Unavailable("not at hand".into())
    }
}

impl Evaluation {
    /// The same cluster with nothing in it.
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

/// A part of a build that is not at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// A URL, a chart or a plugin, as the kustomization file names it.
    pub what: String,
    /// The line that names it.
    pub mark: Mark,
}

impl Evaluation {
    /// Everything that is applied: the entry, the folders joined to it, and the Kustomizations. One that points at the
    /// entry comes twice.
    pub fn evaluated(&self) -> impl Iterator<Item = &Evaluated> {
        std::iter::once(&self.root)
            .chain(&self.joined)
            .chain(&self.kustomizations)
    }
}

impl Evaluated {
    /// The Kustomizations that it waits for, in the order stated.
    pub fn depends_on(&self) -> &[KustomizationId] {
        self.kustomization
            .as_ref()
            .map_or(&[], |kustomization| &kustomization.depends_on)
    }

    /// The objects that `substituteFrom` names, in order.
    pub fn substitute_from(&self) -> &[SubstituteReference] {
        let kustomization = self.kustomization.as_ref();
        kustomization.map_or(&[], |kustomization| kustomization.substitute_from())
    }
}

/// One object before and after Flux's own steps.
#[derive(Clone, Debug)]
pub struct Applied {
    /// As the build leaves it, with variables as written.
    pub built: Node,
    /// As Flux applies it: substituted, with commonMetadata. What is not known keeps `${NAME}` here; `render` prints
    /// the empty text that Flux would substitute.
    pub node: Node,
    /// As Flux applies it when unknown variables are empty, where that differs from `node`.
    pub rendered: Option<Node>,
    /// Where it is stated: its manifest, or the generator entry that makes it.
    pub mark: Mark,
    /// Whether a generator of a kustomization file makes it.
    pub generated: bool,
    /// The name before the hash suffix.
    pub unhashed_name: String,
    /// The values of a ConfigMap that higher layers of its build replaced, in the order in which they were.
    pub overridden: Vec<kustomize_build::Overridden>,
    /// `Kind/namespace/name` of the object that a controller makes it of: the source and Kustomization of a
    /// FluxInstance, the objects of a ResourceSet, the ExternalArtifacts of an ArtifactGenerator, what the chart of a
    /// HelmRelease makes. Such objects stand in no build. Their `mark` is that of the object they are made of.
    pub generated_by: Option<ObjectRef>,
}

impl Applied {
    /// An object that no build holds. `mark`, of the object that it comes from, is its place if no file states it.
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

    /// Whether both are equal and stated at the same place.
    pub(crate) fn is_same_as(&self, other: &Applied) -> bool {
        self.mark == other.mark && self.node == other.node
    }
}

/// How a Kustomization's objects use a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableUse {
    /// First use.
    pub first: Mark,
    /// Whether the value is known, and may be shown.
    pub known: bool,
    /// Whether the value is not at hand, so that what is rendered lacks it.
    pub unknown: bool,
    /// What defines the value that is used.
    pub defined_in: Option<DefinedIn>,
    /// Whether every use has a default.
    pub defaulted: bool,
}

/// What defines a variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DefinedIn {
    /// A ConfigMap, a Secret or a Kustomization.
    Object(ObjectRef),
    /// A file that the caller gave, by its name.
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

/// One ConfigMap or Secret that Kustomizations substitute from.
#[derive(Clone, Debug, Default)]
pub struct VariableSource {
    /// Values by name; a Secret's are withheld.
    pub values: BTreeMap<String, Option<String>>,
    /// Whether it was found.
    pub known: bool,
    /// What an operator makes it of.
    pub made_by: Option<ObjectRef>,
    /// The Crossplane `Object` that embeds it, by its name.
    pub embedded_in: Option<String>,
}
