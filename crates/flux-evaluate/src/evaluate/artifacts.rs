//! ExternalArtifacts of ArtifactGenerators with their content, each made anew only where something changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use kustomize_build::Sources;
use source_tree::{Diagnostic, ObjectRef, RepoPath, SourceTree};
use yaml_node::Node;

use super::key::Key;
use super::round::{Evaluator, Round};
use super::sources::resolved::Resolved;
use super::sources::trees::ReadOnce;
use crate::Applied;
use crate::artifact::{ArtifactTree, Rules};
use crate::artifact_generator::{Finding, SourceReference, generate};
use crate::flux::object_ref;

/// What ArtifactGenerators make, by generator.
#[derive(Default)]
pub(super) struct GeneratedArtifacts {
    generators: BTreeMap<ObjectRef, Arc<Generator>>,
}

struct Generator {
    key: Key,
    node: Node,
    /// The sources that were asked for, and what stood behind them.
    used: Vec<(ObjectRef, Option<Arc<Sources>>)>,
    objects: Vec<Applied>,
    contents: BTreeMap<ObjectRef, Resolved>,
    findings: Vec<Finding>,
}

impl GeneratedArtifacts {
    /// Evaluates all generators of a round; `known` is what the last round made.
    pub(super) fn new(evaluator: &Evaluator<'_>, view: &Round<'_>, known: &GeneratedArtifacts) -> Self {
        let resolve = |id: &ObjectRef| {
            let resolved = match known.content(id) {
                Some(content) => content,
                None => evaluator.artifacts.resolve(id, &view.typed, &view.bare_sources),
            };
            resolved.sources().cloned()
        };
        let mut generators = BTreeMap::new();
        for (node, key) in &view.typed.artifact_generators {
            let id = object_ref(node);
            let unchanged = known.generators.get(&id).filter(|generator| {
                generator.node == **node
                    && generator.key == *key
                    && generator
                        .used
                        .iter()
                        .all(|(id, used)| same(used.as_ref(), resolve(id).as_ref()))
            });
            let generator = match unchanged {
                Some(generator) => Arc::clone(generator),
                None => Arc::new(Generator::new(evaluator, &id, node, key, &resolve)),
            };
            generators.insert(id, generator);
        }
        GeneratedArtifacts { generators }
    }

    /// The ExternalArtifact objects, by what applies their generator.
    pub(super) fn objects(&self) -> impl Iterator<Item = (&Key, &Applied)> {
        let generators = self.generators.values();
        generators.flat_map(|generator| generator.objects.iter().map(|object| (&generator.key, object)))
    }

    /// The content of an ExternalArtifact.
    pub(super) fn content(&self, id: &ObjectRef) -> Option<Resolved> {
        self.generators
            .values()
            .find_map(|generator| generator.contents.get(id).cloned())
    }

    /// The ExternalArtifacts whose content is at hand.
    pub(super) fn at_hand(&self) -> impl Iterator<Item = &ObjectRef> {
        let contents = self.generators.values().flat_map(|generator| &generator.contents);
        contents
            .filter(|(_, content)| content.sources().is_some())
            .map(|(id, _)| id)
    }

    /// Whether both are made of the same.
    pub(super) fn same(&self, other: &GeneratedArtifacts) -> bool {
        self.generators.len() == other.generators.len()
            && self.generators.iter().all(|(id, generator)| {
                other
                    .generators
                    .get(id)
                    .is_some_and(|known| Arc::ptr_eq(generator, known))
            })
    }

    /// What is wrong with the generators.
    pub(super) fn diagnostics(&self, evaluator: &Evaluator<'_>) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        for (id, generator) in &self.generators {
            let findings = generator.findings.iter();
            diagnostics.extend(findings.map(|finding| finding.diagnostic(&evaluator.files, &id.to_string())));
        }
        diagnostics
    }
}

impl Generator {
    fn new(
        evaluator: &Evaluator<'_>,
        id: &ObjectRef,
        node: &Node,
        key: &Key,
        resolve: &dyn Fn(&ObjectRef) -> Option<Arc<Sources>>,
    ) -> Self {
        let used = std::cell::RefCell::new(Vec::new());
        let tree = |source: &SourceReference| -> Option<Arc<dyn SourceTree>> {
            let id = ObjectRef::new(&source.kind, &source.namespace, &source.name);
            let sources = resolve(&id);
            used.borrow_mut().push((id, sources.clone()));
            Some(Arc::new(ReadOnce(sources?)))
        };
        let generated = generate(node, &tree, &evaluator.budget, &evaluator.options.limits);
        let is_failing = generated.findings.iter().any(Finding::is_failure);
        let mut contents = BTreeMap::new();
        let mut objects = Vec::new();
        for artifact in generated.artifacts {
            let content = match artifact.tree {
                Some(tree) => {
                    let files = Arc::clone(&evaluator.files);
                    let tree = ArtifactTree::with_rules(tree, RepoPath::root(), Rules::Generated, None);
                    let sources = Sources::new(Arc::new(tree), files, evaluator.options.limits);
                    Resolved::Own(Arc::new(sources.with_budget(Arc::clone(&evaluator.budget))))
                }
                None if is_failing => Resolved::NotMade(id.clone()),
                None => Resolved::Unresolved("elsewhere".into()),
            };
            let artifact_id = ObjectRef::new("ExternalArtifact", &artifact.namespace, &artifact.name);
            contents.insert(artifact_id, content);
            objects.push(Applied {
                built: artifact.object.clone(),
                node: artifact.object,
                rendered: None,
                mark: artifact.mark,
                generated: false,
                overridden: Vec::new(),
                unhashed_name: artifact.name,
                generated_by: Some(id.clone()),
            });
        }
        Generator {
            key: key.clone(),
            node: node.clone(),
            used: used.into_inner(),
            objects,
            contents,
            findings: generated.findings,
        }
    }
}

fn same(a: Option<&Arc<Sources>>, b: Option<&Arc<Sources>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}
