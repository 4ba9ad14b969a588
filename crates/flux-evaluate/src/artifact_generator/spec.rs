//! The spec of an ArtifactGenerator, with the checks of the API server and of the controller.

use std::collections::BTreeMap;
use std::fmt;

use foldhash::{HashSet, HashSetExt};
use source_tree::Mark;
use yaml_node::Node;

use super::finding::Finding;

/// An ArtifactGenerator.
pub(super) struct Spec {
    pub(super) api_version: String,
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) sources: Vec<SourceReference>,
    pub(super) path_pattern: Option<(String, Mark)>,
    pub(super) outputs: Vec<Output>,
    pub(super) common_labels: BTreeMap<String, String>,
    pub(super) common_annotations: BTreeMap<String, String>,
}

/// An entry of `sources`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceReference {
    /// The name by which `copy` refers to it.
    pub(crate) alias: String,
    /// GitRepository, OCIRepository, Bucket, HelmChart or ExternalArtifact.
    pub(crate) kind: String,
    /// Namespace, by default the generator's.
    pub(crate) namespace: String,
    /// Name.
    pub(crate) name: String,
    /// The `sources` entry.
    pub(crate) mark: Mark,
}

impl fmt::Display for SourceReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.kind, self.namespace, self.name)
    }
}

/// An entry of `artifacts`.
#[derive(Clone)]
pub(super) struct Output {
    pub(super) name: String,
    /// The alias of the source whose revision becomes that of the artifact.
    pub(super) revision: Option<String>,
    pub(super) copy: Vec<CopyOperation>,
    /// The texts captured by `pathPattern`, in lower case.
    pub(super) captures: BTreeMap<String, String>,
    pub(super) mark: Mark,
}

/// An entry of `copy`.
#[derive(Clone)]
pub(super) struct CopyOperation {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) exclude: Vec<String>,
    pub(super) strategy: Strategy,
    pub(super) mark: Mark,
}

/// How files that exist already, and archives, are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strategy {
    Overwrite,
    Merge,
    Extract,
}

const SOURCE_KINDS: [&str; 5] = [
    "Bucket",
    "GitRepository",
    "OCIRepository",
    "HelmChart",
    "ExternalArtifact",
];

impl Spec {
    pub(super) fn read(object: &Node) -> Result<Spec, Finding> {
        let spec = object.get("spec").unwrap_or(object);
        let namespace = object
            .text_at(&["metadata", "namespace"])
            .unwrap_or_default()
            .to_owned();
        let mut sources: Vec<SourceReference> = Vec::new();
        let mut aliases = HashSet::new();
        for item in list(spec, "sources")? {
            let source = read_source(item, &namespace)?;
            if !aliases.insert(source.alias.clone()) {
                return Err(Finding::invalid(
                    format!("duplicate source alias {:?}", source.alias),
                    source.mark,
                ));
            }
            sources.push(source);
        }
        let pattern_mark = spec.get("pathPattern").map_or(spec.mark, |node| node.mark);
        let path_pattern = non_empty_text(spec, "pathPattern")?.map(|pattern| (pattern, pattern_mark));
        let mut outputs: Vec<Output> = Vec::new();
        let mut names = HashSet::new();
        for item in list(spec, "artifacts")? {
            let output = read_output(item)?;
            if !names.insert(output.name.clone()) {
                return Err(Finding::invalid(
                    format!("duplicate artifact name {:?}", output.name),
                    output.mark,
                ));
            }
            if path_pattern.is_none() && !is_dns_subdomain(&output.name) {
                let message = format!(
                    "artifact name {:?} is not a valid Kubernetes object name",
                    output.name
                );
                return Err(Finding::invalid(message, output.mark));
            }
            if let Some(alias) = output.revision.as_ref().filter(|alias| !aliases.contains(*alias)) {
                let message = format!("artifact {}: revision names no source: @{alias}", output.name);
                return Err(Finding::invalid(message, output.mark));
            }
            outputs.push(output);
        }
        Ok(Spec {
            api_version: object.text_at(&["apiVersion"]).unwrap_or_default().to_owned(),
            name: object
                .text_at(&["metadata", "name"])
                .unwrap_or_default()
                .to_owned(),
            namespace,
            sources,
            path_pattern,
            outputs,
            common_labels: texts(spec, "labels"),
            common_annotations: texts(spec, "annotations"),
        })
    }
}

