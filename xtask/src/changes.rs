//! `changes`: reviews many small changes of real repositories, and compares each review with the two renderings.
//!
//! The renderings are the output of `render --format jsonl`, which `compare.py` of the material compares with the real tools.
//! They are read as JSON and compared here without any code of `change-review`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result};
use camino::Utf8Path;
use change_review::{Change, ClusterReview, Side, review};
use flux_scan::{GivenSources, Scan, ScanOptions, SourceContents, render, scan};
use serde_json::Value;
use source_tree::{DiskTree, EntryKind, MemoryTree, RepoPath, SourceTree};

use crate::{json, workspace};

/// Review generated changes of the repositories of ../shared/corpus, and compare with their renderings.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Number of changes over all repositories.
    #[arg(long, default_value_t = 200)]
    count: usize,
    /// Seed of the generator.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// With the charts of ../shared/charts at hand, so that what releases make is compared too.
    #[arg(long)]
    charts: bool,
    /// Print each change.
    #[arg(long)]
    verbose: bool,
}

type Files = BTreeMap<String, Arc<[u8]>>;

pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let Some(shared) = workspace::shared() else {
        println!("skipped: no ../shared");
        return Ok(true);
    };
    let mut repositories = Vec::new();
    for entry in shared.join("corpus").read_dir_utf8()? {
        let repository = entry?.path().join("repo");
        if repository.is_dir() {
            repositories.push(repository);
        }
    }
    repositories.sort();
    let mut sources = GivenSources::default();
    if arguments.charts {
        let folder = shared.join("charts/charts");
        let tree = DiskTree::open(&folder).with_context(|| format!("cannot open {folder}"))?;
        sources.charts.add_folder(Arc::new(tree));
    }
    let sources: Arc<dyn SourceContents> = Arc::new(sources);
    let mut random = Random(arguments.seed);
    let mut score = Score::default();
    for (number, repository) in repositories.iter().enumerate() {
        let files = files(repository)?;
        let before = scanned(&files, &sources)?;
        let share =
            arguments.count / repositories.len() + usize::from(number < arguments.count % repositories.len());
        let mut done = 0;
        for _ in 0..share * 20 {
            if done == share {
                break;
            }
            let mut changed = files.clone();
            let Some(what) = mutate(&mut changed, &mut random) else {
                continue;
            };
            let Ok(after) = scanned(&changed, &sources) else {
                continue;
            };
            done += 1;
            let name = repository
                .parent()
                .and_then(Utf8Path::file_name)
                .unwrap_or_default();
            compare(
                &format!("{name}: {what}"),
                &before,
                &after,
                &mut score,
                arguments.verbose,
            )?;
        }
    }
    println!(
        "{} changes, {} of them show; {} objects differ, {} missed, {} extra",
        score.changes, score.showing, score.objects, score.missed, score.extra
    );
    Ok(score.missed + score.extra == 0)
}

#[derive(Default)]
struct Score {
    changes: usize,
    showing: usize,
    objects: usize,
    missed: usize,
    extra: usize,
}

/// An object of one side: the owner that applies it, API group, kind, namespace, name.
type Key = (String, String, String, String, String);

fn compare(what: &str, before: &Scan, after: &Scan, score: &mut Score, verbose: bool) -> Result<()> {
    let (mut expected, mut actual) = (BTreeSet::new(), BTreeSet::new());
    for new in &after.clusters {
        let Some(old) = before
            .clusters
            .iter()
            .find(|old| old.entry == new.entry && old.reached_by.is_some() == new.reached_by.is_some())
        else {
            continue;
        };
        let side = |cluster| -> Side<'_> {
            let cluster: &flux_scan::ScannedCluster = cluster;
            Side {
                evaluation: &cluster.evaluation,
                infrastructure: &cluster.infrastructure,
                hub: None,
            }
        };
        expected.extend(rendered_changes(
            &Rendering::new(render::jsonl(&old.evaluation, None))?,
            &Rendering::new(render::jsonl(&new.evaluation, None))?,
        ));
        actual.extend(reviewed_changes(&review(&new.name, side(old), side(new))?));
    }
    score.changes += 1;
    score.showing += usize::from(!expected.is_empty());
    score.objects += expected.len();
    let missed: Vec<_> = expected.difference(&actual).collect();
    let extra: Vec<_> = actual.difference(&expected).collect();
    score.missed += missed.len();
    score.extra += extra.len();
    if verbose || !missed.is_empty() || !extra.is_empty() {
        println!("{what}: {} objects differ", expected.len());
        for key in missed.iter().take(5) {
            println!("  missed {key:?}");
        }
        for key in extra.iter().take(5) {
            println!("  extra  {key:?}");
        }
    }
    Ok(())
}

/// The rendered objects of a cluster.
struct Rendering {
    objects: BTreeMap<Key, Value>,
    /// Parent of each Kustomization, and whether it has no objects though it may have some.
    kustomizations: BTreeMap<String, (String, bool)>,
}

