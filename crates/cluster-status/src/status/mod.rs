//! Why is it not ready? The causes behind what is asked about, each with the way to it.

mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::SystemTime;

use infra_model::ObjectRef;
use infra_query::{Facts, Hit, Matched, NotFound, QueryError, Subject};
use schemars::JsonSchema;
use serde::Serialize;

use crate::assess::{Assessment, Assessor, Retry, State};
use crate::mend::{Edit, edit};
use crate::repository::Repository;
use crate::snapshot::Snapshot;
use crate::steps::{MOST_STEPS, steps};
use crate::time;
use crate::walk::{Chain, Walk};

/// More things than this are no answer to one name.
const MOST_HITS: usize = 40;

/// The answer of `status`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatusReport {
    /// What was asked about; absent for the whole cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// Whether everything that was asked about is ready.
    pub ready: bool,
    /// What is not ready, by cause: the worst first.
    pub problems: Vec<Problem>,
    /// What is ready of what was asked about by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fine: Vec<Link>,
    /// What belongs to what was asked about, and could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_read: Vec<ObjectRef>,
    /// How many objects are in each state, of all that Flux has and all workloads.
    pub counts: BTreeMap<String, usize>,
    /// What could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// Commands that show more, in the order in which to run them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<String>,
    /// The time that ages are counted from.
    #[serde(skip)]
    #[schemars(skip)]
    now: Option<SystemTime>,
}

/// A cause, and what it keeps from being ready.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The state of the cause. `waiting` ends by itself, `broken` does not.
    pub state: State,
    /// The object that is the cause.
    pub object: ObjectRef,
    /// What is wrong with it.
    pub cause: String,
    /// The way to it from what is asked about, the cause last.
    pub chain: Vec<Link>,
    /// The objects that wait for each other, where that is the cause.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cycle: Vec<ObjectRef>,
    /// What else is not ready for the same cause, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<ObjectRef>,
    /// The place in the repository that mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit: Option<Edit>,
    /// Whether it makes the answer "not ready": what is suspended as the repository has it, and blocks nothing, does not.
    pub counts: bool,
    #[serde(skip)]
    #[schemars(skip)]
    next: Vec<String>,
}

/// An object on the way to a cause.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The object.
    pub object: ObjectRef,
    /// Its state.
    pub state: State,
    /// The reason, in its controller's word.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What its controller says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Since when, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// How often it was tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries: Option<u64>,
    /// Whether its controller tries again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// The revision, version or image that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<String>,
    /// The one that should.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<String>,
    /// What is easily overlooked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Link {
    fn new(assessment: &Assessment) -> Self {
        Link {
            object: assessment.object.clone(),
            state: assessment.state,
            reason: assessment.reason.clone(),
            message: assessment.message.clone(),
            since: assessment.since.map(time::text),
            tries: assessment.tries,
            retry: assessment.retry,
            running: assessment.running.clone(),
            wanted: assessment.wanted.clone(),
            notes: assessment.notes.clone(),
        }
    }
}

