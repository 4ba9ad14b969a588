//! Kinds that people ask for by name where no object is of them.

use crate::Facts;
use crate::graph::links::source_of;
use crate::question::lower;

/// Kinds of Kubernetes, of Flux, and of operators that repositories of Flux often have. Those of definitions that charts bring are
/// known beside them.
const KNOWN: &[&str] = &[
    // Kubernetes
    "APIService",
    "CSIDriver",
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "ControllerRevision",
    "CronJob",
    "CustomResourceDefinition",
    "DaemonSet",
    "Deployment",
    "EndpointSlice",
    "Endpoints",
    "HorizontalPodAutoscaler",
    "Ingress",
    "IngressClass",
    "Job",
    "Lease",
    "LimitRange",
    "MutatingWebhookConfiguration",
    "Namespace",
    "NetworkPolicy",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "PodDisruptionBudget",
    "PodSecurityPolicy",
    "PriorityClass",
    "ReplicaSet",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "RuntimeClass",
    "Secret",
    "Service",
    "ServiceAccount",
    "StatefulSet",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeSnapshot",
    "VolumeSnapshotClass",
    // Flux
    "Alert",
    "ArtifactGenerator",
    "Bucket",
    "ExternalArtifact",
    "FluxInstance",
    "FluxReport",
    "GitRepository",
    "HelmChart",
    "HelmRelease",
    "HelmRepository",
    "ImagePolicy",
    "ImageRepository",
    "ImageUpdateAutomation",
    "Kustomization",
    "OCIRepository",
    "Provider",
    "Receiver",
    "ResourceSet",
    "ResourceSetInputProvider",
    // Gateway API and meshes
    "AuthorizationPolicy",
    "BackendTLSPolicy",
    "DestinationRule",
    "GRPCRoute",
    "Gateway",
    "GatewayClass",
    "HTTPRoute",
    "PeerAuthentication",
    "ReferenceGrant",
    "ServiceEntry",
    "Sidecar",
    "TCPRoute",
    "TLSRoute",
    "UDPRoute",
    "VirtualService",
    "IngressRoute",
    "IngressRouteTCP",
    "Middleware",
    "TLSOption",
    // certificates and secrets
    "Certificate",
    "CertificateRequest",
    "ClusterIssuer",
    "Issuer",
    "Bundle",
    "ClusterExternalSecret",
    "ClusterSecretStore",
    "ExternalSecret",
    "PushSecret",
    "SecretStore",
    "SealedSecret",
    "SecretProviderClass",
    "VaultAuth",
    "VaultConnection",
    "VaultDynamicSecret",
    "VaultPKISecret",
    "VaultStaticSecret",
    // databases, queues, storage and backups
    "Backup",
    "BackupStorageLocation",
    "CephBlockPool",
    "CephCluster",
    "CephFilesystem",
    "CephObjectStore",
    "Cluster",
    "Database",
    "Elasticsearch",
    "Kafka",
    "KafkaConnect",
    "KafkaTopic",
    "KafkaUser",
    "Kibana",
    "MariaDB",
    "MongoDBCommunity",
    "ObjectStore",
    "Pooler",
    "PostgresCluster",
    "RabbitmqCluster",
    "RecurringJob",
    "Redis",
    "RedisCluster",
    "ReplicationDestination",
    "ReplicationSource",
    "Restore",
    "Schedule",
    "ScheduledBackup",
    "VolumeSnapshotLocation",
    "postgresql",
    // observability and scaling
    "AlertmanagerConfig",
    "Alertmanager",
    "Grafana",
    "GrafanaDashboard",
    "GrafanaDatasource",
    "Instrumentation",
    "OpenTelemetryCollector",
    "PodMonitor",
    "Probe",
    "Prometheus",
    "PrometheusRule",
    "ScaledJob",
    "ScaledObject",
    "ScrapeConfig",
    "ServiceMonitor",
    "ThanosRuler",
    "TriggerAuthentication",
    "VMAgent",
    "VMRule",
    "VMServiceScrape",
    "VerticalPodAutoscaler",
    // policies, nodes, networks and delivery
    "AdminNetworkPolicy",
    "Application",
    "ApplicationSet",
    "AppProject",
    "BGPPeer",
    "BGPAdvertisement",
    "Canary",
    "CiliumClusterwideNetworkPolicy",
    "CiliumLoadBalancerIPPool",
    "CiliumNetworkPolicy",
    "ClusterPolicy",
    "ConstraintTemplate",
    "DNSEndpoint",
    "EC2NodeClass",
    "GlobalNetworkPolicy",
    "IPAddressPool",
    "L2Advertisement",
    "MachineConfig",
    "NetworkAttachmentDefinition",
    "NodePool",
    "Policy",
    "PolicyException",
    "Rollout",
    "Route",
    "Subscription",
    "Terraform",
    "Tenant",
    "VirtualMachine",
    "Workflow",
    "WorkflowTemplate",
];

