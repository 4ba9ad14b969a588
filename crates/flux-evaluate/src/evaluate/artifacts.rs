//! ExternalArtifacts of ArtifactGenerators with their content; a generator runs again only if its inputs changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use kustomize_build::Sources;
use source_tree::{Diagnostic, Mark, ObjectRef, RepoPath, SourceTree};
use yaml_node::Node;

use super::key::Key;
use super::round::{Evaluator, Round};
use super::sources::resolved::Resolved;
use super::sources::trees::ReadOnce;
use crate::Applied;
use crate::artifact::{ArtifactTree, Rules};
use crate::artifact_generator::{Finding, SourceReference, generate};
use crate::flux::object_ref;

/// The results of ArtifactGenerators, by generator.
#[derive(Default)]
pub(super) struct GeneratedArtifacts {
    generators: BTreeMap<ObjectRef, Arc<Generator>>,
}

struct Generator {
    key: Key,
    node: Node,
    /// The sources that it used, with their files.
    used: Vec<(ObjectRef, Option<Arc<Sources>>)>,
    objects: Vec<Applied>,
    contents: BTreeMap<ObjectRef, Resolved>,
    findings: Vec<Finding>,
}

impl GeneratedArtifacts {
    /// Runs all generators of a round; `known` are the results of the last one.
    pub(super) fn new(evaluator: &Evaluator<'_>, view: &Round<'_>, known: &GeneratedArtifacts) -> Self {
        let resolve = |id: &ObjectRef| known.resolve(id, evaluator, view).sources().cloned();
        let mut generators = BTreeMap::new();
        for (node, key) in &view.typed.artifact_generators {
            let id = object_ref(node);
            let unchanged = known.generators.get(&id).filter(|generator| {
                let mut used = generator.used.iter();
                generator.node == **node
                    && generator.key == *key
                    && used.all(|(id, used)| {
                        used.as_ref().map(Arc::as_ptr) == resolve(id).as_ref().map(Arc::as_ptr)
                    })
            });
            let generator = match unchanged {
                Some(generator) => Arc::clone(generator),
                None => Arc::new(Generator::new(evaluator, &id, node, key, &resolve)),
            };
            generators.insert(id, generator);
        }
        GeneratedArtifacts { generators }
    }

    /// The ExternalArtifact objects, with the key of what applies their generator.
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

    /// The files behind a source, which may be an ExternalArtifact.
    pub(super) fn resolve(&self, id: &ObjectRef, evaluator: &Evaluator<'_>, view: &Round<'_>) -> Resolved {
        self.content(id).unwrap_or_else(|| evaluator.resolve(id, view))
    }

    /// The ExternalArtifacts whose content is available.
    pub(super) fn available(&self) -> impl Iterator<Item = &ObjectRef> {
        let contents = self.generators.values().flat_map(|generator| &generator.contents);
        contents
            .filter(|(_, content)| content.sources().is_some())
            .map(|(id, _)| id)
    }

    pub(super) fn is_same_as(&self, other: &GeneratedArtifacts) -> bool {
        has_same_values(&self.generators, &other.generators)
    }

    /// Problems of the generators.
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
                mark: artifact.mark,
                unhashed_name: artifact.name,
                ..Applied::new(artifact.object, Some(id), Mark::NONE)
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

/// Whether two maps have the same keys, and share the value of each.
pub(super) fn has_same_values<T>(a: &BTreeMap<ObjectRef, Arc<T>>, b: &BTreeMap<ObjectRef, Arc<T>>) -> bool {
    let mut pairs = a.iter().zip(b);
    a.len() == b.len() && pairs.all(|(a, b)| a.0 == b.0 && Arc::ptr_eq(a.1, b.1))
}
