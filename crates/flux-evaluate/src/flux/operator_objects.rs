//! Secrets and ConfigMaps that operators make of their custom resources, by names that are their convention or that a field states.

use std::cell::LazyCell;

use source_tree::ObjectRef;
use yaml_node::Node;

use super::object::metadata;
use super::{api_group, object_ref};

/// What an operator calls the Secret that it makes.
enum Name {
    /// As the resource.
    Own,
    /// As the resource, with this at the end.
    Ending(&'static str),
    /// By a field of the resource.
    At(&'static [&'static str]),
    /// By a field of the resource, in the namespace that another one states; else in its own.
    In(&'static [&'static str], &'static [&'static str]),
    /// Always this.
    Fixed(&'static str),
}

/// Group, kind and the names of what is made in the resource's namespace.
const OPERATORS: &[(&str, &str, &[Name])] = &[
    // https://cluster-api.sigs.k8s.io/developer/core/controllers/cluster
    ("cluster.x-k8s.io", "Cluster", &[Name::Ending("-kubeconfig")]),
    // https://www.elastic.co/docs/deploy-manage/users-roles/cluster-or-deployment-auth/managed-credentials-eck
    (
        "elasticsearch.k8s.elastic.co",
        "Elasticsearch",
        &[
            Name::Ending("-es-elastic-user"),
            Name::Ending("-es-http-certs-public"),
        ],
    ),
    // https://docs.bitwarden.com/help/secrets-manager-kubernetes-operator/
    (
        "k8s.bitwarden.com",
        "BitwardenSecret",
        &[Name::At(&["spec", "secretName"])],
    ),
    // https://github.com/rook/rook/blob/master/deploy/examples/toolbox.yaml
    (
        "ceph.rook.io",
        "CephCluster",
        &[Name::Fixed("rook-ceph-mon"), Name::Fixed("rook-ceph-config")],
    ),
    // https://strimzi.io/docs/operators/latest/deploying#con-configuring-client-authentication-str
    ("kafka.strimzi.io", "KafkaUser", &[Name::Own]),
    // https://rook.io/docs/rook/latest/Storage-Configuration/Object-Storage-RGW/ceph-object-bucket-claim/
    ("objectbucket.io", "ObjectBucketClaim", &[Name::Own]),
    // https://developer.1password.com/docs/k8s/operator/
    ("onepassword.com", "OnePasswordItem", &[Name::Own]),
    // https://www.rabbitmq.com/kubernetes/operator/using-operator
    (
        "rabbitmq.com",
        "RabbitmqCluster",
        &[Name::Ending("-default-user")],
    ),
    // https://github.com/ricoberger/vault-secrets-operator
    ("ricoberger.de", "VaultSecret", &[Name::Own]),
    // https://github.com/mittwald/kubernetes-secret-generator
    ("secretgenerator.mittwald.de", "BasicAuth", &[Name::Own]),
    ("secretgenerator.mittwald.de", "SSHKeyPair", &[Name::Own]),
    ("secretgenerator.mittwald.de", "StringSecret", &[Name::Own]),
    // https://docs.doppler.com/docs/kubernetes-operator
    (
        "secrets.doppler.com",
        "DopplerSecret",
        &[Name::In(
            &["spec", "managedSecret", "name"],
            &["spec", "managedSecret", "namespace"],
        )],
    ),
    // https://infisical.com/docs/integrations/platforms/kubernetes
    (
        "secrets.infisical.com",
        "InfisicalSecret",
        &[Name::In(
            &["spec", "managedSecretReference", "secretName"],
            &["spec", "managedSecretReference", "secretNamespace"],
        )],
    ),
    // https://akv2k8s.io/reference/azure-key-vault-secret/
    (
        "spv.no",
        "AzureKeyVaultSecret",
        &[Name::At(&["spec", "output", "secret", "name"])],
    ),
    // https://www.talos.dev/latest/kubernetes-guides/configuration/talos-api-access-from-k8s/
    ("talos.dev", "ServiceAccount", &[Name::Own]),
];

