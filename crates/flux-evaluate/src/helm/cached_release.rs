//! Results of one release in the cache of renderings.

use helm_template::{Crd, Decision, Decisions, Field, ValuePath, ValueStep};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::objects::{ChartName, ReleaseOutput};
use crate::KeptRenderings;

/// Version of the format of entries.
const FORMAT: &str = "3";
/// Most bytes of an entry; larger ones are not stored.
const MAX_BYTES: usize = 16 << 20;

/// The entries of one release.
pub(super) struct CachedRelease<'k> {
    pub(super) store: &'k dyn KeptRenderings,
    /// The digest of the release's inputs.
    pub(super) fingerprint: Fingerprint,
}

impl CachedRelease<'_> {
    /// The manifests of the release, rendered if they are not in the cache.
    pub(super) fn output<E>(
        &self,
        render: impl FnOnce() -> Result<ReleaseOutput, E>,
    ) -> Result<ReleaseOutput, E> {
        self.get("output", &[], render, OutputEntry::new, OutputEntry::output)
    }

    /// The values that decide fields, searched for if they are not in the cache.
    pub(super) fn decisions<E>(
        &self,
        asked: &[(Field, String)],
        most_renderings: u32,
        search: impl FnOnce() -> Result<Decisions, E>,
    ) -> Result<Decisions, E> {
        let asked = format!("{most_renderings} {asked:?}");
        self.get(
            "decisions",
            asked.as_bytes(),
            search,
            DecisionsEntry::new,
            DecisionsEntry::decisions,
        )
    }

    fn get<T, Entry: Serialize + DeserializeOwned, E>(
        &self,
        name: &str,
        arguments: &[u8],
        compute: impl FnOnce() -> Result<T, E>,
        to_entry: impl FnOnce(&T) -> Entry,
        from_entry: impl FnOnce(Entry) -> T,
    ) -> Result<T, E> {
        let mut fingerprint = self.fingerprint.clone();
        fingerprint.text(FORMAT);
        fingerprint.text(name);
        fingerprint.bytes(arguments);
        let key = fingerprint.key();
        let known = self.store.read(&key);
        if let Some(entry) = known.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            return Ok(from_entry(entry));
        }
        let computed = compute()?;
        if let Ok(bytes) = serde_json::to_vec(&to_entry(&computed))
            && bytes.len() <= MAX_BYTES
        {
            self.store.write(&key, &bytes);
        }
        Ok(computed)
    }
}

#[derive(Serialize, Deserialize)]
struct OutputEntry {
    chart_name: String,
    chart_version: String,
    /// Name and text of each file.
    crds: Vec<(String, String)>,
    manifests: Vec<String>,
    hooks: Vec<String>,
    unused: Vec<PathEntry>,
    unchecked_schemas: Vec<String>,
}

impl OutputEntry {
    fn new(output: &ReleaseOutput) -> Self {
        let crds = output.crds.iter();
        let crds = crds.map(|crd| (crd.source.clone(), crd.content.clone()));
        OutputEntry {
            chart_name: output.chart.name.clone(),
            chart_version: output.chart.version.clone(),
            crds: crds.collect(),
            manifests: output.manifests.clone(),
            hooks: output.hooks.clone(),
            unused: output.unused.iter().map(path_entry).collect(),
            unchecked_schemas: output.unchecked_schemas.clone(),
        }
    }

    fn output(self) -> ReleaseOutput {
        let crds = self.crds.into_iter();
        ReleaseOutput {
            chart: ChartName {
                name: self.chart_name,
                version: self.chart_version,
            },
            crds: crds.map(|(source, content)| Crd { source, content }).collect(),
            manifests: self.manifests,
            hooks: self.hooks,
            unused: self.unused.into_iter().map(path).collect(),
            unchecked_schemas: self.unchecked_schemas,
            unmatched: Vec::new(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct DecisionsEntry {
    decided: Vec<DecisionEntry>,
    undecided: Vec<(FieldEntry, String)>,
    renderings: u32,
}

#[derive(Serialize, Deserialize)]
struct DecisionEntry {
    field: FieldEntry,
    text: String,
    value: PathEntry,
    value_text: String,
    is_given: bool,
}

impl DecisionsEntry {
    fn new(decisions: &Decisions) -> Self {
        let decided = decisions.decided.iter().map(|decision| DecisionEntry {
            field: FieldEntry::new(&decision.field),
            text: decision.text.clone(),
            value: path_entry(&decision.value),
            value_text: decision.value_text.clone(),
            is_given: decision.is_given,
        });
        let undecided = decisions.undecided.iter();
        let undecided = undecided.map(|(field, text)| (FieldEntry::new(field), text.clone()));
        DecisionsEntry {
            decided: decided.collect(),
            undecided: undecided.collect(),
            renderings: decisions.renderings,
        }
    }

    fn decisions(self) -> Decisions {
        let decided = self.decided.into_iter().map(|entry| Decision {
            field: entry.field.field(),
            text: entry.text,
            value: path(entry.value),
            value_text: entry.value_text,
            is_given: entry.is_given,
            // Not stored: lines may move without a change of the rendering.
            place: None,
        });
        let undecided = self.undecided.into_iter();
        Decisions {
            decided: decided.collect(),
            undecided: undecided.map(|(entry, text)| (entry.field(), text)).collect(),
            renderings: self.renderings,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct FieldEntry {
    kind: String,
    namespace: String,
    name: String,
    path: PathEntry,
}

impl FieldEntry {
    fn new(field: &Field) -> Self {
        FieldEntry {
            kind: field.kind.clone(),
            namespace: field.namespace.clone(),
            name: field.name.clone(),
            path: path_entry(&field.path),
        }
    }

    fn field(self) -> Field {
        Field {
            kind: self.kind,
            namespace: self.namespace,
            name: self.name,
            path: path(self.path),
        }
    }
}

type PathEntry = Vec<StepEntry>;

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StepEntry {
    Index(usize),
    Key(String),
}

fn path_entry(path: &ValuePath) -> PathEntry {
    let steps = path.0.iter().map(|step| match step {
        ValueStep::Key(key) => StepEntry::Key(key.clone()),
        ValueStep::Index(index) => StepEntry::Index(*index),
    });
    steps.collect()
}

fn path(entry: PathEntry) -> ValuePath {
    let steps = entry.into_iter().map(|step| match step {
        StepEntry::Key(key) => ValueStep::Key(key),
        StepEntry::Index(index) => ValueStep::Index(index),
    });
    ValuePath(steps.collect())
}
