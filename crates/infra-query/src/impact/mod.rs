//! `impact`: what its failure or change reaches, directly and through others.
//!
//! Three effects are told apart, since they are different work: a service *needs* it and fails with it, something is *applied
//! through* it and goes on running as it is, a Kustomization or HelmRelease *waits* for it and applies nothing new meanwhile.

mod applied;
mod everywhere;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use plain_text::{Lines, line, printable_name};

use crate::Facts;
use crate::answer::display_answer;
use crate::find::{QueryError, find};
use crate::graph::links::release_of;
use crate::graph::{Edge, EdgeKind, Graph, Node};
use crate::named_by::{NamedBy, named_by};
use crate::next_steps::{self, Answer, Step};
use crate::text::{joined, many_names};
use crate::{Subject, Text};
use infra_model::Place;

/// What a thing reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impact<'a> {
    /// What was asked about, as `kind key`.
    pub of: Vec<String>,
    /// What is reached, nearest first; each once.
    pub effects: Vec<Effect<'a>>,
    /// Objects that name it and are no service, Kustomization or HelmRelease.
    pub named_by: Vec<NamedBy<'a>>,
    /// Services that everything reaches though nothing says so, each with what it does for all.
    pub reached_by_all: Vec<(&'a str, &'static str)>,
    /// The kind of an object of which only some references are looked for: what uses a StorageClass or a Service by its name may be
    /// none of them.
    pub partly_followed: Option<&'a str>,
    /// Commands that show how it is, in the order in which to run them.
    pub next: Vec<Step>,
}

impl Answer for Impact<'_> {
    fn steps(&self) -> &[Step] {
        &self.next
    }
}

display_answer!(Impact<'_>);

/// One thing that is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect<'a> {
    /// What it is.
    pub node: Node<'a>,
    /// What happens to it.
    pub kind: EffectKind,
    /// 1 for what is reached directly.
    pub distance: usize,
    /// Why, such as `env DB_HOST` or `waits for facts-vault`, each with the line that states it; the first that was found first.
    pub because: Vec<Because>,
    /// What happens when a service fails: curated.
    pub failure_impact: Option<&'a str>,
}

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Because {
    /// What shows it.
    pub text: String,
    /// The line that states it.
    pub place: Option<Place>,
}

/// What happens to something that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EffectKind {
    /// It needs or reads it.
    Needs,
    /// Flux applies it through it.
    Applied,
    /// It waits for it, and applies nothing new meanwhile.
    Waits,
}

impl EffectKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            EffectKind::Needs => "needs",
            EffectKind::Applied => "applied",
            EffectKind::Waits => "waits",
        }
    }
}

/// Of so many things at most it is looked up what names them.
const MOST_THINGS: usize = 20;

/// Of so many objects of a Kustomization at most it is looked up what others make of them.
const MOST_OBJECTS: usize = 60;

/// What the failure or change of a thing reaches. `term` is anything that [`find`] knows: where it means several things, all of
/// them.
///
/// # Errors
/// [`QueryError::NotFound`]
pub fn impact<'a>(facts: &'a dyn Facts, term: &str) -> Result<Impact<'a>, QueryError> {
    let hits = find(facts, term)?;
    let mut reached = Reached {
        facts,
        graph: Graph::new(facts),
        effects: BTreeMap::new(),
        starts: hits.iter().map(|hit| Node::from(hit.subject)).collect(),
        open: VecDeque::new(),
    };
    for hit in &hits {
        let kind = match hit.subject {
            Subject::Service(..) => EffectKind::Needs,
            _ => EffectKind::Applied,
        };
        reached.follow(hit.subject.into(), kind, 0);
    }
    reached.finish();
    let mut naming: Vec<NamedBy<'a>> = hits
        .iter()
        .take(MOST_THINGS)
        .flat_map(|hit| named_by(facts, hit.subject))
        .collect();
    for hit in &hits {
        match hit.subject {
            Subject::Kustomization(key, _) => naming.extend(reached.through_objects(key)),
            // What leads to its Kubernetes Services leads to it.
            Subject::Service(_, service) => naming.extend(
                applied::services(facts, service)
                    .into_iter()
                    .flat_map(|object| named_by(facts, object)),
            ),
            _ => {}
        }
    }
    reached.finish();
    reached.forget_doubles();
    let mut effects: Vec<Effect<'a>> = reached.effects.into_values().collect();
    effects.sort_by(|a, b| (a.kind, a.distance, a.node).cmp(&(b.kind, b.distance, b.node)));
    let mut of: Vec<String> = Vec::new();
    for title in hits.iter().map(|hit| hit.subject.title()) {
        // A HelmRelease is a service, too.
        if !of.contains(&title) {
            of.push(title);
        }
    }
    let mut next = next_steps::steps_for_all(facts, hits.iter().map(|hit| hit.subject));
    if next.is_empty() {
        // What has no status of its own shows in what it reaches.
        let direct = effects.iter().filter(|effect| effect.distance == 1);
        let subjects = direct.filter_map(|effect| effect.node.subject(facts));
        next = next_steps::steps_for_all(facts, subjects);
    }
    let reached_by_all = hits.iter().filter_map(|hit| match hit.subject {
        Subject::Service(key, service) => Some((key, everywhere::meaning(service)?)),
        _ => None,
    });
    Ok(Impact {
        of,
        effects,
        named_by: naming,
        reached_by_all: reached_by_all.collect(),
        partly_followed: hits.iter().find_map(|hit| match hit.subject {
            Subject::Object(_, object) => Some(object.kind.as_str()),
            _ => None,
        }),
        next,
    })
}

