//! Facts of the model from small repositories, mechanism by mechanism.
//!
//! Each repository has one Kustomization `app` over the folder `app`; `files` are the files below it, `spec` are further
//! lines of the Kustomization.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use flux_evaluate::Detail;
use flux_evaluate::{ScanOptions, entries, evaluate};
use infra_link::link;
use infra_model::dependency::Target;
use infra_model::knowledge::Knowledge;
use infra_model::secrets::ProducedBy;
use infra_model::{Infrastructure, Metadata};
use pretty_assertions::assert_eq;
use source_tree::{MemoryTree, SourceTree};

const SYNC: &str = "\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {url: https://example.com/r, interval: 1m}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec:
  path: ./clusters/a
  prune: true
  interval: 1m
  sourceRef: {kind: GitRepository, name: flux-system}
";

fn kustomization(name: &str, path: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  path: ./{path}\n  prune: true\n  interval: 1m\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{spec}"
    )
}

fn tree(files: &[(&str, &str)], spec: &str) -> MemoryTree {
    let mut tree = MemoryTree::new();
    for (path, text) in files {
        tree.insert(*path, text.as_bytes());
    }
    let sync = format!("{SYNC}{}", kustomization("app", "app", spec));
    tree.insert("clusters/a/gotk-sync.yaml", sync.as_bytes());
    tree
}

fn model(files: &[(&str, &str)], spec: &str) -> Infrastructure {
    model_of(tree(files, spec))
}

fn model_of(tree: MemoryTree) -> Infrastructure {
    let tree: Arc<dyn SourceTree> = Arc::new(tree);
    let options = ScanOptions::default();
    let entry = entries(&tree, &options).unwrap().remove(0);
    let evaluation = evaluate(&tree, &entry, &options).unwrap();
    link(
        &evaluation,
        &Knowledge::default(),
        &Metadata::default(),
        Detail::default(),
    )
}

fn workload(kind: &str, namespace: &str, name: &str, pod: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n{pod}"
    )
}

fn service(namespace: &str, name: &str, app: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{selector: {{app: {app}}}, ports: [{{port: 80}}]}}\n"
    )
}

fn release(namespace: &str, name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  interval: 1m\n  chart: {{spec: {{chart: c, sourceRef: {{kind: HelmRepository, name: r, namespace: flux-system}}}}}}\n{spec}"
    )
}

const REPOSITORY: &str = "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: r, namespace: flux-system}\nspec: {url: https://charts.example.com}\n";

/// The edges of all services, a line each.
fn edges(model: &Infrastructure) -> String {
    let mut lines = String::new();
    for (key, service) in &model.services {
        for edge in &service.depends_on {
            let arrow = if matches!(edge.target, Target::Service(_)) {
                "->"
            } else {
                "=>"
            };
            let line = edge.line.unwrap_or_default();
            writeln!(
                lines,
                "{key} {arrow} {} | {} | {line}",
                edge.target.as_str(),
                edge.evidence
            )
            .unwrap();
        }
    }
    lines
}

#[test]
fn names_of_the_cluster_lead_to_workloads() {
    let client = "      containers:\n      - name: c\n        image: i:1\n        args: [\"--db=db.data.svc:80\", \"--self=http://web.shop\"]\n        env:\n        - {name: A, value: http://db.data.svc.cluster.local:80/x}\n        - {name: B, value: db.data}\n        - {name: CACHE_HOST, value: cache}\n        - {name: C, value: 'cache:80'}\n        - {name: POD, value: pod-0.db.data.svc}\n        - {name: ALIAS, value: http://outside}\n        - {name: CHART, value: http://postgres-rw.data.svc}\n        - {name: UNKNOWN, value: http://nothing.data.svc}\n        - {name: OPERATED, value: 'http://db-rw.databases:5432'}\n        - {name: INTERNET, value: 'https://api.shop'}\n        - {name: OIDC_ISSUER, value: 'https://sso.example.com'}\n";
    let external = "---\napiVersion: v1\nkind: Service\nmetadata: {name: outside, namespace: shop}\nspec: {type: ExternalName, externalName: api.example.com}\n";
    let text = [
        workload("Deployment", "shop", "web", client),
        service("shop", "web", "web"),
        workload(
            "StatefulSet",
            "data",
            "db",
            "      containers: [{name: c, image: i:1}]\n",
        ),
        service("data", "db", "db"),
        workload(
            "Deployment",
            "shop",
            "cache",
            "      containers: [{name: c, image: i:1}]\n",
        ),
        service("shop", "cache", "cache"),
        external.to_owned(),
        release("data", "postgres", ""),
        release("databases", "other", ""),
        REPOSITORY.to_owned(),
    ]
    .concat();
    let model = model(&[("app/all.yaml", &text)], "");
    assert_eq!(
        edges(&model),
        "web -> cache | env C=cache:80 | 18\n\
         web -> cache | env CACHE_HOST=cache | 17\n\
         web -> db | env A=http://db.data.svc.cluster.local:80 | 15\n\
         web -> db | env B=db.data | 16\n\
         web -> db | env POD=pod-0.db.data.svc | 19\n\
         web -> db | args db.data.svc:80 | 13\n\
         web -> postgres | env CHART=http://postgres-rw.data.svc | 21\n\
         web => api.example.com | env ALIAS=http://outside | 20\n\
         web => api.shop | env INTERNET=https://api.shop | 24\n\
         web => db-rw.databases.svc.cluster.local | env OPERATED=http://db-rw.databases:5432 | 23\n\
         web => nothing.data.svc.cluster.local | env UNKNOWN=http://nothing.data.svc | 22\n"
    );
    assert_eq!(model.services["db"].dns, ["db.data.svc.cluster.local"]);
}

