//! An ArtifactGenerator and the files of its sources turn into the artifacts that source-watcher stores.
//!
//! As in <https://fluxcd.io/flux/components/source/artifactgenerators/>: `sources` are referenced by alias, `pathPattern`
//! repeats `artifacts` for each matching folder, and the operations of `copy` fill an artifact in order.

mod budget;
mod copy;
mod copy_error;
mod doublestar;
mod extract;
mod find;
mod finding;
mod merge;
mod path_pattern;
mod spec;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use source_tree::{Limits, Mark, OverlayTree, SourceTree};
use yaml_node::Node;

pub(crate) use finding::{Finding, Problem};
pub(crate) use spec::SourceReference;

use copy::Sources;
use spec::{Output, Spec};

/// The results of an ArtifactGenerator.
#[derive(Debug, Default)]
pub(crate) struct Generated {
    /// One per `artifacts` entry, and per folder that `pathPattern` matches, in that order.
    pub(crate) artifacts: Vec<Artifact>,
    pub(crate) findings: Vec<Finding>,
}

/// An ExternalArtifact with its content.
#[derive(Debug)]
pub(crate) struct Artifact {
    pub(crate) name: String,
    /// The namespace of the generator.
    pub(crate) namespace: String,
    /// The ExternalArtifact as the controller applies it, without status and labels that only a cluster knows.
    pub(crate) object: Node,
    /// Its files with their provenance; `None` if they are not available, with a finding.
    pub(crate) tree: Option<Arc<OverlayTree>>,
    /// The `artifacts` entry.
    pub(crate) mark: Mark,
}

/// Evaluates `object`. `resolve` returns the content of a source, or `None` if that is not available.
///
/// Artifacts fail one by one, while in a cluster the first error ends the reconciliation. An object whose reconciliation is
/// disabled by annotation is evaluated too: its earlier artifacts stay.
pub(crate) fn generate(
    object: &Node,
    resolve: &dyn Fn(&SourceReference) -> Option<Arc<dyn SourceTree>>,
    budget: &Arc<source_tree::Budget>,
    limits: &Limits,
) -> Generated {
    let mut generated = Generated::default();
    let spec = match Spec::read(object) {
        Ok(spec) => spec,
        Err(finding) => {
            generated.findings.push(finding);
            return generated;
        }
    };
    let sources = spec.sources.iter();
    let sources: Sources = sources
        .map(|source| (source.alias.clone(), resolve(source)))
        .collect();
    let mut outputs = expand(&spec, &sources).unwrap_or_else(|finding| {
        generated.findings.push(finding);
        Vec::new()
    });
    let mut reported = BTreeSet::new();
    let mut budget = budget::Budget::new(budget, limits);
    for output in &mut outputs {
        let tree = match copy::copy(&output.copy, &sources, &mut budget) {
            Ok(tree) => Some(Arc::new(tree)),
            Err(failed) => {
                let finding = finding(&spec, output, failed);
                // A source is reported once, however many artifacts are copied from it.
                if !matches!(&finding.problem, Problem::SourceUnresolved { alias, .. } if !reported.insert(alias.clone()))
                {
                    generated.findings.push(finding);
                }
                None
            }
        };
        generated.artifacts.push(Artifact {
            object: external_artifact(&spec, output),
            namespace: spec.namespace.clone(),
            tree,
            mark: output.mark,
            name: std::mem::take(&mut output.name),
        });
    }
    generated
}

/// The outputs as defined, or once per folder that `pathPattern` matches.
fn expand(spec: &Spec, sources: &Sources) -> Result<Vec<Output>, Finding> {
    let Some((pattern, mark)) = &spec.path_pattern else {
        return Ok(spec.outputs.clone());
    };
    let invalid = |message: String| Finding::invalid(format!("pathPattern {pattern:?}{message}"), *mark);
    let (alias, folders) =
        spec::split_alias(pattern).ok_or_else(|| invalid(" is not of the form @alias/pattern".to_owned()))?;
    let tree = match sources.get(alias) {
        Some(Some(tree)) => tree,
        Some(None) => return Err(unresolved(spec, alias, *mark)),
        None => return Err(invalid(format!(": no source has the alias {alias:?}"))),
    };
    path_pattern::expand(folders, &**tree, &spec.outputs).map_err(|message| invalid(format!(": {message}")))
}

fn finding(spec: &Spec, output: &Output, failed: copy::Failed) -> Finding {
    match failed.error {
        copy_error::CopyError::Unresolved { alias } => unresolved(spec, &alias, failed.mark),
        error => Finding {
            problem: Problem::Copy {
                artifact: output.name.clone(),
                error,
            },
            mark: failed.mark,
        },
    }
}

fn unresolved(spec: &Spec, alias: &str, mark: Mark) -> Finding {
    let source = spec.sources.iter().find(|source| source.alias == alias);
    Finding {
        problem: Problem::SourceUnresolved {
            alias: alias.to_owned(),
            reference: source.map(ToString::to_string).unwrap_or_default(),
        },
        mark: source.map_or(mark, |source| source.mark),
    }
}

/// The ExternalArtifact object. Its labels are those of `commonMetadata`, then captures of `pathPattern`.
fn external_artifact(spec: &Spec, output: &Output) -> Node {
    let texts = |map: &BTreeMap<String, String>| {
        let entries = map.iter();
        Node::mapping(entries.map(|(key, value)| (key.as_str(), Node::str(value.as_str()))))
    };
    let mut labels = spec.common_labels.clone();
    labels.extend(output.captures.clone());
    labels.insert("app.kubernetes.io/managed-by".into(), "source-watcher".into());
    let mut metadata = vec![
        ("name", Node::str(output.name.as_str())),
        ("namespace", Node::str(spec.namespace.as_str())),
        ("labels", texts(&labels)),
    ];
    if !spec.common_annotations.is_empty() {
        metadata.push(("annotations", texts(&spec.common_annotations)));
    }
    let source_ref = Node::mapping([
        ("apiVersion", Node::str(spec.api_version.as_str())),
        ("kind", Node::str("ArtifactGenerator")),
        ("name", Node::str(spec.name.as_str())),
        ("namespace", Node::str(spec.namespace.as_str())),
    ]);
    Node::mapping([
        ("apiVersion", Node::str("source.toolkit.fluxcd.io/v1")),
        ("kind", Node::str("ExternalArtifact")),
        ("metadata", Node::mapping(metadata)),
        ("spec", Node::mapping([("sourceRef", source_ref)])),
    ])
    .with_mark(output.mark)
}
