//! Inventory of the objects that all Kustomizations apply: each once, with its owner, by type and name.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt};
use infra_model::{KeyTable, ObjectRef, Place};
use kustomize_build::Gvk;
use source_tree::Mark;
use yaml_node::Node;

use crate::distinct::distinct;
use crate::order;
use crate::view::View;
use flux_evaluate::{Applied, Evaluated, Evaluation, KustomizationId};

/// API group of Kustomization.
pub(crate) const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io";
/// API group of HelmRelease.
pub(crate) const HELM: &str = "helm.toolkit.fluxcd.io";
/// API group of sources.
pub(crate) const SOURCE: &str = "source.toolkit.fluxcd.io";
/// API group of flux-operator.
pub(crate) const OPERATOR: &str = "fluxcd.controlplane.io";

/// Index of an [`Object`] in [`Inventory::objects`].
pub(crate) type ObjectId = usize;

/// Everything that Flux applies to the cluster.
pub(crate) struct Inventory<'a> {
    pub(crate) evaluation: &'a Evaluation,
    /// Kustomizations, and the entry if no Kustomization points at it.
    pub(crate) owners: Vec<Owner<'a>>,
    /// Every object once, in the order in which it is first applied.
    pub(crate) objects: Vec<Object<'a>>,
    /// Objects that a chart makes and that another chart or a manifest states as well.
    pub(crate) made_twice: Vec<MadeTwice<'a>>,
    /// By group, then kind.
    by_type: HashMap<&'a str, HashMap<&'a str, Vec<ObjectId>>>,
    by_name: HashMap<TypedName<'a>, ObjectId>,
}

/// Group, kind, namespace, name.
type TypedName<'a> = (&'a str, &'a str, &'a str, &'a str);

/// A Kustomization as the owner of objects.
pub(crate) struct Owner<'a> {
    pub(crate) evaluated: &'a Evaluated,
    /// Its catalog key; `None` for an entry that no Kustomization points at.
    pub(crate) key: Option<String>,
    /// Position in dependency order: the higher one has the last word.
    pub(crate) rank: usize,
    /// `spec.suspend`
    pub(crate) suspend: bool,
    /// `spec.kubeConfig`: its objects belong to another cluster.
    pub(crate) remote: bool,
    /// Its objects in this cluster, in build order.
    pub(crate) objects: Vec<ObjectId>,
    /// Whether SOPS encrypts the kinds of some of its objects.
    hides_objects: bool,
}

/// An object of the cluster.
pub(crate) struct Object<'a> {
    pub(crate) applied: &'a Applied,
    pub(crate) api_version: &'a str,
    pub(crate) group: &'a str,
    pub(crate) kind: &'a str,
    /// Empty for cluster-scoped objects.
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    /// Index in [`Inventory::owners`]: the one with the last word.
    pub(crate) owner: usize,
    /// Further owners, in dependency order.
    pub(crate) also: Vec<usize>,
}

/// Two statements of one object, each with the index of its owner.
pub(crate) struct MadeTwice<'a> {
    pub(crate) first: (&'a Applied, usize),
    pub(crate) second: (&'a Applied, usize),
}

impl<'a> Object<'a> {
    /// As Flux applies it.
    pub(crate) fn node(&self) -> &'a Node {
        &self.applied.node
    }

    /// Group, kind, namespace and name.
    fn typed_name(&self) -> TypedName<'a> {
        (self.group, self.kind, self.namespace, self.name)
    }

    /// Whether the chart of a release makes it.
    pub(crate) fn is_of_chart(&self) -> bool {
        is_made_by(self.applied, "HelmRelease")
    }

    /// Whether a ResourceSet makes it.
    pub(crate) fn is_of_resource_set(&self) -> bool {
        is_made_by(self.applied, "ResourceSet")
    }

    /// Identity in keys and diagnostics.
    pub(crate) fn object_name(&self) -> ObjectRef {
        ObjectRef::new(self.kind, self.namespace, self.name)
    }

    /// Identity in the catalogs of ConfigMaps and Secrets: by the name before the hash suffix.
    pub(crate) fn catalogued(&self) -> ObjectRef {
        ObjectRef::new(self.kind, self.namespace, self.unhashed_name())
    }

    /// The name before the hash suffix.
    pub(crate) fn unhashed_name(&self) -> &'a str {
        match self.applied.unhashed_name.as_str() {
            "" => self.name,
            name => name,
        }
    }

    /// Text of `metadata.annotations`.
    pub(crate) fn annotation(&self, key: &str) -> Option<&'a str> {
        self.node().text_at(&["metadata", "annotations", key])
    }
}

