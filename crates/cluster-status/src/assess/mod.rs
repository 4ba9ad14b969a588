//! Assessment of an object of the cluster: its state, and the objects that its status points to. One kind, one file.

mod custom;
mod headline;
mod helm_release;
mod kustomization;
mod missing;
mod pod;
mod source;
mod workload;

use std::time::SystemTime;

use infra_model::ObjectRef;
use schemars::JsonSchema;
use serde::Serialize;

use crate::live::{Condition, Event, Metadata, SOURCES};
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::{message, time};

/// The state of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    #[default]
    Ready,
    /// It could not be read.
    Unknown,
    /// Flux does not update it: `spec.suspend`.
    Suspended,
    /// It will become ready, or fail, by itself.
    Waiting,
    /// `Ready`, but of an older revision than its source has or would have.
    Stale,
    /// It is being deleted.
    Deleting,
    /// It is not in the cluster.
    Missing,
    /// It failed.
    Broken,
}

impl State {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Ready => "ready",
            State::Unknown => "unknown",
            State::Suspended => "suspended",
            State::Waiting => "waiting",
            State::Stale => "stale",
            State::Deleting => "deleting",
            State::Missing => "missing",
            State::Broken => "broken",
        }
    }
}

/// Whether a controller tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Retry {
    /// It does, by itself.
    Retried,
    /// It does not, until the object changes or somebody asks it to.
    Stalled,
}

/// The state of an object, with details.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assessment {
    pub(crate) object: ObjectRef,
    pub(crate) state: State,
    /// The reason, as its controller or this program calls it.
    pub(crate) reason: String,
    /// The message of the controller, on one line without credentials.
    pub(crate) message: String,
    /// When the state began.
    pub(crate) since: Option<SystemTime>,
    /// How often it was tried.
    pub(crate) tries: Option<u64>,
    pub(crate) retry: Option<Retry>,
    /// The revision or version that runs.
    pub(crate) running: Option<String>,
    /// The one that should run.
    pub(crate) wanted: Option<String>,
    /// Details that are easily overlooked.
    pub(crate) notes: Vec<String>,
    /// The objects that may be the cause, the likeliest first.
    pub(crate) leads: Vec<ObjectRef>,
    /// An object that a pod lacks, named by its message or its manifest.
    pub(crate) lacks: Option<ObjectRef>,
    /// The container of a pod whose log says more.
    pub(crate) container: Option<String>,
    /// Whether the log is that of the container before its restart.
    pub(crate) previous: bool,
}

impl Assessment {
    fn new(object: &ObjectRef) -> Self {
        Assessment {
            object: object.clone(),
            ..Assessment::default()
        }
    }

    /// Sets state, reason and message.
    fn with(mut self, state: State, reason: &str, text: &str) -> Self {
        self.state = state;
        self.reason = message::shown(reason);
        self.message = message::shown(text);
        self
    }

    /// Sets state, reason, message and time from a condition.
    fn by_condition(self, state: State, condition: &Condition) -> Self {
        self.with(state, &condition.reason, &condition.message)
            .since_text(&condition.last_transition_time)
    }

    /// Sets state, reason and message from a warning.
    fn by_warning(self, state: State, warning: &Event) -> Self {
        self.with(state, &warning.reason, &warning.message)
    }

    fn deleting(self, metadata: &Metadata, text: &str) -> Self {
        self.with(State::Deleting, "Terminating", text)
            .since_text(&metadata.deletion_timestamp)
    }

    fn since_text(mut self, text: &str) -> Self {
        self.since = self.since.or(time::parse(text));
        self
    }

    fn lacks(&mut self, object: ObjectRef) {
        self.lacks.get_or_insert_with(|| object.clone());
        self.lead(object);
    }

    fn lead(&mut self, object: ObjectRef) {
        if object != self.object && !self.leads.contains(&object) {
            self.leads.push(object);
        }
    }

    fn lead_all(&mut self, objects: impl IntoIterator<Item = ObjectRef>) {
        objects.into_iter().for_each(|object| self.lead(object));
    }

    fn note(&mut self, text: &str) {
        self.notes.push(text.to_owned());
    }
}

/// Assesses objects of a cluster.
pub(crate) struct Assessor<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) repository: &'a Repository<'a>,
}

impl Assessor<'_> {
    /// The assessment of an object.
    pub(crate) fn assess(&self, object: &ObjectRef) -> Assessment {
        let mut assessment = self.found(object).unwrap_or_else(|| self.missing(object));
        let is_stated = !self.repository.subjects(object).is_empty();
        if assessment.state == State::Suspended && is_stated && !self.repository.is_suspended(object) {
            assessment
                .note("the repository does not suspend it: somebody did by hand, and `flux resume` ends it");
        }
        assessment
    }

    /// The assessment of an object that was read.
    fn found(&self, object: &ObjectRef) -> Option<Assessment> {
        let snapshot = self.snapshot;
        Some(match object.kind.as_str() {
            "Kustomization" => self.kustomization(object, snapshot.kustomizations.get(object)?),
            "HelmRelease" => self.helm_release(object, snapshot.helm_releases.get(object)?),
            kind if SOURCES.contains(&kind) => self.source(object, snapshot.sources.get(object)?),
            "Pod" => self.pod(object, snapshot.pods.get(object)?),
            "Secret" | "ConfigMap" => return None,
            _ => match snapshot.workloads.get(object) {
                Some(workload) => self.workload(object, workload),
                None => self.custom(object, snapshot.custom.get(object)?),
            },
        })
    }

    /// The Deployment of a controller that has not reported anything, wherever Flux is installed.
    fn controller(&self, name: &str) -> Option<ObjectRef> {
        let workloads = self.snapshot.workloads.keys();
        let mut found = workloads.filter(|object| object.kind == "Deployment" && object.name == name);
        let usual = ObjectRef::new("Deployment", "flux-system", name);
        let is_absent = |usual: &ObjectRef| self.snapshot.is_complete_for(usual);
        found.next().cloned().or(Some(usual).filter(is_absent))
    }

    /// The newest warning about an object with one of these reasons.
    fn warning(&self, object: &ObjectRef, reasons: &[&str]) -> Option<&Event> {
        let mut events = self.snapshot.events_of(object).iter();
        events.find(|event| reasons.contains(&event.reason.as_str()))
    }
}

/// The message of a condition; empty without one.
fn text_of(condition: Option<&Condition>) -> &str {
    condition.map_or("", |condition| condition.message.as_str())
}
