//! Operators that create Services for their resources, which no manifest states.

/// The name that an operator gives to a Service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceName {
    /// The name of the resource, with this suffix.
    Ending(&'static str),
    /// Always this name.
    Fixed(&'static str),
}

/// A resource for which an operator creates Services in the resource's namespace.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// API group.
    pub group: &'static str,
    /// Kind.
    pub kind: &'static str,
    /// The prefix before the name of the resource in the names of its Services, which may have any suffix after a hyphen. `None` if
    /// they are not named after it.
    pub prefix: Option<&'static str>,
    /// The Services that are always created, with their ports if these are fixed; empty if that is unknown.
    pub services: &'static [(ServiceName, &'static [u16])],
}

/// The operator for a kind.
pub fn operator(group: &str, kind: &str) -> Option<&'static Operator> {
    let mut operators = OPERATORS.iter();
    operators.find(|operator| operator.group == group && operator.kind == kind)
}

/// The prefixes of all operators.
pub fn service_prefixes() -> impl Iterator<Item = &'static str> {
    OPERATORS.iter().filter_map(|operator| operator.prefix)
}

/// An operator of which only the prefix is known.
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
