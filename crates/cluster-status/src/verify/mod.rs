//! Does the cluster have what the repository states? Missing, drifted and stray objects.

mod another_cluster;
mod config_map;
mod duration;
mod flux_object;
mod owner;
mod secret;
mod stray;
mod text;
mod workload;

use std::cell::Cell;
use std::collections::BTreeSet;

use infra_model::{ObjectRef, Place};
use infra_query::{Facts, Subject};
use plain_text::Command;
use schemars::JsonSchema;
use serde::Serialize;

use crate::message::shown;
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::steps;

/// The answer of `verify`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifyReport {
    /// The cluster, as the catalogs call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Whether nothing is missing, drifted, or in the cluster alone in a place of the repository's.
    pub as_in_git: bool,
    /// A sign that the cluster is not the repository's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub another_cluster: Option<String>,
    /// How many objects are as the repository states them.
    pub same: usize,
    /// Objects of the repository that the cluster does not have, sorted.
    pub missing: Vec<MissingObject>,
    /// Objects that differ, sorted.
    pub drifted: Vec<DriftedObject>,
    /// Objects that the repository does not state, sorted.
    pub not_in_git: Vec<StrayObject>,
    /// How many objects of the repository were not read.
    pub not_read: usize,
    /// What could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// What is not compared because something was not read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_compared: Vec<String>,
    /// Commands that show more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<String>,
}

/// An object that the cluster does not have.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MissingObject {
    /// The object.
    pub object: ObjectRef,
    /// Who applies or makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_by: Option<ObjectRef>,
    /// Where it is stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// An object that differs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DriftedObject {
    /// The object.
    pub object: ObjectRef,
    /// Its fields that differ.
    pub fields: Vec<DriftedField>,
    /// Where it is stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DriftedField {
    /// The field, such as `image` or `data.LOG_LEVEL`.
    pub field: String,
    /// Its value in the repository; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git: Option<String>,
    /// Its value in the cluster; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// What decides it in the repository, where that is another place than the object's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// An object that the repository does not state.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StrayObject {
    /// The object.
    pub object: ObjectRef,
    /// The Flux object that has applied it, by its labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<ObjectRef>,
    /// Why it counts as such.
    pub why: String,
    /// Whether it is a difference. An unowned object in a namespace that the repository does not use is not.
    pub counts: bool,
}

/// The fields of an object that differ.
#[derive(Default)]
struct Fields(Vec<DriftedField>);

impl Fields {
    /// Compares two texts.
    fn compare(&mut self, field: &str, git: &str, cluster: &str) {
        if git != cluster {
            self.differs(field, Some(git), Some(cluster));
        }
    }

    /// Notes a difference. Values are masked.
    fn differs(&mut self, field: &str, git: Option<&str>, cluster: Option<&str>) {
        let value = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(shown);
        self.0.push(DriftedField {
            field: shown(field),
            git: value(git),
            cluster: value(cluster),
            place: None,
        });
    }

    /// Compares lists whose order says nothing.
    fn compare_sets(&mut self, field: &str, git: &BTreeSet<String>, cluster: &BTreeSet<String>) {
        if git != cluster {
            let joined = |texts: &BTreeSet<String>| texts.iter().cloned().collect::<Vec<_>>().join(", ");
            self.differs(field, Some(&joined(git)), Some(&joined(cluster)));
        }
    }
}

/// Whether a value of the repository is known: it has no variables that only the cluster knows, and is not withheld.
fn is_known(value: &str) -> bool {
    !value.contains("${") && !value.contains(redaction::REDACTED)
}

/// Compares a cluster with its repository.
pub fn verify(facts: &dyn Facts, snapshot: &Snapshot) -> VerifyReport {
    let repository = Repository::new(facts);
    let comparison = Comparison {
        facts,
        repository: &repository,
        snapshot,
        has_skipped_replicas: Cell::new(false),
    };
    let mut report = VerifyReport {
        cluster: facts.metadata().cluster_name.clone(),
        another_cluster: comparison.another_cluster(),
        unread: snapshot.unread(),
        ..VerifyReport::default()
    };
    for (object, subjects) in repository.objects() {
        comparison.compare(object, subjects, &mut report);
    }
    if comparison.has_skipped_replicas.get() {
        report
            .not_compared
            .push("replicas: whether HorizontalPodAutoscalers own them was not read".to_owned());
    }
    report.not_in_git = comparison.strays();
    report.as_in_git = report.missing.is_empty()
        && report.drifted.is_empty()
        && !report.not_in_git.iter().any(|stray| stray.counts);
    report.next = next(&report);
    report
}

