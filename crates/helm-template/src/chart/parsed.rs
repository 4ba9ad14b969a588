//! Cache of a chart's parsed templates and schema.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use go_template::{ParseError, Parsed, Templates, Text};

use super::chart_file::ChartFile;
use crate::schema::Schema;

/// Parsed templates and the schema of one chart without its subcharts.
#[derive(Debug, Default)]
pub(crate) struct ParsedChart {
    /// By the name of the template in a rendering: a subchart with two aliases has each template twice.
    templates: Mutex<HashMap<Arc<str>, ParsedTemplate>>,
    schema: OnceLock<Result<Schema, String>>,
}

/// A parsed template, and the bytes that it was parsed from, since a caller may replace the files of a chart.
#[derive(Clone, Debug)]
struct ParsedTemplate {
    data: Arc<[u8]>,
    parsed: Arc<Parsed>,
}

impl ParsedChart {
    /// A template, parsed at most once. The syntax of `set` is the same in all renderings.
    ///
    /// # Errors
    /// If Go would refuse the text.
    pub(crate) fn template(
        &self,
        name: &Arc<str>,
        file: &ChartFile,
        set: &Templates,
    ) -> Result<Arc<Parsed>, ParseError> {
        let known = self.lock().get(name).cloned();
        if let Some(known) = known.filter(|known| Arc::ptr_eq(&known.data, &file.data)) {
            return Ok(known.parsed);
        }
        let parsed = Arc::new(set.parse_text(name, Text::from(&*file.data))?);
        let template = ParsedTemplate {
            data: Arc::clone(&file.data),
            parsed: Arc::clone(&parsed),
        };
        self.lock().insert(Arc::clone(name), template);
        Ok(parsed)
    }

    /// The schema, compiled at most once.
    ///
    /// # Errors
    /// The message for an invalid schema.
    pub(crate) fn schema(&self, text: &Arc<[u8]>) -> Result<&Schema, String> {
        let schema = self.schema.get_or_init(|| Schema::compile(text));
        schema.as_ref().map_err(Clone::clone)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Arc<str>, ParsedTemplate>> {
        // The map is consistent even after a panic.
        self.templates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use go_template::Library;
    use yaml_node::Node;

    use super::*;
    use crate::{Chart, ChartLimits, Release, RenderOptions, Values, render};

    fn chart(template: &[u8]) -> Chart {
        let files = vec![
            ChartFile::new("Chart.yaml", *b"apiVersion: v2\nname: web\nversion: 1.0.0\n"),
            ChartFile::new("values.schema.json", *b"{\"type\":\"object\"}"),
            ChartFile::new("templates/a.yaml", template),
        ];
        Chart::from_files(files, &ChartLimits::default()).unwrap()
    }

    fn rendered(chart: &Arc<Chart>) -> String {
        let options = RenderOptions::new(Release::new("r", "ns"));
        let rendered = render(chart, &Values::new(), &options).unwrap();
        rendered
            .manifests
            .into_iter()
            .map(|manifest| manifest.content)
            .collect()
    }

    #[test]
    fn a_template_is_parsed_once_and_again_where_the_file_is_another() {
        let (one, two) = (chart(b"{{ 1 }}"), chart(b"{{ 2 }}"));
        let set = Templates::new("set", Arc::new(Library::new()));
        let name = Arc::from("web/templates/a.yaml");
        let parse = |file| one.parsed.template(&name, file, &set).unwrap();
        let first = parse(&one.templates[0]);
        assert!(Arc::ptr_eq(&first, &parse(&one.templates[0])));
        assert!(!Arc::ptr_eq(&first, &parse(&two.templates[0])));
    }

    #[test]
    fn charts_with_other_values_and_versions_share_what_is_parsed() {
        fn shared_between_threads(_: &(impl Send + Sync)) {}
        let original = Arc::new(chart(b"kind: A\nv: {{ .Chart.Version }} {{ .Values.a }}"));
        shared_between_threads(&original);
        assert_eq!(rendered(&original), "kind: A\nv: 1.0.0 ");
        let changed = original.with_version("1.0.0+4");
        let changed = Arc::new(changed.with_values(Node::mapping([("a", Node::str("b"))])));
        assert!(Arc::ptr_eq(&original.parsed, &changed.parsed));
        assert_eq!(rendered(&changed), "kind: A\nv: 1.0.0+4 b");
        assert_eq!(original.parsed.lock().len(), 1);
        assert!(original.parsed.schema.get().is_some());
    }
}
