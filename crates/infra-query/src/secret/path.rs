//! Paths of secrets, from the store to the containers that read them.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::config::Usage;
use infra_model::secrets::{
    ExternalSecret, Mount, ProducedBy, ProvidedSecret, SecretProviderClass, SecretReference, SecretStore,
    VaultSecret,
};
use infra_model::{NotApplied, Place, Written};

use crate::copies::maker;
use crate::facts::{entries, mentioning};
use crate::find::{host, is_path};
use crate::graph::links::{release_of, store_of};
use crate::{Facts, Keyed, Subject};

use super::maker::{has_unknown_chart, may_be_copied, may_be_made};

/// Namespace and name of a Secret in the cluster.
pub(crate) type SecretName<'a> = (&'a str, &'a str);

/// The path of a secret.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecretPath<'a> {
    /// Its origin, such as `shared/data/secrets#secrets.py`; `None` if the repository has it or it is not known.
    pub origin: Option<String>,
    /// All forms of the origin, without its key.
    origins: Vec<String>,
    /// The object that fetches or contains it; `None` if the repository has none.
    pub carrier: Option<Subject<'a>>,
    /// The store that an ExternalSecret reads.
    pub store: Option<Keyed<'a, SecretStore>>,
    /// The Secret in the cluster; `None` for a secret that is only mounted.
    pub secret: Option<SecretName<'a>>,
    /// The keys of the Secret that it is put into, or that the template of an ExternalSecret makes of it.
    pub fills: Vec<Filled<'a>>,
    /// The original of a copied Secret, as `namespace/name`, and the object that copies it.
    pub copy: Option<(&'a str, Option<&'a str>)>,
    /// The object that makes the Secret, if it is not a carrier.
    pub maker: Option<Subject<'a>>,
    /// Whether a chart that was not rendered may make the Secret.
    pub unknown: bool,
    /// Whether no chart in its namespace may make it, so that it can only be a copy.
    pub perhaps_copied: bool,
    /// The place of the Secret in the repository, if nothing applies it.
    pub not_applied: Option<&'a Place>,
    /// Whether the template of an ExternalSecret does not read it, so that it never gets into the Secret.
    pub left_out: bool,
    /// Whether the Secret is never made, since no pod mounts its SecretProviderClass.
    pub unmounted: bool,
    /// Whether a chart in its namespace that is not available may read it.
    pub may_be_read: bool,
    /// Files in containers.
    pub mounts: Vec<&'a Mount>,
    /// Uses of the Secret.
    pub usage: Vec<&'a Usage>,
    /// The file that an injector writes, and the services into whose pods it is written.
    pub injected: Option<(&'a str, &'a [String])>,
}

/// A key of a Secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled<'a> {
    /// The key.
    pub key: &'a str,
    /// The fetched keys that its template reads, if these are others.
    pub reads: Vec<&'a str>,
    /// The hosts that its template states, such as `postgresql://db.svc:5432`.
    pub states: Vec<&'a str>,
}

