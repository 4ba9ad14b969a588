//! Catalogs on disk as [`Facts`]. Only the entries that a question asks for are parsed.
//!
//! A large catalog takes far longer to parse than to search. [`lines`] finds the entry on each line, [`section`] searches and
//! parses them, [`entry`] completes them.

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
use infra_model::object::OtherObject;
use infra_model::secrets::{
    ExternalSecret, SealedSecret, Secret, SecretProviderClass, SecretReference, SecretStore, VaultSecret,
};
use infra_model::service::{ImageGroup, Service};
use infra_model::{Diagnostic, Infrastructure, Metadata, NotApplied};
use infra_query::Facts;
use serde::de::DeserializeOwned;

use crate::catalog::Catalog as _;
use crate::catalogs::Catalogs;
use crate::open_files::OpenFiles;
use crate::read::{CatalogFile, ReadError, check_name, cluster_folder};
use crate::{ConfigMapsFile, FluxResourcesFile, SecretsMapFile, ServicesFile};

use lines::{Line, Lines};
use section::{FirstError, Section};

/// Declares the store: for each section and list the type of its entries, its file and name there, and the field of the model.
macro_rules! catalog_store {
    (
        sections { $($section:ident: $entry:ty = $file:ident[$name:literal], $($field:ident).+;)* }
        lists { $($list:ident: $item:ty = $list_file:ident[$list_name:literal], $($list_field:ident).+;)* }
    ) => {
        /// The catalogs of one cluster, parsed entry by entry.
        ///
        /// An entry that cannot be read is left out, so an answer counts only while [`CatalogStore::check`] finds no error.
        pub struct CatalogStore {
            error: FirstError,
            /// The model without the sections and lists.
            rest: Infrastructure,
            $($section: Section<$entry>,)*
            $($list: List<$item>,)*
        }

        impl CatalogStore {
            fn new(rest: Infrastructure, mut files: Files<SplitFile<'_>>) -> Self {
                let error = FirstError::default();
                CatalogStore {
                    $($section: {
                        let (file, lines) = files.$file.take($name);
                        Section::new(file, Rc::clone(&error), lines)
                    },)*
                    $($list: List::new(files.$list_file.take($list_name)),)*
                    error,
                    rest,
                }
            }
        }

        impl From<Infrastructure> for CatalogStore {
            /// A store whose entries are all parsed.
            fn from(mut model: Infrastructure) -> Self {
                CatalogStore {
                    error: Rc::default(),
                    $($section: Section::parsed(std::mem::take(&mut model.$($field).+)),)*
                    $($list: List::parsed(std::mem::take(&mut model.$($list_field).+)),)*
                    rest: model,
                }
            }
        }

        impl Facts for CatalogStore {
            fn metadata(&self) -> &Metadata {
                &self.rest.metadata
            }

            fn knowledge(&self) -> &Knowledge {
                &self.rest.knowledge
            }

            $(fn $list(&self) -> &[$item] {
                self.$list.entries(&self.error)
            })*

            infra_query::fact_sections! { $($section: $entry = $section,)* }
        }
    };
}

catalog_store! {
    sections {
        services: Service = services["services"], services;
        image_groups: ImageGroup = services["imageGroups"], image_groups;
        kustomizations: Kustomization = flux_resources["kustomizations"], kustomizations;
        helm_releases: HelmRelease = flux_resources["helmReleases"], helm_releases;
        sources: Source = flux_resources["sources"], sources;
        objects: OtherObject = flux_resources["objects"], objects;
        secret_provider_classes: SecretProviderClass = secrets_map["secretProviderClasses"], secrets.secret_provider_classes;
        external_secrets: ExternalSecret = secrets_map["externalSecrets"], secrets.external_secrets;
        secret_stores: SecretStore = secrets_map["secretStores"], secrets.secret_stores;
        vault_secrets: VaultSecret = secrets_map["vaultSecrets"], secrets.vault_secrets;
        sealed_secrets: SealedSecret = secrets_map["sealedSecrets"], secrets.sealed_secrets;
        secrets: Secret = secrets_map["secrets"], secrets.secrets;
        secret_references: SecretReference = secrets_map["references"], secrets.references;
        config_maps: ConfigMap = config_maps["configMaps"], config_maps;
        variables: Variable = config_maps["variableSubstitution/variables"], variable_substitution.variables;
    }
    lists {
        not_applied: NotApplied = flux_resources["notApplied"], not_applied;
        diagnostics: Diagnostic = flux_resources["diagnostics"], diagnostics;
        variable_sources: VariableSource = config_maps["variableSubstitution/sources"], variable_substitution.sources;
        undefined: UndefinedVariable = config_maps["variableSubstitution/undefined"], variable_substitution.undefined;
    }
}

/// A value for each of the four files.
struct Files<T> {
    services: T,
    flux_resources: T,
    secrets_map: T,
    config_maps: T,
}

/// A file split into lines with entries.
struct SplitFile<'f> {
    file: &'f Rc<CatalogFile>,
    lines: Lines,
}

impl SplitFile<'_> {
    /// The file, and the entries of one of its sections.
    fn take(&mut self, name: &str) -> (Rc<CatalogFile>, Vec<Line>) {
        let lines = self.lines.sections.remove(name);
        (Rc::clone(self.file), lines.unwrap_or_default())
    }
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
    /// [`ReadError`]. An entry that cannot be read is an error of [`CatalogStore::check`] only, once it was asked for.
    pub fn open(data_dir: &Utf8Path, cluster: Option<&str>) -> Result<Self, ReadError> {
        let folder = cluster_folder(data_dir, cluster)?;
        let mut set = OpenFiles::open(&folder);
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
        let lines = files.each_ref().map(|file| lines::split(&file.text));
        let store = match lines {
            [Some(a), Some(b), Some(c), Some(d)] => {
                let rest = parse([&a.frame, &b.frame, &c.frame, &d.frame])?;
                let split = |file, lines| SplitFile { file, lines };
                let files = Files {
                    services: split(services, a),
                    flux_resources: split(flux_resources, b),
                    secrets_map: split(secrets_map, c),
                    config_maps: split(config_maps, d),
                };
                CatalogStore::new(rest, files)
            }
            _ => CatalogStore::from(parse(files.each_ref().map(|file| file.text.as_str()))?),
        };
        check_name(&store.rest.metadata, data_dir, cluster)?;
        Ok(store)
    }

    /// The first entry that was asked for and cannot be read.
    ///
    /// # Errors
    /// [`ReadError::Invalid`]
    pub fn check(&self) -> Result<(), &ReadError> {
        self.error.get().map_or(Ok(()), Err)
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
