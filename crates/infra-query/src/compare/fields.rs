//! The fields of each kind that are compared, as text.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::Written;
use infra_model::config::ConfigValue;
use infra_model::service::Service;

use crate::find::repository;
use crate::secret::paths_of_service;
use crate::variable::{deciding_value, reading_of};
use crate::{Facts, Subject};

/// The kinds that are compared, in the order of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Service,
    Kustomization,
    HelmRelease,
    ConfigMap,
    Variable,
    Object,
    Source,
    SecretStore,
    ExternalSecret,
}

/// Values by field.
pub(crate) type Fields = BTreeMap<String, String>;

impl Kind {
    /// Kind and key as they are shown. The key of an object begins with its own kind.
    pub(crate) fn title(self, key: &str) -> String {
        let kind = match self {
            Kind::Service => "service",
            Kind::Kustomization => "Kustomization",
            Kind::HelmRelease => "HelmRelease",
            Kind::ConfigMap => "ConfigMap",
            Kind::Variable => "variable",
            Kind::Object => return key.to_owned(),
            Kind::Source => "source",
            Kind::SecretStore => "secret store",
            Kind::ExternalSecret => "ExternalSecret",
        };
        format!("{kind} {key}")
    }

    pub(super) fn of_subject(subject: &Subject<'_>) -> Option<Self> {
        Some(match subject {
            Subject::Service(..) => Kind::Service,
            Subject::Kustomization(..) => Kind::Kustomization,
            Subject::HelmRelease(..) => Kind::HelmRelease,
            Subject::ConfigMap(..) => Kind::ConfigMap,
            Subject::Variable(..) => Kind::Variable,
            Subject::Object(..) => Kind::Object,
            Subject::Source(..) => Kind::Source,
            Subject::SecretStore(..) => Kind::SecretStore,
            Subject::ExternalSecret(..) => Kind::ExternalSecret,
            _ => return None,
        })
    }

    /// The compared fields of the entry with a key; `None` if there is no such entry.
    pub(crate) fn fields(self, facts: &dyn Facts, key: &str) -> Option<Fields> {
        let mut fields = Fields::new();
        let mut set = |field: &str, value: Option<&str>| {
            fields.extend(value.map(|value| (field.to_owned(), value.to_owned())));
        };
        match self {
            Kind::Service => set_service(facts, key, facts.services().get(key)?, &mut set),
            Kind::Kustomization => {
                let it = facts.kustomizations().get(key)?;
                set("path", Some(&path_in_any_cluster(facts, &it.path)));
                set("suspended", it.suspend.then_some("yes"));
                set("interval", it.interval.as_deref());
                set("retry interval", it.retry_interval.as_deref());
                set("timeout", it.timeout.as_deref());
                set("wait", it.wait.then_some("yes"));
                set("prune", (!it.prune).then_some("no"));
                set("decryption", it.decryption.as_deref());
                set("target namespace", it.target_namespace.as_deref());
                set("dependsOn", list(&it.depends_on).as_deref());
                set("components", list(&it.components).as_deref());
                set("not available", list(&it.missing).as_deref());
                let from = it.substitute_from.iter();
                let from: Vec<String> = from.map(|from| format!("{}/{}", from.kind, from.name)).collect();
                set("postBuild.substituteFrom", list(&from).as_deref());
                for name in &it.substitute {
                    let value = substituted(facts, key, name);
                    let value = value.unwrap_or("a value that is not known");
                    set(&format!("postBuild.substitute.{name}"), Some(value));
                }
            }
            Kind::HelmRelease => {
                let it = facts.helm_releases().get(key)?;
                set("chart", it.chart.as_deref());
                set("version", it.version.as_deref());
                set("suspended", it.suspend.then_some("yes"));
                set("interval", it.interval.as_deref());
                set("dependsOn", list(&it.depends_on).as_deref());
                let from = it.values_from.iter();
                let from: Vec<String> = from.map(|from| format!("{}/{}", from.kind, from.name)).collect();
                set("valuesFrom", list(&from).as_deref());
                for (name, value) in &it.settings {
                    set(name, Some(value));
                }
                for (path, field) in &it.values {
                    set(&format!("values.{path}"), Some(&field.value));
                }
            }
            Kind::ConfigMap => {
                for (name, value) in &facts.config_maps().get(key)?.keys {
                    set(&format!("key {name}"), Some(&value_text(value)));
                }
            }
            Kind::Object => {
                for (path, field) in &facts.objects().get(key)?.fields {
                    set(path, Some(&field.value));
                }
            }
            Kind::Source => {
                let it = facts.sources().get(key)?;
                set("url", it.url.as_deref());
                set("ref", it.reference.as_deref());
                set("interval", it.interval.as_deref());
            }
            Kind::SecretStore => {
                let it = facts.secret_stores().get(key)?;
                set("provider", it.provider.as_deref());
                set("version", it.version.as_deref());
                set("server", it.server.as_ref().map(Written::value));
                set("path", it.path.as_ref().map(Written::value));
                set("auth mount", it.auth_mount.as_ref().map(Written::value));
                set("role", it.role.as_ref().map(Written::value));
            }
            Kind::ExternalSecret => {
                let it = facts.external_secrets().get(key)?;
                set("store", it.store_name());
                set("refreshed every", it.refresh_interval.as_deref());
                for data in &it.data {
                    let property = data.property.as_deref().map(|property| format!("#{property}"));
                    let from = format!("{}{}", data.key.value(), property.unwrap_or_default());
                    set(&format!("key {}", data.secret_key), Some(&from));
                }
                set("data from", list(&it.data_from).as_deref());
                let keys = it.template.iter().flat_map(|template| template.keys.keys());
                let keys: Vec<String> = keys.cloned().collect();
                set("keys of the template", list(&keys).as_deref());
            }
            Kind::Variable => {
                let variable = facts.variables().get(key)?;
                let only = match variable.readings.as_slice() {
                    [only] => deciding_value(only),
                    _ => None,
                };
                set(
                    "value",
                    Some(variable.value.as_deref().or(only).unwrap_or_default()),
                );
            }
        }
        Some(fields)
    }
}

