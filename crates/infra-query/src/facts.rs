//! The facts that questions are asked of: a model in memory, or catalogs of which only the needed entries are parsed.

use std::collections::BTreeMap;

use infra_model::config::{ConfigMap, UndefinedVariable, Variable, VariableSource};
use infra_model::flux::{HelmRelease, Kustomization, Source};
use infra_model::knowledge::Knowledge;
use infra_model::object::OtherObject;
use infra_model::secrets::{
    ExternalSecret, SealedSecret, Secret, SecretProviderClass, SecretReference, SecretStore, VaultSecret,
};
use infra_model::service::{ImageGroup, Service};
use infra_model::{Diagnostic, Infrastructure, Key, Metadata, NotApplied};

/// Prefix of the names of clusters that others reach by `spec.kubeConfig`.
pub const REMOTE: &str = "remote/";

/// Whether facts are those of a cluster that another one reaches by `spec.kubeConfig`.
pub fn is_remote(facts: &dyn Facts) -> bool {
    let name = facts.metadata().cluster_name.as_deref();
    name.is_some_and(|name| name.starts_with(REMOTE))
}

/// A key with its entry.
pub type Keyed<'a, E> = (&'a str, &'a E);

/// The entries of one section, in key order.
pub trait Entries<E> {
    /// The entry with a key, and the key.
    fn get_key_value(&self, key: &str) -> Option<Keyed<'_, E>>;

    /// The entry with a key.
    fn get(&self, key: &str) -> Option<&E> {
        self.get_key_value(key).map(|(_, entry)| entry)
    }

    /// Every entry.
    fn iter(&self) -> Box<dyn Iterator<Item = Keyed<'_, E>> + '_>;

    /// The entries in which one of some texts occurs, whatever the case of its ASCII letters. It may return other
    /// entries too: it only saves reading most of the rest, so check each.
    ///
    /// The texts must be printable ASCII without `"` and `\`, which all catalogs write unescaped.
    fn mentioning(&self, texts: &[&str]) -> Box<dyn Iterator<Item = Keyed<'_, E>> + '_>;
}

/// All facts of one cluster.
///
/// ```
/// use infra_model::{Infrastructure, service::Service};
/// use infra_query::{Facts, where_is};
///
/// let mut model = Infrastructure::default();
/// let papi = Service { name: "papi".into(), namespace: "backend".into(), ..Service::default() };
/// model.services.insert("papi".into(), papi);
///
/// let facts: &dyn Facts = &model;
/// assert_eq!(facts.services().get("papi").unwrap().namespace, "backend");
/// assert!(where_is(facts, "papi").is_ok());
/// ```
pub trait Facts {
    /// Repository, cluster and revision of the scan.
    fn metadata(&self) -> &Metadata;
    /// The contents of the knowledge file.
    fn knowledge(&self) -> &Knowledge;
    /// Findings, sorted by file and line.
    fn diagnostics(&self) -> &[Diagnostic];
    /// Objects and values in the repository that Flux does not apply.
    fn not_applied(&self) -> &[NotApplied];
    /// ConfigMaps and Secrets that Kustomizations take variables from.
    fn variable_sources(&self) -> &[VariableSource];
    /// Uses of variables that nothing defines.
    fn undefined(&self) -> &[UndefinedVariable];

