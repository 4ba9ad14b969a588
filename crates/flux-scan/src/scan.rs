//! A repository turns into one scanned cluster per entry.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use infra_model::knowledge::Knowledge;
use infra_model::{Diagnostic, Infrastructure, Metadata, codes};
use rayon::prelude::*;
use source_tree::{Limits, Place, ReadRecord, RepoPath, Severity, SourceTree};

use flux_evaluate::{
    Entry, Evaluated, Evaluation, ScanError, ScanOptions, discover, entries, evaluate, with_jobs,
};

use infra_link::{Coverage, Unapplied};

use crate::other_parts::{MadeOutside, add_origins, take_sources};
use crate::outcome::Outcome;
use crate::remote::{RemoteCluster, remote_clusters};
use crate::{ChartMode, KNOWLEDGE_FILE, read_knowledge};

/// A scanned repository.
pub struct Scan {
    /// Its clusters, in the order of their entries' paths, followed by remote clusters.
    pub clusters: Vec<ScannedCluster>,
    /// How many of its manifests a cluster applies.
    pub coverage: Coverage,
}

/// A scanned cluster.
pub struct ScannedCluster {
    /// A name that is unique among the clusters of the repository.
    pub name: String,
    /// The entry folder.
    pub entry: RepoPath,
    /// Further folders of the entry.
    pub joined: Vec<RepoPath>,
    /// For a remote cluster, how Kustomizations of another one reach it, such as `kubeConfig of Secret flux-system/east-kc, by
    /// Kustomization flux-system/east`.
    pub reached_by: Option<String>,
    /// Numbers of its Kustomizations by result.
    pub outcome: Outcome,
    /// Its model.
    pub infrastructure: Infrastructure,
    /// The objects that Flux applies.
    pub evaluation: Evaluation,
}

impl Scan {
    /// The models and, separately, the evaluations, which take far more memory and may be dropped first.
    pub fn split(self) -> (Vec<Infrastructure>, Vec<Evaluation>) {
        self.clusters
            .into_iter()
            .map(|cluster| (cluster.infrastructure, cluster.evaluation))
            .unzip()
    }
}

/// Turns a repository into the models of its clusters: evaluates every entry and links the objects that it applies. Problems of the
/// repository are in [`Infrastructure::diagnostics`].
///
/// # Errors
/// [`ScanError`] if the repository cannot be read or has no cluster entry, and for invalid options.
pub fn scan(tree: Arc<dyn SourceTree>, options: &ScanOptions) -> Result<Scan, ScanError> {
    scan_entries(&tree, entries(&tree, options)?, options)
}

/// As [`scan`], for entries that [`entries`] found. The options about Git are not needed earlier.
///
/// # Errors
/// As [`scan`].
pub fn scan_entries(
    tree: &Arc<dyn SourceTree>,
    entries: Vec<Entry>,
    options: &ScanOptions,
) -> Result<Scan, ScanError> {
    with_jobs(options.jobs, || scan_here(tree, entries, options))?
}

