//! Catalog entries of services, which are workloads and HelmReleases, with image groups.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::Key;
use infra_model::service::{ImageGroup, Port, Service, Workload};

use crate::autoscalers::Autoscalers;
use crate::deciding_values::{self, DecidedBy, ProvedImage};
use crate::disruption_budgets::DisruptionBudgets;
use crate::distinct::distinct;
use crate::helm_images::{self, ValuesImage};
use crate::image_groups::{DecidedImage, GroupBuilder, GroupId};
use crate::image_reference::ImageReference;
use crate::image_variables::ImageVariables;
use crate::inventory::Object;
use crate::kinds::helm_release::Release;
use crate::kube_services::KubeService;
use crate::linker::Linker;
use crate::locate::Locator;
use crate::pod_spec::PodTemplate;
use crate::service_candidates::ServiceCandidate;
use crate::uses::{Use, Used, User};
use crate::view::View;
use crate::{
    aliases, environment, hosts, kube_services, kustomizations, node_rules, overlays, reloads, volume_claims,
};

/// The maps `services` and `image_groups`; dependencies are another stage.
pub(crate) fn link(linker: &Linker<'_>) -> (BTreeMap<Key, Service>, BTreeMap<Key, ImageGroup>) {
    let inventory = linker.inventory;
    let evaluation = inventory.evaluation;
    let mut locator = Locator::new(&evaluation.sources, &evaluation.files);
    let pods = linker.candidates.iter().filter_map(|candidate| candidate.pods);
    let containers = pods.flat_map(PodTemplate::containers);
    let images = containers.filter_map(|container| container.view.get("image"));
    locator.prepare(images.map(View::mark));
    let mut groups = GroupBuilder::new(locator, ImageVariables::new(inventory));
    let mut groups_of: BTreeMap<Key, ServiceGroups> = BTreeMap::new();
    let mut by_values: BTreeMap<usize, ImagesOfValues> = BTreeMap::new();
    let decided = deciding_values::images(linker.candidates, linker.releases);
    let file_names = aliases::file_names(inventory, linker.candidates);
    let used = used_objects(linker);
    let scaling = Scaling {
        autoscalers: Autoscalers::new(inventory),
        disruption_budgets: DisruptionBudgets::new(inventory),
    };
    let mut services = BTreeMap::new();
    for (position, candidate) in linker.candidates.iter().enumerate() {
        let mut service = service(linker, &scaling, position, candidate);
        let mut found = ServiceGroups::default();
        if let Some(pods) = candidate.pods {
            found = pod_images(candidate, pods, &mut groups, &mut service.images);
        }
        let of_release = candidate.release.or(candidate.chart_of);
        if let Some((at, release)) = of_release.and_then(|at| Some((at, linker.releases.get(at)?))) {
            let values = by_values
                .entry(at)
                .or_insert_with(|| ImagesOfValues::new(release));
            let of_chart = deciding_values::chart_workload(candidate).zip(candidate.pods);
            // The values decide the images of the chart's objects.
            found = match of_chart {
                Some(((_, workload), pods)) => {
                    let name = (workload.kind.to_owned(), workload.name.to_owned());
                    let decided = decided.get(&at).and_then(|by_workload| by_workload.get(&name));
                    let decided = decided.map_or(&[][..], Vec::as_slice);
                    values.decide(&candidate.key, (release, pods), decided, &mut groups)
                }
                None => values.collect(&candidate.key, &mut groups, &mut service.images),
            };
        }
        groups_of.insert(candidate.key.clone(), found);
        service.aliases = aliases::aliases(linker, position, candidate, &file_names);
        let used = used.get(&candidate.key).map_or(&[][..], Vec::as_slice);
        let reloaded = candidate.any_workload();
        service.reloads = reloaded.map_or(Vec::new(), |workload| {
            reloads::watched(linker, workload, candidate.pods, used)
        });
        if !used.is_empty() {
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
            let keys = found.all.iter().filter_map(key_of);
            service.image_groups = keys.filter(|key| seen.insert(key.clone())).collect();
        }
    }
    (services, image_groups)
}

/// The groups of one service.
#[derive(Default)]
struct ServiceGroups {
    /// The group of the first container.
    first: Option<GroupId>,
    all: Vec<GroupId>,
}

/// The objects that scale workloads.
struct Scaling<'a> {
    autoscalers: Autoscalers,
    disruption_budgets: DisruptionBudgets<'a>,
}

