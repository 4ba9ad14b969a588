//! Models with arbitrary texts in every field, consistent as a scan's are.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::config::{ConfigMap, ConfigValue, GeneratedBy, Overridden, Usage};
use infra_model::dependency::{Dependency, Target, Via};
use infra_model::flux::{HelmRelease, Kustomization, Source};
use infra_model::pods::{
    Autoscaler, Container, DisruptionBudget, EnvVariable, PodVolume, Route, ServicePort, VolumeClaim,
};
use infra_model::secrets::{
    Mount, ProducedBy, ProvidedSecret, RemoteRef, SecretProviderClass, SecretReference,
};
use infra_model::service::{ImageGroup, ImageGroupKind, Port, Service, Workload};
use infra_model::{Diagnostic, Infrastructure, Metadata, ObjectRef, Place, RepoPath, Severity, Written};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

/// Texts with quotes, backslashes, line breaks, controls, and characters outside of ASCII.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z][a-z0-9./-]{0,12}",
        1 => "\\PC{1,8}",
        1 => Just("a\"b\\c\n\u{1b}\u{7f}\u{2028}\u{202e}$(x)`${y}`".to_owned()),
    ]
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    vec(text(), 0..4)
}

fn some() -> impl Strategy<Value = Option<String>> {
    option::of(text())
}

fn made_by(name: String) -> ObjectRef {
    ObjectRef::new("FluxInstance", "flux-system", name)
}

fn place() -> impl Strategy<Value = Place> {
    (text(), 0u32..500).prop_map(|(file, line)| Place {
        file: RepoPath::new(&file),
        line,
    })
}

fn written() -> impl Strategy<Value = Written> {
    (text(), some()).prop_map(|(written, resolved)| Written { written, resolved })
}

fn service() -> impl Strategy<Value = Service> {
    let workload = (
        prop_oneof![Just("Deployment"), Just("CronJob"), Just("Service"), Just("Odd")],
        text(),
        text(),
    )
        .prop_map(|(kind, api_version, name)| Workload {
            kind: kind.to_owned(),
            api_version,
            name,
        });
    let port = (
        text(),
        any::<u16>(),
        some(),
        prop_oneof![Just("TCP".to_owned()), Just("UDP".to_owned())],
    )
        .prop_map(|(container, port, name, protocol)| Port {
            container,
            port: i64::from(port),
            name,
            protocol,
        });
    (
        (
            text(),
            text(),
            some(),
            option::of(workload),
            option::of(any::<i64>()),
            some(),
            some(),
            some(),
        ),
        (texts(), some(), some(), texts(), texts(), texts()),
        (btree_map(text(), text(), 0..3), vec(port, 0..4), texts(), texts()),
        (
            texts(),
            texts(),
            texts(),
            any::<bool>(),
            some(),
            option::of(place()),
        ),
    )
        .prop_map(|(one, two, three, four)| Service {
            tells_flux: Vec::new(),
            name: one.0,
            namespace: one.1,
            deployment: one.2,
            workload: one.3,
            replicas: one.4,
            flux_path: one.5,
            helm_release: one.6,
            kustomization: one.7,
            also_applied_by: two.0,
            description: two.1,
            failure_impact: two.2,
            image_group: two.3.first().cloned(),
            image_groups: two.3,
            images: two.4,
            aliases: two.5,
            selector: three.0,
            ports: three.1.iter().map(|port| port.port).collect(),
            container_ports: three.1,
            dns: three.2,
            hosts: three.3,
            config_maps: four.0,
            secrets: four.1,
            secret_provider_classes: four.2,
            service_account: four.4.clone(),
            suspend: four.3,
            generated_by: four.4.map(made_by),
            source: four.5,
            depends_on: Vec::new(),
            ..Service::default()
        })
        .prop_flat_map(|service| {
            (
                vec(env(), 0..3),
                vec(route(), 0..2),
                vec(place(), 0..2),
                some(),
                option::of(1usize..9),
            )
                .prop_map(move |(env, routes, overlays, schedule, clusters)| Service {
                    containers: env
                        .iter()
                        .map(|env| Container {
                            name: env.container.clone(),
                            image: env.name.clone(),
                            init: env.init,
                            command: vec![env.name.clone()],
                            args: vec![env.container.clone()],
                        })
                        .collect(),
                    volume_claims: env
                        .iter()
                        .map(|env| VolumeClaim {
                            name: env.name.clone(),
                            template: env.init,
                            mount_paths: vec![env.container.clone()],
                            size: env.value.clone(),
                            storage_class: env.key.clone(),
                        })
                        .collect(),
                    volumes: env
                        .iter()
                        .map(|env| PodVolume {
                            what: env.name.clone(),
                            mount_paths: vec![env.container.clone()],
                            source: None,
                        })
                        .collect(),
                    service_ports: env
                        .iter()
                        .map(|env| ServicePort {
                            service: env.name.clone(),
                            port: 80,
                            name: env.key.clone(),
                            target_port: env.value.clone(),
                        })
                        .collect(),
                    autoscaler: env.first().map(|env| Autoscaler {
                        kind: env.container.clone(),
                        name: env.name.clone(),
                        min: Some(1),
                        max: None,
                    }),
                    disruption_budget: env.first().map(|env| DisruptionBudget {
                        name: env.name.clone(),
                        min_available: env.value.clone(),
                        max_unavailable: env.key.clone(),
                    }),
                    env,
                    routes,
                    overlays,
                    time_zone: schedule.clone(),
                    concurrency_policy: schedule.clone(),
                    schedule_suspended: schedule.is_some(),
                    schedule,
                    clusters,
                    ..service.clone()
                })
        })
}

