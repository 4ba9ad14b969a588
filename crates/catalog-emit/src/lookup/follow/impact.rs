//! What a term means turns into everything that it may reach.

use std::collections::{BTreeMap, HashMap, HashSet};

use infra_query::{Hit, Subject};
use memchr::memmem;

use super::{
    ConfigMaps, Follow, HelmReleases, ImageGroups, Kustomizations, References, Root, Section, Services,
    Shape, Sources, Variables, escaped, member, texts,
};
use crate::lookup::part::{Index, hash, sorted, unescaped, with_hash};

/// Commands are those of so many things at most.
const MOST_CHECKED: usize = 20;
const SERVICE: Shape = Shape::Only(&[
    "name",
    "namespace",
    "workload",
    "helmRelease",
    "kustomization",
    "dependsOn",
    "failureImpact",
]);
const KUSTOMIZATION: Shape = Shape::Only(&[
    "name",
    "namespace",
    "manages",
    "wait",
    "healthChecks",
    "children",
    "dependents",
]);
const HELM_RELEASE: Shape = Shape::Only(&[
    "name",
    "namespace",
    "releaseName",
    "releaseNamespace",
    "targetNamespace",
    "dependsOn",
]);

/// How bad it is for what is reached, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Effect {
    Needs,
    Applied,
    Waits,
}

/// What is reached.
struct Reach<'f, 'a, 'p> {
    follow: &'f mut Follow<'a, 'p>,
    /// Services by a hash of what they talk to, of the HelmRelease that owns them; HelmReleases by what they wait for.
    talks_to: Option<Index>,
    owned: Option<Index>,
    waiting: Option<Index>,
    effects: HashMap<(Section, usize), Effect>,
    starts: HashSet<(Section, usize)>,
    open: Vec<(Section, usize, Effect)>,
    /// What is reached directly, by what of the first of these is seen to first.
    direct: BTreeMap<(Effect, Section, String), usize>,
    is_direct: bool,
}

impl Follow<'_, '_> {
    /// What [`query::impact`](infra_query::impact()) looks at. None for very many Secrets and stores.
    pub(super) fn impact(&mut self, hits: &[Hit<'_>], roots: &[Root]) -> Option<()> {
        for root in roots.iter().take(MOST_CHECKED).copied() {
            self.steps(root);
        }
        let ways = self.ways(roots)?;
        let mut reach = Reach {
            follow: self,
            talks_to: None,
            owned: None,
            waiting: None,
            effects: HashMap::new(),
            starts: roots.iter().map(|root| (root.section, root.index)).collect(),
            open: Vec::new(),
            direct: BTreeMap::new(),
            is_direct: true,
        };
        for hit in hits {
            if let Subject::External(host) = hit.subject {
                reach.readers_of(&escaped(host));
            }
        }
        for root in roots {
            reach.start(*root);
        }
        for way in ways {
            for service in reach.follow.readers(way) {
                reach.key(Services, service, Effect::Needs);
            }
            if way.section == References {
                for object in reach.follow.items(way.section, way.index, "usage", "object") {
                    reach.object(object);
                }
            }
        }
        reach.is_direct = false;
        while let Some((section, index, effect)) = reach.open.pop() {
            reach.follow(section, index, effect);
        }
        let direct = std::mem::take(&mut reach.direct);
        let effects = std::mem::take(&mut reach.effects);
        // What is reached again, and worse, from farther away no longer counts as direct; then others come up in its place.
        let is_replaced = |((effect, section, _), index): (&(Effect, Section, String), &usize)| {
            effects.get(&(*section, *index)) != Some(effect)
        };
        if direct.len() > MOST_CHECKED && direct.iter().any(is_replaced) {
            return None;
        }
        let mut counts: HashMap<(Effect, Section), usize> = HashMap::new();
        for ((effect, section, _), index) in direct {
            let count = counts.entry((effect, section)).or_default();
            *count += 1;
            if *count <= MOST_CHECKED {
                self.part.take(section, index, Shape::Full);
                self.steps(Root { section, index });
            }
        }
        Some(())
    }
}

impl Reach<'_, '_, '_> {
    /// What a thing that was asked about reaches directly.
    fn start(&mut self, Root { section, index }: Root) {
        match section {
            Services => self.follow(section, index, Effect::Needs),
            Kustomizations | HelmReleases => self.follow(section, index, Effect::Applied),
            Sources => {
                for user in self.follow.texts(section, index, "usedBy") {
                    self.object(user);
                }
            }
            ConfigMaps => {
                let services = self.follow.items(section, index, "usage", "service");
                for service in services.collect::<HashSet<_>>() {
                    self.key(Services, service, Effect::Needs);
                }
                let objects = self.follow.items(section, index, "usage", "object");
                for object in objects.chain(self.follow.texts(section, index, "usedBy")) {
                    self.object(object);
                }
            }
            Variables => {
                for key in self.follow.texts(section, index, "usedBy") {
                    self.key(Kustomizations, key, Effect::Applied);
                }
            }
            ImageGroups => {
                for key in self.follow.texts(section, index, "services") {
                    self.key(Services, key, Effect::Needs);
                }
            }
            _ => {}
        }
    }

