//! Well-known charts and workloads, as data: what they are for, how to check them, what their files control.

/// What a component does for a cluster. The order is that of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Category {
    Collection,
    Metrics,
    Logs,
    Traces,
    Dashboards,
    Alerting,
    Cost,
    Mesh,
    Secrets,
    Csi,
    Certificates,
    Ingress,
    Dns,
    Database,
    Cache,
    Queue,
    ObjectStorage,
    Provisioning,
    Delivery,
    Autoscaling,
    Backup,
    Policy,
    Network,
    Identity,
}

impl Category {
    /// Whether it belongs to the observability section.
    pub(crate) fn is_observability(self) -> bool {
        self <= Category::Cost
    }

    /// What of a cluster stands on it, for the table of infrastructure dependencies.
    pub(crate) fn dependents(self) -> &'static str {
        match self {
            Category::Collection | Category::Metrics => "Metrics",
            Category::Logs => "Logs",
            Category::Traces => "Traces",
            Category::Dashboards => "Dashboards",
            Category::Alerting => "Alerts",
            Category::Cost => "Cost reports",
            Category::Mesh => "All apps",
            Category::Secrets | Category::Csi => "Secrets",
            Category::Certificates => "Ingress",
            Category::Ingress => "Hosts",
            Category::Dns => "DNS records",
            Category::Database => "Databases",
            Category::Cache => "Caches",
            Category::Queue => "Queues",
            Category::ObjectStorage => "Volumes and buckets",
            Category::Provisioning => "Cloud resources",
            Category::Delivery => "Rollouts",
            Category::Autoscaling => "Scaling",
            Category::Backup => "Backups",
            Category::Policy => "Admission",
            Category::Network => "Pod network",
            Category::Identity => "Sign-in",
        }
    }
}

/// A chart or workload that many clusters run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Component {
    /// Stable identifier, also the name that the knowledge file uses.
    pub(crate) id: &'static str,
    /// Its name as people write it.
    pub(crate) title: &'static str,
    pub(crate) category: Category,
    /// What it is for.
    pub(crate) purpose: &'static str,
    /// Purpose of a namespace that holds it, where the wording differs.
    pub(crate) role: &'static str,
    /// Charts that install it.
    pub(crate) charts: &'static [&'static str],
    /// Names and last parts of images of workloads that are it.
    pub(crate) workloads: &'static [&'static str],
    /// A command that shows whether it works; `{namespace}` stands for its namespace.
    pub(crate) check: &'static str,
    /// What its HelmRelease or manifest controls.
    pub(crate) controls: &'static str,
    /// What the files that its ConfigMaps carry control.
    pub(crate) configures: &'static str,
    /// Port on which clients reach it; 0 where that says nothing.
    pub(crate) port: i64,
}

const PODS: &str = "kubectl get pods -n {namespace}";

const fn is(
    id: &'static str,
    title: &'static str,
    category: Category,
    purpose: &'static str,
    charts: &'static [&'static str],
) -> Component {
    Component {
        id,
        title,
        category,
        purpose,
        role: purpose,
        charts,
        workloads: &[],
        check: PODS,
        controls: "",
        configures: "",
        port: 0,
    }
}

impl Component {
    const fn role(self, role: &'static str) -> Self {
        Component { role, ..self }
    }
    const fn workloads(self, workloads: &'static [&'static str]) -> Self {
        Component { workloads, ..self }
    }
    const fn check(self, check: &'static str) -> Self {
        Component { check, ..self }
    }
    const fn controls(self, controls: &'static str) -> Self {
        Component { controls, ..self }
    }
    const fn configures(self, configures: &'static str) -> Self {
        Component { configures, ..self }
    }
    const fn port(self, port: i64) -> Self {
        Component { port, ..self }
    }

    /// The title without its maker's name, where a table is narrow.
    pub(crate) fn short_title(&self) -> &'static str {
        match self.id {
            "grafana-alloy" => "Alloy",
            "secrets-store-csi-driver" => "CSI driver",
            _ => self.title,
        }
    }
}

