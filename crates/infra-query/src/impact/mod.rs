//! `impact`: what the failure or change of a subject affects, directly and through others.
//!
//! There are three kinds of effects: a service *needs* it and fails with it, an object is *applied through* it and goes
//! on running unchanged, a Kustomization or HelmRelease *waits* for it and applies nothing new meanwhile.

mod applied;
mod elsewhere;
mod everywhere;
mod own;
mod owner;
mod text;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::answer::display_answer;
use crate::facts::mentioning;
use crate::find::{Hit, Matched, QueryError, place_of_value, reason};
use crate::graph::links::release_of;
use crate::graph::{Edge, EdgeKind, Graph, Node};
use crate::named_by::{NamedBy, named_by, naming_made};
use crate::network::{Names, Naming, naming as network_users, records};
use crate::next_steps::{self, Step};
use crate::on_change::{OnChange, on_changes};
use crate::{Facts, Subject};
use infra_model::Place;
use infra_model::dependency::Target;

pub use elsewhere::{Elsewhere, reached_elsewhere};
pub use own::Need;
use owner::Owner;

/// What a subject affects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impact<'a> {
    /// The subjects of the question, as `kind key`.
    pub of: Vec<String>,
    /// The effects, nearest first; each node once.
    pub effects: Vec<Effect<'a>>,
    /// Other objects than services, Kustomizations and HelmReleases that name it.
    pub named_by: Vec<NamedBy<'a>>,
    /// The objects that name these in turn, such as the HelmReleases that use a Middleware: each with the key of the
    /// named object.
    pub named_further: Vec<(Cow<'a, str>, NamedBy<'a>)>,
    /// Its own dependencies, if it is one subject.
    pub needs: Vec<Need>,
    /// Whether the repository has other clusters, which this answer does not cover.
    pub is_of_several: bool,
    /// Dependents in clusters that were not asked for.
    pub in_others: Vec<InOther>,
    /// Services that all others use although no manifest says so, each with what it does for them.
    pub reached_by_all: Vec<(&'a str, &'static str)>,
    /// What happens to the pods of services that read a ConfigMap or Secret when it changes, by key.
    pub on_change: Vec<(&'a str, OnChange)>,
    /// The kind of an object whose references are only partly known, such as a StorageClass.
    pub partly_followed: Option<&'a str>,
    /// Commands that show its state, in the order in which to run them.
    pub next: Vec<Step>,
}

display_answer!(Impact<'_>, next);

/// Dependents in a cluster that was not asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InOther {
    /// The cluster.
    pub cluster: String,
    /// Keys of the dependents.
    pub keys: Vec<String>,
}

/// The effect on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect<'a> {
    /// The node.
    pub node: Node<'a>,
    /// What happens to it.
    pub kind: EffectKind,
    /// 1 for a direct effect.
    pub distance: usize,
    /// The evidence, such as `env DB_HOST` or `waits for facts-vault`, in the order in which it was found.
    pub because: Vec<Because>,
    /// What happens when the service fails, from the knowledge file.
    pub failure_impact: Option<&'a str>,
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Because {
    /// The text.
    pub text: String,
    /// The text without the parts that the heading above it says.
    short: String,
    /// The line that states it.
    pub place: Option<Place>,
}

impl Because {
    /// Evidence with one text.
    fn new(text: String, place: Option<Place>) -> Self {
        Because {
            short: text.clone(),
            text,
            place,
        }
    }

    /// Whether it is the same evidence, perhaps in other words.
    fn is_same(&self, other: &Because) -> bool {
        self == other || (self.place.is_some() && self.place == other.place && self.short == other.short)
    }
}

/// What happens to a node.
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

/// Maximum number of subjects whose users are looked up.
const MOST_SUBJECTS: usize = 20;

/// Maximum number of objects of an owner whose users are looked up.
const MOST_OBJECTS: usize = 60;

/// What the failure or change of a subject affects. `term` is anything that [`find`] knows; if it means several
/// subjects, all of them. For a host these are the services behind it, and the objects that name it.
///
/// # Errors
/// [`QueryError::NotFound`]
pub fn impact<'a>(facts: &'a dyn Facts, term: &str) -> Result<Impact<'a>, QueryError> {
    impact_among(facts, term, &[])
}

