//! `contested-owner` of Secrets: two ExternalSecrets own the same Secret, and only the first is ever synced
//! (<https://external-secrets.io/latest/guides/ownership-deletion-policy/>).

use std::collections::BTreeMap;

use infra_model::{ObjectRef, codes};
use source_tree::Diagnostic;

use crate::inventory::Object;
use crate::kinds::external_secret::{self, GROUP};
use crate::linker::Linker;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut owners: BTreeMap<ObjectRef, Vec<&Object<'_>>> = BTreeMap::new();
    for object in inventory.of(GROUP, "ExternalSecret") {
        let view = inventory.view(object);
        let target = external_secret::target(object, view).filter(|name| !name.contains("${"));
        if let Some(name) = target.filter(|_| external_secret::is_owner(object, view)) {
            let secret = ObjectRef::new("Secret", object.namespace, name);
            owners.entry(secret).or_default().push(object);
        }
    }
    let contested = owners.into_iter().filter_map(|(secret, owners)| {
        let [first, second, more @ ..] = owners.as_slice() else {
            return None;
        };
        let more = match more.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let id = second.object_name().to_string();
        let message = format!(
            "{} and {id}{more} both own {secret}: the one that comes first keeps it, and the other is never synced",
            first.object_name()
        );
        Some(
            Diagnostic::warning(codes::CONTESTED_OWNER, message)
                .at(inventory.source(second))
                .on(id)
                .hint("give each its own `target.name`, or fetch all keys by one"),
        )
    });
    contested.collect()
}
