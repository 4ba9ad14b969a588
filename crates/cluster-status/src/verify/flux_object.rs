//! Fields of Kustomizations, HelmReleases and sources.

use std::collections::BTreeSet;

use infra_model::flux::{ChartRef, HelmRelease, Kustomization, Source};
use infra_model::{Key, ObjectRef};
use infra_query::Node;

use super::duration::is_same;
use super::{Comparison, Fields, is_known};
use crate::message::non_empty;
use crate::repository::object_of;

impl Comparison<'_> {
    pub(super) fn kustomization_fields(
        &self,
        object: &ObjectRef,
        stated: &Kustomization,
        fields: &mut Fields,
    ) {
        let Some(live) = self.snapshot.kustomizations.get(object) else {
            return;
        };
        let spec = &live.spec;
        if is_known(&stated.path) && folder(&stated.path) != folder(&spec.path) {
            fields.differs("path", Some(&stated.path), Some(&spec.path));
        }
        interval(stated.interval.as_deref(), &spec.interval, fields);
        suspend(stated.suspend, spec.suspend, fields);
        let source_name = stated.source_ref.as_deref().filter(|name| is_known(name));
        let stated_source = source_name.map(|name| {
            let namespace = stated.source_namespace.as_ref().unwrap_or(&stated.namespace);
            let kind = stated.source_kind.as_deref().unwrap_or_default();
            ObjectRef::new(kind, namespace.as_str(), name)
        });
        if let (Some(stated), Some(live)) = (stated_source, spec.source_ref.object("", &object.namespace)) {
            fields.compare("sourceRef", &stated.to_string(), &live.to_string());
        }
        let live = spec.depends_on.iter();
        let live = live.filter_map(|it| it.object("Kustomization", &object.namespace));
        self.depends_on(&stated.depends_on, Node::Kustomization, live, fields);
    }

    pub(super) fn release_fields(&self, object: &ObjectRef, stated: &HelmRelease, fields: &mut Fields) {
        let Some(live) = self.snapshot.helm_releases.get(object) else {
            return;
        };
        let spec = &live.spec;
        let chart = &spec.chart.spec;
        let some = |text: &Option<String>| text.clone().unwrap_or_default();
        match &stated.chart_ref {
            Some(ChartRef {
                kind,
                name,
                namespace,
            }) => {
                let live = spec.chart_ref.object("", &object.namespace).unwrap_or_default();
                let stated = ObjectRef::new(kind.as_str(), namespace.as_str(), name.as_str());
                fields.compare("chartRef", &stated.to_string(), &live.to_string());
            }
            None => {
                let mut texts = stated.chart.iter().chain(&stated.version);
                let is_known = texts.all(|text| is_known(text));
                // A HelmRelease of another API version may state its chart in fields that are not read.
                if is_known && !(chart.chart.is_empty() && spec.chart_ref.name.is_empty()) {
                    fields.compare("chart", &some(&stated.chart), &chart.chart);
                    fields.compare("version", any(&some(&stated.version)), any(&chart.version));
                }
            }
        }
        interval(stated.interval.as_deref(), &spec.interval, fields);
        suspend(stated.suspend, spec.suspend, fields);
        let live = spec.depends_on.iter();
        let live = live.filter_map(|it| it.object("HelmRelease", &object.namespace));
        self.depends_on(&stated.depends_on, Node::HelmRelease, live, fields);
    }

    pub(super) fn source_fields(&self, object: &ObjectRef, stated: &Source, fields: &mut Fields) {
        let Some(live) = self.snapshot.sources.get(object) else {
            return;
        };
        let url = stated.url.as_deref().filter(|url| is_known(url));
        if let Some(url) = url.filter(|_| !live.spec.url.is_empty()) {
            fields.compare("url", url, &redaction::without_credentials(&live.spec.url));
        }
        interval(stated.interval.as_deref(), &live.spec.interval, fields);
        if live.spec.suspend {
            // Catalogs do not say whether a source is suspended; in Git it practically never is.
            fields.differs("suspend", None, Some("true"));
        }
    }

    fn depends_on<'k>(
        &self,
        keys: &'k [Key],
        node: fn(&'k str) -> Node<'k>,
        live: impl Iterator<Item = ObjectRef>,
        fields: &mut Fields,
    ) {
        let object = |key: &'k Key| -> String {
            let object = node(key).subject(self.facts).and_then(object_of);
            // A dependency that the repository lacks remains as written, usually as a name alone.
            object.map_or_else(|| key.clone(), |object| named(&object))
        };
        let stated: BTreeSet<String> = keys.iter().map(object).collect();
        let live: BTreeSet<String> = live.map(|object| named(&object)).collect();
        let is_whole = stated.iter().all(|name| name.contains('/') && is_known(name));
        if is_whole || stated.len() != live.len() {
            fields.compare_sets("dependsOn", &stated, &live);
        }
    }
}

fn named(object: &ObjectRef) -> String {
    format!("{}/{}", object.namespace, object.name)
}

/// The version, or `*` without one.
fn any(version: &str) -> &str {
    non_empty(version).unwrap_or("*")
}

pub(super) fn folder(path: &str) -> &str {
    let path = path.trim_start_matches("./").trim_matches('/');
    if path == "." { "" } else { path }
}

fn interval(stated: Option<&str>, live: &str, fields: &mut Fields) {
    if let Some(stated) = stated.filter(|stated| is_known(stated) && !live.is_empty())
        && !is_same(stated, live)
    {
        fields.differs("interval", Some(stated), Some(live));
    }
}

fn suspend(stated: bool, live: bool, fields: &mut Fields) {
    if stated != live {
        fields.differs("suspend", Some(&stated.to_string()), Some(&live.to_string()));
    }
}