/// Asks why something is not ready; without a name, why anything is not.
///
/// # Errors
/// [`QueryError`] for a name that neither the repository nor the cluster knows, or that means too much.
pub fn status(
    facts: &dyn Facts,
    snapshot: &Snapshot,
    name: Option<&str>,
    now: SystemTime,
) -> Result<StatusReport, QueryError> {
    let repository = Repository::new(facts);
    let targets = match name {
        Some(name) => Some(targets(&repository, snapshot, name)?),
        None => None,
    };
    let assessor = Assessor {
        snapshot,
        repository: &repository,
    };
    let mut walk = Walk::new(assessor);
    let mut all = everything(snapshot);
    all.extend(missing(&repository, snapshot));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_cause: BTreeMap<ObjectRef, Vec<Rc<Chain>>> = BTreeMap::new();
    for object in &all {
        let state = walk.assess(object).state;
        *counts.entry(state.as_str().to_owned()).or_default() += 1;
        if state != State::Ready {
            let chain = walk.chain(object);
            by_cause.entry(chain.cause()).or_default().push(chain);
        }
    }
    let (mut fine, mut not_read) = (Vec::new(), Vec::new());
    let mut problems: Vec<Problem> = Vec::new();
    match &targets {
        None => {
            for chains in by_cause.values() {
                problems.extend(problem(&repository, chains, &by_cause, true));
            }
            problems.sort_by(|a, b| {
                let key = |it: &Problem| (std::cmp::Reverse((it.state, it.blocks.len())), it.object.clone());
                key(a).cmp(&key(b))
            });
        }
        Some(targets) => {
            let mut causes: Vec<ObjectRef> = Vec::new();
            let mut asked: BTreeMap<ObjectRef, Vec<Rc<Chain>>> = BTreeMap::new();
            for target in targets {
                let assessment = walk.assess(target);
                // What the repository states and this record does not hold is not said to be wrong.
                if assessment.state == State::Unknown {
                    not_read.push(target.clone());
                    continue;
                }
                if assessment.state == State::Ready {
                    fine.push(Link::new(&assessment));
                    continue;
                }
                let chain = walk.chain(target);
                let cause = chain.cause();
                if !causes.contains(&cause) {
                    causes.push(cause.clone());
                }
                asked.entry(cause).or_default().push(chain);
            }
            for cause in &causes {
                let chains = asked.get(cause).map_or(&[][..], Vec::as_slice);
                problems.extend(problem(&repository, chains, &by_cause, false));
            }
        }
    }
    let mut next: Vec<String> = Vec::new();
    for step in problems.iter().flat_map(|problem| &problem.next) {
        if next.len() < MOST_STEPS && !next.contains(step) {
            next.push(step.clone());
        }
    }
    Ok(StatusReport {
        asked: name.map(str::to_owned),
        ready: !problems.iter().any(|problem| problem.counts),
        problems,
        fine,
        not_read,
        counts,
        unread: snapshot
            .remarks
            .iter()
            .map(|remark| remark.message.clone())
            .collect(),
        next,
        now: Some(now),
    })
}

