//! `Chart.yaml`.
//!
//! Fields: [pkg/chart/v2/metadata.go](https://github.com/helm/helm/blob/v4.2.4/pkg/chart/v2/metadata.go).

use yaml_node::Node;

use super::decode::{Decoder, Target, is_field};

/// The contents of `Chart.yaml`, with those of `requirements.yaml` if a chart has one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// The chart's name.
    pub name: String,
    /// URL of the project's home page.
    pub home: String,
    /// URLs of the source code.
    pub sources: Vec<String>,
    /// The chart's version.
    pub version: String,
    /// A description of one sentence.
    pub description: String,
    /// Keywords for searching.
    pub keywords: Vec<String>,
    /// The maintainers.
    pub maintainers: Vec<Maintainer>,
    /// URL of an icon.
    pub icon: String,
    /// `v1` or `v2`.
    pub api_version: String,
    /// Read by Helm, but without effect.
    pub condition: String,
    /// Read by Helm, but without effect.
    pub tags: String,
    /// Version of the packaged application.
    pub app_version: String,
    /// Whether the chart is deprecated.
    pub deprecated: bool,
    /// Sorted by key; `None` if the field is absent.
    pub annotations: Option<Vec<(String, String)>>,
    /// Constraint on the version of Kubernetes; empty for none.
    pub kube_version: String,
    /// Charts that it depends on. If the field is absent, Helm does not process dependencies of its subcharts either; with an
    /// empty list it does.
    pub dependencies: Option<Vec<Dependency>>,
    /// `application`, `library`, or empty for an application.
    pub kind: String,
}

/// A maintainer of a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintainer {
    /// A person or an organisation.
    pub name: String,
    /// Email address.
    pub email: String,
    /// URL of a page.
    pub url: String,
    /// Whether the entry is a null, which is refused.
    pub(super) null: bool,
}

/// A dependency of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dependency {
    /// The name in its `Chart.yaml`.
    pub name: String,
    /// Constraint on its version.
    pub version: String,
    /// URL of its repository.
    pub repository: String,
    /// Comma-separated paths of values; the first one that is a boolean decides whether the chart is enabled.
    pub condition: String,
    /// Names in the `tags` of values that enable or disable the chart.
    pub tags: Vec<String>,
    /// Whether the chart is enabled.
    pub enabled: bool,
    /// Values of the dependency that the parent imports.
    pub import_values: Vec<ImportValue>,
    /// Name that replaces its own; empty for none.
    pub alias: String,
    /// Whether the entry is a null, which is refused.
    pub(super) null: bool,
}

/// An entry of `import-values`.
#[derive(Clone, Debug, PartialEq)]
pub enum ImportValue {
    /// A table below `exports` that is merged into the top of the parent's values.
    Export(String),
    /// A table of the child and its path in the parent; `.` is the top.
    Path {
        /// Path in the child's values.
        child: String,
        /// Path in the parent's values.
        parent: String,
    },
    /// Another type, which Helm ignores.
    Other(Node),
}

impl Metadata {
    /// Decodes the fields of one document. `requirements.yaml` is decoded over `Chart.yaml`.
    pub(super) fn decode(&mut self, decoder: &mut Decoder, node: Option<&Node>) {
        let Some(node) = node else { return };
        for (key, value) in decoder.entries(node, Target::Value, "v2.Metadata") {
            self.decode_field(decoder, key, value);
        }
    }

