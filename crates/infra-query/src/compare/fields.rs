//! What is compared of each kind of thing: its fields as text.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::Written;
use infra_model::config::ConfigValue;
use infra_model::service::Service;

use crate::find::repository;
use crate::secret::paths_of_service;
use crate::{Facts, Subject};

/// What is compared.
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
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::Service => "service",
            Kind::Kustomization => "Kustomization",
            Kind::HelmRelease => "HelmRelease",
            Kind::ConfigMap => "ConfigMap",
            Kind::Variable => "variable",
            Kind::Object => "object",
            Kind::Source => "source",
            Kind::SecretStore => "secret store",
            Kind::ExternalSecret => "ExternalSecret",
        }
    }

    pub(super) fn of(subject: &Subject<'_>) -> Option<Self> {
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

    /// The fields of the thing with a key that are worth comparing; none where there is no such thing.
    pub(crate) fn fields(self, facts: &dyn Facts, key: &str) -> Option<Fields> {
        let mut fields = Fields::new();
        match self {
            Kind::Service => service(facts, key, facts.services().get(key)?, &mut fields),
            Kind::Kustomization => {
                let it = facts.kustomizations().get(key)?;
                let mut set = |field: &str, value: Option<&str>| {
                    fields.extend(value.map(|value| (field.to_owned(), value.to_owned())));
                };
                set("path", Some(&path_in_any_cluster(facts, &it.path)));
                set("suspended", it.suspend.then_some("yes"));
                set("interval", it.interval.as_deref());
                set("retry interval", it.retry_interval.as_deref());
                set("timeout", it.timeout.as_deref());
                set("wait", it.wait.then_some("yes"));
                set("prune", (!it.prune).then_some("no"));
                set("decryption", it.decryption.as_deref());
                set("target namespace", it.target_namespace.as_deref());
                set_list(&mut fields, "dependsOn", &it.depends_on);
                set_list(&mut fields, "components", &it.components);
                set_list(&mut fields, "not at hand", &it.missing);
                let from: Vec<String> = it
                    .substitute_from
                    .iter()
                    .map(|from| format!("{}/{}", from.kind, from.name))
                    .collect();
                set_list(&mut fields, "postBuild.substituteFrom", &from);
                for name in &it.substitute {
                    let value = substituted(facts, key, name)
                        .unwrap_or_else(|| "a value that is not known".to_owned());
                    fields.insert(format!("postBuild.substitute.{name}"), value);
                }
            }
            Kind::HelmRelease => {
                let it = facts.helm_releases().get(key)?;
                let mut set = |field: &str, value: Option<&str>| {
                    fields.extend(value.map(|value| (field.to_owned(), value.to_owned())));
                };
                set("chart", it.chart.as_deref());
                set("version", it.version.as_deref());
                set("suspended", it.suspend.then_some("yes"));
                set("interval", it.interval.as_deref());
                set_list(&mut fields, "dependsOn", &it.depends_on);
                let from: Vec<String> = it
                    .values_from
                    .iter()
                    .map(|from| format!("{}/{}", from.kind, from.name))
                    .collect();
                set_list(&mut fields, "valuesFrom", &from);
                fields.extend(it.settings.clone());
                let values = it.values.iter();
                fields.extend(values.map(|(path, field)| (format!("values.{path}"), field.value.clone())));
            }
            Kind::ConfigMap => {
                for (name, value) in &facts.config_maps().get(key)?.keys {
                    fields.insert(format!("key {name}"), value_text(value));
                }
            }
            Kind::Object => {
                let object = facts.objects().get(key)?;
                let values = object.fields.iter();
                fields.extend(values.map(|(path, field)| (path.clone(), field.value.clone())));
            }
            Kind::Source => {
                let it = facts.sources().get(key)?;
                let mut set = |field: &str, value: Option<&str>| {
                    fields.extend(value.map(|value| (field.to_owned(), value.to_owned())));
                };
                set("url", it.url.as_deref());
                set("ref", it.reference.as_deref());
                set("interval", it.interval.as_deref());
            }
            Kind::SecretStore => {
                let it = facts.secret_stores().get(key)?;
                let mut set = |field: &str, value: Option<&str>| {
                    fields.extend(value.map(|value| (field.to_owned(), value.to_owned())));
                };
                set("provider", it.provider.as_deref());
                set("version", it.version.as_deref());
                set("server", it.server.as_ref().map(Written::value));
                set("path", it.path.as_ref().map(Written::value));
                set("auth mount", it.auth_mount.as_ref().map(Written::value));
                set("role", it.role.as_ref().map(Written::value));
            }
            Kind::ExternalSecret => {
                let it = facts.external_secrets().get(key)?;
                fields.extend(
                    it.store_name()
                        .map(|store| ("store".to_owned(), store.to_owned())),
                );
                fields.extend(
                    it.refresh_interval
                        .clone()
                        .map(|every| ("refreshed every".to_owned(), every)),
                );
                for data in &it.data {
                    let property = data.property.as_deref().map(|property| format!("#{property}"));
                    let from = format!("{}{}", data.key.value(), property.unwrap_or_default());
                    fields.insert(format!("key {}", data.secret_key), from);
                }
                set_list(&mut fields, "data from", &it.data_from);
                if let Some(template) = &it.template {
                    let keys: Vec<String> = template.keys.keys().cloned().collect();
                    set_list(&mut fields, "keys of the template", &keys);
                }
            }
            Kind::Variable => {
                let variable = facts.variables().get(key)?;
                let value = variable
                    .value
                    .clone()
                    .unwrap_or_else(|| match variable.readings.as_slice() {
                        [only] => {
                            let first = only.definitions.first();
                            first.and_then(|first| first.value.clone()).unwrap_or_default()
                        }
                        _ => String::new(),
                    });
                fields.insert("value".to_owned(), value);
            }
        }
        Some(fields)
    }
}