#[test]
fn words_that_are_no_hosts_are_left_alone() {
    let pod = "      containers:\n      - name: c\n        image: cache:80\n        command: [cache, run, 'cache:7', main.go:80]\n        args: ['--bind=0.0.0.0:80', '--listen=cache.shop:80', '--app=cache', example.com, '--image=cache:80']\n        env:\n        - {name: STREAM, value: cache}\n        - {name: NAME, value: cache}\n        - {name: GREETING, value: cache is up}\n        - {name: IMAGE, value: 'ghcr.io/a/cache:80'}\n        - {name: BUCKET, value: 's3://cache'}\n        - {name: LOCAL, value: 'http://localhost:80'}\n        - {name: PUBLIC_URL, value: 'https://www.example.com'}\n        - {name: VIRTUAL_HOST, value: www.example.com}\n        - {name: PATH_, value: /cache/shop}\n        - {name: FILE, value: config.yaml}\n        - {name: TIME, value: '12:30'}\n        - {name: EXPANDED, value: 'http://$(CACHE):80'}\n        - {name: SHELL, value: 'http://${CACHE}.example.com'}\n        - {name: UNKNOWN_URL, value: 'http://elsewhere:80'}\n        - {name: SELF, value: 'http://web.shop.svc'}\n        - {name: MAIL, value: ops@example.com}\n";
    let text = [
        workload("Deployment", "shop", "web", pod),
        service("shop", "web", "web"),
        workload("Deployment", "shop", "cache", "      containers: [{name: c, image: i:1}]\n"),
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: cache, namespace: shop}\nspec: {selector: {app: cache}, ports: [{port: 6379}]}\n".to_owned(),
    ]
    .concat();
    assert_eq!(edges(&model(&[("app/all.yaml", &text)], "")), "");
}

#[test]
fn configuration_files_name_hosts_line_by_line() {
    let config = "# see https://docs.example.com\nmail:\n  host: relay.mail\n  port: 25\nupstream:\n  - http://api.example.com:8080/v1 # https://comment.example.com\nbrokers:\n  - kafka.example.com:9092\nscript: |\n  curl http://db.data.svc/x?y=1\nlogo: https://cdn.example.com/x.png\n";
    let text = [
        workload("Deployment", "shop", "web", "      containers:\n      - {name: c, image: i:1, volumeMounts: [{name: v, mountPath: /etc/web}]}\n      volumes: [{name: v, configMap: {name: web}}]\n"),
        workload("Deployment", "mail", "relay", "      containers: [{name: c, image: i:1}]\n"),
        service("mail", "relay", "relay"),
        workload("StatefulSet", "data", "db", "      containers: [{name: c, image: i:1}]\n"),
        service("data", "db", "db"),
    ]
    .concat();
    let kustomization =
        "resources: [all.yaml]\nconfigMapGenerator:\n- {name: web, namespace: shop, files: [config.yaml]}\n";
    let files = [
        ("app/all.yaml", text.as_str()),
        ("app/config.yaml", config),
        ("app/kustomization.yaml", kustomization),
    ];
    assert_eq!(
        edges(&model(&files, "")),
        "web -> db | ConfigMap web config.yaml=http://db.data.svc | 10\n\
         web -> relay | ConfigMap web config.yaml=relay.mail | 3\n\
         web => api.example.com | ConfigMap web config.yaml=http://api.example.com:8080 | 6\n\
         web => kafka.example.com | ConfigMap web config.yaml=kafka.example.com:9092 | 8\n"
    );
}

#[test]
fn hosts_lead_through_services_to_workloads() {
    let routes = "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: shop}\nspec:\n  defaultBackend: {service: {name: web, port: {number: 80}}}\n  rules:\n  - {host: no-paths.example.com}\n  - host: web.example.com\n    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: h, namespace: edge}\nspec:\n  hostnames: [api.example.com]\n  rules: [{backendRefs: [{name: web, namespace: shop, port: 80}, {name: web, port: 80}]}]\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: edge}\nspec:\n  hosts: [mesh.example.com, web.shop.svc.cluster.local]\n  http: [{route: [{destination: {host: web.shop.svc.cluster.local}}]}]\n";
    let caller = "      containers: [{name: c, image: i:1, env: [{name: API, value: 'https://api.example.com/v1'}]}]\n";
    let text = [
        workload(
            "Deployment",
            "shop",
            "web",
            "      containers: [{name: c, image: i:1}]\n",
        ),
        service("shop", "web", "web"),
        workload("Deployment", "shop", "caller", caller),
        routes.to_owned(),
    ]
    .concat();
    let model = model(&[("app/all.yaml", &text)], "");
    assert_eq!(
        model.services["web"].hosts,
        [
            "api.example.com",
            "mesh.example.com",
            "no-paths.example.com",
            "web.example.com"
        ]
    );
    assert_eq!(
        edges(&model),
        "caller -> web | env API=https://api.example.com | 25\n"
    );
}

