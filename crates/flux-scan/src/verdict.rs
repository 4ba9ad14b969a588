//! Whether each Kustomization and HelmRelease of a cluster would become ready, as far as the repository shows.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::flux::{HelmRelease, object_ref};
use flux_evaluate::{Applied, Evaluated, KustomizationId, ReleaseChart};
use infra_model::{Diagnostic, codes};
use source_tree::{ObjectRef, Place, Severity};

use crate::ScannedCluster;

/// Codes of errors in objects that the API server or Flux refuses, so that nothing of their Kustomization is applied.
const REFUSED: &[&str] = &[
    codes::FIELD_INVALID,
    codes::NAMESPACE_MISSING,
    codes::RETYPED_VALUE,
];
/// Codes of warnings whose object never becomes ready. A missing reference is a finding about a Kustomization or HelmRelease only if
/// the account that applies it is missing.
const NEVER_READY: &[&str] = &[
    codes::HEALTH_CHECK_MISSING,
    codes::REFERENCE_MISSING,
    codes::SOURCE_MISSING,
];

/// The verdict on a Kustomization or HelmRelease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The object.
    pub object: ObjectRef,
    /// Whether it would become ready.
    pub state: VerdictState,
    /// The place of the problem, else of the object itself.
    pub place: Option<Place>,
}

/// Whether an object would become ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerdictState {
    /// No problem was found.
    Passed,
    /// It fails, for these reasons.
    Failed(Vec<String>),
    /// It waits for an object that fails.
    Blocked {
        /// The failed object at the end of the chain.
        by: ObjectRef,
    },
    /// Unknown, for this reason.
    Skipped(String),
}

/// The verdicts on a cluster: Kustomizations in the order in which they were reached, each followed by its HelmReleases.
pub fn verdicts(cluster: &ScannedCluster) -> Vec<Verdict> {
    let findings = &Findings::new(&cluster.infrastructure.diagnostics);
    let mut waits: BTreeMap<ObjectRef, Vec<ObjectRef>> = BTreeMap::new();
    let mut verdicts = Vec::new();
    let bare = std::iter::once(&cluster.evaluation.root).filter(|root| root.id.is_none());
    let all = bare
        .chain(&cluster.evaluation.joined)
        .chain(&cluster.evaluation.kustomizations);
    for evaluated in all {
        let object = |id: &KustomizationId| ObjectRef::new("Kustomization", &id.namespace, &id.name);
        let owner = evaluated.id.as_ref().map(object);
        if let Some(owner) = &owner {
            waits.insert(owner.clone(), evaluated.depends_on().iter().map(object).collect());
            let own_place = || place(cluster, evaluated.object.as_ref());
            verdicts.push(Verdict {
                state: of_kustomization(owner, evaluated, cluster, findings),
                place: findings.place(owner).or_else(own_place),
                object: owner.clone(),
            });
        } else if evaluated.error.is_some() {
            let entry = ObjectRef::new("Entry", "", evaluated.path.to_string());
            verdicts.push(Verdict {
                state: of_kustomization(&entry, evaluated, cluster, findings),
                place: None,
                object: entry,
            });
        }
        for applied in releases(evaluated) {
            let release = HelmRelease::of(&applied.node);
            let after = release.depends_on.iter().cloned().chain(owner.clone());
            waits.insert(release.id.clone(), after.collect());
            let own_place = || place(cluster, Some(applied));
            verdicts.push(Verdict {
                state: of_release(&release, cluster, findings),
                place: findings.place(&release.id).or_else(own_place),
                object: release.id,
            });
        }
    }
    block(&mut verdicts, &waits);
    verdicts
}

