//! How an object of the cluster is: its state, and the objects that its status points to. One kind, one file.

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

use crate::live::{Condition, Event, SOURCES};
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

/// How an object is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assessment {
    pub(crate) object: ObjectRef,
    pub(crate) state: State,
    /// The reason in the controller's word, or in one of ours.
    pub(crate) reason: String,
    /// What the controller says, in one line without credentials.
    pub(crate) message: String,
    /// Since when it is so.
    pub(crate) since: Option<SystemTime>,
    /// How often it was tried.
    pub(crate) tries: Option<u64>,
    pub(crate) retry: Option<Retry>,
    /// The revision or version that runs.
    pub(crate) running: Option<String>,
    /// The one that should.
    pub(crate) wanted: Option<String>,
    /// What is easily overlooked about it.
    pub(crate) notes: Vec<String>,
    /// The objects that may be why, the likeliest first.
    pub(crate) leads: Vec<ObjectRef>,
    /// What a pod lacks, as its message or its manifest names it.
    pub(crate) lacks: Option<ObjectRef>,
    /// The container whose log says more, of a pod.
    pub(crate) container: Option<String>,
    /// Whether the log of the container before a restart is meant.
    pub(crate) previous: bool,
}

impl Assessment {
    fn new(object: &ObjectRef) -> Self {
        Assessment {
            object: object.clone(),
            ..Assessment::default()
        }
    }

    /// Takes state and words.
    fn is(mut self, state: State, reason: &str, text: &str) -> Self {
        self.state = state;
        self.reason = message::shown(reason);
        self.message = message::shown(text);
        self
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
}

/// Assesses objects of a cluster.
pub(crate) struct Assessor<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) repository: &'a Repository<'a>,
}

impl Assessor<'_> {
    /// How an object is.
    pub(crate) fn assess(&self, object: &ObjectRef) -> Assessment {
        let found = match object.kind.as_str() {
            "Kustomization" => self
                .snapshot
                .kustomizations
                .get(object)
                .map(|it| self.kustomization(object, it)),
            "HelmRelease" => self
                .snapshot
                .helm_releases
                .get(object)
                .map(|it| self.helm_release(object, it)),
            kind if SOURCES.contains(&kind) => self
                .snapshot
                .sources
                .get(object)
                .map(|it| self.source(object, it)),
            "Pod" => self.snapshot.pods.get(object).map(|it| self.pod(object, it)),
            "Secret" | "ConfigMap" => None,
            _ => match self.snapshot.workloads.get(object) {
                Some(it) => Some(self.workload(object, it)),
                None => self.snapshot.custom.get(object).map(|it| self.custom(object, it)),
            },
        };
        let mut assessment = found.unwrap_or_else(|| self.missing(object));
        let is_stated = !self.repository.subjects(object).is_empty();
        if assessment.state == State::Suspended && is_stated && !self.repository.is_suspended(object) {
            let note = "the repository does not suspend it: somebody did by hand, and `flux resume` ends it";
            assessment.notes.push(note.to_owned());
        }
        assessment
    }

    /// The Deployment of a controller that has not reported anything, wherever Flux is installed.
    fn controller(&self, name: &str) -> Option<ObjectRef> {
        let workloads = self.snapshot.workloads.keys();
        let mut found = workloads.filter(|object| object.kind == "Deployment" && object.name == name);
        let usual = ObjectRef::new("Deployment", "flux-system", name);
        let is_absent = || self.snapshot.is_complete_for(&usual);
        found
            .next()
            .cloned()
            .or_else(|| is_absent().then_some(usual.clone()))
    }

    /// The newest warning about an object with one of some reasons.
    fn warning(&self, object: &ObjectRef, reasons: &[&str]) -> Option<&Event> {
        let events = self.snapshot.events_of(object).iter();
        events
            .into_iter()
            .find(|event| reasons.contains(&event.reason.as_str()))
    }
}

/// The message of a condition; nothing without one.
fn text_of(condition: Option<&Condition>) -> &str {
    condition.map_or("", |condition| condition.message.as_str())
}
