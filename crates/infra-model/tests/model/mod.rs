//! A hand-made model with every kind of fact: a small version of the fixture repository.

use std::collections::BTreeMap;

use infra_model::config::{
    ConfigMap, ConfigValue, GeneratedBy, UndefinedVariable, Usage, Variable, VariableDefinition,
    VariableReading, VariableSource, VariableSubstitution,
};
use infra_model::dependency::{Dependency, Target, Via};
use infra_model::fields::Fields;
use infra_model::flux::{ChartRef, HelmRelease, Kustomization, Source, SubstituteFrom, ValuesFrom};
use infra_model::knowledge::{
    ComponentKnowledge, ExternalKnowledge, Knowledge, Noted, ServiceKnowledge, Tenants,
};
use infra_model::object::{ObjectField, OtherObject};
use infra_model::secrets::{
    ExternalSecret, ExternalSecretData, Mount, ProducedBy, Protection, ProvidedSecret, RemoteRef,
    SealedSecret, Secret, SecretObject, SecretProviderClass, SecretReference, SecretStore, Secrets, StoreRef,
    VaultSecret,
};
use infra_model::service::{ImageGroup, ImageGroupKind, Port, Service, Workload};
use infra_model::{
    Diagnostic, Infrastructure, Metadata, NotApplied, NotAppliedReason, ObjectRef, Place, RepoPath, Written,
    codes,
};

/// The whole model.
pub(crate) fn infrastructure() -> Infrastructure {
    let mut diagnostics = vec![
        Diagnostic::warning(codes::VARIABLE_UNDEFINED, "nothing defines ${depot_region}")
            .at(place("apps/backend-services/celery.yaml", 31))
            .on("Kustomization/flux-system/runwhen-backend-services")
            .hint("define it in cluster-vars, or give a default: ${depot_region:=...}"),
        Diagnostic::error(codes::PATH_MISSING, "apps/legacy does not exist")
            .at(place("clusters/nonprod-test/apps.yaml", 44))
            .on("Kustomization/flux-system/runwhen-legacy"),
        Diagnostic::new(
            infra_model::Severity::Info,
            codes::ORPHAN,
            "nothing applies this HelmRelease",
        )
        .at(place("apps/old/helm.yaml", 0)),
        Diagnostic::warning(codes::DEPENDENCY_MISSING, "a finding without a place"),
    ];
    Diagnostic::sort(&mut diagnostics);
    Infrastructure {
        metadata: Metadata {
            generated_from: "infra-flux-nonprod-test".to_owned(),
            cluster: RepoPath::new("clusters/nonprod-test"),
            cluster_name: None,
            revision: Some("3e25960a79dbc69b674cd4ec67a72c62b3e25960".to_owned()),
        },
        services: services(),
        image_groups: image_groups(),
        kustomizations: kustomizations(),
        helm_releases: helm_releases(),
        sources: sources(),
        objects: objects(),
        secrets: secrets(),
        config_maps: config_maps(),
        variable_substitution: variable_substitution(),
        ambiguous: BTreeMap::from([
            (
                "services".to_owned(),
                BTreeMap::from([(
                    "session-cache".to_owned(),
                    texts(&["corestate/session-cache", "llm-gateway/session-cache"]),
                )]),
            ),
            (
                "secrets".to_owned(),
                BTreeMap::from([(
                    "session".to_owned(),
                    texts(&["corestate/session", "gitservice/session"]),
                )]),
            ),
        ]),
        knowledge: knowledge(),
        not_applied: not_applied(),
        diagnostics,
    }
}

fn objects() -> BTreeMap<String, OtherObject> {
    let field = |value: &str, line| ObjectField {
        value: value.to_owned(),
        written: None,
        file: None,
        line,
        comment: None,
    };
    let database = OtherObject {
        copied_to: None,
        kind: "Cluster".to_owned(),
        name: "papi-db".to_owned(),
        namespace: "backend-services".to_owned(),
        api_version: "postgresql.cnpg.io/v1".to_owned(),
        kustomization: Some("runwhen-backend-services".to_owned()),
        also_applied_by: texts(&["runwhen-databases"]),
        fields: Fields::from_iter([
            ("spec.instances".to_owned(), field("3", 9)),
            (
                "spec.storage.size".to_owned(),
                ObjectField {
                    file: Some(RepoPath::new("apps/backend-services/patch-storage.yaml")),
                    ..field("20Gi", 7)
                },
            ),
            (
                "metadata.annotations.[example.org/host]".to_owned(),
                field("db.example.org", 6),
            ),
        ]),
        more_fields: true,
        used_by: Vec::new(),
        dns: Vec::new(),
        source: Some(place("apps/backend-services/database.yaml", 1)),
    };
    let claim = OtherObject {
        kind: "PersistentVolumeClaim".to_owned(),
        name: "papi-cache".to_owned(),
        namespace: "backend-services".to_owned(),
        api_version: "v1".to_owned(),
        used_by: texts(&["papi"]),
        ..OtherObject::default()
    };
    BTreeMap::from([
        ("Cluster/papi-db".to_owned(), database),
        ("PersistentVolumeClaim/papi-cache".to_owned(), claim),
    ])
}

