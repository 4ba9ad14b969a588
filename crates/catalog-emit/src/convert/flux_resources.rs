//! Kustomizations, HelmReleases, sources and diagnostics.

use std::borrow::Cow;

use infra_model::flux::{ChartRef, HelmRelease, Kustomization, Source, SubstituteFrom, ValuesFrom};
use infra_model::{Diagnostic, Infrastructure, Severity as ModelSeverity, codes};

use super::common::{ambiguous, file_and_line, name_unless_key, place, source, source_place, stated};
use crate::layout::{
    ChartRefEntry, DiagnosticEntry, FluxResourcesFile, HelmReleaseEntry, KustomizationEntry, Metadata,
    Severity, SourceEntry, SubstituteFromEntry, ValuesFromEntry,
};

/// The maps of this file, as `ambiguous` names them.
const MAPS: &[&str] = &["kustomizations", "helmReleases", "sources"];

/// `flux-resources.json`
pub(crate) fn file(infrastructure: &Infrastructure, metadata: &Metadata) -> FluxResourcesFile {
    FluxResourcesFile {
        schema: Some(crate::schema::url("flux-resources")),
        kustomizations: infrastructure
            .kustomizations
            .iter()
            .map(|(key, kustomization)| (key.clone(), kustomization_entry(key, kustomization)))
            .collect(),
        helm_releases: infrastructure
            .helm_releases
            .iter()
            .map(|(key, release)| (key.clone(), helm_release_entry(key, release)))
            .collect(),
        sources: infrastructure
            .sources
            .iter()
            .map(|(key, source)| (key.clone(), source_entry(key, source)))
            .collect(),
        diagnostics: infrastructure.diagnostics.iter().map(diagnostic_entry).collect(),
        ambiguous: ambiguous(infrastructure, MAPS),
        metadata: metadata.clone(),
    }
}

/// Adds what `flux-resources.json` states to a model.
pub(crate) fn read(file: FluxResourcesFile, infrastructure: &mut Infrastructure) {
    infrastructure.kustomizations = file
        .kustomizations
        .into_iter()
        .map(|(key, entry)| {
            let kustomization = kustomization(&key, entry);
            (key, kustomization)
        })
        .collect();
    infrastructure.helm_releases = file
        .helm_releases
        .into_iter()
        .map(|(key, entry)| {
            let release = helm_release(&key, entry);
            (key, release)
        })
        .collect();
    infrastructure.sources = file
        .sources
        .into_iter()
        .map(|(key, entry)| {
            let source = source_model(&key, entry);
            (key, source)
        })
        .collect();
    infrastructure.diagnostics = file.diagnostics.into_iter().map(diagnostic).collect();
    infrastructure.ambiguous.extend(file.ambiguous);
}

pub(crate) fn kustomization_entry(key: &str, kustomization: &Kustomization) -> KustomizationEntry {
    let Kustomization {
        name,
        namespace,
        path,
        source_ref,
        source_kind,
        source_namespace,
        depends_on,
        interval,
        prune,
        manages,
        suspend,
        target_namespace,
        name_prefix,
        name_suffix,
        wait,
        timeout,
        retry_interval,
        components,
        substitute,
        substitute_from,
        decryption,
        health_checks,
        kube_config,
        parent,
        children,
        dependents,
        also_applied_by,
        objects,
        error,
        generated_by,
        source: source_of,
    } = kustomization.clone();
    KustomizationEntry {
        name: name_unless_key(&name, key),
        namespace: stated(&namespace),
        path,
        source_ref,
        depends_on,
        interval,
        prune,
        manages,
        source_kind,
        source_namespace,
        suspend,
        target_namespace,
        name_prefix,
        name_suffix,
        wait,
        timeout,
        retry_interval,
        components,
        substitute,
        substitute_from: substitute_from
            .into_iter()
            .map(
                |SubstituteFrom {
                     kind,
                     name,
                     optional,
                     known,
                 }| SubstituteFromEntry {
                    kind,
                    name,
                    optional,
                    known,
                },
            )
            .collect(),
        decryption,
        health_checks,
        kube_config,
        parent,
        children,
        dependents,
        also_applied_by,
        objects,
        error,
        generated_by,
        source: source_of.as_ref().map(source),
    }
}