/// A list as one text; `None` if it is empty.
fn list(items: &[String]) -> Option<String> {
    (!items.is_empty()).then(|| items.join(", "))
}

/// The value that a Kustomization gives a variable.
fn substituted<'a>(facts: &'a dyn Facts, kustomization: &str, name: &str) -> Option<&'a str> {
    let variable = facts.variables().get(name)?;
    let own = reading_of(variable, Some(kustomization));
    own.and_then(deciding_value).or(variable.value.as_deref())
}

/// A path with `<cluster>` for the name of its cluster, so that corresponding folders of two clusters are equal.
fn path_in_any_cluster(facts: &dyn Facts, path: &str) -> String {
    let metadata = facts.metadata();
    let folder = metadata.cluster.as_str().rsplit('/').next().unwrap_or_default();
    let names = [metadata.cluster_name.as_deref().unwrap_or_default(), folder];
    // Flux takes a path as relative to the root of the source, however it begins.
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
    let parts = parts.map(|part| match names.contains(&part) {
        true => "<cluster>",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn set_service(facts: &dyn Facts, key: &str, service: &Service, set: &mut impl FnMut(&str, Option<&str>)) {
    for image in &service.images {
        let name = repository(image);
        let tag = image.get(name.len()..).unwrap_or_default();
        set(&format!("image {name}"), Some(tag.trim_start_matches(':')));
    }
    set(
        "replicas",
        service.replicas.map(|replicas| replicas.to_string()).as_deref(),
    );
    if let Some(scaler) = &service.autoscaler {
        set(&scaler.kind, Some(&scaler.range()));
    }
    set("schedule", service.schedule.as_deref());
    set("suspended", service.suspend.then_some("yes"));
    set("namespace", Some(&service.namespace));
    set("hosts", list(&service.hosts).as_deref());
    for env in &service.env {
        let from = [&env.secret, &env.config_map].into_iter().flatten().next();
        let value = match (&env.value, from, &env.field) {
            (Some(value), ..) => value.clone(),
            (None, Some(from), _) => format!("{from} key {}", env.key.as_deref().unwrap_or_default()),
            (None, None, field) => field.clone().unwrap_or_default(),
        };
        set(&format!("env {} of {}", env.name, env.container), Some(&value));
    }
    let paths = paths_of_service(facts, key).into_iter();
    let secrets = paths.filter_map(|path| {
        path.origin
            .or(path.secret.map(|(_, name)| format!("Secret {name}")))
    });
    let secrets: BTreeSet<String> = secrets.collect();
    let secrets: Vec<String> = secrets.into_iter().collect();
    set("secrets", list(&secrets).as_deref());
}

fn value_text(value: &ConfigValue) -> String {
    match value {
        ConfigValue::Text(text) => text.value().to_owned(),
        ConfigValue::Redacted => "<redacted>".to_owned(),
        ConfigValue::File { text: Some(text), .. } => text.trim_end().to_owned(),
        ConfigValue::File {
            bytes, lines, digest, ..
        } => match digest {
            Some(digest) => format!("{lines} lines, {bytes} bytes, text {digest}"),
            None => format!("{lines} lines, {bytes} bytes"),
        },
        ConfigValue::Binary { bytes } => format!("binary, {bytes} bytes"),
    }
}
