//! Proof of the contract of image groups: a new tag at a group's place changes the images of exactly its services.
//!
//! Does by program what a rollout does by hand: the scalar at `document` and `pointer` gets another tag or digest, nothing
//! else in the file changes, and the repository is scanned again. Shared by `cargo xtask facts --rollout` and the tests of
//! `flux-infra-guide`, so it may only use dependencies that both have.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use flux_scan::{ClusterArg, GivenSources, ScanOptions, ScannedCluster};
use infra_model::Infrastructure;
use infra_model::service::{ImageGroup, ImageGroupKind};
use source_tree::{DiskTree, FileTable, Limits, RepoPath, SourceTree, TreeAround, TreeError};
use yaml_node::{Node, Value, read_documents};

/// The result of a check.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Groups of all clusters.
    pub(crate) groups: usize,
    /// Those that were tried.
    pub(crate) tried: usize,
    /// Those whose `yqPath` was read with yq.
    pub(crate) read_by_yq: usize,
    /// Those that decide an image of an object that a chart makes.
    #[allow(dead_code, reason = "tests do not print it")]
    pub(crate) of_charts: usize,
    /// Those that are defaults of charts.
    #[allow(dead_code, reason = "tests do not print it")]
    pub(crate) by_default: usize,
    /// Images of objects that charts make that no group decides.
    #[allow(dead_code, reason = "tests do not print it")]
    pub(crate) undecided: Vec<String>,
    /// Groups whose contract does not hold, one line each.
    pub(crate) broken: Vec<String>,
}

/// Tries up to `sample` groups of each cluster, spread evenly over their keys. `yq` reads every `yqPath`.
///
/// # Errors
/// The message of a scan that fails.
pub(crate) fn check(
    repository: &Utf8Path,
    sample: usize,
    yq: Option<&Utf8Path>,
    charts: Option<&Utf8Path>,
) -> Result<Outcome, String> {
    let tree: Arc<dyn SourceTree> = Arc::new(DiskTree::open(repository).map_err(|error| error.to_string())?);
    let mut sources = GivenSources::default();
    if let Some(charts) = charts {
        let charts = DiskTree::open(charts).map_err(|error| error.to_string())?;
        sources.charts.add_folder(Arc::new(charts));
    }
    // Shared by all scans, so that each chart is parsed once.
    let sources = Arc::new(sources);
    let clusters = scan(&tree, &[], &sources)?;
    let mut outcome = Outcome::default();
    for cluster in &clusters {
        let before = &cluster.infrastructure;
        let groups: Vec<_> = before.image_groups.iter().collect();
        outcome.groups += groups.len();
        outcome.count(before);
        let mut fail = |key: &str, group: &ImageGroup, reason: String| {
            outcome.broken.push(format!(
                "{}: {key} at {} {}: {reason}",
                cluster.entry, group.source, group.pointer
            ));
        };
        let step = groups.len().div_ceil(sample.max(1)).max(1);
        for (key, group) in groups.iter().copied().step_by(step) {
            let is_default = group.kind == ImageGroupKind::HelmDefault;
            // Only yq can write a key that is not there yet.
            if is_default && yq.is_none() {
                continue;
            }
            outcome.tried += 1;
            let edited = match yq.filter(|_| is_default) {
                Some(yq) => added(yq, repository, group),
                None => text(&tree, &group.file).and_then(|text| retagged(&text, group)),
            };
            let checked = edited.and_then(|edited| check_group(&tree, cluster, group, edited, &sources));
            if let Err(reason) = checked {
                fail(key, group, reason);
            }
        }
        for (key, group) in groups {
            let Some(yq) = yq.filter(|_| group.kind != ImageGroupKind::HelmDefault) else {
                continue;
            };
            outcome.read_by_yq += 1;
            if let Err(reason) = check_yq_path(yq, repository, &tree, group) {
                fail(key, group, reason);
            }
        }
    }
    Ok(outcome)
}

/// The `yq` of this machine, if there is one.
pub(crate) fn yq() -> Option<Utf8PathBuf> {
    let in_path = std::env::var("PATH").unwrap_or_default();
    let mut folders: Vec<Utf8PathBuf> = in_path.split(':').map(Utf8PathBuf::from).collect();
    let home = std::env::var("HOME").ok();
    folders.extend(home.map(|home| Utf8PathBuf::from(home).join("go/bin")));
    folders
        .into_iter()
        .map(|folder| folder.join("yq"))
        .find(|file| file.is_file() && is_go_yq(file))
}

/// Whether a program is the `yq` of <https://mikefarah.gitbook.io/yq>: other programs of this name have another language.
fn is_go_yq(file: &Utf8Path) -> bool {
    let version = Command::new(file).arg("--version").output();
    version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("mikefarah"))
}

