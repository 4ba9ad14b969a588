//! What a term means turns into the entries that a question about it looks at.
//!
//! More may be taken than is looked at: an entry too many changes no answer, one too few does.

mod config;
mod impact;
mod secrets;

use std::collections::{BTreeMap, HashSet};

use infra_query::{Question, Subject, find};

use infra_model::Infrastructure;

use super::json::{items, member, text, texts};
use super::part::{Part, Shape, escaped, last};
use super::section::Section::{
    self, ConfigMaps, Diagnostics, ExternalSecrets, HelmReleases, ImageGroups, Kustomizations, References,
    SealedSecrets, SecretProviderClasses, SecretStores, Secrets, Services, Sources, Variables, VaultSecrets,
};
use super::{Ask, similar};

/// Commands to run next are those of one thing, beside which a term may mean a few others; an answer about more things
/// has none, or those of the first.
const MOST_MEANINGS: usize = 64;
/// More things than these are read with all others.
const MOST_HITS: usize = 4_000;
/// What commands for a service that only has to do with the answer are made of.
const RUNNING: Shape = Shape::Only(&[
    "name",
    "namespace",
    "workload",
    "helmRelease",
    "kustomization",
    "selector",
]);
/// Charts whose releases commands name, whatever the term is.
const PLATFORM_CHARTS: [&[u8]; 3] = [
    b"\"chart\":\"vault\"",
    b"\"chart\":\"openbao\"",
    b"\"chart\":\"secrets-store-csi-driver\"",
];

/// Takes entries by what others say.
pub(super) struct Follow<'a, 'p> {
    part: &'a mut Part<'p>,
}

/// An entry that a term means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Root {
    section: Section,
    index: usize,
}

impl<'a, 'p> Follow<'a, 'p> {
    pub(super) fn new(part: &'a mut Part<'p>) -> Self {
        Follow { part }
    }

    /// Takes all that the question looks at. `found` is the model of what the term may mean. None where only the whole
    /// model can tell.
    pub(super) fn question(mut self, ask: Ask<'_>, found: &Infrastructure) -> Option<()> {
        let Ask { question, term, next } = ask;
        let hits = question.hits(found, term);
        if hits.len() > MOST_HITS {
            return None;
        }
        let roots: Vec<Root> = hits.iter().filter_map(|hit| self.root(hit.subject)).collect();
        for root in &roots {
            self.part.take(root.section, root.index, Shape::Full);
        }
        let is_value = question == Question::Config && self.config(term);
        if hits.is_empty() && !is_value {
            similar::take(self.part, question, term);
        }
        match question {
            Question::Where => {
                for root in few_of_each(&roots) {
                    self.steps(root);
                }
            }
            Question::Trace => {
                if let [root] = roots.as_slice() {
                    self.trace(root.index);
                }
            }
            Question::Flux => {
                for root in few_of_each(&roots) {
                    self.flux(root);
                }
            }
            Question::Impact => self.impact(&hits, &roots)?,
            Question::Secret => self.secret(&roots)?,
            Question::Config => {
                for root in few_of_each(&roots) {
                    match root.section {
                        Services => self.config_of(root.index),
                        _ => self.steps(root),
                    }
                }
            }
            Question::Image => self.image(&roots),
        }
        if next {
            let hits = find(found, term).unwrap_or_default();
            if hits.len() > MOST_MEANINGS {
                return None;
            }
            for root in hits
                .iter()
                .filter_map(|hit| self.root(hit.subject))
                .collect::<Vec<Root>>()
            {
                self.part.take(root.section, root.index, Shape::Full);
                self.steps(root);
            }
        }
        Some(())
    }

