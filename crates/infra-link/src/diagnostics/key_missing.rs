//! `key-missing`: a workload or a release names a key that what makes the ConfigMap or Secret does not put into it.

use std::collections::BTreeSet;

use infra_model::{ObjectRef, Place, codes};
use source_tree::Diagnostic;

use super::reference_missing::user;
use crate::kinds::secret_provider_class;
use crate::linker::Linker;
use crate::provider_objects::{Provided, provided};
use crate::uses::Used;
use crate::view::View;

/// Most keys that a hint names.
const MOST: usize = 8;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for one in linker.uses {
        let Some(key) = one.key.as_ref().filter(|_| !one.optional) else {
            continue;
        };
        // The object itself is missing under its name without hash, which is a finding of its own.
        if linker
            .generated
            .rendered(one.used, &one.namespace, &one.name)
            .is_some()
        {
            continue;
        }
        let name = linker.generated.object_name(one);
        if !linker.made_keys.lacks(one, &name) {
            continue;
        }
        let Some(user) = user(linker, one) else { continue };
        let keys = linker.made_keys.all_of(one.used, &name);
        if !seen.insert((user.clone(), name.clone(), key.clone())) {
            continue;
        }
        let named = first_of(keys);
        let message = format!("{user} needs the key `{key}` of {name}, which has no such key");
        let hint = match named.as_slice() {
            _ if let Some(place) = removed(linker, &name, key) => {
                format!("a patch removes it: {place}; remove what needs it, or that line")
            }
            [] => "add the key where the object is made".to_owned(),
            named => format!(
                "it has {}; correct the name, or add the key where the object is made",
                named.join(", ")
            ),
        };
        findings.push(
            Diagnostic::warning(codes::KEY_MISSING, message)
                .at(inventory.place(one.mark))
                .on(name.to_string())
                .hint(hint),
        );
    }
    findings.extend(unknown_objects(linker));
    findings.extend(kube_configs(linker));
    findings
}

/// The first keys of an object, for a hint.
pub(super) fn first_of(keys: Option<&BTreeSet<String>>) -> Vec<&str> {
    let keys = keys.into_iter().flatten();
    let mut named: Vec<&str> = keys.map(String::as_str).collect();
    if named.len() > MOST {
        named.truncate(MOST);
        named.push("…");
    }
    named
}

/// Secrets of `spec.kubeConfig` without the key that holds it: `value` or `value.yaml` where none is stated
/// (<https://fluxcd.io/flux/components/kustomize/kustomizations/#kubeconfig-remote-clusters>).
fn kube_configs<'a>(linker: &'a Linker<'_>) -> impl Iterator<Item = Diagnostic> + 'a {
    let inventory = linker.inventory;
    let kustomizations = inventory.owners.iter().filter_map(|owner| {
        let id = owner.evaluated.id.as_ref()?;
        let config = owner.evaluated.kustomization.as_ref()?.kube_config.as_ref()?;
        Some((ObjectRef::new("Kustomization", &id.namespace, &id.name), config))
    });
    let releases = linker.releases.iter().filter_map(|release| {
        let config = release.spec.kube_config.as_ref()?;
        Some((release.object.object_name(), config))
    });
    kustomizations.chain(releases).filter_map(|(object, config)| {
        let secret = config.secret.as_ref().filter(|secret| !secret.name.contains("${"))?;
        let stated = config.secret_key.as_deref();
        let name = ObjectRef::new("Secret", &object.namespace, &secret.name);
        let keys = linker.made_keys.all_of(Used::Secret, &name)?;
        let is_there = match stated {
            Some(key) => key.contains("${") || keys.contains(key),
            None => keys.contains("value") || keys.contains("value.yaml"),
        };
        if is_there {
            return None;
        }
        let message = match stated {
            Some(key) => {
                format!("{object} reads the key `{key}` of {name} for its kubeConfig, which has no such key")
            }
            None => format!(
                "{object} reads the key `value` or `value.yaml` of {name} for its kubeConfig, which has neither"
            ),
        };
        let hint = match (stated, first_of(Some(keys)).as_slice()) {
            (_, []) => "add the key where the Secret is made".to_owned(),
            (None, named) => format!("it has {}: state `key` in `secretRef`", named.join(", ")),
            (Some(_), named) => format!("it has {}: correct `key` in `secretRef`", named.join(", ")),
        };
        Some(
            Diagnostic::warning(codes::KEY_MISSING, message)
                .at(inventory.place(secret.mark))
                .on(object.to_string())
                .hint(hint),
        )
    })
}

/// The line of a patch that removes a key of an object.
fn removed(linker: &Linker<'_>, name: &ObjectRef, key: &str) -> Option<Place> {
    let inventory = linker.inventory;
    let object = inventory.find("", &name.kind, &name.namespace, &name.name)?;
    let removals = &inventory.owner(object)?.evaluated.removals;
    let removal = removals.iter().find(|removal| {
        let part = removal.part.as_ref();
        removal.mark == object.applied.mark
            && part
                .is_some_and(|part| part.name == key && matches!(part.path.as_str(), "data" | "stringData"))
    })?;
    inventory.place(removal.by)
}

/// Keys that a SecretProviderClass takes from objects that it does not fetch: the driver then makes none of the Secret.
fn unknown_objects<'a>(linker: &'a Linker<'_>) -> impl Iterator<Item = Diagnostic> + 'a {
    let inventory = linker.inventory;
    let limits = inventory.evaluation.sources.limits();
    let classes = inventory.of(secret_provider_class::GROUP, "SecretProviderClass");
    classes.flat_map(move |class| {
        let view = inventory.view(class);
        let provider = view.text_at(&["spec", "provider"]).unwrap_or_default();
        let provided = view
            .at(&["spec", "parameters"])
            .map(|parameters| provided(provider, parameters, limits))
            .unwrap_or_default();
        let secrets = view
            .at(&["spec", "secretObjects"])
            .into_iter()
            .flat_map(View::items);
        let wanted: Vec<_> = secrets
            .flat_map(|secret| {
                let data = secret.get("data").into_iter().flat_map(View::items);
                data.map(move |data| (secret, data))
            })
            .filter_map(|(secret, data)| Some((secret.text_of("secretName")?, data.get("objectName")?)))
            .collect();
        let is_known = |name: &str| {
            let stated = |provided: &Provided| provided.file == name || provided.secret.object_name == name;
            // Volumes may state another list, and templates and variables other names.
            provided.is_empty() || name.contains(['$', '{', '*', '/']) || provided.iter().any(stated)
        };
        let mut findings = Vec::new();
        for (secret, object) in wanted {
            let Some(name) = object.text().filter(|name| !is_known(name)) else {
                continue;
            };
            let id = class.object_name();
            findings.push(
                Diagnostic::warning(
                    codes::KEY_MISSING,
                    format!(
                        "{id} makes Secret {secret} of the object `{name}`, which its parameters do not name"
                    ),
                )
                .at(inventory.place(object.mark()))
                .on(id.to_string())
                .hint("correct `objectName`, or add the object to the parameters"),
            );
        }
        findings
    })
}
