//! A data folder and a kind turn into what a list of that kind says of its items.

use std::collections::HashSet;

use camino::Utf8Path;
use infra_model::Infrastructure;
use infra_query::list::ListKind;

use super::follow::Follow;
use super::json::{items, member, text, texts};
use super::load;
use super::pages::Search;
use super::part::{Part, Shape};
use super::section::Section::{
    self, ConfigMaps, ExternalSecrets, HelmReleases, ImageGroups, Kustomizations, SealedSecrets,
    SecretProviderClasses, Secrets, Services, Sources, Variables, VaultSecrets,
};
use crate::read::ReadError;

const NAMESPACE: Shape = Shape::Only(&["namespace"]);

/// Loads as much of a cluster as [`query::list`](infra_query::list()) looks at for a kind; see
/// [`load_part`](super::load_part).
///
/// # Errors
/// [`ReadError`]
pub fn load_list(
    data_dir: &Utf8Path,
    cluster: Option<&str>,
    kind: ListKind,
) -> Result<Option<Infrastructure>, ReadError> {
    let kept = members(kind);
    let search = Search {
        kept,
        ..Search::default()
    };
    let first = |part: &mut Part<'_>| {
        for (section, shape) in kept {
            part.take_all(*section, *shape);
        }
        match kind {
            ListKind::Variables => sources_of_variables(part),
            ListKind::Externals => externals(part),
            _ => {}
        }
        Some(())
    };
    load(data_dir, cluster, search, first, |_, _| Some(()))
}

/// What is wanted of every entry.
fn members(kind: ListKind) -> &'static [(Section, Shape)] {
    match kind {
        ListKind::Services => &[(Services, Shape::Only(&["namespace", "description", "workload"]))],
        ListKind::Namespaces => &[(Services, NAMESPACE)],
        ListKind::Kustomizations => &[(Kustomizations, Shape::Only(&["namespace", "path"]))],
        ListKind::HelmReleases => &[(HelmReleases, Shape::Only(&["namespace", "chart", "version"]))],
        ListKind::Sources => &[(Sources, Shape::Only(&["namespace", "url"]))],
        ListKind::Secrets => &[
            (SecretProviderClasses, NAMESPACE),
            (ExternalSecrets, NAMESPACE),
            (VaultSecrets, Shape::Only(&["namespace", "kind"])),
            (SealedSecrets, NAMESPACE),
            (Secrets, NAMESPACE),
        ],
        ListKind::ConfigMaps => &[(ConfigMaps, Shape::Only(&["namespace", "generatedBy"]))],
        ListKind::Images => &[(Services, Shape::Only(&["namespace", "images"]))],
        ListKind::ImageGroups => &[
            (ImageGroups, Shape::Only(&["file", "services", "tag"])),
            (Services, NAMESPACE),
        ],
        ListKind::Hosts => &[(Services, Shape::Only(&["namespace", "hosts"]))],
        ListKind::Variables => &[(Variables, Shape::Only(&["value", "definedIn"]))],
        // Few services name all there is.
        ListKind::Externals => &[],
    }
}

/// Takes the ConfigMaps that variables come from.
fn sources_of_variables(part: &mut Part<'_>) {
    let pages = part.pages;
    let entries = pages.entries(Variables);
    let sources: HashSet<&[u8]> = entries
        .flat_map(|entry| texts(member(entry.value, "definedIn").unwrap_or_default()))
        .collect();
    Follow::new(part).sources_of_variables(sources);
}

/// Takes services that name everything outside, one for each, and the other services that these talk to, which would
/// count as outside where they were missing.
fn externals(part: &mut Part<'_>) {
    let pages = part.pages;
    let mut known: HashSet<&[u8]> = HashSet::new();
    for (target, index) in pages.piece(Services).texts_after(b"\"target\":\"") {
        if !known.insert(target) || part.by_key(Services, target).is_some() {
            continue;
        }
        part.take(Services, index, Shape::Only(&["dependsOn"]));
        let edges = member(pages.entry(Services, index).value, "dependsOn").unwrap_or_default();
        for target in items(edges).filter_map(|(_, edge)| text(member(edge, "target")?)) {
            if let Some(service) = part.by_key(Services, target) {
                part.take(Services, service, NAMESPACE);
            }
        }
    }
}
