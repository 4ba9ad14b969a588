//! `orphan`: a file holds a Flux object that nothing applies, in any of the clusters.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::{ObjectName, codes};
use kustomize_build::Sources;
use source_tree::{Diagnostic, EntryKind, Place, RepoPath};
use yaml_node::Node;

use super::super::helm_values::walk_scalars;
use super::super::inventory::{HELM, KUSTOMIZE, SOURCE};
use crate::Evaluation;

/// The Flux objects of a repository that none of its clusters applies. `evaluations` are those of all its entries,
/// `sources` is the tree that Flux sees.
///
/// A file counts where no evaluation has taken an object from it and no kustomization file of what is built names it.
pub fn orphans(evaluations: &[&Evaluation], sources: &Sources) -> Vec<Diagnostic> {
    let mut files = Vec::new();
    collect(sources, &RepoPath::root(), &mut files);
    let applied = applied_files(evaluations);
    let folders = kustomization_files(sources, &files);
    let used = used_files(evaluations, sources, &folders, &applied, &files);
    let mut findings = Vec::new();
    for file in &files {
        if applied.contains(file) || used.contains(file) || is_kustomization_file(file) {
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
                let place = Place {
                    file: file.clone(),
                    line: document.mark.line,
                };
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

/// Every Kustomization of every evaluation, and the entries.
fn evaluated<'e>(evaluations: &'e [&Evaluation]) -> impl Iterator<Item = &'e crate::Evaluated> {
    evaluations
        .iter()
        .flat_map(|evaluation| std::iter::once(&evaluation.root).chain(&evaluation.kustomizations))
}

/// Files from which anything has been applied.
fn applied_files(evaluations: &[&Evaluation]) -> BTreeSet<RepoPath> {
    let mut files = BTreeSet::new();
    for evaluation in evaluations {
        for evaluated in std::iter::once(&evaluation.root).chain(&evaluation.kustomizations) {
            files.extend(
                evaluated
                    .objects
                    .iter()
                    .filter_map(|applied| evaluation.files.path(applied.mark.file)),
            );
        }
    }
    files
}

/// A Flux object that is whole: what says nothing of its own is a patch.
fn flux_object(document: &Node) -> Option<ObjectName> {
    let group = document.text_at(&["apiVersion"])?.split_once('/')?.0;
    let kind = document.text_at(&["kind"])?;
    let spec = document.get("spec")?;
    let states = |fields: &[&str]| fields.iter().any(|field| spec.get(field).is_some());
    let whole = match (group, kind) {
        (KUSTOMIZE, "Kustomization") => states(&["path", "sourceRef"]),
        (HELM, "HelmRelease") => states(&["chart", "chartRef"]),
        (SOURCE, "GitRepository" | "HelmRepository" | "OCIRepository") => states(&["url"]),
        (SOURCE, "HelmChart") => states(&["chart"]),
        (SOURCE, "Bucket") => states(&["bucketName"]),
        _ => false,
    };
    let name = document.text_at(&["metadata", "name"])?;
    let namespace = document.text_at(&["metadata", "namespace"]).unwrap_or_default();
    // Templates are no objects.
    (whole && !name.contains("{{") && !name.contains("<<")).then(|| ObjectName::new(kind, namespace, name))
}

fn is_kustomization_file(file: &RepoPath) -> bool {
    matches!(
        file.file_name(),
        Some("kustomization.yaml" | "kustomization.yml" | "Kustomization")
    )
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

/// The files and folders that the kustomization file of each folder names, by whatever field.
type Named = BTreeMap<RepoPath, BTreeSet<RepoPath>>;

fn kustomization_files(sources: &Sources, files: &[RepoPath]) -> Named {
    let mut folders = Named::new();
    for file in files.iter().filter(|file| is_kustomization_file(file)) {
        let Some(folder) = file.parent() else {
            continue;
        };
        let Ok(text) = sources.text(file) else {
            continue;
        };
        let Ok(documents) = yaml_node::read_documents(&text, sources.files().id(file), sources.limits())
        else {
            continue;
        };
        let named = folders.entry(folder.clone()).or_default();
        for document in &documents {
            walk_scalars(document, &mut |_, scalar| {
                let text = scalar.text().unwrap_or_default();
                // Generators say `key=file`.
                let path = text.rsplit_once('=').map_or(text, |(_, path)| path);
                if !path.is_empty() && !path.contains(['\n', ' ', ':']) {
                    named.insert(folder.join(path));
                }
            });
        }
    }
    folders
}

/// The files that are named by what is built.
fn used_files(
    evaluations: &[&Evaluation],
    sources: &Sources,
    folders: &Named,
    applied: &BTreeSet<RepoPath>,
    files: &[RepoPath],
) -> BTreeSet<RepoPath> {
    // Paths in artifacts are not those of the repository: any kustomization file may be part of one.
    let artifacts = evaluated(evaluations).any(|evaluated| {
        let object = evaluated.object.as_ref();
        object.and_then(|object| object.node.text_at(&["spec", "sourceRef", "kind"]))
            == Some("ExternalArtifact")
    });
    let mut queue: Vec<RepoPath> = evaluated(evaluations)
        .filter(|evaluated| !evaluated.external)
        .flat_map(|evaluated| {
            let components = evaluated
                .object
                .as_ref()
                .and_then(|object| object.node.at(&["spec", "components"]))
                .map_or(&[][..], Node::items);
            let components = components
                .iter()
                .filter_map(|path| Some(evaluated.path.join(path.text()?)));
            std::iter::once(evaluated.path.clone())
                .chain(components)
                .collect::<Vec<_>>()
        })
        .chain(evaluations.iter().map(|evaluation| evaluation.entry.clone()))
        .collect();
    for (folder, named) in folders {
        if artifacts || named.iter().any(|path| applied.contains(path)) {
            queue.push(folder.clone());
        }
    }
    let mut built = BTreeSet::new();
    let mut used = BTreeSet::new();
    while let Some(folder) = queue.pop() {
        if !built.insert(folder.clone()) {
            continue;
        }
        if let Some(named) = folders.get(&folder) {
            for path in named {
                if sources.tree().kind(path) == Some(EntryKind::Directory) {
                    queue.push(path.clone());
                } else {
                    used.insert(path.clone());
                }
            }
            continue;
        }
        // Without a kustomization file Flux takes all that lies below, and builds folders that have one.
        for file in files.iter().filter(|file| file.starts_with(&folder)) {
            let parents = std::iter::successors(file.parent(), RepoPath::parent);
            let between = parents.take_while(|parent| *parent != folder && parent.starts_with(&folder));
            match between.filter(|parent| folders.contains_key(parent)).last() {
                Some(top) => queue.push(top),
                None => {
                    used.insert(file.clone());
                }
            }
        }
    }
    used
}
