//! Search for the cause behind an object that is not ready.

use std::collections::BTreeMap;
use std::rc::Rc;

use infra_model::ObjectRef;

use crate::assess::{Assessment, Assessor, State};

/// Most objects of a chain. Chains of `dependsOn` are rarely longer than ten.
const LONGEST: usize = 64;

/// The chain from an object to its cause.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// The object itself first, the cause last. Never empty.
    pub(crate) links: Vec<Rc<Assessment>>,
    /// The objects that wait for each other, sorted, if that is the cause.
    pub(crate) cycle: Vec<ObjectRef>,
}

impl Chain {
    /// The cause.
    pub(crate) fn root(&self) -> Option<&Assessment> {
        self.links.last().map(Rc::as_ref)
    }

    /// The object that points to the cause.
    pub(crate) fn above_root(&self) -> Option<&Assessment> {
        self.links.iter().rev().nth(1).map(Rc::as_ref)
    }

    /// The object that identifies the cause.
    pub(crate) fn cause(&self) -> ObjectRef {
        let root = || self.root().map(|root| root.object.clone()).unwrap_or_default();
        self.cycle.first().cloned().unwrap_or_else(root)
    }

    fn rank(&self) -> u8 {
        if !self.cycle.is_empty() {
            return 4;
        }
        match self.root().map(|root| root.state) {
            Some(State::Broken | State::Missing | State::Deleting) => 3,
            Some(State::Stale | State::Suspended) => 2,
            Some(State::Waiting | State::Unknown) => 1,
            Some(State::Ready) | None => 0,
        }
    }
}

/// Follows objects to their causes, each once.
pub(crate) struct Walk<'a> {
    pub(crate) assessor: Assessor<'a>,
    assessed: BTreeMap<ObjectRef, Rc<Assessment>>,
    chains: BTreeMap<ObjectRef, Rc<Chain>>,
    path: Vec<ObjectRef>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(assessor: Assessor<'a>) -> Self {
        Walk {
            assessor,
            assessed: BTreeMap::new(),
            chains: BTreeMap::new(),
            path: Vec::new(),
        }
    }

    /// The assessment of an object.
    pub(crate) fn assess(&mut self, object: &ObjectRef) -> Rc<Assessment> {
        if let Some(known) = self.assessed.get(object) {
            return Rc::clone(known);
        }
        let assessment = Rc::new(self.assessor.assess(object));
        self.assessed.insert(object.clone(), Rc::clone(&assessment));
        assessment
    }

    /// The chain from an object to its cause; the object alone if it is ready.
    pub(crate) fn chain(&mut self, object: &ObjectRef) -> Rc<Chain> {
        if let Some(known) = self.chains.get(object) {
            return Rc::clone(known);
        }
        let assessment = self.assess(object);
        let mut best: Option<Rc<Chain>> = None;
        let mut cycle = Vec::new();
        if assessment.state != State::Ready && self.path.len() < LONGEST {
            self.path.push(object.clone());
            for lead in &assessment.leads {
                if let Some(at) = self.path.iter().position(|known| known == lead) {
                    if cycle.is_empty() {
                        cycle = self.dependency_cycle(at);
                    }
                    continue;
                }
                let explains = match self.assess(lead).state {
                    State::Ready => false,
                    // An unread maker does not explain why an object is missing.
                    State::Unknown => !matches!(assessment.state, State::Missing | State::Unknown),
                    _ => true,
                };
                if !explains {
                    continue;
                }
                let chain = self.chain(lead);
                if best.as_ref().is_none_or(|best| chain.rank() > best.rank()) {
                    best = Some(chain);
                }
            }
            self.path.pop();
        }
        let mut chain = Chain {
            links: vec![Rc::clone(&assessment)],
            cycle: Vec::new(),
        };
        match best {
            // Objects in a cycle cannot begin, whatever else is wrong.
            Some(best) if cycle.is_empty() => {
                chain.links.extend(best.links.iter().cloned());
                chain.cycle.clone_from(&best.cycle);
            }
            _ => chain.cycle = cycle,
        }
        explain_last(&mut chain);
        let chain = Rc::new(chain);
        self.chains.insert(object.clone(), Rc::clone(&chain));
        chain
    }

    /// The objects of the path from `at` on, sorted, if each of them waits for the next by `dependsOn`.
    fn dependency_cycle(&self, at: usize) -> Vec<ObjectRef> {
        let around = self.path.get(at..).unwrap_or_default();
        let waits = |object: &ObjectRef| {
            let assessment = self.assessed.get(object);
            assessment.is_some_and(|assessment| assessment.reason == "DependencyNotReady")
        };
        if !around.iter().all(waits) {
            return Vec::new();
        }
        let mut cycle = around.to_vec();
        cycle.sort();
        cycle
    }
}

/// Describes a last object that was not read by the object that points to it.
fn explain_last(chain: &mut Chain) {
    if let [.., before, last] = chain.links.as_mut_slice()
        && last.state == State::Unknown
        && before.state != State::Unknown
    {
        *last = Rc::new(Assessment {
            state: match before.state {
                State::Waiting => State::Waiting,
                _ => State::Broken,
            },
            reason: before.reason.clone(),
            message: before.message.clone(),
            since: before.since,
            ..Assessment::clone(last)
        });
    }
}