impl Outcome {
    fn count(&mut self, model: &Infrastructure) {
        let is_of_chart = |key: &String| {
            let service = model.services.get(key);
            service.is_some_and(|service| service.helm_release.is_some() && service.workload.is_some())
        };
        for group in model.image_groups.values() {
            self.of_charts += usize::from(group.services.iter().any(is_of_chart));
            self.by_default += usize::from(group.kind == ImageGroupKind::HelmDefault);
        }
        for (key, service) in model.services.iter().filter(|(key, _)| is_of_chart(key)) {
            let groups: Vec<&ImageGroup> = service
                .image_groups
                .iter()
                .filter_map(|group| model.image_groups.get(group))
                .collect();
            if groups.len() >= service.images.len() {
                continue;
            }
            for image in &service.images {
                let states =
                    |group: &&&ImageGroup| group.tag.as_deref().is_some_and(|tag| image.ends_with(tag));
                if !groups.iter().any(|group| states(&group)) {
                    self.undecided.push(format!("{key}: {image}"));
                }
            }
        }
    }
}

fn scan(
    tree: &Arc<dyn SourceTree>,
    clusters: &[ClusterArg],
    sources: &Arc<GivenSources>,
) -> Result<Vec<ScannedCluster>, String> {
    let options = ScanOptions {
        clusters: clusters.to_vec(),
        sources: Some(Arc::clone(sources) as _),
        ..ScanOptions::default()
    };
    let scan = flux_scan::scan(Arc::clone(tree), &options).map_err(|error| error.to_string())?;
    Ok(scan.clusters)
}

/// Checks the contract of one group; the error says why it does not hold.
fn check_group(
    tree: &Arc<dyn SourceTree>,
    cluster: &ScannedCluster,
    group: &ImageGroup,
    edited: String,
    sources: &Arc<GivenSources>,
) -> Result<(), String> {
    let edited: Arc<dyn SourceTree> = Arc::new(OneFileReplaced {
        tree: Arc::clone(tree),
        path: group.file.clone(),
        bytes: edited.into_bytes().into(),
    });
    let argument = ClusterArg {
        joined: Vec::new(),
        name: None,
        path: cluster.entry.clone(),
    };
    let after = scan(&edited, &[argument], sources)?;
    let after = &after.first().ok_or("the entry is gone")?.infrastructure;
    let changed = changed(&cluster.infrastructure, after);
    let expected: BTreeSet<&str> = group.services.iter().map(String::as_str).collect();
    if changed == expected {
        return Ok(());
    }
    Err(format!("changes {changed:?} instead of {expected:?}"))
}

/// Services that have other images, or exist on one side only.
fn changed<'m>(before: &'m Infrastructure, after: &'m Infrastructure) -> BTreeSet<&'m str> {
    let images =
        |model: &'m Infrastructure, key: &str| model.services.get(key).map(|service| &service.images);
    let keys = before
        .services
        .keys()
        .chain(after.services.keys())
        .map(String::as_str);
    keys.filter(|key| images(before, key) != images(after, key))
        .collect()
}

/// The file with a tag that overrides the chart's default, as yq writes it.
fn added(yq: &Utf8Path, repository: &Utf8Path, group: &ImageGroup) -> Result<String, String> {
    let new = new_tag(group.tag.as_deref().unwrap_or_default());
    let new = group
        .form
        .as_ref()
        .map_or(new.clone(), |form| form.replace("{tag}", &new));
    let path = group.yq_path.as_deref().ok_or("no yqPath")?;
    let output = Command::new(yq)
        .arg(format!("({path}) = {new:?}"))
        .arg(repository.join(group.file.as_str()))
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

/// Another tag, or another digest.
fn new_tag(old: &str) -> String {
    match old.starts_with("sha256:") {
        true => format!("sha256:{}", "5a".repeat(32)),
        false => "9.9.9-next".to_owned(),
    }
}

/// Checks that yq reads at `yqPath` the scalar that the pointer names.
fn check_yq_path(
    yq: &Utf8Path,
    repository: &Utf8Path,
    tree: &Arc<dyn SourceTree>,
    group: &ImageGroup,
) -> Result<(), String> {
    let expected = scalar(&text(tree, &group.file)?, group)?;
    // yq cannot address a part of a longer text.
    let Some(path) = &group.yq_path else {
        return Ok(());
    };
    let output = Command::new(yq)
        .arg(path)
        .arg(repository.join(group.file.as_str()))
        .output()
        .map_err(|error| error.to_string())?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && printed.trim_end() == expected.trim_end() {
        return Ok(());
    }
    Err(format!(
        "yq reads {printed:?} {}",
        String::from_utf8_lossy(&output.stderr).trim_end()
    ))
}

fn text(tree: &Arc<dyn SourceTree>, path: &RepoPath) -> Result<String, String> {
    let bytes = tree.read(path).map_err(|error| error.to_string())?;
    String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string())
}

fn documents(text: &str, path: &RepoPath) -> Result<Vec<Node>, String> {
    read_documents(text, FileTable::new().id(path), &Limits::default())
        .map_err(|error| error.message.to_string())
}