/// Whether a word is a kind, in lower case.
pub(super) fn is_known(kind: &str) -> bool {
    KNOWN.iter().any(|known| known.eq_ignore_ascii_case(kind))
}

/// Whether a term is a kind as manifests write it: `Alert`, and not `alert`.
pub(super) fn is_written(term: &str) -> bool {
    KNOWN.contains(&term.trim())
}

/// The kind that a term is the name of, in any case and in the plural too.
pub(super) fn known_kind(facts: &dyn Facts, term: &str) -> Option<String> {
    let term = term.trim();
    if let Some(kind) = KNOWN.iter().find(|kind| is_named(kind, term)) {
        return Some((*kind).to_owned());
    }
    // `scheduledbackups.postgresql.cnpg.io`, the name of a definition, begins with the plural.
    let asked = lower(term);
    let is_word = !term.is_empty() && term.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_plural = |definition: &str| {
        let plural = definition.split('.').next().unwrap_or(definition);
        plural == asked || plurals(&asked).iter().any(|own| own == plural)
    };
    let of_charts = facts
        .helm_releases()
        .iter()
        .flat_map(|(_, release)| &release.crds);
    let objects = facts.objects().iter();
    let definitions = objects.filter(|(_, object)| object.kind == "CustomResourceDefinition");
    let mut definitions = of_charts
        .map(String::as_str)
        .chain(definitions.map(|(_, object)| object.name.as_str()));
    (is_word && definitions.any(is_plural)).then(|| term.to_owned())
}

/// Whether a term is a kind, or its plural.
fn is_named(kind: &str, term: &str) -> bool {
    kind.eq_ignore_ascii_case(term)
        || plurals(&lower(kind))
            .iter()
            .any(|own| own.eq_ignore_ascii_case(term))
}

/// The plurals that resources of a kind may have, as in `policies` and `ingresses`.
fn plurals(kind: &str) -> [String; 3] {
    let stem = kind.strip_suffix('y').unwrap_or(kind);
    [format!("{kind}s"), format!("{kind}es"), format!("{stem}ies")]
}

/// What may apply more objects than are known: Kustomizations whose content is elsewhere or that fail, charts that are not at hand.
pub(super) fn not_at_hand(facts: &dyn Facts) -> String {
    let kustomizations = facts.kustomizations().iter().filter(|(_, it)| {
        it.partial
            || it.error.is_some()
            || source_of(facts, it).is_some_and(|(_, source)| !source.is_self && it.objects == 0)
    });
    let releases = facts.helm_releases().iter();
    let charts = releases.filter(|(_, release)| release.is_chart_unknown());
    let counted = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        count => Some(format!("{count} {word}s")),
    };
    let parts = [
        counted(kustomizations.count(), "Kustomization"),
        counted(charts.count(), "chart"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(" and ")
}