impl<'a> SecretPath<'a> {
    /// Keys of the services that read it, and `Kind/<key>` of other readers; sorted.
    pub fn readers(&self) -> BTreeSet<&'a str> {
        let mounts = self.mounts.iter().map(|mount| mount.service.as_str());
        let usage = self.usage.iter().filter_map(|usage| reader(usage));
        let injected = self.injected.iter().flat_map(|(_, services)| services.iter());
        mounts.chain(usage).chain(injected.map(String::as_str)).collect()
    }

    /// Whether its origin is a path in a store, as written or as substituted, with or without the mount; a path with a
    /// key has to be that of this key.
    pub(super) fn is_from(&self, path: &str) -> bool {
        let key = path.split_once('#').map(|(_, key)| key.trim());
        let own = self.origin.as_deref().and_then(|origin| origin.split_once('#'));
        self.origins.iter().any(|origin| is_path(origin, path))
            && match (key, own) {
                (Some(key), Some((_, own))) => own.eq_ignore_ascii_case(key),
                _ => true,
            }
    }

    /// Whether it leads to a Secret that something reads.
    pub(crate) fn is_of(&self, reference: &SecretReference) -> bool {
        self.secret
            .is_some_and(|secret| names_of(reference).any(|name| name == secret))
    }

    /// Whether its origin is a path in a store that contains a word.
    pub(super) fn is_from_word(&self, word: &str) -> bool {
        const SHORTEST: usize = 3;
        let word = word.trim().to_lowercase();
        let mut origins = self.origins.iter();
        word.len() >= SHORTEST && origins.any(|origin| origin.to_lowercase().contains(&word))
    }

    /// Whether its origin is in a store that a term means: by its provider, its host, or its Key Vault.
    pub(super) fn is_of_store(&self, term: &str) -> bool {
        let is = |text: &str| text.eq_ignore_ascii_case(term) || host(text).eq_ignore_ascii_case(host(term));
        let is_written = |text: &Option<Written>| text.as_ref().is_some_and(|text| is(text.value()));
        match (self.store, self.carrier) {
            (Some((_, store)), _) => store.provider.as_deref().is_some_and(is) || is_written(&store.server),
            (None, Some(Subject::SecretProviderClass(_, class))) => {
                is(&class.provider) || is_written(&class.keyvault_name) || is_written(&class.vault_address)
            }
            (None, Some(Subject::VaultSecret(_, secret))) => {
                term.eq_ignore_ascii_case("vault") || secret.address.as_deref().is_some_and(is)
            }
            _ => false,
        }
    }

    /// The path with only the uses of a service; `None` if it has none.
    fn for_service(mut self, service: &str, is_own: &dyn Fn(&Usage) -> bool) -> Option<Self> {
        self.mounts.retain(|mount| mount.service == service);
        self.usage.retain(|usage| is_own(usage));
        let is_injected = self
            .injected
            .is_some_and(|(_, services)| services.iter().any(|one| one == service));
        (is_injected || !self.mounts.is_empty() || !self.usage.is_empty()).then_some(self)
    }
}

/// The key of the service or object that uses a Secret or ConfigMap.
pub(crate) fn reader(usage: &Usage) -> Option<&str> {
    usage.service.as_deref().or(usage.object.as_deref())
}

/// The paths of a service's secrets, by carrier.
pub(crate) fn paths_of_service<'a>(facts: &'a dyn Facts, service: &str) -> Vec<SecretPath<'a>> {
    // Values are read by the HelmRelease and not by a service.
    let own = facts.services().get(service);
    let own = own.filter(|service| service.workload.is_none());
    let release = own.and_then(|service| release_of(facts, service));
    let release = release.map(|(key, _)| format!("HelmRelease/{key}"));
    let is_own = |usage: &Usage| {
        usage.service.as_deref() == Some(service)
            || (release.is_some() && usage.object.as_deref() == release.as_deref())
    };
    let mentioned = [Some(service), release.as_deref()].into_iter().flatten();
    let references = mentioned.flat_map(|text| mentioning(facts.secret_references(), text));
    let references = references.filter(|(_, reference)| reference.usage.iter().any(is_own));
    let names = references.map(|(_, reference)| reference.name.as_str());
    let texts: BTreeSet<&str> = names.chain([service]).collect();
    let texts: Vec<&str> = texts.into_iter().collect();
    let paths = collect(facts, &texts).into_iter();
    paths
        .filter_map(|path| path.for_service(service, &is_own))
        .collect()
}

/// The paths of all secrets, by carrier.
pub(crate) fn paths(facts: &dyn Facts) -> Vec<SecretPath<'_>> {
    let mut paths = collect(facts, &[]);
    if paths.iter().any(|path| path.readers().is_empty()) {
        let releases = facts.helm_releases().iter();
        let unknown = releases.filter(|(_, release)| release.is_chart_unknown());
        let namespaces = unknown.map(|(_, release)| release.release_namespace.as_str());
        let unknown: BTreeSet<&str> = namespaces.collect();
        for path in &mut paths {
            let (namespace, _) = path.secret.unwrap_or_default();
            path.may_be_read = path.readers().is_empty() && unknown.contains(namespace);
        }
    }
    paths
}

