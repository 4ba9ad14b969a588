//! Templates of manifests, which another program renders: a reason why a repository may have no cluster entry.

use std::collections::BTreeMap;

use memchr::memmem;
use source_tree::{EntryKind, RepoPath};

use super::left_over::has_template_marks;
use super::manifests::Manifests;
use crate::error::TemplatedManifests;

/// Languages by file extension.
const LANGUAGES: [(&str, &str); 18] = [
    (".cue", "CUE files"),
    (".dhall", "Dhall files"),
    (".ejs", "EJS templates"),
    (".ejs.t", "EJS templates"),
    (".erb", "ERB templates"),
    (".gotmpl", "Go templates"),
    (".hbs", "Handlebars templates"),
    (".j2", "Jinja templates"),
    (".jinja", "Jinja templates"),
    (".jinja2", "Jinja templates"),
    (".jsonnet", "Jsonnet files"),
    (".k", "KCL files"),
    (".libsonnet", "Jsonnet files"),
    (".nix", "Nix expressions"),
    (".pkl", "Pkl files"),
    (".tftpl", "Terraform templates"),
    (".tmpl", "Go templates"),
    (".tpl", "Go templates"),
];

/// Texts in a manifest of Flux, or in its kustomization file, in any language.
const MENTIONS: [&str; 4] = [
    "toolkit.fluxcd.io",
    "fluxcd.controlplane.io",
    "github.com/fluxcd/",
    "kustomize.config.k8s.io",
];

/// Size of the largest file that is searched, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Folders with files of other projects.
const VENDORED: [&str; 4] = ["cue.mod", "gen", "node_modules", "vendor"];

/// The templates of a repository without entry, of the language with most files.
pub(super) fn find(manifests: &Manifests) -> Option<TemplatedManifests> {
    let mut found: BTreeMap<&str, Vec<RepoPath>> = BTreeMap::new();
    let tree = manifests.sources.tree();
    for folder in &manifests.folders {
        for (name, kind) in tree.list_without_links(folder).unwrap_or_default() {
            let language = LANGUAGES.iter().find(|(end, _)| name.ends_with(end));
            let Some((_, language)) = language.filter(|_| kind == EntryKind::File) else {
                continue;
            };
            let path = folder.join(&name);
            let bytes = tree.read(&path).ok().filter(|bytes| bytes.len() <= MAX_BYTES);
            let bytes = bytes.unwrap_or_default();
            let has = |text: &str| memmem::find(&bytes, text.as_bytes()).is_some();
            let is_manifest = (name.contains(".yaml.") || name.contains(".yml.")) && has("kind:");
            if is_manifest || MENTIONS.iter().any(|text| has(text)) {
                found.entry(language).or_default().push(path);
            }
        }
    }
    for file in manifests.files.iter().filter(|file| file.mentions_flux()) {
        let folder = file.path.parent().unwrap_or_default();
        let text = || manifests.sources.text(&file.path);
        // Tasks of Ansible name types, too, and have variables in braces.
        let states_object = |text: &str| text.lines().any(|line| line.starts_with("kind:"));
        let has_marks = || text().is_ok_and(|text| has_template_marks(&text) && states_object(&text));
        let what = match manifests.is_in_chart(&folder) {
            true => "templates of a Helm chart",
            false if has_template_marks(file.path.as_str()) || has_marks() => "templates",
            false => continue,
        };
        found.entry(what).or_default().push(file.path.clone());
    }
    let (what, files) = found.into_iter().max_by_key(|(_, files)| files.len())?;
    // The best example belongs to the repository itself, and contains a Kustomization or a FluxInstance.
    let rank = |path: &RepoPath| {
        let is_vendored = path.parts().any(|part| VENDORED.contains(&part));
        let text = manifests.sources.text(path).unwrap_or_default();
        let mut groups = ["kustomize.toolkit.fluxcd.io", "fluxcd.controlplane.io"].iter();
        let is_kustomization = groups.any(|group| text.contains(group));
        (is_vendored, !is_kustomization, path.parts().count(), path.clone())
    };
    Some(TemplatedManifests {
        what,
        more: files.len().saturating_sub(1),
        file: files.into_iter().min_by_key(rank)?,
    })
}
