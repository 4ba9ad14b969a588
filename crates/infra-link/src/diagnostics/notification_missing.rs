//! `reference-missing` of notifications: an Alert whose Provider nothing makes, and objects that an Alert or a Receiver names and
//! nothing applies (<https://fluxcd.io/flux/components/notification/alerts/>).

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Mark, Severity};

use crate::inventory::{HELM, KUSTOMIZE, Object, SOURCE};
use crate::linker::Linker;
use crate::producers::elsewhere;
use crate::sources;
use crate::unknown_makers::UnknownMakers;
use crate::view::View;

const NOTIFICATION: &str = "notification.toolkit.fluxcd.io";
const IMAGE: &str = "image.toolkit.fluxcd.io";

/// Kinds that events are of and repositories apply. What helm-controller makes, such as a HelmChart, is not among them.
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
    let makers = UnknownMakers::new(inventory, linker.producers);
    let mut findings = Vec::new();
    for (kind, list, what) in [
        ("Alert", "eventSources", "waits for events of"),
        ("Receiver", "resources", "reconciles"),
    ] {
        for object in inventory.of(NOTIFICATION, kind) {
            let view = inventory.view(object);
            let provider = view.at(&["spec", "providerRef", "name"]);
            if let Some((provider, mark)) =
                provider.and_then(|name| missing_provider(linker, &makers, object, name))
            {
                let message = format!(
                    "{} sends to {provider}, which nothing makes: it is never ready",
                    object.object_name()
                );
                findings.push(finding(
                    linker,
                    object,
                    message,
                    mark,
                    "add the Provider, or correct `providerRef`",
                ));
            }
            for entry in view.at(&["spec", list]).into_iter().flat_map(View::items) {
                let Some((named, mark)) = missing_object(linker, &makers, object, entry) else {
                    continue;
                };
                let message = format!("{} {what} {named}, which nothing applies", object.object_name());
                let others = others(linker, &named);
                findings.push(finding(linker, object, message, mark, &others));
            }
        }
    }
    findings
}

fn finding(linker: &Linker<'_>, object: &Object<'_>, message: String, mark: Mark, hint: &str) -> Diagnostic {
    let inventory = linker.inventory;
    let place = Some(mark).filter(|mark| mark.is_some());
    let place = place.and_then(|mark| inventory.place(mark));
    Diagnostic::new(Severity::Warning, codes::REFERENCE_MISSING, message)
        .at(place.or_else(|| inventory.source(object)))
        .on(object.object_name().to_string())
        .hint(hint)
}

/// The Provider of an Alert, which is of the same namespace.
fn missing_provider(
    linker: &Linker<'_>,
    makers: &UnknownMakers<'_>,
    object: &Object<'_>,
    name: View<'_>,
) -> Option<(ObjectRef, Mark)> {
    let text = name.text()?;
    let is_there = linker
        .inventory
        .find(NOTIFICATION, "Provider", object.namespace, text)
        .is_some();
    let provider = ObjectRef::new("Provider", object.namespace, text);
    let is_missing = !is_there && !may_be_made(linker, makers, &provider);
    is_missing.then_some((provider, name.mark()))
}

/// What an entry names; nothing where it selects by labels, or all of a kind.
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
    // Flux's own source and Kustomization have this name, and may be made by `flux bootstrap` alone.
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

/// What to do, with the namespace in which there is such an object.
fn others(linker: &Linker<'_>, named: &ObjectRef) -> String {
    let group = KINDS.iter().find(|(_, kind)| *kind == named.kind);
    let mut of_kind = group
        .into_iter()
        .flat_map(|(group, kind)| linker.inventory.of(group, kind));
    match of_kind.find(|object| object.name == named.name) {
        Some(object) => format!(
            "there is one in the namespace {}: give `namespace`",
            object.namespace
        ),
        None => "correct the name, or remove the entry".to_owned(),
    }
}