fn service(
    linker: &Linker<'_>,
    scaling: &Scaling<'_>,
    position: usize,
    candidate: &ServiceCandidate<'_>,
) -> Service {
    let inventory = linker.inventory;
    let object = candidate.object;
    let owner = inventory.owner(object);
    let of_release = candidate.release.or(candidate.chart_of);
    let of_release = of_release.and_then(|release| linker.releases.get(release));
    let workload = candidate.any_workload();
    let view = workload.map(|workload| inventory.view(workload));
    let spec_text = |field: &str| view.and_then(|view| view.text_at(&["spec", field]));
    let is_cron_job = workload.is_some_and(|workload| workload.kind == "CronJob");
    let of_cron_job = |field: &str| spec_text(field).filter(|_| is_cron_job);
    let selecting = linker.kube_services.selecting(position);
    let ports = candidate.pods.map(ports).unwrap_or_default();
    Service {
        name: object.name.to_owned(),
        namespace: candidate.namespace.to_owned(),
        deployment: workload
            .filter(|workload| workload.kind == "Deployment")
            .map(|workload| workload.name.to_owned()),
        workload: workload.map(|workload| Workload {
            kind: workload.kind.to_owned(),
            api_version: workload.api_version.to_owned(),
            name: workload.name.to_owned(),
        }),
        replicas: view
            .and_then(|view| view.at(&["spec", "replicas"]))
            .and_then(|replicas| replicas.node.as_i64()),
        flux_path: owner.and_then(kustomizations::flux_path),
        helm_release: of_release.map(|release| release.object.name.to_owned()),
        kustomization: inventory.kustomization(object),
        also_applied_by: inventory.also_applied_by(object),
        description: description(object),
        selector: view
            .into_iter()
            .flat_map(|view| view.labels_at(&["spec", "selector", "matchLabels"]))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
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
        dns: distinct(selecting.map(KubeService::dns)),
        hosts: hosts::hosts_of(linker.hosts, position),
        routes: hosts::routes_of(linker.hosts, position),
        service_ports: kube_services::ports_of(linker.kube_services, position),
        load_balancers: kube_services::load_balancers_of(linker.kube_services, position),
        containers: candidate.pods.map(environment::containers).unwrap_or_default(),
        env: candidate
            .pods
            .map(|pods| environment::variables(inventory, pods))
            .unwrap_or_default(),
        schedule: spec_text("schedule").map(str::to_owned),
        time_zone: of_cron_job("timeZone").map(str::to_owned),
        concurrency_policy: of_cron_job("concurrencyPolicy").map(str::to_owned),
        schedule_suspended: of_cron_job("suspend") == Some("true"),
        autoscaler: workload.and_then(|workload| scaling.autoscalers.find(workload)),
        disruption_budget: candidate
            .pods
            .and_then(|pods| scaling.disruption_budgets.find(candidate.namespace, pods)),
        volume_claims: workload
            .zip(candidate.pods)
            .map(|(workload, pods)| volume_claims::claims(inventory, workload, pods))
            .unwrap_or_default(),
        volumes: candidate
            .pods
            .map(|pods| volume_claims::other_volumes(inventory, pods))
            .unwrap_or_default(),
        nodes: match (candidate.pods, candidate.unrendered_release(linker.releases)) {
            (Some(pods), _) => node_rules::of_pods(inventory, pods),
            (None, Some(release)) => node_rules::of_values(inventory, &release.values.node),
            (None, None) => Vec::new(),
        },
        suspend: owner.is_some_and(|owner| owner.suspend)
            || of_release.is_some_and(|release| release.spec.suspend),
        tells_flux: crate::apply_annotations::texts(inventory, object),
        generated_by: object.applied.generated_by.clone(),
        source: crate::linker::edited_at(inventory, object),
        overlays: overlays::overlays(inventory, object),
        ..Service::default()
    }
}

fn description(object: &Object<'_>) -> Option<String> {
    let mut keys = ["description", "kubernetes.io/description"].iter();
    let text = keys.find_map(|key| object.annotation(key))?;
    (!text.is_empty()).then(|| redaction::without_credentials(text).into_owned())
}

fn ports(pods: PodTemplate<'_>) -> Vec<Port> {
    let ports = pods.containers().flat_map(|container| {
        let ports = container.view.items_of("ports");
        ports.filter_map(move |port| {
            Some(Port {
                container: container.name.unwrap_or_default().to_owned(),
                port: port.get("containerPort")?.text()?.parse().ok()?,
                name: port.text_of("name").map(str::to_owned),
                protocol: port.text_of("protocol").unwrap_or("TCP").to_owned(),
            })
        })
    });
    ports.collect()
}