fn scan_here(
    tree: &Arc<dyn SourceTree>,
    entries: Vec<Entry>,
    options: &ScanOptions,
) -> Result<Scan, ScanError> {
    let (knowledge, findings) = match &options.reads {
        Some(reads) => knowledge(&*reads.watch(Arc::clone(tree)), options),
        None => knowledge(&**tree, options),
    };
    let mut entries = entries;
    let too_many = bounded_entries(&mut entries, &options.limits);
    let evaluated = entries
        .into_iter()
        .map(|entry| {
            let evaluation = evaluate(tree, &entry, options)?;
            Ok((evaluation, entry))
        })
        .collect::<Result<Vec<(Evaluation, Entry)>, ScanError>>()?;
    options.parsed.clear();
    // Later reads look for files that people may have forgotten, and that no build reads.
    if let Some(reads) = &options.reads {
        evaluated
            .iter()
            .for_each(|(evaluation, _)| forget_secret_paths(evaluation, reads));
        reads.close();
    }
    let mut taken = BTreeSet::new();
    let remote: Vec<(RemoteCluster, RepoPath)> = evaluated
        .iter()
        .flat_map(|(evaluation, entry)| {
            let remote = remote_clusters(evaluation, &mut taken);
            remote.into_iter().map(|remote| (remote, entry.path.clone()))
        })
        .collect();
    let several = evaluated.len() + remote.len() > 1;
    let link = |evaluation: &Evaluation, path: &RepoPath, name: &str| {
        let metadata = Metadata {
            generated_from: options.generated_from.clone(),
            cluster: path.clone(),
            cluster_name: several.then(|| name.to_owned()),
            revision: options.revision.clone(),
        };
        infra_link::link(evaluation, &knowledge, &metadata, options.detail)
    };
    let (linked, unapplied) = rayon::join(
        || {
            let local = evaluated
                .par_iter()
                .map(|(evaluation, entry)| link(evaluation, &entry.path, &entry.name));
            let remote = remote
                .par_iter()
                .map(|(remote, entry)| link(&remote.evaluation, entry, &remote.name));
            local.chain(remote).collect::<Vec<Infrastructure>>()
        },
        || unapplied(tree, &evaluated, options),
    );
    let Unapplied {
        orphans,
        not_applied,
        coverage,
        mut looked_up,
    } = unapplied;
    let outside = OnceCell::new();
    let mut orphans = orphans.into_iter();
    let mut not_applied = not_applied.into_iter();
    let mut linked = linked.into_iter();
    let mut clusters: Vec<ScannedCluster> = evaluated
        .into_iter()
        .zip(linked.by_ref())
        .map(|((evaluation, entry), mut infrastructure)| {
            let diagnostics = &mut infrastructure.diagnostics;
            diagnostics.extend(findings.iter().cloned());
            diagnostics.extend(assumed(&**tree, &entry, options));
            diagnostics.extend(orphans.next().unwrap_or_default());
            diagnostics.extend(too_many.clone());
            let unread = not_applied.next().unwrap_or_default();
            infrastructure.not_applied.extend(unread);
            add_origins(&mut infrastructure, &|| {
                outside.get_or_init(|| MadeOutside::find(&**tree))
            });
            let diagnostics = &mut infrastructure.diagnostics;
            let all = &mut infrastructure.not_applied;
            diagnostics.extend(infra_link::bound_not_applied(all, options.limits.not_applied));
            Diagnostic::sort(diagnostics);
            bounded(diagnostics, &options.limits);
            ScannedCluster {
                name: entry.name,
                entry: entry.path,
                joined: entry.joined,
                reached_by: None,
                outcome: Outcome::new(&evaluation),
                infrastructure,
                evaluation,
            }
        })
        .collect();
    looked_up.extend(outside.into_inner().into_iter().flat_map(|outside| outside.files));
    if let Some(reads) = &options.reads {
        looked_up.into_iter().for_each(|file| reads.note_deciding(file));
    }
    let remote = remote.into_iter().zip(linked);
    let remote: Vec<ScannedCluster> = remote
        .map(|((remote, entry), mut infrastructure)| {
            if let Some(hub) = clusters.iter().find(|cluster| cluster.entry == entry) {
                take_sources(&hub.infrastructure, &mut infrastructure);
            }
            let all = &mut infrastructure.not_applied;
            let too_many = infra_link::bound_not_applied(all, options.limits.not_applied);
            infrastructure.diagnostics.extend(too_many);
            ScannedCluster {
                name: remote.name,
                entry,
                joined: Vec::new(),
                reached_by: Some(remote.reached_by),
                outcome: Outcome::new(&remote.evaluation),
                infrastructure,
                evaluation: remote.evaluation,
            }
        })
        .collect();
    clusters.extend(remote);
    count_clusters(&mut clusters);
    let models = clusters.iter_mut().map(|cluster| &mut cluster.infrastructure);
    let texts = models.flat_map(|model| {
        let diagnostics = model.diagnostics.iter_mut();
        let messages = diagnostics.map(|diagnostic| &mut diagnostic.message);
        let not_applied = model.not_applied.iter_mut();
        messages.chain(not_applied.filter_map(|entry| entry.detail.as_mut()))
    });
    for text in texts {
        // These texts quote addresses and files, which may contain passwords.
        if let Cow::Owned(cleaned) = redaction::without_credentials(text) {
            *text = cleaned;
        }
    }
    Ok(Scan { clusters, coverage })
}

