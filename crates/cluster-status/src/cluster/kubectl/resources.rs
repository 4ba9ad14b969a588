//! The resources of each group.

use crate::cluster::Group;

/// A resource, as kubectl names it.
#[derive(Debug)]
pub(super) struct Resource {
    /// Plural and API group, such as `deployments.apps`.
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    /// Whether every cluster with Flux has it.
    pub(super) is_needed: bool,
}

const fn resource(name: &'static str, kind: &'static str) -> Resource {
    Resource {
        name,
        kind,
        is_needed: false,
    }
}

const fn needed(name: &'static str, kind: &'static str) -> Resource {
    Resource {
        is_needed: true,
        ..resource(name, kind)
    }
}

const FLUX: &[Resource] = &[
    needed("kustomizations.kustomize.toolkit.fluxcd.io", "Kustomization"),
    resource("helmreleases.helm.toolkit.fluxcd.io", "HelmRelease"),
    needed("gitrepositories.source.toolkit.fluxcd.io", "GitRepository"),
    resource("ocirepositories.source.toolkit.fluxcd.io", "OCIRepository"),
    resource("helmrepositories.source.toolkit.fluxcd.io", "HelmRepository"),
    resource("helmcharts.source.toolkit.fluxcd.io", "HelmChart"),
    resource("buckets.source.toolkit.fluxcd.io", "Bucket"),
    resource("externalartifacts.source.toolkit.fluxcd.io", "ExternalArtifact"),
    resource(
        "artifactgenerators.source.extensions.fluxcd.io",
        "ArtifactGenerator",
    ),
    resource("resourcesets.fluxcd.controlplane.io", "ResourceSet"),
    resource("fluxinstances.fluxcd.controlplane.io", "FluxInstance"),
];

const WORKLOADS: &[Resource] = &[
    resource("deployments.apps", "Deployment"),
    resource("statefulsets.apps", "StatefulSet"),
    resource("daemonsets.apps", "DaemonSet"),
    resource("jobs.batch", "Job"),
    resource("cronjobs.batch", "CronJob"),
    resource("persistentvolumeclaims", "PersistentVolumeClaim"),
    resource("externalsecrets.external-secrets.io", "ExternalSecret"),
    resource(
        "clusterexternalsecrets.external-secrets.io",
        "ClusterExternalSecret",
    ),
    resource("secretstores.external-secrets.io", "SecretStore"),
    resource("clustersecretstores.external-secrets.io", "ClusterSecretStore"),
    resource(
        "secretproviderclasses.secrets-store.csi.x-k8s.io",
        "SecretProviderClass",
    ),
    resource("vaultstaticsecrets.secrets.hashicorp.com", "VaultStaticSecret"),
    resource("vaultdynamicsecrets.secrets.hashicorp.com", "VaultDynamicSecret"),
    resource("vaultpkisecrets.secrets.hashicorp.com", "VaultPKISecret"),
    resource("sealedsecrets.bitnami.com", "SealedSecret"),
];

const CONFIG: &[Resource] = &[
    resource("configmaps", "ConfigMap"),
    resource("horizontalpodautoscalers.autoscaling", "HorizontalPodAutoscaler"),
];

/// The resources of a group.
pub(super) fn resources_of(group: Group) -> &'static [Resource] {
    match group {
        Group::Flux => FLUX,
        Group::Workloads => WORKLOADS,
        Group::Pods => const { &[resource("pods", "Pod")] },
        Group::Events => const { &[resource("events", "Event")] },
        Group::Config => CONFIG,
        Group::Secrets => const { &[resource("secrets", "Secret")] },
    }
}