/// Like [`impact`], in one of several clusters of a repository: subjects of that name in the others may be named here
/// by their hosts.
///
/// # Errors
/// [`QueryError::NotFound`]
pub fn impact_among<'a>(
    facts: &'a dyn Facts,
    term: &str,
    elsewhere: &[Elsewhere],
) -> Result<Impact<'a>, QueryError> {
    let mut asked = elsewhere::asked(facts, term)?;
    // The term may only look like a value here, and be a name in another cluster.
    if !elsewhere.is_empty() && asked.hits.iter().all(|hit| hit.matched >= Matched::Field) {
        asked.hits.clear();
    }
    let records = records(facts);
    let mut names = Names::default();
    for hit in &asked.hits {
        names.extend(Names::of_subject(facts, hit.subject, &records));
    }
    names.extend(asked.host.clone().unwrap_or_default());
    let hits = &asked.hits;
    let mut reached = Reached {
        facts,
        graph: Graph::new(facts),
        effects: BTreeMap::new(),
        starts: hits.iter().map(|hit| Node::from(hit.subject)).collect(),
        open: VecDeque::new(),
    };
    // Subjects that only have the name as a value, such as that of a claim which nothing here makes, need it.
    let is_value = !hits.is_empty() && hits.iter().all(|hit| hit.matched == Matched::Field);
    if is_value {
        reached.starts.clear();
    }
    for hit in hits {
        let kind = match hit.subject {
            Subject::Service(..) => EffectKind::Needs,
            _ => EffectKind::Applied,
        };
        match is_value {
            true => reached.reach_by_value(hit, term),
            false => reached.follow(hit.subject.into(), kind, 0),
        }
    }
    let key = hits.first().map_or(term.trim(), |hit| hit.subject.own_key());
    let mut naming: Vec<NamedBy<'a>> = reached.by_network(&names, key, None);
    let mut of: Vec<String> = Vec::new();
    let asked_host = hits.is_empty() && asked.host.is_some();
    let is_here = !hits.is_empty() || asked_host;
    for other in elsewhere {
        let outside = other.names.clone().outside(&names);
        let before = reached.effects.len() + naming.len();
        let words = other.of.first().map_or(term.trim(), String::as_str);
        for next in reached.by_network(&outside, words, Some(&other.cluster)) {
            if !naming.iter().any(|known| known.object == next.object) {
                naming.push(next);
            }
        }
        if hits.is_empty() && reached.effects.len() + naming.len() > before {
            of.push(other.title());
        }
    }
    if of.is_empty() && !is_here {
        return Err(asked
            .missing
            .unwrap_or_else(|| QueryError::NotFound(Default::default())));
    }
    reached.finish();
    for hit in hits.iter().take(MOST_SUBJECTS) {
        reached.waiting_for_kustomization(hit.subject);
    }
    reached.finish();
    for hit in hits.iter().take(MOST_SUBJECTS) {
        // Routes and records of a host do not depend on it.
        if !matches!(hit.subject, Subject::External(_)) {
            naming.extend(named_by(facts, hit.subject));
        }
        naming.extend(objects_reading(facts, hit.subject));
    }
    let mut owners: Vec<Owner> = Vec::new();
    for hit in hits.iter().take(MOST_SUBJECTS) {
        let owner = Owner::of_subject(facts, hit.subject);
        owners.extend(owner.filter(|owner| !owners.contains(owner)));
        // Objects that name its Kubernetes Services name it.
        if let Subject::Service(_, service) = hit.subject {
            let objects = applied::services(facts, service).into_iter();
            naming.extend(objects.flat_map(|object| named_by(facts, object)));
        }
    }
    for owner in &owners {
        for next in reached.through_objects(owner) {
            if !naming.contains(&next) {
                naming.push(next);
            }
        }
    }
    // The subject itself and objects with an effect are left out.
    let keys: BTreeSet<&str> = hits.iter().map(|hit| hit.subject.key()).collect();
    naming.retain(|naming| {
        let is_subject = keys.len() == 1 && keys.contains(naming.object.as_ref());
        !is_subject && !reached.effects.contains_key(&Node::Object(&naming.object))
    });
    reached.finish();
    reached.forget_doubles();
    let mut effects: Vec<Effect<'a>> = reached.effects.into_values().collect();
    effects.sort_by(|a, b| (a.kind, a.distance, a.node).cmp(&(b.kind, b.distance, b.node)));
    let titles = hits.iter().filter(|_| !is_value).map(|hit| hit.subject.title());
    let value = is_value.then(|| format!("{}, which only values name", term.trim()));
    for title in titles
        .chain(value)
        .chain(asked.title.filter(|_| of.is_empty()).clone())
    {
        // A HelmRelease is also found as a service.
        if !of.contains(&title) {
            of.push(title);
        }
    }
    let mut next = next_steps::steps_for_all(facts, hits.iter().map(|hit| hit.subject));
    if next.is_empty() && !hits.is_empty() || asked_host {
        // A subject without a status is checked by the status of its direct dependents.
        let direct = effects.iter().filter(|effect| effect.distance == 1);
        let subjects = direct.filter_map(|effect| effect.node.subject(facts));
        next = next_steps::steps_for_all(facts, subjects);
    }
    let services = hits.iter().filter_map(|hit| hit.subject.service());
    let reached_by_all = services.filter_map(|(key, service)| Some((key, everywhere::meaning(service)?)));
    Ok(Impact {
        named_further: named_further(facts, &naming),
        of,
        on_change: on_changes(facts, hits.iter().map(|hit| hit.subject)),
        effects,
        named_by: naming,
        needs: own::needs(facts, hits),
        is_of_several: false,
        in_others: Vec::new(),
        reached_by_all: reached_by_all.collect(),
        partly_followed: hits.iter().find_map(|hit| match hit.subject {
            Subject::Object(_, object) => Some(object.kind.as_str()),
            _ => None,
        }),
        next,
    })
}