/// Sets the number of clusters that apply a service's file, if there are several: an edit changes all of them.
fn count_clusters(clusters: &mut [ScannedCluster]) {
    let mut by_file: HashMap<RepoPath, usize> = HashMap::new();
    for cluster in clusters.iter() {
        let services = cluster.infrastructure.services.values();
        let files: BTreeSet<&RepoPath> = services
            .filter_map(|service| Some(&service.source.as_ref()?.file))
            .collect();
        for file in files {
            *by_file.entry(file.clone()).or_default() += 1;
        }
    }
    let models = clusters.iter_mut().map(|cluster| &mut cluster.infrastructure);
    for service in models.flat_map(|model| model.services.values_mut()) {
        let count = service.source.as_ref().and_then(|place| by_file.get(&place.file));
        service.clusters = count.copied().filter(|count| *count > 1);
    }
}

/// Removes missing folders whose path may come from a Secret from the record of reads, which is written to disk.
fn forget_secret_paths(evaluation: &Evaluation, reads: &ReadRecord) {
    let not_built = evaluation.kustomizations.iter();
    let mut not_built = not_built
        .filter(|owner| owner.error.is_some() || owner.external)
        .peekable();
    if not_built.peek().is_none() {
        return;
    }
    let absent = reads.asked().absent;
    let is_missing =
        |path: &RepoPath| absent.contains(path) || absent.contains(&path.join("kustomization.yaml"));
    let mut missing = not_built
        .map(|owner| (owner, applied_path(owner)))
        .filter(|(_, path)| is_missing(path))
        .peekable();
    if missing.peek().is_none() {
        return;
    }
    let copied = infra_link::copied_texts(evaluation);
    for (owner, path) in missing {
        let written = owner.kustomization.as_ref().map(|view| view.path.as_str());
        if written.is_some_and(|path| path.contains("${") || copied.has(path)) {
            reads.forget_absent(&path);
        }
    }
}

/// `spec.path` with the values that are not shown.
fn applied_path(owner: &Evaluated) -> RepoPath {
    let rendered = owner.object.as_ref().and_then(|object| object.rendered.as_ref());
    let path = rendered.and_then(|object| object.text_at(&["spec", "path"]));
    path.map_or_else(|| owner.path.clone(), RepoPath::new)
}

/// Leaves out clusters over the bound, and returns a finding about them.
fn bounded_entries(entries: &mut Vec<Entry>, limits: &Limits) -> Option<Diagnostic> {
    let all = entries.len();
    let first = entries.get(limits.clusters)?.path.clone();
    entries.truncate(limits.clusters);
    let message = format!(
        "{} of {all} clusters are scanned; {first} and those after it are left out",
        limits.clusters
    );
    let diagnostic = Diagnostic::error(codes::LIMIT_REACHED, message);
    Some(diagnostic.hint("choose by --cluster, or raise the bound: --limit clusters=NUMBER"))
}

/// Shortens long messages, and leaves out diagnostics over the bound: the least severe first, those of the last files.
fn bounded(diagnostics: &mut Vec<Diagnostic>, limits: &Limits) {
    for diagnostic in diagnostics.iter_mut() {
        let optional = diagnostic.object.iter_mut().chain(&mut diagnostic.hint);
        let texts = optional.chain([&mut diagnostic.message]);
        for text in texts.filter(|text| text.len() > limits.message_bytes) {
            text.truncate(text.floor_char_boundary(limits.message_bytes));
            text.push('…');
        }
    }
    let more = diagnostics.len().saturating_sub(limits.diagnostics);
    if more == 0 {
        return;
    }
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(limits.diagnostics + 1);
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let room = limits.diagnostics.saturating_sub(kept.len());
        let all = diagnostics.iter();
        let of_severity = all.filter(|diagnostic| diagnostic.severity == severity);
        kept.extend(of_severity.take(room).cloned());
    }
    let message = format!("{more} more diagnostics are left out");
    kept.push(
        Diagnostic::warning(codes::LIMIT_REACHED, message)
            .hint("fix what is reported first, or raise the bound: --limit diagnostics=NUMBER"),
    );
    *diagnostics = kept;
    Diagnostic::sort(diagnostics);
}

