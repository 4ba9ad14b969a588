//! Cluster entries of `gotk-sync.yaml` files, as `flux bootstrap` writes them.

use std::collections::BTreeMap;

use source_tree::{FileTable, RepoPath};
use yaml_node::Node;

use super::entry::{Entry, SyncSource};
use super::manifests::Manifests;
use crate::flux::{self, Fields, Kind, Kustomization, Source};
use crate::object_metadata::put_namespace;

const FILE_NAME: &str = "gotk-sync.yaml";

/// The files with the entry of each, also for one that is empty: it stands in the entry, or in its `flux-system` folder.
pub(super) fn find(manifests: &Manifests) -> Vec<(RepoPath, Entry)> {
    let is_folder = |path: &RepoPath| manifests.is_folder(path);
    let mut by_path: BTreeMap<RepoPath, Vec<(RepoPath, Entry)>> = BTreeMap::new();
    for file in &manifests.files {
        if file.path.file_name() != Some(FILE_NAME) {
            continue;
        }
        let Some(folder) = file.path.parent() else {
            continue;
        };
        let mut objects = manifests.objects(&file.path);
        if let Some(namespace) = namespace(manifests, &file.path) {
            objects
                .iter_mut()
                .for_each(|object| put_namespace(object, &namespace));
        }
        let entry = entry(
            &file.path,
            &folder,
            &objects,
            manifests.sources.files(),
            &is_folder,
        );
        if is_folder(&entry.path) {
            let of_path = by_path.entry(entry.path.clone()).or_default();
            of_path.push((file.path.clone(), entry));
        }
    }
    by_path.into_values().flat_map(clusters).collect()
}

/// The namespace that kustomization files put the objects of a file into: that of the folder which lists the file, or of one around
/// it which lists the folder.
fn namespace(manifests: &Manifests, file: &RepoPath) -> Option<String> {
    let mut namespace = None;
    let mut listed = file.clone();
    while let Some(folder) = listed.parent() {
        let Some(kustomization) = manifests.kustomization_file(&folder) else {
            break;
        };
        let mut resources = kustomization
            .at(&["resources"])
            .map_or(&[][..], Node::items)
            .iter();
        if !resources.any(|path| path.text().is_some_and(|path| folder.join(path) == listed)) {
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

/// The clusters that files with one path are for: where none of them lies in the folder that it points at, each of them is of a
/// cluster of its own, which the folder of the file names.
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
    files: &FileTable,
    is_folder: &dyn Fn(&RepoPath) -> bool,
) -> Entry {
    let mut ignored = Vec::new();
    let mut sources = Vec::new();
    let mut kustomizations = Vec::new();
    for object in objects {
        let mut fields = Fields::new(object, files, &mut ignored);
        match flux::kind(object) {
            Some(Kind::Source) => sources.push(SyncSource {
                id: fields.object(),
                source: Source::read(object, &mut fields),
            }),
            Some(Kind::Kustomization) => {
                kustomizations.push(Kustomization::read(object, "flux-system", &mut fields))
            }
            _ => {}
        }
    }
    // The Kustomization that the file is for: it reconciles the folder that holds the file, from a source beside it.
    let is_beside = |kustomization: &&Kustomization| {
        let source = kustomization.source.as_ref();
        source.is_some_and(|source| sources.iter().any(|sync| sync.id == source.id))
    };
    let mut beside = kustomizations.iter().filter(is_beside);
    // Several that all build other folders are applied with the file, and none of them builds the folder around it.
    let lead_elsewhere = beside.clone().count() > 1;
    let around = beside
        .clone()
        .find_map(|kustomization| Some((kustomization, root_around(folder, &kustomization.path)?)));
    // A file may also lie apart from the one folder that it has Flux reconcile.
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

/// The folder from which `path` leads to `folder` or a folder around it: the top where it can be, else the outermost.
fn root_around(folder: &RepoPath, path: &str) -> Option<RepoPath> {
    let mut roots: Vec<RepoPath> = folder.ancestors().collect();
    roots.reverse();
    roots.into_iter().find(|root| {
        let target = root.join(path);
        target.starts_with(root) && folder.starts_with(&target)
    })
}