/// The objects that name those that name a subject: a few of a few.
fn named_further<'a>(facts: &'a dyn Facts, naming: &[NamedBy<'a>]) -> Vec<(Cow<'a, str>, NamedBy<'a>)> {
    const FEW: usize = 2;
    if naming.len() > FEW {
        return Vec::new();
    }
    let mut found = Vec::new();
    for NamedBy { object: name, .. } in naming {
        let Some((key, object)) = facts.objects().get_key_value(name) else {
            continue;
        };
        let further = named_by(facts, Subject::Object(key, object)).into_iter();
        let further = further.filter(|next| !naming.iter().any(|known| known.object == next.object));
        found.extend(further.take(FEW).map(|next| (name.clone(), next)));
    }
    found
}

/// The objects that read a Secret.
fn objects_reading<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Vec<NamedBy<'a>> {
    let used_by = match subject {
        Subject::SecretReference(_, it) => &it.used_by,
        Subject::ExternalSecret(_, it) => &it.used_by,
        _ => return Vec::new(),
    };
    let objects = used_by
        .iter()
        .filter_map(|key| facts.objects().get_key_value(key));
    let naming = objects.map(|(key, object)| NamedBy {
        object: key.into(),
        field: "reads it".into(),
        place: object.source.clone(),
        service: None,
    });
    naming.collect()
}

/// The effects found so far, and the nodes that are still to be followed.
struct Reached<'a> {
    facts: &'a dyn Facts,
    graph: Graph<'a>,
    effects: BTreeMap<Node<'a>, Effect<'a>>,
    starts: BTreeSet<Node<'a>>,
    open: VecDeque<(Node<'a>, EffectKind, usize)>,
}

impl<'a> Reached<'a> {
    /// Adds a subject that has the name as a value; for a HelmRelease its service.
    fn reach_by_value(&mut self, hit: &Hit<'a>, term: &str) {
        let node = match hit.subject {
            Subject::HelmRelease(_, release) => {
                let mut services = mentioning(self.facts.services(), &release.name);
                let own = services.find(|(_, service)| {
                    service.workload.is_none()
                        && service.helm_release.as_deref() == Some(release.name.as_str())
                        && service.namespace == release.release_namespace
                });
                own.map_or(hit.subject.into(), |(key, _)| Node::Service(key))
            }
            subject => subject.into(),
        };
        let Some(reason) = reason(self.facts, term, hit) else {
            return;
        };
        let (text, place) = match reason.rsplit_once(" <- ") {
            Some((text, _)) => (text.to_owned(), place_of_value(hit.subject, term)),
            None => (reason, None),
        };
        self.reach(node, EffectKind::Needs, 1, Because::new(text, place));
    }

    /// Follows all open nodes.
    fn finish(&mut self) {
        while let Some((node, kind, distance)) = self.open.pop_front() {
            self.follow(node, kind, distance);
        }
    }

