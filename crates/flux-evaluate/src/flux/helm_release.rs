//! HelmRelease.

use source_tree::{Mark, ObjectRef};
use yaml_node::Node;

use super::reference::{depends_on, name_mark};
use super::{CommonMetadata, Fields, KubeConfig, SourceRef, object_ref};

/// A HelmRelease: <https://fluxcd.io/flux/components/helm/helmreleases/>.
#[derive(Clone, Debug)]
pub struct HelmRelease {
    /// Its identity.
    pub id: ObjectRef,
    /// `spec.chart.spec`
    pub chart: Option<ChartSpec>,
    /// `spec.chartRef`
    pub chart_ref: Option<SourceRef>,
    /// `spec.releaseName`
    pub release_name: Option<String>,
    /// `spec.targetNamespace`: the namespace of the chart's objects; by default the release's own.
    pub target_namespace: Option<String>,
    /// `spec.storageNamespace`
    pub storage_namespace: Option<String>,
    /// `spec.interval`
    pub interval: Option<String>,
    /// `spec.suspend`
    pub suspend: bool,
    /// `spec.dependsOn`
    pub depends_on: Vec<ObjectRef>,
    /// The place of each entry of `spec.dependsOn`.
    pub depends_on_marks: Vec<Mark>,
    /// `spec.install`
    pub install: Option<Action>,
    /// `spec.upgrade`
    pub upgrade: Option<Action>,
    /// Whether `spec.install` skips the chart's CRDs.
    pub skips_crds: bool,
    /// Whether `spec.install` skips the chart's hooks.
    pub skips_hooks: bool,
    /// Whether `spec.install` skips validation by the chart's schema.
    pub skips_schema: bool,
    /// `spec.test.enable`
    pub runs_tests: bool,
    /// `spec.postRenderStrategy`
    pub post_render_strategy: Option<String>,
    /// `spec.valuesFrom`
    pub values_from: Vec<ValuesReference>,
    /// `spec.values`
    pub values: Option<Node>,
    /// `spec.kubeConfig`: the chart goes to another cluster.
    pub kube_config: Option<KubeConfig>,
    /// `spec.postRenderers`
    pub post_renderers: Vec<Node>,
    /// `spec.commonMetadata`
    pub common_metadata: CommonMetadata,
}

/// `spec.chart.spec` of a HelmRelease, or `spec` of a HelmChart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartSpec {
    /// The chart's name, or its folder in a source of files.
    pub chart: Option<String>,
    /// `version`
    pub version: Option<String>,
    /// `sourceRef`
    pub source: Option<SourceRef>,
    /// `valuesFiles`
    pub values_files: Vec<String>,
    /// `ignoreMissingValuesFiles`
    pub ignore_missing_values_files: bool,
}

/// Remediation of `spec.install` or `spec.upgrade`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Action {
    /// `remediation.retries`; negative for no bound.
    pub retries: Option<i64>,
    /// `remediation.strategy`
    pub remediation_strategy: Option<String>,
    /// `remediation.remediateLastFailure`
    pub remediates_last_failure: bool,
    /// `strategy.name`
    pub strategy: Option<String>,
}

/// An entry of `valuesFrom`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuesReference {
    /// `ConfigMap` or `Secret`.
    pub kind: String,
    /// The object's name.
    pub name: String,
    /// The place of the name.
    pub name_mark: Mark,
    /// `valuesKey` as written.
    pub values_key: Option<String>,
    /// `targetPath`: the path to which the value is assigned, instead of reading it as YAML.
    pub target_path: Option<String>,
    /// Whether the value at `targetPath` is a string, whatever it looks like.
    pub literal: bool,
    /// Whether the object may be missing.
    pub optional: bool,
}

impl ValuesReference {
    /// The key of the values in the object.
    pub fn key(&self) -> &str {
        self.values_key.as_deref().unwrap_or("values.yaml")
    }
}

impl HelmRelease {
    /// Reads an object whose wrong types evaluation has reported.
    pub fn of(object: &Node) -> Self {
        HelmRelease::read(object, &mut Fields::unreported(object))
    }

