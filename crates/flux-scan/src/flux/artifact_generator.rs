//! ArtifactGenerator of source-watcher.

use source_tree::Mark;
use yaml_node::Node;

use super::{Fields, ObjectId};

/// What evaluation reads of an ArtifactGenerator:
/// <https://github.com/fluxcd/source-watcher/blob/main/docs/spec/v1beta1/artifactgenerators.md>.
#[derive(Clone, Debug)]
pub(crate) struct ArtifactGenerator {
    pub(crate) id: ObjectId,
    /// Sources by alias.
    pub(crate) sources: Vec<(String, ObjectId)>,
    /// `pathPattern`
    pub(crate) path_pattern: Option<String>,
    pub(crate) artifacts: Vec<ArtifactRule>,
    pub(crate) mark: Mark,
}

/// One entry of `artifacts`.
#[derive(Clone, Debug)]
pub(crate) struct ArtifactRule {
    pub(crate) name: String,
    pub(crate) copy: Vec<CopyRule>,
    pub(crate) mark: Mark,
}

/// One entry of `copy`.
#[derive(Clone, Debug)]
pub(crate) struct CopyRule {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) exclude: Vec<String>,
    pub(crate) strategy: Strategy,
    pub(crate) mark: Mark,
}

/// What happens to a file that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Strategy {
    #[default]
    Overwrite,
    Merge,
    Extract,
}

impl ArtifactGenerator {
    /// Reads an ArtifactGenerator.
    pub(crate) fn read(object: &Node, fields: &mut Fields<'_>) -> Self {
        let id = fields.object().clone();
        let empty = Node::empty_mapping();
        let spec = fields.mapping(object, "spec").unwrap_or(&empty);
        let mut sources = Vec::new();
        for source in fields.list(spec, "sources") {
            let (alias, kind) = (fields.text(source, "alias"), fields.text(source, "kind"));
            if let (Some(alias), Some(kind), Some(name)) = (alias, kind, fields.text(source, "name")) {
                let namespace = fields.text(source, "namespace").unwrap_or(&id.namespace);
                sources.push((alias.to_owned(), ObjectId::new(kind, namespace, name)));
            }
        }
        let artifacts = fields
            .list(spec, "artifacts")
            .iter()
            .filter_map(|artifact| ArtifactRule::read(artifact, fields))
            .collect();
        ArtifactGenerator {
            id,
            sources,
            path_pattern: fields.text(spec, "pathPattern").map(str::to_owned),
            artifacts,
            mark: object.mark,
        }
    }
}

impl ArtifactRule {
    fn read(artifact: &Node, fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.text(artifact, "name")?.to_owned();
        let copy = fields.list(artifact, "copy");
        Some(ArtifactRule {
            name,
            copy: copy.iter().filter_map(|rule| CopyRule::read(rule, fields)).collect(),
            mark: artifact.mark,
        })
    }
}

impl CopyRule {
    fn read(rule: &Node, fields: &mut Fields<'_>) -> Option<Self> {
        let exclude = fields.list(rule, "exclude").iter();
        let exclude = exclude.filter_map(|pattern| pattern.text().map(str::to_owned)).collect();
        Some(CopyRule {
            from: fields.text(rule, "from")?.to_owned(),
            to: fields.text(rule, "to")?.to_owned(),
            exclude,
            strategy: match fields.text(rule, "strategy") {
                Some("Merge") => Strategy::Merge,
                Some("Extract") => Strategy::Extract,
                _ => Strategy::Overwrite,
            },
            mark: rule.mark,
        })
    }
}
