//! Catalog entries of services: workloads and HelmReleases, with image groups.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::service::{ImageGroup, Port, Service, Workload};
use infra_model::{Key, ObjectRef};
use source_tree::Mark;
use yaml_node::Node;

use crate::helm_images::{self, ValuesImage};
use crate::image_groups::{DecidedImage, GroupBuilder, GroupId};
use crate::image_reference::ImageReference;
use crate::image_variables::ImageVariables;
use crate::inventory::Object;
use crate::kinds::helm_release::Release;
use crate::linker::Linker;
use crate::locate::Locator;
use crate::pod_spec::PodTemplate;
use crate::service_candidates::ServiceCandidate;
use crate::uses::{Use, Used, User};
use crate::view::View;
use crate::{aliases, hosts, kustomizations};

/// The maps `services` and `image_groups`; what services depend on is another stage.
pub(crate) fn link(linker: &Linker<'_>) -> (BTreeMap<Key, Service>, BTreeMap<Key, ImageGroup>) {
    let inventory = linker.inventory;
    let evaluation = inventory.evaluation;
    let mut locator = Locator::new(&evaluation.sources, &evaluation.files);
    locator.prepare(
        linker
            .candidates
            .iter()
            .filter_map(|candidate| candidate.pods)
            .flat_map(images),
    );
    let mut groups = GroupBuilder::new(locator, ImageVariables::new(inventory));
    let mut groups_of: BTreeMap<Key, ServiceGroups> = BTreeMap::new();
    let mut by_values: BTreeMap<usize, ImagesOfValues> = BTreeMap::new();
    let file_names = aliases::FileNames::new(inventory, linker.candidates);
    let used = used_objects(linker);
    let mut services = BTreeMap::new();
    for (position, candidate) in linker.candidates.iter().enumerate() {
        let mut service = service(linker, position, candidate);
        let mut found = ServiceGroups::default();
        if let Some(pods) = candidate.pods {
            found = pod_images(candidate, pods, &mut groups, &mut service.images);
        }
        let of_release = candidate.release.or(candidate.chart_of);
        if let Some((at, release)) = of_release.and_then(|at| Some((at, linker.releases.get(at)?))) {
            let values = by_values
                .entry(at)
                .or_insert_with(|| ImagesOfValues::new(linker, at, release));
            // What a chart makes shows which images there are; the values decide them.
            found = match candidate.pods {
                Some(pods) => values.decide(&candidate.key, pods, &service.images, &mut groups),
                None => values.collect(&candidate.key, &mut groups, &mut service.images),
            };
        }
        groups_of.insert(candidate.key.clone(), found);
        service.aliases = aliases::aliases(linker, position, candidate, &file_names);
        if let Some(used) = used.get(&candidate.key) {
            service.config_maps = keys_of(linker, used, Used::ConfigMap);
            service.secrets = keys_of(linker, used, Used::Secret);
            service.secret_provider_classes = keys_of(linker, used, Used::SecretProviderClass);
        }
        services.insert(candidate.key.clone(), service);
    }
    let (image_groups, group_keys) = groups.finish();
    for (key, found) in groups_of {
        if let Some(service) = services.get_mut(&key) {
            let key_of = |id: &GroupId| group_keys.get(id).cloned();
            service.image_group = found.first.as_ref().and_then(key_of);
            let mut seen = BTreeSet::new();
            service.image_groups = found
                .all
                .iter()
                .filter_map(key_of)
                .filter(|key| seen.insert(key.clone()))
                .collect();
        }
    }
    (services, image_groups)
}

/// The groups of one service.
#[derive(Default)]
struct ServiceGroups {
    /// Of the first container.
    first: Option<GroupId>,
    all: Vec<GroupId>,
}

fn service(linker: &Linker<'_>, position: usize, candidate: &ServiceCandidate<'_>) -> Service {
    let inventory = linker.inventory;
    let object = candidate.object;
    let owner = inventory.owner(object);
    let release = candidate.release.and_then(|release| linker.releases.get(release));
    let chart_of = candidate
        .chart_of
        .and_then(|release| linker.releases.get(release));
    let workload = candidate.workload.or(Some(object).filter(|_| release.is_none()));
    let workload_view = workload.map(|workload| inventory.view(workload));
    let mut dns: Vec<String> = linker
        .kube_services
        .selecting(position)
        .map(crate::kube_services::KubeService::dns)
        .collect();
    dns.sort_unstable();
    dns.dedup();
    let ports = candidate.pods.map(ports).unwrap_or_default();
    Service {
        name: object.name.to_owned(),
        namespace: candidate.namespace.to_owned(),
        deployment: workload
            .filter(|workload| workload.kind == "Deployment")
            .map(|workload| workload.name.to_owned()),
        workload: workload.map(|workload| Workload {
            kind: workload.kind.to_owned(),
            api_version: workload.api_version().to_owned(),
            name: workload.name.to_owned(),
        }),
        replicas: workload_view
            .and_then(|view| view.at(&["spec", "replicas"]))
            .and_then(|replicas| replicas.node.as_i64()),
        flux_path: owner.and_then(kustomizations::flux_path),
        helm_release: release.or(chart_of).map(|release| release.object.name.to_owned()),
        kustomization: inventory.kustomization(object),
        also_applied_by: inventory.also_applied_by(object),
        description: description(object),
        selector: workload_view
            .and_then(|view| view.at(&["spec", "selector", "matchLabels"]))
            .into_iter()
            .flat_map(View::entries)
            .filter_map(|(key, value)| Some((key.to_owned(), value.text()?.to_owned())))
            .collect(),
        ports: ports.iter().map(|port| port.port).collect(),
        container_ports: match ports.iter().all(|port| is_plain(port, object.name)) {
            true => Vec::new(),
            false => ports,
        },
        service_account: candidate
            .pods
            .and_then(PodTemplate::service_account)
            .and_then(View::text)
            .map(str::to_owned),
        dns,
        hosts: hosts::of_service(linker.hosts, position),
        suspend: owner.is_some_and(|owner| owner.suspend)
            || release.or(chart_of).is_some_and(|release| release.spec.suspend),
        tells_flux: crate::told::texts(object.node()),
        generated_by: object.applied.generated_by.clone(),
        source: crate::linker::edited_at(inventory, object),
        ..Service::default()
    }
}