impl<'a> Inventory<'a> {
    /// Collects the objects that an evaluation applies. `keys` are those of Kustomizations.
    pub(crate) fn new(evaluation: &'a Evaluation, keys: &KeyTable) -> Self {
        let owners = owners(evaluation, keys);
        let applied = owners.iter().map(|owner| owner.evaluated.objects.len()).sum();
        let mut inventory = Inventory {
            evaluation,
            owners,
            objects: Vec::with_capacity(applied),
            made_twice: Vec::new(),
            by_type: HashMap::new(),
            by_name: HashMap::with_capacity(applied),
        };
        let defined = cluster_scoped_definitions(evaluation);
        for owner in 0..inventory.owners.len() {
            let evaluated = inventory.owners[owner].evaluated;
            if inventory.owners[owner].remote {
                continue;
            }
            let objects = evaluated
                .objects
                .iter()
                .filter_map(|applied| inventory.add(applied, owner, &defined))
                .collect();
            inventory.owners[owner].objects = objects;
        }
        inventory
    }

    fn add(
        &mut self,
        applied: &'a Applied,
        owner: usize,
        defined: &BTreeSet<(&str, &str)>,
    ) -> Option<ObjectId> {
        let mut object = read_object(applied, owner, defined)?;
        // Like a Kustomization without a namespace, its source belongs to the namespace that it is applied to.
        if object.namespace.is_empty() && object.group == SOURCE && is_source_of_files(object.kind) {
            let id = self.owner(&object).and_then(|owner| owner.evaluated.id.as_ref());
            object.namespace = id.map_or("flux-system", |id| id.namespace.as_str());
        }
        let name = object.typed_name();
        let Some(&id) = self.by_name.get(&name) else {
            let id = self.objects.len();
            self.by_name.insert(name, id);
            self.by_type
                .entry(object.group)
                .or_default()
                .entry(object.kind)
                .or_default()
                .push(id);
            self.objects.push(object);
            return Some(id);
        };
        let known = self.objects.get_mut(id)?;
        if known.applied.generated_by != applied.generated_by
            && (known.is_of_chart() || is_made_by(applied, "HelmRelease"))
        {
            self.made_twice.push(MadeTwice {
                first: (known.applied, known.owner),
                second: (applied, owner),
            });
        }
        let rank = |owner: usize| self.owners.get(owner).map_or(0, |owner| owner.rank);
        if known.owner == owner {
            // One build states it twice; the later statement is applied last.
            (known.applied, known.api_version) = (applied, object.api_version);
        } else if rank(owner) > rank(known.owner) {
            known.also.push(known.owner);
            known.owner = owner;
            (known.applied, known.api_version) = (applied, object.api_version);
        } else {
            known.also.push(owner);
        }
        known.also.sort_by_key(|owner| rank(*owner));
        Some(id)
    }

