//! What else does it touch? A thing turns into what its failure or change reaches, directly and through others.
//!
//! Three effects are told apart, since they are different work: a service *needs* it and fails with it, something is *applied
//! through* it and goes on running as it is, a Kustomization or HelmRelease *waits* for it and applies nothing new meanwhile.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use plain_text::{Lines, line, printable_name};

use crate::Facts;
use crate::find::{Hit, QueryError, find};
use crate::next_steps::{self, Step};
use crate::secret::paths;
use crate::text::{joined, many_names};
use crate::{Subject, Text};
use infra_model::config::Usage;
use infra_model::dependency::Target;

/// What a thing reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impact<'a> {
    /// What was asked about, as `kind key`.
    pub of: Vec<String>,
    /// What is reached, nearest first; each once.
    pub effects: Vec<Effect<'a>>,
    /// Commands that show how it is, in the order in which to run them.
    pub next: Vec<Step>,
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
    /// Why, such as `env DB_HOST` or `waits for facts-vault`.
    pub because: String,
    /// What happens when a service fails: curated.
    pub failure_impact: Option<&'a str>,
}

/// Something that can be reached, by key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node<'a> {
    /// A service.
    Service(&'a str),
    /// A Flux Kustomization.
    Kustomization(&'a str),
    /// A HelmRelease.
    HelmRelease(&'a str),
}

impl<'a> Node<'a> {
    /// The key.
    pub fn key(self) -> &'a str {
        match self {
            Node::Service(key) | Node::Kustomization(key) | Node::HelmRelease(key) => key,
        }
    }

    fn subject(self, facts: &'a dyn Facts) -> Option<Subject<'a>> {
        match self {
            Node::Service(key) => Some(Subject::Service(key, facts.services().get(key)?)),
            Node::Kustomization(key) => Some(Subject::Kustomization(key, facts.kustomizations().get(key)?)),
            Node::HelmRelease(key) => Some(Subject::HelmRelease(key, facts.helm_releases().get(key)?)),
        }
    }

    /// The kind.
    pub fn kind(self) -> &'static str {
        match self {
            Node::Service(_) => "service",
            Node::Kustomization(_) => "Kustomization",
            Node::HelmRelease(_) => "HelmRelease",
        }
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

/// What the failure or change of a thing reaches. `term` is anything that [`find`] knows: where it means several things, all of
/// them.
///
/// # Errors
/// [`QueryError::NotFound`]
pub fn impact<'a>(facts: &'a dyn Facts, term: &str) -> Result<Impact<'a>, QueryError> {
    let hits = find(facts, term)?;
    let mut reached = Reached::new(facts);
    for Hit { subject, .. } in &hits {
        reached.start(*subject);
    }
    while let Some((node, kind, distance)) = reached.open.pop_front() {
        reached.follow(node, kind, distance);
    }
    let mut effects: Vec<Effect<'a>> = reached.effects.into_values().collect();
    effects.sort_by(|a, b| (a.kind, a.distance, a.node).cmp(&(b.kind, b.distance, b.node)));
    let mut of: Vec<String> = Vec::new();
    for title in hits.iter().map(|hit| hit.subject.title()) {
        // A HelmRelease is a service, too.
        if !of.contains(&title) {
            of.push(title);
        }
    }
    let mut next = next_steps::of_all(facts, hits.iter().map(|hit| hit.subject));
    if next.is_empty() {
        // What has no status of its own shows in what it reaches.
        let direct = effects.iter().filter(|effect| effect.distance == 1);
        let subjects = direct.filter_map(|effect| effect.node.subject(facts));
        next = next_steps::of_all(facts, subjects);
    }
    Ok(Impact { of, effects, next })
}

/// What is reached so far, and what is still to be followed.
struct Reached<'a> {
    facts: &'a dyn Facts,
    /// Services by what they talk to.
    talks_to: BTreeMap<&'a str, Vec<(&'a str, &'a str)>>,
    /// HelmReleases by what they wait for.
    waiting: BTreeMap<&'a str, Vec<&'a str>>,
    /// Services by namespace and HelmRelease.
    owned: BTreeMap<(&'a str, &'a str), Vec<&'a str>>,
    effects: BTreeMap<Node<'a>, Effect<'a>>,
    starts: BTreeSet<Node<'a>>,
    open: VecDeque<(Node<'a>, EffectKind, usize)>,
}

impl<'a> Reached<'a> {
    fn new(facts: &'a dyn Facts) -> Self {
        let mut talks_to: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for (key, service) in facts.services().iter() {
            for dependency in &service.depends_on {
                let target = match &dependency.target {
                    Target::Service(target) | Target::External(target) => target.as_str(),
                };
                talks_to
                    .entry(target)
                    .or_default()
                    .push((key, &dependency.evidence));
            }
        }
        let mut owned: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for (key, service) in facts.services().iter() {
            if let Some(release) = &service.helm_release {
                let release = (service.namespace.as_str(), release.as_str());
                owned.entry(release).or_default().push(key);
            }
        }
        let mut waiting: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (key, release) in facts.helm_releases().iter() {
            for wanted in &release.depends_on {
                waiting.entry(wanted).or_default().push(key);
            }
        }
        Reached {
            facts,
            talks_to,
            waiting,
            owned,
            effects: BTreeMap::new(),
            starts: BTreeSet::new(),
            open: VecDeque::new(),
        }
    }

    /// What the thing that was asked about reaches directly.
    fn start(&mut self, subject: Subject<'a>) {
        match subject {
            Subject::Service(key, _) => {
                self.starts.insert(Node::Service(key));
                self.follow(Node::Service(key), EffectKind::Needs, 0);
            }
            Subject::External(host) => self.readers_of(host, 0),
            Subject::Kustomization(key, _) => {
                self.starts.insert(Node::Kustomization(key));
                self.follow(Node::Kustomization(key), EffectKind::Applied, 0);
            }
            Subject::HelmRelease(key, _) => {
                self.starts.insert(Node::HelmRelease(key));
                self.follow(Node::HelmRelease(key), EffectKind::Applied, 0);
            }
            Subject::Source(key, source) => self.objects(&source.used_by, &format!("uses {key}")),
            Subject::ConfigMap(key, config_map) => {
                self.usage(&config_map.usage.iter().collect::<Vec<_>>(), key);
                self.objects(&config_map.used_by, &format!("uses {key}"));
            }
            Subject::Variable(name, variable) => {
                for key in &variable.used_by {
                    self.kustomization(key, EffectKind::Applied, 1, format!("substitutes {name}"));
                }
            }
            Subject::ImageGroup(key, group) => {
                for service in &group.services {
                    self.service(service, EffectKind::Needs, 1, format!("image of {key}"));
                }
            }
            Subject::SecretStore(store, _) => {
                self.secrets(|way| way.store.is_some_and(|(key, _)| key == store));
            }
            Subject::SecretReference(_, reference) => {
                self.secrets(|way| {
                    way.secret == Some((reference.namespace.as_str(), reference.name.as_str()))
                });
            }
            carrier => self.secrets(|way| way.carrier == Some(carrier)),
        }
    }

    /// The readers of the secrets that go some ways.
    fn secrets(&mut self, fits: impl Fn(&crate::secret::SecretPath<'a>) -> bool) {
        for way in paths(self.facts).into_iter().filter(|way| fits(way)) {
            let name = match (way.secret, way.carrier) {
                (Some((_, name)), _) => format!("Secret {name}"),
                (None, Some(carrier)) => format!("{} {}", carrier.kind(), carrier.key()),
                (None, None) => "the secret".to_owned(),
            };
            for mount in &way.mounts {
                self.service(
                    &mount.service,
                    EffectKind::Needs,
                    1,
                    format!("mounts {}", mount.path),
                );
            }
            self.usage(&way.usage, &name);
        }
    }

    fn usage(&mut self, usage: &[&'a Usage], of: &str) {
        for usage in usage {
            // A pod starts without what is optional.
            if usage.optional {
                continue;
            }
            if let Some(service) = &usage.service {
                self.service(service, EffectKind::Needs, 1, format!("{} {of}", usage.how));
            } else if let Some(object) = &usage.object {
                self.objects(std::slice::from_ref(object), &format!("{} {of}", usage.how));
            }
        }
    }

    /// Users as `Kind/<key>`.
    fn objects(&mut self, users: &'a [String], because: &str) {
        for user in users {
            match user.split_once('/') {
                Some(("Kustomization", key)) => {
                    self.kustomization(key, EffectKind::Applied, 1, because.to_owned());
                }
                Some(("HelmRelease", key)) => {
                    self.helm_release(key, EffectKind::Applied, 1, because.to_owned());
                }
                _ => {}
            }
        }
    }

    fn service(&mut self, key: &str, kind: EffectKind, distance: usize, because: String) {
        if let Some((key, service)) = self.facts.services().get_key_value(key) {
            self.reach(
                Node::Service(key),
                kind,
                distance,
                because,
                service.failure_impact.as_deref(),
            );
        }
    }

    fn kustomization(&mut self, key: &str, kind: EffectKind, distance: usize, because: String) {
        if let Some((key, _)) = self.facts.kustomizations().get_key_value(key) {
            self.reach(Node::Kustomization(key), kind, distance, because, None);
        }
    }

    fn helm_release(&mut self, key: &str, kind: EffectKind, distance: usize, because: String) {
        if let Some((key, _)) = self.facts.helm_releases().get_key_value(key) {
            self.reach(Node::HelmRelease(key), kind, distance, because, None);
        }
    }

    /// Notes an effect; a worse one replaces what was known of the node and is followed anew.
    fn reach(
        &mut self,
        node: Node<'a>,
        kind: EffectKind,
        distance: usize,
        because: String,
        failure_impact: Option<&'a str>,
    ) {
        let worse = self.effects.get(&node).is_none_or(|known| kind < known.kind);
        if self.starts.contains(&node) || !worse {
            return;
        }
        self.effects.insert(
            node,
            Effect {
                node,
                kind,
                distance,
                because,
                failure_impact,
            },
        );
        self.open.push_back((node, kind, distance));
    }

    fn follow(&mut self, node: Node<'a>, kind: EffectKind, distance: usize) {
        match (node, kind) {
            (Node::Service(key), EffectKind::Needs) => {
                self.readers_of(key, distance);
                self.not_ready(key, distance);
            }
            // What runs goes on running.
            (Node::Service(_), _) => {}
            (Node::Kustomization(key), kind) => self.through_kustomization(key, kind, distance),
            (Node::HelmRelease(key), kind) => self.through_helm_release(key, kind, distance),
        }
    }

    /// The services that talk to a service or host.
    fn readers_of(&mut self, target: &str, distance: usize) {
        for (key, evidence) in self.talks_to.get(target).cloned().unwrap_or_default() {
            self.service(
                key,
                EffectKind::Needs,
                distance + 1,
                format!("needs {target} ({evidence})"),
            );
        }
    }

    /// A Kustomization that waits for its objects is not ready while one fails, and what depends on it waits.
    fn not_ready(&mut self, service: &str, distance: usize) {
        let Some(service) = self.facts.services().get(service) else {
            return;
        };
        let Some(key) = &service.kustomization else { return };
        let Some(kustomization) = self.facts.kustomizations().get(key) else {
            return;
        };
        let checked = service.workload.as_ref().is_some_and(|workload| {
            let object = format!("{}/{}/{}", workload.kind, service.namespace, workload.name);
            kustomization.health_checks.contains(&object)
        });
        if kustomization.wait || checked {
            for dependent in &kustomization.dependents {
                self.kustomization(
                    dependent,
                    EffectKind::Waits,
                    distance + 1,
                    format!("waits for {key}"),
                );
            }
        }
    }

    fn through_kustomization(&mut self, key: &str, kind: EffectKind, distance: usize) {
        let Some(kustomization) = self.facts.kustomizations().get(key) else {
            return;
        };
        for dependent in &kustomization.dependents {
            self.kustomization(
                dependent,
                EffectKind::Waits,
                distance + 1,
                format!("waits for {key}"),
            );
        }
        if kind != EffectKind::Applied {
            return;
        }
        for child in &kustomization.children {
            self.kustomization(
                child,
                EffectKind::Applied,
                distance + 1,
                format!("applied by {key}"),
            );
        }
        for service in &kustomization.manages {
            self.service(
                service,
                EffectKind::Applied,
                distance + 1,
                format!("applied by {key}"),
            );
        }
    }

    fn through_helm_release(&mut self, key: &str, kind: EffectKind, distance: usize) {
        let Some(release) = self.facts.helm_releases().get(key) else {
            return;
        };
        for other in self.waiting.get(key).cloned().unwrap_or_default() {
            self.helm_release(other, EffectKind::Waits, distance + 1, format!("waits for {key}"));
        }
        if kind != EffectKind::Applied {
            return;
        }
        let owner = (release.release_namespace.as_str(), release.name.as_str());
        for service in self.owned.get(&owner).cloned().unwrap_or_default() {
            self.service(
                service,
                EffectKind::Applied,
                distance + 1,
                format!("HelmRelease {key}"),
            );
        }
    }
}

impl<'a> Text for Impact<'a> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        const MOST: usize = 8;
        line!(f, "impact of {}", joined(&self.of))?;
        if self.effects.is_empty() {
            line!(f, "nothing in the repository depends on it")?;
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
                write!(f, "  {}: {}", printable_name(effect.node.key()), effect.because)?;
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
        Ok(())
    }
}
