//! Commands that show how a service is.

use super::flux::{get_chart, status_of_helm_release, status_of_kustomization};
use super::step::{Language, Step, events, shell};
use crate::Facts;
use crate::facts::mentioning;
use crate::graph::links::{release_named, release_of};
use infra_model::config::{ConfigMap, ConfigValue};
use infra_model::flux::HelmRelease;
use infra_model::service::Service;
use plain_text::{Command, is_name, logql_string};

/// How a service is: the HelmRelease that owns it, its workload, its logs, the Kustomization that applies it, events.
pub fn for_service(facts: &dyn Facts, service: &Service) -> Vec<Step> {
    let kustomization = service
        .kustomization
        .as_ref()
        .and_then(|key| facts.kustomizations().get(key));
    let release = release_of(facts, service).map(|(_, release)| release);
    let of_release = release.and_then(status_of_helm_release);
    let (first, third) = match service.workload {
        Some(_) => (None, of_release),
        // Which pods a chart makes that is not at hand, its release may say.
        None => (of_release, None),
    };
    first
        .into_iter()
        .chain(workload(facts, service, release))
        .chain(kubectl_logs(facts, service, release))
        .chain(third)
        .chain(kustomization.and_then(status_of_kustomization))
        .chain(events(&service.namespace))
        .chain(release.and_then(get_chart))
        .collect()
}

/// What kubectl and Loki know its pods by.
fn workload(facts: &dyn Facts, service: &Service, release: Option<&HelmRelease>) -> Option<Step> {
    let command = match &service.workload {
        // Which labels a chart puts on its pods, no file of the repository says.
        Some(_) if release.is_some() && !service.selector.is_empty() => Command::new("kubectl get pods")
            .literal("-l")
            .text(&pod_labels(facts, service, release)?),
        Some(workload) => {
            let resource = match (workload.kind.as_str(), workload.api_version.as_str()) {
                ("Service", _) => "service.serving.knative.dev".to_owned(),
                (kind, _) => kind.to_lowercase(),
            };
            Command::new("kubectl get").name(&resource).name(&workload.name)
        }
        None => Command::new("kubectl get pods")
            .literal("-l")
            .text(&pod_labels(facts, service, release)?),
    };
    shell("the workload", command.namespace(&service.namespace))
}

fn kubectl_logs(facts: &dyn Facts, service: &Service, release: Option<&HelmRelease>) -> Option<Step> {
    let command = Command::new("kubectl logs").namespace(&service.namespace);
    let command = match &service.workload {
        Some(workload) if workload.kind == "Pod" => command.name(&workload.name),
        Some(workload)
            if matches!(workload.kind.as_str(), "Job" | "CronJob") && service.selector.is_empty() =>
        {
            // Pods of a CronJob bear names that the cluster makes up.
            match workload.kind.as_str() {
                "CronJob" if release.is_none() => return None,
                "CronJob" => command.literal("-l").text(&pod_labels(facts, service, release)?),
                _ => command.prefixed("job/", &workload.name),
            }
        }
        _ => command.literal("-l").text(&pod_labels(facts, service, release)?),
    };
    shell("recent logs", command.literal("--tail=100"))
}

/// A label selector for its pods.
fn pod_labels(facts: &dyn Facts, service: &Service, release: Option<&HelmRelease>) -> Option<String> {
    if service.selector.is_empty() {
        let release = release_name(service, release).filter(|name| is_name(name))?;
        // What Helm's own chart template and nearly every chart put on pods.
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

/// The one label of a selector that tells its pods from all others that are known in the namespace.
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
                // Which labels its pods have is not known.
                None => other.workload.is_some() && !other.selector.is_empty(),
            })
    };
    let mut found = LABELS
        .iter()
        .filter_map(|label| service.selector.get_key_value(*label));
    let (label, _) = found.find(|(label, value)| is_enough(label, value))?;
    Some(label)
}

/// What Helm calls the release that a service is part of: not always as the HelmRelease is called.
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
    let namespace = fit(&service.namespace)?;
    let app = ["app", "app.kubernetes.io/name"]
        .iter()
        .find_map(|label| service.selector.get(*label));
    match app {
        Some(app) => Some(format!(
            "{{namespace={}, app={}}}",
            logql_string(namespace),
            logql_string(fit(app)?)
        )),
        None => Some(format!(
            "{{namespace={}, pod=~{}}}",
            logql_string(namespace),
            pods(service, release)?
        )),
    }
}

/// Processor time and memory of a service, as PromQL.
pub fn metrics(facts: &dyn Facts, service: &Service) -> Vec<Step> {
    let release = release_of(facts, service).map(|(_, release)| release);
    let mut steps: Vec<Step> = shell(
        "use of the pods",
        Command::new("kubectl top pods").namespace(&service.namespace),
    )
    .into_iter()
    .collect();
    if let (Some(namespace), Some(pods)) = (fit(&service.namespace), pods(service, release)) {
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
        // Its Jobs have the minute of their start behind its name.
        Some(workload) if workload.kind == "CronJob" => (workload.name.as_str(), "-[0-9]+-.*"),
        Some(workload) => (workload.name.as_str(), "-.*"),
        None => (release_name(service, release).unwrap_or(&service.name), ".*"),
    };
    Some(logql_string(&format!("{}{rest}", fit(name)?.replace('.', r"\."))))
}

fn fit(name: &str) -> Option<&str> {
    is_name(name).then_some(name)
}

/// What a ConfigMap holds in the cluster, what a pod sees of `key`, and what substitutes into it.
pub fn for_config_map(facts: &dyn Facts, config_map: &ConfigMap, key: Option<&str>) -> Vec<Step> {
    let users: Vec<&Service> = config_map
        .usage
        .iter()
        .filter_map(|usage| facts.services().get(usage.service.as_ref()?))
        .collect();
    let reads_values = || {
        let objects = config_map
            .usage
            .iter()
            .filter_map(|usage| usage.object.as_deref());
        objects
            .chain(config_map.used_by.iter().map(String::as_str))
            .find_map(|object| release_named(facts, object))
    };
    let owner = users
        .iter()
        .find_map(|service| release_of(facts, service))
        .or_else(reads_values);
    let kustomization = config_map
        .kustomization
        .as_ref()
        .and_then(|key| facts.kustomizations().get(key));
    let name = config_map.rendered_name.as_deref().unwrap_or(&config_map.name);
    let get = Command::new("kubectl get cm")
        .name(name)
        .namespace(&config_map.namespace);
    // A credential that was withheld here is not to be printed from the cluster, either.
    let withheld = config_map
        .keys
        .values()
        .any(|value| *value == ConfigValue::Redacted);
    let get = if withheld { get } else { get.literal("-o yaml") };
    // Only a name of a variable can be in the environment; other keys are files.
    let is_variable = |key: &&str| key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let environment = key.filter(is_variable).and_then(|key| {
        let seen = |how: &str| matches!(how, "env" | "envFrom");
        let usage = config_map
            .usage
            .iter()
            .find(|usage| seen(&usage.how) && usage.key.as_deref().is_none_or(|used| used == key))?;
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
        .chain(kustomization.and_then(status_of_kustomization))
        .collect()
}