fn env() -> impl Strategy<Value = EnvVariable> {
    (
        text(),
        text(),
        any::<bool>(),
        some(),
        some(),
        some(),
        option::of(place()),
    )
        .prop_map(|one| EnvVariable {
            name: one.0,
            container: one.1,
            init: one.2,
            written: one.3.clone(),
            value: one.3,
            config_map: one.4.clone(),
            secret: one.4,
            field: one.5.clone(),
            key: one.5,
            source: one.6,
        })
}

fn route() -> impl Strategy<Value = Route> {
    (
        text(),
        text(),
        text(),
        some(),
        option::of(place()),
        vec(text(), 0..2),
    )
        .prop_map(|one| Route {
            host: one.0,
            kind: one.1,
            name: one.2,
            through: one.3,
            matches: one.5,
            source: one.4,
        })
}

/// Services with dependencies on each other and on external hosts.
fn services() -> impl Strategy<Value = BTreeMap<String, Service>> {
    let via = prop_oneof![
        Just(Via::Env),
        Just(Via::Config),
        Just(Via::Secret),
        Just(Via::Args),
        Just(Via::Values),
        Just(Via::Curated)
    ];
    let edge = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        option::of(text()),
        via,
        text(),
        option::of(place()),
    );
    (btree_map(text(), service(), 1..5), vec(edge, 0..6)).prop_map(|(mut services, edges)| {
        let keys: Vec<String> = services.keys().cloned().collect();
        for (from, to, external, via, evidence, place) in edges {
            let target = match external.filter(|host| !services.contains_key(host)) {
                Some(host) => Target::External(host),
                None => Target::Service(to.get(&keys).clone()),
            };
            if let Some(service) = services.get_mut(from.get(&keys)) {
                service.depends_on.push(Dependency {
                    target,
                    via,
                    evidence,
                    file: place.as_ref().map(|place| place.file.clone()),
                    line: place.map(|place| place.line),
                });
            }
        }
        services
    })
}

fn image_group() -> impl Strategy<Value = ImageGroup> {
    let kind = prop_oneof![
        Just(ImageGroupKind::KustomizeImages),
        Just(ImageGroupKind::FluxImages),
        Just(ImageGroupKind::HelmValues),
        Just(ImageGroupKind::HelmDefault),
        Just(ImageGroupKind::Manifest),
        Just(ImageGroupKind::Variable),
    ];
    (
        (text(), text(), kind, text(), text(), 0usize..9),
        (some(), texts(), some(), place(), some()),
    )
        .prop_map(|(one, two)| ImageGroup {
            file: RepoPath::new(&one.0),
            image_name: one.1,
            kind: one.2,
            yq_path: Some(one.3),
            pointer: one.4,
            document: one.5,
            tag: two.0,
            services: two.1,
            within: None,
            image_policy: two.2,
            source: two.3,
            form: two.4,
        })
}

