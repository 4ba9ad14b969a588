//! Whether each Kustomization and HelmRelease of a cluster would become ready, as far as the repository says.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::flux::HelmRelease;
use flux_evaluate::{Applied, Evaluated};
use infra_model::Diagnostic;
use source_tree::{ObjectRef, Place, Severity};

use crate::ScannedCluster;

/// What is known of one Kustomization or HelmRelease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The object.
    pub object: ObjectRef,
    /// Whether it would become ready.
    pub state: VerdictState,
    /// Where to look: what is wrong, else the object itself.
    pub place: Option<Place>,
}

/// Whether an object would become ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerdictState {
    /// Nothing is wrong.
    Passed,
    /// It fails, for these reasons.
    Failed(Vec<String>),
    /// It waits for one that fails.
    Blocked {
        /// What fails at the end of the chain.
        by: ObjectRef,
    },
    /// Nothing can be said, since something is not at hand.
    Skipped(String),
}

/// The verdicts on a cluster: Kustomizations in the order in which they were reached, each followed by its HelmReleases.
pub fn verdicts(cluster: &ScannedCluster) -> Vec<Verdict> {
    let findings = &cluster.infrastructure.diagnostics;
    let mut waits: BTreeMap<ObjectRef, Vec<ObjectRef>> = BTreeMap::new();
    let mut verdicts = Vec::new();
    let bare = std::iter::once(&cluster.evaluation.root).filter(|root| root.id.is_none());
    let all = bare
        .chain(&cluster.evaluation.joined)
        .chain(&cluster.evaluation.kustomizations);
    for evaluated in all {
        let owner = evaluated
            .id
            .as_ref()
            .map(|id| ObjectRef::new("Kustomization", &id.namespace, &id.name));
        if let Some(owner) = &owner {
            let depends_on = evaluated.depends_on().iter();
            let depends_on = depends_on.map(|id| ObjectRef::new("Kustomization", &id.namespace, &id.name));
            waits.insert(owner.clone(), depends_on.collect());
            verdicts.push(Verdict {
                state: of_kustomization(owner, evaluated, findings),
                place: failing_place(owner, findings).or_else(|| place(cluster, evaluated.object.as_ref())),
                object: owner.clone(),
            });
        }
        if let (None, Some(_)) = (&owner, &evaluated.error) {
            let entry = ObjectRef::new("Entry", "", evaluated.path.to_string());
            verdicts.push(Verdict {
                state: of_kustomization(&entry, evaluated, findings),
                place: None,
                object: entry,
            });
        }
        for applied in releases(evaluated) {
            let release = HelmRelease::of(&applied.node);
            let after = release.depends_on.iter().cloned().chain(owner.clone());
            waits.insert(release.id.clone(), after.collect());
            verdicts.push(Verdict {
                state: of_release(&release.id, cluster),
                place: failing_place(&release.id, findings).or_else(|| place(cluster, Some(applied))),
                object: release.id,
            });
        }
    }
    block(&mut verdicts, &waits);
    verdicts
}

fn of_kustomization(object: &ObjectRef, evaluated: &Evaluated, findings: &[Diagnostic]) -> VerdictState {
    if evaluated.external {
        return VerdictState::Skipped("its content is not in this repository".to_owned());
    }
    let mut reasons = errors(object, findings);
    if let (Some(error), true) = (&evaluated.error, reasons.is_empty()) {
        reasons.push(redaction::without_credentials(error).into_owned());
    }
    if reasons.is_empty() {
        VerdictState::Passed
    } else {
        VerdictState::Failed(reasons)
    }
}

fn of_release(object: &ObjectRef, cluster: &ScannedCluster) -> VerdictState {
    let reasons = errors(object, &cluster.infrastructure.diagnostics);
    if !reasons.is_empty() {
        VerdictState::Failed(reasons)
    } else if cluster.evaluation.rendered_charts.contains(object) {
        VerdictState::Passed
    } else {
        VerdictState::Skipped("its chart is not at hand".to_owned())
    }
}

/// Turns what waits for something that fails into what is blocked by it.
fn block(verdicts: &mut [Verdict], waits: &BTreeMap<ObjectRef, Vec<ObjectRef>>) {
    let failed: BTreeSet<ObjectRef> = verdicts
        .iter()
        .filter(|verdict| matches!(verdict.state, VerdictState::Failed(_)))
        .map(|verdict| verdict.object.clone())
        .collect();
    for verdict in verdicts {
        if matches!(verdict.state, VerdictState::Failed(_)) {
            continue;
        }
        let mut seen = BTreeSet::new();
        let mut next: Vec<&ObjectRef> = waits.get(&verdict.object).into_iter().flatten().rev().collect();
        while let Some(object) = next.pop() {
            if failed.contains(object) {
                verdict.state = VerdictState::Blocked { by: object.clone() };
                break;
            }
            if seen.insert(object) {
                next.extend(waits.get(object).into_iter().flatten().rev());
            }
        }
    }
}

fn errors(object: &ObjectRef, findings: &[Diagnostic]) -> Vec<String> {
    errors_of(object, findings)
        .map(|finding| finding.message.clone())
        .collect()
}

fn errors_of<'a>(object: &ObjectRef, findings: &'a [Diagnostic]) -> impl Iterator<Item = &'a Diagnostic> {
    let name = object.to_string();
    findings.iter().filter(move |finding| {
        finding.severity == Severity::Error && finding.object.as_deref() == Some(name.as_str())
    })
}

fn failing_place(object: &ObjectRef, findings: &[Diagnostic]) -> Option<Place> {
    errors_of(object, findings).find_map(|finding| finding.place.clone())
}

fn place(cluster: &ScannedCluster, applied: Option<&Applied>) -> Option<Place> {
    cluster.evaluation.files.place(applied?.mark)
}

fn releases(evaluated: &Evaluated) -> impl Iterator<Item = &Applied> {
    evaluated.objects.iter().filter(|applied| {
        let text = |field: &str| applied.node.text_at(&[field]).unwrap_or_default();
        text("kind") == "HelmRelease" && text("apiVersion").starts_with("helm.toolkit.fluxcd.io/")
    })
}