fn scalar(text: &str, group: &ImageGroup) -> Result<String, String> {
    let documents = documents(text, &group.file)?;
    let found = documents
        .get(group.document)
        .and_then(|document| at_pointer(document, &group.pointer));
    found
        .and_then(Node::text)
        .map(str::to_owned)
        .ok_or_else(|| format!("no scalar at {}", group.pointer))
}

/// The node at an RFC 6901 pointer.
fn at_pointer<'n>(document: &'n Node, pointer: &str) -> Option<&'n Node> {
    pointer.split('/').skip(1).try_fold(document, |node, step| {
        let step = step.replace("~1", "/").replace("~0", "~");
        match &node.value {
            Value::Sequence(_) => node.items().get(step.parse::<usize>().ok()?),
            _ => node.get(&step),
        }
    })
}

/// The file with another tag in the group's scalar, and nothing else changed.
fn retagged(text: &str, group: &ImageGroup) -> Result<String, String> {
    let old = scalar(text, group)?;
    let first = (group.source.line as usize).checked_sub(1).ok_or("no line")?;
    let written =
        written_tag(&old, text.lines().nth(first).unwrap_or_default(), group).ok_or("no tag is written")?;
    let new = new_tag(&written);
    let before = documents(text, &group.file)?;
    let start: usize = text.split_inclusive('\n').take(first).map(str::len).sum();
    let end = start
        + text
            .get(start..)
            .and_then(|rest| rest.find('\n'))
            .unwrap_or(text.len() - start);
    // The tag may occur several times in its line: the right occurrence changes this scalar only. An anchored scalar also
    // changes where it is repeated, so the occurrence with the fewest changes is taken.
    let mut found: Option<(usize, String)> = None;
    for (offset, _) in text
        .get(start..end)
        .unwrap_or_default()
        .match_indices(written.as_str())
    {
        let at = start + offset;
        let (head, tail) = (
            text.get(..at).unwrap_or_default(),
            text.get(at + written.len()..).unwrap_or_default(),
        );
        let edited = format!("{head}{new}{tail}");
        let Ok(after) = documents(&edited, &group.file) else {
            continue;
        };
        if scalar(&edited, group).is_ok_and(|now| now != old) {
            let differences = before
                .iter()
                .zip(&after)
                .map(|(before, after)| differences(before, after))
                .sum();
            if found.as_ref().is_none_or(|(fewest, _)| differences < *fewest) {
                found = Some((differences, edited));
            }
        }
    }
    found
        .map(|(_, edited)| edited)
        .ok_or_else(|| format!("`{written}` is not in line {}", first + 1))
}

/// The tag as it is written: the whole scalar, or the part after the image's name.
fn written_tag(scalar: &str, line: &str, group: &ImageGroup) -> Option<String> {
    let after_name = |text: &str| {
        let (_, rest) = text.split_once(group.image_name.as_str())?;
        let tag = rest.strip_prefix([':', '@'])?;
        // A digest takes precedence over a tag.
        let tag = tag.split(['"', '\'', ' ', ',', '}']).next()?;
        Some(tag.split_once('@').map_or(tag, |(_, digest)| digest).to_owned()).filter(|tag| !tag.is_empty())
    };
    if scalar.contains('\n') {
        // A patch, or another text that holds YAML.
        let tag = group.tag.clone().filter(|tag| line.contains(tag.as_str()));
        return after_name(line).or(tag);
    }
    if let Some(form) = &group.form {
        let before = form.strip_suffix("{tag}")?;
        return scalar.strip_prefix(before).map(str::to_owned);
    }
    let is_reference =
        group.kind == ImageGroupKind::Manifest || scalar.contains(&format!("{}:", group.image_name));
    match is_reference || scalar.contains(&format!("{}@", group.image_name)) {
        true => after_name(scalar),
        false => Some(scalar.to_owned()).filter(|scalar| !scalar.is_empty()),
    }
}

/// Number of scalars that differ; 1,000 if the structures differ.
fn differences(before: &Node, after: &Node) -> usize {
    match (&before.value, &after.value) {
        (Value::Scalar(before), Value::Scalar(after)) => usize::from(before.text != after.text),
        (Value::Sequence(_), Value::Sequence(_)) if before.items().len() == after.items().len() => before
            .items()
            .iter()
            .zip(after.items())
            .map(|(before, after)| differences(before, after))
            .sum(),
        (Value::Mapping(one), Value::Mapping(other)) if one.len() == other.len() => {
            let pairs = one.entries().iter().zip(other.entries());
            pairs
                .map(|(one, other)| differences(&one.0, &other.0) + differences(&one.1, &other.1))
                .sum()
        }
        _ => 1_000,
    }
}

/// A tree in which one file has other bytes.
struct OneFileReplaced {
    tree: Arc<dyn SourceTree>,
    path: RepoPath,
    bytes: Arc<[u8]>,
}

impl TreeAround for OneFileReplaced {
    fn inner(&self) -> &dyn SourceTree {
        &*self.tree
    }

    fn read_file(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        if *path == self.path {
            Ok(Arc::clone(&self.bytes))
        } else {
            self.tree.read(path)
        }
    }
}
