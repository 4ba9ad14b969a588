//! `orphan`: a file holds a Flux object that nothing applies, in any of the clusters.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::{ObjectRef, codes};
use kustomize_build::Sources;
use source_tree::{Diagnostic, EntryKind, Place, RepoPath, Severity};
use yaml_node::Node;

use foldhash::{HashMap, HashMapExt};

use super::left_out::{commented_items, commented_kustomizations};
use crate::helm_values::walk_scalars;
use crate::inventory::{HELM, KUSTOMIZE, SOURCE};
use flux_evaluate::{Evaluation, is_left_over};

/// The Flux objects of a repository that none of its clusters applies, for each evaluation those that are nearest to what
/// it builds. `evaluations` are those of all entries, `sources` is the tree that Flux sees.
///
/// A file counts where no evaluation has taken an object from it and no kustomization file of what is built names it. Where
/// a comment names it in the place of `resources`, somebody has left it out with intent, and it is a note.
pub fn orphans(evaluations: &[&Evaluation], sources: &Sources) -> Vec<Vec<Diagnostic>> {
    let findings = all_orphans(evaluations, sources);
    let folders: Vec<BTreeSet<RepoPath>> = evaluations
        .iter()
        .map(|evaluation| built_folders(evaluation))
        .collect();
    let mut nearest = vec![Vec::new(); evaluations.len()];
    for finding in findings {
        let depths: Vec<usize> = folders
            .iter()
            .map(|folders| {
                finding
                    .place
                    .as_ref()
                    .map_or(0, |place| depth(folders, &place.file))
            })
            .collect();
        let deepest = depths.iter().copied().max();
        for (list, depth) in nearest.iter_mut().zip(&depths) {
            if Some(*depth) == deepest {
                list.push(finding.clone());
            }
        }
    }
    nearest
}

/// The folders that an evaluation builds, its entry, and the folders around them.
pub(crate) fn built_folders(evaluation: &Evaluation) -> BTreeSet<RepoPath> {
    let built = evaluation
        .evaluated()
        .filter(|evaluated| !evaluated.external)
        .map(|evaluated| &evaluated.path)
        .chain([&evaluation.entry]);
    let mut folders = BTreeSet::new();
    for folder in built {
        for folder in folder.ancestors() {
            if !folders.insert(folder) {
                break;
            }
        }
    }
    folders
}

/// How deep the folder lies that a file has in common with the nearest of `folders`.
pub(crate) fn depth(folders: &BTreeSet<RepoPath>, file: &RepoPath) -> usize {
    file.ancestors()
        .skip(1)
        .find(|folder| folders.contains(folder))
        .map_or(0, |folder| folder.as_str().split('/').count())
}

fn all_orphans(evaluations: &[&Evaluation], sources: &Sources) -> Vec<Diagnostic> {
    let mut files = Vec::new();
    collect(sources, &RepoPath::root(), &mut files);
    files.sort();
    // What is put away, or stands to be copied or tried, is not meant to be applied.
    let (aside, mut files): (Vec<RepoPath>, Vec<RepoPath>) = files.into_iter().partition(is_left_over);
    files.retain(|file| !is_bootstrapping(file));
    // Of a cluster that was not understood it is not known what it applies.
    if !evaluations.iter().all(|evaluation| is_understood(evaluation)) {
        return Vec::new();
    }
    let applied = applied_files(evaluations);
    let mut orphans: Vec<Orphan> = files
        .iter()
        .filter(|file| !applied.contains(*file) && !is_kustomization_file(file))
        .flat_map(|file| flux_objects(sources, file))
        .collect();
    // To know what kustomization files name, all of them must be parsed; mostly nothing is left to ask about.
    if orphans.is_empty() {
        return Vec::new();
    }
    let KustomizationFiles {
        named: folders,
        mut left_out,
    } = kustomization_files(sources, &files);
    let used = used_files(evaluations, sources, &folders, &applied, &files);
    orphans.retain(|orphan| !used.contains(&orphan.place.file));
    let templates = template_paths(sources, &aside);
    orphans.retain(|orphan| !lies_below(&orphan.place.file, &templates));
    commented_kustomizations(sources, &files, &mut left_out);
    leave_out_paths(&orphans, &mut left_out);
    let copies = applied_objects(evaluations);
    orphans
        .into_iter()
        .map(|orphan| {
            let folder = orphan.place.file.parent().unwrap_or_else(RepoPath::root);
            let is_named = folders
                .get(&folder)
                .is_some_and(|named| named.contains(&orphan.place.file));
            let copy = copies.get(&(orphan.name.kind.as_str(), orphan.name.name.as_str()));
            let copy = copy.and_then(|copies| {
                let is_same = |(namespace, _): &&(&str, Option<Place>)| {
                    orphan.name.namespace.is_empty() || *namespace == orphan.name.namespace
                };
                copies.iter().find(is_same)?.1.clone()
            });
            orphan.finding(&left_out, copy, is_named.then_some(folder))
        })
        .collect()
}