    /// The objects of one type, in the order in which they are applied.
    pub(crate) fn of(&self, group: &str, kind: &str) -> impl Iterator<Item = &Object<'a>> {
        self.ids_of(group, kind)
            .iter()
            .filter_map(|id| self.objects.get(*id))
    }

    /// The objects of several kinds of a group, kind by kind.
    pub(crate) fn of_kinds<'s>(
        &'s self,
        group: &'s str,
        kinds: &'s [&str],
    ) -> impl Iterator<Item = &'s Object<'a>> {
        kinds.iter().flat_map(move |kind| self.of(group, kind))
    }

    /// Group and kind of each type that has objects, in no order.
    pub(crate) fn types(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let groups = self.by_type.iter();
        groups.flat_map(|(group, kinds)| kinds.keys().map(|kind| (*group, *kind)))
    }

    /// As [`Inventory::of`], by index.
    pub(crate) fn ids_of(&self, group: &str, kind: &str) -> &[ObjectId] {
        self.by_type
            .get(group)
            .and_then(|kinds| kinds.get(kind))
            .map_or(&[], Vec::as_slice)
    }

    /// The object with this type and name.
    pub(crate) fn find(&self, group: &str, kind: &str, namespace: &str, name: &str) -> Option<&Object<'a>> {
        self.find_id(group, kind, namespace, name)
            .and_then(|id| self.objects.get(id))
    }

    /// As [`Inventory::find`], by index.
    pub(crate) fn find_id(&self, group: &str, kind: &str, namespace: &str, name: &str) -> Option<ObjectId> {
        self.by_name.get(&(group, kind, namespace, name)).copied()
    }

    /// The owner of an object.
    pub(crate) fn owner(&self, object: &Object<'_>) -> Option<&Owner<'a>> {
        self.owners.get(object.owner)
    }

    /// Key of the Kustomization that applies an object.
    pub(crate) fn kustomization(&self, object: &Object<'_>) -> Option<String> {
        self.owner(object)?.key.clone()
    }

    /// Keys of the further Kustomizations that apply an object.
    pub(crate) fn also_applied_by(&self, object: &Object<'_>) -> Vec<String> {
        let owners = object.also.iter();
        distinct(owners.filter_map(|owner| self.owners.get(*owner)?.key.clone()))
    }

    /// An object's tree, as built and as applied.
    pub(crate) fn view(&self, object: &Object<'a>) -> View<'a> {
        let uses = self.owner(object).map(|owner| &owner.evaluated.variable_uses);
        View::new(&object.applied.node, Some(&object.applied.built), uses)
    }

    /// File and line of a mark.
    pub(crate) fn place(&self, mark: Mark) -> Option<Place> {
        self.evaluation.files.place(mark)
    }

    /// The first line of an object.
    pub(crate) fn source(&self, object: &Object<'_>) -> Option<Place> {
        self.place(object.applied.mark)
    }

    /// Whether everything that the cluster gets is known: a Kustomization that failed or whose content is elsewhere may apply
    /// anything, and so may files outside of an entry that nothing points at.
    pub(crate) fn is_complete(&self) -> bool {
        !self.evaluation.is_assumed && self.owners.iter().all(|owner| self.unknown_part(owner).is_none())
    }

    /// Why a Kustomization may apply more than is known here.
    pub(crate) fn unknown_part(&self, owner: &Owner<'_>) -> Option<&'static str> {
        let evaluated = owner.evaluated;
        if evaluated.external {
            return (!self.is_of_kinds_only(owner)).then_some("whose content is elsewhere");
        }
        if evaluated.error.is_some() && evaluated.objects.is_empty() {
            return Some("which could not be built");
        }
        let mut left_out = evaluated.left_out.iter();
        if left_out.any(|part| !is_of_definitions(&part.what)) {
            return Some("part of which is not available");
        }
        owner
            .hides_objects
            .then_some("some of whose objects SOPS encrypts as a whole")
    }

    /// Whether a Kustomization takes only Flux itself, or definitions of kinds, from elsewhere.
    fn is_of_kinds_only(&self, owner: &Owner<'_>) -> bool {
        let Some(view) = owner.evaluated.kustomization.as_deref() else {
            return false;
        };
        let url = view.source.as_ref().and_then(|source| {
            let id = &source.id;
            let object = self.find(SOURCE, &id.kind, &id.namespace, &id.name)?;
            object.node().text_at(&["spec", "url"])
        });
        is_of_definitions(&view.path) || url.is_some_and(is_of_definitions)
    }
}

/// Whether a controller has made an object from one of a kind.
fn is_made_by(applied: &Applied, kind: &str) -> bool {
    let by = applied.generated_by.as_ref();
    by.is_some_and(|by| by.kind == kind)
}

/// Whether the kind of an object is ciphertext, since SOPS encrypts the whole.
fn has_hidden_kind(object: &Applied) -> bool {
    is_hidden(object, &["kind"])
}

/// Whether the type or the name of an object is partly ciphertext.
pub(crate) fn is_identity_encrypted(object: &Applied) -> bool {
    let parts: [&[&str]; 4] = [
        &["apiVersion"],
        &["kind"],
        &["metadata", "name"],
        &["metadata", "namespace"],
    ];
    parts.iter().any(|path| is_hidden(object, path))
}

/// Whether SOPS has encrypted a text of an object.
fn is_hidden(object: &Applied, path: &[&str]) -> bool {
    let text = object.node.text_at(path);
    text.is_some_and(|text| text.starts_with("ENC["))
}

/// Whether a path or URL leads to Flux's own manifests, or to definitions of kinds.
fn is_of_definitions(text: &str) -> bool {
    const FLUX: &[&str] = &["/flux-manifests", "/fluxcd/flux2", "/gotk-components.yaml"];
    let text = text.to_ascii_lowercase();
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let text = text.trim_end_matches('/').trim_end_matches(".git");
    FLUX.iter().any(|end| text.ends_with(end))
        || text.contains("/fluxcd/flux2/releases/")
        || text.split(['/', '.', '-', '_']).any(|word| {
            matches!(
                word,
                "crd" | "crds" | "customresourcedefinition" | "customresourcedefinitions"
            )
        })
}

fn owners<'a>(evaluation: &'a Evaluation, keys: &KeyTable) -> Vec<Owner<'a>> {
    let root = &evaluation.root;
    let mut kustomizations = evaluation.kustomizations.iter();
    let is_pointed_at = root.id.is_some() && kustomizations.any(|evaluated| evaluated.id == root.id);
    let bare = (!is_pointed_at).then_some(root);
    let evaluated: Vec<_> = bare
        .into_iter()
        .chain(&evaluation.joined)
        .chain(&evaluation.kustomizations)
        .collect();
    let ranks = order::ranks(&evaluated);
    evaluated
        .into_iter()
        .zip(ranks)
        .map(|(evaluated, rank)| {
            let kustomization = evaluated.kustomization.as_ref();
            let id = evaluated.id.as_ref().map(kustomization_ref);
            Owner {
                evaluated,
                key: id.and_then(|id| keys.get(&id).cloned()),
                rank,
                suspend: kustomization.is_some_and(|kustomization| kustomization.suspend),
                objects: Vec::new(),
                hides_objects: evaluated.objects.iter().any(has_hidden_kind),
                remote: !evaluation.is_remote
                    && kustomization.is_some_and(|kustomization| kustomization.kube_config.is_some()),
            }
        })
        .collect()
}

