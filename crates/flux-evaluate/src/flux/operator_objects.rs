//! Secrets and ConfigMaps that operators make from their custom resources, with names by convention or from a field.

use std::cell::LazyCell;

use source_tree::ObjectRef;
use yaml_node::Node;

use super::object::metadata;
use super::{api_group, object_ref};

/// The name of the Secret that an operator makes.
enum Name {
    /// That of the resource.
    Own,
    /// That of the resource, with this suffix.
    Ending(&'static str),
    /// That in a field of the resource.
    At(&'static [&'static str]),
    /// That in a field of the resource, in the namespace of another field or else in the resource's own.
    In(&'static [&'static str], &'static [&'static str]),
    /// A constant.
    Fixed(&'static str),
}

/// Group, kind and the names of the Secrets.
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

/// The objects that an operator makes from `object`.
pub fn operator_objects(object: &Node) -> Vec<ObjectRef> {
    let group = api_group(object);
    if !group.contains('.') {
        return Vec::new();
    }
    let own_kind = object.text_at(&["kind"]).unwrap_or_default();
    let own = LazyCell::new(|| object_ref(object));
    let text = |path: &[&str]| object.text_at(path).filter(|text| !text.is_empty());
    let secret = |name: &str| ObjectRef::new("Secret", &own.namespace, name);
    let names = special_names(group, own_kind, object);
    let mut made: Vec<ObjectRef> = names.iter().map(|name| secret(name)).collect();
    let mut operators = OPERATORS.iter();
    let known = operators.find(|(known, kind, _)| *known == group && *kind == own_kind);
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

/// Names of Secrets that depend on several fields.
fn special_names(group: &str, kind: &str, object: &Node) -> Vec<String> {
    let name = metadata(object, "name");
    match (group, kind) {
        ("postgresql.cnpg.io", "Cluster") => cloud_native_pg(name, object),
        // https://github.com/movetokube/postgres-operator
        ("db.movetokube.com", "PostgresUser") => {
            let prefix = object.text_at(&["spec", "secretName"]).into_iter();
            prefix.map(|prefix| format!("{prefix}-{name}")).collect()
        }
        // https://access.crunchydata.com/documentation/postgres-operator/latest/architecture/user-management
        ("postgres-operator.crunchydata.com", "PostgresCluster") => {
            let users = names(object, &["spec", "users"]);
            let users = if users.is_empty() { vec![name] } else { users };
            let secret = |user| format!("{name}-pguser-{user}");
            users.into_iter().map(secret).collect()
        }
        // https://postgres-operator.readthedocs.io/en/latest/user/#manifest-roles
        ("acid.zalan.do", "postgresql") => {
            let users = object.at(&["spec", "users"]).into_iter().flat_map(Node::iter);
            let secret = |user: &str| format!("{user}.{name}.credentials.postgresql.acid.zalan.do");
            users.map(|(user, _)| secret(&user.replace('_', "-"))).collect()
        }
        ("minio.min.io", "Tenant") => minio(name, object),
        // https://github.com/isindir/sops-secrets-operator
        ("isindir.github.com", "SopsSecret") => {
            let names = names(object, &["spec", "secretTemplates"]).into_iter();
            names.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// The Secrets of a CloudNativePG cluster (<https://cloudnative-pg.io/documentation/current/applications/#secrets>).
fn cloud_native_pg(name: &str, object: &Node) -> Vec<String> {
    let is_stated = |path: &[&str]| object.at(path).is_some_and(|node| !node.is_null());
    let mut methods = ["initdb", "recovery", "pg_basebackup"].iter();
    let has_own_user = methods.any(|method| is_stated(&["spec", "bootstrap", method, "secret"]));
    let superuser = object
        .at(&["spec", "enableSuperuserAccess"])
        .and_then(Node::as_bool);
    let lacks = |field: &str| !is_stated(&["spec", "certificates", field]);
    let suffixes = [
        (!has_own_user, "app"),
        (
            superuser == Some(true) && !is_stated(&["spec", "superuserSecret"]),
            "superuser",
        ),
        (lacks("serverCASecret"), "ca"),
        (lacks("serverTLSSecret"), "server"),
        (lacks("replicationTLSSecret"), "replication"),
    ];
    let made = suffixes.iter().filter(|(is_made, _)| *is_made);
    made.map(|(_, suffix)| format!("{name}-{suffix}")).collect()
}

/// The certificates of a MinIO tenant
/// (<https://github.com/minio/operator/blob/master/pkg/apis/minio.min.io/v2/names.go>), unless `requestAutoCert` is off.
fn minio(name: &str, object: &Node) -> Vec<String> {
    let makes_none = object.at(&["spec", "requestAutoCert"]).and_then(Node::as_bool) == Some(false);
    if makes_none {
        return Vec::new();
    }
    let has_kes = object.at(&["spec", "kes"]).is_some_and(|kes| !kes.is_null());
    let suffixes: &[&str] = match has_kes {
        true => &["tls", "client-tls", "kes-tls"],
        false => &["tls"],
    };
    suffixes.iter().map(|suffix| format!("{name}-{suffix}")).collect()
}

/// The `name` of each entry of a list.
fn names<'a>(object: &'a Node, path: &[&str]) -> Vec<&'a str> {
    let items = object.at(path).map_or(&[][..], Node::items).iter();
    let names = items.filter_map(|item| item.text_at(&["name"]));
    names.filter(|name| !name.is_empty()).collect()
}
