//! The report that `regen` prints.

use std::fmt::Write;

use infra_model::Severity;
use infra_model::service::ImageGroupKind;
use plain_text::printable_name;

use crate::catalogs::Catalogs;

/// The numbers of what was written: file by file for one cluster, a line each for several.
pub fn summary(clusters: &[Catalogs<'_>]) -> String {
    let mut text = String::from("Regenerated flux-infra-guide data files:\n\n");
    // Writing to a String cannot fail.
    let _ = match clusters {
        [only] => files(&mut text, only),
        several => several.iter().try_for_each(|cluster| line(&mut text, cluster)),
    };
    if let Some(first) = clusters.first() {
        let metadata = &first.services.metadata;
        let _ = writeln!(text, "\nSource: {}", printable_name(&metadata.generated_from));
        let _ = writeln!(text, "Generated at: {}", printable_name(&metadata.generated_at));
    }
    let findings: Vec<(&str, usize)> = clusters.iter().flat_map(findings).collect();
    if clusters.len() == 1 && !findings.is_empty() {
        let _ = writeln!(text, "Diagnostics: {}", counts(&findings));
    }
    if findings.iter().any(|(name, _)| *name == "note") {
        text.push_str("`flux-infra-guide lint` lists the notes, too\n");
    }
    text
}

/// The numbers of one cluster, by file.
fn files(text: &mut String, catalogs: &Catalogs<'_>) -> std::fmt::Result {
    let numbers = Numbers::new(catalogs);
    let image_groups = counts(&numbers.image_groups);
    writeln!(
        text,
        "  services.json:       {} mapped",
        counts(&numbers.services)
    )?;
    writeln!(text, "                       {image_groups} configured")?;
    writeln!(text, "  flux-resources.json: {}", counts(&numbers.flux))?;
    writeln!(text, "  secrets-map.json:    {}", counts(&numbers.classes))?;
    if !numbers.secrets.is_empty() {
        writeln!(text, "                       {}", counts(&numbers.secrets))?;
    }
    writeln!(text, "  configmaps.json:     {}", counts(&numbers.config))
}

/// The numbers of one of several clusters.
fn line(text: &mut String, catalogs: &Catalogs<'_>) -> std::fmt::Result {
    let metadata = &catalogs.services.metadata;
    let name = metadata.cluster_name.as_ref().or(metadata.cluster.as_ref());
    let name = printable_name(name.map_or("", String::as_str));
    let numbers = Numbers::new(catalogs);
    let mut all = [
        numbers.services,
        numbers.image_groups,
        numbers.flux,
        numbers.classes,
        numbers.secrets,
        numbers.config,
    ]
    .concat();
    all.retain(|(_, count)| *count > 0);
    write!(text, "  {name}: {}", counts(&all))?;
    match findings(catalogs).as_slice() {
        [] => writeln!(text),
        findings => writeln!(text, "; {}", counts(findings)),
    }
}

/// Numbers of entries by their names.
type Counts = Vec<(&'static str, usize)>;

/// Numbers of entries by catalog.
struct Numbers {
    services: Counts,
    image_groups: Counts,
    flux: Counts,
    classes: Counts,
    secrets: Counts,
    config: Counts,
}

impl Numbers {
    fn new(catalogs: &Catalogs<'_>) -> Self {
        let Catalogs {
            services,
            flux_resources,
            secrets_map,
            config_maps,
        } = catalogs;
        let groups = services.image_groups.values();
        let defaults = groups.filter(|group| group.kind == ImageGroupKind::HelmDefault);
        let defaults = defaults.count();
        let mut image_groups = vec![("imageGroup", services.image_groups.len().saturating_sub(defaults))];
        if defaults > 0 {
            image_groups.push(("default of a chart", defaults));
        }
        let secrets = [
            ("ExternalSecret", secrets_map.external_secrets.len()),
            ("Vault secret", secrets_map.vault_secrets.len()),
            ("SealedSecret", secrets_map.sealed_secrets.len()),
            ("Secret", secrets_map.secrets.len()),
        ];
        Numbers {
            services: vec![("service", services.services.len())],
            image_groups,
            flux: vec![
                ("Kustomization", flux_resources.kustomizations.len()),
                ("HelmRelease", flux_resources.helm_releases.len()),
            ],
            classes: vec![("SecretProviderClass", secrets_map.secret_provider_classes.len())],
            secrets: secrets.into_iter().filter(|(_, count)| *count > 0).collect(),
            config: vec![
                ("ConfigMap", config_maps.config_maps.len()),
                ("variable", config_maps.variable_substitution.variables.len()),
            ],
        }
    }
}

/// The findings of a cluster by severity, without zeros.
fn findings(catalogs: &Catalogs<'_>) -> Vec<(&'static str, usize)> {
    let severities = [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Info, "note"),
    ];
    severities
        .into_iter()
        .map(|(severity, name)| {
            let all = catalogs.flux_resources.diagnostics.iter();
            (name, all.filter(|finding| finding.severity == severity).count())
        })
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// `3 services, 1 variable`
fn counts(numbers: &[(&str, usize)]) -> String {
    let texts = numbers
        .iter()
        .map(|(name, count)| match (*count, name.strip_suffix(" of a chart")) {
            (1, _) => format!("1 {name}"),
            (count, Some(name)) => format!("{count} {name}s of charts"),
            (count, None) if name.ends_with('s') => format!("{count} {name}es"),
            (count, None) => format!("{count} {name}s"),
        });
    texts.collect::<Vec<String>>().join(", ")
}
