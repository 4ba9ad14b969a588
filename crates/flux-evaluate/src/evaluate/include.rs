//! `spec.include` of a GitRepository turns into what is put into its artifact, and into diagnostics.
//!
//! As `reconcileInclude` of
//! <https://github.com/fluxcd/source-controller/blob/main/internal/controller/gitrepository_controller.go>: the artifact
//! of each other repository is moved to its place before ignore rules apply, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kustomize_build::Sources;
use source_tree::codes;
use source_tree::{Diagnostic, RepoPath, Severity};

use super::sources::{ReadOnce, Resolved};
use super::{Evaluator, View};
use crate::artifact::{IncludeTree, Included};
use crate::flux::{Include, ObjectId};

/// Most folders that includes of includes put into one artifact. Repositories that include each other twice per level
/// would else grow without end.
pub(super) const MAX_INCLUDES: usize = 256;

/// The artifacts that are being resolved, so that no circle is followed.
#[derive(Default)]
pub(super) struct Resolving {
    pub(super) chain: Vec<ObjectId>,
    /// What is resolved already, with the number of folders in it.
    pub(super) known: BTreeMap<ObjectId, (Resolved, usize)>,
    /// What never has an artifact, because it waits in a circle or for one.
    pub(super) stuck: BTreeSet<ObjectId>,
}

/// What becomes of an entry of `spec.include`.
pub(super) enum Outcome {
    /// It is put in.
    PutIn(Arc<Sources>),
    /// Its repository exists, the content is not at hand.
    Elsewhere,
    /// Nothing states its repository.
    Missing,
    /// Its repository waits for itself, perhaps by way of others.
    Circle,
    /// `fromPath` is not in it.
    NotInIt,
    /// Something stands at `toPath`.
    Occupied,
    /// It would put too many folders in.
    TooMany,
}

impl Outcome {
    /// The outcome of putting an artifact at its place.
    pub(super) fn put_in(sources: &Arc<Sources>, include: &Include, tree: &mut IncludeTree) -> Self {
        let Some(kind) = sources.tree().kind(&include.from) else {
            return Outcome::NotInIt;
        };
        if tree.is_occupied(&include.to, kind) {
            return Outcome::Occupied;
        }
        tree.include(Included {
            tree: Arc::new(ReadOnce(Arc::clone(sources))),
            from: include.from.clone(),
            to: include.to.clone(),
        });
        Outcome::PutIn(Arc::clone(sources))
    }

    /// Why nothing is known of `toPath`; nothing where it is known.
    fn reason(&self, include: &Include, other: &ObjectId) -> Option<String> {
        let why = match self {
            Outcome::PutIn(_) | Outcome::Occupied => return None,
            Outcome::Elsewhere => "whose content is elsewhere".to_owned(),
            Outcome::Missing => "which nothing in the repository states".to_owned(),
            Outcome::Circle => "which never has an artifact, as includes go in a circle".to_owned(),
            Outcome::NotInIt => format!("which has no {}", include.from),
            Outcome::TooMany => "which is beyond the bound of includes".to_owned(),
        };
        Some(format!("comes from {other}, {why}"))
    }
}

/// The folders of which nothing is known.
pub(super) fn unknown(id: &ObjectId, includes: &[(Include, Outcome)]) -> Vec<(RepoPath, String)> {
    let unknown = includes.iter().filter_map(|(include, outcome)| {
        let reason = outcome.reason(include, &other(id, include))?;
        Some((include.to.clone(), reason))
    });
    unknown.collect()
}

/// The repository that an entry names.
pub(super) fn other(id: &ObjectId, include: &Include) -> ObjectId {
    ObjectId::new(&id.kind, &id.namespace, &include.repository)
}

/// What is wrong with includes, or unknown.
pub(super) fn findings(evaluator: &Evaluator<'_>, view: &View<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let including = view.inventory.sources.iter();
    for (id, _) in including.filter(|(_, (source, _))| !source.include.is_empty()) {
        let includes = evaluator
            .artifacts
            .includes(id, &view.inventory, &view.bare_sources);
        for (include, outcome) in includes {
            if let Some(diagnostic) = finding(id, &include, &outcome) {
                let place = evaluator.files.place(include.mark);
                diagnostics.push(diagnostic.at(place).on(id.to_string()));
            }
        }
    }
    diagnostics
}

fn finding(id: &ObjectId, include: &Include, outcome: &Outcome) -> Option<Diagnostic> {
    let other = other(id, include);
    let error = |code, why: String| Diagnostic::error(code, format!("{id} includes {other}, {why}"));
    Some(match outcome {
        Outcome::PutIn(_) => return None,
        Outcome::Elsewhere => Diagnostic::new(
            Severity::Info,
            codes::SOURCE_UNRESOLVED,
            format!("{id} includes {other}, whose content is elsewhere"),
        )
        .hint(format!("name a folder with it: --source {other}=DIR")),
        Outcome::Missing => error(
            codes::SOURCE_MISSING,
            "which nothing in the repository states".into(),
        )
        .hint("correct spec.include, add the source, or name its content with --source"),
        Outcome::Circle => error(
            codes::DEPENDENCY_CYCLE,
            "which never has an artifact, as includes go in a circle".into(),
        )
        .hint("remove the entry of spec.include that is not needed"),
        Outcome::NotInIt => error(codes::PATH_MISSING, format!("which has no {}", include.from))
            .hint("correct fromPath; it starts at the top of the other repository"),
        Outcome::Occupied => error(
            codes::BUILD_FAILED,
            format!("but {} is there already, so that it has no artifact", include.to),
        )
        .hint("choose a toPath at which nothing stands"),
        Outcome::TooMany => error(
            codes::LIMIT_REACHED,
            format!("which would put more than {MAX_INCLUDES} folders into it"),
        )
        .hint("a scan holds to this bound so that no repository can harm it"),
    })
}