/// The identity of a Kustomization among other objects.
pub(crate) fn kustomization_ref(id: &KustomizationId) -> ObjectRef {
    ObjectRef::new("Kustomization", &id.namespace, &id.name)
}

/// Whether a kind of source holds files, rather than charts or their index.
fn is_source_of_files(kind: &str) -> bool {
    matches!(kind, "GitRepository" | "Bucket")
}

/// Groups and kinds of well-known cluster-scoped custom resources, whose definitions most repositories do not have.
const CLUSTER_SCOPED: &[(&str, &str)] = &[
    ("cert-manager.io", "ClusterIssuer"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy"),
    ("external-secrets.io", "ClusterExternalSecret"),
    ("external-secrets.io", "ClusterPushSecret"),
    ("external-secrets.io", "ClusterSecretStore"),
    ("gateway.networking.k8s.io", "GatewayClass"),
    ("generators.external-secrets.io", "ClusterGenerator"),
    ("keda.sh", "ClusterTriggerAuthentication"),
    ("kubernetes.crossplane.io", "Object"),
    ("kyverno.io", "ClusterCleanupPolicy"),
    ("kyverno.io", "ClusterPolicy"),
    ("postgresql.cnpg.io", "ClusterImageCatalog"),
    ("snapshot.storage.k8s.io", "VolumeSnapshotClass"),
    ("snapshot.storage.k8s.io", "VolumeSnapshotContent"),
    ("trust.cert-manager.io", "Bundle"),
];

/// Groups and kinds that are cluster-scoped by their definitions in the repository.
fn cluster_scoped_definitions(evaluation: &Evaluation) -> BTreeSet<(&str, &str)> {
    evaluation
        .evaluated()
        .flat_map(|evaluated| &evaluated.objects)
        .map(|applied| &applied.node)
        .filter(|node| node.text_at(&["kind"]) == Some("CustomResourceDefinition"))
        .filter_map(|node| node.get("spec"))
        .filter(|spec| spec.text_at(&["scope"]) == Some("Cluster"))
        .filter_map(|spec| Some((spec.text_at(&["group"])?, spec.text_at(&["names", "kind"])?)))
        .collect()
}

/// Reads the identity of an object; `None` if it has none. `defined` are cluster-scoped types: kustomize gives their objects a
/// namespace all the same, and the API server drops it.
fn read_object<'a>(
    applied: &'a Applied,
    owner: usize,
    defined: &BTreeSet<(&str, &str)>,
) -> Option<Object<'a>> {
    let node = &applied.node;
    let api_version = node.text_at(&["apiVersion"])?;
    let kind = node.text_at(&["kind"])?;
    let metadata = node.get("metadata")?;
    let text = |field: &str| {
        let node = metadata.get(field)?;
        node.text().filter(|_| !node.is_null())
    };
    let name = text("name").filter(|name| !name.is_empty())?;
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let cluster_scoped = || {
        Gvk::from_api_version(api_version, kind).is_cluster_scoped()
            || CLUSTER_SCOPED.contains(&(group, kind))
            || defined.contains(&(group, kind))
    };
    let namespace = match text("namespace") {
        Some(namespace) if !cluster_scoped() => namespace,
        _ => "",
    };
    Some(Object {
        applied,
        api_version,
        group,
        kind,
        namespace,
        name,
        owner,
        also: Vec::new(),
    })
}