    pub(crate) fn read(object: &Node, fields: &mut Fields<'_>) -> Self {
        let id = fields.object();
        let empty = Node::empty_mapping();
        let spec = fields.mapping(object, "spec").unwrap_or(&empty);
        let chart = fields
            .mapping(spec, "chart")
            .and_then(|chart| fields.mapping(chart, "spec"))
            .map(|chart| ChartSpec::read(fields, chart, &id.namespace));
        let common_metadata = fields
            .mapping(spec, "commonMetadata")
            .map(|node| CommonMetadata::read(node, fields));
        let depends_on = depends_on(fields, spec, &id.namespace, &|namespace, name| {
            ObjectRef::new("HelmRelease", namespace, name)
        });
        let (depends_on, depends_on_marks) = depends_on.into_iter().unzip();
        HelmRelease {
            chart,
            chart_ref: SourceRef::read(fields, spec, "chartRef", &id.namespace),
            release_name: fields.owned_text(spec, "releaseName"),
            target_namespace: fields.owned_text(spec, "targetNamespace"),
            storage_namespace: fields.owned_text(spec, "storageNamespace"),
            interval: fields.owned_text(spec, "interval"),
            suspend: fields.bool(spec, "suspend"),
            depends_on,
            depends_on_marks,
            install: Action::read(fields, spec, "install"),
            upgrade: Action::read(fields, spec, "upgrade"),
            skips_crds: skips_crds(fields, spec),
            skips_hooks: nested_bool(fields, spec, "install", "disableHooks"),
            skips_schema: nested_bool(fields, spec, "install", "disableSchemaValidation"),
            runs_tests: nested_bool(fields, spec, "test", "enable"),
            post_render_strategy: fields.owned_text(spec, "postRenderStrategy"),
            values_from: values_from(fields, spec),
            values: fields.mapping(spec, "values").cloned(),
            kube_config: KubeConfig::read(fields, spec),
            post_renderers: fields.list(spec, "postRenderers").to_vec(),
            common_metadata: common_metadata.unwrap_or_default(),
            id,
        }
    }
}

impl ChartSpec {
    /// Reads the `spec` of a HelmChart whose wrong types evaluation has reported.
    pub fn of_helm_chart(object: &Node) -> Option<Self> {
        let mut fields = Fields::unreported(object);
        let spec = fields.mapping(object, "spec")?;
        Some(ChartSpec::read(&mut fields, spec, &object_ref(object).namespace))
    }

    fn read(fields: &mut Fields<'_>, spec: &Node, own_namespace: &str) -> Self {
        ChartSpec {
            chart: fields.owned_text(spec, "chart"),
            version: fields.owned_text(spec, "version"),
            source: SourceRef::read(fields, spec, "sourceRef", own_namespace),
            values_files: fields.text_list(spec, "valuesFiles"),
            ignore_missing_values_files: fields.bool(spec, "ignoreMissingValuesFiles"),
        }
    }
}

impl Action {
    fn read(fields: &mut Fields<'_>, spec: &Node, field: &str) -> Option<Self> {
        let action = fields.mapping(spec, field)?;
        let strategy = fields.mapping(action, "strategy");
        let mut found = Action {
            strategy: strategy.and_then(|strategy| fields.owned_text(strategy, "name")),
            ..Action::default()
        };
        if let Some(remediation) = fields.mapping(action, "remediation") {
            found.retries = fields.integer(remediation, "retries");
            found.remediation_strategy = fields.owned_text(remediation, "strategy");
            found.remediates_last_failure = fields.bool(remediation, "remediateLastFailure");
        }
        Some(found)
    }
}

fn skips_crds(fields: &mut Fields<'_>, spec: &Node) -> bool {
    let install = fields.mapping(spec, "install");
    install.is_some_and(|install| {
        fields.text(install, "crds") == Some("Skip") || fields.bool(install, "skipCRDs")
    })
}

fn nested_bool(fields: &mut Fields<'_>, spec: &Node, mapping: &str, field: &str) -> bool {
    fields
        .mapping(spec, mapping)
        .is_some_and(|mapping| fields.bool(mapping, field))
}

fn values_from(fields: &mut Fields<'_>, spec: &Node) -> Vec<ValuesReference> {
    let mut found = Vec::new();
    for entry in fields.list(spec, "valuesFrom") {
        if let (Some(kind), Some(name)) = (fields.owned_text(entry, "kind"), fields.owned_text(entry, "name"))
        {
            found.push(ValuesReference {
                kind,
                name,
                name_mark: name_mark(entry),
                values_key: fields.owned_text(entry, "valuesKey"),
                target_path: fields.owned_text(entry, "targetPath"),
                literal: fields.bool(entry, "literal"),
                optional: fields.bool(entry, "optional"),
            });
        }
    }
    found
}
