//! The model turns into every way of every secret, from where it is kept to who reads it.

use std::collections::{BTreeMap, BTreeSet};

use crate::Subject;
use crate::find::is_path;
use infra_model::config::Usage;
use infra_model::secrets::{ExternalSecretData, Mount, ProducedBy, SecretStore};
use infra_model::{Infrastructure, Written};

/// One way of a secret from where it is kept to who reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Way<'a> {
    /// Where it is kept, such as `shared/data/secrets#secrets.py`; none where the repository holds it or nothing is known.
    pub kept: Option<String>,
    /// The path in every form in which it may be asked for.
    paths: Vec<String>,
    /// What fetches or holds it; none where nothing in the repository does.
    pub carrier: Option<Subject<'a>>,
    /// The store that an ExternalSecret reads.
    pub store: Option<(&'a str, &'a SecretStore)>,
    /// Namespace and name of the Secret in the cluster; none for a secret that is only mounted.
    pub secret: Option<(&'a str, &'a str)>,
    /// Whether a chart that was not rendered may make the Secret.
    pub unknown: bool,
    /// Files in containers.
    pub mounts: Vec<&'a Mount>,
    /// Uses of the Secret.
    pub usage: Vec<&'a Usage>,
    /// The file that an injector writes, and the services into whose pods it does.
    pub injected: Option<(&'a str, &'a [String])>,
}

impl<'a> Way<'a> {
    /// Keys of the services at the end of the way, and `Kind/<key>` of other readers; sorted.
    pub fn readers(&self) -> BTreeSet<&'a str> {
        self.mounts
            .iter()
            .map(|mount| mount.service.as_str())
            .chain(
                self.injected
                    .iter()
                    .flat_map(|(_, services)| services.iter().map(String::as_str)),
            )
            .chain(
                self.usage
                    .iter()
                    .filter_map(|usage| usage.service.as_deref().or(usage.object.as_deref())),
            )
            .collect()
    }
}

/// Whether a way starts at a path, as written or as substituted, with or without the mount.
pub(super) fn keeps(way: &Way<'_>, path: &str) -> bool {
    let starts = way.paths.iter().any(|known| is_path(known, path));
    // With a key, only the way of that one.
    let key = path.split_once('#').map(|(_, key)| key);
    let kept = way.kept.as_deref().and_then(|kept| kept.split_once('#'));
    starts
        && match (key, kept) {
            (Some(key), Some((_, kept))) => kept.eq_ignore_ascii_case(key.trim()),
            _ => true,
        }
}

/// What is left of a way for one service.
pub(super) fn only_of<'a>(mut way: Way<'a>, service: &str) -> Option<Way<'a>> {
    way.mounts.retain(|mount| mount.service == service);
    way.usage
        .retain(|usage| usage.service.as_deref() == Some(service));
    let is_injected = way
        .injected
        .is_some_and(|(_, services)| services.iter().any(|one| one == service));
    (is_injected || !way.mounts.is_empty() || !way.usage.is_empty()).then_some(way)
}

/// Every way of a service's secrets.
pub(crate) fn ways_of<'a>(infrastructure: &'a Infrastructure, service: &str) -> Vec<Way<'a>> {
    ways(infrastructure)
        .into_iter()
        .filter_map(|way| only_of(way, service))
        .collect()
}

