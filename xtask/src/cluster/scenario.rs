//! Scenarios as data: a repository, the objects of a cluster, questions and their answers.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use crate::json;

/// A scenario.
pub(super) struct Scenario {
    pub(super) name: String,
    pub(super) folder: Utf8PathBuf,
    /// The objects of its cluster.
    pub(super) objects: Vec<Value>,
    /// The folders of its repository; files of later ones replace those of earlier ones.
    pub(super) repositories: Vec<Utf8PathBuf>,
    /// CustomResourceDefinitions in place of the usual ones.
    pub(super) definitions: Option<Utf8PathBuf>,
    /// Whether Flux's definitions are those of a real repository.
    pub(super) has_components: bool,
    /// The questions, one per line.
    pub(super) questions: Vec<String>,
    /// Why no server can have such objects, for scenarios that are only recorded.
    pub(super) only_recorded: Option<String>,
    /// Whether the scenario needs a server: its answers then include standard error.
    is_of_server: bool,
}

impl Scenario {
    /// The recorded scenarios.
    pub(super) fn recorded(data: &Utf8Path) -> Result<Vec<Self>> {
        let folders = folders(&data.join("scenarios"))?.into_iter();
        let scenarios = folders.map(|folder| Scenario::read(data, &folder, &folder, false));
        scenarios.collect()
    }

    /// The scenarios that need a server. Each has the objects of a recorded one.
    pub(super) fn of_server(data: &Utf8Path) -> Result<Vec<Self>> {
        let folders = folders(&data.join("server"))?.into_iter();
        let scenarios = folders.map(|folder| {
            let recorded = fs::read_to_string(folder.join("scenario.txt"))?;
            Scenario::read(data, &folder, &data.join("scenarios").join(recorded.trim()), true)
        });
        scenarios.collect()
    }

    fn read(data: &Utf8Path, folder: &Utf8Path, recorded: &Utf8Path, is_of_server: bool) -> Result<Self> {
        let questions = fs::read_to_string(folder.join("ask.txt"))
            .with_context(|| format!("reading {folder}/ask.txt"))?;
        let definitions = recorded.join("definitions.yaml");
        let mut objects = objects(data, recorded)?;
        objects.extend(copies(folder)?);
        Ok(Scenario {
            name: folder.file_name().unwrap_or_default().to_owned(),
            objects,
            has_components: folder.join("components.txt").exists(),
            repositories: vec![data.join("repo"), recorded.join("repo")],
            definitions: definitions.exists().then_some(definitions),
            questions: questions.lines().map(str::to_owned).collect(),
            only_recorded: optional(&recorded.join("only-recorded.txt"))?,
            folder: folder.to_owned(),
            is_of_server,
        })
    }

    /// The expected answers. With `UPDATE_EXPECT`, those of scenarios that need a server are replaced by `actual`.
    pub(super) fn expected(&self, actual: &str) -> Result<String> {
        let file = self.folder.join("expected.txt");
        if self.is_of_server {
            if std::env::var_os("UPDATE_EXPECT").is_some() {
                fs::write(&file, actual)?;
            }
            return Ok(optional(&file)?.unwrap_or_default());
        }
        let text = fs::read_to_string(&file)?;
        // Remarks about unreadable parts differ between a recorded file and a server.
        let lines = text.lines().filter(|line| !line.starts_with("remark: "));
        Ok(lines.map(|line| format!("{line}\n")).collect())
    }
}

fn folders(parent: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut folders = Vec::new();
    for entry in parent.read_dir_utf8()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path().to_owned());
        }
    }
    folders.sort();
    Ok(folders)
}

fn optional(file: &Utf8Path) -> Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {file}")),
    }
}

/// The objects of the cluster that is in sync, changed by those of the scenario.
fn objects(data: &Utf8Path, scenario: &Utf8Path) -> Result<Vec<Value>> {
    let mut objects: BTreeMap<String, Value> = BTreeMap::new();
    for file in [data.join("in-sync.json"), scenario.join("cluster.json")] {
        let Some(text) = optional(&file)? else { continue };
        let list: Value = serde_json::from_str(&text).with_context(|| format!("reading {file}"))?;
        let items = list.get("items").and_then(Value::as_array);
        for item in items.with_context(|| format!("{file} has no items"))? {
            objects.insert(identity(item), item.clone());
        }
    }
    for gone in optional(&scenario.join("gone.txt"))?.unwrap_or_default().lines() {
        ensure!(objects.remove(gone).is_some(), "{gone} is not in the cluster");
    }
    Ok(objects.into_values().collect())
}

/// The objects of `copies.json`: each in so many copies, with their number in place of `NUMBER`.
fn copies(folder: &Utf8Path) -> Result<Vec<Value>> {
    #[derive(serde::Deserialize)]
    struct Copies {
        count: usize,
        object: Value,
    }
    let file = folder.join("copies.json");
    let Some(text) = optional(&file)? else {
        return Ok(Vec::new());
    };
    let all: Vec<Copies> = serde_json::from_str(&text).with_context(|| format!("reading {file}"))?;
    let mut objects = Vec::new();
    for Copies { count, object } in all {
        let text = object.to_string();
        for number in 0..count {
            objects.push(serde_json::from_str(
                &text.replace("NUMBER", &format!("{number:04}")),
            )?);
        }
    }
    Ok(objects)
}

/// An answer with the expected `since` lines where its own count from the creation of an object, which is later than the
/// clock of the questions.
pub(super) fn with_times_of(answer: &str, expected: &str) -> String {
    let mut expected = expected.lines();
    let lines = answer.lines().map(|line| {
        let known = expected.next();
        let is_of_server = line.starts_with("since: 0s (");
        known
            .filter(|known| is_of_server && known.starts_with("since: "))
            .unwrap_or(line)
    });
    lines.map(|line| format!("{line}\n")).collect()
}

/// `Kind/namespace/name`
pub(super) fn identity(object: &Value) -> String {
    format!("{}/{}", json::text_at(object, "/kind"), json::full_name(object))
}