impl Rendering {
    fn new(lines: impl Iterator<Item = String>) -> Result<Self> {
        let mut rendering = Rendering {
            objects: BTreeMap::new(),
            kustomizations: BTreeMap::new(),
        };
        let mut records = Vec::new();
        for line in lines {
            records.push(serde_json::from_str::<Value>(&line)?);
        }
        let path = |record: &Value| {
            let path = json::text(&record["path"]);
            path.trim_start_matches("./").trim_end_matches('/').to_owned()
        };
        let is_pointed_at = records
            .first()
            .is_some_and(|root| records.iter().skip(1).any(|record| path(record) == path(root)));
        // An entry that a Kustomization points at has two records with the same objects.
        for record in records.into_iter().skip(usize::from(is_pointed_at)) {
            let text = |field: &str| json::text(&record[field]).to_owned();
            let owner = text("kustomization");
            let objects = record["objects"].as_array().cloned().unwrap_or_default();
            let is_missing = objects.is_empty() && (record["external"] == true || !text("error").is_empty());
            rendering
                .kustomizations
                .insert(owner.clone(), (text("parent"), is_missing));
            for object in objects {
                let key = (
                    owner.clone(),
                    json::group(&object).to_owned(),
                    json::text(&object["kind"]).to_owned(),
                    namespace_of(&owner, json::namespace(&object)),
                    json::name(&object).to_owned(),
                );
                rendering.objects.insert(key, object);
            }
        }
        Ok(rendering)
    }

    /// Whether this side does not know the objects of an owner, because it, or a Kustomization above it, is not built.
    fn is_unknown(&self, owner: &str, other: &Rendering) -> bool {
        // A release that is applied, but whose chart is not available.
        if let Some((namespace, name)) = owner
            .strip_prefix("HelmRelease/")
            .and_then(|id| id.split_once('/'))
            && !self.kustomizations.contains_key(owner)
            && self.objects.keys().any(|(_, _, kind, of, called)| {
                (kind.as_str(), of.as_str(), called.as_str()) == ("HelmRelease", namespace, name)
            })
        {
            return true;
        }
        let mut owner = owner.to_owned();
        for _ in 0..100 {
            if let Some((_, is_missing)) = self.kustomizations.get(&owner) {
                return *is_missing;
            }
            match other.kustomizations.get(&owner) {
                Some((parent, _)) => owner.clone_from(parent),
                None => return false,
            }
        }
        false
    }
}

/// Helm installs objects without a namespace into the release's, which the rendering leaves out.
fn namespace_of(owner: &str, namespace: &str) -> String {
    match owner.starts_with("HelmRelease/") {
        true => String::new(),
        false => namespace.to_owned(),
    }
}

fn without_variables(name: &str) -> String {
    let mut rest = name;
    let mut text = String::new();
    while let Some((start, after)) = rest.split_once("${") {
        text.push_str(start);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    text + rest
}

fn rendered_changes(before: &Rendering, after: &Rendering) -> BTreeSet<Key> {
    let keys: BTreeSet<&Key> = before.objects.keys().chain(after.objects.keys()).collect();
    keys.into_iter()
        .filter(|key| before.objects.get(*key) != after.objects.get(*key))
        .filter(|key| !before.is_unknown(&key.0, after) && !after.is_unknown(&key.0, before))
        .cloned()
        .collect()
}

fn reviewed_changes(review: &ClusterReview) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    for object in &review.objects {
        let group = object.api_version.rsplit_once('/').map_or("", |(group, _)| group);
        let key = |owner: &str, name: &str| -> Key {
            let owner = match owner {
                "entry" => "flux-system/(root)",
                // Owners of other kinds, such as a HelmRelease, keep their kind.
                owner => owner.strip_prefix("Kustomization/").unwrap_or(owner),
            };
            (
                owner.to_owned(),
                group.to_owned(),
                object.kind.clone(),
                namespace_of(owner, &object.namespace),
                // The rendering has nothing in place of unknown variables.
                without_variables(name),
            )
        };
        keys.insert(key(&object.owner, &object.name));
        let is_elsewhere = object.previous_owner.is_some() || object.previous_name.is_some();
        if object.change == Change::Moved || is_elsewhere {
            let owner = object.previous_owner.as_ref().unwrap_or(&object.owner);
            keys.insert(key(owner, object.previous_name.as_ref().unwrap_or(&object.name)));
        }
    }
    keys
}

fn scanned(files: &Files, sources: &Arc<dyn SourceContents>) -> Result<Scan> {
    let mut tree = MemoryTree::new();
    for (path, bytes) in files {
        tree.insert(RepoPath::new(path), Arc::clone(bytes));
    }
    let options = ScanOptions {
        sources: Some(Arc::clone(sources)),
        ..ScanOptions::default()
    };
    Ok(scan(Arc::new(tree), &options)?)
}

