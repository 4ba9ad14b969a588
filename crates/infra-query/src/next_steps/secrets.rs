//! Commands that show where a secret got stuck.

use super::flux::{status_of_helm_release, status_of_owner};
use super::step::{Step, events, shell};
use crate::facts::mentioning;
use crate::graph::links::{release_named, release_of};
use crate::{Facts, Subject};
use infra_model::service::Service;
use plain_text::Command;

/// Commands that show where a secret got stuck: the HelmRelease of its reader, the object that fetches it, its store,
/// the Secret, events.
pub fn for_secret(
    facts: &dyn Facts,
    carrier: Option<Subject<'_>>,
    secret: Option<(&str, &str)>,
    reader: Option<&Service>,
) -> Vec<Step> {
    let mut steps: Vec<Option<Step>> = Vec::new();
    let reads_values = || {
        let (namespace, name) = secret?;
        let mut references = mentioning(facts.secret_references(), name);
        let (_, reference) =
            references.find(|(_, known)| known.namespace == namespace && known.name == name)?;
        let mut objects = reference.usage.iter().filter_map(|usage| usage.object.as_deref());
        objects.find_map(|object| release_named(facts, object))
    };
    let release = match reader {
        Some(service) => release_of(facts, service),
        None => reads_values(),
    };
    steps.extend(release.map(|(_, release)| status_of_helm_release(release)));
    if let Some(carrier) = carrier {
        let get = |resource: &'static str| {
            Command::new("kubectl get")
                .literal(resource)
                .name(carrier.name())
                .namespace(carrier.namespace())
        };
        match carrier {
            Subject::SecretProviderClass(_, class) => {
                steps.push(shell("the SecretProviderClass", get("secretproviderclass")));
                if class.provider == "vault" {
                    steps.push(vault(facts));
                }
                steps.push(csi_driver(facts));
            }
            Subject::ExternalSecret(_, secret) => {
                steps.push(match secret.namespace.as_str() {
                    "" => shell("the ClusterExternalSecret", get("clusterexternalsecret")),
                    _ => shell("the ExternalSecret", get("externalsecret")),
                });
                if let (Some(kind), Some(name)) = (secret.store_kind(), secret.store_name()) {
                    let command = Command::new("kubectl get").name(&kind.to_lowercase()).name(name);
                    let command = match kind.starts_with("Cluster") {
                        true => command,
                        false => command.namespace(&secret.namespace),
                    };
                    steps.push(shell("its store", command));
                }
            }
            Subject::VaultSecret(_, secret) => {
                steps.push(match resource(&secret.kind) {
                    Some(resource) => shell("the Vault secret", get(resource)),
                    // The injector has no object: its work shows in the pods.
                    None => {
                        let pods = Command::new("kubectl get pods").namespace(carrier.namespace());
                        shell("the pods that the Vault agent is injected into", pods)
                    }
                });
                steps.push(vault(facts));
            }
            Subject::SealedSecret(..) => steps.push(shell("the SealedSecret", get("sealedsecret"))),
            Subject::Secret(_, secret) => {
                steps.push(status_of_owner(facts, secret.kustomization.as_deref()));
            }
            _ => {}
        }
    }
    // The driver makes the Secret of a SecretProviderClass while a pod mounts it: events say more than its absence.
    let of_class = matches!(carrier, Some(Subject::SecretProviderClass(..)));
    if let Some((namespace, name)) = secret.filter(|_| !of_class) {
        // Without `-o yaml`, since values of a Secret must not be printed.
        let command = Command::new("kubectl get secret").name(name).namespace(namespace);
        steps.push(shell("the Secret", command));
    }
    let namespace = reader
        .map(|service| service.namespace.as_str())
        .or(secret.map(|(namespace, _)| namespace));
    steps.extend(namespace.map(events));
    steps.into_iter().flatten().collect()
}

/// The resource of a kind of the Vault operator, as a literal and not a text of the repository.
pub(super) fn resource(kind: &str) -> Option<&'static str> {
    match kind {
        "VaultStaticSecret" => Some("vaultstaticsecret"),
        "VaultDynamicSecret" => Some("vaultdynamicsecret"),
        "VaultPKISecret" => Some("vaultpkisecret"),
        _ => None,
    }
}

/// The pods of Vault, if the repository runs it.
fn vault(facts: &dyn Facts) -> Option<Step> {
    let namespace = namespace_of_chart(facts, &["vault", "openbao"])?;
    shell("Vault", Command::new("kubectl get pods").namespace(namespace))
}

fn csi_driver(facts: &dyn Facts) -> Option<Step> {
    let namespace = namespace_of_chart(facts, &["secrets-store-csi-driver"]).unwrap_or("kube-system");
    let command = Command::new("kubectl get pods")
        .namespace(namespace)
        .literal("-l app=secrets-store-csi-driver");
    shell("the CSI driver", command)
}

fn namespace_of_chart<'a>(facts: &'a dyn Facts, charts: &[&str]) -> Option<&'a str> {
    let mut releases = facts.helm_releases().mentioning(charts);
    let (_, release) = releases.find(|(_, release)| {
        let chart = release.chart.as_deref();
        chart.is_some_and(|chart| charts.contains(&chart))
    })?;
    Some(&release.release_namespace)
}