/// Namespaces and places of objects.
type Stated<'a> = Vec<(&'a str, Option<Place>)>;

/// The objects that any cluster applies, by kind and name.
fn applied_objects<'a>(evaluations: &[&'a Evaluation]) -> HashMap<(&'a str, &'a str), Stated<'a>> {
    let mut found: HashMap<(&str, &str), Stated<'_>> = HashMap::new();
    for evaluation in evaluations {
        for applied in evaluation.evaluated().flat_map(|evaluated| &evaluated.objects) {
            let text = |path: &[&str]| applied.node.text_at(path).unwrap_or_default();
            let key = (
                applied.node.text_at(&["kind"]).unwrap_or_default(),
                applied.node.text_at(&["metadata", "name"]).unwrap_or_default(),
            );
            if text(&["apiVersion"]).contains("fluxcd.io/") {
                let namespace = applied
                    .node
                    .text_at(&["metadata", "namespace"])
                    .unwrap_or_default();
                found
                    .entry(key)
                    .or_default()
                    .push((namespace, evaluation.files.place(applied.mark)));
            }
        }
    }
    found
}

/// `spec.path` of the Kustomizations in files that stand to be copied: what they point at is meant for a cluster that is
/// made of them.
fn template_paths(sources: &Sources, files: &[RepoPath]) -> BTreeSet<RepoPath> {
    let objects = files.iter().flat_map(|file| flux_objects(sources, file));
    objects
        .filter_map(|object| object.path)
        .filter(|path| !path.is_root() && !path.as_str().contains(['$', '{']))
        .collect()
}

/// Whether a file lies below a folder that one of the paths means, from whatever folder they start.
fn lies_below(file: &RepoPath, paths: &BTreeSet<RepoPath>) -> bool {
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

/// Files that `flux bootstrap` writes for itself, and folders that are applied by hand before Flux runs.
fn is_bootstrapping(file: &RepoPath) -> bool {
    matches!(file.file_name(), Some("gotk-sync.yaml" | "gotk-components.yaml"))
        || file.parts().any(|part| part == "bootstrap")
}

/// Whether it is known what a cluster applies: its entry was built, and more of its Kustomizations than not.
pub(crate) fn is_understood(evaluation: &Evaluation) -> bool {
    let unknown = |evaluated: &&flux_evaluate::Evaluated| {
        evaluated.external || (evaluated.error.is_some() && evaluated.objects.is_empty())
    };
    let all = evaluation.kustomizations.iter();
    let bare = std::iter::once(&evaluation.root).chain(&evaluation.joined);
    bare.filter(unknown).count() == 0 && all.clone().filter(unknown).count() * 2 <= all.len()
}

/// The Flux objects of a file.
fn flux_objects(sources: &Sources, file: &RepoPath) -> Vec<Orphan> {
    let Ok(text) = sources.text_once(file) else {
        return Vec::new();
    };
    // Most files hold none; only these are parsed.
    if ![KUSTOMIZE, HELM, SOURCE].iter().any(|group| text.contains(group)) {
        return Vec::new();
    }
    let id = sources.files().id(file);
    let documents = yaml_node::read_documents(&text, id, sources.limits()).unwrap_or_default();
    let objects = documents.iter().filter_map(|document| {
        let path = document.text_at(&["spec", "path"]);
        Some(Orphan {
            name: flux_object(document)?,
            place: Place {
                file: file.clone(),
                line: document.mark.line,
            },
            path: path.map(|path| RepoPath::new(path.trim_start_matches("./"))),
        })
    });
    objects.collect()
}

/// A Flux object that nothing applies.
struct Orphan {
    name: ObjectRef,
    place: Place,
    /// What a Kustomization would build.
    path: Option<RepoPath>,
}

impl Orphan {
    /// `copy` is where the same object is stated that is applied, `folder` one whose kustomization file names the file.
    fn finding(
        self,
        left_out: &BTreeMap<RepoPath, Place>,
        copy: Option<Place>,
        folder: Option<RepoPath>,
    ) -> Diagnostic {
        let Orphan { name, place, .. } = self;
        let finding = match left_out_by(&place.file, left_out) {
            _ if copy.is_some() => Diagnostic::new(
                Severity::Info,
                codes::ORPHAN,
                format!(
                    "nothing uses this statement of {name}, which is applied from {}",
                    copy.map(|place| place.to_string()).unwrap_or_default()
                ),
            ),
            Some(by) => Diagnostic::new(
                Severity::Info,
                codes::ORPHAN,
                format!("nothing applies {name}: a comment at {by} leaves it out"),
            ),
            None if is_in_library(&place.file) => Diagnostic::new(
                Severity::Info,
                codes::ORPHAN,
                format!("nothing applies {name}, which lies among bases that overlays may use"),
            ),
            None => Diagnostic::warning(codes::ORPHAN, format!("nothing applies {name}")).hint(match folder {
                Some(folder) => format!("no Kustomization reaches the folder {folder}, whose kustomization file lists it: let one build the folder, or delete it"),
                None => "list the file in `resources` of a kustomization file that is built, or delete it".to_owned(),
            }),
        };
        finding.at(place).on(name.to_string())
    }
}

/// Whether a folder's name tells that what lies there is to be used by others, all of it or not.
fn is_in_library(file: &RepoPath) -> bool {
    const NAMES: [&str; 7] = ["_base", "base", "bases", "catalog", "common", "library", "shared"];
    file.parent()
        .is_some_and(|folder| folder.parts().any(|part| NAMES.contains(&part)))
}

/// The comment that leaves out a file or a folder around it.
fn left_out_by<'l>(file: &RepoPath, left_out: &'l BTreeMap<RepoPath, Place>) -> Option<&'l Place> {
    file.ancestors().find_map(|path| left_out.get(&path))
}

