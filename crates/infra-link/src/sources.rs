//! Catalog entries of stated and referenced sources, with their users.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::flux;
use foldhash::HashMap;
use infra_model::flux::Source;
use infra_model::{Ambiguous, Key, ObjectRef};
use yaml_node::Node;

use crate::inventory::{Inventory, Object, Owner, SOURCE};
use crate::keys::{self, SOURCE_KINDS};
use crate::kinds::source::url;
use crate::linker::Linker;
use crate::setting_places::{places, without_own};
use crate::view::View;

/// The source that a Kustomization names.
pub(crate) fn of_kustomization(owner: &Owner<'_>) -> Option<ObjectRef> {
    let source = owner.evaluated.kustomization.as_ref()?.source.as_ref()?;
    (!source.id.kind.is_empty()).then(|| source.id.clone())
}

/// The map `sources`, and the names in it that are ambiguous.
pub(crate) fn link(linker: &Linker<'_>) -> (BTreeMap<Key, Source>, Ambiguous) {
    let inventory = linker.inventory;
    let mut users: BTreeMap<ObjectRef, BTreeSet<String>> = BTreeMap::new();
    for owner in &inventory.owners {
        if let (Some(source), Some(key)) = (of_kustomization(owner), &owner.key) {
            let users = users.entry(source).or_default();
            users.insert(format!("Kustomization/{key}"));
        }
    }
    // Without credentials, which takes longest to find out.
    let mut urls: HashMap<ObjectRef, &Option<String>> = HashMap::default();
    for release in linker.releases {
        let chart = &release.chart;
        let user = linker.object_keys.kind_key(release.object);
        let referenced = chart.chart_ref.as_ref();
        let referenced =
            referenced.map(|target| ObjectRef::new(&target.kind, &target.namespace, &target.name));
        let source = chart.source_kind.as_ref().zip(chart.source_name.as_ref());
        let source = source.map(|(kind, name)| ObjectRef::new(kind, &chart.source_namespace, name));
        urls.extend(source.clone().map(|source| (source, &chart.source_url)));
        for source in referenced.into_iter().chain(source) {
            users.entry(source).or_default().insert(user.clone());
        }
    }
    let known_kind = |name: &&ObjectRef| SOURCE_KINDS.contains(&name.kind.as_str());
    let (keys, ambiguous) = keys::sources(inventory, users.keys().filter(known_kind).cloned());
    let mut entries = BTreeMap::new();
    for (name, key) in keys {
        let object = inventory.find(SOURCE, &name.kind, &name.namespace, &name.name);
        let mut source = match object {
            Some(object) => stated(inventory, object, urls.get(&name).copied()),
            None if let Some(source) = bootstrapped(inventory, &name) => source,
            None => Source {
                missing: true,
                ..Source::default()
            },
        };
        source.is_self = inventory.evaluation.self_sources.contains(&name);
        source.generated_by = source.generated_by.or_else(|| generated_by(inventory, &name));
        source.used_by = users.remove(&name).unwrap_or_default().into_iter().collect();
        source.kind = name.kind.into();
        source.namespace = name.namespace.into();
        source.name = name.name.into();
        entries.insert(key, source);
    }
    (entries, ambiguous)
}

/// The entry of an object. `url` is its URL without credentials, if that is known.
fn stated(inventory: &Inventory<'_>, object: &Object<'_>, url: Option<&Option<String>>) -> Source {
    let places = places(inventory, inventory.view(object), SETTINGS);
    let source = crate::linker::edited_at(inventory, object);
    Source {
        kustomization: inventory.kustomization(object),
        generated_by: object.applied.generated_by.clone(),
        places: without_own(places, "interval", source.as_ref()),
        source,
        ..read_source(object.node(), url)
    }
}

/// The settings whose lines are kept; the last field of a reference in this list wins.
const SETTINGS: &[(&str, &str)] = &[
    ("interval", "interval"),
    ("ref", "version"),
    ("ref", "ref.branch"),
    ("ref", "ref.tag"),
    ("ref", "ref.semver"),
    ("ref", "ref.name"),
    ("ref", "ref.commit"),
    ("ref", "ref.digest"),
];

/// The source of an entry that cannot be built: the bootstrap of the cluster has applied it.
fn bootstrapped(inventory: &Inventory<'_>, name: &ObjectRef) -> Option<Source> {
    let mut objects = inventory.evaluation.bootstrapped.iter();
    let object = objects.find(|object| flux::object_ref(&object.node) == *name)?;
    let source = inventory.place(object.node.mark);
    let places = places(inventory, View::plain(&object.node), SETTINGS);
    Some(Source {
        places: without_own(places, "interval", source.as_ref()),
        source,
        ..read_source(&object.node, None)
    })
}

fn read_source(object: &Node, known_url: Option<&Option<String>>) -> Source {
    let source = flux::Source::of(object);
    Source {
        url: known_url.map_or_else(|| url(&source), Clone::clone),
        reference: reference(&source),
        interval: source.interval,
        suspend: source.suspend,
        secret_ref: source.secret,
        ..Source::default()
    }
}

/// `branch: main`, `tag: 1.2.3`, or the version of a HelmChart.
fn reference(source: &flux::Source) -> Option<String> {
    let reference = &source.reference;
    let fields = [
        ("digest", &reference.digest),
        ("commit", &reference.commit),
        ("name", &reference.name),
        ("semver", &reference.semver),
        ("tag", &reference.tag),
        ("branch", &reference.branch),
        ("version", &source.version),
    ];
    let mut stated = fields.into_iter();
    stated.find_map(|(field, value)| Some(format!("{field}: {}", value.as_ref()?)))
}

/// Whether a FluxInstance or an ArtifactGenerator makes a source.
pub(crate) fn is_generated(inventory: &Inventory<'_>, name: &ObjectRef) -> bool {
    generated_by(inventory, name).is_some()
}

/// The object that makes a source which no file states.
fn generated_by(inventory: &Inventory<'_>, name: &ObjectRef) -> Option<ObjectRef> {
    if name.kind == "ExternalArtifact" {
        let makes = |object: &&Object<'_>| {
            let mut artifacts = inventory.view(object).items_at(&["spec", "artifacts"]);
            object.namespace == name.namespace
                && artifacts.any(|artifact| artifact.text_of("name") == Some(&name.name))
        };
        let mut generators = inventory.of("source.extensions.fluxcd.io", "ArtifactGenerator");
        return generators.find(makes).map(Object::object_name);
    }
    let stated = inventory.find(SOURCE, &name.kind, &name.namespace, &name.name);
    if stated.is_some() {
        return None;
    }
    // The FluxInstance that makes a Kustomization makes its source.
    let mut owners = inventory.owners.iter();
    owners.find_map(|owner| {
        let by = owner.evaluated.generated_by.as_ref()?;
        (of_kustomization(owner)? == *name).then(|| by.clone())
    })
}
