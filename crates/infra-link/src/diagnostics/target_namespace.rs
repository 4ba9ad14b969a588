//! `namespace-missing` of `targetNamespace` and `storageNamespace`: the namespace into which a HelmRelease installs, in which it keeps
//! its releases, or to which a Kustomization moves its objects, and which nothing makes
//! (<https://fluxcd.io/flux/components/helm/helmreleases/#target-namespace>).

use std::collections::{BTreeMap, BTreeSet};

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Mark, Severity};
use yaml_node::Node;

use crate::linker::Linker;
use crate::producers::elsewhere;
use crate::unknown_makers::UnknownMakers;

/// Namespaces that come with Kubernetes, OpenShift or Flux.
const WELL_KNOWN: &[&str] = &[
    "default",
    "flux-system",
    "kube-node-lease",
    "kube-public",
    "kube-system",
];

/// Objects that make a namespace of their own name.
const MAKERS: &[(&str, &str)] = &[
    ("", "Namespace"),
    ("hnc.x-k8s.io", "SubnamespaceAnchor"),
    ("project.openshift.io", "Project"),
    ("project.openshift.io", "ProjectRequest"),
];

/// A namespace that an object needs.
struct Need<'a> {
    object: ObjectRef,
    namespace: &'a str,
    why: &'static str,
    mark: Mark,
    hint: &'static str,
}

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let makers = UnknownMakers::new(inventory, linker.producers);
    let made: BTreeSet<&str> = MAKERS
        .iter()
        .flat_map(|(group, kind)| inventory.of(group, kind))
        .map(|object| object.name)
        .chain(
            linker
                .embedded
                .all
                .iter()
                .filter(|one| one.kind == "Namespace")
                .map(|one| one.name),
        )
        .chain(
            linker
                .releases
                .iter()
                .filter(|release| creates(release.object.node()))
                .map(|release| release.namespace.as_str()),
        )
        .collect();
    // Who makes none by Flux makes them all by hand.
    let makes_its_own = inventory.of("", "Namespace").any(|object| {
        !object.is_of_chart() && object.applied.generated_by.is_none() && object.name != "flux-system"
    });
    let is_sure = makes_its_own && makers.are_known();
    let is_missing = |need: &Need<'_>| {
        let name = need.namespace;
        !name.is_empty()
            && name != need.object.namespace
            && !name.contains("${")
            && !made.contains(name)
            && !WELL_KNOWN.contains(&name)
            && !name.starts_with("openshift-")
            && !elsewhere(linker.knowledge, "Namespace", "", name)
    };
    let needs = kustomizations(linker).chain(releases(linker));
    let needs: Vec<Need<'_>> = needs.filter(is_missing).collect();
    let mut by_namespace: BTreeMap<&str, usize> = BTreeMap::new();
    for need in &needs {
        *by_namespace.entry(need.namespace).or_default() += 1;
    }
    needs
        .iter()
        .map(|need| {
            // What several take for granted somebody makes by hand.
            let severity = match is_sure && by_namespace.get(need.namespace) == Some(&1) {
                true => Severity::Warning,
                false => Severity::Info,
            };
            let message = format!(
                "{} {} {}, which nothing that Flux applies makes",
                need.object, need.why, need.namespace
            );
            Diagnostic::new(severity, codes::NAMESPACE_MISSING, message)
                .at(inventory.place(need.mark))
                .on(need.object.to_string())
                .hint(need.hint)
        })
        .collect()
}

/// Whether a HelmRelease makes the namespace into which it installs.
fn creates(release: &Node) -> bool {
    let create = release.at(&["spec", "install", "createNamespace"]);
    create.is_some_and(|create| create.as_bool() != Some(false))
}

/// What Kustomizations need.
fn kustomizations<'a>(linker: &'a Linker<'_>) -> impl Iterator<Item = Need<'a>> {
    let inventory = linker.inventory;
    let owners = inventory
        .owners
        .iter()
        .filter(|owner| !owner.remote && !owner.suspend);
    owners.filter_map(|owner| {
        let id = owner.evaluated.id.as_ref()?;
        let object = owner.evaluated.object.as_ref()?;
        let target = object.node.at(&["spec", "targetNamespace"])?;
        let namespace = target.text()?;
        let mut objects = owner.objects.iter().filter_map(|id| inventory.objects.get(*id));
        // Content that is not known may make it.
        let is_used = objects.any(|object| object.namespace == namespace);
        is_used.then(|| Need {
            object: ObjectRef::new("Kustomization", &id.namespace, &id.name),
            namespace,
            why: "moves its objects to the namespace",
            mark: target.mark,
            hint: "add the Namespace to this Kustomization or to one that it depends on, or correct `targetNamespace`",
        })
    })
}

/// What HelmReleases need.
fn releases<'a>(linker: &'a Linker<'_>) -> impl Iterator<Item = Need<'a>> {
    let here = linker
        .releases
        .iter()
        .filter(|release| release.spec.kube_config.is_none() && !release.spec.suspend);
    here.flat_map(|release| {
        let object = release.object.object_name();
        let view = release.view;
        let need = move |field: &str, why: &'static str, hint: &'static str| {
            let field = view.at(&["spec", field])?;
            Some(Need {
                object: object.clone(),
                namespace: field.text()?,
                why,
                mark: field.mark(),
                hint,
            })
        };
        let target = need(
            "targetNamespace",
            "installs into the namespace",
            "set `install.createNamespace: true`, add the Namespace, or correct `targetNamespace`",
        );
        let storage = need(
            "storageNamespace",
            "keeps its releases in the namespace",
            "add the Namespace, or correct `storageNamespace`",
        );
        // Told once where both name it.
        let storage = storage.filter(|storage| {
            target
                .as_ref()
                .is_none_or(|target| target.namespace != storage.namespace)
        });
        target.into_iter().chain(storage)
    })
}
