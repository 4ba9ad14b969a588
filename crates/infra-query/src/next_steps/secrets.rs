//! Commands that show where a secret got stuck.

use super::command::Command;
use super::flux::{status_of_helm_release, status_of_kustomization};
use super::step::{Step, events, shell};
use crate::Facts;
use crate::Subject;
use crate::facts::mentioning;
use crate::graph::links::{release_named, release_of};
use infra_model::service::Service;

/// Where a secret got stuck on its way: the HelmRelease of its reader, what carries it, what fetches it, the Secret, events.
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
        let get = |resource: &str| {
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
                steps.push(if secret.namespace.is_empty() {
                    let command = Command::new("kubectl get")
                        .literal("clusterexternalsecret")
                        .name(carrier.name());
                    shell("the ClusterExternalSecret", command)
                } else {
                    shell("the ExternalSecret", get("externalsecret"))
                });
                if let (Some(kind), Some(name)) = (secret.store_kind(), secret.store_name()) {
                    let namespace = if kind.starts_with("Cluster") {
                        ""
                    } else {
                        &secret.namespace
                    };
                    let command = Command::new("kubectl get").name(&kind.to_lowercase()).name(name);
                    steps.push(shell("its store", command.namespace(namespace)));
                }
            }
            Subject::VaultSecret(_, secret) => {
                steps.push(match resource(&secret.kind) {
                    Some(resource) => shell("the Vault secret", get(resource)),
                    // No object stands for it: the pods tell whether the injector has been at work.
                    None => {
                        let pods = Command::new("kubectl get pods").namespace(carrier.namespace());
                        shell("the pods that the Vault agent is injected into", pods)
                    }
                });
                steps.push(vault(facts));
            }
            Subject::SealedSecret(..) => steps.push(shell("the SealedSecret", get("sealedsecret"))),
            Subject::Secret(_, secret) => {
                let kustomization = secret.kustomization.as_ref();
                let kustomization = kustomization.and_then(|key| facts.kustomizations().get(key));
                steps.extend(kustomization.map(status_of_kustomization));
            }
            _ => {}
        }
    }
    // The driver makes the Secret of a class while a pod mounts it: the events say more than its absence.
    let of_class = matches!(carrier, Some(Subject::SecretProviderClass(..)));
    if let Some((namespace, name)) = secret.filter(|_| !of_class) {
        // Without `-o yaml`: a Secret's values belong in no terminal.
        let command = Command::new("kubectl get secret").name(name).namespace(namespace);
        steps.push(shell("the Secret", command));
    }
    let namespace = reader
        .map(|service| service.namespace.as_str())
        .or(secret.map(|(namespace, _)| namespace));
    steps.extend(namespace.map(events));
    steps.into_iter().flatten().collect()
}

/// The resource of a Vault secret's kind, which is known not to be a name of the repository's making.
pub(super) fn resource(kind: &str) -> Option<&'static str> {
    match kind {
        "VaultStaticSecret" => Some("vaultstaticsecret"),
        "VaultDynamicSecret" => Some("vaultdynamicsecret"),
        "VaultPKISecret" => Some("vaultpkisecret"),
        _ => None,
    }
}

/// Pods of Vault, where the repository runs it.
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
    facts
        .helm_releases()
        .mentioning(charts)
        .map(|(_, release)| release)
        .find(|release| {
            release
                .chart
                .as_deref()
                .is_some_and(|chart| charts.contains(&chart))
        })
        .map(|release| release.release_namespace.as_str())
}