#[test]
fn uses_of_configuration_say_key_and_path() {
    let pod = "      containers:\n      - name: c\n        image: i:1\n        envFrom: [{configMapRef: {name: all}}, {secretRef: {name: all-secret, optional: true}}]\n        env:\n        - {name: K, valueFrom: {configMapKeyRef: {name: one, key: k}}}\n        volumeMounts:\n        - {name: items, mountPath: /etc/a.conf, subPath: a.conf}\n        - {name: whole, mountPath: /etc/whole}\n        - {name: projected, mountPath: /etc/projected}\n      - name: side\n        image: i:2\n        volumeMounts:\n        - {name: whole, mountPath: /etc/b, subPath: b}\n      volumes:\n      - {name: items, configMap: {name: items, items: [{key: a, path: a.conf}, {key: b, path: b.conf}]}}\n      - {name: whole, configMap: {name: whole}}\n      - {name: projected, projected: {sources: [{configMap: {name: part, items: [{key: x, path: x}]}}, {secret: {name: part-secret}}]}}\n";
    let model = model(
        &[("app/all.yaml", &workload("DaemonSet", "shop", "web", pod))],
        "",
    );
    let mut lines = String::new();
    let config_maps = model.config_maps.iter().map(|(key, entry)| (key, &entry.usage));
    let secrets = model
        .secrets
        .references
        .iter()
        .map(|(key, entry)| (key, &entry.usage));
    for (key, usage) in config_maps.chain(secrets) {
        for one in usage {
            writeln!(
                lines,
                "{key}: {} {} {} {}{}",
                one.container.as_deref().unwrap_or("-"),
                one.how,
                one.key.as_deref().unwrap_or("-"),
                one.mount_path.as_deref().unwrap_or("-"),
                if one.optional { " optional" } else { "" }
            )
            .unwrap();
        }
    }
    assert_eq!(
        lines,
        "all: c envFrom - -\n\
         items: c volume a /etc/a.conf\n\
         one: c env k -\n\
         part: c volume x /etc/projected\n\
         whole: c volume - /etc/whole\n\
         whole: side volume b /etc/b\n\
         all-secret: c envFrom - - optional\n\
         part-secret: c volume - /etc/projected\n"
    );
    assert_eq!(
        model.services["web"].config_maps,
        ["all", "items", "one", "part", "whole"]
    );
    assert_eq!(model.services["web"].secrets, ["all-secret", "part-secret"]);
}

/// Severities and messages of one code.
fn findings(model: &Infrastructure, code: &str) -> Vec<String> {
    model
        .diagnostics
        .iter()
        .filter(|one| one.code == code)
        .map(|one| format!("{}: {}", one.severity.as_str(), one.message))
        .collect()
}

#[test]
fn a_failed_build_excuses_what_it_may_have_made() {
    let pod = "      containers: [{name: c, image: i:1, envFrom: [{secretRef: {name: s}}]}]\n";
    let text = [
        workload("Deployment", "one", "a", pod),
        workload("Deployment", "two", "b", pod),
    ]
    .concat();
    let mut tree = tree(&[("app/all.yaml", &text)], "");
    let sync = [
        SYNC.to_owned(),
        kustomization("app", "app", ""),
        kustomization("broken", "not-there", "  targetNamespace: two\n"),
        kustomization(
            "remote",
            "not-there-either",
            "  kubeConfig: {secretRef: {name: other}}\n",
        ),
    ]
    .concat();
    tree.insert("clusters/a/gotk-sync.yaml", sync.as_bytes());
    assert_eq!(
        findings(&model_of(tree), "reference-missing"),
        [
            "warning: service a needs Secret/one/s, which nothing makes",
            "info: service b needs Secret/two/s, which nothing that is known makes; Kustomization broken may, which could not be built",
        ]
    );
}

#[test]
fn a_synced_secret_needs_a_pod_that_mounts_the_class() {
    let class = |name: &str| {
        format!(
            "---\napiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: {{name: {name}, namespace: a}}\nspec:\n  provider: vault\n  secretObjects: [{{secretName: {name}-synced, type: Opaque, data: [{{objectName: o, key: k}}]}}]\n"
        )
    };
    let reader = "      containers: [{name: c, image: i:1, envFrom: [{secretRef: {name: one-synced}}, {secretRef: {name: two-synced}}]}]\n";
    let mounter = "      containers: [{name: c, image: i:1, volumeMounts: [{name: v, mountPath: /v}]}]\n      volumes: [{name: v, csi: {driver: secrets-store.csi.k8s.io, readOnly: true, volumeAttributes: {secretProviderClass: two}}}]\n";
    let text = [
        class("one"),
        class("two"),
        workload("Deployment", "a", "reader", reader),
        workload("Deployment", "a", "mounter", mounter),
    ]
    .concat();
    let model = model(&[("app/all.yaml", &text)], "");
    assert_eq!(
        findings(&model, "reference-missing"),
        [
            "warning: service reader needs Secret/a/one-synced, which SecretProviderClass/a/one makes only while a pod mounts it, and none does"
        ]
    );
    assert_eq!(
        model.secrets.references["one-synced"].produced_by,
        ProducedBy::Object("SecretProviderClass/one".to_owned())
    );
}

