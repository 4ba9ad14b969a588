//! Operators that make Services of their resources, which no manifest has.

/// What an operator calls a Service that it makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceName {
    /// As the resource, with this at the end.
    Ending(&'static str),
    /// Always this.
    Fixed(&'static str),
}

/// A resource of which an operator makes Services, in the namespace of the resource.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// API group.
    pub group: &'static str,
    /// Kind.
    pub kind: &'static str,
    /// What stands before the name of the resource in those of its Services; after it anything may follow a hyphen. None where
    /// they are not named after it.
    pub prefix: Option<&'static str>,
    /// The Services that are always made, with their ports where these are always the same; empty where that is not known.
    pub services: &'static [(ServiceName, &'static [u16])],
}

/// The operator's kind that an object is of.
pub fn operator(group: &str, kind: &str) -> Option<&'static Operator> {
    OPERATORS
        .iter()
        .find(|operator| operator.group == group && operator.kind == kind)
}

/// What stands before the names of resources in those of their Services, of all operators.
pub fn service_prefixes() -> impl Iterator<Item = &'static str> {
    OPERATORS.iter().filter_map(|operator| operator.prefix)
}

/// Where nothing is known but the beginning of the names.
const fn named(group: &'static str, kind: &'static str, prefix: &'static str) -> Operator {
    Operator {
        group,
        kind,
        prefix: Some(prefix),
        services: &[],
    }
}

use ServiceName::{Ending, Fixed};

/// By group and kind.
const OPERATORS: &[Operator] = &[
    // https://postgres-operator.readthedocs.io/en/latest/user/
    Operator {
        group: "acid.zalan.do",
        kind: "postgresql",
        prefix: Some(""),
        services: &[(Ending(""), &[5432]), (Ending("-repl"), &[5432])],
    },
    named("ceph.rook.io", "CephObjectStore", "rook-ceph-rgw-"),
    named("clickhouse.altinity.com", "ClickHouseInstallation", "clickhouse-"),
    named("databases.spotahome.com", "RedisFailover", "rfs-"),
    named("dragonflydb.io", "Dragonfly", ""),
    // https://www.elastic.co/docs/deploy-manage/deploy/cloud-on-k8s/accessing-services
    Operator {
        group: "elasticsearch.k8s.elastic.co",
        kind: "Elasticsearch",
        prefix: Some(""),
        services: &[
            (Ending("-es-http"), &[9200]),
            (Ending("-es-transport"), &[9300]),
            (Ending("-es-internal-http"), &[9200]),
        ],
    },
    named("grafana.integreatly.org", "Grafana", ""),
    named("jaegertracing.io", "Jaeger", ""),
    named("k8s.keycloak.org", "Keycloak", ""),
    named("k8s.mariadb.com", "MariaDB", ""),
    named("k8s.mariadb.com", "MaxScale", ""),
    // https://strimzi.io/docs/operators/latest/deploying: listeners decide the ports.
    Operator {
        group: "kafka.strimzi.io",
        kind: "Kafka",
        prefix: Some(""),
        services: &[(Ending("-kafka-bootstrap"), &[]), (Ending("-kafka-brokers"), &[])],
    },
    Operator {
        group: "kibana.k8s.elastic.co",
        kind: "Kibana",
        prefix: Some(""),
        services: &[(Ending("-kb-http"), &[5601])],
    },
    // https://github.com/minio/operator/blob/master/pkg/apis/minio.min.io/v2/names.go
    Operator {
        group: "minio.min.io",
        kind: "Tenant",
        prefix: Some(""),
        services: &[
            (Fixed("minio"), &[]),
            (Ending("-console"), &[]),
            (Ending("-hl"), &[9000]),
        ],
    },
    named("mongodbcommunity.mongodb.com", "MongoDBCommunity", ""),
    Operator {
        group: "monitoring.coreos.com",
        kind: "Alertmanager",
        prefix: None,
        services: &[(Fixed("alertmanager-operated"), &[9093, 9094])],
    },
    // https://prometheus-operator.dev/docs/platform/operator/
    Operator {
        group: "monitoring.coreos.com",
        kind: "Prometheus",
        prefix: None,
        services: &[(Fixed("prometheus-operated"), &[9090])],
    },
    named("mysql.oracle.com", "InnoDBCluster", ""),
    named("opensearch.opster.io", "OpenSearchCluster", ""),
    named("opentelemetry.io", "OpenTelemetryCollector", ""),
    // https://access.crunchydata.com/documentation/postgres-operator/latest/architecture/overview
    Operator {
        group: "postgres-operator.crunchydata.com",
        kind: "PostgresCluster",
        prefix: Some(""),
        services: &[
            (Ending("-primary"), &[]),
            (Ending("-replicas"), &[]),
            (Ending("-ha"), &[]),
            (Ending("-pgbouncer"), &[]),
        ],
    },
    named("postgresql.cnpg.io", "Cluster", ""),
    // https://cloudnative-pg.io/documentation/current/connection_pooling/
    Operator {
        group: "postgresql.cnpg.io",
        kind: "Pooler",
        prefix: Some(""),
        services: &[(Ending(""), &[5432])],
    },
    named("psmdb.percona.com", "PerconaServerMongoDB", ""),
    named("pxc.percona.com", "PerconaXtraDBCluster", ""),
    // https://www.rabbitmq.com/kubernetes/operator/using-operator
    Operator {
        group: "rabbitmq.com",
        kind: "RabbitmqCluster",
        prefix: Some(""),
        services: &[(Ending(""), &[]), (Ending("-nodes"), &[])],
    },
    named("redis.redis.opstreelabs.in", "Redis", ""),
    named("redis.redis.opstreelabs.in", "RedisCluster", ""),
    named("redis.redis.opstreelabs.in", "RedisReplication", ""),
    named("redis.redis.opstreelabs.in", "RedisSentinel", ""),
    named("scylla.scylladb.com", "ScyllaCluster", ""),
    named("vault.banzaicloud.com", "Vault", ""),
];
