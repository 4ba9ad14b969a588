//! The report that `regen` prints.

use std::collections::BTreeSet;
use std::fmt::Write;

use infra_model::Severity;
use infra_model::service::ImageGroupKind;
use plain_text::printable_name;

use crate::catalogs::Catalogs;

/// What was written, in numbers: the report of one cluster, or of each in turn.
pub fn summary(clusters: &[Catalogs]) -> String {
    let mut text = String::from("Regenerated flux-infra-guide data files:\n");
    for catalogs in clusters {
        // Writing to a String cannot fail.
        let _ = cluster(&mut text, catalogs, clusters.len() > 1);
    }
    text
}

fn cluster(text: &mut String, catalogs: &Catalogs, named: bool) -> std::fmt::Result {
    let metadata = &catalogs.services.metadata;
    if named {
        let name = metadata.cluster_name.as_ref().or(metadata.cluster.as_ref());
        writeln!(
            text,
            "\nCluster {}:",
            printable_name(name.map_or("", String::as_str))
        )?;
    }
    let Catalogs {
        services,
        flux_resources,
        secrets_map,
        config_maps,
    } = catalogs;
    writeln!(text)?;
    writeln!(
        text,
        "  services.json:       {} services mapped",
        services.services.len()
    )?;
    writeln!(
        text,
        "                       {} imageGroups configured",
        services.image_groups.len()
    )?;
    writeln!(
        text,
        "  flux-resources.json: {} Kustomizations, {} HelmReleases",
        flux_resources.kustomizations.len(),
        flux_resources.helm_releases.len()
    )?;
    writeln!(
        text,
        "  secrets-map.json:    {} SecretProviderClasses",
        secrets_map.secret_provider_classes.len()
    )?;
    let others: Vec<String> = [
        (secrets_map.external_secrets.len(), "ExternalSecrets"),
        (secrets_map.vault_secrets.len(), "Vault secrets"),
        (secrets_map.sealed_secrets.len(), "SealedSecrets"),
        (secrets_map.secrets.len(), "Secrets"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, name)| format!("{count} {name}"))
    .collect();
    if !others.is_empty() {
        writeln!(text, "                       {}", others.join(", "))?;
    }
    writeln!(
        text,
        "  configmaps.json:     {} ConfigMaps, {} variables",
        config_maps.config_maps.len(),
        config_maps.variable_substitution.variables.len()
    )?;
    writeln!(text, "\nSource: {}", printable_name(&metadata.generated_from))?;
    writeln!(text, "Generated at: {}", printable_name(&metadata.generated_at))?;
    if !services.image_groups.is_empty() {
        writeln!(text, "\nImageGroups for rollout:")?;
        let (defaults, stated): (Vec<_>, Vec<_>) = services
            .image_groups
            .iter()
            .partition(|(_, group)| group.kind == ImageGroupKind::HelmDefault);
        for (key, group) in stated {
            writeln!(
                text,
                "  - {} ({} services)",
                printable_name(key),
                group.services.len()
            )?;
        }
        if !defaults.is_empty() {
            let files: BTreeSet<_> = defaults.iter().map(|(_, group)| &group.file).collect();
            writeln!(
                text,
                "  and {} that defaults of charts decide, of HelmReleases in {} files",
                defaults.len(),
                files.len()
            )?;
        }
    }
    let count = |severity| {
        let all = &flux_resources.diagnostics;
        all.iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    };
    let (errors, warnings, infos) = (
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Info),
    );
    if errors + warnings + infos > 0 {
        let counts: Vec<String> = [(errors, "error"), (warnings, "warning"), (infos, "note")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
            .collect();
        writeln!(text, "\nDiagnostics: {}", counts.join(", "))?;
    }
    Ok(())
}
