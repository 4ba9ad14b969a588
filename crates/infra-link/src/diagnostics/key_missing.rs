//! `key-missing`: a workload or a release names a key that what makes the ConfigMap or Secret does not put into it.

use std::collections::BTreeSet;

use infra_model::codes;
use source_tree::Diagnostic;

use crate::linker::Linker;
use crate::made_keys::MadeKeys;
use crate::uses::User;

/// Most keys that a hint names.
const MOST: usize = 8;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let made = MadeKeys::new(inventory);
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for one in linker.uses {
        let (User::Service(service), Some(key)) = (&one.user, &one.key) else {
            continue;
        };
        if one.optional || key.contains("${") || one.name.contains("${") {
            continue;
        }
        let name = linker.generated.object_name(one);
        let Some(keys) = made.all_of(one.used, &name) else {
            continue;
        };
        // A mount of a part of a key's path, or of a folder, names no key.
        let is_there = keys.contains(key.as_str()) || (one.sub_path.is_some() && key.contains('/'));
        if is_there || !seen.insert((service, name.clone(), key.clone())) {
            continue;
        }
        let mut named: Vec<&str> = keys.iter().take(MOST).map(String::as_str).collect();
        if keys.len() > MOST {
            named.push("…");
        }
        let message = format!("service {service} needs the key `{key}` of {name}, which has no such key");
        let hint = match named.as_slice() {
            [] => "add the key where the object is made".to_owned(),
            named => format!(
                "it has {}; correct the name, or add the key where the object is made",
                named.join(", ")
            ),
        };
        findings.push(
            Diagnostic::warning(codes::KEY_MISSING, message)
                .at(inventory.place(one.mark))
                .on(name.to_string())
                .hint(hint),
        );
    }
    findings
}
