//! `impact`: what its failure or change reaches, directly and through others.
//!
//! Three effects are told apart, since they are different work: a service *needs* it and fails with it, something is *applied
//! through* it and goes on running as it is, a Kustomization or HelmRelease *waits* for it and applies nothing new meanwhile.

mod applied;
mod elsewhere;
mod everywhere;
mod own;
mod owner;
mod text;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::Facts;
use crate::Subject;
use crate::answer::display_answer;
use crate::facts::mentioning;
use crate::find::{Hit, Matched, QueryError, place_of_value, reason};
use crate::graph::links::release_of;
use crate::graph::{Edge, EdgeKind, Graph, Node};
use crate::named_by::{NamedBy, named_by, naming_made};
use crate::network::{Names, Naming, naming as network_users, records};
use crate::next_steps::{self, Answer, Step};
use crate::on_change::{OnChange, on_change};
use infra_model::Place;
use infra_model::dependency::Target;

pub use elsewhere::{Elsewhere, reached_elsewhere};
pub use own::Need;
use owner::Owner;

/// What a thing reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impact<'a> {
    /// What was asked about, as `kind key`.
    pub of: Vec<String>,
    /// What is reached, nearest first; each once.
    pub effects: Vec<Effect<'a>>,
    /// Objects that name it and are no service, Kustomization or HelmRelease.
    pub named_by: Vec<NamedBy<'a>>,
    /// What names these in turn, such as the releases that go through a Middleware: each with the key of the one that it names.
    pub named_further: Vec<(Cow<'a, str>, NamedBy<'a>)>,
    /// What it needs itself, where it is one thing.
    pub needs: Vec<Need>,
    /// Whether the repository has other clusters, which are not looked at here.
    pub is_of_several: bool,
    /// What depends on it in clusters that are not asked about.
    pub in_others: Vec<InOther>,
    /// Services that everything reaches though nothing says so, each with what it does for all.
    pub reached_by_all: Vec<(&'a str, &'static str)>,
    /// What becomes of the pods of services that read a ConfigMap or Secret when it changes, by key.
    pub on_change: Vec<(&'a str, OnChange)>,
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

    fn shown(&self) -> usize {
        0
    }
}

display_answer!(Impact<'_>);

/// What depends on something in a cluster that is not asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InOther {
    /// The cluster.
    pub cluster: String,
    /// Keys of what does.
    pub keys: Vec<String>,
}

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
    /// The same without what goes without saying below a heading.
    short: String,
    /// The line that states it.
    pub place: Option<Place>,
}

impl Because {
    /// Whether it is the same evidence, in whatever words.
    fn says(&self, other: &Because) -> bool {
        self == other || (self.place.is_some() && self.place == other.place && self.short == other.short)
    }
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
/// them. Of a host what answers under it, and whatever names it.
///
/// # Errors
/// [`QueryError::NotFound`]
pub fn impact<'a>(facts: &'a dyn Facts, term: &str) -> Result<Impact<'a>, QueryError> {
    impact_among(facts, term, &[])
}