use Category::{
    Alerting, Autoscaling, Backup, Cache, Certificates, Collection, Cost, Csi, Dashboards, Database,
    Delivery, Dns, Identity, Ingress, Logs, Mesh, Metrics, Network, ObjectStorage, Policy, Provisioning,
    Queue, Secrets, Traces,
};

/// Every component that is recognised, in the order of tables.
#[rustfmt::skip] // One component is one entry of a table.
pub(crate) const COMPONENTS: &[Component] = &[
    is("grafana-alloy", "Grafana Alloy", Collection, "Collection agent (metrics + logs)", &["alloy", "grafana-alloy"])
        .workloads(&["grafana-alloy", "alloy"]).check("kubectl logs -n {namespace} -l app.kubernetes.io/name=alloy")
        .controls("Alloy RBAC, DaemonSet settings").configures("Scrape targets, log collection"),
    is("k8s-monitoring", "Grafana Kubernetes Monitoring", Collection, "Collection agents (metrics + logs)", &["k8s-monitoring"])
        .controls("Collectors and their targets"),
    is("promtail", "Promtail", Collection, "Log collection agent", &["promtail"]).workloads(&["promtail"])
        .controls("Log collection"),
    is("fluent-bit", "Fluent Bit", Collection, "Log collection agent", &["fluent-bit"]).workloads(&["fluent-bit"])
        .controls("Log collection").configures("Log inputs and outputs"),
    is("vector", "Vector", Collection, "Log collection agent", &["vector"]).workloads(&["vector"])
        .controls("Log collection").configures("Log sources and sinks"),
    is("opentelemetry-collector", "OpenTelemetry Collector", Collection, "Collection of telemetry", &["opentelemetry-collector", "opentelemetry-operator"])
        .workloads(&["opentelemetry-collector", "opentelemetry-collector-contrib", "otel-collector"])
        .controls("Receivers and exporters").configures("Receivers and exporters"),
    is("mimir", "Mimir", Metrics, "Metrics storage", &["mimir-distributed", "mimir"]).workloads(&["mimir"])
        .controls("Metrics retention"),
    is("kube-prometheus-stack", "Prometheus", Metrics, "Metrics storage and rules", &["kube-prometheus-stack", "prometheus", "prometheus-operator"])
        .workloads(&["prometheus"]).check("kubectl get prometheus -A")
        .controls("Metrics retention, scrape and alert rules"),
    is("victoria-metrics", "VictoriaMetrics", Metrics, "Metrics storage", &["victoria-metrics-k8s-stack", "victoria-metrics-single", "victoria-metrics-cluster", "victoria-metrics-operator"])
        .workloads(&["victoria-metrics", "vmsingle"]).controls("Metrics retention"),
    is("thanos", "Thanos", Metrics, "Long-term metrics storage", &["thanos"]).workloads(&["thanos"])
        .controls("Metrics retention"),
    is("loki", "Loki", Logs, "Logs storage", &["loki", "loki-distributed", "loki-stack", "loki-simple-scalable"])
        .role("Log aggregation").workloads(&["loki"]).controls("Log retention"),
    is("victoria-logs", "VictoriaLogs", Logs, "Logs storage", &["victoria-logs-single", "victoria-logs-cluster"])
        .role("Log aggregation").workloads(&["victoria-logs", "victoria-logs-single"]).controls("Log retention"),
    is("cortex", "Cortex", Metrics, "Metrics storage for applications", &["cortex"]).workloads(&["cortex"])
        .controls("App metrics, alerting config"),
    is("cortex-tenant", "cortex-tenant", Metrics, "Adds the tenant to metrics that are written", &["cortex-tenant"])
        .workloads(&["cortex-tenant"]).controls("Tenant of written metrics"),
    is("consul", "Consul", Cache, "Key-value store", &["consul"]).workloads(&["consul"]),
    is("tempo", "Tempo", Traces, "Traces storage", &["tempo", "tempo-distributed"]).workloads(&["tempo"])
        .controls("Trace retention"),
    is("jaeger", "Jaeger", Traces, "Traces storage and search", &["jaeger", "jaeger-operator"]).workloads(&["jaeger"])
        .controls("Trace storage"),
    is("grafana", "Grafana", Dashboards, "Visualization", &["grafana", "grafana-operator"]).workloads(&["grafana"])
        .controls("Data sources and dashboards"),
    is("alertmanager", "Alertmanager", Alerting, "Groups alerts and notifies", &["alertmanager"])
        .workloads(&["alertmanager"]).controls("Alert routes and receivers"),
    is("gatus", "Gatus", Alerting, "Checks endpoints and notifies", &["gatus"]).workloads(&["gatus"])
        .configures("Endpoints that are checked"),
    is("opencost", "OpenCost", Cost, "Cost analysis", &["opencost", "kubecost", "cost-analyzer"])
        .workloads(&["opencost"]).controls("Cost model, pricing rates"),
    is("linkerd", "Linkerd", Mesh, "Service mesh control plane", &["linkerd-control-plane", "linkerd2", "linkerd-viz"])
        .check("linkerd check").controls("Mesh identity and proxies"),
    is("istio", "Istio", Mesh, "Service mesh control plane", &["istiod", "istio-base", "ztunnel"])
        .workloads(&["istiod"]).check("istioctl proxy-status").controls("Mesh configuration"),
    is("vault", "Vault", Secrets, "Secrets management", &["vault"]).workloads(&["vault"])
        .controls("Vault server, storage, unsealing").port(8200),
    is("openbao", "OpenBao", Secrets, "Secrets management", &["openbao"]).controls("Server, storage, unsealing")
        .port(8200),
    is("external-secrets", "External Secrets Operator", Secrets, "Copies secrets from stores into Secrets", &["external-secrets"])
        .workloads(&["external-secrets"]).check("kubectl get externalsecrets -A"),
    is("vault-secrets-operator", "Vault Secrets Operator", Secrets, "Copies secrets from Vault into Secrets", &["vault-secrets-operator"])
        .check("kubectl get vaultstaticsecrets -A"),
    is("sealed-secrets", "Sealed Secrets", Secrets, "Decrypts SealedSecrets in the cluster", &["sealed-secrets"])
        .workloads(&["sealed-secrets-controller", "sealed-secrets"]).check("kubectl get sealedsecrets -A"),
    is("onepassword-connect", "1Password Connect", Secrets, "Access to 1Password vaults", &["onepassword-connect"])
        .workloads(&["onepassword-connect", "connect-api"]),
    is("secrets-store-csi-driver", "Secrets Store CSI driver", Csi, "Mounts secrets from stores into pods", &["secrets-store-csi-driver"])
        .workloads(&["secrets-store-csi-driver"])
        .check("kubectl get pods -n {namespace} -l app=secrets-store-csi-driver"),
    is("cert-manager", "cert-manager", Certificates, "Issues and renews certificates", &["cert-manager"])
        .workloads(&["cert-manager", "cert-manager-controller"]).check("kubectl get certificates -A"),
    is("ingress-nginx", "ingress-nginx", Ingress, "Ingress controller", &["ingress-nginx", "nginx-ingress"])
        .workloads(&["ingress-nginx-controller"]),
    is("traefik", "Traefik", Ingress, "Ingress controller", &["traefik"]).workloads(&["traefik"]),
    is("envoy-gateway", "Envoy Gateway", Ingress, "Gateway API controller", &["gateway-helm", "envoy-gateway"])
        .workloads(&["envoy-gateway"]).check("kubectl get gateways -A"),
    is("istio-gateway", "Istio gateway", Ingress, "Ingress gateway of the mesh", &["istio-ingressgateway"]),
    is("contour", "Contour", Ingress, "Ingress controller", &["contour"]).workloads(&["contour"]),
    is("haproxy", "HAProxy ingress", Ingress, "Ingress controller", &["haproxy-ingress", "kubernetes-ingress"]),
    is("kong", "Kong", Ingress, "Ingress controller and API gateway", &["kong"]).workloads(&["kong"]),
    is("cloudflared", "cloudflared", Ingress, "Tunnel from Cloudflare", &["cloudflared", "cloudflare-tunnel"])
        .workloads(&["cloudflared"]),
    is("external-dns", "ExternalDNS", Dns, "Writes DNS records of hosts", &["external-dns"])
        .workloads(&["external-dns"]).check("kubectl logs -n {namespace} -l app.kubernetes.io/name=external-dns"),
    is("coredns", "CoreDNS", Dns, "Cluster DNS", &["coredns"]).workloads(&["coredns"])
        .check("kubectl get pods -n {namespace} -l k8s-app=kube-dns"),
    is("postgresql", "PostgreSQL", Database, "Relational database", &["postgresql", "postgresql-ha", "pgo", "postgres-operator"])
        .workloads(&["postgres", "postgresql", "postgis", "timescaledb", "crunchy-postgres"]).port(5432),
    is("cloudnative-pg", "CloudNativePG", Database, "PostgreSQL operator", &["cloudnative-pg"])
        .check("kubectl get clusters.postgresql.cnpg.io -A"),
    is("mysql", "MySQL", Database, "Relational database", &["mysql", "mysql-operator"]).workloads(&["mysql"])
        .port(3306),
    is("mariadb", "MariaDB", Database, "Relational database", &["mariadb", "mariadb-galera", "mariadb-operator"])
        .workloads(&["mariadb"]).port(3306),
    is("mongodb", "MongoDB", Database, "Document database", &["mongodb", "community-operator"])
        .workloads(&["mongo", "mongodb"]).port(27017),
    is("neo4j", "Neo4j", Database, "Graph database", &["neo4j", "neo4j-standalone"]).workloads(&["neo4j"]).port(7687),
    is("elasticsearch", "Elasticsearch", Database, "Search and document store", &["elasticsearch", "eck-operator", "eck-elasticsearch"])
        .workloads(&["elasticsearch"]).port(9200),
    is("opensearch", "OpenSearch", Database, "Search and document store", &["opensearch"]).workloads(&["opensearch"])
        .port(9200),
    is("clickhouse", "ClickHouse", Database, "Analytical database", &["clickhouse", "altinity-clickhouse-operator"])
        .workloads(&["clickhouse", "clickhouse-server"]).port(8123),
    is("influxdb", "InfluxDB", Database, "Time series database", &["influxdb", "influxdb2"]).workloads(&["influxdb"])
        .port(8086),
    is("redis", "Redis", Cache, "Key-value store, cache and broker", &["redis", "redis-cluster", "redis-ha", "redis-operator"])
        .workloads(&["redis", "redis-stack"]).port(6379),
    is("valkey", "Valkey", Cache, "Key-value store and cache", &["valkey"]).workloads(&["valkey"]).port(6379),
    is("dragonfly", "Dragonfly", Cache, "Key-value store and cache", &["dragonfly", "dragonfly-operator"])
        .workloads(&["dragonfly", "dragonfly-operator"]).port(6379),
    is("memcached", "Memcached", Cache, "Cache", &["memcached"]).workloads(&["memcached"]).port(11211),
    is("rabbitmq", "RabbitMQ", Queue, "Message broker", &["rabbitmq", "rabbitmq-cluster-operator"])
        .workloads(&["rabbitmq"]).port(5672),
    is("kafka", "Kafka", Queue, "Event log", &["kafka", "strimzi-kafka-operator"]).workloads(&["kafka"]).port(9092),
    is("nats", "NATS", Queue, "Message broker", &["nats"]).workloads(&["nats"]).port(4222),
    is("mosquitto", "Mosquitto", Queue, "MQTT broker", &["mosquitto"]).workloads(&["mosquitto", "eclipse-mosquitto"])
        .port(1883),
    is("emqx", "EMQX", Queue, "MQTT broker", &["emqx", "emqx-operator"]).workloads(&["emqx"]).port(1883),
    is("minio", "MinIO", ObjectStorage, "Object storage", &["minio"]).workloads(&["minio"]).port(9000),
    is("rook-ceph", "Rook Ceph", ObjectStorage, "Storage cluster", &["rook-ceph", "rook-ceph-cluster"])
        .check("kubectl get cephclusters -A"),
    is("longhorn", "Longhorn", ObjectStorage, "Replicated volumes", &["longhorn"])
        .check("kubectl get volumes.longhorn.io -A"),
    is("openebs", "OpenEBS", ObjectStorage, "Local and replicated volumes", &["openebs"]),
    is("democratic-csi", "democratic-csi", ObjectStorage, "Volumes on network storage", &["democratic-csi"]),
    is("crossplane", "Crossplane", Provisioning, "Keeps cloud resources as declared", &["crossplane"])
        .check("kubectl get managed"),
    is("argo-rollouts", "Argo Rollouts", Delivery, "Progressive delivery", &["argo-rollouts"])
        .check("kubectl get rollouts -A"),
    is("flagger", "Flagger", Delivery, "Progressive delivery", &["flagger"]).check("kubectl get canaries -A"),
    is("flux-operator", "Flux Operator", Delivery, "Installs and upgrades Flux", &["flux-operator", "flux-instance"])
        .check("kubectl get fluxinstance -A"),
    is("actions-runner-controller", "Actions Runner Controller", Delivery, "GitHub Actions runners", &["gha-runner-scale-set-controller", "gha-runner-scale-set", "actions-runner-controller"])
        .check("kubectl get autoscalingrunnersets -A"),
    is("knative", "Knative", Autoscaling, "Serverless workloads", &["knative-operator", "knative-serving"])
        .check("kubectl get ksvc -A"),
    is("keda", "KEDA", Autoscaling, "Scales workloads by events", &["keda"]).check("kubectl get scaledobjects -A"),
    is("metrics-server", "metrics-server", Autoscaling, "Serves kubectl top and autoscalers", &["metrics-server"])
        .workloads(&["metrics-server"]).check("kubectl top nodes"),
    is("cluster-autoscaler", "Cluster Autoscaler", Autoscaling, "Adds and removes nodes", &["cluster-autoscaler"]),
    is("karpenter", "Karpenter", Autoscaling, "Adds and removes nodes", &["karpenter"])
        .check("kubectl get nodeclaims"),
    is("velero", "Velero", Backup, "Backup and restore", &["velero"]).workloads(&["velero"])
        .check("kubectl get backups.velero.io -A"),
    is("volsync", "VolSync", Backup, "Backup of volumes", &["volsync"]).check("kubectl get replicationsources -A"),
    is("kyverno", "Kyverno", Policy, "Admission policies", &["kyverno"]).check("kubectl get policyreports -A"),
    is("gatekeeper", "Gatekeeper", Policy, "Admission policies", &["gatekeeper"]).check("kubectl get constraints"),
    is("falco", "Falco", Policy, "Runtime security", &["falco"]),
    is("cilium", "Cilium", Network, "Pod network and network policies", &["cilium"]).check("cilium status"),
    is("calico", "Calico", Network, "Pod network and network policies", &["tigera-operator"])
        .check("kubectl get tigerastatus"),
    is("metallb", "MetalLB", Network, "Addresses of load balancers", &["metallb"]),
    is("multus", "Multus", Network, "Further networks of pods", &["multus"]).workloads(&["multus"]),
    is("tailscale", "Tailscale", Network, "Private network", &["tailscale-operator"]).workloads(&["tailscale"]),
    is("keycloak", "Keycloak", Identity, "Sign-in", &["keycloak", "keycloakx"]).workloads(&["keycloak"]),
    is("dex", "Dex", Identity, "Sign-in", &["dex"]).workloads(&["dex"]),
    is("authentik", "authentik", Identity, "Sign-in", &["authentik"]).workloads(&["authentik"]),
    is("oauth2-proxy", "OAuth2 Proxy", Identity, "Sign-in in front of hosts", &["oauth2-proxy"])
        .workloads(&["oauth2-proxy"]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_chart_or_workload_stands_for_two_components() {
        let (mut ids, mut charts, mut workloads) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for component in COMPONENTS {
            assert!(ids.insert(component.id), "{}", component.id);
            for chart in component.charts {
                assert!(charts.insert(chart), "{chart}");
            }
            for workload in component.workloads {
                assert!(workloads.insert(workload), "{workload}");
            }
        }
    }

    #[test]
    fn every_component_says_what_it_is_for() {
        for component in COMPONENTS {
            assert!(
                !component.purpose.is_empty() && !component.charts.is_empty(),
                "{}",
                component.id
            );
        }
    }
}
