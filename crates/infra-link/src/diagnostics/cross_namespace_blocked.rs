//! `cross-namespace-blocked`: a reference to a source of another namespace, where the controllers are told to refuse such
//! (<https://fluxcd.io/flux/installation/configuration/multitenancy/>).

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Mark};
use yaml_node::Node;

use super::source_missing::chart_source;
use crate::controllers::Controllers;
use crate::inventory::{Inventory, Object};
use crate::linker::Linker;

/// API group of image automation.
const IMAGE: &str = "image.toolkit.fluxcd.io";

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
        "{from} refers to {to}, and {controller} is told to refuse references to other namespaces: it never becomes ready"
    );
    Diagnostic::error(codes::CROSS_NAMESPACE_BLOCKED, message)
        .at(inventory.place(mark))
        .on(from.to_string())
        .hint(format!(
            "make the {} in namespace {}, or take the flag --no-cross-namespace-refs away",
            to.kind, from.namespace
        ))
}

fn kustomizations<'l>(inventory: &'l Inventory<'_>) -> impl Iterator<Item = Reference> + 'l {
    inventory.owners.iter().filter_map(|owner| {
        let id = owner.evaluated.id.as_ref()?;
        let source = owner.evaluated.kustomization.as_ref()?.source.as_ref()?;
        Some(Reference {
            from: ObjectRef::new("Kustomization", &id.namespace, &id.name),
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
    let policies = inventory.of(IMAGE, "ImagePolicy");
    let policies = policies.map(|object| (object, "imageRepositoryRef", "image-reflector-controller"));
    let automations = inventory.of(IMAGE, "ImageUpdateAutomation");
    let automations = automations.map(|object| (object, "sourceRef", "image-automation-controller"));
    policies
        .chain(automations)
        .filter_map(|(object, field, controller)| {
            let node = object.node().at(&["spec", field])?;
            Some(Reference {
                from: object.object_name(),
                to: named(object, node)?,
                mark: node.mark,
                controller,
            })
        })
}

/// The object that a reference names.
fn named(object: &Object<'_>, node: &Node) -> Option<ObjectRef> {
    let text = |field: &str| node.text_at(&[field]);
    Some(ObjectRef::new(
        text("kind").unwrap_or("ImageRepository"),
        text("namespace").unwrap_or(object.namespace),
        text("name")?,
    ))
}