/// As [`impact`], in one of several clusters of a repository: what is called so in others may be named here by its host.
///
/// # Errors
/// [`QueryError::NotFound`]
pub fn impact_among<'a>(
    facts: &'a dyn Facts,
    term: &str,
    elsewhere: &[Elsewhere],
) -> Result<Impact<'a>, QueryError> {
    let mut asked = elsewhere::asked(facts, term)?;
    // A value that looks like the name of something in another cluster.
    if !elsewhere.is_empty() && asked.hits.iter().all(|hit| hit.matched >= Matched::Field) {
        asked.hits.clear();
    }
    let records = records(facts);
    let mut names = Names::default();
    for hit in &asked.hits {
        names.extend(Names::of(facts, hit.subject, &records));
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
    // What only has the name as a value, such as that of a claim which nothing here makes, is what needs it.
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
            true => reached.having(hit, term),
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
        for one in reached.by_network(&outside, words, Some(&other.cluster)) {
            if !naming.iter().any(|known| known.object == one.object) {
                naming.push(one);
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
    for hit in hits.iter().take(MOST_THINGS) {
        reached.waiting_for_kustomization(hit.subject);
    }
    reached.finish();
    for hit in hits.iter().take(MOST_THINGS) {
        // What leads to a host does not depend on it.
        if !matches!(hit.subject, Subject::External(_)) {
            naming.extend(named_by(facts, hit.subject));
        }
        naming.extend(objects_reading(facts, hit.subject));
    }
    let mut owners: Vec<Owner> = Vec::new();
    for hit in hits.iter().take(MOST_THINGS) {
        let owner = Owner::of(facts, hit.subject);
        owners.extend(owner.filter(|owner| !owners.contains(owner)));
        // What leads to its Kubernetes Services leads to it.
        if let Subject::Service(_, service) = hit.subject {
            let objects = applied::services(facts, service).into_iter();
            naming.extend(objects.flat_map(|object| named_by(facts, object)));
        }
    }
    for owner in &owners {
        for one in reached.through_objects(owner) {
            if !naming.contains(&one) {
                naming.push(one);
            }
        }
    }
    // What is named itself names nothing else, and a reader is no more than named.
    let of_hits: BTreeSet<String> = hits.iter().map(|hit| hit.subject.key().to_owned()).collect();
    let is_told = |one: &NamedBy<'a>| {
        let is_hit = of_hits.contains(one.object.as_ref());
        (is_hit && of_hits.len() == 1) || reached.effects.contains_key(&Node::Object(&one.object))
    };
    naming.retain(|one| !is_told(one));
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
        // A HelmRelease is a service, too.
        if !of.contains(&title) {
            of.push(title);
        }
    }
    let mut next = next_steps::steps_for_all(facts, hits.iter().map(|hit| hit.subject));
    if next.is_empty() && !hits.is_empty() || asked_host {
        // What has no status of its own shows in what it reaches.
        let direct = effects.iter().filter(|effect| effect.distance == 1);
        let subjects = direct.filter_map(|effect| effect.node.subject(facts));
        next = next_steps::steps_for_all(facts, subjects);
    }
    let reached_by_all = hits.iter().filter_map(|hit| match hit.subject {
        Subject::Service(key, service) => Some((key, everywhere::meaning(service)?)),
        _ => None,
    });
    let changes = hits.iter().flat_map(|hit| on_change(facts, hit.subject));
    let changes: BTreeSet<(&str, OnChange)> = changes.collect();
    Ok(Impact {
        named_further: named_further(facts, &naming),
        of,
        on_change: changes.into_iter().collect(),
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

/// What names the objects that name a thing, a few of a few.
fn named_further<'a>(facts: &'a dyn Facts, naming: &[NamedBy<'a>]) -> Vec<(Cow<'a, str>, NamedBy<'a>)> {
    const FEW: usize = 2;
    if naming.len() > FEW {
        return Vec::new();
    }
    let mut found = Vec::new();
    for one in naming {
        let Some((key, object)) = facts.objects().get_key_value(&one.object) else {
            continue;
        };
        let further = named_by(facts, Subject::Object(key, object)).into_iter();
        let further = further.filter(|next| !naming.iter().any(|known| known.object == next.object));
        found.extend(further.take(FEW).map(|next| (one.object.clone(), next)));
    }
    found
}

/// The objects that read a Secret, by what makes it or as what is read.
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

/// What is reached so far, and what is still to be followed.
struct Reached<'a> {
    facts: &'a dyn Facts,
    graph: Graph<'a>,
    effects: BTreeMap<Node<'a>, Effect<'a>>,
    starts: BTreeSet<Node<'a>>,
    open: VecDeque<(Node<'a>, EffectKind, usize)>,
}

impl<'a> Reached<'a> {
    /// Notes what has the name as a value: of a release its service.
    fn having(&mut self, hit: &Hit<'a>, term: &str) {
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
        let because = Because {
            short: text.clone(),
            text,
            place,
        };
        self.reach(node, EffectKind::Needs, 1, because);
    }

    /// Follows what is still open to its end.
    fn finish(&mut self) {
        while let Some((node, kind, distance)) = self.open.pop_front() {
            self.follow(node, kind, distance);
        }
    }

    /// Notes what names one of some hosts or addresses; of `key`, in another cluster if one is given. Returns the objects that do.
    fn by_network(&mut self, names: &Names, key: &str, cluster: Option<&str>) -> Vec<NamedBy<'a>> {
        let mut naming_objects: Vec<NamedBy<'a>> = Vec::new();
        for one in network_users(self.facts, names) {
            if self.starts.contains(&one.by) || self.leads_elsewhere(&one) {
                continue;
            }
            let how = match one.how.as_str() {
                "" => String::new(),
                how => format!(", {how}"),
            };
            let cluster = cluster.map_or(String::new(), |cluster| format!(" of cluster {cluster}"));
            if let Node::Object(object) = one.by {
                naming_objects.push(NamedBy {
                    object: object.into(),
                    field: format!("{}{how}", one.evidence).into(),
                    place: one.place,
                    service: None,
                });
                continue;
            }
            let because = Because {
                text: match one.by {
                    Node::Service(_) => format!("needs {key}{cluster} ({}{how})", one.evidence),
                    _ => format!("{}{how}", one.evidence),
                },
                short: format!("{}{how}", text::short(&one.evidence)),
                place: one.place,
            };
            let kind = match (one.is_mention, one.by) {
                (true, _) => {
                    naming_objects.push(NamedBy {
                        object: format!("HelmRelease/{}", one.by.key()).into(),
                        field: one.evidence.into(),
                        place: because.place,
                        service: None,
                    });
                    continue;
                }
                (false, Node::Service(_) | Node::SecretStore(_)) => EffectKind::Needs,
                (false, _) => EffectKind::Applied,
            };
            self.reach(one.by, kind, 1, because);
        }
        naming_objects
    }

    /// Whether the line that names a host leads to another service, which answers there for the path of its URL.
    fn leads_elsewhere(&self, one: &Naming<'a>) -> bool {
        let is_of_service = |start: &Node<'_>| matches!(start, Node::Service(_) | Node::HelmRelease(_));
        let (Some(Subject::Service(_, service)), Some(place)) = (one.by.subject(self.facts), &one.place)
        else {
            return false;
        };
        let on_line = service.depends_on.iter();
        let on_line =
            on_line.filter(|it| it.place().as_ref() == Some(place) || one.evidence.starts_with(&it.evidence));
        let targets: Vec<_> = on_line
            .filter_map(|it| match &it.target {
                Target::Service(key) | Target::External(key) => self.facts.services().get_key_value(key),
            })
            .collect();
        let mut hosts = targets.iter().flat_map(|(_, target)| &target.hosts);
        let mut keys = targets.iter().map(|(key, _)| Node::Service(key));
        self.starts.iter().any(is_of_service)
            && hosts.any(|host| one.evidence.contains(host.as_str()))
            && !keys.any(|key| self.starts.contains(&key))
    }

    /// Follows the stores, claims, Gateways and other objects of an owner to what others make of them, which is not applied
    /// through it. Returns the objects of others that name one.
    fn through_objects(&mut self, owner: &Owner) -> Vec<NamedBy<'a>> {
        let facts = self.facts;
        let things = owner.things(facts);
        let mut naming: Vec<NamedBy<'a>> = Vec::new();
        for thing in things.into_iter().take(MOST_OBJECTS) {
            for edge in self.graph.to(thing.into()) {
                let of_others = edge
                    .from
                    .subject(facts)
                    .is_some_and(|subject| owner.is_other(subject));
                if !of_others || self.effects.contains_key(&edge.from) || edge.kind == EdgeKind::MayRead {
                    continue;
                }
                let effect = match edge.from {
                    Node::Service(_) | Node::HelmRelease(_) | Node::Object(_) => EffectKind::Needs,
                    _ => EffectKind::Applied,
                };
                let text = format!("{}: {}", thing.title(), edge.evidence);
                self.reach_through(edge.from, effect, text.clone(), text, edge.place);
            }
            // Those that reach what an operator makes of it by its name in the network.
            for one in network_users(facts, &Names::of(facts, thing, &[])) {
                let is_user = matches!(one.by, Node::Service(_) | Node::HelmRelease(_)) && !one.is_mention;
                let of_others = one
                    .by
                    .subject(facts)
                    .is_some_and(|subject| owner.is_other(subject));
                if !is_user || !of_others || self.effects.contains_key(&one.by) {
                    continue;
                }
                let text = format!("{}: {}", thing.title(), one.evidence);
                let short = format!("{}: {}", thing.title(), text::short(&one.evidence));
                self.reach_through(one.by, EffectKind::Needs, text, short, one.place);
            }
            let title = thing.title();
            self.add_naming(owner, &title, named_by(facts, thing), &mut naming);
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

    /// Notes the services of others whose volumes are of a class of storage.
    fn of_class(&mut self, owner: &Owner, title: &str, class: &str) {
        for (key, service) in mentioning(self.facts.services(), class) {
            let mut claims = service.volume_claims.iter();
            let is_of_class = claims.any(|claim| claim.storage_class.as_deref() == Some(class));
            if is_of_class && owner.is_other(Subject::Service(key, service)) {
                let text = format!("{title}: its volumes are of it");
                self.reach_through(Node::Service(key), EffectKind::Needs, text.clone(), text, None);
            }
        }
    }

    /// Adds those that name an object of an owner and are others': services behind a route as what is reached.
    fn add_naming(
        &mut self,
        owner: &Owner,
        title: &str,
        all: Vec<NamedBy<'a>>,
        naming: &mut Vec<NamedBy<'a>>,
    ) {
        let facts = self.facts;
        for one in all {
            let service = one.service.and_then(|key| facts.services().get_key_value(key));
            if let Some((key, service)) = service {
                let (subject, node) = (Subject::Service(key, service), Node::Service(key));
                if owner.is_other(subject) && !self.effects.contains_key(&node) {
                    let text = format!("{}: {}", title, one.object);
                    let short = format!("{}: its route", title);
                    self.reach_through(node, EffectKind::Needs, text, short, one.place);
                }
                continue;
            }
            let release = one.object.strip_prefix("HelmRelease/");
            let release = release.and_then(|key| facts.helm_releases().get_key_value(key));
            let object = || facts.objects().get_key_value(&one.object);
            let subject = match release {
                Some((key, release)) => Some(Subject::HelmRelease(key, release)),
                None => object().map(|(key, object)| Subject::Object(key, object)),
            };
            if subject.is_some_and(|subject| owner.is_other(subject)) {
                naming.push(one);
            }
        }
    }

    /// Notes what an object reaches that the thing in question makes.
    fn reach_through(
        &mut self,
        node: Node<'a>,
        kind: EffectKind,
        text: String,
        short: String,
        place: Option<Place>,
    ) {
        self.reach(node, kind, 1, Because { text, short, place });
    }

    /// Notes what waits for the Kustomization of a service or release: whoever names that means what it applies.
    fn waiting_for_kustomization(&mut self, subject: Subject<'a>) {
        let by = match subject {
            Subject::Service(_, service) => service.kustomization.as_deref(),
            Subject::HelmRelease(_, release) => release.kustomization.as_deref(),
            _ => None,
        };
        let by = by.and_then(|by| self.facts.kustomizations().get_key_value(by));
        let Some((by, _)) = by else { return };
        let edges = self.graph.to(Node::Kustomization(by)).into_iter();
        for edge in edges.filter(|edge| edge.kind == EdgeKind::DependsOn) {
            if self.effects.contains_key(&edge.from) {
                continue;
            }
            let text = format!("waits for its Kustomization {by}");
            let because = Because {
                short: text.clone(),
                text,
                // All that wait for it are said on one line.
                place: None,
            };
            self.reach(edge.from, EffectKind::Waits, 1, because);
        }
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
                // What an operator runs reads it as a service does.
                Node::Service(_) | Node::Object(_) => (EffectKind::Needs, evidence.to_string()),
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

    /// Notes an effect; a worse one replaces what was known of the node and is followed anew.
    fn reach(&mut self, node: Node<'a>, kind: EffectKind, distance: usize, because: Because) {
        if let Some(known) = self.effects.get_mut(&node)
            && (known.kind, known.distance) == (kind, distance)
            && !known.because.iter().any(|one| one.says(&because))
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