fn kustomization() -> impl Strategy<Value = Kustomization> {
    (
        (
            text(),
            text(),
            text(),
            some(),
            some(),
            some(),
            texts(),
            some(),
            any::<bool>(),
            texts(),
        ),
        (
            any::<bool>(),
            some(),
            some(),
            some(),
            any::<bool>(),
            texts(),
            texts(),
            some(),
        ),
        (
            some(),
            texts(),
            texts(),
            texts(),
            0usize..999,
            some(),
            some(),
            option::of(place()),
        ),
    )
        .prop_map(|(one, two, three)| Kustomization {
            name: one.0,
            namespace: one.1,
            path: one.2,
            source_ref: one.3,
            source_kind: one.4,
            source_namespace: one.5,
            depends_on: one.6,
            interval: one.7,
            prune: one.8,
            manages: one.9,
            suspend: two.0,
            target_namespace: two.1,
            name_prefix: two.2,
            timeout: two.3,
            wait: two.4,
            components: two.5,
            substitute: two.6,
            kube_config: two.7,
            parent: three.0,
            children: three.1,
            dependents: three.2,
            also_applied_by: three.3,
            objects: three.4,
            error: three.5,
            generated_by: three.6.map(made_by),
            source: three.7,
            ..Kustomization::default()
        })
}

fn helm_release() -> impl Strategy<Value = HelmRelease> {
    (
        (text(), text(), some(), some(), some(), text(), text(), some()),
        (some(), texts(), any::<bool>(), some()),
    )
        .prop_map(|(one, two)| HelmRelease {
            name: one.0,
            namespace: one.1,
            chart: one.2,
            chart_source: one.3,
            target_namespace: one.4,
            release_name: one.5,
            release_namespace: one.6,
            version: one.7,
            kustomization: two.0,
            depends_on: two.1,
            suspend: two.2,
            remediation: two.3,
            ..HelmRelease::default()
        })
}

fn sources() -> impl Strategy<Value = BTreeMap<String, Source>> {
    let kind = prop_oneof![Just("GitRepository"), Just("OCIRepository"), Just("Bucket")];
    let source = (
        kind,
        (
            text(),
            text(),
            some(),
            some(),
            any::<bool>(),
            any::<bool>(),
            texts(),
        ),
    );
    btree_map(text(), source, 0..4).prop_map(|sources| {
        sources
            .into_iter()
            .map(
                |(key, (kind, (name, namespace, url, reference, is_self, missing, used_by)))| {
                    let source = Source {
                        kind: kind.to_owned(),
                        name,
                        namespace,
                        url,
                        reference,
                        is_self,
                        missing,
                        used_by,
                        ..Source::default()
                    };
                    (format!("{kind}/{key}"), source)
                },
            )
            .collect()
    })
}

fn class() -> impl Strategy<Value = SecretProviderClass> {
    let remote = (written(), some(), some(), some()).prop_map(|(name, kind, version, property)| RemoteRef {
        name,
        kind,
        version,
        property,
    });
    let mount = (text(), text(), text()).prop_map(|(service, container, path)| Mount {
        service,
        container,
        path,
    });
    let secret = (
        text(),
        option::of(written()),
        option::of(written()),
        option::of(remote),
        some(),
        some(),
        vec(mount, 0..3),
    )
        .prop_map(|one| ProvidedSecret {
            object_name: one.0,
            vault_path: one.1,
            vault_key: one.2,
            remote_ref: one.3,
            k8s_secret_name: one.4,
            k8s_secret_key: one.5,
            mounts: one.6,
            ..ProvidedSecret::default()
        });
    (
        (text(), text(), some(), texts(), texts(), option::of(place())),
        text(),
        text(),
        option::of(written()),
        option::of(written()),
        btree_map(text(), written(), 0..3),
        vec(secret, 0..3),
    )
        .prop_map(|one| SecretProviderClass {
            name: one.0.0,
            namespace: one.0.1,
            kustomization: one.0.2,
            also_applied_by: one.0.3,
            used_by: one.0.4,
            source: one.0.5,
            api_version: one.1,
            provider: one.2,
            vault_role: one.3,
            vault_mount_path: one.4,
            parameters: one.5,
            secrets: one.6,
            ..SecretProviderClass::default()
        })
}

fn usage() -> impl Strategy<Value = Usage> {
    (
        some(),
        some(),
        some(),
        text(),
        some(),
        some(),
        any::<bool>(),
        any::<bool>(),
        (some(), some(), any::<bool>(), option::of(place()), some()),
    )
        .prop_map(|one| Usage {
            service: one.0,
            object: one.1,
            container: one.2,
            how: one.3,
            key: one.4,
            mount_path: one.5,
            optional: one.6,
            key_missing: one.7,
            env: one.8.0,
            sub_path: one.8.1,
            init: one.8.2,
            source: one.8.3,
            target_path: one.8.4,
        })
}