/// What is reached so far, and what is still to be followed.
struct Reached<'a> {
    facts: &'a dyn Facts,
    graph: Graph<'a>,
    effects: BTreeMap<Node<'a>, Effect<'a>>,
    starts: BTreeSet<Node<'a>>,
    open: VecDeque<(Node<'a>, EffectKind, usize)>,
}

impl<'a> Reached<'a> {
    /// Follows what is still open to its end.
    fn finish(&mut self) {
        while let Some((node, kind, distance)) = self.open.pop_front() {
            self.follow(node, kind, distance);
        }
    }

    /// Follows the stores, classes, Gateways and other objects of a Kustomization to what others make of them, which is not
    /// applied through it. Returns the objects of others that name one.
    fn through_objects(&mut self, key: &'a str) -> Vec<NamedBy<'a>> {
        let facts = self.facts;
        let things = applied::things(facts, key);
        let is_of_others = |by: Option<&str>| by.is_some_and(|by| by != key);
        let mut naming: Vec<NamedBy<'a>> = Vec::new();
        for thing in things.into_iter().take(MOST_OBJECTS) {
            for edge in self.graph.to(thing.into()) {
                let by = edge.from.subject(facts).and_then(applied::kustomization);
                let is_known = self.effects.contains_key(&edge.from);
                if !is_of_others(by) || is_known || edge.kind == EdgeKind::MayRead {
                    continue;
                }
                let because = Because {
                    text: format!("{}: {}", thing.title(), edge.evidence),
                    place: edge.place.clone(),
                };
                let effect = match edge.from {
                    Node::Service(_) => EffectKind::Needs,
                    _ => EffectKind::Applied,
                };
                self.reach(edge.from, effect, 1, because);
            }
            naming.extend(named_by(facts, thing).into_iter().filter(|one| {
                let by = match one.object.strip_prefix("HelmRelease/") {
                    Some(release) => facts
                        .helm_releases()
                        .get(release)
                        .and_then(|it| it.kustomization.as_deref()),
                    None => facts
                        .objects()
                        .get(&one.object)
                        .and_then(|it| it.kustomization.as_deref()),
                };
                is_of_others(by)
            }));
        }
        naming
    }

    /// Drops the one of a HelmRelease and the service that stands for it, where both are reached: the worse one stays.
    fn forget_doubles(&mut self) {
        let services = self
            .effects
            .keys()
            .filter_map(|node| match node.subject(self.facts) {
                Some(Subject::Service(key, service)) if service.workload.is_none() => Some((key, service)),
                _ => None,
            });
        let doubles: Vec<Node<'a>> = services
            .filter_map(|(key, service)| {
                let (release, _) = release_of(self.facts, service)?;
                let (service, release) = (Node::Service(key), Node::HelmRelease(release));
                let kind = |node: Node<'a>| self.effects.get(&node).map(|effect| effect.kind);
                match kind(service)? < kind(release)? {
                    true => Some(release),
                    false => Some(service),
                }
            })
            .collect();
        for node in doubles {
            self.effects.remove(&node);
        }
    }

    /// Follows the edges to what is affected in some way.
    fn follow(&mut self, node: Node<'a>, kind: EffectKind, distance: usize) {
        // What runs goes on running.
        if matches!(node, Node::Service(_)) && kind != EffectKind::Needs {
            return;
        }
        for edge in self.graph.to(node) {
            self.follow_edge(&edge, kind, distance + 1);
        }
    }

    fn follow_edge(&mut self, edge: &Edge<'a>, kind: EffectKind, distance: usize) {
        let (key, evidence) = (edge.to.key(), &edge.evidence);
        let is_applied = kind == EffectKind::Applied;
        let (effect, because) = match edge.kind {
            EdgeKind::TalksTo => (EffectKind::Needs, format!("needs {key} ({evidence})")),
            EdgeKind::RunsImage => (EffectKind::Needs, format!("image of {key}")),
            EdgeKind::Reads => match edge.from {
                Node::Service(_) => (EffectKind::Needs, evidence.to_string()),
                _ => (EffectKind::Applied, evidence.to_string()),
            },
            EdgeKind::SourcedFrom => (EffectKind::Applied, evidence.to_string()),
            EdgeKind::Substitutes => (EffectKind::Applied, format!("substitutes {key}")),
            EdgeKind::InstalledBy if is_applied => (EffectKind::Applied, format!("HelmRelease {key}")),
            EdgeKind::AppliedBy if is_applied => match edge.from {
                // What a HelmRelease installs is applied by the same Kustomization.
                Node::HelmRelease(_) | Node::Source(_) => return,
                _ => (EffectKind::Applied, format!("applied by {key}")),
            },
            EdgeKind::DependsOn => (EffectKind::Waits, format!("waits for {key}")),
            // A Kustomization that is not ready changes nothing by itself, but what depends on it waits.
            EdgeKind::ReadyWith => {
                let waiting = self.graph.to(edge.from).into_iter();
                for edge in waiting.filter(|edge| edge.kind == EdgeKind::DependsOn) {
                    self.follow_edge(&edge, kind, distance);
                }
                return;
            }
            // A pod starts without what is optional.
            EdgeKind::MayRead | EdgeKind::AppliedBy | EdgeKind::InstalledBy => return,
        };
        let because = Because {
            text: because,
            place: edge.place.clone(),
        };
        self.reach(edge.from, effect, distance, because);
    }

    /// Notes an effect; a worse one replaces what was known of the node and is followed anew.
    fn reach(&mut self, node: Node<'a>, kind: EffectKind, distance: usize, because: Because) {
        if let Some(known) = self.effects.get_mut(&node)
            && (known.kind, known.distance) == (kind, distance)
            && !known.because.contains(&because)
        {
            known.because.push(because);
            return;
        }
        let worse = self.effects.get(&node).is_none_or(|known| kind < known.kind);
        if self.starts.contains(&node) || !worse {
            return;
        }
        let Some(subject) = node.subject(self.facts) else {
            return;
        };
        let failure_impact = match subject {
            Subject::Service(_, service) => service.failure_impact.as_deref(),
            _ => None,
        };
        let effect = Effect {
            node,
            kind,
            distance,
            because: vec![because],
            failure_impact,
        };
        self.effects.insert(node, effect);
        self.open.push_back((node, kind, distance));
    }
}

/// Evidence on one line, at most three pieces.
fn because_text(because: &[Because]) -> String {
    const MOST: usize = 3;
    let shown = because.iter().take(MOST).map(|one| match &one.place {
        Some(place) => format!("{} ({})", one.text, printable_name(&place.to_string())),
        None => one.text.clone(),
    });
    let mut text = shown.collect::<Vec<String>>().join("; ");
    if because.len() > MOST {
        text.push_str(&format!("; and {} more", because.len() - MOST));
    }
    text
}

impl<'a> Text for Impact<'a> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 8;
        line!(f, "impact of {}", joined(&self.of))?;
        for (name, meaning) in &self.reached_by_all {
            line!(f, "{}: {meaning}", printable_name(name))?;
        }
        if self.effects.is_empty() && self.reached_by_all.is_empty() && self.named_by.is_empty() {
            match self.partly_followed {
                Some(kind) => line!(
                    f,
                    "nothing is known to depend on it; not every field that may name a {} is looked at",
                    printable_name(kind)
                )?,
                None => line!(f, "nothing in the repository depends on it")?,
            }
        }
        for (kind, words) in [
            (EffectKind::Needs, "needs it"),
            (EffectKind::Applied, "applied through it"),
            (EffectKind::Waits, "waits for it"),
        ] {
            let effects: Vec<&Effect<'a>> =
                self.effects.iter().filter(|effect| effect.kind == kind).collect();
            let (direct, further): (Vec<&Effect<'a>>, Vec<&Effect<'a>>) =
                effects.iter().partition(|effect| effect.distance == 1);
            if !effects.is_empty() {
                line!(f, "{words} ({}):", effects.len())?;
            }
            for effect in direct.iter().take(MOST) {
                write!(
                    f,
                    "  {}: {}",
                    printable_name(effect.node.key()),
                    because_text(&effect.because)
                )?;
                match effect.failure_impact {
                    Some(impact) => line!(f, " - {impact}")?,
                    None => line!(f)?,
                }
            }
            let keys = |effects: &[&Effect<'a>]| -> Vec<&'a str> {
                effects.iter().map(|effect| effect.node.key()).collect()
            };
            many_names(f, "  and", &keys(direct.get(MOST..).unwrap_or_default()))?;
            many_names(f, "  through these", &keys(&further))?;
        }
        if !self.named_by.is_empty() {
            line!(f, "named by ({}):", self.named_by.len())?;
            for object in self.named_by.iter().take(MOST) {
                line!(f, "  {}", printable_name(&object.to_string()))?;
            }
            let rest = self.named_by.get(MOST..).unwrap_or_default();
            let rest: Vec<&str> = rest.iter().map(|object| object.object.as_ref()).collect();
            many_names(f, "  and", &rest)?;
        }
        Ok(())
    }
}
