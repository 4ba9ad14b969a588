//! `api-removed`: an API version that Kubernetes no longer serves.

use std::collections::BTreeMap;

use source_tree::{Diagnostic, Severity};

use super::api_version;
use crate::inventory::Object;
use crate::linker::Linker;

/// One line for each removed version, and for each kind of it that has a fate of its own.
const TABLE: &str = include_str!("core_api_removed.txt");

/// An API version that Kubernetes has removed.
#[derive(Clone, Copy)]
struct Removed {
    /// The first Kubernetes without it.
    since: &'static str,
    version: &'static str,
    /// Kinds of the version, separated by commas; `*` is every kind.
    kinds: &'static str,
    /// The version to use, if the kind has one.
    instead: Option<&'static str>,
}

fn removed_versions() -> impl Iterator<Item = Removed> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let mut fields = line.split(' ');
        Some(Removed {
            since: fields.next()?,
            version: fields.next()?,
            kinds: fields.next()?,
            instead: fields.next().filter(|instead| *instead != "-"),
        })
    })
}

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let removed_versions: Vec<Removed> = removed_versions().collect();
    let removed = |object: &Object<'_>| {
        let version = object.api_version;
        removed_versions.iter().find(|removed| {
            removed.version == version
                && (removed.kinds == "*" || removed.kinds.split(',').any(|kind| kind == object.kind))
        })
    };
    // By version and successor: the first object and the number of others.
    let mut found: BTreeMap<(&str, &str, Option<&str>), (&Object<'_>, usize)> = BTreeMap::new();
    for object in inventory.objects.iter().filter(|object| !object.is_of_chart()) {
        if let Some(removed) = removed(object) {
            found
                .entry((object.api_version, removed.since, removed.instead))
                .and_modify(|(_, more)| *more += 1)
                .or_insert((object, 0));
        }
    }
    let findings = found.into_iter().map(|((version, since, instead), first)| {
        let why = format!("which Kubernetes {since} and later do not serve");
        let hint = match instead {
            Some(instead) => format!(
                "use {instead}, and move the fields that it calls otherwise; Flux applies nothing of a Kustomization with an object \
                 that the API server does not know"
            ),
            None => "nothing is served in its place: remove it; Flux applies nothing of its Kustomization".to_owned(),
        };
        api_version::finding(inventory, first, Severity::Warning, version, &why, hint)
    });
    findings.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        for line in lines.clone() {
            assert_eq!(line.split(' ').count(), 4, "{line}");
        }
        assert_eq!(removed_versions().count(), lines.count());
    }
}