/// A repository and a cluster.
struct Comparison<'a> {
    facts: &'a dyn Facts,
    repository: &'a Repository<'a>,
    snapshot: &'a Snapshot,
    /// Whether replicas differ and it is unknown whether an autoscaler decides them.
    has_skipped_replicas: Cell<bool>,
}

impl Comparison<'_> {
    fn compare(&self, object: &ObjectRef, subjects: &[Subject<'_>], report: &mut VerifyReport) {
        let marks: Vec<&String> = subjects.iter().flat_map(|subject| marks(subject)).collect();
        let is_marked = |text: &str| marks.iter().any(|mark| mark.eq_ignore_ascii_case(text));
        let is_expected = subjects.iter().any(|subject| self.is_expected(object, subject));
        if !is_expected || is_marked("reconcile: disabled") || is_marked("ssa: ignore") {
            return;
        }
        let is_there = self.snapshot.has(object);
        if !is_there && !self.snapshot.is_complete_for(object) {
            report.not_read += 1;
            return;
        }
        let place = self.repository.place(object);
        if !is_there {
            report.missing.push(MissingObject {
                object: object.clone(),
                made_by: self.repository.makers(object).into_iter().next(),
                place,
            });
            return;
        }
        let mut fields = Fields::default();
        // Flux only creates such an object, and others may change it.
        if !is_marked("ssa: ifnotpresent") {
            for subject in subjects {
                self.fields(object, subject, is_marked("ssa: merge"), &mut fields);
            }
        }
        match fields.0.is_empty() {
            true => report.same += 1,
            false => report.drifted.push(DriftedObject {
                object: object.clone(),
                fields: fields.0,
                place,
            }),
        }
    }

    /// Whether the cluster should always have an object.
    fn is_expected(&self, object: &ObjectRef, subject: &Subject<'_>) -> bool {
        match subject {
            // Only some of their kinds are read.
            Subject::Object(..) => self.snapshot.is_complete_for(object),
            // Jobs may be gone once they are done.
            Subject::Service(..) => object.kind != "Job" && object.kind != "Pod",
            Subject::Kustomization(_, it) => it.source.is_some() || it.generated_by.is_some(),
            Subject::Source(_, it) => !it.missing,
            Subject::SecretReference(_, it) => secret::is_needed(it),
            Subject::ConfigMap(_, it) => config_map::is_expected(it),
            // A ClusterExternalSecret makes others and has no namespace.
            Subject::ExternalSecret(_, it) => it.kind.is_none(),
            _ => true,
        }
    }

    fn fields(&self, object: &ObjectRef, subject: &Subject<'_>, is_merged: bool, fields: &mut Fields) {
        match *subject {
            Subject::Service(_, service) => self.workload_fields(object, service, fields),
            Subject::Kustomization(_, it) => self.kustomization_fields(object, it, fields),
            Subject::HelmRelease(_, it) => self.release_fields(object, it, fields),
            Subject::Source(_, it) => self.source_fields(object, it, fields),
            Subject::ConfigMap(_, it) => self.config_map_fields(object, it, is_merged, fields),
            Subject::Secret(_, it) => self.secret_fields(object, it, fields),
            Subject::SecretReference(_, it) => self.reference_fields(object, it, fields),
            _ => {}
        }
        if !matches!(subject, Subject::SecretReference(..)) {
            self.owner_field(object, subject, fields);
        }
    }
}

/// The marks by which an object directs Flux, such as `ssa: merge`.
fn marks<'s>(subject: &'s Subject<'_>) -> &'s [String] {
    match subject {
        Subject::Service(_, service) => &service.tells_flux,
        Subject::ConfigMap(_, map) => &map.tells_flux,
        _ => &[],
    }
}

/// Commands that show who changed the first drifted object, and the state of the Kustomization of the first missing one.
fn next(report: &VerifyReport) -> Vec<String> {
    let shows = |object: &&DriftedObject| !matches!(object.object.kind.as_str(), "ConfigMap" | "Secret");
    let drifted = report.drifted.iter().find(shows).and_then(|drifted| {
        Command::new("kubectl get")
            .name(&drifted.object.kind.to_lowercase())
            .name(&drifted.object.name)
            .namespace(&drifted.object.namespace)
            .literal("-o yaml --show-managed-fields")
            .finish()
    });
    let missing = report.missing.iter().find_map(|missing| {
        let by = missing.made_by.as_ref().filter(|by| by.kind == "Kustomization")?;
        steps::get("flux get kustomization", by)
    });
    drifted.into_iter().chain(missing).collect()
}
