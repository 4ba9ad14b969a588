//! Catalog entries of SecretProviderClasses: what they fetch, where it is mounted, which Secrets they sync.
//!
//! Types: <https://secrets-store-csi-driver.sigs.k8s.io/concepts#custom-resource-definitions-crds>.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt};
use infra_model::secrets::{Mount, SecretObject, SecretProviderClass};
use infra_model::{Key, Written};

use crate::inventory::{Inventory, Object};
use crate::kinds::secret_provider_class::GROUP;
use crate::linker::Linker;
use crate::provider_objects::{LIST_PARAMETERS, Provided, files, provided};
use crate::secret_entry::{Applied, applied};
use crate::uses::{Use, Used, User};
use crate::view::View;

/// Parameters with a field of their own.
const NAMED: &[&str] = &[
    "roleName",
    "vaultKubernetesMountPath",
    "vaultAuthMountPath",
    "openbaoAuthMountPath",
    "vaultAddress",
    "openbaoAddress",
    "vaultNamespace",
    "openbaoNamespace",
    "keyvaultName",
    "tenantId",
    "region",
];

/// The map `secret_provider_classes`.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, SecretProviderClass> {
    let inventory = linker.inventory;
    let mut uses: HashMap<(&str, &str), Vec<&Use>> = HashMap::new();
    for one in linker
        .uses
        .iter()
        .filter(|one| one.used == Used::SecretProviderClass)
    {
        uses.entry((&one.namespace, &one.name)).or_default().push(one);
    }
    let mut classes = BTreeMap::new();
    for object in inventory.of(GROUP, "SecretProviderClass") {
        let uses = uses
            .get(&(object.namespace, object.name))
            .map_or(&[][..], Vec::as_slice);
        let key = linker.object_keys.key(object);
        classes.insert(key, class(inventory, object, uses));
    }
    classes
}

/// The text without credentials, as written and as resolved.
fn clean_written(text: Written) -> Written {
    Written {
        written: redaction::without_credentials(&text.written).into_owned(),
        resolved: text
            .resolved
            .map(|text| redaction::without_credentials(&text).into_owned()),
    }
}

fn class(inventory: &Inventory<'_>, object: &Object<'_>, uses: &[&Use]) -> SecretProviderClass {
    let view = inventory.view(object);
    let provider = view.text_at(&["spec", "provider"]).unwrap_or_default();
    let parameters = view.at(&["spec", "parameters"]);
    let written = |names: &[&str]| {
        let own = names.iter().find_map(|name| parameters?.written_at(&[name]));
        own.or_else(|| by_volumes(names, uses)).map(clean_written)
    };
    let secret_objects: Vec<View<'_>> = view
        .at(&["spec", "secretObjects"])
        .into_iter()
        .flat_map(View::items)
        .collect();
    let limits = inventory.evaluation.sources.limits();
    let provided = parameters
        .map(|parameters| provided(provider, parameters, limits))
        .unwrap_or_default();
    let lists: Vec<Option<Vec<String>>> = uses
        .iter()
        .map(|one| {
            let attribute = one
                .attributes
                .iter()
                .find(|(name, _)| LIST_PARAMETERS.contains(&name.as_str()))?;
            Some(files(provider, attribute.1.value(), limits))
        })
        .collect();
    let secrets = provided
        .into_iter()
        .map(|mut provided| {
            sync(&mut provided, &secret_objects);
            let mounts = mounts(&provided.file, uses, &lists);
            provided.secret.mount_path = mounts.first().map(|mount| mount.path.clone());
            provided.secret.mounts = mounts;
            provided.secret
        })
        .collect();
    let mut users: Vec<String> = uses.iter().map(|one| one.user_text().to_owned()).collect();
    users.sort_unstable();
    users.dedup();
    let Applied {
        name,
        namespace,
        kustomization,
        also_applied_by,
        source,
    } = applied(inventory, object);
    SecretProviderClass {
        name,
        namespace,
        used_by: users,
        api_version: object.api_version().to_owned(),
        provider: provider.to_owned(),
        vault_role: written(&["roleName"]),
        vault_mount_path: written(&[
            "vaultKubernetesMountPath",
            "vaultAuthMountPath",
            "openbaoAuthMountPath",
        ]),
        vault_address: written(&["vaultAddress", "openbaoAddress"]),
        vault_namespace: written(&["vaultNamespace", "openbaoNamespace"]),
        keyvault_name: written(&["keyvaultName"]),
        tenant_id: written(&["tenantId"]),
        region: written(&["region"]),
        parameters: parameters
            .into_iter()
            .flat_map(View::entries)
            .filter(|(name, _)| !NAMED.contains(name) && !LIST_PARAMETERS.contains(name))
            .filter_map(|(name, value)| Some((name.to_owned(), value.written()?)))
            .filter(|(name, value)| {
                [&value.written, value.value()]
                    .iter()
                    .all(|text| redaction::credential(name, text).is_none())
            })
            .collect(),
        secrets,
        secret_objects: secret_objects
            .iter()
            .filter_map(|secret| {
                Some(SecretObject {
                    secret_name: secret.text_of("secretName")?.to_owned(),
                    kind: secret.text_of("type").map(str::to_owned),
                    keys: secret
                        .get("data")
                        .into_iter()
                        .flat_map(View::items)
                        .filter_map(|data| Some(data.text_of("key")?.to_owned()))
                        .collect(),
                })
            })
            .collect(),
        kustomization,
        also_applied_by,
        source,
        ..SecretProviderClass::default()
    }
}