/// A list as one text; nothing where it is empty.
pub(super) fn set_list(fields: &mut Fields, field: &str, items: &[String]) {
    if !items.is_empty() {
        fields.insert(field.to_owned(), items.join(", "));
    }
}

/// The value that a Kustomization gives a variable.
pub(super) fn substituted(facts: &dyn Facts, kustomization: &str, name: &str) -> Option<String> {
    let variable = facts.variables().get(name)?;
    let mut readings = variable.readings.iter();
    let own = readings.find(|reading| reading.kustomizations.iter().any(|key| key == kustomization));
    // What only one reads has no readings of its own.
    let only = match variable.readings.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    let definition = own.or(only).and_then(|reading| reading.definitions.first());
    definition
        .and_then(|definition| definition.value.clone())
        .or_else(|| variable.value.clone())
}

/// A path without the name of its cluster, so that the same folder of two is no difference.
pub(super) fn path_in_any_cluster(facts: &dyn Facts, path: &str) -> String {
    let metadata = facts.metadata();
    let folder = metadata.cluster.as_str().rsplit('/').next().unwrap_or_default();
    let names = [metadata.cluster_name.as_deref().unwrap_or_default(), folder];
    // Flux takes a path as one of the source, however it begins.
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
    let parts = parts.map(|part| match names.contains(&part) {
        true => "<cluster>",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

pub(super) fn service(facts: &dyn Facts, key: &str, service: &Service, fields: &mut Fields) {
    let mut set = |field: String, value: String| {
        fields.insert(field, value);
    };
    for image in &service.images {
        let name = repository(image);
        let tag = image.get(name.len()..).unwrap_or_default();
        set(format!("image {name}"), tag.trim_start_matches(':').to_owned());
    }
    if let Some(replicas) = service.replicas {
        set("replicas".to_owned(), replicas.to_string());
    }
    if let Some(scaler) = &service.autoscaler {
        set(scaler.kind.clone(), scaler.range());
    }
    if let Some(schedule) = &service.schedule {
        set("schedule".to_owned(), schedule.clone());
    }
    if service.suspend {
        set("suspended".to_owned(), "yes".to_owned());
    }
    set("namespace".to_owned(), service.namespace.clone());
    if !service.hosts.is_empty() {
        set("hosts".to_owned(), service.hosts.join(", "));
    }
    for env in &service.env {
        let from = [&env.secret, &env.config_map].into_iter().flatten().next();
        let value = match (&env.value, from, &env.field) {
            (Some(value), ..) => value.clone(),
            (None, Some(from), _) => format!("{from} key {}", env.key.as_deref().unwrap_or_default()),
            (None, None, field) => field.clone().unwrap_or_default(),
        };
        set(format!("env {} of {}", env.name, env.container), value);
    }
    let secrets: BTreeSet<String> = paths_of_service(facts, key)
        .into_iter()
        .filter_map(|path| {
            path.origin
                .or(path.secret.map(|(_, name)| format!("Secret {name}")))
        })
        .collect();
    if !secrets.is_empty() {
        set(
            "secrets".to_owned(),
            secrets.into_iter().collect::<Vec<String>>().join(", "),
        );
    }
}

pub(super) fn value_text(value: &ConfigValue) -> String {
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
