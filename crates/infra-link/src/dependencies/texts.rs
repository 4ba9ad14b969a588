//! The texts in which services name hosts: environments, volumes, values, ConfigMaps and Secrets.

use infra_model::ObjectRef;
use infra_model::dependency::Via;

use super::ends::{Text, cluster_name, ends_or_external, has_possible_host, lower_case};
use super::{ConfigCache, Edge, ServiceDependencies};
use crate::any_case;
use crate::config_maps::ConfigMapData;
use crate::helm_values::walk_scalars;
use crate::pod_spec::PodTemplate;
use crate::published_hosts::is_route_path;
use crate::secret_templates::SecretText;
use crate::text_place::{self, TextPlace};
use crate::view::View;

impl<'a> ServiceDependencies<'_, 'a> {
    /// `env`, `command` and `args` of every container.
    pub(super) fn add_pods(&mut self) {
        let Some(pods) = self.candidate.pods else {
            return;
        };
        for container in pods.containers() {
            for entry in container.view.items_of("env") {
                let (Some(name), Some(value)) = (entry.text_of("name"), entry.get("value")) else {
                    continue;
                };
                let text = Text::new(value, Some(name));
                for edge in self.edges_of(&text, &|shown| format!("env {name}={shown}")) {
                    self.add(Via::Env, edge);
                }
            }
            for field in ["command", "args"] {
                for item in container.view.items_of(field) {
                    let text = Text::new(item, None);
                    for edge in self.edges_of(&text, &|shown| format!("{field} {shown}")) {
                        self.add(Via::Args, edge);
                    }
                }
            }
        }
    }

    /// NFS volumes: <https://kubernetes.io/docs/concepts/storage/volumes/#nfs>.
    pub(super) fn add_volumes(&mut self) {
        let volumes = self.candidate.pods.into_iter().flat_map(PodTemplate::volumes);
        for volume in volumes {
            let name = volume.text_of("name").unwrap_or_default();
            let Some(server) = volume.at(&["nfs", "server"]) else {
                continue;
            };
            // A host, whatever its form.
            let Some(host) = server.text().map(lower_case) else {
                continue;
            };
            let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
            let backend = cluster_name(&labels)
                .and_then(|(service, namespace)| self.linker.kube_services.backend(namespace, service));
            let evidence = format!("volume {name} nfs {host}");
            for end in ends_or_external(backend, || labels.join(".")) {
                let (evidence, mark) = (evidence.clone(), server.mark());
                self.add(Via::Volume, Edge { end, evidence, mark });
            }
        }
    }

    /// The effective values of a release.
    pub(super) fn add_values(&mut self) {
        let Some(release) = self.candidate.unrendered_release(self.linker.releases) else {
            return;
        };
        let mut edges = Vec::new();
        walk_scalars(&release.values.node, &mut |path, scalar| {
            let Some(value) = scalar.as_str().filter(|text| text.len() <= MAX_TEXT) else {
                return;
            };
            let key = path.last().copied();
            if !has_possible_host(value, key) || path.iter().any(|key| is_metadata(key)) {
                return;
            }
            let text = Text {
                text: value,
                key,
                mark: text_place::first_line(View::plain(scalar)),
                escaped: release.view.is_known(value),
                routed: is_route_path(path),
            };
            edges.extend(self.edges_of(&text, &|shown| format!("values {}={shown}", path.join("."))));
        });
        for edge in edges {
            self.add(Via::Values, edge);
        }
    }

    pub(super) fn add_config_map(
        &mut self,
        data: &ConfigMapData<'_>,
        name: &ObjectRef,
        key: Option<&str>,
        cache: &mut ConfigCache,
    ) {
        let Some(view) = data.view(name) else {
            return;
        };
        for (entry, value) in view.entries_of("data") {
            if key.is_some_and(|key| key != entry) || value.text().is_some_and(|text| text.len() > MAX_TEXT) {
                continue;
            }
            let cached = cache.entry((name.clone(), entry.to_owned()));
            let edges = cached.or_insert_with(|| {
                let text = Text {
                    mark: TextPlace::new(&self.linker.inventory.evaluation.sources, value).first(),
                    ..Text::new(value, Some(entry))
                };
                let config_map = &name.name;
                self.edges_of(&text, &|shown| format!("ConfigMap {config_map} {entry}={shown}"))
            });
            for edge in edges.clone() {
                self.add(Via::Config, edge);
            }
        }
    }

    /// What the template of an ExternalSecret adds to the fetched values.
    pub(super) fn add_secret<'t>(&mut self, name: &str, texts: impl Iterator<Item = &'t SecretText>) {
        for secret in texts.filter(|secret| secret.text.len() <= MAX_TEXT) {
            let key = secret.key.as_str();
            let text = Text {
                text: &secret.text,
                key: Some(key),
                mark: secret.mark,
                escaped: false,
                routed: false,
            };
            for edge in self.edges_of(&text, &|shown| format!("Secret {name} {key}={shown}")) {
                self.add(Via::Secret, edge);
            }
        }
    }
}

/// Texts longer than this are data, not configuration.
const MAX_TEXT: usize = 1 << 20;

/// Whether the values under a key are metadata of objects, or aliases of hosts.
fn is_metadata(key: &str) -> bool {
    any_case::ends_with(key, "annotations")
        || any_case::ends_with(key, "labels")
        || key.eq_ignore_ascii_case("hostaliases")
}
