//! Markers of image automation that nothing updates, and automations whose path is not in the repository: `reference-missing` and
//! `path-missing` (<https://fluxcd.io/flux/components/image/imageupdateautomations/#update-strategy>).
//!
//! An automation of one cluster updates files that other clusters apply, so all clusters of a repository are checked together.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{Applied, Evaluation, flux, is_left_over};
use foldhash::HashSet;
use infra_model::{ObjectRef, codes};
use kustomize_build::Sources;
use smol_str::SmolStr;
use source_tree::{Diagnostic, Place, RepoPath, Severity, SourceTree};

use super::image_automation::IMAGE;
use super::{first_and_more, if_sure, is_known, is_true};
use crate::inventory::SOURCE;
use crate::repository_files::RepositoryFiles;

/// The fields in which a marker may end (<https://github.com/fluxcd/image-automation-controller/blob/main/internal/update/setters.go>).
const FIELDS: &[&str] = &["tag", "name", "digest"];

/// An ImageUpdateAutomation that the repository states.
struct Automation {
    object: ObjectRef,
    place: Option<Place>,
    path: RepoPath,
    /// Whether it commits to this branch of this repository.
    is_of_this: bool,
}

/// The findings about a repository. `applied` are the files from which a cluster applies something, `root` is the folder of `tree` that
/// Flux sees.
pub(crate) fn image_markers(
    evaluations: &[&Evaluation],
    files: &RepositoryFiles,
    sources: &Sources,
    applied: &HashSet<RepoPath>,
    (tree, root): (&dyn SourceTree, &RepoPath),
) -> Vec<Diagnostic> {
    let automations = automations(evaluations);
    let policies = policies(evaluations);
    if automations.is_empty() && policies.is_empty() {
        return Vec::new();
    }
    let mut findings: Vec<Diagnostic> = automations
        .iter()
        .filter(|automation| {
            automation.is_of_this && tree.kind(&root.join(automation.path.as_str())).is_none()
        })
        .map(|automation| {
            let id = &automation.object;
            let message = format!(
                "{id} updates {}, which is not in the repository: it fails",
                automation.path
            );
            Diagnostic::error(codes::PATH_MISSING, message)
                .at(automation.place.clone())
                .on(id.to_string())
                .hint("correct `spec.update.path`, which starts at the top of the repository")
        })
        .collect();
    let marked = markers(files, sources, applied);
    let is_known = evaluations.iter().all(|evaluation| is_known(evaluation));
    let mut uncovered: Vec<(&str, &Place)> = Vec::new();
    for (marker, places) in &marked {
        let mut parts = marker.split(':');
        let (first, name, field) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let wrong = match (name, field) {
            (None, _) => Some((
                "has no namespace, so that it is of no ImagePolicy".to_owned(),
                match policies.iter().find(|(_, known)| known == first) {
                    Some((namespace, name)) => format!("write `{namespace}:{name}`"),
                    None => "write `NAMESPACE:POLICY`".to_owned(),
                },
            )),
            (Some(_), Some(field)) if !FIELDS.contains(&field) || parts.next().is_some() => Some((
                format!("ends in `{field}`, which no ImagePolicy has"),
                "the endings are `:tag`, `:name` and `:digest`, and none for a whole image".to_owned(),
            )),
            (Some(name), _) if !policies.is_empty() && !policies.contains(&(first.into(), name.into())) => {
                Some((
                    format!("names ImagePolicy/{first}/{name}, which nothing makes"),
                    match policies.iter().find(|(_, known)| known == name) {
                        Some((namespace, _)) => {
                            format!("there is one in the namespace {namespace}: write `{namespace}:{name}`")
                        }
                        None => "add the ImagePolicy, or correct the marker".to_owned(),
                    },
                ))
            }
            _ => None,
        };
        let Some((why, hint)) = wrong else {
            let of_namespace = || automations.iter().filter(|known| known.object.namespace == first);
            let is_covered = |place: &&Place| {
                of_namespace().any(|known| !known.is_of_this || place.file.starts_with(&known.path))
            };
            if of_namespace().next().is_some() {
                let places = places.iter().filter(|place| !is_covered(place));
                uncovered.extend(places.map(|place| (marker.as_str(), place)));
            }
            continue;
        };
        let Some((place, more)) = first_and_more(places) else {
            continue;
        };
        // A policy that nothing here makes may come from a part that is not known.
        let severity = if_sure(is_known || !why.starts_with("names"), Severity::Warning);
        findings.push(
            Diagnostic::new(
                severity,
                codes::REFERENCE_MISSING,
                format!("the marker `{marker}`{more} {why}: nothing updates the line"),
            )
            .at(Some(place.clone()))
            .hint(hint),
        );
    }
    if let Some(((marker, place), more)) = first_and_more(uncovered).filter(|_| is_known) {
        let paths = automations.iter().map(|automation| automation.path.to_string());
        let paths: BTreeSet<String> = paths.collect();
        let paths: Vec<String> = paths.into_iter().collect();
        findings.push(
            Diagnostic::warning(
                codes::REFERENCE_MISSING,
                format!(
                    "the marker `{marker}`{more} is in no folder that an ImageUpdateAutomation of its namespace updates: nothing updates the line"
                ),
            )
            .at(Some(place.clone()))
            .hint(format!("they update {}: widen `spec.update.path`", paths.join(", "))),
        );
    }
    findings
}