    fn decode_field(&mut self, decoder: &mut Decoder, key: &str, value: &Node) {
        let texts = [
            ("name", &mut self.name),
            ("home", &mut self.home),
            ("version", &mut self.version),
            ("description", &mut self.description),
            ("icon", &mut self.icon),
            ("apiVersion", &mut self.api_version),
            ("condition", &mut self.condition),
            ("tags", &mut self.tags),
            ("appVersion", &mut self.app_version),
            ("kubeVersion", &mut self.kube_version),
            ("type", &mut self.kind),
        ];
        if decoder.string_field(key, value, "Metadata", texts) {
            return;
        }
        let target = |name| Target::Field("Metadata", name);
        if is_field(key, "sources") {
            self.sources = decoder.strings(value, target("sources"));
        } else if is_field(key, "keywords") {
            self.keywords = decoder.strings(value, target("keywords"));
        } else if is_field(key, "deprecated") {
            if let Some(value) = decoder.bool(value, target("deprecated")) {
                self.deprecated = value;
            }
        } else if is_field(key, "annotations") {
            let target = target("annotations");
            self.annotations = (!value.is_null()).then(|| decoder.string_map(value, target));
        } else if is_field(key, "maintainers") {
            let items = decoder.items(value, target("maintainers"), "[]*v2.Maintainer");
            self.maintainers = items
                .iter()
                .map(|item| Maintainer::decode(decoder, item))
                .collect();
        } else if is_field(key, "dependencies") {
            let items = decoder.items(value, target("dependencies"), "[]*v2.Dependency");
            // As in Go, each entry of a second file is decoded over the one at the same index.
            let mut earlier = self.dependencies.take().unwrap_or_default().into_iter();
            let decoded = items
                .iter()
                .map(|item| Dependency::decode(earlier.next().unwrap_or_default(), decoder, item));
            self.dependencies = (!value.is_null()).then(|| decoded.collect());
        }
    }

    /// Charts that it depends on; empty if the field is absent.
    pub fn dependencies(&self) -> &[Dependency] {
        self.dependencies.as_deref().unwrap_or_default()
    }

    /// Whether it is a library chart, of which only partials are used.
    pub fn is_library(&self) -> bool {
        self.kind.eq_ignore_ascii_case("library")
    }
}

impl Maintainer {
    fn decode(decoder: &mut Decoder, node: &Node) -> Self {
        let mut maintainer = Maintainer {
            null: node.is_null(),
            ..Maintainer::default()
        };
        let target = Target::Field("Metadata", "maintainers");
        for (key, value) in decoder.entries(node, target, "v2.Maintainer") {
            let texts = [
                ("name", &mut maintainer.name),
                ("email", &mut maintainer.email),
                ("url", &mut maintainer.url),
            ];
            decoder.string_field(key, value, "Maintainer.maintainers", texts);
        }
        maintainer
    }
}

impl Dependency {
    pub(super) fn decode(earlier: Dependency, decoder: &mut Decoder, node: &Node) -> Self {
        let mut dependency = Dependency {
            null: node.is_null(),
            ..earlier
        };
        let target = Target::Field("Metadata", "dependencies");
        for (key, value) in decoder.entries(node, target, "v2.Dependency") {
            dependency.decode_field(decoder, key, value);
        }
        dependency
    }

    fn decode_field(&mut self, decoder: &mut Decoder, key: &str, value: &Node) {
        const PATH: &str = "Dependency.dependencies";
        let texts = [
            ("name", &mut self.name),
            ("version", &mut self.version),
            ("repository", &mut self.repository),
            ("condition", &mut self.condition),
            ("alias", &mut self.alias),
        ];
        if decoder.string_field(key, value, PATH, texts) {
            return;
        }
        if is_field(key, "tags") {
            self.tags = decoder.strings(value, Target::Field(PATH, "tags"));
        } else if is_field(key, "enabled") {
            if let Some(value) = decoder.bool(value, Target::Field(PATH, "enabled")) {
                self.enabled = value;
            }
        } else if is_field(key, "import-values") {
            let target = Target::Field(PATH, "import-values");
            let items = decoder.items(value, target, "[]interface {}");
            self.import_values = items.iter().map(ImportValue::new).collect();
        }
    }
}

impl ImportValue {
    fn new(node: &Node) -> Self {
        if let Some(export) = node.as_str() {
            return ImportValue::Export(export.to_owned());
        }
        if node.as_mapping().is_none() {
            return ImportValue::Other(node.clone());
        }
        let path = |key| node.get(key).map_or_else(|| "<nil>".to_owned(), go_text);
        ImportValue::Path {
            child: path("child"),
            parent: path("parent"),
        }
    }
}

/// A value as Go prints it with `%v`. Paths are strings; a path from any other type leads nowhere.
fn go_text(node: &Node) -> String {
    match node.text() {
        Some(_) if node.is_null() => "<nil>".to_owned(),
        Some(text) => text.to_owned(),
        None => "map[]".to_owned(),
    }
}
