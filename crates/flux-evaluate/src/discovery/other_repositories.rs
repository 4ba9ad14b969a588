//! Sources that are other repositories, such as a tenant's: the paths of their Kustomizations are not folders of this one.

use foldhash::HashSet;
use source_tree::ObjectRef;

use super::manifests::Manifests;
use super::survey::{KustomizationManifest, SourceManifest, Survey};

/// The sources in this repository whose URL is that of another one.
///
/// A fork or a mirror has another URL than its remotes. So a URL counts only if another source is known to be this
/// repository, by its URL or because something outside of it makes the source. It never counts for the source of a
/// Kustomization that points at its own folder, unless a Kustomization of this repository lies in that folder too.
pub(super) fn find(survey: &Survey, manifests: &Manifests) -> Vec<ObjectRef> {
    let own: Vec<&KustomizationManifest> = survey
        .stated
        .iter()
        .filter(|stated| is_own(survey, manifests, stated))
        .collect();
    if own.is_empty() {
        return Vec::new();
    }
    let mut proved: HashSet<&ObjectRef> = HashSet::default();
    for folder in survey.self_pointed() {
        if own.iter().any(|stated| stated.file.starts_with(folder)) {
            continue;
        }
        let pointers = survey.pointers_at(folder);
        proved.extend(pointers.filter_map(|(_, stated)| Some(&stated.view.source.as_ref()?.id)));
    }
    let is_proved = |source: &SourceManifest| {
        let mut statements = proved.iter().flat_map(|id| survey.sources_named(id));
        statements.any(|stated| stated.id == source.id)
    };
    let is_other = |url: &str| !url.contains("${") && !manifests.is_remote(url);
    let mut found: Vec<ObjectRef> = Vec::new();
    for source in &survey.sources {
        let statements = survey.sources_named(&source.id);
        let mut urls = statements
            .filter_map(|source| source.view.url.as_deref())
            .peekable();
        if urls.peek().is_some() && urls.all(is_other) && !is_proved(source) && !found.contains(&source.id) {
            found.push(source.id.clone());
        }
    }
    found
}

/// Whether the source of a Kustomization is known to be this repository: by its URL, or because no file defines it and the
/// path is a folder here.
fn is_own(survey: &Survey, manifests: &Manifests, stated: &KustomizationManifest) -> bool {
    const KINDS: [&str; 3] = ["GitRepository", "OCIRepository", "Bucket"];
    let source = stated.view.source.as_ref();
    let Some(source) = source.filter(|source| KINDS.contains(&source.id.kind.as_str())) else {
        return false;
    };
    let mut statements = survey.sources_named(&source.id).peekable();
    if statements.peek().is_none() {
        let resolved = survey.resolve(&stated.file, &stated.view.path);
        return resolved.is_some_and(|(root, folder)| root != folder);
    }
    statements.any(|source| {
        let url = source.view.url.as_deref();
        url.is_some_and(|url| manifests.is_remote(url))
    })
}