fn read_source(item: &Node, own_namespace: &str) -> Result<SourceReference, Finding> {
    let kind = required_text(item, "kind")?;
    if !SOURCE_KINDS.contains(&kind.as_str()) {
        let message = format!("source kind {kind:?} is not one of {}", SOURCE_KINDS.join(", "));
        return Err(Finding::invalid(message, item.mark));
    }
    Ok(SourceReference {
        alias: required_text(item, "alias")?,
        kind,
        namespace: non_empty_text(item, "namespace")?.unwrap_or_else(|| own_namespace.to_owned()),
        name: required_text(item, "name")?,
        mark: item.mark,
    })
}

fn read_output(item: &Node) -> Result<Output, Finding> {
    let alias = |field| -> Result<Option<String>, Finding> {
        let text = non_empty_text(item, field)?;
        Ok(text.map(|text| text.strip_prefix('@').unwrap_or(&text).to_owned()))
    };
    alias("originRevision")?;
    Ok(Output {
        name: required_text(item, "name")?,
        revision: alias("revision")?,
        copy: list(item, "copy")?
            .iter()
            .map(read_copy)
            .collect::<Result<_, _>>()?,
        captures: BTreeMap::new(),
        mark: item.mark,
    })
}

fn read_copy(item: &Node) -> Result<CopyOperation, Finding> {
    let strategy = match optional_text(item, "strategy")?.as_deref() {
        None | Some("" | "Overwrite") => Strategy::Overwrite,
        Some("Merge") => Strategy::Merge,
        Some("Extract") => Strategy::Extract,
        Some(other) => {
            let message = format!("copy strategy {other:?} is not one of Overwrite, Merge, Extract");
            return Err(Finding::invalid(message, item.mark));
        }
    };
    let mut exclude = Vec::new();
    if let Some(patterns) = item.get("exclude").filter(|node| !node.is_null()) {
        let patterns = patterns
            .as_sequence()
            .ok_or_else(|| wrong_type("exclude", "a list", patterns))?;
        for pattern in patterns.iter() {
            exclude.push(text(pattern, "exclude")?);
        }
    }
    Ok(CopyOperation {
        from: required_text(item, "from")?,
        to: required_text(item, "to")?,
        exclude,
        strategy,
        mark: item.mark,
    })
}

/// Splits `@alias/rest` into alias and rest.
pub(super) fn split_alias(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('@')?.split_once('/')
}

/// Whether most Kubernetes objects may have this name:
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names>.
pub(super) fn is_dns_subdomain(name: &str) -> bool {
    let is_alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.len() <= 253
        && name.split('.').all(|label| {
            let bytes = label.as_bytes();
            bytes.first().is_some_and(is_alphanumeric)
                && bytes.last().is_some_and(is_alphanumeric)
                && bytes.iter().all(|byte| is_alphanumeric(byte) || *byte == b'-')
        })
}

fn list<'a>(node: &'a Node, field: &str) -> Result<&'a [Node], Finding> {
    match node.get(field).filter(|node| !node.is_null()) {
        Some(list) => match list.as_sequence() {
            Some(items) if !items.is_empty() => Ok(items),
            Some(_) => Err(Finding::invalid(format!("{field} must not be empty"), list.mark)),
            None => Err(wrong_type(field, "a list", list)),
        },
        None => Err(Finding::invalid(format!("{field} is required"), node.mark)),
    }
}

fn required_text(node: &Node, field: &str) -> Result<String, Finding> {
    non_empty_text(node, field)?.ok_or_else(|| Finding::invalid(format!("{field} is required"), node.mark))
}

fn non_empty_text(node: &Node, field: &str) -> Result<Option<String>, Finding> {
    Ok(optional_text(node, field)?.filter(|text| !text.is_empty()))
}

fn optional_text(node: &Node, field: &str) -> Result<Option<String>, Finding> {
    match node.get(field).filter(|node| !node.is_null()) {
        Some(value) => text(value, field).map(Some),
        None => Ok(None),
    }
}

fn text(node: &Node, field: &str) -> Result<String, Finding> {
    node.as_str()
        .map(str::to_owned)
        .ok_or_else(|| wrong_type(field, "a string", node))
}

fn texts(spec: &Node, field: &str) -> BTreeMap<String, String> {
    let map = spec.at(&["commonMetadata", field]);
    map.into_iter()
        .flat_map(Node::iter)
        .filter_map(|(key, value)| Some((key.to_owned(), value.text()?.to_owned())))
        .collect()
}

fn wrong_type(field: &str, expected: &str, found: &Node) -> Finding {
    Finding::invalid(format!("{field} must be {expected}"), found.mark)
}
