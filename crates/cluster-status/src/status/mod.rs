//! Why is it not ready? The causes, each with the chain that leads to it.

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

/// A name with more hits than this is ambiguous.
const MOST_HITS: usize = 40;

/// The answer of `status`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatusReport {
    /// The name that was asked about; absent for the whole cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// Whether everything that was asked about is ready.
    pub ready: bool,
    /// Causes of what is not ready, the worst first.
    pub problems: Vec<Problem>,
    /// Ready objects among those that were asked about by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fine: Vec<Link>,
    /// Objects that belong to what was asked about and could not be read.
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
    /// The chain to it from the object that was asked about, the cause last.
    pub chain: Vec<Link>,
    /// The objects that wait for each other, where that is the cause.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cycle: Vec<ObjectRef>,
    /// What else is not ready for the same cause, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<ObjectRef>,
    /// The place in the repository that fixes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit: Option<Edit>,
    /// Whether it makes the answer "not ready". An object that the repository suspends, and that blocks nothing, does not.
    pub counts: bool,
    #[serde(skip)]
    #[schemars(skip)]
    next: Vec<String>,
}

/// An object in the chain to a cause.
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
    /// The one that should run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<String>,
    /// Details that are easily overlooked.
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
    let targets = name
        .map(|name| targets(&repository, snapshot, name))
        .transpose()?;
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
            let mut asked: Vec<(ObjectRef, Vec<Rc<Chain>>)> = Vec::new();
            for target in targets {
                let assessment = walk.assess(target);
                match assessment.state {
                    // An object that the record lacks is not reported as wrong.
                    State::Unknown => not_read.push(target.clone()),
                    State::Ready => fine.push(Link::new(&assessment)),
                    _ => {
                        let chain = walk.chain(target);
                        let cause = chain.cause();
                        match asked.iter_mut().find(|(known, _)| *known == cause) {
                            Some((_, chains)) => chains.push(chain),
                            None => asked.push((cause, vec![chain])),
                        }
                    }
                }
            }
            for (_, chains) in &asked {
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
        unread: snapshot.unread(),
        next,
        now: Some(now),
    })
}

/// The objects that a name means in the cluster, in the order of the answer: the object itself, then those that apply it.
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
    let titles = |hits: &[Hit<'_>]| hits.iter().map(|hit| hit.subject.title()).collect();
    if known.iter().all(|hit| hit.matched == Matched::Part) {
        let in_cluster = everything(snapshot).into_iter();
        let in_cluster: Vec<ObjectRef> = in_cluster.filter(|object| has_name(object, name)).collect();
        if !in_cluster.is_empty() {
            return Ok(in_cluster);
        }
    }
    if known.len() > MOST_HITS {
        return Err(QueryError::Ambiguous {
            term: name.to_owned(),
            candidates: titles(known),
            about: titles(known),
        });
    }
    match (targets.is_empty(), hits) {
        (false, _) => Ok(targets),
        (true, Err(error)) => Err(error),
        (true, Ok(hits)) => Err(QueryError::NotFound(NotFound {
            term: name.to_owned(),
            others: titles(&hits),
            ..NotFound::default()
        })),
    }
}

/// Whether an object has this name: `name`, `namespace/name`, `Kind/name` or `Kind/namespace/name`.
fn has_name(object: &ObjectRef, name: &str) -> bool {
    let ObjectRef {
        namespace,
        kind,
        name: own,
    } = object;
    let parts: Vec<&str> = name.split('/').collect();
    match parts.as_slice() {
        [only] => own == only,
        [first, last] => own == last && (namespace == first || kind.eq_ignore_ascii_case(first)),
        [first, middle, last] => own == last && namespace == middle && kind.eq_ignore_ascii_case(first),
        _ => false,
    }
}

/// The objects that count: those of Flux, workloads, and what these wait for. The Job of a CronJob does not count: the next one may
/// succeed.
fn everything(snapshot: &Snapshot) -> BTreeSet<ObjectRef> {
    const PARENTS: [&str; 3] = ["CronJob", "ReplicaSet", "Deployment"];
    let workloads = snapshot.workloads.iter().filter(|(_, it)| {
        let mut owners = it.metadata.owner_references.iter();
        !owners.any(|owner| PARENTS.contains(&owner.kind.as_str()))
    });
    let pods = snapshot.pods.iter();
    let bare_pods = pods.filter(|(_, pod)| pod.metadata.owner_references.is_empty());
    let objects = snapshot.kustomizations.keys();
    objects
        .chain(snapshot.helm_releases.keys())
        .chain(snapshot.sources.keys())
        .chain(workloads.map(|(object, _)| object))
        .chain(bare_pods.map(|(object, _)| object))
        .chain(snapshot.custom.keys())
        .cloned()
        .collect()
}

/// Objects that the repository states and the cluster lacks: those of Flux, workloads, and what these wait for. Jobs may be gone
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

/// Whether other objects refer to a subject that the repository does not state.
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
    // The longest chain usually contains the others.
    let longest = chains.iter().map(|chain| chain.links.len()).max()?;
    let chain = chains.iter().find(|chain| chain.links.len() == longest)?;
    let root = chain.root()?;
    let cause = chain.cause();
    let on_the_way: BTreeSet<&ObjectRef> = chain.links.iter().map(|link| &link.object).collect();
    let blocked = all.get(&cause).into_iter().flatten();
    let blocked = blocked.filter_map(|chain| Some(&chain.links.first()?.object));
    let blocked = blocked.filter(|object| !on_the_way.contains(object));
    let blocks: BTreeSet<ObjectRef> = blocked.cloned().collect();
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
    // A controller that is still fetching, building or rolling out has not failed, but is not ready either.
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

/// The message of an object, with its reason unless the message implies it.
fn sentence(root: &Assessment) -> String {
    match (root.reason.as_str(), root.message.as_str()) {
        ("", "") => root.state.as_str().to_owned(),
        ("", text) => text.to_owned(),
        (reason, "") => reason.to_owned(),
        ("NotFound" | "Suspended" | "Terminating" | "Stale", text) => text.to_owned(),
        (reason, text) => format!("{reason}: {text}"),
    }
}
