//! Where does a text occur? A matcher turns into every fact whose text it accepts, with the way to it.

use std::collections::BTreeMap;
use std::fmt;

use crate::Facts;
use crate::next_steps::{self, Step};
use crate::subject::titled;
use crate::text::steps;
use crate::{Subject, printable};
use infra_model::Written;
use infra_model::config::{ConfigValue, Usage};

/// The facts that a matcher accepts.
#[derive(Clone, Debug, PartialEq)]
pub struct Grep<'a> {
    /// In the order of the catalogs.
    pub matches: Vec<GrepMatch<'a>>,
    /// The things that match most, which the commands are for.
    pub things: Vec<Subject<'a>>,
    /// Commands for the things that match most.
    pub next: Vec<Step>,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrepMatch<'a> {
    /// What it is a fact of: kind and key.
    pub kind: &'a str,
    /// The key.
    pub key: &'a str,
    /// The field, named as in the catalogs.
    pub field: String,
    /// The text that matched.
    pub text: String,
}

/// Every fact whose text `accepts` takes: names, images, hosts, paths, values, evidence, messages.
pub fn grep<'a>(facts: &'a dyn Facts, accepts: impl Fn(&str) -> bool) -> Grep<'a> {
    let mut matches = Vec::new();
    let mut things: Vec<(usize, Subject<'a>)> = Vec::new();
    for subject in Subject::all(facts) {
        let mut texts = Texts(Vec::new());
        texts.of(subject);
        let before = matches.len();
        for (field, text) in texts.0 {
            if accepts(&text) {
                matches.push(GrepMatch {
                    kind: subject.kind(),
                    key: subject.key(),
                    field,
                    text,
                });
            }
        }
        if matches.len() > before {
            things.push((matches.len() - before, subject));
        }
    }
    things.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let things: Vec<Subject<'a>> =
        next_steps::checked(things.into_iter().map(|(_, subject)| subject)).collect();
    let next = next_steps::of_all(facts, things.iter().copied());
    for diagnostic in facts.diagnostics() {
        let object = diagnostic.object.as_deref().unwrap_or_default();
        if accepts(&diagnostic.message) || accepts(object) || accepts(&diagnostic.code) {
            matches.push(GrepMatch {
                kind: "diagnostic",
                key: object,
                field: diagnostic.code.to_string(),
                text: diagnostic.message.clone(),
            });
        }
    }
    Grep {
        matches,
        things,
        next,
    }
}

/// Texts by field.
struct Texts(Vec<(String, String)>);

impl Texts {
    fn add(&mut self, field: &str, text: &str) {
        if !text.is_empty() {
            self.0.push((field.to_owned(), text.to_owned()));
        }
    }

