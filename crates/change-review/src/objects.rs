//! The objects of a side by owner, and the pairs that the objects of two sides form.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{Applied, Evaluated, Evaluation, KustomizationId};
use source_tree::{ObjectRef, Place};
use yaml_node::Node;

use crate::owner::Owner;

/// An object of one side.
#[derive(Clone, Copy)]
pub(crate) struct Object<'a> {
    /// As it is applied.
    pub(crate) applied: &'a Applied,
    /// The tree without values copied from Secrets.
    pub(crate) shown: &'a Node,
    evaluation: &'a Evaluation,
}

impl<'a> Object<'a> {
    /// Its tree, with unknown variables as written.
    pub(crate) fn node(&self) -> &'a Node {
        &self.applied.node
    }

    /// Its API group; empty for the core group.
    pub(crate) fn group(&self) -> &'a str {
        let version = self.node().text_at(&["apiVersion"]).unwrap_or_default();
        version.rsplit_once('/').map_or("", |(group, _)| group)
    }

    pub(crate) fn kind(&self) -> &'a str {
        self.node().text_at(&["kind"]).unwrap_or_default()
    }

    pub(crate) fn name(&self) -> &'a str {
        self.node().text_at(&["metadata", "name"]).unwrap_or_default()
    }

    pub(crate) fn namespace(&self) -> &'a str {
        let namespace = self.node().text_at(&["metadata", "namespace"]);
        namespace.unwrap_or_default()
    }

    pub(crate) fn identity(&self) -> ObjectRef {
        ObjectRef::new(self.kind(), self.namespace(), self.name())
    }

    pub(crate) fn kustomization_id(&self) -> KustomizationId {
        KustomizationId {
            namespace: self.namespace().into(),
            name: self.name().into(),
        }
    }

    /// Where it is stated.
    pub(crate) fn place(&self) -> Option<Place> {
        self.evaluation.files.place(self.applied.mark)
    }

    /// Where one of its nodes is stated.
    pub(crate) fn place_of(&self, node: &Node) -> Option<Place> {
        self.evaluation.files.place(node.mark)
    }

    /// Whether it is a Kustomization of Flux.
    pub(crate) fn is_kustomization(&self) -> bool {
        self.kind() == "Kustomization" && self.group() == "kustomize.toolkit.fluxcd.io"
    }

    /// Whether a chart makes it.
    pub(crate) fn is_of_release(&self) -> bool {
        let maker = self.applied.generated_by.as_ref();
        maker.is_some_and(|maker| maker.kind == "HelmRelease")
    }

    /// Whether it is a Helm hook: Helm creates it anew for each run, and leaves it alone otherwise.
    pub(crate) fn is_hook(&self) -> bool {
        let annotation = ["metadata", "annotations", "helm.sh/hook"];
        self.is_of_release() && self.node().text_at(&annotation).is_some()
    }

    /// An annotation or label, in this order of precedence.
    pub(crate) fn mark_of_user(&self, key: &str) -> Option<&'a str> {
        let metadata = self.node().get("metadata")?;
        ["annotations", "labels"]
            .into_iter()
            .find_map(|field| metadata.text_at(&[field, key]))
    }
}

/// Key of an object on its side. Two owners may apply the same object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) owner: Owner,
    /// API group.
    group: String,
    /// Its identity, with the name before the hash suffix.
    object: ObjectRef,
}

/// The objects of one side.
pub(crate) type Objects<'a> = BTreeMap<Key, Object<'a>>;

/// What the entry, its joined folders and all Kustomizations apply, each with its owner.
pub(crate) fn owners(evaluation: &Evaluation) -> impl Iterator<Item = (Owner, &Evaluated)> {
    // An entry that a Kustomization points at is among the Kustomizations.
    let bare = std::iter::once(&evaluation.root).filter(|root| root.id.is_none());
    // What a Kustomization applies to a remote cluster belongs to that cluster.
    let is_elsewhere = |evaluated: &&Evaluated| {
        let view = evaluated.kustomization.as_ref();
        !evaluation.is_remote && view.is_some_and(|view| view.kube_config.is_some())
    };
    bare.chain(&evaluation.joined)
        .chain(&evaluation.kustomizations)
        .filter(move |evaluated| !is_elsewhere(evaluated))
        .map(|evaluated| {
            let id = evaluated.id.clone();
            (id.map_or(Owner::Entry, Owner::Kustomization), evaluated)
        })
}