/// The paths that mention one of the texts, and perhaps others; all paths if there are no texts.
fn collect<'a>(facts: &'a dyn Facts, texts: &[&str]) -> Vec<SecretPath<'a>> {
    let references: Vec<&SecretReference> = entries(facts.secret_references(), texts)
        .map(|(_, reference)| reference)
        .collect();
    let mut uses: BTreeMap<SecretName<'a>, Vec<&'a Usage>> = BTreeMap::new();
    for reference in &references {
        for name in names_of(reference) {
            uses.entry(name).or_default().extend(&reference.usage);
        }
    }
    let uses = |secret: SecretName<'a>| uses.get(&secret).cloned().unwrap_or_default();
    let mut paths = Vec::new();
    for (key, class) in entries(facts.secret_provider_classes(), texts) {
        let provided = class.secrets.iter();
        paths.extend(provided.map(|provided| of_provided_secret(key, class, provided, uses)));
    }
    for (key, secret) in entries(facts.external_secrets(), texts) {
        of_external_secret(facts, key, secret, uses, &mut paths);
    }
    for (key, secret) in entries(facts.vault_secrets(), texts) {
        paths.push(of_vault_secret(key, secret, uses));
    }
    let held = |carrier: Subject<'a>, secret: SecretName<'a>| SecretPath {
        carrier: Some(carrier),
        usage: uses(secret),
        secret: Some(secret),
        ..SecretPath::default()
    };
    for (key, sealed) in entries(facts.sealed_secrets(), texts) {
        let secret = (sealed.namespace.as_str(), sealed.target.as_str());
        paths.push(held(Subject::SealedSecret(key, sealed), secret));
    }
    for (key, stated) in entries(facts.secrets(), texts) {
        let secret = (stated.namespace.as_str(), stated.name.as_str());
        paths.push(held(Subject::Secret(key, stated), secret));
    }
    unexplained_uses(&references, &mut paths);
    let carried: BTreeSet<SecretName<'_>> = paths.iter().filter_map(|path| path.secret).collect();
    let others = references
        .into_iter()
        .filter(|reference| !names_of(reference).any(|name| carried.contains(&name)));
    paths.extend(others.map(|reference| of_reference(facts, reference)));
    paths
}

/// Adds a path for the uses of a Secret that its other paths do not have, such as those of missing keys, behind its
/// last one.
fn unexplained_uses<'a>(references: &[&'a SecretReference], paths: &mut Vec<SecretPath<'a>>) {
    for reference in references {
        let is_of = |path: &SecretPath<'_>| path.is_of(reference);
        let mut last = None;
        for (position, path) in paths.iter_mut().enumerate() {
            if is_of(path) {
                path.unmounted = reference.unmounted;
                last = Some(position);
            }
        }
        let Some(last) = last else { continue };
        let is_explained = |usage: &&Usage| {
            let mut of_secret = paths.iter().filter(|path| is_of(path));
            of_secret.any(|path| path.usage.contains(usage))
        };
        let unexplained: Vec<&Usage> = reference
            .usage
            .iter()
            .filter(|usage| !is_explained(usage))
            .collect();
        if unexplained.is_empty() {
            continue;
        }
        let carrier = &paths[last];
        let path = SecretPath {
            carrier: carrier.carrier,
            store: carrier.store,
            secret: carrier.secret,
            unmounted: carrier.unmounted,
            usage: unexplained,
            ..SecretPath::default()
        };
        paths.insert(last + 1, path);
    }
}

fn of_provided_secret<'a>(
    key: &'a str,
    class: &'a SecretProviderClass,
    provided: &'a ProvidedSecret,
    uses: impl Fn(SecretName<'a>) -> Vec<&'a Usage>,
) -> SecretPath<'a> {
    let secret = provided
        .k8s_secret_name
        .as_deref()
        .map(|name| (class.namespace.as_str(), name));
    let mut usage = secret.map(uses).unwrap_or_default();
    if let Some(key) = &provided.k8s_secret_key {
        // The other keys of the Secret have their own paths.
        usage.retain(|usage| usage.key.as_ref().is_none_or(|used| used == key));
    }
    let vault = provided
        .vault_path
        .as_ref()
        .map(|path| (path, provided.vault_key.as_ref().map(Written::value)));
    let remote = provided
        .remote_ref
        .as_ref()
        .map(|remote| (&remote.name, remote.property.as_deref()));
    let origin = vault.or(remote);
    SecretPath {
        origin: origin.map(|(path, key)| with_key(path.value(), key)),
        origins: forms(origin.map(|(path, _)| path)),
        carrier: Some(Subject::SecretProviderClass(key, class)),
        mounts: provided.mounts.iter().collect(),
        usage,
        secret,
        ..SecretPath::default()
    }
}