fn of_kustomization(
    object: &ObjectRef,
    evaluated: &Evaluated,
    cluster: &ScannedCluster,
    findings: &Findings<'_>,
) -> VerdictState {
    let mut reasons = findings.reasons(object);
    let view = evaluated.kustomization.as_ref();
    if let Some(source) = view.and_then(|view| view.source.as_ref()) {
        reasons.extend(findings.refused_source(&source.id));
    }
    reasons.extend(findings.reasons_of_objects(evaluated));
    if reasons.is_empty() && evaluated.external {
        return VerdictState::Skipped("its content is not in this repository".to_owned());
    }
    if let (Some(error), true) = (&evaluated.error, reasons.is_empty()) {
        reasons.push(redaction::without_credentials(error).into_owned());
    }
    if !reasons.is_empty() {
        return VerdictState::Failed(reasons);
    }
    let references = evaluated.substitute_from().iter();
    let required = references.filter(|reference| !reference.optional);
    let required =
        required.map(|reference| ObjectRef::new(&reference.kind, &object.namespace, &reference.name));
    let missing = required.filter(|name| {
        let source = cluster.evaluation.variables.sources.get(name);
        let is_made = source.is_some_and(|source| source.known || source.made_by.is_some());
        evaluated.missing.contains(name) && !is_made
    });
    without(missing, cluster).unwrap_or(VerdictState::Passed)
}

fn of_release(release: &HelmRelease, cluster: &ScannedCluster, findings: &Findings<'_>) -> VerdictState {
    let object = &release.id;
    let mut reasons = findings.reasons(object);
    let chart = release.chart.as_ref().and_then(|chart| chart.source.as_ref());
    let sources = chart.into_iter().chain(&release.chart_ref);
    reasons.extend(sources.flat_map(|source| findings.refused_source(&source.id)));
    if !reasons.is_empty() {
        return VerdictState::Failed(reasons);
    }
    let Some(evaluated) = cluster.evaluation.releases.get(object) else {
        return VerdictState::Skipped("it goes to another cluster".to_owned());
    };
    let required = release.values_from.iter().filter(|reference| !reference.optional);
    let required =
        required.map(|reference| ObjectRef::new(&reference.kind, &object.namespace, &reference.name));
    let missing = required.filter(|name| {
        evaluated.unknown_values.contains(name) && findings.has_warning(name, codes::REFERENCE_MISSING)
    });
    if let Some(state) = without(missing, cluster) {
        return state;
    }
    match &evaluated.chart {
        ReleaseChart::Rendered(_) => VerdictState::Passed,
        ReleaseChart::Unavailable(_) => VerdictState::Skipped("its chart is not available".to_owned()),
        // The chart may fail for lack of the unknown values.
        ReleaseChart::Failed(_) if !evaluated.unknown_values.is_empty() => {
            VerdictState::Skipped("values of its chart are not known".to_owned())
        }
        ReleaseChart::Failed(message) if let Some(asked) = evaluated.asks => {
            let message = redaction::without_credentials(message);
            VerdictState::Skipped(format!(
                "its chart fails ({}); {}",
                message.trim_end(),
                asked.hint()
            ))
        }
        ReleaseChart::Failed(message) => {
            VerdictState::Failed(vec![redaction::without_credentials(message).into_owned()])
        }
    }
}

/// The state of an object that needs `missing` objects. Secrets may be made by hand, and others by parts that are not in the
/// repository.
fn without(missing: impl Iterator<Item = ObjectRef>, cluster: &ScannedCluster) -> Option<VerdictState> {
    let evaluation = &cluster.evaluation;
    let is_complete = evaluation
        .evaluated()
        .all(|evaluated| !evaluated.external && evaluated.left_out.is_empty());
    let (by_hand, made): (Vec<ObjectRef>, Vec<ObjectRef>) =
        missing.partition(|object| !is_complete || object.kind == "Secret");
    if !made.is_empty() {
        let reason = |object: &ObjectRef| format!("it needs {object}, which nothing makes");
        return Some(VerdictState::Failed(made.iter().map(reason).collect()));
    }
    let first = by_hand.first()?;
    Some(VerdictState::Skipped(format!(
        "{first}, which it needs, is not in this repository"
    )))
}

