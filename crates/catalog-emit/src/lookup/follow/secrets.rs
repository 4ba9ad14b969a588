//! What makes or reads a Secret turns into all of its ways.

use std::collections::HashSet;

use super::{
    ExternalSecrets, Follow, MOST_MEANINGS, RUNNING, References, Root, SealedSecrets, SecretProviderClasses,
    SecretStores, Secrets, Section, Services, Shape, VaultSecrets, few_of_each, last,
};
use crate::lookup::json::{items, member, text};

impl<'p> Follow<'_, 'p> {
    /// What [`query::secret`](infra_query::secret()) looks at. None for very many Secrets and stores.
    pub(super) fn secret(&mut self, roots: &[Root]) -> Option<()> {
        for Root { index, .. } in few_of_each(roots)
            .into_iter()
            .filter(|root| root.section == Services)
        {
            self.release_of(index);
            self.secrets_of_service(index);
        }
        for way in self.ways(roots)? {
            // Any reader may be the one that commands are about.
            for service in self.readers(way) {
                if let Some(service) = self.take_by_key(Services, service, RUNNING) {
                    self.release_of(service);
                }
            }
            self.steps(way);
        }
        self.platform();
        Some(())
    }

    /// The secrets that a service reads, with all that makes them.
    pub(super) fn secrets_of_service(&mut self, service: usize) {
        let key = self.part.entry(Services, service).key;
        let quoted = [b"\"", key, b"\""].concat();
        for section in Section::OF_SECRETS {
            for index in self.part.pages.holding(section, &quoted) {
                self.part.take(section, index, Shape::Full);
                match section {
                    References => {
                        self.carriers_of(self.name(Root { section, index }));
                    }
                    _ => self.beside(Root { section, index }),
                }
            }
        }
    }

    /// Takes what makes or reads the same Secrets as some things do; that is, what the ways of these are made of.
    pub(super) fn ways(&mut self, roots: &[Root]) -> Option<Vec<Root>> {
        let searched = roots
            .iter()
            .filter(|root| matches!(root.section, References | SecretStores));
        if searched.count() > MOST_MEANINGS {
            return None;
        }
        let mut carriers: Vec<Root> = Vec::new();
        let mut names: HashSet<&'p [u8]> = HashSet::new();
        for root in roots.iter().copied() {
            match root.section {
                SecretStores => {
                    let quoted = [b"\"", self.name(root), b"\""].concat();
                    for index in self.part.pages.holding(ExternalSecrets, &quoted) {
                        self.part.take(ExternalSecrets, index, Shape::Full);
                        carriers.push(Root {
                            section: ExternalSecrets,
                            index,
                        });
                    }
                }
                References => {
                    let name = self.name(root);
                    names.insert(name);
                    carriers.extend(self.carriers_of(name));
                }
                section if Section::OF_SECRETS.contains(&section) => carriers.push(root),
                _ => {}
            }
        }
        for carrier in &carriers {
            self.beside(*carrier);
            names.extend(self.made_by(*carrier));
        }
        let mut ways = carriers;
        for name in names {
            let references = self.take_by_name(References, name, Shape::Full);
            ways.extend(references.into_iter().map(|index| Root {
                section: References,
                index,
            }));
        }
        Some(ways)
    }

    /// Keys of services that mount or read what an entry is about.
    pub(super) fn readers(&self, Root { section, index }: Root) -> HashSet<&'p [u8]> {
        match section {
            References => self.items(section, index, "usage", "service").collect(),
            SecretProviderClasses => items(self.value(section, index, "secrets").unwrap_or_default())
                .filter_map(|(_, secret)| member(secret, "mounts"))
                .flat_map(items)
                .filter_map(|(_, mount)| text(member(mount, "service")?))
                .collect(),
            _ => HashSet::new(),
        }
    }

    /// What makes a Secret of this name, in any namespace.
    fn carriers_of(&mut self, name: &[u8]) -> Vec<Root> {
        let quoted = [b"\"", name, b"\""].concat();
        let mut carriers = Vec::new();
        for section in Section::OF_SECRETS
            .into_iter()
            .filter(|section| *section != References)
        {
            for index in self.part.pages.holding(section, &quoted) {
                self.part.take(section, index, Shape::Full);
                self.beside(Root { section, index });
                carriers.push(Root { section, index });
            }
        }
        carriers
    }

    /// The names of the Secrets that an entry makes.
    fn made_by(&self, Root { section, index }: Root) -> Vec<&'p [u8]> {
        match section {
            SecretProviderClasses => self.items(section, index, "secrets", "k8sSecretName").collect(),
            ExternalSecrets | SealedSecrets => self.text(section, index, "target").into_iter().collect(),
            VaultSecrets => self.text(section, index, "destination").into_iter().collect(),
            Secrets => vec![self.name(Root { section, index })],
            _ => Vec::new(),
        }
    }

    /// What is told of a carrier: the store that an ExternalSecret reads, the Kustomization that applies a Secret.
    fn beside(&mut self, Root { section, index }: Root) {
        if section == Secrets {
            self.kustomization_of(section, index);
        }
        if section == ExternalSecrets
            && let Some(store) = self.value(section, index, "store")
            && let Some(name) = member(store, "name").and_then(text)
        {
            self.take_by_name(SecretStores, name, Shape::Full);
        }
    }

    /// The plain name of an entry.
    pub(super) fn name(&self, Root { section, index }: Root) -> &'p [u8] {
        match self.text(section, index, "name") {
            Some(name) => name,
            None => last(self.part.entry(section, index).key),
        }
    }
}
