//! Objects of a file of rendered records, with the Kustomizations that apply them.
//!
//! The records are printed by the real tools; nothing here knows the catalogs or the model.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};
use camino::Utf8Path;
use serde_json::Value;

use crate::facts::pod;
use crate::json::{self, list, text_at};

/// The objects that Flux applies to one cluster.
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
    /// Whether it substitutes from an object that is not in the repository.
    pub(crate) incomplete: bool,
    /// Identities of the objects that the charts of its releases make, if charts are rendered.
    pub(crate) made_by_charts: BTreeSet<String>,
}

impl Record {
    /// Whether this is the cluster entry rather than a Kustomization.
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

    /// `namespace/name`
    pub(crate) fn full_name(&self) -> String {
        json::full_name(&self.value)
    }

    /// The string at a JSON pointer; empty if there is none.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        text_at(&self.value, pointer)
    }

    /// The pod spec; `null` for objects that run no pods.
    pub(crate) fn pod(&self) -> &Value {
        pod::pod_spec(&self.value).unwrap_or(&Value::Null)
    }

    /// Whether it is of this kind and API group.
    pub(crate) fn is(&self, group: &str, kind: &str) -> bool {
        self.kind() == kind && json::group(&self.value) == group
    }

    pub(crate) fn is_helm_release(&self) -> bool {
        self.is("helm.toolkit.fluxcd.io", "HelmRelease")
    }

    /// `group/kind/namespace/name`.
    pub(crate) fn identity(&self) -> String {
        json::identity(&self.value)
    }
}

/// A namespace that a reference states, or that of the referring object if it states none.
pub(crate) fn or_own<'a>(namespace: &'a str, object: &'a Object) -> &'a str {
    match namespace {
        "" => object.namespace(),
        namespace => namespace,
    }
}

/// The name of a generated object: stated, or that of the object that makes it.
pub(crate) fn or_own_name<'a>(name: &'a str, object: &'a Object) -> &'a str {
    match name {
        "" => object.name(),
        name => name,
    }
}

impl Rendering {
    /// Reads a file of records, one a line.
    pub(crate) fn read(file: &Utf8Path) -> Result<Self> {
        Ok(Self::new(&records(file)?))
    }

    /// As [`Rendering::read`], with the objects that `charts` adds to the records.
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
            let added = list(&line["objects"]).skip(before);
            record.made_by_charts = added.map(json::identity).collect();
        }
        Ok(rendering)
    }

    fn new(lines: &[Value]) -> Self {
        let records: Vec<Record> = lines
            .iter()
            .map(|line| Record {
                name: text_at(line, "/kustomization").to_owned(),
                parent: text_at(line, "/parent").to_owned(),
                path: text_at(line, "/path").to_owned(),
                incomplete: list(&line["missing"]).next().is_some(),
                made_by_charts: BTreeSet::new(),
            })
            .collect();
        let elsewhere = to_other_clusters(lines);
        let mut owners: BTreeMap<String, Vec<(usize, &Value)>> = BTreeMap::new();
        for (record, line) in lines.iter().enumerate() {
            if !elsewhere.contains(records[record].name.as_str()) {
                for object in list(&line["objects"]) {
                    let owners = owners.entry(json::identity(object)).or_default();
                    owners.push((record, object));
                }
            }
        }
        let mut objects: Vec<Object> = owners
            .into_values()
            .filter_map(|mut applied| {
                // Objects of the entry's folder belong to the Kustomization that points at it, if there is one.
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
        self.of_kind("kustomize.toolkit.fluxcd.io", "Kustomization")
    }

    /// The Kustomization with a name, `namespace/name`.
    pub(crate) fn kustomization(&self, name: &str) -> Option<&Object> {
        let mut kustomizations = self.kustomizations().into_iter();
        kustomizations.find(|object| object.full_name() == name)
    }

    pub(crate) fn helm_releases(&self) -> Vec<&Object> {
        self.of_kind("helm.toolkit.fluxcd.io", "HelmRelease")
    }

    /// The objects that `dependsOn` names, which are of the same kind.
    pub(crate) fn depends_on<'r>(&'r self, object: &Object) -> Vec<&'r Object> {
        let group = json::group(&object.value);
        list(&object.value["spec"]["dependsOn"])
            .filter_map(|other| {
                let namespace = or_own(text_at(other, "/namespace"), object);
                self.find(group, object.kind(), namespace, text_at(other, "/name"))
            })
            .collect()
    }
}

/// The records of a file, one a line.
pub(crate) fn records(file: &Utf8Path) -> Result<Vec<Value>> {
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
        .map(json::full_name)
        .collect()
}
