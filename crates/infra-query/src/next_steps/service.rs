//! Commands that show the state of a service, and of a ConfigMap.

use super::flux::{get_chart, status_of_helm_release, status_of_owner};
use super::step::{Language, Step, events, shell};
use crate::Facts;
use crate::facts::mentioning;
use crate::graph::links::{release_named, release_of};
use infra_model::config::{ConfigMap, ConfigValue};
use infra_model::flux::HelmRelease;
use infra_model::service::Service;
use plain_text::{Command, is_name, logql_string};

/// State of a service: the HelmRelease that owns it, its workload, its logs, the Kustomization that applies it, events.
pub fn for_service(facts: &dyn Facts, service: &Service) -> Vec<Step> {
    let release = release_of(facts, service).map(|(_, release)| release);
    let of_release = release.and_then(status_of_helm_release);
    let (first, third) = match service.workload {
        Some(_) => (None, of_release),
        // Only the HelmRelease is known to exist if the chart is not available.
        None => (of_release, None),
    };
    first
        .into_iter()
        .chain(workload(facts, service, release))
        .chain(kubectl_logs(facts, service, release))
        .chain(third)
        .chain(status_of_owner(facts, service.kustomization.as_deref()))
        .chain(events(&service.namespace))
        .chain(release.and_then(get_chart))
        .collect()
}

/// The workload; of a chart its pods by their labels, which the repository does not show.
fn workload(facts: &dyn Facts, service: &Service, release: Option<&HelmRelease>) -> Option<Step> {
    let command = match &service.workload {
        Some(workload) if release.is_none() || service.selector.is_empty() => {
            let resource = match workload.kind.as_str() {
                "Service" => "service.serving.knative.dev".to_owned(),
                kind => kind.to_lowercase(),
            };
            Command::new("kubectl get").name(&resource).name(&workload.name)
        }
        _ => Command::new("kubectl get pods")
            .literal("-l")
            .text(&pod_labels(facts, service, release)?),
    };
    shell("the workload", command.namespace(&service.namespace))
}

fn kubectl_logs(facts: &dyn Facts, service: &Service, release: Option<&HelmRelease>) -> Option<Step> {
    let command = Command::new("kubectl logs").namespace(&service.namespace);
    let workload = service.workload.as_ref();
    let workload = workload.map(|workload| (workload.kind.as_str(), workload.name.as_str()));
    let command = match workload {
        Some(("Pod", name)) => command.name(name),
        Some(("Job", name)) if service.selector.is_empty() => command.prefixed("job/", name),
        // The names of a CronJob's pods are not known.
        Some(("CronJob", _)) if service.selector.is_empty() && release.is_none() => return None,
        _ => command.literal("-l").text(&pod_labels(facts, service, release)?),
    };
    shell("recent logs", command.literal("--tail=100"))
}

/// A label selector for its pods.
fn pod_labels(facts: &dyn Facts, service: &Service, release: Option<&HelmRelease>) -> Option<String> {
    if service.selector.is_empty() {
        let release = release_name(service, release).filter(|name| is_name(name))?;
        // The label that the chart of `helm create` and nearly all others put on pods.
        return Some(format!("app.kubernetes.io/instance={release}"));
    }
    let mut labels = Vec::new();
    let enough = enough(facts, service);
    let selector = service
        .selector
        .iter()
        .filter(|(key, _)| enough.is_none_or(|enough| *key == enough));
    for (key, value) in selector {
        let known = key.split('/').all(is_name) && (value.is_empty() || is_name(value));
        labels.push(known.then(|| format!("{key}={value}"))?);
    }
    Some(labels.join(","))
}

/// The label of a selector that distinguishes its pods from all others that are known in the namespace.
fn enough<'a>(facts: &dyn Facts, service: &'a Service) -> Option<&'a str> {
    const LABELS: [&str; 2] = ["app.kubernetes.io/instance", "app.kubernetes.io/name"];
    if service.selector.len() < 2 {
        return None;
    }
    let is_enough = |label: &str, value: &String| {
        let others = mentioning(facts.services(), value).filter(|(_, other)| {
            other.namespace == service.namespace
                && (&other.name, &other.workload) != (&service.name, &service.workload)
        });
        others
            .into_iter()
            .all(|(_, other)| match other.selector.get(label) {
                Some(own) => own != value,
                // Otherwise the labels of its pods are not known.
                None => other.workload.is_some() && !other.selector.is_empty(),
            })
    };
    let mut found = LABELS
        .iter()
        .filter_map(|label| service.selector.get_key_value(*label));
    let (label, _) = found.find(|(label, value)| is_enough(label, value))?;
    Some(label)
}

/// The name of the Helm release of a service, which is not always that of the HelmRelease.
fn release_name<'a>(service: &'a Service, release: Option<&'a HelmRelease>) -> Option<&'a str> {
    let own = release.map(|release| release.release_name.as_str());
    own.filter(|name| !name.is_empty())
        .or(service.helm_release.as_deref())
}