    fn some(&mut self, field: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.add(field, text);
        }
    }

    fn all(&mut self, field: &str, texts: &[String]) {
        for text in texts {
            self.add(field, text);
        }
    }

    fn map(&mut self, field: &str, map: &BTreeMap<String, String>) {
        for (key, value) in map {
            self.add(field, &format!("{key}={value}"));
        }
    }

    fn written(&mut self, field: &str, text: Option<&Written>) {
        if let Some(text) = text {
            self.add(field, &text.written);
            self.some(&format!("{field} (resolved)"), text.resolved.as_ref());
        }
    }

    fn usage(&mut self, usage: &[Usage]) {
        for usage in usage {
            let reader = usage
                .service
                .as_deref()
                .or(usage.object.as_deref())
                .unwrap_or_default();
            let mut text = format!("{reader} {}", usage.how);
            for more in [&usage.key, &usage.mount_path].into_iter().flatten() {
                text.push(' ');
                text.push_str(more);
            }
            self.add("usage", &text);
        }
    }

    fn applied(&mut self, kustomization: Option<&String>, used_by: &[String]) {
        self.some("kustomization", kustomization);
        self.all("usedBy", used_by);
    }

    fn of(&mut self, subject: Subject<'_>) {
        self.add("key", subject.key());
        if subject.name() != subject.key() {
            self.add("name", subject.name());
        }
        self.add("namespace", subject.namespace());
        if let Some(place) = subject.place() {
            self.add("source", &place.to_string());
        }
        match subject {
            Subject::Service(_, service) => {
                if let Some(workload) = &service.workload {
                    self.add("workload", &format!("{}/{}", workload.kind, workload.name));
                }
                self.some("fluxPath", service.flux_path.as_ref());
                self.some("helmRelease", service.helm_release.as_ref());
                self.some("kustomization", service.kustomization.as_ref());
                self.some("description", service.description.as_ref());
                self.some("failureImpact", service.failure_impact.as_ref());
                self.all("imageGroups", &service.image_groups);
                self.all("images", &service.images);
                self.all("aliases", &service.aliases);
                self.map("selector", &service.selector);
                if service.container_ports.is_empty() {
                    let ports = service.ports.iter().map(ToString::to_string);
                    self.all("ports", &ports.collect::<Vec<_>>());
                }
                for port in &service.container_ports {
                    let name = port.name.as_deref().unwrap_or_default();
                    self.add("ports", format!("{} {name}", port.port).trim_end());
                }
                self.all("dns", &service.dns);
                self.all("hosts", &service.hosts);
                for dependency in &service.depends_on {
                    self.add(
                        "dependsOn",
                        &format!("{}: {}", dependency.target.as_str(), dependency.evidence),
                    );
                }
                self.all("configMaps", &service.config_maps);
                self.all("secrets", &service.secrets);
                self.all("secretProviderClasses", &service.secret_provider_classes);
            }
            Subject::Kustomization(_, it) => {
                self.add("path", &it.path);
                self.some("sourceRef", it.source_ref.as_ref());
                self.all("dependsOn", &it.depends_on);
                self.some("interval", it.interval.as_ref());
                self.all("manages", &it.manages);
                self.some("targetNamespace", it.target_namespace.as_ref());
                self.all("components", &it.components);
                self.all("substitute", &it.substitute);
                for from in &it.substitute_from {
                    self.add("substituteFrom", &format!("{}/{}", from.kind, from.name));
                }
                self.all("healthChecks", &it.health_checks);
                self.some("kubeConfig", it.kube_config.as_ref());
                self.some("error", it.error.as_ref());
            }
            Subject::HelmRelease(_, release) => {
                self.some("chart", release.chart.as_ref());
                self.some("chartSource", release.chart_source.as_ref());
                self.some("chartSourceUrl", release.chart_source_url.as_ref());
                self.some("version", release.version.as_ref());
                self.some("targetNamespace", release.target_namespace.as_ref());
                self.add("releaseName", &release.release_name);
                self.all("dependsOn", &release.depends_on);
                for from in &release.values_from {
                    self.add("valuesFrom", &format!("{}/{}", from.kind, from.name));
                }
                self.map("buckets", &release.buckets);
            }
            Subject::Source(_, source) => {
                self.some("url", source.url.as_ref());
                self.some("ref", source.reference.as_ref());
                self.some("secretRef", source.secret_ref.as_ref());
                self.all("usedBy", &source.used_by);
            }
            Subject::SecretProviderClass(_, class) => {
                self.applied(class.kustomization.as_ref(), &class.used_by);
                self.add("provider", &class.provider);
                self.written("vaultRole", class.vault_role.as_ref());
                self.written("vaultMountPath", class.vault_mount_path.as_ref());
                self.written("vaultAddress", class.vault_address.as_ref());
                self.written("keyvaultName", class.keyvault_name.as_ref());
                for (name, value) in &class.parameters {
                    self.written(&format!("parameters.{name}"), Some(value));
                }
                for secret in &class.secrets {
                    self.add("secrets.objectName", &secret.object_name);
                    self.written("secrets.vaultPath", secret.vault_path.as_ref());
                    self.written("secrets.vaultKey", secret.vault_key.as_ref());
                    self.written(
                        "secrets.remoteRef",
                        secret.remote_ref.as_ref().map(|remote| &remote.name),
                    );
                    self.some("secrets.k8sSecretName", secret.k8s_secret_name.as_ref());
                    for mount in &secret.mounts {
                        self.add("secrets.mounts", &format!("{} {}", mount.service, mount.path));
                    }
                }
            }
            Subject::ExternalSecret(_, secret) => {
                self.applied(secret.kustomization.as_ref(), &secret.used_by);
                self.some(
                    "store",
                    secret.store.as_ref().and_then(|store| store.name.as_ref()),
                );
                self.add("target", &secret.target);
                for data in &secret.data {
                    self.add("data.secretKey", &data.secret_key);
                    self.written("data.key", Some(&data.key));
                    self.some("data.property", data.property.as_ref());
                }
                self.all("dataFrom", &secret.data_from);
            }
            Subject::SecretStore(_, store) => {
                self.applied(store.kustomization.as_ref(), &store.used_by);
                self.some("provider", store.provider.as_ref());
                self.written("server", store.server.as_ref());
                self.written("path", store.path.as_ref());
                self.written("authMount", store.auth_mount.as_ref());
                self.written("role", store.role.as_ref());
            }
            Subject::VaultSecret(_, secret) => {
                self.applied(secret.kustomization.as_ref(), &secret.used_by);
                self.written("mount", secret.mount.as_ref());
                self.written("path", secret.path.as_ref());
                self.written("role", secret.role.as_ref());
                self.some("auth", secret.auth.as_ref());
                self.some("destination", secret.destination.as_ref());
                self.all("restarts", &secret.restarts);
            }
            Subject::SealedSecret(_, secret) => {
                self.applied(secret.kustomization.as_ref(), &secret.used_by);
                self.add("target", &secret.target);
                self.all("keys", &secret.keys);
            }
            Subject::Secret(_, secret) => {
                self.applied(secret.kustomization.as_ref(), &secret.used_by);
                self.add("type", &secret.secret_type);
                self.all("keys", &secret.keys);
                self.some("renderedName", secret.rendered_name.as_ref());
            }
            Subject::SecretReference(_, reference) => {
                self.all("usedBy", &reference.used_by);
                self.usage(&reference.usage);
            }
            Subject::ConfigMap(_, config_map) => {
                self.some("sourceFile", config_map.source_file.as_ref());
                self.some("kustomization", config_map.kustomization.as_ref());
                for (key, value) in &config_map.keys {
                    self.add("keys", key);
                    match value {
                        ConfigValue::Text(text) => self.written(&format!("keys.{key}"), Some(text)),
                        ConfigValue::File { file, .. } => self.some(&format!("keys.{key}"), file.as_ref()),
                        ConfigValue::Redacted | ConfigValue::Binary { .. } => {}
                    }
                }
                self.some("renderedName", config_map.rendered_name.as_ref());
                self.all("usedBy", &config_map.used_by);
                self.usage(&config_map.usage);
            }
            Subject::ImageGroup(_, group) => {
                self.add("file", group.file.as_str());
                self.add("yqPath", &group.yq_path);
                self.some("tag", group.tag.as_ref());
                self.some("imagePolicy", group.image_policy.as_ref());
                self.all("services", &group.services);
            }
            Subject::Variable(_, variable) => {
                self.some("value", variable.value.as_ref());
                self.all("definedIn", &variable.defined_in);
                self.all("usedBy", &variable.used_by);
            }
            Subject::External(_) => {}
        }
    }
}

impl fmt::Display for Grep<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.matches.is_empty() {
            return writeln!(f, "no match");
        }
        for GrepMatch {
            kind,
            key,
            field,
            text,
        } in &self.matches
        {
            writeln!(
                f,
                "{} {field}: {}",
                printable(&titled(kind, key)),
                printable(text)
            )?;
        }
        steps(f, &self.next)
    }
}
