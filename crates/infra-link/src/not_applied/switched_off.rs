//! `switchedOff`: a component of a chart with `enabled: false` in its values.

use infra_model::{NotApplied, NotAppliedReason, ObjectRef};
use yaml_node::Node;

use crate::inventory::Inventory;
use crate::kinds::helm_release::Release;

/// Depth of the deepest values that are read.
const DEEPEST: usize = 16;

/// The components that the values of releases switch off.
pub(super) fn find(inventory: &Inventory<'_>, releases: &[Release<'_>]) -> Vec<NotApplied> {
    let mut found = Vec::new();
    for release in releases {
        let mut search = Search {
            inventory,
            release,
            path: Vec::new(),
            found: &mut found,
        };
        search.add_components(&release.values.node);
    }
    found
}

struct Search<'s, 'n> {
    inventory: &'s Inventory<'s>,
    release: &'s Release<'s>,
    path: Vec<&'n str>,
    found: &'s mut Vec<NotApplied>,
}

impl<'n> Search<'_, 'n> {
    fn add_components(&mut self, node: &'n Node) {
        if self.path.len() > DEEPEST {
            return;
        }
        let Some(mapping) = node.as_mapping() else { return };
        for (key, value) in mapping.iter() {
            self.path.push(key);
            let enabled = value.get("enabled");
            if let Some(enabled) = enabled.filter(|enabled| enabled.text() == Some("false")) {
                self.add(key, value, enabled);
            }
            self.add_components(value);
            self.path.pop();
        }
    }

    fn add(&mut self, name: &str, component: &Node, enabled: &Node) {
        let evidence = self.inventory.place(enabled.mark);
        // A value without a place is a default that nobody has chosen.
        if evidence.is_none() {
            return;
        }
        let object = self.release.object;
        self.found.push(NotApplied {
            kind: "component".to_owned(),
            namespace: self.release.namespace.clone(),
            name: name.to_owned(),
            part_of: Some(ObjectRef::new("HelmRelease", object.namespace, object.name)),
            reason: NotAppliedReason::SwitchedOff,
            source: self.inventory.place(component.mark).or_else(|| evidence.clone()),
            evidence,
            by: Some(format!("{}/{}", object.namespace, object.name)),
            detail: Some(self.path.join(".")),
            would_fail: None,
        });
    }
}
