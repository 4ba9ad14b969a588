//! `cross-namespace-blocked`: a reference to a source of another namespace, which the controllers are set to refuse
//! (<https://fluxcd.io/flux/installation/configuration/multitenancy/>).

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Mark};

use super::image_automation::IMAGE;
use super::kustomization_ref;
use super::source_missing::chart_source;
use crate::controllers::Controllers;
use crate::inventory::Inventory;
use crate::linker::Linker;

/// A reference from one object to another.
struct Reference {
    from: ObjectRef,
    to: ObjectRef,
    mark: Mark,
    controller: &'static str,
}

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let controllers = Controllers::of(inventory);
    let blocked = |reference: &Reference| {
        !reference.to.namespace.is_empty()
            && reference.to.namespace != reference.from.namespace
            && !reference.to.namespace.contains("${")
            && controllers.refuses_other_namespaces(reference.controller)
    };
    let all = kustomizations(inventory)
        .chain(releases(linker))
        .chain(image_objects(inventory));
    all.filter(blocked)
        .map(|reference| finding(inventory, reference))
        .collect()
}

fn finding(inventory: &Inventory<'_>, reference: Reference) -> Diagnostic {
    let Reference {
        from,
        to,
        mark,
        controller,
    } = reference;
    let message = format!(
        "{from} refers to {to}, and {controller} is configured to refuse references to other namespaces: it never becomes ready"
    );
    Diagnostic::error(codes::CROSS_NAMESPACE_BLOCKED, message)
        .at(inventory.place(mark))
        .on(from.to_string())
        .hint(format!(
            "make the {} in namespace {}, or remove the flag --no-cross-namespace-refs",
            to.kind, from.namespace
        ))
}

fn kustomizations<'l>(inventory: &'l Inventory<'_>) -> impl Iterator<Item = Reference> + 'l {
    inventory.owners.iter().filter_map(|owner| {
        let source = owner.evaluated.kustomization.as_ref()?.source.as_ref()?;
        Some(Reference {
            from: kustomization_ref(owner)?,
            to: source.id.clone(),
            mark: source.mark,
            controller: "kustomize-controller",
        })
    })
}

fn releases<'l>(linker: &'l Linker<'_>) -> impl Iterator<Item = Reference> + 'l {
    linker.releases.iter().filter_map(|release| {
        let (to, mark) = chart_source(release)?;
        Some(Reference {
            from: release.object.object_name(),
            to,
            mark: mark.unwrap_or(release.object.applied.mark),
            controller: "helm-controller",
        })
    })
}

fn image_objects<'l>(inventory: &'l Inventory<'_>) -> impl Iterator<Item = Reference> + 'l {
    let kinds = [
        ("ImagePolicy", "imageRepositoryRef", "image-reflector-controller"),
        (
            "ImageUpdateAutomation",
            "sourceRef",
            "image-automation-controller",
        ),
    ];
    kinds.into_iter().flat_map(move |(kind, field, controller)| {
        inventory.of(IMAGE, kind).filter_map(move |object| {
            let node = object.node().at(&["spec", field])?;
            let text = |field: &str| node.text_at(&[field]);
            Some(Reference {
                from: object.object_name(),
                to: ObjectRef::new(
                    text("kind").unwrap_or("ImageRepository"),
                    text("namespace").unwrap_or(object.namespace),
                    text("name")?,
                ),
                mark: node.mark,
                controller,
            })
        })
    })
}