/// The objects of a kind of image automation, each with its cluster.
fn objects<'e>(
    evaluations: &'e [&'e Evaluation],
    kind: &'static str,
) -> impl Iterator<Item = (&'e Evaluation, &'e Applied)> {
    let all = evaluations.iter().copied().flat_map(|evaluation| {
        let objects = evaluation.evaluated().flat_map(|evaluated| &evaluated.objects);
        objects.map(move |applied| (evaluation, applied))
    });
    all.filter(move |(_, applied)| {
        applied.node.text_at(&["kind"]) == Some(kind) && flux::api_group(&applied.node) == IMAGE
    })
}

/// Namespaces and names of ImagePolicies.
fn policies(evaluations: &[&Evaluation]) -> BTreeSet<(SmolStr, SmolStr)> {
    let all = objects(evaluations, "ImagePolicy").map(|(_, applied)| flux::object_ref(&applied.node));
    all.map(|id| (id.namespace, id.name)).collect()
}

fn automations(evaluations: &[&Evaluation]) -> Vec<Automation> {
    let mut found: Vec<Automation> = Vec::new();
    for (evaluation, applied) in objects(evaluations, "ImageUpdateAutomation") {
        let node = &applied.node;
        let text = |path: &[&str]| node.text_at(path).filter(|text| !text.is_empty());
        if is_true(node, &["spec", "suspend"]) {
            continue;
        }
        let object = flux::object_ref(node);
        let source = ObjectRef::new(
            text(&["spec", "sourceRef", "kind"]).unwrap_or("GitRepository"),
            text(&["spec", "sourceRef", "namespace"]).unwrap_or(&object.namespace),
            text(&["spec", "sourceRef", "name"]).unwrap_or_default(),
        );
        let path = text(&["spec", "update", "path"]).unwrap_or_default();
        let of_branch = text(&["spec", "git", "checkout", "ref", "branch"]);
        let is_of_this = evaluation.self_sources.contains(&source)
            && !path.contains("${")
            && of_branch.is_none_or(|branch| branch_of(evaluation, &source) == Some(branch));
        let mark = node.at(&["spec", "update", "path"]).map(|path| path.mark);
        let place = mark.and_then(|mark| evaluation.files.place(mark));
        found.push(Automation {
            place: place.or_else(|| evaluation.files.place(applied.mark)),
            path: RepoPath::new(path.trim_start_matches("./")),
            object,
            is_of_this,
        });
    }
    found
}

/// The branch that a source states.
fn branch_of<'e>(evaluation: &'e Evaluation, source: &ObjectRef) -> Option<&'e str> {
    let objects = evaluation.evaluated().flat_map(|evaluated| &evaluated.objects);
    let mut of_kind = objects.filter(|applied| {
        flux::api_group(&applied.node) == SOURCE && applied.node.text_at(&["kind"]) == Some(&source.kind)
    });
    let found = of_kind.find(|applied| flux::object_ref(&applied.node) == *source)?;
    found.node.text_at(&["spec", "ref", "branch"])
}

/// The lines of each marker behind a value, in files that clusters apply and in kustomization files.
fn markers(
    files: &RepositoryFiles,
    sources: &Sources,
    applied: &HashSet<RepoPath>,
) -> BTreeMap<String, Vec<Place>> {
    let manifests = files.manifests.iter().map(|file| &file.path);
    let kustomizations = files.kustomizations.values().map(|file| &file.path);
    let paths = manifests
        .filter(|path| applied.contains(*path))
        .chain(kustomizations);
    let mut found: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for path in paths.filter(|path| !is_left_over(path)) {
        let Ok(text) = sources.text_once(path) else {
            continue;
        };
        if !text.contains(MARKER) {
            continue;
        }
        for (line, text) in (1_u32..).zip(text.lines()) {
            if let Some(marker) = marker(text) {
                found.entry(marker.to_owned()).or_default().push(Place {
                    file: path.clone(),
                    line,
                });
            }
        }
    }
    found
}

const MARKER: &str = "\"$imagepolicy\"";

/// The marker of a line with a value. A line that is only a comment has none, and a marker with a variable, or in capitals only, is a
/// placeholder.
fn marker(line: &str) -> Option<&str> {
    let (before, after) = line.split_once(MARKER)?;
    let (value, _) = before.rsplit_once('#')?;
    let value = value.trim();
    let marker = after
        .trim_start()
        .strip_prefix(':')?
        .trim_start()
        .strip_prefix('"')?;
    let (marker, _) = marker.split_once('"')?;
    let is_filled_in = marker.contains("${") || !marker.contains(|c: char| c.is_lowercase());
    (!value.is_empty() && !value.starts_with('#') && !is_filled_in).then_some(marker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_of_values() {
        for (line, expected) in [
            (
                r#"image: x:1 # {"$imagepolicy": "flux-system:x"}"#,
                Some("flux-system:x"),
            ),
            (r#"newTag: 1 #{"$imagepolicy":"a:b:tag"}"#, Some("a:b:tag")),
            (r#"# image: x:1 # {"$imagepolicy": "flux-system:x"}"#, None),
            (r#"  # {"$imagepolicy": "flux-system:x"}"#, None),
            (r#"image: x:1 # {"$imagepolicy": "${ns}:x"}"#, None),
            (r#"image: x:1 # {"$imagepolicy": "POLICY_OF_OVERLAY"}"#, None),
        ] {
            assert_eq!(marker(line), expected, "{line}");
        }
    }
}