/// The Kustomizations of a side by identity.
pub(crate) fn kustomizations(
    evaluation: &Evaluation,
) -> impl Iterator<Item = (&KustomizationId, &Evaluated)> {
    let kustomizations = evaluation.kustomizations.iter();
    kustomizations.filter_map(|evaluated| Some((evaluated.id.as_ref()?, evaluated)))
}

/// The objects of a side. `shown` is its evaluation without values copied from Secrets.
pub(crate) fn objects<'a>(evaluation: &'a Evaluation, shown: &'a Evaluation) -> Objects<'a> {
    let mut found = Objects::new();
    for ((owner, evaluated), (_, shown)) in owners(evaluation).zip(owners(shown)) {
        for (applied, shown) in evaluated.objects.iter().zip(&shown.objects) {
            let object = Object {
                applied,
                shown: &shown.node,
                evaluation,
            };
            let controller = applied.generated_by.clone().map(Owner::Controller);
            let owner = controller.unwrap_or_else(|| owner.clone());
            found.insert(key(owner, &object), object);
        }
    }
    found
}

/// The owners of the objects of these names.
pub(crate) fn owners_of<'o, 'n>(
    objects: &'o Objects<'_>,
    names: &BTreeSet<&'n str>,
) -> Vec<(&'n str, &'o Owner)> {
    if names.is_empty() {
        return Vec::new();
    }
    let named = objects.iter().filter_map(|(key, object)| {
        let name = object.identity().to_string();
        Some((*names.get(name.as_str())?, &key.owner))
    });
    named.collect()
}

/// The objects of a side that generate others, and its Kustomizations, each with its owner.
pub(crate) fn makers<'a>(objects: &Objects<'a>) -> BTreeMap<ObjectRef, (Owner, Object<'a>)> {
    let generators: BTreeSet<&ObjectRef> = objects.keys().filter_map(|key| key.owner.controller()).collect();
    objects
        .iter()
        .map(|(key, object)| (object.identity(), (key.owner.clone(), *object)))
        .filter(|(identity, (_, object))| generators.contains(identity) || object.is_kustomization())
        .collect()
}

/// The HelmReleases of a side.
pub(crate) fn helm_releases<'a>(objects: &Objects<'a>) -> BTreeMap<ObjectRef, Object<'a>> {
    let releases = objects.values().filter(|object| object.kind() == "HelmRelease");
    releases.map(|object| (object.identity(), *object)).collect()
}

fn key(owner: Owner, object: &Object<'_>) -> Key {
    let mut identity = object.identity();
    let unhashed = &object.applied.unhashed_name;
    if object.applied.generated && !unhashed.is_empty() && identity.name.starts_with(unhashed.as_str()) {
        identity.name = unhashed.into();
    }
    Key {
        owner,
        group: object.group().to_owned(),
        object: identity,
    }
}

/// An object on both sides, or on one of them.
pub(crate) struct Pair<'a> {
    pub(crate) before: Option<(Owner, Object<'a>)>,
    pub(crate) after: Option<(Owner, Object<'a>)>,
}

/// Pairs the objects of two sides by key. An object that moves to another owner is one pair.
pub(crate) fn pairs<'a>(before: &Objects<'a>, after: &Objects<'a>) -> Vec<Pair<'a>> {
    let mut come: BTreeMap<(&str, &ObjectRef), Vec<&Key>> = BTreeMap::new();
    for key in after.keys().filter(|key| !before.contains_key(key)) {
        come.entry((&key.group, &key.object)).or_default().push(key);
    }
    for keys in come.values_mut() {
        keys.reverse();
    }
    let side = |key: &Key, object: &Object<'a>| Some((key.owner.clone(), *object));
    let mut pairs: Vec<(Key, Pair<'a>)> = Vec::new();
    for (key, object) in before {
        let now = after.get_key_value(key).or_else(|| {
            let moved = come.get_mut(&(key.group.as_str(), &key.object))?.pop()?;
            after.get_key_value(moved)
        });
        let pair = Pair {
            before: side(key, object),
            after: now.and_then(|(key, object)| side(key, object)),
        };
        pairs.push((now.map_or(key, |(key, _)| key).clone(), pair));
    }
    for key in come.into_values().flatten() {
        let after = after.get(key).and_then(|object| side(key, object));
        pairs.push((key.clone(), Pair { before: None, after }));
    }
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    pairs.into_iter().map(|(_, pair)| pair).collect()
}

/// Whether two values are the same, or both absent.
pub(crate) fn is_same_value(before: Option<&Node>, after: Option<&Node>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => before.same_value(after),
        (before, after) => before.is_none() && after.is_none(),
    }
}
