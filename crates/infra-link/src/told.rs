//! Annotations and labels that change how Flux applies an object
//! (<https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources>).

use yaml_node::Node;

/// The annotations, those that keep edits away first.
const ANNOTATIONS: [&str; 3] = [
    "kustomize.toolkit.fluxcd.io/reconcile",
    "kustomize.toolkit.fluxcd.io/ssa",
    "kustomize.toolkit.fluxcd.io/prune",
];

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
pub(crate) fn all_told(object: &Node) -> impl Iterator<Item = Told<'_>> {
    let metadata = object.get("metadata");
    ANNOTATIONS.into_iter().filter_map(move |annotation| {
        let value = ["annotations", "labels"]
            .iter()
            .find_map(|field| metadata?.get(field)?.get(annotation)?.text())?;
        Some(Told { annotation, value }).filter(|told| told.matters())
    })
}

/// The first thing that an object tells Flux.
pub(crate) fn told(object: &Node) -> Option<Told<'_>> {
    all_told(object).next()
}

/// Everything that an object tells Flux, as the catalogs say it.
pub(crate) fn texts(object: &Node) -> Vec<String> {
    all_told(object).map(Told::text).collect()
}