fn files(repository: &Utf8Path) -> Result<Files> {
    let tree = DiskTree::open(repository).with_context(|| format!("cannot open {repository}"))?;
    let mut files = Files::new();
    let mut folders = vec![RepoPath::new("")];
    while let Some(folder) = folders.pop() {
        for (name, kind) in tree.list(&folder)? {
            let path = folder.join(&name);
            match kind {
                EntryKind::Directory if name != ".git" => folders.push(path),
                EntryKind::File => {
                    files.insert(path.to_string(), tree.read(&path)?);
                }
                _ => {}
            }
        }
    }
    Ok(files)
}

/// Pseudo-random numbers, so that the same seed gives the same changes.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap_or_default()
    }

    fn item<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }
}

/// Makes a change as people make them and returns its description; `None` if the chosen file has no place for it.
fn mutate(files: &mut Files, random: &mut Random) -> Option<String> {
    let kind = random.below(6);
    let names: Vec<String> = files
        .iter()
        .filter(|(path, bytes)| {
            let is_kustomization = path.ends_with("kustomization.yaml");
            path.ends_with(".yaml") && is_kustomization == matches!(kind, 2 | 3 | 5) && bytes.len() < 100_000
        })
        .map(|(path, _)| path.clone())
        .collect();
    let path = random.item(&names)?.clone();
    let text = String::from_utf8(files.get(&path)?.to_vec()).ok()?;
    let lines: Vec<&str> = text.lines().collect();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let replaced = |position: usize, line: Option<String>| -> String {
        let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        match line {
            Some(line) => lines[position] = line,
            None => {
                lines.remove(position);
            }
        }
        lines.join("\n") + "\n"
    };
    let positions = |wanted: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let found = lines.iter().enumerate().filter(|(_, line)| wanted(line));
        found.map(|(position, _)| position).collect()
    };
    let resources = || {
        positions(&|line: &str| {
            let item = line.trim_start().strip_prefix("- ");
            item.is_some_and(|item| item.ends_with(".yaml") && !item.contains(':') && !item.contains(' '))
        })
    };
    let (what, new) = match kind {
        // Another tag, or another value.
        0 | 1 => {
            let plain = |line: &str| {
                let value = line.split_once(": ").map(|(_, value)| value);
                let key = line.trim_start().split(':').next().unwrap_or_default();
                !matches!(
                    key,
                    "kind" | "apiVersion" | "path" | "name" | "namespace" | "- name" | "- kind"
                ) && (kind == 1 || matches!(key, "tag" | "image" | "version" | "- image"))
                    && value.is_some_and(|value| value.ends_with(|c: char| c.is_ascii_alphanumeric()))
            };
            // SOPS's metadata is not part of the applied object.
            let end = lines
                .iter()
                .position(|line| *line == "sops:")
                .unwrap_or(lines.len());
            let stated: Vec<usize> = positions(&plain).into_iter().filter(|at| *at < end).collect();
            let position = *random.item(&stated)?;
            let line = lines.get(position)?;
            let last = line.chars().last()?;
            let other = match last {
                '0'..='8' => char::from(last as u8 + 1).to_string(),
                '9' => "8".to_owned(),
                last => format!("{last}x"),
            };
            let line = format!("{}{other}", &line[..line.len() - last.len_utf8()]);
            ("value", replaced(position, Some(line)))
        }
        // An added resource.
        2 => {
            let position = *random.item(&resources())?;
            let line = lines.get(position)?;
            let indent = &line[..line.len() - line.trim_start().len()];
            let file = format!("{folder}/added-by-a-change.yaml");
            let object = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: added-by-a-change\n  namespace: default\ndata:\n  a: b\n";
            files.insert(file.trim_start_matches('/').to_owned(), object.as_bytes().into());
            let line = format!("{line}\n{indent}- added-by-a-change.yaml");
            ("resource added", replaced(position, Some(line)))
        }
        // A removed resource.
        3 => ("resource removed", replaced(*random.item(&resources())?, None)),
        // Another name.
        4 => {
            let named = positions(&|line: &str| line.starts_with("  name: ") && !line.ends_with(['"', '\'']));
            let position = *random.item(&named)?;
            let line = format!("{}-renamed", lines.get(position)?);
            ("renamed", replaced(position, Some(line)))
        }
        // A moved file.
        _ => {
            let position = *random.item(&resources())?;
            let line = lines.get(position)?;
            let item = line.trim_start().strip_prefix("- ")?;
            let old = format!("{folder}/{}", item.trim_start_matches("./"));
            let bytes = files.remove(old.trim_start_matches('/'))?;
            files.insert(format!("{folder}/moved/{}", item.rsplit('/').next()?), bytes);
            let line = line.replace(item, &format!("moved/{}", item.rsplit('/').next()?));
            ("file moved", replaced(position, Some(line)))
        }
    };
    files.insert(path.clone(), new.into_bytes().into());
    Some(format!("{what} in {path}"))
}
