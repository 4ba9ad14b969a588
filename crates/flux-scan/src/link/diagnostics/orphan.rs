//! `orphan`: a file holds a Flux object that nothing applies, in any of the clusters.

use std::collections::BTreeSet;

use infra_model::{ObjectName, codes};
use kustomize_build::Sources;
use source_tree::{Diagnostic, EntryKind, Mark, Place, RepoPath};
use yaml_node::Node;

use super::super::inventory::{HELM, KUSTOMIZE, SOURCE};
use crate::Evaluation;

/// The Flux objects of a repository that none of its clusters applies. `sources` is the tree that Flux sees.
///
/// Files that a kustomization file names, as a patch for instance, are applied with it; so only files count from which
/// no evaluation has taken anything and that no kustomization file names.
pub fn orphans(evaluations: &[&Evaluation], sources: &Sources) -> Vec<Diagnostic> {
    let applied = applied_files(evaluations);
    let mut files = Vec::new();
    collect(sources, &RepoPath::root(), &mut files);
    let named = named_files(sources, &files);
    let mut findings = Vec::new();
    for file in &files {
        if applied.contains(file) || named.contains(file) || is_kustomization_file(file) {
            continue;
        }
        let Ok(text) = sources.text(file) else {
            continue;
        };
        // Most files hold none; only these are parsed.
        if ![KUSTOMIZE, HELM, SOURCE].iter().any(|group| text.contains(group)) {
            continue;
        }
        let id = sources.files().id(file);
        let Ok(documents) = yaml_node::read_documents(&text, id, sources.limits()) else {
            continue;
        };
        for document in &documents {
            if let Some(name) = flux_object(document) {
                let place = sources.files().place(first_mark(document)).unwrap_or(Place {
                    file: file.clone(),
                    line: 0,
                });
                findings.push(
                    Diagnostic::warning(codes::ORPHAN, format!("nothing applies {name}"))
                        .at(place)
                        .on(name.to_string())
                        .hint("add the file to `resources` of a kustomization file, or delete it"),
                );
            }
        }
    }
    findings
}

fn first_mark(document: &Node) -> Mark {
    document.mark
}

/// Files from which anything has been applied, in any evaluation.
fn applied_files(evaluations: &[&Evaluation]) -> BTreeSet<RepoPath> {
    let mut files = BTreeSet::new();
    for evaluation in evaluations {
        for evaluated in std::iter::once(&evaluation.root).chain(&evaluation.kustomizations) {
            for applied in &evaluated.objects {
                files.extend(evaluation.files.path(applied.mark.file));
            }
        }
    }
    files
}

/// A Flux object that is whole: what has no spec of its own is a patch.
fn flux_object(document: &Node) -> Option<ObjectName> {
    let group = document.text_at(&["apiVersion"])?.split_once('/')?.0;
    let kind = document.text_at(&["kind"])?;
    let whole = match (group, kind) {
        (KUSTOMIZE, "Kustomization") => document.at(&["spec", "path"]).is_some() || document.at(&["spec", "sourceRef"]).is_some(),
        (HELM, "HelmRelease") => {
            document.at(&["spec", "chart"]).is_some() || document.at(&["spec", "chartRef"]).is_some()
        }
        (SOURCE, "GitRepository" | "HelmRepository" | "OCIRepository" | "HelmChart") => {
            document.at(&["spec", "url"]).is_some() || document.at(&["spec", "chart"]).is_some()
        }
        (SOURCE, "Bucket") => document.at(&["spec", "bucketName"]).is_some(),
        _ => false,
    };
    let name = document.text_at(&["metadata", "name"])?;
    let namespace = document.text_at(&["metadata", "namespace"]).unwrap_or_default();
    // Templates are no objects.
    (whole && !name.contains("{{") && !name.contains("<<")).then(|| ObjectName::new(kind, namespace, name))
}

fn is_kustomization_file(file: &RepoPath) -> bool {
    matches!(file.file_name(), Some("kustomization.yaml" | "kustomization.yml" | "Kustomization"))
}

fn collect(sources: &Sources, folder: &RepoPath, files: &mut Vec<RepoPath>) {
    let Ok(entries) = sources.tree().list(folder) else {
        return;
    };
    for (name, kind) in entries {
        if name.starts_with('.') {
            continue;
        }
        let path = folder.join(&name);
        match kind {
            EntryKind::Directory => collect(sources, &path, files),
            EntryKind::File => {
                if name.ends_with(".yaml") || name.ends_with(".yml") || name == "Kustomization" {
                    files.push(path);
                }
            }
        }
    }
}

/// Files that any kustomization file names, by whatever field.
fn named_files(sources: &Sources, files: &[RepoPath]) -> BTreeSet<RepoPath> {
    let mut named = BTreeSet::new();
    for file in files.iter().filter(|file| is_kustomization_file(file)) {
        let Some(folder) = file.parent() else {
            continue;
        };
        let Ok(text) = sources.text(file) else {
            continue;
        };
        let Ok(documents) = yaml_node::read_documents(&text, sources.files().id(file), sources.limits()) else {
            continue;
        };
        for document in &documents {
            super::super::helm_values::walk_scalars(document, &mut |_, scalar| {
                let text = scalar.text().unwrap_or_default();
                // Generators say `key=file`.
                let path = text.rsplit_once('=').map_or(text, |(_, path)| path);
                if !path.contains('\n') && (path.ends_with(".yaml") || path.ends_with(".yml")) {
                    named.insert(folder.join(path));
                }
            });
        }
    }
    named
}