/// Logs of a service: by kubectl, and as LogQL for Loki: all, errors, errors over time.
pub fn logs(facts: &dyn Facts, service: &Service) -> Vec<Step> {
    let release = release_of(facts, service).map(|(_, release)| release);
    let mut steps: Vec<Step> = kubectl_logs(facts, service, release).into_iter().collect();
    if let Some(stream) = stream(service, release) {
        let logql = |purpose, command| Step {
            purpose,
            command,
            language: Language::LogQl,
        };
        steps.push(logql("all logs", stream.clone()));
        steps.push(logql("errors", format!("{stream} |= \"ERROR\"")));
        steps.push(logql(
            "errors over time",
            format!("count_over_time({stream} |= \"ERROR\" [5m])"),
        ));
    }
    steps
}

/// The log stream of a service. Collectors derive `app` from either of the usual labels.
fn stream(service: &Service, release: Option<&HelmRelease>) -> Option<String> {
    let namespace = logql_string(valid_name(&service.namespace)?);
    let app = ["app", "app.kubernetes.io/name"]
        .iter()
        .find_map(|label| service.selector.get(*label));
    Some(match app {
        Some(app) => format!(
            "{{namespace={namespace}, app={}}}",
            logql_string(valid_name(app)?)
        ),
        None => format!("{{namespace={namespace}, pod=~{}}}", pods(service, release)?),
    })
}

/// Processor time and memory of a service, as PromQL.
pub fn metrics(facts: &dyn Facts, service: &Service) -> Vec<Step> {
    let release = release_of(facts, service).map(|(_, release)| release);
    let top = Command::new("kubectl top pods").namespace(&service.namespace);
    let mut steps: Vec<Step> = shell("use of the pods", top).into_iter().collect();
    if let (Some(namespace), Some(pods)) = (valid_name(&service.namespace), pods(service, release)) {
        let labels = format!("{{namespace={}, pod=~{pods}}}", logql_string(namespace));
        let promql = |purpose, command| Step {
            purpose,
            command,
            language: Language::PromQl,
        };
        steps.push(promql(
            "processor time",
            format!("sum(rate(container_cpu_usage_seconds_total{labels}[5m]))"),
        ));
        steps.push(promql(
            "memory",
            format!("sum(container_memory_working_set_bytes{labels})"),
        ));
    }
    steps
}

/// A regular expression for the names of its pods, as a quoted string.
fn pods(service: &Service, release: Option<&HelmRelease>) -> Option<String> {
    let (name, rest) = match &service.workload {
        Some(workload) if workload.kind == "Pod" => (workload.name.as_str(), ""),
        // The names of its Jobs end with the time of their start.
        Some(workload) if workload.kind == "CronJob" => (workload.name.as_str(), "-[0-9]+-.*"),
        Some(workload) => (workload.name.as_str(), "-.*"),
        None => (release_name(service, release).unwrap_or(&service.name), ".*"),
    };
    let name = valid_name(name)?.replace('.', r"\.");
    Some(logql_string(&format!("{name}{rest}")))
}

fn valid_name(name: &str) -> Option<&str> {
    is_name(name).then_some(name)
}

/// State of a ConfigMap: the HelmRelease of a reader, the ConfigMap, the variable `key` in a pod, and the Kustomization
/// that applies it.
pub fn for_config_map(facts: &dyn Facts, config_map: &ConfigMap, key: Option<&str>) -> Vec<Step> {
    let usage = || config_map.usage.iter();
    let mut services = usage().filter_map(|usage| facts.services().get(usage.service.as_ref()?));
    let reads_values = || {
        let objects = usage().filter_map(|usage| usage.object.as_deref());
        let mut users = objects.chain(config_map.used_by.iter().map(String::as_str));
        users.find_map(|object| release_named(facts, object))
    };
    let owner = services
        .find_map(|service| release_of(facts, service))
        .or_else(reads_values);
    let name = config_map.rendered_name.as_deref().unwrap_or(&config_map.name);
    let get = Command::new("kubectl get cm")
        .name(name)
        .namespace(&config_map.namespace);
    // A credential that is withheld here must not be printed from the cluster, either.
    let get = match config_map
        .keys
        .values()
        .any(|value| *value == ConfigValue::Redacted)
    {
        true => get,
        false => get.literal("-o yaml"),
    };
    // Other keys than names of variables are files.
    let is_variable = |key: &&str| key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let environment = key.filter(is_variable).and_then(|key| {
        let usage = usage().find(|usage| {
            let is_env = matches!(usage.how.as_str(), "env" | "envFrom");
            is_env && usage.key.as_deref().is_none_or(|used| used == key)
        })?;
        let service = facts.services().get(usage.service.as_ref()?)?;
        let workload = service.workload.as_ref()?;
        let kind = match workload.kind.as_str() {
            "Deployment" => "deployment/",
            "StatefulSet" => "statefulset/",
            "DaemonSet" => "daemonset/",
            _ => return None,
        };
        let command = Command::new("kubectl exec")
            .namespace(&service.namespace)
            .prefixed(kind, &workload.name)
            .literal("--")
            .literal("printenv")
            .name(key);
        shell("what the pod sees", command)
    });
    owner
        .and_then(|(_, release)| status_of_helm_release(release))
        .into_iter()
        .chain(shell("the ConfigMap in the cluster", get))
        .chain(environment)
        .chain(status_of_owner(facts, config_map.kustomization.as_deref()))
        .collect()
}