    /// Adds the users of some hosts or addresses of `key`, which is in another cluster if one is given. Returns the
    /// objects among them.
    fn by_network(&mut self, names: &Names, key: &str, cluster: Option<&str>) -> Vec<NamedBy<'a>> {
        let mut objects: Vec<NamedBy<'a>> = Vec::new();
        for user in network_users(self.facts, names) {
            if self.starts.contains(&user.by) || self.is_of_another(&user) {
                continue;
            }
            let Naming { evidence, place, .. } = user;
            let how = match user.how.as_str() {
                "" => String::new(),
                how => format!(", {how}"),
            };
            let (object, field): (Cow<'a, str>, String) = match user.by {
                Node::Object(object) => (object.into(), format!("{evidence}{how}")),
                Node::ConfigMap(map) => (format!("ConfigMap/{map}").into(), format!("{evidence}{how}")),
                by if user.is_mention => (format!("HelmRelease/{}", by.key()).into(), evidence),
                by => {
                    let cluster = cluster.map_or(String::new(), |cluster| format!(" of cluster {cluster}"));
                    let because = Because {
                        text: match by {
                            Node::Service(_) => format!("needs {key}{cluster} ({evidence}{how})"),
                            _ => format!("{evidence}{how}"),
                        },
                        short: format!("{}{how}", text::short(&evidence)),
                        place,
                    };
                    let kind = match by {
                        Node::Service(_) | Node::SecretStore(_) => EffectKind::Needs,
                        _ => EffectKind::Applied,
                    };
                    self.reach(by, kind, 1, because);
                    continue;
                }
            };
            objects.push(NamedBy {
                object,
                field: field.into(),
                place,
                service: None,
            });
        }
        objects
    }

    /// Whether the line that names a host leads to another service, which serves the path of its URL.
    fn is_of_another(&self, user: &Naming<'a>) -> bool {
        let is_of_service = |start: &Node<'_>| matches!(start, Node::Service(_) | Node::HelmRelease(_));
        let (Some(Subject::Service(_, service)), Some(place)) = (user.by.subject(self.facts), &user.place)
        else {
            return false;
        };
        let on_line = service.depends_on.iter();
        let on_line = on_line
            .filter(|it| it.place().as_ref() == Some(place) || user.evidence.starts_with(&it.evidence));
        let targets: Vec<_> = on_line
            .filter_map(|it| match &it.target {
                Target::Service(key) | Target::External(key) => self.facts.services().get_key_value(key),
            })
            .collect();
        let mut hosts = targets.iter().flat_map(|(_, target)| &target.hosts);
        let mut keys = targets.iter().map(|(key, _)| Node::Service(key));
        self.starts.iter().any(is_of_service)
            && hosts.any(|host| user.evidence.contains(host.as_str()))
            && !keys.any(|key| self.starts.contains(&key))
    }

    /// Follows the stores, claims, Gateways and other objects of an owner to the users of others, which are not applied
    /// through it. Returns the objects of others that name one.
    fn through_objects(&mut self, owner: &Owner) -> Vec<NamedBy<'a>> {
        let facts = self.facts;
        let mut naming: Vec<NamedBy<'a>> = Vec::new();
        for object in owner.objects(facts).into_iter().take(MOST_OBJECTS) {
            let title = object.title();
            for edge in self.graph.to(object.into()) {
                if !self.is_new_of_others(owner, edge.from) || edge.kind == EdgeKind::MayRead {
                    continue;
                }
                let effect = match edge.from {
                    Node::Service(_) | Node::HelmRelease(_) | Node::Object(_) => EffectKind::Needs,
                    _ => EffectKind::Applied,
                };
                let because = Because::new(format!("{title}: {}", edge.evidence), edge.place);
                self.reach(edge.from, effect, 1, because);
            }
            // Users of the Services that an operator makes of it.
            for user in network_users(facts, &Names::of_subject(facts, object, &[])) {
                let is_user = matches!(user.by, Node::Service(_) | Node::HelmRelease(_)) && !user.is_mention;
                if !is_user || !self.is_new_of_others(owner, user.by) {
                    continue;
                }
                let because = Because {
                    text: format!("{title}: {}", user.evidence),
                    short: format!("{title}: {}", text::short(&user.evidence)),
                    place: user.place,
                };
                self.reach(user.by, EffectKind::Needs, 1, because);
            }
            self.add_naming(owner, &title, named_by(facts, object), &mut naming);
        }
        for made in owner.provided(facts).into_iter().take(MOST_OBJECTS) {
            let title = made.to_string();
            if made.kind == "StorageClass" {
                self.of_class(owner, &title, &made.name);
            }
            self.add_naming(owner, &title, naming_made(facts, made), &mut naming);
        }
        naming
    }

    /// Whether a node belongs to another owner, and has no effect so far.
    fn is_new_of_others(&self, owner: &Owner, node: Node<'a>) -> bool {
        let subject = node.subject(self.facts);
        subject.is_some_and(|subject| owner.is_other(subject)) && !self.effects.contains_key(&node)
    }

    /// Adds the services of others whose volumes have a StorageClass.
    fn of_class(&mut self, owner: &Owner, title: &str, class: &str) {
        for (key, service) in mentioning(self.facts.services(), class) {
            let mut claims = service.volume_claims.iter();
            let is_of_class = claims.any(|claim| claim.storage_class.as_deref() == Some(class));
            if is_of_class && owner.is_other(Subject::Service(key, service)) {
                let because = Because::new(format!("{title}: its volumes are of it"), None);
                self.reach(Node::Service(key), EffectKind::Needs, 1, because);
            }
        }
    }

    /// Adds the objects of others that name an object of an owner; for a route of a chart, its service has an effect
    /// instead.
    fn add_naming(
        &mut self,
        owner: &Owner,
        title: &str,
        all: Vec<NamedBy<'a>>,
        naming: &mut Vec<NamedBy<'a>>,
    ) {
        let facts = self.facts;
        for next in all {
            let service = next.service.map(Node::Service);
            if let Some(node) = service.filter(|node| node.subject(facts).is_some()) {
                if self.is_new_of_others(owner, node) {
                    let because = Because {
                        text: format!("{title}: {}", next.object),
                        short: format!("{title}: its route"),
                        place: next.place,
                    };
                    self.reach(node, EffectKind::Needs, 1, because);
                }
                continue;
            }
            let release = next.object.strip_prefix("HelmRelease/").map(Node::HelmRelease);
            let release = release.and_then(|release| release.subject(facts));
            let subject = release.or_else(|| Node::Object(&next.object).subject(facts));
            if subject.is_some_and(|subject| owner.is_other(subject)) {
                naming.push(next);
            }
        }
    }

    /// Adds the Kustomizations that wait for that of a service or HelmRelease: they wait for what it applies.
    fn waiting_for_kustomization(&mut self, subject: Subject<'a>) {
        if !matches!(subject, Subject::Service(..) | Subject::HelmRelease(..)) {
            return;
        }
        let by = subject.kustomization();
        let by = by.and_then(|by| self.facts.kustomizations().get_key_value(by));
        let Some((by, _)) = by else { return };
        let edges = self.graph.to(Node::Kustomization(by)).into_iter();
        for edge in edges.filter(|edge| edge.kind == EdgeKind::DependsOn) {
            if self.effects.contains_key(&edge.from) {
                continue;
            }
            // Without a place, so that all of them are shown on one line.
            let because = Because::new(format!("waits for its Kustomization {by}"), None);
            self.reach(edge.from, EffectKind::Waits, 1, because);
        }
    }

    /// If a HelmRelease and the service that represents it both have effects, drops the weaker one.
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

    /// Follows the edges from the dependents of a node.
    fn follow(&mut self, node: Node<'a>, kind: EffectKind, distance: usize) {
        // A running service goes on running.
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
                // An operator's workload reads it like a service.
                Node::Service(_) | Node::Object(_) => (EffectKind::Needs, evidence.to_string()),
                _ => (EffectKind::Applied, evidence.to_string()),
            },
            EdgeKind::SourcedFrom => (EffectKind::Applied, evidence.to_string()),
            EdgeKind::Substitutes => (EffectKind::Applied, format!("substitutes {key}")),
            EdgeKind::InstalledBy if is_applied => (EffectKind::Applied, format!("HelmRelease {key}")),
            EdgeKind::AppliedBy if is_applied => match edge.from {
                // The services of a HelmRelease have edges to the same Kustomization.
                Node::HelmRelease(_) | Node::Source(_) => return,
                _ => (EffectKind::Applied, format!("applied by {key}")),
            },
            EdgeKind::DependsOn => (EffectKind::Waits, format!("waits for {key}")),
            // Only the dependents of a Kustomization wait until it is ready.
            EdgeKind::ReadyWith => {
                let waiting = self.graph.to(edge.from).into_iter();
                for edge in waiting.filter(|edge| edge.kind == EdgeKind::DependsOn) {
                    self.follow_edge(&edge, kind, distance);
                }
                return;
            }
            // A pod starts without an optional ConfigMap or Secret.
            EdgeKind::MayRead | EdgeKind::AppliedBy | EdgeKind::InstalledBy => return,
        };
        let short = match edge.kind {
            EdgeKind::TalksTo => text::short(evidence),
            _ => because.clone(),
        };
        let because = Because {
            text: because,
            short,
            place: edge.place.clone(),
        };
        self.reach(edge.from, effect, distance, because);
    }

    /// Adds an effect. A worse one replaces that of the node, and is followed again.
    fn reach(&mut self, node: Node<'a>, kind: EffectKind, distance: usize, because: Because) {
        if let Some(known) = self.effects.get_mut(&node)
            && (known.kind, known.distance) == (kind, distance)
            && !known.because.iter().any(|one| one.is_same(&because))
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