pub(crate) fn kustomization(key: &str, entry: KustomizationEntry) -> Kustomization {
    let KustomizationEntry {
        name,
        namespace,
        path,
        source_ref,
        depends_on,
        interval,
        prune,
        manages,
        source_kind,
        source_namespace,
        suspend,
        target_namespace,
        name_prefix,
        name_suffix,
        wait,
        timeout,
        retry_interval,
        components,
        substitute,
        substitute_from,
        decryption,
        health_checks,
        kube_config,
        parent,
        children,
        dependents,
        also_applied_by,
        objects,
        error,
        generated_by,
        source,
    } = entry;
    Kustomization {
        name: name.unwrap_or_else(|| key.to_owned()),
        namespace: namespace.unwrap_or_default(),
        path,
        source_ref,
        source_kind,
        source_namespace,
        depends_on,
        interval,
        prune,
        manages,
        suspend,
        target_namespace,
        name_prefix,
        name_suffix,
        wait,
        timeout,
        retry_interval,
        components,
        substitute,
        substitute_from: substitute_from
            .into_iter()
            .map(
                |SubstituteFromEntry {
                     kind,
                     name,
                     optional,
                     known,
                 }| SubstituteFrom {
                    kind,
                    name,
                    optional,
                    known,
                },
            )
            .collect(),
        decryption,
        health_checks,
        kube_config,
        parent,
        children,
        dependents,
        also_applied_by,
        objects,
        error,
        generated_by,
        source: source.map(source_place),
    }
}

pub(crate) fn helm_release_entry(key: &str, release: &HelmRelease) -> HelmReleaseEntry {
    let HelmRelease {
        name,
        namespace,
        chart,
        chart_source,
        chart_source_kind,
        chart_source_url,
        chart_ref,
        version,
        kustomization,
        also_applied_by,
        interval,
        target_namespace,
        release_name,
        release_namespace,
        storage_namespace,
        depends_on,
        values_from,
        suspend,
        remediation,
        buckets,
        source: source_of,
    } = release.clone();
    HelmReleaseEntry {
        name: name_unless_key(&name, key),
        release_namespace: (release_namespace
            != usual_release_namespace(target_namespace.as_deref(), &namespace))
        .then_some(release_namespace),
        namespace: stated(&namespace),
        chart,
        chart_source,
        kustomization,
        interval,
        version,
        chart_source_kind,
        chart_source_url,
        chart_ref: chart_ref.map(
            |ChartRef {
                 kind,
                 name,
                 namespace,
             }| ChartRefEntry {
                kind,
                name,
                namespace,
            },
        ),
        target_namespace,
        release_name,
        storage_namespace,
        depends_on,
        values_from: values_from.into_iter().map(values_from_entry).collect(),
        suspend,
        remediation,
        buckets,
        also_applied_by,
        source: source_of.as_ref().map(source),
    }
}

pub(crate) fn helm_release(key: &str, entry: HelmReleaseEntry) -> HelmRelease {
    let HelmReleaseEntry {
        name,
        namespace,
        chart,
        chart_source,
        kustomization,
        interval,
        version,
        chart_source_kind,
        chart_source_url,
        chart_ref,
        target_namespace,
        release_name,
        release_namespace,
        storage_namespace,
        depends_on,
        values_from,
        suspend,
        remediation,
        buckets,
        also_applied_by,
        source,
    } = entry;
    let namespace = namespace.unwrap_or_default();
    HelmRelease {
        name: name.unwrap_or_else(|| key.to_owned()),
        chart,
        chart_source,
        chart_source_kind,
        chart_source_url,
        chart_ref: chart_ref.map(
            |ChartRefEntry {
                 kind,
                 name,
                 namespace,
             }| ChartRef {
                kind,
                name,
                namespace,
            },
        ),
        version,
        kustomization,
        also_applied_by,
        interval,
        release_name,
        release_namespace: release_namespace
            .unwrap_or_else(|| usual_release_namespace(target_namespace.as_deref(), &namespace).to_owned()),
        target_namespace,
        storage_namespace,
        depends_on,
        values_from: values_from.into_iter().map(values_from_model).collect(),
        suspend,
        remediation,
        buckets,
        source: source.map(source_place),
        namespace,
    }
}