#[test]
fn custom_resources_read_secrets() {
    let custom = |api: &str, kind: &str, name: &str, spec: &str| {
        format!(
            "---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}, namespace: a}}\nspec: {spec}\n"
        )
    };
    let secret = |name: &str| {
        custom(
            "external-secrets.io/v1",
            "ExternalSecret",
            name,
            "{secretStoreRef: {name: s}}",
        )
    };
    let text = [
        ["superuser", "restic", "basic", "by-text", "webhook", "pem"].map(secret).concat(),
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: board, namespace: a}\ndata: {x: y}\n".to_owned(),
        custom("postgresql.cnpg.io/v1", "Cluster", "pg", "{superuserSecret: {name: superuser}, bootstrap: {initdb: {secret: {name: not-made}}}}"),
        custom("volsync.backube/v1alpha1", "ReplicationSource", "backup", "{restic: {repository: restic}}"),
        custom("notification.toolkit.fluxcd.io/v1beta3", "Provider", "chat", "{type: slack, secretRef: {name: elsewhere}}"),
        custom("monitoring.coreos.com/v1", "ServiceMonitor", "m", "{endpoints: [{basicAuth: {username: {name: basic, key: u}, password: {name: basic, key: p}}}]}"),
        custom("cert-manager.io/v1", "Issuer", "ca", "{ca: {secretName: root-ca}, acme: {privateKeySecretRef: {name: account}}}"),
        custom("cert-manager.io/v1", "Certificate", "root", "{secretName: root-ca}"),
        custom("grafana.integreatly.org/v1beta1", "GrafanaDashboard", "d", "{configMapRef: {name: board, key: x}}"),
        custom("grafana.integreatly.org/v1beta1", "Grafana", "g", "{deployment: {spec: {template: {spec: {imagePullSecrets: [{name: pull}], volumes: [{name: v, secret: {secretName: volume}}], containers: [{env: [{name: E, valueFrom: {secretKeyRef: {name: env, key: k}}}]}]}}}}}"),
        custom("example.com/v1", "Job", "j", "{secretRef: by-text, webhook: {tokenSecretRef: {name: webhook, key: t, namespace: a}}, name: pem, secretName: of-its-own, outputSecretRef: {name: written}}"),
        custom("external-secrets.io/v1", "SecretStore", "store", "{provider: {aws: {auth: {secretRef: {accessKeyIDSecretRef: {name: aws, key: id}, other: {name: aws, key: other}}}, caProvider: {type: ConfigMap, name: bundle, key: ca}}}}"),
        "---\napiVersion: external-secrets.io/v1\nkind: ClusterExternalSecret\nmetadata: {name: everywhere}\nspec: {externalSecretSpec: {secretStoreRef: {name: s}}, namespaceSelectors: [{matchLabels: {backup: 'on'}}, {matchLabels: {kubernetes.io/metadata.name: none}}]}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {backup: 'on'}}\n---\napiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: acme}\nspec: {acme: {solvers: [{dns01: {cloudflare: {apiTokenSecretRef: {name: dns, key: t}}}}]}}\n".to_owned(),
        custom("volsync.backube/v1alpha1", "ReplicationSource", "other", "{restic: {repository: everywhere}}"),
        custom("kyverno.io/v1", "Policy", "p", "{rules: [{mutate: {patch: {secretRef: {name: pattern}}}}]}"),
        release("a", "chart", "  kubeConfig: {secretRef: {name: other-cluster}}\n  values: {config: {tokenSecret: pem, note: basic}}\n"),
        REPOSITORY.to_owned(),
    ]
    .concat();
    let model = model(
        &[("app/all.yaml", &text)],
        "  decryption: {provider: sops, secretRef: {name: age}}\n",
    );
    assert_eq!(
        references(&model),
        "age decryption by Kustomization/app\n\
         aws#id reference by SecretStore/store\n\
         aws#other reference by SecretStore/store\n\
         basic#p reference by ServiceMonitor/m\n\
         basic#u reference by ServiceMonitor/m\n\
         by-text reference by Job/j\n\
         dns#t reference by ClusterIssuer/acme\n\
         elsewhere reference by Provider/chat\n\
         env#k reference by Grafana/g\n\
         everywhere reference by ReplicationSource/other\n\
         other-cluster kubeConfig by HelmRelease/chart\n\
         pull imagePullSecret by Grafana/g\n\
         restic reference by ReplicationSource/backup\n\
         root-ca reference by Issuer/ca\n\
         superuser reference by Cluster/pg\n\
         volume reference by Grafana/g\n\
         webhook#t reference by Job/j\n\
         board#x reference by GrafanaDashboard/d\n\
         bundle#ca reference by SecretStore/store\n"
    );
    assert_eq!(model.secrets.references["dns"].namespace, "cert-manager");
    let everywhere = &model.secrets.external_secrets["everywhere"].used_by;
    assert_eq!(everywhere, &["ReplicationSource/other"]);
    assert_eq!(
        model.secrets.references["everywhere"].produced_by,
        ProducedBy::Object("ClusterExternalSecret/everywhere".to_owned())
    );
    let read = &model.secrets.external_secrets["superuser"].used_by;
    assert_eq!(read, &["Cluster/pg"]);
}