/// With a Kustomization goes what only it would build, which may hold further Kustomizations.
fn leave_out_paths(orphans: &[Orphan], left_out: &mut BTreeMap<RepoPath, Place>) {
    const MOST_LEVELS: usize = 8;
    for _ in 0..MOST_LEVELS {
        let known = left_out.len();
        for orphan in orphans {
            if let Some(path) = orphan.path.as_ref().filter(|path| !path.is_root())
                && let Some(by) = left_out_by(&orphan.place.file, left_out).cloned()
            {
                left_out.entry(path.clone()).or_insert(by);
            }
        }
        if left_out.len() == known {
            break;
        }
    }
}

/// Every Kustomization of every evaluation, and the entries.
fn evaluated<'e>(evaluations: &'e [&Evaluation]) -> impl Iterator<Item = &'e flux_evaluate::Evaluated> {
    evaluations.iter().flat_map(|evaluation| evaluation.evaluated())
}

/// Files from which anything has been applied.
pub(crate) fn applied_files(evaluations: &[&Evaluation]) -> BTreeSet<RepoPath> {
    let mut files = BTreeSet::new();
    for evaluation in evaluations {
        for evaluated in evaluation.evaluated() {
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
    // Templates are no objects, and what a variable names is filled in by whoever copies it.
    let marks = |text: &str, marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
    let is_template = marks(name, &["<<", "${"])
        || [
            &["metadata", "name"][..],
            &["metadata", "namespace"],
            &["spec", "path"],
            &["spec", "url"],
        ]
        .iter()
        .filter_map(|path| document.text_at(path))
        .any(|text| marks(text, &["{{", "{%", "#{", "${BOOTSTRAP_"]));
    (whole && !is_template).then(|| ObjectRef::new(kind, namespace, name))
}

pub(super) fn is_kustomization_file(file: &RepoPath) -> bool {
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

struct KustomizationFiles {
    named: Named,
    /// Files and folders that only comments name, with the comment's place.
    left_out: BTreeMap<RepoPath, Place>,
}

fn kustomization_files(sources: &Sources, files: &[RepoPath]) -> KustomizationFiles {
    let mut folders = Named::new();
    let mut left_out = BTreeMap::new();
    for file in files.iter().filter(|file| is_kustomization_file(file)) {
        let Some(folder) = file.parent() else {
            continue;
        };
        let Ok(text) = sources.text_once(file) else {
            continue;
        };
        let Ok(documents) = yaml_node::read_documents(&text, sources.files().id(file), sources.limits())
        else {
            continue;
        };
        for (line, path) in commented_items(&text) {
            left_out.entry(folder.join(path)).or_insert(Place {
                file: file.clone(),
                line,
            });
        }
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
    KustomizationFiles {
        named: folders,
        left_out,
    }
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
        .filter(|evaluated| !evaluated.external || is_without_source(evaluations, evaluated))
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
        for file in files_below(files, &folder) {
            let parents = file.ancestors().skip(1);
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

/// Whether a Kustomization builds a folder of a source that nothing states, which may well be this repository: another
/// finding says so, and once its source is mended the folder is applied.
fn is_without_source(evaluations: &[&Evaluation], kustomization: &flux_evaluate::Evaluated) -> bool {
    let view = kustomization.kustomization.as_ref();
    let Some(source) = view.and_then(|view| view.source.as_ref()) else {
        return false;
    };
    let is_stated = || {
        let mut objects = evaluated(evaluations).flat_map(|evaluated| &evaluated.objects);
        objects.any(|applied| flux_evaluate::flux::object_ref(&applied.node) == source.id)
    };
    !kustomization.path.is_root() && !is_stated()
}

/// The files below a folder, of files that are sorted as texts.
fn files_below<'f>(files: &'f [RepoPath], folder: &RepoPath) -> impl Iterator<Item = &'f RepoPath> {
    let prefix = if folder.is_root() {
        String::new()
    } else {
        format!("{folder}/")
    };
    let first = files.partition_point(|file| file.as_str() < prefix.as_str());
    let rest = files.get(first..).unwrap_or_default().iter();
    rest.take_while(move |file| file.as_str().starts_with(&prefix))
}
