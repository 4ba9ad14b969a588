//! Table of well-known charts and workloads: purpose, check command, what their files control.

/// Role of a component in a cluster, in the order of tables.
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

    /// The parts of a cluster that depend on it, for the table of infrastructure dependencies.
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
    pub(crate) purpose: &'static str,
    /// Purpose of a namespace that holds it.
    pub(crate) role: &'static str,
    /// Charts that install it.
    pub(crate) charts: &'static [&'static str],
    /// Names of its workloads, and last path segments of their images.
    pub(crate) workloads: &'static [&'static str],
    /// A command that shows whether it works; `{namespace}` stands for its namespace.
    pub(crate) check: &'static str,
    /// What its HelmRelease or manifest controls.
    pub(crate) controls: &'static str,
    /// What the files in its ConfigMaps control.
    pub(crate) configures: &'static str,
    /// Port for clients; 0 if there is no usual one.
    pub(crate) port: i64,
}

const PODS: &str = "kubectl get pods -n {namespace}";

const fn entry(
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

    /// The title without its vendor's name, for narrow tables.
    pub(crate) fn short_title(&self) -> &'static str {
        match self.id {
            "grafana-alloy" => "Alloy",
            "secrets-store-csi-driver" => "CSI driver",
            _ => self.title,
        }
    }
}

use Category::*;

