//! Catalogs on disk as [`Facts`], of which only what a question asks for is parsed.
//!
//! A large catalog takes far longer to parse than to search. [`lines`] finds the entry on each line, [`section`] searches and
//! parses them, [`entry`] says how each kind of entry is read.

mod entry;
mod lines;
mod section;

use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

use camino::Utf8Path;
use infra_model::config::{ConfigMap, UndefinedVariable, Variable, VariableSource};
use infra_model::flux::{HelmRelease, Kustomization, Source};
use infra_model::knowledge::Knowledge;
use infra_model::secrets::{
    ExternalSecret, SealedSecret, Secret, SecretProviderClass, SecretReference, SecretStore, VaultSecret,
};
use infra_model::service::{ImageGroup, Service};
use infra_model::{Diagnostic, Infrastructure, Metadata};
use infra_query::{Entries, Facts};
use serde::de::DeserializeOwned;

use crate::catalog::Catalog as _;
use crate::catalogs::Catalogs;
use crate::one_set::OneSet;
use crate::read::{CatalogFile, ReadError, cluster_folder, is_named};
use crate::{ConfigMapsFile, FluxResourcesFile, SecretsMapFile, ServicesFile};

use lines::{Line, Lines};
use section::{FirstError, Section};

/// The catalogs of one cluster, parsed entry by entry.
///
/// An entry that cannot be read is left out, so an answer counts only while [`CatalogStore::check`] finds no error.
pub struct CatalogStore {
    error: FirstError,
    /// What is no entry of a section.
    rest: Infrastructure,
    services: Section<Service>,
    image_groups: Section<ImageGroup>,
    kustomizations: Section<Kustomization>,
    helm_releases: Section<HelmRelease>,
    sources: Section<Source>,
    diagnostics: List<Diagnostic>,
    secret_provider_classes: Section<SecretProviderClass>,
    external_secrets: Section<ExternalSecret>,
    secret_stores: Section<SecretStore>,
    vault_secrets: Section<VaultSecret>,
    sealed_secrets: Section<SealedSecret>,
    secrets: Section<Secret>,
    references: Section<SecretReference>,
    config_maps: Section<ConfigMap>,
    variables: Section<Variable>,
    variable_sources: List<VariableSource>,
    undefined: List<UndefinedVariable>,
}

/// The entries of a list.
struct List<E> {
    file: Rc<CatalogFile>,
    lines: Vec<Range<usize>>,
    entries: OnceCell<Vec<E>>,
}

impl CatalogStore {
    /// Opens the catalogs of a cluster in a data folder; `cluster` names one where there are several.
    ///
    /// # Errors
    /// [`ReadError`]; for an entry that cannot be read, only [`CatalogStore::check`] after it was asked for.
    pub fn open(data_dir: &Utf8Path, cluster: Option<&str>) -> Result<Self, ReadError> {
        let folder = cluster_folder(data_dir, cluster)?;
        let mut set = OneSet::open(&folder);
        let mut read = |name| CatalogFile::read(&mut set, name).map(Rc::new);
        let files = [
            read(ServicesFile::FILE_NAME)?,
            read(FluxResourcesFile::FILE_NAME)?,
            read(SecretsMapFile::FILE_NAME)?,
            read(ConfigMapsFile::FILE_NAME)?,
        ];
        let [services, flux_resources, secrets_map, config_maps] = &files;
        let parse = |texts: [&str; 4]| -> Result<Infrastructure, ReadError> {
            let [a, b, c, d] = texts;
            Ok(Infrastructure::from(Catalogs {
                services: services.parse(a)?,
                flux_resources: flux_resources.parse(b)?,
                secrets_map: secrets_map.parse(c)?,
                config_maps: config_maps.parse(d)?,
            }))
        };
        let split = files.each_ref().map(|file| lines::split(&file.text));
        let store = match split {
            [Some(a), Some(b), Some(c), Some(d)] => {
                let rest = parse([&a.frame, &b.frame, &c.frame, &d.frame])?;
                CatalogStore::new(rest, &files, [a, b, c, d])
            }
            _ => CatalogStore::from(parse(files.each_ref().map(|file| file.text.as_str()))?),
        };
        is_named(&store.rest.metadata, data_dir, cluster)?;
        Ok(store)
    }

    /// The first entry that was asked for and cannot be read.
    ///
    /// # Errors
    /// [`ReadError::Invalid`]
    pub fn check(&self) -> Result<(), &ReadError> {
        self.error.get().map_or(Ok(()), Err)
    }

