//! Annotations and labels that control how Flux applies an object
//! (<https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources>), and how
//! flux-operator does (<https://fluxoperator.dev/docs/crd/resourceset/>).

use crate::any_case;
use crate::ignored_fields::ignored_fields;
use crate::inventory::{Inventory, OPERATOR, Object};

/// The annotations, those that prevent edits first.
const ANNOTATIONS: [&str; 3] = [
    "kustomize.toolkit.fluxcd.io/reconcile",
    "kustomize.toolkit.fluxcd.io/ssa",
    "kustomize.toolkit.fluxcd.io/prune",
];

/// The annotations for objects of flux-operator.
const OF_OPERATOR: [&str; 4] = [OPERATOR_RECONCILE, ANNOTATIONS[0], ANNOTATIONS[1], ANNOTATIONS[2]];

const OPERATOR_RECONCILE: &str = "fluxcd.controlplane.io/reconcile";
const OPERATOR_PRUNE: &str = "fluxcd.controlplane.io/prune";

/// An annotation or label that controls how an object is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ApplyAnnotation<'a> {
    pub(crate) annotation: &'static str,
    pub(crate) value: &'a str,
}

impl ApplyAnnotation<'_> {
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

    /// Whether it changes what Flux does: other values mean the default.
    fn is_effective(self) -> bool {
        match self.name() {
            "ssa" => any_case::is_any(self.value, &["Merge", "IfNotPresent", "Ignore"]),
            _ => self.value.eq_ignore_ascii_case("disabled"),
        }
    }
}

/// The annotations and labels of an object that have an effect.
pub(crate) fn apply_annotations<'a>(object: &Object<'a>) -> impl Iterator<Item = ApplyAnnotation<'a>> {
    let metadata = object.node().get("metadata");
    let field = |name: &str| metadata.and_then(|metadata| metadata.get(name));
    let (annotations, labels) = (field("annotations"), field("labels"));
    let names: &'static [&'static str] = match object.group {
        _ if object.is_of_resource_set() => &[OPERATOR_PRUNE],
        OPERATOR => &OF_OPERATOR,
        _ => &ANNOTATIONS,
    };
    names.iter().copied().filter_map(move |annotation| {
        // flux-operator reads only the annotation to suspend its own objects.
        let labels = labels.filter(|_| annotation != OPERATOR_RECONCILE);
        let mut fields = [annotations, labels].into_iter().flatten();
        let value = fields.find_map(|field| field.get(annotation)?.text())?;
        Some(ApplyAnnotation { annotation, value }).filter(|found| found.is_effective())
    })
}

/// Everything that prevents edits of an object, in the form of the catalogs: its annotations, the suspended ResourceSet that makes it,
/// and the fields that its Kustomization ignores.
pub(crate) fn texts(inventory: &Inventory<'_>, object: &Object<'_>) -> Vec<String> {
    let maker = object.applied.generated_by.as_ref();
    let suspended = maker.and_then(|by| {
        let maker = inventory.find(OPERATOR, &by.kind, &by.namespace, &by.name)?;
        let found = apply_annotations(maker).find(|found| found.annotation == OPERATOR_RECONCILE)?;
        Some(format!("{} ({} {})", found.text(), by.kind, by.name))
    });
    let ignored = ignored_fields(inventory, object).into_iter();
    let ignored = ignored.map(|field| format!("ignore: {}", field.pointer));
    apply_annotations(object)
        .map(ApplyAnnotation::text)
        .chain(suspended)
        .chain(ignored)
        .collect()
}
