//! Kubernetes Services and the workloads behind them, by name and by workload.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt, HashSet};

use infra_model::pods::{LoadBalancer, ServicePort};
use source_tree::Diagnostic;

use crate::distinct::distinct;
use crate::inventory::{Inventory, Object};
use crate::kinds::helm_release::Release;
use crate::link_bounds::Selections;
use crate::operator_services;
use crate::service_candidates::ServiceCandidate;
use crate::view::View;

/// A name inside the cluster, `namespace` and `name` of a Service.
type ServiceName<'a> = (&'a str, &'a str);

/// The Services behind the names of the cluster's DNS.
pub(crate) struct KubeServices<'a> {
    services: Vec<KubeService<'a>>,
    by_name: HashMap<ServiceName<'a>, usize>,
    /// Positions in `services`, by position of the workload.
    of_workload: Vec<Vec<usize>>,
    /// Beginnings of the names of Services in charts that were not rendered, by namespace: with the position of the release, or of
    /// the last of several, and whether there are several.
    release_names: HashMap<&'a str, HashMap<String, (usize, bool)>>,
    /// Names of custom resources, whose operators make Services of their own.
    custom: HashMap<&'a str, HashSet<&'a str>>,
    /// Services that operators make, by namespace, with their ports where these are known.
    of_operators: HashMap<&'a str, HashMap<String, Vec<i64>>>,
    namespaces: HashSet<&'a str>,
    selections: Selections,
}

/// One Service.
pub(crate) struct KubeService<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    /// The host of an `ExternalName` Service.
    pub(crate) external_name: Option<&'a str>,
    /// Positions of the workloads it selects.
    pub(crate) workloads: Vec<usize>,
    ports: Vec<i64>,
    stated: Vec<ServicePort>,
    load_balancer: Option<LoadBalancer>,
}

/// The load balancers among the Services that select a workload.
pub(crate) fn load_balancers_of(services: &KubeServices<'_>, workload: usize) -> Vec<LoadBalancer> {
    let found = services.selecting(workload);
    let mut found: Vec<_> = found
        .filter_map(|service| service.load_balancer.clone())
        .collect();
    found.sort();
    found
}

/// The ports of the Services that select a workload, by Service.
pub(crate) fn ports_of(services: &KubeServices<'_>, workload: usize) -> Vec<ServicePort> {
    let ports = services.selecting(workload);
    let mut ports: Vec<_> = ports.flat_map(|service| service.stated.iter().cloned()).collect();
    ports.sort();
    ports
}

/// The backend of a Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// Workloads, by position.
    Workloads(Vec<usize>),
    /// A host elsewhere.
    External(String),
    /// A Service of the repository that selects nothing known.
    Unknown,
}

impl<'a> KubeServices<'a> {
    /// Collects the Services of an inventory.
    pub(crate) fn new(
        inventory: &Inventory<'a>,
        candidates: &[ServiceCandidate<'a>],
        releases: &'a [Release<'a>],
    ) -> Self {
        let namespaces = inventory.objects.iter().map(|object| object.namespace);
        let stated = inventory.of("", "Namespace").map(|object| object.name);
        let mut index = KubeServices {
            services: Vec::new(),
            by_name: HashMap::new(),
            of_workload: vec![Vec::new(); candidates.len()],
            release_names: HashMap::new(),
            custom: custom_resources(inventory),
            of_operators: services_of_operators(inventory),
            namespaces: namespaces.chain(stated).collect(),
            selections: Selections::new(inventory),
        };
        let labels = LabelIndex::new(candidates, releases);
        for object in inventory.of("", "Service") {
            let mut service = read_service(inventory, object, &labels);
            let named = || (object.object_name().to_string(), object.applied.mark);
            if !index.selections.take(service.workloads.len(), named) {
                service.workloads = Vec::new();
            }
            index.add(service);
        }
        for (position, candidate) in candidates.iter().enumerate() {
            if let Some(release) = candidate.unrendered_release(releases) {
                let names = index.release_names.entry(release.namespace.as_str()).or_default();
                for name in release.service_names() {
                    let known = names.entry(name).or_insert((position, false));
                    known.1 |= known.0 != position;
                    known.0 = position;
                }
            }
            // Knative makes a Service for each of its own.
            if candidate.object.group == "serving.knative.dev" {
                index.add(KubeService {
                    namespace: candidate.object.namespace,
                    name: candidate.object.name,
                    external_name: None,
                    workloads: vec![position],
                    ports: vec![80, 443],
                    stated: Vec::new(),
                    load_balancer: None,
                });
            }
        }
        index
    }

    fn add(&mut self, service: KubeService<'a>) {
        let position = self.services.len();
        for workload in &service.workloads {
            if let Some(services) = self.of_workload.get_mut(*workload) {
                services.push(position);
            }
        }
        self.by_name.insert((service.namespace, service.name), position);
        self.services.push(service);
    }

    /// The finding that they select too many workloads.
    pub(crate) fn finding(&self, inventory: &Inventory<'_>) -> Option<Diagnostic> {
        self.selections.finding(inventory)
    }

