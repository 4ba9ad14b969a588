//! Objects of a file of rendered records, with the Kustomizations that apply them.
//!
//! The records are what the real tools print; nothing here knows the catalogs or the model.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};
use camino::Utf8Path;
use serde_json::Value;

/// What Flux applies to one cluster.
pub(crate) struct Rendering {
    pub(crate) records: Vec<Record>,
    pub(crate) objects: Vec<Object>,
}

/// One Kustomization.
pub(crate) struct Record {
    /// `namespace/name`; the name of the entry itself is `(root)`.
    pub(crate) name: String,
    /// The record that emits it; empty for the entry.
    pub(crate) parent: String,
    /// `spec.path`.
    pub(crate) path: String,
    /// Whether it substitutes from something that the repository does not hold.
    pub(crate) incomplete: bool,
    /// Identities of what the charts of its releases make, where they are rendered.
    pub(crate) made_by_charts: BTreeSet<String>,
}

impl Record {
    /// Whether this is the entry and no Kustomization.
    pub(crate) fn is_entry(&self) -> bool {
        self.name.ends_with("(root)")
    }

    /// The name without the namespace.
    pub(crate) fn plain_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }
}

/// An object that exactly one Kustomization applies.
pub(crate) struct Object {
    pub(crate) value: Value,
    /// Index of its record.
    pub(crate) record: usize,
}

impl Object {
    pub(crate) fn kind(&self) -> &str {
        self.text("/kind")
    }

    pub(crate) fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    pub(crate) fn namespace(&self) -> &str {
        self.text("/metadata/namespace")
    }

    /// The text at a JSON pointer; empty where there is none.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        text(&self.value, pointer)
    }

    /// Whether it is of a kind of an API group.
    pub(crate) fn is(&self, group: &str, kind: &str) -> bool {
        let own = self
            .text("/apiVersion")
            .split_once('/')
            .map_or("", |(group, _)| group);
        self.kind() == kind && own == group
    }

    pub(crate) fn is_kustomization(&self) -> bool {
        self.is("kustomize.toolkit.fluxcd.io", "Kustomization")
    }

    pub(crate) fn is_helm_release(&self) -> bool {
        self.is("helm.toolkit.fluxcd.io", "HelmRelease")
    }

    /// `group/kind/namespace/name`.
    pub(crate) fn identity(&self) -> String {
        identity(&self.value)
    }
}

impl Rendering {
    /// Reads a file of records, one a line.
    pub(crate) fn read(file: &Utf8Path) -> Result<Self> {
        Ok(Self::new(&records(file)?))
    }

    /// As [`Rendering::read`], with what the charts of its releases make.
    pub(crate) fn read_with_charts(
        file: &Utf8Path,
        charts: impl FnOnce(&mut [Value]) -> Result<()>,
    ) -> Result<Self> {
        let mut lines = records(file)?;
        let count = |line: &Value| list(&line["objects"]).count();
        let before: Vec<usize> = lines.iter().map(count).collect();
        charts(&mut lines)?;
        let mut rendering = Self::new(&lines);
        for ((record, line), before) in rendering.records.iter_mut().zip(&lines).zip(before) {
            record.made_by_charts = list(&line["objects"]).skip(before).map(identity).collect();
        }
        Ok(rendering)
    }

    fn new(lines: &[Value]) -> Self {
        let records: Vec<Record> = lines
            .iter()
            .map(|line| Record {
                name: text(line, "/kustomization").to_owned(),
                parent: text(line, "/parent").to_owned(),
                path: text(line, "/path").to_owned(),
                incomplete: line["missing"]
                    .as_array()
                    .is_some_and(|missing| !missing.is_empty()),
                made_by_charts: BTreeSet::new(),
            })
            .collect();
        let elsewhere = to_other_clusters(lines);
        let mut owners: BTreeMap<String, Vec<(usize, &Value)>> = BTreeMap::new();
        for (record, line) in lines.iter().enumerate() {
            if !elsewhere.contains(records[record].name.as_str()) {
                for object in list(&line["objects"]) {
                    owners.entry(identity(object)).or_default().push((record, object));
                }
            }
        }
        let mut objects: Vec<Object> = owners
            .into_values()
            .filter_map(|mut applied| {
                // What the entry holds is applied by the Kustomization that points at it, where one does.
                if applied.len() > 1 {
                    applied.retain(|(record, _)| !records[*record].is_entry());
                }
                match applied.as_slice() {
                    [(record, value)] => Some(Object {
                        value: (*value).clone(),
                        record: *record,
                    }),
                    _ => None,
                }
            })
            .collect();
        objects.sort_by_key(Object::identity);
        Rendering { records, objects }
    }

    /// The record of an object.
    pub(crate) fn owner(&self, object: &Object) -> &Record {
        &self.records[object.record]
    }

    pub(crate) fn find(&self, group: &str, kind: &str, namespace: &str, name: &str) -> Option<&Object> {
        self.objects
            .iter()
            .find(|object| object.is(group, kind) && object.namespace() == namespace && object.name() == name)
    }

    /// The objects of a kind of an API group.
    pub(crate) fn of_kind<'r>(&'r self, group: &str, kind: &str) -> Vec<&'r Object> {
        self.objects
            .iter()
            .filter(|object| object.is(group, kind))
            .collect()
    }

    pub(crate) fn kustomizations(&self) -> Vec<&Object> {
        self.objects
            .iter()
            .filter(|object| object.is_kustomization())
            .collect()
    }

    pub(crate) fn helm_releases(&self) -> Vec<&Object> {
        self.objects
            .iter()
            .filter(|object| object.is_helm_release())
            .collect()
    }
}

/// The records of a file, one a line.
fn records(file: &Utf8Path) -> Result<Vec<Value>> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {file}"))?;
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .with_context(|| format!("reading {file}"))
}

/// Kustomizations that apply to another cluster.
fn to_other_clusters(lines: &[Value]) -> BTreeSet<String> {
    lines
        .iter()
        .flat_map(|line| list(&line["objects"]))
        .filter(|object| object["kind"] == "Kustomization" && object["spec"]["kubeConfig"].is_object())
        .map(|object| {
            format!(
                "{}/{}",
                text(object, "/metadata/namespace"),
                text(object, "/metadata/name")
            )
        })
        .collect()
}

fn identity(object: &Value) -> String {
    let group = text(object, "/apiVersion")
        .split_once('/')
        .map_or("", |(group, _)| group);
    format!(
        "{group}/{}/{}/{}",
        text(object, "/kind"),
        text(object, "/metadata/namespace"),
        text(object, "/metadata/name")
    )
}

/// The text at a JSON pointer; empty where there is none.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The items of a list; none where it is no list.
pub(crate) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The entries of a map; none where it is no map.
pub(crate) fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}