/// Marks objects as blocked that wait for a failed object.
fn block(verdicts: &mut [Verdict], waits: &BTreeMap<ObjectRef, Vec<ObjectRef>>) {
    let has_failed = |verdict: &Verdict| matches!(verdict.state, VerdictState::Failed(_));
    let failed = verdicts.iter().filter(|verdict| has_failed(verdict));
    let failed: BTreeSet<ObjectRef> = failed.map(|verdict| verdict.object.clone()).collect();
    for verdict in verdicts.iter_mut().filter(|verdict| !has_failed(verdict)) {
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

/// Findings by their object.
struct Findings<'a>(BTreeMap<&'a str, Vec<&'a Diagnostic>>);

impl<'a> Findings<'a> {
    fn new(findings: &'a [Diagnostic]) -> Self {
        let mut by_object: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
        for finding in findings {
            if let Some(object) = finding.object.as_deref() {
                by_object.entry(object).or_default().push(finding);
            }
        }
        Findings(by_object)
    }

    /// The findings that keep an object from becoming ready.
    fn failing(&self, object: &ObjectRef) -> impl Iterator<Item = &'a Diagnostic> {
        let findings = self.0.get(object.to_string().as_str()).into_iter().flatten();
        findings.copied().filter(|finding| match finding.severity {
            Severity::Error => true,
            Severity::Warning => NEVER_READY.contains(&finding.code.as_ref()),
            _ => false,
        })
    }

    /// Whether an object has a warning or error of this code.
    fn has_warning(&self, object: &ObjectRef, code: &str) -> bool {
        let mut findings = self.0.get(object.to_string().as_str()).into_iter().flatten();
        findings.any(|finding| finding.code == code && finding.severity >= Severity::Warning)
    }

    fn reasons(&self, object: &ObjectRef) -> Vec<String> {
        let findings = self.failing(object);
        findings.map(|finding| finding.message.clone()).collect()
    }

    /// Why a source never becomes ready, nor the objects that use it.
    fn refused_source(&self, source: &ObjectRef) -> Vec<String> {
        let findings = self.failing(source);
        let refused = findings.filter(|finding| finding.code == codes::SOURCE_INVALID);
        refused.map(|finding| finding.message.clone()).collect()
    }

    /// Why objects of a Kustomization are refused, in the order of its objects.
    fn reasons_of_objects(&self, evaluated: &Evaluated) -> Vec<String> {
        let objects = evaluated.objects.iter();
        let own = objects.filter(|applied| applied.generated_by.is_none());
        let names = own.map(|applied| object_ref(&applied.node).to_string());
        let findings = names.flat_map(|name| self.0.get(name.as_str()).into_iter().flatten().copied());
        // Flux drops labels that are not strings, and applies the object without them.
        let is_label = |finding: &Diagnostic| finding.message.contains("`metadata.labels.");
        let refused = findings.filter(|finding| !is_label(finding));
        let refused = refused.filter(|finding| {
            finding.severity >= Severity::Warning && REFUSED.contains(&finding.code.as_ref())
        });
        refused.map(|finding| finding.message.clone()).collect()
    }

    fn place(&self, object: &ObjectRef) -> Option<Place> {
        self.failing(object).find_map(|finding| finding.place.clone())
    }
}

fn place(cluster: &ScannedCluster, applied: Option<&Applied>) -> Option<Place> {
    cluster.evaluation.files.place(applied?.mark)
}

/// The HelmReleases that a Kustomization applies.
pub(crate) fn releases(evaluated: &Evaluated) -> impl Iterator<Item = &Applied> {
    evaluated.objects.iter().filter(|applied| {
        let text = |field: &str| applied.node.text_at(&[field]).unwrap_or_default();
        text("kind") == "HelmRelease" && text("apiVersion").starts_with("helm.toolkit.fluxcd.io/")
    })
}
