//! Templates of a chart and its subcharts turn into rendered files.
//!
//! Rules: [pkg/engine/engine.go](https://github.com/helm/helm/blob/v4.2.4/pkg/engine/engine.go).

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use go_template::{Budget, Execution, Map, MissingKey, Templates, Unknown, Value};

use super::functions::{self, Host};
use super::top::{self, Scope, Shared};
use super::{NOTES, RenderOptions, errors};
use crate::dependencies::LoadedChart;
use crate::manifest::is_partial;
use crate::objects::capabilities;
use crate::post_render::Files;
use crate::{Chart, ChartFile, Error, Stage, TemplatePlace};

/// The name of the template set, which messages show.
const SET: &str = "gotpl";
/// Printed by text/template for missing values, and removed by Helm.
const NO_VALUE: &[u8] = b"<no value>";

/// A template and its scope.
struct Template<'a> {
    chart: &'a Chart,
    file: &'a ChartFile,
    top: &'a Rc<Map>,
    base_path: String,
}

/// Executes all templates, and returns their output by name.
pub(super) fn render(
    chart: &LoadedChart,
    values: &Rc<Map>,
    options: &RenderOptions<'_>,
) -> Result<Files, Error> {
    let shared = Shared {
        release: top::release(&options.release),
        capabilities: capabilities(&options.capabilities),
    };
    let scope = Scope::new(chart, values, &shared, true);
    let mut by_name = BTreeMap::new();
    collect(chart, &scope, chart.name().to_owned(), &mut by_name);
    let mut sorted: Vec<(&Arc<str>, &Template<'_>)> = by_name.iter().collect();
    // Deep ones first, so that definitions nearer to the root replace them.
    sorted.sort_by_key(|(name, _)| std::cmp::Reverse((name.matches('/').count(), *name)));

    let mut templates = Templates::new(SET, functions::library()).with_missing_key(MissingKey::Zero);
    for (name, template) in &sorted {
        let parsed = template.chart.parsed.template(name, template.file, &templates);
        templates.add(&*parsed.map_err(|error| {
            let place = TemplatePlace {
                template: error.file.to_string(),
                line: error.line,
            };
            errors::parse_error(&error.to_string(), place)
        })?);
    }

    let host = Host::default();
    let budget = Budget::new(options.limits.templates);
    let execution = Execution {
        limits: options.limits.templates,
        budget: Some(&budget),
        unknown: Unknown::Placeholder,
        host: &host,
    };
    let mut files = Files::new();
    let mut broken: Option<(&Arc<str>, &str)> = None;
    for (name, template) in sorted {
        if is_partial(name) {
            continue;
        }
        let place = [
            ("Name", Value::text(&**name)),
            ("BasePath", Value::text(template.base_path.as_str())),
        ];
        let place = Rc::new(top::map(place));
        template.top.insert("Template", top::named(&place));
        let output = templates
            .execute(name, top::named(template.top), &execution)
            .map_err(|error| errors::exec_error(&error))?;
        let text = remove_no_value(output.text.as_bytes());
        if let Some(problem) = yaml_node::utf8_problem(&text).filter(|_| !name.ends_with(NOTES)) {
            broken = broken.into_iter().chain([(name, problem)]).min();
        }
        files.insert(Arc::clone(name), String::from_utf8_lossy(&text).into_owned());
    }
    match broken {
        None => Ok(files),
        Some((name, problem)) => Err(Error::new(
            Stage::Manifest,
            format!("YAML parse error on {name}: error converting YAML to JSON: yaml: {problem}"),
        )),
    }
}

/// Collects the templates of a chart and of its subcharts by name; of library charts only the partials.
fn collect<'a>(
    chart: &'a LoadedChart,
    scope: &'a Scope,
    path: String,
    templates: &mut BTreeMap<Arc<str>, Template<'a>>,
) {
    for (subchart, scope) in chart.dependencies.iter().zip(&scope.subcharts) {
        let path = format!("{path}/charts/{}", subchart.name());
        collect(subchart, scope, path, templates);
    }
    let is_library = chart.metadata.is_library();
    for file in &chart.chart.templates {
        if is_library && !is_partial(&file.name) {
            continue;
        }
        let template = Template {
            chart: &chart.chart,
            file,
            top: &scope.top,
            base_path: format!("{path}/templates"),
        };
        templates.insert(format!("{path}/{}", file.name).into(), template);
    }
}

/// Removes `<no value>`.
pub(super) fn remove_no_value(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, NO_VALUE) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + NO_VALUE.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}
