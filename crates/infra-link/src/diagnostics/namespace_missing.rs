//! `namespace-missing`: a namespaced object without a namespace, which Flux refuses.

use foldhash::{HashMap, HashSet};
use infra_model::codes;
use source_tree::Diagnostic;

use crate::inventory::Inventory;
use crate::linker::Linker;

/// Kinds that are namespaced whatever the repository defines; of others nothing is known.
const NAMESPACED: &str = include_str!("namespaced_kinds.txt");

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let scopes = definitions(inventory);
    let namespaced: HashSet<(&str, &str)> = namespaced_kinds().collect();
    let objects = inventory.objects.iter().filter(|object| {
        let kind = (object.group, object.kind);
        let is_namespaced = || match scopes.get(&kind) {
            Some(scope) => *scope == "Namespaced",
            None => namespaced.contains(&kind),
        };
        // An object that no Kustomization applies is applied by hand, in the namespace of that person's context.
        object.namespace.is_empty() && inventory.kustomization(object).is_some() && is_namespaced()
    });
    let findings = objects.map(|object| {
        let name = object.object_name().to_string();
        Diagnostic::error(codes::NAMESPACE_MISSING, format!("{name} has no namespace, and Flux refuses it"))
            .at(inventory.source(object))
            .on(name)
            .hint("set `namespace` in the kustomization file, `targetNamespace` in the Flux Kustomization, or metadata.namespace")
    });
    findings.collect()
}

/// Group and kind.
fn namespaced_kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = NAMESPACED.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| {
        let (group, kinds) = line.split_once(' ').unwrap_or((line, ""));
        let group = if group == "core" { "" } else { group };
        kinds.split(' ').map(move |kind| (group, kind))
    })
}

/// Scope by group and kind, from the definitions in the repository.
fn definitions<'a>(inventory: &Inventory<'a>) -> HashMap<(&'a str, &'a str), &'a str> {
    let definitions = inventory.of("apiextensions.k8s.io", "CustomResourceDefinition");
    let scopes = definitions.filter_map(|definition| {
        let view = inventory.view(definition);
        let kind = (
            view.text_at(&["spec", "group"])?,
            view.text_at(&["spec", "names", "kind"])?,
        );
        Some((kind, view.text_at(&["spec", "scope"])?))
    });
    scopes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_the_group_of_their_line() {
        let kinds: HashSet<(&str, &str)> = namespaced_kinds().collect();
        assert!(kinds.contains(&("", "ConfigMap")) && kinds.contains(&("batch", "Job")));
        assert!(
            kinds
                .iter()
                .all(|(group, kind)| !group.contains('#') && !kind.is_empty())
        );
    }
}
