//! HelmRelease, as far as evaluation reads it: to find the chart `flux-instance` and its values.

use yaml_node::Node;

use super::{Fields, ObjectId, SourceRef};

/// What evaluation reads of a HelmRelease.
#[derive(Clone, Debug)]
pub(crate) struct HelmRelease {
    pub(crate) id: ObjectId,
    /// `spec.chart.spec.chart`
    pub(crate) chart: Option<String>,
    /// `spec.chartRef`
    pub(crate) chart_ref: Option<SourceRef>,
    /// Where the chart's objects go.
    pub(crate) target_namespace: String,
    pub(crate) values_from: Vec<ValuesReference>,
    pub(crate) values: Option<Node>,
}

/// An entry of `valuesFrom`.
#[derive(Clone, Debug)]
pub(crate) struct ValuesReference {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) values_key: String,
    /// Whether the value is put at a path rather than read as YAML.
    pub(crate) has_target_path: bool,
}

impl HelmRelease {
    /// Reads a HelmRelease.
    pub(crate) fn read(object: &Node, fields: &mut Fields<'_>) -> Self {
        let id = fields.object().clone();
        let empty = Node::empty_mapping();
        let spec = fields.mapping(object, "spec").unwrap_or(&empty);
        let chart = fields
            .mapping(spec, "chart")
            .and_then(|chart| fields.mapping(chart, "spec"))
            .and_then(|chart| fields.text(chart, "chart"));
        let mut values_from = Vec::new();
        for entry in fields.list(spec, "valuesFrom") {
            if let (Some(kind), Some(name)) = (fields.text(entry, "kind"), fields.text(entry, "name")) {
                values_from.push(ValuesReference {
                    kind: kind.to_owned(),
                    name: name.to_owned(),
                    values_key: fields
                        .text(entry, "valuesKey")
                        .unwrap_or("values.yaml")
                        .to_owned(),
                    has_target_path: fields.text(entry, "targetPath").is_some(),
                });
            }
        }
        HelmRelease {
            chart: chart.map(str::to_owned),
            chart_ref: SourceRef::read(fields, spec, "chartRef", &id.namespace),
            target_namespace: fields
                .text(spec, "targetNamespace")
                .unwrap_or(&id.namespace)
                .to_owned(),
            values_from,
            values: fields.mapping(spec, "values").cloned(),
            id,
        }
    }
}