    /// Workloads and HelmReleases.
    fn services(&self) -> &dyn Entries<Service>;
    /// The places that decide the images of services.
    fn image_groups(&self) -> &dyn Entries<ImageGroup>;
    /// Flux Kustomizations.
    fn kustomizations(&self) -> &dyn Entries<Kustomization>;
    /// HelmReleases.
    fn helm_releases(&self) -> &dyn Entries<HelmRelease>;
    /// Sources.
    fn sources(&self) -> &dyn Entries<Source>;
    /// Applied objects of kinds without a section.
    fn objects(&self) -> &dyn Entries<OtherObject>;
    /// SecretProviderClasses.
    fn secret_provider_classes(&self) -> &dyn Entries<SecretProviderClass>;
    /// ExternalSecrets and ClusterExternalSecrets.
    fn external_secrets(&self) -> &dyn Entries<ExternalSecret>;
    /// SecretStores and ClusterSecretStores.
    fn secret_stores(&self) -> &dyn Entries<SecretStore>;
    /// VaultStaticSecrets and the other kinds of the Vault operator and injector.
    fn vault_secrets(&self) -> &dyn Entries<VaultSecret>;
    /// SealedSecrets.
    fn sealed_secrets(&self) -> &dyn Entries<SealedSecret>;
    /// Secrets in the repository.
    fn secrets(&self) -> &dyn Entries<Secret>;
    /// Secrets that something reads.
    fn secret_references(&self) -> &dyn Entries<SecretReference>;
    /// ConfigMaps.
    fn config_maps(&self) -> &dyn Entries<ConfigMap>;
    /// Substitution variables.
    fn variables(&self) -> &dyn Entries<Variable>;
}

/// Implements the sections of [`Facts`], each with the field that has its entries.
#[macro_export]
macro_rules! fact_sections {
    ($($section:ident: $entry:ty = $($field:ident).+,)*) => {
        $(fn $section(&self) -> &dyn $crate::Entries<$entry> {
            &self.$($field).+
        })*
    };
}

/// The entries in which a name may occur.
pub(crate) fn mentioning<'a, E>(
    section: &'a dyn Entries<E>,
    name: &str,
) -> Box<dyn Iterator<Item = Keyed<'a, E>> + 'a> {
    entries(section, &[name])
}

/// The entries in which one of some texts may occur; all entries if there are no texts.
pub(crate) fn entries<'a, E>(
    section: &'a dyn Entries<E>,
    texts: &[&str],
) -> Box<dyn Iterator<Item = Keyed<'a, E>> + 'a> {
    match texts {
        [] => section.iter(),
        texts if texts.iter().all(|text| is_searchable(text)) => section.mentioning(texts),
        _ => section.iter(),
    }
}

/// Whether catalogs write a text unescaped, so that the entries which mention it can be found by a search.
pub(crate) fn is_searchable(text: &str) -> bool {
    // A path in Vault is also known with `data` in it, which entries do not contain.
    !"data".contains(text)
        && text.trim() == text
        && text
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
}

impl<E> Entries<E> for BTreeMap<Key, E> {
    fn get_key_value(&self, key: &str) -> Option<Keyed<'_, E>> {
        let (key, entry) = BTreeMap::get_key_value(self, key)?;
        Some((key, entry))
    }

    fn iter(&self) -> Box<dyn Iterator<Item = Keyed<'_, E>> + '_> {
        Box::new(BTreeMap::iter(self).map(|(key, entry)| (key.as_str(), entry)))
    }

    fn mentioning(&self, _texts: &[&str]) -> Box<dyn Iterator<Item = Keyed<'_, E>> + '_> {
        Entries::iter(self)
    }
}

impl Facts for Infrastructure {
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    fn not_applied(&self) -> &[NotApplied] {
        &self.not_applied
    }

    fn variable_sources(&self) -> &[VariableSource] {
        &self.variable_substitution.sources
    }

    fn undefined(&self) -> &[UndefinedVariable] {
        &self.variable_substitution.undefined
    }

    fact_sections! {
        services: Service = services,
        image_groups: ImageGroup = image_groups,
        kustomizations: Kustomization = kustomizations,
        helm_releases: HelmRelease = helm_releases,
        sources: Source = sources,
        objects: OtherObject = objects,
        secret_provider_classes: SecretProviderClass = secrets.secret_provider_classes,
        external_secrets: ExternalSecret = secrets.external_secrets,
        secret_stores: SecretStore = secrets.secret_stores,
        vault_secrets: VaultSecret = secrets.vault_secrets,
        sealed_secrets: SealedSecret = secrets.sealed_secrets,
        secrets: Secret = secrets.secrets,
        secret_references: SecretReference = secrets.references,
        config_maps: ConfigMap = config_maps,
        variables: Variable = variable_substitution.variables,
    }
}
