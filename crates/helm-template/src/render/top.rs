//! The top-level objects of a template: `.Values`, `.Chart`, `.Release` and the rest.

use std::rc::Rc;

use go_template::{Kind, Map, MapType, Value};

use crate::Release;
use crate::chart::{Dependency, ImportValue, Metadata};
use crate::dependencies::LoadedChart;
use crate::objects::{Files, VALUES};
use crate::values::{empty_map, value_of_node};

/// Objects that are the same in all charts.
pub(super) struct Shared {
    pub(super) release: Value,
    pub(super) capabilities: Value,
}

/// The top-level objects of a chart's templates, and of its subcharts.
pub(super) struct Scope {
    pub(super) top: Rc<Map>,
    pub(super) subcharts: Vec<Scope>,
}

/// `.Release`
pub(super) fn release(release: &Release) -> Value {
    struct_of([
        ("Name", Value::text(release.name.as_str())),
        ("Namespace", Value::text(release.namespace.as_str())),
        ("IsUpgrade", Value::bool(release.is_upgrade)),
        ("IsInstall", Value::bool(!release.is_upgrade)),
        ("Revision", Value::int(release.revision)),
        ("Service", Value::text("Helm")),
    ])
}

impl Scope {
    /// The scopes of a chart with its values, and of its subcharts, whose values are part of them.
    pub(super) fn new(chart: &LoadedChart, values: &Rc<Map>, shared: &Shared, is_root: bool) -> Scope {
        let subcharts: Vec<Scope> = chart
            .dependencies
            .iter()
            .map(|subchart| {
                let sub_values = match values.get(subchart.name()).map(|value| value.kind) {
                    Some(Kind::Map(map)) => map,
                    _ => Rc::new(empty_map()),
                };
                Scope::new(subchart, &sub_values, shared, false)
            })
            .collect();
        let tops = chart.dependencies.iter().zip(&subcharts);
        let tops = tops.map(|(subchart, scope)| {
            (
                subchart.name().into(),
                Value::new(Kind::Map(Rc::clone(&scope.top))),
            )
        });
        let top = map([
            ("Chart", metadata(&chart.metadata, is_root)),
            ("Files", Value::object(Files::new(&chart.chart.files))),
            ("Release", shared.release.clone()),
            ("Capabilities", shared.capabilities.clone()),
            ("Values", named(values)),
            ("Subcharts", Value::map(tops.collect())),
        ]);
        let top = Rc::new(top);
        Scope { top, subcharts }
    }
}

/// The map as Helm's type of values.
pub(super) fn named(map: &Rc<Map>) -> Value {
    Value::new(Kind::Map(Rc::new(map.converted(MapType::Named(VALUES)))))
}

/// `.Chart`, with the names of Go's fields.
fn metadata(metadata: &Metadata, is_root: bool) -> Value {
    let text = |text: &str| Value::text(text);
    let texts = |texts: &[String]| Value::list(texts.iter().map(|item| text(item)).collect());
    let annotations = metadata.annotations.as_ref();
    let annotations = annotations.map_or_else(nil_texts, |pairs| {
        let entries = pairs
            .iter()
            .map(|(key, value)| (key.as_str().into(), text(value)));
        Value::map_of(MapType::Text, entries.collect())
    });
    let maintainers = metadata.maintainers.iter().map(|maintainer| {
        struct_of([
            ("Name", text(&maintainer.name)),
            ("Email", text(&maintainer.email)),
            ("URL", text(&maintainer.url)),
        ])
    });
    struct_of([
        ("Name", text(&metadata.name)),
        ("Home", text(&metadata.home)),
        ("Sources", texts(&metadata.sources)),
        ("Version", text(&metadata.version)),
        ("Description", text(&metadata.description)),
        ("Keywords", texts(&metadata.keywords)),
        ("Maintainers", Value::list(maintainers.collect())),
        ("Icon", text(&metadata.icon)),
        ("APIVersion", text(&metadata.api_version)),
        ("Condition", text(&metadata.condition)),
        ("Tags", text(&metadata.tags)),
        ("AppVersion", text(&metadata.app_version)),
        ("Deprecated", Value::bool(metadata.deprecated)),
        ("Annotations", annotations),
        ("KubeVersion", text(&metadata.kube_version)),
        (
            "Dependencies",
            Value::list(metadata.dependencies().iter().map(dependency).collect()),
        ),
        ("Type", text(&metadata.kind)),
        ("IsRoot", Value::bool(is_root)),
    ])
}

fn dependency(dependency: &Dependency) -> Value {
    let text = |text: &str| Value::text(text);
    let import = |import: &ImportValue| match import {
        ImportValue::Export(name) => text(name),
        ImportValue::Path { child, parent } => {
            let entries = [("child", child), ("parent", parent)];
            let entries = entries.map(|(key, value)| (key.into(), text(value)));
            Value::map_of(MapType::Text, entries.into_iter().collect())
        }
        ImportValue::Other(node) => value_of_node(node),
    };
    struct_of([
        ("Name", text(&dependency.name)),
        ("Version", text(&dependency.version)),
        ("Repository", text(&dependency.repository)),
        ("Condition", text(&dependency.condition)),
        (
            "Tags",
            Value::list(dependency.tags.iter().map(|tag| text(tag)).collect()),
        ),
        ("Enabled", Value::bool(dependency.enabled)),
        (
            "ImportValues",
            Value::list(dependency.import_values.iter().map(import).collect()),
        ),
        ("Alias", text(&dependency.alias)),
    ])
}

/// `map[string]interface {}`
pub(super) fn map<const N: usize>(entries: [(&str, Value); N]) -> Map {
    let entries = entries.map(|(key, value)| (key.into(), value));
    Map::new(MapType::Any, entries.into())
}

fn struct_of<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::new(Kind::Map(Rc::new(map(fields))))
}

/// `map[string]string(nil)`
fn nil_texts() -> Value {
    Value::new(Kind::Map(Rc::new(Map::nil().converted(MapType::Text))))
}
