//! Services that everything in a cluster reaches although no manifest says so.

use infra_model::service::Service;

use crate::find::repository;

/// What such a service does for all, by the last part of its images' names.
const IMAGES: &[(&str, &str)] = &[
    (
        "coredns",
        "resolves names for every pod; whatever calls another by name fails with it",
    ),
    ("k8s-dns-node-cache", "resolves names for every pod of its node"),
    (
        "cilium",
        "connects the pods of every node; no pod starts or reaches another without it",
    ),
    (
        "calico-node",
        "connects the pods of every node; no pod starts or reaches another without it",
    ),
    (
        "flannel",
        "connects the pods of every node; no pod starts or reaches another without it",
    ),
    ("kube-proxy", "leads every call of a Service to its pods"),
    (
        "kube-vip",
        "holds the virtual addresses of the cluster; what is reached from outside fails with it",
    ),
    (
        "metallb-speaker",
        "announces the addresses of every Service of type LoadBalancer",
    ),
    (
        "speaker",
        "announces the addresses of every Service of type LoadBalancer",
    ),
    (
        "ingress-nginx-controller",
        "takes every call from outside to an Ingress of its class",
    ),
    (
        "nginx-ingress-controller",
        "takes every call from outside to an Ingress of its class",
    ),
    (
        "nginx-ingress",
        "takes every call from outside to an Ingress of its class",
    ),
    (
        "traefik",
        "takes every call from outside to the routes of its class",
    ),
    (
        "kubernetes-ingress",
        "takes every call from outside to an Ingress of its class",
    ),
    ("kong", "takes every call from outside to the routes of its class"),
    (
        "contour",
        "programs the proxies that take every call from outside",
    ),
    ("pilot", "programs the proxies of every pod in the mesh"),
    (
        "gateway",
        "programs the proxies that take every call from outside",
    ),
    (
        "cert-manager-controller",
        "renews every certificate; nothing fails before one expires",
    ),
    (
        "external-dns",
        "keeps the DNS records of every host; known names go on resolving",
    ),
    (
        "external-secrets",
        "makes the Secrets of every ExternalSecret; those that exist stay as they are",
    ),
    (
        "driver",
        "mounts the secrets of every SecretProviderClass; no new pod that mounts one starts without it",
    ),
    (
        "sealed-secrets-controller",
        "decrypts every SealedSecret; Secrets that exist stay as they are",
    ),
    (
        "metrics-server",
        "measures every pod; autoscalers stand still without it",
    ),
    (
        "kustomize-controller",
        "applies every Kustomization; what runs goes on running",
    ),
    (
        "helm-controller",
        "applies every HelmRelease; what runs goes on running",
    ),
    (
        "source-controller",
        "fetches every source; what runs goes on running",
    ),
    (
        "kyverno",
        "admits every object that its policies match; with failurePolicy Fail nothing is created without it",
    ),
    ("gatekeeper", "admits every object that its policies match"),
    (
        "reloader",
        "restarts workloads when their ConfigMaps and Secrets change",
    ),
];

/// The same by name, where no image is known since no chart was rendered.
const NAMES: &[(&str, &str)] = &[
    ("coredns", "coredns"),
    ("kube-dns", "coredns"),
    ("cilium", "cilium"),
    ("calico", "calico-node"),
    ("tigera-operator", "calico-node"),
    ("flannel", "flannel"),
    ("ingress-nginx", "ingress-nginx-controller"),
    ("nginx-ingress", "nginx-ingress"),
    ("traefik", "traefik"),
    ("metallb", "metallb-speaker"),
    ("cert-manager", "cert-manager-controller"),
    ("external-dns", "external-dns"),
    ("external-secrets", "external-secrets"),
    ("secrets-store-csi-driver", "driver"),
    ("sealed-secrets", "sealed-secrets-controller"),
    ("metrics-server", "metrics-server"),
    ("istiod", "pilot"),
    ("kyverno", "kyverno"),
    ("reloader", "reloader"),
];

/// What a service does for all; none for one that is reached by those alone that say so.
pub(super) fn meaning(service: &Service) -> Option<&'static str> {
    let of_image = |image: &str| {
        let last = repository(image)
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        // Words such as `driver` and `gateway` mean something by the folder that they are in.
        let is_meant = |name: &str| match name {
            "driver" => image.contains("csi-secrets-store"),
            "gateway" => image.contains("envoyproxy"),
            "speaker" => image.contains("metallb"),
            "kubernetes-ingress" => image.contains("haproxy"),
            _ => true,
        };
        IMAGES
            .iter()
            .find(|(name, _)| *name == last && is_meant(name))
            .map(|(_, meaning)| *meaning)
    };
    let by_image = service.images.iter().find_map(|image| of_image(image));
    by_image.or_else(|| {
        let names = [Some(service.name.as_str()), service.helm_release.as_deref()];
        let (_, image) = NAMES
            .iter()
            .find(|(name, _)| service.images.is_empty() && names.contains(&Some(*name)))?;
        let (_, meaning) = IMAGES.iter().find(|(known, _)| known == image)?;
        Some(*meaning)
    })
}
