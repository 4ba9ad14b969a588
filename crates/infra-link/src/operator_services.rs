//! Custom resources of well-known operators turn into the Services that the operators make of them.

use crate::inventory::Object;
use crate::view::View;

/// What an operator calls a Service that it makes.
enum Name {
    /// As the resource, with this at the end.
    Ending(&'static str),
    /// Always this.
    Fixed(&'static str),
}

/// A Service by its name, and its ports where these are always the same.
type Named = (Name, &'static [u16]);

/// Group, kind, and the Services that are made in the resource's namespace.
const OPERATORS: &[(&str, &str, &[Named])] = &[
    // https://cloudnative-pg.io/documentation/current/connection_pooling/
    ("postgresql.cnpg.io", "Pooler", &[(Name::Ending(""), &[5432])]),
    // https://github.com/minio/operator/blob/master/pkg/apis/minio.min.io/v2/names.go
    (
        "minio.min.io",
        "Tenant",
        &[
            (Name::Fixed("minio"), &[]),
            (Name::Ending("-console"), &[]),
            (Name::Ending("-hl"), &[9000]),
        ],
    ),
    // https://www.rabbitmq.com/kubernetes/operator/using-operator
    (
        "rabbitmq.com",
        "RabbitmqCluster",
        &[(Name::Ending(""), &[]), (Name::Ending("-nodes"), &[])],
    ),
    // https://www.elastic.co/docs/deploy-manage/deploy/cloud-on-k8s/accessing-services
    (
        "elasticsearch.k8s.elastic.co",
        "Elasticsearch",
        &[
            (Name::Ending("-es-http"), &[9200]),
            (Name::Ending("-es-transport"), &[9300]),
            (Name::Ending("-es-internal-http"), &[9200]),
        ],
    ),
    (
        "kibana.k8s.elastic.co",
        "Kibana",
        &[(Name::Ending("-kb-http"), &[5601])],
    ),
    // https://strimzi.io/docs/operators/latest/deploying: listeners decide the ports.
    (
        "kafka.strimzi.io",
        "Kafka",
        &[
            (Name::Ending("-kafka-bootstrap"), &[]),
            (Name::Ending("-kafka-brokers"), &[]),
        ],
    ),
    // https://postgres-operator.readthedocs.io/en/latest/user/
    (
        "acid.zalan.do",
        "postgresql",
        &[(Name::Ending(""), &[5432]), (Name::Ending("-repl"), &[5432])],
    ),
    // https://access.crunchydata.com/documentation/postgres-operator/latest/architecture/overview
    (
        "postgres-operator.crunchydata.com",
        "PostgresCluster",
        &[
            (Name::Ending("-primary"), &[]),
            (Name::Ending("-replicas"), &[]),
            (Name::Ending("-ha"), &[]),
            (Name::Ending("-pgbouncer"), &[]),
        ],
    ),
    // https://prometheus-operator.dev/docs/platform/operator/
    (
        "monitoring.coreos.com",
        "Prometheus",
        &[(Name::Fixed("prometheus-operated"), &[9090])],
    ),
    (
        "monitoring.coreos.com",
        "Alertmanager",
        &[(Name::Fixed("alertmanager-operated"), &[9093, 9094])],
    ),
];

/// A Service that an operator makes.
pub(crate) struct MadeService {
    pub(crate) name: String,
    /// Its ports; empty where they are not known.
    pub(crate) ports: Vec<i64>,
}

/// The Services that an operator makes of an object, in its namespace.
pub(crate) fn made(object: &Object<'_>, view: View<'_>) -> Vec<MadeService> {
    if (object.group, object.kind) == ("postgresql.cnpg.io", "Cluster") {
        return cloud_native_pg(object, view);
    }
    let known = OPERATORS
        .iter()
        .find(|(group, kind, _)| *group == object.group && *kind == object.kind);
    let services = known.into_iter().flat_map(|(.., services)| *services);
    services
        .map(|(name, ports)| MadeService {
            name: match name {
                Name::Ending(end) => format!("{}{end}", object.name),
                Name::Fixed(name) => (*name).to_owned(),
            },
            ports: ports.iter().map(|port| i64::from(*port)).collect(),
        })
        .collect()
}

/// <https://cloudnative-pg.io/documentation/current/service_management/>: the one for writing is always there.
fn cloud_native_pg(object: &Object<'_>, view: View<'_>) -> Vec<MadeService> {
    let items = |path: &[&str]| view.at(path).into_iter().flat_map(View::items);
    let disabled: Vec<&str> = items(&["spec", "managed", "services", "disabledDefaultServices"])
        .filter_map(View::text)
        .collect();
    let own = ["rw", "ro", "r"]
        .into_iter()
        .filter(|end| *end == "rw" || !disabled.contains(end))
        .map(|end| format!("{}-{end}", object.name));
    let additional = items(&["spec", "managed", "services", "additional"])
        .filter_map(|one| one.text_at(&["serviceTemplate", "metadata", "name"]))
        .map(str::to_owned);
    let made = |name| MadeService {
        name,
        ports: vec![5432],
    };
    own.chain(additional).map(made).collect()
}