/// What a name means in the cluster, in the order in which it is told: the thing itself first, then what applies it.
fn targets(
    repository: &Repository<'_>,
    snapshot: &Snapshot,
    name: &str,
) -> Result<Vec<ObjectRef>, QueryError> {
    let mut targets: Vec<ObjectRef> = Vec::new();
    let hits = infra_query::find(repository.facts, name);
    let known = hits.as_deref().unwrap_or_default();
    for hit in known {
        for layer in repository.layers(hit.subject) {
            if !targets.contains(&layer) {
                targets.push(layer);
            }
        }
    }
    let is_part = known.iter().all(|hit: &Hit<'_>| hit.matched == Matched::Part);
    if is_part {
        let in_cluster: Vec<ObjectRef> = everything(snapshot)
            .into_iter()
            .filter(|object| is_called(object, name))
            .collect();
        if !in_cluster.is_empty() {
            return Ok(in_cluster);
        }
    }
    if known.len() > MOST_HITS {
        return Err(QueryError::Ambiguous {
            term: name.to_owned(),
            candidates: known.iter().map(|hit| hit.subject.title()).collect(),
            about: known.iter().map(|hit| hit.subject.title()).collect(),
        });
    }
    match (targets.is_empty(), hits) {
        (false, _) => Ok(targets),
        (true, Err(error)) => Err(error),
        (true, Ok(hits)) => Err(QueryError::NotFound(NotFound {
            term: name.to_owned(),
            others: hits
                .iter()
                .map(|hit: &Hit<'_>| Subject::title(&hit.subject))
                .collect(),
            ..NotFound::default()
        })),
    }
}

/// Whether an object is called so: `name`, `namespace/name`, `Kind/name` or `Kind/namespace/name`.
fn is_called(object: &ObjectRef, name: &str) -> bool {
    let ObjectRef {
        namespace,
        kind,
        name: own,
    } = object;
    let parts: Vec<&str> = name.split('/').collect();
    match parts.as_slice() {
        [one] => own == one,
        [first, last] => own == last && (namespace == first || kind.eq_ignore_ascii_case(first)),
        [first, middle, last] => own == last && namespace == middle && kind.eq_ignore_ascii_case(first),
        _ => false,
    }
}

/// The objects that count: those of Flux, workloads, and what these wait for. A Job that a CronJob starts is none: it is tried
/// again, and the next one may be fine.
fn everything(snapshot: &Snapshot) -> BTreeSet<ObjectRef> {
    let workloads = snapshot.workloads.iter().filter(|(_, it)| {
        let owners = &it.metadata.owner_references;
        !owners
            .iter()
            .any(|owner| matches!(owner.kind.as_str(), "CronJob" | "ReplicaSet" | "Deployment"))
    });
    let workloads = workloads.map(|(object, _)| object);
    let alone = snapshot
        .pods
        .iter()
        .filter(|(_, pod)| pod.metadata.owner_references.is_empty());
    let flux = snapshot
        .kustomizations
        .keys()
        .chain(snapshot.helm_releases.keys())
        .chain(snapshot.sources.keys());
    flux.chain(workloads)
        .chain(alone.map(|(object, _)| object))
        .chain(snapshot.custom.keys())
        .cloned()
        .collect()
}

/// What the repository states and the cluster does not have: objects of Flux, workloads, and what these wait for. Jobs may be gone
/// once they are done.
fn missing(repository: &Repository<'_>, snapshot: &Snapshot) -> Vec<ObjectRef> {
    let stated = repository.objects().filter(|(object, subjects)| {
        !matches!(
            object.kind.as_str(),
            "Job" | "Secret" | "ConfigMap" | "ClusterExternalSecret"
        ) && !subjects.iter().any(|subject| is_only_referenced(subject))
            && snapshot.is_complete_for(object)
            && !snapshot.has(object)
    });
    stated.map(|(object, _)| object.clone()).collect()
}

/// Whether no object of the repository states it.
fn is_only_referenced(subject: &Subject<'_>) -> bool {
    match subject {
        Subject::Source(_, source) => source.missing,
        Subject::Kustomization(_, it) => it.source.is_none() && it.generated_by.is_none(),
        _ => false,
    }
}

/// The problem that several chains end in.
fn problem(
    repository: &Repository<'_>,
    chains: &[Rc<Chain>],
    all: &BTreeMap<ObjectRef, Vec<Rc<Chain>>>,
    is_of_all: bool,
) -> Option<Problem> {
    // The longest has the others in it, most often.
    let longest = chains.iter().map(|chain| chain.links.len()).max()?;
    let chain = chains.iter().find(|chain| chain.links.len() == longest)?;
    let root = chain.root()?;
    let cause = chain.cause();
    let on_the_way: BTreeSet<&ObjectRef> = chain.links.iter().map(|link| &link.object).collect();
    let same = all.get(&cause).map_or(&[][..], Vec::as_slice).iter();
    let same = same
        .filter_map(|chain| chain.links.first())
        .map(|link| &link.object);
    let blocks: BTreeSet<ObjectRef> = same
        .filter(|object| !on_the_way.contains(object))
        .cloned()
        .collect();
    let state = match chain.cycle.is_empty() {
        true => root.state,
        false => State::Broken,
    };
    let words = match chain.cycle.as_slice() {
        [] => sentence(root),
        cycle => {
            let names: Vec<String> = cycle.iter().map(ToString::to_string).collect();
            format!("dependency cycle: {} wait for each other", names.join(", "))
        }
    };
    let is_intended = state == State::Suspended
        && blocks.is_empty()
        && chain.links.len() == 1
        && root.running == root.wanted
        && repository.is_suspended(&root.object);
    // A controller that fetches, builds or rolls out at this moment is not a failure, but not ready either.
    let counts = !(is_intended && is_of_all);
    Some(Problem {
        state,
        object: root.object.clone(),
        cause: words,
        chain: chain.links.iter().map(|link| Link::new(link)).collect(),
        cycle: chain.cycle.clone(),
        blocks: blocks.into_iter().collect(),
        edit: edit(repository, chain),
        counts,
        next: steps(chain),
    })
}

/// What is wrong with an object, with its reason where the message does not say it.
fn sentence(root: &Assessment) -> String {
    match (root.reason.as_str(), root.message.as_str()) {
        ("", "") => root.state.as_str().to_owned(),
        ("", text) => text.to_owned(),
        (reason, "") => reason.to_owned(),
        ("NotFound" | "Suspended" | "Terminating" | "Stale", text) => text.to_owned(),
        (reason, text) => format!("{reason}: {text}"),
    }
}