fn description(object: &Object<'_>) -> Option<String> {
    let text = ["description", "kubernetes.io/description"]
        .iter()
        .find_map(|key| object.annotation(key))?;
    (!text.is_empty()).then(|| redaction::without_credentials(text).into_owned())
}

fn ports(pods: PodTemplate<'_>) -> Vec<Port> {
    pods.containers()
        .flat_map(|container| {
            let ports = container.view.get("ports").into_iter().flat_map(View::items);
            ports.map(move |port| (container.name, port))
        })
        .filter_map(|(container, port)| {
            Some(Port {
                container: container.unwrap_or_default().to_owned(),
                port: port.get("containerPort")?.text()?.parse().ok()?,
                name: port.text_of("name").map(str::to_owned),
                protocol: port.text_of("protocol").unwrap_or("TCP").to_owned(),
            })
        })
        .collect()
}

/// Whether the number of a port says everything: unnamed, TCP, of the container that bears the service's name.
fn is_plain(port: &Port, service: &str) -> bool {
    port.container == service && port.name.is_none() && port.protocol == "TCP"
}

/// Where the images of pods are decided.
fn images(pods: PodTemplate<'_>) -> Vec<Mark> {
    let images = pods
        .containers()
        .filter_map(|container| container.view.get("image"));
    images.map(View::mark).collect()
}

/// Collects the images of pods, each once, and their groups.
fn pod_images(
    candidate: &ServiceCandidate<'_>,
    pods: PodTemplate<'_>,
    groups: &mut GroupBuilder<'_>,
    images: &mut Vec<String>,
) -> ServiceGroups {
    let mut found = ServiceGroups::default();
    let mut first_seen = false;
    for container in pods.containers() {
        let Some(image) = container.view.get("image") else {
            first_seen |= !container.init;
            continue;
        };
        let Some(text) = image.text().filter(|text| !text.is_empty()) else {
            continue;
        };
        if !images.iter().any(|known| known == text) {
            images.push(text.to_owned());
        }
        let rendered = ImageReference::parse(text);
        let group = groups.add(
            &candidate.key,
            &DecidedImage {
                owner: candidate.object.owner,
                mark: image.mark(),
                written: image.built_text().unwrap_or(text),
                tag: rendered.tag,
                name: rendered.name,
                values_name: None,
            },
        );
        if !container.init && !first_seen {
            first_seen = true;
            found.first.clone_from(&group);
        }
        found.all.extend(group);
    }
    found
}

/// The images that the values of a release name.
struct ImagesOfValues {
    /// Index of the Kustomization that applies the release.
    owner: usize,
    /// Each with whether `spec.postRenderers` decide it.
    images: Vec<(ValuesImage, bool)>,
}