    /// Takes things, and what commands for them are made of.
    pub(super) fn things<'s>(&mut self, subjects: impl IntoIterator<Item = Subject<'s>>) {
        for subject in subjects {
            if let Some(root) = self.root(subject) {
                self.part.take(root.section, root.index, Shape::Full);
                self.steps(root);
            }
        }
    }

    /// Takes the ConfigMaps that variables come from, such as `ConfigMap/flux-system/cluster-vars`.
    pub(super) fn sources_of_variables<'s>(&mut self, sources: impl IntoIterator<Item = &'s [u8]>) {
        for source in sources {
            for index in self.part.by_name(ConfigMaps, last(source)) {
                self.part.take(ConfigMaps, index, Shape::Full);
                self.steps(Root {
                    section: ConfigMaps,
                    index,
                });
            }
        }
    }

    /// The entry of a thing; none for what lies outside.
    fn root(&mut self, subject: Subject<'_>) -> Option<Root> {
        let section = match subject {
            Subject::Service(..) => Services,
            Subject::Kustomization(..) => Kustomizations,
            Subject::HelmRelease(..) => HelmReleases,
            Subject::Source(..) => Sources,
            Subject::SecretProviderClass(..) => SecretProviderClasses,
            Subject::ExternalSecret(..) => ExternalSecrets,
            Subject::SecretStore(..) => SecretStores,
            Subject::VaultSecret(..) => VaultSecrets,
            Subject::SealedSecret(..) => SealedSecrets,
            Subject::Secret(..) => Secrets,
            Subject::SecretReference(..) => References,
            Subject::ConfigMap(..) => ConfigMaps,
            Subject::ImageGroup(..) => ImageGroups,
            Subject::Variable(..) => Variables,
            Subject::External(_) => return None,
        };
        let index = self.part.by_key(section, &escaped(subject.key()))?;
        Some(Root { section, index })
    }

    /// A member of an entry.
    fn value(&self, section: Section, index: usize, name: &str) -> Option<&'p [u8]> {
        member(self.part.entry(section, index).value, name)
    }

    /// The text of a member of an entry.
    fn text(&self, section: Section, index: usize, name: &str) -> Option<&'p [u8]> {
        text(self.value(section, index, name)?)
    }

    /// The texts in a member of an entry.
    fn texts(&self, section: Section, index: usize, name: &str) -> impl Iterator<Item = &'p [u8]> + use<'p> {
        texts(self.value(section, index, name).unwrap_or_default())
    }

    /// A member of each item in a list of an entry.
    fn items(
        &self,
        section: Section,
        index: usize,
        name: &str,
        of_item: &'static str,
    ) -> impl Iterator<Item = &'p [u8]> + use<'p> {
        items(self.value(section, index, name).unwrap_or_default())
            .filter_map(move |(_, item)| text(member(item, of_item)?))
    }

    fn take_by_key(&mut self, section: Section, key: &[u8], shape: Shape) -> Option<usize> {
        let index = self.part.by_key(section, key)?;
        self.part.take(section, index, shape);
        Some(index)
    }

    fn take_by_name(&mut self, section: Section, name: &[u8], shape: Shape) -> Vec<usize> {
        let found = self.part.by_name(section, name);
        for index in &found {
            self.part.take(section, *index, shape);
        }
        found
    }

    /// What commands for a thing are made of.
    fn steps(&mut self, root: Root) {
        let Root { section, index } = root;
        match section {
            Services => {
                self.release_of(index);
                self.kustomization_of(section, index);
            }
            Kustomizations => self.source_of_kustomization(index),
            HelmReleases => {
                self.kustomization_of(section, index);
                self.source_of_chart(index);
            }
            ConfigMaps => {
                for service in self
                    .items(section, index, "usage", "service")
                    .collect::<HashSet<_>>()
                {
                    if let Some(service) = self.take_by_key(Services, service, RUNNING) {
                        self.release_of(service);
                    }
                }
                let objects = self.items(section, index, "usage", "object");
                let users = self.texts(section, index, "usedBy");
                for object in objects.chain(users) {
                    self.release_named(object);
                }
                self.kustomization_of(section, index);
            }
            References => {
                for object in self.items(section, index, "usage", "object") {
                    self.release_named(object);
                }
            }
            Secrets => {
                self.kustomization_of(section, index);
            }
            _ => self.platform(),
        }
    }

    /// The HelmRelease of a service.
    fn release_of(&mut self, service: usize) -> Vec<usize> {
        let Some(name) = self.text(Services, service, "helmRelease") else {
            return Vec::new();
        };
        let namespace = self.text(Services, service, "namespace").unwrap_or_default();
        let quoted = [b"\"", namespace, b"\""].concat();
        let mut found = self.part.by_name(HelmReleases, name);
        found.retain(|index| {
            let entry = self.part.entry(HelmReleases, *index);
            namespace.is_empty() || entry.key == name || memchr::memmem::find(entry.value, &quoted).is_some()
        });
        for index in &found {
            self.part.take(HelmReleases, *index, Shape::Full);
        }
        found
    }

    /// The HelmRelease that a user is, such as `HelmRelease/grafana`.
    fn release_named(&mut self, user: &[u8]) {
        if let Some(key) = user.strip_prefix(b"HelmRelease/") {
            self.take_by_key(HelmReleases, key, Shape::Full);
        }
    }

    /// The Kustomization that applies an entry.
    fn kustomization_of(&mut self, section: Section, index: usize) -> Option<usize> {
        let key = self.text(section, index, "kustomization")?;
        self.take_by_key(Kustomizations, key, Shape::Full)
    }

    fn source_of_kustomization(&mut self, index: usize) {
        if let Some(name) = self.text(Kustomizations, index, "sourceRef") {
            self.take_by_name(Sources, name, Shape::Full);
        }
    }

    fn source_of_chart(&mut self, release: usize) {
        let of_reference = self.value(HelmReleases, release, "chartRef");
        let name = match of_reference.and_then(|reference| text(member(reference, "name")?)) {
            Some(name) => Some(name),
            None => self.text(HelmReleases, release, "chartSource"),
        };
        if let Some(name) = name {
            self.take_by_name(Sources, name, Shape::Full);
        }
    }

    /// The Kustomizations above one.
    fn parents(&mut self, index: usize) {
        let mut known = HashSet::from([index]);
        let mut last = index;
        while let Some(parent) = self.text(Kustomizations, last, "parent")
            && let Some(index) = self.take_by_key(Kustomizations, parent, Shape::Full)
            && known.insert(index)
        {
            last = index;
        }
    }

    /// Releases of what hands out secrets.
    fn platform(&mut self) {
        for chart in PLATFORM_CHARTS {
            for index in self.part.pages.holding(HelmReleases, chart) {
                self.part.take(HelmReleases, index, Shape::Full);
            }
        }
    }

    fn trace(&mut self, service: usize) {
        if let Some(kustomization) = self.kustomization_of(Services, service) {
            self.source_of_kustomization(kustomization);
            self.parents(kustomization);
        }
        for release in self.release_of(service) {
            self.source_of_chart(release);
        }
        self.image_groups_of(service);
        for config_map in self.texts(Services, service, "configMaps") {
            self.take_by_key(ConfigMaps, config_map, Shape::Full);
        }
        self.secrets_of_service(service);
        let key = self.part.entry(Services, service).key;
        let target = [b"\"target\":\"", key, b"\""].concat();
        for index in self.part.pages.holding(Services, &target) {
            self.part
                .take(Services, index, Shape::Only(&["name", "dependsOn"]));
        }
    }

    /// What decides a service's images.
    fn image_groups_of(&mut self, service: usize) {
        let one = self.texts(Services, service, "imageGroup");
        for group in one.chain(self.texts(Services, service, "imageGroups")) {
            self.take_by_key(ImageGroups, group, Shape::Full);
        }
    }

    /// The ConfigMaps of a service.
    fn config_of(&mut self, service: usize) {
        self.release_of(service);
        for config_map in self.texts(Services, service, "configMaps") {
            if let Some(index) = self.take_by_key(ConfigMaps, config_map, Shape::Full) {
                self.steps(Root {
                    section: ConfigMaps,
                    index,
                });
            }
        }
    }

    fn image(&mut self, roots: &[Root]) {
        for Root { section, index } in roots.iter().copied() {
            match section {
                Services => {
                    self.release_of(index);
                    self.image_groups_of(index);
                }
                _ => self.services_of_group(index),
            }
        }
        // Commands show the images of all that run those of a group.
        for Root { index, .. } in roots.iter().filter(|root| root.section == Services).copied() {
            let one = self.texts(Services, index, "imageGroup");
            for group in one.chain(self.texts(Services, index, "imageGroups")) {
                if let Some(group) = self.part.by_key(ImageGroups, group) {
                    self.services_of_group(group);
                }
            }
        }
    }

    fn services_of_group(&mut self, group: usize) {
        for service in self.texts(ImageGroups, group, "services") {
            if let Some(service) = self.take_by_key(Services, service, RUNNING) {
                self.release_of(service);
            }
        }
    }

    fn flux(&mut self, root: Root) {
        let Root { section, index } = root;
        let kustomization = match section {
            Kustomizations => Some(index),
            _ => self.kustomization_of(section, index),
        };
        let releases = match section {
            HelmReleases => vec![index],
            Services => self.release_of(index),
            _ => Vec::new(),
        };
        let mut objects = vec![Root { section, index }];
        for release in releases {
            self.kustomization_of(HelmReleases, release);
            self.source_of_chart(release);
            self.wait(HelmReleases, release);
            objects.push(Root {
                section: HelmReleases,
                index: release,
            });
        }
        if let Some(index) = kustomization {
            self.source_of_kustomization(index);
            self.parents(index);
            self.wait(Kustomizations, index);
            objects.push(Root {
                section: Kustomizations,
                index,
            });
        }
        for Root { section, index } in objects {
            let name = match self.text(section, index, "name") {
                Some(name) => name,
                None => last(self.part.entry(section, index).key),
            };
            let object = [b"/", last(name), b"\""].concat();
            for index in self.part.pages.holding(Diagnostics, &object) {
                self.part.take(Diagnostics, index, Shape::Full);
            }
        }
    }

    /// What something waits for, through others, too.
    fn wait(&mut self, section: Section, start: usize) {
        let mut known = HashSet::from([start]);
        let mut open = vec![start];
        while let Some(index) = open.pop() {
            for wanted in self.texts(section, index, "dependsOn") {
                if let Some(wanted) = self.take_by_key(
                    section,
                    wanted,
                    Shape::Only(&["name", "releaseName", "dependsOn"]),
                ) && known.insert(wanted)
                {
                    open.push(wanted);
                }
            }
        }
    }
}

/// The things of each kind of which there are so few that one may be meant alone.
fn few_of_each(roots: &[Root]) -> Vec<Root> {
    let mut counts: BTreeMap<Section, usize> = BTreeMap::new();
    for root in roots {
        *counts.entry(root.section).or_default() += 1;
    }
    let is_few = |root: &&Root| {
        counts
            .get(&root.section)
            .is_some_and(|count| *count <= MOST_MEANINGS)
    };
    roots.iter().filter(is_few).copied().collect()
}
