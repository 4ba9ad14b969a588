//! `namespace-missing` of `targetNamespace` and `storageNamespace`: nothing makes the namespace into which a HelmRelease installs, in
//! which it keeps its releases, or to which a Kustomization moves its objects
//! (<https://fluxcd.io/flux/components/helm/helmreleases/#target-namespace>).

use std::collections::{BTreeMap, BTreeSet};

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Mark, Severity};
use yaml_node::Node;

use super::{if_sure, kustomization_ref};
use crate::linker::Linker;
use crate::producers::elsewhere;

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
    let makers = linker.unknown_makers;
    let makers_of_own_name = MAKERS.iter().flat_map(|(group, kind)| inventory.of(group, kind));
    let embedded = linker
        .embedded
        .all
        .iter()
        .filter(|object| object.kind == "Namespace");
    let releases_that_create = linker
        .releases
        .iter()
        .filter(|release| creates_namespace(release.object.node()));
    let made: BTreeSet<&str> = makers_of_own_name
        .map(|object| object.name)
        .chain(embedded.map(|object| object.name))
        .chain(releases_that_create.map(|release| release.namespace.as_str()))
        .collect();
    // A repository without Namespaces leaves all of them to somebody's hands.
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
            // A namespace that several objects need is probably made by hand.
            let is_only_need = by_namespace.get(need.namespace) == Some(&1);
            let severity = if_sure(is_sure && is_only_need, Severity::Warning);
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
fn creates_namespace(release: &Node) -> bool {
    let create = release.at(&["spec", "install", "createNamespace"]);
    create.is_some_and(|create| create.as_bool() != Some(false))
}

/// The namespaces that Kustomizations need.
fn kustomizations<'a>(linker: &'a Linker<'_>) -> impl Iterator<Item = Need<'a>> {
    let inventory = linker.inventory;
    let owners = inventory
        .owners
        .iter()
        .filter(|owner| !owner.remote && !owner.suspend);
    owners.filter_map(|owner| {
        let name = kustomization_ref(owner)?;
        let object = owner.evaluated.object.as_ref()?;
        let target = object.node.at(&["spec", "targetNamespace"])?;
        let namespace = target.text()?;
        let mut objects = owner.objects.iter().filter_map(|id| inventory.objects.get(*id));
        // Without known content, the unknown content may make it.
        let is_used = objects.any(|object| object.namespace == namespace);
        is_used.then_some(Need {
            object: name,
            namespace,
            why: "moves its objects to the namespace",
            mark: target.mark,
            hint: "add the Namespace to this Kustomization or to one that it depends on, or correct `targetNamespace`",
        })
    })
}

/// The namespaces that HelmReleases need.
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
        // One finding if both name the same namespace.
        let named = target.as_ref().map(|target| target.namespace);
        let storage = storage.filter(|storage| named != Some(storage.namespace));
        target.into_iter().chain(storage)
    })
}
