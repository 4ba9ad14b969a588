//! The text of a service: workload, replicas, images, ports, hosts, claims.

use std::collections::BTreeSet;
use std::fmt;

use plain_text::{Lines, line, printable_name};

use crate::image::{deciding, is_decided};
use crate::text::{
    field, in_namespace, joined, listed, names, places_text, shortened, write_flux_annotations,
};
use crate::{Facts, Keyed};
use infra_model::pods::{Container, NodeRule, Route, ServicePort};
use infra_model::service::{ImageGroup, ImageGroupKind, Service, Workload};

pub(super) fn write_service(
    f: &mut Lines<'_>,
    key: &str,
    service: &Service,
    groups: &[Keyed<'_, ImageGroup>],
) -> fmt::Result {
    write!(
        f,
        "{}: {}{}",
        printable_name(key),
        printable_name(&what(key, service)),
        in_namespace(&service.namespace)
    )?;
    // Everybody knows the version of Kubernetes' own kinds.
    let workload = service.workload.as_ref();
    let version = workload.map(|workload| workload.api_version.as_str());
    if let Some(version) = version.filter(|version| !matches!(*version, "" | "v1" | "apps/v1" | "batch/v1")) {
        write!(f, ", {}", printable_name(version))?;
    }
    if let Some(description) = &service.description {
        write!(f, " - {description}")?;
    }
    line!(f)?;
    match (&service.kustomization, &service.flux_path) {
        (Some(kustomization), Some(path)) => {
            line!(
                f,
                "flux: Kustomization {}, path {}",
                printable_name(kustomization),
                printable_name(path)
            )?;
        }
        (Some(kustomization), None) => line!(f, "flux: Kustomization {}", printable_name(kustomization))?,
        (None, path) => field(f, "path", path.as_ref())?,
    }
    names(f, "also applied by", &service.also_applied_by)?;
    if service.suspend {
        line!(f, "suspended: Flux does not update it")?;
    }
    edit(f, service)?;
    write_flux_annotations(f, &service.tells_flux)?;
    names(f, "runs", replicas(service))?;
    if let Some(contest) = scaled_and_stated(service) {
        line!(f, "note: {contest}")?;
    }
    write_images(f, service, groups)?;
    // The names of several containers matter for logs and exec.
    if service.containers.len() > 1 {
        let containers = service.containers.iter().map(|container| match container.init {
            true => format!("{} (init)", container.name),
            false => container.name.clone(),
        });
        names(f, "containers", containers)?;
    }
    commands(f, service)?;
    // Container ports that no Kubernetes Service leads to.
    let reached = service.service_ports.iter().map(|port| reached(service, port));
    let reached: BTreeSet<i64> = reached.collect();
    let ports: BTreeSet<i64> = service.ports.iter().copied().collect();
    if !ports.is_subset(&reached) {
        names(f, "container ports", ports.iter().map(i64::to_string))?;
    }
    dns(f, service)?;
    let balancers = service.load_balancers.iter().map(|balancer| {
        let addresses = match balancer.addresses.as_slice() {
            [] => "an address that the cluster gives it".to_owned(),
            some => some.join(", "),
        };
        format!("{} at {addresses}", balancer.service)
    });
    names(f, "load balancer", balancers)?;
    let routes = service.hosts.iter().map(|host| {
        // A host may have several routes of different classes.
        let routes = service.routes.iter().filter(|route| route.host == *host);
        let texts: Vec<String> = routes.map(route_text).collect();
        match texts.len().checked_sub(MOST_ROUTES) {
            _ if texts.is_empty() => host.clone(),
            None | Some(0) => format!("{host} ({})", texts.join(" and ")),
            Some(more) => {
                let first = texts.get(..MOST_ROUTES).unwrap_or_default();
                format!("{host} ({} and {more} more)", first.join(", "))
            }
        }
    });
    names(f, "hosts", routes)?;
    let without_host = service.routes.iter().filter(|route| route.host.is_empty());
    let without_host = without_host.map(|route| {
        let through = route.through.as_deref();
        let through = through.map(|through| format!("Gateway {through} "));
        format!("{}({} {})", through.unwrap_or_default(), route.kind, route.name)
    });
    names(f, "exposed at", without_host)?;
    let claims = service.volume_claims.iter().map(|claim| {
        let size = claim.size.as_deref().map(|size| format!(" {size}"));
        let class = claim.storage_class.as_deref().map(|class| format!(" of {class}"));
        format!(
            "{}{}{}{}",
            claim.name,
            size.unwrap_or_default(),
            class.unwrap_or_default(),
            listed(" at ", &claim.mount_paths)
        )
    });
    names(f, "volume claims", claims)?;
    volumes(f, service)?;
    nodes(f, service)
}

/// Volumes of the node and of other machines, each with its mount paths and its line.
fn volumes(f: &mut Lines<'_>, service: &Service) -> fmt::Result {
    const MOST: usize = 4;
    let own = service.source.as_ref();
    let texts = service.volumes.iter().take(MOST).map(|volume| {
        let at = listed(" at ", &volume.mount_paths);
        let place = volume.source.as_ref().map(|place| match own {
            Some(own) if own.file == place.file => format!(" (line {})", place.line),
            _ => format!(" ({place})"),
        });
        format!("{}{at}{}", volume.what, place.unwrap_or_default())
    });
    let mut texts: Vec<String> = texts.collect();
    if let Some(more @ 1..) = service.volumes.len().checked_sub(MOST) {
        texts.push(format!("and {more} more"));
    }
    names(f, "volumes", texts)
}

/// Maximum number of routes of a host.
const MOST_ROUTES: usize = 4;

/// `Ingress web, public`
fn route_text(route: &Route) -> String {
    let through = route.through.as_deref().map(|through| format!(", {through}"));
    // A rule in a ConfigMap is one of several, and is found by its line.
    let place = route.source.as_ref().filter(|_| route.kind == "ConfigMap");
    let place = place.map(|place| format!(", {place}"));
    let matches = (!route.matches.is_empty()).then(|| format!("; {}", joined(&route.matches)));
    format!(
        "{} {}{}{}{}",
        route.kind,
        route.name,
        through.unwrap_or_default(),
        matches.unwrap_or_default(),
        place.unwrap_or_default()
    )
}

/// The label of a kind of rule for nodes.
fn rule_label(how: &str) -> &str {
    match how {
        "node" => "nodes",
        "preferred" => "nodes preferred",
        "apart" => "not beside pods",
        "beside" => "beside pods",
        "spread" => "spread over",
        other => other,
    }
}

/// Whether a rule is the name of a node, without label and expression.
fn is_name_of_node(rule: &NodeRule) -> bool {
    rule.how == "node" && !rule.text.contains(['=', ' ', '!'])
}

/// Rules for the nodes on which it may run: those of one kind on a line, for each place in a chart's values.
fn nodes(f: &mut Lines<'_>, service: &Service) -> fmt::Result {
    const MOST: usize = 6;
    let is_several = service
        .nodes
        .iter()
        .any(|rule| Some(&rule.of) != service.nodes.first().map(|first| &first.of));
    let mut groups: Vec<(&NodeRule, Vec<&NodeRule>)> = Vec::new();
    for rule in &service.nodes {
        let is_alike = |first: &NodeRule| first.how == rule.how && first.of == rule.of;
        match groups.iter_mut().find(|(first, _)| is_alike(first)) {
            Some((_, rules)) => rules.push(rule),
            None => groups.push((rule, vec![rule])),
        }
    }
    for (first, rules) in groups.iter().take(MOST) {
        write!(f, "{}", rule_label(&first.how))?;
        if let Some(of) = first.of.as_deref().filter(|_| is_several) {
            write!(f, " ({})", printable_name(of))?;
        }
        // All rules that select nodes have to match; the others count separately.
        let separator = if first.how == "node" { " and " } else { ", " };
        let texts = rules.iter().map(|rule| match is_name_of_node(rule) {
            true => format!("{} (nodeName: there alone)", printable_name(&rule.text)),
            false => printable_name(&rule.text).into_owned(),
        });
        let texts: Vec<String> = texts.collect();
        let place = places_text(&first.source, service.source.as_ref());
        line!(f, ": {}{place}", texts.join(separator))?;
    }
    match groups.len().saturating_sub(MOST) {
        0 => Ok(()),
        more => line!(f, "and {more} more rules for nodes"),
    }
}

/// Its names in the cluster, each with the ports of that Kubernetes Service.
fn dns(f: &mut Lines<'_>, service: &Service) -> fmt::Result {
    let ports_of = |name: &str| {
        let own = service.service_ports.iter().filter(|port| port.service == name);
        let texts = own.map(|port| {
            let number = reached(service, port);
            let to = match port.target_port.as_deref() {
                // A port name without a number in any container.
                Some(target) if number == port.port && target.parse::<i64>().is_err() => {
                    Some(target.to_owned())
                }
                _ => (number != port.port).then(|| number.to_string()),
            };
            let name = port.name.as_deref().filter(|name| to.as_deref() != Some(*name));
            let to = to.map(|to| format!(" -> {to}"));
            let name = name.map(|name| format!(" ({name})"));
            format!(
                "{}{}{}",
                port.port,
                to.unwrap_or_default(),
                name.unwrap_or_default()
            )
        });
        texts.collect::<Vec<String>>()
    };
    let named = service.dns.iter().map(|dns| {
        let ports = ports_of(dns.split('.').next().unwrap_or(dns));
        match ports.is_empty() {
            true => dns.clone(),
            false => format!("{dns} {}", joined(&ports)),
        }
    });
    let named: Vec<String> = named.collect();
    match named.as_slice() {
        [] => Ok(()),
        several => {
            let shown: Vec<_> = several
                .iter()
                .take(MOST_NAMES)
                .map(|name| printable_name(name))
                .collect();
            write!(f, "dns: {}", shown.join("; "))?;
            match several.len().saturating_sub(MOST_NAMES) {
                0 => line!(f),
                more => line!(f, " and {more} more"),
            }
        }
    }
}

/// The number of the container port that a port of a Kubernetes Service leads to; if it is not known, that of the
/// Service.
fn reached(service: &Service, port: &ServicePort) -> i64 {
    let Some(target) = &port.target_port else {
        return port.port;
    };
    let named = || {
        let mut ports = service.container_ports.iter();
        ports.find(|own| own.name.as_ref() == Some(target))
    };
    let number = target.parse().ok().or_else(|| named().map(|own| own.port));
    number.unwrap_or(port.port)
}

/// Maximum number of Kubernetes Services of a workload.
const MOST_NAMES: usize = 8;

/// A note that replicas are stated although an autoscaler changes them: Flux resets them
/// (<https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling>).
pub(crate) fn scaled_and_stated(service: &Service) -> Option<String> {
    let (replicas, scaler) = (service.replicas?, service.autoscaler.as_ref()?);
    let when = match service.helm_release {
        Some(_) => "each upgrade of the release",
        None => "each reconciliation",
    };
    Some(format!(
        "{when} sets the replicas back to {replicas}, whatever {} {} has set: leave them out if it is to decide",
        scaler.kind,
        printable_name(&scaler.name)
    ))
}

/// Replicas, autoscaler and disruption budget; the schedule of a CronJob.
fn replicas(service: &Service) -> Vec<String> {
    let mut texts = Vec::new();
    if let Some(replicas) = service.replicas {
        let word = if replicas == 1 { "replica" } else { "replicas" };
        texts.push(format!("{replicas} {word}"));
    }
    if let Some(scaler) = &service.autoscaler {
        texts.push(format!(
            "{} {} scales from {}",
            scaler.kind,
            scaler.name,
            scaler.range()
        ));
    }
    if let Some(budget) = &service.disruption_budget {
        let words = match (&budget.min_available, &budget.max_unavailable) {
            (Some(least), _) => Some(format!("at least {least} available")),
            (None, Some(most)) => Some(format!("at most {most} unavailable")),
            (None, None) => None,
        };
        texts.extend(words.map(|words| format!("PodDisruptionBudget {}: {words}", budget.name)));
    }
    if let Some(schedule) = &service.schedule {
        let mut text = format!("at {schedule}");
        if let Some(zone) = &service.time_zone {
            text.push_str(&format!(" {zone}"));
        }
        match service.concurrency_policy.as_deref() {
            Some("Forbid") => text.push_str(", not while the last one runs (Forbid)"),
            Some("Replace") => text.push_str(", in place of one that still runs (Replace)"),
            Some(other) => text.push_str(&format!(", {other}")),
            None => {}
        }
        if service.schedule_suspended {
            text.push_str(", suspended");
        }
        texts.push(text);
    }
    texts
}

/// The commands of the containers of a Job.
fn commands(f: &mut Lines<'_>, service: &Service) -> fmt::Result {
    // A long script of one of several containers would hide the others; `config NAME command` shows all of it.
    let longest = if service.containers.len() > 1 { 160 } else { 300 };
    let kind = service.workload.as_ref().map(|workload| workload.kind.as_str());
    if !matches!(kind, Some("Job" | "CronJob")) {
        return Ok(());
    }
    for container in &service.containers {
        let text = shortened(&command_line(container), longest);
        if text.is_empty() {
            continue;
        }
        let name = match service.containers.len() {
            1 => String::new(),
            _ => format!(" of {}", printable_name(&container.name)),
        };
        line!(f, "command{name}: {}", printable_name(&text))?;
    }
    Ok(())
}

/// Command and arguments of a container on one line, the lines of a script separated by semicolons.
pub(crate) fn command_line(container: &Container) -> String {
    let words = container.command.iter().chain(&container.args);
    let words = words.map(|word| {
        let lines = word.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("; ")
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Where a person edits it: the manifest, with the number of its clusters, and the patches of this cluster.
pub(crate) fn edit(f: &mut Lines<'_>, service: &Service) -> fmt::Result {
    let Some(source) = &service.source else {
        return Ok(());
    };
    write!(f, "edit: {}", printable_name(&source.to_string()))?;
    match service.clusters {
        Some(clusters) => line!(f, " (for {clusters} clusters)")?,
        None => line!(f)?,
    }
    let overlays = service.overlays.iter().map(ToString::to_string);
    names(f, "patched in this cluster by", overlays)
}

/// Each image with the place that decides it, which is a line if it is in the file of the service.
pub(crate) fn write_images(
    f: &mut Lines<'_>,
    service: &Service,
    groups: &[Keyed<'_, ImageGroup>],
) -> fmt::Result {
    let own = service.source.as_ref().map(|place| &place.file);
    let place_of = |group: &ImageGroup| match own == Some(&group.source.file) {
        // The line of a HelmRelease does not decide the default of its chart.
        _ if group.kind == ImageGroupKind::HelmDefault => "the chart's default".to_owned(),
        true => format!("line {}", group.source.line),
        false => group.source.to_string(),
    };
    for image in &service.images {
        write!(f, "image: {}", printable_name(image))?;
        match deciding(image, groups) {
            Some(group) => line!(f, " <- {}", printable_name(&place_of(group)))?,
            None => line!(f)?,
        }
    }
    for (key, group) in groups {
        if !service.images.iter().any(|image| is_decided(image, group)) {
            line!(
                f,
                "image: {} <- {}",
                printable_name(key),
                printable_name(&place_of(group))
            )?;
        }
    }
    Ok(())
}

/// The places that decide the images of a service, in container order.
pub(crate) fn groups_of<'a>(facts: &'a dyn Facts, service: &Service) -> Vec<Keyed<'a, ImageGroup>> {
    let keys = service.image_groups.iter();
    keys.filter_map(|group| facts.image_groups().get_key_value(group))
        .collect()
}

/// The workload or HelmRelease of a service, such as `Deployment papi`; without the name if it is the key of the
/// service.
pub(crate) fn what(key: &str, service: &Service) -> String {
    let named = |kind: &str, name: &str| match name == key {
        true => kind.to_owned(),
        false => format!("{kind} {name}"),
    };
    match (&service.workload, &service.helm_release) {
        (Some(Workload { kind, name, .. }), None) => named(kind, name),
        (Some(Workload { kind, name, .. }), Some(release)) => {
            format!("{} of HelmRelease {release}", named(kind, name))
        }
        (None, Some(release)) => named("HelmRelease", release),
        (None, None) => "nothing known".to_owned(),
    }
}