/// Whether a port needs only its number: it is unnamed, TCP, and of the container with the service's name.
fn is_plain(port: &Port, service: &str) -> bool {
    port.container == service && port.name.is_none() && port.protocol == "TCP"
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

/// The images that the values of a release name, and those that its post renderers decide.
struct ImagesOfValues {
    /// Index of the Kustomization that applies the release.
    owner: usize,
    /// The images, each with whether `spec.postRenderers` decide it.
    images: Vec<(ValuesImage, bool)>,
}

impl ImagesOfValues {
    /// Reads the images of a release, if its chart was rendered only those of post renderers: the values are known then.
    fn new(release: &Release<'_>) -> Self {
        let mut images = match release.rendered() {
            Some(_) => Vec::new(),
            None => helm_images::values_images(&release.values.node),
        };
        let overrides = post_rendered(release.view, &mut images);
        let images = images.into_iter().enumerate();
        let images = images.map(|(index, image)| (image, overrides.contains(&index)));
        ImagesOfValues {
            images: images.collect(),
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

    /// Collects the groups of the images in a workload of the chart.
    fn decide(
        &self,
        service: &Key,
        (release, pods): (&Release<'_>, PodTemplate<'_>),
        decided: &[ProvedImage],
        groups: &mut GroupBuilder<'_>,
    ) -> ServiceGroups {
        let mut found = ServiceGroups::default();
        let first = pods.containers().position(|container| !container.init);
        for (position, container) in pods.containers().enumerate() {
            let Some(text) = container.view.text_of("image") else {
                continue;
            };
            let overrides =
                |(image, overridden): &&(ValuesImage, bool)| *overridden && image.reference() == text;
            let of_container: Vec<GroupId> = match self.images.iter().find(overrides) {
                Some((image, _)) => self.group_of(image, true, service, groups).into_iter().collect(),
                None => decided
                    .iter()
                    .filter(|decided| decided.text == text && decided.is_init == container.init)
                    .filter_map(|decided| group_of_value(decided, release, service, groups))
                    .collect(),
            };
            if first == Some(position) {
                found.first = of_container.first().cloned();
            }
            found.all.extend(of_container);
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
                written: match overridden {
                    true => &reference,
                    false => decider.text().unwrap_or_default(),
                },
                tag: image.tag.as_deref(),
                name: &image.name,
                values_name: (!overridden).then_some(&image.image_name),
            },
        )
    }
}

/// The group of an image that a value decides.
fn group_of_value(
    image: &ProvedImage,
    release: &Release<'_>,
    service: &Key,
    groups: &mut GroupBuilder<'_>,
) -> Option<GroupId> {
    let rendered = ImageReference::parse(&image.text);
    let stated = match &image.by {
        DecidedBy::Stated(stated) => stated,
        DecidedBy::ChartDefault(value, text) => {
            let is_own = release.object.applied.generated_by.is_none() && !release.object.applied.generated;
            let mark = release.object.applied.mark;
            return is_own.then(|| groups.add_default(service, mark, (value, text), &rendered))?;
        }
    };
    let written = stated.text().unwrap_or_default();
    let whole = ImageReference::parse(written);
    let is_whole = whole.tag.is_some() && (whole.tag == rendered.tag || whole.name.contains('/'));
    let is_tag = |text: &&str| !text.is_empty() && image.text.ends_with(text) && !is_whole;
    groups.add(
        service,
        &DecidedImage {
            owner: release.object.owner,
            mark: stated.mark,
            written,
            tag: Some(written).filter(is_tag).or(rendered.tag),
            name: rendered.name,
            values_name: Some(if is_whole { whole.name } else { rendered.name }),
        },
    )
}

/// Applies `spec.postRenderers[].kustomize.images` to the images of the values, and returns the positions that they decide.
fn post_rendered(view: View<'_>, images: &mut Vec<ValuesImage>) -> BTreeSet<usize> {
    let mut decided = BTreeSet::new();
    let renderers = view.items_at(&["spec", "postRenderers"]);
    for entry in renderers.flat_map(|renderer| renderer.items_at(&["kustomize", "images"])) {
        let Some(name) = entry.text_of("name") else {
            continue;
        };
        let new_name = entry.text_of("newName").unwrap_or(name);
        let mut fields = ["digest", "newTag"].iter();
        let field = fields.find(|field| entry.text_of(field).is_some());
        let decider = field.and_then(|field| entry.get(field));
        let decider = decider.map(|view| view.node.clone().with_mark(view.mark()));
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

/// The uses of each service: of its pods, and for a release of its values.
fn used_objects<'l>(linker: &'l Linker<'_>) -> BTreeMap<Key, Vec<&'l Use>> {
    let releases = linker.candidates.iter();
    let releases = releases.filter(|candidate| candidate.release.is_some());
    let service_of_release: BTreeMap<String, &Key> = releases
        .map(|candidate| (linker.object_keys.kind_key(candidate.object), &candidate.key))
        .collect();
    let mut used: BTreeMap<Key, Vec<&Use>> = BTreeMap::new();
    for found in linker.uses {
        let service = match &found.user {
            User::Service(key) => Some(key),
            User::Object(object) => service_of_release.get(object).copied(),
        };
        if let Some(service) = service {
            used.entry(service.clone()).or_default().push(found);
        }
    }
    used
}

fn keys_of(linker: &Linker<'_>, used: &[&Use], kind: Used) -> Vec<Key> {
    let uses = used.iter().filter(|found| found.used == kind);
    // Secrets that nothing makes have entries, too.
    let uses = uses.filter(|found| kind != Used::ConfigMap || !linker.generated.misses(found));
    distinct(uses.filter_map(|found| linker.used_key(found)))
}