#[test]
fn objects_of_the_cluster_have_no_namespace() {
    let text = "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: {name: store}\nspec: {provider: {vault: {server: 'https://v', path: kv}}}\n---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: s}\nspec: {secretStoreRef: {kind: ClusterSecretStore, name: store}}\n---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\nspec: {group: example.com, scope: Cluster, names: {kind: Thing, plural: things}, versions: [{name: v1, served: true, storage: true}]}\n---\napiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t}\nspec: {tokenSecretRef: {name: s, key: k}}\n";
    let model = model(
        &[
            ("app/all.yaml", text),
            ("app/kustomization.yaml", "namespace: a\nresources: [all.yaml]\n"),
        ],
        "",
    );
    let store = &model.secrets.secret_stores["store"];
    assert_eq!(store.namespace, "");
    assert_eq!(store.used_by, ["ExternalSecret/s"]);
    assert_eq!(
        references(&model),
        "s#k reference by Thing/t\n",
        "read where the one Secret of that name is made"
    );
}

#[test]
fn operators_make_secrets() {
    let custom = |api: &str, kind: &str, name: &str, spec: &str| {
        format!(
            "---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}, namespace: a}}\nspec: {spec}\n"
        )
    };
    let names = [
        "bucket",
        "pg-app",
        "pg-ca",
        "pg-superuser",
        "db-user",
        "cr-pguser-cr",
        "talos",
        "item",
        "rabbit-default-user",
        "by-field",
        "shop-owner.za.credentials.postgresql.acid.zalan.do",
    ];
    let env: String = names
        .iter()
        .map(|name| format!("        - {{secretRef: {{name: {name}}}}}\n"))
        .collect();
    let pod = format!(
        "      containers:\n      - name: c\n        image: i:1\n        envFrom:\n{env}        - {{configMapRef: {{name: bucket}}}}\n"
    );
    let text = [
        custom("objectbucket.io/v1alpha1", "ObjectBucketClaim", "bucket", "{}"),
        custom(
            "postgresql.cnpg.io/v1",
            "Cluster",
            "pg",
            "{superuserSecret: {name: x}, enableSuperuserAccess: true}",
        ),
        custom(
            "db.movetokube.com/v1alpha1",
            "PostgresUser",
            "user",
            "{secretName: db}",
        ),
        custom(
            "postgres-operator.crunchydata.com/v1beta1",
            "PostgresCluster",
            "cr",
            "{}",
        ),
        custom(
            "acid.zalan.do/v1",
            "postgresql",
            "za",
            "{users: {shop_owner: []}}",
        ),
        custom("talos.dev/v1alpha1", "ServiceAccount", "talos", "{}"),
        custom("onepassword.com/v1", "OnePasswordItem", "item", "{}"),
        custom("rabbitmq.com/v1beta1", "RabbitmqCluster", "rabbit", "{}"),
        custom(
            "secrets.doppler.com/v1alpha1",
            "DopplerSecret",
            "d",
            "{managedSecret: {name: by-field}}",
        ),
        workload("Deployment", "a", "web", &pod),
    ]
    .concat();
    let model = model(&[("app/all.yaml", &text)], "");
    let made = |name: &str| model.secrets.references[name].produced_by.clone();
    for name in names.iter().filter(|name| **name != "pg-superuser") {
        assert!(
            matches!(made(name), ProducedBy::Object(_)),
            "{name}: {:?}",
            made(name)
        );
    }
    assert_eq!(made("pg-app"), ProducedBy::Object("Cluster/pg".to_owned()));
    assert_eq!(made("pg-superuser"), ProducedBy::Nothing);
    let missing: Vec<&str> = model
        .diagnostics
        .iter()
        .filter(|one| one.code == "reference-missing")
        .filter_map(|one| one.object.as_deref())
        .collect();
    assert_eq!(missing, ["Secret/a/pg-superuser"]);
}

