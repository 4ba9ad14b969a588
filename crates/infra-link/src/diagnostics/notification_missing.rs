//! `reference-missing` of notifications: an Alert whose Provider nothing makes, or an object that an Alert or a Receiver names and
//! nothing applies (<https://fluxcd.io/flux/components/notification/alerts/>).

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Mark};

use super::image_automation::IMAGE;
use super::place_or_source;
use crate::inventory::{HELM, KUSTOMIZE, Object, SOURCE};
use crate::linker::Linker;
use crate::producers::elsewhere;
use crate::sources;
use crate::unknown_makers::UnknownMakers;
use crate::view::View;

/// API group of notifications.
pub(super) const NOTIFICATION: &str = "notification.toolkit.fluxcd.io";

/// Kinds that have events and that repositories apply; not those that helm-controller makes, such as a HelmChart.
const KINDS: &[(&str, &str)] = &[
    (KUSTOMIZE, "Kustomization"),
    (HELM, "HelmRelease"),
    (SOURCE, "Bucket"),
    (SOURCE, "GitRepository"),
    (SOURCE, "HelmRepository"),
    (SOURCE, "OCIRepository"),
    (IMAGE, "ImagePolicy"),
    (IMAGE, "ImageRepository"),
    (IMAGE, "ImageUpdateAutomation"),
];

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let makers = linker.unknown_makers;
    let mut findings = Vec::new();
    for (kind, list, what) in [
        ("Alert", "eventSources", "waits for events of"),
        ("Receiver", "resources", "reconciles"),
    ] {
        for object in inventory.of(NOTIFICATION, kind) {
            let view = inventory.view(object);
            let id = object.object_name().to_string();
            let finding = |message: String, mark: Mark, hint: String| {
                Diagnostic::warning(codes::REFERENCE_MISSING, message)
                    .at(place_or_source(inventory, object, mark))
                    .on(id.clone())
                    .hint(hint)
            };
            let provider = view.at(&["spec", "providerRef", "name"]);
            if let Some((provider, mark)) =
                provider.and_then(|name| missing_provider(linker, makers, object, name))
            {
                let message = format!("{id} sends to {provider}, which nothing makes: it is never ready");
                let hint = "add the Provider, or correct `providerRef`".to_owned();
                findings.push(finding(message, mark, hint));
            }
            for entry in view.items_at(&["spec", list]) {
                if let Some((named, mark)) = missing_object(linker, makers, object, entry) {
                    let message = format!("{id} {what} {named}, which nothing applies");
                    findings.push(finding(message, mark, hint(linker, &named)));
                }
            }
        }
    }
    findings
}

/// The Provider of an Alert in the Alert's namespace, if nothing makes it.
fn missing_provider(
    linker: &Linker<'_>,
    makers: &UnknownMakers<'_>,
    object: &Object<'_>,
    name: View<'_>,
) -> Option<(ObjectRef, Mark)> {
    let text = name.text()?;
    let stated = linker
        .inventory
        .find(NOTIFICATION, "Provider", object.namespace, text);
    let provider = ObjectRef::new("Provider", object.namespace, text);
    let is_missing = stated.is_none() && !may_be_made(linker, makers, &provider);
    is_missing.then_some((provider, name.mark()))
}

/// The object that an entry names, if nothing applies it; `None` for an entry that selects by labels, or all objects of a kind.
fn missing_object(
    linker: &Linker<'_>,
    makers: &UnknownMakers<'_>,
    object: &Object<'_>,
    entry: View<'_>,
) -> Option<(ObjectRef, Mark)> {
    let (kind, name) = (entry.text_of("kind")?, entry.get("name")?);
    let text = name.text()?;
    let (group, _) = KINDS.iter().find(|(_, known)| *known == kind)?;
    let namespace = entry.text_of("namespace").unwrap_or(object.namespace);
    // Flux's own source and Kustomization are called `flux-system`, and may exist by `flux bootstrap` only.
    if text.contains(['*', '?', '[']) || text == "flux-system" || entry.get("matchLabels").is_some() {
        return None;
    }
    let inventory = linker.inventory;
    let named = ObjectRef::new(kind, namespace, text);
    let is_owner = kind == "Kustomization"
        && inventory.owners.iter().any(|owner| {
            let id = owner.evaluated.id.as_ref();
            id.is_some_and(|id| id.namespace == namespace && id.name == text)
        });
    let is_there = inventory.find(group, kind, namespace, text).is_some()
        || is_owner
        || sources::is_generated(inventory, &named)
        || may_be_made(linker, makers, &named);
    (!is_there).then(|| (named, name.mark()))
}

fn may_be_made(linker: &Linker<'_>, makers: &UnknownMakers<'_>, named: &ObjectRef) -> bool {
    named.name.contains("${")
        || named.namespace.contains("${")
        || elsewhere(linker.knowledge, &named.kind, &named.namespace, &named.name)
        || !makers.are_none(&named.namespace)
}

/// The hint, with the namespace in which there is an object of the name.
fn hint(linker: &Linker<'_>, named: &ObjectRef) -> String {
    let kinds = KINDS.iter().filter(|(_, kind)| *kind == named.kind);
    let mut of_kind = kinds.flat_map(|(group, kind)| linker.inventory.of(group, kind));
    match of_kind.find(|object| object.name == named.name) {
        Some(object) => format!(
            "there is one in the namespace {}: give `namespace`",
            object.namespace
        ),
        None => "correct the name, or remove the entry".to_owned(),
    }
}