fn not_applied() -> Vec<NotApplied> {
    let entry = |kind: &str, name: &str, reason| NotApplied {
        kind: kind.to_owned(),
        namespace: "backend-services".to_owned(),
        name: name.to_owned(),
        reason,
        source: Some(place("apps/backend-services/old.yaml", 3)),
        ..NotApplied::default()
    };
    vec![
        NotApplied {
            evidence: Some(place("apps/backend-services/kustomization.yaml", 12)),
            ..entry("Deployment", "old-papi", NotAppliedReason::CommentedOut)
        },
        NotApplied {
            detail: Some("apps/backend-services/old.yaml".to_owned()),
            evidence: Some(place("apps/backend-services/kustomization.yaml", 4)),
            ..entry("Service", "old-papi", NotAppliedReason::Unlisted)
        },
        NotApplied {
            part_of: Some(ObjectRef::new("Deployment", "backend-services", "papi")),
            evidence: Some(place("clusters/nonprod-test/apps.yaml", 30)),
            by: Some("runwhen-backend-services".to_owned()),
            ..entry("container", "debug-shell", NotAppliedReason::RemovedByPatch)
        },
    ]
}

/// The model as far as catalogs can state it: knowledge about services and about objects that are made elsewhere is in their entries,
/// and the lines of the knowledge file are not in catalogs.
#[allow(dead_code, reason = "not every test writes catalogs")]
pub(crate) fn catalogued(mut infrastructure: Infrastructure) -> Infrastructure {
    let knowledge = &mut infrastructure.knowledge;
    knowledge.services.clear();
    knowledge.produced_elsewhere.clear();
    knowledge
        .namespaces
        .values_mut()
        .for_each(|noted| noted.place = None);
    knowledge
        .externals
        .values_mut()
        .for_each(|noted| noted.place = None);
    knowledge
        .components
        .values_mut()
        .for_each(|noted| noted.place = None);
    infrastructure
}

pub(crate) fn place(file: &str, line: u32) -> Place {
    Place {
        file: RepoPath::new(file),
        line,
    }
}

pub(crate) fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn written(written: &str, resolved: &str) -> Written {
    Written {
        written: written.to_owned(),
        resolved: some(resolved),
    }
}

