//! Facts of the four catalogs.

use serde_json::Value;

use super::fact::{Facts, add, unhashed};
use super::{config, network, secrets};
use crate::json::{entries, list, text};
use crate::regen::Catalogs;

/// `Kind namespace/name` of a service that is a workload.
pub(super) fn workload_of(service: &Value) -> Option<String> {
    let kind = service["workload"]["kind"].as_str()?;
    let name = text(&service["workload"]["name"]);
    Some(format!("{kind} {}/{name}", text(&service["namespace"])))
}

/// An entry's plain name: its key, unless the entry says otherwise.
pub(super) fn name<'a>(key: &'a str, entry: &'a Value) -> &'a str {
    entry["name"].as_str().unwrap_or(key)
}

/// `namespace/name` of an entry.
pub(super) fn full_name(key: &str, entry: &Value) -> String {
    format!("{}/{}", text(&entry["namespace"]), name(key, entry))
}

/// Facts of the catalogs of one entry.
pub(super) fn facts(catalogs: &Catalogs) -> Facts {
    let mut facts = Facts::new();
    let (services, flux) = (&catalogs.services, &catalogs.flux_resources);
    let kustomizations = &flux["kustomizations"];
    let owner = |entry: &Value| match entry["kustomization"].as_str() {
        Some(key) => full_name(key, &kustomizations[key]),
        None => "-".to_owned(),
    };
    for (_, service) in entries(&services["services"]) {
        let Some(workload) = workload_of(service) else {
            continue;
        };
        let fact = format!("{workload} by {}", owner(service));
        add(&mut facts, "workload", fact);
        for image in list(&service["images"]) {
            add(&mut facts, "image", format!("{workload} {}", text(image)));
        }
        for key in list(&service["configMaps"]).map(text) {
            let used = unhashed(name(key, &catalogs.configmaps["configMaps"][key]));
            add(&mut facts, "usesConfigMap", format!("{workload} {used}"));
        }
        for key in list(&service["secrets"]).map(text) {
            let used = unhashed(name(key, &catalogs.secrets_map["references"][key]));
            add(&mut facts, "usesSecret", format!("{workload} {used}"));
        }
        for key in list(&service["secretProviderClasses"]).map(text) {
            let used = name(key, &catalogs.secrets_map["secretProviderClasses"][key]);
            let fact = format!("{workload} {used}");
            add(&mut facts, "usesSecretProviderClass", fact);
        }
    }
    for (key, release) in entries(&flux["helmReleases"]) {
        let (chart, source) = match release["chartRef"]["name"].as_str() {
            Some(reference) => ("by reference", reference),
            None => (text(&release["chart"]), text(&release["chartSource"])),
        };
        let id = full_name(key, release);
        let (interval, owner) = (text(&release["interval"]), owner(release));
        let fact = format!("{id} {chart} from {source} every {interval} by {owner}");
        add(&mut facts, "helmRelease", fact);
    }
    // The rendering has no Kustomizations that a FluxInstance makes.
    for (key, entry) in entries(kustomizations).filter(|(_, entry)| entry["generatedBy"].is_null()) {
        let depends_on: Vec<String> = list(&entry["dependsOn"])
            .map(|key| match &kustomizations[text(key)] {
                Value::Null => text(key).to_owned(),
                other => full_name(text(key), other),
            })
            .collect();
        let fact = format!(
            "{} {} from {} every {} prune {} after {}",
            full_name(key, entry),
            text(&entry["path"]),
            text(&entry["sourceRef"]),
            text(&entry["interval"]),
            entry["prune"].as_bool().unwrap_or(false),
            depends_on.join(" "),
        );
        add(&mut facts, "kustomization", fact);
    }
    for (key, class) in entries(&catalogs.secrets_map["secretProviderClasses"]) {
        let id = full_name(key, class);
        for object in list(&class["secrets"]) {
            let fact = format!("{id} {}", text(&object["objectName"]));
            add(&mut facts, "secretProviderClass", fact);
        }
    }
    network::catalog(catalogs, &mut facts);
    secrets::catalog(catalogs, &mut facts);
    config::catalog(catalogs, &mut facts);
    facts
}