fn of_external_secret<'a>(
    facts: &'a dyn Facts,
    key: &'a str,
    external: &'a ExternalSecret,
    uses: impl Fn(SecretName<'a>) -> Vec<&'a Usage>,
    paths: &mut Vec<SecretPath<'a>>,
) {
    let store = store_of(facts, external);
    let at_mount = |path: &str| match store {
        Some((_, store)) => at_mount(store, path),
        None => path.to_owned(),
    };
    let secret = (external.namespace.as_str(), external.target.as_str());
    let usage = uses(secret);
    let template = external.template.as_ref();
    let is_fetched = |read: &str| external.data.iter().any(|data| data.secret_key == read);
    let reads_of = |key: &str| -> Vec<&'a str> {
        let reads = template.and_then(|template| template.keys.get(key));
        match reads.map(Vec::as_slice) {
            None => Vec::new(),
            Some([only]) if only == key || only == "*" => Vec::new(),
            Some(reads) => reads
                .iter()
                .map(String::as_str)
                // External Secrets fails on keys that are not fetched.
                .filter(|read| *read != "*" && (!external.data_from.is_empty() || is_fetched(read)))
                .collect(),
        }
    };
    let mut add = |origin: String,
                   mut origins: Vec<String>,
                   usage: Option<Vec<&'a Usage>>,
                   fills: BTreeSet<&'a str>| {
        let at_mount: Vec<String> = origins.iter().map(|path| at_mount(path)).collect();
        origins.extend(at_mount);
        let left_out = usage.is_none();
        let usage = usage.unwrap_or_default();
        let fills = fills.into_iter().map(|key| Filled {
            key,
            reads: reads_of(key),
            states: hosts_of(facts, &external.target, key, &usage),
        });
        let fills = fills.collect();
        paths.push(SecretPath {
            origin: Some(origin),
            origins,
            carrier: Some(Subject::ExternalSecret(key, external)),
            store,
            secret: Some(secret),
            usage,
            fills,
            left_out,
            ..SecretPath::default()
        });
    };
    let replaces = template.is_some_and(|template| template.replaces);
    let templated = |reads: &dyn Fn(&str) -> bool| -> BTreeSet<&'a str> {
        let keys = template.into_iter().flat_map(|template| &template.keys);
        keys.filter(|(_, all)| all.iter().any(|one| one == "*" || reads(one)))
            .map(|(key, _)| key.as_str())
            .collect()
    };
    let is_templated = |key: &str| template.is_some_and(|template| template.keys.contains_key(key));
    // If some keys of the template are not known, these may read any key.
    let more = template.is_some_and(|template| template.more);
    // The keys that the template makes of fetched ones, and the uses of these; `None` if it leaves them out.
    let used = |is_fetched: &dyn Fn(&str) -> bool| {
        let keys = templated(is_fetched);
        if replaces && keys.is_empty() && !more {
            return (keys, None);
        }
        let is_direct = |key: &str| !replaces && is_fetched(key) && !is_templated(key);
        let mut usage = usage.clone();
        usage.retain(|usage| {
            let key = usage.key.as_deref();
            !usage.key_missing && key.is_none_or(|key| keys.contains(key) || more || is_direct(key))
        });
        (keys, Some(usage))
    };
    for data in &external.data {
        let (mut keys, usage) = used(&|key| key == data.secret_key);
        let origin = with_key(&at_mount(data.key.value()), data.property.as_deref());
        if !replaces && !is_templated(&data.secret_key) {
            keys.insert(&data.secret_key);
        }
        add(origin, forms(Some(&data.key)), usage, keys);
    }
    for from in &external.data_from {
        let (keys, usage) = used(&|key| !is_fetched(key));
        let path = from.split_once(": ").map(|(_, path)| Written::plain(path));
        let origin = match from.strip_prefix("extract: ") {
            Some(path) => format!("extract: {}", at_mount(path)),
            None => from.clone(),
        };
        add(origin, forms(path.as_ref()), usage, keys);
    }
}

/// The path in a store for a key of an ExternalSecret. The Vault provider prepends its mount if the key does not begin
/// with it, and drops `data/` behind the mount, as a part of the API's path
/// (<https://external-secrets.io/latest/provider/hashicorp-vault/>).
fn at_mount(store: &SecretStore, path: &str) -> String {
    let is_vault = store
        .provider
        .as_deref()
        .is_none_or(|provider| provider == "vault");
    let mount = store.path.as_ref().filter(|_| is_vault);
    let Some(mount) = mount.map(|mount| mount.value().trim_matches('/')) else {
        return path.to_owned();
    };
    let below = match path.strip_prefix(mount).and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) if store.version.as_deref() != Some("v1") => rest.strip_prefix("data/").unwrap_or(rest),
        Some(rest) => rest,
        None => path,
    };
    format!("{mount}/{below}")
}