fn usual_release_namespace<'a>(target: Option<&'a str>, own: &'a str) -> &'a str {
    target.unwrap_or(own)
}

fn values_from_entry(values: ValuesFrom) -> ValuesFromEntry {
    let ValuesFrom {
        kind,
        name,
        values_key,
        target_path,
        optional,
        known,
    } = values;
    ValuesFromEntry {
        kind,
        name,
        values_key,
        target_path,
        optional,
        known,
    }
}

fn values_from_model(entry: ValuesFromEntry) -> ValuesFrom {
    let ValuesFromEntry {
        kind,
        name,
        values_key,
        target_path,
        optional,
        known,
    } = entry;
    ValuesFrom {
        kind,
        name,
        values_key,
        target_path,
        optional,
        known,
    }
}

/// The parts of `<Kind>/<key>`.
fn source_key(key: &str) -> (&str, &str) {
    key.split_once('/').unwrap_or(("", key))
}

pub(crate) fn source_entry(key: &str, item: &Source) -> SourceEntry {
    let Source {
        kind: _, // The key states it.
        name,
        namespace,
        url,
        reference,
        interval,
        secret_ref,
        is_self,
        kustomization,
        used_by,
        stated: is_stated,
        generated_by,
        source: source_of,
    } = item.clone();
    SourceEntry {
        name: name_unless_key(&name, source_key(key).1),
        namespace: stated(&namespace),
        url,
        reference,
        interval,
        secret_ref,
        is_self,
        used_by,
        kustomization,
        missing: !is_stated,
        generated_by,
        source: source_of.as_ref().map(source),
    }
}

pub(crate) fn source_model(key: &str, entry: SourceEntry) -> Source {
    let SourceEntry {
        name,
        namespace,
        url,
        reference,
        interval,
        secret_ref,
        is_self,
        used_by,
        kustomization,
        missing,
        generated_by,
        source,
    } = entry;
    let (kind, plain) = source_key(key);
    Source {
        kind: kind.to_owned(),
        name: name.unwrap_or_else(|| plain.to_owned()),
        namespace: namespace.unwrap_or_default(),
        url,
        reference,
        interval,
        secret_ref,
        is_self,
        kustomization,
        used_by,
        stated: !missing,
        generated_by,
        source: source.map(source_place),
    }
}

pub(crate) fn diagnostic_entry(diagnostic: &Diagnostic) -> DiagnosticEntry {
    let Diagnostic {
        code,
        severity,
        message,
        place,
        object,
        hint,
    } = diagnostic;
    let (file, line) = file_and_line(place.as_ref());
    DiagnosticEntry {
        code: code.to_string(),
        severity: match severity {
            ModelSeverity::Info => Severity::Info,
            ModelSeverity::Warning => Severity::Warning,
            ModelSeverity::Error => Severity::Error,
        },
        message: message.clone(),
        file,
        line,
        object: object.clone(),
        hint: hint.clone(),
    }
}

pub(crate) fn diagnostic(entry: DiagnosticEntry) -> Diagnostic {
    let DiagnosticEntry {
        code,
        severity,
        message,
        file,
        line,
        object,
        hint,
    } = entry;
    Diagnostic {
        code: codes::ALL
            .iter()
            .find(|known| **known == code)
            .map_or(Cow::Owned(code), |known| Cow::Borrowed(*known)),
        severity: match severity {
            Severity::Info => ModelSeverity::Info,
            Severity::Warning => ModelSeverity::Warning,
            Severity::Error => ModelSeverity::Error,
        },
        message,
        place: place(file, line),
        object,
        hint,
    }
}
