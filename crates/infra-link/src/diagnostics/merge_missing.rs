//! `reference-missing` of ExternalSecrets, and objects of the Vault Secrets Operator, that only add to a Secret, which nothing makes
//! (<https://external-secrets.io/latest/guides/ownership-deletion-policy/>).

use infra_model::codes;
use source_tree::Diagnostic;

use crate::kinds::external_secret::{self, GROUP};
use crate::kinds::vault_secret;
use crate::linker::Linker;
use crate::producers::elsewhere;
use crate::uses::Used;

/// The setting by which an object of an operator only adds to a Secret.
struct Adds {
    policy: &'static str,
    /// The field that states it, and one to point at if that is absent.
    fields: &'static [&'static [&'static str]],
    hint: &'static str,
}

const EXTERNAL_SECRETS: Adds = Adds {
    policy: "creationPolicy: Merge",
    fields: &[&["spec", "target", "creationPolicy"]],
    hint: "use `creationPolicy: Owner`, or correct `target.name`",
};

const VAULT: Adds = Adds {
    policy: "destination.create: false",
    fields: &[
        &["spec", "destination", "create"],
        &["spec", "destination", "name"],
    ],
    hint: "set `destination.create: true`, which is false where nothing is said, or correct `destination.name`",
};

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let makers = linker.unknown_makers;
    let mut findings = Vec::new();
    let external = inventory.of(GROUP, "ExternalSecret").filter_map(|object| {
        let view = inventory.view(object);
        let target = external_secret::target(object, view)?;
        external_secret::is_merged(object, view).then_some((object, target, &EXTERNAL_SECRETS))
    });
    let vault = vault_secret::KINDS
        .iter()
        .flat_map(|kind| inventory.of(vault_secret::GROUP, kind));
    let vault = vault.filter_map(|object| {
        let view = inventory.view(object);
        let target = vault_secret::destination(view)?;
        vault_secret::is_merged(view).then_some((object, target, &VAULT))
    });
    for (object, name, adds) in external.chain(vault).filter(|(object, ..)| !object.is_of_chart()) {
        let view = inventory.view(object);
        let namespace = object.namespace;
        // Jobs of charts make Secrets that are not known.
        let mut releases = linker.releases.iter();
        let has_releases = releases.any(|release| release.namespace == namespace);
        let is_known = name.contains("${")
            || !linker.producers.is_merged_only(namespace, name)
            || linker.producers.copies_into(Used::Secret, namespace, name)
            || elsewhere(linker.knowledge, "Secret", namespace, name)
            || has_releases
            || !makers.are_none(namespace);
        if is_known {
            continue;
        }
        let stated = adds.fields.iter().find_map(|path| view.at(path));
        let place = stated.and_then(|view| inventory.place(view.mark()));
        let id = object.object_name();
        let message = format!(
            "{id} adds to Secret/{namespace}/{name}, which nothing makes: with `{}` it is not made either",
            adds.policy
        );
        findings.push(
            Diagnostic::warning(codes::REFERENCE_MISSING, message)
                .at(place.or_else(|| inventory.source(object)))
                .on(id.to_string())
                .hint(adds.hint),
        );
    }
    findings
}