    fn new(rest: Infrastructure, files: &[Rc<CatalogFile>; 4], mut lines: [Lines; 4]) -> Self {
        let error = FirstError::default();
        let mut take = |file: usize, name: &str| -> (Rc<CatalogFile>, Vec<Line>) {
            let lines = lines.get_mut(file).and_then(|lines| lines.sections.remove(name));
            (
                files.get(file).map(Rc::clone).unwrap_or_default(),
                lines.unwrap_or_default(),
            )
        };
        macro_rules! section {
            ($file:literal, $name:literal) => {{
                let (file, lines) = take($file, $name);
                Section::new(file, Rc::clone(&error), lines)
            }};
        }
        CatalogStore {
            services: section!(0, "services"),
            image_groups: section!(0, "imageGroups"),
            kustomizations: section!(1, "kustomizations"),
            helm_releases: section!(1, "helmReleases"),
            sources: section!(1, "sources"),
            diagnostics: List::new(take(1, "diagnostics")),
            secret_provider_classes: section!(2, "secretProviderClasses"),
            external_secrets: section!(2, "externalSecrets"),
            secret_stores: section!(2, "secretStores"),
            vault_secrets: section!(2, "vaultSecrets"),
            sealed_secrets: section!(2, "sealedSecrets"),
            secrets: section!(2, "secrets"),
            references: section!(2, "references"),
            config_maps: section!(3, "configMaps"),
            variables: section!(3, "variableSubstitution/variables"),
            variable_sources: List::new(take(3, "variableSubstitution/sources")),
            undefined: List::new(take(3, "variableSubstitution/undefined")),
            error,
            rest,
        }
    }
}

impl From<Infrastructure> for CatalogStore {
    /// A store in which everything is parsed.
    fn from(mut model: Infrastructure) -> Self {
        use std::mem::take;

        let (secrets, substitution) = (&mut model.secrets, &mut model.variable_substitution);
        CatalogStore {
            error: Rc::default(),
            services: Section::parsed(take(&mut model.services)),
            image_groups: Section::parsed(take(&mut model.image_groups)),
            kustomizations: Section::parsed(take(&mut model.kustomizations)),
            helm_releases: Section::parsed(take(&mut model.helm_releases)),
            sources: Section::parsed(take(&mut model.sources)),
            diagnostics: List::parsed(take(&mut model.diagnostics)),
            secret_provider_classes: Section::parsed(take(&mut secrets.secret_provider_classes)),
            external_secrets: Section::parsed(take(&mut secrets.external_secrets)),
            secret_stores: Section::parsed(take(&mut secrets.secret_stores)),
            vault_secrets: Section::parsed(take(&mut secrets.vault_secrets)),
            sealed_secrets: Section::parsed(take(&mut secrets.sealed_secrets)),
            secrets: Section::parsed(take(&mut secrets.secrets)),
            references: Section::parsed(take(&mut secrets.references)),
            config_maps: Section::parsed(take(&mut model.config_maps)),
            variables: Section::parsed(take(&mut substitution.variables)),
            variable_sources: List::parsed(take(&mut substitution.sources)),
            undefined: List::parsed(take(&mut substitution.undefined)),
            rest: model,
        }
    }
}

impl<E> List<E> {
    fn new((file, lines): (Rc<CatalogFile>, Vec<Line>)) -> Self {
        List {
            file,
            lines: lines.into_iter().map(|line| line.value).collect(),
            entries: OnceCell::new(),
        }
    }

    fn parsed(entries: Vec<E>) -> Self {
        List {
            file: Rc::default(),
            lines: Vec::new(),
            entries: OnceCell::from(entries),
        }
    }

    fn entries(&self, first_error: &FirstError) -> &[E]
    where
        E: DeserializeOwned,
    {
        let read = |line: &Range<usize>| {
            let text = self.file.text.get(line.clone()).unwrap_or_default();
            let entry = serde_json::from_str(text).map_err(|error| {
                let _ = first_error.set(self.file.invalid_at(line.start, &error));
            });
            entry.ok()
        };
        self.entries
            .get_or_init(|| self.lines.iter().filter_map(read).collect())
    }
}

impl Facts for CatalogStore {
    fn metadata(&self) -> &Metadata {
        &self.rest.metadata
    }

    fn knowledge(&self) -> &Knowledge {
        &self.rest.knowledge
    }

    fn diagnostics(&self) -> &[Diagnostic] {
        self.diagnostics.entries(&self.error)
    }

    fn variable_sources(&self) -> &[VariableSource] {
        self.variable_sources.entries(&self.error)
    }

    fn undefined(&self) -> &[UndefinedVariable] {
        self.undefined.entries(&self.error)
    }

    fn services(&self) -> &dyn Entries<Service> {
        &self.services
    }

    fn image_groups(&self) -> &dyn Entries<ImageGroup> {
        &self.image_groups
    }

    fn kustomizations(&self) -> &dyn Entries<Kustomization> {
        &self.kustomizations
    }

    fn helm_releases(&self) -> &dyn Entries<HelmRelease> {
        &self.helm_releases
    }

    fn sources(&self) -> &dyn Entries<Source> {
        &self.sources
    }

    fn secret_provider_classes(&self) -> &dyn Entries<SecretProviderClass> {
        &self.secret_provider_classes
    }

    fn external_secrets(&self) -> &dyn Entries<ExternalSecret> {
        &self.external_secrets
    }

    fn secret_stores(&self) -> &dyn Entries<SecretStore> {
        &self.secret_stores
    }

    fn vault_secrets(&self) -> &dyn Entries<VaultSecret> {
        &self.vault_secrets
    }

    fn sealed_secrets(&self) -> &dyn Entries<SealedSecret> {
        &self.sealed_secrets
    }

    fn secrets(&self) -> &dyn Entries<Secret> {
        &self.secrets
    }

    fn secret_references(&self) -> &dyn Entries<SecretReference> {
        &self.references
    }

    fn config_maps(&self) -> &dyn Entries<ConfigMap> {
        &self.config_maps
    }

    fn variables(&self) -> &dyn Entries<Variable> {
        &self.variables
    }
}
