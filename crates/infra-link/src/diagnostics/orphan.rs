//! `orphan`: a file holds a Flux object that no cluster applies.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashMapExt, HashSet};
use infra_model::{NotApplied, NotAppliedReason, ObjectRef, codes};
use kustomize_build::Sources;
use source_tree::{Diagnostic, Place, RepoPath, Severity};
use yaml_node::Node;

use crate::inventory::{HELM, KUSTOMIZE, SOURCE};
use crate::repository_files::{ManifestFile, RepositoryFiles, objects};
use flux_evaluate::{Evaluation, is_left_over};

/// The Flux objects that no cluster of a repository applies. `evaluations` are those of all entries, `sources` is the tree that Flux
/// sees, `unread` are the objects of its files that no build reads.
///
/// An object that a comment leaves out on purpose is a note.
pub(crate) fn orphans(
    evaluations: &[&Evaluation],
    files: &RepositoryFiles,
    sources: &Sources,
    unread: &[NotApplied],
) -> Vec<Diagnostic> {
    let unread_flux = unread.iter().filter(|entry| FLUX_KINDS.contains(&&*entry.kind));
    let files_of_flux = unread_flux.filter_map(|entry| Some(&entry.source.as_ref()?.file));
    // Archives, templates and examples are not meant to be applied.
    let meant: BTreeSet<&RepoPath> = files_of_flux
        .filter(|file| !is_left_over(file) && !is_bootstrapping(file))
        .collect();
    let mut orphans: Vec<Orphan> = meant
        .into_iter()
        .flat_map(|file| flux_objects(sources, file))
        .collect();
    // Most repositories end here.
    if orphans.is_empty() {
        return Vec::new();
    }
    let causes = unread.iter();
    let causes: HashMap<&Place, &NotApplied> = causes
        .filter_map(|entry| Some((entry.source.as_ref()?, entry)))
        .collect();
    let elsewhere = files.built(sources, folders_elsewhere(evaluations, files));
    let templates = template_paths(sources, files);
    let kustomizations = unapplied_kustomizations(files, &causes);
    orphans.retain(|orphan| {
        let file = &orphan.place.file;
        causes.contains_key(&orphan.place) && !elsewhere.files.contains(file) && !is_below(file, &templates)
    });
    if orphans.is_empty() {
        return Vec::new();
    }
    let copies = applied_objects(evaluations);
    let is_assumed = evaluations.iter().any(|evaluation| evaluation.is_assumed);
    orphans
        .into_iter()
        .map(|orphan| {
            let folder = orphan.place.file.parent().unwrap_or_default();
            let is_named = files
                .kustomizations
                .get(&folder)
                .is_some_and(|file| file.named().any(|path| *path == orphan.place.file));
            let copy = copies.get(&(orphan.name.kind.as_str(), orphan.name.name.as_str()));
            let copy = copy.and_then(|copies| {
                let is_same = |(namespace, _): &&(&str, Option<Place>)| {
                    orphan.name.namespace.is_empty() || *namespace == orphan.name.namespace
                };
                copies.iter().find(is_same)?.1.clone()
            });
            let left_out = left_out_by(&causes, &kustomizations, &orphan.place);
            orphan.finding(left_out, copy, is_named.then_some(folder), is_assumed)
        })
        .collect()
}

/// Kinds of Flux whose objects are findings.
const FLUX_KINDS: [&str; 7] = [
    "Bucket",
    "GitRepository",
    "HelmChart",
    "HelmRelease",
    "HelmRepository",
    "Kustomization",
    "OCIRepository",
];

/// The comment that leaves out an object, or leaves out the Kustomization that would build the object's folder.
fn left_out_by<'n>(
    causes: &HashMap<&Place, &'n NotApplied>,
    kustomizations: &BTreeMap<RepoPath, &'n NotApplied>,
    place: &Place,
) -> Option<&'n Place> {
    const MOST_STEPS: usize = 8;
    let mut cause = *causes.get(place)?;
    for _ in 0..MOST_STEPS {
        cause = match (cause.reason, &cause.evidence, &cause.source) {
            (NotAppliedReason::CommentedOut, evidence, _) => return evidence.as_ref(),
            (NotAppliedReason::KustomizationNotApplied, Some(evidence), _) => causes.get(evidence)?,
            (_, _, Some(source)) => {
                let mut folders = source.file.ancestors().skip(1);
                folders.find_map(|folder| kustomizations.get(&folder))?
            }
            _ => return None,
        };
    }
    None
}

