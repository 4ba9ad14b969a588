//! Services and image groups.

use std::collections::BTreeSet;

use infra_model::dependency::{Dependency, Target, Via as ModelVia};
use infra_model::service::{ImageGroup, ImageGroupKind, Port, Service, Workload};
use infra_model::{Infrastructure, RepoPath};

use super::common::{ambiguous, file_and_line, name_unless_key, place, source, source_place, stated};
use super::knowledge;
use crate::layout::{
    ContainerPort, DependencyEntry, ImageGroupEntry, ImageGroupType, Metadata, ServiceEntry, ServicesFile,
    Via, WorkloadEntry,
};

/// The maps of this file, as `ambiguous` names them.
const MAPS: &[&str] = &["services", "imageGroups"];

/// `services.json`
pub(crate) fn file(infrastructure: &Infrastructure, metadata: &Metadata) -> ServicesFile {
    ServicesFile {
        schema: Some(crate::schema::url("services")),
        services: infrastructure
            .services
            .iter()
            .map(|(key, service)| (key.clone(), entry(key, service)))
            .collect(),
        image_groups: infrastructure
            .image_groups
            .iter()
            .map(|(key, group)| (key.clone(), group_entry(group)))
            .collect(),
        knowledge: knowledge::section(&infrastructure.knowledge),
        ambiguous: ambiguous(infrastructure, MAPS),
        metadata: metadata.clone(),
    }
}

/// Adds what `services.json` states to a model.
pub(crate) fn read(file: ServicesFile, infrastructure: &mut Infrastructure) {
    let keys: BTreeSet<String> = file.services.keys().cloned().collect();
    infrastructure.services = file
        .services
        .into_iter()
        .map(|(key, entry)| {
            let service = service(&key, entry, &keys);
            (key, service)
        })
        .collect();
    infrastructure.image_groups = file
        .image_groups
        .into_iter()
        .map(|(key, entry)| (key, group(entry)))
        .collect();
    infrastructure.knowledge = knowledge::model(file.knowledge);
    infrastructure.ambiguous.extend(file.ambiguous);
}

pub(crate) fn entry(key: &str, service: &Service) -> ServiceEntry {
    let Service {
        name,
        namespace,
        deployment,
        workload,
        replicas,
        flux_path,
        helm_release,
        kustomization,
        also_applied_by,
        description,
        failure_impact,
        image_group,
        image_groups,
        images,
        aliases,
        selector,
        ports,
        dns,
        hosts,
        depends_on,
        config_maps,
        secrets,
        secret_provider_classes,
        suspend,
        generated_by,
        source: source_of,
    } = service.clone();
    ServiceEntry {
        namespace: stated(&namespace),
        workload: workload.map(workload_entry),
        replicas,
        flux_path,
        helm_release,
        kustomization,
        description,
        deployment,
        suspend,
        image_groups: several_groups(image_group.as_ref(), image_groups),
        image_group,
        images,
        aliases,
        selector,
        ports: ports.iter().map(|port| port.port).collect(),
        container_ports: container_ports(&name, ports),
        dns,
        hosts,
        depends_on: depends_on.iter().map(dependency_entry).collect(),
        failure_impact,
        config_maps,
        secrets,
        secret_provider_classes,
        also_applied_by,
        generated_by,
        source: source_of.as_ref().map(source),
        name: name_unless_key(&name, key),
    }
}

pub(crate) fn service(key: &str, entry: ServiceEntry, services: &BTreeSet<String>) -> Service {
    let ServiceEntry {
        name,
        namespace,
        deployment,
        flux_path,
        helm_release,
        kustomization,
        description,
        image_group,
        workload,
        replicas,
        suspend,
        image_groups,
        images,
        aliases,
        selector,
        ports,
        container_ports,
        dns,
        hosts,
        depends_on,
        failure_impact,
        config_maps,
        secrets,
        secret_provider_classes,
        also_applied_by,
        generated_by,
        source,
    } = entry;
    let name = name.unwrap_or_else(|| key.to_owned());
    Service {
        namespace: namespace.unwrap_or_default(),
        deployment,
        workload: workload.map(workload_model),
        replicas,
        flux_path,
        helm_release,
        kustomization,
        also_applied_by,
        description,
        failure_impact,
        image_groups: if image_groups.is_empty() {
            image_group.iter().cloned().collect()
        } else {
            image_groups
        },
        image_group,
        images,
        aliases,
        selector,
        ports: port_models(&name, &ports, container_ports),
        dns,
        hosts,
        depends_on: depends_on
            .into_iter()
            .map(|entry| dependency(entry, services))
            .collect(),
        config_maps,
        secrets,
        secret_provider_classes,
        suspend,
        generated_by,
        source: source.map(source_place),
        name,
    }
}

/// The list is only written where it says more than `imageGroup` does.
fn several_groups(first: Option<&String>, groups: Vec<String>) -> Vec<String> {
    match (groups.as_slice(), first) {
        ([only], Some(first)) if only == first => Vec::new(),
        _ => groups,
    }
}