#[test]
fn charts_and_routes_of_all_kinds_publish_hosts() {
    let routes = "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: gw, namespace: edge}\nspec: {listeners: [{name: one, hostname: listener.example.com}, {name: two, hostname: other.example.com}]}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: h, namespace: shop}\nspec:\n  parentRefs: [{name: gw, namespace: edge, sectionName: one}]\n  rules: [{backendRefs: [{name: web, port: 80}]}]\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: GRPCRoute\nmetadata: {name: g, namespace: shop}\nspec: {hostnames: [grpc.example.com], rules: [{backendRefs: [{name: web, port: 80}]}]}\n---\napiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: t, namespace: shop}\nspec: {routes: [{match: 'Host(`traefik.example.com`) && PathPrefix(`/x`)', services: [{name: web, port: 80}]}]}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: lb, namespace: shop, annotations: {external-dns.alpha.kubernetes.io/hostname: 'lb.example.com'}}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n";
    let values = "  values:\n    route: {app: {hostnames: ['{{ .Release.Name }}.${domain}'], parentRefs: [{name: gw.example.com}]}}\n    ingress: {enabled: false, hosts: [off.example.com]}\n    database: {host: db.example.net}\n    site: {api: 'https://chart.example.com'}\n";
    let proxy = "  values: {service: {annotations: {external-dns.alpha.kubernetes.io/hostname: chart.example.com}}}\n";
    let caller = "      containers: [{name: c, image: i:1, env: [{name: API, value: 'https://chart.example.com/v1'}]}]\n";
    let text = [
        workload(
            "Deployment",
            "shop",
            "web",
            "      containers: [{name: c, image: i:1}]\n",
        ),
        service("shop", "web", "web"),
        workload("Deployment", "shop", "caller", caller),
        release("shop", "chart", values),
        release("edge", "proxy", proxy),
        REPOSITORY.to_owned(),
        routes.to_owned(),
    ]
    .concat();
    let model = model(
        &[("app/all.yaml", &text)],
        "  postBuild: {substitute: {domain: example.com}}\n",
    );
    assert_eq!(
        model.services["web"].hosts,
        [
            "grpc.example.com",
            "lb.example.com",
            "listener.example.com",
            "traefik.example.com"
        ]
    );
    assert_eq!(model.services["chart"].hosts, ["chart.example.com"]);
    assert_eq!(
        edges(&model).lines().collect::<Vec<_>>(),
        [
            "caller -> chart | env API=https://chart.example.com | 25",
            "caller -> proxy | env API=https://chart.example.com | 25",
        ]
    );
}

#[test]
fn clashing_names_take_the_shortest_form() {
    let pod = "      containers: [{name: c, image: i:1}]\n";
    let cron = "---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: x, namespace: a}\nspec: {schedule: '* * * * *', jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: i:1}]}}}}}\n";
    let text = [
        workload("Deployment", "a", "x", pod),
        cron.to_owned(),
        workload("Deployment", "a", "y", pod),
        workload("Deployment", "b", "y", pod),
        workload("Deployment", "a", "z", pod),
        release("one", "twin", "  targetNamespace: c\n"),
        release("two", "twin", "  targetNamespace: c\n"),
        REPOSITORY.to_owned(),
    ]
    .concat();
    let model = model(&[("app/all.yaml", &text)], "");
    let keys: Vec<&String> = model.services.keys().collect();
    assert_eq!(
        keys,
        [
            "a/CronJob/x",
            "a/Deployment/x",
            "a/y",
            "b/y",
            "one/twin",
            "two/twin",
            "z"
        ]
    );
    assert_eq!(model.ambiguous["services"]["y"], ["a/y", "b/y"]);
    assert_eq!(model.services["one/twin"].namespace, "c");
    assert_eq!(model.helm_releases["one/twin"].release_name, "c-twin");
}

#[test]
fn the_last_in_dependency_order_owns() {
    let pod = "      containers: [{name: c, image: i:1}]\n";
    let text = workload("Deployment", "a", "x", pod);
    let mut tree = tree(
        &[
            ("app/x.yaml", &text),
            ("late/x.yaml", &text),
            ("far/x.yaml", &text),
        ],
        "",
    );
    let sync = [
        SYNC.to_owned(),
        kustomization("a-late", "late", "  dependsOn: [{name: app}]\n"),
        kustomization("app", "app", ""),
        kustomization(
            "remote",
            "far",
            "  kubeConfig: {secretRef: {name: other-cluster}}\n",
        ),
    ]
    .concat();
    tree.insert("clusters/a/gotk-sync.yaml", sync.as_bytes());
    let model = model_of(tree);
    let service = &model.services["x"];
    assert_eq!(service.kustomization.as_deref(), Some("a-late"));
    assert_eq!(service.also_applied_by, ["app"]);
    assert_eq!(model.kustomizations["app"].manages, ["x"]);
    assert_eq!(model.kustomizations["a-late"].manages, ["x"]);
    // A release for another cluster is no service of this one.
    assert_eq!(model.kustomizations["remote"].manages, [""; 0]);
    assert_eq!(
        model.kustomizations["remote"].kube_config.as_deref(),
        Some("other-cluster")
    );
    let codes: Vec<&str> = model
        .diagnostics
        .iter()
        .map(|diagnostic| &*diagnostic.code)
        .collect();
    assert_eq!(codes, ["contested-owner"]);
}