/// Every way of every secret.
pub(crate) fn ways(infrastructure: &Infrastructure) -> Vec<Way<'_>> {
    let secrets = &infrastructure.secrets;
    let uses = Uses::new(infrastructure);
    let mut ways = Vec::new();
    for (key, class) in &secrets.secret_provider_classes {
        for provided in &class.secrets {
            let secret = provided
                .k8s_secret_name
                .as_deref()
                .map(|name| (class.namespace.as_str(), name));
            let usage = uses.of(secret);
            ways.push(Way {
                kept: provided
                    .vault_path
                    .as_ref()
                    .map(|path| with_part(path.value(), provided.vault_key.as_ref().map(Written::value)))
                    .or(provided
                        .remote_ref
                        .as_ref()
                        .map(|remote| with_part(remote.name.value(), remote.property.as_deref()))),
                paths: forms(
                    provided
                        .vault_path
                        .as_ref()
                        .or(provided.remote_ref.as_ref().map(|remote| &remote.name)),
                ),
                carrier: Some(Subject::SecretProviderClass(key, class)),
                mounts: provided.mounts.iter().collect(),
                // Each object of a class is another key of the Secret.
                usage: usage
                    .into_iter()
                    .filter(|usage| match (&usage.key, &provided.k8s_secret_key) {
                        (Some(used), Some(key)) => used == key,
                        _ => true,
                    })
                    .collect(),
                secret,
                store: None,
                unknown: false,
                injected: None,
            });
        }
    }
    for (key, external) in &secrets.external_secrets {
        let store = store_of(
            infrastructure,
            external.store_kind(),
            external.store_name(),
            &external.namespace,
        );
        let mount = store
            .and_then(|(_, store)| store.path.as_ref())
            .map(Written::value);
        let at_mount = |path: &str| match mount {
            Some(mount) => format!("{mount}/{path}"),
            None => path.to_owned(),
        };
        let secret = Some((external.namespace.as_str(), external.target.as_str()));
        let way = |kept: String, paths: Vec<String>, usage| Way {
            paths: paths
                .iter()
                .cloned()
                .chain(paths.iter().map(|path| at_mount(path)))
                .collect(),
            kept: Some(kept),
            carrier: Some(Subject::ExternalSecret(key, external)),
            store,
            secret,
            unknown: false,
            mounts: Vec::new(),
            usage,
            injected: None,
        };
        let usage = uses.of(secret);
        for ExternalSecretData {
            secret_key,
            key,
            property,
            ..
        } in &external.data
        {
            let of_key = usage
                .iter()
                .copied()
                .filter(|usage| usage.key.as_ref().is_none_or(|used| used == secret_key))
                .collect();
            let kept = at_mount(&with_part(key.value(), property.as_deref()));
            ways.push(way(kept, forms(Some(key)), of_key));
        }
        for from in &external.data_from {
            let path = from.split_once(": ").map(|(_, path)| Written::plain(path));
            ways.push(way(from.clone(), forms(path.as_ref()), usage.clone()));
        }
    }
    for (key, vault) in &secrets.vault_secrets {
        // The injector writes a file in the place of a Secret.
        let is_injected = vault.kind == "VaultAgentInjector";
        let injected = vault.destination.as_deref().filter(|_| is_injected);
        let secret = vault
            .destination
            .as_deref()
            .filter(|_| !is_injected)
            .map(|name| (vault.namespace.as_str(), name));
        let path: Vec<&str> = [&vault.mount, &vault.path]
            .into_iter()
            .flatten()
            .map(Written::value)
            .collect();
        ways.push(Way {
            paths: Subject::VaultSecret(key, vault).secret_paths(),
            kept: (!path.is_empty()).then(|| path.join("/")),
            carrier: Some(Subject::VaultSecret(key, vault)),
            injected: injected.map(|file| (file, vault.used_by.as_slice())),
            usage: uses.of(secret),
            secret,
            ..Way::nothing()
        });
    }
    for (key, sealed) in &secrets.sealed_secrets {
        let secret = Some((sealed.namespace.as_str(), sealed.target.as_str()));
        ways.push(Way {
            carrier: Some(Subject::SealedSecret(key, sealed)),
            usage: uses.of(secret),
            secret,
            ..Way::nothing()
        });
    }
    for (key, stated) in &secrets.secrets {
        let secret = Some((stated.namespace.as_str(), stated.name.as_str()));
        ways.push(Way {
            carrier: Some(Subject::Secret(key, stated)),
            usage: uses.of(secret),
            secret,
            ..Way::nothing()
        });
    }
    // What is read and made by nothing above.
    let made: BTreeSet<(&str, &str)> = ways.iter().filter_map(|way| way.secret).collect();
    let is_made = |(namespace, name)| made.contains(&(namespace, name)) || made.contains(&("", name));
    for reference in secrets.references.values() {
        let secret = (reference.namespace.as_str(), reference.name.as_str());
        if !is_made(secret) {
            ways.push(Way {
                kept: match &reference.produced_by {
                    ProducedBy::Object(object) => Some(object.clone()),
                    ProducedBy::Unknown | ProducedBy::Nothing => None,
                },
                unknown: reference.produced_by == ProducedBy::Unknown,
                secret: Some(secret),
                usage: reference.usage.iter().collect(),
                ..Way::nothing()
            });
        }
    }
    ways
}

impl Way<'_> {
    fn nothing() -> Self {
        Way {
            kept: None,
            paths: Vec::new(),
            carrier: None,
            store: None,
            secret: None,
            unknown: false,
            mounts: Vec::new(),
            usage: Vec::new(),
            injected: None,
        }
    }
}

/// A path as written and as substituted.
fn forms(path: Option<&Written>) -> Vec<String> {
    path.into_iter()
        .flat_map(|path| std::iter::once(path.written.clone()).chain(path.resolved.clone()))
        .collect()
}

fn with_part(path: &str, part: Option<&str>) -> String {
    match part {
        Some(part) => format!("{path}#{part}"),
        None => path.to_owned(),
    }
}

/// The uses of every Secret, by namespace and name.
struct Uses<'a>(BTreeMap<(&'a str, &'a str), Vec<&'a Usage>>);

impl<'a> Uses<'a> {
    fn new(infrastructure: &'a Infrastructure) -> Self {
        let mut uses: BTreeMap<_, Vec<&Usage>> = BTreeMap::new();
        for reference in infrastructure.secrets.references.values() {
            let secret = (reference.namespace.as_str(), reference.name.as_str());
            uses.entry(secret).or_default().extend(&reference.usage);
        }
        Uses(uses)
    }

    /// Of one Secret; without namespace, of those that bear the name in any.
    fn of(&self, secret: Option<(&'a str, &'a str)>) -> Vec<&'a Usage> {
        match secret {
            None => Vec::new(),
            Some(("", name)) => self
                .0
                .iter()
                .filter(|((_, known), _)| *known == name)
                .flat_map(|(_, usage)| usage.iter().copied())
                .collect(),
            Some(secret) => self.0.get(&secret).cloned().unwrap_or_default(),
        }
    }
}

fn store_of<'a>(
    infrastructure: &'a Infrastructure,
    kind: Option<&str>,
    name: Option<&str>,
    namespace: &str,
) -> Option<(&'a str, &'a SecretStore)> {
    // An ExternalSecret that names no kind means a SecretStore of its own namespace.
    let kind = kind.unwrap_or("SecretStore");
    infrastructure
        .secrets
        .secret_stores
        .iter()
        .find(|(_, store)| {
            store.kind == kind
                && Some(store.name.as_str()) == name
                && (kind.starts_with("Cluster") || store.namespace == namespace)
        })
        .map(|(key, store)| (key.as_str(), store))
}
