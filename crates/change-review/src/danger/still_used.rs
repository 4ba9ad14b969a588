//! ConfigMaps, Secrets, ServiceAccounts and claims that Flux deletes while others still need them.

use std::collections::{BTreeMap, BTreeSet};

use source_tree::Diagnostic;

use super::codes;
use super::subject::{Subject, error};
use crate::needs::{leaves_what_it_makes, needs, offers};
use crate::objects::{Object, Objects};
use crate::text::list;

/// Namespace, kind and name.
type Key<'a> = (&'a str, &'a str, &'a str);

/// `objects` are all objects after the change.
pub(super) fn check_all(subjects: &[Subject<'_>], objects: &Objects<'_>, found: &mut Vec<Diagnostic>) {
    let gone: Vec<(Key<'_>, &Object<'_>, &str)> = subjects
        .iter()
        .filter(|subject| subject.after.is_none())
        .filter_map(|subject| {
            let fate = subject.fate.as_ref().filter(|fate| fate.pruned)?;
            let before = subject.before.as_ref()?;
            if leaves_what_it_makes(before) {
                return None;
            }
            let (kind, name) = offers(before)?;
            Some(((before.namespace(), kind, name), before, fate.reason.as_str()))
        })
        .collect();
    if gone.is_empty() {
        return;
    }
    let offered: BTreeSet<Key<'_>> = objects
        .values()
        .filter_map(|object| offers(object).map(|(kind, name)| (object.namespace(), kind, name)))
        .collect();
    let mut users: BTreeMap<Key<'_>, Vec<String>> =
        gone.iter().map(|(key, _, _)| (*key, Vec::new())).collect();
    for object in objects.values() {
        let needed: BTreeSet<_> = needs(object).into_iter().collect();
        for (kind, name) in needed {
            if let Some(users) = users.get_mut(&(object.namespace(), kind, name)) {
                users.push(object.identity().to_string());
            }
        }
    }
    for (key, before, reason) in gone {
        let Some(users) = users.get(&key).filter(|users| !users.is_empty()) else {
            continue;
        };
        if offered.contains(&key) {
            continue;
        }
        let needs = if users.len() == 1 { "needs" } else { "need" };
        let (_, kind, name) = key;
        let what = match kind == before.kind() {
            true => "it".to_owned(),
            false => format!("{kind} {name}, which it makes"),
        };
        let users = list(users);
        let message = format!("Flux deletes it ({reason}), and {users} still {needs} {what}");
        let danger = error(codes::STILL_USED, before, None, message);
        found.push(danger.hint("take away what uses it first, or keep it"));
    }
}
