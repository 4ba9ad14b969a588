//! Copies of ConfigMaps and Secrets that reflectors and replicators make.

use std::collections::BTreeSet;

use infra_model::ObjectRef;

use super::{Copy, Producers};
use crate::copies::{Namespace, copied_to, pushed};
use crate::inventory::Inventory;
use crate::kinds::{external_secret, sealed_secret};
use crate::uses::Used;
use crate::view::View;

impl Producers {
    /// Adds the copies in other namespaces. In namespaces of the repository their producer is that of the original.
    pub(super) fn add_copies(&mut self, inventory: &Inventory<'_>, namespaces: &[Namespace<'_>]) {
        const PREFIXES: &[&str] = &[
            "k8s-replicator/",
            "reflector.v1.k8s.emberstack.com/",
            "replicator.v1.mittwald.de/",
            "kubed.appscode.com/sync",
        ];
        let copied = |view: View<'_>, path: &[&str]| {
            view.entries_at(path)
                .any(|(key, _)| PREFIXES.iter().any(|prefix| key.starts_with(prefix)))
        };
        for object in &inventory.objects {
            let view = inventory.view(object);
            const OWN: &[&str] = &["metadata", "annotations"];
            // The name, and the annotations that the object gets besides its own.
            let (used, name, template): (_, _, &[&str]) = match (object.group, object.kind) {
                ("", "ConfigMap") => (Used::ConfigMap, Some(object.unhashed_name()), &[]),
                ("", "Secret") => (Used::Secret, Some(object.unhashed_name()), &[]),
                (external_secret::GROUP, "ExternalSecret") => (
                    Used::Secret,
                    external_secret::target(object, view),
                    &["spec", "target", "template", "metadata", "annotations"],
                ),
                ("cert-manager.io", "Certificate") => (
                    Used::Secret,
                    view.text_at(&["spec", "secretName"]),
                    &["spec", "secretTemplate", "annotations"],
                ),
                (sealed_secret::GROUP, "SealedSecret") => (
                    Used::Secret,
                    Some(object.name),
                    &["spec", "template", "metadata", "annotations"],
                ),
                _ => continue,
            };
            let paths = || [template, OWN].into_iter().filter(|path| !path.is_empty());
            let Some(name) = name.filter(|_| paths().any(|path| copied(view, path))) else {
                continue;
            };
            self.add_anywhere(used, name, BTreeSet::new());
            let original = ObjectRef::new(used.kind(), object.namespace, name);
            let Some(maker) = self.made.get(&original).cloned() else {
                continue;
            };
            let pushed: Vec<_> = paths()
                .filter_map(|path| view.at(path))
                .flat_map(pushed)
                .collect();
            if let Some(to) = copied_to(&pushed, object.namespace) {
                self.copied_to.insert(original, to);
            }
            for pushed in pushed {
                let copy = pushed.name.unwrap_or(name);
                self.add_anywhere(used, copy, BTreeSet::new());
                for namespace in namespaces
                    .iter()
                    .filter(|known| pushed.is_into(known, object.namespace))
                {
                    let original = (object.namespace, name);
                    self.add_copy(used, (namespace.name, copy), original, pushed.by, &maker);
                }
            }
        }
    }

    /// Adds a copy by its namespace and name, with the producer of the original.
    pub(super) fn add_copy(
        &mut self,
        used: Used,
        (namespace, name): (&str, &str),
        (of_namespace, of): (&str, &str),
        by: &str,
        maker: &str,
    ) {
        let copy = ObjectRef::new(used.kind(), namespace, name);
        if !self.makes(&copy) {
            let known = Copy {
                of: format!("{of_namespace}/{of}"),
                by: by.to_owned(),
            };
            self.copies.insert(copy, known);
        }
        self.add(used, namespace, name, || maker.to_owned());
    }
}
