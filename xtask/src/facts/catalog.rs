//! Facts of the four catalogs.

use serde_json::Value;

use super::entry::{entries, list, name, text};
use super::fact::{Facts, add, unhashed};
use super::{config, network, secrets};
use crate::regen::Catalogs;

/// Facts of the catalogs of one entry.
pub(super) fn facts(catalogs: &Catalogs) -> Facts {
    let mut facts = Facts::new();
    let (services, flux) = (&catalogs.services, &catalogs.flux_resources);
    let kustomizations = &flux["kustomizations"];
    let owner = |entry: &Value| match entry["kustomization"].as_str() {
        Some(key) => format!(
            "{}/{}",
            text(&kustomizations[key]["namespace"]),
            name(key, &kustomizations[key])
        ),
        None => "-".to_owned(),
    };
    for (_, service) in entries(&services["services"]) {
        let Some(kind) = service["workload"]["kind"].as_str() else {
            continue;
        };
        let workload = format!(
            "{kind} {}/{}",
            text(&service["namespace"]),
            text(&service["workload"]["name"])
        );
        add(
            &mut facts,
            "workload",
            format!("{workload} by {}", owner(service)),
        );
        for image in list(&service["images"]) {
            add(&mut facts, "image", format!("{workload} {}", text(image)));
        }
        for key in list(&service["configMaps"]).map(text) {
            let used = name(key, &catalogs.configmaps["configMaps"][key]);
            add(
                &mut facts,
                "usesConfigMap",
                format!("{workload} {}", unhashed(used)),
            );
        }
        for key in list(&service["secrets"]).map(text) {
            let used = name(key, &catalogs.secrets_map["references"][key]);
            add(&mut facts, "usesSecret", format!("{workload} {}", unhashed(used)));
        }
        for key in list(&service["secretProviderClasses"]).map(text) {
            let used = name(key, &catalogs.secrets_map["secretProviderClasses"][key]);
            add(
                &mut facts,
                "usesSecretProviderClass",
                format!("{workload} {used}"),
            );
        }
    }
    for (key, release) in entries(&flux["helmReleases"]) {
        let (chart, source) = match release["chartRef"]["name"].as_str() {
            Some(reference) => ("by reference", reference),
            None => (text(&release["chart"]), text(&release["chartSource"])),
        };
        let id = format!("{}/{}", text(&release["namespace"]), name(key, release));
        let interval = text(&release["interval"]);
        add(
            &mut facts,
            "helmRelease",
            format!(
                "{id} {chart} from {source} every {interval} by {}",
                owner(release)
            ),
        );
    }
    // One that a FluxInstance makes stands in no rendering.
    for (key, entry) in entries(kustomizations).filter(|(_, entry)| entry["generatedBy"].is_null()) {
        let depends_on: Vec<String> = list(&entry["dependsOn"])
            .map(|key| match &kustomizations[text(key)] {
                Value::Null => text(key).to_owned(),
                other => format!("{}/{}", text(&other["namespace"]), name(text(key), other)),
            })
            .collect();
        add(
            &mut facts,
            "kustomization",
            format!(
                "{}/{} {} from {} every {} prune {} after {}",
                text(&entry["namespace"]),
                name(key, entry),
                text(&entry["path"]),
                text(&entry["sourceRef"]),
                text(&entry["interval"]),
                entry["prune"].as_bool().unwrap_or(false),
                depends_on.join(" "),
            ),
        );
    }
    let applied = |entry: &&Value| matches!(text(&entry["generatedBy"]), "kustomization" | "manifest");
    for (key, config) in entries(&catalogs.configmaps["configMaps"]).filter(|(_, entry)| applied(entry)) {
        let id = format!("{}/{}", text(&config["namespace"]), unhashed(name(key, config)));
        for (field, _) in entries(&config["keys"]) {
            add(&mut facts, "configMapKey", format!("{id} {field}"));
        }
    }
    for (key, class) in entries(&catalogs.secrets_map["secretProviderClasses"]) {
        let id = format!("{}/{}", text(&class["namespace"]), name(key, class));
        for object in list(&class["secrets"]) {
            add(
                &mut facts,
                "secretProviderClass",
                format!("{id} {}", text(&object["objectName"])),
            );
        }
    }
    network::catalog(catalogs, &mut facts);
    secrets::catalog(catalogs, &mut facts);
    config::catalog(catalogs, &mut facts);
    facts
}