/// Every component that is recognised, in the order of tables.
#[rustfmt::skip] // One component is one entry of a table.
pub(crate) const COMPONENTS: &[Component] = &[
    entry("grafana-alloy", "Grafana Alloy", Collection, "Collection agent (metrics + logs)", &["alloy", "grafana-alloy"])
        .workloads(&["grafana-alloy", "alloy"]).check("kubectl logs -n {namespace} -l app.kubernetes.io/name=alloy")
        .controls("Alloy RBAC, DaemonSet settings").configures("Scrape targets, log collection"),
    entry("k8s-monitoring", "Grafana Kubernetes Monitoring", Collection, "Collection agents (metrics + logs)", &["k8s-monitoring"])
        .controls("Collectors and their targets"),
    entry("promtail", "Promtail", Collection, "Log collection agent", &["promtail"]).workloads(&["promtail"])
        .controls("Log collection"),
    entry("fluent-bit", "Fluent Bit", Collection, "Log collection agent", &["fluent-bit"]).workloads(&["fluent-bit"])
        .controls("Log collection").configures("Log inputs and outputs"),
    entry("vector", "Vector", Collection, "Log collection agent", &["vector"]).workloads(&["vector"])
        .controls("Log collection").configures("Log sources and sinks"),
    entry("opentelemetry-collector", "OpenTelemetry Collector", Collection, "Collection of telemetry", &["opentelemetry-collector", "opentelemetry-operator"])
        .workloads(&["opentelemetry-collector", "opentelemetry-collector-contrib", "otel-collector"])
        .controls("Receivers and exporters").configures("Receivers and exporters"),
    entry("mimir", "Mimir", Metrics, "Metrics storage", &["mimir-distributed", "mimir"]).workloads(&["mimir"])
        .controls("Metrics retention"),
    entry("kube-prometheus-stack", "Prometheus", Metrics, "Metrics storage and rules", &["kube-prometheus-stack", "prometheus", "prometheus-operator"])
        .workloads(&["prometheus"]).check("kubectl get prometheus -A")
        .controls("Metrics retention, scrape and alert rules"),
    entry("victoria-metrics", "VictoriaMetrics", Metrics, "Metrics storage", &["victoria-metrics-k8s-stack", "victoria-metrics-single", "victoria-metrics-cluster", "victoria-metrics-operator"])
        .workloads(&["victoria-metrics", "vmsingle"]).controls("Metrics retention"),
    entry("thanos", "Thanos", Metrics, "Long-term metrics storage", &["thanos"]).workloads(&["thanos"])
        .controls("Metrics retention"),
    entry("loki", "Loki", Logs, "Logs storage", &["loki", "loki-distributed", "loki-stack", "loki-simple-scalable"])
        .role("Log aggregation").workloads(&["loki"]).controls("Log retention"),
    entry("victoria-logs", "VictoriaLogs", Logs, "Logs storage", &["victoria-logs-single", "victoria-logs-cluster"])
        .role("Log aggregation").workloads(&["victoria-logs", "victoria-logs-single"]).controls("Log retention"),
    entry("cortex", "Cortex", Metrics, "Metrics storage for applications", &["cortex"]).workloads(&["cortex"])
        .controls("App metrics, alerting config"),
    entry("cortex-tenant", "cortex-tenant", Metrics, "Adds the tenant to metrics that are written", &["cortex-tenant"])
        .workloads(&["cortex-tenant"]).controls("Tenant of written metrics"),
    entry("consul", "Consul", Cache, "Key-value store", &["consul"]).workloads(&["consul"]),
    entry("tempo", "Tempo", Traces, "Traces storage", &["tempo", "tempo-distributed"]).workloads(&["tempo"])
        .controls("Trace retention"),
    entry("jaeger", "Jaeger", Traces, "Traces storage and search", &["jaeger", "jaeger-operator"]).workloads(&["jaeger"])
        .controls("Trace storage"),
    entry("grafana", "Grafana", Dashboards, "Visualization", &["grafana", "grafana-operator"]).workloads(&["grafana"])
        .controls("Data sources and dashboards"),
    entry("alertmanager", "Alertmanager", Alerting, "Groups alerts and notifies", &["alertmanager"])
        .workloads(&["alertmanager"]).controls("Alert routes and receivers"),
    entry("gatus", "Gatus", Alerting, "Checks endpoints and notifies", &["gatus"]).workloads(&["gatus"])
        .configures("Endpoints that are checked"),
    entry("opencost", "OpenCost", Cost, "Cost analysis", &["opencost", "kubecost", "cost-analyzer"])
        .workloads(&["opencost"]).controls("Cost model, pricing rates"),
    entry("linkerd", "Linkerd", Mesh, "Service mesh control plane", &["linkerd-control-plane", "linkerd2", "linkerd-viz"])
        .check("linkerd check").controls("Mesh identity and proxies"),
    entry("istio", "Istio", Mesh, "Service mesh control plane", &["istiod", "istio-base", "ztunnel"])
        .workloads(&["istiod"]).check("istioctl proxy-status").controls("Mesh configuration"),
    entry("vault", "Vault", Secrets, "Secrets management", &["vault"]).workloads(&["vault"])
        .controls("Vault server, storage, unsealing").port(8200),
    entry("openbao", "OpenBao", Secrets, "Secrets management", &["openbao"]).controls("Server, storage, unsealing")
        .port(8200),
    entry("external-secrets", "External Secrets Operator", Secrets, "Copies secrets from stores into Secrets", &["external-secrets"])
        .workloads(&["external-secrets"]).check("kubectl get externalsecrets -A"),
    entry("vault-secrets-operator", "Vault Secrets Operator", Secrets, "Copies secrets from Vault into Secrets", &["vault-secrets-operator"])
        .check("kubectl get vaultstaticsecrets -A"),
    entry("sealed-secrets", "Sealed Secrets", Secrets, "Decrypts SealedSecrets in the cluster", &["sealed-secrets"])
        .workloads(&["sealed-secrets-controller", "sealed-secrets"]).check("kubectl get sealedsecrets -A"),
    entry("onepassword-connect", "1Password Connect", Secrets, "Access to 1Password vaults", &["onepassword-connect"])
        .workloads(&["onepassword-connect", "connect-api"]),
    entry("secrets-store-csi-driver", "Secrets Store CSI driver", Csi, "Mounts secrets from stores into pods", &["secrets-store-csi-driver"])
        .workloads(&["secrets-store-csi-driver"])
        .check("kubectl get pods -n {namespace} -l app=secrets-store-csi-driver"),
    entry("cert-manager", "cert-manager", Certificates, "Issues and renews certificates", &["cert-manager"])
        .workloads(&["cert-manager", "cert-manager-controller"]).check("kubectl get certificates -A"),
    entry("ingress-nginx", "ingress-nginx", Ingress, "Ingress controller", &["ingress-nginx", "nginx-ingress"])
        .workloads(&["ingress-nginx-controller"]),
    entry("traefik", "Traefik", Ingress, "Ingress controller", &["traefik"]).workloads(&["traefik"]),
    entry("envoy-gateway", "Envoy Gateway", Ingress, "Gateway API controller", &["gateway-helm", "envoy-gateway"])
        .workloads(&["envoy-gateway"]).check("kubectl get gateways -A"),
    entry("istio-gateway", "Istio gateway", Ingress, "Ingress gateway of the mesh", &["istio-ingressgateway"]),
    entry("contour", "Contour", Ingress, "Ingress controller", &["contour"]).workloads(&["contour"]),
    entry("haproxy", "HAProxy ingress", Ingress, "Ingress controller", &["haproxy-ingress", "kubernetes-ingress"]),
    entry("kong", "Kong", Ingress, "Ingress controller and API gateway", &["kong"]).workloads(&["kong"]),
    entry("cloudflared", "cloudflared", Ingress, "Tunnel from Cloudflare", &["cloudflared", "cloudflare-tunnel"])
        .workloads(&["cloudflared"]),
    entry("external-dns", "ExternalDNS", Dns, "Writes DNS records of hosts", &["external-dns"])
        .workloads(&["external-dns"]).check("kubectl logs -n {namespace} -l app.kubernetes.io/name=external-dns"),
    entry("coredns", "CoreDNS", Dns, "Cluster DNS", &["coredns"]).workloads(&["coredns"])
        .check("kubectl get pods -n {namespace} -l k8s-app=kube-dns"),
    entry("postgresql", "PostgreSQL", Database, "Relational database", &["postgresql", "postgresql-ha", "pgo", "postgres-operator"])
        .workloads(&["postgres", "postgresql", "postgis", "timescaledb", "crunchy-postgres"]).port(5432),
    entry("cloudnative-pg", "CloudNativePG", Database, "PostgreSQL operator", &["cloudnative-pg"])
        .check("kubectl get clusters.postgresql.cnpg.io -A"),
    entry("mysql", "MySQL", Database, "Relational database", &["mysql", "mysql-operator"]).workloads(&["mysql"])
        .port(3306),
    entry("mariadb", "MariaDB", Database, "Relational database", &["mariadb", "mariadb-galera", "mariadb-operator"])
        .workloads(&["mariadb"]).port(3306),
    entry("mongodb", "MongoDB", Database, "Document database", &["mongodb", "community-operator"])
        .workloads(&["mongo", "mongodb"]).port(27017),
    entry("neo4j", "Neo4j", Database, "Graph database", &["neo4j", "neo4j-standalone"]).workloads(&["neo4j"]).port(7687),
    entry("elasticsearch", "Elasticsearch", Database, "Search and document store", &["elasticsearch", "eck-operator", "eck-elasticsearch"])
        .workloads(&["elasticsearch"]).port(9200),
    entry("opensearch", "OpenSearch", Database, "Search and document store", &["opensearch"]).workloads(&["opensearch"])
        .port(9200),
    entry("clickhouse", "ClickHouse", Database, "Analytical database", &["clickhouse", "altinity-clickhouse-operator"])
        .workloads(&["clickhouse", "clickhouse-server"]).port(8123),
    entry("influxdb", "InfluxDB", Database, "Time series database", &["influxdb", "influxdb2"]).workloads(&["influxdb"])
        .port(8086),
    entry("redis", "Redis", Cache, "Key-value store, cache and broker", &["redis", "redis-cluster", "redis-ha", "redis-operator"])
        .workloads(&["redis", "redis-stack"]).port(6379),
    entry("valkey", "Valkey", Cache, "Key-value store and cache", &["valkey"]).workloads(&["valkey"]).port(6379),
    entry("dragonfly", "Dragonfly", Cache, "Key-value store and cache", &["dragonfly", "dragonfly-operator"])
        .workloads(&["dragonfly", "dragonfly-operator"]).port(6379),
    entry("memcached", "Memcached", Cache, "Cache", &["memcached"]).workloads(&["memcached"]).port(11211),
    entry("rabbitmq", "RabbitMQ", Queue, "Message broker", &["rabbitmq", "rabbitmq-cluster-operator"])
        .workloads(&["rabbitmq"]).port(5672),
    entry("kafka", "Kafka", Queue, "Event log", &["kafka", "strimzi-kafka-operator"]).workloads(&["kafka"]).port(9092),
    entry("nats", "NATS", Queue, "Message broker", &["nats"]).workloads(&["nats"]).port(4222),
    entry("mosquitto", "Mosquitto", Queue, "MQTT broker", &["mosquitto"]).workloads(&["mosquitto", "eclipse-mosquitto"])
        .port(1883),
    entry("emqx", "EMQX", Queue, "MQTT broker", &["emqx", "emqx-operator"]).workloads(&["emqx"]).port(1883),
    entry("minio", "MinIO", ObjectStorage, "Object storage", &["minio"]).workloads(&["minio"]).port(9000),
    entry("rook-ceph", "Rook Ceph", ObjectStorage, "Storage cluster", &["rook-ceph", "rook-ceph-cluster"])
        .check("kubectl get cephclusters -A"),
    entry("longhorn", "Longhorn", ObjectStorage, "Replicated volumes", &["longhorn"])
        .check("kubectl get volumes.longhorn.io -A"),
    entry("openebs", "OpenEBS", ObjectStorage, "Local and replicated volumes", &["openebs"]),
    entry("democratic-csi", "democratic-csi", ObjectStorage, "Volumes on network storage", &["democratic-csi"]),
    entry("crossplane", "Crossplane", Provisioning, "Keeps cloud resources as declared", &["crossplane"])
        .check("kubectl get managed"),
    entry("argo-rollouts", "Argo Rollouts", Delivery, "Progressive delivery", &["argo-rollouts"])
        .check("kubectl get rollouts -A"),
    entry("flagger", "Flagger", Delivery, "Progressive delivery", &["flagger"]).check("kubectl get canaries -A"),
    entry("flux-operator", "Flux Operator", Delivery, "Installs and upgrades Flux", &["flux-operator", "flux-instance"])
        .check("kubectl get fluxinstance -A"),
    entry("actions-runner-controller", "Actions Runner Controller", Delivery, "GitHub Actions runners", &["gha-runner-scale-set-controller", "gha-runner-scale-set", "actions-runner-controller"])
        .check("kubectl get autoscalingrunnersets -A"),
    entry("knative", "Knative", Autoscaling, "Serverless workloads", &["knative-operator", "knative-serving"])
        .check("kubectl get ksvc -A"),
    entry("keda", "KEDA", Autoscaling, "Scales workloads by events", &["keda"]).check("kubectl get scaledobjects -A"),
    entry("metrics-server", "metrics-server", Autoscaling, "Serves kubectl top and autoscalers", &["metrics-server"])
        .workloads(&["metrics-server"]).check("kubectl top nodes"),
    entry("cluster-autoscaler", "Cluster Autoscaler", Autoscaling, "Adds and removes nodes", &["cluster-autoscaler"]),
    entry("karpenter", "Karpenter", Autoscaling, "Adds and removes nodes", &["karpenter"])
        .check("kubectl get nodeclaims"),
    entry("velero", "Velero", Backup, "Backup and restore", &["velero"]).workloads(&["velero"])
        .check("kubectl get backups.velero.io -A"),
    entry("volsync", "VolSync", Backup, "Backup of volumes", &["volsync"]).check("kubectl get replicationsources -A"),
    entry("kyverno", "Kyverno", Policy, "Admission policies", &["kyverno"]).check("kubectl get policyreports -A"),
    entry("gatekeeper", "Gatekeeper", Policy, "Admission policies", &["gatekeeper"]).check("kubectl get constraints"),
    entry("falco", "Falco", Policy, "Runtime security", &["falco"]),
    entry("cilium", "Cilium", Network, "Pod network and network policies", &["cilium"]).check("cilium status"),
    entry("calico", "Calico", Network, "Pod network and network policies", &["tigera-operator"])
        .check("kubectl get tigerastatus"),
    entry("metallb", "MetalLB", Network, "Addresses of load balancers", &["metallb"]),
    entry("multus", "Multus", Network, "Further networks of pods", &["multus"]).workloads(&["multus"]),
    entry("tailscale", "Tailscale", Network, "Private network", &["tailscale-operator"]).workloads(&["tailscale"]),
    entry("keycloak", "Keycloak", Identity, "Sign-in", &["keycloak", "keycloakx"]).workloads(&["keycloak"]),
    entry("dex", "Dex", Identity, "Sign-in", &["dex"]).workloads(&["dex"]),
    entry("authentik", "authentik", Identity, "Sign-in", &["authentik"]).workloads(&["authentik"]),
    entry("oauth2-proxy", "OAuth2 Proxy", Identity, "Sign-in in front of hosts", &["oauth2-proxy"])
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
