//! Custom resources of well-known operators turn into the names of the Secrets and ConfigMaps that the operators make of
//! them.

use crate::inventory::Object;
use crate::uses::Used;
use crate::view::View;

/// What an operator calls the Secret that it makes.
enum Name {
    /// As the resource.
    Own,
    /// As the resource, with this at the end.
    Ending(&'static str),
    /// By a field of the resource.
    At(&'static [&'static str]),
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
        &[Name::At(&["spec", "managedSecret", "name"])],
    ),
    // https://infisical.com/docs/integrations/platforms/kubernetes
    (
        "secrets.infisical.com",
        "InfisicalSecret",
        &[Name::At(&["spec", "managedSecretReference", "secretName"])],
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

/// What an operator makes of an object in its namespace.
pub(crate) fn made(object: &Object<'_>, view: View<'_>) -> Vec<(Used, String)> {
    let names: Vec<String> = match (object.group, object.kind) {
        ("postgresql.cnpg.io", "Cluster") => cloud_native_pg(object, view),
        // https://github.com/movetokube/postgres-operator
        ("db.movetokube.com", "PostgresUser") => view
            .text_at(&["spec", "secretName"])
            .map(|start| format!("{start}-{}", object.name))
            .into_iter()
            .collect(),
        // https://access.crunchydata.com/documentation/postgres-operator/latest/architecture/user-management
        ("postgres-operator.crunchydata.com", "PostgresCluster") => {
            let users: Vec<&str> = items(view, &["spec", "users"])
                .filter_map(|user| user.text_of("name"))
                .collect();
            let users = if users.is_empty() {
                vec![object.name]
            } else {
                users
            };
            users
                .into_iter()
                .map(|user| format!("{}-pguser-{user}", object.name))
                .collect()
        }
        // https://postgres-operator.readthedocs.io/en/latest/user/#manifest-roles
        ("acid.zalan.do", "postgresql") => view
            .at(&["spec", "users"])
            .into_iter()
            .flat_map(View::entries)
            .map(|(user, _)| {
                let user = user.replace('_', "-");
                format!("{user}.{}.credentials.postgresql.acid.zalan.do", object.name)
            })
            .collect(),
        ("minio.min.io", "Tenant") => minio(object, view),
        // https://github.com/isindir/sops-secrets-operator
        ("isindir.github.com", "SopsSecret") => items(view, &["spec", "secretTemplates"])
            .filter_map(|template| template.text_of("name"))
            .map(str::to_owned)
            .collect(),
        (group, kind) => OPERATORS
            .iter()
            .find(|(known, of, _)| *known == group && *of == kind)
            .into_iter()
            .flat_map(|(.., names)| *names)
            .filter_map(|name| match name {
                Name::Own => Some(object.name.to_owned()),
                Name::Ending(end) => Some(format!("{}{end}", object.name)),
                Name::Fixed(name) => Some((*name).to_owned()),
                Name::At(path) => view.text_at(path).map(str::to_owned),
            })
            .collect(),
    };
    let mut made: Vec<(Used, String)> = names.into_iter().map(|name| (Used::Secret, name)).collect();
    if (object.group, object.kind) == ("ceph.rook.io", "CephCluster") {
        made.push((Used::ConfigMap, "rook-ceph-mon-endpoints".to_owned()));
    }
    if object.kind == "ObjectBucketClaim" && !made.is_empty() {
        made.push((Used::ConfigMap, object.name.to_owned()));
    }
    made
}

/// The Secrets of a CloudNativePG cluster (<https://cloudnative-pg.io/documentation/current/applications/#secrets>).
fn cloud_native_pg(object: &Object<'_>, view: View<'_>) -> Vec<String> {
    let stated = |path: &[&str]| view.at(path).is_some_and(|view| !view.node.is_null());
    let mut ends = Vec::new();
    let own_user = ["initdb", "recovery", "pg_basebackup"]
        .iter()
        .any(|method| stated(&["spec", "bootstrap", method, "secret"]));
    if !own_user {
        ends.push("app");
    }
    let superuser = view
        .at(&["spec", "enableSuperuserAccess"])
        .and_then(|view| view.node.as_bool())
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
    ends.into_iter()
        .map(|end| format!("{}-{end}", object.name))
        .collect()
}

/// The certificates of a MinIO tenant
/// (<https://github.com/minio/operator/blob/master/pkg/apis/minio.min.io/v2/names.go>), unless it is told to make none.
fn minio(object: &Object<'_>, view: View<'_>) -> Vec<String> {
    let makes_none = view
        .at(&["spec", "requestAutoCert"])
        .is_some_and(|view| view.node.as_bool() == Some(false));
    if makes_none {
        return Vec::new();
    }
    let has_kes = view.at(&["spec", "kes"]).is_some_and(|view| !view.node.is_null());
    let of_kes: &[&str] = if has_kes { &["client-tls", "kes-tls"] } else { &[] };
    let ends = ["tls"].iter().chain(of_kes);
    ends.map(|end| format!("{}-{end}", object.name)).collect()
}

fn items<'a>(view: View<'a>, path: &[&str]) -> impl Iterator<Item = View<'a>> {
    view.at(path).into_iter().flat_map(View::items)
}
