//! Entries that are taken turn into a model of these alone.

use std::collections::BTreeMap;

use infra_model::Infrastructure;
use memchr::memrchr;
use serde::de::DeserializeOwned;

use super::json;
use super::pages::{Entry, Pages, name_hash};
use super::parallel::in_parallel;
use super::section::Section;
use crate::services::resolve_targets;

/// How much is taken of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// These members.
    Only(&'static [&'static str]),
    /// All of it.
    Full,
}

/// The entries that are taken of the catalogs.
pub(super) struct Part<'p> {
    pub(super) pages: &'p Pages,
    /// By [`Section::index`].
    taken: [BTreeMap<usize, Taken>; Section::ALL.len()],
    keys: [Option<Index>; Section::ALL.len()],
    names: [Option<Index>; Section::ALL.len()],
}

#[derive(Clone, Copy)]
struct Taken {
    shape: Shape,
    is_read: bool,
}

/// Hashes with the entries that have them, sorted.
pub(super) type Index = Vec<(u64, usize)>;

impl<'p> Part<'p> {
    pub(super) fn new(pages: &'p Pages) -> Self {
        Part {
            pages,
            taken: Default::default(),
            keys: Default::default(),
            names: Default::default(),
        }
    }

    /// Takes an entry.
    pub(super) fn take(&mut self, section: Section, index: usize, shape: Shape) {
        let Some(taken) = self.taken.get_mut(section.index()) else {
            return;
        };
        let known = taken.entry(index).or_insert(Taken {
            shape,
            is_read: false,
        });
        if known.shape != shape && known.shape != Shape::Full {
            *known = Taken {
                shape: Shape::Full,
                is_read: false,
            };
        }
    }

    /// Takes all entries of a section.
    pub(super) fn take_all(&mut self, section: Section, shape: Shape) {
        for index in 0..self.pages.count(section) {
            self.take(section, index, shape);
        }
    }

    /// Whether entries were taken since the last time that they were read.
    pub(super) fn has_more(&self) -> bool {
        let mut taken = self.taken.iter().flat_map(BTreeMap::values);
        taken.any(|taken| !taken.is_read)
    }

    /// The number of entries that are taken.
    pub(super) fn count(&self) -> usize {
        self.taken.iter().map(BTreeMap::len).sum()
    }