    /// The Services that select a workload.
    pub(crate) fn selecting(&self, workload: usize) -> impl Iterator<Item = &KubeService<'a>> {
        let positions = self.of_workload.get(workload).into_iter().flatten();
        positions.filter_map(|position| self.services.get(*position))
    }

    /// The rendered Service with this name.
    pub(crate) fn rendered(&self, namespace: &str, name: &str) -> Option<&KubeService<'a>> {
        let position = self.by_name.get(&(namespace, name))?;
        self.services.get(*position)
    }

    /// Whether the repository has a namespace, or objects in it.
    pub(crate) fn has_namespace(&self, namespace: &str) -> bool {
        !namespace.is_empty() && self.namespaces.contains(namespace)
    }

    /// The backend of a Service: of a rendered one, or of one that the chart of a release makes. `None` for unknown names.
    pub(crate) fn backend(&self, namespace: &str, name: &str) -> Option<Backend> {
        if let Some(service) = self.rendered(namespace, name) {
            return Some(match service.external_name {
                Some(host) => Backend::External(host.to_owned()),
                None if service.workloads.is_empty() => Backend::Unknown,
                None => Backend::Workloads(service.workloads.clone()),
            });
        }
        if self.is_of_operator(namespace, name) {
            return Some(Backend::External(in_cluster(name, namespace)));
        }
        self.release(namespace, name)
            .map(|workload| Backend::Workloads(vec![workload]))
    }

    /// Whether an operator makes the Service of one of its resources.
    pub(crate) fn is_of_operator(&self, namespace: &str, name: &str) -> bool {
        self.ports_of_operator(namespace, name).is_some()
    }

    /// The ports of a Service that an operator makes; empty if they are not known.
    pub(crate) fn ports_of_operator(&self, namespace: &str, name: &str) -> Option<&[i64]> {
        let services = self.of_operators.get(namespace)?;
        services.get(name).map(Vec::as_slice)
    }

    /// The release whose chart makes a Service: charts name their Services after the release.
    fn release(&self, namespace: &str, name: &str) -> Option<usize> {
        let releases = self.release_names.get(namespace)?;
        let (longest, (position, several)) =
            beginnings(name).find_map(|start| Some((start, *releases.get(start)?)))?;
        // It is doubtful if there is another release with the name, or an operator's resource with a longer one.
        let is_doubtful = several
            || self.custom.get(namespace).is_some_and(|names| {
                let mut longer = beginnings(name).take_while(|start| start.len() > longest.len());
                longer.any(|start| names.contains(start))
            });
        (!is_doubtful).then_some(position)
    }

    /// Whether a manifest, a chart or a resource of an operator makes a Service of this name.
    pub(crate) fn is_stated(&self, namespace: &str, name: &str) -> bool {
        self.rendered(namespace, name).is_some() || self.is_of_operator(namespace, name)
    }

    /// Whether a name is that of a custom resource in the namespace, or begins with it: operators name their Services so.
    pub(crate) fn may_be_of_custom(&self, namespace: &str, name: &str) -> bool {
        let names = self.custom.get(namespace);
        names.is_some_and(|names| beginnings(name).any(|start| names.contains(start)))
    }

    /// As [`KubeServices::backend`], if a Service or a release has exactly the name.
    pub(crate) fn exact_backend(&self, namespace: &str, name: &str) -> Option<Backend> {
        let releases = self.release_names.get(namespace);
        let exact = releases.is_some_and(|names| names.contains_key(name));
        (exact || self.is_stated(namespace, name)).then(|| self.backend(namespace, name))?
    }
}

impl KubeService<'_> {
    /// Whether it has a port, or states none.
    pub(crate) fn has_port(&self, port: u16) -> bool {
        self.ports.is_empty() || self.ports.contains(&i64::from(port))
    }

    /// `name.namespace.svc.cluster.local`
    pub(crate) fn dns(&self) -> String {
        in_cluster(self.name, self.namespace)
    }
}

/// The full name of a Service in the cluster's DNS.
pub(crate) fn in_cluster(service: &str, namespace: &str) -> String {
    format!("{service}.{namespace}.svc.cluster.local")
}

fn services_of_operators<'a>(inventory: &Inventory<'a>) -> HashMap<&'a str, HashMap<String, Vec<i64>>> {
    let mut services: HashMap<&str, HashMap<String, Vec<i64>>> = HashMap::new();
    let objects = inventory.objects.iter();
    for object in objects.filter(|object| object.group.contains('.')) {
        for made in operator_services::made_services(object, inventory.view(object)) {
            let of_namespace = services.entry(object.namespace).or_default();
            of_namespace.insert(made.name, made.ports);
        }
    }
    services
}

