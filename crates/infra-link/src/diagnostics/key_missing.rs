//! `key-missing`: a workload or a release names a key that the maker of the ConfigMap or Secret does not put into it.

use std::collections::BTreeSet;

use infra_model::{ObjectRef, Place, codes};
use source_tree::Diagnostic;

use super::kustomization_ref;
use super::reference_missing::user;
use crate::kinds::secret_provider_class;
use crate::linker::Linker;
use crate::provider_objects::{Provided, provided};
use crate::uses::Used;

/// Most keys that a hint names.
const MOST: usize = 8;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for usage in linker.uses {
        let Some(key) = usage.key.as_ref().filter(|_| !usage.optional) else {
            continue;
        };
        let name = linker.generated.object_name(usage);
        // A generated object does not exist under its name without the hash, which is another finding.
        let rendered = linker
            .generated
            .rendered(usage.used, &usage.namespace, &usage.name);
        if rendered.is_some() || !linker.made_keys.lacks(usage, &name) {
            continue;
        }
        let Some(user) = user(linker, usage) else { continue };
        if !seen.insert((user.clone(), name.clone(), key.clone())) {
            continue;
        }
        let message = format!("{user} needs the key `{key}` of {name}, which has no such key");
        let hint = match first_of(linker.made_keys.all_of(usage.used, &name)).as_slice() {
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
                .at(inventory.place(usage.mark))
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

/// Secrets of `spec.kubeConfig` without the key that holds it: by default `value` or `value.yaml`
/// (<https://fluxcd.io/flux/components/kustomize/kustomizations/#kubeconfig-remote-clusters>).
fn kube_configs<'a>(linker: &'a Linker<'_>) -> impl Iterator<Item = Diagnostic> + 'a {
    let inventory = linker.inventory;
    let kustomizations = inventory.owners.iter().filter_map(|owner| {
        let config = owner.evaluated.kustomization.as_ref()?.kube_config.as_ref()?;
        Some((kustomization_ref(owner)?, config))
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
        let mut part = removal.part.iter();
        removal.mark == object.applied.mark
            && part.any(|part| part.name == key && matches!(part.path.as_str(), "data" | "stringData"))
    })?;
    inventory.place(removal.by)
}

/// Keys that a SecretProviderClass takes from objects that it does not fetch, so that the driver does not make the Secret.
fn unknown_objects<'a>(linker: &'a Linker<'_>) -> impl Iterator<Item = Diagnostic> + 'a {
    let inventory = linker.inventory;
    let limits = inventory.evaluation.sources.limits();
    let classes = inventory.of(secret_provider_class::GROUP, "SecretProviderClass");
    classes.flat_map(move |class| {
        let view = inventory.view(class);
        let provider = view.text_at(&["spec", "provider"]).unwrap_or_default();
        let parameters = view.at(&["spec", "parameters"]);
        let provided = parameters.map(|parameters| provided(provider, parameters, limits));
        let provided = provided.unwrap_or_default();
        let is_known = |name: &str| {
            let is_stated =
                |provided: &Provided| provided.file == name || provided.secret.object_name == name;
            // Volumes may state another list, and templates and variables other names.
            provided.is_empty() || name.contains(['$', '{', '*', '/']) || provided.iter().any(is_stated)
        };
        let secrets = view.items_at(&["spec", "secretObjects"]);
        let wanted = secrets.flat_map(|secret| {
            let data = secret.items_at(&["data"]);
            data.filter_map(move |data| Some((secret.text_of("secretName")?, data.get("objectName")?)))
        });
        let findings = wanted.filter_map(|(secret, object)| {
            let name = object.text().filter(|name| !is_known(name))?;
            let id = class.object_name();
            let message = format!(
                "{id} makes Secret {secret} of the object `{name}`, which its parameters do not name"
            );
            Some(
                Diagnostic::warning(codes::KEY_MISSING, message)
                    .at(inventory.place(object.mark()))
                    .on(id.to_string())
                    .hint("correct `objectName`, or add the object to the parameters"),
            )
        });
        findings.collect::<Vec<_>>()
    })
}