/// What an operator makes of an object.
pub fn operator_objects(object: &Node) -> Vec<ObjectRef> {
    let group = api_group(object);
    if !group.contains('.') {
        return Vec::new();
    }
    let own_kind = object.text_at(&["kind"]).unwrap_or_default();
    let own = LazyCell::new(|| object_ref(object));
    let text = |path: &[&str]| object.text_at(path).filter(|text| !text.is_empty());
    let secret = |name: &str| ObjectRef::new("Secret", &own.namespace, name);
    let mut made: Vec<ObjectRef> = by_fields(group, own_kind, object)
        .iter()
        .map(|name| secret(name))
        .collect();
    let known = OPERATORS
        .iter()
        .find(|(known, kind, _)| *known == group && *kind == own_kind);
    let names = known.into_iter().flat_map(|(.., names)| *names);
    made.extend(names.filter_map(|name| {
        Some(match name {
            Name::Own => secret(&own.name),
            Name::Ending(end) => secret(&format!("{}{end}", own.name)),
            Name::Fixed(name) => secret(name),
            Name::At(path) => secret(text(path)?),
            Name::In(path, namespace) => {
                let namespace = text(namespace).unwrap_or(&own.namespace);
                ObjectRef::new("Secret", namespace, text(path)?)
            }
        })
    }));
    let config_map = match (group, own_kind) {
        ("ceph.rook.io", "CephCluster") => Some("rook-ceph-mon-endpoints"),
        ("objectbucket.io", "ObjectBucketClaim") => Some(own.name.as_str()),
        _ => None,
    };
    made.extend(config_map.map(|name| ObjectRef::new("ConfigMap", &own.namespace, name)));
    made
}

/// Names of Secrets that several fields decide.
fn by_fields(group: &str, kind: &str, object: &Node) -> Vec<String> {
    let name = metadata(object, "name");
    match (group, kind) {
        ("postgresql.cnpg.io", "Cluster") => cloud_native_pg(name, object),
        // https://github.com/movetokube/postgres-operator
        ("db.movetokube.com", "PostgresUser") => object
            .text_at(&["spec", "secretName"])
            .map(|start| format!("{start}-{name}"))
            .into_iter()
            .collect(),
        // https://access.crunchydata.com/documentation/postgres-operator/latest/architecture/user-management
        ("postgres-operator.crunchydata.com", "PostgresCluster") => {
            let users = names(object, &["spec", "users"]);
            let users = if users.is_empty() { vec![name] } else { users };
            users
                .into_iter()
                .map(|user| format!("{name}-pguser-{user}"))
                .collect()
        }
        // https://postgres-operator.readthedocs.io/en/latest/user/#manifest-roles
        ("acid.zalan.do", "postgresql") => object
            .at(&["spec", "users"])
            .into_iter()
            .flat_map(Node::iter)
            .map(|(user, _)| {
                let user = user.replace('_', "-");
                format!("{user}.{name}.credentials.postgresql.acid.zalan.do")
            })
            .collect(),
        ("minio.min.io", "Tenant") => minio(name, object),
        // https://github.com/isindir/sops-secrets-operator
        ("isindir.github.com", "SopsSecret") => names(object, &["spec", "secretTemplates"])
            .into_iter()
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// The Secrets of a CloudNativePG cluster (<https://cloudnative-pg.io/documentation/current/applications/#secrets>).
fn cloud_native_pg(name: &str, object: &Node) -> Vec<String> {
    let stated = |path: &[&str]| object.at(path).is_some_and(|node| !node.is_null());
    let mut ends = Vec::new();
    let own_user = ["initdb", "recovery", "pg_basebackup"]
        .iter()
        .any(|method| stated(&["spec", "bootstrap", method, "secret"]));
    if !own_user {
        ends.push("app");
    }
    let superuser = object
        .at(&["spec", "enableSuperuserAccess"])
        .and_then(Node::as_bool)
        .unwrap_or(false);
    if superuser && !stated(&["spec", "superuserSecret"]) {
        ends.push("superuser");
    }
    for (field, end) in [
        ("serverCASecret", "ca"),
        ("serverTLSSecret", "server"),
        ("replicationTLSSecret", "replication"),
    ] {
        if !stated(&["spec", "certificates", field]) {
            ends.push(end);
        }
    }
    ends.into_iter().map(|end| format!("{name}-{end}")).collect()
}

/// The certificates of a MinIO tenant
/// (<https://github.com/minio/operator/blob/master/pkg/apis/minio.min.io/v2/names.go>), unless it is told to make none.
fn minio(name: &str, object: &Node) -> Vec<String> {
    let makes_none = object.at(&["spec", "requestAutoCert"]).and_then(Node::as_bool) == Some(false);
    if makes_none {
        return Vec::new();
    }
    let has_kes = object.at(&["spec", "kes"]).is_some_and(|kes| !kes.is_null());
    let of_kes: &[&str] = if has_kes { &["client-tls", "kes-tls"] } else { &[] };
    let ends = ["tls"].iter().chain(of_kes);
    ends.map(|end| format!("{name}-{end}")).collect()
}

/// The `name` of each entry of a list.
fn names<'a>(object: &'a Node, path: &[&str]) -> Vec<&'a str> {
    let items = object.at(path).map_or(&[][..], Node::items).iter();
    let names = items.filter_map(|item| item.text_at(&["name"]));
    names.filter(|name| !name.is_empty()).collect()
}