fn read_service<'a>(
    inventory: &Inventory<'a>,
    object: &Object<'a>,
    labels: &LabelIndex<'a>,
) -> KubeService<'a> {
    let view = inventory.view(object);
    let selector: BTreeMap<&str, &str> = view.labels_at(&["spec", "selector"]).collect();
    let mut workloads = labels.selected(object.namespace, &selector);
    if workloads.is_empty() {
        // The pods of a chart have the release's name as a label (https://helm.sh/docs/chart_best_practices/labels/).
        let mut names = ["app.kubernetes.io/instance", "release"].iter();
        let release = names.find_map(|label| selector.get(label));
        let released = release.map(|release| labels.released(object.namespace, release));
        workloads = released.unwrap_or_default();
    }
    let ports: Vec<View<'_>> = view.items_at(&["spec", "ports"]).collect();
    let stated = ports.iter().filter_map(|port| {
        let number = port.get("port")?.node.as_i64()?;
        let target = port.text_of("targetPort");
        let target = target.filter(|target| *target != number.to_string());
        Some(ServicePort {
            service: object.name.to_owned(),
            port: number,
            name: port.text_of("name").map(str::to_owned),
            target_port: target.map(str::to_owned),
        })
    });
    KubeService {
        load_balancer: load_balancer(object.name, view),
        stated: stated.collect(),
        namespace: object.namespace,
        name: object.name,
        external_name: view.text_at(&["spec", "externalName"]),
        workloads,
        ports: ports
            .iter()
            .flat_map(|port| [port.get("port"), port.get("targetPort")])
            .filter_map(|port| port?.node.as_i64())
            .collect(),
    }
}

fn load_balancer(name: &str, service: View<'_>) -> Option<LoadBalancer> {
    if service.text_at(&["spec", "type"]) != Some("LoadBalancer") {
        return None;
    }
    let annotations = LoadBalancer::ADDRESS_ANNOTATIONS.iter();
    let addresses = annotations
        .filter_map(|annotation| service.text_at(&["metadata", "annotations", annotation]))
        .chain(service.text_at(&["spec", "loadBalancerIP"]))
        .flat_map(|addresses| addresses.split(','))
        .map(|address| address.trim().to_owned())
        .filter(|address| !address.is_empty());
    Some(LoadBalancer {
        service: name.to_owned(),
        addresses: distinct(addresses),
    })
}

/// Workloads by one label of their pods, so that a selector looks at few of them.
struct LabelIndex<'a> {
    by_label: HashMap<(&'a str, &'a str, &'a str), Vec<usize>>,
    /// Releases by namespace and name.
    by_release: HashMap<(&'a str, String), Vec<usize>>,
}

impl<'a> LabelIndex<'a> {
    fn new(candidates: &[ServiceCandidate<'a>], releases: &'a [Release<'a>]) -> Self {
        let mut by_release: HashMap<_, Vec<usize>> = HashMap::new();
        let mut by_label: HashMap<_, Vec<usize>> = HashMap::new();
        for (position, candidate) in candidates.iter().enumerate() {
            if let Some(release) = candidate.unrendered_release(releases) {
                let name = (release.namespace.as_str(), release.name.clone());
                by_release.entry(name).or_default().push(position);
            }
            for (key, value) in candidate.pods.into_iter().flat_map(|pods| pods.labels()) {
                let label = (candidate.namespace, key, value);
                by_label.entry(label).or_default().push(position);
            }
        }
        LabelIndex { by_label, by_release }
    }

    fn released(&self, namespace: &'a str, release: &str) -> Vec<usize> {
        let released = self.by_release.get(&(namespace, release.to_owned()));
        released.cloned().unwrap_or_default()
    }

    /// The workloads whose pods have all labels of a selector. Positions ascend in each list, so that one pass over it is enough.
    fn selected(&self, namespace: &str, selector: &BTreeMap<&str, &str>) -> Vec<usize> {
        let lists = selector.iter().map(|(key, value)| {
            let positions = self.by_label.get(&(namespace, *key, *value));
            positions.map_or(&[][..], Vec::as_slice)
        });
        let mut lists: Vec<&[usize]> = lists.collect();
        lists.sort_by_key(|positions| positions.len());
        let Some((rarest, others)) = lists.split_first() else {
            return Vec::new();
        };
        let mut selected = rarest.to_vec();
        for others in others {
            let mut others = others.iter().peekable();
            selected.retain(|position| {
                while others.next_if(|other| *other < position).is_some() {}
                others.peek() == Some(&position)
            });
        }
        selected
    }
}

/// A name, and its beginnings before each hyphen, the longest first.
fn beginnings(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.rsplit_once('-').map(|(start, _)| start))
}

fn custom_resources<'a>(inventory: &Inventory<'a>) -> HashMap<&'a str, HashSet<&'a str>> {
    const NO_SERVICES: &[&str] = &[
        "fluxcd.io",
        "k8s.io",
        "external-secrets.io",
        "cert-manager.io",
        "bitnami.com",
        "monitoring.coreos.com",
        "hashicorp.com",
        "istio.io",
        "linkerd.io",
        "cilium.io",
        "crossplane.io",
        "kyverno.io",
        "volsync.backube",
        "keda.sh",
    ];
    let mut names: HashMap<&str, HashSet<&str>> = HashMap::new();
    for object in &inventory.objects {
        if object.group.contains('.')
            && !NO_SERVICES.iter().any(|group| object.group.ends_with(group))
            && !crate::pod_spec::is_workload(object)
        {
            names.entry(object.namespace).or_default().insert(object.name);
        }
    }
    names
}