impl ImagesOfValues {
    /// Of the release's own values. Where its chart was rendered, of the chart's values too, and only those that a
    /// workload has.
    fn new(linker: &Linker<'_>, position: usize, release: &Release<'_>) -> Self {
        let evaluation = linker.inventory.evaluation;
        let id = ObjectRef::new("HelmRelease", release.object.namespace, release.object.name);
        let rendered = evaluation.rendered_release(&id);
        let mut images = match rendered.and_then(|rendered| rendered.values.as_ref()) {
            Some(chart) => {
                let mut values = chart.clone();
                crate::helm_values::merge(&mut values, &release.values.node);
                helm_images::values_images(&values)
            }
            None => helm_images::values_images(&release.values.node),
        };
        let overrides = post_rendered(release.view, &mut images);
        let images = images.into_iter().enumerate();
        let mut images: Vec<_> = images
            .map(|(index, image)| (image, overrides.contains(&index)))
            .collect();
        if rendered.is_some() {
            let of_release = |candidate: &&ServiceCandidate<'_>| {
                [candidate.release, candidate.chart_of].contains(&Some(position))
            };
            let candidates = linker.candidates.iter().filter(of_release);
            let containers = candidates
                .flat_map(|candidate| candidate.pods)
                .flat_map(PodTemplate::containers);
            let rendered: BTreeSet<&str> = containers
                .filter_map(|container| container.view.text_of("image"))
                .collect();
            images.retain(|(image, _)| rendered.contains(image.reference().as_str()));
        }
        ImagesOfValues {
            images,
            owner: release.object.owner,
        }
    }

    /// Collects every image, each once, and their groups.
    fn collect(
        &self,
        service: &Key,
        groups: &mut GroupBuilder<'_>,
        images: &mut Vec<String>,
    ) -> ServiceGroups {
        let mut found = ServiceGroups::default();
        for (position, (image, overridden)) in self.images.iter().enumerate() {
            let reference = image.reference();
            if !images.contains(&reference) {
                images.push(reference);
            }
            let group = self.group_of(image, *overridden, service, groups);
            if position == 0 {
                found.first.clone_from(&group);
            }
            found.all.extend(group);
        }
        found
    }

    /// The groups of the images of pods that the chart makes.
    fn decide(
        &self,
        service: &Key,
        pods: PodTemplate<'_>,
        images: &[String],
        groups: &mut GroupBuilder<'_>,
    ) -> ServiceGroups {
        let mut found = ServiceGroups::default();
        let mut containers = pods.containers().filter(|container| !container.init);
        let first = containers
            .next()
            .and_then(|container| container.view.text_of("image"));
        for (image, overridden) in &self.images {
            let reference = image.reference();
            if !images.contains(&reference) {
                continue;
            }
            let group = self.group_of(image, *overridden, service, groups);
            if found.first.is_none() && first == Some(reference.as_str()) {
                found.first.clone_from(&group);
            }
            found.all.extend(group);
        }
        found
    }

    fn group_of(
        &self,
        image: &ValuesImage,
        overridden: bool,
        service: &Key,
        groups: &mut GroupBuilder<'_>,
    ) -> Option<GroupId> {
        let decider = image.decider.as_ref()?;
        let reference = image.reference();
        groups.add(
            service,
            &DecidedImage {
                owner: self.owner,
                mark: decider.mark,
                written: if overridden {
                    &reference
                } else {
                    decider.text().unwrap_or_default()
                },
                tag: image.tag.as_deref(),
                name: &image.name,
                values_name: (!overridden).then_some(&image.image_name),
            },
        )
    }
}

/// Lays `spec.postRenderers[].kustomize.images` over the images of the values. Answers which they decide.
fn post_rendered(view: View<'_>, images: &mut Vec<ValuesImage>) -> BTreeSet<usize> {
    let mut decided = BTreeSet::new();
    let renderers = view
        .at(&["spec", "postRenderers"])
        .into_iter()
        .flat_map(View::items);
    for entry in renderers
        .filter_map(|renderer| renderer.at(&["kustomize", "images"]))
        .flat_map(View::items)
    {
        let Some(name) = entry.text_of("name") else {
            continue;
        };
        let new_name = entry.text_of("newName").unwrap_or(name);
        let decider = ["digest", "newTag"].iter().find_map(|field| {
            let view = entry
                .get(field)
                .filter(|view| view.text().is_some_and(|text| !text.is_empty()))?;
            let node: Node = view.node.clone().with_mark(view.mark());
            Some(node)
        });
        let known = images.iter().position(|image| image.name == name);
        let position = known.unwrap_or(images.len());
        if known.is_none() {
            images.push(ValuesImage {
                name: new_name.to_owned(),
                tag: None,
                image_name: name.to_owned(),
                decider: None,
            });
        }
        let Some(image) = images.get_mut(position) else {
            continue;
        };
        new_name.clone_into(&mut image.name);
        if let Some(decider) = decider {
            image.tag = decider.text().map(str::to_owned);
            image.decider = Some(decider);
            decided.insert(position);
        }
    }
    decided
}

/// What each service uses: its pods, and for a release its values.
fn used_objects<'l>(linker: &'l Linker<'_>) -> BTreeMap<Key, Vec<&'l Use>> {
    let mut service_of_release: BTreeMap<String, Key> = BTreeMap::new();
    for candidate in linker.candidates {
        if candidate.release.is_some() {
            service_of_release.insert(
                linker.object_keys.kind_key(candidate.object),
                candidate.key.clone(),
            );
        }
    }
    let mut used: BTreeMap<Key, Vec<&Use>> = BTreeMap::new();
    for one in linker.uses {
        let service = match &one.user {
            User::Service(key) => Some(key),
            User::Object(object) => service_of_release.get(object),
        };
        if let Some(service) = service {
            used.entry(service.clone()).or_default().push(one);
        }
    }
    used
}

fn keys_of(linker: &Linker<'_>, used: &[&Use], kind: Used) -> Vec<Key> {
    let keys: BTreeSet<Key> = used
        .iter()
        .filter(|one| one.used == kind)
        .filter_map(|one| linker.used_key(one))
        .collect();
    keys.into_iter().collect()
}