fn reference() -> impl Strategy<Value = SecretReference> {
    let produced_by = prop_oneof![
        Just(ProducedBy::Nothing),
        Just(ProducedBy::Unknown),
        text().prop_map(|key| ProducedBy::Object(format!("Secret/{key}"))),
    ];
    (
        text(),
        text(),
        texts(),
        vec(usage(), 0..3),
        produced_by,
        any::<bool>(),
        (some(), some()),
    )
        .prop_map(
            |(name, namespace, used_by, usage, produced_by, unmounted, (copy_of, copied_by))| {
                SecretReference {
                    copy_of,
                    copied_by,
                    unmounted,
                    name,
                    namespace,
                    used_by,
                    usage,
                    produced_by,
                }
            },
        )
}

fn config_map() -> impl Strategy<Value = ConfigMap> {
    let value = prop_oneof![
        written().prop_map(ConfigValue::Text),
        Just(ConfigValue::Redacted),
        (some(), 0usize..9999, 1usize..99).prop_map(|(file, bytes, lines)| ConfigValue::File {
            file,
            bytes,
            lines,
            text: None,
            digest: None,
        }),
        (0usize..9999).prop_map(|bytes| ConfigValue::Binary { bytes }),
    ];
    let generated_by = prop_oneof![
        Just(GeneratedBy::Kustomization),
        Just(GeneratedBy::Manifest),
        Just(GeneratedBy::CrossplaneSync),
        Just(GeneratedBy::External),
    ];
    (
        (text(), text(), generated_by, some(), some(), texts()),
        (
            btree_map(text(), value, 0..4),
            texts(),
            some(),
            vec(usage(), 0..3),
            option::of(place()),
        ),
    )
        .prop_map(|(one, two)| ConfigMap {
            name: one.0,
            namespace: one.1,
            generated_by: one.2,
            source_file: one.3,
            kustomization: one.4,
            also_applied_by: one.5,
            places: two.0.keys().map(|key| (key.clone(), Place::default())).collect(),
            overrides: two
                .0
                .keys()
                .map(|key| (key.clone(), vec![Overridden::default()]))
                .collect(),
            keys: two.0,
            used_by: two.1,
            rendered_name: two.2,
            usage: two.3,
            source: two.4,
            ..ConfigMap::default()
        })
}

fn diagnostic() -> impl Strategy<Value = Diagnostic> {
    let severity = prop_oneof![
        Just(Severity::Info),
        Just(Severity::Warning),
        Just(Severity::Error)
    ];
    (text(), severity, text(), option::of(place()), some(), some()).prop_map(
        |(code, severity, message, place, object, hint)| Diagnostic {
            code: code.into(),
            severity,
            message,
            place,
            object,
            hint,
        },
    )
}

fn ambiguous(keys: BTreeSet<String>) -> BTreeMap<String, BTreeMap<String, Vec<String>>> {
    [
        "services",
        "imageGroups",
        "kustomizations",
        "sources",
        "references",
        "configMaps",
    ]
    .iter()
    .zip(keys)
    .map(|(map, key)| {
        (
            (*map).to_owned(),
            BTreeMap::from([(key.clone(), vec![format!("a/{key}"), format!("b/{key}")])]),
        )
    })
    .collect()
}

/// Any model.
pub(crate) fn infrastructure() -> impl Strategy<Value = Infrastructure> {
    let metadata =
        (text(), text(), some(), some()).prop_map(|(generated_from, cluster, cluster_name, revision)| {
            Metadata {
                generated_from,
                cluster: RepoPath::new(&cluster),
                cluster_name,
                revision,
            }
        });
    (
        (
            metadata,
            services(),
            btree_map(text(), image_group(), 0..4),
            btree_set(text(), 0..6),
        ),
        (
            btree_map(text(), kustomization(), 0..4),
            btree_map(text(), helm_release(), 0..4),
            sources(),
        ),
        (
            btree_map(text(), class(), 0..4),
            btree_map(text(), reference(), 0..4),
            btree_map(text(), config_map(), 0..4),
        ),
        vec(diagnostic(), 0..4),
    )
        .prop_map(|(one, two, three, diagnostics)| {
            let mut infrastructure = Infrastructure {
                metadata: one.0,
                services: one.1,
                image_groups: one.2,
                ambiguous: ambiguous(one.3),
                kustomizations: two.0,
                helm_releases: two.1,
                sources: two.2,
                config_maps: three.2,
                diagnostics,
                ..Infrastructure::default()
            };
            infrastructure.secrets.secret_provider_classes = three.0;
            infrastructure.secrets.references = three.1;
            infrastructure
        })
}