    /// An entry.
    pub(super) fn entry(&self, section: Section, index: usize) -> Entry<'p> {
        self.pages.entry(section, index)
    }

    /// The entry with a key, as written.
    pub(super) fn by_key(&mut self, section: Section, key: &[u8]) -> Option<usize> {
        /// Of more things of one name, keys tell more.
        const MOST: usize = 16;
        let pages = self.pages;
        let named = self.named(section, key);
        if named.len() <= MOST {
            return named
                .into_iter()
                .find(|index| pages.entry(section, *index).key == key);
        }
        let index = self.keys.get_mut(section.index())?.get_or_insert_with(|| {
            let entries = pages.entries(section).enumerate();
            sorted(entries.map(|(index, entry)| (hash(entry.key), index)))
        });
        with_hash(index, hash(key)).find(|index| pages.entry(section, *index).key == key)
    }

    /// The entries whose key ends with the last part of a name: what has the name, whatever its namespace and kind are.
    pub(super) fn by_name(&mut self, section: Section, name: &[u8]) -> Vec<usize> {
        let pages = self.pages;
        let mut named = self.named(section, name);
        named.retain(|index| last(pages.entry(section, *index).key) == last(name));
        named
    }

    /// The entries with the hash of a name.
    fn named(&mut self, section: Section, name: &[u8]) -> Vec<usize> {
        let pages = self.pages;
        let Some(slot) = self.names.get_mut(section.index()) else {
            return Vec::new();
        };
        let index = slot.get_or_insert_with(|| {
            let names = pages.names(section).enumerate();
            sorted(names.map(|(index, name)| (u64::from(name), index)))
        });
        with_hash(index, u64::from(name_hash(name))).collect()
    }

    /// Adds the entries that were taken since the last time to a model. None where one is no entry.
    pub(super) fn read(&mut self, model: &mut Infrastructure) -> Option<()> {
        macro_rules! read {
            ($($section:ident => $map:expr;)*) => {$(
                let read = self.read_section(Section::$section, |key, entry| infra_model::Entry::complete(entry, key))?;
                if $map.is_empty() {
                    $map = read.into_iter().collect();
                } else {
                    $map.extend(read);
                }
            )*};
        }
        let (secrets, substitution) = (&mut model.secrets, &mut model.variable_substitution);
        read! {
            Services => model.services;
            Kustomizations => model.kustomizations;
            HelmReleases => model.helm_releases;
            Sources => model.sources;
            SecretProviderClasses => secrets.secret_provider_classes;
            ExternalSecrets => secrets.external_secrets;
            SecretStores => secrets.secret_stores;
            VaultSecrets => secrets.vault_secrets;
            SealedSecrets => secrets.sealed_secrets;
            Secrets => secrets.secrets;
            References => secrets.references;
            ConfigMaps => model.config_maps;
        }
        let groups = self.read_section(Section::ImageGroups, |_, _| ())?;
        model.image_groups.extend(groups);
        let variables = self.read_section(Section::Variables, |_, _| ())?;
        substitution.variables.extend(variables);
        let diagnostics = self.read_section(Section::Diagnostics, |_, _| ())?;
        model
            .diagnostics
            .extend(diagnostics.into_iter().map(|(_, diagnostic)| diagnostic));
        let undefined = self.read_section(Section::Undefined, |_, _| ())?;
        substitution
            .undefined
            .extend(undefined.into_iter().map(|(_, undefined)| undefined));
        resolve_targets(&mut model.services);
        Some(())
    }

    fn read_section<E: DeserializeOwned + Send>(
        &mut self,
        section: Section,
        complete: impl Fn(&str, &mut E) + Sync,
    ) -> Option<Vec<(String, E)>> {
        let mut wanted = Vec::new();
        for (index, taken) in self.taken.get_mut(section.index())? {
            if !taken.is_read {
                taken.is_read = true;
                wanted.push((*index, taken.shape));
            }
        }
        let pages = self.pages;
        let read = |(index, shape): &(usize, Shape)| {
            let (entry, value) = match (pages.kept(section, *index, *shape), shape) {
                (Some(entry), _) => (entry, serde_json::from_slice(entry.value)),
                (None, Shape::Full) => {
                    let entry = pages.entry(section, *index);
                    (entry, serde_json::from_slice(entry.value))
                }
                (None, Shape::Only(names)) => {
                    let entry = pages.entry(section, *index);
                    let mut reduced = Vec::new();
                    json::reduce(entry.value, names, &mut reduced);
                    (entry, serde_json::from_slice(&reduced))
                }
            };
            let key = unescaped(entry.key)?;
            let mut value = value.ok()?;
            complete(&key, &mut value);
            Some((key, value))
        };
        let found = in_parallel(&wanted, |wanted| {
            // Entries are large: none is moved to make room for more.
            let mut found = Vec::with_capacity(wanted.len());
            found.extend(wanted.iter().filter_map(read));
            found
        });
        (found.len() == wanted.len()).then_some(found)
    }
}

/// What follows the last slash of a key.
pub(super) fn last(key: &[u8]) -> &[u8] {
    memrchr(b'/', key).map_or(key, |slash| key.get(slash + 1..).unwrap_or_default())
}

/// A text from how it is written.
pub(super) fn unescaped(text: &[u8]) -> Option<String> {
    if !text.contains(&b'\\') {
        return std::str::from_utf8(text).ok().map(str::to_owned);
    }
    serde_json::from_slice(&[b"\"", text, b"\""].concat()).ok()
}

/// How a text is written, without quotes.
pub(super) fn escaped(text: &str) -> Vec<u8> {
    let quoted = serde_json::to_vec(text).unwrap_or_default();
    json::text(&quoted).unwrap_or_default().to_vec()
}

/// Hashes with entries, in order.
pub(super) fn sorted(hashes: impl Iterator<Item = (u64, usize)>) -> Index {
    let mut index: Index = hashes.collect();
    index.sort_unstable();
    index
}

/// The entries with a hash.
pub(super) fn with_hash(index: &Index, hash: u64) -> impl Iterator<Item = usize> {
    let from = index.partition_point(|(known, _)| *known < hash);
    let rest = index.get(from..).unwrap_or_default();
    rest.iter()
        .take_while(move |(known, _)| *known == hash)
        .map(|(_, index)| *index)
}

/// FNV-1a, which is quick for short texts. Whoever makes texts of one hash makes a question slow, and no answer wrong.
pub(super) fn hash(text: &[u8]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
