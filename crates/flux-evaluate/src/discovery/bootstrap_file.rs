//! Cluster entries of `gotk-sync.yaml` files, as `flux bootstrap` writes them.

use std::collections::BTreeMap;

use source_tree::RepoPath;
use yaml_node::Node;

use super::entry::{Entry, SyncSource};
use super::left_over::has_template_marks;
use super::manifests::Manifests;
use crate::flux::{self, DEFAULT_NAMESPACE, Fields, Kind, Kustomization, Source, object_ref};
use crate::object_metadata::put_namespace;

const FILE_NAME: &str = "gotk-sync.yaml";

/// Entries with their file. An empty file is one too: it lies in the entry, or in its `flux-system` folder.
pub(super) fn find(manifests: &Manifests) -> Vec<(RepoPath, Entry)> {
    let is_folder = |path: &RepoPath| manifests.is_folder(path);
    let mut by_path: BTreeMap<RepoPath, Vec<(RepoPath, Entry)>> = BTreeMap::new();
    let paths = manifests.files.iter().map(|file| &file.path);
    for path in paths.filter(|path| path.file_name() == Some(FILE_NAME)) {
        let Some(folder) = path.parent() else { continue };
        let mut objects = manifests.objects(path);
        if objects.is_empty() && is_template_text(manifests, path) {
            continue;
        }
        if let Some(namespace) = namespace(manifests, path) {
            objects
                .iter_mut()
                .for_each(|object| put_namespace(object, &namespace));
        }
        let entry = entry(path, &folder, &objects, &is_folder);
        if is_folder(&entry.path) {
            let files = by_path.entry(entry.path.clone()).or_default();
            files.push((path.clone(), entry));
        }
    }
    by_path.into_values().flat_map(clusters).collect()
}

/// Whether a file is a template that something else fills in.
fn is_template_text(manifests: &Manifests, file: &RepoPath) -> bool {
    let text = manifests.sources.text(file);
    text.is_ok_and(|text| has_template_marks(&text))
}

/// The namespace that kustomization files set for the objects of a file: that of the outermost folder, as far as each folder
/// lists the one in it.
fn namespace(manifests: &Manifests, file: &RepoPath) -> Option<String> {
    let mut namespace = None;
    let mut listed = file.clone();
    while let Some(folder) = listed.parent() {
        let Some(kustomization) = manifests.kustomization_file(&folder) else {
            break;
        };
        let resources = kustomization.get("resources").map_or(&[][..], Node::items);
        let mut paths = resources.iter().filter_map(Node::text);
        if !paths.any(|path| folder.join(path) == listed) {
            break;
        }
        let stated = kustomization
            .text_at(&["namespace"])
            .filter(|text| !text.is_empty());
        namespace = stated.map(str::to_owned).or(namespace);
        listed = folder;
    }
    namespace
}

/// The clusters of files that point at the same folder: the one whose file lies in it. If there is none, each file is for
/// its own cluster, named after the folder of the file.
fn clusters(mut files: Vec<(RepoPath, Entry)>) -> Vec<(RepoPath, Entry)> {
    let inside = files
        .iter()
        .position(|(file, entry)| file.starts_with(&entry.path));
    if let Some(inside) = inside {
        return vec![files.swap_remove(inside)];
    }
    if files.len() > 1 {
        for (file, entry) in &mut files {
            let mut around = file.parts().rev().skip(1).filter(|name| *name != "flux-system");
            entry.called = around.next().map(str::to_owned);
        }
    }
    files
}

fn entry(
    file: &RepoPath,
    folder: &RepoPath,
    objects: &[Node],
    is_folder: &dyn Fn(&RepoPath) -> bool,
) -> Entry {
    let mut sources = Vec::new();
    let mut kustomizations = Vec::new();
    for object in objects {
        match flux::kind(object) {
            Some(Kind::Source) => sources.push(SyncSource {
                id: object_ref(object),
                source: Source::read(object, &mut Fields::unreported(object)),
            }),
            Some(Kind::Kustomization) => {
                kustomizations.push(Kustomization::unreported(object, DEFAULT_NAMESPACE))
            }
            _ => {}
        }
    }
    // The Kustomization of the cluster reconciles the folder of this file, from a source that the file defines too.
    let is_beside = |kustomization: &&Kustomization| {
        let source = kustomization.source.as_ref();
        source.is_some_and(|source| sources.iter().any(|sync| sync.id == source.id))
    };
    let mut beside = kustomizations.iter().filter(is_beside);
    // Several Kustomizations that build other folders are applied with the file, and none of them builds its folder.
    let lead_elsewhere = beside.clone().count() > 1;
    let around = beside
        .clone()
        .find_map(|kustomization| Some((kustomization, root_of(kustomization, folder)?)));
    // A file may also lie outside of the only folder that its Kustomization reconciles.
    let elsewhere = || match (beside.next(), beside.next()) {
        (Some(only), None) if is_folder(&RepoPath::new(&only.path)) => Some((only, RepoPath::root())),
        _ => None,
    };
    let found = around.or_else(elsewhere);
    let own = found.as_ref().map(|(own, _)| *own);
    let (root, path) = match &found {
        Some((kustomization, root)) => (root.clone(), root.join(&kustomization.path)),
        None if folder.file_name() == Some("flux-system") && !lead_elsewhere => {
            (RepoPath::root(), folder.parent().unwrap_or_default())
        }
        None => (RepoPath::root(), folder.clone()),
    };
    let own_source = own.and_then(|kustomization| kustomization.source.as_ref());
    let several = sources.len() > 1;
    sources.retain(|sync| match own_source {
        Some(source) => sync.id == source.id,
        None => !several,
    });
    Entry {
        sync: sources,
        bootstrap_files: own.iter().map(|_| file.clone()).collect(),
        root,
        ..Entry::bare(path)
    }
}

/// The root of the source of a Kustomization in `folder` that reconciles that folder.
fn root_of(kustomization: &Kustomization, folder: &RepoPath) -> Option<RepoPath> {
    let source = kustomization.source.as_ref();
    let is_pushed = source.is_some_and(|source| source.id.kind != "GitRepository");
    // An artifact that is applied as a whole is most likely made of the cluster's folder.
    match is_pushed && RepoPath::new(&kustomization.path).is_root() {
        true if folder.file_name() == Some("flux-system") => folder.parent(),
        true => Some(folder.clone()),
        false => root_around(folder, &kustomization.path),
    }
}

/// The outermost folder from which `path` leads to `folder` or a folder around it.
fn root_around(folder: &RepoPath, path: &str) -> Option<RepoPath> {
    let roots = folder.ancestors().filter(|root| {
        let target = root.join(path);
        target.starts_with(root) && folder.starts_with(&target)
    });
    roots.last()
}
