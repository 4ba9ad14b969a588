//! Typed views of the objects that a build applies, read once for all rounds.

use std::sync::Arc;

use source_tree::{Diagnostic, FileTable, ObjectRef};

use crate::Applied;
use crate::flux::{
    self, Fields, FluxInstance, HelmRelease, Kind, Kustomization, ResourceSet, ResourceSetInputProvider,
    Source, object_ref,
};

/// Views of the objects of one build, in their order.
#[derive(Default)]
pub(super) struct Views {
    /// The Kustomizations, by the position of the object.
    kustomizations: Vec<(usize, KustomizationView)>,
    /// Other objects that a round reads, by the position of the object.
    others: Vec<(usize, TypedView)>,
}

/// A Kustomization as the objects of a namespace define it.
pub(super) struct KustomizationView {
    pub(super) view: Arc<Kustomization>,
    /// The namespace of a Kustomization that states none.
    pub(super) namespace: Arc<str>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The view of an object that is no Kustomization.
pub(super) struct TypedView {
    /// ConfigMaps and Secrets that an operator makes from it, each with all of its keys if they are known.
    pub(super) made: Vec<(ObjectRef, Option<Vec<String>>)>,
    pub(super) id: ObjectRef,
    pub(super) object: TypedObject,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// An object of a kind that evaluation reads.
#[derive(Clone)]
pub(super) enum TypedObject {
    /// A ConfigMap or Secret.
    Values,
    CrossplaneObject,
    Source(Arc<Source>),
    ArtifactGenerator,
    FluxInstance(Box<FluxInstance>),
    HelmRelease(Arc<HelmRelease>),
    ResourceSet(Box<ResourceSet>),
    InputProvider(Box<ResourceSetInputProvider>),
    /// Only an operator reads it.
    Other,
}

impl Views {
    /// Reads the objects that a Kustomization of this namespace applies.
    pub(super) fn read(objects: &[Applied], namespace: &str, files: &FileTable) -> Self {
        let namespace: Arc<str> = namespace.into();
        let mut views = Views::default();
        for (position, object) in objects.iter().enumerate() {
            if let Some(view) = KustomizationView::read(object, &namespace, files) {
                views.kustomizations.push((position, view));
            } else if let Some(view) = TypedView::read(object, files) {
                views.others.push((position, view));
            }
        }
        views
    }

    /// The Kustomizations among the objects that were read.
    pub(super) fn kustomizations<'a>(
        &'a self,
        objects: &'a [Applied],
    ) -> impl Iterator<Item = (&'a Applied, &'a KustomizationView)> {
        let views = self.kustomizations.iter();
        views.filter_map(|(position, view)| Some((objects.get(*position)?, view)))
    }

    /// The other objects among those that were read.
    pub(super) fn others<'a>(
        &'a self,
        objects: &'a [Applied],
    ) -> impl Iterator<Item = (&'a Applied, &'a TypedView)> {
        let views = self.others.iter();
        views.filter_map(|(position, view)| Some((objects.get(*position)?, view)))
    }
}

impl KustomizationView {
    /// Reads an object if it is a Kustomization. One without namespace is assumed to be in `namespace`.
    pub(super) fn read(object: &Applied, namespace: &Arc<str>, files: &FileTable) -> Option<Self> {
        let applied = object.applied();
        if flux::kind(applied) != Some(Kind::Kustomization) {
            return None;
        }
        let mut diagnostics = Vec::new();
        let mut fields = Fields::new(applied, files, &mut diagnostics).built_as(&object.built);
        Some(KustomizationView {
            view: Arc::new(Kustomization::read(applied, namespace, &mut fields)),
            namespace: Arc::clone(namespace),
            diagnostics,
        })
    }
}

impl TypedView {
    /// Reads an object if evaluation or an operator that it knows reads it.
    pub(super) fn read(object: &Applied, files: &FileTable) -> Option<Self> {
        let rendered = object.applied();
        let kind = flux::kind(rendered);
        // Operators make nothing from Flux's own objects.
        let made = match kind {
            None | Some(Kind::ConfigMap | Kind::Secret | Kind::CrossplaneObject) => made(rendered),
            Some(_) => Vec::new(),
        };
        let mut diagnostics = Vec::new();
        let mut fields = Fields::new(rendered, files, &mut diagnostics);
        let object = match kind {
            None if made.is_empty() => return None,
            None => TypedObject::Other,
            Some(Kind::Kustomization) => return None,
            Some(Kind::ConfigMap | Kind::Secret) => TypedObject::Values,
            Some(Kind::CrossplaneObject) => TypedObject::CrossplaneObject,
            Some(Kind::Source) => TypedObject::Source(Arc::new(Source::read(rendered, &mut fields))),
            Some(Kind::ArtifactGenerator) => TypedObject::ArtifactGenerator,
            Some(Kind::FluxInstance) => {
                TypedObject::FluxInstance(Box::new(FluxInstance::read(rendered, &mut fields)))
            }
            Some(Kind::HelmRelease) => {
                TypedObject::HelmRelease(Arc::new(HelmRelease::read(rendered, &mut fields)))
            }
            Some(Kind::ResourceSet) => {
                TypedObject::ResourceSet(Box::new(ResourceSet::read(rendered, &mut fields)))
            }
            Some(Kind::ResourceSetInputProvider) => {
                TypedObject::InputProvider(Box::new(ResourceSetInputProvider::read(rendered, &mut fields)))
            }
        };
        Some(TypedView {
            made,
            id: object_ref(rendered),
            object,
            diagnostics,
        })
    }
}

/// The ConfigMaps and Secrets that an operator makes from an object, each with all of its keys if they are known.
fn made(object: &yaml_node::Node) -> Vec<(ObjectRef, Option<Vec<String>>)> {
    let made = flux::values_made(object);
    if made.is_empty() {
        return Vec::new();
    }
    let keys_made = flux::keys_made(object);
    let keys_of = |made: &ObjectRef| {
        let keys = keys_made.as_ref().filter(|(name, _)| name == made);
        keys.map(|(_, keys)| keys.clone())
    };
    made.into_iter()
        .map(|made| {
            let keys = keys_of(&made);
            (made, keys)
        })
        .collect()
}