fn labels(labels: &[(&str, &str)]) -> BTreeMap<String, String> {
    labels
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

/// A workload in `namespace`.
fn workload(kind: &str, api_version: &str, namespace: &str, name: &str) -> Service {
    Service {
        name: name.to_owned(),
        namespace: namespace.to_owned(),
        deployment: (kind == "Deployment").then(|| name.to_owned()),
        workload: Some(Workload {
            kind: kind.to_owned(),
            api_version: api_version.to_owned(),
            name: name.to_owned(),
        }),
        selector: labels(&[("app", name)]),
        ..Service::default()
    }
}

fn services() -> BTreeMap<String, Service> {
    let backend = |name: &str, line| Service {
        flux_path: some("apps/backend-services/"),
        kustomization: some("runwhen-backend-services"),
        image_group: some("runwhen/platform"),
        image_groups: texts(&["runwhen/platform"]),
        images: texts(&["gcr.io/runwhen-nonprod/platform:2026.01.30"]),
        source: Some(place(
            &format!("apps/backend-services/{name}-deployment.yaml"),
            line,
        )),
        ..workload("Deployment", "apps/v1", "backend-services", name)
    };
    let dependency = |target: Target, via, evidence: &str, line| Dependency {
        target,
        via,
        evidence: evidence.to_owned(),
        file: Some(RepoPath::new("apps/backend-services/kustomization.yaml")),
        line: (line > 0).then_some(line),
    };
    let service = |key: &str| Target::Service(key.to_owned());
    let papi = Service {
        replicas: Some(2),
        description: some("Platform API - core backend service"),
        failure_impact: some("Core API unavailable"),
        image_groups: texts(&["runwhen/platform", "proxy"]),
        images: texts(&[
            "gcr.io/runwhen-nonprod/platform:2026.01.30",
            "docker.io/library/nginx:1.29",
        ]),
        aliases: texts(&["api", "platform-api"]),
        ports: vec![8000, 8125],
        container_ports: vec![
            Port {
                container: "papi".to_owned(),
                port: 8000,
                name: some("http"),
                protocol: "TCP".to_owned(),
            },
            Port {
                container: "proxy".to_owned(),
                port: 8125,
                name: None,
                protocol: "UDP".to_owned(),
            },
        ],
        dns: texts(&["papi.backend-services.svc.cluster.local"]),
        hosts: texts(&["papi.nonprod.runwhen.com"]),
        depends_on: vec![
            dependency(
                service("postgres-primary"),
                Via::Env,
                "env DB_HOST=postgres-primary.postgres.svc",
                0,
            ),
            dependency(
                service("corestate/session-cache"),
                Via::Config,
                "config REDIS_URL",
                21,
            ),
            dependency(
                Target::External("api.github.com".to_owned()),
                Via::Args,
                "args --github=https://api.github.com",
                22,
            ),
            Dependency {
                target: service("vault"),
                via: Via::Curated,
                evidence: "flux-infra-guide.yaml".to_owned(),
                ..Dependency::default()
            },
        ],
        config_maps: texts(&["papi-env-vars-cm"]),
        secrets: texts(&["papi-secrets", "registry-pull"]),
        secret_provider_classes: texts(&["vault-papi"]),
        also_applied_by: texts(&["tenants/runwhen-extra"]),
        generated_by: ObjectRef::parse("FluxInstance/flux-system/flux"),
        ..backend("papi", 1)
    };
    let celery_worker = Service {
        suspend: true,
        aliases: texts(&["celery", "worker"]),
        depends_on: vec![
            dependency(service("papi"), Via::Env, "env PAPI_SERVICE_URL", 30),
            dependency(service("postgres-primary"), Via::Config, "config DB_HOST", 31),
        ],
        config_maps: texts(&["papi-env-vars-cm"]),
        secrets: texts(&["papi-secrets"]),
        secret_provider_classes: texts(&["vault-papi"]),
        ..backend("celery-worker", 3)
    };
    let postgres = Service {
        ports: vec![5432],
        flux_path: some("infrastructure/postgres/"),
        kustomization: some("infrastructure-postgres"),
        dns: texts(&["postgres-primary.postgres.svc.cluster.local"]),
        images: texts(&["docker.io/library/postgres:17.2"]),
        image_group: some("postgres"),
        image_groups: texts(&["postgres"]),
        aliases: texts(&["postgresql"]),
        source: Some(place("infrastructure/postgres/postgres-primary.yaml", 12)),
        ..workload("StatefulSet", "apps/v1", "postgres", "postgres-primary")
    };
    let cleanup = Service {
        flux_path: some("apps/maintenance/"),
        source: Some(place("apps/maintenance/workspace-cleanup.yaml", 1)),
        ..workload("CronJob", "batch/v1beta1", "maintenance", "workspace-cleanup")
    };
    let cache = |namespace: &str, description: Option<&str>| Service {
        description: description.map(str::to_owned),
        dns: vec![format!("session-cache.{namespace}.svc.cluster.local")],
        source: Some(place(&format!("apps/{namespace}/session-cache.yaml"), 1)),
        ..workload("Deployment", "apps/v1", namespace, "session-cache")
    };
    let loki = Service {
        name: "loki".to_owned(),
        namespace: "loki".to_owned(),
        helm_release: some("loki"),
        flux_path: some("infrastructure/loki/"),
        kustomization: some("infrastructure-loki"),
        description: some("Infrastructure logs storage"),
        source: Some(place("infrastructure/loki/helm.yaml", 1)),
        ..Service::default()
    };
    let vault = Service {
        helm_release: some("vault"),
        namespace: "vault".to_owned(),
        name: "vault".to_owned(),
        flux_path: some("infrastructure/vault/"),
        kustomization: some("infrastructure-vault"),
        source: Some(place("infrastructure/vault/helm.yaml", 1)),
        ..Service::default()
    };
    BTreeMap::from([
        ("papi".to_owned(), papi),
        ("celery-worker".to_owned(), celery_worker),
        ("postgres-primary".to_owned(), postgres),
        ("workspace-cleanup".to_owned(), cleanup),
        ("corestate/session-cache".to_owned(), cache("corestate", None)),
        (
            "llm-gateway/session-cache".to_owned(),
            cache("llm-gateway", Some("Cache of prompts")),
        ),
        ("loki".to_owned(), loki),
        ("vault".to_owned(), vault),
    ])
}

fn image_groups() -> BTreeMap<String, ImageGroup> {
    let group = |kind, file: &str, image: &str, path: &str, tag: &str, services: &[&str], line| ImageGroup {
        form: None,
        file: RepoPath::new(file),
        image_name: image.to_owned(),
        kind,
        yq_path: Some(path.to_owned()),
        pointer: "/images/0/newTag".to_owned(),
        document: 0,
        tag: some(tag),
        services: texts(services),
        within: None,
        image_policy: None,
        source: place(file, line),
    };
    BTreeMap::from([
        (
            "runwhen/platform".to_owned(),
            ImageGroup {
                image_policy: some("flux-system:platform:tag"),
                ..group(
                    ImageGroupKind::KustomizeImages,
                    "apps/backend-services/kustomization.yaml",
                    "runwhen/platform",
                    r#".images[] | select(.name == "runwhen/platform") | .newTag"#,
                    "2026.01.30",
                    &["celery-worker", "papi"],
                    40,
                )
            },
        ),
        (
            "proxy".to_owned(),
            ImageGroup {
                document: 1,
                tag: None,
                ..group(
                    ImageGroupKind::Manifest,
                    "apps/backend-services/papi-deployment.yaml",
                    "docker.io/library/nginx",
                    "select(document_index == 1) | .spec.template.spec.containers[1].image",
                    "",
                    &["papi"],
                    52,
                )
            },
        ),
        (
            "postgres".to_owned(),
            group(
                ImageGroupKind::HelmValues,
                "infrastructure/postgres/postgres-primary.yaml",
                "docker.io/library/postgres",
                ".spec.values.image.tag",
                "17.2",
                &["postgres-primary"],
                30,
            ),
        ),
    ])
}

fn kustomizations() -> BTreeMap<String, Kustomization> {
    let kustomization = |name: &str, path: &str| Kustomization {
        name: name.to_owned(),
        namespace: "flux-system".to_owned(),
        path: path.to_owned(),
        source_ref: some("flux-system"),
        source_kind: some("GitRepository"),
        interval: some("10m"),
        prune: true,
        parent: some("flux-system"),
        objects: 3,
        source: Some(place("clusters/nonprod-test/infrastructure.yaml", 1)),
        ..Kustomization::default()
    };
    BTreeMap::from([
        (
            "flux-system".to_owned(),
            Kustomization {
                parent: None,
                children: texts(&[
                    "infrastructure-loki",
                    "infrastructure-postgres",
                    "infrastructure-vault",
                    "runwhen-backend-services",
                ]),
                generated_by: ObjectRef::parse("FluxInstance/flux-system/flux"),
                source: None,
                ..kustomization("flux-system", "clusters/nonprod-test")
            },
        ),
        (
            "infrastructure-vault".to_owned(),
            Kustomization {
                manages: texts(&["vault"]),
                dependents: texts(&["infrastructure-postgres", "runwhen-backend-services"]),
                wait: true,
                timeout: some("5m"),
                ..kustomization("infrastructure-vault", "./infrastructure/vault")
            },
        ),
        (
            "infrastructure-loki".to_owned(),
            Kustomization {
                manages: texts(&["loki"]),
                ..kustomization("infrastructure-loki", "./infrastructure/loki")
            },
        ),
        (
            "infrastructure-postgres".to_owned(),
            Kustomization {
                manages: texts(&["postgres-primary"]),
                depends_on: texts(&["infrastructure-vault"]),
                dependents: texts(&["runwhen-backend-services"]),
                health_checks: vec![ObjectRef::new("StatefulSet", "postgres", "postgres-primary")],
                ..kustomization("infrastructure-postgres", "./infrastructure/postgres")
            },
        ),
        (
            "runwhen-backend-services".to_owned(),
            Kustomization {
                depends_on: texts(&["infrastructure-vault", "infrastructure-postgres"]),
                interval: some("1m"),
                manages: texts(&["celery-worker", "papi"]),
                source_namespace: some("flux-system"),
                retry_interval: some("30s"),
                components: texts(&["../components/tracing"]),
                substitute: texts(&["tier"]),
                substitute_from: vec![
                    SubstituteFrom {
                        kind: "ConfigMap".to_owned(),
                        name: "cluster-vars".to_owned(),
                        optional: false,
                        known: true,
                    },
                    SubstituteFrom {
                        kind: "Secret".to_owned(),
                        name: "cluster-secrets".to_owned(),
                        optional: true,
                        known: false,
                    },
                ],
                decryption: some("sops"),
                source: Some(place("clusters/nonprod-test/apps.yaml", 1)),
                ..kustomization("runwhen-backend-services", "./apps/backend-services")
            },
        ),
        (
            "tenants/runwhen-extra".to_owned(),
            Kustomization {
                name: "runwhen-extra".to_owned(),
                namespace: "tenants".to_owned(),
                suspend: true,
                target_namespace: some("extra"),
                name_prefix: some("x-"),
                name_suffix: some("-y"),
                kube_config: some("remote"),
                also_applied_by: texts(&["flux-system"]),
                error: some("apps/extra/kustomization.yaml: no such file"),
                prune: false,
                objects: 0,
                ..kustomization("runwhen-extra", "./apps/extra")
            },
        ),
    ])
}

fn helm_releases() -> BTreeMap<String, HelmRelease> {
    BTreeMap::from([
        (
            "loki".to_owned(),
            HelmRelease {
                name: "loki".to_owned(),
                namespace: "loki".to_owned(),
                chart: some("loki"),
                chart_source: some("grafana"),
                chart_source_kind: some("HelmRepository"),
                chart_source_url: some("https://grafana.github.io/helm-charts"),
                version: some("6.x"),
                kustomization: some("infrastructure-loki"),
                interval: some("5m"),
                release_name: "loki".to_owned(),
                release_namespace: "loki".to_owned(),
                values_from: vec![ValuesFrom {
                    kind: "Secret".to_owned(),
                    name: "loki-values".to_owned(),
                    values_key: some("values.yaml"),
                    target_path: some("loki.auth"),
                    optional: true,
                    known: false,
                }],
                remediation: some("install: 3 retries"),
                buckets: labels(&[("loki.storage.bucketNames.chunks", "runwhen-nonprod-loki")]),
                source: Some(place("infrastructure/loki/helm.yaml", 1)),
                ..HelmRelease::default()
            },
        ),
        (
            "vault".to_owned(),
            HelmRelease {
                name: "vault".to_owned(),
                namespace: "flux-system".to_owned(),
                chart: some("vault"),
                chart_source: some("vault-chart"),
                chart_source_kind: some("OCIRepository"),
                chart_ref: Some(ChartRef {
                    kind: "OCIRepository".to_owned(),
                    name: "vault-chart".to_owned(),
                    namespace: "flux-system".to_owned(),
                }),
                kustomization: some("infrastructure-vault"),
                also_applied_by: texts(&["flux-system"]),
                interval: some("10m"),
                target_namespace: some("vault"),
                release_name: "vault-vault".to_owned(),
                release_namespace: "vault".to_owned(),
                storage_namespace: some("flux-system"),
                depends_on: texts(&["loki"]),
                suspend: true,
                source: Some(place("infrastructure/vault/helm.yaml", 1)),
                ..HelmRelease::default()
            },
        ),
    ])
}

fn sources() -> BTreeMap<String, Source> {
    BTreeMap::from([
        (
            "GitRepository/flux-system".to_owned(),
            Source {
                kind: "GitRepository".to_owned(),
                name: "flux-system".to_owned(),
                namespace: "flux-system".to_owned(),
                url: some("ssh://git@github.com/runwhen/infra-flux-nonprod-test"),
                reference: some("branch: main"),
                interval: some("1m"),
                suspend: false,
                secret_ref: some("flux-system"),
                is_self: true,
                used_by: texts(&[
                    "Kustomization/flux-system",
                    "Kustomization/runwhen-backend-services",
                ]),
                kustomization: some("flux-system"),
                missing: false,
                generated_by: ObjectRef::parse("FluxInstance/flux-system/flux"),
                places: BTreeMap::from([(
                    "ref".to_owned(),
                    place("clusters/nonprod-test/flux-system/gotk-sync.yaml", 11),
                )]),
                source: Some(place("clusters/nonprod-test/flux-system/gotk-sync.yaml", 3)),
            },
        ),
        (
            "HelmRepository/flux-system/grafana".to_owned(),
            Source {
                kind: "HelmRepository".to_owned(),
                name: "grafana".to_owned(),
                namespace: "flux-system".to_owned(),
                url: some("https://grafana.github.io/helm-charts"),
                used_by: texts(&["HelmRelease/loki"]),
                missing: true,
                ..Source::default()
            },
        ),
    ])
}

fn usage(service: &str, container: &str, how: &str, key: Option<&str>, mount_path: Option<&str>) -> Usage {
    Usage {
        service: some(service),
        container: some(container),
        how: how.to_owned(),
        key: key.map(str::to_owned),
        mount_path: mount_path.map(str::to_owned),
        ..Usage::default()
    }
}

fn secrets() -> Secrets {
    let mount = |service: &str, path: &str| Mount {
        service: service.to_owned(),
        container: service.to_owned(),
        path: path.to_owned(),
    };
    let vault_papi = SecretProviderClass {
        name: "vault-papi".to_owned(),
        namespace: "backend-services".to_owned(),
        kustomization: some("runwhen-backend-services"),
        used_by: texts(&["celery-worker", "papi"]),
        source: Some(place("apps/backend-services/vault-papi.yaml", 1)),
        api_version: "secrets-store.csi.x-k8s.io/v1".to_owned(),
        provider: "vault".to_owned(),
        vault_role: Some(Written::plain("shared_secrets")),
        vault_mount_path: Some(written(
            "kubernetes-${cluster_name}",
            "kubernetes-platform-cluster-01",
        )),
        vault_address: Some(Written::plain("http://vault.vault.svc:8200")),
        vault_namespace: Some(Written::plain("admin")),
        parameters: BTreeMap::from([
            (
                "audience".to_owned(),
                written("${cluster_name}", "platform-cluster-01"),
            ),
            ("vaultSkipTLSVerify".to_owned(), Written::plain("true")),
        ]),
        secrets: vec![ProvidedSecret {
            object_name: "secrets.py".to_owned(),
            vault_path: Some(Written::plain("shared/data/secrets")),
            vault_key: Some(Written::plain("secrets.py")),
            remote_ref: None,
            k8s_secret_name: some("papi-secrets"),
            k8s_secret_key: some("secrets.py"),
            mount_path: some("/secrets/secrets.py"),
            mounts: vec![
                mount("celery-worker", "/secrets/secrets.py"),
                mount("papi", "/secrets/secrets.py"),
            ],
            ..ProvidedSecret::default()
        }],
        secret_objects: vec![SecretObject {
            secret_name: "papi-secrets".to_owned(),
            kind: some("Opaque"),
            keys: texts(&["secrets.py"]),
        }],
        ..SecretProviderClass::default()
    };
    let azure = SecretProviderClass {
        name: "azure-billing".to_owned(),
        namespace: "maintenance".to_owned(),
        kustomization: some("runwhen-backend-services"),
        used_by: texts(&[]),
        source: Some(place("apps/maintenance/billing-export.yaml", 1)),
        api_version: "secrets-store.csi.x-k8s.io/v1".to_owned(),
        provider: "azure".to_owned(),
        keyvault_name: Some(written("kv-${cluster_name}", "kv-platform-cluster-01")),
        tenant_id: Some(Written::plain("00000000-0000-0000-0000-000000000001")),
        region: Some(Written::plain("eu-west-1")),
        secrets: vec![ProvidedSecret {
            object_name: "export-key".to_owned(),
            remote_ref: Some(RemoteRef {
                name: written("export-${cluster_name}", "export-platform-cluster-01"),
                kind: some("secret"),
                version: some("2"),
                property: some("key"),
            }),
            ..ProvidedSecret::default()
        }],
        ..SecretProviderClass::default()
    };
    Secrets {
        secret_provider_classes: BTreeMap::from([
            ("vault-papi".to_owned(), vault_papi),
            ("azure-billing".to_owned(), azure),
        ]),
        external_secrets: BTreeMap::from([(
            "provider-keys".to_owned(),
            ExternalSecret {
                name: "provider-keys".to_owned(),
                namespace: "llm-gateway".to_owned(),
                kustomization: some("runwhen-backend-services"),
                used_by: texts(&["llm-gateway/session-cache"]),
                source: Some(place("apps/llm-gateway/provider-keys.yaml", 1)),
                store: Some(StoreRef {
                    kind: some("ClusterSecretStore"),
                    name: some("vault-backend"),
                }),
                target: "llm-provider-keys".to_owned(),
                refresh_interval: some("1h"),
                data: vec![ExternalSecretData {
                    secret_key: "OPENAI".to_owned(),
                    key: written("llm/${cluster_name}", "llm/platform-cluster-01"),
                    property: some("openai"),
                    ..ExternalSecretData::default()
                }],
                data_from: texts(&["extract: llm/common"]),
                ..ExternalSecret::default()
            },
        )]),
        secret_stores: BTreeMap::from([(
            "vault-backend".to_owned(),
            SecretStore {
                name: "vault-backend".to_owned(),
                namespace: "".to_owned(),
                kustomization: some("runwhen-backend-services"),
                used_by: texts(&["ExternalSecret/provider-keys"]),
                source: Some(place("infrastructure/secret-stores/store.yaml", 1)),
                kind: "ClusterSecretStore".to_owned(),
                provider: some("vault"),
                server: Some(Written::plain("http://vault.vault:8200")),
                path: Some(Written::plain("secret")),
                version: some("v2"),
                auth_mount: Some(written(
                    "kubernetes-${cluster_name}",
                    "kubernetes-platform-cluster-01",
                )),
                role: Some(written("${cluster_name}", "platform-cluster-01")),
                ..SecretStore::default()
            },
        )]),
        vault_secrets: BTreeMap::from([(
            "registration".to_owned(),
            VaultSecret {
                name: "registration".to_owned(),
                namespace: "runner".to_owned(),
                kustomization: some("runwhen-backend-services"),
                used_by: texts(&[]),
                source: Some(place("apps/runner/registration.yaml", 1)),
                kind: "VaultStaticSecret".to_owned(),
                mount: Some(Written::plain("kvv2")),
                path: Some(written("runner/${cluster_name}", "runner/platform-cluster-01")),
                secret_type: some("kv-v2"),
                auth: some("runner/vault-auth"),
                role: Some(Written::plain("runner")),
                destination: some("runner-registration"),
                restarts: texts(&["Deployment/runner"]),
                ..VaultSecret::default()
            },
        )]),
        sealed_secrets: BTreeMap::from([(
            "registry-pull".to_owned(),
            SealedSecret {
                copied_to: None,
                name: "registry-pull".to_owned(),
                namespace: "backend-services".to_owned(),
                also_applied_by: texts(&["tenants/runwhen-extra"]),
                used_by: texts(&["papi"]),
                kustomization: None,
                source: None,
                target: "registry-pull".to_owned(),
                keys: texts(&[".dockerconfigjson"]),
            },
        )]),
        secrets: BTreeMap::from([
            (
                "corestate/session".to_owned(),
                Secret {
                    name: "session".to_owned(),
                    namespace: "corestate".to_owned(),
                    kustomization: some("runwhen-backend-services"),
                    used_by: texts(&[]),
                    source: Some(place("apps/corestate/kustomization.yaml", 1)),
                    secret_type: "Opaque".to_owned(),
                    keys: texts(&["key"]),
                    protection: Protection::Generator,
                    rendered_name: some("session-7f8g9h2k4m"),
                    ..Secret::default()
                },
            ),
            (
                "gitservice/session".to_owned(),
                Secret {
                    name: "session".to_owned(),
                    namespace: "gitservice".to_owned(),
                    kustomization: some("runwhen-backend-services"),
                    used_by: texts(&[]),
                    source: Some(place("apps/gitservice/session.yaml", 1)),
                    secret_type: "kubernetes.io/basic-auth".to_owned(),
                    keys: texts(&["password", "username"]),
                    protection: Protection::Sops,
                    comment: some("the cookies of the git service, made by hand"),
                    ..Secret::default()
                },
            ),
        ]),
        references: BTreeMap::from([
            (
                "papi-secrets".to_owned(),
                SecretReference {
                    copy_of: None,
                    copied_by: None,
                    unmounted: false,
                    name: "papi-secrets".to_owned(),
                    namespace: "backend-services".to_owned(),
                    used_by: texts(&["celery-worker", "papi"]),
                    usage: vec![
                        usage("celery-worker", "celery-worker", "envFrom", None, None),
                        usage("papi", "papi", "env", Some("secrets.py"), None),
                    ],
                    produced_by: ProducedBy::Object("SecretProviderClass/vault-papi".to_owned()),
                },
            ),
            (
                "registry-pull".to_owned(),
                SecretReference {
                    copy_of: None,
                    copied_by: None,
                    unmounted: false,
                    name: "registry-pull".to_owned(),
                    namespace: "backend-services".to_owned(),
                    used_by: texts(&["papi"]),
                    usage: vec![Usage {
                        container: None,
                        ..usage("papi", "", "imagePullSecret", None, None)
                    }],
                    produced_by: ProducedBy::Object("SealedSecret/registry-pull".to_owned()),
                },
            ),
            (
                "loki-values".to_owned(),
                SecretReference {
                    copy_of: None,
                    copied_by: None,
                    unmounted: false,
                    name: "loki-values".to_owned(),
                    namespace: "loki".to_owned(),
                    used_by: Vec::new(),
                    usage: vec![Usage {
                        object: some("HelmRelease/loki"),
                        how: "valuesFrom".to_owned(),
                        optional: true,
                        ..Usage::default()
                    }],
                    produced_by: ProducedBy::Nothing,
                },
            ),
            (
                "flux-system/flux-system".to_owned(),
                SecretReference {
                    copy_of: None,
                    copied_by: None,
                    unmounted: false,
                    name: "flux-system".to_owned(),
                    namespace: "flux-system".to_owned(),
                    used_by: Vec::new(),
                    usage: Vec::new(),
                    produced_by: ProducedBy::Unknown,
                },
            ),
        ]),
    }
}

fn config_maps() -> BTreeMap<String, ConfigMap> {
    let text = |written: &str, resolved: Option<&str>| {
        ConfigValue::Text(Written {
            written: written.to_owned(),
            resolved: resolved.map(str::to_owned),
        })
    };
    BTreeMap::from([
        (
            "papi-env-vars-cm".to_owned(),
            ConfigMap {
                name: "papi-env-vars-cm".to_owned(),
                namespace: "backend-services".to_owned(),
                generated_by: GeneratedBy::Kustomization,
                source_file: some("apps/backend-services/kustomization.yaml"),
                kustomization: some("runwhen-backend-services"),
                also_applied_by: texts(&["tenants/runwhen-extra"]),
                keys: BTreeMap::from([
                    (
                        "DEFAULT_GITLAB_GROUP".to_owned(),
                        text("${cluster_name}", Some("platform-cluster-01")),
                    ),
                    (
                        "GIT_SERVICE_URL".to_owned(),
                        text(
                            "https://git.${subdomain}.${domain}",
                            Some("https://git.nonprod.runwhen.com"),
                        ),
                    ),
                    ("REGION".to_owned(), text("${depot_region}", None)),
                    (
                        "PAPI_SERVICE_URL".to_owned(),
                        text("http://papi.backend-services.svc.cluster.local", None),
                    ),
                    ("SMTP_PASSWORD".to_owned(), ConfigValue::Redacted),
                    (
                        "nginx.conf".to_owned(),
                        ConfigValue::File {
                            file: some("apps/backend-services/nginx.conf"),
                            bytes: 912,
                            lines: 33,
                            text: None,
                            digest: some("0011223344556677"),
                        },
                    ),
                    (
                        "banner".to_owned(),
                        ConfigValue::File {
                            file: None,
                            bytes: 300,
                            lines: 1,
                            text: some("a banner"),
                            digest: None,
                        },
                    ),
                    ("favicon.ico".to_owned(), ConfigValue::Binary { bytes: 1150 }),
                ]),
                used_by: texts(&["celery-worker", "papi"]),
                rendered_name: some("papi-env-vars-cm-2b4t6k8m9d"),
                usage: vec![
                    usage("celery-worker", "celery-worker", "envFrom", None, None),
                    usage("papi", "papi", "envFrom", None, None),
                    usage(
                        "papi",
                        "proxy",
                        "volume",
                        Some("nginx.conf"),
                        Some("/etc/nginx/nginx.conf"),
                    ),
                ],
                source: Some(place("apps/backend-services/kustomization.yaml", 18)),
                ..ConfigMap::default()
            },
        ),
        (
            "cluster-vars".to_owned(),
            ConfigMap {
                name: "cluster-vars".to_owned(),
                namespace: "flux-system".to_owned(),
                generated_by: GeneratedBy::CrossplaneSync,
                source_file: some("infrastructure/crossplane-clusters/cluster-vars/"),
                keys: BTreeMap::from([
                    ("cluster_name".to_owned(), text("platform-cluster-01", None)),
                    ("domain".to_owned(), text("runwhen.com", None)),
                    ("subdomain".to_owned(), text("nonprod", None)),
                ]),
                used_by: texts(&["all kustomizations via postBuild.substituteFrom"]),
                usage: vec![Usage {
                    object: some("Kustomization/runwhen-backend-services"),
                    how: "substituteFrom".to_owned(),
                    ..Usage::default()
                }],
                source: Some(place(
                    "infrastructure/crossplane-clusters/cluster-vars/object.yaml",
                    1,
                )),
                ..ConfigMap::default()
            },
        ),
        (
            "feature-flags".to_owned(),
            ConfigMap {
                name: "feature-flags".to_owned(),
                namespace: "backend-services".to_owned(),
                generated_by: GeneratedBy::External,
                used_by: texts(&["papi"]),
                usage: vec![Usage {
                    optional: true,
                    ..usage("papi", "papi", "envFrom", None, None)
                }],
                ..ConfigMap::default()
            },
        ),
        (
            "gitservice-config".to_owned(),
            ConfigMap {
                name: "gitservice-config".to_owned(),
                namespace: "gitservice".to_owned(),
                generated_by: GeneratedBy::Manifest,
                source_file: some("apps/gitservice/config.yaml"),
                source: Some(place("apps/gitservice/config.yaml", 1)),
                ..ConfigMap::default()
            },
        ),
    ])
}

fn variable_substitution() -> VariableSubstitution {
    let variable = |value: Option<&str>, defined_in: &[&str], used_by: &[&str]| Variable {
        uses: Vec::new(),
        more_uses: 0,
        value: value.map(str::to_owned),
        defined_in: texts(defined_in),
        used_by: texts(used_by),
        readings: match used_by.is_empty() {
            true => Vec::new(),
            false => vec![VariableReading {
                kustomizations: texts(used_by),
                definitions: defined_in
                    .iter()
                    .map(|by| VariableDefinition {
                        by: (*by).to_owned(),
                        value: value.map(str::to_owned),
                        source: Some(place("clusters/vars.yaml", 7)),
                    })
                    .collect(),
                defaulted: false,
            }],
        },
    };
    let vars = "ConfigMap/flux-system/cluster-vars";
    VariableSubstitution {
        source_config_map: some("cluster-vars"),
        namespace: some("flux-system"),
        sources: vec![VariableSource {
            kind: "ConfigMap".to_owned(),
            name: "cluster-vars".to_owned(),
            namespace: "flux-system".to_owned(),
            known: true,
            used_by: texts(&["runwhen-backend-services"]),
        }],
        variables: BTreeMap::from([
            (
                "cluster_name".to_owned(),
                variable(
                    Some("platform-cluster-01"),
                    &[vars],
                    &["runwhen-backend-services"],
                ),
            ),
            (
                "domain".to_owned(),
                variable(Some("runwhen.com"), &[vars], &["runwhen-backend-services"]),
            ),
            (
                "subdomain".to_owned(),
                variable(Some("nonprod"), &[vars], &["runwhen-backend-services"]),
            ),
            (
                "tier".to_owned(),
                variable(None, &["Kustomization/runwhen-backend-services"], &[]),
            ),
            (
                "depot_region".to_owned(),
                variable(None, &[], &["runwhen-backend-services"]),
            ),
        ]),
        undefined: vec![UndefinedVariable {
            name: "depot_region".to_owned(),
            file: Some(RepoPath::new("apps/backend-services/celery.yaml")),
            line: Some(31),
            used_by: texts(&["runwhen-backend-services"]),
        }],
        ..VariableSubstitution::default()
    }
}

fn knowledge() -> Knowledge {
    fn noted<T>(value: T) -> Noted<T> {
        Noted {
            value,
            place: Some(place("flux-infra-guide.yaml", 2)),
        }
    }
    Knowledge {
        trusted: false,
        namespaces: BTreeMap::from([(
            "backend-services".to_owned(),
            noted("Core platform services".to_owned()),
        )]),
        services: BTreeMap::from([(
            "papi".to_owned(),
            noted(ServiceKnowledge {
                description: some("Platform API - core backend service"),
                ..ServiceKnowledge::default()
            }),
        )]),
        externals: BTreeMap::from([(
            "api.github.com".to_owned(),
            noted(ExternalKnowledge {
                description: some("GitHub API"),
                check: some("curl -sI https://api.github.com"),
            }),
        )]),
        components: BTreeMap::from([(
            "loki".to_owned(),
            noted(ComponentKnowledge {
                purpose: some("Infrastructure logs storage"),
                storage: some("GCS: ${project_id}-loki"),
                consumers: some("SRE"),
            }),
        )]),
        tenants: Some(Tenants {
            header: some("X-Scope-OrgID"),
            names: texts(&["runwhen-nonprod-test"]),
        }),
        notes: BTreeMap::from([(
            "observability".to_owned(),
            "Grafana: grafana.shared.runwhen.com\n".to_owned().into(),
        )]),
        produced_elsewhere: Vec::new(),
    }
}