/// The hosts that a template puts into a key, as known from the services that read it.
fn hosts_of<'a>(facts: &'a dyn Facts, secret: &str, key: &str, usage: &[&'a Usage]) -> Vec<&'a str> {
    let services = usage.iter().filter_map(|usage| usage.service.as_deref());
    let services = services.filter_map(|service| facts.services().get(service));
    let stated = services
        .flat_map(|service| &service.depends_on)
        .filter_map(|dependency| {
            let rest = dependency.evidence.strip_prefix("Secret ")?;
            let rest = rest.strip_prefix(secret)?.strip_prefix(' ')?;
            rest.strip_prefix(key)?.strip_prefix('=')
        });
    let stated: BTreeSet<&str> = stated.collect();
    stated.into_iter().collect()
}

fn of_vault_secret<'a>(
    key: &'a str,
    vault: &'a VaultSecret,
    uses: impl Fn(SecretName<'a>) -> Vec<&'a Usage>,
) -> SecretPath<'a> {
    // The injector writes a file instead of a Secret.
    let is_injected = vault.kind == "VaultAgentInjector";
    let destination = vault.destination.as_deref();
    let secret = destination
        .filter(|_| !is_injected)
        .map(|name| (vault.namespace.as_str(), name));
    let injected = destination.filter(|_| is_injected);
    let path = [&vault.mount, &vault.path].into_iter().flatten();
    let path: Vec<&str> = path.map(Written::value).collect();
    let carrier = Subject::VaultSecret(key, vault);
    SecretPath {
        origins: carrier.secret_paths(),
        origin: (!path.is_empty()).then(|| path.join("/")),
        carrier: Some(carrier),
        usage: secret.map(uses).unwrap_or_default(),
        injected: injected.map(|file| (file, vault.used_by.as_slice())),
        secret,
        ..SecretPath::default()
    }
}

/// The path of a Secret without a carrier.
fn of_reference<'a>(facts: &'a dyn Facts, reference: &'a SecretReference) -> SecretPath<'a> {
    let copy_of = reference.copy_of.as_deref();
    let unknown = reference.produced_by == ProducedBy::Unknown && may_be_made(facts, reference);
    let is_it = |entry: &&NotApplied| {
        let namespaces = ["", reference.namespace.as_str()];
        entry.part_of.is_none()
            && (entry.kind.as_str(), entry.name.as_str()) == ("Secret", reference.name.as_str())
            && namespaces.contains(&entry.namespace.as_str())
    };
    let mut stated = facts
        .not_applied()
        .iter()
        .filter(|_| reference.produced_by == ProducedBy::Nothing);
    let by = match &reference.produced_by {
        ProducedBy::Object(object) => Some(object),
        ProducedBy::Unknown | ProducedBy::Nothing => None,
    };
    SecretPath {
        not_applied: stated.find(is_it).and_then(|entry| entry.source.as_ref()),
        perhaps_copied: unknown
            && !has_unknown_chart(facts, &reference.namespace)
            && may_be_copied(facts, &reference.name),
        copy: copy_of.map(|origin| (origin, reference.copied_by.as_deref())),
        maker: by.and_then(|by| maker(facts, by)),
        origin: by.cloned(),
        unknown,
        secret: Some(name_of(reference)),
        usage: reference.usage.iter().collect(),
        ..SecretPath::default()
    }
}

fn name_of(reference: &SecretReference) -> SecretName<'_> {
    (&reference.namespace, &reference.name)
}

/// The name of a Secret, and the same without a namespace if a ClusterExternalSecret makes it, or may.
fn names_of(reference: &SecretReference) -> impl Iterator<Item = SecretName<'_>> {
    let anywhere = match &reference.produced_by {
        ProducedBy::Object(by) => by.starts_with("ClusterExternalSecret/"),
        ProducedBy::Unknown => true,
        ProducedBy::Nothing => false,
    };
    std::iter::once(name_of(reference)).chain(anywhere.then_some(("", reference.name.as_str())))
}

/// A path as written and as substituted.
fn forms(path: Option<&Written>) -> Vec<String> {
    path.into_iter()
        .flat_map(|path| std::iter::once(path.written.clone()).chain(path.resolved.clone()))
        .collect()
}

fn with_key(path: &str, key: Option<&str>) -> String {
    match key {
        Some(key) => format!("{path}#{key}"),
        None => path.to_owned(),
    }
}