/// The Secret and key that an object is synced to. `secretObjects` call it by its file, or by its own name.
fn sync(provided: &mut Provided, secret_objects: &[View<'_>]) {
    let own_name = provided.secret.object_name.clone();
    let names = [
        Some(provided.file.as_str()),
        Some(own_name.as_str()).filter(|_| !provided.is_part),
    ];
    for wanted in names.into_iter().flatten() {
        for target in secret_objects {
            let data = target.get("data").into_iter().flat_map(View::items);
            let found = data
                .into_iter()
                .find(|data| data.text_of("objectName") == Some(wanted));
            if let (Some(data), Some(name)) = (found, target.text_of("secretName")) {
                provided.secret.k8s_secret_name = Some(name.to_owned());
                provided.secret.k8s_secret_key = data.text_of("key").map(str::to_owned);
                return;
            }
        }
    }
}

/// A parameter that the class leaves to the volumes which mount it, where they all say the same.
fn by_volumes(names: &[&str], uses: &[&Use]) -> Option<Written> {
    let mut stated = uses.iter().map(|one| {
        let found = one
            .attributes
            .iter()
            .find(|(name, _)| names.contains(&name.as_str()));
        found.map(|(_, value)| value)
    });
    let first = stated.next()??;
    stated.all(|other| other == Some(first)).then(|| first.clone())
}

/// The paths under which containers see a file of a class, by service, container, path. `lists` are the files that
/// volumes state in the place of the class's own.
fn mounts(file: &str, uses: &[&Use], lists: &[Option<Vec<String>>]) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = uses
        .iter()
        .zip(lists)
        .filter(|(_, list)| {
            list.as_ref()
                .is_none_or(|list| list.iter().any(|other| other == file))
        })
        .filter_map(|(one, _)| {
            let User::Service(service) = &one.user else {
                return None;
            };
            let folder = one.mount_path.as_deref()?.trim_end_matches('/');
            let path = match one.sub_path.as_deref().map(|path| path.trim_matches('/')) {
                None | Some("") => format!("{folder}/{file}"),
                Some(sub) if sub == file => folder.to_owned(),
                Some(sub) => {
                    let rest = file.strip_prefix(sub)?.strip_prefix('/')?;
                    format!("{folder}/{rest}")
                }
            };
            Some(Mount {
                service: service.clone(),
                container: one.container.clone().unwrap_or_default(),
                path,
            })
        })
        .collect();
    mounts.sort();
    mounts.dedup();
    mounts
}
