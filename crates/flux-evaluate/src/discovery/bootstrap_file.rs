//! `gotk-sync.yaml` files, as `flux bootstrap` writes them, turn into cluster entries.

use source_tree::{FileTable, RepoPath};
use yaml_node::Node;

use super::entry::{Entry, SyncSource};
use super::manifests::Manifests;
use crate::flux::{self, Fields, Kind, Kustomization, Source};

const FILE_NAME: &str = "gotk-sync.yaml";

/// The files with the entry of each, also for one that is empty: it stands in the entry, or in its `flux-system` folder.
pub(super) fn find(manifests: &Manifests) -> Vec<(RepoPath, Entry)> {
    let mut entries: Vec<(RepoPath, Entry)> = Vec::new();
    for file in &manifests.files {
        if file.path.file_name() != Some(FILE_NAME) {
            continue;
        }
        let Some(folder) = file.path.parent() else {
            continue;
        };
        let objects = manifests.objects(&file.path);
        let entry = entry(&folder, &objects, manifests.sources.files());
        if manifests.is_folder(&entry.path) && entries.iter().all(|(_, known)| known.path != entry.path) {
            entries.push((file.path.clone(), entry));
        }
    }
    entries
}

fn entry(folder: &RepoPath, objects: &[Node], files: &FileTable) -> Entry {
    let mut ignored = Vec::new();
    let mut sources = Vec::new();
    let mut kustomizations = Vec::new();
    for object in objects {
        let mut fields = Fields::new(object, files, &mut ignored);
        match flux::kind(object) {
            Some(Kind::Source) => sources.push(SyncSource {
                id: fields.object().clone(),
                source: Source::read(object, &mut fields),
            }),
            Some(Kind::Kustomization) => {
                kustomizations.push(Kustomization::read(object, "flux-system", &mut fields))
            }
            _ => {}
        }
    }
    // The Kustomization that the file is for: it reconciles the folder that holds the file, from a source beside it.
    let own = kustomizations.iter().find(|kustomization| {
        let path = RepoPath::new(&kustomization.path);
        let source = kustomization.source.as_ref();
        folder.starts_with(&path)
            && source.is_some_and(|source| sources.iter().any(|sync| sync.id == source.id))
    });
    let path = match own {
        Some(kustomization) => RepoPath::new(&kustomization.path),
        None if folder.file_name() == Some("flux-system") => folder.parent().unwrap_or_default(),
        None => folder.clone(),
    };
    let own_source = own.and_then(|kustomization| kustomization.source.as_ref());
    let several = sources.len() > 1;
    sources.retain(|sync| match own_source {
        Some(source) => sync.id == source.id,
        None => !several,
    });
    Entry {
        sync: sources,
        ..Entry::bare(path)
    }
}