/// The usual `apiVersion` of a kind of workload, which a catalog does not repeat.
fn usual_api_version(kind: &str) -> &'static str {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => "apps/v1",
        "CronJob" | "Job" => "batch/v1",
        "Pod" => "v1",
        "Rollout" => "argoproj.io/v1alpha1",
        "Service" => "serving.knative.dev/v1",
        _ => "",
    }
}

fn workload_entry(workload: Workload) -> WorkloadEntry {
    let Workload {
        kind,
        api_version,
        name,
    } = workload;
    WorkloadEntry {
        api_version: (api_version != usual_api_version(&kind)).then_some(api_version),
        kind,
        name,
    }
}

fn workload_model(entry: WorkloadEntry) -> Workload {
    let WorkloadEntry {
        kind,
        name,
        api_version,
    } = entry;
    Workload {
        api_version: api_version.unwrap_or_else(|| usual_api_version(&kind).to_owned()),
        kind,
        name,
    }
}

/// A port about which its number says everything: unnamed, TCP, of the container that bears the service's name.
fn plain_port(service: &str, port: i64) -> Port {
    Port {
        container: service.to_owned(),
        port,
        name: None,
        protocol: "TCP".to_owned(),
    }
}

fn container_ports(service: &str, ports: Vec<Port>) -> Vec<ContainerPort> {
    if ports.iter().all(|port| *port == plain_port(service, port.port)) {
        return Vec::new();
    }
    ports
        .into_iter()
        .map(|port| {
            let Port {
                container,
                port,
                name,
                protocol,
            } = port;
            ContainerPort {
                container,
                port,
                name,
                protocol: (protocol != "TCP").then_some(protocol),
            }
        })
        .collect()
}

fn port_models(service: &str, ports: &[i64], details: Vec<ContainerPort>) -> Vec<Port> {
    if details.is_empty() {
        return ports.iter().map(|port| plain_port(service, *port)).collect();
    }
    details
        .into_iter()
        .map(|detail| {
            let ContainerPort {
                container,
                port,
                name,
                protocol,
            } = detail;
            Port {
                container,
                port,
                name,
                protocol: protocol.unwrap_or_else(|| "TCP".to_owned()),
            }
        })
        .collect()
}

pub(crate) fn dependency_entry(dependency: &Dependency) -> DependencyEntry {
    let Dependency {
        target,
        via,
        evidence,
        place,
    } = dependency;
    let (file, line) = file_and_line(place.as_ref());
    DependencyEntry {
        target: target.as_str().to_owned(),
        via: match via {
            ModelVia::Env => Via::Env,
            ModelVia::Config => Via::Config,
            ModelVia::Args => Via::Args,
            ModelVia::Values => Via::Values,
            ModelVia::Curated => Via::Curated,
        },
        evidence: evidence.clone(),
        file,
        line,
    }
}

/// A target that is no service of the same file lies outside.
fn dependency(entry: DependencyEntry, services: &BTreeSet<String>) -> Dependency {
    let DependencyEntry {
        target,
        via,
        evidence,
        file,
        line,
    } = entry;
    Dependency {
        target: if services.contains(&target) {
            Target::Service(target)
        } else {
            Target::External(target)
        },
        via: match via {
            Via::Env => ModelVia::Env,
            Via::Config => ModelVia::Config,
            Via::Args => ModelVia::Args,
            Via::Values => ModelVia::Values,
            Via::Curated => ModelVia::Curated,
        },
        evidence,
        place: place(file, line),
    }
}

pub(crate) fn group_entry(group: &ImageGroup) -> ImageGroupEntry {
    let ImageGroup {
        file,
        image_name,
        kind,
        yq_path,
        pointer,
        document,
        tag,
        services,
        image_policy,
        source: source_of,
    } = group.clone();
    ImageGroupEntry {
        file: file.to_string(),
        image_name,
        kind: match kind {
            ImageGroupKind::KustomizeImages => ImageGroupType::KustomizeImages,
            ImageGroupKind::FluxImages => ImageGroupType::FluxImages,
            ImageGroupKind::HelmValues => ImageGroupType::HelmValues,
            ImageGroupKind::Manifest => ImageGroupType::Manifest,
        },
        services,
        yq_path,
        pointer,
        document,
        tag,
        image_policy,
        source: source(&source_of),
    }
}

pub(crate) fn group(entry: ImageGroupEntry) -> ImageGroup {
    let ImageGroupEntry {
        file,
        image_name,
        kind,
        services,
        yq_path,
        pointer,
        document,
        tag,
        image_policy,
        source,
    } = entry;
    ImageGroup {
        file: RepoPath::new(&file),
        image_name,
        kind: match kind {
            ImageGroupType::KustomizeImages => ImageGroupKind::KustomizeImages,
            ImageGroupType::FluxImages => ImageGroupKind::FluxImages,
            ImageGroupType::HelmValues => ImageGroupKind::HelmValues,
            ImageGroupType::Manifest => ImageGroupKind::Manifest,
        },
        yq_path,
        pointer,
        document,
        tag,
        services,
        image_policy,
        source: source_place(source),
    }
}