/// The objects that no cluster applies. They may belong to a cluster that the caller did not choose, so the other clusters are
/// evaluated, too.
fn unapplied(
    tree: &Arc<dyn SourceTree>,
    evaluated: &[(Evaluation, Entry)],
    options: &ScanOptions,
) -> Unapplied {
    let others = others(tree, evaluated, options);
    let asked: Vec<&Evaluation> = evaluated.iter().map(|(evaluation, _)| evaluation).collect();
    let first = evaluated.first();
    let root = first.map(|(_, entry)| entry.root.clone()).unwrap_or_default();
    infra_link::unapplied(&asked, others.as_deref(), tree, &root)
}

/// The clusters that the caller did not choose. `None` if one of them cannot be evaluated.
fn others(
    tree: &Arc<dyn SourceTree>,
    evaluated: &[(Evaluation, Entry)],
    options: &ScanOptions,
) -> Option<Vec<Evaluation>> {
    if options.clusters.is_empty() {
        return Some(Vec::new());
    }
    let entries = discover(tree, options).ok()?;
    let options = &ScanOptions {
        charts: ChartMode::Skipped,
        ..options.clone()
    };
    entries
        .into_iter()
        .filter(|entry| evaluated.iter().all(|(_, known)| known.path != entry.path))
        .map(|entry| evaluate(tree, &entry, options).ok())
        .collect()
}

fn kustomization_file(tree: &dyn SourceTree, folder: &RepoPath) -> Option<Place> {
    let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    let file = names
        .map(|name| folder.join(name))
        .into_iter()
        .find(|file| tree.kind(file).is_some())?;
    Some(Place { file, line: 1 })
}

/// The assumptions about an entry that nothing in the repository states.
fn assumed(tree: &dyn SourceTree, entry: &Entry, options: &ScanOptions) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    if let (Some(first), []) = (entry.assumed.first(), &options.clusters[..]) {
        let folders: Vec<String> = entry.folders().map(RepoPath::to_string).collect();
        let assumed: Vec<String> = entry.assumed.iter().map(RepoPath::to_string).collect();
        let named = match &assumed[..] {
            [first, second, third, _, rest @ ..] if !rest.is_empty() => {
                format!("{first}, {second}, {third} and {} more", rest.len() + 1)
            }
            all => all.join(", "),
        };
        let command = match &folders[..] {
            [first, second, _, _, rest @ ..] if !rest.is_empty() => {
                format!("--cluster {}={first},{second},…", entry.name)
            }
            all => format!("--cluster {}={}", entry.name, all.join(",")),
        };
        let why = match entry.named_by.first() {
            Some(file) => format!("{file} names what Flux applies to a cluster"),
            None => "something outside of it is assumed to apply it to one cluster".to_owned(),
        };
        let message = format!("no Kustomization of the repository points at {named}: {why}");
        notes.push(
            Diagnostic::new(Severity::Info, codes::ENTRY_ASSUMED, message)
                .at(kustomization_file(tree, first))
                .hint(format!("name the folders of a cluster to have others: {command}")),
        );
    }
    if !entry.root.is_root() && options.root.is_none() {
        let message = format!(
            "the source of {} is taken to be the folder {}/",
            entry.path, entry.root
        );
        let why = match entry.path == entry.root {
            true => "it is pushed as a whole, which is more often one folder than the repository",
            false => "its paths exist there and not at the top",
        };
        let hint = format!("{why}; --root {} states it", entry.root);
        notes.push(Diagnostic::new(Severity::Info, codes::SOURCE_ASSUMED, message).hint(hint));
    }
    notes
}

/// The knowledge of the file that the caller gives, else of the repository's file, which most repositories do not have.
fn knowledge(tree: &dyn SourceTree, options: &ScanOptions) -> (Knowledge, Vec<Diagnostic>) {
    let read = |text: &str, path: &str| {
        read_knowledge(
            text,
            &RepoPath::new(path),
            &options.limits,
            options.trust_knowledge,
        )
    };
    if let Some((path, text)) = &options.knowledge {
        return read(text, path);
    }
    match tree.read(&RepoPath::new(KNOWLEDGE_FILE)) {
        Ok(bytes) => read(&String::from_utf8_lossy(&bytes), KNOWLEDGE_FILE),
        Err(_) => (Knowledge::default(), Vec::new()),
    }
}
