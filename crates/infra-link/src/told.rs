//! Annotations and labels that change how Flux applies an object
//! (<https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources>), and how flux-operator
//! does (<https://fluxoperator.dev/docs/crd/resourceset/>).

use crate::ignored_fields::ignored_fields;
use crate::inventory::{Inventory, Object};

/// The annotations, those that keep edits away first.
const ANNOTATIONS: [&str; 3] = [
    "kustomize.toolkit.fluxcd.io/reconcile",
    "kustomize.toolkit.fluxcd.io/ssa",
    "kustomize.toolkit.fluxcd.io/prune",
];

/// Those that objects of flux-operator heed.
const OF_OPERATOR: [&str; 4] = [OPERATOR_RECONCILE, ANNOTATIONS[0], ANNOTATIONS[1], ANNOTATIONS[2]];

/// API group of flux-operator.
const OPERATOR: &str = "fluxcd.controlplane.io";
const OPERATOR_RECONCILE: &str = "fluxcd.controlplane.io/reconcile";
const OPERATOR_PRUNE: &str = "fluxcd.controlplane.io/prune";

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told<'a> {
    pub(crate) annotation: &'static str,
    pub(crate) value: &'a str,
}

impl Told<'_> {
    /// The annotation without the domain.
    pub(crate) fn name(self) -> &'static str {
        self.annotation.rsplit('/').next().unwrap_or_default()
    }

    /// Whether it is one of flux-operator's.
    pub(crate) fn is_of_operator(self) -> bool {
        self.annotation.starts_with(OPERATOR)
    }

    /// As `name: value`.
    pub(crate) fn text(self) -> String {
        format!("{}: {}", self.name(), self.value)
    }

    /// Whether it changes what Flux does: any other value stands for the usual way.
    fn matters(self) -> bool {
        match self.name() {
            "ssa" => ["Merge", "IfNotPresent", "Ignore"]
                .iter()
                .any(|value| self.value.eq_ignore_ascii_case(value)),
            _ => self.value.eq_ignore_ascii_case("disabled"),
        }
    }
}

/// Everything that an object tells Flux.
pub(crate) fn all_told<'a>(object: &Object<'a>) -> impl Iterator<Item = Told<'a>> {
    let metadata = object.node().get("metadata");
    let is_of_set = (object.applied.generated_by.as_ref()).is_some_and(|by| by.kind == "ResourceSet");
    let heeded: &'static [&'static str] = match object.group {
        _ if is_of_set => &[OPERATOR_PRUNE],
        OPERATOR => &OF_OPERATOR,
        _ => &ANNOTATIONS,
    };
    heeded.iter().copied().filter_map(move |annotation| {
        let value = ["annotations", "labels"]
            .iter()
            // flux-operator reads the annotation alone where its own objects are to rest.
            .filter(|field| annotation != OPERATOR_RECONCILE || **field == "annotations")
            .find_map(|field| metadata?.get(field)?.get(annotation)?.text())?;
        Some(Told { annotation, value }).filter(|told| told.matters())
    })
}

/// The first thing that an object tells Flux.
pub(crate) fn told<'a>(object: &Object<'a>) -> Option<Told<'a>> {
    all_told(object).next()
}

/// Everything that keeps edits of an object away, as the catalogs say it: what it tells Flux, that it rests with the ResourceSet that
/// makes it, and the fields that its Kustomization ignores.
pub(crate) fn texts(inventory: &Inventory<'_>, object: &Object<'_>) -> Vec<String> {
    let maker = object.applied.generated_by.as_ref();
    let resting = maker.and_then(|by| {
        let maker = inventory.find(OPERATOR, &by.kind, &by.namespace, &by.name)?;
        let told = all_told(maker).find(|told| told.annotation == OPERATOR_RECONCILE)?;
        Some(format!("{} ({} {})", told.text(), by.kind, by.name))
    });
    let ignored = ignored_fields(inventory, object).into_iter();
    let ignored = ignored.map(|field| format!("ignore: {}", field.pointer));
    all_told(object)
        .map(Told::text)
        .chain(resting)
        .chain(ignored)
        .collect()
}
