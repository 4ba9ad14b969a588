//! What became of the Kustomizations of a cluster, in numbers.

use std::collections::BTreeMap;

use flux_evaluate::{Evaluated, Evaluation};

/// What became of a Kustomization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Became {
    /// Built as a whole.
    Built,
    /// Built without parts that are not at hand.
    Partial,
    /// Not built, or built but refused by Flux.
    Failed,
    /// Not in this repository.
    External,
}

impl Became {
    /// What became of one.
    pub fn of(evaluated: &Evaluated) -> Self {
        match (evaluated.external, &evaluated.error) {
            (true, _) => Became::External,
            (false, Some(_)) => Became::Failed,
            (false, None) if !evaluated.left_out.is_empty() => Became::Partial,
            (false, None) => Became::Built,
        }
    }
}

/// Numbers of Kustomizations by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Built as a whole.
    pub built: usize,
    /// Built without parts that are not at hand.
    pub partial: usize,
    /// Not built, or built but refused by Flux.
    pub failed: usize,
    /// Not in this repository.
    pub external: usize,
    /// Those of the external ones whose path holds variables without a value.
    pub unknown_paths: usize,
    /// Whether the entry itself could not be built, so that no Kustomization is known but the one that points at it.
    pub entry_failed: bool,
    /// The source that most of the Kustomizations name which are not in this repository.
    pub external_source: Option<String>,
}

impl Outcome {
    /// Of everything that is reached from an entry.
    pub fn new(evaluation: &Evaluation) -> Self {
        let mut outcome = Outcome::default();
        let mut sources: BTreeMap<String, usize> = BTreeMap::new();
        for evaluated in &evaluation.kustomizations {
            match Became::of(evaluated) {
                Became::External => {
                    outcome.external += 1;
                    if evaluated
                        .kustomization
                        .as_ref()
                        .is_some_and(|view| view.path.contains("${"))
                    {
                        outcome.unknown_paths += 1;
                    } else if let Some(source) = source(evaluated) {
                        *sources.entry(source).or_default() += 1;
                    }
                }
                Became::Failed => outcome.failed += 1,
                Became::Partial => outcome.partial += 1,
                Became::Built => outcome.built += 1,
            }
        }
        let bare = std::iter::once(&evaluation.root).chain(&evaluation.joined);
        outcome.entry_failed = bare
            .filter(|evaluated| evaluated.id.is_none())
            .any(|evaluated| evaluated.error.is_some() && evaluated.objects.is_empty())
            || evaluation.kustomizations.iter().any(is_bootstrapped_alone);
        outcome.external_source = sources
            .into_iter()
            .max_by_key(|(_, count)| *count)
            .map(|(source, _)| source);
        outcome
    }

    /// Number of all Kustomizations.
    pub fn all(&self) -> usize {
        self.built + self.partial + self.failed + self.external
    }
}

/// Whether the Kustomization that bootstrapping has applied is all that is known, since the entry could not be built.
fn is_bootstrapped_alone(evaluated: &Evaluated) -> bool {
    evaluated.is_bootstrapped && Became::of(evaluated) == Became::Failed && evaluated.objects.is_empty()
}

/// `Kind/namespace/name` of the source that a Kustomization names.
fn source(evaluated: &Evaluated) -> Option<String> {
    let object = evaluated.object.as_ref()?;
    let reference = object.node.at(&["spec", "sourceRef"])?;
    let own = evaluated.id.as_ref().map_or("", |id| id.namespace.as_str());
    let namespace = reference.text_at(&["namespace"]).unwrap_or(own);
    Some(format!(
        "{}/{namespace}/{}",
        reference.text_at(&["kind"])?,
        reference.text_at(&["name"])?
    ))
}
