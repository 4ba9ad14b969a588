//! `reference-missing` of issuers: a Certificate, or an annotation of an Ingress or Gateway, names an Issuer or ClusterIssuer of
//! cert-manager that nothing makes (<https://cert-manager.io/docs/usage/certificate/>).

use std::collections::BTreeMap;

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Mark};

use super::first_and_more;
use crate::inventory::{Inventory, Object};
use crate::linker::Linker;
use crate::producers::elsewhere;
use crate::unknown_makers::UnknownMakers;
use crate::view::View;

const GROUP: &str = "cert-manager.io";

/// Kinds whose annotations name an issuer.
const ANNOTATED: &[(&str, &str)] = &[
    ("networking.k8s.io", "Ingress"),
    ("extensions", "Ingress"),
    ("gateway.networking.k8s.io", "Gateway"),
];

/// Charts of operators and gateways that make no issuer.
const CHARTS: &[&str] = &[
    "cert-manager",
    "cilium",
    "cloudnative-pg",
    "external-dns",
    "external-secrets",
    "ingress-nginx",
    "istiod",
    "kube-prometheus-stack",
    "kyverno",
    "metallb",
    "metrics-server",
    "reloader",
    "sealed-secrets",
    "traefik",
    "trust-manager",
];

/// A reference to an issuer.
struct Reference {
    issuer: ObjectRef,
    mark: Mark,
    user: String,
}

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    // If the repository has no issuers, all of them are made elsewhere.
    let has_any = |kind: &str| inventory.of(GROUP, kind).next().is_some();
    if !has_any("Issuer") && !has_any("ClusterIssuer") {
        return Vec::new();
    }
    let makers = linker.unknown_makers;
    let mut missing: BTreeMap<ObjectRef, Vec<Reference>> = BTreeMap::new();
    let objects = inventory.objects.iter().filter(|object| !object.is_of_chart());
    for reference in objects.flat_map(|object| references(inventory, object)) {
        let issuer = &reference.issuer;
        let (kind, namespace, name) = (&issuer.kind, &issuer.namespace, &issuer.name);
        let is_known = inventory.find(GROUP, kind, namespace, name).is_some()
            || name.contains("${")
            || namespace.contains("${")
            || elsewhere(linker.knowledge, kind, namespace, name);
        if !is_known && are_makers_known(linker, makers, namespace) {
            missing.entry(issuer.clone()).or_default().push(reference);
        }
    }
    let finding = |(issuer, users): (ObjectRef, Vec<Reference>)| {
        let (first, more) = first_and_more(users)?;
        let message = format!("{}{more} needs {issuer}, which nothing makes", first.user);
        Some(
            Diagnostic::warning(codes::REFERENCE_MISSING, message)
                .at(inventory.place(first.mark))
                .on(issuer.to_string())
                .hint(hint(inventory, &issuer)),
        )
    };
    missing.into_iter().filter_map(finding).collect()
}

/// Whether everything that makes issuers in a namespace is known. The empty one is that of ClusterIssuers.
fn are_makers_known(linker: &Linker<'_>, makers: &UnknownMakers<'_>, namespace: &str) -> bool {
    if !namespace.is_empty() {
        return makers.are_none(namespace);
    }
    // Any other chart may make an object of the cluster.
    let is_harmless = |name: &str| CHARTS.contains(&name);
    let mut releases = linker.releases.iter();
    makers.are_none("")
        && releases.all(|release| {
            release.rendered().is_some() || release.chart.name.as_deref().is_some_and(is_harmless)
        })
}

fn hint(inventory: &Inventory<'_>, issuer: &ObjectRef) -> String {
    let other_kind = match issuer.kind.as_str() {
        "Issuer" => "ClusterIssuer",
        _ => "Issuer",
    };
    let mut others = inventory.of(GROUP, other_kind);
    if others.any(|other| other.name == issuer.name) {
        return format!("there is a {other_kind} of this name: correct the kind");
    }
    let named = |issuer: &Object<'_>| match issuer.namespace {
        "" => issuer.name.to_owned(),
        namespace => format!("{namespace}/{}", issuer.name),
    };
    let known: Vec<String> = inventory.of(GROUP, &issuer.kind).take(5).map(named).collect();
    match known.as_slice() {
        [] => format!("add the {}, or correct the name", issuer.kind),
        known => format!(
            "there is {}: correct the name, or add the {}",
            known.join(", "),
            issuer.kind
        ),
    }
}

fn references(inventory: &Inventory<'_>, object: &Object<'_>) -> Vec<Reference> {
    let view = inventory.view(object);
    let of = |kind: &str, name: View<'_>| {
        let namespace = if kind == "ClusterIssuer" {
            ""
        } else {
            object.namespace
        };
        let text = name.text().filter(|text| !text.is_empty())?;
        Some(Reference {
            issuer: ObjectRef::new(kind, namespace, text),
            mark: name.mark(),
            user: object.object_name().to_string(),
        })
    };
    if (object.group, object.kind) == (GROUP, "Certificate") {
        let Some(reference) = view.at(&["spec", "issuerRef"]) else {
            return Vec::new();
        };
        let kind = reference.text_of("kind").unwrap_or("Issuer");
        // Issuers of other groups belong to other controllers.
        let is_own = reference.text_of("group").is_none_or(|group| group == GROUP)
            && matches!(kind, "Issuer" | "ClusterIssuer");
        let name = reference.get("name").filter(|_| is_own);
        return name.and_then(|name| of(kind, name)).into_iter().collect();
    }
    if !ANNOTATED.contains(&(object.group, object.kind)) {
        return Vec::new();
    }
    let Some(annotations) = view.at(&["metadata", "annotations"]) else {
        return Vec::new();
    };
    let is_of_others = |field: &str, own: &[&str]| {
        let stated = annotations.text_of(field);
        stated.is_some_and(|stated| !own.contains(&stated))
    };
    if is_of_others("cert-manager.io/issuer-group", &[GROUP])
        || is_of_others("cert-manager.io/issuer-kind", &["Issuer", "ClusterIssuer"])
    {
        return Vec::new();
    }
    let cluster = annotations.get("cert-manager.io/cluster-issuer");
    let issuer = annotations.get("cert-manager.io/issuer");
    let kind = annotations
        .text_of("cert-manager.io/issuer-kind")
        .unwrap_or("Issuer");
    let cluster = cluster.and_then(|name| of("ClusterIssuer", name));
    cluster
        .into_iter()
        .chain(issuer.and_then(|name| of(kind, name)))
        .collect()
}