/// Folders that a build may read though none is known to do so: those of Kustomizations whose source nothing states, which may be this
/// repository (another finding reports it, and once the source is corrected the folder is applied); and all folders with a
/// kustomization file if there are artifacts, since paths in these are not paths of the repository.
fn folders_elsewhere(evaluations: &[&Evaluation], files: &RepositoryFiles) -> Vec<RepoPath> {
    let all = || evaluations.iter().flat_map(|evaluation| evaluation.evaluated());
    let mut external = Vec::new();
    for evaluated in all() {
        let view = evaluated.kustomization.as_ref();
        let Some(source) = view.and_then(|view| view.source.as_ref()) else {
            continue;
        };
        if source.id.kind == "ExternalArtifact" {
            return files.kustomizations.keys().cloned().collect();
        }
        if evaluated.external && !evaluated.path.is_root() {
            external.push((&source.id, &evaluated.path));
        }
    }
    let kinds: HashSet<&str> = external.iter().map(|(source, _)| source.kind.as_str()).collect();
    let objects = all()
        .flat_map(|evaluated| &evaluated.objects)
        .map(|applied| &applied.node);
    let of_kinds = objects.filter(|node| kinds.contains(node.text_at(&["kind"]).unwrap_or_default()));
    let stated: HashSet<ObjectRef> = of_kinds.map(flux_evaluate::flux::object_ref).collect();
    external.retain(|(source, _)| !stated.contains(source));
    external.into_iter().map(|(_, folder)| folder.clone()).collect()
}

/// Namespaces and places of objects.
type Stated<'a> = Vec<(&'a str, Option<Place>)>;

/// The objects that any cluster applies, by kind and name.
fn applied_objects<'a>(evaluations: &[&'a Evaluation]) -> HashMap<(&'a str, &'a str), Stated<'a>> {
    let mut found: HashMap<(&str, &str), Stated<'_>> = HashMap::new();
    for evaluation in evaluations {
        for applied in evaluation.evaluated().flat_map(|evaluated| &evaluated.objects) {
            let text = |path: &[&str]| applied.node.text_at(path).unwrap_or_default();
            if text(&["apiVersion"]).contains("fluxcd.io/") {
                let key = (text(&["kind"]), text(&["metadata", "name"]));
                let place = evaluation.files.place(applied.mark);
                let stated = (text(&["metadata", "namespace"]), place);
                found.entry(key).or_default().push(stated);
            }
        }
    }
    found
}

/// `spec.path` of the Kustomizations in templates and examples: these folders are meant for clusters that are made from them.
fn template_paths(sources: &Sources, files: &RepositoryFiles) -> BTreeSet<RepoPath> {
    let states_path = |file: &&ManifestFile| file.objects.iter().any(|object| object.flux_path().is_some());
    let aside = files.manifests.iter().filter(states_path);
    let aside = aside.filter(|file| is_left_over(&file.path));
    let objects = aside.flat_map(|file| flux_objects(sources, &file.path));
    objects
        .filter_map(|object| object.path)
        .filter(|path| !path.is_root() && !path.as_str().contains(['$', '{']))
        .collect()
}

/// The Kustomizations that nothing applies, by the folder that each would build.
fn unapplied_kustomizations<'n>(
    files: &RepositoryFiles,
    causes: &HashMap<&Place, &'n NotApplied>,
) -> BTreeMap<RepoPath, &'n NotApplied> {
    let mut found = BTreeMap::new();
    for (file, object) in objects(files.manifests.iter()) {
        let place = Place {
            file: file.clone(),
            line: object.line,
        };
        if let (Some(folder), Some(cause)) = (object.flux_path(), causes.get(&place)) {
            found.entry(folder).or_insert(*cause);
        }
    }
    found
}

/// Whether a file lies below one of the paths, whatever folder they are relative to.
fn is_below(file: &RepoPath, paths: &BTreeSet<RepoPath>) -> bool {
    if paths.is_empty() {
        return false;
    }
    let folders = file.ancestors().skip(1);
    folders.filter(|folder| !folder.is_root()).any(|folder| {
        let parts: Vec<&str> = folder.parts().collect();
        (0..parts.len()).any(|from| {
            let end = parts.get(from..).unwrap_or_default().join("/");
            paths.contains(&RepoPath::new(&end))
        })
    })
}

/// Whether `flux bootstrap` writes a file, or somebody applies its folder by hand before Flux runs.
fn is_bootstrapping(file: &RepoPath) -> bool {
    matches!(file.file_name(), Some("gotk-sync.yaml" | "gotk-components.yaml"))
        || file.parts().any(|part| part == "bootstrap")
}