#[test]
fn values_come_from_config_maps_in_order() {
    let config = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: v, namespace: a}\ndata:\n  values.yaml: |\n    host: first.example.com\n    bucket: {name: one}\n    url: http://values.example.com\n  path: http://path.example.com\n";
    let spec = "  valuesFrom:\n  - {kind: ConfigMap, name: v}\n  - {kind: ConfigMap, name: v, valuesKey: path, targetPath: nested.url}\n  - {kind: Secret, name: s, valuesKey: k, targetPath: secret}\n  - {kind: ConfigMap, name: gone, optional: true}\n  values:\n    url: http://inline.example.com\n    nested: {other: 1}\n";
    let text = [config.to_owned(), release("a", "r", spec), REPOSITORY.to_owned()].concat();
    let model = model(&[("app/all.yaml", &text)], "");
    assert_eq!(
        edges(&model),
        "r => inline.example.com | values url=http://inline.example.com | 24\n\
         r => path.example.com | values nested.url=http://path.example.com | 10\n"
    );
    let release = &model.helm_releases["r"];
    assert_eq!(release.buckets["bucket.name"], "one");
    let known: Vec<bool> = release.values_from.iter().map(|entry| entry.known).collect();
    assert_eq!(known, [true, true, false, false]);
    assert_eq!(model.services["r"].config_maps, ["gone", "v"]);
    // The chart cannot make the source of its own values, and there is no other chart.
    assert_eq!(model.secrets.references["s"].produced_by, ProducedBy::Nothing);
}

#[test]
fn classes_are_mounted_by_pods_and_by_values() {
    let class = "---\napiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: {name: v, namespace: a}\nspec:\n  provider: vault\n  parameters:\n    roleName: r\n    vaultAuthMountPath: k-${cluster}\n    vaultSkipTLSVerify: 'true'\n    objects: |\n      - objectName: dir/one\n        secretPath: kv/data/${cluster}/x\n        secretKey: k\n      - {objectName: two, secretPath: kv/data/y}\n  secretObjects:\n  - {secretName: synced, type: Opaque, data: [{objectName: two, key: t}]}\n";
    let csi =
        "{driver: secrets-store.csi.k8s.io, readOnly: true, volumeAttributes: {secretProviderClass: v}}";
    let pod = format!(
        "      containers:\n      - name: c\n        image: i:1\n        volumeMounts:\n        - {{name: s, mountPath: /secrets/}}\n        - {{name: s, mountPath: /one, subPath: dir}}\n      volumes: [{{name: s, csi: {csi}}}]\n"
    );
    let values = format!(
        "  values:\n    volumes: [{{name: s, csi: {csi}}}]\n    volumeMounts: [{{name: s, mountPath: /chart}}]\n"
    );
    let text = [
        class.to_owned(),
        workload("Deployment", "a", "web", &pod),
        release("a", "chart", &values),
        REPOSITORY.to_owned(),
    ]
    .concat();
    let model = model(
        &[("app/all.yaml", &text)],
        "  postBuild: {substitute: {cluster: c1}}\n",
    );
    let class = &model.secrets.secret_provider_classes["v"];
    let mount_path = class.vault_mount_path.as_ref().unwrap();
    assert_eq!(
        (mount_path.written.as_str(), mount_path.value()),
        ("k-${cluster}", "k-c1")
    );
    assert_eq!(class.used_by, ["chart", "web"]);
    assert_eq!(
        class.parameters.keys().collect::<Vec<_>>(),
        ["vaultSkipTLSVerify"]
    );
    let paths = |index: usize| -> Vec<&str> {
        class.secrets[index]
            .mounts
            .iter()
            .map(|mount| mount.path.as_str())
            .collect()
    };
    assert_eq!(paths(0), ["/chart/dir/one", "/one/one", "/secrets/dir/one"]);
    assert_eq!(paths(1), ["/chart/two", "/secrets/two"]);
    let path = class.secrets[0].vault_path.as_ref().unwrap();
    assert_eq!(
        (path.written.as_str(), path.value()),
        ("kv/data/${cluster}/x", "kv/data/c1/x")
    );
    assert_eq!(class.secrets[1].vault_key, None);
    assert_eq!(class.secrets[1].k8s_secret_name.as_deref(), Some("synced"));
    assert_eq!(model.services["chart"].secret_provider_classes, ["v"]);
}

#[test]
fn pods_run_as_the_service_account_that_they_state() {
    let pod = |account: &str| format!("{account}      containers: [{{name: c, image: i:1}}]\n");
    let text = [
        workload(
            "Deployment",
            "a",
            "web",
            &pod("      serviceAccountName: web-${env}\n"),
        ),
        workload("StatefulSet", "a", "old", &pod("      serviceAccount: legacy\n")),
        workload("Deployment", "a", "plain", &pod("")),
    ]
    .concat();
    let model = model(
        &[("app/all.yaml", &text)],
        "  postBuild: {substitute: {env: prod}}\n",
    );
    let account = |key: &str| model.services[key].service_account.as_deref();
    assert_eq!(account("web"), Some("web-prod"));
    assert_eq!(account("old"), Some("legacy"));
    assert_eq!(account("plain"), None);
}

