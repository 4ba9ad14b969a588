//! Catalog entries of SecretProviderClasses: the objects that they fetch, their mounts, the Secrets that they sync.
//!
//! Types: <https://secrets-store-csi-driver.sigs.k8s.io/concepts#custom-resource-definitions-crds>.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt};
use infra_model::secrets::{Mount, SecretObject, SecretProviderClass};
use infra_model::{Key, Written};

use crate::distinct::distinct;
use crate::inventory::{Inventory, Object};
use crate::kinds::secret_provider_class::GROUP;
use crate::linker::Linker;
use crate::provider_objects::{LIST_PARAMETERS, Provided, files, provided};
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
    let of_classes = linker.uses.iter();
    for found in of_classes.filter(|found| found.used == Used::SecretProviderClass) {
        let class = (found.namespace.as_str(), found.name.as_str());
        uses.entry(class).or_default().push(found);
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
fn without_credentials(text: Written) -> Written {
    let shown = |text: &str| redaction::without_credentials(text).into_owned();
    Written {
        written: shown(&text.written),
        resolved: text.resolved.as_deref().map(shown),
    }
}

fn class(inventory: &Inventory<'_>, object: &Object<'_>, uses: &[&Use]) -> SecretProviderClass {
    let view = inventory.view(object);
    let provider = view.text_at(&["spec", "provider"]).unwrap_or_default();
    let parameters = view.at(&["spec", "parameters"]);
    let written = |names: &[&str]| {
        let own = names.iter().find_map(|name| parameters?.written_at(&[name]));
        own.or_else(|| by_volumes(names, uses)).map(without_credentials)
    };
    let secret_objects: Vec<View<'_>> = view.items_at(&["spec", "secretObjects"]).collect();
    let limits = inventory.evaluation.sources.limits();
    let provided = parameters
        .map(|parameters| provided(provider, parameters, limits))
        .unwrap_or_default();
    let lists = uses.iter().map(|found| {
        let objects = attribute(found, LIST_PARAMETERS)?.value();
        Some(files(provider, objects, limits))
    });
    let lists: Vec<Option<Vec<String>>> = lists.collect();
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
    SecretProviderClass {
        name: object.name.to_owned(),
        namespace: object.namespace.to_owned(),
        used_by: distinct(uses.iter().map(|found| found.user_text().to_owned())),
        api_version: object.api_version.to_owned(),
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
                let mut texts = [&value.written, value.value()].into_iter();
                texts.all(|text| redaction::credential(name, text).is_none())
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
                        .items_of("data")
                        .filter_map(|data| Some(data.text_of("key")?.to_owned()))
                        .collect(),
                })
            })
            .collect(),
        kustomization: inventory.kustomization(object),
        also_applied_by: inventory.also_applied_by(object),
        source: inventory.source(object),
        ..SecretProviderClass::default()
    }
}

/// Notes the Secret and key that an object is synced to: `secretObjects` name its file, or the object.
fn sync(provided: &mut Provided, secret_objects: &[View<'_>]) {
    let own_name = provided.secret.object_name.clone();
    let names = [
        Some(provided.file.as_str()),
        Some(own_name.as_str()).filter(|_| !provided.is_part),
    ];
    for wanted in names.into_iter().flatten() {
        for target in secret_objects {
            let mut data = target.items_of("data");
            let found = data.find(|data| data.text_of("objectName") == Some(wanted));
            if let (Some(data), Some(name)) = (found, target.text_of("secretName")) {
                provided.secret.k8s_secret_name = Some(name.to_owned());
                provided.secret.k8s_secret_key = data.text_of("key").map(str::to_owned);
                return;
            }
        }
    }
}

/// A parameter that the class leaves to the volumes which mount it, if all of them agree.
fn by_volumes(names: &[&str], uses: &[&Use]) -> Option<Written> {
    let mut stated = uses.iter().map(|found| attribute(found, names));
    let first = stated.next()??;
    stated.all(|other| other == Some(first)).then(|| first.clone())
}

/// The attribute of a volume with one of some names.
fn attribute<'u>(found: &'u Use, names: &[&str]) -> Option<&'u Written> {
    let mut attributes = found.attributes.iter();
    let (_, value) = attributes.find(|(name, _)| names.contains(&name.as_str()))?;
    Some(value)
}

/// The paths under which containers see a file of a class, by service, container, path. `lists` are the files that volumes state
/// in place of the class's own.
fn mounts(file: &str, uses: &[&Use], lists: &[Option<Vec<String>>]) -> Vec<Mount> {
    let has_file = |list: &Vec<String>| list.iter().any(|other| other == file);
    let mounts = uses
        .iter()
        .zip(lists)
        .filter(|(_, list)| list.as_ref().is_none_or(has_file));
    distinct(mounts.filter_map(|(found, _)| {
        let User::Service(service) = &found.user else {
            return None;
        };
        let folder = found.mount_path.as_deref()?.trim_end_matches('/');
        let path = match found.sub_path.as_deref().map(|path| path.trim_matches('/')) {
            None | Some("") => format!("{folder}/{file}"),
            Some(sub) if sub == file => folder.to_owned(),
            Some(sub) => {
                let rest = file.strip_prefix(sub)?.strip_prefix('/')?;
                format!("{folder}/{rest}")
            }
        };
        Some(Mount {
            service: service.clone(),
            container: found.container.clone().unwrap_or_default(),
            path,
        })
    }))
}