/// The Flux objects of a file.
fn flux_objects(sources: &Sources, file: &RepoPath) -> Vec<Orphan> {
    let Ok(text) = sources.text_once(file) else {
        return Vec::new();
    };
    let id = sources.files().id(file);
    let documents = yaml_node::read_documents(&text, id, sources.limits()).unwrap_or_default();
    let objects = documents.iter().filter_map(|document| {
        let path = document.text_at(&["spec", "path"]);
        Some(Orphan {
            path: path.map(|path| RepoPath::new(path.trim_start_matches("./"))),
            name: flux_object(document)?,
            place: Place {
                file: file.clone(),
                line: document.mark.line,
            },
        })
    });
    objects.collect()
}

/// A Flux object that nothing applies.
struct Orphan {
    name: ObjectRef,
    place: Place,
    /// The folder that a Kustomization would build.
    path: Option<RepoPath>,
}

impl Orphan {
    /// `left_out` is the comment that leaves it out, `copy` the place of another statement of the object, which is applied, `folder` a
    /// folder whose kustomization file names the file. `is_assumed` says that something outside of the repository applies a cluster's
    /// folders, and perhaps others.
    fn finding(
        self,
        left_out: Option<&Place>,
        copy: Option<Place>,
        folder: Option<RepoPath>,
        is_assumed: bool,
    ) -> Diagnostic {
        let Orphan { name, place, .. } = self;
        let note = |message: String| Diagnostic::new(Severity::Info, codes::ORPHAN, message);
        let finding = match left_out {
            _ if let Some(copy) = &copy => note(format!(
                "nothing uses this statement of {name}; another is applied, {copy}"
            )),
            Some(by) => note(format!("nothing applies {name}: a comment at {by} leaves it out")),
            None if is_in_library(&place.file) => note(format!(
                "nothing applies {name}, which lies among bases that overlays may use"
            )),
            None if is_assumed => note(format!(
                "nothing in the repository applies {name}; what applies the folders of the cluster may apply it, too"
            )),
            None => Diagnostic::warning(codes::ORPHAN, format!("nothing applies {name}")).hint(match folder {
                Some(folder) => format!("no Kustomization reaches the folder {folder}, whose kustomization file lists it: let one build the folder, or delete the file if no script or workflow reads it"),
                None => "list the file in `resources` of a kustomization file that is built, or delete it if no script or workflow reads it".to_owned(),
            }),
        };
        finding.at(place).on(name.to_string())
    }
}

/// Whether the name of a folder says that others may use some of its files.
fn is_in_library(file: &RepoPath) -> bool {
    const NAMES: [&str; 7] = ["_base", "base", "bases", "catalog", "common", "library", "shared"];
    file.parent()
        .is_some_and(|folder| folder.parts().any(|part| NAMES.contains(&part)))
}

/// A complete Flux object; without its required fields it is a patch.
fn flux_object(document: &Node) -> Option<ObjectRef> {
    let group = document.text_at(&["apiVersion"])?.split_once('/')?.0;
    let kind = document.text_at(&["kind"])?;
    let spec = document.get("spec")?;
    let states = |fields: &[&str]| fields.iter().any(|field| spec.get(field).is_some());
    let whole = match (group, kind) {
        (KUSTOMIZE, "Kustomization") => states(&["sourceRef"]),
        (HELM, "HelmRelease") => states(&["chart", "chartRef"]),
        (SOURCE, "GitRepository" | "HelmRepository" | "OCIRepository") => states(&["url"]),
        (SOURCE, "HelmChart") => states(&["chart"]),
        (SOURCE, "Bucket") => states(&["bucketName"]),
        _ => false,
    };
    let name = document.text_at(&["metadata", "name"])?;
    let namespace = document.text_at(&["metadata", "namespace"]).unwrap_or_default();
    // Templates are not objects; whoever copies them fills in their variables.
    let has = |text: &str, marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
    let paths = [
        ["metadata", "name"],
        ["metadata", "namespace"],
        ["spec", "path"],
        ["spec", "url"],
    ];
    let mut texts = paths.iter().filter_map(|path| document.text_at(path));
    let is_template =
        has(name, &["<<", "${"]) || texts.any(|text| has(text, &["{{", "{%", "#{", "${BOOTSTRAP_"]));
    (whole && !is_template).then(|| ObjectRef::new(kind, namespace, name))
}