#[test]
fn a_volume_lays_its_attributes_over_the_class() {
    let class = "---\napiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: {name: v, namespace: a}\nspec:\n  provider: vault\n  parameters:\n    objects: |\n      - {objectName: one, secretPath: kv/data/x}\n      - {objectName: two, secretPath: kv/data/y}\n";
    let pod = "      containers: [{name: c, image: i:1, volumeMounts: [{name: s, mountPath: /s}]}]\n      volumes:\n      - name: s\n        csi:\n          driver: secrets-store.csi.k8s.io\n          readOnly: true\n          volumeAttributes:\n            secretProviderClass: v\n            roleName: by-volume\n            objects: |\n              - {objectName: two, secretPath: kv/data/z}\n";
    let text = [class.to_owned(), workload("Deployment", "a", "web", pod)].concat();
    let model = model(&[("app/all.yaml", &text)], "");
    let class = &model.secrets.secret_provider_classes["v"];
    assert_eq!(
        class.vault_role.as_ref().map(|role| role.value()),
        Some("by-volume")
    );
    assert!(class.secrets[0].mounts.is_empty());
    assert_eq!(class.secrets[1].mounts[0].path, "/s/two");
}

#[test]
fn the_vault_agent_writes_files_into_pods() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: a}\nspec:\n  template:\n    metadata:\n      annotations:\n        vault.hashicorp.com/agent-inject: \"true\"\n        vault.hashicorp.com/role: web\n        vault.hashicorp.com/agent-inject-secret-db.txt: kv/data/${cluster}/db\n        vault.hashicorp.com/secret-volume-path-db.txt: /etc/db\n    spec: {containers: [{name: c, image: i:1}]}\n";
    let model = model(
        &[("app/all.yaml", text)],
        "  postBuild: {substitute: {cluster: c1}}\n",
    );
    let secret = &model.secrets.vault_secrets["web:db.txt"];
    assert_eq!(secret.path.as_ref().unwrap().value(), "kv/data/c1/db");
    assert_eq!(secret.destination.as_deref(), Some("/etc/db/db.txt"));
    assert_eq!(secret.used_by, ["web"]);
    assert_eq!(secret.source.as_ref().unwrap().line, 10);
}

#[test]
fn no_credential_reaches_the_model() {
    const MARKER: &str = "hunter2-never-shown";
    let pod = format!(
        "      containers:\n      - name: c\n        image: i:1\n        args: ['--db-password={MARKER}']\n        envFrom: [{{configMapRef: {{name: c}}}}, {{secretRef: {{name: s}}}}]\n        env:\n        - {{name: DB_PASSWORD, value: {MARKER}}}\n        - {{name: DB_URL, value: 'postgres://app:{MARKER}@db.example.com/app'}}\n"
    );
    let config = format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, namespace: a}}\ndata:\n  API_KEY: {MARKER}\n  URL: https://user:{MARKER}@api.example.com\n  VARIABLE_PASSWORD: ${{password}}\n  long.conf: |\n    password = {MARKER}\n    url = http://user:{MARKER}@long.example.com\n"
    );
    let secret = format!(
        "---\napiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: a}}\nstringData: {{password: {MARKER}}}\n"
    );
    let values = format!(
        "  values:\n    db: {{password: {MARKER}, url: 'mysql://u:{MARKER}@values.example.com/x', bucketToken: {MARKER}}}\n"
    );
    let source = format!(
        "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {{name: r, namespace: flux-system}}\nspec: {{url: 'https://u:{MARKER}@charts.example.com'}}\n"
    );
    let text = [
        workload("Deployment", "a", "web", &pod),
        config,
        secret,
        release("a", "chart", &values),
        source,
    ]
    .concat();
    let spec = format!("  postBuild: {{substitute: {{password: {MARKER}}}}}\n");
    let model = model(&[("app/all.yaml", &text)], &spec);
    let printed = format!("{model:#?}");
    let at = printed
        .find(MARKER)
        .map(|at| &printed[at.saturating_sub(200)..at]);
    assert_eq!(at, None);
    let codes: BTreeSet<&str> = model
        .diagnostics
        .iter()
        .map(|diagnostic| &*diagnostic.code)
        .collect();
    assert_eq!(codes, BTreeSet::from(["redacted", "secret-in-plain-text"]));
    // The hosts are still shown.
    assert_eq!(
        edges(&model)
            .lines()
            .filter(|line| line.contains("db.example.com"))
            .count(),
        1
    );
}

/// The readers of each Secret and ConfigMap by references of custom resources, a line each.
fn references(model: &Infrastructure) -> String {
    let mut lines = String::new();
    let secrets = model
        .secrets
        .references
        .iter()
        .map(|(key, one)| (key, &one.usage));
    let config_maps = model.config_maps.iter().map(|(key, one)| (key, &one.usage));
    for (key, usage) in secrets.chain(config_maps) {
        for one in usage {
            let user = one
                .object
                .as_deref()
                .or(one.service.as_deref())
                .unwrap_or_default();
            let of = one
                .key
                .as_deref()
                .map(|key| format!("#{key}"))
                .unwrap_or_default();
            writeln!(lines, "{key}{of} {} by {user}", one.how).unwrap();
        }
    }
    lines
}