    /// A user as `Kind/<key>`.
    fn object(&mut self, user: &[u8]) {
        if let Some(key) = user.strip_prefix(b"Kustomization/") {
            self.key(Kustomizations, key, Effect::Applied);
        } else if let Some(key) = user.strip_prefix(b"HelmRelease/") {
            self.key(HelmReleases, key, Effect::Applied);
        }
    }

    fn key(&mut self, section: Section, key: &[u8], effect: Effect) {
        if let Some(index) = self.follow.part.by_key(section, key) {
            self.reach(section, index, effect);
        }
    }

    fn reach(&mut self, section: Section, index: usize, effect: Effect) {
        if self.starts.contains(&(section, index)) {
            return;
        }
        if self.is_direct
            && let Some(key) = unescaped(self.follow.part.entry(section, index).key)
        {
            self.direct.insert((effect, section, key), index);
        }
        let known = self.effects.get(&(section, index));
        if known.is_some_and(|known| *known <= effect) {
            return;
        }
        self.effects.insert((section, index), effect);
        let shape = match section {
            Services => SERVICE,
            Kustomizations => KUSTOMIZATION,
            _ => HELM_RELEASE,
        };
        self.follow.part.take(section, index, shape);
        self.open.push((section, index, effect));
    }

    fn follow(&mut self, section: Section, index: usize, effect: Effect) {
        let entry = self.follow.part.entry(section, index);
        match (section, effect) {
            (Services, Effect::Needs) => {
                self.readers_of(entry.key);
                self.not_ready(index);
            }
            (Kustomizations, effect) => {
                for key in self.follow.texts(section, index, "dependents") {
                    self.key(Kustomizations, key, Effect::Waits);
                }
                if effect == Effect::Applied {
                    for key in self.follow.texts(section, index, "children") {
                        self.key(Kustomizations, key, Effect::Applied);
                    }
                    for key in self.follow.texts(section, index, "manages") {
                        self.key(Services, key, Effect::Applied);
                    }
                }
            }
            (HelmReleases, effect) => {
                for index in self.waiting(entry.key) {
                    self.reach(HelmReleases, index, Effect::Waits);
                }
                if effect == Effect::Applied {
                    let name = self.follow.name(Root { section, index });
                    for index in self.owned(name) {
                        self.reach(Services, index, Effect::Applied);
                    }
                }
            }
            _ => {}
        }
    }

    /// The services that talk to a service or host.
    fn readers_of(&mut self, target: &[u8]) {
        let pages = self.follow.part.pages;
        let edges = self
            .talks_to
            .get_or_insert_with(|| edges(pages.piece(Services).texts_after(b"\"target\":\"")));
        for index in with_hash(edges, hash(target)).collect::<Vec<usize>>() {
            self.reach(Services, index, Effect::Needs);
        }
    }

    /// A Kustomization that waits for its objects is not ready while one fails.
    fn not_ready(&mut self, service: usize) {
        let Some(key) = self.follow.text(Services, service, "kustomization") else {
            return;
        };
        let Some(index) = self.follow.part.by_key(Kustomizations, key) else {
            return;
        };
        // Of one that waits for nothing, nothing is looked at.
        let value = self.follow.part.entry(Kustomizations, index).value;
        let waits: [&[u8]; 2] = [b"\"wait\":true", b"\"healthChecks\":["];
        if waits.iter().any(|waits| memmem::find(value, waits).is_some()) {
            self.follow.part.take(Kustomizations, index, KUSTOMIZATION);
            for key in self.follow.texts(Kustomizations, index, "dependents") {
                self.key(Kustomizations, key, Effect::Waits);
            }
        }
    }

    /// The services whose HelmRelease has a name.
    fn owned(&mut self, name: &[u8]) -> Vec<usize> {
        let pages = self.follow.part.pages;
        let edges = self
            .owned
            .get_or_insert_with(|| edges(pages.piece(Services).texts_after(b"\"helmRelease\":\"")));
        with_hash(edges, hash(name)).collect()
    }

    /// The HelmReleases that wait for one.
    fn waiting(&mut self, key: &[u8]) -> Vec<usize> {
        let pages = self.follow.part.pages;
        let edges = self.waiting.get_or_insert_with(|| {
            let waiting = pages.holding(HelmReleases, b"\"dependsOn\":[").into_iter();
            edges(waiting.flat_map(|index| {
                let wanted = member(pages.entry(HelmReleases, index).value, "dependsOn");
                texts(wanted.unwrap_or_default()).map(move |wanted| (wanted, index))
            }))
        });
        with_hash(edges, hash(key)).collect()
    }
}

fn edges<'p>(ends: impl IntoIterator<Item = (&'p [u8], usize)>) -> Index {
    sorted(ends.into_iter().map(|(end, index)| (hash(end), index)))
}
